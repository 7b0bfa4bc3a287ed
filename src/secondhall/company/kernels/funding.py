"""Phase 7, finance, second half: funding, covenants, insolvency, balance sheet (F10 to F13)."""

from secondhall.company.kernels.blocks import (
    FIR,
    FLO,
    FS,
    HAL,
    HIS,
    HS,
    LIN,
    OUT,
    ROL,
    SS,
    Desk,
    Model,
    State,
    Terms,
    add_row,
    copy,
    fill,
    high,
    low,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, part, phase
from secondhall.company.kernels.halls import exit_charge
from secondhall.company.layout import BUILDING, CLOSED


@phase
def close_balance(model: Model, state: State, desk: Desk, terms: Terms, month: int) -> None:
    """From cash before funding to the balance sheet."""
    fund(model, state, desk)
    remember_year(state, desk, month)
    if (model.start_month_of_year + month) % 3 == 2:
        is_waived = month < terms.measures.waived.size and terms.measures.waived[month] > 0.0
        covenants(model, state, desk, is_waived)
    insolvency(model, state, desk, month)
    balance_lines(state, desk)
    sum_segments(state, desk)


@part
def fund(model: Model, state: State, desk: Desk) -> None:
    """(F10) Revolver first, then the shareholder."""
    cash, revolver, alive = state.firm[FS.cash], state.firm[FS.revolver], state.firm[FS.alive]
    operating, investing = desk.line[LIN.operating_cash_flow], desk.line[LIN.investing_cash_flow]
    draw, repaid, financing = (
        desk.line[LIN.project_draw],
        desk.line[LIN.repaid],
        desk.line[LIN.financing_cash_flow],
    )
    frozen, limit, least = state.firm[FS.frozen], model.firm[FIR.revolver_limit], model.firm[FIR.minimum_cash]
    for i in range(EACH):
        borrowed = draw[i] - repaid[i]
        before = cash[i] + operating[i] + investing[i] + borrowed
        room = 0.0 if frozen[i] > 0.0 else high(limit[i] - revolver[i], 0.0)
        drawn = alive[i] * low(room, high(least[i] - before, -revolver[i]))
        revolver[i] += drawn
        cash[i] = before + drawn
        financing[i] = borrowed + drawn
    injected, promised = state.firm[FS.injected], model.firm[FIR.shareholder_commitment]
    loan, injection = state.firm[FS.shareholder_loan], desk.line[LIN.shareholder_injection]
    for i in range(EACH):
        left = high(promised[i] - injected[i], 0.0)
        injection[i] = alive[i] * low(left, high(least[i] - cash[i], 0.0))
        injected[i] += injection[i]
        loan[i] += injection[i]
        cash[i] += injection[i]
        financing[i] += injection[i]


@part
def remember_year(state: State, desk: Desk, month: int) -> None:
    """Keep what covenants and the terminal value look back on."""
    slot = month % 12
    earned, available, service = (
        state.history[HIS.ebitda, slot],
        state.history[HIS.available, slot],
        state.history[HIS.service, slot],
    )
    ebitda, tax, maintenance = desk.line[LIN.ebitda], desk.line[LIN.tax], desk.line[LIN.maintenance]
    rates, repaid = desk.line[LIN.cash_interest], desk.line[LIN.repaid]
    for i in range(EACH):
        earned[i] = ebitda[i]
        available[i] = ebitda[i] - tax[i] - maintenance[i]
        service[i] = rates[i] + repaid[i]


@part
def covenants(model: Model, state: State, desk: Desk, is_waived: bool) -> None:
    """(F11) net debt <= k EBITDA; EBITDA - tax - maintenance >= d x service; liquidity >= minimum."""
    earned, available, service = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    for row, total in ((HIS.ebitda, earned), (HIS.available, available), (HIS.service, service)):
        fill(total, 0.0)
        for slot in range(12):
            past = state.history[row, slot]
            for i in range(EACH):
                total[i] += past[i]
    firm = state.firm
    revolver, term, project, cash = (
        firm[FS.revolver],
        firm[FS.term_debt],
        firm[FS.project_debt],
        firm[FS.cash],
    )
    leverage, cover, least = (
        model.firm[FIR.leverage_max],
        model.firm[FIR.dscr_min],
        model.firm[FIR.liquidity_min],
    )
    limit, alive = model.firm[FIR.revolver_limit], firm[FS.alive]
    frozen, breaches = firm[FS.frozen], state.outcome[OUT.covenant_breaches]
    for i in range(EACH):
        net_debt = revolver[i] + term[i] + project[i] - cash[i]
        too_much = (net_debt > leverage[i] * high(earned[i], 0.0)) & (net_debt > 0.0) & (leverage[i] < 1000.0)
        too_thin = (available[i] < cover[i] * service[i]) & (cover[i] > 0.0)
        too_dry = (cash[i] + high(limit[i] - revolver[i], 0.0) < least[i]) & (least[i] > 0.0)
        broken = (too_much | too_thin | too_dry) & (alive[i] > 0.0)
        frozen[i] = 1.0 if broken & (not is_waived) else 0.0
        breaches[i] += frozen[i]


@part
def insolvency(model: Model, state: State, desk: Desk, month: int) -> None:
    """(F12) Cash below zero with nobody left to ask: the company is wound up."""
    cash, alive = state.firm[FS.cash], state.firm[FS.alive]
    failing = 0
    for i in range(EACH):
        failing += (cash[i] < -1e-6) & (alive[i] > 0.0)
    if failing > 0:
        for i in range(EACH):
            if (cash[i] < -1e-6) & (alive[i] > 0.0):
                wind_up(model, state, desk, month, i)


@phase
def wind_up(model: Model, state: State, desk: Desk, month: int, i: int) -> None:
    """(F12) Sell what there is, owe what is due, pay in the order of rank; one lane."""
    sold = 0.0
    loss = 0.0
    claims = 0.0
    for r in range(model.role.shape[1]):
        claims += (
            model.role[ROL.monthly_cost, r, i] * state.posts[r, i] * model.role[ROL.leaving_months, r, i]
        )
    claims *= state.firm[FS.cost_index, i]
    for h in range(state.hall.shape[1]):
        book, share = state.hall[HS.book, h, i], model.hall[HAL.exit_share, h, i]
        sold += share * book
        loss += (1.0 - share) * book
        status = state.hall[HS.state, h, i]
        if (status >= BUILDING) & (status < CLOSED):
            claims += exit_charge(model, state, month, h, i)
    owed = 0.0
    for s in range(state.segment.shape[1]):
        owed += state.segment[SS.receivables, s, i]
    collected = model.firm[FIR.receivables_recovery, i] * owed
    other = state.firm[FS.other_assets, i]
    sold_other = model.firm[FIR.other_recovery, i] * other
    loss += (owed - collected) + (other - sold_other)
    desk.line[LIN.write_offs, i] += loss
    desk.line[LIN.restructuring, i] += claims
    desk.line[LIN.net_income, i] -= loss + claims
    state.firm[FS.provisions, i] += claims
    pay_by_rank(state, desk, collected, sold + sold_other, i)
    stop_activity(state, i)
    state.outcome[OUT.insolvency_month, i] = month


@phase
def pay_by_rank(state: State, desk: Desk, collected: float, sold: float, i: int) -> None:
    """(F12) Provisions, payables, revolver, term and project debt, shareholder loan; one lane."""
    estate = state.firm[FS.cash, i] + collected + sold
    overdraft = high(-estate, 0.0)
    left = high(estate, 0.0)
    state.firm[FS.payables, i] += overdraft
    operating = collected + overdraft
    for row in (FS.provisions, FS.payables):
        paid = low(left, state.firm[row, i])
        state.firm[row, i] -= paid
        left -= paid
        operating -= paid
    repaid = 0.0
    for row in (FS.revolver, FS.term_debt, FS.project_debt, FS.shareholder_loan):
        paid = low(left, state.firm[row, i])
        state.firm[row, i] -= paid
        left -= paid
        repaid += paid
        desk.line[LIN.paid_shareholder_loan, i] = paid
    state.firm[FS.cash, i] = left
    desk.line[LIN.operating_cash_flow, i] += operating
    desk.line[LIN.investing_cash_flow, i] += sold
    desk.line[LIN.financing_cash_flow, i] -= repaid
    desk.line[LIN.free_cash_flow, i] += operating + sold


@phase
def stop_activity(state: State, i: int) -> None:
    """(F12) Nothing runs any more; one lane."""
    for s in range(state.segment.shape[1]):
        for row in (
            SS.customers,
            SS.locked,
            SS.installed,
            SS.mrr,
            SS.waiting_customers,
            SS.waiting_units,
            SS.reserved_customers,
            SS.reserved_units,
            SS.receivables,
        ):
            state.segment[row, s, i] = 0.0
    for h in range(state.hall.shape[1]):
        for row in (HS.capacity, HS.sold, HS.book):
            state.hall[row, h, i] = 0.0
        state.hall[HS.state, h, i] = CLOSED
    for r in range(state.posts.shape[0]):
        state.posts[r, i] = 0.0
    state.firm[FS.other_assets, i] = 0.0
    state.firm[FS.alive, i] = 0.0


@part
def balance_lines(state: State, desk: Desk) -> None:
    """(F13) Equity takes the income; the balance sheet is read off the state."""
    firm, line = state.firm, desk.line
    equity, income = firm[FS.equity], line[LIN.net_income]
    term, project, debt = firm[FS.term_debt], firm[FS.project_debt], line[LIN.term_debt]
    revolver, cash, net_debt = firm[FS.revolver], firm[FS.cash], line[LIN.net_debt]
    for i in range(EACH):
        equity[i] += income[i]
        debt[i] = term[i] + project[i]
        net_debt[i] = revolver[i] + debt[i] - cash[i]
    copy(cash, line[LIN.cash])
    copy(firm[FS.other_assets], line[LIN.other_assets])
    copy(firm[FS.payables], line[LIN.payables])
    copy(firm[FS.provisions], line[LIN.provisions])
    copy(revolver, line[LIN.revolver])
    copy(firm[FS.shareholder_loan], line[LIN.shareholder_loan])
    copy(equity, line[LIN.equity])
    copy(firm[FS.regime], line[LIN.regime])
    copy(firm[FS.alive], line[LIN.alive])
    alive, frozen, broken = firm[FS.alive], firm[FS.frozen], line[LIN.covenant_broken]
    for i in range(EACH):
        broken[i] = alive[i] * frozen[i]
    capacity, sold, used = line[LIN.capacity], line[LIN.sold_units], line[LIN.utilisation]
    for i in range(EACH):
        used[i] = share_of(sold[i], capacity[i])
    books = line[LIN.hall_assets]
    fill(books, 0.0)
    for h in range(state.hall.shape[1]):
        book = state.hall[HS.book, h]
        for i in range(EACH):
            books[i] += book[i]


@part
def sum_segments(state: State, desk: Desk) -> None:
    """Totals over segments of what the series show."""
    line = desk.line
    for row in (
        LIN.receivables,
        LIN.customers,
        LIN.monthly_recurring_revenue,
        LIN.waiting_units,
        LIN.new_customers,
        LIN.ordered_units,
    ):
        fill(line[row], 0.0)
    for s in range(state.segment.shape[1]):
        add_row(state.segment[SS.receivables, s], line[LIN.receivables])
        add_row(state.segment[SS.customers, s], line[LIN.customers])
        add_row(state.segment[SS.mrr, s], line[LIN.monthly_recurring_revenue])
        add_row(state.segment[SS.waiting_units, s], line[LIN.waiting_units])
        add_row(state.segment[SS.reserved_units, s], line[LIN.waiting_units])
        add_row(desk.flow[FLO.new_customers, s], line[LIN.new_customers])
        add_row(desk.flow[FLO.new_units, s], line[LIN.ordered_units])
