"""What a user gives beside a case: a decision date, a folder for the report."""

from __future__ import annotations

import os
from pathlib import Path

from secondhall.case import Case, read_case
from secondhall.errors import Fault, InputError, quoted
from secondhall.months import Month

__all__ = ["case_at", "month_given", "unwritable", "writable"]


def case_at(case: str, at: str | None) -> Case:
    """Read a case and return it as it stood at one of its decision dates; at its start when none is given.

    Raises
    ------
    InputError
        When the case, or the date, cannot be used.
    """
    read = read_case(case)
    if at is None:
        return read
    try:
        month = Month.parse(at)
    except ValueError:
        known = ", ".join(str(date) for date in (read.start, *read.decision_dates))
        raise InputError(
            [
                Fault(
                    file="the command line, --at",
                    found=quoted(at),
                    accepted=f"a decision date of the case: {known}",
                    mend=f"write year and month, such as {read.start}",
                )
            ]
        ) from None
    return read.at(month)


def month_given(text: str, option: str, example: str) -> Month:
    """Return the month that an option of the command line names.

    Raises
    ------
    InputError
        When it is no month.
    """
    try:
        return Month.parse(text)
    except ValueError:
        raise InputError(
            [
                Fault(
                    file=f"the command line, {option}",
                    found=quoted(text),
                    accepted=f"a month written as year-month, such as {example}",
                    mend="write year and month",
                )
            ]
        ) from None


def writable(folder: Path) -> None:
    """Make sure, before anything is computed, that a folder can be made or written.

    Raises
    ------
    InputError
        When it cannot.
    """
    above = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay as the user wrote them
    while not os.path.lexists(above) and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise unwritable(folder, f"{above} is no folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise unwritable(folder, f"{above} may not be written")


def unwritable(folder: Path, why: str) -> InputError:
    """Return the error of a report that cannot be written."""
    return InputError(
        [
            Fault(
                file=str(folder),
                found=f"a place where no report can be written: {why}",
                accepted="a folder that may be written, or one that can be made",
                mend="name another one with --out",
            )
        ]
    )
