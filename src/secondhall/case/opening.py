"""Month zero: what stands, is signed and is hoped for when the simulation begins.

Read from contracts.csv and orders.csv where they are there, else from the fields of the segments. Months are
offsets from the case's start: offset 0 is the first simulated month, and the opening state is that of the end
of the month before it. A contract stands in that state when its first month billed lies before the start and
its last month billed, if given, does not.

- A ramp of r months takes equal steps from the first month billed: the share (k + 1) / r in its month k, 1
  from month r - 1 on. Steps still to come are commencing capacity.
- The recurring revenue of a contract is what was signed, times the share of its ramp, times
  (1 + escalator)^n after n whole years; an empty escalator is the segment's.
- A customer with n contracts in a segment counts 1 / n with each of them, and is free to leave when its term,
  or the end that is already known, is over.
- A contract in an option, or in a hall under construction, is a reservation. What is signed in or after the
  month of the start is not known yet and does not count; an order that was closed before it is no pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from secondhall.case.values import Record
from secondhall.months import Month

__all__ = ["Opening", "open_case", "pipeline_at"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening:
    """The state in which the simulation begins.

    Parameters
    ----------
    segments, halls : tuple of str
        The order of the axes below.
    from_contracts, from_orders : bool
        Whether the ledgers were there.
    customers, installed_units, mrr, out_of_term_share : array [segment]
        What is installed; mrr in currency a month.
    reserved_customers, reserved_units, reserved_mrr : array [segment]
        What is signed for halls not yet open.
    sold_units : array [hall]
        Capacity sold.
    unlocking : array [segment, month]
        Installed customers whose term is over from that month on.
    commencing_customers, commencing_units, commencing_mrr : array [segment, month]
        Signed and not yet billed, in halls that are open, and the steps of running ramps.
    pipeline_count, pipeline_probability, pipeline_mean_units : array [segment, month]
        Open orders by the month in which their decision is expected (overdue ones in month 0); the product of
        the three is the expected capacity.
    """

    segments: tuple[str, ...]
    halls: tuple[str, ...]
    from_contracts: bool
    from_orders: bool
    customers: Floats
    installed_units: Floats
    mrr: Floats
    out_of_term_share: Floats
    reserved_customers: Floats
    reserved_units: Floats
    reserved_mrr: Floats
    sold_units: Floats
    unlocking: Floats
    commencing_customers: Floats
    commencing_units: Floats
    commencing_mrr: Floats
    pipeline_count: Floats
    pipeline_probability: Floats
    pipeline_mean_units: Floats


def open_case(
    *,
    start: Month,
    horizon: int,
    segments: Mapping[str, Record],
    halls: Mapping[str, Record],
    stages: Record,
    contracts: pl.DataFrame | None,
    orders: pl.DataFrame | None,
) -> Opening:
    """Derive the opening state of a case from its ledgers, or from its fields without them."""
    names = tuple(segments)
    if contracts is None:
        standing = _from_fields(segments, halls, horizon)
    else:
        standing = _from_contracts(_at_start(contracts, start, segments, halls), names, tuple(halls), horizon)
    odds = {stage: stages.number(stage).mid for stage in stages}
    pipeline = pipeline_at(orders, start, names, odds, horizon)
    return Opening(
        segments=names,
        halls=tuple(halls),
        from_contracts=contracts is not None,
        from_orders=orders is not None,
        **standing,
        **pipeline,
    )


def _from_fields(
    segments: Mapping[str, Record], halls: Mapping[str, Record], horizon: int
) -> dict[str, Floats]:
    def field(name: str) -> Floats:
        return np.array([record.number(name).mid for record in segments.values()], dtype=np.float64)

    shape = (len(segments), horizon)
    unlocking = np.zeros(shape)
    locked = field("customers") * (1 - field("out_of_term_share"))
    for row, record in enumerate(segments.values()):
        term = record.integer("term_months")
        unlocking[row, 1 : term + 1] = locked[row] / max(term, 1)
    return {
        "customers": field("customers"),
        "installed_units": field("installed_units"),
        "mrr": field("monthly_recurring_revenue"),
        "out_of_term_share": field("out_of_term_share"),
        "reserved_customers": field("reserved_customers"),
        "reserved_units": field("reserved_units"),
        "reserved_mrr": field("reserved_units") * field("list_price_per_unit_month"),
        "sold_units": np.array([hall.number("sold_units").mid for hall in halls.values()], dtype=np.float64),
        "unlocking": unlocking,
        "commencing_customers": np.zeros(shape),
        "commencing_units": np.zeros(shape),
        "commencing_mrr": np.zeros(shape),
    }


def _at_start(
    contracts: pl.DataFrame, start: Month, segments: Mapping[str, Record], halls: Mapping[str, Record]
) -> pl.DataFrame:
    """Return the contracts known at the start and not over, with what each is at that moment."""
    at = start.ordinal
    escalator = {name: record.number("escalator_yearly").mid for name, record in segments.items()}
    is_open = [name for name, hall in halls.items() if hall.text("state") == "open"]
    age, ramp = pl.lit(at - 1) - pl.col("start"), pl.col("ramp_months").fill_null(0)
    rate = pl.coalesce("escalator_yearly", pl.col("segment").replace_strict(escalator, default=0.0))
    known = contracts.filter((pl.col("signed") < at) & (pl.col("end").is_null() | (pl.col("end") >= at)))
    known = known.with_columns(
        ramp=ramp.clip(1),
        is_reserved=~pl.col("hall").is_in(is_open),
        is_installed=pl.col("hall").is_in(is_open) & (pl.col("start") < at),
        taken=((age + 1) / ramp.clip(1)).clip(0.0, 1.0),
        escalated=(1 + rate) ** (age.clip(0) // 12).cast(pl.Float64),
        offset=pl.col("start") - at,
        free=pl.min_horizontal(pl.col("start") + pl.col("term_months"), pl.col("end") + 1) - at,
    )
    same = pl.len().over("segment", "customer", "is_installed", "is_reserved").cast(pl.Float64)
    return known.with_columns(
        weight=1.0 / same, full_mrr=pl.col("monthly_recurring_revenue") * pl.col("escalated")
    )


def _from_contracts(
    known: pl.DataFrame, segments: tuple[str, ...], halls: tuple[str, ...], horizon: int
) -> dict[str, Floats]:
    installed = known.filter("is_installed")
    reserved = known.filter("is_reserved")
    backlog = known.filter(~pl.col("is_installed") & ~pl.col("is_reserved"))
    units = pl.col("capacity") * pl.col("taken")
    customers = _sum(installed, pl.col("weight"), segments)
    free = _sum(installed.filter(pl.col("free") <= 0), pl.col("weight"), segments)
    return {
        "customers": customers,
        "installed_units": _sum(installed, units, segments),
        "mrr": _sum(installed, pl.col("full_mrr") * pl.col("taken"), segments),
        "out_of_term_share": np.divide(free, customers, out=np.ones_like(free), where=customers > 0),
        "reserved_customers": _sum(reserved, pl.col("weight"), segments),
        "reserved_units": _sum(reserved, pl.col("capacity"), segments),
        "reserved_mrr": _sum(reserved, pl.col("full_mrr"), segments),
        "sold_units": _sum(installed, units, halls, by="hall"),
        "unlocking": _grid(
            installed.filter(pl.col("free") > 0), pl.col("free"), pl.col("weight"), segments, horizon
        ),
        "commencing_customers": _grid(backlog, pl.col("offset"), pl.col("weight"), segments, horizon),
        **_ramps(pl.concat([installed, backlog]), segments, horizon),
    }


def _ramps(known: pl.DataFrame, segments: tuple[str, ...], horizon: int) -> dict[str, Floats]:
    """Return the steps still to come of every ramp, in capacity and revenue."""
    first = pl.max_horizontal(pl.col("offset"), pl.lit(0))
    after = pl.col("offset") + pl.col("ramp")
    steps = (
        known.filter(after > 0)
        .with_columns(step=pl.int_ranges(first, after))
        .explode("step")
        .with_columns(part=1.0 / pl.col("ramp"))
    )
    return {
        "commencing_units": _grid(
            steps, pl.col("step"), pl.col("capacity") * pl.col("part"), segments, horizon
        ),
        "commencing_mrr": _grid(
            steps, pl.col("step"), pl.col("full_mrr") * pl.col("part"), segments, horizon
        ),
    }


def _sum(rows: pl.DataFrame, value: pl.Expr, names: tuple[str, ...], *, by: str = "segment") -> Floats:
    sums = dict(rows.group_by(by, maintain_order=True).agg(value.sum().alias("sum")).iter_rows())
    return np.array([sums.get(name, 0.0) for name in names], dtype=np.float64)


def _grid(
    rows: pl.DataFrame, month: pl.Expr, value: pl.Expr, segments: tuple[str, ...], horizon: int
) -> Floats:
    grid = np.zeros((len(segments), horizon))
    where = {name: row for row, name in enumerate(segments)}
    cells = rows.select("segment", month=month, value=value).filter(
        pl.col("month").is_between(0, horizon - 1) & pl.col("segment").is_in(list(segments))
    )
    sums = cells.group_by("segment", "month", maintain_order=True).agg(pl.col("value").sum())
    for segment, offset, amount in sums.iter_rows():
        grid[where[segment], offset] = amount
    return grid


def pipeline_at(
    orders: pl.DataFrame | None,
    start: Month,
    segments: tuple[str, ...],
    odds: Mapping[str, float],
    horizon: int,
    late: int = 0,
) -> dict[str, Floats]:
    """Return the fields of `Opening` that tell of the pipeline.

    Parameters
    ----------
    orders, start, segments, horizon
        of the case.
    odds
        probability that an order is won, by its stage; where it has none of its own.
    late
        months by which decisions come later than expected.
    """
    shape = (len(segments), horizon)
    if orders is None:
        return {f"pipeline_{name}": np.zeros(shape) for name in ("count", "probability", "mean_units")}
    at = start.ordinal
    is_open = pl.col("closed").is_null() | (pl.col("closed") >= at)
    open_orders = orders.filter((pl.col("opened") < at) & is_open).with_columns(
        chance=pl.coalesce(
            "probability", pl.col("stage").replace_strict(dict(odds), return_dtype=pl.Float64)
        ),
        month=(pl.col("expected_close") + late - at).clip(0),
    )
    month, chance = pl.col("month"), pl.col("chance")
    count = _grid(open_orders, month, pl.lit(1.0), segments, horizon)
    chances = _grid(open_orders, month, chance, segments, horizon)
    units = _grid(open_orders, month, chance * pl.col("capacity"), segments, horizon)
    return {
        "pipeline_count": count,
        "pipeline_probability": np.divide(chances, count, out=np.zeros(shape), where=count > 0),
        "pipeline_mean_units": np.divide(units, chances, out=np.zeros(shape), where=chances > 0),
    }
