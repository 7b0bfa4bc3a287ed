"""What is believed of a field before its ledger speaks."""

from __future__ import annotations

import pytest

from secondhall.belief.priors import BROAD, prior_of
from secondhall.case import Quantity, read_case
from secondhall.case.values import Kind, RegimeQuantity


def test_an_interval_is_its_own_prior() -> None:
    stated = Quantity(mid=0.02, low=0.01, high=0.05, kind=Kind.FACT)
    assert prior_of("segments.a.churn_monthly.bust", stated) is stated


def test_one_number_becomes_the_middle_of_a_broad_interval() -> None:
    prior = prior_of("segments.a.churn_monthly.bust", Quantity(mid=0.02, minimum=0.0, maximum=1.0))
    assert prior is not None
    assert (prior.low, prior.mid, prior.high) == pytest.approx((0.008, 0.02, 0.05))
    growth = prior_of("segments.a.intensity_growth_yearly.boom", Quantity(mid=0.1))
    assert growth is not None
    assert (growth.low, growth.mid, growth.high) == pytest.approx((-0.1, 0.1, 0.3))


def test_it_stays_within_the_range_of_the_field() -> None:
    prior = prior_of("market.after_bust_steady", Quantity(mid=0.9, minimum=0.0, maximum=1.0))
    assert prior is not None
    assert (prior.low, prior.high) == (0.65, 1.0)


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("segments.a.churn_monthly.bust", Quantity(mid=0.02, kind=Kind.FACT)),
        ("finance.cash", Quantity(mid=1e6)),
        ("segments.a.churn_monthly.boom", Quantity(mid=0.0)),
    ],
)
def test_a_fact_and_what_no_ledger_speaks_of_are_not_learned(name: str, quantity: Quantity) -> None:
    assert prior_of(name, quantity) is None


def test_every_field_of_the_table_is_a_field_of_the_schema() -> None:
    case = read_case("northhall")
    known = {*next(iter(case.segments.values())), *case.market, *case.pipeline}
    assert set(BROAD) <= known


def test_the_level_of_the_steady_regime_keeps_its_place() -> None:
    """It is the unit in which the others are measured: learned beside the intensity it could not be told."""
    level = next(iter(read_case("northhall").segments.values())).regimes("intensity_level")
    assert isinstance(level, RegimeQuantity)
    assert prior_of("segments.enterprise.intensity_level.steady", level.steady) is None
