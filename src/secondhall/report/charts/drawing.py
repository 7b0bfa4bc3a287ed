"""What a chart is made of: altair's description, its data, and what each month says on hover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

__all__ = ["Drawing", "Rows", "named"]

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart before it is drawn.

    Attributes
    ----------
    chart
        the altair chart; its data have names only, so that altair need not carry them about.
    data
        name to rows.
    tips
        [month] what is told when the pointer rests on a month; empty for charts without months.
    legend
        colour (a name out of the palette), style (solid, dashed, dotted) and words of each line.
    """

    chart: Any
    data: Mapping[str, Rows]
    tips: Sequence[str] = ()
    legend: Sequence[tuple[str, str, str]] = ()


def named(data: str) -> alt.Chart:
    """Return a chart of the rows of that name."""
    return alt.Chart(alt.NamedData(name=data))
