"""``secondhall plan``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from secondhall.case import read_case
from secondhall.cli.show import compiling_note, console, progress
from secondhall.months import Month
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
    read = read_case(case)
    standing = read if at is None else read.at(Month.parse(at))
    compiling_note(shown=not as_json)
    with progress(shown=shown) as report:
        decision = plan(
            standing,
            learn(standing, scenario=scenario),
            futures=futures,
            seed=seed,
            threads=threads,
            report=report,
        )
        report("writing the report", 0, 1)
        page = write_report(decision, out)
        report("writing the report", 1, 1)
        run = store_decision(RunStore(), decision, page)
    if as_json:
        typer.echo(json.dumps({**as_data(decision), "report": str(page), "run": run.id}, indent=2))
        return
    from secondhall.report import terminal_summary

    terminal_summary(decision, console())
    typer.echo(f"\nReport: {page}\nRun:    {run.id} (secondhall runs show {run.id})")
