"""Order sizes are learned exactly: calibration, a twin by quadrature, no bias where room was scarce."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from secondhall.belief.ledger.grid import grid_draws
from secondhall.belief.ledger.sizes import Sizes, size_draws, steps_of
from secondhall.case import Quantity

MEAN = Quantity(mid=12.0, low=8.0, high=20.0, minimum=0.0)
VARIATION = Quantity(mid=1.0, low=0.6, high=1.7, minimum=0.0)
NO_ROOM_LIMIT = 1e9


def uniform_ranks(ranks: list[int], of: int) -> float:
    """Return the p-value that ranks of 0 to ``of`` are uniform, in ten bins."""
    counts = np.histogram(ranks, bins=10, range=(0, of + 1))[0]
    return float(stats.chisquare(counts).pvalue)


def orders_of(mean: float, variation: float, room: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one order for each room, drawn until it fits."""
    shape = variation**-2
    sizes = rng.gamma(shape, mean / shape, room.size)
    while (large := sizes > room).any():
        sizes[large] = rng.gamma(shape, mean / shape, int(large.sum()))
    return sizes


@pytest.mark.parametrize("step", [0.0, pytest.param(0.5, marks=pytest.mark.slow)])
def test_the_truth_ranks_evenly_among_the_draws(step: float) -> None:
    """Simulation-based calibration (Talts et al., 2018): 300 truths from the priors, 99 draws each."""
    rng = np.random.default_rng(20)
    ranks: dict[str, list[int]] = {"mean": [], "variation": []}
    for _ in range(300):
        mean, variation = (float(q.at_normal(rng.standard_normal())) for q in (MEAN, VARIATION))
        room = rng.choice([12.0, 30.0, 200.0], 25)
        sizes = orders_of(mean, variation, room + step / 2, rng)
        if step:
            sizes = np.round(sizes / step) * step
        rows = Sizes.of(sizes, room)
        rows = Sizes(rows.sizes, rows.count, step, rows.room, rows.orders)
        draws = size_draws(rows, MEAN, VARIATION, 99, rng)
        ranks["mean"].append(int((draws[0] < mean).sum()))
        ranks["variation"].append(int((draws[1] < variation).sum()))
    for name, found in ranks.items():
        assert uniform_ranks(found, 99) > 1e-3, name


def test_the_posterior_is_that_of_a_quadrature() -> None:
    """A twin that knows neither grid nor scores: the posterior mean of the mean by nested quadrature."""
    rng = np.random.default_rng(3)
    sizes = rng.gamma(1.5, 8.0, 15)
    certain = Quantity(mid=0.8)

    def density(score: float) -> float:
        mean = float(MEAN.at_normal(score))
        shape = 0.8**-2
        logs = stats.gamma.logpdf(sizes, shape, scale=mean / shape).sum()
        return float(np.exp(logs - 15 * np.log(0.04)) * stats.norm.pdf(score))

    norm = integrate.quad(density, -8, 8, epsabs=0, limit=200)[0]
    first = integrate.quad(lambda z: density(z) * MEAN.at_normal(z), -8, 8, epsabs=0, limit=200)[0] / norm
    draws, _ = size_draws(Sizes.of(sizes, np.full(15, NO_ROOM_LIMIT)), MEAN, certain, 20_000, rng)
    assert abs(draws.mean() - first) < 4 * draws.std() / np.sqrt(20_000)


def test_orders_that_found_no_room_do_not_bias_the_mean() -> None:
    """With room for a mean order only, what is seen is far smaller than what was asked for."""
    rng = np.random.default_rng(4)
    room = np.full(4000, 12.0)
    sizes = orders_of(12.0, 1.0, room, rng)
    blind, _ = size_draws(Sizes.of(sizes, np.full(4000, NO_ROOM_LIMIT)), MEAN, VARIATION, 2000, rng)
    knowing, _ = size_draws(Sizes.of(sizes, room), MEAN, VARIATION, 2000, rng)
    assert blind.max() < 8.0
    assert np.quantile(knowing, 0.005) < 12.0 < np.quantile(knowing, 0.995)


def test_rounded_sizes_near_zero_are_taken_as_intervals() -> None:
    """A variation of 1.6 puts many orders below the step; as points they would bend it by several errors."""
    rng = np.random.default_rng(5)
    shape = 1.6**-2
    sizes = np.maximum(np.round(rng.gamma(shape, 3.0 / shape, 20_000), 0), 0.0)
    wide = Quantity(mid=1.0, low=0.5, high=2.0)
    rows = Sizes.of(sizes, np.full(sizes.size, NO_ROOM_LIMIT))
    assert rows.step == 1.0
    learned = size_draws(rows, Quantity(mid=3.0, low=2.0, high=4.5), wide, 2000, rng)
    for draws, truth in zip(learned, (3.0, 1.6), strict=True):
        assert np.quantile(draws, 0.001) < truth < np.quantile(draws, 0.999)


def test_a_field_that_is_certain_stays() -> None:
    draws = size_draws(
        Sizes.of(np.array([3.0, 9.1]), np.full(2, 99.0)),
        MEAN,
        Quantity(mid=1.0),
        50,
        np.random.default_rng(1),
    )
    assert (draws[1] == 1.0).all()
    assert draws[0].std() > 0.0


@pytest.mark.parametrize(
    ("sizes", "step"),
    [([1.0, 20.0], 10.0**0), ([0.1, 2.5], 0.1), ([0.25, 3.0], 0.01), ([500.0, 2500.0], 100.0)],
)
def test_the_step_of_rounded_sizes_is_found(sizes: list[float], step: float) -> None:
    assert steps_of(np.array(sizes)) == pytest.approx(step)


def test_the_grid_draws_a_narrow_correlated_normal() -> None:
    """Mean, deviations and correlation of a normal ten thousand times narrower than the box, four errors."""
    rng = np.random.default_rng(6)

    def density(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        a, b = (x - 1.0) / 1e-3, (y + 2.0) / 2e-3
        return np.asarray(-(a**2 - 2 * 0.6 * a * b + b**2) / (2 * (1 - 0.36)))

    x, y = grid_draws(density, [(-9.0, 9.0), (-9.0, 9.0)], 20_000, rng)
    root = np.sqrt(20_000)
    assert np.unique(x).size == x.size
    assert abs(x.mean() - 1.0) < 4e-3 / root
    assert abs(y.mean() + 2.0) < 8e-3 / root
    assert abs(x.std() / 1e-3 - 1.0) < 4 / np.sqrt(2) / root + 0.005  # a histogram of some fifty cells
    assert abs(np.corrcoef(x, y)[0, 1] - 0.6) < 4 * (1 - 0.36) / root
