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
        """Short name."""
        return "never"

    def words(self, case: Case) -> str:  # noqa: ARG002 - what every rule is asked
        """Return the rule in a sentence."""
        return "commit nothing"

    def terms(self, case: Case, slots: Slots) -> RuleTerms:  # noqa: ARG002 - as above
        """Return the terms that never do anything."""
        return idle_terms(len(slots.slots))
