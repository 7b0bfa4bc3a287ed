"""A hall without a waiting list loses the orders that Erlang's formula says (Erlang 1917).

    B(c, a) = (a^c / c!) / sum over n of a^n / n!        B(10, 10) = .21458234, B(20, 15) = .04559322

Orders of one unit come at the rate a h a month; each customer leaves in a month with the chance 1 - e^-h,
so stays 1/h months in the mean and the load is a. Erlang's hall is continuous, the company's is not: in a
month first customers leave (O6), then all orders come and fill what is free (P4). The hall after each month
is a chain with the matrix

    P = exp(h L) exp(h A),     L: n -> n - 1 at the rate n,     A: n -> n + 1 at the rate a, none from c on

for binomial leaving is the pure death process L run for a month and Poisson orders cut at the capacity are
the pure birth process A run for a month. Its stationary law and its blocking are computed here exactly.

The step error. The halls half way through the orders are a chain with the symmetric matrix exp(h A / 2)
exp(h L) exp(h A / 2) = exp(h (L + A) + O(h^3)), stationary at Erlang's law + O(h^2); an order of the month
meets the hall at a moment spread evenly around that half, so the odd powers of h cancel in the blocking as
well:

    blocking = B(c, a) + k2 h^2 + k4 h^4 + ...

With the chance h in place of 1 - e^-h customers leave at the rate -ln(1 - h) = h + h^2 / 2 + ..., so the
load is a (1 - h / 2 + ...) and the blocking is B - h (a / 2) dB/da + O(h^2), with dB/da = B (c / a - 1 + B).
"""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats
from tests.published.small_company import Values, mean_and_error, played, small_company

PUBLISHED = {(10, 10.0): 0.21458234, (20, 15.0): 0.04559322}
LAST_DIGIT = 0.5e-8
CASES = pytest.mark.parametrize(("servers", "load"), PUBLISHED)

STEP = 0.02
WARM_UP, MONTHS, PATHS = 750, 2000, 2048
SEED = 1917


@cache
def chain(servers: int, load: float, step: float, chance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix of a month [hall before, hall after] and the orders lost in it [hall before]."""
    halls = np.arange(servers + 1)
    orders = load * step
    left = stats.binom.pmf(halls[None, :], halls[:, None], 1.0 - chance)
    filled, lost = np.zeros_like(left), np.zeros(servers + 1)
    for hall in halls:
        room = servers - hall
        filled[hall, hall:servers] = stats.poisson.pmf(np.arange(room), orders)
        filled[hall, servers] = stats.poisson.sf(room - 1, orders)
        lost[hall] = orders * stats.poisson.sf(room - 1, orders) - room * stats.poisson.sf(room, orders)
    return left @ filled, left @ lost


def stationary(matrix: np.ndarray) -> np.ndarray:
    """Return the law p with p P = p."""
    size = len(matrix)
    equations = np.vstack([(matrix.T - np.eye(size))[:-1], np.ones(size)])
    return np.linalg.solve(equations, np.eye(size)[-1])


def monthly_blocking(servers: int, load: float, step: float, chance: float) -> float:
    """Return the share of orders that the stationary hall of months loses."""
    matrix, lost = chain(servers, load, step, chance)
    return float(stationary(matrix) @ lost / (load * step))


def leaving(step: float) -> float:
    return -math.expm1(-step)


@cache
def simulated(servers: int, load: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the units lost and the units ordered after the warm-up, [path] each."""
    segment: Values = {"log_intensity": math.log(load * STEP), "churn": leaving(STEP)}
    company = small_company(months=WARM_UP + MONTHS, segments=[segment], halls=[{"capacity": float(servers)}])
    futures = played(company, paths=PATHS, seed=SEED, keep=("lost_units", "ordered_units"), since=WARM_UP)
    return futures.kept["lost_units"].sum(axis=0), futures.kept["ordered_units"].sum(axis=0)


def blocking_and_error(servers: int, load: float) -> tuple[float, float]:
    """Return the share lost, and the standard error of a ratio of two means over independent paths."""
    lost, ordered = simulated(servers, load)
    share = float(lost.sum() / ordered.sum())
    return share, mean_and_error(lost - share * ordered)[1] / float(ordered.mean())


def warm_up_error(servers: int, load: float) -> float:
    """Bound what the empty start still moves: the distance of the laws, times the most a month can lose."""
    matrix, lost = chain(servers, load, STEP, leaving(STEP))
    start = np.linalg.matrix_power(matrix, WARM_UP)[0]
    return float(np.abs(start - stationary(matrix)).sum() * lost.max() / (load * STEP))


@CASES
def test_O1_O6_P4_P5_a_hall_loses_what_the_chain_of_months_loses(servers: int, load: float) -> None:
    share, error = blocking_and_error(servers, load)
    exact = monthly_blocking(servers, load, STEP, leaving(STEP))
    assert warm_up_error(servers, load) < 0.01 * error
    assert share == pytest.approx(exact, rel=0.0, abs=3.0 * error)


@CASES
def test_a_hall_loses_what_erlang_published(servers: int, load: float) -> None:
    share, error = blocking_and_error(servers, load)
    published = PUBLISHED[servers, load]
    step_error = abs(monthly_blocking(servers, load, STEP, leaving(STEP)) - published)
    assert step_error < error, "months are short enough for the comparison to mean something"
    assert share == pytest.approx(published, rel=0.0, abs=3.0 * error + step_error)


@CASES
def test_the_chain_of_months_tends_to_erlang_with_the_square_of_the_month(servers: int, load: float) -> None:
    """Halving h divides k2 h^2 + k4 h^4 + ... by 4 + O(h^2); Richardson's table removes the powers in turn.

    The ratio is off 4 by 3 (k4 / k2) h^2 + ..., itself divided by 4 in each halving, up to its own O(h^2).
    """
    published = PUBLISHED[servers, load]
    steps = [0.08 / 2**k for k in range(5)]
    table = np.array([monthly_blocking(servers, load, h, leaving(h)) for h in steps])
    limit = table
    for power in range(2, 2 * len(steps), 2):
        limit = (2**power * limit[1:] - limit[:-1]) / (2**power - 1)
    assert limit[0] == pytest.approx(published, rel=0.0, abs=LAST_DIGIT)
    off_four = np.abs((table[:-1] - limit[0]) / (table[1:] - limit[0]) - 4.0)
    assert off_four[-1] < 0.01
    assert np.all((off_four[:-1] / off_four[1:] > 3.0) & (off_four[:-1] / off_four[1:] < 5.0))


@CASES
def test_the_chance_h_in_place_of_the_rate_costs_the_first_order_that_is_derived(
    servers: int, load: float
) -> None:
    """(B - blocking) / h = (a / 2) dB/da + O(h): the rest halves with h, so its ratio is 2 + O(h)."""
    published = PUBLISHED[servers, load]
    slope = 0.5 * load * published * (servers / load - 1.0 + published)
    steps = np.array([0.01, 0.005, 0.0025])
    rest = [(published - monthly_blocking(servers, load, h, h)) / h - slope for h in steps]
    assert rest[0] / rest[1] == pytest.approx(2.0, abs=0.1)
    assert rest[1] / rest[2] == pytest.approx(2.0, abs=0.05)
