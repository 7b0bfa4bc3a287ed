"""From a case to the parameters of a company: every field of the schema to its row.

A field becomes one number a path, and who asks says which: the mid of its statement, a draw from its
low / mid / high (A1), or what was learned of it. Nothing here is random.
"""

from __future__ import annotations

import numpy as np

from secondhall.case import Case
from secondhall.company import layout
from secondhall.company.build_halls import halls
from secondhall.company.layout import OPEN, Rows
from secondhall.company.parameters import Parameters
from secondhall.company.reading import Mids, Reader, Values
from secondhall.company.schedule import calendar_of, extra_slip, schedule_of
from secondhall.company.slots import Slots, slots_of

__all__ = ["Mids", "Values", "build", "known_parameters"]

HOURS_PER_MONTH = 730.5
LEAST_INTENSITY = 1e-12
NO_CEILING = 700.0


def known_parameters(case: Case, scenario: str | None = None) -> Parameters:
    """Return the parameters at their mid values, one path: all that a rule may know."""
    return build(case, Mids(), scenario)


def build(case: Case, values: Values, scenario: str | None = None) -> Parameters:
    """Return the parameters of a case, for as many paths as ``values`` holds.

    Parameters
    ----------
    case
        the case.
    values
        what each field is on each path, by its dotted name, such as
        ``segments.startups.churn_monthly.bust``.
    scenario
        a named scenario of the case to impose.
    """
    reader = Reader(values)
    slots = slots_of(case)
    segment = segments(case, reader)
    hall, phase = halls(case, slots, reader)
    share_out_sold(slots, segment, hall, phase)
    firm = firm_rows(case, reader, scenario)
    parameters = Parameters(
        segment=segment,
        segment_regime=segment_regimes(case, reader),
        hall=hall,
        phase=phase,
        role=roles(case, reader),
        firm=firm,
        firm_regime=firm_regimes(case, reader),
        schedule=schedule_of(case, scenario),
        calendar=calendar_of(case, scenario),
        start_month_of_year=case.start.month - 1,
        first_new_hall=slots.first_new,
    )
    return opening_balances(case, parameters)


SEGMENT_FIELDS = {
    "reserved_lapse": "reserved_lapse_monthly",
    "waiting_lapse": "waiting_lapse_monthly",
    "waiting_customers": "waiting_customers",
    "waiting_units": "waiting_units",
    "list_price": "list_price_per_unit_month",
    "reversion": "intensity_reversion_monthly",
    "volatility": "intensity_volatility_monthly",
    "common_share": "intensity_common_share",
    "size_mean": "order_size_units",
    "realisation": "realisation_share",
    "renewal_months": "renewal_months",
    "services_per_new_customer": "services_per_new_customer",
    "services_per_new_unit": "services_per_new_unit",
    "services_per_customer": "services_per_customer_month",
    "equipment_per_new_unit": "equipment_per_new_unit",
    "equipment_per_unit": "equipment_per_unit_month",
    "payment_delay": "payment_delay_months",
}


def segments(case: Case, reader: Reader) -> Rows:
    """Return the segments' rows."""
    rows = Rows.zeros(layout.SEGMENT, len(case.segments), reader.paths)
    opening = case.opening
    for s, (name, record) in enumerate(case.segments.items()):
        dotted = f"segments.{name}"
        for row, field in SEGMENT_FIELDS.items():
            getattr(rows, row)[s] = reader.field(record, field, dotted)
        intensity = reader.field(record, "new_customers_per_month", dotted)
        rows.log_intensity[s] = np.log(np.maximum(intensity, LEAST_INTENSITY))
        if record.given("intensity_ceiling_per_month"):
            ceiling = reader.field(record, "intensity_ceiling_per_month", dotted)
            rows.log_ceiling[s] = np.log(np.maximum(ceiling, LEAST_INTENSITY))
        else:
            rows.log_ceiling[s] = NO_CEILING
        rows.unlocking_scale[s] = 1.0
        rows.own_share[s] = np.sqrt(1.0 - rows.common_share[s] ** 2)
        rows.size_variance_ratio[s] = reader.field(record, "order_size_variation", dotted) ** 2
        rows.term_months[s] = record.integer("term_months")
        rows.escalator[s] = reader.field(record, "escalator_yearly", dotted) / 12.0
        rows.customers[s] = opening.customers[s]
        rows.installed[s] = opening.installed_units[s]
        rows.locked[s] = opening.customers[s] * (1.0 - opening.out_of_term_share[s])
        rows.reserved_customers[s] = opening.reserved_customers[s]
        rows.reserved_units[s] = opening.reserved_units[s]
        rows.mrr[s] = (
            opening.mrr[s]
            if opening.from_contracts
            else reader.field(record, "monthly_recurring_revenue", dotted)
        )
    return rows


