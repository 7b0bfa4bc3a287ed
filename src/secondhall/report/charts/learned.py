"""Pictures of what was learned: the regime month by month, survival, the past as the model has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
from altair.utils.schemapi import debug_mode

from secondhall.case import REGIMES, Case
from secondhall.company.layout import Floats
from secondhall.months import Month
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.gallery import Picture
from secondhall.report.charts.svg import svg_of
from secondhall.report.charts.theme import HEIGHT, PALETTE, WIDTH
from secondhall.report.learned_rows import regime_now
from secondhall.report.words import figure, line_words, scale_of
from secondhall.units import percent

if TYPE_CHECKING:
    from secondhall.belief.posterior import Posterior, RegimePath
    from secondhall.decide.alarm import Alarm

__all__ = ["BAND", "HAZARD", "SURVIVAL", "learned_pictures"]

_COLOURS = {"boom": "green", "steady": "blue", "bust": "orange"}
SURVIVAL = ("age_months", "survival", "low", "high")
"""Columns of a survival curve among the series of a posterior."""
HAZARD = ("from_month", "hazard", "low", "high")
"""Columns of a hazard by age bands, each from its month to the next."""
BAND = ("low", "mid", "high")
"""What follows a name in the three columns of its band, in a table with a column ``month`` of ordinals."""

_Drawn = Iterator[tuple[str, str, str, str, Drawing]]


def learned_pictures(case: Case, posterior: Posterior, alarms: Sequence[Alarm] = ()) -> tuple[Picture, ...]:
    """Draw all pictures with axes of what was learned."""
    with debug_mode(False):
        return tuple(
            Picture(key, group, title, says, svg_of(drawing, key), tuple(drawing.legend), False)
            for key, group, title, says, drawing in _all(case, posterior, alarms)
        )


def _all(case: Case, posterior: Posterior, alarms: Sequence[Alarm]) -> _Drawn:
    if posterior.regimes is not None:
        yield from _regimes(posterior.regimes)
    yield from _survival(posterior.series)
    yield from _hazards(posterior.series)
    yield from _history(case, posterior.series)
    yield from _alarms(alarms)


def _regimes(regimes: RegimePath) -> _Drawn:
    now = regime_now(regimes)
    says = f"Probability of each regime given all that is known; the three add up to 100 %. {now.words}"
    yield "regime", "regimes", "Boom, steady or bust, as it is seen now", says, _stacked(regimes)
    if regimes.filtered is None:
        return
    bust = regimes.filtered[:, 2]
    above = np.flatnonzero((bust[1:] >= 0.5) & (bust[:-1] < 0.5)) + 1
    seen = ", ".join(str(regimes.first + int(at)) for at in above[-6:])
    says = (
        "Probability of a bust given the data up to that month and no later, beside the one given all. "
        + (f"It rose above one half in {seen}." if seen else "It never rose above one half.")
    )
    yield "bust-then", "regimes", "Could a bust be seen at the time?", says, _bust_lines(regimes)


def _stacked(regimes: RegimePath) -> Drawing:
    rows, tips = [], []
    for at, shares in enumerate(100.0 * regimes.smoothed):
        boom, steady, bust = (float(share) for share in shares)
        month = regimes.first + at
        rows.append({"month": _day(month), "zero": 0.0, "bust": bust, "steady": bust + steady, "top": 100.0})
        tips.append(f"{month}: boom {boom:.0f} %, steady {steady:.0f} %, bust {bust:.0f} %")
    base = named("rows").encode(x=_months(len(rows)))
    y = _share_axis("probability, %")
    chart = alt.layer(
        base.mark_area(color=PALETTE["orange"], opacity=0.75).encode(y=y("zero"), y2=alt.Y2("bust:Q")),
        base.mark_area(color=PALETTE["blue"], opacity=0.3).encode(y=y("bust"), y2=alt.Y2("steady:Q")),
        base.mark_area(color=PALETTE["green"], opacity=0.55).encode(y=y("steady"), y2=alt.Y2("top:Q")),
        width=WIDTH,
        height=HEIGHT,
    )
    legend = tuple((_COLOURS[name], "solid", name) for name in REGIMES)
    return Drawing(chart, {"rows": rows}, tips, legend)


def _bust_lines(regimes: RegimePath) -> Drawing:
    filtered = regimes.smoothed if regimes.filtered is None else regimes.filtered
    rows, tips = [], []
    for at, (then, now) in enumerate(zip(filtered[:, 2], regimes.smoothed[:, 2], strict=True)):
        month = regimes.first + at
        rows.append({"month": _day(month), "then": 100.0 * float(then), "now": 100.0 * float(now)})
        tips.append(f"{month}: bust {percent(float(then))} as seen then, {percent(float(now))} as seen now")
    base = named("rows").encode(x=_months(len(rows)))
    y = _share_axis("probability of a bust, %")
    chart = alt.layer(
        base.mark_area(color=PALETTE["orange"], opacity=0.22).encode(y=y("now")),
        base.mark_line(color=PALETTE["purple"], strokeWidth=2).encode(y=y("then")),
        width=WIDTH,
        height=HEIGHT,
    )
    legend = (("purple", "solid", "as seen in that month"), ("orange", "solid", "as seen now"))
    return Drawing(chart, {"rows": rows}, tips, legend)


def _survival(series: Mapping[str, Mapping[str, Floats]]) -> _Drawn:
    for number, (name, columns) in enumerate(series.items()):
        if not set(SURVIVAL) <= set(columns):
            continue
        age, stays, low, high = (columns[column] for column in SURVIVAL)
        year = int(np.searchsorted(age, 12.0, side="right")) - 1
        last = f"; after {age[-1]:.0f} months {percent(float(stays[-1]))}"
        first = (
            f" After 12 months {percent(float(stays[year]))} are still there" if year >= 0 else " Still there"
        )
        says = (
            "Share of customers still there by the months since they came, counted with those who have not "
            f"left yet, with its 90 % band.{first}{last}."
        )
        rows = [
            {"age": float(a), "stays": 100.0 * float(s), "low": 100.0 * float(lo), "high": 100.0 * float(hi)}
            for a, s, lo, hi in zip(age, stays, low, high, strict=True)
        ]
        title = f"Who stays: {_series_words(name)}"
        yield f"survival-{number}", "survival", title, says, _survival_chart(rows)


def _survival_chart(rows: Rows) -> Drawing:
    last = rows[-1]["age"]
    years = list(range(0, int(last) + 1, 12 if last <= 96 else 24))
    axis = alt.Axis(title="months since the start", values=years)
    base = named("rows").encode(x=alt.X("age:Q", scale=alt.Scale(nice=False, zero=True), axis=axis))
    y = _share_axis("still there, % of customers")
    step: dict[str, Any] = {"interpolate": "step-after", "color": PALETTE["blue"]}
    chart = alt.layer(
        base.mark_area(opacity=0.2, **step).encode(y=y("low"), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=2, **step).encode(y=y("stays")),
        width=WIDTH,
        height=HEIGHT,
    )
    return Drawing(chart, {"rows": rows})


def _hazards(series: Mapping[str, Mapping[str, Floats]]) -> _Drawn:
    for number, (name, columns) in enumerate(series.items()):
        if not set(HAZARD) <= set(columns):
            continue
        firsts = [int(first) for first in columns["from_month"]]
        ages = [f"{a} to {b - 1}" for a, b in pairwise(firsts)] + [f"{firsts[-1]} and more"]
        known = np.isfinite(columns["hazard"])
        rows = [
            {"age": age, "low": 100.0 * float(low), "high": 100.0 * float(high), "hazard": 100.0 * float(mid)}
            for age, mid, low, high, is_known in zip(
                ages, *(columns[column] for column in HAZARD[1:]), known, strict=True
            )
            if is_known
        ]
        told = "; ".join(f"{row['age']} months {figure(row['hazard'], 2)} %" for row in rows)
        says = (
            "Share of the customers that leaves each month, by the months since the end of the term, with "
            f"its 90 % interval: {told}. The company plays one share for each regime, whatever the age."
        )
        title = f"Who leaves: {_series_words(name).partition(' by ')[0]}"
        yield f"hazard-{number}", "survival", title, says, _hazard_chart(rows, ages)


def _hazard_chart(rows: Rows, ages: Sequence[str]) -> Drawing:
    base = named("rows").encode(
        x=alt.X(
            "age:N", sort=list(ages), axis=alt.Axis(title="months since the end of the term", labelAngle=0)
        )
    )
    title = "leave each month, % of customers"

    def y(name: str) -> Any:
        return alt.Y(f"{name}:Q", scale=alt.Scale(zero=True), axis=_flat_title(title))

    chart = alt.layer(
        base.mark_rule(strokeWidth=2, color=PALETTE["blue"]).encode(y=y("low"), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, size=90, opacity=1, color=PALETTE["blue"]).encode(y=y("hazard")),
        width=WIDTH,
        height=HEIGHT,
    )
    return Drawing(chart, {"rows": rows})


def _history(case: Case, series: Mapping[str, Mapping[str, Floats]]) -> _Drawn:
    tables = [columns for columns in series.values() if "month" in columns]
    for number, (columns, name) in enumerate((one, name) for one in tables for name in _banded(one)):
        words, low, mid, high = line_words(name), *(columns[f"{name} {end}"] for end in BAND)
        size, unit = _scaled(case, name, np.concatenate([low, high]))
        axis = f"{words}, {unit}" if unit else words
        months = [Month(int(month)) for month in columns["month"]]
        says = (
            f"Nine learned companies of ten lie in the band. {axis[:1].upper()}{axis[1:]}, {months[-1]}: "
            f"{figure(float(low[-1]) / size)} to {figure(float(high[-1]) / size)}, "
            f"middle {figure(float(mid[-1]) / size)}."
        )
        drawing = _band((low / size, mid / size, high / size), months, axis)
        yield f"history-{number}", "history", f"The past: {words}", says, drawing


def _alarms(alarms: Sequence[Alarm]) -> _Drawn:
    for alarm in alarms:
        months = [alarm.standing + at for at in range(alarm.months)]
        low, mid, high = 100.0 * alarm.band
        drawing = _band((low, mid, high), months, "probability of a bust, %")
        limit: Rows = [{"limit": 100.0 * alarm.threshold}]
        line = named("limit").mark_rule(color=PALETTE["orange"], strokeDash=[4, 3]).encode(y="limit:Q")
        chart = alt.layer(drawing.chart, line)
        says = (
            f"What the filter of {alarm.standing} makes of the inflow of the explained pasts: nine of ten "
            f"lie in the band. The alarm goes above the dashed line, at {percent(alarm.threshold)}."
        )
        title = f"The alarm, standing in {alarm.standing}"
        legend = (("blue", "solid", "as the inflow came"), ("orange", "dashed", "alarm"))
        drawn = Drawing(chart, {**drawing.data, "limit": limit}, drawing.tips, legend)
        yield f"alarm-{alarm.standing}", "alarm", title, says, drawn


def _banded(columns: Mapping[str, Floats]) -> list[str]:
    """Return the names of which a table has the low, the middle and the high."""
    names = [column.removesuffix(" mid") for column in columns if column.endswith(" mid")]
    return [name for name in names if all(f"{name} {end}" in columns for end in BAND)]


def _band(points: tuple[Floats, Floats, Floats], months: Sequence[Month], title: str) -> Drawing:
    rows: Rows = [
        {"month": _day(month), "low": float(low), "mid": float(mid), "high": float(high)}
        for month, low, mid, high in zip(months, *points, strict=True)
    ]
    tips = [
        f"{month}: middle {figure(row['mid'])}; 90 % {figure(row['low'])} to {figure(row['high'])}"
        for month, row in zip(months, rows, strict=True)
    ]
    base = named("rows").encode(x=_months(len(rows)))

    def y(name: str) -> Any:
        return alt.Y(f"{name}:Q", axis=_flat_title(title))

    chart = alt.layer(
        base.mark_area(opacity=0.2, color=PALETTE["blue"]).encode(y=y("low"), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=2, color=PALETTE["blue"]).encode(y=y("mid")),
        width=WIDTH,
        height=HEIGHT,
    )
    return Drawing(chart, {"rows": rows}, tips)


def _scaled(case: Case, name: str, values: Floats) -> tuple[float, str]:
    """Return the size and the unit of a series by what it is called."""
    if any(part in name for part in _MONEY):
        scale = scale_of([float(values.min()), float(values.max())], case.currency)
        return scale.size, f"{scale.label} a month" if name not in ("cash", "net_debt") else scale.label
    if "utilisation" in name or "probability" in name:
        return 0.01, "%"
    if "customers" in name:
        return 1.0, "customers a month" if name.startswith("new") else "customers"
    return 1.0, {"staff": "posts"}.get(name, case.unit if "units" in name or name == "capacity" else "")


_MONEY = ("revenue", "ebitda", "income", "cash", "debt", "hosting", "services", "equipment")


def _series_words(name: str) -> str:
    """Return ``survival of gpu_cloud`` as the segment alone."""
    for prefix in ("survival of", "hazard of", "survival"):
        name = name.removeprefix(prefix)
    return line_words(name.replace(".", " "))


def _share_axis(title: str) -> Any:
    def y(name: str) -> Any:
        return alt.Y(f"{name}:Q", scale=alt.Scale(domain=[0, 100], nice=False), axis=_flat_title(title))

    return y


def _flat_title(title: str) -> Any:
    return alt.Axis(title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0)


def _months(count: int) -> Any:
    step = max(round(count / 96), 1)
    axis = alt.Axis(title=None, format="%Y", labelFlush=False, tickCount={"interval": "year", "step": step})
    return alt.X("month:T", scale=alt.Scale(type="utc", nice=False), axis=axis)


def _day(month: Month) -> str:
    return f"{month}-01T00:00:00Z"
