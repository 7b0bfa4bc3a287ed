import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import secondhall.units
from secondhall.units import CapacityUnit, capacity, currency_code, money, percent


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (13_000_000, "13.0 M EUR"),
        (-13_040_000, "-13.0 M EUR"),
        (1_500_000_000, "1.5 bn EUR"),
        (4_260, "4.3 k EUR"),
        (999, "999 EUR"),
        (999.96, "1.0 k EUR"),
        (999_940, "999.9 k EUR"),
        (999_960, "1.0 M EUR"),
        (0, "0 EUR"),
        (-0.2, "0 EUR"),
        (math.nan, "n/a"),
        (math.inf, "n/a"),
    ],
)
def test_money_is_written_with_its_scale(value: float, written: str) -> None:
    assert money(value, "EUR") == written


@given(st.floats(0, 1e12))
def test_money_reads_back_within_half_of_its_last_digit(value: float) -> None:
    number, *scale, _ = money(value, "EUR").split()
    size = {"k": 1e3, "M": 1e6, "bn": 1e9}[scale[0]] if scale else 1.0
    half = 0.5 if size == 1 else 0.05 * size
    assert abs(float(number.replace(",", "")) * size - value) <= half * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (2400, CapacityUnit.M2, "2,400 m2"),
        (1.25, CapacityUnit.MW, "1.25 MW"),
        (1, CapacityUnit.RACK, "1 rack"),
        (2, CapacityUnit.RACK, "2 racks"),
        (1200.4, CapacityUnit.KW, "1,200 kW"),
        (math.nan, CapacityUnit.KW, "n/a"),
    ],
)
def test_capacity_is_written_with_its_unit(value: float, unit: CapacityUnit, written: str) -> None:
    assert capacity(value, unit) == written


@pytest.mark.parametrize(
    ("share", "digits", "written"),
    [(0.5, 0, "50 %"), (0.125, 1, "12.5 %"), (-0.0001, 0, "0 %"), (math.nan, 0, "n/a")],
)
def test_percent(share: float, digits: int, written: str) -> None:
    assert percent(share, digits) == written


def test_only_power_units_convert_to_kilowatts() -> None:
    assert CapacityUnit("MW").in_kw == 1000 * CapacityUnit("kW").in_kw
    assert {unit for unit in CapacityUnit if unit.is_power} == {CapacityUnit.KW, CapacityUnit.MW}
    assert all(math.isnan(unit.in_kw) for unit in CapacityUnit if not unit.is_power)


def test_a_currency_is_three_capitals() -> None:
    assert currency_code("EUR") == "EUR"
    for text in ("eur", "€", "EURO", "EU", ""):
        with pytest.raises(ValueError, match="three capitals, such as EUR"):
            currency_code(text)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(secondhall.units).failed == 0
