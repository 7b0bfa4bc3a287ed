"""Phase 9, outcomes: what a path was worth and what it went through (R1 to R3)."""

from secondhall.company.kernels.blocks import (
    ACC,
    ANN,
    FIR,
    FS,
    HAL,
    HIS,
    HS,
    LIN,
    OUT,
    Desk,
    Model,
    State,
    add_row,
    fill,
    high,
    low,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, part, phase


@phase
def play_outcomes(model: Model, state: State, desk: Desk, month: int) -> None:
    """Add the month to the path's outcomes."""
    value(model, state, desk, month)
    line, out = desk.line, state.outcome
    add_row(line[LIN.write_offs], out[OUT.write_offs])
    add_row(line[LIN.lost_units], out[OUT.lost_units])
    add_row(line[LIN.capex], out[OUT.capex])
    add_row(line[LIN.capacity], state.accumulator[ACC.capacity_months])
    add_row(line[LIN.sold_units], state.accumulator[ACC.sold_months])
    stranded, capacity, sold = out[OUT.stranded_unit_months], line[LIN.capacity], line[LIN.sold_units]
    for i in range(EACH):
        stranded[i] += high(capacity[i] - sold[i], 0.0)
    year = (model.start_month_of_year + month) // 12
    add_row(line[LIN.revenue], state.annual[ANN.revenue, year])
    add_row(line[LIN.net_income], state.annual[ANN.net_income, year])
    add_row(line[LIN.free_cash_flow], state.annual[ANN.free_cash_flow, year])
    income = state.accumulator[ACC.year_income]
    add_row(line[LIN.net_income], income)
    last = month == state.unlocking.shape[1] - 1
    if last or (model.start_month_of_year + month) % 12 == 11:
        worst = out[OUT.worst_year]
        for i in range(EACH):
            worst[i] = low(worst[i], income[i])
            income[i] = 0.0


@part
def value(model: Model, state: State, desk: Desk, month: int) -> None:
    """(R1, R2, R3) Discounted free cash flow, shareholder's flows, peak funding."""
    discount, factor = state.firm[FS.discount], model.firm[FIR.discount_factor]
    npv, equity, free = state.outcome[OUT.npv], state.outcome[OUT.equity_value], desk.line[LIN.free_cash_flow]
    injection, failed = desk.line[LIN.shareholder_injection], state.outcome[OUT.insolvency_month]
    back, cash = desk.line[LIN.paid_shareholder_loan], state.firm[FS.cash]
    for i in range(EACH):
        discount[i] *= factor[i]
        npv[i] += discount[i] * free[i]
        remainder = back[i] + cash[i] if failed[i] == month else 0.0
        equity[i] += discount[i] * (remainder - injection[i])
    injected, revolver = state.firm[FS.injected], state.firm[FS.revolver]
    total, peak = state.outcome[OUT.injected], state.outcome[OUT.peak_funding]
    for i in range(EACH):
        total[i] = injected[i]
        peak[i] = high(peak[i], injected[i] + revolver[i])


@phase
def close_outcomes(model: Model, state: State, desk: Desk) -> None:
    """(R1, R2) Terminal value and equity value at the end of the horizon."""
    earned, exits = desk.scratch[0], desk.scratch[1]
    fill(earned, 0.0)
    fill(exits, 0.0)
    for slot in range(12):
        add_row(state.history[HIS.ebitda, slot], earned)
    for h in range(state.hall.shape[1]):
        share, book = model.hall[HAL.exit_share, h], state.hall[HS.book, h]
        for i in range(EACH):
            exits[i] += share[i] * book[i]
    multiple, alive, discount = (
        model.firm[FIR.terminal_multiple],
        state.firm[FS.alive],
        state.firm[FS.discount],
    )
    terminal, npv, equity = (
        state.outcome[OUT.terminal_value],
        state.outcome[OUT.npv],
        state.outcome[OUT.equity_value],
    )
    for i in range(EACH):
        whole = alive[i] * high(multiple[i] * earned[i], exits[i])
        exits[i] = whole
        terminal[i] = discount[i] * whole
        npv[i] += terminal[i]
    cash, revolver = state.firm[FS.cash], state.firm[FS.revolver]
    term, project = state.firm[FS.term_debt], state.firm[FS.project_debt]
    for i in range(EACH):
        debt = revolver[i] + term[i] + project[i]
        equity[i] += alive[i] * discount[i] * high(exits[i] + cash[i] - debt, 0.0)
    used, offered, sold = (
        state.outcome[OUT.utilisation],
        state.accumulator[ACC.capacity_months],
        state.accumulator[ACC.sold_months],
    )
    for i in range(EACH):
        used[i] = share_of(sold[i], offered[i])
