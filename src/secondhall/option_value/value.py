"""What options are worth when their exercise may wait, between what a rule brings and what none can beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.futures import Estimate, probability
from secondhall.futures.results import Floats
from secondhall.option_value.basis import Splines
from secondhall.option_value.boundary import exercise_boundary
from secondhall.option_value.lower import play_policy
from secondhall.option_value.policy import Policy, learn_policy, summed
from secondhall.option_value.problem import Problem
from secondhall.option_value.upper import RegressedBound, UpperBound

__all__ = ["Value", "value_options"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What options are worth.

    Attributes
    ----------
    lower
        what the learned rule brings on paths that it was not learned from.
    upper
        what no rule can beat; None where no bound was asked for.
    now
        what the best exercise at once brings when the rest is given up; 0 where none pays.
    exercised
        the probability that an option is exercised at all under the rule.
    used
        how many options the rule exercises, on average.
    boundary
        [date, used] the state at which the rule turns to exercise, where the state is one number and there
        is one such point; NaN elsewhere; None with several features.
    policy
        the rule.
    """

    lower: Estimate
    upper: Estimate | None
    now: float
    exercised: Estimate
    used: Estimate
    boundary: Floats | None
    policy: Policy

    @property
    def gap(self) -> float:
        """How far the bounds are apart, as a share of the lower; NaN without an upper or where that is 0."""
        if self.upper is None or self.lower.value == 0.0:
            return float("nan")
        return (self.upper.value - self.lower.value) / abs(self.lower.value)

    @property
    def waiting(self) -> Estimate:
        """What it is worth not to have to decide now: the lower bound less exercise at once."""
        return Estimate(self.lower.value - self.now, self.lower.error)

    def said(self, *, scale: float = 1.0, digits: int = 2) -> str:
        """Write the value in words, money divided by ``scale``.

        Examples
        --------
        >>> value = Value(
        ...     lower=Estimate(4.1, 0.01), upper=Estimate(4.6, 0.02), now=3.0,
        ...     exercised=Estimate(0.7, 0.01), used=Estimate(0.7, 0.01), boundary=None, policy=None,
        ... )
        >>> print(value.said())
        A rule brings 4.10 ± 0.01; no rule can bring more than 4.60 ± 0.02.
        Exercise now brings 3.00, so waiting is worth 1.10 ± 0.01.
        An option is exercised in 70 ± 1 % of futures.
        """
        limit = (
            "" if self.upper is None else f"; no rule can bring more than {_said(self.upper, scale, digits)}"
        )
        waiting = _said(self.waiting, scale, digits)
        return (
            f"A rule brings {_said(self.lower, scale, digits)}{limit}.\n"
            f"Exercise now brings {self.now / scale:.{digits}f}, so waiting is worth {waiting}.\n"
            f"An option is exercised in {self.exercised.said(scale=0.01, digits=0)} % of futures."
        )


def _said(estimate: Estimate, scale: float, digits: int) -> str:
    return estimate.said(scale=scale, digits=digits)


_SPLINES, _BOUND = Splines(), RegressedBound()


def value_options(
    problem: Problem,
    *,
    seed: int,
    paths: int = 20_000,
    splines: Splines = _SPLINES,
    bound: UpperBound | None = _BOUND,
) -> Value:
    """Return what options are worth by least-squares Monte Carlo, from below and from above.

    A rule is learned by regression on one sample of paths (Longstaff & Schwartz 2001, equations L1 to L3 of
    `secondhall.option_value.policy`) and played on a fresh one: what it brings there is unbiased for that
    rule, hence a lower bound. Where the paths tell their shocks, the martingale found on the way is taken off
    as a control variate. ``bound`` gives the other side (U1).

    Parameters
    ----------
    problem
        the options.
    seed
        of the three samples, which are independent: to learn, to play, to bound.
    paths
        how many paths to learn from, and as many to play.
    splines
        how rich the functions of the regression are.
    bound
        how to bound from above: `RegressedBound`, `NestedBound`, or None for no bound.

    Returns
    -------
    Value
        Both bounds with their errors, in money of now.

    Raises
    ------
    ValueError
        With too few paths to learn from, a pay-off that is no finite number, or a bound that the problem has
        not what it takes for.

    Examples
    --------
    The American put of Longstaff & Schwartz 2001, table 1 (S 40, K 40, r 0.06, sigma 0.2), on 10 dates a
    year; on 50 it is worth 2.314:

    >>> from secondhall.option_value import Chain, Problem
    >>> dt, r, sigma = 0.1, 0.06, 0.2
    >>> growth, spread = (r - sigma**2 / 2) * dt, sigma * dt**0.5
    >>> log_price = Chain(np.log([40.0]), 10, 1, lambda date, states, z: states + growth + spread * z)
    >>> put = Problem(
    ...     discounts=np.exp(-r * dt * np.arange(11)),
    ...     pays=lambda date, states: np.maximum(40.0 - np.exp(states[:, 0]), 0.0),
    ...     simulate=log_price.simulate,
    ... )
    >>> value = value_options(put, seed=1, paths=5000)
    >>> print(value.lower.said(), "to", value.upper.said())
    2.3 ± 0.0 to 2.3 ± 0.0
    """
    learn_seed, play_seed, bound_seed = np.random.SeedSequence(seed).generate_state(3).tolist()
    policy = learn_policy(problem, problem.paths(learn_seed, paths), splines)
    fresh = problem.paths(play_seed, paths)
    played = play_policy(policy, fresh)
    totals = summed(problem.worth(0, fresh.states[0, :1]))[0, : problem.per_date + 1]
    return Value(
        lower=Estimate.of_mean(played.brought - played.hedge),
        upper=None if bound is None else bound.of(policy, bound_seed),
        now=float(totals.max()),
        exercised=probability(played.first_date >= 0),
        used=Estimate.of_mean(played.used.astype(float)),
        boundary=exercise_boundary(policy) if fresh.states.shape[2] == 1 else None,
        policy=policy,
    )
