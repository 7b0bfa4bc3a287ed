"""Phase 3, placement: what is given back, who gets room, who waits, who is lost (P1 to P7)."""

import numpy as np

from secondhall.company.layout import OPEN, Floats
from secondhall.company.oracle.state import Desk, ratio


def play_placement(desk: Desk) -> None:
    """Give back, then place reservations, then all other wishes, in the room there is."""
    give_back(desk)
    room = np.maximum(desk.state.hall.capacity - desk.state.hall.sold, 0.0)  # (P2)
    room = np.where(desk.state.hall.state == OPEN, room, 0.0)
    placed = place_reservations(desk, room.sum(axis=0))
    placed = placed + place_the_rest(desk, np.maximum(room.sum(axis=0) - placed, 0.0))
    fill(desk, room, placed)
    desk.line["lost_units"] = desk.flow.lost_units.sum(axis=0)


def give_back(desk: Desk) -> None:
    """(P1) Capacity given back leaves the halls in proportion to what is sold in them."""
    sold = desk.state.hall.sold
    sold *= 1.0 - np.minimum(ratio(desk.flow.out.sum(axis=0), sold.sum(axis=0)), 1.0)


def place_reservations(desk: Desk, room: Floats) -> Floats:
    """(P3) Place what was signed for a new hall, once one is open; return the capacity placed."""
    state, flow = desk.state.segment, desk.flow
    new_halls = desk.state.hall.state[desk.p.first_new_hall :]
    gate = np.where((new_halls == OPEN).any(axis=0), 1.0, 0.0)
    share = gate * np.minimum(ratio(room, state.reserved_units.sum(axis=0)), 1.0)
    flow.placed_customers[:] = share * state.reserved_customers
    flow.placed_units[:] = share * state.reserved_units
    state.reserved_customers[:] -= flow.placed_customers
    state.reserved_units[:] -= flow.placed_units
    placed: Floats = flow.placed_units.sum(axis=0)
    lapse = desk.p.segment.reserved_lapse
    flow.lost_units[:] = lapse * state.reserved_units
    state.reserved_customers[:] *= 1.0 - lapse
    state.reserved_units[:] *= 1.0 - lapse
    return placed


def place_the_rest(desk: Desk, room: Floats) -> Floats:
    """(P4, P5) Place expansion, waiting list and new orders in one share; return the capacity placed."""
    p, state, flow = desk.p.segment, desk.state.segment, desk.flow
    queue_units = state.waiting_units + flow.new_units
    queue_customers = state.waiting_customers + flow.new_customers
    wanted = (flow.wish + queue_units).sum(axis=0)
    share = np.where(wanted > room, ratio(room, wanted), 1.0)
    flow.placed_expansion[:] = share * flow.wish
    flow.placed_units[:] += share * queue_units
    flow.placed_customers[:] += share * queue_customers
    flow.commenced_units[:] *= share
    flow.commenced_mrr[:] *= share
    left_units, left_customers = (1.0 - share) * queue_units, (1.0 - share) * queue_customers
    flow.lost_units[:] += p.waiting_lapse * left_units + (1.0 - share) * flow.wish
    state.waiting_units[:] = (1.0 - p.waiting_lapse) * left_units
    state.waiting_customers[:] = (1.0 - p.waiting_lapse) * left_customers
    placed: Floats = share * wanted
    return placed


def fill(desk: Desk, room: Floats, placed: Floats) -> None:
    """(P6, P7) Fill the halls in order; lock the new customers for their term."""
    state, flow, t = desk.state, desk.flow, desk.month
    left = placed
    for h in range(desk.p.halls):
        taken = np.minimum(room[h], left)
        state.hall.sold[h] += taken
        left = left - taken
    state.segment.installed[:] = flow.base + flow.placed_units + flow.placed_expansion
    state.segment.customers[:] += flow.placed_customers
    for s in range(desk.p.segments):
        lock(desk, s, t)


def lock(desk: Desk, s: int, t: int) -> None:
    """(P7) New customers may leave only after their term."""
    placed = desk.flow.placed_customers[s]
    term = np.broadcast_to(desk.p.segment.term_months[s], placed.shape).astype(np.int64)
    locked = term > 0
    desk.state.segment.locked[s] += np.where(locked, placed, 0.0)
    inside = locked & (t + term < desk.p.months)
    paths = np.flatnonzero(inside)
    desk.state.unlocking[s, t + term[paths], paths] += placed[paths]
