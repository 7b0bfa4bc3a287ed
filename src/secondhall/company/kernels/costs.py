"""Phases 6 and 7, costs and staff (C1 to C6, W1 to W3)."""

from secondhall.company.kernels.blocks import (
    FIR,
    FLO,
    FS,
    HAL,
    HS,
    LIN,
    ROL,
    SEGZ,
    SS,
    Desk,
    Model,
    State,
    Terms,
    fill,
    high,
    pick,
)
from secondhall.company.kernels.elementary import EACH, part, phase
from secondhall.company.layout import BUILDING, MOTHBALLED, NEVER, OPEN


@phase
def play_costs(model: Model, state: State, desk: Desk) -> None:
    """(C5) and the other costs: energy, halls, sales, overhead, equipment, bad debt."""
    powered, halls = desk.line[LIN.energy_cost], desk.line[LIN.hall_cost]
    fill(powered, 0.0)
    fill(halls, 0.0)
    for h in range(state.hall.shape[1]):
        run_hall(model, state, desk, h)
    unit_cost, energy = model.firm[FIR.energy_cost_per_unit], desk.line[LIN.energy_index]
    index = state.firm[FS.cost_index]
    for i in range(EACH):
        powered[i] *= unit_cost[i] * energy[i]
        halls[i] *= index[i]
    sales_and_bad_debt(model, state, desk)
    overhead, flat, alive = desk.line[LIN.overhead_cost], model.firm[FIR.overhead], state.firm[FS.alive]
    goods, margin, sold = (
        desk.line[LIN.equipment_cost],
        model.firm[FIR.equipment_margin],
        desk.line[LIN.equipment],
    )
    measures = desk.line[LIN.measure_cost]
    for i in range(EACH):
        overhead[i] = alive[i] * index[i] * (flat[i] + measures[i])
    for i in range(EACH):
        goods[i] = (1.0 - margin[i]) * sold[i]


@part
def run_hall(model: Model, state: State, desk: Desk, h: int) -> None:
    """(C1, C2) PUE x sold; fixed cost if open, mothball cost if mothballed, rent until closure."""
    status, sold = state.hall[HS.state, h], state.hall[HS.sold, h]
    powered, total, pue = desk.line[LIN.energy_cost], desk.line[LIN.hall_cost], model.hall[HAL.pue, h]
    fixed, asleep, rent = (
        model.hall[HAL.fixed_cost, h],
        model.hall[HAL.mothball_cost, h],
        model.hall[HAL.rent, h],
    )
    paid = state.hall[HS.rent_share, h]
    for i in range(EACH):
        powered[i] += pue[i] * sold[i]
    for i in range(EACH):
        running = fixed[i] if status[i] == OPEN else 0.0
        running = asleep[i] if status[i] == MOTHBALLED else running
        rented = (status[i] >= BUILDING) & (status[i] <= MOTHBALLED)
        total[i] += running + (rent[i] * paid[i] if rented else 0.0)


@part
def sales_and_bad_debt(model: Model, state: State, desk: Desk) -> None:
    """(C4, C6) commission x price x new capacity; beta x revenue."""
    sales, lost, z = desk.line[LIN.sales_cost], desk.line[LIN.bad_debt], state.firm[FS.regime]
    fill(sales, 0.0)
    fill(lost, 0.0)
    for s in range(state.segment.shape[1]):
        price, placed = desk.flow[FLO.list_price, s], desk.flow[FLO.placed_units, s]
        for i in range(EACH):
            sales[i] += price[i] * placed[i]
        first, second, third = (
            desk.flow[FLO.hosting, s],
            desk.flow[FLO.services, s],
            desk.flow[FLO.equipment, s],
        )
        share, unpaid = model.segment_regime[SEGZ.bad_debt, s], desk.flow[FLO.bad_debt, s]
        for i in range(EACH):
            unpaid[i] = pick(share, z[i], i) * (first[i] + second[i] + third[i])
            lost[i] += unpaid[i]
    months = model.firm[FIR.commission_months]
    for i in range(EACH):
        sales[i] *= months[i]


