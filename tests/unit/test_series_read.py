"""What is taken from the accounts to learn from, and what is said of what they lack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases import write_case

from secondhall.belief.kernels.series import SOLD
from secondhall.belief.series.read import Series, read_series
from secondhall.case import read_case
from secondhall.months import Month

START = Month.of(2026, 1)
HEADER = "period,line,value,published,kind\n"


def read(folder: Path, rows: str) -> Series:
    return read_series(read_case(write_case(folder / "small", files={"accounts.csv": HEADER + rows})), START)


def said(series: Series) -> str:
    return " ".join(lesson.words for lesson in series.lessons)


def test_any_mix_of_periods_becomes_sums_that_restart_with_the_calendar(tmp_path: Path) -> None:
    rows = "2025,revenue,700000,,\n2025-Q3,revenue,180000,,\n2025-Q4,sold,400,,\n2025-12,revenue,61000,,\n"
    series = read(tmp_path, rows)
    data = series.data
    assert (series.first, series.months) == (Month.of(2025, 1), 12)
    assert data.restarts.sum(axis=1).tolist() == [12, 4, 1]
    assert [(int(m), int(k)) for m, k in zip(data.month, data.kind, strict=True)] == [
        (8, 1),
        (11, 2),
        (11, 0),
        (11, SOLD),
    ]


def test_a_figure_is_told_as_exactly_as_its_line_is_rounded(tmp_path: Path) -> None:
    rows = "2025-Q2,sold,380,,\n2025-Q3,sold,390,,inference\n2025-Q4,sold,400,,\n"
    errors = [figure.error for figure in read(tmp_path, rows).figures]
    plain = 10 / np.sqrt(12)
    assert errors == pytest.approx([plain, plain * np.sqrt(2), plain], rel=1e-3)


def test_utilisation_times_capacity_stands_in_where_what_is_sold_is_not_told(tmp_path: Path) -> None:
    rows = (
        "2025-Q3,capacity,1000,,\n2025-Q4,capacity,1000,,\n2025-Q3,utilisation,0.38,,\n2025-Q4,sold,400,,\n"
    )
    figures = read(tmp_path, rows).figures
    assert [(f.line, f.value) for f in figures] == [("utilisation", 380.0), ("sold", 400.0)]
    assert figures[0].error == pytest.approx(1000 * 0.01 / np.sqrt(12), rel=1e-3)


def test_what_was_published_later_is_not_read(tmp_path: Path) -> None:
    rows = "2025-Q3,sold,380,2025-11,\n2025-Q4,sold,400,2026-02,\n"
    assert [figure.period for figure in read(tmp_path, rows).figures] == ["2025-Q3"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2025-Q4,capacity,1000,,\n", "no figure of what is sold"),
        ("2025-Q4,capacity,1000,,\n2025-Q4,revenue,180000,,\n", "capacity is told without what is sold"),
        ("2025-Q1,sold,350,,\n2025-Q4,sold,400,,\n", "what is sold is not told for 2 of the periods"),
        ("2025-01,revenue,60000,,\n2025-05,revenue,61000,,\n", "revenue is not told for 3 of the periods"),
        ("2025-Q4,sold,400,,\n", "only 1 figures"),
        ("2025-Q4,sold,400,,\n", "revenue is not told"),
        ("2025-Q4,sold,990,,\n2025-Q4,capacity,1000,,\n", "the halls were full at the end of 2025-Q4"),
    ],
)
def test_what_the_figures_lack_is_said(tmp_path: Path, rows: str, words: str) -> None:
    assert words in said(read(tmp_path, rows))
