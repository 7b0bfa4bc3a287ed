"""Phase 7, finance, first half: income statement and cash before funding (F1 to F9)."""

from secondhall.company.kernels.blocks import (
    FIR,
    FLO,
    FS,
    HAL,
    HIS,
    HS,
    LIN,
    SEG,
    SS,
    Desk,
    Model,
    State,
    fill,
    high,
    low,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, exp_, log_, part, phase
from secondhall.company.layout import OPEN, Floats


@phase
def close_income(model: Model, state: State, desk: Desk, month: int) -> None:
    """From revenue to net income."""
    remember_sold(state, desk, month)
    ebitda(desk)
    depreciation(model, state, desk)
    if (model.start_month_of_year + month) % 12 == 11:
        impairment(model, state, desk)
    interest(model, state, desk)
    tax_and_income(model, state, desk)


@part
def remember_sold(state: State, desk: Desk, month: int) -> None:
    """Absorption of twelve months, then this month's capacity sold takes its place."""
    past, sold, pace = (
        state.history[HIS.sold, month % 12],
        desk.line[LIN.sold_units],
        desk.line[LIN.absorption],
    )
    for i in range(EACH):
        pace[i] = (sold[i] - past[i]) / 12.0
        past[i] = sold[i]


@part
def ebitda(desk: Desk) -> None:
    """(F1) EBITDA = revenue - supplied - staff - bad debt."""
    energy, halls, sales = desk.line[LIN.energy_cost], desk.line[LIN.hall_cost], desk.line[LIN.sales_cost]
    overhead, goods, supplied = (
        desk.line[LIN.overhead_cost],
        desk.line[LIN.equipment_cost],
        desk.line[LIN.supplied],
    )
    for i in range(EACH):
        supplied[i] = energy[i] + halls[i] + sales[i] + overhead[i] + goods[i]
    revenue, staff, lost = desk.line[LIN.revenue], desk.line[LIN.staff_cost], desk.line[LIN.bad_debt]
    out = desk.line[LIN.ebitda]
    for i in range(EACH):
        out[i] = revenue[i] - supplied[i] - staff[i] - lost[i]


@part
def depreciation(model: Model, state: State, desk: Desk) -> None:
    """(F2) other / life; maintenance = share x revenue joins the other assets."""
    other, life = state.firm[FS.other_assets], model.firm[FIR.other_life_months]
    share, revenue, spent = (
        model.firm[FIR.maintenance_share],
        desk.line[LIN.revenue],
        desk.line[LIN.maintenance],
    )
    total, halls = desk.line[LIN.depreciation], desk.line[LIN.hall_depreciation]
    for i in range(EACH):
        worn = other[i] / life[i]
        spent[i] = share[i] * revenue[i]
        other[i] += spent[i] - worn
        total[i] = halls[i] + worn


@part
def impairment(model: Model, state: State, desk: Desk) -> None:
    """(F3) Each December an open hall is written down to what can be recovered of it."""
    forecast, mrr_per_unit, energy, before = (
        desk.scratch[0],
        desk.scratch[1],
        desk.scratch[2],
        desk.scratch[3],
    )
    sold, pace, allowed = (
        desk.line[LIN.sold_units],
        desk.line[LIN.absorption],
        model.firm[FIR.impairment_fill_months],
    )
    unit_cost, index = model.firm[FIR.energy_cost_per_unit], desk.line[LIN.energy_index]
    fill(mrr_per_unit, 0.0)
    for s in range(state.segment.shape[1]):
        installed = state.segment[SS.installed, s]
        for i in range(EACH):
            mrr_per_unit[i] += installed[i]
    hosting = desk.line[LIN.hosting]
    for i in range(EACH):
        forecast[i] = sold[i] + allowed[i] * pace[i]
        mrr_per_unit[i] = share_of(hosting[i], mrr_per_unit[i])
        energy[i] = unit_cost[i] * index[i]
    fill(before, 0.0)
    for h in range(state.hall.shape[1]):
        test_hall(model, state, desk, h)


@part
def test_hall(model: Model, state: State, desk: Desk, h: int) -> None:
    """(F3) value in use = annuity x (expected sold x margin - fixed - rent); expected sold from the pace."""
    forecast, mrr_per_unit, energy, before = (
        desk.scratch[0],
        desk.scratch[1],
        desk.scratch[2],
        desk.scratch[3],
    )
    running, in_use = desk.scratch[4], desk.scratch[5]
    status, capacity, sold = state.hall[HS.state, h], state.hall[HS.capacity, h], state.hall[HS.sold, h]
    index, fixed, rent = state.firm[FS.cost_index], model.hall[HAL.fixed_cost, h], model.hall[HAL.rent, h]
    paid = state.hall[HS.rent_share, h]
    life, factor, pue = state.hall[HS.life_months, h], model.firm[FIR.discount_factor], model.hall[HAL.pue, h]
    for i in range(EACH):
        running[i] = index[i] * (fixed[i] + rent[i] * paid[i])
        offered = capacity[i] if status[i] == OPEN else 0.0
        expected = high(sold[i], low(offered, high(forecast[i] - before[i], 0.0)))
        in_use[i] = expected * (mrr_per_unit[i] - pue[i] * energy[i]) - running[i]
        before[i] += offered
    for i in range(EACH):
        months = high(life[i], 0.0)
        discounted = factor[i] * (1.0 - exp_(months * log_(factor[i]))) / high(1.0 - factor[i], 1e-300)
        in_use[i] *= discounted if factor[i] < 1.0 else months
    book, exit_share, loss = state.hall[HS.book, h], model.hall[HAL.exit_share, h], desk.line[LIN.write_offs]
    for i in range(EACH):
        recoverable = high(exit_share[i] * book[i], in_use[i])
        written = high(book[i] - recoverable, 0.0) if status[i] == OPEN else 0.0
        book[i] -= written
        loss[i] += written


@part
def interest(model: Model, state: State, desk: Desk) -> None:
    """(F4) On opening balances; the shareholder's is added to the loan."""
    alive, revolver, cash = state.firm[FS.alive], state.firm[FS.revolver], state.firm[FS.cash]
    term, project, loan = (
        state.firm[FS.term_debt],
        state.firm[FS.project_debt],
        state.firm[FS.shareholder_loan],
    )
    revolver_rate, term_rate = model.firm[FIR.revolver_rate], model.firm[FIR.term_rate]
    cash_rate, loan_rate = model.firm[FIR.cash_rate], model.firm[FIR.shareholder_rate]
    paid, total = desk.line[LIN.cash_interest], desk.line[LIN.interest]
    for i in range(EACH):
        borrowed = revolver_rate[i] * revolver[i] + term_rate[i] * (term[i] + project[i])
        paid[i] = alive[i] * (borrowed - cash_rate[i] * high(cash[i], 0.0))
    for i in range(EACH):
        capitalised = alive[i] * loan_rate[i] * loan[i]
        loan[i] += capitalised
        total[i] = paid[i] + capitalised


@part
def tax_and_income(model: Model, state: State, desk: Desk) -> None:
    """(F5) tax = rate x max(0, profit - pool), pool = max(0, pool - profit)."""
    charges, restructuring, leaving = (
        desk.line[LIN.charges],
        desk.line[LIN.restructuring],
        desk.line[LIN.exit_charge],
    )
    earned, worn, lost = desk.line[LIN.ebitda], desk.line[LIN.depreciation], desk.line[LIN.write_offs]
    paid, pool, rate = desk.line[LIN.interest], state.firm[FS.tax_pool], model.firm[FIR.tax_rate]
    tax, income = desk.line[LIN.tax], desk.line[LIN.net_income]
    for i in range(EACH):
        charges[i] = restructuring[i] + leaving[i]
        income[i] = earned[i] - worn[i] - lost[i] - charges[i] - paid[i]
    for i in range(EACH):
        profit = income[i]
        tax[i] = rate[i] * high(profit - pool[i], 0.0)
        pool[i] = high(pool[i] - profit, 0.0)
        income[i] = profit - tax[i]


@phase
def move_cash(model: Model, state: State, desk: Desk, month: int) -> None:
    """From income to cash before funding."""
    collected = desk.scratch[0]
    fill(collected, 0.0)
    for s in range(state.segment.shape[1]):
        collect(model, state, desk, collected, s)
    operate(model, state, desk)
    repay(model, state, desk, month)


@part
def collect(model: Model, state: State, desk: Desk, collected: Floats, s: int) -> None:
    """(F6) receivables = (receivables + revenue - bad debt) delay/(1 + delay); the rest is collected."""
    owed, delay = state.segment[SS.receivables, s], model.segment[SEG.payment_delay, s]
    first, second, third = desk.flow[FLO.hosting, s], desk.flow[FLO.services, s], desk.flow[FLO.equipment, s]
    unpaid = desk.flow[FLO.bad_debt, s]
    for i in range(EACH):
        due = owed[i] + first[i] + second[i] + third[i] - unpaid[i]
        owed[i] = due * delay[i] / (1.0 + delay[i])
        collected[i] += due / (1.0 + delay[i])


@part
def operate(model: Model, state: State, desk: Desk) -> None:
    """(F6, F7, F8) Suppliers and provisions are paid; operating, investing and free cash flow."""
    collected, paid, settled = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    alive, payables, supplied = state.firm[FS.alive], state.firm[FS.payables], desk.line[LIN.supplied]
    delay = model.firm[FIR.supplier_delay]
    for i in range(EACH):
        owed = payables[i] + alive[i] * supplied[i]
        paid[i] = alive[i] * owed / (1.0 + delay[i])
        payables[i] = owed - paid[i]
    provisions, charges, months = (
        state.firm[FS.provisions],
        desk.line[LIN.charges],
        model.firm[FIR.provision_months],
    )
    for i in range(EACH):
        provided = provisions[i] + charges[i]
        settled[i] = alive[i] * provided / months[i]
        provisions[i] = provided - settled[i]
    staff, tax, rates = desk.line[LIN.staff_cost], desk.line[LIN.tax], desk.line[LIN.cash_interest]
    operating, free = desk.line[LIN.operating_cash_flow], desk.line[LIN.free_cash_flow]
    for i in range(EACH):
        free[i] = collected[i] - paid[i] - staff[i] - settled[i] - tax[i]
        operating[i] = free[i] - rates[i]
    proceeds, capex, maintenance = desk.line[LIN.proceeds], desk.line[LIN.capex], desk.line[LIN.maintenance]
    investing = desk.line[LIN.investing_cash_flow]
    for i in range(EACH):
        investing[i] = proceeds[i] - capex[i] - maintenance[i]
        free[i] += investing[i]


@part
def repay(model: Model, state: State, desk: Desk, month: int) -> None:
    """(F9) Term debt by schedule, project loans 1/n a month; project loans follow the capex."""
    alive, term, project = state.firm[FS.alive], state.firm[FS.term_debt], state.firm[FS.project_debt]
    rest, due, spread = (
        model.firm[FIR.interest_only_months],
        model.firm[FIR.term_repayment],
        model.firm[FIR.project_repayment_months],
    )
    draw, repaid = desk.line[LIN.project_draw], desk.line[LIN.repaid]
    for i in range(EACH):
        scheduled = due[i] if month >= rest[i] else 0.0
        on_term = alive[i] * low(scheduled, term[i])
        on_project = alive[i] * project[i] / spread[i]
        term[i] -= on_term
        project[i] += draw[i] - on_project
        repaid[i] = on_term + on_project
