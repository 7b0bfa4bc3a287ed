"""What a rule brings on paths that it was not learned from: no more than the options are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.futures.results import Floats
from secondhall.option_value.policy import Counts, Policy, summed
from secondhall.option_value.problem import Paths

__all__ = ["Played", "play_policy"]


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What a rule did.

    Attributes
    ----------
    brought
        [path] worth now of what was exercised.
    hedge
        [path] the martingale along the rule, mean zero: brought - hedge has the same mean and far less
        variance.
    used
        [path] how many options were exercised.
    first_date
        [path] of the first exercise; -1 where there is none.
    """

    brought: Floats
    hedge: Floats
    used: Counts
    first_date: Counts


def play_policy(policy: Policy, paths: Paths, used: Counts | None = None) -> Played:
    """Return what a rule brings on each path, from the paths' first date to the last.

    Parameters
    ----------
    used
        [path] how many options are exercised before; none by default.
    """
    problem, number = policy.problem, paths.number
    now = np.zeros(number, dtype=np.intp) if used is None else used.copy()
    brought, hedge = np.zeros(number), np.zeros(number)
    first_date = np.full(number, -1, dtype=np.intp)
    for date in range(paths.first, problem.dates):
        some = np.flatnonzero(now < problem.options)
        states = paths.states[date - paths.first, some]
        worths = problem.worth(date, states)
        functions = policy.functions(date, states, worths)
        before, each = now[some], np.arange(some.size)
        after = policy.choices(date, functions, worths)[each, before]
        totals = summed(worths)
        brought[some] += totals[each, after] - totals[each, before]
        first_date[some[(after > before) & (first_date[some] < 0)]] = date
        now[some] = after
        if functions is not None and paths.shocks is not None:
            shocks = paths.shocks[date - paths.first, some]
            hedge[some] += policy.increments(date, functions, shocks)[each, after]
    return Played(brought, hedge, now, first_date)
