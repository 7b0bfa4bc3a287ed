"""The plan played in the compiled company over fresh futures, beside what else could be done.

A plan reacts at its review: which tide a future is in is told by what the company has earned by then, as it
was when the plan was made. All alternatives meet the same futures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from secondhall.company import RuleTerms
from secondhall.company.engine import Kept, blocks_of, play_paths
from secondhall.company.layout import OUTCOMES, Floats
from secondhall.company.parameters import Integers
from secondhall.futures import Estimate
from secondhall.futures.risk import difference, probability
from secondhall.recover.nothing import Bundles
from secondhall.recover.standing import Standing

__all__ = ["SERIES_PROVEN", "Proof", "prove", "quantile", "thresholds_of"]

SERIES_PROVEN = (
    "cash", "shareholder_injection", "ebitda", "revenue", "net_income", "staff", "staff_excess", "customers",
    "sold_units", "capacity", "write_offs", "restructuring", "exit_charge", "provisions", "alive",
)  # fmt: skip

CHUNK = 2048


def quantile(sample: Floats, share: float) -> Estimate:
    """Return a quantile with its error, read off the order statistics one binomial deviation either side.

    Examples
    --------
    >>> quantile(np.arange(101.0), 0.5).value
    50.0
    """
    apart = np.sqrt(share * (1.0 - share) / sample.size)
    low, mid, high = np.quantile(sample, np.clip((share - apart, share, share + apart), 0.0, 1.0))
    return Estimate(float(mid), float(high - low) / 2.0)


@dataclass(frozen=True, eq=False)
class Proof:
    """One way on, played.

    Attributes
    ----------
    name, words
        what is played.
    outcomes
        name to [path], over the whole horizon.
    kept
        series to [month, path], over the months planned.
    tide
        [path] in which tide the review finds it.
    """

    name: str
    words: str
    outcomes: Mapping[str, Floats]
    kept: Mapping[str, Floats]
    tide: Integers

    @property
    def months(self) -> int:
        """How many months were planned."""
        return int(self.kept["cash"].shape[0])

    @cached_property
    def cheque(self) -> Floats:
        """[path] what the shareholder puts in within the months planned."""
        put_in: Floats = self.kept["shareholder_injection"].sum(axis=0)
        return put_in

    @cached_property
    def own_cash(self) -> Floats:
        """[month, path] the cash less all that the shareholder has put in so far."""
        own: Floats = self.kept["cash"] - np.cumsum(self.kept["shareholder_injection"], axis=0)
        return own

    @cached_property
    def trough(self) -> Floats:
        """[path] the lowest that the cash would have stood at without the shareholder."""
        lowest: Floats = self.own_cash.min(axis=0)
        return lowest

    @property
    def insolvency(self) -> Estimate:
        """Probability of insolvency within the months planned."""
        month = self.outcomes["insolvency_month"]
        return probability((month >= 0.0) & (month < self.months))

    def year(self, series: str, number: int) -> Floats:
        """Return [path] of a series summed over the first twelve months (0), the next twelve (1), ..."""
        summed: Floats = self.kept[series][12 * number : 12 * number + 12].sum(axis=0)
        return summed

    def gain_over(self, other: Proof) -> Estimate:
        """(R5) Return what it is worth more than another, in net present value."""
        return difference(self.outcomes["npv"], other.outcomes["npv"])

    def wants_more(self, posts: int, commitment: float) -> Estimate:
        """Return the probability that another plan is needed when this one ends.

        It is where posts in excess are as many as the law gives a procedure for, or the shareholder has put
        in all that was promised, or the company has failed.
        """
        excess = self.kept["staff_excess"][-1] >= posts
        spent = self.cheque >= commitment * (1.0 - 1e-9)
        return probability(excess | spent | (self.kept["alive"][-1] <= 0.0))


def prove(
    standing: Standing,
    ways: Sequence[tuple[str, str, tuple[RuleTerms, ...]]],
    *,
    thresholds: Floats,
    review: int,
    months: int,
    seed: int,
    futures: int,
) -> tuple[Proof, ...]:
    """Play every way on over the same fresh futures.

    Parameters
    ----------
    standing
        the company.
    ways
        name, words, and the terms in each tide; one for all of them where a way does not react.
    thresholds
        [tide - 1] what must have been earned by the review to be in the next tide.
    review, months
        month of the review; months planned.
    seed, futures
        which futures.
    """
    parts = [
        _prove_some(
            standing, ways, thresholds, review, months, seed, np.arange(first, min(first + CHUNK, futures))
        )
        for first in range(0, futures, CHUNK)
    ]
    return tuple(_joined([part[place] for part in parts]) for place in range(len(ways)))


def _prove_some(
    standing: Standing,
    ways: Sequence[tuple[str, str, tuple[RuleTerms, ...]]],
    thresholds: Floats,
    review: int,
    months: int,
    seed: int,
    paths: Integers,
) -> list[Proof]:
    p, known = standing.parameters(seed, paths), standing.known()
    blocks, keep = blocks_of(p), Kept(SERIES_PROVEN, 0, months)
    found = []
    for name, words, terms in ways:
        played = [
            play_paths(p, known, one, seed=seed, paths=paths, keep=keep, blocks=blocks) for one in terms
        ]
        earned = played[0].kept[SERIES_PROVEN.index("ebitda"), :review].sum(axis=0)
        tide = np.searchsorted(thresholds, earned) if len(terms) > 1 else np.zeros(paths.size, np.int64)
        outcomes = np.stack([one.outcomes for one in played])[tide, :, np.arange(paths.size)].T
        kept = np.stack([one.kept for one in played])[tide, :, :, np.arange(paths.size)]
        found.append(
            Proof(
                name,
                words,
                dict(zip(OUTCOMES, outcomes, strict=True)),
                dict(zip(SERIES_PROVEN, np.moveaxis(kept, 0, -1), strict=True)),
                tide,
            )
        )
    return found


def _joined(parts: Sequence[Proof]) -> Proof:
    first = parts[0]
    return Proof(
        first.name,
        first.words,
        {name: np.concatenate([part.outcomes[name] for part in parts]) for name in first.outcomes},
        {name: np.concatenate([part.kept[name] for part in parts], axis=1) for name in first.kept},
        np.concatenate([part.tide for part in parts]),
    )


def thresholds_of(
    standing: Standing, terms: RuleTerms, bundles: Bundles, *, review: int, seed: int
) -> Floats:
    """Return [tide - 1] what must be earned by the review, under a plan, to be in the next tide.

    The futures that the plan was made for are lived under it; between two tides lies the point below which
    the same share of them has earned less.
    """
    p = standing.parameters(seed, bundles.paths)
    kept = play_paths(
        p, standing.known(), terms, seed=seed, paths=bundles.paths, keep=Kept(("ebitda",), 0, review)
    ).kept
    earned = kept[0].sum(axis=0)
    order = np.argsort(earned, kind="stable")
    below = np.cumsum(bundles.probability[order])
    share = np.cumsum(np.bincount(bundles.tide, weights=bundles.probability))[:-1]
    place = np.clip(np.searchsorted(below, share), 0, earned.size - 2)
    points: Floats = (earned[order][place] + earned[order][place + 1]) / 2.0
    return points
