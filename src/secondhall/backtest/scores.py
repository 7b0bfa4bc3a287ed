"""What a forecast is worth once the figure is known: coverage of its bands, CRPS, bias."""

from __future__ import annotations

import math

import numpy as np

from secondhall.company.layout import Floats

__all__ = ["crps_of_normal", "crps_of_sample", "inside"]


def crps_of_sample(sample: Floats, value: float) -> float:
    """Return the continuous ranked probability score of equally likely members, in the figure's unit.

    The fair estimator: unbiased for the score of the law that the m members are drawn from,

        sum_i |x_i - y| / m  -  sum_ij |x_i - x_j| / (2 m (m - 1)),

    where the plain one counts each member also beside itself. Ferro (2014), *Quarterly Journal of the Royal
    Meteorological Society* 140, 1917. 0 is perfect; a point forecast scores its absolute error.

    Parameters
    ----------
    sample
        [member].
    value
        the figure that came.

    Examples
    --------
    >>> crps_of_sample(np.array([1.0, 3.0]), 2.0)
    0.0
    >>> crps_of_sample(np.array([5.0]), 2.0)
    3.0
    """
    ordered = np.sort(sample)
    members = ordered.size
    error = float(np.abs(ordered - value).mean())
    if members < 2:
        return error
    # The sum over all pairs, by ranks: sum_ij |x_i - x_j| = 2 sum_i (2 i - m - 1) x_(i).
    ranks = 2.0 * np.arange(1, members + 1) - members - 1.0
    return error - float((ranks * ordered).sum()) / (members * (members - 1))


def crps_of_normal(mean: float, deviation: float, value: float) -> float:
    """Return the continuous ranked probability score of a normal law.

        s (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi)),  z = (y - m)/s

    Gneiting and Raftery (2007), *Journal of the American Statistical Association* 102, 359, equation 21.

    Examples
    --------
    >>> round(crps_of_normal(0.0, 1.0, 0.0), 6)
    0.233695
    """
    if deviation <= 0.0:
        return abs(value - mean)
    z = (value - mean) / deviation
    below = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return deviation * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))


def inside(low: float, high: float, value: float) -> bool:
    """Return whether a figure lies in a band, its ends included."""
    return low <= value <= high
