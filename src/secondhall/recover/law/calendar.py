"""When posts can leave: the procedure that the law asks for, step by step with dates.

A term of n days that runs from a day ends n days later; a term of months ends on the same day of the month,
or on its last day; working days are Monday to Saturday. Public holidays and the lawyer's question whether
the last day itself counts are left out: they move a date by days, and a plan counts in months.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from secondhall.months import Month
from secondhall.recover.law.law import Law, Notice, Origin, Procedure, Rules, Seniority, Step

__all__ = ["Band", "Calendar", "DatedStep", "Quota", "bands", "calendar_of", "quotas"]

_SUNDAY = 6
_USUAL = Seniority(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedStep:
    """A step of a procedure and the earliest day on which it can be."""

    day: date
    what: str
    who: str
    article: str
    is_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The way from announcing dismissals to posts that are no longer paid.

    Attributes
    ----------
    procedure
        its name; `needs_plan` says whether a social plan is due.
    announced, letters, notice_end
        first step; earliest day of the letters; last day of the notice.
    leave
        first month in which the posts are no longer paid.
    assumptions, sources
        what is not verified in the law's file, in words; addresses where the rest was read.
    """

    country: str
    procedure: str
    is_collective: bool
    needs_plan: bool
    announced: date
    steps: tuple[DatedStep, ...]
    letters: date
    notice_months: int
    notice_end: date
    leave: Month
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """Return every field under its name, ready for JSON: days as 2026-01-31, months as 2026-01."""
        return {
            "country": self.country,
            "procedure": self.procedure,
            "is_collective": self.is_collective,
            "needs_plan": self.needs_plan,
            "announced": self.announced.isoformat(),
            "steps": [
                {
                    "day": step.day.isoformat(),
                    "what": step.what,
                    "who": step.who,
                    "article": step.article,
                    "is_verified": step.is_verified,
                }
                for step in self.steps
            ],
            "letters": self.letters.isoformat(),
            "notice_months": self.notice_months,
            "notice_end": self.notice_end.isoformat(),
            "leave": str(self.leave),
            "assumptions": list(self.assumptions),
            "sources": list(self.sources),
        }


def calendar_of(
    law: Law,
    *,
    dismissals: int,
    headcount: int,
    announced: date | Month,
    seniority: Seniority = _USUAL,
    is_qualified: bool = False,
) -> Calendar:
    """Date the procedure for so many dismissals within thirty days.

    A step is on the day on which its term ends, counted from the step that it follows (J3). Letters go when
    their own term and all earlier ones have ended, and posts are no longer paid from the month after the one
    in which the notice ends (J4).

    Parameters
    ----------
    law : Law
        The law that holds on the day of the announcement is followed to the end.
    dismissals, headcount : int
        Posts that go within thirty days, of so many in the firm.
    announced : date or Month
        Day of the first step; the first day of a month.
    seniority, is_qualified
        Of those who go; they decide the notice.

    Raises
    ------
    ValueError
        When there are fewer dismissals than one or more than posts.
    InputError
        When the law says nothing of that day.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> plan = calendar_of(read_law("france"), dismissals=34, headcount=207, announced=date(2026, 1, 5))
    >>> print(plan.letters, plan.notice_end, plan.leave)
    2026-03-26 2026-05-26 2026-06
    """
    first = announced if isinstance(announced, date) else date(announced.year, announced.month, 1)
    rules = law.at(first)
    procedure = _procedure(rules, dismissals, headcount)
    steps, letters = _dated(procedure, first, is_qualified=is_qualified)
    months = rules.notice.months(seniority, is_qualified=is_qualified)
    end = _later(letters, months)
    origins = _origins(procedure, rules.notice, is_qualified=is_qualified)
    return Calendar(
        country=law.country,
        procedure=procedure.name,
        is_collective=procedure.is_collective,
        needs_plan=procedure.needs_plan,
        announced=first,
        steps=steps,
        letters=letters,
        notice_months=months,
        notice_end=end,
        leave=Month.of(end.year, end.month) + 1,
        assumptions=_assumptions(origins),
        sources=tuple(dict.fromkeys(source.address for one in origins for source in one.sources)),
    )


def _procedure(rules: Rules, dismissals: int, headcount: int) -> Procedure:
    if not 1 <= dismissals <= headcount:
        raise ValueError(f"found {dismissals} dismissals in a firm of {headcount}, accepted 1 to {headcount}")
    return next(one for one in rules.procedures if one.is_for(dismissals, headcount))


