"""The belief before any learning: the low / mid / high statements of the case."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from secondhall.case import Case, Quantity
from secondhall.company import Parameters, build, known_parameters
from secondhall.company.chance import Chance, Purpose
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Drawn", "Prior", "named_draw"]


def named_draw(seed: int, paths: Integers, name: str, draw: Callable[[Chance, int, int], Floats]) -> Floats:
    """Return draws that belong to (seed, path, name) alone; ``draw`` takes the chance, a month, an index."""
    place = zlib.crc32(name.encode())
    return draw(Chance(seed, np.asarray(paths, dtype=np.int64)), place & 0xFFFF, place >> 16)


def _normal(chance: Chance, month: int, index: int) -> Floats:
    return chance.normals(month, Purpose.PARAMETER, index)[0]


@dataclass(frozen=True)
class Drawn:
    """The values of the fields on some paths: what is given, else drawn from the statement (A1).

    A field stated as low, mid and high is drawn by its quantile function at a normal score that belongs to
    (seed, path, name of the field) alone: the same path has the same parameters whatever the rule, and a
    field added to a case leaves all others as they were.
    """

    seed: int
    path_ids: Integers
    given: Mapping[str, Floats] = field(default_factory=dict)
    seen: dict[str, Floats] = field(default_factory=dict)
    """every uncertain field that was asked for"""

    @property
    def paths(self) -> int:
        """How many paths."""
        return self.path_ids.size

    def of(self, name: str, quantity: Quantity) -> Floats:
        """Return [path] of a field."""
        if name in self.given:
            value = self.given[name]
        elif quantity.uncertain:
            value = quantity.at_normal(named_draw(self.seed, self.path_ids, name, _normal))
        else:
            return np.full(self.paths, quantity.mid)
        self.seen[name] = value
        return value


@dataclass(frozen=True)
class Prior:
    """The case's own statements, drawn path by path."""

    case: Case
    scenario: str | None = None
    words: str = field(default="the case's own statements: nothing was learned from data", init=False)

    def known(self) -> Parameters:
        """Return the mid values, one path."""
        return known_parameters(self.case, self.scenario)

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the parameters of the given paths."""
        return build(self.case, Drawn(seed, paths), self.scenario)

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        """Return [path] of every field that is uncertain, by its dotted name."""
        drawn = Drawn(seed, paths)
        build(self.case, drawn, self.scenario)
        return drawn.seen
