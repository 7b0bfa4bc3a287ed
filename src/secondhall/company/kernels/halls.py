"""Phase 4, halls: commitments, construction, openings, depreciation, closures (H1 to H5)."""

from secondhall.company.kernels.blocks import (
    FLO,
    FS,
    HAL,
    HS,
    LIN,
    OUT,
    PHA,
    SS,
    Desk,
    Model,
    State,
    Terms,
    fill,
    high,
    low,
    scale,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, inlined, part, phase
from secondhall.company.layout import BUILDING, CLOSED, MOTHBALLED, NEVER, NOBODY, OPEN, UNCOMMITTED, Floats


@phase
def play_halls(model: Model, state: State, desk: Desk, terms: Terms, month: int) -> None:
    """Act on the plan, build, open, depreciate."""
    for row in (
        LIN.capex,
        LIN.project_draw,
        LIN.hall_depreciation,
        LIN.proceeds,
        LIN.write_offs,
        LIN.exit_charge,
        LIN.measure_cost,
        LIN.capacity,
        LIN.open_halls,
        LIN.sold_units,
        LIN.sold_new_halls,
    ):
        fill(desk.line[row], 0.0)
    halls = state.hall.shape[1]
    if month < terms.measures.costs.size:
        take_measures(state, desk, terms, month)
    for h in range(halls):
        follow_plan(model, state, desk, terms, month, h)
    for h in range(halls):
        if anyone_works_on(state, h):
            build(model, state, desk, month, h)
        depreciate(state, desk, h)
    for h in range(halls):
        count(state, desk, h, 1.0 if h >= model.first_new_hall else 0.0)


@phase
def follow_plan(model: Model, state: State, desk: Desk, terms: Terms, month: int, h: int) -> None:
    """(D6) Commit, stop, mothball or close slot h in the month that a dated plan says."""
    status, going = state.hall[HS.state, h], desk.scratch[0]
    if terms.commit_month[h] == month:
        alive = state.firm[FS.alive]
        for i in range(EACH):
            going[i] = alive[i] if status[i] == UNCOMMITTED else 0.0
        commit(state, h, going, month)
    if terms.stop_month[h] == month:
        for i in range(EACH):
            going[i] = 1.0 if status[i] == BUILDING else 0.0
        leave_hall(model, state, desk, terms, going, month, h)
    if terms.mothball_month[h] == month:
        for i in range(EACH):
            going[i] = 1.0 if status[i] == OPEN else 0.0
        empty_hall(state, desk, terms, going, h)
        for i in range(EACH):
            status[i] = MOTHBALLED if going[i] > 0.0 else status[i]
    if terms.close_month[h] == month or terms.measures.sell_month[h] == month:
        for i in range(EACH):
            going[i] = 1.0 if (status[i] >= BUILDING) & (status[i] <= MOTHBALLED) else 0.0
        leave_hall(model, state, desk, terms, going, month, h)


@part
def take_measures(state: State, desk: Desk, terms: Terms, month: int) -> None:
    """(H6, H7) Pay for the measures, change rents, and move customers as the plan of a restructuring says."""
    measures, cost = terms.measures, desk.line[LIN.measure_cost]
    for i in range(EACH):
        cost[i] += measures.costs[month]
    for h in range(state.hall.shape[1]):
        if measures.rent_month[h] == month:
            fill(state.hall[HS.rent_share, h], measures.rent_share[h])
            fill(state.hall[HS.lease_added, h], measures.lease_added[h])
        if measures.move_units[h, month] > 0.0:
            room_elsewhere(state, desk, h)
            units, room, sold = desk.scratch[1], desk.scratch[2], state.hall[HS.sold, h]
            for i in range(EACH):
                units[i] = low(low(measures.move_units[h, month], sold[i]), room[i])
            move_customers(state, desk, terms, h)


@phase
def commit(state: State, h: int, going: Floats, month: int) -> None:
    """Put slot h under construction from ``month`` on the lanes that are ``going``."""
    status, committed = state.hall[HS.state, h], state.hall[HS.committed, h]
    number, first = state.outcome[OUT.commitments], state.outcome[OUT.first_commitment]
    for i in range(EACH):
        starts = going[i] > 0.0
        status[i] = BUILDING if starts else status[i]
        committed[i] = month if starts else committed[i]
    for i in range(EACH):
        starts = going[i] > 0.0
        number[i] += 1.0 if starts else 0.0
        first[i] = month if starts & (first[i] < 0.0) else first[i]


@inlined
def spent_share(month: float, start: float, opening: float) -> float:
    """(H2) F(u) = u^2 (3 - 2u), u = (month - start)/(opening - start) clipped to [0, 1]."""
    u = low(high((month - start) / high(opening - start, 1.0), 0.0), 1.0)
    return u * u * (3.0 - 2.0 * u)


@part
def anyone_works_on(state: State, h: int) -> bool:
    """Return whether slot h is under construction or open on some lane."""
    status = state.hall[HS.state, h]
    working = 0
    for i in range(EACH):
        working += (status[i] == BUILDING) | (status[i] == OPEN)
    return working > 0


@part
def build(model: Model, state: State, desk: Desk, month: int, h: int) -> None:
    """(H1, H2) Spend on slot h and open its phases; capacity serves from the next month."""
    committed, slip = state.hall[HS.committed, h], state.hall[HS.slip, h]
    spent, opened = desk.scratch[0], desk.scratch[1]
    fill(spent, 0.0)
    fill(opened, 0.0)
    for p in range(model.phase.shape[2]):
        offset, start_offset = model.phase[PHA.offset, h, p], model.phase[PHA.start_offset, h, p]
        capacity, cost = model.phase[PHA.capacity, h, p], model.phase[PHA.capex, h, p]
        for i in range(EACH):
            start = committed[i] + start_offset[i]
            opening = committed[i] + offset[i] + slip[i]
            done = spent_share(month + 1.0, start, opening) - spent_share(month, start, opening)
            spent[i] += cost[i] * done
            opened[i] += capacity[i] if month >= opening else 0.0
    book_capex(model, state, desk, spent, h)
    status, serving = state.hall[HS.state, h], state.hall[HS.capacity, h]
    for i in range(EACH):
        working = (status[i] == BUILDING) | (status[i] == OPEN)
        serving[i] = opened[i] if working else 0.0
        status[i] = OPEN if (status[i] == BUILDING) & (opened[i] > 0.0) else status[i]


@part
def book_capex(model: Model, state: State, desk: Desk, spent: Floats, h: int) -> None:
    """(H2, H3) capex = cost index, overrun, the month's share of the phases; it joins the book value."""
    status, book, overrun = state.hall[HS.state, h], state.hall[HS.book, h], state.hall[HS.overrun, h]
    index, loan = state.firm[FS.cost_index], model.hall[HAL.loan_to_cost, h]
    capex, draw = desk.line[LIN.capex], desk.line[LIN.project_draw]
    for i in range(EACH):
        working = (status[i] == BUILDING) | (status[i] == OPEN)
        amount = index[i] * overrun[i] * spent[i] if working else 0.0
        capex[i] += amount
        draw[i] += loan[i] * amount
        book[i] += amount


@part
def depreciate(state: State, desk: Desk, h: int) -> None:
    """(H3) depreciation = book / max(life left, 1) once the hall has opened."""
    status, book, life = state.hall[HS.state, h], state.hall[HS.book, h], state.hall[HS.life_months, h]
    total = desk.line[LIN.hall_depreciation]
    for i in range(EACH):
        running = (status[i] == OPEN) | (status[i] == MOTHBALLED)
        amount = book[i] / high(life[i], 1.0) if running else 0.0
        book[i] -= amount
        life[i] -= 1.0 if running else 0.0
        total[i] += amount


@part
def count(state: State, desk: Desk, h: int, new: float) -> None:
    """Capacity open, halls open, capacity sold, of it in new halls."""
    status, capacity, sold = state.hall[HS.state, h], state.hall[HS.capacity, h], state.hall[HS.sold, h]
    total, number = desk.line[LIN.capacity], desk.line[LIN.open_halls]
    all_sold, new_sold = desk.line[LIN.sold_units], desk.line[LIN.sold_new_halls]
    for i in range(EACH):
        total[i] += capacity[i] if status[i] == OPEN else 0.0
        number[i] += 1.0 if status[i] == OPEN else 0.0
    for i in range(EACH):
        all_sold[i] += sold[i]
        new_sold[i] += new * sold[i]


@phase
def leave_hall(
    model: Model, state: State, desk: Desk, terms: Terms, going: Floats, month: int, h: int
) -> None:
    """(H4) charge, proceeds = exit share x book, or the price; the rest is written off; customers move."""
    sold_on = terms.measures.sell_month[h] == month
    empty_hall(state, desk, terms, going, h)
    status, book, capacity = state.hall[HS.state, h], state.hall[HS.book, h], state.hall[HS.capacity, h]
    charge, proceeds, loss = desk.line[LIN.exit_charge], desk.line[LIN.proceeds], desk.line[LIN.write_offs]
    exit_share, stop_share = model.hall[HAL.exit_share, h], model.hall[HAL.stop_share, h]
    for i in range(EACH):
        if going[i] > 0.0:
            if not sold_on:
                charge[i] += exit_charge(model, state, month, h, i)
            if status[i] == BUILDING:
                charge[i] += stop_share[i] * unspent_capex(model, state, month, h, i)
            sale = terms.measures.sale_price[h] if sold_on else exit_share[i] * book[i]
            proceeds[i] += sale
            loss[i] += book[i] - sale
            book[i] = 0.0
            capacity[i] = 0.0
            status[i] = CLOSED


@phase
def unspent_capex(model: Model, state: State, month: int, h: int, i: int) -> float:
    """(H2, H4) What slot h would still cost, one lane."""
    committed, slip = state.hall[HS.committed, h, i], state.hall[HS.slip, h, i]
    left = 0.0
    for p in range(model.phase.shape[2]):
        start = committed + model.phase[PHA.start_offset, h, p, i]
        opening = committed + model.phase[PHA.offset, h, p, i] + slip
        left += model.phase[PHA.capex, h, p, i] * (1.0 - spent_share(month, start, opening))
    unspent: float = state.firm[FS.cost_index, i] * state.hall[HS.overrun, h, i] * left
    return unspent


@phase
def exit_charge(model: Model, state: State, month: int, h: int, i: int) -> float:
    """(H4) The penalty, or for a lease no more than the rent that is left, and dismantling; one lane."""
    penalty: float = model.hall[HAL.exit_penalty, h, i]
    dismantling: float = model.hall[HAL.dismantling, h, i]
    if model.hall[HAL.leased, h, i] <= 0.0:
        return penalty + dismantling
    committed = state.hall[HS.committed, h, i]
    since = committed if committed > NEVER else 0.0
    lease = model.hall[HAL.lease_months, h, i] + state.hall[HS.lease_added, h, i]
    rent = model.hall[HAL.rent, h, i] * state.hall[HS.rent_share, h, i] * state.firm[FS.cost_index, i]
    return low(penalty, rent * high(since + lease - month, 0.0)) + dismantling


@phase
def empty_hall(state: State, desk: Desk, terms: Terms, going: Floats, h: int) -> None:
    """(H5) All customers of slot h have to move, on the lanes that are ``going``."""
    units, sold = desk.scratch[1], state.hall[HS.sold, h]
    for i in range(EACH):
        units[i] = sold[i] if going[i] > 0.0 else 0.0
    move_customers(state, desk, terms, h)


@phase
def room_elsewhere(state: State, desk: Desk, h: int) -> None:
    """(H6) What is free in the open halls beside slot h, into the third scratch row."""
    room = desk.scratch[2]
    fill(room, 0.0)
    for j in range(state.hall.shape[1]):
        if j != h:
            capacity, taken = state.hall[HS.capacity, j], state.hall[HS.sold, j]
            status = state.hall[HS.state, j]
            for i in range(EACH):
                room[i] += high(capacity[i] - taken[i], 0.0) if status[i] == OPEN else 0.0


@phase
def move_customers(state: State, desk: Desk, terms: Terms, h: int) -> None:
    """(H5, H6) Units (second scratch row) of slot h move into what is free elsewhere; the others leave."""
    left, stay, gone = desk.scratch[1], desk.scratch[2], desk.scratch[3]
    sold, cost = state.hall[HS.sold, h], desk.line[LIN.measure_cost]
    for i in range(EACH):
        sold[i] -= left[i]
        cost[i] += terms.measures.move_unit_cost * left[i]
        gone[i] = terms.measures.move_lost_share * left[i]
        left[i] -= gone[i]
    for j in range(state.hall.shape[1]):
        if j != h:
            capacity, taken = state.hall[HS.capacity, j], state.hall[HS.sold, j]
            status = state.hall[HS.state, j]
            for i in range(EACH):
                room = high(capacity[i] - taken[i], 0.0) if status[i] == OPEN else 0.0
                moved = low(room, left[i])
                taken[i] += moved
                left[i] -= moved
    fill(stay, 0.0)
    for s in range(state.segment.shape[1]):
        for i in range(EACH):
            stay[i] += state.segment[SS.installed, s, i]
    for i in range(EACH):
        stays = 1.0 - share_of(left[i] + gone[i], stay[i])
        stay[i] = 0.0 if stays < NOBODY else stays
    for s in range(state.segment.shape[1]):
        for row in (SS.customers, SS.locked, SS.installed, SS.mrr):
            scale(state.segment[row, s], stay)
        for row in (FLO.base, FLO.placed_customers, FLO.placed_units, FLO.placed_expansion):
            scale(desk.flow[row, s], stay)
        for row in (FLO.commenced_units, FLO.commenced_mrr):
            scale(desk.flow[row, s], stay)
