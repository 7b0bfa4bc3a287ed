"""The `Posterior`: draws of what was unknown, and all that is needed to trust them.

It is plain data, the same whichever evidence it was learned from, and lives on disk as ArviZ InferenceData.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondhall.case import Quantity
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["CHAINS", "DELAY", "DRAWS", "Check", "Convergence", "Lesson", "Posterior", "RegimePath"]

CHAINS, DRAWS = 4, 500
"""Every posterior holds this many chains of this many draws, so that what is learned of one thing can be
set beside what is learned of another, draw by draw."""

DELAY = "delay of decisions"
"""The curve of a posterior that tells how late orders were decided: ``months_late``, ``orders``."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned of one subject, in words; or why it was not, and what stands in.

    Attributes
    ----------
    subject
        dotted name of a field, or of a group of fields, such as ``segments.gpu_cloud.churn_monthly``.
    learned
        False where the data could not say, and the case's own statement stands in.
    words
        a sentence for the operator.
    """

    subject: str
    learned: bool
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """One figure beside what the learned company predicts of it (posterior predictive).

    Attributes
    ----------
    fact, words, period, source, unit
        as the case states it.
    value
        the figure.
    band
        5, 25, 50, 75, 95 % points of the prediction, in the figure's unit.
    """

    fact: str
    words: str
    period: str
    source: str
    unit: str
    value: float
    band: tuple[float, float, float, float, float]

    @property
    def inside(self) -> bool:
        """Whether the figure lies in the 90 % band."""
        return self.band[0] <= self.value <= self.band[4]


@dataclass(frozen=True, slots=True)
class Convergence:
    """Whether the draws can be trusted.

    Attributes
    ----------
    worst_rhat, least_ess
        over all that was learned, with the name of the worst; NaN and empty where there are no chains.
    divergences
        steps that a sampler gave up; None where it has none.
    distance, acceptance
        for facts: how many standard deviations of the figures the tolerance was widened by (1 is exact),
        and the share of moves that was accepted in the last round; None otherwise.
    warnings
        in words; empty when all is well.
    refused
        in words, why nothing should be built on it; None when it may be used.
    """

    worst_rhat: float
    worst_rhat_name: str
    least_ess: float
    least_ess_name: str
    divergences: int | None = None
    distance: float | None = None
    acceptance: float | None = None
    warnings: tuple[str, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RegimePath:
    """The regime month by month: what is thought of it now, and what was thought of it then.

    Attributes
    ----------
    first
        month of the first row.
    smoothed
        [month, regime] probability given all the data.
    filtered
        [month, regime] probability given the data up to that month and no later; None where it was not
        computed (sparse facts).
    """

    first: Month
    smoothed: Floats
    filtered: Floats | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Posterior:
    """Draws of what was unknown.

    Attributes
    ----------
    evidence
        what it was learned from: "ledger", "series", "facts"; empty when there was nothing.
    words
        a sentence that says so, with the counts.
    until
        the month that follows the last one that is known: nothing later was used.
    values
        dotted name of a field of the case to [draw]; draws are chain after chain.
    opening
        ``group.row`` of the parameters at the start, such as ``segment.opening_gap``, to [..., draw]: the
        state that was learned together with the values.
    priors
        what was believed of each of ``values`` before.
    regimes, checks, convergence, lessons
        the live regime, the posterior predictive checks, the diagnostics, and what could not be learned.
    series
        further pictures by name, such as a survival curve: columns of equal length.
    """

    evidence: tuple[str, ...]
    words: str
    until: Month
    values: Mapping[str, Floats]
    opening: Mapping[str, Floats]
    priors: Mapping[str, Quantity]
    regimes: RegimePath | None
    checks: tuple[Check, ...]
    convergence: Convergence
    lessons: tuple[Lesson, ...]
    series: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws."""
        return CHAINS * DRAWS

    def interval(self, name: str, confidence: float = 0.9) -> tuple[float, float, float]:
        """Return low, median and high of a learned field."""
        tail = (1.0 - confidence) / 2.0
        low, mid, high = np.quantile(self.values[name], (tail, 0.5, 1.0 - tail))
        return float(low), float(mid), float(high)
