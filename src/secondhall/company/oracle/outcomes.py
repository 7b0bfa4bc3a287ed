"""Phase 9, outcomes: what a path was worth and what it went through (R1 to R3)."""

import numpy as np

from secondhall.company.layout import Floats
from secondhall.company.oracle.state import Desk


def play_outcomes(desk: Desk) -> None:
    """Add the month to the path's outcomes."""
    line, firm, outcome, sums = desk.line, desk.state.firm, desk.state.outcome, desk.state.accumulator
    firm.discount[:] *= desk.p.firm.discount_factor
    outcome.npv[:] += firm.discount * line["free_cash_flow"]
    outcome.equity_value[:] -= firm.discount * line["shareholder_injection"]
    outcome.equity_value[:] += firm.discount * wound_up_remainder(desk)
    outcome.injected[:] = firm.injected
    outcome.peak_funding[:] = np.maximum(outcome.peak_funding, firm.injected + firm.revolver)
    outcome.write_offs[:] += line["write_offs"]
    outcome.lost_units[:] += line["lost_units"]
    outcome.capex[:] += line["capex"]
    outcome.stranded_unit_months[:] += np.maximum(line["capacity"] - line["sold_units"], 0.0)
    sums.capacity_months[:] += line["capacity"]
    sums.sold_months[:] += line["sold_units"]
    year = (desk.p.start_month_of_year + desk.month) // 12
    for name in desk.state.annual.names:
        getattr(desk.state.annual, name)[year] += line[name]
    sums.year_income[:] += line["net_income"]
    if (desk.p.start_month_of_year + desk.month) % 12 == 11 or desk.month == desk.p.months - 1:
        outcome.worst_year[:] = np.minimum(outcome.worst_year, sums.year_income)
        sums.year_income[:] = 0.0


def wound_up_remainder(desk: Desk) -> Floats:
    """(R2) What a winding-up in this month leaves to the shareholder, loan repaid included."""
    failing = desk.state.outcome.insolvency_month == desk.month
    repaid = desk.line.get("paid_shareholder_loan", np.zeros_like(desk.state.firm.cash))
    return np.where(failing, repaid + desk.state.firm.cash, 0.0)


def close_outcomes(desk: Desk) -> None:
    """(R1, R2) Terminal value and equity value at the end of the horizon."""
    p, state, firm, outcome = desk.p, desk.state, desk.state.firm, desk.state.outcome
    going = p.firm.terminal_multiple * state.history.ebitda.sum(axis=0)
    exits = (p.hall.exit_share * state.hall.book).sum(axis=0)
    terminal = firm.alive * np.maximum(going, exits)
    outcome.terminal_value[:] = firm.discount * terminal
    outcome.npv[:] += outcome.terminal_value
    debt = firm.revolver + firm.term_debt + firm.project_debt
    outcome.equity_value[:] += firm.alive * firm.discount * np.maximum(terminal + firm.cash - debt, 0.0)
    sums = state.accumulator
    usable = np.maximum(sums.capacity_months, 1e-300)
    outcome.utilisation[:] = np.where(sums.capacity_months > 0.0, sums.sold_months / usable, 0.0)
