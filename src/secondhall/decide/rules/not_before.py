"""Not before: a rule that rests until a month. What waiting costs is told by it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company import RuleTerms, Slots
from secondhall.company.layout import NEVER
from secondhall.decide.rules.rule import Rule
from secondhall.months import Month

__all__ = ["NotBefore"]


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Another rule that commits nothing before a month; what it would have committed then, it commits after.

    Attributes
    ----------
    rule
        what is followed from then on.
    month
        the first month in which it may commit.
    """

    rule: Rule
    month: Month

    @property
    def name(self) -> str:
        """Short name."""
        return f"{self.rule.name}, not before {self.month}"

    def words(self, case: Case) -> str:
        """Return the rule in a sentence."""
        return f"{self.rule.words(case)}, and not before {self.month}"

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the other rule's terms, its trigger and its dated commitments held back."""
        held, inner = self.month - case.start, self.rule.terms(case, slots)
        dated = inner.commit_month
        late = np.where(dated == NEVER, NEVER, np.maximum(dated, held)).astype(np.int64)
        return replace(inner, commit_month=late, first_month=max(held, inner.first_month))
