"""Phase 5, revenue: three activities that live on different things (V1 to V3)."""

import numpy as np

from secondhall.company.oracle.state import Desk


def play_revenue(desk: Desk) -> None:
    """Bill the month."""
    hosting(desk)
    services_and_equipment(desk)
    for name in ("hosting", "services", "equipment"):
        desk.line[name] = getattr(desk.flow, name).sum(axis=0)
    desk.line["revenue"] = desk.line["hosting"] + desk.line["services"] + desk.line["equipment"]


def hosting(desk: Desk) -> None:
    """(V1) Monthly recurring revenue: what leaves, what is repriced, what is new."""
    p, state, flow = desk.p.segment, desk.state.segment, desk.flow
    stays = state.mrr * (1.0 - flow.out_share)
    kept = (1.0 - flow.reprice_share) * stays * (1.0 + p.escalator)
    repriced = flow.reprice_share * flow.list_price * flow.base
    placed = flow.placed_units + flow.placed_expansion
    signed_before = flow.commenced_mrr - flow.list_price * flow.commenced_units
    state.mrr[:] = np.maximum(kept + repriced + flow.list_price * placed + signed_before, 0.0)
    flow.hosting[:] = state.mrr


def services_and_equipment(desk: Desk) -> None:
    """(V2, V3) Services live mostly on new customers, equipment on new capacity."""
    p, state, flow = desk.p.segment, desk.state.segment, desk.flow
    flow.services[:] = desk.state.firm.cost_index * (
        p.services_per_new_customer * flow.placed_customers
        + p.services_per_new_unit * flow.placed_units
        + p.services_per_customer * state.customers
    )
    flow.equipment[:] = (
        p.equipment_per_new_unit * (flow.placed_units + flow.placed_expansion)
        + p.equipment_per_unit * state.installed
    )
