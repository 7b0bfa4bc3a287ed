"""How near the rule comes to what nothing can exceed, as points on one line."""

from __future__ import annotations

import math

import altair as alt

from secondhall.decide.decision import Bound, Contender
from secondhall.report.charts.drawing import Drawing, Rows, named
from secondhall.report.charts.theme import PALETTE
from secondhall.report.words import Scale

__all__ = ["bound_chart"]

_WIDE, _TALL = 420, 30


def bound_chart(found: Bound, recommended: Contender, scale: Scale) -> Drawing:
    """Return what the rule, the informed, any rule and hindsight bring, each with two standard errors."""
    lines = (
        ("the recommended rule", recommended.gain, "blue"),
        ("who knew the parameters and the regime, at least", found.informed, "grey"),
        ("no rule brings more", found.upper, "orange"),
        ("who knew the whole future", found.perfect, "grey"),
    )
    rows: Rows = [
        {
            "words": words,
            "value": worth.value / scale.size,
            "low": (worth.value - 2.0 * _known(worth.error)) / scale.size,
            "high": (worth.value + 2.0 * _known(worth.error)) / scale.size,
            "colour": PALETTE[colour],
            "tip": f"{words}: {scale.estimate(worth)} {scale.label}",
        }
        for words, worth, colour in lines
    ]
    base = named("rows")
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=320, labelColor=PALETTE["ink"])
    y = alt.Y("words:N", sort=[words for words, _, _ in lines], axis=axis)
    x = alt.X(
        "value:Q",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(title=f"expected NPV over never, {scale.label}", grid=True, tickCount=6),
    )
    colour = alt.Color("colour:N", scale=None)
    errors = base.mark_rule(strokeWidth=2).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=colour)
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=y, x=x, color=colour, description=alt.Description("tip:N")
    )
    return Drawing(alt.layer(errors, points, width=_WIDE, height=_TALL * len(rows)), {"rows": rows})


def _known(error: float) -> float:
    """Return an error, 0 where one future alone tells none."""
    return error if math.isfinite(error) else 0.0
