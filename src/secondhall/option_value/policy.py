"""When to exercise, learned backwards by regression; and a martingale that hedges what waiting is worth.

With ``used`` options exercised, worths w_k(t) discounted to now and C_j(t) what it is worth to go on after
date t with j used, the options of one date are (dynamic programming; Longstaff & Schwartz 2001 for one,
Meinshausen & Hambly 2004 for several)::

    V_j(t) = max over j' in j..j + per_date of  w_j + ... + w_(j'-1) + C_j'(t)                          (L1)
    C_j(t) = E[V_j(t + 1) | state at t]                                                                 (L2)

What a path brings, Y_j(t + 1), is regressed on functions f of the state at t and their products with
polynomials h of the shocks between t and t + 1 (Belomestny, Bender & Schoenmakers 2009, section 3; there the
first polynomial only)::

    Y_j(t + 1) ~ sum_a c_a f_a  +  sum_ab d_ab f_a h_b  =  C_j(t) + dM_j(t)                             (L3)

dM has mean zero given the state at t, whatever the coefficients. It is taken off the path at once, Y - dM, so
that the regression a date earlier has nearly no noise left to average out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secondhall.futures.results import Floats
from secondhall.option_value.basis import Splines, StateBasis, hermite
from secondhall.option_value.problem import Paths, Problem

__all__ = ["Counts", "Policy", "learn_policy", "next_used", "summed"]

Counts = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Going:
    """What going on after one date is worth, as regressed.

    Attributes
    ----------
    basis
        functions of the state.
    held
        [function, used] coefficients c of (L3).
    hedged
        [polynomial, function, used] coefficients d of (L3); no polynomials where shocks are not known.
    hermite_order
        of the polynomials in the shocks.
    """

    basis: StateBasis
    held: Floats
    hedged: Floats
    hermite_order: int


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A rule of exercise: go on, or how many to exercise, from date, state and how many are used.

    Attributes
    ----------
    problem
        what it was learned for.
    going
        [date] without the last.
    """

    problem: Problem
    going: tuple[Going, ...]

    def choices(self, date: int, functions: Floats | None, worths: Floats) -> Counts:
        """Return [path, used] how many are used after a date, by how many are before it.

        Beyond what the rule was learned on it does as at the edge.
        """
        held = np.zeros((worths.shape[0], self.problem.options + 1))
        if functions is not None:
            held[:, :-1] = functions @ self.going[date].held
            worths = self.going[date].basis.known(worths)
        return next_used(worths, held, self.problem.per_date)

    def functions(self, date: int, states: Floats, worths: Floats) -> Floats | None:
        """Return [path, function] of the state, None at the last date."""
        return None if date == self.problem.dates - 1 else self.going[date].basis.of(states, worths)

    def functions_at(self, date: int, states: Floats) -> Floats:
        """Return [path, function] of the state at a date before the last."""
        return self.going[date].basis.of(states, self.problem.worth(date, states))

    def increments(self, date: int, functions: Floats, shocks: Floats | None) -> Floats:
        """Return [path, used] the martingale's increments dM after a date; the last column is 0."""
        going = self.going[date]
        increments = np.zeros((functions.shape[0], self.problem.options + 1))
        if shocks is not None:
            for polynomial, hedged in zip(hermite(shocks, going.hermite_order).T, going.hedged, strict=False):
                increments[:, :-1] += polynomial[:, None] * (functions @ hedged)
        return increments


def next_used(worths: Floats, held: Floats, per_date: int) -> Counts:
    """(L1) Return [path, used] the best number used after a date.

    A tie waits, and so does whoever would be paid nothing by any option.

    Parameters
    ----------
    worths
        [path, option].
    held
        [path, used] what going on is worth with 0 to all used.
    per_date
        how many may be exercised.

    Examples
    --------
    >>> next_used(np.array([[3.0], [3.0], [0.0]]), np.array([[2.0, 0.0], [4.0, 0.0], [-1.0, 0.0]]), 1)
    array([[1, 1],
           [0, 1],
           [0, 1]])
    """
    paths, used = held.shape
    score = summed(worths) + held
    best, choice = score.copy(), np.tile(np.arange(used), (paths, 1))
    pays = worths.max(axis=1, keepdims=True) > 0.0
    for more in range(1, min(per_date, used - 1) + 1):
        better = (score[:, more:] > best[:, :-more]) & pays
        best[:, :-more][better] = score[:, more:][better]
        choice[:, :-more] += np.where(better, np.arange(more, used) - choice[:, :-more], 0)
    return choice


def summed(worths: Floats) -> Floats:
    """Return [path, used] what the first so many options are worth together."""
    totals = np.zeros((worths.shape[0], worths.shape[1] + 1))
    np.cumsum(worths, axis=1, out=totals[:, 1:])
    return totals


def learn_policy(problem: Problem, paths: Paths, splines: Splines) -> Policy:
    """Return the rule that regression finds on a sample of paths.

    Raises
    ------
    ValueError
        When there are fewer paths than functions to regress on, or a pay-off is no finite number.
    """
    brought = np.zeros((paths.number, problem.options + 1))
    going: list[Going] = []
    for date in reversed(range(problem.dates)):
        worths = problem.worth(date, paths.states[date])
        held, known = np.zeros_like(brought), worths
        if date < problem.dates - 1:
            shocks = None if paths.shocks is None else paths.shocks[date]
            regressed, held, brought = _regressed(brought, paths.states[date], worths, shocks, splines)
            going.append(regressed)
            known = regressed.basis.known(worths)
        totals = summed(worths)
        choice = next_used(known, held, problem.per_date)
        taken = totals + brought
        brought = np.take_along_axis(taken, choice, axis=1) - totals
    return Policy(problem, tuple(reversed(going)))


def _regressed(
    brought: Floats, states: Floats, worths: Floats, shocks: Floats | None, splines: Splines
) -> tuple[Going, Floats, Floats]:
    """(L3) Return the regression, what going on is worth [path, used], and what is brought less dM."""
    basis = StateBasis.fitted(states, worths, splines)
    functions = basis.of(states, worths)
    paths, rank = functions.shape
    polynomials = np.ones((paths, 1))
    if shocks is not None:
        polynomials = np.hstack([polynomials, hermite(shocks, splines.hermite_order)])
    products = (polynomials[:, :, None] * functions[:, None, :]).reshape(paths, -1)
    if paths <= products.shape[1]:
        raise ValueError(f"paths: found {paths}, more than {products.shape[1]} are needed to learn a rule")
    coefficients = _least_squares(products, brought[:, :-1])
    held, less = np.zeros_like(brought), brought.copy()
    held[:, :-1] = functions @ coefficients[:rank]
    less[:, :-1] -= products[:, rank:] @ coefficients[rank:]
    hedged = coefficients[rank:].reshape(-1, rank, coefficients.shape[1])
    return Going(basis, coefficients[:rank], hedged, splines.hermite_order), held, less


def _least_squares(columns: Floats, targets: Floats) -> Floats:
    """Return [column, target] coefficients; the columns are nearly orthonormal, so their squares are safe."""
    solved: Floats = np.linalg.lstsq(columns.T @ columns, columns.T @ targets, rcond=1e-10)[0].astype(float)
    return solved
