"""The compiled engine: blocks of LANES paths through all months, counted into histograms as they pass."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from secondhall.company import layout
from secondhall.company.kernels.blocks import LINE_COUNT, Desk, Known, Model, State, Terms
from secondhall.company.kernels.books import close_income, move_cash
from secondhall.company.kernels.costs import play_costs, play_staff
from secondhall.company.kernels.decision import play_decision
from secondhall.company.kernels.elementary import EACH, entry, kernel, part
from secondhall.company.kernels.funding import close_balance
from secondhall.company.kernels.halls import play_halls
from secondhall.company.kernels.market import play_market
from secondhall.company.kernels.opening import open_state
from secondhall.company.kernels.orders import play_orders
from secondhall.company.kernels.outcomes import close_outcomes, play_outcomes
from secondhall.company.kernels.placement import play_placement
from secondhall.company.kernels.revenue import play_revenue
from secondhall.company.layout import LANES, Floats, Integers

SEGMENT_STATE_ROWS = len(layout.SEGMENT_STATE)
HALL_STATE_ROWS = len(layout.HALL_STATE)
FIRM_STATE_ROWS = len(layout.FIRM_STATE)
HISTORY_ROWS = len(layout.HISTORY)
OUTCOME_ROWS = len(layout.OUTCOMES)
ANNUAL_ROWS = len(layout.ANNUAL)
ACCUMULATOR_ROWS = len(layout.ACCUMULATOR)
FLOW_ROWS = len(layout.SEGMENT_FLOW)

Counts = NDArray[np.int32]


class Observers(NamedTuple):
    """Where what passes is counted and kept.

    Attributes
    ----------
    band_rows
        [band] series that are counted.
    band_lows, band_scales
        [band, month] value of the first bin's lower edge, bins per unit of value.
    counts
        [band, month, bin] integers; added to.
    kept_rows
        [kept] series that are stored path by path, from ``kept_from`` on.
    kept
        [kept, month, path] receives them.
    """

    band_rows: Integers
    band_lows: Floats
    band_scales: Floats
    counts: Counts
    kept_rows: Integers
    kept_from: int
    kept: Floats


@entry
def play_blocks(
    seed: int,
    paths: Integers,
    blocks: Model,
    known: Known,
    terms: Terms,
    observers: Observers,
    outcomes: Floats,
    annual: Floats,
) -> None:
    """Play ``paths`` [month or 1, path]: whose chance each lives in each month.

    The arrays of ``blocks`` have a leading axis of blocks (one block serves all when it has length one);
    ``outcomes`` [outcome, path] and ``annual`` [line, year, path] receive the results.
    """
    months, years = blocks.calendar.shape[1], annual.shape[1]
    state, desk = empty_state(blocks, months, years), empty_desk(blocks)
    lived = np.empty((paths.shape[0], LANES), np.int64)
    for b in range((paths.shape[1] + LANES - 1) // LANES):
        model = block_of(blocks, b)
        first = b * LANES
        used = lanes_of(paths, first, lived)
        open_state(model, known, state, desk, seed, lived[0])
        for month in range(months):
            play_month(model, known, terms, state, desk, seed, lived[min(month, lived.shape[0] - 1)], month)
            observe(observers, desk, month, first, used)
        close_outcomes(model, state, desk)
        for row in range(OUTCOME_ROWS):
            outcomes[row, first : first + used] = state.outcome[row, :used]
        for row in range(ANNUAL_ROWS):
            for year in range(years):
                annual[row, year, first : first + used] = state.annual[row, year, :used]


@kernel
def empty_state(blocks: Model, months: int, years: int) -> State:
    """Return the state of a block, all zero."""
    segments, halls, roles = blocks.segment.shape[2], blocks.hall.shape[2], blocks.role.shape[2]
    return State(
        np.zeros((SEGMENT_STATE_ROWS, segments, LANES)),
        np.zeros((HALL_STATE_ROWS, halls, LANES)),
        np.zeros((FIRM_STATE_ROWS, LANES)),
        np.zeros((roles, LANES)),
        np.zeros((segments, months, LANES)),
        np.zeros((HISTORY_ROWS, 12, LANES)),
        np.zeros((OUTCOME_ROWS, LANES)),
        np.zeros((ANNUAL_ROWS, years, LANES)),
        np.zeros((ACCUMULATOR_ROWS, LANES)),
    )


@kernel
def empty_desk(blocks: Model) -> Desk:
    """Return the desk of a block, all zero."""
    segments = blocks.segment.shape[2]
    return Desk(
        np.zeros((FLOW_ROWS, segments, LANES)),
        np.zeros((LINE_COUNT, LANES)),
        np.zeros((segments + 2, LANES)),
        np.zeros((segments, 3, LANES)),
        np.zeros((8, LANES)),
    )


@part
def lanes_of(paths: Integers, first: int, lived: Integers) -> int:
    """Lay the paths of the block that begins at ``first`` into ``lived`` [month or 1, lane]; return how many.

    The last block is filled up with its last path.
    """
    used: int = min(LANES, paths.shape[1] - first)
    for row in range(lived.shape[0]):
        for lane in range(LANES):
            lived[row, lane] = paths[row, first + min(lane, used - 1)]
    return used


@part
def block_of(blocks: Model, b: int) -> Model:
    """Return the parameters of one block; a single block serves all."""
    k = b % blocks.firm.shape[0]
    return Model(
        blocks.segment[k],
        blocks.segment_regime[k],
        blocks.hall[k],
        blocks.phase[k],
        blocks.role[k],
        blocks.firm[k],
        blocks.firm_regime[k],
        blocks.schedule,
        blocks.calendar,
        blocks.forced[b % blocks.forced.shape[0]],
        blocks.start_month_of_year,
        blocks.first_new_hall,
    )


@part
def play_month(
    model: Model, known: Known, terms: Terms, state: State, desk: Desk, seed: int, paths: Integers, month: int
) -> None:
    """One month of a block, phase by phase."""
    play_market(model, state, desk, seed, paths, month)
    play_orders(model, state, desk, seed, paths, month)
    play_placement(model, state, desk, month)
    play_halls(model, state, desk, terms, month)
    play_revenue(model, state, desk)
    play_costs(model, state, desk)
    play_staff(model, state, desk, terms, month)
    close_income(model, state, desk, month)
    move_cash(model, state, desk, month)
    close_balance(model, state, desk, terms, month)
    play_decision(model, known, terms, state, desk, month)
    play_outcomes(model, state, desk, month)


@part
def observe(observers: Observers, desk: Desk, month: int, first: int, used: int) -> None:
    """Count the month's series into their bins, and keep those that are asked for."""
    bins = observers.counts.shape[2]
    position = desk.scratch[0]
    for b in range(observers.band_rows.size):
        values = desk.line[observers.band_rows[b]]
        start, width = observers.band_lows[b, month], observers.band_scales[b, month]
        for i in range(EACH):
            place = (values[i] - start) * width
            place = max(0.0, place)
            position[i] = min(bins - 1.0, place)
        counts = observers.counts[b, month]
        for i in range(used):
            counts[int(position[i])] += 1
    slot = month - observers.kept_from
    if 0 <= slot < observers.kept.shape[1]:
        for row in range(observers.kept_rows.size):
            values = desk.line[observers.kept_rows[row]]
            for i in range(used):
                observers.kept[row, slot, first + i] = values[i]