def segment_regimes(case: Case, reader: Reader) -> Rows:
    """Return the segments' rows by regime."""
    rows = Rows.zeros(layout.SEGMENT_REGIME, len(case.segments), 3, reader.paths)
    for s, (name, record) in enumerate(case.segments.items()):
        dotted = f"segments.{name}"
        rows.growth[s] = reader.by_regime(record, "intensity_growth_yearly", dotted) / 12.0
        rows.log_level[s] = np.log(reader.by_regime(record, "intensity_level", dotted))
        rows.expansion[s] = reader.by_regime(record, "expansion_monthly", dotted)
        rows.churn[s] = reader.by_regime(record, "churn_monthly", dotted)
        rows.bad_debt[s] = reader.by_regime(record, "bad_debt_share", dotted)
    return rows


def share_out_sold(slots: Slots, segment: Rows, hall: Rows, phase: Rows) -> None:
    """Make what the halls have sold add up to what the segments have installed."""
    installed = segment.installed.sum(axis=0)
    sold = hall.sold.sum(axis=0)
    if (sold > 0.0).all():
        hall.sold[:] *= installed / sold
        return
    left = installed.copy()
    for h in range(len(slots.slots)):
        room = phase.capacity[h].sum(axis=0) * (hall.state[h] == OPEN)
        hall.sold[h] = np.minimum(room, left)
        left = left - hall.sold[h]


ROLE_FIELDS = {
    "posts": "headcount",
    "monthly_cost": "monthly_cost",
    "base": "base",
    "per_open_hall": "per_open_hall",
    "per_customer": "per_customer",
    "per_unit": "per_unit",
    "per_new_customer": "per_new_customer",
    "minimum": "minimum",
    "attrition": "attrition_monthly",
    "hiring_months": "hiring_months",
}


def roles(case: Case, reader: Reader) -> Rows:
    """Return the roles' rows."""
    rows = Rows.zeros(layout.ROLE, len(case.staff), reader.paths)
    for r, (name, record) in enumerate(case.staff.items()):
        for row, field in ROLE_FIELDS.items():
            getattr(rows, row)[r] = reader.field(record, field, f"staff.{name}")
        notice = reader.field(record, "notice_months", f"staff.{name}")
        rows.leaving_months[r] = notice + reader.field(record, "severance_months", f"staff.{name}")
    return rows


FIRM_FIELDS = {
    "after_boom_bust": ("market", "after_boom_bust"),
    "after_steady_boom": ("market", "after_steady_boom"),
    "after_bust_steady": ("market", "after_bust_steady"),
    "price_reversion": ("market", "price_reversion_monthly"),
    "price_volatility": ("market", "price_volatility_monthly"),
    "energy_reversion": ("market", "energy_reversion_monthly"),
    "energy_volatility": ("market", "energy_volatility_monthly"),
    "overhead": ("costs", "overhead_monthly"),
    "commission_months": ("costs", "sales_commission_months"),
    "equipment_margin": ("costs", "equipment_margin"),
    "maintenance_share": ("costs", "maintenance_capex_share"),
    "supplier_delay": ("costs", "supplier_delay_months"),
    "cash": ("finance", "cash"),
    "minimum_cash": ("finance", "minimum_cash"),
    "other_assets": ("finance", "other_assets"),
    "other_life_months": ("finance", "other_life_months"),
    "revolver_limit": ("finance", "revolver_limit"),
    "revolver": ("finance", "revolver_drawn"),
    "term_debt": ("finance", "term_debt"),
    "term_repayment": ("finance", "term_repayment_monthly"),
    "interest_only_months": ("finance", "term_interest_only_months"),
    "project_repayment_months": ("finance", "project_repayment_months"),
    "provisions": ("finance", "provisions"),
    "provision_months": ("finance", "provision_payment_months"),
    "shareholder_loan": ("finance", "shareholder_loan"),
    "shareholder_commitment": ("finance", "shareholder_commitment"),
    "tax_rate": ("finance", "tax_rate"),
    "tax_pool": ("finance", "tax_losses"),
    "terminal_multiple": ("finance", "terminal_ebitda_multiple"),
    "impairment_fill_months": ("finance", "impairment_fill_months"),
    "net_absorption": ("finance", "net_absorption_monthly"),
    "ebitda": ("finance", "ebitda_monthly"),
    "leverage_max": ("finance", "net_debt_to_ebitda_max"),
    "dscr_min": ("finance", "dscr_min"),
    "liquidity_min": ("finance", "minimum_liquidity"),
    "receivables_recovery": ("finance", "receivables_recovery_share"),
    "other_recovery": ("finance", "other_recovery_share"),
}

