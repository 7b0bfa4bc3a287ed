"""What was learned as one HTML file: it opens offline, runs no script and loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from secondhall.case import Case
from secondhall.months import Month
from secondhall.report.charts.learned import learned_pictures
from secondhall.report.html import filled, write_page
from secondhall.report.learned_rows import (
    CheckRow,
    check_rows,
    convergence_words,
    in_words,
    lesson_rows,
    parameter_rows,
    regime_now,
)
from secondhall.report.strips import check_strip, density_strip

if TYPE_CHECKING:
    from secondhall.belief.posterior import Posterior
    from secondhall.decide.alarm import Alarm

__all__ = ["render_learned", "write_learned"]


def write_learned(
    case: Case, posterior: Posterior, path: str | Path, *, seed: int, alarms: Sequence[Alarm] = ()
) -> Path:
    """Write the page of what was learned; what stands at ``path`` is replaced in one step."""
    return write_page(render_learned(case, posterior, seed=seed, alarms=alarms), Path(path))


def render_learned(case: Case, posterior: Posterior, *, seed: int, alarms: Sequence[Alarm] = ()) -> str:
    """Return the page; ``alarms`` say when the inflow of an explained past would have raised one.

    The same case and the same draws give the same bytes: the page holds no clock and no path.
    """
    return filled("learned.html.j2", _context(case, posterior, seed, alarms))


def _context(case: Case, posterior: Posterior, seed: int, alarms: Sequence[Alarm]) -> dict[str, Any]:
    pictures: dict[str, list[Any]] = {}
    for picture in learned_pictures(case, posterior, alarms):
        pictures.setdefault(picture.group, []).append(picture)
    rows = parameter_rows(case, posterior)
    lessons = lesson_rows(case, posterior)
    checks = check_rows(case, posterior)
    regimes = posterior.regimes
    return {
        "case": case,
        "posterior": posterior,
        "seed": seed,
        "words": posterior.words[:1].upper() + posterior.words[1:].rstrip("."),
        "trust": convergence_words(case, posterior.convergence),
        "pictures": pictures,
        "alarms": [one.words for one in alarms],
        "now": None if regimes is None else regime_now(regimes),
        "months": _months(posterior),
        "rows_count": len(rows),
        "groups": [
            (
                subject,
                [
                    (row, density_strip(posterior.values[row.name], posterior.priors.get(row.name)))
                    for row in of
                ],
            )
            for subject, of in groupby(rows, key=lambda row: row.words.subject)
        ],
        "warnings": [in_words(case, warning) for warning in posterior.convergence.warnings],
        "refused": in_words(case, posterior.convergence.refused or ""),
        "checks": _grouped(checks),
        "checks_count": len(checks),
        "inside": sum(row.check.inside for row in checks),
        "missed": [row for row in lessons if not row.learned],
        "noted": [row for row in lessons if row.learned],
        "tables": _tables(posterior),
    }


FEW = 24
"""Checks that stand in one table; of more, those of one figure stand together and can be folded."""


ROWS_AT_MOST, COLUMNS_AT_MOST = 500, 40


def _grouped(rows: Sequence[CheckRow]) -> list[tuple[str, int, list[tuple[CheckRow, Markup]]]]:
    """Return the checks in groups: a title, how many lie inside, the rows with their pictures."""
    groups: dict[str, list[CheckRow]] = {}
    for row in rows:
        groups.setdefault(row.what if len(rows) > FEW else "", []).append(row)
    return [
        (title, sum(row.check.inside for row in of), [(row, check_strip(row.check)) for row in of])
        for title, of in groups.items()
    ]


def _months(posterior: Posterior) -> list[tuple[Month, list[float], list[float] | None]]:
    regimes = posterior.regimes
    if regimes is None:
        return []
    then = regimes.filtered
    return [
        (regimes.first + at, row.tolist(), None if then is None else then[at].tolist())
        for at, row in enumerate(regimes.smoothed)
    ]


def _tables(posterior: Posterior) -> list[tuple[str, list[str], list[list[str]]]]:
    """Return every curve as a table: what a picture shows can be read, and what has no picture too.

    Tables of draws are for programs: they stay in the stored belief.
    """
    tables = []
    for name, columns in posterior.series.items():
        length = next((values.size for values in columns.values()), 0)
        if not length or length > ROWS_AT_MOST or len(columns) > COLUMNS_AT_MOST:
            continue
        rows = zip(*(columns[column].tolist() for column in columns), strict=True)
        written = [[_cell(column, value) for column, value in zip(columns, row, strict=True)] for row in rows]
        tables.append((name.replace(".", " "), list(columns), written))
    return tables


def _cell(column: str, value: float) -> str:
    return str(Month(int(value))) if column == "month" else f"{value:,.5g}"
