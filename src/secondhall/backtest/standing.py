"""A case as it was known at an earlier month (or at a later one, where its ledgers run on)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from secondhall.case import Case, Quantity, Record
from secondhall.case.opening import open_case
from secondhall.case.values import Entry, FrozenMap, Kind, Phase, Value
from secondhall.months import Month

__all__ = ["Standing", "standing_at"]

LEAST_HORIZON = 12

NEAR = 0.005
"""Capacities that differ by less than this share are the same."""

COUNTED = 12
"""Months before the standing month over which new customers and prices are counted anew."""

Phases = tuple[tuple[Month, float], ...]
"""Month of opening and capacity of each phase."""

AS_BUILT = "as it was built: the operator knew its own decision; the month is the one in which it opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as it was known, and what had to be assumed to make it.

    Attributes
    ----------
    case
        the case, starting in the month.
    notes
        what was taken over from later, and why, in sentences.
    """

    case: Case
    notes: tuple[str, ...]


def standing_at(case: Case, month: Month, *, horizon: int | None = None) -> Standing:
    """Return the case as it was known at a month, with that month as its start.

    What was signed, published or opened in the month or later is not known. Contracts that ended later run
    without an end. The opening state is read anew from what is left: from the contracts, or from the last
    figures of the accounts. The pipeline is left out, since orders.csv holds its stages at one date only.
    Halls that opened later are the operator's own decisions: they open in their real month.

    Statements of ``case.yaml`` are taken as they stand, except what was counted from the contracts (new
    customers, list price, order size), which is counted again from those before the month.

    Parameters
    ----------
    case
        the case with all its data.
    month
        where to stand.
    horizon
        months to simulate, at least 12; as the case's own if absent.
    """
    months = max(horizon or case.horizon_months, LEAST_HORIZON)
    accounts = case.known_accounts(month)
    halls, options, notes = _halls_at(case, month, months)
    contracts = _contracts_at(case.contracts, month, halls)
    segments = _counted(case.segments, contracts, month)
    if contracts is None and accounts is not None:
        segments, more = _from_accounts(segments, accounts)
        halls = _sold_in_proportion(halls, segments)
        notes += more
    opening = open_case(
        start=month,
        horizon=months,
        segments=segments,
        halls=halls,
        stages=case.pipeline,
        contracts=contracts,
        orders=None,
    )
    if case.orders is not None:
        notes += ("the pipeline of that month is not known; the company wins what demand brings",)
    return Standing(
        case=replace(
            case,
            start=month,
            horizon_months=months,
            segments=FrozenMap(segments),
            halls=FrozenMap(halls),
            options=FrozenMap(options),
            contracts=contracts,
            orders=None,
            accounts=accounts,
            facts=case.known_facts(month),
            opening=opening,
            hashes=FrozenMap({**case.hashes, "standing": str(month)}),
            doubts=(),
            decision_dates=(),
            dated=FrozenMap({}),
        ),
        notes=notes,
    )


def _contracts_at(
    contracts: pl.DataFrame | None, month: Month, halls: Mapping[str, Record]
) -> pl.DataFrame | None:
    """Return the contracts signed before; one for a hall not yet open waits in the last open one."""
    if contracts is None:
        return None
    known = contracts.filter(pl.col("signed") < month.ordinal)
    later = [name for name, hall in halls.items() if hall.text("state") == "building"]
    open_now = [name for name, hall in halls.items() if hall.text("state") == "open"]
    end = pl.when(pl.col("end") < month.ordinal).then(pl.col("end"))
    hall = pl.when(pl.col("hall").is_in(later)).then(pl.lit(open_now[-1] if open_now else None))
    return known.with_columns(end=end, hall=hall.otherwise(pl.col("hall")))


def _capacity_steps(case: Case) -> list[tuple[Month, float]]:
    """Return (month at whose end it stands, total capacity), in order of time."""
    if case.accounts is None:
        return []
    rows = case.accounts.filter(pl.col("line") == "capacity").sort(pl.col("first") + pl.col("months"))
    return [
        (Month(first + months - 1), value)
        for first, months, value in rows.select("first", "months", "value").iter_rows()
    ]


