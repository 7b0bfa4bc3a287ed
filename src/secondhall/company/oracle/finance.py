"""Phase 7, finance: income statement, cash, funding, covenants, insolvency (F1 to F13)."""

import numpy as np

from secondhall.company.layout import BUILDING, CLOSED, OPEN, Floats, Truths
from secondhall.company.oracle.halls import exit_charge
from secondhall.company.oracle.state import Desk


def play_finance(desk: Desk) -> None:
    """Close the month's books."""
    remember_sold(desk)
    ebitda(desk)
    depreciation(desk)
    impairment(desk)
    interest(desk)
    tax_and_income(desk)
    operating_and_investing_cash(desk)
    debt_service(desk)
    funding(desk)
    remember_year(desk)
    covenants(desk)
    insolvency(desk)
    balance_lines(desk)


def remember_sold(desk: Desk) -> None:
    """Absorption of twelve months, then this month's capacity sold takes its place."""
    slot = desk.month % 12
    desk.line["absorption"] = (desk.line["sold_units"] - desk.state.history.sold[slot]) / 12.0
    desk.state.history.sold[slot] = desk.line["sold_units"]


def ebitda(desk: Desk) -> None:
    """(F1) EBITDA is revenue less supplies, staff and bad debt."""
    line = desk.line
    line["supplied"] = (
        line["energy_cost"]
        + line["hall_cost"]
        + line["sales_cost"]
        + line["overhead_cost"]
        + line["equipment_cost"]
    )
    line["ebitda"] = line["revenue"] - line["supplied"] - line["staff_cost"] - line["bad_debt"]


def depreciation(desk: Desk) -> None:
    """(F2) Halls and other assets; maintenance joins the other assets."""
    p, firm, line = desk.p.firm, desk.state.firm, desk.line
    other = firm.other_assets / p.other_life_months
    line["maintenance"] = p.maintenance_share * line["revenue"]
    firm.other_assets[:] += line["maintenance"] - other
    line["depreciation"] = line["hall_depreciation"] + other


def impairment(desk: Desk) -> None:
    """(F3) Each December an open hall is written down to what can be recovered of it."""
    line = desk.line
    if (desk.p.start_month_of_year + desk.month) % 12 != 11:
        return
    p, hall, segment = desk.p, desk.state.hall, desk.state.segment
    forecast = line["sold_units"] + p.firm.impairment_fill_months * line["absorption"]
    installed = segment.installed.sum(axis=0)
    mrr_per_unit = np.where(installed > 0.0, line["hosting"] / np.maximum(installed, 1e-300), 0.0)
    energy_per_unit = p.firm.energy_cost_per_unit * line["energy_index"]
    before = np.zeros_like(forecast)
    for h in range(p.halls):
        is_open = hall.state[h] == OPEN
        capacity = np.where(is_open, hall.capacity[h], 0.0)
        expected = np.maximum(hall.sold[h], np.minimum(capacity, np.maximum(forecast - before, 0.0)))
        running = desk.state.firm.cost_index * (p.hall.fixed_cost[h] + p.hall.rent[h] * hall.rent_share[h])
        margin = expected * (mrr_per_unit - p.hall.pue[h] * energy_per_unit) - running
        in_use = annuity(desk, np.maximum(hall.life_months[h], 0.0)) * margin
        recoverable = np.maximum(p.hall.exit_share[h] * hall.book[h], in_use)
        loss = np.where(is_open, np.maximum(hall.book[h] - recoverable, 0.0), 0.0)
        hall.book[h] -= loss
        line["write_offs"] = line["write_offs"] + loss
        before = before + capacity


def annuity(desk: Desk, months: Floats) -> Floats:
    """Return the value of one a month for ``months`` at the discount rate."""
    factor = desk.p.firm.discount_factor
    whole: Floats = np.where(
        factor < 1.0,
        factor * (1.0 - np.exp(months * np.log(factor))) / np.maximum(1.0 - factor, 1e-300),
        months,
    )
    return whole


def interest(desk: Desk) -> None:
    """(F4) On opening balances; the shareholder's is added to the loan."""
    p, firm, line = desk.p.firm, desk.state.firm, desk.line
    line["cash_interest"] = firm.alive * (
        p.revolver_rate * firm.revolver
        + p.term_rate * (firm.term_debt + firm.project_debt)
        - p.cash_rate * np.maximum(firm.cash, 0.0)
    )
    capitalised = firm.alive * p.shareholder_rate * firm.shareholder_loan
    firm.shareholder_loan[:] += capitalised
    line["interest"] = line["cash_interest"] + capitalised


def tax_and_income(desk: Desk) -> None:
    """(F5) Tax on profit beyond the losses carried forward."""
    p, firm, line = desk.p.firm, desk.state.firm, desk.line
    line["charges"] = line["restructuring"] + line["exit_charge"]
    profit = line["ebitda"] - line["depreciation"] - line["write_offs"] - line["charges"] - line["interest"]
    line["tax"] = p.tax_rate * np.maximum(profit - firm.tax_pool, 0.0)
    firm.tax_pool[:] = np.maximum(firm.tax_pool - profit, 0.0)
    line["net_income"] = profit - line["tax"]


