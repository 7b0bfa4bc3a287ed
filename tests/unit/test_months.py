import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import secondhall.months
from secondhall.months import Month

months = st.builds(Month.of, st.integers(1000, 8999), st.integers(1, 12))
steps = st.integers(-10_000, 10_000)


@given(months)
def test_a_month_reads_back_what_it_writes(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Month.of(month.year, month.month) == month
    assert Month(month.ordinal) == month


@given(months, steps)
def test_adding_and_subtracting_undo_each_other(month: Month, step: int) -> None:
    assert (month + step) - month == step
    assert (month + step) - step == month


@given(months, months)
def test_order_and_hash_follow_the_calendar(a: Month, b: Month) -> None:
    assert (a < b) == ((a.year, a.month) < (b.year, b.month))
    assert (a == b) == (len({a, b}) == 1)


@pytest.mark.parametrize(
    ("text", "ends_quarter", "quarter", "ends_year"),
    [
        ("2001-01", False, 1, False),
        ("2001-03", True, 1, False),
        ("2001-06", True, 2, False),
        ("2001-09", True, 3, False),
        ("2001-10", False, 4, False),
        ("2001-12", True, 4, True),
    ],
)
def test_quarters_and_years_end_where_they_do(
    text: str, ends_quarter: bool, quarter: int, ends_year: bool
) -> None:
    month = Month.parse(text)
    assert (month.ends_quarter, month.quarter, month.ends_year) == (ends_quarter, quarter, ends_year)


@pytest.mark.parametrize(
    "text", ["", "2001", "2001-3", "01-03", "2001/03", "2001-03-01", "March 2001", "2001-", "٢٠٠١-٠٣"]
)
def test_another_spelling_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="accepted a month written as year-month, such as 2001-03"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("text", "said"), [("2001-13", "1 to 12"), ("2001-00", "1 to 12"), ("0000-01", "9999")]
)
def test_a_month_that_does_not_exist_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Month.parse(text)


def test_a_step_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        Month.parse("9999-12") + 1


def test_two_months_do_not_add() -> None:
    with pytest.raises(TypeError):
        Month.parse("2001-01") + Month.parse("2001-01")  # type: ignore[operator]


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(secondhall.months).failed == 0
