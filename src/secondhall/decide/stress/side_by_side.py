"""Named scenarios side by side: what a rule comes to under each, and which rule would be chosen there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.decide.candidates import candidates
from secondhall.decide.choose import play_named, recommend
from secondhall.decide.decision import Contender
from secondhall.decide.rules import Never, Rule
from secondhall.decide.scoring import InsolvencyLimit, contend, ranked, score_parts
from secondhall.futures import Estimate, Futures, difference, probability, risk_of
from secondhall.progress import Report, quiet

__all__ = ["SideBySide", "Standing", "UnderScenario", "side_by_side", "standing_of"]


BASE = "base"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule comes to.

    Attributes
    ----------
    rule
        its name.
    npv, gain, cvar
        expected NPV, more than that of never over the same futures, mean NPV of the worst 5 %.
    insolvency, breach
        probability of insolvency, of breaching a covenant at least once.
    peak_funding
        mean peak funding need.
    """

    rule: str
    npv: Estimate
    gain: Estimate
    cvar: Estimate
    insolvency: Estimate
    breach: Estimate
    peak_funding: Estimate


@dataclass(frozen=True, slots=True)
class UnderScenario:
    """The rules under one scenario.

    Attributes
    ----------
    scenario, words
        its name (``base`` for none) and what it is.
    never, rule
        what never and the rule come to.
    chosen
        the rule that would be chosen under it, of `SideBySide.rules`.
    over_rule
        score of that one less that of the rule, over the same futures.
    refused
        why the rule itself may not be chosen under it; None if it may.
    """

    scenario: str
    words: str
    never: Standing
    rule: Standing
    chosen: str
    over_rule: Estimate
    refused: str | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Scenarios side by side, all over the same random numbers.

    Attributes
    ----------
    rule, words
        the rule that is stressed.
    rules
        names of the rules among which one is chosen under each scenario; their figures are not searched anew.
    scenarios
        the base first.
    paths, seed
        the futures.
    """

    rule: str
    words: str
    rules: tuple[str, ...]
    scenarios: tuple[UnderScenario, ...]
    paths: int
    seed: int


def side_by_side(
    case: Case,
    beliefs: Mapping[str | None, Belief],
    rule: Rule,
    *,
    paths: int,
    seed: int,
    weight: float,
    limit: InsolvencyLimit,
    threads: int | None = None,
    report: Report = quiet,
) -> SideBySide:
    """Play a rule, never and the usual candidates under each scenario.

    Parameters
    ----------
    case
        whose scenarios are named.
    beliefs
        the belief under each scenario; None for the base.
    rule
        what is stressed.
    paths, seed
        the futures: the same random numbers under every scenario.
    weight
        on the CVaR in the score.
    limit
        on insolvency: a rule that breaks it is not chosen.
    threads
        how many; all cores when None.
    report
        called with (what is being done, done, total).

    Examples
    --------
    >>> from secondhall.belief.prior import Prior
    >>> from secondhall.case import read_case
    >>> case = read_case("paris2006")
    >>> found = side_by_side(case, {None: Prior(case)}, Never(), paths=64, seed=1, weight=0.2,
    ...                      limit=InsolvencyLimit())
    >>> found.scenarios[0].rule == found.scenarios[0].never
    True
    """
    rules = _compared(case, rule)
    under = []
    for scenario, belief in beliefs.items():
        name = scenario or BASE
        played = play_named(
            case, belief, rules, paths=paths, seed=seed, banded=False, threads=threads, report=report,
            doing=f"scenario {name}",
        )  # fmt: skip
        words = "as it is believed" if scenario is None else case.scenarios[scenario].text("words")
        under.append(_under(name, words, rules, rule, played, weight, limit))
    return SideBySide(
        rule.name, rule.words(case), tuple(one.name for one in rules), tuple(under), paths, seed
    )


def _compared(case: Case, rule: Rule) -> list[Rule]:
    """Return never, the rule, and what is looked at for every case, each once."""
    return list({repr(one): one for one in (Never(), rule, *candidates(case))}.values())


def _under(
    name: str,
    words: str,
    rules: Sequence[Rule],
    rule: Rule,
    played: Sequence[Futures],
    weight: float,
    limit: InsolvencyLimit,
) -> UnderScenario:
    idle = played[0]
    contenders = [
        contend(one, futures, idle, weight=weight, limit=limit)
        for one, futures in zip(rules, played, strict=True)
    ]
    own = contenders[[repr(one) for one in rules].index(repr(rule))]
    chosen = recommend(ranked(contenders, weight))[0]
    return UnderScenario(
        scenario=name,
        words=words,
        never=standing_of(contenders[0].rule, idle, idle),
        rule=standing_of(own.rule, own.futures, idle),
        chosen=chosen.rule.name,
        over_rule=_over(chosen, own, weight),
        refused=own.refused,
    )


def _over(chosen: Contender, own: Contender, weight: float) -> Estimate:
    return difference(*(score_parts(one.futures.outcomes["npv"], weight) for one in (chosen, own)))


def standing_of(rule: Rule, futures: Futures, never: Futures) -> Standing:
    """Return what a rule comes to over some futures."""
    outcomes, risk = futures.outcomes, risk_of(futures)
    return Standing(
        rule=rule.name,
        npv=futures.value,
        gain=difference(outcomes["npv"], never.outcomes["npv"]),
        cvar=risk.cvar_npv,
        insolvency=risk.insolvency,
        breach=probability(outcomes["covenant_breaches"] > 0.0),
        peak_funding=Estimate.of_mean(outcomes["peak_funding"]),
    )
