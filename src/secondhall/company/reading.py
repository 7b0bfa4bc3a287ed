"""Reads the fields of a case for a number of paths: each from whoever says what the paths' values are."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from secondhall.case import Quantity, Record
from secondhall.company import layout
from secondhall.company.layout import Floats

__all__ = ["Mids", "Reader", "Values"]


class Values(Protocol):
    """What the fields of a case are on each of some paths."""

    @property
    def paths(self) -> int:
        """How many paths."""

    def of(self, name: str, quantity: Quantity) -> Floats:
        """Return [path] of the field of that dotted name, which the case states as ``quantity``."""


class Mids:
    """The mid values, one path: all that a rule may know."""

    paths = 1

    def of(self, name: str, quantity: Quantity) -> Floats:  # noqa: ARG002 - the name is for others
        """Return the mid."""
        return np.array([quantity.mid])


class Reader:
    """Reads fields at the values of the paths."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.paths = values.paths

    def field(self, record: Record, field: str, name: str) -> Floats:
        """Return [path] of a field."""
        return self.values.of(f"{name}.{field}", record.number(field))

    def optional(self, record: Record, field: str, name: str, default: float) -> Floats:
        """Return [path] of a field, the default where it was left empty."""
        if not record.given(field):
            return np.full(self.paths, default)
        return self.field(record, field, name)

    def by_regime(self, record: Record, field: str, name: str) -> Floats:
        """Return [regime, path] of a field."""
        values = record.regimes(field).all
        regimes = zip(layout.REGIMES, values, strict=True)
        return np.stack([self.values.of(f"{name}.{field}.{regime}", value) for regime, value in regimes])
