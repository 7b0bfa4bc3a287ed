"""A ledger that cannot be used: each message names row, column, what was found and how to mend it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from tests.cases import (
    ACCOUNTS,
    CONTRACTS,
    FACTS,
    ORDERS,
    PLANS,
    bent,
    errors,
    line_of,
    only_error,
    shown,
    write_case,
)

from secondhall.errors import Fault

LEDGERS = {"contracts": CONTRACTS, "orders": ORDERS, "accounts": ACCOUNTS, "facts": FACTS, "plans": PLANS}


def bad_ledger(folder: Path, name: str, content: str | bytes) -> Fault:
    return only_error(write_case(folder, files={name: content}))


def test_a_wrong_type_in_one_cell_reads_as_the_style_page_shows(tmp_path: Path) -> None:
    fault = bad_ledger(tmp_path, "contracts.csv", bent(CONTRACTS, "retail,one,30,", 'retail,one,"1,200 kW",'))
    assert str(fault) == (
        "contracts.csv, line 4, column 'capacity'\n"
        "  found     '1,200 kW'\n"
        "  accepted  a number of kW, 0 or more, such as 1200 or 1200.5\n"
        "  mend      write 1200, if that is what was meant; the column is already in kW"
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "column", "found"),
    [
        ("contracts", "retail,one,30", "retail,onne,30", "hall", "'onne'"),
        ("contracts", "gamma,retail", "gamma,reail", "segment", "'reail'"),
        ("contracts", "one,30,,3000", "one,30,,-3000", "monthly_recurring_revenue", "'-3000'"),
        ("contracts", "c3,", "c1,", "contract", "'c1' a second time (first in line 2)"),
        ("contracts", "c3,", ",", "contract", "an empty cell"),
        (
            "contracts",
            "2025-12,2026-03,12",
            "2025-12,2025-11,12",
            "start",
            "'2025-11', before signed (2025-12)",
        ),
        ("contracts", "2026-03,12,", "2026-03,12,2026-01", "end", "'2026-01', before start (2026-03)"),
        ("contracts", "2026-03,12", "03/2026,12", "start", "'03/2026'"),
        ("contracts", "2026-03,12", "2026-03,12.5", "term_months", "'12.5'"),
        ("orders", "20,contract_sent", "20,signed", "stage", "'signed'"),
        ("orders", "2026-04,0.9", "2026-04,90 %", "probability", "'90 %'"),
        (
            "orders",
            "2025-12,2026-04",
            "2026-05,2026-04",
            "expected_close",
            "'2026-04', before opened (2026-05)",
        ),
        ("accounts", "2025-12", "2025-10", "period", "'2025-10' below a later period that begins in 2025-11"),
        ("accounts", "2025-12", "2025-11", "period", "'2025-11' a second time (first in line 2)"),
        ("accounts", "2025-12", "2025-Q5", "period", "'2025-Q5'"),
        ("accounts", "2025-12,revenue", "2025-12,revenues", "line", "'revenues'"),
        ("facts", "100,customers", "100,", "unit", "an empty cell"),
        ("plans", "commit,two", "commit,one", "target", "'one', which is a hall"),
        ("plans", "commit,two", "commit,", "target", "an empty cell"),
        ("plans", "2026-06", "2026-6", "month", "'2026-6'"),
    ],
)
def test_a_cell_that_cannot_be_used(
    tmp_path: Path, name: str, old: str, new: str, column: str, found: str
) -> None:
    text = LEDGERS[name]
    fault = bad_ledger(tmp_path, f"{name}.csv", bent(text, old, new))
    assert shown(fault) == (f"{name}.csv", line_of(text, old), column)
    assert fault.found == found


def test_an_unknown_hall_suggests_the_nearest(tmp_path: Path) -> None:
    fault = bad_ledger(tmp_path, "contracts.csv", bent(CONTRACTS, "retail,one,30", "retail,onne,30"))
    assert fault.accepted == "a hall or an option of case.yaml: one, two"
    assert fault.mend == "write one, if that is what was meant"


def test_contracts_that_overfill_a_hall(tmp_path: Path) -> None:
    fault = bad_ledger(tmp_path, "contracts.csv", bent(CONTRACTS, "retail,one,100,", "retail,one,990,"))
    assert fault.column == "halls.one.sold_units"
    assert fault.found == "1,010 kW sold at the start (contracts, ramps counted)"


@pytest.mark.parametrize(
    ("header", "column", "mend"),
    [
        ("capcity", "capcity", "name it capacity, if that is what was meant"),
        ("capacity,capacity", "capacity", "take one out"),
        ("", "capacity", None),
    ],
)
def test_a_header_that_is_wrong(tmp_path: Path, header: str, column: str, mend: str | None) -> None:
    text = bent(CONTRACTS, "hall,capacity,", f"hall,{header}," if header else "hall,")
    found = errors(write_case(tmp_path, files={"contracts.csv": text}))
    assert all(fault.line == 1 for fault in found)
    first = next(fault for fault in found if fault.column == column)
    assert mend is None or first.mend == mend


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        ("", 1, "nothing"),
        (CONTRACTS.replace(",", ";"), 1, "columns separated by semicolons or tabs"),
        (bent(CONTRACTS, "c3,", "c3"), 4, "12 cells"),
        (bent(CONTRACTS, "c3,", "c3,x,"), 4, "14 cells"),
        (CONTRACTS.encode("utf-16"), 1, "text in UTF-16"),
        (CONTRACTS.replace("gamma", "zoé").encode("latin-1"), 4, "a byte that is not UTF-8 text (0xe9)"),
        (CONTRACTS.replace("gamma", "g\0mma"), 4, "a NUL byte"),
        (bent(CONTRACTS, "c3,", '"c3,'), 4, "a row that cannot be read: unexpected end of data"),
        (bytes(range(256)) * 10, 1, "a NUL byte"),
        (CONTRACTS + "x" * 2_000_000, 6, "a line of 1,000,000 characters or more"),
    ],
)
def test_a_csv_that_is_no_table(tmp_path: Path, content: str | bytes, line: int, found: str) -> None:
    fault = bad_ledger(tmp_path, "contracts.csv", content)
    assert shown(fault)[:2] == ("contracts.csv", line)
    assert fault.found == found


def test_the_line_counts_as_an_editor_does_below_a_cell_of_two_lines(tmp_path: Path) -> None:
    text = bent(CONTRACTS, "beta", '"be\nta"')
    assert bad_ledger(tmp_path, "contracts.csv", bent(text, "retail,one,30", "retail,one,x")).line == 5


def test_blank_lines_count_but_hold_no_row(tmp_path: Path) -> None:
    text = bent(CONTRACTS, "c3,", "\n,,,,,,,,,,,,\nc3,")
    assert bad_ledger(tmp_path, "contracts.csv", bent(text, "retail,one,30", "retail,one,x")).line == 6


def test_a_sheet_names_its_cell(tmp_path: Path) -> None:
    rows = [line.split(",") for line in CONTRACTS.splitlines()]
    rows[3][4] = "1,200 kW"
    with xlsxwriter.Workbook(write_case(tmp_path) / "contracts.xlsx") as book:
        sheet = book.add_worksheet("Contracts")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    fault = only_error(tmp_path)
    assert fault.place == "contracts.xlsx, Contracts!E4, column 'capacity'"


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_noise_in_a_binary_format(tmp_path: Path, form: str) -> None:
    fault = bad_ledger(tmp_path, f"contracts.{form}", bytes(range(256)) * 50)
    assert fault.found.startswith("no ")


def test_a_parquet_row_is_named(tmp_path: Path) -> None:
    frame = pl.read_csv(CONTRACTS.encode()).with_columns(capacity=pl.Series([100.0, 40.0, -1.0, 50.0]))
    frame.write_parquet(write_case(tmp_path) / "contracts.parquet")
    fault = only_error(tmp_path)
    assert fault.place == "contracts.parquet, row 3, column 'capacity'"
