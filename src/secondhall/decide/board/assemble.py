"""Puts the board's page together."""

from __future__ import annotations

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.decide.board.paper import BoardPaper
from secondhall.decide.board.tree import tree_of
from secondhall.decide.decision import Contender

__all__ = ["board_paper"]


def board_paper(
    case: Case, belief: Belief, recommended: Contender, never: Contender, *, seed: int, threads: int | None
) -> BoardPaper:
    """Return what a board is shown beside the answer.

    Parameters
    ----------
    case, belief
        of the decision.
    recommended, never
        over the futures on which the rules were judged.
    seed
        of these futures.
    threads
        how many; all cores when None.
    """
    return BoardPaper(tree=tree_of(case, belief, recommended, never, seed=seed, threads=threads))
