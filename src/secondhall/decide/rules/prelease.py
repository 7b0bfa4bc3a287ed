"""Pre-leased share: commit when enough of the new hall is signed for (D4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from secondhall.case import Case
from secondhall.company import PRELEASE, RuleTerms, Slots
from secondhall.decide.rules.guards import Guards, guarded_terms
from secondhall.units import percent

__all__ = ["PreleasedShare"]


@dataclass(frozen=True, slots=True)
class PreleasedShare:
    """Commit an option when a share of its capacity is reserved or waiting.

    Attributes
    ----------
    option
        the option to commit.
    share
        the share of its capacity.
    guards
        what holds it back.
    """

    option: str
    share: float
    guards: Guards = field(default_factory=Guards)

    @property
    def name(self) -> str:
        """Short name."""
        return f"{self.option} at {percent(self.share)} pre-leased{self.guards.suffix}"

    def words(self, case: Case) -> str:  # noqa: ARG002 - what every rule is asked
        """Return the rule in a sentence."""
        return (
            f"commit {self.option} when {percent(self.share)} of its capacity is signed for or waits for room"
            f"{self.guards.words}"
        )

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the trigger D4 on the option's slots."""
        return guarded_terms(
            case,
            slots,
            option=self.option,
            trigger=PRELEASE,
            threshold=self.share,
            guards=self.guards,
        )
