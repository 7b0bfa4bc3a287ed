"""From a case to the parameters of a company: every field of the schema to its row.

A field that is uncertain becomes one number a path, read off its low / mid / high statement (A1) at that
path's standard normal score; everything else is the same on every path. Nothing here is random: the
scores are given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from secondhall.case import Case, Quantity, Record
from secondhall.company import layout
from secondhall.company.layout import BUILDING, CLOSED, MOTHBALLED, NEVER, OPEN, UNCOMMITTED, Floats, Rows
from secondhall.company.parameters import Parameters
from secondhall.company.schedule import calendar_of, extra_slip, schedule_of
from secondhall.company.slots import Slot, Slots, slots_of

__all__ = ["Scores", "build", "known_parameters", "no_scores"]

Scores = Callable[[str], Floats]
"""From the dotted name of a field to a standard normal score a path."""

HOURS_PER_MONTH = 730.5
LEAST_INTENSITY = 1e-12
NO_CEILING = 700.0
LARGEST_WORST_OVER_MEAN = 3.8
NORMAL_95 = 1.6448536269514722


def no_scores(_: str) -> Floats:
    """Return the score of the mid value, for one path."""
    return np.zeros(1)


def known_parameters(case: Case, scenario: str | None = None) -> Parameters:
    """Return the parameters at their mid values, one path: all that a rule may know."""
    return build(case, no_scores, scenario)


def build(case: Case, scores: Scores, scenario: str | None = None) -> Parameters:
    """Return the parameters of a case, for as many paths as ``scores`` gives.

    Parameters
    ----------
    case
        the case.
    scores
        standard normal scores by the dotted name of a field, such as
        ``segments.startups.churn_monthly.bust``.
    scenario
        a named scenario of the case to impose.
    """
    reader = Reader(scores)
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


class Reader:
    """Reads fields at the scores of the paths."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.paths = scores("paths").size

    def at(self, quantity: Quantity, name: str) -> Floats:
        """Return [path] of one quantity; one number for all when it is certain."""
        if not quantity.uncertain:
            return np.full(self.paths, quantity.mid)
        return quantity.at_normal(self.scores(name))

    def field(self, record: Record, field: str, name: str) -> Floats:
        """Return [path] of a field."""
        return self.at(record.number(field), f"{name}.{field}")

    def optional(self, record: Record, field: str, name: str, default: float) -> Floats:
        """Return [path] of a field, the default where it was left empty."""
        if not record.given(field):
            return np.full(self.paths, default)
        return self.field(record, field, name)

    def by_regime(self, record: Record, field: str, name: str) -> Floats:
        """Return [regime, path] of a field."""
        values = record.regimes(field).all
        regimes = zip(layout.REGIMES, values, strict=True)
        return np.stack([self.at(value, f"{name}.{field}.{regime}") for regime, value in regimes])


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


HALL_FIELDS = {
    "fixed_cost": "fixed_cost_monthly",
    "rent": "rent_monthly",
    "mothball_cost": "mothball_cost_monthly",
    "pue": "pue",
    "exit_penalty": "exit_penalty",
    "exit_share": "exit_value_share",
}

HALL_STATE_CODES = {"open": OPEN, "building": BUILDING, "mothballed": MOTHBALLED, "closed": CLOSED}


def halls(case: Case, slots: Slots, reader: Reader) -> tuple[Rows, Rows]:
    """Return the hall slots' rows and their phases'."""
    options = [case.options[slot.option] for slot in slots.slots if slot.option is not None]
    most = max([len(option.phases()) for option in options], default=1)
    hall = Rows.zeros(layout.HALL, len(slots.slots), reader.paths)
    phase = Rows.zeros(layout.PHASE, len(slots.slots), most, reader.paths)
    for h, slot in enumerate(slots.slots):
        hall.committed[h] = NEVER
        if slot.hall is not None:
            standing_hall(case, slot, h, hall, phase, reader)
        if h >= slots.first_new or hall.state[h, 0] == BUILDING:
            option_terms(case, slot, h, hall, phase, reader)
        if h >= slots.first_new:
            hall.state[h] = UNCOMMITTED
    return hall, phase


