"""``secondhall recover``."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from secondhall.case import read_case
from secondhall.cli.inputs import case_at, month_given, unwritable, writable
from secondhall.cli.rules import parse_rule
from secondhall.cli.show import compiling_note, console, progress
from secondhall.decide.rules import Guards
from secondhall.errors import Fault, InputError, quoted
from secondhall.json_text import as_json_text
from secondhall.progress import Report
from secondhall.recover.data import recovery_data
from secondhall.recover.programme import Cheque, Goal, Value
from secondhall.recover.recovery import Recovery, Settings
from secondhall.report import get_ready
from secondhall.report.recovery import write_recovery
from secondhall.report.recovery_summary import recovery_summary
from secondhall.runs import RunStore
from secondhall.study import recover, recover_lived, store_recovery

__all__ = ["run_recover"]


def run_recover(
    case: str,
    *,
    at: str | None,
    run: str | None,
    future: int,
    goal: str,
    futures: int,
    companies: int,
    seconds: float,
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Plan the way out, write the paper, store the run, say it."""
    get_ready()
    aim: Goal = Cheque() if goal == "cheque" else Value()
    settings = Settings(fresh=futures, seconds=seconds)
    writable(out)
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        if run is None:
            found = _from_books(case, at, companies, aim, seed, settings, report)
        else:
            found = _from_run(case, at, run, future, aim, settings, report)
        report("writing the paper", 0, 1)
        try:
            page = write_recovery(found, out)
        except OSError as error:
            raise unwritable(out, error.strerror or str(error)) from None
        report("writing the paper", 1, 1)
        kept = store_recovery(RunStore(), found, page)
    if as_json:
        typer.echo(as_json_text({**recovery_data(found), "paper": str(page), "run": kept.id}))
        return
    recovery_summary(found, console())
    typer.echo(f"\nPaper: {page}\nRun:   {kept.id} (secondhall runs show {kept.id})")


def _from_books(
    case: str,
    at: str | None,
    companies: int,
    goal: Goal,
    seed: int,
    settings: Settings,
    report: Report,
) -> Recovery:
    read = read_case(case)
    month = None if at is None else month_given(at, "--at", str(read.start - 1))
    if month is not None and month + 1 != read.start and month + 1 not in read.decision_dates:
        known = ", ".join(str(date - 1) for date in (read.start, *read.decision_dates))
        raise InputError(
            [
                Fault(
                    file="the command line, --at",
                    found=quoted(at or ""),
                    accepted=f"the month before the start or a decision date of the case: {known}",
                    mend=f"add {month + 1} under decision_dates, or name a simulated run with --run",
                )
            ]
        )
    return recover(
        read, at=month, companies=companies, goal=goal, seed=seed, settings=settings, report=report
    )


def _from_run(
    case: str, at: str | None, run: str, future: int, goal: Goal, settings: Settings, report: Report
) -> Recovery:
    """Stand in one future of a run of ``simulate``."""
    lived = RunStore().open(run)
    rules = lived.parameters.get("rules")
    if not rules or lived.case != read_case(case).name:
        raise _unfit(run, f"a run of {lived.verb} of {lived.case}", f"a run of simulate of {case}")
    began = case_at(case, lived.parameters.get("at"))
    month = began.start - 1 if at is None else month_given(at, "--at", str(began.start + 24))
    if not began.start <= month < began.start + began.horizon_months - 36:
        last = began.start + began.horizon_months - 37
        raise _unfit(at or "no month", quoted(at or "no month"), f"a month from {began.start} to {last}")
    return recover_lived(
        began,
        parse_rule(began, rules[0], Guards()),
        until=month,
        future=future,
        scenario=lived.parameters.get("scenario"),
        goal=goal,
        seed=lived.seed,
        settings=settings,
        report=report,
    )


def _unfit(what: str, found: str, accepted: str) -> InputError:
    return InputError(
        [
            Fault(
                file="the command line", found=found, accepted=accepted, mend=f"write another one than {what}"
            )
        ]
    )
