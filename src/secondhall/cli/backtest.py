"""``secondhall backtest``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from secondhall.backtest import Backtest, Forecast, backtest
from secondhall.case import read_case
from secondhall.cli.inputs import month_given, unwritable, writable
from secondhall.cli.show import compiling_note, console, progress
from secondhall.errors import Fault, InputError
from secondhall.json_text import as_json_text
from secondhall.report.backtest import score_rows, verdict_words, write_backtest
from secondhall.report.words import printable

__all__ = ["run_backtest"]


def run_backtest(
    case: str | None,
    *,
    since: str | None,
    until: str | None,
    every: int,
    futures: int,
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Learn at one date after another, forecast, score, write the page, say it."""
    read = read_case(_given(case, "CASE", "a case, such as interxion"))
    first = month_given(
        _given(since, "--from", "the first date to stand at, such as 2004-01"), "--from", "2004-01"
    )
    last = None if until is None else month_given(until, "--until", "2004-01")
    writable(out)
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        found = backtest(
            read, first, until=last, every=every, futures=futures, seed=seed, report=report
        )  # fmt: skip
        try:
            page = write_backtest(found, out)
        except OSError as error:
            raise unwritable(out, error.strerror or str(error)) from None
    if as_json:
        typer.echo(as_json_text({**_as_data(found), "report": str(page)}))
        return
    _print(found)
    typer.echo(f"\nReport: {page}")


def _given(text: str | None, what: str, accepted: str) -> str:
    if text is not None:
        return text
    raise InputError(
        [
            Fault(
                file=f"the command line, {what}",
                found="nothing",
                accepted=accepted,
                mend="give it, or --decisions to take the real decisions again",
            )
        ]
    )


def _as_data(found: Backtest) -> dict[str, object]:
    return {
        "case": found.case,
        "origins": [str(origin) for origin in found.origins],
        "horizons": list(found.horizons),
        "futures": found.futures,
        "seed": found.seed,
        "verdict": verdict_words(found),
        "scores": [asdict(score) for score in found.scores()],
        "forecasts": [_forecast(forecast) for forecast in found.forecasts],
        "notes": list(found.notes),
    }


def _forecast(forecast: Forecast) -> dict[str, object]:
    months = {"origin": str(forecast.origin), "last": str(forecast.last)}
    return {**asdict(forecast), **months, "ahead": forecast.ahead}


def _print(found: Backtest) -> None:
    screen = console()
    screen.print(printable(verdict_words(found)), soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for name in ("line", "months\nahead", "forecaster"):
        table.add_column(name)
    for name in ("figures", "in 50 %\nband", "in 90 %\nband", "CRPS", "bias"):
        table.add_column(name, justify="right")
    before = None
    for row in score_rows(found):
        cell = (row.line, row.ahead)
        if before is not None and cell != before:
            table.add_section()
        shown = cell if cell != before else ("", "")
        crps = f"[bold]{row.crps}[/]" if row.best else row.crps
        table.add_row(*shown, row.forecaster, row.count, row.coverage_50, row.coverage_90, crps, row.bias)
        before = cell
    screen.print(table)
    screen.print("CRPS: mean distance of forecast and figure, lower is better. bias: forecast less figure.")
    for note in found.notes:
        screen.print(printable(f"- {note}"), soft_wrap=True, highlight=False, style="dim")
