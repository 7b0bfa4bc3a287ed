"""Joins the stages: a question, its inputs, its answer, and where it came from.

The whole programme::

    case     = read_case("fluxus")
    belief   = learn(case)
    decision = plan(case, belief, futures=10_000, seed=7)  # searched on one set of futures, judged on another
    report   = write_report(decision, "out/")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from secondhall.belief import Belief
from secondhall.belief.learning import SEED
from secondhall.belief.learning import learn as learn_belief
from secondhall.case import Case, read_case
from secondhall.decide import Contender, Decision, Settings, decide, play_named, verdict
from secondhall.decide.choose import recommended_rule
from secondhall.decide.data import as_data, contender_data
from secondhall.decide.rules import Rule
from secondhall.decide.stress import Reverse, SideBySide, side_by_side
from secondhall.decide.stress import reverse_stress as find_reverse
from secondhall.futures import PERCENTS, Futures, risk_of
from secondhall.months import Month
from secondhall.progress import Report, quiet

if TYPE_CHECKING:
    from secondhall.belief import Posterior
    from secondhall.decide.alarm import Alarm
    from secondhall.runs import Run, RunStore

__all__ = [
    "alarms",
    "as_data",
    "learn",
    "plan",
    "read_case",
    "reverse_stress",
    "simulate",
    "store_decision",
    "store_futures",
    "stress",
    "write_report",
]

ROWS_AT_MOST = 200_000
"""Paths whose outcomes are stored row by row; of more, the first ones."""


def learn(
    case: Case,
    *,
    until: Month | None = None,
    scenario: str | None = None,
    seed: int = SEED,
    report: Report = quiet,
    fresh: bool = False,
) -> Belief:
    """Return what the data of a case say of its unknowns; without data, the case's own statements.

    Parameters
    ----------
    case
        the case, at its start or at one of its decision dates.
    until
        nothing that became known later is used; by default the start of the case.
    scenario
        a named scenario to impose on the futures.
    seed
        of the sampler.
    report
        called with (what is being done, done, total).
    fresh
        learn again, though a belief learned from the same inputs is stored.

    Examples
    --------
    >>> learn(read_case("paris2006")).known().paths
    1
    """
    return learn_belief(case, until=until, scenario=scenario, seed=seed, report=report, fresh=fresh)


def simulate(
    case: Case,
    belief: Belief,
    rules: Sequence[Rule],
    *,
    futures: int = 10_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> tuple[Futures, ...]:
    """Play rules over the same futures.

    Examples
    --------
    >>> from secondhall.decide.rules import Never
    >>> case = read_case("paris2006")
    >>> [one] = simulate(case, learn(case), [Never()], futures=64)
    >>> one.paths
    64
    """
    return play_named(case, belief, rules, paths=futures, seed=seed, threads=threads, report=report)


def alarms(
    case: Case, explained: Posterior, *, seed: int = SEED, threads: int | None = None, report: Report = quiet
) -> tuple[Alarm, ...]:
    """Return when the inflow of an explained past would have raised the alarm, at each decision date.

    Parameters
    ----------
    case
        a case with a history, at its start.
    explained
        learned from facts of after that start.
    seed
        of the beliefs of those dates, which are learned where they are not stored.
    threads, report
        as in `learn` and `simulate`.
    """
    from secondhall.decide.alarm import alarm

    found = []
    for date in (case.start, *case.decision_dates):
        if date < explained.until:
            standing = case.at(date)
            belief = learn(standing, until=date, seed=seed, report=report)
            found.append(alarm(standing, belief, explained, seed=seed, threads=threads))
    return tuple(found)


def plan(
    case: Case,
    belief: Belief | None = None,
    *,
    at: Month | None = None,
    rules: Sequence[Rule] | None = None,
    futures: int = 8_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> Decision:
    """Recommend a rule.

    Parameters
    ----------
    case
        the case; ``at`` takes it at one of its decision dates.
    belief
        learned from the case; by default `learn` of it.
    at
        a decision date of the case.
    rules
        what to compare; by default the same kinds of rule for every case, their figures searched.
    futures, seed
        on which the finalists are judged.
    threads
        how many; all cores by default. The answer does not depend on it.
    report
        called with (what is being done, done, total).
    """
    standing = case if at is None else case.at(at)
    settings = replace(Settings(), futures=futures, threads=threads)
    believed = belief or learn(standing, report=report)
    return decide(standing, believed, rules=rules, seed=seed, settings=settings, report=report)


def stress(
    case: Case,
    rule: Rule | None = None,
    *,
    futures: int = 4_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> SideBySide:
    """Set the scenarios of a case side by side, for never and a rule.

    Parameters
    ----------
    case
        the case, at its start or at one of its decision dates.
    rule
        what is stressed; by default what `plan` recommends.
    futures, seed
        the futures, with the same random numbers under every scenario.
    threads, report
        as in `simulate`.
    """
    settings = replace(Settings(), futures=futures, threads=threads)
    base, stressed = _stressed(case, rule, seed, settings, report)
    beliefs: dict[str | None, Belief] = {None: base}
    beliefs |= {name: learn(case, scenario=name, report=report) for name in case.scenarios}
    return side_by_side(
        case,
        beliefs,
        stressed,
        paths=futures,
        seed=seed,
        weight=settings.risk_weight,
        limit=settings.limit,
        threads=threads,
        report=report,
    )


def reverse_stress(
    case: Case,
    rule: Rule | None = None,
    *,
    futures: int = 4_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> Reverse:
    """Find the mildest shock under which half of the futures break; the arguments are those of `stress`."""
    settings = replace(Settings(), futures=futures, threads=threads)
    base, stressed = _stressed(case, rule, seed, settings, report)
    return find_reverse(case, base, stressed, paths=futures, seed=seed, threads=threads, report=report)


def _stressed(
    case: Case, rule: Rule | None, seed: int, settings: Settings, report: Report
) -> tuple[Belief, Rule]:
    """Return the belief without a scenario, and the rule that is stressed."""
    base = learn(case, report=report)
    return base, rule or recommended_rule(case, base, seed=seed, settings=settings, report=report)


def write_report(decision: Decision, folder: str | Path) -> Path:
    """Write the decision as one HTML file that opens offline, and return its path."""
    from secondhall.report import write_report as write

    return write(decision, Path(folder))


def store_decision(store: RunStore, decision: Decision, report: Path | None) -> Run:
    """Store a decision as a reproducible run."""
    from secondhall.runs import Draft

    best = decision.recommended
    draft = Draft(
        verb="plan",
        case=decision.case.name,
        seed=decision.seed,
        inputs=decision.case.hashes,
        parameters={"at": str(decision.month), **decision.settings},
        summary={
            "verdict": verdict(best),
            "recommended": best.rule.name,
            "gain": best.gain.value,
            "gain error": best.gain.error,
            "insolvency": best.risk.insolvency.value,
            "insolvency error": best.risk.insolvency.error,
        },
    )
    finalists = [c.futures for c in decision.contenders if c.futures.bands.series]
    artefacts = {} if report is None else {"report.html": report.read_bytes()}
    return store.write(draft, _tables(finalists, [_flat(c) for c in decision.contenders]), artefacts)


def store_futures(
    store: RunStore, case: Case, verb: str, futures: Sequence[Futures], parameters: Mapping[str, object]
) -> Run:
    """Store played futures as a reproducible run."""
    from secondhall.runs import Draft

    rows = []
    for one in futures:
        risk = risk_of(one)
        rows.append(
            {
                "rule": one.rule,
                "npv": one.value.value,
                "npv_error": one.value.error,
                "cvar_npv": risk.cvar_npv.value,
                "insolvency": risk.insolvency.value,
            }
        )
    draft = Draft(
        verb=verb,
        case=case.name,
        seed=futures[0].seed,
        inputs=case.hashes,
        parameters=dict(parameters),
        summary={"npv": futures[0].value.value, "npv error": futures[0].value.error},
    )
    return store.write(draft, _tables(futures, rows), {})


def _flat(contender: Contender) -> dict[str, object]:
    """Return a contender as one row: estimates as value and error columns."""
    row: dict[str, object] = {}
    for name, value in contender_data(contender).items():
        if isinstance(value, dict):
            row[name], row[f"{name}_error"] = value["value"], value["error"]
        elif name == "shareholder_puts_in":
            low, mid, high = value if isinstance(value, list) else (None, None, None)
            row |= {f"{name}_low": low, f"{name}_mid": mid, f"{name}_high": high}
        else:
            row[name] = value
    return row


def _tables(futures: Sequence[Futures], rules: Sequence[Mapping[str, object]]) -> dict[str, pl.DataFrame]:
    return {
        "rules": pl.DataFrame(list(rules)),
        "outcomes": pl.concat([_outcomes(one) for one in futures]),
        "bands": pl.concat([_bands(one) for one in futures]),
    }


def _outcomes(futures: Futures) -> pl.DataFrame:
    paths = min(futures.paths, ROWS_AT_MOST)
    columns = {name: values[:paths] for name, values in futures.outcomes.items()}
    return pl.DataFrame({"rule": [futures.rule] * paths, "path": range(paths), **columns})


def _bands(futures: Futures) -> pl.DataFrame:
    months = [str(futures.start + t) for t in range(futures.months)]
    frames = []
    for k, name in enumerate(futures.bands.series):
        values = futures.bands.values[k]
        frames.append(
            pl.DataFrame(
                {
                    "rule": [futures.rule] * len(months),
                    "series": [name] * len(months),
                    "month": months,
                    **{f"p{percent}": values[j] for j, percent in enumerate(PERCENTS)},
                }
            )
        )
    return pl.concat(frames)
