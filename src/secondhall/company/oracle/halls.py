"""Phase 4, halls: commitments, construction, openings, depreciation, closures (H1 to H5)."""

import numpy as np

from secondhall.company.layout import (
    BUILDING,
    CLOSED,
    MOTHBALLED,
    NEVER,
    NOBODY,
    OPEN,
    UNCOMMITTED,
    Floats,
    Truths,
)
from secondhall.company.oracle.state import Desk, ratio


def play_halls(desk: Desk) -> None:
    """Act on the plan, build, open, depreciate."""
    paths = desk.state.posts.shape[-1]
    for name in ("capex", "project_draw", "hall_depreciation", "proceeds", "write_offs", "exit_charge"):
        desk.line[name] = np.zeros(paths)
    desk.line["measure_cost"] = np.zeros(paths)
    take_measures(desk)
    for h in range(desk.p.halls):
        follow_plan(desk, h)
    for h in range(desk.p.halls):
        build(desk, h)
        depreciate(desk, h)
    capacity, state = desk.state.hall.capacity, desk.state.hall.state
    desk.line["capacity"] = np.where(state == OPEN, capacity, 0.0).sum(axis=0)
    desk.line["open_halls"] = np.where(state == OPEN, 1.0, 0.0).sum(axis=0)
    desk.line["sold_units"] = desk.state.hall.sold.sum(axis=0)
    desk.line["sold_new_halls"] = desk.state.hall.sold[desk.p.first_new_hall :].sum(axis=0)


def follow_plan(desk: Desk, h: int) -> None:
    """(D6) Commit, stop, mothball or close slot h in the month that a dated plan says."""
    rule, hall, t = desk.rule, desk.state.hall, desk.month
    if rule.commit_month[h] == t:
        starting = (hall.state[h] == UNCOMMITTED) & (desk.state.firm.alive > 0.0)
        commit(desk, h, starting, t)
    if rule.stop_month[h] == t:
        leave_hall(desk, h, hall.state[h] == BUILDING)
    if rule.mothball_month[h] == t:
        going = hall.state[h] == OPEN
        move_customers(desk, h, going)
        hall.state[h] = np.where(going, MOTHBALLED, hall.state[h])
    if t in (rule.close_month[h], rule.measures.sell_month[h]):
        going = (hall.state[h] == OPEN) | (hall.state[h] == MOTHBALLED) | (hall.state[h] == BUILDING)
        leave_hall(desk, h, going)


def take_measures(desk: Desk) -> None:
    """(H6, H7) Pay for the measures, change rents, and move customers as the plan of a restructuring says."""
    measures, hall, t = desk.rule.measures, desk.state.hall, desk.month
    if t >= measures.costs.size:
        return
    desk.line["measure_cost"] = desk.line["measure_cost"] + measures.costs[t]
    for h in range(desk.p.halls):
        if measures.rent_month[h] == t:
            hall.rent_share[h], hall.lease_added[h] = measures.rent_share[h], measures.lease_added[h]
        free = np.where(hall.state == OPEN, np.maximum(hall.capacity - hall.sold, 0.0), 0.0)
        elsewhere = np.delete(free, h, axis=0).sum(axis=0)
        if measures.move_units[h, t] > 0.0:
            move(desk, h, np.minimum(np.minimum(measures.move_units[h, t], hall.sold[h]), elsewhere))


def commit(desk: Desk, h: int, starting: Truths, month: int) -> None:
    """Put slot h under construction from ``month`` on the paths that are ``starting``."""
    hall, outcome = desk.state.hall, desk.state.outcome
    hall.state[h] = np.where(starting, BUILDING, hall.state[h])
    hall.committed[h] = np.where(starting, month, hall.committed[h])
    outcome.commitments[:] += np.where(starting, 1.0, 0.0)
    first = starting & (outcome.first_commitment < 0.0)
    outcome.first_commitment[:] = np.where(first, month, outcome.first_commitment)


def spent_share(desk: Desk, h: int, p: int, month: float) -> Floats:
    """(H2) Return F(u), the share of phase p's capex that is spent by the start of ``month``."""
    hall, phase = desk.state.hall, desk.p.phase
    start = hall.committed[h] + phase.start_offset[h, p]
    opening = hall.committed[h] + phase.offset[h, p] + hall.slip[h]
    u = np.clip((month - start) / np.maximum(opening - start, 1.0), 0.0, 1.0)
    done: Floats = u * u * (3.0 - 2.0 * u)
    return done


def capex_between(desk: Desk, h: int, since: float, until: float | None) -> Floats:
    """(H2) Return what slot h costs between two months; until the end when ``until`` is None."""
    total = np.zeros(desk.state.posts.shape[-1])
    for p in range(desk.p.phase.capex.shape[1]):
        end = spent_share(desk, h, p, until) if until is not None else 1.0
        total = total + desk.p.phase.capex[h, p] * (end - spent_share(desk, h, p, since))
    spent: Floats = desk.state.firm.cost_index * desk.state.hall.overrun[h] * total
    return spent


