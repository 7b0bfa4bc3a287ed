"""The arrays of one block of LANES paths, and the positions of their rows.

Every array is C-contiguous and ends in the lane. A row is taken by position, ``state.firm[FS.cash]``, so
that the loops below a row are one stride long and vectorise.
"""

from typing import NamedTuple

from secondhall.company import layout
from secondhall.company.kernels.elementary import EACH, exp_, inlined, phase
from secondhall.company.layout import Floats, Integers, positions

SEG = positions(layout.SEGMENT)
SEGZ = positions(layout.SEGMENT_REGIME)
HAL = positions(layout.HALL)
PHA = positions(layout.PHASE)
ROL = positions(layout.ROLE)
FIR = positions(layout.FIRM)
FIRZ = positions(layout.FIRM_REGIME)
SCH = positions(layout.SCHEDULE)
CAL = positions(layout.CALENDAR)
SS = positions(layout.SEGMENT_STATE)
HS = positions(layout.HALL_STATE)
FS = positions(layout.FIRM_STATE)
HIS = positions(layout.HISTORY)
FLO = positions(layout.SEGMENT_FLOW)
LIN = positions(layout.SERIES + layout.WORKING)
OUT = positions(layout.OUTCOMES)
ANN = positions(layout.ANNUAL)
ACC = positions(layout.ACCUMULATOR)

SERIES_COUNT = len(layout.SERIES)
LINE_COUNT = SERIES_COUNT + len(layout.WORKING)


class Model(NamedTuple):
    """The parameters of a block; shapes as in `secondhall.company.layout`."""

    segment: Floats
    segment_regime: Floats
    hall: Floats
    phase: Floats
    role: Floats
    firm: Floats
    firm_regime: Floats
    schedule: Floats
    calendar: Floats
    forced: Floats
    """[month, lane] the regime that a month is given; -1 where the chain is free"""
    start_month_of_year: int
    first_new_hall: int


class Known(NamedTuple):
    """The mid values, without a lane: all that a rule may know of the parameters."""

    segment: Floats
    segment_regime: Floats
    firm: Floats
    firm_regime: Floats


class Measures(NamedTuple):
    """`secondhall.company.parameters.MeasureTerms`, field by field."""

    sell_month: Integers
    sale_price: Floats
    rent_month: Integers
    rent_share: Floats
    lease_added: Floats
    move_units: Floats
    move_lost_share: float
    move_unit_cost: float
    posts_leaving: Floats
    charges: Floats
    costs: Floats
    waived: Floats


class Terms(NamedTuple):
    """`secondhall.company.parameters.RuleTerms`, field by field."""

    commit_month: Integers
    stop_month: Integers
    mothball_month: Integers
    close_month: Integers
    freeze_month: int
    dismiss_month: int
    trigger: int
    threshold: float
    candidates: Integers
    lead_months: Floats
    option_units: Floats
    option_funding: Floats
    bust_limit: float
    liquidity_share: float
    known_commitment: float
    first_month: int
    measures: Measures


class State(NamedTuple):
    """What is carried from month to month."""

    segment: Floats
    hall: Floats
    firm: Floats
    posts: Floats
    unlocking: Floats
    history: Floats
    outcome: Floats
    annual: Floats
    accumulator: Floats


class Desk(NamedTuple):
    """The month at work: its flows, its lines, and scratch rows."""

    flow: Floats
    line: Floats
    noise: Floats
    """[segment + 1 or 2, lane]"""
    mean: Floats
    """[segment, regime, lane] expected orders of the filter"""
    scratch: Floats
    """[8, lane]"""


@inlined
def pick(rows: Floats, z: float, lane: int) -> float:
    """Take the row of regime z, [regime, lane]."""
    picked: float = rows[0, lane] if z == 0.0 else (rows[1, lane] if z == 1.0 else rows[2, lane])
    return picked


@inlined
def share_of(numerator: float, denominator: float) -> float:
    """Numerator / denominator, 0 where the denominator is 0."""
    return numerator / (max(1e-300, denominator)) if denominator > 0.0 else 0.0


@inlined
def low(a: float, b: float) -> float:
    """Return the smaller."""
    return min(b, a)


@inlined
def high(a: float, b: float) -> float:
    """Return the larger."""
    return max(b, a)


@inlined
def saturated(growth: float, above: float) -> float:
    """(M2) g max(0, 1 - exp(b - c)) for a growth, g itself for a decline."""
    return high(growth, 0.0) * high(1.0 - exp_(above), 0.0) + low(growth, 0.0)


@phase
def fill(row: Floats, value: float) -> None:
    """Set every lane of a row to one value."""
    for i in range(EACH):
        row[i] = value


@phase
def copy(source: Floats, target: Floats) -> None:
    """Copy one row."""
    for i in range(EACH):
        target[i] = source[i]


@phase
def add_row(source: Floats, target: Floats) -> None:
    """Add one row to another."""
    for i in range(EACH):
        target[i] += source[i]


@phase
def scale(row: Floats, factor: Floats) -> None:
    """Multiply one row by another."""
    for i in range(EACH):
        row[i] *= factor[i]