YEARLY_RATES = {
    "cash_rate": "cash_rate_yearly",
    "revolver_rate": "revolver_rate_yearly",
    "term_rate": "term_rate_yearly",
    "shareholder_rate": "shareholder_rate_yearly",
}


def firm_rows(case: Case, reader: Reader, scenario: str | None) -> Rows:
    """Return the rows of the firm."""
    sections = {"market": case.market, "costs": case.costs, "finance": case.finance}
    rows = Rows.zeros(layout.FIRM, reader.paths)
    for row, (section, field) in FIRM_FIELDS.items():
        rows.set(row, reader.field(sections[section], field, section))
    for row, field in YEARLY_RATES.items():
        rows.set(row, reader.field(case.finance, field, "finance") / 12.0)
    price = reader.field(case.market, "energy_price_per_mwh", "market")
    power = reader.field(case.costs, "power_kw_per_unit", "costs") * reader.field(
        case.costs, "draw_share", "costs"
    )
    rows.set("energy_cost_per_unit", price * power * HOURS_PER_MONTH / 1000.0)
    inflation = reader.field(case.costs, "inflation_yearly", "costs")
    rows.set("inflation_factor", (1.0 + inflation) ** (1.0 / 12.0))
    discount = reader.field(case.finance, "discount_rate_yearly", "finance")
    rows.set("discount_factor", (1.0 + discount) ** (-1.0 / 12.0))
    rows.set("extra_slip", extra_slip(case, scenario))
    return rows


def firm_regimes(case: Case, reader: Reader) -> Rows:
    """Return the firm's rows by regime."""
    rows = Rows.zeros(layout.FIRM_REGIME, 3, reader.paths)
    rows.start_probability[:] = np.array(case.market.shares("start_regime"))[:, None]
    rows.leave_probability[:] = 1.0 / reader.by_regime(case.market, "mean_months", "market")
    rows.price_drift[:] = np.log1p(reader.by_regime(case.market, "price_drift_yearly", "market")) / 12.0
    rows.energy_drift[:] = np.log1p(reader.by_regime(case.market, "energy_drift_yearly", "market")) / 12.0
    return rows


def opening_balances(case: Case, p: Parameters) -> Parameters:
    """Fill what the case leaves to be derived: receivables, payables, the pace before the start."""
    from secondhall.company.month_zero import month_zero

    line = month_zero(p)
    flows = line.segment_revenue
    given = case.finance.number("receivables").mid if case.finance.given("receivables") else None
    standing = flows * p.segment.payment_delay
    if given is not None:
        total = standing.sum(axis=0)
        even = np.full_like(standing, 1.0 / standing.shape[0])
        standing = given * np.where(total > 0.0, standing / np.maximum(total, 1e-300), even)
    p.segment.receivables[:] = standing
    if case.finance.given("payables"):
        p.firm.payables[:] = case.finance.number("payables").mid
    else:
        p.firm.payables[:] = line.supplied * p.firm.supplier_delay
    if case.finance.number("ebitda_monthly").line is None:
        p.firm.ebitda[:] = line.ebitda
    if case.finance.number("net_absorption_monthly").line is None:
        p.firm.net_absorption[:] = line.net_absorption
    return p
