"""The monthly accounts of ``northhall``, from its contracts, by V, C, W and F of ``docs/equations.md``.

Costs and rates are the mid values of the template. The cost index is 1 in the last month, so that the first
simulated month carries it on (C6). Stated differences: posts are whole people; a hall's loan pays 60 % of its
cost as it is spent and is repaid over 15 years from the opening; owners put in what cash lacks and take out
what it has too much of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ruamel.yaml import YAML

from secondhall.months import Month

if TYPE_CHECKING:
    from secondhall.cases.northhall_ledgers import Contract, Ledgers

__all__ = ["Books", "Template", "keep_books", "read_template"]

REGIMES = ("boom", "steady", "bust")
HOURS_PER_MONTH_IN_THOUSANDS = 0.7305
HALL_LIFE_MONTHS = 180
BUILDING_MONTHS = 14
LOAN_TO_COST = 0.6
LEAST_CASH, MOST_CASH = 1_500_000.0, 4_500_000.0
OTHER_ASSETS_AT_FIRST = 500_000.0
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Template:
    """The template as plain numbers: mid values, by section and name."""

    tree: Node

    def names(self, section: str) -> list[str]:
        """Return the identifiers of a section."""
        return list(cast("Node", self.tree[section]))

    def number(self, *path: str, regime: str | None = None) -> float:
        """Return the mid value at a path; 0 where the template leaves the default of 0."""
        node: object = self.tree
        for step in path:
            node = cast("Node", node).get(step, 0.0)
        if isinstance(node, Mapping) and regime is not None:
            node = node[regime]
        if isinstance(node, Mapping):
            node = node["mid"] if "mid" in node else node["value"]
        return float(cast("float", node))


def read_template(text: str) -> Template:
    """Read the template of the case."""
    return Template(YAML(typ="safe", pure=True).load(text))


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts and what of them goes into ``case.yaml``."""

    rows: list[list[object]]
    fills: dict[str, str]


@dataclass(slots=True)
class _State:
    """Balances at the end of a month."""

    posts: dict[str, float]
    receivables: dict[str, float]
    new_mean: float = 0.0
    payables: float = 0.0
    other_assets: float = OTHER_ASSETS_AT_FIRST
    cash: float = MOST_CASH
    debt: float = 0.0
    tax_losses: float = 0.0
    loans: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Month:
    """What a month's contracts add up to, by segment or by hall."""

    revenue: dict[str, float]
    units: dict[str, float]
    customers: dict[str, int]
    new_customers: dict[str, int]
    new_units: dict[str, float]
    grown_units: dict[str, float]
    sold: list[float]


def keep_books(ledgers: Ledgers, template: Template, *, first: Month) -> Books:
    """Return the accounts of every month of the ledgers, which begin in the month `first`."""
    halls = ledgers.truth.halls
    state = _State(
        posts={}, receivables=dict.fromkeys(ledgers.truth.segments, 0.0), loans=[0.0 for _ in halls]
    )
    state.loans[0] = LOAN_TO_COST * halls[0][3]
    state.debt = state.loans[0]
    rows: list[list[object]] = []
    closed: list[dict[str, float]] = []
    for month in range(len(ledgers.regimes)):
        lines = _close(ledgers, template, month, state)
        closed.append(lines)
        rows += [[str(first + month), line, f"{value:.2f}"] for line, value in lines.items()]
    return Books(rows, _fills(ledgers, template, state, closed))


def _taken(row: Contract, month: int) -> float:
    """Return the share of a ramp that is taken."""
    return min((month - row.start + 1) / max(row.ramp_months, 1), 1.0)


