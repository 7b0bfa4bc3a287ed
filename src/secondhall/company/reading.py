"""Reads the fields of a case at the scores of the paths (A1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from secondhall.case import Quantity, Record
from secondhall.company import layout
from secondhall.company.layout import Floats

__all__ = ["Reader", "Scores", "no_scores"]

Scores = Callable[[str], Floats]
"""From the dotted name of a field to a standard normal score a path."""


def no_scores(_: str) -> Floats:
    """Return the score of the mid value, for one path."""
    return np.zeros(1)


class Reader:
    """Reads fields at the scores of the paths."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.paths = scores("paths").size

    def at(self, quantity: Quantity, name: str) -> Floats:
        """Return [path] of one quantity; one number for all when it is certain."""
        if not quantity.uncertain:
            return np.full(self.paths, quantity.mid)
        return quantity.at_normal(self.scores(name))

    def field(self, record: Record, field: str, name: str) -> Floats:
        """Return [path] of a field."""
        return self.at(record.number(field), f"{name}.{field}")

    def optional(self, record: Record, field: str, name: str, default: float) -> Floats:
        """Return [path] of a field, the default where it was left empty."""
        if not record.given(field):
            return np.full(self.paths, default)
        return self.field(record, field, name)

    def by_regime(self, record: Record, field: str, name: str) -> Floats:
        """Return [regime, path] of a field."""
        values = record.regimes(field).all
        regimes = zip(layout.REGIMES, values, strict=True)
        return np.stack([self.at(value, f"{name}.{field}.{regime}") for regime, value in regimes])
