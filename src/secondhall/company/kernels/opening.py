"""The state of a block at the end of the month before the start."""

from secondhall.company.chance import Purpose
from secondhall.company.kernels.blocks import (
    FIR,
    FIRZ,
    FS,
    HAL,
    HIS,
    HS,
    OUT,
    PHA,
    ROL,
    SCH,
    SEG,
    SEGZ,
    SS,
    Desk,
    Known,
    Model,
    State,
    copy,
    fill,
    low,
    pick,
)
from secondhall.company.kernels.elementary import EACH, exp_, part, phase
from secondhall.company.kernels.philox import uniform_pairs
from secondhall.company.kernels.samplers import normal_pairs
from secondhall.company.layout import BUILDING, OPEN, Integers

START_REGIME = int(Purpose.START_REGIME)
SLIP = int(Purpose.LEAD_TIME_SLIP)
OVERRUN = int(Purpose.BUILD_OVERRUN)


@phase
def open_state(model: Model, known: Known, state: State, desk: Desk, seed: int, paths: Integers) -> None:
    """Take over the books and the ledgers; draw what is drawn once a path."""
    for rows in (state.segment, state.hall, state.history, state.annual):
        for k in range(rows.shape[0]):
            for j in range(rows.shape[1]):
                fill(rows[k, j], 0.0)
    for table in (state.firm, state.outcome, state.accumulator):
        for k in range(table.shape[0]):
            fill(table[k], 0.0)
    draw_regime(model, state, desk, seed, paths)
    for s in range(state.segment.shape[1]):
        open_segment(model, known, state, s)
    for h in range(state.hall.shape[1]):
        open_hall(model, state, desk, seed, paths, h)
    for r in range(state.posts.shape[0]):
        copy(model.role[ROL.posts, r], state.posts[r])
    open_firm(model, known, state)
    open_equity(model, state)
    open_history(model, state)


@part
def draw_regime(model: Model, state: State, desk: Desk, seed: int, paths: Integers) -> None:
    """Draw the regime in which the company stands at the start."""
    first, chance, z = desk.scratch[0], model.firm_regime[FIRZ.start_probability], state.firm[FS.regime]
    uniform_pairs(seed, paths, 0, START_REGIME, 0, 0, first, desk.scratch[1])
    for i in range(EACH):
        z[i] = 0.0 if first[i] < chance[0, i] else (1.0 if first[i] < chance[0, i] + chance[1, i] else 2.0)


@part
def open_segment(model: Model, known: Known, state: State, s: int) -> None:
    """Set trend and deviation so that the intensity is what the case states; take over the ledgers."""
    for row, source in (
        (SS.customers, SEG.customers),
        (SS.locked, SEG.locked),
        (SS.installed, SEG.installed),
        (SS.mrr, SEG.mrr),
        (SS.receivables, SEG.receivables),
        (SS.waiting_customers, SEG.waiting_customers),
        (SS.waiting_units, SEG.waiting_units),
        (SS.reserved_customers, SEG.reserved_customers),
        (SS.reserved_units, SEG.reserved_units),
    ):
        copy(model.segment[source, s], state.segment[row, s])
    level, z = model.segment_regime[SEGZ.log_level, s], state.firm[FS.regime]
    expected = 0.0
    for k in range(3):
        expected += known.firm_regime[FIRZ.start_probability, k] * known.segment_regime[SEGZ.log_level, s, k]
    for i in range(EACH):
        deviation = pick(level, z[i], i) + model.segment[SEG.opening_gap, s, i]
        state.segment[SS.deviation, s, i] = deviation
        state.segment[SS.trend, s, i] = model.segment[SEG.log_intensity, s, i] - deviation
    expected += known.segment[SEG.opening_gap, s]
    volatility = known.segment[SEG.volatility, s]
    fill(state.segment[SS.seen_deviation, s], expected)
    fill(state.segment[SS.seen_trend, s], known.segment[SEG.log_intensity, s] - expected)
    fill(state.segment[SS.seen_shape, s], 1.0 / (volatility * volatility + 0.01))
    for t in range(state.unlocking.shape[1]):
        for i in range(EACH):
            state.unlocking[s, t, i] = (
                model.schedule[SCH.unlocking, s, t] * model.segment[SEG.unlocking_scale, s, i]
            )


