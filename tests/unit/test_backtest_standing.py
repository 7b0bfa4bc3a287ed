"""A case as it was known at a date: nothing later is in it, and what stood then stands."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from secondhall.backtest import standing_at
from secondhall.backtest.targets import figures, lines_of
from secondhall.case import Case, read_case
from secondhall.company import known_parameters
from secondhall.months import Month


@functools.cache
def northhall() -> Case:
    return read_case("northhall")


@functools.cache
def interxion() -> Case:
    return read_case("interxion")


def same(one: Case, other: Case) -> bool:
    """Whether two cases give the same company and hold the same data."""
    first, second = known_parameters(one), known_parameters(other)
    rows = ("segment", "segment_regime", "hall", "phase", "role", "firm", "firm_regime", "schedule")
    frames = ("contracts", "accounts", "orders")
    return (
        all(np.array_equal(getattr(first, r).array, getattr(second, r).array) for r in rows)
        and all(
            (a is None and b is None) or (a is not None and b is not None and a.equals(b))
            for a, b in ((getattr(one, f), getattr(other, f)) for f in frames)
        )
        and one.facts == other.facts
    )


def test_what_was_published_later_is_not_known() -> None:
    month = Month.parse("2013-04")  # the first quarter is over, its figures are not out
    accounts = interxion().known_accounts(month)
    assert accounts is not None
    assert "2012-Q4" in accounts["period"]
    assert "2013-Q1" not in accounts["period"]
    everything = interxion().accounts
    assert everything is not None
    late = everything.filter(pl.col("published") > month.ordinal)
    assert late.height > 0
    assert late.join(accounts, on=["line", "period"], how="semi").height == 0


def test_a_figure_without_a_date_is_known_when_its_period_is_over() -> None:
    accounts = pl.DataFrame(
        {"first": [24_000], "months": [3], "published": [None], "value": [1.0]},
        schema_overrides={"published": pl.Int32},
    )
    case = replace(interxion(), accounts=accounts)
    known = [case.known_accounts(Month(24_000 + k)) for k in (2, 3)]
    assert [frame is not None and frame.height for frame in known] == [0, 1]


def test_another_future_makes_no_other_past() -> None:
    """Everything that came to be known later is changed; the case of the date stays the same, to the bit.

    Capacity alone is let be: an operator knows what it builds.
    """
    month = Month.parse("2024-01")
    case = northhall()
    assert case.contracts is not None
    assert case.accounts is not None
    late = pl.col("signed") >= month.ordinal
    contracts = case.contracts.with_columns(
        capacity=pl.when(late).then(7 * pl.col("capacity")).otherwise(pl.col("capacity")),
        monthly_recurring_revenue=pl.when(late).then(9.0).otherwise(pl.col("monthly_recurring_revenue")),
        end=pl.when(pl.col("end") >= month.ordinal).then(pl.col("end") + 5).otherwise(pl.col("end")),
    )
    over = pl.col("first") + pl.col("months")
    changed = (over > month.ordinal) & (pl.col("line") != "capacity")
    accounts = case.accounts.with_columns(
        value=pl.when(changed).then(3 * pl.col("value")).otherwise(pl.col("value"))
    )
    other = replace(case, contracts=contracts, accounts=accounts, orders=None, facts=())
    assert not case.contracts.equals(contracts)
    assert same(standing_at(case, month).case, standing_at(other, month).case)


def test_what_was_installed_is_what_the_accounts_said_then() -> None:
    """But for those billed for the last time in the month before: accounts count them to its end."""
    month = Month.parse("2023-07")
    standing = standing_at(northhall(), month).case
    accounts, contracts = northhall().accounts, northhall().contracts
    assert accounts is not None
    assert contracts is not None
    before = accounts.filter((pl.col("line") == "sold") & (pl.col("first") == month.ordinal - 1))
    left = float(contracts.filter(pl.col("end") == month.ordinal - 1)["capacity"].sum())
    assert left > 0.0
    assert float(standing.opening.installed_units.sum()) == pytest.approx(before["value"][0] - left, rel=1e-6)


def test_a_hall_opens_in_its_real_month_and_the_capacity_is_that_of_the_accounts() -> None:
    month = Month.parse("2013-06")
    standing = standing_at(interxion(), month)
    p = known_parameters(standing.case)
    accounts = interxion().accounts
    assert accounts is not None
    told = accounts.filter(pl.col("line") == "capacity").with_columns(
        end=pl.col("first") + pl.col("months") - 1
    )
    for end, value in told.select("end", "value").iter_rows():
        t = end - month.ordinal
        if t >= standing.case.horizon_months:
            continue
        built = 0.0
        for h in range(p.first_new_hall):
            opens = p.hall.committed[h, 0] + p.phase.offset[h, :, 0] <= t
            is_open = p.hall.state[h, 0] == 2
            built += float((p.phase.capacity[h, :, 0] * (opens | is_open)).sum())
        if t >= 0:
            assert built == pytest.approx(value), Month(end)
    assert any("own decision" in note for note in standing.notes)


def test_lines_are_those_that_the_case_tells() -> None:
    assert [line.name for line in lines_of(interxion())] == ["sold", "revenue"]
    assert [line.name for line in lines_of(northhall())] == ["sold", "new_customers", "hosting_revenue"]


def test_a_gap_is_no_figure() -> None:
    [sold] = [line for line in lines_of(interxion()) if line.name == "sold"]
    words = [figure.words for figure in figures(interxion(), sold)]
    assert "2013-Q2" not in words
    assert words[:3] == ["2011-Q4", "2012-Q2", "2012-Q3"]
