"""What is read from a ledger: by hand, by a plain twin month by month, and against a truth that is known."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.cases import MINIMAL, write_case

from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.read import read_ledger
from secondhall.belief.posterior import Lesson
from secondhall.case import REGIMES, Case, read_case
from secondhall.cases.northhall_generator import TRUTH, generate
from secondhall.company.layout import Floats
from secondhall.months import Month

HEAD = (
    "contract,customer,segment,hall,capacity,ramp_months,monthly_recurring_revenue,signed,start,term_months,"
    "end,notice_months,escalator_yearly\n"
)
START = Month.parse("2026-01")
COUNTS = ("new_customers", "leavers", "at_risk", "net_growth", "growth_base", "growth_squares", "price_count")


def small(folder: Path, *rows: str, files: dict[str, str] | None = None) -> Case:
    """Return a case with one segment, a hall of 1000 kW and the contracts of the given rows."""
    text = HEAD + "".join(f"c{n},{row},,0\n" for n, row in enumerate(rows))
    return read_case(write_case(folder, files={"contracts.csv": text, **(files or {})}))


def months(ledger: Ledger, field: str) -> dict[str, float]:
    """Return the months in which a field of the first segment is not zero."""
    row = getattr(ledger, field)[0]
    return {str(ledger.first + int(k)): float(row[k]) for k in np.flatnonzero(row)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, object]]:
    """Return a case whose truth is known, with regimes from the chain."""
    folder = tmp_path_factory.mktemp("made") / "northhall"
    generate(folder, seed=11, months=60, planted=False)
    return read_case(folder), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def test_a_smaller_contract_in_the_next_month_is_contraction_and_not_churn(tmp_path: Path) -> None:
    case = small(
        tmp_path,
        "a,retail,one,10,,1000,2024-01,2024-01,6,2024-08",
        "a,retail,one,7,,700,2024-09,2024-09,0,",
    )
    ledger, _ = read_ledger(case, START)
    assert months(ledger, "new_customers") == {"2024-01": 1.0}
    assert months(ledger, "leavers") == {}
    assert months(ledger, "net_growth") == {"2024-09": -3.0}
    assert months(ledger, "price_count") == {"2024-01": 1.0}
    assert ledger.growth_base[0, [0, 1, 8, 9, -1]].tolist() == [0.0, 10.0, 10.0, 7.0, 7.0]
    assert ledger.at_risk[0].tolist() == [0.0] * 6 + [1.0] * 18  # out of term from July 2024 on


def test_further_contracts_are_growth_and_the_stay_ends_with_the_last_of_them(tmp_path: Path) -> None:
    case = small(
        tmp_path,
        "a,retail,one,10,,1000,2024-01,2024-02,3,2025-02",
        "a,retail,one,4,,400,2024-10,2024-10,0,2025-03",
    )
    ledger, _ = read_ledger(case, START)
    assert months(ledger, "net_growth") == {"2024-10": 4.0, "2025-03": -10.0}
    assert months(ledger, "leavers") == {"2025-04": 1.0}  # its last month billed is March
    assert months(ledger, "at_risk") == {str(Month.parse("2024-05") + k): 1.0 for k in range(12)}
    assert ledger.order_sizes["retail"].tolist() == [10.0]


def test_who_comes_back_after_a_month_without_a_contract_is_a_new_customer(tmp_path: Path) -> None:
    again = ("a,retail,one,10,,1000,2024-01,2024-01,3,2024-06", "a,retail,one,8,,800,2024-08,2024-08,3,")
    ledger, _ = read_ledger(small(tmp_path, *again), START)
    assert months(ledger, "new_customers") == {"2024-01": 1.0, "2024-08": 1.0}
    assert months(ledger, "leavers") == {"2024-07": 1.0}
    assert ledger.order_sizes["retail"].tolist() == [10.0, 8.0]


def test_two_contracts_signed_together_are_one_order(tmp_path: Path) -> None:
    both = ("a,retail,one,10,,1000,2024-01,2024-01,3,", "a,retail,one,8,,800,2024-01,2024-04,3,")
    ledger, _ = read_ledger(small(tmp_path, *both), START)
    assert ledger.order_sizes["retail"].tolist() == [18.0]
    assert months(ledger, "net_growth") == {}
    assert ledger.price_log[0, 0] == pytest.approx(np.log(100.0))


def test_who_leaves_inside_the_term_is_no_leaver_of_those_out_of_term(tmp_path: Path) -> None:
    ledger, _ = read_ledger(small(tmp_path, "a,retail,one,10,,1000,2024-01,2024-01,24,2024-08"), START)
    assert months(ledger, "leavers") == {}
    assert months(ledger, "at_risk") == {}


def test_a_term_binds_though_a_shorter_one_was_signed_after_it(tmp_path: Path) -> None:
    case = small(
        tmp_path,
        "a,retail,one,10,,1000,2024-01,2024-01,23,",
        "a,retail,one,4,,400,2024-06,2024-06,3,",
    )
    ledger, _ = read_ledger(case, START)
    assert months(ledger, "at_risk") == {"2025-12": 1.0}


def test_an_end_in_the_last_known_month_is_a_leaving_of_the_next_and_not_known(tmp_path: Path) -> None:
    case = small(tmp_path, "a,retail,one,10,,1000,2024-01,2024-01,3,2025-11")
    for until, leaves in (("2025-12", {}), ("2026-01", {"2025-12": 1.0})):
        ledger, _ = read_ledger(case, Month.parse(until))
        assert months(ledger, "leavers") == leaves
        assert ledger.at_risk[0, -1] == 1.0


def test_what_was_known_earlier_is_what_is_read_later(made: tuple[Case, dict[str, object]]) -> None:
    """Nothing that came later changes a count of an earlier month."""
    case, _ = made
    later, _ = read_ledger(case, case.start)
    for months_ago in (1, 13, 40):
        earlier, _ = read_ledger(case, case.start + (-months_ago))
        for name in COUNTS:
            np.testing.assert_allclose(
                getattr(earlier, name), getattr(later, name)[:, : earlier.months], atol=1e-6, err_msg=name
            )
        for s, name in enumerate(earlier.segments):
            assert earlier.order_sizes[name].size == earlier.new_customers[s].sum()


def test_customers_and_capacity_are_conserved(made: tuple[Case, dict[str, object]]) -> None:
    """Who came less who left is who is there; what was signed less what ended is what they have."""
    case, _ = made
    ledger, _ = read_ledger(case, case.start)
    there = ledger.new_customers.sum(axis=1) - ledger.leavers.sum(axis=1)
    contracts = case.contracts
    assert contracts is not None
    for s, name in enumerate(ledger.segments):
        runs = contracts.filter((pl.col("segment") == name) & pl.col("end").is_null())
        assert there[s] == runs["customer"].n_unique()


def plain(case: Case) -> dict[str, Floats]:
    """Return the counts month by month, walking over all customers: slow and simple."""
    assert case.contracts is not None
    by_customer = defaultdict(list)
    for row in case.contracts.sort("signed", "start").iter_rows(named=True):
        by_customer[row["customer"]].append(row)
    first = int(case.contracts["signed"].min())  # type: ignore[arg-type]
    shape = (len(case.segments), case.start.ordinal - first)
    found = {name: np.zeros(shape) for name in COUNTS if name != "price_count"}
    segment_of = list(case.segments).index
    for rows in by_customer.values():
        s = segment_of(rows[0]["segment"])
        free = rows[0]["start"] + rows[0]["term_months"]
        ends = [row["end"] for row in rows]
        left = None if None in ends else max(ends) + 1
        found["new_customers"][s, rows[0]["signed"] - first] += 1
        for at in range(rows[0]["signed"] + 1, case.start.ordinal):
            if left is not None and at > left:
                break
            m = at - first
            found["at_risk"][s, m] += at >= free
            found["leavers"][s, m] += at == left
            if at == left:
                break
            base = [r for r in rows if r["start"] < at and (r["end"] is None or r["end"] >= at - 1)]
            found["growth_base"][s, m] += sum(r["capacity"] for r in base)
            found["growth_squares"][s, m] += sum(r["capacity"] ** 2 for r in base)
            found["net_growth"][s, m] += sum(r["capacity"] for r in rows[1:] if r["start"] == at)
            found["net_growth"][s, m] -= sum(r["capacity"] for r in base if r["end"] == at - 1)
    return found


def test_a_plain_twin_counts_the_same(made: tuple[Case, dict[str, object]]) -> None:
    """In the made-up ledgers further contracts run out with the first one, so its term alone binds."""
    case, _ = made
    ledger, _ = read_ledger(case, case.start)
    for name, expected in plain(case).items():
        np.testing.assert_allclose(getattr(ledger, name), expected, atol=1e-6, err_msg=name)


def test_the_months_that_are_seen_show_all_who_came(made: tuple[Case, dict[str, object]]) -> None:
    """Nobody is missing and nobody who had waited is counted; at most one in twenty would be allowed."""
    case, truth = made
    ledger, _ = read_ledger(case, case.start)
    arrivals = truth["arrivals"]
    assert isinstance(arrivals, list)
    came = np.array([[now[name] for now in arrivals] for name in ledger.segments])
    assert 0.4 < ledger.seen.mean() < 1.0
    assert np.abs(np.where(ledger.seen, ledger.new_customers - came, 0.0)).sum() <= 0.05 * came.sum()
    assert (ledger.new_customers.sum(axis=1) < came.sum(axis=1)).any()


def test_leavers_follow_the_true_hazard_of_those_at_risk(made: tuple[Case, dict[str, object]]) -> None:
    """(O6), within four standard errors of a sum of binomial draws."""
    case, truth = made
    ledger, _ = read_ledger(case, case.start)
    named = truth["regimes"]
    assert isinstance(named, list)
    regimes = np.array([REGIMES.index(regime) for regime in named])
    for s, segment in enumerate(TRUTH.segments.values()):
        hazard = np.array(segment.churn_monthly)[regimes]
        expected = (ledger.at_risk[s] * hazard).sum()
        error = np.sqrt((ledger.at_risk[s] * hazard * (1 - hazard)).sum())
        assert abs(ledger.leavers[s].sum() - expected) < 4 * error


def test_growth_follows_the_true_expansion_where_there_was_room(made: tuple[Case, dict[str, object]]) -> None:
    """(O7, O8), within four standard errors; a change is a gamma share of 0.4, shape 4, at chance e/0.4."""
    case, truth = made
    ledger, _ = read_ledger(case, case.start)
    named = truth["regimes"]
    assert isinstance(named, list)
    regimes = np.array([REGIMES.index(regime) for regime in named])
    share = TRUTH.growth_chance_share
    for s, segment in enumerate(TRUTH.segments.values()):
        rate = np.array(segment.expansion_monthly)[regimes]
        seen = ledger.growth_seen[s]
        expected = (ledger.growth_base[s] * rate)[seen].sum()
        second = np.abs(rate) / share * (share**2 * 1.25) - rate**2
        error = np.sqrt((ledger.growth_squares[s] * second)[seen].sum())
        assert abs(ledger.net_growth[s][seen].sum() - expected) < 4 * error


def test_a_month_without_room_and_the_one_in_which_a_hall_opens_say_nothing(tmp_path: Path) -> None:
    rows = [f"n{m},retail,one,100,,1000,2024-{m + 1:02d},2024-{m + 1:02d},12," for m in range(10)]
    rows += [f"w{k},retail,new,50,,500,2025-06,2025-06,12," for k in range(5)]
    rows += ["later,retail,new,50,,500,2025-07,2025-07,12,"]
    hall = (
        "  new:\n    capacity_units: {value: 2000, because: x}\n"
        "    fixed_cost_monthly: {value: 1, because: x}\n"
    )
    yaml = MINIMAL.replace("options:", hall + "\noptions:", 1).replace("\n\n  new", "\n  new")
    text = HEAD + "".join(f"c{n},{row},,0\n" for n, row in enumerate(rows))
    case = read_case(write_case(tmp_path, yaml=yaml, files={"contracts.csv": text}))
    ledger, lessons = read_ledger(case, START)
    seen = {str(ledger.first + int(k)) for k in np.flatnonzero(ledger.seen[0])}
    assert "2024-03" in seen
    assert not seen & {str(Month.parse("2024-10") + k) for k in range(9)}  # full until 2025-06, when w come
    assert {"2025-07", "2025-12"} <= seen
    assert any("say nothing of the demand" in lesson.words for lesson in lessons)


def lesson_of(lessons: tuple[Lesson, ...], subject: str) -> Lesson:
    return next(lesson for lesson in lessons if lesson.subject == subject)


@pytest.mark.parametrize(("customers", "words"), [(1, "one customer"), (0, "no customer")])
def test_a_segment_with_one_customer_or_none_says_so(tmp_path: Path, customers: int, words: str) -> None:
    rows = [f"a{n},retail,one,10,,1000,2024-01,2024-01,6," for n in range(customers)]
    case = small(tmp_path, *(rows or ["a,retail,one,10,,1000,2026-01,2026-01,6,"]))
    _, lessons = read_ledger(case, START)
    lesson = lesson_of(lessons, "segments.retail")
    assert not lesson.learned
    assert words in lesson.words
    assert "own statement" in lesson.words


def test_no_churn_and_no_term_over_are_told_apart(tmp_path: Path) -> None:
    rows = [f"a{n},retail,one,10,,1000,2024-01,2024-01,6," for n in range(4)]
    _, lessons = read_ledger(small(tmp_path, *rows), START)
    assert (
        "nobody of retail has left in 72 customer-months"
        in lesson_of(lessons, "segments.retail.churn_monthly").words
    )
    _, lessons = read_ledger(small(tmp_path, *[r.replace(",6,", ",60,") for r in rows]), START)
    lesson = lesson_of(lessons, "segments.retail.churn_monthly")
    assert (lesson.learned, "no term of retail is over yet" in lesson.words) == (False, True)


def test_contracts_without_a_price_are_named(tmp_path: Path) -> None:
    rows = [f"a{n},retail,one,10,,0,2024-01,2024-01,6," for n in range(4)]
    ledger, lessons = read_ledger(small(tmp_path, *rows), START)
    assert np.isnan(ledger.price_log).all()
    assert not lesson_of(lessons, "segments.retail.list_price_per_unit_month").learned


@pytest.mark.slow
def test_two_hundred_thousand_contracts_are_as_many_times_the_counts(
    made: tuple[Case, dict[str, object]],
) -> None:
    case, _ = made
    assert case.contracts is not None
    copies = 200_000 // case.contracts.height + 1
    named = [case.contracts.with_columns(pl.col("contract", "customer") + f" {k}") for k in range(copies)]
    one, _ = read_ledger(case, case.start)
    many, _ = read_ledger(dataclasses.replace(case, contracts=pl.concat(named)), case.start)
    for name in COUNTS:
        np.testing.assert_allclose(
            getattr(many, name), copies * getattr(one, name), rtol=1e-9, atol=1e-6, err_msg=name
        )
