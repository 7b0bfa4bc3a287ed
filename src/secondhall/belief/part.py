"""A `Part`: what one method learned of one subject, before all of it is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from secondhall.belief.posterior import Check, Lesson
from secondhall.case import Quantity
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet

__all__ = ["Part", "Report", "quiet"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Part:
    """What one method learned.

    Attributes
    ----------
    values
        dotted name of a field of the case to [chain, draw], `CHAINS` by `DRAWS`.
    priors
        what was believed of each of ``values`` before.
    opening
        ``group.row`` of the parameters at the start to [..., draw], draws chain after chain.
    lessons, checks, series
        as `Posterior` has them.
    """

    values: Mapping[str, Floats] = field(default_factory=dict)
    priors: Mapping[str, Quantity] = field(default_factory=dict)
    opening: Mapping[str, Floats] = field(default_factory=dict)
    lessons: tuple[Lesson, ...] = ()
    checks: tuple[Check, ...] = ()
    series: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
