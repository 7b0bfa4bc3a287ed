"""accounts.csv: a line of utilisation, and the month in which a figure became known."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases import only_error, shown, write_case

from secondhall.case import check_case
from secondhall.months import Month

HEADER = "period,line,value,published\n"


def test_utilisation_and_publication_are_read_and_both_are_optional(tmp_path: Path) -> None:
    rows = "2025-Q3,utilisation,0.74,2025-11\n2025-Q4,utilisation,0.75,\n"
    case, _ = check_case(write_case(tmp_path / "small", files={"accounts.csv": HEADER + rows}))
    assert case is not None
    assert case.accounts is not None
    assert case.accounts["published"].to_list() == [Month.of(2025, 11).ordinal, None]
    assert case.accounts["value"].to_list() == [0.74, 0.75]


@pytest.mark.parametrize(
    ("row", "column", "mend"),
    [
        ("2025-Q4,utilisation,75,", "value", "divide a percentage by 100"),
        ("2025-Q4,sold,75,2025-11", "published", "correct published or the period"),
    ],
)
def test_a_percentage_or_a_figure_known_before_its_time_is_an_error_that_says_its_mend(
    tmp_path: Path, row: str, column: str, mend: str
) -> None:
    fault = only_error(write_case(tmp_path / "small", files={"accounts.csv": HEADER + row + "\n"}))
    assert shown(fault) == ("accounts.csv", 2, column)
    assert fault.mend == mend
