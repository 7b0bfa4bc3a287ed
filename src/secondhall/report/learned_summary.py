"""What was learned, on a terminal: readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from secondhall.case import Case
from secondhall.report.learned_rows import (
    ParameterRow,
    check_rows,
    convergence_words,
    in_words,
    lesson_rows,
    parameter_rows,
    regime_now,
)
from secondhall.report.words import figure, printable

if TYPE_CHECKING:
    from secondhall.belief.posterior import Posterior
    from secondhall.decide.alarm import Alarm

__all__ = ["learned_summary"]


def learned_summary(case: Case, posterior: Posterior, console: Console, alarms: Sequence[Alarm] = ()) -> None:
    """Print what was learned and whether it can be trusted.

    Parameters
    ----------
    case, posterior
        what was learned, of which case.
    console
        where to print; 80 columns are enough, and nothing is told by colour alone.
    alarms
        when the inflow of an explained past would have raised one.
    """
    parts = (
        *_opening(case, posterior),
        *_parameters(case, posterior),
        *_lessons(case, posterior),
        *_checks(case, posterior),
        *_alarms(alarms),
    )
    for part in parts:
        console.print(part)


def _text(words: str, style: str = "") -> Text:
    return Text(printable(words), style=style)


def _listed(heading: str, sentences: tuple[str, ...]) -> list[RenderableType]:
    told = Table.grid(padding=(0, 1))
    told.add_column(width=2)
    told.add_column(overflow="fold")
    for sentence in sentences:
        told.add_row(" -", _text(sentence))
    return [_text(heading, "bold"), Padding(told, (0, 0, 1, 0))]


def _opening(case: Case, posterior: Posterior) -> list[RenderableType]:
    convergence, regimes = posterior.convergence, posterior.regimes
    parts: list[RenderableType] = [
        _text(case.title, "dim"),
        _text(
            f"{posterior.words[:1].upper()}{posterior.words[1:]}; nothing from {posterior.until} on.", "bold"
        ),
        Text(),
        *_listed("Can it be trusted", convergence_words(case, convergence) or ("No chains were run.",)),
    ]
    if convergence.warnings:
        parts += _listed("Beware", tuple(in_words(case, warning) for warning in convergence.warnings))
    if regimes is not None:
        parts += _listed("The regime", (regime_now(regimes).words,))
    return parts


def _parameters(case: Case, posterior: Posterior) -> list[RenderableType]:
    rows = parameter_rows(case, posterior)
    if not rows:
        return []
    parts: list[RenderableType] = [
        _text(f"What was learned of {len(rows)} fields: low, middle, high of nine cases of ten", "bold"),
        _field_table([("", "before", "", "learned", "")]),
    ]
    for subject, of in groupby(rows, key=lambda row: row.words.subject):
        parts.append(_text(subject, "bold"))
        for _, fields in groupby(of, key=lambda row: row.words.field):
            each = list(fields)
            units = {row.unit for row in each}
            unit = f", {units.pop()}" if len(units) == 1 and each[0].unit else ""
            parts.append(Padding(_text(f"{each[0].words.meaning}{unit}"), (0, 0, 0, 2)))
            parts.append(_field_table([_field_row(row, named=not unit) for row in each]))
    return [*parts, Text()]


_FieldRow = tuple[str, str, str, str, str]


def _field_row(row: ParameterRow, *, named: bool) -> _FieldRow:
    return (
        row.words.regime + (f" {row.unit}" if named else ""),
        _three(row.prior, row.digits),
        "->",
        _three(row.learned, row.digits),
        row.narrower,
    )


def _field_table(rows: list[_FieldRow]) -> RenderableType:
    """Return rows in columns of one width, so that those of all fields can be read down."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for width, justify in ((6, "left"), (22, "right"), (2, "left"), (22, "right"), (None, "left")):
        table.add_column(width=width, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    return Padding(table, (0, 0, 0, 4))


def _three(points: tuple[float, float, float] | None, digits: int) -> str:
    return "-" if points is None else " ".join(f"{figure(point, digits):>6}" for point in points)


def _lessons(case: Case, posterior: Posterior) -> list[RenderableType]:
    rows = lesson_rows(case, posterior)
    missed = tuple(f"{row.subject}: {row.words}" for row in rows if not row.learned)
    noted = tuple(f"{row.subject}: {row.words}" for row in rows if row.learned)
    parts: list[RenderableType] = []
    if missed:
        parts += _listed("What could not be learned, and what stands in", missed)
    if noted:
        parts += _listed("Notes", noted)
    return parts


def _alarms(alarms: Sequence[Alarm]) -> list[RenderableType]:
    said = tuple(one.words for one in alarms)
    return _listed("Would the inflow have raised an alarm", said) if said else []


def _checks(case: Case, posterior: Posterior) -> list[RenderableType]:
    rows = check_rows(case, posterior)
    if not rows:
        return []
    table = _table("", "what", "period", "figure", "half of cases", "nine of ten", "")
    for row in rows:
        cells = (row.check.fact, row.what, row.check.period, row.figure, row.half, row.most, row.verdict)
        table.add_row(*(_text(cell) for cell in cells))
    inside = sum(row.check.inside for row in rows)
    said = f"The figures beside what the learned company says: {inside} of {len(rows)} in the band"
    return [_text(said, "bold"), table]


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
