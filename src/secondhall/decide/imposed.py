"""A belief with something imposed on it: the same futures, with some of their numbers changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from secondhall.belief import Belief
from secondhall.company import Parameters
from secondhall.company.layout import Floats, Rows
from secondhall.company.parameters import Integers

__all__ = ["Imposed", "with_row"]

Change = Callable[[Parameters], Parameters]


@dataclass(frozen=True)
class Imposed:
    """Another belief whose paths are changed, all by the same rule; their random numbers stay.

    Attributes
    ----------
    belief
        what is changed.
    change
        from the parameters of some paths to the changed ones; it leaves what it is given as it is.
    known_too
        whether those who follow a rule know of it: they do of what is so, they do not of a shock to come.
    """

    belief: Belief
    change: Change
    known_too: bool

    @property
    def words(self) -> str:
        """Return what the belief below rests on."""
        return self.belief.words

    @property
    def scenario(self) -> str | None:
        """Return the scenario that is imposed below, if any."""
        return self.belief.scenario

    def known(self) -> Parameters:
        """Return what a rule may know."""
        known = self.belief.known()
        return self.change(known) if self.known_too else known

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the changed parameters of the given paths."""
        return self.change(self.belief.parameters(seed, paths))

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        """Return [path] of every uncertain field as it is believed, before the change."""
        return self.belief.values(seed, paths)


def with_row(p: Parameters, group: str, row: str, change: Callable[[Floats], Floats]) -> Parameters:
    """Return parameters with one row changed; the given ones stay as they are.

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> from secondhall.company import known_parameters
    >>> p = known_parameters(read_case("paris2006"))
    >>> richer = with_row(p, "firm", "cash", lambda cash: cash + 1.0)
    >>> float((richer.firm.cash - p.firm.cash)[0])
    1.0
    """
    rows: Rows = getattr(p, group)
    array = rows.array.copy()
    at = rows.names.index(row)
    array[at] = change(array[at])
    changed: dict[str, Any] = {group: Rows(rows.names, array)}
    return replace(p, **changed)
