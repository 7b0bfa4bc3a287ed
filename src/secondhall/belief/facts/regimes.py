"""The path of the regimes as an unknown of its own: drawn, weighed, drawn anew in part (M1).

A path is [draw, month] of 0, 1, 2, beginning with the month before the history's first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.case import Case
from secondhall.company.chance import Chance, Purpose
from secondhall.company.layout import BOOM, BUST, REGIMES, STEADY, Floats
from secondhall.company.parameters import Integers
from secondhall.company.reading import Reader, Values

__all__ = ["Chain", "ScriptedChance", "chain_of"]

LONGEST_TURN = 18
"""Months that are drawn anew at once, at most."""

FIRST_WHEN_LOW = {(BOOM, BUST), (STEADY, BOOM), (BUST, STEADY)}
"""Moves that (M1) takes when its second uniform is low; the others when it is high."""


@dataclass(frozen=True, eq=False)
class Chain:
    """The regimes' chain of each draw.

    Attributes
    ----------
    start
        [regime] probability in the month before the first.
    moves
        [draw, from, to] monthly.
    """

    start: Floats
    moves: Floats

    def draw(self, months: int, rng: np.random.Generator) -> Integers:
        """Return paths [draw, months + 1]."""
        ones = np.ones((len(self.moves), months + 1, len(REGIMES)))
        return self._bridged(ones, rng)

    def log_probability(self, paths: Integers) -> Floats:
        """Return [draw] of the log-probability of a path."""
        rows = np.arange(len(paths))[:, None]
        before, after = np.asarray(paths[:, :-1]), np.asarray(paths[:, 1:])
        with np.errstate(divide="ignore"):
            steps = np.log(self.moves[rows, before, after]).sum(axis=1)
            found: Floats = np.log(self.start[before[:, 0]]) + steps
        return found

    def turn(self, paths: Integers, rng: np.random.Generator) -> Integers:
        """Draw a stretch of each path anew, given the months before and after it."""
        count, length = paths.shape
        first = rng.integers(1 - LONGEST_TURN, length, (count, 1))
        last = first + rng.integers(1, LONGEST_TURN + 1, (count, 1))
        month = np.arange(length)[None, :]
        free = (month >= first) & (month < last)
        held = paths[:, :, None] == np.arange(len(REGIMES))
        return self._bridged(np.where(free[:, :, None], 1.0, held), rng)

    def _bridged(self, allowed: Floats, rng: np.random.Generator) -> Integers:
        """Draw paths whose months are allowed, [draw, month, regime] of 0 and 1: forward, then backward."""
        count, length, _ = allowed.shape
        ahead = np.empty_like(allowed)
        ahead[:, 0] = self.start * allowed[:, 0]
        for month in range(1, length):
            ahead[:, month] = np.einsum("di,dij->dj", ahead[:, month - 1], self.moves) * allowed[:, month]
            ahead[:, month] /= ahead[:, month].sum(axis=1, keepdims=True)
        paths = np.empty((count, length), dtype=np.int64)
        paths[:, -1] = _pick(ahead[:, -1], rng)
        rows = np.arange(count)
        for month in range(length - 2, -1, -1):
            paths[:, month] = _pick(ahead[:, month] * self.moves[rows, :, paths[:, month + 1]], rng)
        return paths


def _pick(weights: Floats, rng: np.random.Generator) -> Integers:
    below = np.cumsum(weights, axis=1)
    picked: Integers = (below <= rng.random(len(below))[:, None] * below[:, -1:]).sum(axis=1)
    return picked


def chain_of(case: Case, values: Values) -> Chain:
    """(M1) Return the chain of a case at the values of some draws."""
    reader = Reader(values)
    leave = 1.0 / reader.by_regime(case.market, "mean_months", "market")
    to_bust, to_boom, to_steady = (
        reader.field(case.market, name, "market")
        for name in ("after_boom_bust", "after_steady_boom", "after_bust_steady")
    )
    moves = np.zeros((reader.paths, len(REGIMES), len(REGIMES)))
    for regime in range(len(REGIMES)):
        moves[:, regime, regime] = 1.0 - leave[regime]
    moves[:, BOOM, BUST], moves[:, BOOM, STEADY] = leave[0] * to_bust, leave[0] * (1.0 - to_bust)
    moves[:, STEADY, BOOM], moves[:, STEADY, BUST] = leave[1] * to_boom, leave[1] * (1.0 - to_boom)
    moves[:, BUST, STEADY], moves[:, BUST, BOOM] = leave[2] * to_steady, leave[2] * (1.0 - to_steady)
    return Chain(np.array(case.market.shares("start_regime")), moves)


@dataclass(frozen=True, eq=False)
class ScriptedChance(Chance):
    """The chance of some paths, but for the regimes, which follow a script [path, month + 1]."""

    script: Integers

    def uniforms(self, month: int, purpose: int, index: int, attempt: int = 0) -> tuple[Floats, Floats]:
        """Draw two uniforms a path; for the regimes, those that lead where the script goes."""
        if purpose == Purpose.START_REGIME:
            first = np.array([0.0, 0.5, 1.0])[self.script[:, 0]]
            return first, first
        if purpose != Purpose.REGIME:
            return super().uniforms(month, purpose, index, attempt)
        before, after = self.script[:, month], self.script[:, month + 1]
        low = np.zeros(len(before), dtype=bool)
        for one, other in FIRST_WHEN_LOW:
            low |= (before == one) & (after == other)
        return np.where(before == after, 2.0, -1.0), np.where(low, -1.0, 2.0)