def _halls_at(
    case: Case, month: Month, months: int
) -> tuple[dict[str, Record], dict[str, Record], tuple[str, ...]]:
    """Return the halls at a month, the options, and notes."""
    steps = _capacity_steps(case)
    before = [capacity for end, capacity in steps if end < month]
    halls, options = dict(case.halls), dict(case.options)
    if not before:
        words = "the accounts hold no capacity before that month: the halls are those of case.yaml"
        return halls, options, (words,)
    standing = before[-1]
    stood = {name: hall for name, hall in halls.items() if hall.text("state") != "building"}
    total = np.cumsum([hall.number("capacity_units").mid for hall in stood.values()])
    exact = [k for k, reached in enumerate(total) if abs(reached - standing) <= NEAR * standing]
    later: list[tuple[str, Phases]] = []
    if exact:
        names = list(stood)
        halls = {name: stood[name] for name in names[: exact[0] + 1]}
        for k in range(exact[0] + 1, len(names)):
            opened = next((end for end, c in steps if end >= month and c >= total[k] * (1 - NEAR)), None)
            if opened is not None:
                later.append((names[k], ((opened, float(total[k] - total[k - 1])),)))
        standing = max(standing, float(total[-1]))
    else:
        share = standing / float(total[-1])
        halls = {name: _with(hall, "capacity_units", share) for name, hall in stood.items()}
    grown = _growth(steps, month, standing)
    later += [("opened later", grown)] if grown else []
    first = next(iter(stood.values()))
    for name, phases in later:
        if phases[0][0] - month < months:
            options[f"{name}, as built"] = _built(month, phases)
            units = sum(units for _, units in phases)
            halls[name] = _building(stood.get(name, first), f"{name}, as built", month, units)
    notes = tuple(
        f"{name} opens {', '.join(str(at) for at, _ in phases)}, {AS_BUILT}" for name, phases in later
    )
    return halls, options, notes


def _growth(steps: list[tuple[Month, float]], month: Month, standing: float) -> Phases:
    """Return each later month in which the capacity grew, and by how much."""
    grown, reached = [], standing
    for end, capacity in steps:
        if end >= month and capacity > reached:
            grown.append((end, capacity - reached))
            reached = capacity
    return tuple(grown)


def _built(month: Month, phases: Phases) -> Record:
    """Return the option of a hall that opened later; its cost is no part of a backtest."""
    since = month - 1
    made = tuple(
        Phase(capacity_units=units, capex=0.0, months_after_commit=at - since) for at, units in phases
    )
    fields = _option_defaults()
    fields["phases"] = Entry(value=made, kind=Kind.INFERENCE, because=AS_BUILT)
    return Record(fields)


def _option_defaults() -> dict[str, Value | None]:
    from secondhall.case.fields import section_fields
    from secondhall.case.parse import default_value

    fields = {name: default_value(field) for name, field in section_fields("options").items()}
    fields["fixed_cost_monthly"] = Quantity(mid=0.0, because="no part of a backtest")
    return fields


def _building(like: Record, option: str, month: Month, capacity: float) -> Record:
    """Return a hall that is under construction at the month."""
    fields: dict[str, Value | None] = dict(like)
    fields |= {
        "state": Entry(value="building", kind=Kind.INFERENCE, because=AS_BUILT),
        "option": Entry(value=option),
        "committed": Entry(value=month - 1),
        "capacity_units": replace(like.number("capacity_units"), mid=capacity, low=None, high=None),
        "sold_units": replace(like.number("sold_units"), mid=0.0, low=None, high=None),
        "book_value": replace(like.number("book_value"), mid=0.0, low=None, high=None),
    }
    return Record(fields)


def _with(record: Record, field: str, factor: float) -> Record:
    """Return the record with a number multiplied."""
    quantity = record.number(field)
    low = None if quantity.low is None else quantity.low * factor
    high = None if quantity.high is None else quantity.high * factor
    return Record({**record, field: replace(quantity, mid=quantity.mid * factor, low=low, high=high)})


def _counted(
    segments: Mapping[str, Record], contracts: pl.DataFrame | None, month: Month
) -> dict[str, Record]:
    """Count anew what a case counts from its contracts."""
    if contracts is None:
        return dict(segments)
    since = (
        contracts.group_by("customer", "segment", maintain_order=True)
        .agg(
            pl.col("signed").min(),
            pl.col("capacity").sort_by("signed").first(),
            pl.col("monthly_recurring_revenue").sort_by("signed").first(),
        )
        .filter(pl.col("signed") >= month.ordinal - COUNTED)
    )
    return {
        name: _counted_segment(record, since.filter(pl.col("segment") == name))
        for name, record in segments.items()
    }


