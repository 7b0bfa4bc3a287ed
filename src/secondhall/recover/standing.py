"""Where the company stands: what it knows of itself is one, what nobody knows of the market stays uncertain.

Who restructures has the books open. Halls, posts, customers, prices, costs and cash are read, not believed;
how the market goes on, how customers will behave and what a landlord or a buyer will settle for are not. A
case whose state was learned from a few public facts leaves many companies possible: each of them is one
standing, and the most ordinary of them is the one that a plan is made for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import PRELEASE, Parameters, RuleTerms, idle_terms, slots_of, trigger_terms
from secondhall.company.layout import Floats, Rows
from secondhall.company.parameters import Integers
from secondhall.recover.hall import Hall, halls_of

__all__ = ["Standing", "living_terms", "one_of", "standings"]

CANDIDATES = 512
"""Companies among which the most ordinary one is looked for."""

UNKNOWN = {
    "segment": (
        "log_intensity", "opening_gap", "log_ceiling", "reversion", "volatility", "common_share", "own_share",
        "size_mean", "size_variance_ratio", "realisation", "reserved_lapse", "waiting_lapse",
    ),
    "hall": ("exit_penalty", "exit_share", "dismantling"),
    "firm": (
        "after_boom_bust", "after_steady_boom", "after_bust_steady", "price_reversion", "price_volatility",
        "energy_reversion", "energy_volatility",
    ),
}  # fmt: skip
"""Rows that the company does not know of itself: the market, orders to come, what an exit settles at."""

OWN = ("segment", "hall", "phase", "role", "firm")
"""Groups of rows that it knows, but for `UNKNOWN`; how regimes and customers behave it does not."""


@dataclass(frozen=True)
class Standing:
    """A belief in which what the company knows of itself is the same on every path.

    Attributes
    ----------
    case
        as it stands: its first month is the first in which anything can be done.
    belief
        of the case at that date.
    own
        what the company knows, one path; posts are whole.
    halls
        that can be given up.
    living
        how the company goes on living, whatever is decided: when customers wait for room again, it commits
        the option that the case names for that (D4, D5).
    """

    case: Case
    belief: Belief
    own: Parameters
    halls: tuple[Hall, ...]
    living: RuleTerms
    words: str = field(init=False)
    scenario: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Keep what the belief rests on."""
        object.__setattr__(self, "words", self.belief.words)

    def known(self) -> Parameters:
        """Return what a rule may know, one path."""
        return self._with_own(self.belief.known())

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the parameters of the given paths."""
        return self._with_own(self.belief.parameters(seed, paths))

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        """Return [path] of every uncertain field as it is believed."""
        return self.belief.values(seed, paths)

    def _with_own(self, p: Parameters) -> Parameters:
        rows: dict[str, Any] = {}
        for group in OWN:
            believed: Rows = getattr(p, group)
            array = np.repeat(getattr(self.own, group).array, believed.array.shape[-1], axis=-1)
            for name in UNKNOWN.get(group, ()):
                place = believed.names.index(name)
                array[place] = believed.array[place]
            rows[group] = Rows(believed.names, array)
        return replace(p, **rows)


def standings(case: Case, belief: Belief, *, seed: int, others: int) -> tuple[Standing, ...]:
    """Return the most ordinary company that the evidence allows, then others drawn from it.

    Parameters
    ----------
    case
        as it stands.
    belief
        learned from it.
    seed
        of the draws.
    others
        how many besides the first; none where the company's own figures are known.
    """
    p = belief.parameters(seed, np.arange(CANDIDATES))
    figures = _figures(p)
    spread = figures.std(axis=1)
    if not (spread > 0.0).any():
        return (_standing(case, belief, p, 0),)
    scores = (figures - np.median(figures, axis=1, keepdims=True)) / np.maximum(spread, 1e-300)[:, None]
    first = int((scores**2).sum(axis=0).argmin())
    rest = [place for place in range(CANDIDATES) if place != first][:others]
    return tuple(_standing(case, belief, p, place) for place in (first, *rest))


def _figures(p: Parameters) -> Floats:
    """Return [figure, path] what tells one company from another."""
    paid = (p.role.posts * p.role.monthly_cost).sum(axis=0)
    needed = (p.role.base + p.role.per_customer * p.segment.customers.sum(axis=0)).sum(axis=0)
    return np.stack(
        [
            np.broadcast_to(row, p.paths)
            for row in (
                p.role.posts.sum(axis=0),
                paid,
                needed,
                p.firm.cash,
                p.firm.overhead,
                p.segment.mrr.sum(axis=0),
                p.segment.installed.sum(axis=0),
                p.segment.customers.sum(axis=0),
                p.hall.book.sum(axis=0),
            )
        ]
    )


def _standing(case: Case, belief: Belief, p: Parameters, place: int) -> Standing:
    """Return one company out of many; the shareholder's commitment is the case's own statement."""
    own = one_of(p, place)
    own.role.posts[:] = np.round(own.role.posts)
    own.firm.set("shareholder_commitment", case.finance.number("shareholder_commitment").mid)
    return Standing(case, belief, own, halls_of(case), living_terms(case))


def one_of(p: Parameters, place: int) -> Parameters:
    """Return the parameters of one path, to be changed freely."""
    rows: dict[str, Any] = {}
    for name in ("segment", "segment_regime", "hall", "phase", "role", "firm", "firm_regime"):
        whole: Rows = getattr(p, name)
        one = min(place, whole.array.shape[-1] - 1)
        rows[name] = Rows(whole.names, whole.array[..., one : one + 1].copy())
    return replace(p, **rows)


def living_terms(case: Case) -> RuleTerms:
    """Return the terms under which a company that is restructured takes room again."""
    slots, wanted = slots_of(case), case.recovery
    option = wanted.text("room_again")
    if not option:
        return idle_terms(len(slots.slots))
    return trigger_terms(
        slots,
        option,
        trigger=PRELEASE,
        threshold=wanted.number("room_again_share").mid,
        bust_limit=wanted.number("room_again_bust_limit").mid,
    )
