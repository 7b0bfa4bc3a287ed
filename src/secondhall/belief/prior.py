"""The belief before any learning: the low / mid / high statements of the case."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from secondhall.case import Case
from secondhall.company import Parameters, build, known_parameters
from secondhall.company.chance import Chance, Purpose
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Belief", "Prior"]


class Belief(Protocol):
    """Where the parameters of a path come from."""

    @property
    def words(self) -> str:
        """Return what the belief rests on, in a sentence."""

    @property
    def scenario(self) -> str | None:
        """Return the scenario that is imposed on it, if any."""

    def known(self) -> Parameters:
        """Return the mid values, one path: all that a rule may know."""

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the parameters of the given paths, a function of (seed, path) alone."""


@dataclass(frozen=True)
class Prior:
    """The case's own statements, drawn path by path.

    A field stated as low, mid and high is drawn by its quantile function (A1) at a normal score that
    belongs to (seed, path, name of the field) alone: the same path has the same parameters whatever the
    rule, and a field added to a case leaves all others as they were.
    """

    case: Case
    scenario: str | None = None
    words: str = field(default="the case's own statements: nothing was learned from data", init=False)

    def known(self) -> Parameters:
        """Return the mid values, one path."""
        return known_parameters(self.case, self.scenario)

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the parameters of the given paths."""
        chance = Chance(seed, np.asarray(paths, dtype=np.int64))

        def scores(name: str) -> Floats:
            if name == "paths":
                return np.zeros(chance.paths.size)
            place = zlib.crc32(name.encode())
            drawn, _ = chance.normals(place & 0xFFFF, Purpose.PARAMETER, place >> 16)
            return drawn

        return build(self.case, scores, self.scenario)
