"""Pictures of a way out: what is burned, the cash, the shareholder's cheque, the procedure's dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import altair as alt
import numpy as np
from altair.utils.schemapi import debug_mode

from secondhall.company.layout import Floats
from secondhall.months import Month
from secondhall.recover.law.calendar import Calendar
from secondhall.recover.recovery import Recovery
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.gallery import Picture
from secondhall.report.charts.svg import svg_of
from secondhall.report.charts.theme import HEIGHT, PALETTE, WIDTH
from secondhall.report.words import Scale, printable, scale_of
from secondhall.units import money

__all__ = ["recovery_pictures"]

_WIDE = ("timeline",)
_PERCENTS = (5, 25, 50, 75, 95)
_COLOURS = {"nothing": "orange", "plan": "blue", "as it happened": "purple"}
_CHEQUE_LINES = {
    "nothing": ("orange", "dashed", [6, 3]),
    "plan": ("blue", "solid", [1, 0]),
    "everything closed": ("grey", "dotted", [2, 2]),
}
_POINTS = 60
_ROW, _LINE, _LETTERS, _WIDEST = 26, 420, 60, 6.8

_Drawn = Iterator[tuple[str, str, str, str, Drawing]]


def recovery_pictures(recovery: Recovery) -> tuple[Picture, ...]:
    """Draw all pictures of a way out."""
    with debug_mode(False):
        return tuple(
            Picture(key, group, title, says, svg_of(drawing, key), tuple(drawing.legend), key in _WIDE)
            for key, group, title, says, drawing in _all(recovery)
        )


def _all(recovery: Recovery) -> _Drawn:
    yield from _burn(recovery)
    if recovery.calendar is not None:
        yield "timeline", "calendar", "The way to the letters", *_dates(recovery.calendar)
    yield from _cheques(recovery)
    yield from _cash(recovery)


def _burn(recovery: Recovery) -> _Drawn:
    """Yield what comes in and what it costs to run while nothing is done."""
    kept, start = recovery.nothing.kept, recovery.case.start
    alive = kept["alive"] > 0.0
    # Where few futures still live they are the lucky ones, and tell nothing of the burn.
    lasts = int((alive.mean(axis=1) >= 0.5).sum())
    count = np.maximum(alive.sum(axis=1), 1)[:lasts]
    revenue = (kept["revenue"] * alive).sum(axis=1)[:lasts] / count
    earned = (kept["ebitda"] * alive).sum(axis=1)[:lasts] / count
    if lasts < 2:
        return
    year = float(earned[:12].sum())
    says = (
        f"If nothing is done the company {'loses' if year < 0 else 'earns'} "
        f"{money(abs(year), recovery.case.currency)} before interest, tax and depreciation in the first "
        f"{min(lasts, 12)} months; means over the futures that still live, as long as half of them do."
    )
    title = "What comes in, and what it costs to run, if nothing is done"
    yield "burn", "why", title, says, _in_and_out(start, revenue, revenue - earned, recovery.case.currency)


def _in_and_out(start: Month, revenue: Floats, costs: Floats, currency: str) -> Drawing:
    scale = scale_of([*revenue, *costs], currency)
    rows: Rows = [
        {"month": _day(start + at), "revenue": float(a) / scale.size, "costs": float(b) / scale.size}
        for at, (a, b) in enumerate(zip(revenue, costs, strict=True))
    ]
    tips = [
        f"{start + at}, {scale.label}: {scale.number(float(a))} comes in, {scale.number(float(b))} is spent"
        for at, (a, b) in enumerate(zip(revenue, costs, strict=True))
    ]
    base, y = named("rows").encode(x=_months(len(rows))), _y(f"{scale.label} a month", None)
    chart = alt.layer(
        base.mark_area(opacity=0.18, color=PALETTE["orange"]).encode(y=y("revenue"), y2=alt.Y2("costs:Q")),
        base.mark_line(strokeWidth=2, color=PALETTE["orange"], strokeDash=[6, 3]).encode(y=y("costs")),
        base.mark_line(strokeWidth=2, color=PALETTE["blue"]).encode(y=y("revenue")),
        width=WIDTH,
        height=HEIGHT,
    )
    legend = (("blue", "solid", "revenue"), ("orange", "dashed", "costs of running, without capital"))
    return Drawing(chart, {"rows": rows}, tips, legend)


def _cash(recovery: Recovery) -> _Drawn:
    """Yield a fan of the cash without the shareholder for each way that is compared month by month."""
    shown = {name: proof for name, proof in recovery.proofs.items() if name in _COLOURS}
    held = {name: np.percentile(proof.own_cash, _PERCENTS, axis=1) for name, proof in shown.items()}
    low, high = min(float(v.min()) for v in held.values()), max(float(v.max()) for v in held.values())
    scale = scale_of((low, high), recovery.case.currency)
    room = 0.04 * (max(high, 0.0) - min(low, 0.0)) or 1.0
    domain = ((min(low, 0.0) - room) / scale.size, (max(high, 0.0) + room) / scale.size)
    for place, (name, bands) in enumerate(held.items()):
        last = bands[:, -1]
        says = (
            f"{_named(name)}: at the end of {recovery.case.start + shown[name].months - 1} the company's own "
            f"cash stands at {scale.number(float(last[2]))} {scale.label} in the middle future, between "
            f"{scale.number(float(last[0]))} and {scale.number(float(last[4]))} in nine of ten."
        )
        title = f"Cash without the shareholder: {_named(name).lower()}"
        yield f"cash-{place}", "cash", title, says, _fan(recovery, bands, scale, _COLOURS[name], domain)


def _named(name: str) -> str:
    return {"nothing": "Nothing is done", "plan": "Under the plan"}.get(name, "As it happened")


def _fan(
    recovery: Recovery, bands: Floats, scale: Scale, colour: str, domain: tuple[float, float]
) -> Drawing:
    start = recovery.case.start
    rows: Rows = [
        {"month": _day(start + at)}
        | {f"p{p}": float(v) / scale.size for p, v in zip(_PERCENTS, band, strict=True)}
        for at, band in enumerate(bands.T)
    ]
    tips = []
    for at, band in enumerate(bands.T):
        p5, p25, p50, p75, p95 = (scale.number(float(value)) for value in band)
        tips.append(
            f"{start + at}, {scale.label}: middle {p50}; half {p25} to {p75}; nine of ten {p5} to {p95}"
        )
    base, y = named("rows").encode(x=_months(len(rows))), _y(f"cash, {scale.label}", domain)
    paint: dict[str, Any] = {"color": PALETTE[colour]}
    zero = alt.Chart(alt.NamedData(name="zero")).mark_rule(color=PALETTE["ink"], strokeDash=[2, 2])
    chart = alt.layer(
        base.mark_area(opacity=0.16, **paint).encode(y=y("p5"), y2=alt.Y2("p95:Q")),
        base.mark_area(opacity=0.28, **paint).encode(y=y("p25"), y2=alt.Y2("p75:Q")),
        base.mark_line(strokeWidth=2, **paint).encode(y=y("p50")),
        zero.encode(y=y("zero")),
        width=WIDTH,
        height=HEIGHT,
    )
    return Drawing(chart, {"rows": rows, "zero": [{"zero": 0.0}]}, tips)


def _cheques(recovery: Recovery) -> _Drawn:
    """Yield the shareholder's cheque as a distribution: how often it is larger than so much."""
    shown = {name: proof.cheque for name, proof in recovery.proofs.items() if name in _CHEQUE_LINES}
    if not any(cheque.any() for cheque in shown.values()):
        return
    commitment = float(recovery.laid.problem.commitment.mean())
    top = max(commitment, *(float(cheque.max()) for cheque in shown.values()))
    scale = scale_of([top], recovery.case.currency)
    places = np.linspace(0.0, 1.05 * top, _POINTS)
    base, y = alt, _y("% of futures in which it is larger", (0.0, 100.0))
    parts: list[Any] = []
    data: dict[str, Rows] = {}
    for name, cheque in shown.items():
        colour, _, dash = _CHEQUE_LINES[name]
        key = f"rows{len(data)}"
        data[key] = [
            {"amount": float(at) / scale.size, "share": 100.0 * float((cheque > at).mean())} for at in places
        ]
        line = named(key).mark_line(
            strokeWidth=2, color=PALETTE[colour], strokeDash=dash, interpolate="step-after"
        )
        parts.append(line.encode(x=_amounts(f"cheque, {scale.label}"), y=y("share")))
    data["limit"] = [{"amount": commitment / scale.size}]
    rule = named("limit").mark_rule(color=PALETTE["ink"], strokeDash=[2, 2], strokeWidth=1.5)
    parts.append(rule.encode(x=_amounts(f"cheque, {scale.label}")))
    legend = [(_CHEQUE_LINES[name][0], _CHEQUE_LINES[name][1], name) for name in shown]
    legend.append(("ink", "dotted", "what the shareholder would put in at most"))
    says = "; ".join(
        f"{name}: middle {scale.number(float(np.quantile(cheque, 0.5)))}, worst of twenty "
        f"{scale.number(float(np.quantile(cheque, 0.95)))} {scale.label}"
        for name, cheque in shown.items()
    )
    chart = base.layer(*parts, width=WIDTH, height=HEIGHT)
    yield "cheque", "funding", "The shareholder's cheque", f"{says}.", Drawing(chart, data, (), legend)


