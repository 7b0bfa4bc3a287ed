"""The reverse stress test: shocks that do what they say, monotone laws, a shock at the edge of breaking."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company import known_parameters
from secondhall.company.layout import BOOM, BUST, STEADY
from secondhall.decide.choose import play_named
from secondhall.decide.imposed import Imposed, with_row
from secondhall.decide.rules import DatedPlan, Never
from secondhall.decide.stress import reverse_stress
from secondhall.decide.stress.reverse import HALF, Reverse, broken_share
from secondhall.decide.stress.shock import (
    Dispersion,
    Shock,
    beyond_the_regimes,
    dispersion_of,
    imposed,
    longest_run,
    mean_level,
)
from secondhall.decide.stress.words import reverse_words
from secondhall.futures import Estimate, Keep, RuleToPlay, play_rules
from secondhall.months import Month

PATHS = 256
SEED = 5


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def build(case: Case) -> DatedPlan:
    return DatedPlan.commit_now("paris_c", case.start)


@pytest.fixture(scope="module")
def found(case: Case, build: DatedPlan) -> Reverse:
    return reverse_stress(case, Prior(case), build, paths=PATHS, seed=SEED)


def test_no_shock_changes_no_byte(case: Case, build: DatedPlan) -> None:
    belief = Prior(case)
    still = Imposed(belief, lambda p: imposed(p, Shock()), known_too=False)
    one, other = (
        play_named(case, each, [build], paths=64, seed=SEED, banded=False)[0] for each in (belief, still)
    )
    np.testing.assert_array_equal(one.outcomes["npv"], other.outcomes["npv"])


def test_a_shock_like_a_scenario_of_the_case_plays_like_it(case: Case, build: DatedPlan) -> None:
    """The scenario: a bust of 24 months from 2007-06, prices a fifth lower."""
    shock = Shock(month=Month.parse("2007-06") - case.start, price=float(np.log(0.8)), bust=24)
    as_shock = Imposed(Prior(case), lambda p: imposed(p, shock), known_too=False)
    one, other = (
        play_named(case, each, [build], paths=64, seed=SEED, banded=False)[0]
        for each in (as_shock, Prior(case, "bust-at-opening"))
    )
    np.testing.assert_allclose(one.outcomes["npv"], other.outcomes["npv"], rtol=1e-12)


def test_a_shock_leaves_the_parameters_it_is_given(case: Case) -> None:
    p = known_parameters(case)
    groups = ("calendar", "segment", "firm")
    held = [getattr(p, group).array.copy() for group in groups]
    imposed(p, Shock(month=3, demand=-0.3, price=-0.2, energy=0.4, bust=12, delay=5.0))
    for group, before in zip(groups, held, strict=True):
        np.testing.assert_array_equal(getattr(p, group).array, before)


@pytest.mark.parametrize(
    "harder",
    [
        [Shock(bust=months) for months in (0, 12, 24, 36)],
        [Shock(bust=18, price=price) for price in (0.0, -0.2, -0.4)],
        [Shock(bust=18, demand=demand) for demand in (0.0, -0.4, -0.8)],
        [Shock(bust=18, energy=energy) for energy in (0.0, 0.4, 0.8)],
    ],
    ids=["bust", "price", "demand", "energy"],
)
def test_a_harder_shock_breaks_no_fewer_futures(case: Case, build: DatedPlan, harder: list[Shock]) -> None:
    """Over the same random numbers, beyond two errors of the difference, at most those of both shares."""
    shares = [broken_share(case, Prior(case), build, shock, PATHS, SEED)[0] for shock in harder]
    for milder, worse in pairwise(shares):
        assert worse.value >= milder.value - 2.0 * np.hypot(worse.error, milder.error)
    assert shares[-1].value > shares[0].value


def test_the_shock_breaks_half_and_a_slightly_milder_one_along_its_ray_does_not(
    case: Case, build: DatedPlan, found: Reverse
) -> None:
    assert found.shock is not None
    assert found.milder is not None
    assert found.base.value < HALF
    again = [
        broken_share(case, Prior(case), build, shock, PATHS, SEED)[0] for shock in (found.shock, found.milder)
    ]
    assert [found.share, found.milder_share] == again
    assert again[0].value >= HALF > again[1].value
    assert found.milder.bust <= found.shock.bust
    assert found.milder.price >= found.shock.price


def test_no_single_part_breaks_half_at_a_smaller_distance(
    case: Case, build: DatedPlan, found: Reverse
) -> None:
    """Brute force over the axes: a tenth nearer than what was found, from the months that it may come in."""
    assert found.distance is not None
    spread = dispersion_of(case, Prior(case), builds=True, paths=PATHS, seed=SEED, threads=None)
    for part in spread.parts:
        for month in (0, 6, 12, 24):
            shock = spread.shock(month, {part: 0.9 * found.distance.value})
            assert broken_share(case, Prior(case), build, shock, PATHS, SEED)[0].value < HALF, (part, month)


def test_its_probability_is_that_of_a_normal_deviate_beyond_its_distance(found: Reverse) -> None:
    from statistics import NormalDist

    assert found.distance is not None
    assert found.probability is not None
    normal = NormalDist()
    assert found.probability.value == pytest.approx(normal.cdf(-found.distance.value), rel=1e-9)
    assert found.probability.error == pytest.approx(
        normal.pdf(found.distance.value) * found.distance.error, rel=1e-9
    )


def test_a_company_that_breaks_anyway_needs_no_shock(case: Case, build: DatedPlan) -> None:
    """One whose owner commits nothing and that has no cash."""
    poor = Imposed(
        Prior(case),
        lambda p: with_row(
            with_row(p, "firm", "cash", lambda cash: 0.0 * cash - 5e7),
            "firm",
            "shareholder_commitment",
            lambda owed: 0.0 * owed,
        ),
        known_too=False,
    )
    found = reverse_stress(case, poor, build, paths=64, seed=SEED)
    assert found.shock is None
    assert found.distance == Estimate(0.0, 0.0)
    assert "no shock is needed" in reverse_words(found)[1]


def test_a_company_that_nothing_within_the_bounds_breaks_says_so(case: Case) -> None:
    rich = Imposed(
        Prior(case), lambda p: with_row(p, "firm", "cash", lambda cash: cash + 1e12), known_too=False
    )
    found = reverse_stress(case, rich, Never(), paths=64, seed=SEED)
    assert (found.shock, found.distance, found.probability) == (None, None, None)
    assert "No shock of" in reverse_words(found)[1]


def test_a_part_lies_where_the_normal_score_says() -> None:
    spread = Dispersion(0.2, 0.1, 0.0, np.arange(101.0), 3.0)
    assert spread.parts == ("demand", "price", "bust", "delay")
    shock = spread.shock(4, {"demand": 2.0, "price": 1.0, "bust": 1.6448536, "delay": 0.5})
    assert shock == Shock(month=4, demand=-0.4, price=-0.1, energy=0.0, bust=95, delay=1.5)


def test_the_spread_of_a_price_level_is_that_of_its_autoregression(case: Case) -> None:
    """Without drift the variance of the mean of an AR(1) from zero is a double sum of its covariances."""
    months, paths, reversion, volatility = 24, 40_000, 0.1, 0.03
    normals = np.random.default_rng(1).standard_normal((months, paths))
    regimes = np.full((months, paths), float(STEADY))
    level = mean_level(regimes, np.zeros((3, 1)), np.full(1, reversion), np.full(1, volatility), normals)
    decay = (1.0 - reversion) ** np.arange(months)
    weights = np.array([decay[: months - start].sum() for start in range(months)]) / months
    exact = volatility * float(np.sqrt((weights**2).sum()))
    assert level.std() == pytest.approx(exact, rel=4.0 / np.sqrt(2.0 * paths))


def test_what_the_regimes_explain_is_no_part_of_a_spread() -> None:
    rng = np.random.default_rng(2)
    regimes = rng.integers(0, 3, (36, 5_000)).astype(float)
    luck = rng.normal(0.0, 0.3, 5_000)
    level = 0.5 * (regimes == BOOM).sum(axis=0) - 0.2 * (regimes == BUST).sum(axis=0) + luck
    assert beyond_the_regimes(level, regimes) == pytest.approx(0.3, rel=4.0 / np.sqrt(2.0 * 5_000))


def test_the_longest_bust_is_that_of_a_count_month_by_month(case: Case) -> None:
    [played] = play_rules(
        Prior(case),
        [RuleToPlay("never", Never().terms(case, _slots(case)))],
        start=case.start,
        paths=64,
        seed=SEED,
        banded=False,
        keep=Keep(("regime",), case.start, case.start + 60),
    )
    held = played.kept["regime"] == BUST
    for path in range(64):
        runs = "".join("x" if month else " " for month in held[:, path]).split()
        assert longest_run(held)[path] == max((len(run) for run in runs), default=0)


def _slots(case: Case) -> object:
    from secondhall.company import slots_of

    return slots_of(case)


def test_a_shock_is_said_with_its_months_and_shares() -> None:
    shock = Shock(month=11, demand=float(np.log(0.7)), price=float(np.log(0.82)), bust=26, delay=4.2)
    said = shock.words(Month.parse("2000-04"))
    assert said == (
        "a bust of 26 months from 2001-03 with demand 30 % lower from 2000-04, prices of new business 18 % "
        "lower from 2001-03 and everything under construction 4 months late"
    )
    assert (
        replace(shock, bust=0, demand=0.0, price=0.0, delay=0.0).words(Month.parse("2000-04")) == "no shock"
    )
