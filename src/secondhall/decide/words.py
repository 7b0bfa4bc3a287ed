"""The decision in words: what to do now, what would change that, what it is worth, what can go wrong."""

from __future__ import annotations

from collections.abc import Sequence

from secondhall.case import Case
from secondhall.company import known_parameters, slots_of
from secondhall.decide.decision import Contender
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Never, PreleasedShare, Rule
from secondhall.units import money

__all__ = [
    "do_now",
    "headline",
    "risk",
    "screened_out",
    "signal_now",
    "verdict",
    "what_would_change",
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


def headline(case: Case, recommended: Contender) -> str:
    """Return the answer in a line."""
    said = {
        "build": f"Commit {_option(recommended.rule)} now.",
        "wait": f"Do not commit now; {_sentence(recommended, case)}.",
        "do not build": "Do not build.",
    }
    return said[verdict(recommended)]


def _option(rule: Rule) -> str:
    if isinstance(rule, DatedPlan):
        return next((a.target for a in rule.actions if a.action == "commit" and a.target), "nothing")
    return str(getattr(rule, "option", "nothing"))


def _sentence(recommended: Contender, case: Case) -> str:
    return recommended.rule.words(case)


def do_now(case: Case, recommended: Contender) -> str:
    """Return what to do in the first month."""
    chosen = verdict(recommended)
    if chosen == "build":
        return (
            f"Commit {_option(recommended.rule)} in {case.start}. The rule behind it: "
            f"{_sentence(recommended, case)}."
        )
    if chosen == "do not build":
        return f"Commit nothing in {case.start}, and keep what stands: no rule that was tried is worth more."
    later = recommended.commits.value
    return (
        f"Commit nothing in {case.start}. Write this rule into the minutes: {_sentence(recommended, case)}. "
        f"It commits at some time in {later:.0%} of the futures."
    )


def signal_now(case: Case, rule: Rule) -> str | None:
    """Return where a rule's trigger stands at the start; None for a rule without one."""
    if not isinstance(rule, ForecastUtilisation | PreleasedShare):
        return None
    slots, p = slots_of(case), known_parameters(case)
    candidates = slots.of_option(rule.option)
    waiting = float((p.segment.waiting_units + p.segment.reserved_units).sum())
    if isinstance(rule, ForecastUtilisation):
        open_now = float((p.phase.capacity.sum(axis=1)[: slots.first_new]).sum())
        ahead = max(float(slots.lead_months[candidates[0]]) * float(p.firm.net_absorption[0]), 0.0)
        level = (float(p.hall.sold.sum()) + waiting + ahead) / max(open_now, 1e-9)
        return f"forecast utilisation over the lead time stands at about {level:.0%}; the trigger is {rule.utilisation:.0%}"
    share = waiting / max(float(slots.units[candidates[0]]), 1e-9)
    return f"{share:.0%} of {rule.option} is signed for or waits; the trigger is {rule.share:.0%}"


def what_would_change(case: Case, recommended: Contender, order: Sequence[Contender]) -> tuple[str, ...]:
    """Return the signals and the facts that would turn the answer."""
    said = []
    signal = signal_now(case, recommended.rule)
    if signal:
        said.append(f"The trigger: at the start {signal}.")
    guards = getattr(recommended.rule, "guards", None)
    if guards is not None and guards.words:
        said.append(f"The guards: nothing is committed{guards.words.replace(', as long as', ' unless')}.")
    rival = next((c for c in order if c is not recommended and c.refused is None), None)
    if rival is not None:
        better = _share_better(rival, recommended)
        said.append(
            f"The nearest rival, {rival.rule.name}, would have been worth more in {better:.0%} of the futures; on "
            f"average it is worth {money(_mean_gap(recommended, rival), case.currency)} less, risk apart."
            if _mean_gap(recommended, rival) >= 0.0
            else f"The nearest rival, {rival.rule.name}, is worth {money(-_mean_gap(recommended, rival), case.currency)} "
            f"more on average and is worse in the bad futures; it wins in {better:.0%} of them."
        )
    for c in order:
        if c.refused is not None:
            said.append(f"{c.rule.name}: {c.refused}.")
    return tuple(said)


def _share_better(first: Contender, second: Contender) -> float:
    return float((first.futures.outcomes["npv"] > second.futures.outcomes["npv"] + 1e-6).mean())


def _mean_gap(first: Contender, second: Contender) -> float:
    return float((first.futures.outcomes["npv"] - second.futures.outcomes["npv"]).mean())


def worth(case: Case, recommended: Contender, never: Contender, tied: Sequence[Contender]) -> str:
    """Return what the recommended rule is worth, with its error."""
    currency = case.currency
    if isinstance(recommended.rule, Never):
        said = (
            f"Doing nothing has an expected NPV of {money(never.score.value, currency)} after the weight on risk; "
            "nothing that was tried is worth more."
        )
    else:
        gain = recommended.gain
        said = (
            f"Worth {money(gain.value, currency)} (± {money(2 * gain.error, currency)}, two standard errors) more than "
            f"doing nothing, over the same futures; less than doing nothing in "
            f"{recommended.loss_probability.value:.0%} of them. The value beyond the horizon makes up "
            f"{recommended.terminal_share:.0%} of the expected NPV."
        )
    others = [c.rule.name for c in tied if c is not recommended]
    if others:
        said += (
            f" Cannot be told apart from {', '.join(others)}: of rules that tie, the simplest is recommended."
        )
    return said


def risk(case: Case, recommended: Contender, never: Contender) -> str:
    """Return what can go wrong, against doing nothing."""
    measures, idle, currency = recommended.risk, never.risk, case.currency
    said = (
        f"A year with a loss in {measures.loss.value:.0%} of futures ({idle.loss.value:.0%} doing nothing), "
        f"insolvency in {measures.insolvency.value:.1%} ± {2 * measures.insolvency.error:.1%} "
        f"({idle.insolvency.value:.1%}), the shareholder is needed in {measures.shareholder.value:.0%} "
        f"({idle.shareholder.value:.0%})"
    )
    if measures.injection is not None:
        low, mid, high = measures.injection.low, measures.injection.mid, measures.injection.high
        said += (
            f": then for {money(mid, currency)}, between {money(low, currency)} and {money(high, currency)} "
            "in nine futures of ten"
        )
    return (
        said
        + f". The worst twentieth of futures is worth {money(measures.cvar_npv.value, currency)} on average."
    )


def screened_out(contender: Contender, case: Case) -> str:
    """Return why a rule was not judged on the fresh futures."""
    behind = contender.behind
    return (
        f"screened out: behind the best by {money(behind.value, case.currency)} ± "
        f"{money(2 * behind.error, case.currency)} on {contender.futures.paths:,} futures of their own"
    )
