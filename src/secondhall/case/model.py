"""The `Case`: what the operator knows, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from secondhall.case.opening import Opening
from secondhall.case.provenance import ProvenanceRow, provenance_rows
from secondhall.case.values import Record
from secondhall.errors import Fault, InputError, quoted
from secondhall.months import Month

__all__ = ["Case", "Fact", "PlannedAction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A public figure or statement.

    Parameters
    ----------
    fact : str
        Number or name by which it is cited; one fact may hold several quantities.
    quantity : str
        What it is.
    period : str
        The month, quarter or year it speaks of, as written.
    first, last : Month
        The first and the last month of that period.
    value, unit, standard_deviation
        The figure; absent where the fact is in words.
    published : Month, optional
        When it became known.
    words, source : str
        The fact in words, and where it comes from.
    """

    fact: str
    quantity: str
    period: str
    first: Month
    last: Month
    value: float | None
    unit: str | None
    standard_deviation: float | None
    published: Month | None
    words: str
    source: str

    @property
    def known_from(self) -> Month:
        """The month in which it became known; where that is not said, the month after its period."""
        return self.published if self.published is not None else self.last + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """One dated action of a plan; `target` is a hall or an option, `posts` how many leave, or None."""

    month: Month
    action: str
    target: str | None
    posts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What the operator knows: validated, immutable.

    Parameters
    ----------
    name, title, currency, unit : str
        Its name, one line for a board, the one currency, the one unit of capacity.
    start : Month
        The first month that is simulated.
    horizon_months : int
        How many months are simulated.
    sources : mapping
        Key to citation.
    market, costs, finance, pipeline, recovery : Record
        The sections with one record; every field of the schema has a key.
    segments, halls, options, staff, scenarios : mapping of id to Record
        In the order of the file.
    contracts, orders, accounts : polars.DataFrame or None
        The ledgers, typed; months are ordinals (`Month.ordinal`), empty optional cells are null. In
        `accounts` ``first`` is the ordinal of a period's first month and ``months`` its length; see
        `known_accounts`.
    facts : tuple of Fact
        All facts, whenever they were published; see `known_facts`.
    plans : mapping of name to tuple of PlannedAction
        Named plans, in order of month.
    opening : Opening
        The state in which the simulation begins.
    hashes : mapping
        The SHA-256 of each file that was read.
    doubts : tuple of Fault
        What can be used but looks wrong.
    decision_dates : tuple of Month
        The months that `at` accepts besides the start.
    history : Case or None
        The case as it stood where its history begins, to be relived when learning from facts; None for a
        case without one, and for that case itself.
    history_plan : str
        The plan that was lived since then; empty for none.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from secondhall.case import read_case, write_template
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "my_case"
    >>> write_template(folder, "my_case")
    >>> case = read_case(folder)
    >>> case.halls["hall_1"].number("capacity_units").mid
    1000.0
    """

    name: str
    title: str
    currency: str
    unit: str
    start: Month
    horizon_months: int
    sources: Mapping[str, str]
    market: Record
    costs: Record
    finance: Record
    pipeline: Record
    recovery: Record
    segments: Mapping[str, Record]
    halls: Mapping[str, Record]
    options: Mapping[str, Record]
    staff: Mapping[str, Record]
    scenarios: Mapping[str, Record]
    contracts: pl.DataFrame | None
    orders: pl.DataFrame | None
    accounts: pl.DataFrame | None
    facts: tuple[Fact, ...]
    plans: Mapping[str, tuple[PlannedAction, ...]]
    opening: Opening
    hashes: Mapping[str, str]
    doubts: tuple[Fault, ...] = ()
    decision_dates: tuple[Month, ...] = ()
    dated: Mapping[Month, Case] = field(default_factory=dict, repr=False)
    history: Case | None = field(default=None, repr=False)
    history_plan: str = ""

    @property
    def history_from(self) -> Month | None:
        """The month in which the history begins; None for a case without one."""
        return None if self.history is None else self.history.start

    def at(self, month: Month) -> Case:
        """Return the case as it stood at a decision date: its overlay applied, starting in that month.

        Raises
        ------
        InputError
            When the case names no such decision date.
        """
        if month == self.start:
            return self
        if month in self.dated:
            return self.dated[month]
        known = ", ".join(str(date) for date in (self.start, *self.decision_dates))
        raise InputError(
            [
                Fault(
                    file="case.yaml",
                    column="decision_dates",
                    found=quoted(month),
                    accepted=f"a decision date of the case: {known}",
                    mend=f"write one of these, or add {month} under decision_dates",
                )
            ]
        )

    def inside(self) -> Case:
        """Return the case as the company itself knows it: a figure of a period is known at its end."""
        facts = tuple(replace(fact, published=None) for fact in self.facts)
        accounts = self.accounts
        if accounts is not None:
            accounts = accounts.with_columns(published=pl.lit(None, dtype=accounts["published"].dtype))
        return replace(self, facts=facts, accounts=accounts)

    def known_facts(self, month: Month) -> tuple[Fact, ...]:
        """Return the facts that were known in `month`: published in it or before."""
        return tuple(fact for fact in self.facts if fact.known_from <= month)

    def known_accounts(self, month: Month) -> pl.DataFrame | None:
        """Return the accounts that were known in `month`: of periods then over, published by then."""
        if self.accounts is None:
            return None
        over = pl.col("first") + pl.col("months")
        known_from = pl.max_horizontal(over, pl.col("published").fill_null(0))
        return self.accounts.filter(known_from <= month.ordinal)

    def provenance(self) -> tuple[ProvenanceRow, ...]:
        """Return every value with its kind and where it came from, for a table that keeps them apart."""
        return provenance_rows(self)
