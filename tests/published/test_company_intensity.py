"""The log-intensity is a geometric Brownian motion or an Ornstein-Uhlenbeck process, seen monthly.

Both are Gaussian, and the step of a month is exact for both: there is no step error. What is seen is not the
intensity L but the new customers, N ~ Poisson(L) given L (O1). Their factorial moments are those of the
intensity, E N = E L, E N (N - 1) = E L^2, E N_s N_t = E L_s L_t, and for a lognormal intensity

    ln E L^2 - 2 ln E L = variance of ln L,       ln E L_s L_t - ln E L_s - ln E L_t = covariance of ln L
    2 ln E L - ln E L^2 / 2 = mean of ln L

The standard errors are those of the delta method over independent paths. Its bias is half a squared error.

    dL = a L dt + s L dW          E L = L0 e^(a t),  Var L = L0^2 e^(2 a t) (e^(s^2 t) - 1)
                                  mean of ln L = ln L0 + (a - s^2 / 2) t,  Cov(ln L_u, ln L_t) = s^2 min(u, t)
    dx = -k (x - m) dt + s dW     stationary variance s^2 / (2 k), autocorrelation e^(-k lag)

(Dixit & Pindyck 1994, *Investment under Uncertainty*, chapter 3). In a month the second is x += K (m - x) +
S e with K = 1 - e^-k and S^2 = s^2 (1 - e^(-2 k)) / (2 k) = (1 - (1 - K)^2) s^2 / (2 k), which is M3.
"""

import math
from functools import cache

import pytest
from tests.published.small_company import Values, mean_and_error, played, small_company

from secondhall.company.layout import Floats

START_INTENSITY = 20.0
SEED = 1930

DRIFT, DEVIATION = 0.12 / 12.0, 0.2 / math.sqrt(12.0)
"""a and s of the geometric motion, a month"""
GEOMETRIC_MONTHS, GEOMETRIC_PATHS = 60, 65536
AFTER = pytest.mark.parametrize("after", [12, 36, 60])

REVERSION, NOISE = 0.2, 0.3
"""k and s of the reverting process, a month"""
WARM_UP, REVERTING_MONTHS, REVERTING_PATHS = 60, 180, 16384

HALL: Values = {"capacity": 1e9}


def error_of(influence: Floats) -> float:
    return mean_and_error(influence)[1]


@cache
def geometric() -> Floats:
    """Return the new customers [month, path] of a segment that knows no level to revert to."""
    segment: Values = {
        "log_intensity": math.log(START_INTENSITY),
        "growth": DRIFT - DEVIATION**2 / 2.0,
        "volatility": DEVIATION,
    }
    company = small_company(months=GEOMETRIC_MONTHS, segments=[segment], halls=[HALL])
    futures = played(company, paths=GEOMETRIC_PATHS, seed=SEED, keep=("new_customers",))
    return futures.kept["new_customers"]


@cache
def reverting() -> Floats:
    """Return the new customers [month, path] of a segment without growth, after the warm-up."""
    segment: Values = {
        "log_intensity": math.log(START_INTENSITY),
        "reversion": -math.expm1(-REVERSION),
        "volatility": NOISE * math.sqrt(-math.expm1(-2.0 * REVERSION) / (2.0 * REVERSION)),
    }
    company = small_company(months=WARM_UP + REVERTING_MONTHS, segments=[segment], halls=[HALL])
    futures = played(company, paths=REVERTING_PATHS, seed=SEED, keep=("new_customers",), since=WARM_UP)
    return futures.kept["new_customers"]


@AFTER
def test_O1_M2_M3_orders_have_the_mean_of_the_geometric_motion(after: int) -> None:
    mean, error = mean_and_error(geometric()[after - 1])
    assert mean == pytest.approx(START_INTENSITY * math.exp(DRIFT * after), rel=0.0, abs=3.0 * error)


