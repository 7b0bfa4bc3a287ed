"""Against QuantLib's own engines: finite differences agree, and its Longstaff-Schwartz engine is slower.

Both are given the put of Longstaff & Schwartz 2001, table 1, with S 40, T 1, 50 dates. QuantLib counts days:
a step is 7 of 360, so its year is 350/360, and rate and variance are scaled up by 360/350, which leaves r t
and sigma^2 t as they are.

A Monte-Carlo error falls with the square root of the time spent, so time x error^2 does not depend on how
many paths are taken. QuantLib's engine is raced as it comes, and with the best it offers: antithetic paths
and the European option as control variate. One thread each, in one run; learning counts on both sides.
"""

import math
import time

import pytest
import QuantLib as ql  # noqa: N813
from tests.option_problems import Lognormal, put_paying
from threadpoolctl import threadpool_limits

from secondhall.option_value import value_options

PUT = Lognormal(start=40.0, intervals=50, step=0.02, pays=put_paying(40.0))
DAYS_A_STEP, DAYS_A_YEAR = 7, 360
SEED = 2001


def process() -> tuple[ql.BlackScholesMertonProcess, ql.Date]:
    today, count = ql.Date(1, 1, 2025), ql.Actual360()
    ql.Settings.instance().evaluationDate = today
    stretch = PUT.step * DAYS_A_YEAR / DAYS_A_STEP

    def flat(rate: float) -> ql.YieldTermStructureHandle:
        return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count))

    sigma = ql.BlackConstantVol(today, ql.NullCalendar(), PUT.sigma * math.sqrt(stretch), count)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(PUT.start)),
        flat(PUT.dividend * stretch),
        flat(PUT.rate * stretch),
        ql.BlackVolTermStructureHandle(sigma),
    ), today


def dates_from(today: ql.Date) -> list[ql.Date]:
    return [today + DAYS_A_STEP * date for date in range(1, PUT.intervals + 1)]


def by_quantlib(*, samples: int, control: bool) -> tuple[float, float, float]:
    """Return value, error, seconds."""
    walk, today = process()
    option = ql.VanillaOption(
        ql.PlainVanillaPayoff(ql.Option.Put, 40.0), ql.AmericanExercise(today, dates_from(today)[-1])
    )
    option.setPricingEngine(
        ql.MCAmericanEngine(
            walk,
            "pseudorandom",
            timeSteps=PUT.intervals,
            antitheticVariate=control,
            controlVariate=control,
            requiredSamples=samples,
            seed=SEED,
            polynomOrder=3,
            nCalibrationSamples=4096,
        )
    )
    begun = time.perf_counter()
    value = option.NPV()
    return value, option.errorEstimate(), time.perf_counter() - begun


def test_finite_differences_agree_with_the_quadrature_of_the_tests() -> None:
    """Theirs is off by less than half of what the published column may be off by, on 1000 x 1000 steps."""
    walk, today = process()
    option = ql.VanillaOption(
        ql.PlainVanillaPayoff(ql.Option.Put, 40.0), ql.BermudanExercise(dates_from(today))
    )
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(walk, 1000, 1000))
    assert option.NPV() == pytest.approx(PUT.by_quadrature()[0], abs=2.5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("control", [False, True])
def test_L3_the_same_error_takes_less_time_than_in_quantlib(control: bool) -> None:
    exact = PUT.by_quadrature()[0]
    with threadpool_limits(1):
        begun = time.perf_counter()
        ours = value_options(PUT.problem(), seed=SEED, bound=None).lower
        seconds = time.perf_counter() - begun
    value, error, spent = by_quantlib(samples=50_000, control=control)
    assert abs(ours.value - exact) <= 3.0 * ours.error
    assert value == pytest.approx(exact, abs=0.02), "the engines are asked the same question"
    ratio = spent * error**2 / (seconds * ours.error**2)
    print(f"QuantLib {value:.4f} ± {error:.4f} in {spent:.2f} s, ratio {ratio:.1f}")
    assert ratio > 1.0
