"""Each bad input gives a message that says where, what was found, what is accepted and how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cases import CONTRACTS, MINIMAL, bent, errors, line_of, only_error, shown, write_case

from secondhall.case import check_case, read_case
from secondhall.errors import Fault, InputError


def bad_yaml(folder: Path, old: str, new: str) -> Fault:
    return only_error(write_case(folder, yaml=bent(MINIMAL, old, new)))


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


# Size

_MEMORY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
from secondhall.case import check_case, read_case
case, faults = check_case(sys.argv[1])
assert case is None
print(len(faults))
print(faults[0])
status = open("/proc/self/status").read()  # its own peak: ru_maxrss begins at that of its parent
print(status.split("VmHWM:")[1].split()[0])
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