def _add_up(ledgers: Ledgers, month: int) -> _Month:
    names = list(ledgers.truth.segments)
    sums = _Month(
        revenue=dict.fromkeys(names, 0.0),
        units=dict.fromkeys(names, 0.0),
        customers=dict.fromkeys(names, 0),
        new_customers=dict.fromkeys(names, 0),
        new_units=dict.fromkeys(names, 0.0),
        grown_units=dict.fromkeys(names, 0.0),
        sold=[0.0 for _ in ledgers.truth.halls],
    )
    seen: set[str] = set()
    for row in ledgers.contracts:
        if row.start > month or (row.end is not None and row.end < month):
            continue
        taken, name = _taken(row, month), row.segment
        escalated = (1 + row.escalator_yearly) ** ((month - row.start) // 12)
        sums.revenue[name] += row.monthly_recurring_revenue * taken * escalated
        sums.units[name] += row.capacity * taken
        sums.sold[row.hall] += row.capacity * taken
        sums.customers[name] += row.customer not in seen
        seen.add(row.customer)
        if row.start == month and row.origin == "new":
            sums.new_customers[name] += 1
            sums.new_units[name] += row.capacity
        elif row.start == month and row.origin == "growth":
            sums.grown_units[name] += row.capacity
    return sums


def _close(ledgers: Ledgers, template: Template, month: int, state: _State) -> dict[str, float]:
    """Close a month: the lines of its accounts; `state` moves to its end."""
    sums, last = _add_up(ledgers, month), len(ledgers.regimes) - 1
    index = (1 + template.number("costs", "inflation_yearly")) ** ((month - last) / 12)  # (C6)
    regime = REGIMES[ledgers.regimes[month]]
    revenue, services, equipment = _revenue(template, sums, index)
    bad = {
        name: template.number("segments", name, "bad_debt_share", regime=regime) * value
        for name, value in revenue.items()
    }
    costs = _costs(ledgers, template, sums, month, index) | {
        "equipment_cost": (1 - template.number("costs", "equipment_margin")) * equipment
    }  # (C5)
    costs["staff_cost"] = index * _staff(ledgers, template, sums, month, state)  # (C3)
    total = sum(revenue.values())
    ebitda = total - sum(costs.values()) - sum(bad.values())  # (F1)
    lines = {
        "hosting_revenue": sum(sums.revenue.values()),
        "services_revenue": services,
        "equipment_revenue": equipment,
        "revenue": total,
        **costs,
        "bad_debt": sum(bad.values()),
        "ebitda": ebitda,
    }
    lines |= _finance(ledgers, template, month, state, (revenue, bad, costs, ebitda))
    opened = [kw for _, kw, opens, _ in ledgers.truth.halls if opens <= month]
    return lines | {
        "headcount": float(sum(round(posts) for posts in state.posts.values())),
        "capacity": sum(opened),
        "sold": sum(sums.sold),
    }


def _revenue(template: Template, sums: _Month, index: float) -> tuple[dict[str, float], float, float]:
    """Return revenue by segment, and all services and equipment (V2, V3)."""
    revenue, services, equipment = {}, 0.0, 0.0
    for name, hosting in sums.revenue.items():

        def of(what: str, name: str = name) -> float:
            return template.number("segments", name, what)

        sold = index * (
            of("services_per_new_customer") * sums.new_customers[name]
            + of("services_per_new_unit") * sums.new_units[name]
            + of("services_per_customer_month") * sums.customers[name]
        )
        goods = of("equipment_per_new_unit") * (sums.new_units[name] + sums.grown_units[name])
        goods += of("equipment_per_unit_month") * sums.units[name]
        revenue[name] = hosting + sold + goods
        services, equipment = services + sold, equipment + goods
    return revenue, services, equipment


def _costs(ledgers: Ledgers, template: Template, sums: _Month, month: int, index: float) -> dict[str, float]:
    halls = ledgers.truth.halls
    drawn = sum(
        template.number("halls", name, "pue") * sold
        for (name, *_), sold in zip(halls, sums.sold, strict=True)
    )
    open_halls = [name for name, _, opens, _ in halls if opens <= month]
    kept = sum(
        template.number("halls", name, what)
        for name in open_halls
        for what in ("fixed_cost_monthly", "rent_monthly")
    )
    won = sum(
        seg.list_price_per_unit_month * ledgers.price_index[month] * sums.new_units[name]
        for name, seg in ledgers.truth.segments.items()
    )
    load = template.number("costs", "power_kw_per_unit") * template.number("costs", "draw_share") * drawn
    return {
        "energy_cost": ledgers.energy_price[month] * HOURS_PER_MONTH_IN_THOUSANDS * load,  # (C1)
        "hall_cost": index * kept,  # (C2)
        "sales_cost": template.number("costs", "sales_commission_months") * won,  # (C4)
        "overhead_cost": index * template.number("costs", "overhead_monthly"),  # (C5)
    }


def _staff(ledgers: Ledgers, template: Template, sums: _Month, month: int, state: _State) -> float:
    """Move the posts to the month's end and return what they cost before the index (W1, W2)."""
    new = float(sum(sums.new_customers.values()))
    state.new_mean = new if month == 0 else state.new_mean + (new - state.new_mean) / 3
    open_halls = sum(opens <= month for _, _, opens, _ in ledgers.truth.halls)
    cost = 0.0
    for role in template.names("staff"):

        def of(what: str, role: str = role) -> float:
            return template.number("staff", role, what)

        target = max(
            of("minimum"),
            of("base")
            + of("per_open_hall") * open_halls
            + of("per_customer") * sum(sums.customers.values())
            + of("per_unit") * sum(sums.units.values())
            + of("per_new_customer") * state.new_mean,
        )
        left = state.posts.get(role, target) * 0.99
        state.posts[role] = left + max(target - left, 0.0) / 3
        cost += of("monthly_cost") * round(state.posts[role])
    return cost


def _finance(
    ledgers: Ledgers,
    template: Template,
    month: int,
    state: _State,
    flows: tuple[dict[str, float], dict[str, float], dict[str, float], float],
) -> dict[str, float]:
    """Move the balances to the month's end and return the lines below EBITDA (F2 to F9)."""
    revenue, bad, costs, ebitda = flows
    maintenance = template.number("costs", "maintenance_capex_share") * sum(revenue.values())
    opened = [cost for _, _, opens, cost in ledgers.truth.halls if opens <= month]
    worn = state.other_assets / template.number("finance", "other_life_months")
    depreciation = sum(opened) / HALL_LIFE_MONTHS + worn  # (F2)
    state.other_assets += maintenance - worn
    interest = (
        state.debt * template.number("finance", "term_rate_yearly")
        - max(state.cash, 0.0) * template.number("finance", "cash_rate_yearly")
    ) / 12  # (F4)
    profit = ebitda - depreciation - interest
    tax = template.number("finance", "tax_rate") * max(profit - state.tax_losses, 0.0)  # (F5)
    state.tax_losses = max(state.tax_losses - profit, 0.0)
    held_back = _working_capital(template, state, revenue, bad, costs)
    built = sum(_spent(cost, opens, month) for _, _, opens, cost in ledgers.truth.halls)
    drawn = LOAN_TO_COST * built
    repaid = sum(
        loan / HALL_LIFE_MONTHS
        for loan, (_, _, opens, _) in zip(state.loans, ledgers.truth.halls, strict=True)
        if opens <= month
    )
    for hall, (_, _, opens, cost) in enumerate(ledgers.truth.halls):
        state.loans[hall] += LOAN_TO_COST * _spent(cost, opens, month)
    state.debt += drawn - repaid
    state.cash += ebitda - held_back - interest - tax - built - maintenance + drawn - repaid  # (F8)
    state.cash = min(max(state.cash, LEAST_CASH), MOST_CASH)
    return {
        "depreciation": depreciation,
        "interest": interest,
        "tax": tax,
        "net_income": profit - tax,
        "capex": built + maintenance,
        "cash": state.cash,
        "debt": state.debt,
        "receivables": sum(state.receivables.values()),
        "payables": state.payables,
    }


def _working_capital(
    template: Template,
    state: _State,
    revenue: dict[str, float],
    bad: dict[str, float],
    costs: dict[str, float],
) -> float:
    """Move receivables and payables and return the cash that they take (F6)."""
    before = sum(state.receivables.values()) - state.payables
    for name, value in revenue.items():
        delay = template.number("segments", name, "payment_delay_months")
        state.receivables[name] = (state.receivables[name] + value - bad[name]) * delay / (1 + delay)
    delay = template.number("costs", "supplier_delay_months")
    owed = sum(cost for line, cost in costs.items() if line != "staff_cost")
    state.payables = (state.payables + owed) * delay / (1 + delay)
    return sum(state.receivables.values()) - state.payables - before


def _spent(cost: float, opens: int, month: int) -> float:
    """Return what a hall's building costs in a month, by the S-curve (H2)."""

    def curve(at: int) -> float:
        share = min(max((at - opens + BUILDING_MONTHS) / BUILDING_MONTHS, 0.0), 1.0)
        return share**2 * (3 - 2 * share)

    return cost * (curve(month + 1) - curve(month)) if opens > 0 else 0.0


def _fills(
    ledgers: Ledgers, template: Template, state: _State, closed: list[dict[str, float]]
) -> dict[str, str]:
    months, last = len(closed), closed[-1]
    fills = {
        "energy_price": f"{ledgers.energy_price[-1]:.2f}",
        "cash": f"{last['cash']:.2f}",
        "receivables": f"{last['receivables']:.2f}",
        "payables": f"{last['payables']:.2f}",
        "other_assets": f"{state.other_assets:.2f}",
        "debt": f"{last['debt']:.2f}",
        "repayment": f"{sum(state.loans) / HALL_LIFE_MONTHS:.2f}",
        "tax_losses": f"{state.tax_losses:.2f}",
        "net_absorption": f"{(last['sold'] - closed[-13]['sold']) / 12:.2f}",
        "ebitda": f"{sum(lines['ebitda'] for lines in closed[-12:]) / 12:.2f}",
    }
    for name, _, opens, cost in ledgers.truth.halls:
        left = HALL_LIFE_MONTHS - (months - opens)
        fills[f"book_{name}"] = f"{cost * left / HALL_LIFE_MONTHS:.2f}"
        fills[f"life_{name}"] = str(left)
    for role in template.names("staff"):
        fills[f"headcount_{role}"] = str(round(state.posts[role]))
    return fills
