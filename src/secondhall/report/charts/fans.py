"""Pictures of what may come, month by month: bands of 5 to 95 % and 25 to 75 % of futures with the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from secondhall.futures import PERCENTS, Futures
from secondhall.futures.results import Floats
from secondhall.months import Month
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.theme import HEIGHT, PALETTE, WIDTH, axis_dates, spread
from secondhall.report.words import figure

__all__ = ["band_of", "capacity_chart", "fan", "insolvent_share", "lines", "top_of"]

_LABEL = 14.0
_SIGNED = ("ebitda", "net_income", "cash", "net_debt")
_SHARES = ("utilisation", "bust_probability")


def band_of(futures: Futures, series: str) -> Floats:
    """Return [percent, month] of a series, within the range that it can have.

    A quantile is read off a histogram and may lie a fraction of a bin outside of what is possible.
    """
    top = 1.0 if series in _SHARES else np.inf
    return np.clip(futures.bands.of(series), -np.inf if series in _SIGNED else 0.0, top)


def fan(
    futures: Futures,
    series: str,
    *,
    title: str,
    size: float = 1.0,
    colour: str = "blue",
    domain: tuple[float, float] | None = None,
    digits: int = 1,
) -> Drawing:
    """Return the fan of one series.

    Parameters
    ----------
    title
        of the axis, with its unit.
    size
        what one unit of the axis is worth.
    domain
        the ends of the axis; the data's own, zero included, if absent.
    """
    rows, tips = _band_rows(futures, series, size, digits, title)
    base = named("rows").encode(x=axis_dates(alt))
    # A series that is nothing throughout still needs an axis.
    y = _y(title, domain or ((0.0, 1.0) if not band_of(futures, series).any() else None))
    band: dict[str, Any] = {"color": PALETTE[colour], "interpolate": "linear"}
    chart = _sized(
        base.mark_area(opacity=0.16, **band).encode(y=y("p5"), y2=alt.Y2("p95:Q")),
        base.mark_area(opacity=0.28, **band).encode(y=y("p25"), y2=alt.Y2("p75:Q")),
        base.mark_line(strokeWidth=2, color=PALETTE[colour]).encode(y=y("p50")),
    )
    return Drawing(chart, {"rows": rows}, tips)


def capacity_chart(futures: Futures, *, unit: str, domain: tuple[float, float]) -> Drawing:
    """Return capacity against what is sold, and what waits for room."""
    rows, tips = _band_rows(futures, "sold_units", 1.0, 0, "sold")
    waiting, built = band_of(futures, "waiting_units"), band_of(futures, "capacity")
    for at, row in enumerate(rows):
        row |= {"waiting": row["p50"] + float(waiting[2, at]), "built": float(built[2, at])}
        row |= {"low": float(built[0, at]), "high": float(built[4, at])}
        tips[at] += (
            f"; capacity {figure(row['built'], 0)} ({figure(row['low'], 0)} to {figure(row['high'], 0)})"
            f"; waiting {figure(float(waiting[2, at]), 0)} ({figure(float(waiting[4, at]), 0)} at 95 %)"
        )
    base = named("rows").encode(x=axis_dates(alt))
    y = _y(f"capacity, {unit}", domain)
    ink, blue, orange = PALETTE["ink"], PALETTE["blue"], PALETTE["orange"]
    fine: dict[str, Any] = {"strokeWidth": 1, "color": ink, "interpolate": "step-after", "strokeDash": [1, 3]}
    chart = _sized(
        base.mark_area(opacity=0.16, color=blue).encode(y=y("p5"), y2=alt.Y2("p95:Q")),
        base.mark_area(opacity=0.28, color=blue).encode(y=y("p25"), y2=alt.Y2("p75:Q")),
        base.mark_line(**fine).encode(y=y("low")),
        base.mark_line(**fine).encode(y=y("high")),
        base.mark_line(strokeWidth=1.5, color=orange, strokeDash=[2, 3]).encode(y=y("waiting")),
        base.mark_line(strokeWidth=2, color=blue).encode(y=y("p50")),
        base.mark_line(strokeWidth=2, color=ink, interpolate="step-after", strokeDash=[7, 3]).encode(
            y=y("built")
        ),
    )
    legend = (
        ("ink", "dashed", "capacity, middle; 5 and 95 % in fine dots"),
        ("blue", "solid", "sold"),
        ("orange", "dotted", "sold and waiting"),
    )
    return Drawing(chart, {"rows": rows}, tips, legend)


def lines(
    futures: Futures, series: Sequence[str], colours: Sequence[str], *, title: str, size: float, top: float
) -> Drawing:
    """Return the middles of some series, each with its name at its end."""
    dashes = ([1, 0], [6, 3], [2, 2])
    middles = {name: band_of(futures, name)[2] / size for name in series}
    rows: Rows = [
        {"month": _day(futures.start + at)} | {name: float(v[at]) for name, v in middles.items()}
        for at in range(futures.months)
    ]
    y = _y(title, (0.0, top))
    base = named("rows").encode(x=axis_dates(alt))
    drawn = [
        base.mark_line(strokeWidth=2, color=PALETTE[colour], strokeDash=dash).encode(y=y(name))
        for name, colour, dash in zip(series, colours, dashes, strict=True)
    ]
    names = named("ends").mark_text(align="left", dx=6, fontWeight="bold")
    names = names.encode(
        x=axis_dates(alt), y=y("end"), text=alt.Text("name:N"), color=alt.Color("colour:N", scale=None)
    )
    data = {"rows": rows, "ends": _end_labels(futures, middles, colours, top)}
    return Drawing(_sized(*drawn, names), data, _line_tips(futures, middles, title))


def _end_labels(futures: Futures, middles: Mapping[str, Floats], colours: Sequence[str], top: float) -> Rows:
    gap = top * _LABEL / HEIGHT
    ends = spread([float(v[-1]) for v in middles.values()], gap, gap / 2, top - gap / 2)
    day = _day(futures.start + futures.months - 1)
    return [
        {"month": day, "end": end, "name": name, "colour": PALETTE[colour]}
        for end, name, colour in zip(ends, middles, colours, strict=True)
    ]


def insolvent_share(plays: Mapping[str, Futures], colours: Sequence[str]) -> Drawing:
    """Return the share of futures that have become insolvent by each month, with two standard errors."""
    parts: list[Any] = []
    data: dict[str, Rows] = {}
    shares: dict[str, Floats] = {}
    y = _y("insolvent by then, % of futures", None)
    for (name, futures), colour, dash in zip(plays.items(), colours, ([1, 0], [6, 3]), strict=False):
        share, error = _failed(futures)
        shares[name], key = 100 * share, f"rows{len(data)}"
        data[key] = [
            {"month": _day(futures.start + at), "share": 100 * s, "low": 100 * max(s - 2 * e, 0),
             "high": 100 * min(s + 2 * e, 1)}
            for at, (s, e) in enumerate(zip(share.tolist(), error.tolist(), strict=True))
        ]  # fmt: skip
        base = named(key).encode(x=axis_dates(alt))
        parts.append(
            base.mark_area(opacity=0.2, color=PALETTE[colour]).encode(y=y("low"), y2=alt.Y2("high:Q"))
        )
        parts.append(base.mark_line(color=PALETTE[colour], strokeDash=dash).encode(y=y("share")))
    first = next(iter(plays.values()))
    legend = tuple(zip(colours, ("solid", "dashed"), plays, strict=False))
    return Drawing(_sized(*parts), data, _line_tips(first, shares, "% insolvent"), legend)


def _failed(futures: Futures) -> tuple[Floats, Floats]:
    """Return [month] the share of futures insolvent by then, and its standard error."""
    when = futures.outcomes["insolvency_month"]
    counts = np.bincount(when[when >= 0].astype(np.int64), minlength=futures.months)[: futures.months]
    share = np.cumsum(counts) / when.size
    floored = np.clip(share, 1 / when.size, 1 - 1 / when.size)
    return share, np.sqrt(floored * (1 - floored) / when.size)


def top_of(plays: Sequence[Futures], series: Sequence[str], size: float = 1.0) -> tuple[float, float]:
    """Return ends that hold the 5 to 95 % bands of some series of some plays, zero included."""
    held = [band_of(futures, name) / size for futures in plays for name in series]
    low, high = min(float(v.min()) for v in held), max(float(v.max()) for v in held)
    room = 0.04 * (max(high, 0.0) - min(low, 0.0)) or 1.0
    return (min(low - room, 0.0) if low < 0 else 0.0, max(high, 0.0) + room)


def _band_rows(futures: Futures, series: str, size: float, digits: int, title: str) -> tuple[Rows, list[str]]:
    """Return the band of each month, as data and in words."""
    what = title.split(",")[0]
    rows: Rows = []
    tips: list[str] = []
    for at, band in enumerate((band_of(futures, series) / size).T.tolist()):
        month = futures.start + at
        p5, p25, p50, p75, p95 = (figure(value, digits) for value in band)
        rows.append({"month": _day(month)} | dict(zip(_FIELDS, band, strict=True)))
        tips.append(
            f"{month}, {what}: middle {p50}; half of futures {p25} to {p75}; nine of ten {p5} to {p95}"
        )
    return rows, tips


_FIELDS = tuple(f"p{percent}" for percent in PERCENTS)


def _line_tips(futures: Futures, middles: Mapping[str, Floats], title: str) -> list[str]:
    return [
        f"{futures.start + at}, {title}: "
        + "; ".join(f"{n} {figure(float(v[at]))}" for n, v in middles.items())
        for at in range(futures.months)
    ]


def _y(title: str, domain: tuple[float, float] | None) -> Any:
    scale = alt.Scale(domain=list(domain), nice=False) if domain else alt.Scale(zero=True)
    # A long title lies along the top, where it can never be cut.
    axis = alt.Axis(title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-10, titleX=0)

    def channel(field: str) -> Any:
        return alt.Y(f"{field}:Q", axis=axis, scale=scale)

    return channel


def _sized(*layers: Any) -> Any:
    return alt.layer(*layers, width=WIDTH, height=HEIGHT)


def _day(month: Month) -> str:
    return f"{month}-01T00:00:00Z"
