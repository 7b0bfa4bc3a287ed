"""Phases 6 and 7, costs and staff (C1 to C6, W1 to W3)."""

import numpy as np

from secondhall.company.layout import BUILDING, MOTHBALLED, NEVER, OPEN, Floats
from secondhall.company.oracle.state import Desk


def play_costs(desk: Desk) -> None:
    """Energy, halls, sales, overhead, equipment, bad debt."""
    p, hall, line = desk.p, desk.state.hall, desk.line
    index, alive = desk.state.firm.cost_index, desk.state.firm.alive
    powered = (p.hall.pue * hall.sold).sum(axis=0)
    line["energy_cost"] = p.firm.energy_cost_per_unit * line["energy_index"] * powered  # (C1)
    running = np.where(hall.state == OPEN, p.hall.fixed_cost, 0.0)
    asleep = np.where(hall.state == MOTHBALLED, p.hall.mothball_cost, 0.0)
    rented = (hall.state == OPEN) | (hall.state == MOTHBALLED) | (hall.state == BUILDING)
    rent = np.where(rented, p.hall.rent * hall.rent_share, 0.0)
    line["hall_cost"] = index * (running + asleep + rent).sum(axis=0)  # (C2)
    won = (desk.flow.list_price * desk.flow.placed_units).sum(axis=0)
    line["sales_cost"] = p.firm.commission_months * won  # (C4)
    line["overhead_cost"] = alive * index * (p.firm.overhead + line["measure_cost"])  # (C5)
    line["equipment_cost"] = (1.0 - p.firm.equipment_margin) * line["equipment"]  # (C5)
    revenue = desk.flow.hosting + desk.flow.services + desk.flow.equipment
    desk.flow.bad_debt[:] = desk.by_regime(p.segment_regime.bad_debt) * revenue  # (C6)
    line["bad_debt"] = desk.flow.bad_debt.sum(axis=0)


def play_staff(desk: Desk) -> None:
    """(W1 to W4, C3) Posts follow their drivers; a plan may freeze hiring or dismiss."""
    p, state, posts, line = desk.p.role, desk.state, desk.state.posts, desk.line
    firm = state.firm
    firm.new_customers_mean[:] += (desk.flow.placed_customers.sum(axis=0) - firm.new_customers_mean) / 3.0
    target = (
        p.base
        + p.per_open_hall * line["open_halls"]
        + p.per_customer * state.segment.customers.sum(axis=0)
        + p.per_unit * state.segment.installed.sum(axis=0)
        + p.per_new_customer * firm.new_customers_mean
    )
    target = firm.alive * np.maximum(p.minimum, target)
    posts[:] = np.maximum(posts * (1.0 - p.attrition) - firm.alive * leaving(desk), 0.0)
    frozen = NEVER < desk.rule.freeze_month <= desk.month
    if not frozen:
        posts += np.maximum(target - posts, 0.0) / p.hiring_months
    line["restructuring"] = np.zeros(posts.shape[-1])
    if desk.rule.dismiss_month == desk.month:
        cut = np.maximum(posts - target, 0.0)
        line["restructuring"] = firm.cost_index * (cut * p.monthly_cost * p.leaving_months).sum(axis=0)
        posts -= cut
    charges = desk.rule.measures.charges
    if desk.month < charges.size:
        line["restructuring"] = line["restructuring"] + firm.alive * firm.cost_index * charges[desk.month]
    line["staff_cost"] = firm.cost_index * (p.monthly_cost * posts).sum(axis=0)
    line["staff"] = posts.sum(axis=0)
    line["staff_excess"] = np.maximum(posts - target, 0.0).sum(axis=0)


def leaving(desk: Desk) -> Floats:
    """(W4) Return the posts that a plan lets go in the month, [role, 1]."""
    planned = desk.rule.measures.posts_leaving
    roles = desk.state.posts.shape[0]
    return planned[:, desk.month, None] if desk.month < planned.shape[1] else np.zeros((roles, 1))
