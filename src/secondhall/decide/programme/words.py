"""The programme in words: what it commits now, what that is worth, and its tree as a board reads it."""

from __future__ import annotations

from secondhall.case import Case
from secondhall.decide.programme.policy import Deed
from secondhall.decide.programme.result import Branch, ProgrammeResult
from secondhall.decide.programme.tree import SIGNS
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.words import with_error
from secondhall.futures import Estimate
from secondhall.units import percent

__all__ = ["deeds_words", "programme_words", "tree_lines"]

DISTINCT = 2.0
"""Standard errors by which the policy must be worth more than the rule before that is said."""

BESIDE_EACH_OTHER = 3
"""Spaces by which a node of the tree stands further in than the one before it."""


def deeds_words(deeds: tuple[Deed, ...], verb: str = "commit") -> str:
    """Return what is done at a node.

    Examples
    --------
    >>> deeds_words((Deed("hall_b", 1), Deed("module", 3), Deed("hall_a", 1, closes=True)))
    'commit hall_b, 3 x module; close hall_a'
    >>> deeds_words(())
    'commit nothing'
    """
    bought = [
        deed.name if deed.copies == 1 else f"{deed.copies} x {deed.name}" for deed in deeds if not deed.closes
    ]
    closed = [deed.name for deed in deeds if deed.closes]
    said = [f"{verb} {', '.join(bought)}"] if bought else []
    ending = verb.removeprefix("commit")
    said += [f"close{ending} {', '.join(closed)}"] if closed else []
    return "; ".join(said) or f"{verb} nothing"


def programme_words(
    case: Case, found: ProgrammeResult, *, weight: float, limit: InsolvencyLimit
) -> tuple[str, ...]:
    """Return what the programme says, in sentences.

    Parameters
    ----------
    case
        whose money is meant.
    found
        the programme.
    weight
        on the CVaR, in which the worths are counted.
    limit
        on insolvency, which the programme does not know.
    """
    inside, outside = found.inside, found.outside
    gap = Estimate(max(inside.bound - inside.worth.value, 0.0), float("nan"))
    now, measure = (
        deeds_words(found.now, "commits"),
        f"{percent(1 - weight)} expected NPV, {percent(weight)} CVaR",
    )
    worth = (
        f"The stochastic programme {now} now. Over doing nothing its policy is worth "
        f"{with_error(outside.worth, case)} out of sample, on {outside.futures:,} fresh futures in the "
        f"company ({measure}; {with_error(outside.gain, case)} in expected NPV). In sample it is worth "
        f"{with_error(inside.worth, case)} in the programme's linear economics and "
        f"{with_error(inside.played, case)} in the company, on the same {inside.paths:,} paths."
    )
    measures = (
        f"The optimum is {inside.status}: no policy of this tree is worth over {with_error(gap, case)} more "
        f"there. To plan for all paths instead of their mean adds {_adds(inside.vss, case)} (VSS); to "
        f"know which path comes would add {_adds(inside.evpi, case)} (EVPI); on {inside.scenarios} "
        "scenarios."
    )
    return (worth, measures, *_beside(case, found, limit))


def _adds(worth: Estimate, case: Case) -> str:
    return "nothing" if worth.value == 0.0 else with_error(worth, case)


def _beside(case: Case, found: ProgrammeResult, limit: InsolvencyLimit) -> list[str]:
    """Return how the policy stands beside the recommended rule, where it has one."""
    outside = found.outside
    over = outside.over_rule
    if over is None:
        return []
    size = with_error(Estimate(abs(over.value), over.error), case)
    failing = limit.excess(outside.insolvency, outside.insolvency_over_never) > 0.0
    fails = f"insolvent in {outside.insolvency.said(scale=0.01)} % of the fresh futures"
    broken = f"; but it breaks the limit on insolvency: {fails}" if failing else f"; {fails}"
    if over.value > DISTINCT * over.error:
        said = f"It beats the recommended rule, {outside.rule}, by {size} out of sample{broken}."
    elif over.value < -DISTINCT * over.error:
        said = f"The recommended rule, {outside.rule}, beats it by {size} out of sample{broken}."
    else:
        said = f"Out of sample it cannot be told from the recommended rule, {outside.rule}{broken}."
    return [f"{said} It is a benchmark: what is recommended stays a rule that can be written down."]


def tree_lines(case: Case, found: ProgrammeResult) -> tuple[str, ...]:
    """Return the tree, a line for each node, what follows from one further in.

    A node in which nothing is done, nor after it, is left out where its date is not the first.
    """
    kept = [n for n, branch in enumerate(found.branches) if branch.depth <= 1 or _acts(found.branches, n)]
    return tuple(_line(case, found.branches[n]) for n in kept)


def _acts(branches: tuple[Branch, ...], place: int) -> bool:
    """Whether something is done at a node or after it."""
    first = branches[place]
    if first.deeds:
        return True
    for branch in branches[place + 1 :]:
        if branch.depth <= first.depth:
            return False
        if branch.deeds:
            return True
    return False


def _line(case: Case, branch: Branch) -> str:
    margin = " " * BESIDE_EACH_OTHER * branch.depth
    date = case.start + branch.month
    if branch.seen is None:
        return f"{date}: {deeds_words(branch.deeds)}"
    sold, waiting, ordered, recurring, bust = branch.seen
    unit = case.unit
    seen = (
        f"{SIGNS[0]} {sold:,.0f} {unit}, {SIGNS[1]} {waiting:,.0f} {unit}, {SIGNS[2]} {ordered:,.0f} {unit}, "
        f"{SIGNS[3]} {recurring / 1e3:,.0f} k {case.currency} a month, {SIGNS[4]} {percent(bust)}"
    )
    return f"{margin}{date}, {percent(branch.probability)} of paths, near {seen}: {deeds_words(branch.deeds)}"
