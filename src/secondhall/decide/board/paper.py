"""The nouns of the board's page: what stands beside the recommended rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from secondhall.futures import Estimate
from secondhall.months import Month

__all__ = ["Alternative", "BoardPaper", "Branch", "Frontier", "Place", "Sensitivity", "SwitchingValue"]


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
class Place:
    """Where a rule stands between value and risk.

    Attributes
    ----------
    name
        of the rule.
    gain
        expected NPV less that of never.
    cvar
        mean NPV of the worst 5 % of futures.
    refused
        why it may not be chosen; None if it may.
    chosen
        whether it is the recommended one.
    undominated
        whether it may be chosen, and no rule that may has as much of both and more of one.
    """

    name: str
    gain: Estimate
    cvar: Estimate
    refused: str | None
    chosen: bool = False
    undominated: bool = False


@dataclass(frozen=True, slots=True)
class Frontier:
    """The frontier between value and risk.

    Attributes
    ----------
    places
        the rules that were judged, and the best of the search between value and risk, all over the same
        fresh futures.
    searched
        what else the search looked at, over futures of its own: fewer, and those by which it chose.
    paths
        futures of the places.
    """

    places: tuple[Place, ...]
    searched: tuple[Place, ...]
    paths: int

    @property
    def line(self) -> tuple[Place, ...]:
        """The places that are not dominated, from the least risk to the most."""
        kept = (place for place in self.places if place.undominated)
        return tuple(sorted(kept, key=lambda place: (-place.cvar.value, place.gain.value)))


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan of nearly equal value that looks different.

    Attributes
    ----------
    name, words
        of the rule, short and in a sentence.
    differs
        in what it differs from the recommended one, in words.
    behind
        score of the recommended rule less its own, over the same futures; below zero it did better there,
        and was passed over when the finalists were chosen on others.
    gain, cvar
        as in `Place`.
    commits
        probability that it commits anything.
    median_month
        the middle month of its first commitment, where it commits; None where it never does.
    """

    name: str
    words: str
    differs: str
    behind: Estimate
    gain: Estimate
    cvar: Estimate
    commits: Estimate
    median_month: Month | None


@dataclass(frozen=True, slots=True)
class SwitchingValue:
    """How far something must be from what is believed for another rule to win.

    Attributes
    ----------
    lever, what, reach
        what moves, as a key and in words, and how far it was tried.
    against
        name of the other rule.
    refused
        whether that one is refused as things stand, by the limit on insolvency, which is left aside here.
    gap
        score of the recommended rule less that of the other, as things stand, over the futures of this.
    at
        where the other draws level: a log factor, points of growth a year as a share, or months; None where
        it does not within reach, or cannot be told apart as things stand.
    words
        the same in words, with its error and unit.
    """

    lever: str
    what: str
    reach: str
    against: str
    refused: bool
    gap: Estimate
    at: Estimate | None
    words: str


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How much of the variance of the gain an uncertain figure explains.

    Attributes
    ----------
    name, words
        dotted name of the field, and what it is.
    share
        first-order index, with its standard error; it may come out below zero, by its error.
    """

    name: str
    words: str
    share: Estimate


@dataclass(frozen=True, slots=True)
class BoardPaper:
    """What a board is shown beside the answer.

    Attributes
    ----------
    frontier
        between value and risk.
    alternatives
        plans of nearly equal value that look different; empty where there are none.
    switching, switching_paths
        how far each lever must move for the main alternatives to win, and over how many futures.
    sensitivity
        the uncertain figures that move the gain of the recommended rule the most, the most first.
    tree
        what the recommended rule comes to, branch by branch; None for a rule that never commits.
    """

    frontier: Frontier
    alternatives: tuple[Alternative, ...] = ()
    switching: tuple[SwitchingValue, ...] = ()
    switching_paths: int = 0
    sensitivity: tuple[Sensitivity, ...] = ()
    tree: Branch | None = None