def _counted_segment(record: Record, new: pl.DataFrame) -> Record:
    """Return the record with its counts; the interval of a count n is that of its square root (90 %)."""
    if new.height < 2:
        return record
    count, units = new.height, float(new["capacity"].sum())
    spread = float(np.exp(1.645 / np.sqrt(count)))
    fields: dict[str, Value | None] = dict(record)
    price = float(new["monthly_recurring_revenue"].sum()) / units if units > 0.0 else 0.0
    counted = {"new_customers_per_month": count / COUNTED, "order_size_units": units / count}
    for field, mid in (counted | ({"list_price_per_unit_month": price} if price > 0.0 else {})).items():
        fields[field] = replace(
            record.number(field),
            mid=mid,
            low=mid / spread,
            high=mid * spread,
            confidence=0.9,
            kind=Kind.INFERENCE,
            source=None,
            because=f"counted: contracts signed in the {COUNTED} months before",
        )
    return Record(fields)


def _last(accounts: pl.DataFrame, line: str) -> tuple[float, int] | None:
    """Return the latest value of a line and the months of its period."""
    rows = accounts.filter(pl.col("line") == line).sort(pl.col("first") + pl.col("months"), "months")
    if rows.height == 0:
        return None
    return float(rows["value"][-1]), int(rows["months"][-1])


def _from_accounts(
    segments: Mapping[str, Record], accounts: pl.DataFrame
) -> tuple[dict[str, Record], tuple[str, ...]]:
    """Restate what is installed from the last figures: sold, or utilisation times capacity; revenue."""
    installed = sum(record.number("installed_units").mid for record in segments.values())
    mrr = sum(record.number("monthly_recurring_revenue").mid for record in segments.values())
    sold, use, capacity = (_last(accounts, line) for line in ("sold", "utilisation", "capacity"))
    if sold is None and use is not None and capacity is not None:
        sold = (use[0] * capacity[0], use[1])
    if sold is None or installed <= 0.0:
        return dict(segments), (
            "no figure of what was sold was known: what is installed is as case.yaml says",
        )
    size = sold[0] / installed
    money = size
    revenue, all_of_it = _last(accounts, "hosting_revenue"), mrr
    if revenue is None:
        revenue, all_of_it = _last(accounts, "revenue"), mrr + _services(segments)
    if revenue is not None and all_of_it > 0.0:
        money = revenue[0] / revenue[1] / all_of_it
    factors = {"installed_units": size, "customers": size, "monthly_recurring_revenue": money}
    restated = dict(segments)
    for name, record in segments.items():
        for field, factor in factors.items():
            record = _with(record, field, factor)
        restated[name] = record
    words = "customers, capacity and recurring revenue at the start follow the last figures known"
    return restated, (words,)


def _services(segments: Mapping[str, Record]) -> float:
    """Return what the segments bring a month beside hosting, at their mids."""

    def of(record: Record) -> float:
        def mid(field: str) -> float:
            return record.number(field).mid

        new = mid("new_customers_per_month")
        units = new * mid("order_size_units")
        return (
            mid("services_per_new_customer") * new
            + (mid("services_per_new_unit") + mid("equipment_per_new_unit")) * units
            + mid("services_per_customer_month") * mid("customers")
            + mid("equipment_per_unit_month") * mid("installed_units")
        )

    return sum(of(record) for record in segments.values())


def _sold_in_proportion(halls: Mapping[str, Record], segments: Mapping[str, Record]) -> dict[str, Record]:
    """Fill the open halls evenly with what is installed."""
    installed = sum(record.number("installed_units").mid for record in segments.values())
    room = sum(h.number("capacity_units").mid for h in halls.values() if h.text("state") == "open")
    filled = dict(halls)
    for name, hall in halls.items():
        if hall.text("state") == "open" and room > 0.0:
            sold = hall.number("capacity_units").mid * min(installed / room, 1.0)
            filled[name] = Record({**hall, "sold_units": replace(hall.number("sold_units"), mid=sold)})
    return filled
