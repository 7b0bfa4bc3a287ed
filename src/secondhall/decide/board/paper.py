"""The nouns of the board's page: what stands beside the recommended rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from secondhall.futures import Estimate

__all__ = ["BoardPaper", "Branch"]


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of the decision tree.

    Attributes
    ----------
    said
        what happens there, in words.
    futures
        how many take it.
    probability
        share of all futures that take it.
    gain
        expected gain over never in these.
    branches
        into which it divides; none at a leaf.
    """

    said: str
    futures: int
    probability: Estimate
    gain: Estimate
    branches: tuple[Branch, ...] = ()

    def leaves(self) -> Iterator[Branch]:
        """Yield the ends of the tree, from the top."""
        if not self.branches:
            yield self
        for branch in self.branches:
            yield from branch.leaves()


@dataclass(frozen=True, slots=True)
class BoardPaper:
    """What a board is shown beside the answer.

    Attributes
    ----------
    tree
        what the recommended rule comes to, branch by branch; None for a rule that never commits.
    """

    tree: Branch | None = None
