"""The interface of every belief: where the parameters of a path come from."""

from __future__ import annotations

from typing import Protocol

from secondhall.company import Parameters
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Belief"]


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

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        """Return [path] of every field that is uncertain, by its dotted name."""
