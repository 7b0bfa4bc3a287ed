"""What no rule can beat: exercise with hindsight, less a martingale that takes away what hindsight is worth.

For any martingale increments dM_j(t), mean zero given what is known at date t, no rule brings more than the
mean over paths of theta_0(0), where along each path (Rogers 2002 and Haugh & Kogan 2004 for one option; with
several it is the information relaxation of Brown, Smith & Sun 2010, the penalty being the increment at the
number used)::

    theta_j(t) = max over j' in j..j + per_date of  w_j + ... + w_(j'-1) + theta_j'(t + 1) - dM_j'(t)   (U1)

The closer dM_j(t) comes to V_j(t + 1) - E[V_j(t + 1) | state at t], the closer the bound; with it, it is
exact on every path. Two ways to come close: `RegressedBound` and `NestedBound`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from secondhall.futures import Estimate
from secondhall.futures.results import Floats
from secondhall.option_value.lower import play_policy
from secondhall.option_value.policy import Policy, summed
from secondhall.option_value.problem import Branch, Paths

__all__ = ["NestedBound", "RegressedBound", "UpperBound"]


class UpperBound(Protocol):
    """A way to bound what the options are worth from above."""

    def of(self, policy: Policy, seed: int) -> Estimate:
        """Return an estimate whose mean is no less than what the options are worth."""


@dataclass(frozen=True, slots=True)
class RegressedBound:
    """The martingale that the rule's own regression found (L3): no inner paths.

    Attributes
    ----------
    paths
        how many futures are looked back on.
    """

    paths: int = 10_000

    def of(self, policy: Policy, seed: int) -> Estimate:
        """Return the bound.

        Raises
        ------
        ValueError
            When the problem's paths do not tell their shocks.
        """
        paths = policy.problem.paths(seed, self.paths)
        if paths.shocks is None:
            raise ValueError("shocks: not known, so the bound needs inner paths: NestedBound(), or none")
        increments = [
            policy.increments(date, policy.functions_at(date, paths.states[date]), shocks)
            for date, shocks in enumerate(paths.shocks)
        ]
        return Estimate.of_mean(_hindsight(policy, paths, increments))


@dataclass(frozen=True, slots=True)
class NestedBound:
    """The martingale of what the rule itself brings, by inner paths (Andersen & Broadie 2004, section 4).

    With L_j(t) what the rule brings from date t on and Q_j(t) = E[L_j(t + 1) | state at t], both by inner
    paths that start in the state at t, dM_j(t) = L_j(t + 1) - Q_j(t). Errors of the inner means raise the
    bound, never lower it.

    Attributes
    ----------
    paths
        how many futures are looked back on.
    inner
        how many paths start in each of their states. Where shocks are known, the regressed martingale
        is their control variate, and few do.
    """

    paths: int = 200
    inner: int = 50

    def of(self, policy: Policy, seed: int) -> Estimate:
        """Return the bound.

        Raises
        ------
        ValueError
            When the problem has no branches.
        """
        branch = policy.problem.branch
        if branch is None:
            raise ValueError("branch: the problem has none, so it has no inner paths")
        outer_seed, inner_seed = np.random.SeedSequence(seed).generate_state(2).tolist()
        generator = np.random.default_rng(inner_seed)
        paths = policy.problem.paths(outer_seed, self.paths)
        later = self._brings(policy, paths, policy.problem.dates - 1, None)
        increments: list[Floats] = []
        for date in reversed(range(policy.problem.dates - 1)):
            goes_on = self._goes_on(policy, branch, date, paths.states[date], generator)
            increments.append(later - goes_on)
            later = self._brings(policy, paths, date, goes_on)
        return Estimate.of_mean(_hindsight(policy, paths, increments[::-1]))

    def _goes_on(
        self, policy: Policy, branch: Branch, date: int, states: Floats, generator: np.random.Generator
    ) -> Floats:
        """Return [path, used] Q: what the rule brings after a date, by inner paths."""
        inner = branch(date, np.repeat(states, self.inner, axis=0), generator)
        options = policy.problem.options
        shocks = inner.shocks
        ahead = Paths(inner.states[1:], None if shocks is None else shocks[1:], date + 1)
        functions = policy.functions_at(date, inner.states[0])
        step = policy.increments(date, functions, None if shocks is None else shocks[0])
        goes_on = np.zeros((states.shape[0], options + 1))
        for used in range(options):
            played = play_policy(policy, ahead, np.full(ahead.number, used))
            brought = played.brought - played.hedge - step[:, used]
            goes_on[:, used] = brought.reshape(-1, self.inner).mean(axis=1)
        return goes_on

    def _brings(self, policy: Policy, paths: Paths, date: int, goes_on: Floats | None) -> Floats:
        """Return [path, used] L: what the rule brings from a date on, given what it brings after it."""
        worths = policy.problem.worth(date, paths.states[date])
        totals = summed(worths)
        functions = policy.functions(date, paths.states[date], worths)
        taken = totals if goes_on is None else totals + goes_on
        return np.take_along_axis(taken, policy.choices(date, functions, worths), axis=1) - totals


def _hindsight(policy: Policy, paths: Paths, increments: list[Floats]) -> Floats:
    """(U1) Return [path] theta_0(0) from increments [date][path, used]."""
    problem = policy.problem
    theta = np.zeros((paths.number, problem.options + 1))
    for date in reversed(range(problem.dates)):
        if date < problem.dates - 1:
            theta -= increments[date]
        totals = summed(problem.worth(date, paths.states[date]))
        reached = totals + theta
        best = reached.copy()
        for more in range(1, min(problem.per_date, problem.options) + 1):
            np.maximum(best[:, :-more], reached[:, more:], out=best[:, :-more])
        theta = best - totals
    return theta[:, 0]
