"""What a company is made of: the numbers of every path, and the numeric form of a rule."""

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import NEVER, Floats, Integers, Rows

__all__ = [
    "FORECAST",
    "NO_TRIGGER",
    "PRELEASE",
    "Integers",
    "MeasureTerms",
    "Parameters",
    "RuleTerms",
    "idle_terms",
    "no_measures",
]

NO_TRIGGER, FORECAST, PRELEASE = 0, 1, 2


@dataclass(frozen=True)
class Parameters:
    """Every number that the equations need, for a number of paths (or one, the same for all).

    Attributes
    ----------
    segment, segment_regime, hall, phase, role, firm, firm_regime
        `Rows` named in `secondhall.company.layout`; the last axis is the path.
    schedule, calendar
        `Rows` over months, the same on every path.
    start_month_of_year
        0 when the first simulated month is a January.
    first_new_hall
        halls from this slot on did not stand at the start.
    """

    segment: Rows
    segment_regime: Rows
    hall: Rows
    phase: Rows
    role: Rows
    firm: Rows
    firm_regime: Rows
    schedule: Rows
    calendar: Rows
    start_month_of_year: int
    first_new_hall: int

    @property
    def segments(self) -> int:
        """Segments."""
        return int(self.segment.array.shape[1])

    @property
    def halls(self) -> int:
        """Hall slots."""
        return int(self.hall.array.shape[1])

    @property
    def roles(self) -> int:
        """Roles."""
        return int(self.role.array.shape[1])

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return int(self.calendar.array.shape[1])

    @property
    def paths(self) -> int:
        """Paths that the rows hold; one when all paths share them."""
        return int(self.firm.array.shape[1])

    @property
    def years(self) -> int:
        """Calendar years that the months touch."""
        return (self.start_month_of_year + self.months - 1) // 12 + 1


@dataclass(frozen=True)
class MeasureTerms:
    """The measures of a restructuring as the equations H4 to H7, W4 and F11 read them.

    Attributes
    ----------
    sell_month, sale_price
        [hall] month in which it is sold, NEVER for none; what the buyer pays.
    rent_month, rent_share, lease_added
        [hall] month from which only a share of the rent is paid; months by which the lease is longer then.
    move_units
        [hall, month] units that move from the hall into others, as far as there is room.
    move_lost_share, move_unit_cost
        share of what moves that leaves instead; cost of moving one unit, in the money of the start.
    posts_leaving
        [role, month] posts that leave by decision; negative where they are filled from another role.
    charges
        [month] provided for in that month, in the money of the start.
    costs
        [month] paid for the measures as they go, in the money of the start.
    waived
        [month] 1 where the covenants are not tested.
    """

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


@dataclass(frozen=True)
class RuleTerms:
    """A decision rule as the equations D3 to D6 read it.

    Attributes
    ----------
    commit_month, stop_month, mothball_month, close_month
        [hall] month in which a dated plan acts on the slot, NEVER for none.
    freeze_month, dismiss_month
        month from which hiring is frozen; month in which excess posts are dismissed.
    trigger
        NO_TRIGGER, FORECAST (D3) or PRELEASE (D4).
    threshold
        utilisation u, or pre-leased share p.
    candidates
        [candidate] slots that the trigger may commit, in this order.
    lead_months, option_units, option_funding
        [hall] what the rule knows of each slot: months from commitment to opening, capacity,
        capex less its project loan.
    bust_limit
        the trigger holds while the filtered probability of a bust is above it; 1 for no guard.
    liquidity_share
        the trigger holds while liquidity is below this share of ``option_funding``; 0 for no guard.
    known_commitment
        shareholder commitment that the rule counts on.
    first_month
        month before which the trigger commits nothing.
    measures
        of a restructuring.
    """

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
    measures: MeasureTerms


def idle_terms(halls: int) -> RuleTerms:
    """Return the terms of the rule that never does anything, for a company of ``halls`` slots."""
    none = np.full(halls, NEVER, dtype=np.int64)
    zeros = np.zeros(halls)
    return RuleTerms(
        commit_month=none,
        stop_month=none,
        mothball_month=none,
        close_month=none,
        freeze_month=NEVER,
        dismiss_month=NEVER,
        trigger=NO_TRIGGER,
        threshold=0.0,
        candidates=np.zeros(0, dtype=np.int64),
        lead_months=zeros,
        option_units=zeros,
        option_funding=zeros,
        bust_limit=1.0,
        liquidity_share=0.0,
        known_commitment=0.0,
        first_month=0,
        measures=no_measures(halls),
    )


def no_measures(halls: int) -> MeasureTerms:
    """Return the terms of no restructuring at all, for a company of ``halls`` slots."""
    never, none = np.full(halls, NEVER, dtype=np.int64), np.zeros(0)
    return MeasureTerms(
        sell_month=never,
        sale_price=np.zeros(halls),
        rent_month=never,
        rent_share=np.ones(halls),
        lease_added=np.zeros(halls),
        move_units=np.zeros((halls, 0)),
        move_lost_share=0.0,
        move_unit_cost=0.0,
        posts_leaving=np.zeros((0, 0)),
        charges=none,
        costs=none,
        waived=none,
    )
