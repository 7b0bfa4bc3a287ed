"""The law of dismissals of a country: dated rules, each with where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from secondhall.case.fields import nearest
from secondhall.case.values import Kind
from secondhall.errors import Fault, InputError, quoted

__all__ = [
    "COUNTRIES",
    "Law",
    "Notice",
    "NoticeTier",
    "Origin",
    "Procedure",
    "Procedures",
    "QuotaRule",
    "Quotas",
    "Rules",
    "Seniority",
    "Severance",
    "Source",
    "Step",
    "Tier",
    "read_law",
]

COUNTRIES = ("france", "generic")
"""Laws that come with secondhall."""


class Seniority(NamedTuple):
    """Whole years and months in the company."""

    years: int
    months: int = 0

    @property
    def in_months(self) -> int:
        """All of it in months."""
        return 12 * self.years + self.months


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An address, what stands there, and the day on which it was read."""

    address: str
    what: str
    read: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a rule was read.

    Attributes
    ----------
    kind
        fact, inference or assumption.
    verified
        whether `sources` say what the rule says.
    because
        the reason, or what a reader must know.
    """

    kind: Kind
    verified: bool
    sources: tuple[Source, ...] = ()
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Months of salary for each year of seniority above `above_years`, up to the next tier."""

    above_years: int
    months_per_year: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Severance:
    """The indemnity that the law gives.

    Attributes
    ----------
    since, until
        first day on which it holds, and on which it holds no longer (None: still in force).
    least_months
        seniority below which nothing is due.
    counts
        ``whole_months`` counts months beyond whole years in proportion, ``whole_years`` drops them.
    tiers
        by seniority, the first one from 0 years.
    """

    since: date
    until: date | None
    least_months: int
    counts: str
    tiers: tuple[Tier, ...]
    articles: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTier:
    """Months of notice from so many months of seniority on."""

    from_months: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Notice by seniority; `qualified_months` is what agreements usually give qualified staff."""

    since: date
    until: date | None
    tiers: tuple[NoticeTier, ...]
    qualified_months: int
    qualified_origin: Origin
    articles: tuple[str, ...]
    origin: Origin

    def months(self, seniority: Seniority, *, is_qualified: bool) -> int:
        """Return the months of notice; qualified staff never has less than the law gives."""
        legal = max((t.months for t in self.tiers if t.from_months <= seniority.in_months), default=0)
        return max(legal, self.qualified_months) if is_qualified else legal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a procedure.

    Attributes
    ----------
    key, what, who
        its name, what happens, who acts.
    after
        name of the earlier step from which its term runs; None for the first one, which is the announcement.
    months, days, working_days
        its term: calendar months, then calendar days, then days from Monday to Saturday.
    qualified_working_days
        working days in place of `working_days` for qualified staff, where the law sets them apart.
    """

    key: str
    what: str
    who: str
    after: str | None
    months: int
    days: int
    working_days: int
    qualified_working_days: int | None
    article: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How so many posts may go in thirty days, in a firm of so many; its last step is ``letters``.

    Attributes
    ----------
    is_collective
        whether the authority must be told beforehand.
    needs_plan
        whether a social plan is due.
    least_headcount, most_headcount, least, most
        the firms and the numbers of dismissals that it is for; None is no upper limit.
    """

    name: str
    is_collective: bool
    needs_plan: bool
    least_headcount: int
    most_headcount: int | None
    least: int
    most: int | None
    steps: tuple[Step, ...]
    origin: Origin

    def is_for(self, dismissals: int, headcount: int) -> bool:
        """Whether it is the procedure for so many dismissals in a firm of so many."""
        return self.is_for_firm(headcount) and _within(dismissals, self.least, self.most)

    def is_for_firm(self, headcount: int) -> bool:
        """Whether a firm of so many can have it."""
        return _within(headcount, self.least_headcount, self.most_headcount)


def _within(value: int, least: int, most: int | None) -> bool:
    return value >= least and (most is None or value <= most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedures:
    """The procedures of a time."""

    since: date
    until: date | None
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule:
    """The most posts that may go without a plan within `months`, in firms from `least_headcount` on.

    With `is_calendar_year` the months are those of a calendar year, else any that follow each other.
    """

    words: str
    months: int
    most: int
    is_calendar_year: bool
    least_headcount: int
    article: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The limits against splitting, of a time."""

    since: date
    until: date | None
    quotas: tuple[QuotaRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The law on one day."""

    severance: Severance
    notice: Notice
    procedures: tuple[Procedure, ...]
    quotas: tuple[QuotaRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The dated rules of a country, each list in the order of time."""

    country: str
    file: str
    severance: tuple[Severance, ...]
    notice: tuple[Notice, ...]
    procedures: tuple[Procedures, ...]
    quotas: tuple[Quotas, ...]

    def at(self, day: date) -> Rules:
        """Return the law that holds on a day.

        Raises
        ------
        InputError
            When a part of the law says nothing of that day.

        Examples
        --------
        >>> read_law("france").at(date(2002, 7, 1)).severance.tiers[0].months_per_year
        Fraction(1, 5)
        """
        return Rules(
            severance=self._holding(self.severance, "severance", day),
            notice=self._holding(self.notice, "notice", day),
            procedures=self._holding(self.procedures, "procedures", day).procedures,
            quotas=self._holding(self.quotas, "quotas", day).quotas,
        )

    def _holding(self, rules: tuple[_Rule, ...], part: str, day: date) -> _Rule:
        for rule in rules:
            if rule.since <= day and (rule.until is None or day < rule.until):
                return rule
        last = rules[-1].until
        end = "" if last is None else f" and before {last.isoformat()}"
        raise InputError(
            [
                Fault(
                    file=self.file,
                    column=part,
                    found=f"no rule for {day.isoformat()}",
                    accepted=f"a day from {rules[0].since.isoformat()} on{end}",
                    mend="take a later day, or write the law of that time into a file of your own",
                )
            ]
        )


class _Dated(Protocol):
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


_Rule = TypeVar("_Rule", bound=_Dated)


def read_law(country: str | Path) -> Law:
    """Read the law of a country that comes with secondhall, or a file of one's own.

    Parameters
    ----------
    country : str or Path
        A name of `COUNTRIES`; or a path, or a text that ends in ``.yaml`` or ``.yml``.

    Raises
    ------
    InputError
        When the country is not known or the file cannot be used: every fault found.

    Examples
    --------
    >>> read_law("generic").notice[0].tiers
    (NoticeTier(from_months=0, months=1),)
    """
    from secondhall.recover.law.reading import parse_law, text_of

    if isinstance(country, Path) or country.endswith((".yaml", ".yml")):
        path = Path(country)
        return parse_law(text_of(path), file=path.name)
    if country not in COUNTRIES:
        near = nearest(country, COUNTRIES)
        fault = Fault(
            file="the law",
            found=f"a country that is not known, {quoted(country)}",
            accepted="one of " + ", ".join(COUNTRIES) + ", or a path to a file that ends in .yaml",
            mend=f"write {near}, if that is what was meant" if near else "write its law into a file",
        )
        raise InputError([fault])
    return _bundled(country)


@cache
def _bundled(country: str) -> Law:
    """Read a law once: reading YAML takes a quarter of a second, and a law is frozen."""
    from secondhall.recover.law.reading import parse_law, text_of

    path = Path(__file__).with_name(f"{country}.yaml")
    return parse_law(text_of(path), file=path.name)
