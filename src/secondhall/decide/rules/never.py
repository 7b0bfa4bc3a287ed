"""Never: commit nothing. Every other rule is measured against it."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.case import Case
from secondhall.company import RuleTerms, Slots, idle_terms

__all__ = ["Never"]


@dataclass(frozen=True, slots=True)
class Never:
    """Commit nothing within the horizon."""

    @property
    def name(self) -> str:
        return "never"

    def words(self, case: Case) -> str:
        """Return the rule in a sentence."""
        return "commit nothing"

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the terms that never do anything."""
        return idle_terms(len(slots.slots))
