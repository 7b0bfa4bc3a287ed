"""What may be exercised, when, for how much, and how the future unfolds.

Options stand in an order: when ``used`` of them are exercised, the next is option number ``used``. So how
many are used is all that a rule must remember, and what one option pays may differ from what another does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from secondhall.futures.results import Floats

__all__ = ["Branch", "Chain", "Paths", "Pays", "Problem", "Simulate"]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """How the state unfolds, and what moved it.

    Attributes
    ----------
    states
        [date, path, feature] what a rule may see, from date ``first`` on.
    shocks
        [interval, path, factor] independent standard normal scores that move the state from one date to
        the next; None where they are not known. With them errors are smaller and the upper bound needs no
        inner paths.
    first
        the date at which the paths begin.
    """

    states: Floats
    shocks: Floats | None = None
    first: int = 0

    @property
    def number(self) -> int:
        """How many paths there are."""
        return int(self.states.shape[1])


class Pays(Protocol):
    """What exercise pays, undiscounted."""

    def __call__(self, date: int, states: Floats) -> Floats:
        """Return [path], or [path, option] in the order of exercise, from states [path, feature].

        Exercise is never forced; where it is impossible it pays 0.
        """


Simulate = Callable[[int, int], Paths]
"""(seed, number of paths) to paths from date 0, where all paths share one state."""

Branch = Callable[[int, Floats, np.random.Generator], Paths]
"""(date, states [path, feature], generator) to one future of each state, from that date to the last."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Problem:
    """Options whose exercise may wait.

    Attributes
    ----------
    discounts
        [date] what a unit of money at each date is worth at date 0, which is now.
    pays
        what exercise pays.
    simulate
        paths from now; their number and the seed are arguments.
    branch
        futures of given states, for an upper bound by inner paths; None where the model has none.
    options
        how many may be exercised in all, in their order.
    per_date
        how many may be exercised at one date.

    Raises
    ------
    ValueError
        When discounts, options or the limit a date make no sense.

    Examples
    --------
    A put that can be exercised on either of two dates:

    >>> walk = Chain(np.zeros(1), 2, 1, lambda date, states, shocks: states + shocks)
    >>> put = Problem(
    ...     discounts=np.array([1.0, 0.9, 0.8]),
    ...     pays=lambda date, states: np.maximum(1.0 - states[:, 0], 0.0),
    ...     simulate=walk.simulate,
    ...     branch=walk.branch,
    ... )
    >>> put.dates
    3
    """

    discounts: Floats
    pays: Pays
    simulate: Simulate = field(repr=False)
    branch: Branch | None = field(default=None, repr=False)
    options: int = 1
    per_date: int = 1

    def __post_init__(self) -> None:
        if self.discounts.ndim != 1 or not self.discounts.size:
            raise ValueError("discounts: one number a date, at least one date")
        if not (np.isfinite(self.discounts).all() and (self.discounts > 0.0).all()):
            raise ValueError("discounts: every one must be a number above 0")
        if self.options < 1:
            raise ValueError(f"options: found {self.options}, at least 1 is accepted")
        if self.per_date < 1:
            raise ValueError(f"per_date: found {self.per_date}, at least 1 is accepted")

    @property
    def dates(self) -> int:
        """How many dates there are, now included."""
        return self.discounts.size

    def paths(self, seed: int, number: int) -> Paths:
        """Return simulated paths, checked.

        Raises
        ------
        ValueError
            With fewer than two paths, which give no error of estimate, or paths of another shape or with
            states that are no numbers.
        """
        if number < 2:
            raise ValueError(f"paths: found {number}, at least 2 are needed to tell the error of an estimate")
        paths = self.simulate(seed, number)
        if paths.states.ndim != 3 or paths.states.shape[:2] != (self.dates, number):
            raise ValueError(
                f"states: found shape {paths.states.shape}, accepted is [date, path, feature] with "
                f"{self.dates} dates and {number} paths"
            )
        if not np.isfinite(paths.states).all():
            raise ValueError("states: not all are finite numbers")
        shocks = paths.shocks
        if shocks is not None and (shocks.ndim != 3 or shocks.shape[:2] != (self.dates - 1, number)):
            raise ValueError(
                f"shocks: found shape {shocks.shape}, accepted is [interval, path, factor] with "
                f"{self.dates - 1} intervals and {number} paths"
            )
        return paths

    def worth(self, date: int, states: Floats) -> Floats:
        """Return [path, option] what exercise at a date is worth now.

        Raises
        ------
        ValueError
            When a pay-off is no finite number, or there are pay-offs for another number of options.
        """
        paid = np.asarray(self.pays(date, states), dtype=float)
        by_option = paid[:, None] if paid.ndim == 1 else paid
        if by_option.shape[0] != states.shape[0] or by_option.shape[1] not in (1, self.options):
            raise ValueError(
                f"pays: found shape {paid.shape} for {states.shape[0]} paths and {self.options} options"
            )
        if not np.isfinite(by_option).all():
            path = int(np.flatnonzero(~np.isfinite(by_option).all(axis=1))[0])
            raise ValueError(f"pays: no finite number at date {date} on path {path}")
        return np.broadcast_to(self.discounts[date] * by_option, (states.shape[0], self.options))


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A Markov chain moved by standard normal scores; `simulate` and `branch` are what a `Problem` asks.

    Attributes
    ----------
    start
        [feature] the state now.
    intervals
        how many steps there are from the first date to the last.
    factors
        how many scores move one step.
    step
        (date, states [path, feature], shocks [path, factor]) to the states at the next date.
    """

    start: Floats
    intervals: int
    factors: int
    step: Callable[[int, Floats, Floats], Floats]

    def simulate(self, seed: int, paths: int) -> Paths:
        """Return paths from the start."""
        states = np.repeat(self.start[None, :], paths, axis=0)
        return self.branch(0, states, np.random.default_rng(seed))

    def branch(self, date: int, states: Floats, generator: np.random.Generator) -> Paths:
        """Return one future of each state."""
        shocks = generator.standard_normal((self.intervals - date, states.shape[0], self.factors))
        unfolded = np.empty((self.intervals - date + 1, *states.shape))
        unfolded[0] = states
        for later, moved in enumerate(shocks):
            unfolded[later + 1] = self.step(date + later, unfolded[later], moved)
        return Paths(unfolded, shocks, date)