def build(desk: Desk, h: int) -> None:
    """(H1, H2) Spend on slot h and open its phases; capacity serves from the next month."""
    hall, t = desk.state.hall, desk.month
    working = (hall.state[h] == BUILDING) | (hall.state[h] == OPEN)
    spent = np.where(working, capex_between(desk, h, t, t + 1), 0.0)
    desk.line["capex"] = desk.line["capex"] + spent
    desk.line["project_draw"] = desk.line["project_draw"] + desk.p.hall.loan_to_cost[h] * spent
    hall.book[h] += spent
    capacity = np.zeros_like(spent)
    for p in range(desk.p.phase.capacity.shape[1]):
        opened = t >= hall.committed[h] + desk.p.phase.offset[h, p] + hall.slip[h]
        capacity = capacity + np.where(opened, desk.p.phase.capacity[h, p], 0.0)
    hall.capacity[h] = np.where(working, capacity, 0.0)
    opening = (hall.state[h] == BUILDING) & (capacity > 0.0)
    hall.state[h] = np.where(opening, OPEN, hall.state[h])


def depreciate(desk: Desk, h: int) -> None:
    """(H3) Straight line over the life that is left, once the hall has opened."""
    hall = desk.state.hall
    running = (hall.state[h] == OPEN) | (hall.state[h] == MOTHBALLED)
    amount = np.where(running, hall.book[h] / np.maximum(hall.life_months[h], 1.0), 0.0)
    hall.book[h] -= amount
    hall.life_months[h] -= np.where(running, 1.0, 0.0)
    desk.line["hall_depreciation"] = desk.line["hall_depreciation"] + amount


def leave_hall(desk: Desk, h: int, going: Truths) -> None:
    """(H4) Close or stop slot h: charge, proceeds, write-off; its customers move."""
    hall = desk.state.hall
    move_customers(desk, h, going)
    sold_on = desk.rule.measures.sell_month[h] == desk.month
    charge = np.where(going & (not sold_on), exit_charge(desk, h), 0.0)
    unspent = capex_between(desk, h, desk.month, None)
    stopping = going & (hall.state[h] == BUILDING)
    charge = charge + np.where(stopping, desk.p.hall.stop_share[h] * unspent, 0.0)
    price = desk.rule.measures.sale_price[h] if sold_on else desk.p.hall.exit_share[h] * hall.book[h]
    proceeds = np.where(going, price, 0.0)
    desk.line["exit_charge"] = desk.line["exit_charge"] + charge
    desk.line["proceeds"] = desk.line["proceeds"] + proceeds
    desk.line["write_offs"] = desk.line["write_offs"] + np.where(going, hall.book[h] - proceeds, 0.0)
    hall.book[h] = np.where(going, 0.0, hall.book[h])
    hall.capacity[h] = np.where(going, 0.0, hall.capacity[h])
    hall.state[h] = np.where(going, CLOSED, hall.state[h])


def exit_charge(desk: Desk, h: int) -> Floats:
    """(H4) What leaving slot h costs: the penalty, or the rent that is left if that is less; dismantling."""
    p = desk.p.hall
    committed = np.where(desk.state.hall.committed[h] > NEVER, desk.state.hall.committed[h], 0.0)
    hall = desk.state.hall
    months_left = np.maximum(committed + p.lease_months[h] + hall.lease_added[h] - desk.month, 0.0)
    tail = p.rent[h] * hall.rent_share[h] * desk.state.firm.cost_index * months_left
    penalty = np.where(p.leased[h] > 0.0, np.minimum(p.exit_penalty[h], tail), p.exit_penalty[h])
    charge: Floats = penalty + p.dismantling[h]
    return charge


def move_customers(desk: Desk, h: int, going: Truths) -> None:
    """(H5) All customers of slot h have to move."""
    move(desk, h, np.where(going, desk.state.hall.sold[h], 0.0))


def move(desk: Desk, h: int, units: Floats) -> None:
    """(H5, H6) Move units of slot h into what is free elsewhere; the others, and those lost, leave."""
    hall, segment, measures = desk.state.hall, desk.state.segment, desk.rule.measures
    hall.sold[h] -= units
    desk.line["measure_cost"] = desk.line["measure_cost"] + measures.move_unit_cost * units
    gone = measures.move_lost_share * units
    left = units - gone
    for j in range(desk.p.halls):
        if j == h:
            continue
        room = np.where(hall.state[j] == OPEN, np.maximum(hall.capacity[j] - hall.sold[j], 0.0), 0.0)
        moved = np.minimum(room, left)
        hall.sold[j] += moved
        left = left - moved
    stay = 1.0 - ratio(left + gone, segment.installed.sum(axis=0))
    stay = np.where(stay < NOBODY, 0.0, stay)
    for row in (segment.customers, segment.locked, segment.installed, segment.mrr):
        row *= stay
    flow = desk.flow
    for row in (flow.base, flow.placed_customers, flow.placed_units, flow.placed_expansion):
        row *= stay
    for row in (flow.commenced_units, flow.commenced_mrr):
        row *= stay
