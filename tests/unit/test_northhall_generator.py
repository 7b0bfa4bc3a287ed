"""The made-up ledgers repeat byte for byte, hang together, and follow the truth that they are drawn from."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from secondhall.case import check_case
from secondhall.cases import bundled_folder
from secondhall.cases.northhall_generator import TRUTH, generate
from secondhall.months import Month

COMMITTED = bundled_folder("northhall")
FIRST = Month.parse("2020-01")
Rows = list[dict[str, str]]


def read(folder: Path, name: str) -> Rows:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def at(text: str) -> int:
    return Month.parse(text) - FIRST


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def contracts() -> Rows:
    return read(COMMITTED, "contracts.csv")


@pytest.fixture(scope="module")
def accounts() -> dict[tuple[str, str], float]:
    return {(row["period"], row["line"]): float(row["value"]) for row in read(COMMITTED, "accounts.csv")}


def test_the_fixed_seed_gives_the_committed_bytes(tmp_path: Path) -> None:
    generate(tmp_path)
    assert bytes_of(tmp_path) == bytes_of(COMMITTED)


def test_another_seed_gives_another_ledger_that_reads_without_a_fault(tmp_path: Path) -> None:
    generate(tmp_path / "northhall", seed=7, planted=False)
    assert read(tmp_path / "northhall", "contracts.csv") != read(COMMITTED, "contracts.csv")
    case, faults = check_case(tmp_path / "northhall")
    assert case is not None
    assert [str(fault) for fault in faults] == []


def test_a_shorter_ledger_ends_before_the_start_too(tmp_path: Path) -> None:
    generate(tmp_path, months=36, start="2024-07")
    periods = [row["period"] for row in read(tmp_path, "accounts.csv")]
    assert (periods[0], periods[-1]) == ("2021-07", "2024-06")
    with pytest.raises(ValueError, match="24 or more"):
        generate(tmp_path, months=12)


def test_about_1500_contracts_in_four_segments_and_three_halls(contracts: Rows) -> None:
    assert 1350 <= len(contracts) <= 1650
    assert Counter(row["segment"] for row in contracts).keys() == TRUTH.segments.keys()
    assert {row["hall"] for row in contracts} == {name for name, *_ in TRUTH.halls}
    assert len({row["contract"] for row in contracts}) == len(contracts)
    segments = defaultdict(set)
    for row in contracts:
        segments[row["customer"]].add(row["segment"])
    assert all(len(of) == 1 for of in segments.values())


def test_no_hall_is_sold_before_it_opens_or_beyond_what_it_holds(contracts: Rows) -> None:
    for name, capacity, opens, _ in TRUTH.halls:
        sold = np.zeros(72 + 12)
        for row in contracts:
            if row["hall"] == name:
                assert at(row["signed"]) >= opens
                end = at(row["end"]) + 1 if row["end"] else len(sold)
                sold[at(row["start"]) : end] += float(row["capacity"])
        assert sold.max() <= capacity + 1e-6


def test_halls_are_85_to_92_percent_sold_at_the_start(accounts: dict[tuple[str, str], float]) -> None:
    assert 0.85 <= accounts["2025-12", "sold"] / accounts["2025-12", "capacity"] <= 0.92


def test_only_customers_out_of_term_leave(contracts: Rows) -> None:
    """A customer leaves when all its contracts end in the same month and none follows (O5)."""
    by_customer = defaultdict(list)
    for row in contracts:
        by_customer[row["customer"]].append(row)
    for rows in by_customer.values():
        if all(row["end"] for row in rows):
            first = min(rows, key=lambda row: row["contract"])
            free = at(first["start"]) + int(first["term_months"])
            assert max(at(row["end"]) for row in rows) + 1 >= free


def test_month_zero_reconciles_the_reader_s_opening_with_the_last_accounts(
    accounts: dict[tuple[str, str], float],
) -> None:
    case, _ = check_case(COMMITTED)
    assert case is not None
    last = "2025-12"
    assert case.opening.mrr.sum() == pytest.approx(accounts[last, "hosting_revenue"], abs=0.01)
    assert case.opening.sold_units.sum() == pytest.approx(accounts[last, "sold"], abs=0.01)


def test_the_accounts_add_up_every_month(accounts: dict[tuple[str, str], float]) -> None:
    """Two decimals a line, at most eight lines a sum."""
    for period in {period for period, _ in accounts}:

        def of(line: str, period: str = period) -> float:
            return accounts[period, line]

        revenue = of("hosting_revenue") + of("services_revenue") + of("equipment_revenue")
        costs = ("energy", "staff", "hall", "overhead", "equipment", "sales")
        ebitda = of("revenue") - sum(of(f"{name}_cost") for name in costs) - of("bad_debt")
        net = of("ebitda") - of("depreciation") - of("interest") - of("tax")
        assert of("revenue") == pytest.approx(revenue, abs=0.05)
        assert of("ebitda") == pytest.approx(ebitda, abs=0.05)
        assert of("net_income") == pytest.approx(net, abs=0.05)


def test_arrivals_follow_the_true_intensity_within_four_standard_errors() -> None:
    truth = json.loads((COMMITTED / "truth.json").read_text(encoding="utf-8"))
    for name in TRUTH.segments:
        expected = sum(np.exp(now[name]) for now in truth["log_intensity"])
        came = sum(now[name] for now in truth["arrivals"])
        assert abs(came - expected) < 4 * np.sqrt(expected)  # (O1): a sum of Poisson draws


def test_the_planted_bust_shows_in_the_arrivals(tmp_path: Path) -> None:
    """Over 10 ledgers the bust's inflow falls short of the boom's by more than four standard errors."""
    falls = []
    for seed in range(10):
        generate(tmp_path, seed=seed)
        truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
        came = np.array([sum(now.values()) for now in truth["arrivals"]], dtype=float)
        regimes = np.array(truth["regimes"])
        falls.append(came[regimes == "boom"].mean() - came[regimes == "bust"].mean())
    assert np.mean(falls) > 4 * np.std(falls, ddof=1) / np.sqrt(len(falls))


def test_sizes_have_the_true_mean_over_many_ledgers(tmp_path: Path) -> None:
    """Within four standard errors and 0.05 kW of rounding (O2); orders that found no room are missing."""
    sizes = defaultdict(list)
    for seed in range(8):
        generate(tmp_path, seed=seed)
        seen: set[str] = set()
        for row in read(tmp_path, "contracts.csv"):
            if row["customer"] not in seen:
                sizes[row["segment"]].append(float(row["capacity"]))
            seen.add(row["customer"])
    for name in ("sme", "cloud_natives"):
        seg, n = TRUTH.segments[name], len(sizes[name])
        error = seg.order_size_units * seg.order_size_variation / np.sqrt(n)
        assert abs(np.mean(sizes[name]) - seg.order_size_units) < 4 * error + 0.05
