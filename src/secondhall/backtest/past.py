"""What real decisions were, and what came of them: the list of a reality set, and the rule that scores it.

A hall was **right** to build if at least `FULL_ENOUGH` of it was leased within `MONTHS_TO_FILL` months of
its opening, **wrong** if not. A lease signed before the opening counts. Where figures are sparse: right if a
figure of a month up to that date reaches the share; wrong if none does and the hall was closed by then, or
the next figure from that date on is lower still; else it is not known, and the decision is not counted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from secondhall.case import Case, Fact, read_case
from secondhall.cases import BUNDLED, reality_folder
from secondhall.errors import Fault, InputError, quoted
from secondhall.months import Month
from secondhall.units import percent

__all__ = [
    "FULL_ENOUGH",
    "MONTHS_TO_FILL",
    "Figure",
    "Outcome",
    "Past",
    "known_then",
    "outcome_of",
    "past_decisions",
]

FULL_ENOUGH = 0.75
"""Leased share at which a hall counts as filled: the lower end of what a mature operator runs at (Interxion,
75 to 82 % of its equipped space in use in 2014 to 2019)."""

MONTHS_TO_FILL = 24
"""Months from the opening within which it has to be reached."""

LIST = "decisions.csv"
_COLUMNS = ("decision", "case", "option", "done", "opened", "leased", "closed", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A decision that was taken, and which facts of its case tell what came of it.

    Attributes
    ----------
    name
        of the decision.
    case
        the case at the date of the decision, with all its facts.
    option
        the hall that was decided on.
    done
        what was done.
    opened, leased, closed, other
        names of facts: the opening, leased shares (in % or in the case's unit), the closure, and what else
        came.
    """

    name: str
    case: Case
    option: str
    done: str
    opened: str
    leased: tuple[str, ...]
    closed: str | None
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A leased share that became known.

    Attributes
    ----------
    month
        the last month of the period that it speaks of.
    share
        leased share of the hall.
    fact
        where it stands in facts.csv.
    """

    month: Month
    share: float
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a hall, by the rule of this module.

    Attributes
    ----------
    opened
        the last month of the period in which it opened.
    figures
        leased shares in order of their months.
    closed
        the month by which it was closed for good; None if it was not.
    other
        what else came: an impairment, a sale.
    """

    opened: Month
    figures: tuple[Figure, ...]
    closed: Month | None = None
    other: tuple[Fact, ...] = ()

    @property
    def due(self) -> Month:
        """The last month in which the share may be reached."""
        return self.opened + MONTHS_TO_FILL

    @property
    def right(self) -> bool | None:
        """Whether it was right to build; None where that is not known."""
        if any(figure.share >= FULL_ENOUGH for figure in self.figures if figure.month <= self.due):
            return True
        if self.closed is not None and self.closed <= self.due:
            return False
        after = next((figure for figure in self.figures if figure.month >= self.due), None)
        return False if after is not None and after.share < FULL_ENOUGH else None

    @property
    def words(self) -> str:
        """What came, in a sentence."""
        shares = ", ".join(f"{percent(figure.share)} in {figure.month}" for figure in self.figures)
        closed = f", closed by {self.closed}" if self.closed is not None else ""
        return f"opened {self.opened}; leased {shares or 'not known'}{closed}"


def past_decisions(which: str | Path | Sequence[str] | None = None) -> tuple[Past, ...]:
    """Return decisions that were taken.

    Parameters
    ----------
    which
        names of bundled decisions; or a folder with ``decisions.csv``, whose cases are folders in it or
        bundled ones; the whole reality set by default.

    Raises
    ------
    InputError
        When there is no such decision, or its case or its facts are not there.

    Examples
    --------
    >>> [past.option for past in past_decisions(["fluxus-2000"])]
    ['paris2']
    """
    folder = Path(which) if isinstance(which, str | Path) else reality_folder()
    rows = _rows(folder)
    wanted = [row["decision"] for row in rows] if which is None or isinstance(which, str | Path) else which
    held = {row["decision"]: row for row in rows}
    for name in wanted:
        if name not in held:
            raise InputError(
                [
                    Fault(
                        file=LIST,
                        column="decision",
                        found=quoted(name),
                        accepted="one of " + ", ".join(held),
                        mend="name one of these",
                    )
                ]
            )
    return tuple(_past(held[name], folder) for name in wanted)


def _rows(folder: Path) -> list[dict[str, str]]:
    path = folder / LIST
    accepted = "a list with the columns " + ", ".join(_COLUMNS)
    if not path.is_file():
        fault = Fault(file=str(path), found="no such file", accepted=accepted, mend="write the list")
        raise InputError([fault])
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            found = ", ".join(reader.fieldnames or ()) or "nothing"
            raise InputError(
                [Fault(file=LIST, line=1, found=found, accepted=accepted, mend="name the columns so")]
            )
        return list(reader)


def _past(row: Mapping[str, str], folder: Path) -> Past:
    name = row["case"]
    inside = folder / name
    case = read_case(name if name in BUNDLED and not inside.is_dir() else inside)
    past = Past(
        name=row["decision"],
        case=case,
        option=row["option"],
        done=row["done"],
        opened=row["opened"],
        leased=tuple(row["leased"].split()),
        closed=row["closed"] or None,
        other=tuple(row["other"].split()),
    )
    facts = {fact.fact for fact in case.facts}
    wanted = (past.opened, *past.leased, *past.other, *((past.closed,) if past.closed else ()))
    missing = [fact for fact in wanted if fact not in facts]
    missing += [past.option] if past.option not in case.options else []
    if missing:
        raise InputError(
            [
                Fault(
                    file=LIST,
                    found=f"{past.name}, which names {', '.join(missing)}",
                    accepted=f"options of the case {name} and facts of its facts.csv",
                    mend="correct the name, or add it to the case",
                )
            ]
        )
    return past


def outcome_of(past: Past) -> Outcome:
    """Return what came of a decision, from the facts of its case."""
    facts = {fact.fact: fact for fact in past.case.facts}
    capacity = sum(phase.capacity_units for phase in past.case.options[past.option].phases())
    figures = []
    for name in past.leased:
        fact = facts[name]
        if fact.value is not None:
            share = fact.value / (100.0 if fact.unit == "%" else capacity)
            figures.append(Figure(fact.last, share, fact))
    closed = facts[past.closed] if past.closed else None
    return Outcome(
        opened=facts[past.opened].last,
        figures=tuple(sorted(figures, key=lambda figure: figure.month)),
        closed=None if closed is None else closed.known_from,
        other=tuple(facts[name] for name in past.other),
    )


def known_then(case: Case) -> Case:
    """Return a case without what was published after its start."""
    return replace(case, facts=case.known_facts(case.start), accounts=case.known_accounts(case.start))