def standing_hall(case: Case, slot: Slot, h: int, hall: Rows, phase: Rows, reader: Reader) -> None:
    """Fill the rows of a hall of the case."""
    assert slot.hall is not None
    record, dotted = case.halls[slot.hall], f"halls.{slot.hall}"
    for row, field in HALL_FIELDS.items():
        getattr(hall, row)[h] = reader.field(record, field, dotted)
    hall.state[h] = HALL_STATE_CODES[record.text("state")]
    hall.book[h] = reader.field(record, "book_value", dotted)
    hall.life_months[h] = reader.field(record, "remaining_life_months", dotted)
    hall.sold[h] = case.opening.sold_units[case.opening.halls.index(slot.hall)]
    committed = record.month("committed")
    since = 0 if committed is None else committed - case.start
    lease_end = record.month("lease_end")
    if lease_end is not None:
        hall.leased[h] = 1.0
        hall.lease_months[h] = (lease_end - case.start) + 1 - since
    if record.text("state") == "building":
        hall.committed[h] = since
    else:
        phase.capacity[h, 0] = bound_by_second(record, record.number("capacity_units").mid)


def bound_by_second(record: Record, capacity: float) -> float:
    """Return the capacity that the tighter of the two limits allows."""
    if not (record.given("second_limit") and record.given("second_use_per_unit")):
        return capacity
    use = record.number("second_use_per_unit").mid
    return min(capacity, record.number("second_limit").mid / use) if use > 0.0 else capacity


def option_terms(case: Case, slot: Slot, h: int, hall: Rows, phase: Rows, reader: Reader) -> None:
    """Fill the rows that come from an option: phases, lead time, overrun, lease."""
    assert slot.option is not None
    record, dotted = case.options[slot.option], f"options.{slot.option}"
    if slot.hall is None:
        for row, field in HALL_FIELDS.items():
            getattr(hall, row)[h] = reader.field(record, field, dotted)
        hall.leased[h] = 1.0 if record.text("tenure") == "leased" else 0.0
        hall.lease_months[h] = reader.field(record, "lease_months", dotted)
        hall.life_months[h] = reader.field(record, "life_months", dotted)
    hall.stop_share[h] = reader.field(record, "stop_penalty_share", dotted)
    hall.loan_to_cost[h] = reader.field(record, "loan_to_cost", dotted)
    multiple = reader.field(record, "capex", dotted)
    whole = sum(item.capacity_units for item in record.phases())
    allowed = bound_by_second(record, whole) / whole
    earlier = 0.0
    for k, item in enumerate(record.phases()):
        phase.capacity[h, k] = item.capacity_units * allowed
        phase.capex[h, k] = item.capex * multiple
        phase.offset[h, k] = item.months_after_commit
        phase.start_offset[h, k] = earlier
        earlier = item.months_after_commit
    for kind, mean, worst in (
        ("slip", "slip_mean_months", "slip_worst_months"),
        ("overrun", "overrun_mean_share", "overrun_worst_share"),
    ):
        log_mean, log_sd = lognormal(record.number(mean).mid, record.number(worst).mid)
        hall.array[hall.names.index(f"has_{kind}"), h] = 1.0 if record.number(mean).mid > 0.0 else 0.0
        hall.array[hall.names.index(f"{kind}_log_mean"), h] = log_mean
        hall.array[hall.names.index(f"{kind}_log_sd"), h] = log_sd


def lognormal(mean: float, worst: float) -> tuple[float, float]:
    """(A2) Return the log-mean and log-sd of a lognormal with this mean and 95 % point.

    Examples
    --------
    >>> log_mean, log_sd = lognormal(2.0, 5.0)
    >>> round(float(np.exp(log_mean + log_sd**2 / 2)), 9)
    2.0
    >>> round(float(np.exp(log_mean + NORMAL_95 * log_sd)), 9)
    5.0
    """
    if mean <= 0.0:
        return 0.0, 0.0
    over = min(max(worst / mean, 1.0), LARGEST_WORST_OVER_MEAN)
    sd = NORMAL_95 - float(np.sqrt(max(NORMAL_95**2 - 2.0 * np.log(over), 0.0)))
    return float(np.log(mean)) - sd * sd / 2.0, sd


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
