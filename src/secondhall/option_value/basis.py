"""Functions of the state and of the shocks on which values are regressed.

Of the state: cubic splines in each standardised feature, mixed powers of two of them up to the third degree,
and what exercise pays, which brings the kink of the pay-off in. They are made orthonormal over the fitted
sample through a QR and a singular value decomposition, so that the regressions are well conditioned and a
state that does not vary (such as now, where all paths are one) is no special case.

Of the shocks: normalised Hermite polynomials, whose mean is zero and which are orthogonal whatever the state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.futures.results import Floats

__all__ = ["Splines", "StateBasis", "hermite"]

INDEPENDENT = 1e-7
"""A direction of the functions counts if it varies by more than this share of the widest."""

EDGE = 5
"""Features and pay-offs are cut where this many paths of the sample lie beyond: none decides alone..."""

WIDEST_EDGE = 0.05
"""...or, in a small sample, this share of it."""


@dataclass(frozen=True, slots=True)
class Splines:
    """How rich the functions are.

    Attributes
    ----------
    knots
        inner knots of the spline in each feature.
    hermite_order
        the highest order of the polynomials in one shock.

    Raises
    ------
    ValueError
        With fewer than 0 knots or an order below 1.
    """

    knots: int = 12
    hermite_order: int = 3

    def __post_init__(self) -> None:
        if self.knots < 0:
            raise ValueError(f"knots: found {self.knots}, 0 or more are accepted")
        if self.hermite_order < 1:
            raise ValueError(f"hermite_order: found {self.hermite_order}, at least 1 is accepted")


@dataclass(frozen=True, slots=True, eq=False)
class StateBasis:
    """Orthonormal functions of the state at one date.

    Attributes
    ----------
    centre, scale
        [feature] the features are standardised by.
    features
        [end, feature] the standardised features are cut to.
    worths
        [end, option] what exercise is worth is cut to: beyond what the sample knows, all is as at its edge.
    knots
        [knot, feature] of the standardised features.
    whitening
        [raw function, function].
    """

    centre: Floats
    scale: Floats
    features: Floats
    worths: Floats
    knots: Floats
    whitening: Floats

    @classmethod
    def fitted(cls, states: Floats, worths: Floats, splines: Splines) -> StateBasis:
        """Return the functions that suit a sample of states [path, feature] with pay-offs [path, option]."""
        centre, spread = states.mean(axis=0), states.std(axis=0)
        scale = np.where(spread > 1e-12 * (1.0 + np.abs(centre)), spread, np.inf)
        scores, features = _cut((states - centre) / scale)
        known, ends = _cut(worths)
        knots = _knots(scores, worths, splines.knots)
        raw = _raw(scores, known, knots)
        _, spans, turned = np.linalg.svd(np.linalg.qr(raw, mode="r"), full_matrices=False)
        kept = spans > INDEPENDENT * spans[0]
        whitening = turned[kept].T / spans[kept] * np.sqrt(states.shape[0])
        return cls(centre, scale, features, ends, knots, whitening)

    def known(self, worths: Floats) -> Floats:
        """Return what exercise is worth, cut to what the fitted sample knows."""
        return np.clip(worths, *self.worths)

    def of(self, states: Floats, worths: Floats) -> Floats:
        """Return [path, function]."""
        scores = np.clip((states - self.centre) / self.scale, *self.features)
        functions: Floats = _raw(scores, self.known(worths), self.knots) @ self.whitening
        return functions


def _cut(sample: Floats) -> tuple[Floats, Floats]:
    """Return columns [path, column] cut at their edges, and the edges [end, column]."""
    share = min(EDGE / sample.shape[0], WIDEST_EDGE)
    ends = np.quantile(sample, (share, 1.0 - share), axis=0)
    return np.clip(sample, *ends), ends


def _knots(scores: Floats, worths: Floats, number: int) -> Floats:
    """Return [knot, feature] at quantiles: half of all paths, half of those where exercise pays."""
    paying = scores[(worths > 0.0).any(axis=1)]
    among_paying = number // 2 if paying.shape[0] > EDGE * number else 0
    knots: Floats = np.vstack([_quantiles(scores, number - among_paying), _quantiles(paying, among_paying)])
    return knots


def _quantiles(scores: Floats, number: int) -> Floats:
    """Return [quantile, feature], equally spaced in probability."""
    levels = np.arange(1, number + 1) / (number + 1)
    return np.quantile(scores, levels, axis=0) if number else scores[:0]


def _raw(scores: Floats, worths: Floats, knots: Floats) -> Floats:
    """Return [path, raw function]: 1, powers, cubes above each knot, mixed powers, pay-offs."""
    paths, features = scores.shape
    which = sorted({0, worths.shape[1] // 2, worths.shape[1] - 1})
    above = np.maximum(scores[:, None, :] - knots, 0.0)
    mixed = [
        scores[:, i] * scores[:, j] * factor
        for i in range(features)
        for j in range(i)
        for factor in (1.0, scores[:, i], scores[:, j])
    ]
    return np.column_stack(
        [
            np.ones(paths),
            scores,
            scores * scores,
            scores * scores * scores,
            (above * above * above).reshape(paths, knots.size),
            *mixed,
            np.maximum(worths[:, which], 0.0),
        ]
    )


def hermite(shocks: Floats, order: int) -> Floats:
    """Return [path, function] of shocks [path, factor]: He_k(z)/sqrt(k!) and products of two factors.

    He_1 = z, He_(k+1) = z He_k - k He_(k-1) (Abramowitz & Stegun 22.7.14). With independent standard normal
    shocks they have mean 0, variance 1 and no correlation.

    Examples
    --------
    >>> hermite(np.array([[2.0]]), 2).round(4).tolist()
    [[2.0, 2.1213]]
    """
    before, now = np.ones_like(shocks), shocks
    functions, factorial = [], 1.0
    for k in range(1, order + 1):
        factorial *= k
        functions.append(now / np.sqrt(factorial))
        before, now = now, shocks * now - k * before
    factors = shocks.shape[1]
    pairs = [shocks[:, [i]] * shocks[:, [j]] for i in range(factors) for j in range(i) if order > 1]
    return np.hstack([*functions, *pairs])
