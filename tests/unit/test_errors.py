import doctest
import json
import pickle

import pytest

import secondhall.errors
from secondhall.errors import (
    Fault,
    InputError,
    InternalError,
    NoAnswerError,
    SecondhallError,
    Severity,
    quoted,
)


def fault(**changes: object) -> Fault:
    fields: dict[str, object] = {
        "file": "contracts.csv",
        "line": 4,
        "column": "capacity",
        "found": quoted("1,200 kW"),
        "accepted": "a number of kW, 0 or more, such as 1200 or 1200.5",
        "mend": "write 1200, if that is what was meant; the column is already in kW",
    }
    return Fault(**(fields | changes))  # type: ignore[arg-type]


def test_a_fault_reads_as_the_style_page_shows() -> None:
    assert str(fault()) == (
        "contracts.csv, line 4, column 'capacity'\n"
        "  found     '1,200 kW'\n"
        "  accepted  a number of kW, 0 or more, such as 1200 or 1200.5\n"
        "  mend      write 1200, if that is what was meant; the column is already in kW"
    )


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"line": None}, "contracts.csv, column 'capacity'"),
        ({"line": None, "column": None}, "contracts.csv"),
        ({"column": None}, "contracts.csv, line 4"),
        ({"file": "book.xlsx", "cell": "Contracts!D14"}, "book.xlsx, Contracts!D14, column 'capacity'"),
    ],
)
def test_a_fault_names_only_the_place_it_knows(changes: dict[str, object], place: str) -> None:
    assert fault(**changes).place == place


def test_a_fault_is_frozen() -> None:
    with pytest.raises(AttributeError):
        fault().line = 5  # type: ignore[misc]


def test_a_fault_as_dict_goes_through_json_unchanged() -> None:
    as_dict = fault(severity=Severity.DOUBT).as_dict()
    assert json.loads(json.dumps(as_dict)) == as_dict
    assert as_dict["severity"] == "doubt"
    assert set(as_dict) == {"severity", "file", "line", "cell", "column", "found", "accepted", "mend"}


def test_a_found_value_cannot_break_the_line_or_reach_the_terminal() -> None:
    shown = quoted("a\nb\x1b[31m" + "x" * 1_000_000)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert len(shown) < 120
    assert str(fault(file="evil\n.csv", found="raw\x1b", mend="a\rb")).count("\n") == 3
    assert all(c.isprintable() or c == "\n" for c in str(fault(found="raw\x1b")))


@pytest.mark.parametrize(
    ("error", "status"),
    [(NoAnswerError("none"), 1), (InputError([fault()]), 2), (InternalError("ours"), 3)],
)
def test_each_error_carries_its_exit_status(error: SecondhallError, status: int) -> None:
    assert error.exit_status == status
    assert error.as_dict()["exit_status"] == status


@pytest.mark.parametrize(("count", "more"), [(50, None), (51, 1), (300, 250)])
def test_at_most_50_faults_are_shown_and_the_rest_counted(count: int, more: int | None) -> None:
    error = InputError([fault(line=n) for n in range(count)])
    assert str(error).count("contracts.csv") == 50
    assert str(error).endswith(f"and {more} more, not shown") == (more is not None)
    shown = error.as_dict()
    assert len(shown["faults"]) == 50  # type: ignore[arg-type]
    assert shown["faults_in_all"] == count


def test_an_input_error_keeps_its_faults_through_another_process() -> None:
    error = InputError([fault(), fault(line=5)])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults


def test_the_docstring_draws_every_class_that_can_be_caught() -> None:
    drawn = secondhall.errors.__doc__ or ""
    for name in ("SecondhallError", "InputError", "NoAnswerError", "InternalError"):
        assert name in drawn
        assert name in secondhall.errors.__all__


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(secondhall.errors).failed == 0
