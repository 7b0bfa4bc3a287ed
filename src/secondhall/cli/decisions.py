"""``secondhall backtest --decisions``."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from secondhall.backtest.decisions import as_data, replay_decisions, said
from secondhall.cli.inputs import unwritable, writable
from secondhall.cli.show import compiling_note, console, progress
from secondhall.json_text import as_json_text
from secondhall.report.decisions import decision_rows, write_decisions
from secondhall.report.words import printable

__all__ = ["run_decisions"]


def run_decisions(which: str | None, *, futures: int, seed: int, out: Path, as_json: bool) -> None:
    """Take real decisions again on what was known at their dates, write the page, say the count."""
    writable(out)
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        replays = replay_decisions(which, futures=futures, seed=seed, report=report)
        try:
            page = write_decisions(replays, out)
        except OSError as error:
            raise unwritable(out, error.strerror or str(error)) from None
    if as_json:
        typer.echo(as_json_text({**as_data(replays), "report": str(page)}))
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for name in ("decision", "taken", "recommended", "to build was", "call"):
        table.add_column(name)
    for row in decision_rows(replays):
        table.add_row(row.decision, row.month, row.verdict, row.right, row.call)
    screen = console()
    screen.print(table)
    screen.print(printable(said(replays)), soft_wrap=True, highlight=False)
    typer.echo(f"\nReport: {page}")