def operating_and_investing_cash(desk: Desk) -> None:
    """(F6, F7, F8) Customers pay late, suppliers are paid late, provisions are paid out."""
    p, firm, line, segment = desk.p, desk.state.firm, desk.line, desk.state.segment
    due = (
        segment.receivables
        + desk.flow.hosting
        + desk.flow.services
        + desk.flow.equipment
        - desk.flow.bad_debt
    )
    delay = p.segment.payment_delay
    segment.receivables[:] = due * delay / (1.0 + delay)
    collected = (due / (1.0 + delay)).sum(axis=0)
    owed = firm.payables + firm.alive * line["supplied"]
    paid = firm.alive * owed / (1.0 + p.firm.supplier_delay)
    firm.payables[:] = owed - paid
    provisions = firm.provisions + line["charges"]
    settled = firm.alive * provisions / p.firm.provision_months
    firm.provisions[:] = provisions - settled
    before_interest = collected - paid - line["staff_cost"] - settled - line["tax"]
    line["operating_cash_flow"] = before_interest - line["cash_interest"]
    line["investing_cash_flow"] = line["proceeds"] - line["capex"] - line["maintenance"]
    line["free_cash_flow"] = before_interest + line["investing_cash_flow"]


def debt_service(desk: Desk) -> None:
    """(F9) Project loans follow the capex; debts are repaid on schedule."""
    p, firm, line = desk.p.firm, desk.state.firm, desk.line
    due = np.where(desk.month >= p.interest_only_months, p.term_repayment, 0.0)
    term = firm.alive * np.minimum(due, firm.term_debt)
    project = firm.alive * firm.project_debt / p.project_repayment_months
    firm.term_debt[:] -= term
    firm.project_debt[:] += line["project_draw"] - project
    line["repaid"] = term + project


def funding(desk: Desk) -> None:
    """(F10) Revolver first, then the shareholder."""
    p, firm, line = desk.p.firm, desk.state.firm, desk.line
    borrowed = line["project_draw"] - line["repaid"]
    cash = firm.cash + line["operating_cash_flow"] + line["investing_cash_flow"] + borrowed
    room = np.where(firm.frozen > 0.0, 0.0, np.maximum(p.revolver_limit - firm.revolver, 0.0))
    drawn = firm.alive * np.minimum(room, np.maximum(p.minimum_cash - cash, -firm.revolver))
    firm.revolver[:] += drawn
    cash = cash + drawn
    left = np.maximum(p.shareholder_commitment - firm.injected, 0.0)
    injection = firm.alive * np.minimum(left, np.maximum(p.minimum_cash - cash, 0.0))
    firm.injected[:] += injection
    firm.shareholder_loan[:] += injection
    firm.cash[:] = cash + injection
    line["shareholder_injection"] = injection
    line["financing_cash_flow"] = borrowed + drawn + injection


def remember_year(desk: Desk) -> None:
    """Keep what covenants and the terminal value look back on."""
    line, history, slot = desk.line, desk.state.history, desk.month % 12
    history.ebitda[slot] = line["ebitda"]
    history.available[slot] = line["ebitda"] - line["tax"] - line["maintenance"]
    history.service[slot] = line["cash_interest"] + line["repaid"]


def covenants(desk: Desk) -> None:
    """(F11) Tested at calendar quarter ends on the last twelve months."""
    if (desk.p.start_month_of_year + desk.month) % 3 != 2:
        return
    p, firm, history = desk.p.firm, desk.state.firm, desk.state.history
    net_debt = firm.revolver + firm.term_debt + firm.project_debt - firm.cash
    too_much = net_debt > p.leverage_max * np.maximum(history.ebitda.sum(axis=0), 0.0)
    too_much = too_much & (net_debt > 0.0) & (p.leverage_max < 1000.0)
    too_thin = history.available.sum(axis=0) < p.dscr_min * history.service.sum(axis=0)
    too_thin = too_thin & (p.dscr_min > 0.0)
    too_dry = firm.cash + np.maximum(p.revolver_limit - firm.revolver, 0.0) < p.liquidity_min
    too_dry = too_dry & (p.liquidity_min > 0.0)
    waived = desk.rule.measures.waived
    is_waived = desk.month < waived.size and waived[desk.month] > 0.0
    broken = (too_much | too_thin | too_dry) & (firm.alive > 0.0) & (not is_waived)
    firm.frozen[:] = np.where(broken, 1.0, 0.0)
    desk.state.outcome.covenant_breaches[:] += firm.frozen


def insolvency(desk: Desk) -> None:
    """(F12) Cash below zero with nobody left to ask: the company is wound up."""
    failing = (desk.state.firm.cash < -1e-6) & (desk.state.firm.alive > 0.0)
    if failing.any():
        wind_up(desk, failing)


