"""What moves the gain, as bars with their confidence."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from secondhall.decide.board import Sensitivity
from secondhall.report.charts.drawing import Drawing, named
from secondhall.report.charts.theme import PALETTE
from secondhall.report.words import estimate_percent

__all__ = ["sensitivity_chart"]

_WIDE, _TALL, _LETTERS = 330, 26, 72


def sensitivity_chart(found: Sequence[Sensitivity]) -> Drawing:
    """Return the shares of the variance of the gain, the most first, each with two standard errors."""
    rows = [
        {
            "at": place,
            "words": one.words if len(one.words) <= _LETTERS else one.words[: _LETTERS - 1] + "…",
            "share": max(100.0 * one.share.value, 0.0),
            "low": max(100.0 * (one.share.value - 2.0 * one.share.error), 0.0),
            "high": max(100.0 * (one.share.value + 2.0 * one.share.error), 0.0),
            "tip": f"{one.words}: {estimate_percent(one.share)}",
        }
        for place, one in enumerate(found)
    ]
    base = named("rows")
    order = [str(row["words"]) for row in rows]
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=460, labelColor=PALETTE["ink"])
    y = alt.Y("words:N", sort=order, axis=axis)
    x = alt.X("share:Q", axis=alt.Axis(title="share of the variance of the gain, %", grid=True, tickCount=5))
    bars = base.mark_bar(height=15, color=PALETTE["blue"], opacity=0.75).encode(
        y=y, x=x, description=alt.Description("tip:N")
    )
    errors = base.mark_rule(color=PALETTE["ink"], strokeWidth=1.4).encode(
        y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    return Drawing(alt.layer(bars, errors, width=_WIDE, height=_TALL * len(rows)), {"rows": rows})
