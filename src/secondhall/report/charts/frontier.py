"""The frontier between value and risk as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from secondhall.decide.board import Frontier, Place
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.theme import PALETTE, spread
from secondhall.report.words import Scale

__all__ = ["beyond_words", "frontier_chart"]

_SIDE, _TALL = 410, 340
_GAP = 17.0
_NAME = 72
_ROOM = 0.06
"""Share of the axes left free around what is shown."""

_AROUND = 0.8
"""How far beyond the rules that may be chosen, in their own span, others are still shown."""


def frontier_chart(frontier: Frontier, scale: Scale) -> Drawing:
    """Return the rules by the mean of their worst twentieth and their gain over never.

    The rules on fresh futures stand with two standard errors, those that no other beats in both joined by a
    line and named; what else the search looked at stands faint behind.
    """
    x_ends, y_ends = (_ends(frontier, scale.size, name) for name in ("cvar", "gain"))
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=list(x_ends), nice=False),
        axis=alt.Axis(title=f"mean NPV of the worst 5 % of futures, {scale.label}", tickCount=6),
    )
    axis = alt.Axis(
        title=f"expected gain over never, {scale.label}",
        titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0,
    )  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=list(y_ends), nice=False), axis=axis)
    colour, base = alt.Color("colour:N", scale=None), named("rows")
    layers = [
        named("searched")
        .mark_point(filled=True, size=14, opacity=0.35, aria=False)
        .encode(x=x, y=y, color=colour, shape=alt.Shape("shape:N", scale=None)),
        named("line").mark_line(color=PALETTE["blue"], strokeWidth=1.5, opacity=0.6).encode(x=x, y=y),
        *_labelled(x, y),
        base.mark_rule(strokeWidth=1.2).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour),
        base.mark_rule(strokeWidth=1.2).encode(x=alt.X("left:Q"), x2=alt.X2("right:Q"), y=y, color=colour),
        base.mark_point(filled=True, size=85, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("shape:N", scale=None),
            description=alt.Description("tip:N"),
        ),
    ]
    data = _data(frontier, scale, x_ends, y_ends)
    return Drawing(alt.layer(*layers, width=_SIDE, height=_TALL), data, legend=_legend(frontier))


def _data(
    frontier: Frontier, scale: Scale, x_ends: tuple[float, float], y_ends: tuple[float, float]
) -> dict[str, Rows]:
    places = [place for place in frontier.places if _inside(place, scale, x_ends, y_ends)]
    searched = [place for place in frontier.searched if _inside(place, scale, x_ends, y_ends)]
    return {
        "rows": [_row(place, scale, x_ends, y_ends) for place in places],
        "searched": [_dot(place, scale.size) for place in searched],
        "line": [_at(place, scale.size) for place in frontier.line],
        "names": _names(frontier, scale.size, y_ends),
    }


def _labelled(x: Any, y: Any) -> list[Any]:
    faint: dict[str, Any] = {"strokeWidth": 0.8, "color": PALETTE["grey"], "opacity": 0.55}
    end, name, names = alt.value(_SIDE + 16), alt.value(_SIDE + 20), named("names")
    return [
        names.mark_rule(**faint).encode(x=x, y=y, x2=alt.value(_SIDE), y2=alt.Y2("y:Q")),
        names.mark_rule(clip=False, **faint).encode(x=alt.value(_SIDE), x2=end, y=y, y2=alt.Y2("label:Q")),
        names.mark_text(align="left", fontSize=12).encode(
            x=name,
            y=alt.Y("label:Q"),
            text=alt.Text("name:N"),
            color=alt.Color("colour:N", scale=None),
        ),
    ]


def _ends(frontier: Frontier, size: float, figure: str) -> tuple[float, float]:
    """Return the ends of an axis: the rules that may be chosen, and others that are not far from them."""
    spans = []
    for place in frontier.places:
        if place.refused is None or place.chosen:
            estimate = getattr(place, figure)
            error = estimate.error if math.isfinite(estimate.error) else 0.0
            spans += [estimate.value - 2.0 * error, estimate.value + 2.0 * error]
    low, high = min(spans), max(spans)
    reach = _AROUND * ((high - low) or max(abs(high), size))
    near = [getattr(place, figure).value for place in (*frontier.places, *frontier.searched)]
    near = [value for value in near if low - reach <= value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    room = _ROOM * ((high - low) or max(abs(high), size))
    return (low - room) / size, (high + room) / size


def beyond_words(frontier: Frontier, scale: Scale) -> str:
    """Return which refused rules lie beyond the ends of the axes; empty where none does."""
    x_ends, y_ends = (_ends(frontier, scale.size, name) for name in ("cvar", "gain"))
    beyond = [place for place in frontier.places if not _inside(place, scale, x_ends, y_ends)]
    said = "; ".join(
        f"{place.name}, {scale.estimate(place.gain)} over never, worst twentieth {scale.estimate(place.cvar)}"
        for place in beyond
    )
    return f" Refused and beyond the picture: {said} {scale.label}." if beyond else ""


def _inside(place: Place, scale: Scale, x_ends: tuple[float, float], y_ends: tuple[float, float]) -> bool:
    at = _at(place, scale.size)
    return x_ends[0] <= at["x"] <= x_ends[1] and y_ends[0] <= at["y"] <= y_ends[1]


def _at(place: Place, size: float) -> dict[str, float]:
    return {"x": place.cvar.value / size, "y": place.gain.value / size}


def _dot(place: Place, size: float) -> dict[str, Any]:
    colour, shape = ("orange", "cross") if place.refused else ("grey", "circle")
    return {**_at(place, size), "colour": PALETTE[colour], "shape": shape}


def _stands(place: Place) -> tuple[str, str]:
    if place.refused:
        return "orange", "cross"
    if place.chosen:
        return "green", "diamond"
    return ("blue", "circle") if place.undominated else ("soft", "circle")


def _row(
    place: Place, scale: Scale, x_ends: tuple[float, float], y_ends: tuple[float, float]
) -> dict[str, Any]:
    at, (colour, shape) = _at(place, scale.size), _stands(place)
    x_error, y_error = (
        2.0 * e.error / scale.size if math.isfinite(e.error) else 0.0 for e in (place.cvar, place.gain)
    )
    refused = f"; refused: {place.refused}" if place.refused else ""
    return {
        **at,
        "left": max(at["x"] - x_error, x_ends[0]), "right": min(at["x"] + x_error, x_ends[1]),
        "low": max(at["y"] - y_error, y_ends[0]), "high": min(at["y"] + y_error, y_ends[1]),
        "colour": PALETTE[colour], "shape": shape,
        "tip": f"{place.name}: {scale.estimate(place.gain)} over never, worst twentieth "
        f"{scale.estimate(place.cvar)} {scale.label}{refused}",
    }  # fmt: skip


def _names(frontier: Frontier, size: float, y_ends: tuple[float, float]) -> Rows:
    shown = [place for place in frontier.places if place.undominated or place.chosen]
    low, high = y_ends
    labels = spread([place.gain.value / size for place in shown], _GAP * (high - low) / _TALL, low, high)
    return [
        {
            **_at(place, size),
            "label": label,
            "name": _short(place.name) + (" (recommended)" if place.chosen else ""),
            "colour": PALETTE[_stands(place)[0]],
        }
        for place, label in zip(shown, labels, strict=True)
    ]


def _short(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _legend(frontier: Frontier) -> Sequence[tuple[str, str, str]]:
    legend = [("blue", "solid", "not dominated"), ("green", "solid", "recommended")]
    if any(place.refused for place in (*frontier.places, *frontier.searched)):
        legend.append(("orange", "solid", "refused (cross)"))
    if frontier.searched:
        legend.append(("grey", "solid", "looked at by the search (small)"))
    return legend
