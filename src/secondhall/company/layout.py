"""Where every number of a company lies: the rows of its parameters, its state and its series.

One layout serves the oracle (by name, arrays of any number of paths) and the compiled engine (by
position, blocks of ``LANES`` paths), so the two can never disagree on what a number is. The last
axis of an array is always the path.
"""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Integers = NDArray[np.int64]

LANES = 64
"""Paths that the compiled engine plays side by side."""

BOOM, STEADY, BUST = 0, 1, 2
REGIMES = ("boom", "steady", "bust")

UNCOMMITTED, BUILDING, OPEN, MOTHBALLED, CLOSED = 0, 1, 2, 3, 4
HALL_STATES = ("uncommitted", "building", "open", "mothballed", "closed")

NEVER = -1_000_000
"""Month that never comes."""

NOBODY = 1e-9
"""Customers below this are a rounding residue: nobody."""

HISTORY_MONTHS = 12

# Parameters --------------------------------------------------------------------------------------

SEGMENT = (
    "customers", "installed", "mrr", "locked",
    "reserved_customers", "reserved_units", "waiting_customers", "waiting_units", "receivables",
    "unlocking_scale",
    "list_price", "log_intensity", "opening_gap", "log_ceiling", "reversion", "volatility", "common_share",
    "own_share", "size_mean", "size_variance_ratio", "realisation", "reserved_lapse", "waiting_lapse",
    "term_months", "renewal_months", "escalator",
    "services_per_new_customer", "services_per_new_unit", "services_per_customer",
    "equipment_per_new_unit", "equipment_per_unit", "payment_delay",
)  # fmt: skip
"""[row, segment, path]"""

SEGMENT_REGIME = ("growth", "log_level", "expansion", "churn", "bad_debt")
"""[row, segment, regime, path]; monthly"""

HALL = (
    "state", "committed", "sold", "book", "life_months",
    "fixed_cost", "rent", "mothball_cost", "pue", "leased", "lease_months", "exit_penalty", "dismantling",
    "exit_share", "stop_share", "loan_to_cost",
    "has_slip", "slip_log_mean", "slip_log_sd", "has_overrun", "overrun_log_mean", "overrun_log_sd",
)  # fmt: skip
"""[row, hall, path]; ``committed`` in months from the start, ``lease_months`` from the commitment"""

PHASE = ("capacity", "capex", "offset", "start_offset")
"""[row, hall, phase, path]; offsets in months from the commitment"""

ROLE = (
    "posts", "monthly_cost", "base", "per_open_hall", "per_customer", "per_unit", "per_new_customer",
    "minimum", "attrition", "hiring_months", "leaving_months",
)  # fmt: skip
"""[row, role, path]"""

FIRM = (
    "after_boom_bust", "after_steady_boom", "after_bust_steady",
    "price_reversion", "price_volatility", "energy_reversion", "energy_volatility",
    "energy_cost_per_unit", "overhead", "commission_months", "equipment_margin", "inflation_factor",
    "maintenance_share", "supplier_delay",
    "cash", "minimum_cash", "cash_rate", "payables", "other_assets", "other_life_months",
    "revolver_limit", "revolver", "revolver_rate", "term_debt", "term_rate", "term_repayment",
    "interest_only_months", "project_repayment_months", "provisions", "provision_months",
    "shareholder_loan", "shareholder_rate", "shareholder_commitment", "tax_rate", "tax_pool",
    "discount_factor", "terminal_multiple", "impairment_fill_months", "net_absorption", "ebitda",
    "leverage_max", "dscr_min", "liquidity_min", "receivables_recovery", "other_recovery", "extra_slip",
)  # fmt: skip
"""[row, path]; rates, factors and EBITDA monthly, energy cost of a unit at a PUE of one"""

FIRM_REGIME = ("start_probability", "leave_probability", "price_drift", "energy_drift")
"""[row, regime, path]; drifts as logs a month"""

SCHEDULE = (
    "unlocking", "commencing_customers", "commencing_units", "commencing_mrr",
    "pipeline_count", "pipeline_probability", "pipeline_units", "lost_share",
)  # fmt: skip
"""[row, segment, month]; known at the start, the same on every path"""

CALENDAR = ("forced_regime", "price_shock", "energy_shock")
"""[row, month]; a scenario's shocks; ``forced_regime`` is -1 where the chain is free"""

# State -------------------------------------------------------------------------------------------

