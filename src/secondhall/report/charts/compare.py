"""Pictures that compare: rules by value and risk, a year's result with and without the hall."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

from secondhall.futures import Estimate
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.theme import PALETTE, spread
from secondhall.report.tables import bridge_lines
from secondhall.report.words import Scale, figure, line_words

if TYPE_CHECKING:
    from secondhall.decide.decision import Counterfactual

__all__ = ["Point", "bridge", "scatter"]

_SIDE, _TALL = 270, 300
_GAP = 17.0
_NAME = 34


@dataclass(frozen=True, slots=True)
class Point:
    """One rule: its risk, its value, and how it stands (recommended, refused, tied or empty)."""

    number: int
    name: str
    risk: Estimate
    value: Estimate
    mark: str


def scatter(points: Sequence[Point], *, x_title: str, y_title: str) -> Drawing:
    """Return rules by risk and value with two standard errors, each named at the right."""
    x_ends = _ends([(p.risk.value, p.risk.error) for p in points])
    y_ends = _ends([(p.value.value, p.value.error) for p in points])
    rows = _point_rows(points, x_ends, y_ends)
    base = named("rows")
    x = alt.X(
        "x:Q", scale=alt.Scale(domain=list(x_ends), nice=False), axis=alt.Axis(title=x_title, tickCount=5)
    )
    axis = alt.Axis(title=y_title, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0)
    y = alt.Y("y:Q", scale=alt.Scale(domain=list(y_ends), nice=False), axis=axis)
    colour = alt.Color("colour:N", scale=None)
    end, name = alt.value(_SIDE + 16), alt.value(_SIDE + 20)
    faint: dict[str, Any] = {"strokeWidth": 0.8, "color": PALETTE["grey"], "opacity": 0.55}
    layers = [
        base.mark_rule(**faint).encode(x=x, y=y, x2=alt.value(_SIDE), y2=alt.Y2("y:Q")),
        base.mark_rule(clip=False, **faint).encode(x=alt.value(_SIDE), x2=end, y=y, y2=alt.Y2("label:Q")),
        base.mark_rule(strokeWidth=1.5).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("left:Q"), x2=alt.X2("right:Q"), y=y, color=colour),
        base.mark_point(filled=True, size=95, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("shape:N", scale=None),
            description=alt.Description("tip:N"),
        ),
        base.mark_text(align="left", fontSize=12).encode(
            x=name, y=alt.Y("label:Q"), text=alt.Text("name:N"), color=colour
        ),
    ]
    return Drawing(alt.layer(*layers, width=_SIDE, height=_TALL), {"rows": rows})


def _point_rows(points: Sequence[Point], x_ends: tuple[float, float], y_ends: tuple[float, float]) -> Rows:
    low, high = y_ends
    per_pixel = (high - low) / _TALL
    labels = spread([p.value.value for p in points], _GAP * per_pixel, low, high)
    return [
        {
            "x": p.risk.value, "left": max(p.risk.value - 2 * p.risk.error, x_ends[0]),
            "right": min(p.risk.value + 2 * p.risk.error, x_ends[1]),
            "y": p.value.value, "low": p.value.value - 2 * p.value.error,
            "high": p.value.value + 2 * p.value.error,
            "label": label, "name": f"{p.number} {_short(p.name)}{_STANDS[p.mark][2]}",
            "colour": PALETTE[_STANDS[p.mark][0]], "shape": _STANDS[p.mark][1],
            "tip": f"{p.name}: value {figure(p.value.value, 2)} ± {figure(p.value.error, 2)}, "
            f"risk {figure(p.risk.value, 2)} ± {figure(p.risk.error, 2)}",
        }
        for p, label in zip(points, labels, strict=True)
    ]  # fmt: skip


_STANDS = {
    "recommended": ("blue", "diamond", " (recommended)"),
    "refused": ("orange", "cross", " (refused)"),
    "tied": ("green", "circle", ""),
    "": ("soft", "circle", ""),
}


def _short(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _ends(held: Sequence[tuple[float, float]]) -> tuple[float, float]:
    spans = [(v - 2 * e, v + 2 * e) if math.isfinite(e) else (v, v) for v, e in held if math.isfinite(v)]
    if not spans:
        return (0.0, 1.0)
    low, high = min(s[0] for s in spans), max(s[1] for s in spans)
    room = 0.08 * (high - low) or max(abs(high), 1.0) * 0.1
    return (low - room, high + room)


def bridge(found: Counterfactual, scale: Scale) -> Drawing:
    """Return the bridge from the year's result without the hall to the one with it, means over futures."""
    rows = _bridge_rows(found, scale)
    base = named("rows")
    tall = 27 * len(rows)
    y = alt.Y(
        "line:N", sort=[row["line"] for row in rows],
        axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=260, labelColor=PALETTE["ink"]),
    )  # fmt: skip
    ends = _padded([row["from"] for row in rows] + [row["to"] for row in rows])
    domain = alt.Scale(domain=list(ends), nice=False)
    x = alt.X(
        "from:Q", scale=domain, axis=alt.Axis(title=f"net income of {found.year}, {scale.label}", grid=True)
    )
    zero = named("zero").mark_rule(color=PALETTE["grey"]).encode(x=alt.X("at:Q", scale=domain))
    bars = base.mark_bar(height=17).encode(
        y=y,
        x=x,
        x2=alt.X2("to:Q"),
        color=alt.Color("colour:N", scale=None),
        description=alt.Description("tip:N"),
    )
    text = base.mark_text(align="left", dx=6).encode(
        y=y, x=alt.X("right:Q", scale=domain), text=alt.Text("label:N")
    )
    chart = alt.layer(zero, bars, text, width=620, height=tall)
    return Drawing(chart, {"rows": rows, "zero": [{"at": 0}]})


def _bridge_rows(found: Counterfactual, scale: Scale) -> Rows:
    lines = bridge_lines(found)
    at = sum(line.without_hall for line in lines)
    rows = [_bar("net income without the hall", 0.0, at, scale.number(at), scale, "grey")]
    moving = [line for line in lines if abs(line.difference.value) >= 0.005 * scale.size]
    for line in moving:
        after = at + line.difference.value
        colour = "orange" if line.difference.value < 0 else "green"
        said = ("+" if line.difference.value > 0 else "") + scale.estimate(line.difference)
        rows.append(_bar(line_words(line.line), at, after, said, scale, colour))
        at = after
    rest = sum(line.with_hall for line in lines) - at
    if abs(rest) >= 0.05 * scale.size:
        rows.append(_bar("other lines", at, at + rest, scale.number(rest), scale, "soft"))
    total = sum(line.with_hall for line in lines)
    rows.append(_bar("net income with the hall", 0.0, total, scale.number(total), scale, "blue"))
    return rows


def _bar(line: str, start: float, end: float, label: str, scale: Scale, colour: str) -> dict[str, Any]:
    start, end = start / scale.size, end / scale.size
    return {
        "line": line, "from": start, "to": end, "right": max(start, end), "label": label,
        "colour": PALETTE[colour], "tip": f"{line}: {label} {scale.label}",
    }  # fmt: skip


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(*values, 0.0), max(*values, 0.0)
    span = (high - low) or 1.0
    # Room at the right for the longest label.
    return (low - 0.03 * span, high + 0.2 * span)
