"""The penalty: what hindsight must pay, a martingale chosen so that little is left of it.

With Y_k(t) what committing a size k at date t brings over never and G_t all that chance has decided before t,
no rule of the class brings more than ::

    bound = E max( max over t, k of  E[Y_k(t) | G_t] - M(t),   - M(last) )                          (U2)
    M(t + 1) = M(t) + sum_c w_c(t) ( E[X_c(t + 1) | G_(t + 1)] - E[X_c(t + 1) | G_t] )              (U3)

for any policies c, X_c(t) being what policy c brings when it may begin at date t, and any weights w_c(t)
that depend on what is known at t alone: M has mean zero under every rule that cannot see the future (Brown,
Smith & Sun 2010, proposition 2.2; Rogers 2002). The policies are "commit size k at the next date" for the
sizes that are worth most, and the rule that is recommended. Their weights depend on how far each is in the
money::

    w_c(t) = a_c + b_c s(4 v) + c_c s(4 v - 2) + d_c s(4 v) t,      v = E[X_c(t) | G_t] / its spread (U4)

with s the logistic function; for a size only while it is the best of them. Weights are told by one half of
the inner futures and the step of the martingale by the other: with the same, the weights would know the error
of the step, and the penalty would not have mean zero. The coefficients minimise the bound over other paths
than those on which it is told (Desai, Farias & Moallemi 2012), the maximum smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.decide.bound.futures_within import Expected

__all__ = ["Hedge", "bounded", "learn_hedge"]

SMOOTHED = (0.1, 0.03, 0.01)
"""Widths of the smoothed maximum, one minimisation after the other, in spreads of what plans bring."""

RIDGE = 3e-3
"""Price of the squared coefficients, in the same unit: they are learned from few paths."""


@dataclass(frozen=True, slots=True, eq=False)
class Hedge:
    """The weights of the penalty.

    Attributes
    ----------
    scale
        [policy] the spread by which (U4) measures how far a policy is in the money.
    weights
        [policy and function of it].
    """

    scale: Floats
    weights: Floats


def bounded(expected: Expected, hedge: Hedge) -> Floats:
    """(U2) Return [path] the best plan with hindsight, less the penalty."""
    penalty = np.tensordot(hedge.weights, _martingales(expected, hedge.scale), 1)
    reached: Floats = np.maximum((_best(expected) - penalty).max(axis=0), -penalty[-1])
    return reached


def learn_hedge(expected: Expected) -> Hedge:
    """Return the penalty that makes the bound least over some paths."""
    from scipy.optimize import minimize

    values = _values(expected)
    early = 1 + values.shape[1] // 8
    scale = np.maximum(values[:, :early].std(axis=(0, 1, 3)), 1e-9)
    unit = max(float(expected.now.std()), 1e-9)
    martingales = _martingales(expected, scale) / unit
    best = _best(expected) / unit
    weights = np.zeros(len(martingales))
    for width in SMOOTHED:
        weights = minimize(_smoothed, weights, (best, martingales, width), jac=True, method="L-BFGS-B").x
    return Hedge(scale, weights)


def _smoothed(weights: Floats, best: Floats, martingales: Floats, width: float) -> tuple[float, Floats]:
    """Return the bound with its maximum smoothed, and its gradient."""
    penalty = np.tensordot(weights, martingales, 1)
    reached = np.vstack([best - penalty, -penalty[-1:]])
    top = reached.max(axis=0)
    shares = np.exp((reached - top) / width)
    total = shares.sum(axis=0)
    shares /= total * top.size
    shares[-2] += shares[-1]  # never pays the whole penalty, as does who commits at the last date
    value = float((top + width * np.log(total)).mean() + RIDGE * weights @ weights)
    gradient: Floats = 2.0 * RIDGE * weights - np.tensordot(martingales, shares[:-1], 2)
    return value, gradient


def _best(expected: Expected) -> Floats:
    """Return [date, path] what the best size is expected to bring."""
    best: Floats = expected.now.mean(axis=0).max(axis=1)
    return best


def _values(expected: Expected) -> Floats:
    """Return [half, date, policy, path] what each policy that hedges brings when it begins at a date."""
    return np.concatenate([expected.now[:, :, list(expected.hedges)], expected.rule[:, :, None]], axis=2)


def _martingales(expected: Expected, scale: Floats) -> Floats:
    """(U3, U4) Return [policy and function, date, path] the martingales of weight one."""
    values = _values(expected)
    nexts = np.concatenate([expected.next_date, expected.rule_next[:, :, None]], axis=2)
    steps = values[:, 1:] - nexts[:, :-1]
    functions = _functions(values[:, :-1], scale)
    moved = (functions * steps[::-1]).mean(axis=1)  # [function, date, policy, path]
    moved = np.moveaxis(moved, 2, 1).reshape(-1, steps.shape[1], steps.shape[-1])
    begun = np.zeros((len(moved), 1, steps.shape[-1]))
    return np.concatenate([begun, np.cumsum(moved, axis=1)], axis=1)


def _functions(values: Floats, scale: Floats) -> Floats:
    """(U4) Return [function, half, date, policy, path] the functions that are weighed."""
    money = values / scale[:, None]
    leads = np.ones_like(money)
    leads[:, :, :-1] = values[:, :, :-1] >= values[:, :, :-1].max(axis=2, keepdims=True, initial=-np.inf)
    dates = values.shape[1]
    late = (np.arange(dates) / (dates + 1))[:, None, None]
    inside = _logistic(4.0 * money)
    found: Floats = leads * np.stack(
        [np.ones_like(money), inside, _logistic(4.0 * money - 2.0), inside * late]
    )
    return found


def _logistic(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), safe for large x."""
    half: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return half
