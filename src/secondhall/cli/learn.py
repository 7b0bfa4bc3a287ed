"""``secondhall learn``."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from secondhall.belief.learning import evidence_of, posterior_of, refusal
from secondhall.belief.store import belief_file
from secondhall.case import Case, read_case
from secondhall.cli.inputs import unwritable, writable
from secondhall.cli.show import compiling_note, console, progress
from secondhall.errors import Fault, InputError, NoAnswerError, quoted
from secondhall.json_text import as_json_text
from secondhall.months import Month
from secondhall.report import get_ready, learned_summary, write_learned
from secondhall.report.learned_data import learned_data
from secondhall.report.learned_rows import in_words
from secondhall.report.words import printable
from secondhall.study import alarms

__all__ = ["run_learn"]


def run_learn(case: str, *, at: str | None, seed: int, fresh: bool, out: Path, as_json: bool) -> None:
    """Learn, write the page, say what was learned and whether it can be trusted."""
    standing, known_by = _standing(read_case(case), at)
    writable(out)
    if evidence_of(standing, known_by) is None:
        _say_nothing_learned(standing, known_by, as_json=as_json)
        return
    get_ready()
    compiling_note(shown=not as_json)
    stored = belief_file(standing, known_by, seed)
    before = _written(stored)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        posterior = posterior_of(standing, until=known_by, seed=seed, report=report, fresh=fresh)
        refused = refusal(standing, posterior)
        looks_back = refused is None and known_by > standing.start and "pasts" in posterior.series
        raised = alarms(standing, posterior, seed=seed, report=report) if looks_back else ()
        report("writing the page", 0, 1)
        try:
            page = write_learned(standing, posterior, out, seed=seed, alarms=raised)
        except OSError as error:
            raise unwritable(out, error.strerror or str(error)) from None
        report("writing the page", 1, 1)
    if refused is not None:
        raise NoAnswerError(
            f"{in_words(standing, refused)} What was drawn can be looked at in {page}, not built on."
        )
    reused = before is not None and _written(stored) == before
    if as_json:
        data = learned_data(standing, posterior, raised)
        where = {"case": standing.name, "seed": seed, "reused": reused}
        typer.echo(as_json_text({**where, **data, "page": str(page), "belief": str(stored)}))
        return
    learned_summary(standing, posterior, console(), raised)
    how = "reused; --fresh learns again" if reused else "stored; reused as long as the case stays as it is"
    typer.echo(f"\nPage:   {page}\nBelief: {printable(str(stored))} ({how})")


def _standing(case: Case, at: str | None) -> tuple[Case, Month]:
    """Return the case and the month from which on nothing is known.

    Raises
    ------
    InputError
        When ``at`` is no month; or one after the start that is no decision date, of a case without a history,
        or beyond what its history reaches.
    """
    if at is None:
        return case, case.start
    try:
        month = Month.parse(at)
    except ValueError:
        raise _not_at(case, at) from None
    if month in case.decision_dates:
        return case.at(month), month
    if month > _latest(case):
        raise _not_at(case, at)
    return case, month


def _latest(case: Case) -> Month:
    """Return the last date to learn by: a history is lived beyond the start, to explain what came."""
    return case.start if case.history is None else case.history.start + case.history.horizon_months


def _not_at(case: Case, at: str) -> InputError:
    dates = "".join(f", or {date}" for date in case.decision_dates)
    if case.history is not None:
        dates += f", or a later one up to {_latest(case)}, to explain what came of its plan"
    return InputError(
        [
            Fault(
                file="the command line, --at",
                found=quoted(at),
                accepted=f"a month up to the start of the case, {case.start}{dates}",
                mend=f"write year and month, such as {case.start}",
            )
        ]
    )


def _say_nothing_learned(case: Case, known_by: Month, *, as_json: bool) -> None:
    words = (
        f"Nothing was learned: before {known_by} {case.name} has no ledger of contracts, no periodic figures "
        "of demand and no facts to relive. Its own statements stand in for every unknown."
    )
    if as_json:
        data = {"case": case.name, "evidence": [], "words": words, "known_before": str(known_by)}
        typer.echo(as_json_text(data))
        return
    typer.echo(printable(words))


def _written(path: Path) -> int | None:
    """Return when a file was written, to the nanosecond; None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
