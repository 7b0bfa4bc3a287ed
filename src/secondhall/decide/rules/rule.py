"""What every rule is: a name, words that a board can read, and terms that the company follows."""

from __future__ import annotations

from typing import Protocol

from secondhall.case import Case
from secondhall.company import RuleTerms, Slots

__all__ = ["Rule"]


class Rule(Protocol):
    """A decision rule: from what is known at a month to what is committed in the next."""

    @property
    def name(self) -> str:
        """Short name, unique within a comparison."""

    def words(self, case: Case) -> str:
        """Return the rule in a sentence that a board can read."""

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the numbers that the company follows; ``slots`` says which hall slot is what."""
