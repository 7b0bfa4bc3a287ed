"""The state that a month inherits from the one before, and the desk on which a month is worked."""

from dataclasses import dataclass, field

import numpy as np

from secondhall.company.chance import Chance
from secondhall.company.layout import (
    ACCUMULATOR,
    ANNUAL,
    FIRM_STATE,
    HALL_STATE,
    HISTORY,
    HISTORY_MONTHS,
    OUTCOMES,
    SEGMENT_FLOW,
    SEGMENT_STATE,
    SERIES,
    Floats,
    Rows,
)
from secondhall.company.parameters import Integers, Parameters, RuleTerms

TINY = 1e-300


@dataclass
class State:
    """What is carried from month to month; every array ends in the path axis."""

    segment: Rows
    hall: Rows
    firm: Rows
    posts: Floats
    """[role, path]"""
    unlocking: Floats
    """[segment, month, path] customers whose term ends"""
    history: Rows
    outcome: Rows
    annual: Rows
    accumulator: Rows

    @classmethod
    def empty(cls, p: Parameters, paths: int) -> "State":
        """Return a state of zeros for ``paths`` paths."""
        return cls(
            segment=Rows.zeros(SEGMENT_STATE, p.segments, paths),
            hall=Rows.zeros(HALL_STATE, p.halls, paths),
            firm=Rows.zeros(FIRM_STATE, paths),
            posts=np.zeros((p.roles, paths)),
            unlocking=np.zeros((p.segments, p.months, paths)),
            history=Rows.zeros(HISTORY, HISTORY_MONTHS, paths),
            outcome=Rows.zeros(OUTCOMES, paths),
            annual=Rows.zeros(ANNUAL, p.years, paths),
            accumulator=Rows.zeros(ACCUMULATOR, paths),
        )


@dataclass
class Desk:
    """One month at work: the parameters, the state, the draws, and what has flowed so far."""

    p: Parameters
    known: Parameters
    """the parameters at their mid values, one path: all that a rule may know of them"""
    rule: RuleTerms
    state: State
    chance: Chance
    month: int = 0
    flow: Rows = field(init=False)
    line: dict[str, Floats] = field(init=False, default_factory=dict)
    """the month's series and working lines, [path] each"""

    def __post_init__(self) -> None:
        paths = self.state.posts.shape[-1]
        self.flow = Rows.zeros(SEGMENT_FLOW, self.p.segments, paths)

    @property
    def now(self) -> Integers:
        """Regime of each path as an index array."""
        index: Integers = self.state.firm.regime.astype(np.int64)
        return index

    def by_regime(self, rows: Floats) -> Floats:
        """Pick from [..., regime, path] the row of each path's regime."""
        z = self.now
        full = np.broadcast_to(rows, (*rows.shape[:-1], z.size))
        picked: Floats = np.take_along_axis(full, np.broadcast_to(z, (*full.shape[:-2], 1, z.size)), axis=-2)
        return picked[..., 0, :]

    def frame(self) -> Floats:
        """Return the month's series, [series, path]."""
        paths = self.state.posts.shape[-1]
        return np.stack([np.broadcast_to(self.line[name], paths) for name in SERIES])


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return numerator / denominator, 0 where the denominator is 0."""
    return np.where(denominator > 0.0, numerator / np.maximum(denominator, TINY), 0.0)