@phase
def play_staff(model: Model, state: State, desk: Desk, terms: Terms, month: int) -> None:
    """(W1, W2, W3, C3) Posts follow their drivers; a plan may freeze hiring or dismiss."""
    new, customers, installed = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    for row in (new, customers, installed):
        fill(row, 0.0)
    for s in range(state.segment.shape[1]):
        arrived, held, units = (
            desk.flow[FLO.placed_customers, s],
            state.segment[SS.customers, s],
            state.segment[SS.installed, s],
        )
        for i in range(EACH):
            new[i] += arrived[i]
            customers[i] += held[i]
            installed[i] += units[i]
    mean = state.firm[FS.new_customers_mean]
    for i in range(EACH):
        mean[i] += (new[i] - mean[i]) / 3.0
    for row in (LIN.staff, LIN.staff_excess, LIN.staff_cost, LIN.restructuring):
        fill(desk.line[row], 0.0)
    frozen = NEVER < terms.freeze_month <= month
    for r in range(model.role.shape[1]):
        target_posts(model, state, desk, r)
        planned = month < terms.measures.posts_leaving.shape[1]
        leaving = terms.measures.posts_leaving[r, month] if planned else 0.0
        move_posts(model, state, desk, leaving, frozen, terms.dismiss_month == month, r)
    if month < terms.measures.charges.size:
        alive = state.firm[FS.alive]
        for i in range(EACH):
            desk.line[LIN.restructuring, i] += alive[i] * terms.measures.charges[month]
    index, cost, charge = state.firm[FS.cost_index], desk.line[LIN.staff_cost], desk.line[LIN.restructuring]
    for i in range(EACH):
        cost[i] *= index[i]
        charge[i] *= index[i]


@part
def target_posts(model: Model, state: State, desk: Desk, r: int) -> None:
    """(W1) target = max(minimum, base + drivers)."""
    customers, installed, target = desk.scratch[1], desk.scratch[2], desk.scratch[3]
    role, halls, mean = model.role, desk.line[LIN.open_halls], state.firm[FS.new_customers_mean]
    base, per_hall, per_customer = role[ROL.base, r], role[ROL.per_open_hall, r], role[ROL.per_customer, r]
    for i in range(EACH):
        target[i] = base[i] + per_hall[i] * halls[i] + per_customer[i] * customers[i]
    per_unit, per_new, least = role[ROL.per_unit, r], role[ROL.per_new_customer, r], role[ROL.minimum, r]
    alive = state.firm[FS.alive]
    for i in range(EACH):
        wanted = target[i] + per_unit[i] * installed[i] + per_new[i] * mean[i]
        target[i] = alive[i] * high(least[i], wanted)


@part
def move_posts(
    model: Model, state: State, desk: Desk, leaving: float, frozen: bool, dismissing: bool, r: int
) -> None:
    """(W2, W3, W4) attrition, posts leaving by plan, hiring of the gap, dismissal of what is too many."""
    posts, target, role = state.posts[r], desk.scratch[3], model.role
    attrition, hiring, cost = role[ROL.attrition, r], role[ROL.hiring_months, r], role[ROL.monthly_cost, r]
    alive = state.firm[FS.alive]
    for i in range(EACH):
        stays = high(posts[i] * (1.0 - attrition[i]) - alive[i] * leaving, 0.0)
        posts[i] = stays + (0.0 if frozen else high(target[i] - stays, 0.0) / hiring[i])
    if dismissing:
        months, charge = role[ROL.leaving_months, r], desk.line[LIN.restructuring]
        for i in range(EACH):
            cut = high(posts[i] - target[i], 0.0)
            charge[i] += cut * cost[i] * months[i]
            posts[i] -= cut
    total, excess, paid = desk.line[LIN.staff], desk.line[LIN.staff_excess], desk.line[LIN.staff_cost]
    for i in range(EACH):
        total[i] += posts[i]
        excess[i] += high(posts[i] - target[i], 0.0)
        paid[i] += cost[i] * posts[i]