def _dated(procedure: Procedure, first: date, *, is_qualified: bool) -> tuple[tuple[DatedStep, ...], date]:
    days: dict[str, date] = {}
    for step in procedure.steps:
        start = first if step.after is None else days[step.after]
        days[step.key] = _term(step, start, is_qualified=is_qualified)
    letters = max(days.values())  # (J4)
    days[procedure.steps[-1].key] = letters
    dated = [
        DatedStep(
            day=days[step.key],
            what=step.what,
            who=step.who,
            article=step.article,
            is_verified=step.origin.verified,
        )
        for step in procedure.steps
    ]
    return tuple(sorted(dated, key=lambda step: step.day)), letters


def _term(step: Step, start: date, *, is_qualified: bool) -> date:
    """(J3): the day on which a step's term ends."""
    working = step.working_days
    if is_qualified and step.qualified_working_days is not None:
        working = step.qualified_working_days
    day = _later(start, step.months) + timedelta(days=step.days)
    while working:
        day += timedelta(days=1)
        working -= day.weekday() != _SUNDAY
    return day


def _later(day: date, months: int) -> date:
    month = Month.of(day.year, day.month) + months
    return date(month.year, month.month, min(day.day, calendar.monthrange(month.year, month.month)[1]))


def _origins(procedure: Procedure, notice: Notice, *, is_qualified: bool) -> list[Origin]:
    steps = [step.origin for step in procedure.steps]
    return [procedure.origin, *steps, notice.qualified_origin if is_qualified else notice.origin]


def _assumptions(origins: list[Origin]) -> tuple[str, ...]:
    words = [origin.because for origin in origins if not origin.verified and origin.because is not None]
    return tuple(dict.fromkeys(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A procedure as a planner in months sees it.

    Attributes
    ----------
    least, most
        the fewest and the most posts for which the law gives it, in this firm.
    months_to_letters
        from the month of the announcement to that by which letters have gone, in whole months.
    notice_months
        paid from the letters on.
    """

    name: str
    is_collective: bool
    needs_plan: bool
    least: int
    most: int
    months_to_letters: int
    notice_months: int


def bands(
    law: Law, headcount: int, day: date, *, seniority: Seniority = _USUAL, is_qualified: bool = False
) -> tuple[Band, ...]:
    """Return the procedures that a firm of so many can have, by number of dismissals.

    Months from the announcement to the letters are whole and rounded up, for an announcement on the first of
    whichever month of a year makes them longest (J5), so that a plan in months holds whenever it starts.

    Raises
    ------
    ValueError
        When the firm has no posts.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> for band in bands(read_law("france"), 207, date(2026, 1, 1)):
    ...     print(band.least, band.most, band.months_to_letters, band.needs_plan)
    1 1 1 False
    2 9 2 False
    10 99 3 True
    100 207 4 True
    """
    if headcount < 1:
        raise ValueError(f"found a firm of {headcount}, accepted 1 or more")
    rules = law.at(day)
    notice = rules.notice.months(seniority, is_qualified=is_qualified)
    return tuple(
        Band(
            name=one.name,
            is_collective=one.is_collective,
            needs_plan=one.needs_plan,
            least=one.least,
            most=headcount if one.most is None else min(one.most, headcount),
            months_to_letters=_months_to_letters(one, day, is_qualified=is_qualified),
            notice_months=notice,
        )
        for one in rules.procedures
        if one.is_for_firm(headcount) and one.least <= headcount
    )


def _months_to_letters(procedure: Procedure, day: date, *, is_qualified: bool) -> int:
    start = Month.of(day.year, day.month)
    most = 0
    for month in (start + n for n in range(12)):
        first = date(month.year, month.month, 1)
        letters = _dated(procedure, first, is_qualified=is_qualified)[1]
        whole = Month.of(letters.year, letters.month) - month
        most = max(most, whole + (letters.day > 1))  # (J5)
    return most


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The most posts that may go without a social plan in any `months`, or in those of a calendar year."""

    words: str
    months: int
    most: int
    is_calendar_year: bool


def quotas(law: Law, headcount: int, day: date) -> tuple[Quota, ...]:
    """Return the limits against splitting that bind a firm of so many.

    They are read with caution: the law lets the dismissals that go beyond a limit pass and asks a plan for
    the next ones; here nothing goes beyond.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> [(quota.months, quota.most) for quota in quotas(read_law("france"), 207, date(2026, 1, 1))]
    [(1, 9), (3, 10), (12, 18)]
    """
    return tuple(
        Quota(words=one.words, months=one.months, most=one.most, is_calendar_year=one.is_calendar_year)
        for one in law.at(day).quotas
        if headcount >= one.least_headcount
    )
