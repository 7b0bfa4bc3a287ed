"""The decision tree: when the recommended rule commits, what the market does then, what that is worth.

The tree is read off the futures that were played, so it is the rule itself and no second model: every future
takes exactly one way through it, the probabilities of the branches of a node are the shares of its futures,
and the gains of its branches, weighted by them, are its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.company.layout import BUST, Floats, Truths
from secondhall.decide.board.paper import Branch
from secondhall.decide.decision import Contender
from secondhall.decide.rules import ForecastUtilisation, PreleasedShare, Rule
from secondhall.decide.timing import option_of
from secondhall.futures import Estimate, Keep, RuleToPlay, play_rules, probability

__all__ = ["bust_within", "grown", "tree_of"]

LOOK_AHEAD = 36
"""Months after the commitment in which a bust is looked for: while a hall is built and filled."""

MOST_PATHS = 65_536
"""Futures of the tree, at most: their regimes are held month by month."""

YEAR = 12


def tree_of(
    case: Case, belief: Belief, recommended: Contender, never: Contender, *, seed: int, threads: int | None
) -> Branch | None:
    """Return the tree of a rule over the futures on which it was judged; None for one that never commits.

    Parameters
    ----------
    case, belief
        of the decision.
    recommended, never
        the rule and never, over the same futures.
    seed
        of these futures, whose regimes are played once more.
    threads
        how many; all cores when None.
    """
    first = recommended.futures.outcomes["first_commitment"][:MOST_PATHS]
    if option_of(recommended.rule) is None or not (first >= 0.0).any():
        return None
    gain = (recommended.futures.outcomes["npv"] - never.futures.outcomes["npv"])[: first.size]
    rule = recommended.rule
    [played] = play_rules(
        belief,
        [RuleToPlay(rule.name, rule.terms(case, slots_of(case)))],
        start=case.start,
        paths=first.size,
        seed=seed,
        banded=False,
        keep=Keep(("regime",), case.start, case.start + case.horizon_months),
        threads=threads,
    )
    return grown(case, rule, first, gain, bust_within(played.kept["regime"], first))


def bust_within(regimes: Floats, first: Floats) -> Truths:
    """Return [path] whether a bust stands within `LOOK_AHEAD` months after the commitment.

    Parameters
    ----------
    regimes
        [month, path].
    first
        [path] month of the first commitment; below zero for none, then the start is taken.

    Examples
    --------
    >>> regimes = np.zeros((60, 2))
    >>> regimes[40] = BUST
    >>> bust_within(regimes, np.array([5.0, -1.0])).tolist()
    [True, False]
    """
    months = np.arange(regimes.shape[0])[:, None]
    since = np.maximum(first, 0.0)
    seen: Truths = ((regimes == BUST) & (months >= since) & (months < since + LOOK_AHEAD)).any(axis=0)
    return seen


def grown(case: Case, rule: Rule, first: Floats, gain: Floats, bust: Truths) -> Branch:
    """Return the tree from what each future came to, [path] each."""
    root = np.ones(first.size, dtype=bool)
    said = f"{case.start}: follow the rule, {rule.name}"
    return _node(
        said, root, gain, [_committed(case, rule, first, gain, bust, when) for when in _whens(first)]
    )


def _whens(first: Floats) -> list[tuple[str, Truths]]:
    """Return when the first commitment falls, those that happen."""
    parts = (
        ("now", (first >= 0.0) & (first <= 1.0)),
        ("year", (first > 1.0) & (first <= YEAR)),
        ("later", first > YEAR),
        ("never", first < 0.0),
    )
    return [(when, here) for when, here in parts if here.any()]


def _committed(
    case: Case, rule: Rule, first: Floats, gain: Floats, bust: Truths, when: tuple[str, Truths]
) -> Branch:
    which, here = when
    since = "of the start" if which == "never" else "of it"
    leaves = [
        _node(f"{word} within {LOOK_AHEAD // YEAR} years {since}", part, gain)
        for word, part in (("no bust", here & ~bust), ("a bust", here & bust))
        if part.any()
    ]
    return _node(_said(case, rule, which, first[here]), here, gain, leaves)


def _said(case: Case, rule: Rule, which: str, first: Floats) -> str:
    """Return what is committed and when, and the signal that it rests on."""
    triggered = isinstance(rule, ForecastUtilisation | PreleasedShare)
    option, end = option_of(rule), case.start + case.horizon_months
    if which == "never":
        return f"trigger not met by {end}: nothing is committed" if triggered else "nothing is committed"
    signal = {
        "now": "trigger met now",
        "year": f"trigger met by {case.start + YEAR}",
        "later": f"trigger met after {case.start + YEAR}",
    }
    middle = case.start + int(np.median(first))
    dated = f"{option} committed now" if which == "now" else f"{option} committed, middle {middle}"
    return f"{signal[which]}: {dated}" if triggered else dated


def _node(said: str, here: Truths, gain: Floats, branches: Sequence[Branch] = ()) -> Branch:
    return Branch(said, int(here.sum()), probability(here), Estimate.of_mean(gain[here]), tuple(branches))
