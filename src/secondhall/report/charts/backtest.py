"""The picture of a backtest: what was said at each date, as a fan, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from secondhall.backtest import Backtest, Forecast
from secondhall.backtest.targets import Figure
from secondhall.months import Month
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.gallery import Picture
from secondhall.report.charts.svg import svg_of
from secondhall.report.charts.theme import HEIGHT, PALETTE, WIDTH, axis_dates
from secondhall.report.words import figure, line_words

__all__ = ["backtest_pictures", "fans"]

COLOURS = ("blue", "purple", "green")
"""Fans of neighbouring dates differ."""


def backtest_pictures(backtest: Backtest, scales: dict[str, tuple[float, str]]) -> tuple[Picture, ...]:
    """Draw one picture a line; ``scales`` gives what one unit of its axis is worth, and its unit."""
    with debug_mode(False):
        return tuple(_picture(backtest, line, *scales[line]) for line in backtest.lines)


def _picture(backtest: Backtest, line: str, size: float, unit: str) -> Picture:
    drawing = fans(backtest.of(line), backtest.history[line], size=size, title=f"{line_words(line)}, {unit}")
    inside = [f.band[0] <= f.value <= f.band[4] for f in backtest.of(line)]
    says = (
        "Each fan starts at a date and knows nothing later; nine futures of ten lie in the light band, "
        f"half in the dark one. The dots are what came: {sum(inside)} of {len(inside)} lie in the light band."
    )
    words = line_words(line)
    key = f"backtest-{line}"
    return Picture(
        key=key,
        group="backtest",
        title=words[0].upper() + words[1:],
        says=says,
        svg=svg_of(drawing, key),
        legend=tuple(drawing.legend),
        wide=True,
    )


def fans(said: Sequence[Forecast], came: Sequence[Figure], *, size: float, title: str) -> Drawing:
    """Return the fans of one line and its figures."""
    origins = sorted({f.origin for f in said})
    rows: Rows = []
    for number, origin in enumerate(origins):
        colour = PALETTE[COLOURS[number % len(COLOURS)]]
        rows += _fan(origin, [f for f in said if f.origin == origin], came, size, colour)
    last = max(f.last for f in said)
    shown = [f for f in came if f.last <= last]
    dots: Rows = [{"month": _day(f.last), "value": f.value / size} for f in shown]
    axis = alt.Axis(title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0)

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=False))

    fan = named("rows").encode(
        x=axis_dates(alt), detail=alt.Detail("origin:N"), color=alt.Color("colour:N", scale=None)
    )
    line = named("dots").encode(x=axis_dates(alt), y=y("value"))
    chart = alt.layer(
        fan.mark_area(opacity=0.16, interpolate="linear").encode(y=y("p5"), y2=alt.Y2("p95:Q")),
        fan.mark_area(opacity=0.28, interpolate="linear").encode(y=y("p25"), y2=alt.Y2("p75:Q")),
        fan.mark_line(strokeWidth=1.5).encode(y=y("p50")),
        line.mark_line(strokeWidth=1, color=PALETTE["ink"]),
        line.mark_point(filled=True, size=28, opacity=1, color=PALETTE["ink"]),
        width=WIDTH,
        height=HEIGHT,
    )
    legend = (("ink", "solid", "what came"), ("blue", "solid", "middle of what was said at a date"))
    first = min([f.last for f in shown] + origins)
    return Drawing(chart, {"rows": rows, "dots": dots}, _tips(said, shown, first, last, size, title), legend)


def _fan(origin: Month, said: Sequence[Forecast], came: Sequence[Figure], size: float, colour: str) -> Rows:
    """Return the rows of one fan; it opens at the last figure before its date, where there is one."""
    rows: Rows = []
    earlier = [figure for figure in came if figure.last < origin]
    if earlier:
        rows.append(_row(origin, earlier[-1].last, [earlier[-1].value / size] * 5, colour))
    rows += [_row(origin, f.last, [point / size for point in f.band], colour) for f in said]
    return rows


def _row(origin: Month, month: Month, band: Sequence[float], colour: str) -> dict[str, Any]:
    points = dict(zip(("p5", "p25", "p50", "p75", "p95"), band, strict=True))
    return {"origin": str(origin), "month": _day(month), "colour": colour, **points}


def _tips(
    said: Sequence[Forecast], came: Sequence[Figure], first: Month, last: Month, size: float, title: str
) -> list[str]:
    """Return what each month tells: what came, and what was said of it at each date."""
    values = {f.last: f.value / size for f in came}
    by_month: dict[Month, list[Forecast]] = {}
    for f in said:
        by_month.setdefault(f.last, []).append(f)
    digits = 0 if max((abs(v) for v in values.values()), default=0.0) >= 1000 else 1
    tips = []
    for at in range(last - first + 1):
        month = first + at
        came_to = f" {figure(values[month], digits)}" if month in values else " no figure"
        told = "".join(
            f"; said at {f.origin}: {figure(f.band[0] / size, digits)} to "
            f"{figure(f.band[4] / size, digits)}, middle {figure(f.band[2] / size, digits)}"
            for f in by_month.get(month, [])
        )
        tips.append(f"{month}, {title}:{came_to}{told}")
    return tips


def _day(month: Month) -> str:
    return f"{month}-01T00:00:00Z"
