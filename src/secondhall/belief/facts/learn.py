"""Learn from a handful of public facts: simulated companies that would have published the same figures.

The company is lived from where its history begins (`Case.history`), with the plan that was lived, and held
against the facts known by a date within their standard deviations (`sampler`). Four runs, independent of one
another, are the chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from secondhall.belief.facts.explain import Explained, explain
from secondhall.belief.facts.history import History, unknowns_of
from secondhall.belief.facts.measure import targets_of, unreadable
from secondhall.belief.facts.relive import committed_effect, past_columns, without_commitments
from secondhall.belief.facts.replay import Replay, opening_of, replay
from secondhall.belief.facts.sampler import FORGOTTEN, Settings
from secondhall.belief.posterior import CHAINS, DRAWS, Check, Convergence, Lesson, Posterior, RegimePath
from secondhall.belief.trust import convergence_of, regime_chains
from secondhall.case import Case, PlannedAction, Quantity
from secondhall.company.layout import REGIMES, Floats
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["learn_facts"]

APART = 3.0
"""A figure that is missed by so many of its standard deviations is not explained."""

TAUGHT, TAUGHT_MOVE = 0.1, 0.3
"""A field counts as learned when its width changed by this share, or its middle moved by so many spreads."""

STATE_FIELDS = (
    "monthly_recurring_revenue", "list_price_per_unit_month", "new_customers_per_month", "book_value", "cash",
    "other_assets", "term_debt", "net_absorption_monthly",
)  # fmt: skip
"""Fields that say how the company stood at one date; at a later one it stands where its past led."""

INDEXED_FIELDS = (
    "monthly_cost", "overhead_monthly", "fixed_cost_monthly", "rent_monthly", "mothball_cost_monthly",
    "services_per_new_customer", "services_per_new_unit", "services_per_customer_month", "capex",
)  # fmt: skip
"""Fields in the money of the start, which the cost index (M6) raises with time."""

SHOWN = (
    "revenue", "hosting", "services", "equipment", "new_customers", "ebitda", "net_income", "cash", "staff",
    "sold_units",
)  # fmt: skip
"""Series of the history that a report may show."""


def learn_facts(
    case: Case,
    *,
    until: Month,
    seed: int,
    report: Report = quiet,
    settings: Settings | None = None,
) -> Posterior:
    """Return what the facts known by a date say of the unknowns of a case, and how the company stands.

    Parameters
    ----------
    case
        a case with a `Case.history`, at its start or at one of its decision dates.
    until
        facts that became known later are not used.
    seed
        of the sampler and of the pasts.
    report
        called with (what is being done, done, total).
    settings
        how much work is done; particles x snapshots must give `DRAWS`.

    Returns
    -------
    Posterior
        values of the fields that hold at any date, in the money of the case's start, and the state in which
        the case opens. At a date whose options are still open the company stands as it would have stood
        without committing them.
    """
    explained = explain(case, until=until, seed=seed, report=report, settings=settings)
    history = explained.history
    opens = case.start - history.case.start - 1
    report("standing at the start", 0, 1)
    pictured = replay(history, explained.scores, explained.chances)
    actions = without_open_options(case, history.actions)
    stands = replay(history, explained.scores, explained.chances, actions=actions, keep_after=opens)
    report("standing at the start", 1, 1)
    carried, restated = _carried(case, history)
    values = _values(explained, carried, stands)
    values |= _of_built_halls(case, values)
    stated = {**unknowns_of(case), **history.unknowns}
    opening = opening_of(case, history, stands)
    if "finance.shareholder_commitment" in values:
        left = values["finance.shareholder_commitment"] - stands.state("firm", "injected")
        opening["firm.shareholder_commitment"] = np.maximum(left, 0.0)
    lessons = _lessons(case, explained, restated, until)
    more = {"pasts": past_columns(history, pictured)}
    if any(action.action == "commit" for action in history.actions):
        idle = replay(
            history, explained.scores, explained.chances, actions=without_commitments(history.actions)
        )
        more["commitments"] = committed_effect(history, pictured, idle)
        lessons = (*_effect_words(case, more["commitments"]), *lessons)
    return Posterior(
        evidence=("facts",),
        words=_words(explained, until),
        until=until,
        values=values,
        opening=opening,
        priors={name: stated[name] for name in values},
        regimes=_regimes(history, pictured),
        checks=_checks(case, explained, pictured, until, seed),
        convergence=_convergence(explained, opening),
        lessons=lessons,
        series={"history": _history_table(history, pictured), **more},
    )


def without_open_options(case: Case, actions: Sequence[PlannedAction]) -> tuple[PlannedAction, ...]:
    """Return a plan without what it does to options that a case has still open."""
    taken = {hall.text("option") for hall in case.halls.values()}
    still_open = {name for name in case.options if name not in taken}
    return tuple(action for action in actions if action.target not in still_open)


def _carried(case: Case, history: History) -> tuple[list[str], list[str]]:
    """Return the unknowns that are the same at the case's start, and those that it states anew."""
    now = unknowns_of(case)
    carried: list[str] = []
    restated: list[str] = []
    for name, before in history.unknowns.items():
        if name.split(".")[-1] in STATE_FIELDS or name not in now:
            continue
        (carried if _same(before, now[name]) else restated).append(name)
    return carried, restated


