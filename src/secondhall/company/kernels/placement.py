"""Phase 3, placement: what is given back, who gets room, who waits, who is lost (P1 to P7)."""

from secondhall.company.kernels.blocks import (
    FLO,
    HS,
    LIN,
    SEG,
    SS,
    Desk,
    Model,
    State,
    add_row,
    fill,
    high,
    low,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, part, phase
from secondhall.company.layout import OPEN, Floats


@phase
def play_placement(model: Model, state: State, desk: Desk, month: int) -> None:
    """Give back, then place reservations, then all other wishes, in the room there is."""
    give_back(state, desk)
    room, share, gate, placed = desk.scratch[0], desk.scratch[1], desk.scratch[2], desk.scratch[3]
    count_room(state, room)
    open_gate(model, state, gate)
    share_reservations(state, desk, room, gate, share)
    fill(desk.line[LIN.lost_units], 0.0)
    fill(placed, 0.0)
    for s in range(state.segment.shape[1]):
        place_reservations(model, state, desk, share, placed, s)
    share_the_rest(state, desk, room, placed, share)
    for s in range(state.segment.shape[1]):
        place_customers(model, state, desk, share, s)
        place_units(model, state, desk, share, s)
    fill_halls(state, placed)
    for s in range(state.segment.shape[1]):
        settle(model, state, desk, month, s)


@part
def give_back(state: State, desk: Desk) -> None:
    """(P1) sold_h *= 1 - out / sold."""
    out, sold_before, keep = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    fill(out, 0.0)
    for s in range(state.segment.shape[1]):
        given = desk.flow[FLO.out, s]
        for i in range(EACH):
            out[i] += given[i]
    fill(sold_before, 0.0)
    for h in range(state.hall.shape[1]):
        sold = state.hall[HS.sold, h]
        for i in range(EACH):
            sold_before[i] += sold[i]
    for i in range(EACH):
        keep[i] = 1.0 - low(share_of(out[i], sold_before[i]), 1.0)
    for h in range(state.hall.shape[1]):
        sold = state.hall[HS.sold, h]
        for i in range(EACH):
            sold[i] *= keep[i]


@part
def count_room(state: State, room: Floats) -> None:
    """(P2) free = sum over open halls of max(Q - sold, 0)."""
    fill(room, 0.0)
    for h in range(state.hall.shape[1]):
        capacity, sold, status = state.hall[HS.capacity, h], state.hall[HS.sold, h], state.hall[HS.state, h]
        for i in range(EACH):
            room[i] += high(capacity[i] - sold[i], 0.0) if status[i] == OPEN else 0.0


@part
def open_gate(model: Model, state: State, gate: Floats) -> None:
    """(P3) 1 where a new hall is open."""
    fill(gate, 0.0)
    for h in range(model.first_new_hall, state.hall.shape[1]):
        status = state.hall[HS.state, h]
        for i in range(EACH):
            gate[i] = 1.0 if status[i] == OPEN else gate[i]


@part
def share_reservations(state: State, desk: Desk, room: Floats, gate: Floats, share: Floats) -> None:
    """(P3) f1 = gate min(1, free / reserved)."""
    reserved = desk.scratch[4]
    fill(reserved, 0.0)
    for s in range(state.segment.shape[1]):
        units = state.segment[SS.reserved_units, s]
        for i in range(EACH):
            reserved[i] += units[i]
    for i in range(EACH):
        share[i] = gate[i] * low(share_of(room[i], reserved[i]), 1.0)


@part
def place_reservations(model: Model, state: State, desk: Desk, share: Floats, placed: Floats, s: int) -> None:
    """(P3, P5) Place the share f1 of the reservations; what stays lapses at its rate."""
    customers, units = state.segment[SS.reserved_customers, s], state.segment[SS.reserved_units, s]
    placed_customers, placed_units = desk.flow[FLO.placed_customers, s], desk.flow[FLO.placed_units, s]
    lapse, lost = model.segment[SEG.reserved_lapse, s], desk.flow[FLO.lost_units, s]
    for i in range(EACH):
        placed_customers[i] = share[i] * customers[i]
        customers[i] = (customers[i] - placed_customers[i]) * (1.0 - lapse[i])
    for i in range(EACH):
        placed_units[i] = share[i] * units[i]
        placed[i] += placed_units[i]
        left = units[i] - placed_units[i]
        lost[i] = lapse[i] * left
        units[i] = left * (1.0 - lapse[i])


@part
def share_the_rest(state: State, desk: Desk, room: Floats, placed: Floats, share: Floats) -> None:
    """(P4) f2 = min(1, free' / wanted)."""
    wanted = desk.scratch[4]
    fill(wanted, 0.0)
    for s in range(state.segment.shape[1]):
        wish, waiting, new = (
            desk.flow[FLO.wish, s],
            state.segment[SS.waiting_units, s],
            desk.flow[FLO.new_units, s],
        )
        for i in range(EACH):
            wanted[i] += wish[i] + (waiting[i] + new[i])
    for i in range(EACH):
        free = high(room[i] - placed[i], 0.0)
        share[i] = share_of(free, wanted[i]) if wanted[i] > free else 1.0
        placed[i] += share[i] * wanted[i]


@part
def place_customers(model: Model, state: State, desk: Desk, share: Floats, s: int) -> None:
    """(P4, P5) Customers that get room, that wait, that lose patience."""
    waiting, new = state.segment[SS.waiting_customers, s], desk.flow[FLO.new_customers, s]
    placed, lapse = desk.flow[FLO.placed_customers, s], model.segment[SEG.waiting_lapse, s]
    for i in range(EACH):
        queue = waiting[i] + new[i]
        placed[i] += share[i] * queue
        waiting[i] = (1.0 - lapse[i]) * ((1.0 - share[i]) * queue)


@part
def place_units(model: Model, state: State, desk: Desk, share: Floats, s: int) -> None:
    """(P4, P5) Capacity that gets room, that waits, that is lost; expansion without room is lost."""
    waiting, new, wish = (
        state.segment[SS.waiting_units, s],
        desk.flow[FLO.new_units, s],
        desk.flow[FLO.wish, s],
    )
    placed, lapse = desk.flow[FLO.placed_units, s], model.segment[SEG.waiting_lapse, s]
    expansion, lost = desk.flow[FLO.placed_expansion, s], desk.flow[FLO.lost_units, s]
    commenced, commenced_mrr = desk.flow[FLO.commenced_units, s], desk.flow[FLO.commenced_mrr, s]
    for i in range(EACH):
        left = (1.0 - share[i]) * (waiting[i] + new[i])
        placed[i] += share[i] * (waiting[i] + new[i])
        lost[i] += lapse[i] * left + (1.0 - share[i]) * wish[i]
        waiting[i] = (1.0 - lapse[i]) * left
    for i in range(EACH):
        expansion[i] = share[i] * wish[i]
        commenced[i] *= share[i]
        commenced_mrr[i] *= share[i]


@part
def fill_halls(state: State, placed: Floats) -> None:
    """(P6) sold_h += min(free_h, what remains), in hall order."""
    for h in range(state.hall.shape[1]):
        capacity, sold, status = state.hall[HS.capacity, h], state.hall[HS.sold, h], state.hall[HS.state, h]
        for i in range(EACH):
            room = high(capacity[i] - sold[i], 0.0) if status[i] == OPEN else 0.0
            taken = low(room, placed[i])
            sold[i] += taken
            placed[i] -= taken


@part
def settle(model: Model, state: State, desk: Desk, month: int, s: int) -> None:
    """(P5, P7) The installed base after placement; new customers are locked for their term."""
    installed, base = state.segment[SS.installed, s], desk.flow[FLO.base, s]
    placed, expansion = desk.flow[FLO.placed_units, s], desk.flow[FLO.placed_expansion, s]
    lost, total = desk.flow[FLO.lost_units, s], desk.line[LIN.lost_units]
    for i in range(EACH):
        installed[i] = base[i] + placed[i] + expansion[i]
        total[i] += lost[i]
    customers, locked = state.segment[SS.customers, s], state.segment[SS.locked, s]
    arrived, term = desk.flow[FLO.placed_customers, s], model.segment[SEG.term_months, s]
    for i in range(EACH):
        customers[i] += arrived[i]
        locked[i] += arrived[i] if term[i] > 0.0 else 0.0
    end = month + int(term[0])  # a contract's length is the same on every path
    if month < end < state.unlocking.shape[1]:
        add_row(arrived, state.unlocking[s, end])
