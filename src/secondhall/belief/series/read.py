"""Figures of accounts.csv, ready for a likelihood: what is used, how exactly it is told, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from secondhall.belief.kernels.series import FIELDS, SOLD, SeriesData
from secondhall.belief.posterior import Lesson
from secondhall.case import REGIMES, Case, Quantity
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["Series", "SeriesFigure", "parameter_names", "read_series"]

OPENING_SHARE_SD = 0.25
"""Before the first month what is sold lies about the first figure, with this relative deviation: so wide
that the figures decide."""

OPENING_PRICE_SD = 0.2
"""The same for what a unit sold pays."""

LEAST_ERROR = 1e-4
"""No figure is told more exactly than this share of itself."""

WIDEST_ROUNDING = 0.1
"""Zeros at the end of a figure are not taken for rounding beyond this share of it."""

FULL = 0.98
"""Use of the capacity from which demand no longer shows in what is sold."""

SHORT = 6
"""Figures below which little can be learned."""

SUM_MONTHS = (1, 3, 12)

LEVELS = ("sold", "utilisation")
FLOWS = ("hosting_revenue", "revenue")


@dataclass(frozen=True, slots=True)
class SeriesFigure:
    """A figure that is learned from.

    Attributes
    ----------
    line, period, source
        as accounts.csv says.
    first, last
        months of its period.
    value, error
        in the unit of the likelihood: capacity sold, or currency; the standard deviation of its reporting.
    """

    line: str
    period: str
    source: str
    first: Month
    last: Month
    value: float
    error: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Series:
    """What periodic figures there are.

    Attributes
    ----------
    first, months
        from the first month that a figure speaks of up to the last one known.
    figures
        in the order of the likelihood's arrays.
    data
        the same for the likelihood; ``where`` says -1 throughout, until parameters have their places.
    lessons
        what the figures cannot say.
    """

    first: Month
    months: int
    figures: tuple[SeriesFigure, ...]
    data: SeriesData
    lessons: tuple[Lesson, ...] = field(default=())


def parameter_names(case: Case) -> dict[str, list[tuple[int, int, int]]]:
    """Return each dotted name that the likelihood reads, with its places [field, segment, regime].

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> names = parameter_names(read_case("interxion"))
    >>> names["market.price_drift_yearly.bust"]
    [(5, 0, 2)]
    """
    names: dict[str, list[tuple[int, int, int]]] = {}
    for row, name in enumerate(FIELDS):
        for s, segment in enumerate(case.segments):
            for z, regime in enumerate(REGIMES):
                names.setdefault(_dotted(name, segment, regime), []).append((row, s, z))
    return names


def _dotted(name: str, segment: str, regime: str) -> str:
    by_regime = f".{regime}" if name in ("churn_monthly", "expansion_monthly", "price_drift_yearly") else ""
    section = "market" if name.startswith("price_") else f"segments.{segment}"
    return f"{section}.{name}{by_regime}"


def quantity_of(case: Case, dotted: str) -> Quantity:
    """Return what the case states of a field by its dotted name."""
    parts = dotted.split(".")
    record = case.market if parts[0] == "market" else case.segments[parts[1]]
    field_name = parts[1] if parts[0] == "market" else parts[2]
    if parts[-1] in REGIMES:
        return record.regimes(field_name).all[REGIMES.index(parts[-1])]
    return record.number(field_name)


def read_series(case: Case, until: Month) -> Series:
    """Return the figures that were known in a month, ready to be learned from.

    What is sold is taken from its own line, else from utilisation times the capacity of the same date. Of
    revenue, hosting is taken where it is told, else the whole. A figure is told as exactly as its line is
    rounded: the standard deviation is the step of rounding over the root of twelve, twice that variance
    where the figure was derived from others.

    Parameters
    ----------
    case
        the case.
    until
        nothing that became known later is used; the last month is the one before it.
    """
    known = case.known_accounts(until)
    rows = _no_accounts() if known is None else known
    figures = sorted((*_levels(rows), *_flows(rows)), key=lambda f: (f.last, f.line, f.first))
    first = min((f.last if f.line in LEVELS else f.first for f in figures), default=until - 1)
    months = until - first
    return Series(
        first=first,
        months=months,
        figures=tuple(figures),
        data=_data(case, figures, first, months),
        lessons=_lessons(case, rows, figures),
    )


def _no_accounts() -> pl.DataFrame:
    """Return accounts without a row."""
    columns = {"period": pl.String, "line": pl.String, "value": pl.Float64, "first": pl.Int32}
    return pl.DataFrame(schema={**columns, "months": pl.Int32, "kind": pl.String, "source": pl.String})


def _rounding(values: Floats) -> float:
    """Return the step to which all values are rounded: the largest power of ten that divides them.

    Examples
    --------
    >>> _rounding(np.array([71000.0, 47100.0]))
    100.0
    >>> _rounding(np.array([0.75, 0.74]))
    0.01
    """
    told = values[values != 0.0]
    if told.size == 0:
        return 0.0
    for power in range(9, -7, -1):
        steps = np.abs(told) / 10.0**power
        if np.all(steps > 0.5) and np.all(np.abs(steps - np.round(steps)) < 1e-6 * steps):
            return float(min(10.0**power, WIDEST_ROUNDING * np.abs(told).min()))
    return 0.0


def _error(value: float, step: float, kind: str | None) -> float:
    derived = 2.0 if kind == "inference" else 1.0
    return float(np.sqrt(derived * step**2 / 12.0 + (LEAST_ERROR * value) ** 2))


def _figure(row: dict[str, object], value: float, error: float) -> SeriesFigure:
    first, months = int(str(row["first"])), int(str(row["months"]))
    return SeriesFigure(
        line=str(row["line"]),
        period=str(row["period"]),
        source=str(row["source"] or "accounts.csv"),
        first=Month(first),
        last=Month(first + months - 1),
        value=value,
        error=error,
    )


def _ended(rows: pl.DataFrame, line: str) -> pl.DataFrame:
    """Return a balance by the month at whose end it stands, told once."""
    of = rows.filter(pl.col("line") == line).with_columns(end=pl.col("first") + pl.col("months") - 1)
    return of.sort("end", "months").unique("end", keep="first", maintain_order=True)


def _levels(rows: pl.DataFrame) -> list[SeriesFigure]:
    sold, use, capacity = (_ended(rows, line) for line in ("sold", "utilisation", "capacity"))
    step = _rounding(sold["value"].to_numpy())
    figures = [
        _figure(row, row["value"], _error(row["value"], step, row["kind"]))
        for row in sold.iter_rows(named=True)
    ]
    room = dict(capacity.select("end", "value").iter_rows())
    share_step = _rounding(use["value"].to_numpy())
    for row in use.filter(~pl.col("end").is_in(sold["end"].to_list())).iter_rows(named=True):
        if row["end"] in room:
            units = room[row["end"]]
            error = _error(row["value"], share_step, row["kind"]) * units
            figures.append(_figure(row, row["value"] * units, error))
    return figures


def _flows(rows: pl.DataFrame) -> list[SeriesFigure]:
    hosting, revenue = (rows.filter(pl.col("line") == line) for line in FLOWS)
    told = hosting.select("first", "months").unique()
    rest = revenue.join(told, on=["first", "months"], how="anti", maintain_order="left")
    figures = []
    for flow in (hosting, rest):
        for months in SUM_MONTHS:
            of = flow.filter(pl.col("months") == months)
            step = _rounding(of["value"].to_numpy())
            figures += [
                _figure(row, row["value"], _error(row["value"], step, row["kind"]))
                for row in of.iter_rows(named=True)
            ]
    return figures


def _data(case: Case, figures: list[SeriesFigure], first: Month, months: int) -> SeriesData:
    used = {(f.line, f.last - f.first + 1) for f in figures if f.line in FLOWS}
    sums = [(line, length) for line in FLOWS for length in SUM_MONTHS if (line, length) in used]
    restarts = np.array(
        [[float((first + t).ordinal % length == 0) for t in range(months)] for _, length in sums]
    )
    names = parameter_names(case)
    stated = np.zeros((len(FIELDS), len(case.segments), len(REGIMES)))
    for dotted, places in names.items():
        for place in places:
            stated[place] = quantity_of(case, dotted).mid
    kinds = [
        SOLD if f.line in LEVELS else sums.index((f.line, f.last - f.first + 1)) for f in figures
    ]  # fmt: skip
    return SeriesData(
        where=np.full(stated.shape, -1, dtype=np.int64),
        stated=stated,
        **_of_segments(case),
        **_opening(case, figures),
        restarts=restarts.reshape(len(sums), months),
        with_services=np.array([float(line == "revenue") for line, _ in sums]),
        month=np.array([f.last - first for f in figures], dtype=np.int64),
        kind=np.array(kinds, dtype=np.int64),
        value=np.array([f.value for f in figures]),
        variance=np.array([f.error**2 for f in figures]),
    )


def _of_segments(case: Case) -> dict[str, Floats]:
    """Return what the likelihood takes from the case as it is: terms of contracts, revenue beside hosting."""

    def mids(name: str) -> Floats:
        return np.array([record.number(name).mid for record in case.segments.values()])

    customers, installed = case.opening.customers, case.opening.installed_units
    size = np.where(installed > 0.0, installed, 1.0) / np.where(customers > 0.0, customers, 1.0)
    size = np.where((installed > 0.0) & (customers > 0.0), size, mids("order_size_units"))
    free = case.opening.out_of_term_share
    terms = np.array([max(record.integer("term_months"), 1) for record in case.segments.values()])
    return {
        "free": free,
        "repriced": np.minimum((1.0 - free) / terms + free / mids("renewal_months"), 1.0),
        "escalator": mids("escalator_yearly") / 12.0,
        "customer_size": size,
        "recurring": mids("services_per_customer_month") / size + mids("equipment_per_unit_month"),
        "on_order": mids("services_per_new_customer") / np.maximum(mids("order_size_units"), 1e-9)
        + mids("services_per_new_unit")
        + mids("equipment_per_new_unit"),
        "on_growth": mids("equipment_per_new_unit"),
    }


def _opening(case: Case, figures: list[SeriesFigure]) -> dict[str, Floats]:
    """Return the wide prior of the state before the first month."""
    installed, mrr = case.opening.installed_units, case.opening.mrr
    total = float(installed.sum())
    share = installed / total if total > 0.0 else np.full(installed.size, 1.0 / installed.size)
    levels = [f.value for f in figures if f.line in LEVELS]
    sold = (levels[0] if levels else total) * share
    per_unit = np.where(installed > 0.0, mrr / np.where(installed > 0.0, installed, 1.0), 0.0)
    price = np.where(
        per_unit > 0.0,
        per_unit,
        [record.number("list_price_per_unit_month").mid for record in case.segments.values()],
    )
    return {
        "opening_sold": sold,
        "opening_sold_sd": OPENING_SHARE_SD * np.maximum(sold, 1.0),
        "opening_price": price,
        "opening_price_sd": OPENING_PRICE_SD * price,
    }


def _lessons(case: Case, rows: pl.DataFrame, figures: list[SeriesFigure]) -> tuple[Lesson, ...]:
    """Say what the figures cannot tell."""
    levels = [f for f in figures if f.line in LEVELS]
    flows = [f for f in figures if f.line in FLOWS]
    said = []
    if not figures:
        words = "no figure of what is sold, of utilisation or of revenue was known: all is as the case states"
        return (Lesson("accounts", learned=False, words=words),)
    if not levels:
        has_capacity = rows.filter(pl.col("line") == "capacity").height > 0
        why = "capacity is told without what is sold of it" if has_capacity else "what is sold is not told"
        words = f"{why}: the level of demand follows from revenue and from the price that the case states"
        said.append(Lesson("accounts.sold", learned=False, words=words))
    if not flows:
        words = "revenue is not told: prices are as the case states"
        said.append(Lesson("accounts.revenue", learned=False, words=words))
    if len(figures) < SHORT:
        words = f"only {len(figures)} figures: what is learned hardly differs from what the case states"
        said.append(Lesson("accounts", learned=False, words=words))
    for name, plain, of, others in (
        ("sold", "what is sold", levels, "revenue" if flows else ""),
        ("revenue", "revenue", flows, "what is sold" if levels else ""),
    ):
        if gaps := _gaps(of):
            words = f"{plain} is not told for {gaps} of the periods between the first figure and the last"
            tail = (
                f"it is inferred there from {others} and from the model" if others else "the model fills them"
            )
            said.append(Lesson(f"accounts.{name}", learned=True, words=f"{words}; {tail}"))
    said += _full(rows)
    if len(case.segments) > 1:
        words = (
            "the figures are totals: how they are shared by segments rests on what the case states of each"
        )
        said.append(Lesson("segments", learned=False, words=words))
    return tuple(said)


def _gaps(figures: list[SeriesFigure]) -> int:
    """Return how many periods lack a figure between the first and the last, by the most frequent period."""
    if len(figures) < 2:
        return 0
    lengths = [f.last - f.first + 1 for f in figures]
    usual = max(set(lengths), key=lengths.count)
    ends = sorted({f.last for f in figures})
    return max((ends[-1] - ends[0]) // usual + 1 - len(ends), 0)


def _full(rows: pl.DataFrame) -> list[Lesson]:
    """Say where the halls were full, so that what was sold no longer shows demand."""
    sold = _ended(rows, "sold").select("end", "period", sold="value")
    both = sold.join(_ended(rows, "capacity").select("end", room="value"), on="end", maintain_order="left")
    full = both.filter(pl.col("sold") >= FULL * pl.col("room"))["period"].to_list()
    if not full:
        return []
    words = (
        f"the halls were full at the end of {', '.join(full)}: demand may have been larger than what was "
        "sold, and is learned too low there"
    )
    return [Lesson("accounts.sold", learned=False, words=words)]