@part
def open_hall(model: Model, state: State, desk: Desk, seed: int, paths: Integers, h: int) -> None:
    """(A2, A3) Set slot h; draw its delay and overrun, the same whatever the rule."""
    for row, source in (
        (HS.state, HAL.state),
        (HS.committed, HAL.committed),
        (HS.sold, HAL.sold),
        (HS.book, HAL.book),
        (HS.life_months, HAL.life_months),
    ):
        copy(model.hall[source, h], state.hall[row, h])
    late, dear, unused = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    normal_pairs(seed, paths, 0, SLIP, h, late, unused)
    normal_pairs(seed, paths, 0, OVERRUN, h, dear, unused)
    fill(state.hall[HS.rent_share, h], 1.0)
    fill(state.hall[HS.lease_added, h], 0.0)
    hall, status, slip = model.hall, state.hall[HS.state, h], state.hall[HS.slip, h]
    overrun, capacity, committed = (
        state.hall[HS.overrun, h],
        state.hall[HS.capacity, h],
        state.hall[HS.committed, h],
    )
    for i in range(EACH):
        delay = exp_(hall[HAL.slip_log_mean, h, i] + hall[HAL.slip_log_sd, h, i] * late[i])
        wait = hall[HAL.has_slip, h, i] * delay + model.firm[FIR.extra_slip, i]
        slip[i] = wait if status[i] < OPEN else 0.0
        extra = exp_(hall[HAL.overrun_log_mean, h, i] + hall[HAL.overrun_log_sd, h, i] * dear[i])
        overrun[i] = 1.0 + hall[HAL.has_overrun, h, i] * extra
    for p in range(model.phase.shape[2]):
        offset, size = model.phase[PHA.offset, h, p], model.phase[PHA.capacity, h, p]
        for i in range(EACH):
            serving = (status[i] == OPEN) | (status[i] == BUILDING)
            opened = committed[i] + offset[i] + slip[i] < 0.0
            capacity[i] += size[i] if serving & opened else 0.0


@part
def open_firm(model: Model, known: Known, state: State) -> None:
    """Open the books and what the rule believes of the regime."""
    for row, source in (
        (FS.cash, FIR.cash),
        (FS.payables, FIR.payables),
        (FS.other_assets, FIR.other_assets),
        (FS.provisions, FIR.provisions),
        (FS.revolver, FIR.revolver),
        (FS.term_debt, FIR.term_debt),
        (FS.shareholder_loan, FIR.shareholder_loan),
        (FS.tax_pool, FIR.tax_pool),
    ):
        copy(model.firm[source], state.firm[row])
    for row in (FS.alive, FS.cost_index, FS.discount):
        fill(state.firm[row], 1.0)
    chance = known.firm_regime[FIRZ.start_probability]
    fill(state.firm[FS.seen_boom], chance[0])
    fill(state.firm[FS.seen_steady], chance[1])
    fill(state.firm[FS.seen_bust], chance[2])
    fill(state.outcome[OUT.insolvency_month], -1.0)
    fill(state.outcome[OUT.first_commitment], -1.0)
    fill(state.outcome[OUT.worst_year], 1e300)


@part
def open_equity(model: Model, state: State) -> None:
    """(F13) Equity is what balances the opening balance sheet."""
    firm = model.firm
    for i in range(EACH):
        assets = firm[FIR.cash, i] + firm[FIR.other_assets, i]
        for s in range(state.segment.shape[1]):
            assets += model.segment[SEG.receivables, s, i]
        for h in range(state.hall.shape[1]):
            assets += model.hall[HAL.book, h, i]
        owed = (
            firm[FIR.payables, i] + firm[FIR.provisions, i] + firm[FIR.revolver, i] + firm[FIR.term_debt, i]
        )
        state.firm[FS.equity, i] = assets - (owed + firm[FIR.shareholder_loan, i])


@part
def open_history(model: Model, state: State) -> None:
    """Fill the twelve months before the start, at the pace that the case states."""
    firm, mean = model.firm, state.firm[FS.new_customers_mean]
    for i in range(EACH):
        for s in range(state.segment.shape[1]):
            mean[i] += exp_(model.segment[SEG.log_intensity, s, i])
        sold = 0.0
        for h in range(state.hall.shape[1]):
            sold += model.hall[HAL.sold, h, i]
        repaying = firm[FIR.term_repayment, i] if firm[FIR.interest_only_months, i] <= 0.0 else 0.0
        rates = (
            firm[FIR.term_rate, i] * firm[FIR.term_debt, i]
            + firm[FIR.revolver_rate, i] * firm[FIR.revolver, i]
        )
        for k in range(12):
            state.history[HIS.sold, k, i] = sold - (12 - k) * firm[FIR.net_absorption, i]
            state.history[HIS.ebitda, k, i] = firm[FIR.ebitda, i]
            state.history[HIS.available, k, i] = firm[FIR.ebitda, i]
            state.history[HIS.service, k, i] = rates + low(repaying, firm[FIR.term_debt, i])
