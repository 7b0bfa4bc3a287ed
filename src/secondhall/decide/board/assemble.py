"""Puts the board's page together."""

from __future__ import annotations

from collections.abc import Sequence

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.decide.board.alternatives import alternatives_of, best_of_each_kind
from secondhall.decide.board.frontier import Tried, at_the_edge, frontier_of
from secondhall.decide.board.paper import BoardPaper
from secondhall.decide.board.sensitivity import sensitivity_of
from secondhall.decide.board.switching import switching_values
from secondhall.decide.board.tree import tree_of
from secondhall.decide.decision import Contender
from secondhall.decide.rules import DatedPlan, Never, Rule
from secondhall.decide.scoring import InsolvencyLimit, contend
from secondhall.decide.timing import option_of
from secondhall.futures import RuleToPlay, play_rules
from secondhall.progress import Report

__all__ = ["board_paper"]

EDGE = 8
"""Rules at the edge of the search that are played again, at most."""

SWITCHING_SHARE, SWITCHING_PATHS = 4, 1024
"""Part of the futures on which switching values are found, and the most: it takes dozens of plays."""

PARTS = 4
"""Parts of the page that take time."""


MOST_PATHS = 65_536
"""Futures on which rules are played again, at most: their outcomes are held in memory."""


def board_paper(
    case: Case,
    belief: Belief,
    order: Sequence[Contender],
    recommended: Contender,
    tried: Tried,
    *,
    seed: int,
    weight: float,
    limit: InsolvencyLimit,
    threads: int | None,
    report: Report,
) -> BoardPaper:
    """Return what a board is shown beside the answer.

    Parameters
    ----------
    case, belief
        of the decision.
    order
        the rules that were judged, never among them.
    recommended
        the chosen one of these.
    tried
        what the search looked at; empty where nothing was searched.
    seed
        of the futures on which they were judged.
    weight
        on the CVaR in the score.
    limit
        on insolvency.
    threads
        how many; all cores when None.
    report
        called with (what is being done, done, total).
    """

    def begun(parts: int) -> None:
        report("drawing up the board's paper", parts, PARTS)

    begun(0)
    never = next(one for one in order if isinstance(one.rule, Never))
    again = [*at_the_edge(tried, limit, EDGE), *best_of_each_kind(tried, limit), *_now(case, recommended)]
    more = _again(case, belief, order, never, again, seed=seed, weight=weight, limit=limit, threads=threads)
    every = (*order, *more)
    moved = min(max(never.futures.paths // SWITCHING_SHARE, 1), SWITCHING_PATHS)
    begun(1)
    switching = switching_values(
        case, belief, every, recommended, paths=moved, seed=seed, weight=weight, threads=threads
    )
    begun(2)
    sensitivity = sensitivity_of(case, belief, recommended, never, seed=seed)
    begun(3)
    tree = tree_of(case, belief, recommended, never, seed=seed, threads=threads)
    begun(PARTS)
    return BoardPaper(
        frontier=frontier_of(every, recommended, tried, limit),
        alternatives=alternatives_of(case, every, recommended, weight=weight),
        switching=switching,
        switching_paths=moved,
        sensitivity=sensitivity,
        tree=tree,
    )


def _now(case: Case, recommended: Contender) -> list[Rule]:
    """Return committing now: the option of the recommended rule, or each where it commits none."""
    option = option_of(recommended.rule)
    return [DatedPlan.commit_now(one, case.start) for one in ([option] if option else case.options)]


def _again(
    case: Case,
    belief: Belief,
    order: Sequence[Contender],
    never: Contender,
    rules: Sequence[Rule],
    *,
    seed: int,
    weight: float,
    limit: InsolvencyLimit,
    threads: int | None,
) -> tuple[Contender, ...]:
    """Play rules of the search over the futures of the judged ones, those that were not judged."""
    judged = {repr(one.rule) for one in order}
    wanted = list({repr(rule): rule for rule in rules if repr(rule) not in judged}.values())
    if not wanted or never.futures.paths > MOST_PATHS:
        return ()
    slots = slots_of(case)
    played = play_rules(
        belief,
        [RuleToPlay(rule.words(case), rule.terms(case, slots)) for rule in wanted],
        start=case.start,
        paths=never.futures.paths,
        seed=seed,
        banded=False,
        threads=threads,
    )
    return tuple(
        contend(rule, one, never.futures, weight=weight, limit=limit)
        for rule, one in zip(wanted, played, strict=True)
    )