def _same(one: Quantity, other: Quantity) -> bool:
    return (one.low, one.mid, one.high, one.confidence) == (
        other.low,
        other.mid,
        other.high,
        other.confidence,
    )


def _values(explained: Explained, carried: Sequence[str], stands: Replay) -> dict[str, Floats]:
    index, values = stands.state("firm", "cost_index"), {}
    places = {name: k for k, name in enumerate(explained.history.unknowns)}
    for name in carried:
        quantity = explained.history.unknowns[name]
        drawn = quantity.at_normal(np.ascontiguousarray(explained.scores[:, places[name]]))
        raised = drawn * index if name.split(".")[-1] in INDEXED_FIELDS else drawn
        values[name] = np.clip(raised, quantity.minimum, quantity.maximum)
    return values


def _of_built_halls(case: Case, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what was learned of an option under the name of the hall that it became."""
    found = {}
    for name, hall in case.halls.items():
        built = f"options.{hall.text('option')}."
        for field, drawn in values.items():
            if field.startswith(built) and hall.get(field.removeprefix(built)) is not None:
                found[f"halls.{name}.{field.removeprefix(built)}"] = drawn
    return found


def _words(explained: Explained, until: Month) -> str:
    count = len({target.fact.fact for target in explained.targets if target.fact.source != "case.yaml"})
    begins = explained.history.case.start
    facts = "1 fact" if count == 1 else f"{count} facts"
    return f"{facts} known by {until}, met by {CHAINS * DRAWS:,} simulated pasts that begin in {begins}"


def _regimes(history: History, lived: Replay) -> RegimePath:
    each = [(lived.series["regime"] == z).mean(axis=1) for z in range(len(REGIMES))]
    return RegimePath(history.case.start, np.stack(each, axis=1), None)


def _checks(case: Case, explained: Explained, lived: Replay, until: Month, seed: int) -> tuple[Check, ...]:
    """Set every known fact that the pasts show beside its predictive band, error of measurement included."""
    history = explained.history
    segments = tuple(history.case.segments)
    targets = targets_of(case.known_facts(until), since=history.case.start, until=until, segments=segments)
    checks = []
    for place, target in enumerate(targets):
        noise = np.random.default_rng([seed, CHAINS, place]).standard_normal(len(explained.scores))
        predicted = target.read(lived.series) + target.deviation * noise
        low, lower, middle, upper, high = np.quantile(predicted, (0.05, 0.25, 0.5, 0.75, 0.95))
        fact = target.fact
        checks.append(
            Check(
                fact=fact.fact,
                words=fact.words,
                period=fact.period,
                source=fact.source,
                unit=fact.unit or "",
                value=target.value,
                band=(float(low), float(lower), float(middle), float(upper), float(high)),
            )
        )
    return tuple(checks)


def _convergence(explained: Explained, opening: Mapping[str, Floats]) -> Convergence:
    shape = (CHAINS, DRAWS)
    names = list(explained.history.unknowns)
    chains = {name: explained.scores[:, k].reshape(shape) for k, name in enumerate(names)}
    tolerance = max(run.tolerance for run in explained.runs)
    acceptance = float(np.mean([run.acceptance for run in explained.runs]))
    warnings = []
    alike = [run.likeness for run in explained.runs if run.likeness >= FORGOTTEN]
    if alike:
        warnings.append(
            f"{len(alike)} of {CHAINS} runs stopped before all had moved on: the scores of a field correlate "
            f"by up to {max(alike):.2f} with what they were halfway"
        )
    return convergence_of(
        chains | regime_chains(opening),
        distance=tolerance,
        acceptance=acceptance,
        warnings=warnings,
        refused=_contradiction(explained),
    )


def _contradiction(explained: Explained) -> str | None:
    """Return which facts pull apart, and by how many of their deviations; None where all are met."""
    missed = []
    for place, target in enumerate(explained.targets):
        gap = (float(explained.readings[:, place].mean()) - target.value) / target.deviation
        if abs(gap) > APART:
            side = "above" if gap > 0 else "below"
            missed.append(f"{target.words}, met only {abs(gap):.1f} standard deviations {side} it")
    if not missed:
        return None
    if len(missed) == 1:
        return f"no company of these statements meets all the facts: {missed[0]}"
    return "the facts pull apart: " + " against ".join(missed)


def _lessons(case: Case, explained: Explained, restated: Sequence[str], until: Month) -> tuple[Lesson, ...]:
    history, lessons = explained.history, []
    for name in restated:
        words = f"stated anew for {case.start}: that statement stands, and what the past says of it does not"
        lessons.append(Lesson(name, learned=False, words=words))
    silent = [name for name in _untaught(explained) if name not in restated]
    if silent:
        words = f"the facts say next to nothing of {len(silent)} fields; the case's statements stand: "
        lessons.append(Lesson("the rest", learned=False, words=words + ", ".join(silent)))
    for fact in case.known_facts(until):
        why = unreadable(fact, history.case.start, until)
        if why is not None:
            words = f"fact {fact.fact} ({fact.quantity} {fact.period}) was not learned from: {why}"
            lessons.append(Lesson(f"fact {fact.fact}", learned=False, words=words))
    later = [fact.known_from for fact in case.facts if fact.known_from > until and fact.value is not None]
    if later:
        words = f"{len(later)} more became known by {max(later)}: they are used to explain the past, not here"
        lessons.append(Lesson("facts", learned=True, words=words))
    return tuple(lessons)


def _untaught(explained: Explained) -> list[str]:
    """Return the fields that are about as wide as they were stated, and where they were."""
    names = []
    for place, (name, quantity) in enumerate(explained.history.unknowns.items()):
        scores = np.ascontiguousarray(explained.scores[:, place])
        low, high = np.quantile(quantity.at_normal(scores), (0.05, 0.95))
        kept = (high - low) / (quantity.quantile(0.95) - quantity.quantile(0.05))
        if abs(kept - 1.0) < TAUGHT and abs(float(scores.mean())) < TAUGHT_MOVE:
            names.append(name)
    return names


def _effect_words(case: Case, table: Mapping[str, Floats]) -> list[Lesson]:
    """Say what the commitments explain of each year that made a loss."""
    said = []
    for place, year in enumerate(table["year"].astype(int)):
        if table["net_income with mid"][place] >= 0.0 or abs(table["net_income difference mid"][place]) < 1.0:
            continue
        low, mid, high = (table[f"net_income difference {p}"][place] / 1e6 for p in ("low", "mid", "high"))
        share = [table[f"share of net_income {p}"][place] for p in ("low", "mid", "high")]
        result = f"{table['net_income with mid'][place] / 1e6:.1f} M {case.currency}"
        words = (
            f"of the result of {year}, {result}, what was committed explains {mid:.1f} M "
            f"({low:.1f} to {high:.1f}), that is {100 * share[1]:.0f} % of the loss "
            f"({100 * share[0]:.0f} to {100 * share[2]:.0f} %)"
        )
        said.append(Lesson(f"commitments.{year}", learned=True, words=words))
    return said


def _history_table(history: History, lived: Replay) -> dict[str, Floats]:
    """Return columns of equal length: the month's ordinal, and 5, 50, 95 % points of each shown series."""
    table = {"month": history.case.start.ordinal + np.arange(history.months, dtype=np.float64)}
    for name in SHOWN:
        low, middle, high = np.quantile(lived.series[name], (0.05, 0.5, 0.95), axis=1)
        table |= {f"{name} low": low, f"{name} mid": middle, f"{name} high": high}
    return table