def _dates(calendar: Calendar) -> tuple[str, Drawing]:
    """Return the procedure in words and as a line of time, a row for each step."""
    first_unpaid = date(calendar.leave.year, calendar.leave.month, 1)
    rows: Rows = [
        _dated(step.what, step.day, step.day, is_verified=step.is_verified) for step in calendar.steps
    ]
    notice = f"notice of {_counted(calendar.notice_months)}"
    rows.append(_dated(notice, calendar.letters, calendar.notice_end, is_verified=True))
    rows.append(_dated("first month without pay", first_unpaid, first_unpaid, is_verified=True))
    for place, row in enumerate(rows):
        row["place"] = place
    # Steps may be called alike, so a row is known by its place; a reader's font may be wider than the one
    # that is measured while drawing, so room is kept beside it.
    room = _WIDEST * max(len(row["words"]) for row in rows)
    axis = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=True, minExtent=room)
    y = alt.Y("place:O", axis=axis)
    ticks = {"interval": "month", "step": 1}
    dates = alt.Axis(title=None, format="%Y-%m", tickCount=ticks, labelOverlap=True)
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False, padding=85), axis=dates)
    colour, until = alt.Color("colour:N", scale=None), alt.X("until:T")
    base = named("rows")
    points = base.mark_point(filled=True, size=110, opacity=1)
    chart = alt.layer(
        base.mark_rule(strokeWidth=5, opacity=0.45).encode(y=y, x=x, x2=alt.X2("until:T"), color=colour),
        points.encode(y=y, x=until, color=colour, shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(align="right").encode(y=y, x=alt.value(-8), text=alt.Text("words:N")),
        base.mark_text(align="left", dx=9).encode(y=y, x=until, text=alt.Text("day:N")),
        width=_LINE,
        height=_ROW * len(rows),
    )
    legend = (("blue", "solid", "● read in the law"), ("orange", "solid", "◆ an assumption"))
    says = (
        f"From {calendar.announced} to the letters on {calendar.letters}; the notice of "
        f"{_counted(calendar.notice_months)} ends on {calendar.notice_end}, and the posts are no longer paid "
        f"from {calendar.leave} on."
    )
    return says, Drawing(chart, {"rows": rows}, (), legend)


def _counted(months: int) -> str:
    return f"{months} month" if months == 1 else f"{months} months"


def _dated(words: str, first: date, last: date, *, is_verified: bool) -> dict[str, Any]:
    # What draws would fall over a control character.
    words = printable(words)
    return {
        "words": words if len(words) <= _LETTERS else f"{words[: _LETTERS - 1].rstrip()}…",
        "from": f"{first}T00:00:00Z",
        "until": f"{last}T00:00:00Z",
        "day": str(last),
        "colour": PALETTE["blue" if is_verified else "orange"],
        "shape": "circle" if is_verified else "diamond",
    }


def _months(count: int) -> Any:
    step = 3 if count <= 18 else 6 if count <= 36 else 12
    axis = alt.Axis(
        title=None, format="%Y-%m", labelFlush=True, tickCount={"interval": "month", "step": step}
    )
    return alt.X("month:T", scale=alt.Scale(type="utc", nice=False), axis=axis)


def _amounts(title: str) -> Any:
    return alt.X("amount:Q", scale=alt.Scale(zero=True, nice=False), axis=alt.Axis(title=title, tickCount=6))


def _y(title: str, domain: tuple[float, float] | None) -> Any:
    scale = alt.Scale(domain=list(domain), nice=False) if domain else alt.Scale(zero=True)
    axis = alt.Axis(title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0)

    def channel(field: str) -> Any:
        return alt.Y(f"{field}:Q", axis=axis, scale=scale)

    return channel


def _day(month: Month) -> str:
    return f"{month}-01T00:00:00Z"
