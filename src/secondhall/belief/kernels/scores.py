"""Every unknown as a function of a standard normal score, so that the prior is one Gaussian.

    (A1) value = mid + (high - mid) (b^w - 1)/(b - 1), b = (high - mid)/(mid - low), w = score x a

clipped to the field's range; a = 1/Phi^-1((1 + confidence)/2). It is `Quantity.at_normal`, compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.compiled import compiled, inlined
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Statements", "set_values", "value_at"]

STRAIGHT, STEEPEST = 1e-9, 600.0


class Statements(NamedTuple):
    """What is stated of every parameter; all [parameter].

    Attributes
    ----------
    mid, above, below, log_skew
        the middle, high - mid, mid - low, and ln(above/below); above = below = 0 for what is certain.
    per_score
        a, which turns a standard normal score into w.
    minimum, maximum
        the range that the field accepts.
    """

    mid: Floats
    above: Floats
    below: Floats
    log_skew: Floats
    per_score: Floats
    minimum: Floats
    maximum: Floats


@inlined
def _skewed(above: float, log_skew: float, w: float) -> float:
    share = np.exp(-log_skew)
    if abs(w * log_skew) < 1.0:
        bent = share * np.expm1(w * log_skew)
    else:
        bent = np.exp(min((w - 1.0) * log_skew, STEEPEST)) - share
    return float(above * bent / -np.expm1(-log_skew))


@compiled
def value_at(stated: Statements, k: int, score: float) -> float:
    """(A1) Return parameter ``k`` at a score."""
    w, above, below, log_skew = (
        score * stated.per_score[k],
        stated.above[k],
        stated.below[k],
        stated.log_skew[k],
    )
    if above <= 0.0 or below <= 0.0:
        deviation = above * w if w > 0.0 else below * w
    elif abs(log_skew) < STRAIGHT:
        deviation = above * w
    elif log_skew > 0.0:
        deviation = _skewed(above, log_skew, w)
    else:
        deviation = -_skewed(below, -log_skew, -w)
    return float(min(max(stated.mid[k] + deviation, stated.minimum[k]), stated.maximum[k]))


@compiled
def set_values(stated: Statements, free: Integers, scores: Floats, values: Floats) -> None:
    """Fill ``values`` [parameter]: the mids, and what is free at its score."""
    values[:] = stated.mid
    for k in free:
        values[k] = value_at(stated, k, scores[k])
