"""``secondhall plan``."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from secondhall.cli.inputs import case_at, unwritable, writable
from secondhall.cli.show import compiling_note, console, progress
from secondhall.json_text import as_json_text
from secondhall.report import get_ready, terminal_summary
from secondhall.runs import RunStore
from secondhall.study import as_data, learn, plan, store_decision, write_report

__all__ = ["run_plan"]


def run_plan(
    case: str,
    *,
    at: str | None,
    scenario: str | None,
    futures: int,
    seed: int,
    threads: int | None,
    out: Path,
    as_json: bool,
) -> None:
    """Recommend a rule, write the report, store the run, say it."""
    shown = sys.stderr.isatty() and not as_json
    get_ready()
    standing = case_at(case, at)
    writable(out)
    compiling_note(shown=not as_json)
    with progress(shown=shown) as report:
        decision = plan(
            standing,
            learn(standing, scenario=scenario, report=report),
            futures=futures,
            seed=seed,
            threads=threads,
            report=report,
        )
        report("writing the report", 0, 1)
        try:
            page = write_report(decision, out)
        except OSError as error:
            raise unwritable(out, error.strerror or str(error)) from None
        report("writing the report", 1, 1)
        run = store_decision(RunStore(), decision, page)
    if as_json:
        typer.echo(as_json_text({**as_data(decision), "report": str(page), "run": run.id}))
        return
    from secondhall.report.words import printable

    if scenario is not None:
        words = standing.scenarios[scenario].text("words")
        typer.echo(printable(f"Under the scenario {scenario}: {words}"))
    terminal_summary(decision, console())
    typer.echo(f"\nReport: {page}\nRun:    {run.id} (secondhall runs show {run.id})")