def wind_up(desk: Desk, failing: Truths) -> None:
    """(F12) Sell what there is, owe what is due, pay in the order of rank."""
    p, state, firm, line = desk.p, desk.state, desk.state.firm, desk.line
    hall, segment = state.hall, state.segment
    holds = failing & (hall.book > 0.0)
    sold_halls = np.where(holds, p.hall.exit_share * hall.book, 0.0).sum(axis=0)
    lost_halls = np.where(holds, hall.book, 0.0).sum(axis=0) - sold_halls
    receivables = np.where(failing, segment.receivables.sum(axis=0), 0.0)
    collected = p.firm.receivables_recovery * receivables
    other = np.where(failing, firm.other_assets, 0.0)
    sold_other = p.firm.other_recovery * other
    claims = (p.role.monthly_cost * state.posts * p.role.leaving_months).sum(axis=0) * firm.cost_index
    for h in range(p.halls):
        running = (hall.state[h] >= BUILDING) & (hall.state[h] < CLOSED)
        claims = claims + np.where(running, exit_charge(desk, h), 0.0)
    claims = np.where(failing, claims, 0.0)
    loss = lost_halls + (receivables - collected) + (other - sold_other)
    line["write_offs"] = line["write_offs"] + loss
    line["restructuring"] = line["restructuring"] + claims
    line["net_income"] = line["net_income"] - loss - claims
    firm.provisions[:] += claims
    pay_by_rank(desk, failing, collected, sold_halls + sold_other)
    stop_activity(desk, failing)


def pay_by_rank(desk: Desk, failing: Truths, collected: Floats, sold: Floats) -> None:
    """(F12) Provisions, payables, revolver, term and project debt, shareholder loan."""
    firm, line = desk.state.firm, desk.line
    estate = np.where(failing, firm.cash + collected + sold, 0.0)
    overdraft = np.maximum(-estate, 0.0)
    firm.payables[:] += overdraft
    left = np.maximum(estate, 0.0)
    paid_total = np.zeros_like(left)
    operating = collected + overdraft
    for name in ("provisions", "payables", "revolver", "term_debt", "project_debt", "shareholder_loan"):
        balance = getattr(firm, name)
        paid = np.where(failing, np.minimum(left, balance), 0.0)
        balance -= paid
        left = left - paid
        if name in ("provisions", "payables"):
            operating = operating - paid
        else:
            paid_total = paid_total + paid
        line[f"paid_{name}"] = paid
    firm.cash[:] = np.where(failing, left, firm.cash)
    line["operating_cash_flow"] = line["operating_cash_flow"] + operating
    line["investing_cash_flow"] = line["investing_cash_flow"] + sold
    line["financing_cash_flow"] = line["financing_cash_flow"] - paid_total
    line["free_cash_flow"] = line["free_cash_flow"] + operating + sold


def stop_activity(desk: Desk, failing: Truths) -> None:
    """(F12) Nothing runs any more."""
    state, segment = desk.state, desk.state.segment
    going = 1.0 - np.where(failing, 1.0, 0.0)
    for rows in (
        segment.customers,
        segment.locked,
        segment.installed,
        segment.mrr,
        segment.waiting_customers,
        segment.waiting_units,
        segment.reserved_customers,
        segment.reserved_units,
        segment.receivables,
        state.hall.capacity,
        state.hall.sold,
        state.hall.book,
        state.posts,
        state.firm.other_assets,
        state.firm.alive,
    ):
        rows *= going
    state.hall.state[:] = np.where(failing, CLOSED, state.hall.state)
    insolvent = state.outcome.insolvency_month
    insolvent[:] = np.where(failing, desk.month, insolvent)


def balance_lines(desk: Desk) -> None:
    """(F13) Equity takes the income; the balance sheet is read off the state."""
    firm, line = desk.state.firm, desk.line
    firm.equity[:] += line["net_income"]
    line["receivables"] = desk.state.segment.receivables.sum(axis=0)
    line["hall_assets"] = desk.state.hall.book.sum(axis=0)
    line["term_debt"] = firm.term_debt + firm.project_debt
    line["net_debt"] = firm.revolver + line["term_debt"] - firm.cash
    for name in (
        "cash",
        "other_assets",
        "payables",
        "provisions",
        "revolver",
        "shareholder_loan",
        "equity",
        "regime",
        "alive",
    ):
        line[name] = getattr(firm, name).copy()
    line["covenant_broken"] = firm.alive * firm.frozen
    line["customers"] = desk.state.segment.customers.sum(axis=0)
    line["monthly_recurring_revenue"] = desk.state.segment.mrr.sum(axis=0)
    line["waiting_units"] = (desk.state.segment.waiting_units + desk.state.segment.reserved_units).sum(axis=0)
    line["new_customers"] = desk.flow.new_customers.sum(axis=0)
    line["ordered_units"] = desk.flow.new_units.sum(axis=0)
    usable = np.maximum(line["capacity"], 1e-300)
    line["utilisation"] = np.where(line["capacity"] > 0.0, line["sold_units"] / usable, 0.0)
