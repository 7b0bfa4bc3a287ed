"""The samplers have the distributions they are named for: chi-square and Kolmogorov-Smirnov against scipy.

The seed is fixed, so a test passes always or never; drawn anew, a right sampler would fail once in 10,000.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from secondhall.company.chance import Purpose
from secondhall.company.kernels import samplers
from secondhall.company.layout import LANES

SEED = 1848
BLOCKS = 3000
DRAWS = BLOCKS * LANES
FALSE_ALARM = 1e-4
LEAST_EXPECTED = 10.0

Floats = NDArray[np.float64]


def drawn(draw: Callable[..., None], *arguments: float, outs: int = 1) -> list[Floats]:
    """Draws [path] of a sampler with the same arguments on every path."""
    results = [np.empty(DRAWS) for _ in range(outs)]
    lanes = [np.full(LANES, argument) for argument in arguments]
    for path0 in range(0, DRAWS, LANES):
        paths = np.arange(path0, path0 + LANES)
        draw(
            SEED, paths, 1, Purpose.ORDERS, 0, *lanes, *(result[path0 : path0 + LANES] for result in results)
        )
    return results


def cell_edges(law: Any) -> list[float]:
    """The last count of each cell but the last, such that every cell expects LEAST_EXPECTED draws or more."""
    counts = np.arange(law.ppf(1e-9), law.ppf(1 - 1e-9) + 1)
    edges: list[float] = []
    taken = 0.0
    for count, below in zip(counts, DRAWS * law.cdf(counts), strict=True):
        if min(below - taken, DRAWS - below) >= LEAST_EXPECTED:
            edges.append(count)
            taken = below
    return edges


def chi_square_probability(counts: Floats, law: Any) -> float:
    """Probability of a worse fit than that of the counts to their law."""
    edges = cell_edges(law)
    expected = DRAWS * np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    observed = np.bincount(np.searchsorted(edges, counts), minlength=expected.size)
    return float(stats.chisquare(observed, expected).pvalue)


@pytest.mark.parametrize("mean", [0.05, 1.0, 9.0, 29.9, 30.0, 31.0, 200.0, 1e4, 1e6])
def test_S3_S4_poisson_fits(mean: float) -> None:
    (counts,) = drawn(samplers.poisson, mean)
    assert chi_square_probability(counts, stats.poisson(mean)) > FALSE_ALARM


@pytest.mark.parametrize(
    ("number", "probability"),
    [
        (1, 0.3), (20, 0.01), (20, 0.5), (20, 0.55), (20, 0.9), (59, 0.5), (60, 0.5), (61, 0.5),
        (300, 0.0999), (300, 0.1001), (300, 0.9), (10**4, 0.25), (10**6, 1e-5), (10**6, 0.5),
    ],
)  # fmt: skip
def test_S3_S4_binomial_fits(number: int, probability: float) -> None:
    (counts,) = drawn(samplers.binomial, number, probability)
    assert chi_square_probability(counts, stats.binom(number, probability)) > FALSE_ALARM


@pytest.mark.parametrize("shape", [0.1, 0.5, 0.99, 1.0, 3.0, 40.0, 1e5])
def test_S2_gamma_fits(shape: float) -> None:
    (values,) = drawn(samplers.gamma, shape)
    assert stats.kstest(values, stats.gamma(shape).cdf).pvalue > FALSE_ALARM


def test_S1_both_normals_fit_and_are_uncorrelated() -> None:
    a, b = drawn(samplers.normal_pairs, outs=2)
    for values in (a, b):
        assert stats.kstest(values, "norm").pvalue > FALSE_ALARM
    assert stats.pearsonr(a, b).pvalue > FALSE_ALARM
    assert stats.pearsonr(a**2, b**2).pvalue > FALSE_ALARM


def test_R_months_purposes_and_indices_are_uncorrelated() -> None:
    places = [(1, 1, 0), (2, 1, 0), (1, 2, 0), (1, 1, 1)]
    normals = np.empty((len(places), DRAWS))
    spare = np.empty(LANES)
    for row, place in zip(normals, places, strict=True):
        for path0 in range(0, DRAWS, LANES):
            paths = np.arange(path0, path0 + LANES)
            samplers.normal_pairs(SEED, paths, *place, row[path0 : path0 + LANES], spare)
    # if independent, the sum of squared correlations, times the draws, is chi-square, one degree a pair
    pairs = np.triu_indices(len(places), 1)
    statistic = DRAWS * np.sum(np.corrcoef(normals)[pairs] ** 2)
    assert stats.chi2(pairs[0].size).sf(statistic) > FALSE_ALARM
