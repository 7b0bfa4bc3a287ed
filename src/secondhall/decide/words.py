"""The decision in words: what to do now, what would change that, what it is worth, what can go wrong."""

from __future__ import annotations

from collections.abc import Sequence

from secondhall.case import Case
from secondhall.company import known_parameters, slots_of
from secondhall.decide.decision import Contender, Timing
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Never, PreleasedShare, Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.futures import Estimate
from secondhall.units import money, percent

__all__ = [
    "do_now",
    "headline",
    "risk",
    "screened_out",
    "signal_now",
    "timing",
    "unkept",
    "verdict",
    "what_would_change",
    "with_error",
    "worth",
]

COMMITS_NOW = 0.5
HARDLY_EVER = 0.05


def verdict(recommended: Contender) -> str:
    """Return ``build``, ``wait`` or ``do not build``.

    Build: the recommended rule commits in the first month in most futures. Wait: it commits later in some.
    """
    if recommended.commits_now.value >= COMMITS_NOW:
        return "build"
    return "wait" if recommended.commits.value >= HARDLY_EVER else "do not build"


def headline(case: Case, recommended: Contender, scenario: str | None = None) -> str:
    """Return the answer in a line, with the scenario that was imposed, if any."""
    option = _option(recommended.rule)
    said = {
        "build": f"Commit {option} now.",
        "wait": f"Do not commit now; {recommended.rule.words(case)}.",
        "do not build": "Do not build.",
    }
    under = f"Under the scenario {scenario}: " if scenario else ""
    return under + said[verdict(recommended)]


def _option(rule: Rule) -> str:
    if isinstance(rule, DatedPlan):
        return next((a.target for a in rule.actions if a.action == "commit" and a.target), "nothing")
    return str(getattr(rule, "option", "nothing"))


def do_now(case: Case, recommended: Contender) -> str:
    """Return what to do in the first month."""
    chosen, rule = verdict(recommended), recommended.rule
    if chosen == "build":
        why = "" if isinstance(rule, DatedPlan) else f" The rule behind it: {rule.words(case)}."
        return f"Commit {_option(rule)} in {case.start}.{why}"
    if chosen == "do not build":
        return (
            f"Commit nothing in {case.start} and keep what stands: no rule that keeps the limit on "
            "insolvency is clearly worth more."
        )
    return (
        f"Commit nothing in {case.start}. Write this rule into the minutes: {rule.words(case)}. "
        f"It commits at some time in {percent(recommended.commits.value)} of the futures."
    )


def unkept(limit: InsolvencyLimit, never: Contender, order: Sequence[Contender]) -> str:
    """Return that the limit on insolvency cannot be kept, and what comes nearest; empty where it can."""
    least = min(order, key=lambda c: c.risk.insolvency.value)
    idle, lowest = never.risk.insolvency, least.risk.insolvency
    if lowest.value <= limit.at_most:
        return ""
    nearest = f"the lowest is {least.rule.name}, " if least.rule != never.rule else ""
    return (
        f" No rule keeps insolvency within {percent(limit.at_most)}: {nearest}doing nothing alone fails in "
        f"{idle.said(scale=0.01)} % of the futures. So a rule may add {limit.over_never * 100:.0f} point to "
        "that, and what stands needs a remedy whatever is built."
    )


def signal_now(case: Case, rule: Rule) -> str | None:
    """Return where a rule's trigger stands at the start; None for a rule without one."""
    if not isinstance(rule, ForecastUtilisation | PreleasedShare):
        return None
    slots, p = slots_of(case), known_parameters(case)
    first = slots.of_option(rule.option)[0]
    waiting = float((p.segment.waiting_units + p.segment.reserved_units).sum())
    if isinstance(rule, PreleasedShare):
        share = waiting / max(float(slots.units[first]), 1e-9)
        return (
            f"{percent(share)} of {rule.option} is signed for or waits; the trigger is {percent(rule.share)}"
        )
    standing = float(p.phase.capacity.sum(axis=1)[: slots.first_new].sum())
    ahead = max(float(slots.lead_months[first]) * float(p.firm.net_absorption[0]), 0.0)
    level = (float(p.hall.sold.sum()) + waiting + ahead) / max(standing, 1e-9)
    return (
        f"utilisation forecast over the lead time stands at about {percent(level)}; "
        f"the trigger is {percent(rule.utilisation)}"
    )


def what_would_change(case: Case, recommended: Contender, order: Sequence[Contender]) -> tuple[str, ...]:
    """Return the signals and the facts that would turn the answer."""
    said = []
    signal = signal_now(case, recommended.rule)
    if signal:
        said.append(f"The trigger: at the start {signal}.")
    guards = getattr(recommended.rule, "guards", None)
    if guards is not None and guards.words:
        said.append(f"The guards: commit only{guards.words.removeprefix(',')}.")
    rival = next((c for c in order if c is not recommended and c.refused is None), None)
    if rival is not None:
        said.append(_beside(case, recommended, rival))
    said += [_refused(case, recommended, c) for c in order if c.refused is not None]
    return tuple(said)


