"""``secondhall check``."""

from __future__ import annotations

import typer

from secondhall.case import Case, check_case
from secondhall.errors import Severity
from secondhall.json_text import as_json_text

__all__ = ["run_check"]


def run_check(case: str, *, strict: bool, as_json: bool) -> int:
    """Check a case and print what was found; return the exit status."""
    read, faults = check_case(case)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    doubts = [fault for fault in faults if fault.severity is Severity.DOUBT]
    failed = bool(errors) or (strict and bool(doubts))
    lines = _reconciled(read) if read is not None else []
    if as_json:
        typer.echo(
            as_json_text(
                {
                    "ok": not failed,
                    "errors": [fault.as_dict() for fault in errors],
                    "doubts": [fault.as_dict() for fault in doubts],
                    "month_zero": lines,
                }
            )
        )
        return 2 if failed else 0
    for title, shown in (("error", errors), ("doubt", doubts)):
        for fault in shown:
            typer.echo(f"{title}: {fault}\n", err=title == "error")
    if read is not None:
        _say(read, lines)
    strictly = ", taken as errors" if strict and doubts else ""
    typer.echo(f"{_counted(len(errors), 'error')}, {_counted(len(doubts), 'doubt')}{strictly}")
    return 2 if failed else 0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _reconciled(case: Case) -> list[dict[str, object]]:
    if case.accounts is None:
        return []
    from secondhall.decide.reconcile import reconcile

    return [
        {"line": r.line, "books": r.books, "model": r.model, "equal": r.equal, "note": r.note}
        for r in reconcile(case)
    ]


def _say(case: Case, lines: list[dict[str, object]]) -> None:
    from secondhall.report.words import printable

    halls, segments = len(case.halls), len(case.segments)
    typer.echo(printable(f"{case.name}: {case.title or 'no title'}"))
    typer.echo(
        f"  starts {case.start}, {case.horizon_months} months, {halls} halls, {len(case.options)} options, "
        f"{segments} segments, {len(case.staff)} roles, {len(case.facts)} facts, {len(case.plans)} plans"
    )
    if lines:
        equal = [str(line["line"]) for line in lines if line["equal"]]
        typer.echo(f"  month zero equals the last closed accounts in: {', '.join(equal)}")
        for line in lines:
            if not line["equal"]:
                typer.echo(
                    f"  month zero differs: {line['line']}: books {line['books']:,.0f}, "
                    f"model {line['model']:,.0f} ({line['note']})"
                )
