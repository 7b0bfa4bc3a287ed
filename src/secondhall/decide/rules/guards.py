"""Guards: what holds a trigger back (D5)."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.case import Case
from secondhall.company import RuleTerms, Slots, trigger_terms
from secondhall.units import percent

__all__ = ["Guards", "guarded_terms"]


@dataclass(frozen=True, slots=True)
class Guards:
    """What holds a trigger back.

    Attributes
    ----------
    bust_probability_at_most
        filtered probability of a bust above which nothing is committed; 1 for no guard.
    funded_share_at_least
        share of the option's capex (less its loan) that cash, undrawn revolver and what the shareholder
        has left must cover; 0 for no guard.
    """

    bust_probability_at_most: float = 1.0
    funded_share_at_least: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.bust_probability_at_most <= 1.0:
            raise ValueError(f"a probability lies in 0 to 1, not {self.bust_probability_at_most}")
        if self.funded_share_at_least < 0.0:
            raise ValueError(f"a share of the capex is 0 or more, not {self.funded_share_at_least}")

    @property
    def words(self) -> str:
        """Return the guards as the end of a sentence; empty when there is none."""
        said = []
        if self.bust_probability_at_most < 1.0:
            said.append(f"the probability of a bust is at most {percent(self.bust_probability_at_most)}")
        if self.funded_share_at_least > 0.0:
            said.append(f"liquidity covers {percent(self.funded_share_at_least)} of its capex")
        return "" if not said else ", as long as " + " and ".join(said)

    @property
    def suffix(self) -> str:
        """Return the guards as the end of a short name; empty when there is none."""
        said = []
        if self.bust_probability_at_most < 1.0:
            said.append(f"bust at most {percent(self.bust_probability_at_most)}")
        if self.funded_share_at_least > 0.0:
            said.append(f"{percent(self.funded_share_at_least)} funded")
        return "".join(f", {part}" for part in said)


def guarded_terms(
    case: Case, slots: Slots, *, option: str, trigger: int, threshold: float, guards: Guards
) -> RuleTerms:
    """Return the terms of a trigger on an option's slots, held back by guards."""
    return trigger_terms(
        slots,
        option,
        trigger=trigger,
        threshold=threshold,
        bust_limit=guards.bust_probability_at_most,
        liquidity_share=guards.funded_share_at_least,
        known_commitment=case.finance.number("shareholder_commitment").mid,
    )