SEGMENT_STATE = (
    "trend", "deviation", "customers", "locked", "installed", "mrr",
    "waiting_customers", "waiting_units", "reserved_customers", "reserved_units", "receivables",
    "seen_trend", "seen_deviation", "seen_shape",
)  # fmt: skip
HALL_STATE = (
    "state", "committed", "capacity", "sold", "book", "life_months", "slip", "overrun",
    "rent_share", "lease_added",
)  # fmt: skip
FIRM_STATE = (
    "alive", "regime", "price_trend", "price_noise", "energy_trend", "energy_noise", "cost_index",
    "new_customers_mean", "cash", "payables", "other_assets", "provisions", "revolver", "term_debt",
    "project_debt", "shareholder_loan", "injected", "equity", "tax_pool", "frozen", "discount",
    "seen_boom", "seen_steady", "seen_bust",
)  # fmt: skip
HISTORY = ("sold", "ebitda", "available", "service")
"""[row, month of the last twelve, path]: what covenants, impairment and rules look back on"""

SEGMENT_FLOW = (
    "regime_growth", "seen", "new_customers", "new_units", "commenced_mrr", "commenced_units", "leavers",
    "out", "wish",
    "base", "reprice_share", "out_share", "placed_customers", "placed_units", "placed_expansion",
    "lost_units",
    "list_price", "hosting", "services", "equipment", "bad_debt",
)  # fmt: skip
"""[row, segment, path]: what flowed in the month"""

# Series ------------------------------------------------------------------------------------------

SERIES = (
    # demand and capacity
    "new_customers", "ordered_units", "waiting_units", "lost_units", "capacity", "sold_units",
    "sold_new_halls",
    "utilisation", "customers", "monthly_recurring_revenue",
    # income statement
    "hosting", "services", "equipment", "revenue", "energy_cost", "hall_cost", "staff_cost", "sales_cost",
    "overhead_cost", "equipment_cost", "bad_debt", "ebitda", "depreciation", "write_offs",
    "restructuring", "exit_charge", "interest", "tax", "net_income",
    # cash flow statement
    "operating_cash_flow", "investing_cash_flow", "financing_cash_flow", "free_cash_flow", "capex",
    "shareholder_injection",
    # balance sheet
    "cash", "receivables", "hall_assets", "other_assets", "payables", "provisions", "revolver", "term_debt",
    "shareholder_loan", "equity", "net_debt",
    # people, regime, survival
    "staff", "staff_excess", "regime", "bust_probability", "covenant_broken", "alive",
)  # fmt: skip
"""[series, path] each month; costs are positive, ``term_debt`` includes project loans, ``staff_excess``
is how many posts exceed what the work needs, ``covenant_broken`` is 1 while the last test stands failed"""

WORKING = (
    "price_index", "energy_index", "absorption", "open_halls", "project_draw", "hall_depreciation",
    "proceeds", "measure_cost", "supplied", "maintenance", "cash_interest", "charges",
    "repaid", "paid_shareholder_loan",
)  # fmt: skip
"""[line, path]: what a month's phases tell one another beside the series"""

OUTCOMES = (
    "npv", "terminal_value", "equity_value", "peak_funding", "injected", "insolvency_month", "worst_year",
    "lost_units", "stranded_unit_months", "write_offs", "covenant_breaches", "utilisation", "capex",
    "first_commitment", "commitments",
)  # fmt: skip
"""[outcome, path]; ``terminal_value`` is discounted, part of ``npv``; a month is -1 where nothing happened"""

ANNUAL = ("revenue", "net_income", "free_cash_flow")
"""[line, calendar year, path]"""

ACCUMULATOR = ("year_income", "capacity_months", "sold_months")
"""[row, path]: working sums behind the outcomes"""


def positions(rows: tuple[str, ...]) -> ModuleType:
    """Return each row's position by name, as a module, whose attributes Numba reads as constants.

    >>> positions(ANNUAL).net_income
    1
    """
    named = ModuleType("positions")
    for place, name in enumerate(rows):
        setattr(named, name, place)
    return named


class Rows:
    """An array whose first axis has names.

    >>> rows = Rows(ANNUAL, np.zeros((3, 2, 5)))
    >>> rows.net_income.shape
    (2, 5)
    """

    __slots__ = ("array", "names")

    def __init__(self, names: tuple[str, ...], array: Floats) -> None:
        assert array.shape[0] == len(names), (array.shape, len(names))
        self.names = names
        self.array = array

    @classmethod
    def zeros(cls, names: tuple[str, ...], *shape: int) -> "Rows":
        """Return rows of zeros, each of ``shape``."""
        return cls(names, np.zeros((len(names), *shape)))

    def __getattr__(self, name: str) -> Floats:
        if name in ("names", "array") or name.startswith("_"):
            raise AttributeError(name)  # a copy in the making has no names yet
        try:
            row: Floats = self.array[self.names.index(name)]
        except ValueError:
            raise AttributeError(name) from None
        return row

    def set(self, name: str, value: Any) -> None:
        """Write one row; ``value`` is broadcast to the row's shape."""
        self.array[self.names.index(name)] = value
