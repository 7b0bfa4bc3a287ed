"""One look for all pictures: colours that colour-blind readers tell apart, units in every axis title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["FONT", "HEIGHT", "PALETTE", "WIDTH", "axis_dates", "config", "spread"]

# Okabe & Ito's palette (Color Universal Design, 2008). Names are what the page's style sheet calls them.
PALETTE = {
    "ink": "#1f2933",
    "soft": "#5f6b7a",
    "grid": "#e1e5ea",
    "blue": "#0072b2",
    "orange": "#d55e00",
    "green": "#00795b",
    "purple": "#a6508a",
    "grey": "#7b8794",
}
# Their metrics agree, so text that is measured while drawing fits where it is read.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH, HEIGHT = 430, 230


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of every picture."""
    return {
        "background": "transparent",
        "font": FONT,
        "padding": {"left": 4, "right": 8, "top": 4, "bottom": 4},
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
        "axis": {
            "labelColor": PALETTE["soft"], "titleColor": PALETTE["soft"], "gridColor": PALETTE["grid"],
            "domainColor": PALETTE["grey"], "tickColor": PALETTE["grey"], "labelFontSize": 12,
            "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8, "labelPadding": 4,
            "aria": False,
        },
        "axisY": {"domain": False, "ticks": False, "tickCount": 5, "titleAnchor": "end"},
        "axisX": {"grid": False},
        "text": {"color": PALETTE["ink"], "fontSize": 12, "font": FONT, "aria": False},
        # Only what has a description is told on hover.
        "area": {"line": False, "aria": False},
        "line": {"aria": False},
        "rule": {"aria": False},
    }  # fmt: skip


def axis_dates(altair: Any) -> Any:
    """Return the axis of months: years, in a clock that is the same wherever the file is drawn."""
    return altair.X(
        "month:T",
        scale=altair.Scale(type="utc", nice=False),
        axis=altair.Axis(
            title=None, format="%Y", labelFlush=False, tickCount={"interval": "year", "step": 1}
        ),
    )


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart: each near its place, no two nearer than ``gap``, all within the ends if they fit.

    Examples
    --------
    >>> spread([10.0, 11.0, 40.0], 5.0, 0.0, 50.0)
    [8.0, 13.0, 40.0]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    clusters: list[tuple[list[int], float]] = []
    for index in order:
        members, middle = [index], min(max(places[index], low), high)
        while clusters and middle - gap * (len(members) - 1) / 2 < _top(clusters[-1], gap) + gap:
            before, _ = clusters.pop()
            members = before + members
            middle = sum(places[i] for i in members) / len(members)
            reach = gap * (len(members) - 1) / 2
            middle = max(min(middle, high - reach), low + reach)
        clusters.append((members, middle))
    moved = list(places)
    for members, middle in clusters:
        for step, index in enumerate(members):
            moved[index] = middle + gap * (step - (len(members) - 1) / 2)
    return moved


def _top(cluster: tuple[list[int], float], gap: float) -> float:
    members, middle = cluster
    return middle + gap * (len(members) - 1) / 2
