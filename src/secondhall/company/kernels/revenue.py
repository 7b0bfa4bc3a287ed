"""Phase 5, revenue: three activities that live on different things (V1 to V3)."""

from secondhall.company.kernels.blocks import FLO, FS, LIN, SEG, SS, Desk, Model, State, fill, high
from secondhall.company.kernels.elementary import EACH, part, phase


@phase
def play_revenue(model: Model, state: State, desk: Desk) -> None:
    """Bill the month."""
    for row in (LIN.hosting, LIN.services, LIN.equipment):
        fill(desk.line[row], 0.0)
    for s in range(state.segment.shape[1]):
        hosting(model, state, desk, s)
        services(model, state, desk, s)
        equipment(model, state, desk, s)
    total = desk.line[LIN.revenue]
    first, second, third = desk.line[LIN.hosting], desk.line[LIN.services], desk.line[LIN.equipment]
    for i in range(EACH):
        total[i] = first[i] + second[i] + third[i]


@part
def hosting(model: Model, state: State, desk: Desk, s: int) -> None:
    """(V1) What leaves, what is repriced, what is new."""
    mrr, escalator = state.segment[SS.mrr, s], model.segment[SEG.escalator, s]
    out_share, phi = desk.flow[FLO.out_share, s], desk.flow[FLO.reprice_share, s]
    price, base, kept = desk.flow[FLO.list_price, s], desk.flow[FLO.base, s], desk.scratch[0]
    for i in range(EACH):
        stays = mrr[i] * (1.0 - out_share[i])
        kept[i] = (1.0 - phi[i]) * stays * (1.0 + escalator[i]) + phi[i] * price[i] * base[i]
    placed, expansion = desk.flow[FLO.placed_units, s], desk.flow[FLO.placed_expansion, s]
    commenced, commenced_mrr = desk.flow[FLO.commenced_units, s], desk.flow[FLO.commenced_mrr, s]
    billed, total = desk.flow[FLO.hosting, s], desk.line[LIN.hosting]
    for i in range(EACH):
        signed_before = commenced_mrr[i] - price[i] * commenced[i]
        mrr[i] = high(kept[i] + price[i] * (placed[i] + expansion[i]) + signed_before, 0.0)
        billed[i] = mrr[i]
        total[i] += mrr[i]


@part
def services(model: Model, state: State, desk: Desk, s: int) -> None:
    """(V2) cost index (a new customers + c new capacity + m customers)."""
    index, arrived, placed = (
        state.firm[FS.cost_index],
        desk.flow[FLO.placed_customers, s],
        desk.flow[FLO.placed_units, s],
    )
    customers, sold, total = (
        state.segment[SS.customers, s],
        desk.flow[FLO.services, s],
        desk.line[LIN.services],
    )
    per_customer, per_unit = (
        model.segment[SEG.services_per_new_customer, s],
        model.segment[SEG.services_per_new_unit, s],
    )
    recurring = model.segment[SEG.services_per_customer, s]
    for i in range(EACH):
        once = per_customer[i] * arrived[i] + per_unit[i] * placed[i]
        sold[i] = index[i] * (once + recurring[i] * customers[i])
        total[i] += sold[i]


@part
def equipment(model: Model, state: State, desk: Desk, s: int) -> None:
    """(V3) q (new capacity + expansion) + i installed."""
    placed, expansion = desk.flow[FLO.placed_units, s], desk.flow[FLO.placed_expansion, s]
    installed, sold, total = (
        state.segment[SS.installed, s],
        desk.flow[FLO.equipment, s],
        desk.line[LIN.equipment],
    )
    per_new, per_unit = model.segment[SEG.equipment_per_new_unit, s], model.segment[SEG.equipment_per_unit, s]
    for i in range(EACH):
        sold[i] = per_new[i] * (placed[i] + expansion[i]) + per_unit[i] * installed[i]
        total[i] += sold[i]
