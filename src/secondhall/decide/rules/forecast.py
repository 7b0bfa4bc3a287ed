"""Forecast utilisation: commit when the halls would be full by the time a new one could open (D3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from secondhall.case import Case
from secondhall.company import FORECAST, RuleTerms, Slots
from secondhall.decide.rules.guards import Guards, guarded_terms
from secondhall.units import percent

__all__ = ["ForecastUtilisation"]


@dataclass(frozen=True, slots=True)
class ForecastUtilisation:
    """Commit an option when utilisation, forecast over its lead time, reaches a level.

    Attributes
    ----------
    option
        the option to commit.
    utilisation
        the level, a share of what is open and under construction.
    guards
        what holds it back.
    """

    option: str
    utilisation: float
    guards: Guards = field(default_factory=Guards)

    @property
    def name(self) -> str:
        """Short name."""
        return f"{self.option} at {percent(self.utilisation)} forecast{self.guards.suffix}"

    def words(self, case: Case) -> str:  # noqa: ARG002 - what every rule is asked
        """Return the rule in a sentence."""
        return (
            f"commit {self.option} when what is sold, reserved and waiting, with the growth of the last "
            f"twelve months carried over its lead time, reaches {percent(self.utilisation)} of the capacity "
            f"open and under construction{self.guards.words}"
        )

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the trigger D3 on the option's slots."""
        return guarded_terms(
            case,
            slots,
            option=self.option,
            trigger=FORECAST,
            threshold=self.utilisation,
            guards=self.guards,
        )
