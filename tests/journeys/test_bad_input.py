"""Each bad input gives a message that says where, what was found, what is accepted and how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from tests.cases import ACCOUNTS, CONTRACTS, FACTS, MINIMAL, ORDERS, PLANS, bent, line_of, shown, write_case

from secondhall.case import check_case, read_case
from secondhall.errors import Fault, InputError, Severity

LEDGERS = {"contracts": CONTRACTS, "orders": ORDERS, "accounts": ACCOUNTS, "facts": FACTS, "plans": PLANS}


def errors(folder: Path) -> list[Fault]:
    """Check a case that is wrong; every fault must be complete."""
    case, faults = check_case(folder)
    assert case is None
    found = [fault for fault in faults if fault.severity is Severity.ERROR]
    assert found
    for fault in found:
        assert fault.file
        assert fault.found
        assert fault.accepted
        assert fault.mend
    return found


def only_error(folder: Path) -> Fault:
    found = errors(folder)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def bad_yaml(folder: Path, old: str, new: str) -> Fault:
    return only_error(write_case(folder, yaml=bent(MINIMAL, old, new)))


def bad_ledger(folder: Path, name: str, content: str | bytes) -> Fault:
    return only_error(write_case(folder, files={name: content}))


# Files and folders


def test_a_missing_folder(tmp_path: Path) -> None:
    fault = only_error(tmp_path / "nowhere")
    assert fault.found == "no such file or folder"
    assert "case.yaml" in fault.accepted


def test_a_missing_case_yaml(tmp_path: Path) -> None:
    fault = only_error(tmp_path)
    assert (fault.file, fault.found) == ("case.yaml", "no such file")
    assert "secondhall init" in fault.mend


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    assert only_error(write_case(tmp_path) / "case.yaml").found == "a file"


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (write_case(tmp_path) / "contracts.csv").mkdir()
    fault = only_error(tmp_path)
    assert (fault.file, fault.found) == ("contracts.csv", "a folder")


@pytest.mark.parametrize("name", ["case.yaml", "contracts.csv"])
def test_a_symlink_loop(tmp_path: Path, name: str) -> None:
    write_case(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / name)
    fault = only_error(tmp_path)
    assert (fault.file, fault.found) == (name, "a link that leads back to itself")


def test_a_folder_that_is_a_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert only_error(tmp_path / "a").found == "a link that leads back to itself"


def test_a_symlink_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(CONTRACTS)
    (write_case(tmp_path / "case") / "contracts.csv").symlink_to(outside)
    fault = only_error(tmp_path / "case")
    assert (fault.file, fault.found) == ("contracts.csv", "a link that leads out of the case's folder")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(write_case(tmp_path) / "contracts.csv")
    assert only_error(tmp_path).found == "something that is no plain file"


def test_two_formats_of_one_ledger(tmp_path: Path) -> None:
    write_case(tmp_path, files={"contracts.csv": CONTRACTS, "contracts.parquet": b""})
    fault = only_error(tmp_path)
    assert (fault.file, fault.found) == ("contracts.parquet", "the same ledger as contracts.csv")


def test_a_misspelt_ledger_is_a_doubt(tmp_path: Path) -> None:
    case, faults = check_case(write_case(tmp_path, files={"contract.csv": CONTRACTS}))
    assert case is not None
    assert faults[0].mend == "name it contracts.csv, if that is what was meant"


# case.yaml


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "null\n"])
def test_an_empty_case(tmp_path: Path, text: str) -> None:
    fault = only_error(write_case(tmp_path, yaml=text))
    assert (fault.file, fault.line, fault.found) == ("case.yaml", 1, "nothing")


def test_a_case_that_is_a_list(tmp_path: Path) -> None:
    assert only_error(write_case(tmp_path, yaml="- a\n")).found == "a text or a list"


def test_yaml_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    fault = bad_yaml(tmp_path, "  one:\n", "  one: {\n")
    assert fault.file == "case.yaml"
    assert fault.line is not None
    assert fault.found.startswith("no YAML here")


def test_a_key_a_second_time(tmp_path: Path) -> None:
    fault = only_error(write_case(tmp_path, yaml=MINIMAL + "unit: MW\n"))
    assert fault.line == MINIMAL.count("\n") + 1
    assert fault.found == f"'unit' a second time (first in line {line_of(MINIMAL, 'unit: kW')})"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &a [1,1]\nb: [*a,*a]\n", "an anchor or alias ('a')"),
        (
            "a: !!python/object/apply:os.system ['true']\n",
            "a tag ('tag:yaml.org,2002:python/object/apply:os.system')",
        ),
        ("a: " + "[" * 50 + "]" * 50 + "\n", "more than 12 levels"),
        ("a: 1\n---\nb: 2\n", "a second document"),
    ],
)
def test_yaml_that_would_do_harm(tmp_path: Path, text: str, found: str) -> None:
    fault = only_error(write_case(tmp_path, yaml=text))
    assert fault.found == found
    assert fault.line is not None


def test_a_case_yaml_that_is_too_large(tmp_path: Path) -> None:
    assert only_error(write_case(tmp_path, yaml="#" * 2_000_001)).found == "2,000,001 bytes"


def test_noise_in_case_yaml(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_bytes(b"name: a\n" + bytes(range(256)))
    fault = only_error(tmp_path)
    assert fault.line is not None
    assert "not UTF-8" in fault.found


def test_a_control_character_in_case_yaml(tmp_path: Path) -> None:
    fault = only_error(write_case(tmp_path, yaml="name: a\x00b\n"))
    assert fault.found.startswith("no YAML here")


def test_an_unknown_field_suggests_the_nearest(tmp_path: Path) -> None:
    found = errors(
        write_case(
            tmp_path, yaml=bent(MINIMAL, "capacity_units: {value: 1000", "capcity_units: {value: 1000")
        )
    )
    assert {fault.column for fault in found} == {"halls.one.capacity_units", "halls.one.capcity_units"}
    unknown = next(fault for fault in found if "capcity" in fault.found)
    assert unknown.line == line_of(MINIMAL, "capacity_units: {value: 1000")
    assert unknown.mend == "write capacity_units, if that is what was meant"


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("1,200 kW", "write 1200, if that is what was meant; the field is already in kW"),
        ("1 200", "write 1200, if that is what was meant"),
        ("-5", "it cannot be negative; write 5, if the sign is a slip"),
        ('"1200"', "write it without quotes"),
        ("many", "write a plain number; the field is in kW"),
        (".inf", "write a plain number; the field is in kW"),
        ("1e999", "write a number that a computer can hold"),
        ("1_200", "write 1200, if that is what was meant"),
    ],
)
def test_a_capacity_that_is_no_number(tmp_path: Path, written: str, mend: str) -> None:
    old = "capacity_units: {value: 1000, source: S1, kind: fact}"
    fault = bad_yaml(tmp_path, old, f"capacity_units: {written}")
    assert fault.line == line_of(MINIMAL, "capacity_units: {value: 1000")
    assert fault.column == "halls.one.capacity_units"
    assert fault.mend == mend


def test_a_percentage(tmp_path: Path) -> None:
    fault = bad_yaml(tmp_path, "out_of_term_share: {value: 0.4,", "out_of_term_share: {value: 40 %,")
    assert fault.mend == "write 0.4, if that is what was meant; a share is written as a part of 1"
    fault = bad_yaml(tmp_path, "out_of_term_share: {value: 0.4,", "out_of_term_share: {value: 40,")
    assert fault.mend == "write 0.4, if 40 % was meant"


def test_a_negative_price(tmp_path: Path) -> None:
    fault = bad_yaml(
        tmp_path, "{low: 130, mid: 150, high: 180, because: three offers}", "{value: -150, because: no}"
    )
    assert shown(fault) == (
        "case.yaml",
        line_of(MINIMAL, "list_price_per_unit_month"),
        "segments.retail.list_price_per_unit_month",
    )
    assert fault.found == "'-150'"
    assert fault.accepted == "a number of EUR/kW/month, 0 or more, such as 1200 or 1200.5"
    assert fault.mend == "it cannot be negative; write 150, if the sign is a slip"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("low: 130", "low: 160", "low 160, mid 150, high 180"),
        ("low: 130, ", "", "no low"),
        ("{low: 130, mid: 150, high: 180, because: three offers}", "[1, 2]", "a list"),
        ("boom: 0.005, ", "", "no value for boom"),
        ("{value: 1000, source: S1, kind: fact}", "{value: 1000, kind: fact}", "a fact without a source"),
        ("{value: 1000, source: S1, kind: fact}", "{value: 1000, source: S1, kind: rumour}", "'rumour'"),
        (
            "{value: 1000, source: S1, kind: fact}",
            "{low: 1, mid: 2, high: 3, because: x}",
            "low, mid and high",
        ),
        ("because: three offers", "because: three offers, confidence: 0.3", "'0.3'"),
        ("term_months: {value: 24,", "term_months: {value: 24.5,", "'24.5'"),
        ("start: 2026-01", "start: 2026-13", "'2026-13'"),
        ("currency: EUR", "currency: euro", "'euro'"),
        ("unit: kW", "unit: kw", "'kw'"),
        ("months_after_commit: 30", "months_after_commit: 12", "'12'"),
        ("{capacity_units: 500, capex: 4000000", "{capacity_units: 0, capex: 4000000", "'0'"),
        ("sold_units: {value: 400", "sold_units: {value: 1400", "1,400 kW sold at the start"),
    ],
)
def test_a_value_in_case_yaml_that_cannot_be_used(tmp_path: Path, old: str, new: str, found: str) -> None:
    fault = bad_yaml(tmp_path, old, new)
    assert fault.file == "case.yaml"
    assert fault.line == line_of(MINIMAL, old)
    assert fault.found == found


def test_a_missing_section(tmp_path: Path) -> None:
    found = errors(write_case(tmp_path, yaml="name: a\ncurrency: EUR\nunit: kW\nstart: 2026-01\n"))
    assert {fault.column for fault in found} == {"costs", "finance", "segments", "halls"}


def test_a_hall_under_construction_needs_its_option(tmp_path: Path) -> None:
    yaml = bent(MINIMAL, "    sold_units: {value: 400, source: S1, kind: fact}\n", "    state: building\n")
    assert {fault.column for fault in errors(write_case(tmp_path, yaml=yaml))} == {
        "halls.one.option",
        "halls.one.committed",
    }


def test_start_regimes_that_do_not_add_up(tmp_path: Path) -> None:
    yaml = MINIMAL + "market:\n  start_regime: {boom: 0.5, steady: 0.4, bust: 0, because: x}\n"
    assert only_error(write_case(tmp_path, yaml=yaml)).found == "shares that add up to 0.9"


def test_a_fault_in_an_overlay_names_its_line(tmp_path: Path) -> None:
    yaml = MINIMAL + "decision_dates:\n  2026-07:\n    finance:\n      cash: a lot\n"
    fault = only_error(write_case(tmp_path, yaml=yaml))
    assert fault.line == yaml.count("\n")
    assert fault.found == "'a lot'"


def test_all_faults_at_once_and_at_most_fifty_shown(tmp_path: Path) -> None:
    halls = "".join(f"  h{n}:\n    capacity_units: x\n    fixed_cost_monthly: y\n" for n in range(40))
    yaml = bent(MINIMAL, "halls:\n", "halls:\n" + halls)
    with pytest.raises(InputError) as raised:
        read_case(write_case(tmp_path, yaml=yaml))
    assert len(raised.value.faults) == 80
    assert str(raised.value).count("\n\n") == 50
    assert str(raised.value).endswith("and 30 more, not shown")


# Ledgers


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


# Size

_MEMORY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
from secondhall.case import check_case
case, faults = check_case(sys.argv[1])
assert case is None
print(len(faults))
print(faults[0])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(
    "header", ["", CONTRACTS.splitlines()[0] + "\n"], ids=["from the first byte", "below a header"]
)
@pytest.mark.parametrize("kind", ["bytes", "text"])
def test_300_mb_of_noise_fails_clearly_quickly_and_in_bounded_memory(
    tmp_path: Path, header: str, kind: str
) -> None:
    write_case(tmp_path)
    block = os.urandom(1_000_000)
    if kind == "text":
        letters = bytes(32 + byte % 90 if byte % 90 != 2 else 10 for byte in range(256))
        block = block.translate(letters)
    with (tmp_path / "contracts.csv").open("wb") as file:
        file.write(header.encode())
        for _ in range(300):
            file.write(block)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": "src", "POLARS_MAX_THREADS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "contracts.csv, line " in done.stdout
    assert int(done.stdout.split()[-1]) < 700_000, "kilobytes"
    assert time.monotonic() - began < 60
    assert int(done.stdout.split()[0]) <= 210


def test_nothing_is_written_beside_a_bad_case(tmp_path: Path) -> None:
    write_case(tmp_path, files={"contracts.csv": "noise"})
    before = sorted(tmp_path.iterdir())
    errors(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
