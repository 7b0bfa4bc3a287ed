from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondhall.futures import Estimate, Interval
from secondhall.report.words import (
    estimate_money,
    estimate_percent,
    figure,
    interval_money,
    interval_percent,
    scale_of,
)

amounts = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("estimate", "written"),
    [
        (Estimate(4.12e6, 0.09e6), "4.1 M EUR ± 0.1"),
        (Estimate(4.12e6, 0.009e6), "4.12 M EUR ± 0.01"),
        (Estimate(4.12e6, 1.0), "4.120 M EUR ± <0.001"),
        (Estimate(-300_000.0, 1.2e6), "-0.3 M EUR ± 1.2"),
        (Estimate(0.0, 0.0), "0 EUR ± 0"),
        (Estimate(4.12e6, math.nan), "4.1 M EUR"),
        (Estimate(math.nan, 1.0), "n/a"),
    ],
)
def test_an_amount_is_written_with_its_error_in_the_same_scale(estimate: Estimate, written: str) -> None:
    assert estimate_money(estimate, "EUR") == written


def test_an_interval_is_written_with_its_ends_and_middle() -> None:
    assert interval_money(Interval(2.0e6, 3.3e6, 5.1e6), "EUR") == "2.0 to 5.1 M EUR, middle 3.3"
    assert interval_percent(Interval(-0.1, 0.0, 1.2)) == "-10 to 120 %, middle 0"


def test_a_probability_shows_the_first_figure_of_its_error() -> None:
    assert estimate_percent(Estimate(0.0, 1e-4)) == "0.00 % ± 0.01"
    assert estimate_percent(Estimate(0.61, 0.02)) == "61 % ± 2"
    # As units.percent rounds it.
    assert estimate_percent(Estimate(0.0135, 0.003)) == "1.4 % ± 0.3"


@given(value=amounts, error=st.floats(1e-3, 1e12))
def test_no_estimate_loses_its_error(value: float, error: float) -> None:
    written = estimate_money(Estimate(value, error), "EUR")
    number, _, spread = written.partition(" ± ")
    assert spread, written
    assert re.fullmatch(r"-?[\d,]+(\.\d+)?( (bn|M|k))? EUR", number), written
    # Never an error of nothing where there is one.
    assert float(spread.lstrip("<").replace(",", "")) > 0


@given(values=st.lists(amounts, min_size=1))
def test_a_scale_never_shows_more_than_four_figures_before_the_point(values: list[float]) -> None:
    scale = scale_of(values, "EUR")
    assert max(abs(value) for value in values) / scale.size < 1000.05


def test_what_rounds_to_zero_has_no_minus_sign() -> None:
    assert figure(-0.04) == "0.0"
    assert figure(math.inf) == "n/a"