@AFTER
def test_O1_M2_M3_orders_vary_as_the_geometric_motion_and_poisson_together(after: int) -> None:
    """Var N = E L + Var L."""
    orders = geometric()[after - 1]
    mean = START_INTENSITY * math.exp(DRIFT * after)
    exact = mean + mean**2 * math.expm1(DEVIATION**2 * after)
    assert orders.var(ddof=1) == pytest.approx(
        exact, rel=0.0, abs=3.0 * error_of((orders - orders.mean()) ** 2)
    )


@AFTER
def test_M3_the_log_of_the_geometric_motion_has_the_published_mean_and_variance(after: int) -> None:
    orders = geometric()[after - 1]
    pairs = orders * (orders - 1.0)
    first, second = orders.mean(), pairs.mean()
    of_first, of_second = orders / first, pairs / second
    variance, mean = math.log(second / first**2), math.log(first**2 / math.sqrt(second))
    assert variance == pytest.approx(
        DEVIATION**2 * after, rel=0.0, abs=3.0 * error_of(of_second - 2.0 * of_first)
    )
    exact = math.log(START_INTENSITY) + (DRIFT - DEVIATION**2 / 2.0) * after
    assert mean == pytest.approx(exact, rel=0.0, abs=3.0 * error_of(2.0 * of_first - 0.5 * of_second))


def test_M3_the_geometric_motion_covaries_as_its_shared_past() -> None:
    early, late = geometric()[11], geometric()[59]
    product = (early * late).mean()
    covariance = math.log(product / (early.mean() * late.mean()))
    influence = early * late / product - early / early.mean() - late / late.mean()
    assert covariance == pytest.approx(DEVIATION**2 * 12, rel=0.0, abs=3.0 * error_of(influence))


def log_moments(lag: int) -> tuple[float, Floats, float, Floats, float, Floats]:
    """Return mean, variance and lagged covariance of the reverting log-intensity, each with its influences.

    Moments are means over months and paths; a path's means over its months are independent of the others'.
    """
    orders = reverting()
    each = (
        orders.mean(axis=0),
        (orders * (orders - 1.0)).mean(axis=0),
        (orders[lag:] * orders[:-lag]).mean(axis=0),
    )
    first, second, lagged = (float(sample.mean()) for sample in each)
    of_first, of_second, of_lagged = (sample / sample.mean() for sample in each)
    return (
        math.log(first**2 / math.sqrt(second)),
        2.0 * of_first - 0.5 * of_second,
        math.log(second / first**2),
        of_second - 2.0 * of_first,
        math.log(lagged / first**2),
        of_lagged - 2.0 * of_first,
    )


def test_M3_the_reverting_process_has_forgotten_its_start() -> None:
    """From ln L0 the variance is the stationary one less a share e^(-2 k t): below any error here."""
    *_, influence, _, _ = log_moments(1)
    assert NOISE**2 / (2.0 * REVERSION) * math.exp(-2.0 * REVERSION * WARM_UP) < 1e-3 * error_of(influence)


def test_M3_the_reverting_process_has_the_published_mean_and_stationary_variance() -> None:
    mean, of_mean, variance, of_variance, *_ = log_moments(1)
    assert mean == pytest.approx(math.log(START_INTENSITY), rel=0.0, abs=3.0 * error_of(of_mean))
    assert variance == pytest.approx(NOISE**2 / (2.0 * REVERSION), rel=0.0, abs=3.0 * error_of(of_variance))


@pytest.mark.parametrize("lag", [1, 3, 6, 12])
def test_M3_the_reverting_process_has_the_published_autocorrelation(lag: int) -> None:
    _, _, variance, of_variance, covariance, of_covariance = log_moments(lag)
    correlation = covariance / variance
    influence = (of_covariance - correlation * of_variance) / variance
    assert correlation == pytest.approx(math.exp(-REVERSION * lag), rel=0.0, abs=3.0 * error_of(influence))
