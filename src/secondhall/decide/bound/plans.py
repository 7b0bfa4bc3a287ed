"""The plans that are bounded: one option, so many copies of it at once, at one of the dates, or never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company import RuleTerms, Slots, idle_terms
from secondhall.company.layout import NEVER

__all__ = ["Size", "sizes_of"]

FULL = 4
"""Up to so many copies every number of them is a plan; of more, the doublings and all."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is committed at once.

    Attributes
    ----------
    option, copies
        what.
    slots
        the hall slots that it fills.
    """

    option: str
    copies: int
    slots: tuple[int, ...]

    @property
    def words(self) -> str:
        """Return it as a board would call it."""
        return self.option if self.copies == 1 else f"{self.copies} x {self.option}"

    def terms(self, halls: int, month: int | None) -> RuleTerms:
        """Return the terms of committing it in a month, or never."""
        commit = np.full(halls, NEVER, dtype=np.int64)
        if month is not None:
            commit[list(self.slots)] = month
        return replace(idle_terms(halls), commit_month=commit)


def sizes_of(case: Case, slots: Slots) -> tuple[Size, ...]:
    """Return what may be committed at once: each option, and each number of its copies."""
    return tuple(
        Size(option, copies, slots.of_option(option)[:copies])
        for option in case.options
        for copies in _numbers(len(slots.of_option(option)))
    )


def _numbers(times: int) -> Sequence[int]:
    """Return how many copies are tried.

    >>> _numbers(3), _numbers(10)
    ([1, 2, 3], [1, 2, 4, 8, 10])
    """
    if times <= FULL:
        return list(range(1, times + 1))
    doubled = [2**k for k in range(times.bit_length()) if 2**k < times]
    return [*doubled, times]