def _refused(case: Case, recommended: Contender, contender: Contender) -> str:
    """Return what a refused rule would be worth, and what it would take to choose it."""
    ours, theirs = recommended.futures.outcomes["npv"], contender.futures.outcomes["npv"]
    gap = Estimate.of_mean(theirs - ours)
    more = "more" if gap.value > 0.0 else "less"
    worth = with_error(Estimate(abs(gap.value), gap.error), case)
    return f"{contender.rule.name} is worth {worth} {more} but is refused: {contender.refused}."


def _beside(case: Case, recommended: Contender, rival: Contender) -> str:
    """Return how the nearest rival compares over the same futures."""
    ours, theirs = recommended.futures.outcomes["npv"], rival.futures.outcomes["npv"]
    gap = Estimate.of_mean(ours - theirs)
    share = float((theirs > ours + 1e-6).mean())
    better = f"{percent(share)} of the futures" if share > 0.0 else "none of the futures"
    said = f"The nearest rival, {rival.rule.name}, is worth more in {better}"
    if abs(gap.value) <= 2.0 * gap.error:
        return f"{said}; on average the two cannot be told apart."
    more = "less" if gap.value > 0.0 else "more, but does worse in the bad futures"
    return f"{said}; on average it is worth {with_error(Estimate(abs(gap.value), gap.error), case)} {more}."


def timing(case: Case, found: Timing | None) -> tuple[str, ...]:
    """Return what waiting and cancelling cost, and when to look again, in sentences."""
    if found is None:
        return ()
    said = [f"Look at this again in {found.review} at the latest."]
    waits = [f"{_months(one.months)}, {_costs(one.cost, case)}" for one in found.waiting]
    said.append(f"To follow the rule only later costs: {'; '.join(waits)}.")
    if found.cancelling:
        last = _months(found.cancelling[-1].months)
        stops = [f"after {_months(one.months)} {_costs(one.cost, case)}" for one in found.cancelling]
        said.append(
            f"{found.option}, once committed, can be cancelled up to {last} after, before it opens; "
            f"if it were committed now, cancelling would cost, against never: {'; '.join(stops)}."
        )
    return tuple(said)


def _months(count: int) -> str:
    return f"{count} month{'' if count == 1 else 's'}"


def _costs(cost: Estimate, case: Case) -> str:
    if abs(cost.value) <= 2.0 * cost.error:
        return "nothing that can be told from zero"
    gain = "" if cost.value > 0.0 else "a gain of "
    return f"{gain}{with_error(Estimate(abs(cost.value), cost.error), case)}"


def with_error(estimate: Estimate, case: Case) -> str:
    """Return a value with its standard error, in one scale: ``0.54 ± 0.04 M EUR``."""
    scale, name = (1e6, " M") if abs(estimate.value) >= 1e5 else (1e3, " k")
    digits = 2 if abs(estimate.value) < 10 * scale else 1
    return f"{estimate.said(scale=scale, digits=digits)}{name} {case.currency}"


def worth(case: Case, recommended: Contender, never: Contender, tied: Sequence[Contender]) -> str:
    """Return what the recommended rule is worth, with its error."""
    if isinstance(recommended.rule, Never):
        said = (
            f"Doing nothing has an expected NPV of {with_error(never.futures.value, case)}; "
            "no rule that keeps the limit on insolvency is clearly worth more."
        )
    else:
        worse = percent(recommended.loss_probability.value)
        beyond, whole = _beyond(recommended), recommended.futures.value.value
        said = (
            f"Worth {with_error(recommended.gain, case)} more than doing nothing, over the same futures; "
            f"less than doing nothing in {worse} of them. The value beyond the horizon is "
            f"{money(beyond, case.currency)} of an expected NPV of {money(whole, case.currency)}."
        )
    others = [c.rule.name for c in tied if c is not recommended]
    if others:
        said += (
            f" It cannot be told apart from {', '.join(others)}; of rules that tie, the simplest is taken."
        )
    return said


def _beyond(contender: Contender) -> float:
    return float(contender.futures.outcomes["terminal_value"].mean())


def risk(case: Case, recommended: Contender, never: Contender) -> str:
    """Return what can go wrong, against doing nothing."""
    measures, idle, currency = recommended.risk, never.risk, case.currency

    alone = recommended is never or isinstance(recommended.rule, Never)

    def beside(text: str) -> str:
        return "" if alone else f" (doing nothing: {text})"

    def share(estimate: Estimate, other: Estimate) -> str:
        own = f"{estimate.said(scale=0.01)} %"
        return own + beside(f"{other.value * 100:.1f} %")

    said = (
        f"A year with a loss in {share(measures.loss, idle.loss)} of futures; "
        f"insolvency in {share(measures.insolvency, idle.insolvency)}; "
        f"the shareholder is needed in {share(measures.shareholder, idle.shareholder)}"
    )
    if measures.injection is not None:
        low, mid, high = measures.injection.low, measures.injection.mid, measures.injection.high
        said += (
            f", then for {money(mid, currency)}, between {money(low, currency)} and {money(high, currency)} "
            "in nine futures of ten"
        )
    return (
        f"{said}. The worst twentieth of futures is worth {money(measures.cvar_npv.value, currency)} on "
        f"average{beside(money(idle.cvar_npv.value, currency))}. Each ± is one standard error."
    )


def screened_out(contender: Contender, case: Case) -> str:
    """Return why a rule was not judged on the fresh futures."""
    return f"screened out: behind the best by {with_error(contender.behind, case)}"
