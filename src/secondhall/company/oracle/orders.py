"""Phase 2, orders: new customers, their capacity, the pipeline, leavers, expansion (O1 to O8)."""

import numpy as np

from secondhall.company.chance import Purpose
from secondhall.company.layout import NOBODY
from secondhall.company.oracle.state import Desk, ratio


def play_orders(desk: Desk) -> None:
    """Draw the month's orders and leavers of every segment."""
    for s in range(desk.p.segments):
        new_customers(desk, s)
        pipeline_and_backlog(desk, s)
        leavers(desk, s)
        given_back_and_wished(desk, s)


def new_customers(desk: Desk, s: int) -> None:
    """(O1, O2) New customers and the capacity of their orders."""
    p, state, flow, t = desk.p.segment, desk.state.segment, desk.flow, desk.month
    number = desk.chance.poisson(t, Purpose.ORDERS, s, np.exp(state.trend[s] + state.deviation[s]))
    v2 = p.size_variance_ratio[s]
    shape = ratio(number, v2 + np.zeros_like(number))
    drawn = v2 * desk.chance.gamma(t, Purpose.ORDER_SIZE, s, shape)
    alive = desk.state.firm.alive
    flow.seen[s] = number
    flow.new_customers[s] = alive * number
    flow.new_units[s] = alive * p.size_mean[s] * np.where(v2 > 0.0, drawn, number)
    flow.list_price[s] = p.list_price[s] * desk.line["price_index"]


def pipeline_and_backlog(desk: Desk, s: int) -> None:
    """(O3, O4) Opportunities won this month, signed contracts that commence this month."""
    known, flow, t = desk.p.schedule, desk.flow, desk.month
    alive, realisation = desk.state.firm.alive, desk.p.segment.realisation[s]
    if known.pipeline_count[s, t] > 0.0:
        won = desk.chance.binomial(
            t,
            Purpose.PIPELINE,
            s,
            np.full(alive.shape, known.pipeline_count[s, t]),
            np.full(alive.shape, known.pipeline_probability[s, t]),
        )
        flow.new_customers[s] += alive * won
        flow.new_units[s] += alive * won * known.pipeline_units[s, t] * realisation
    flow.new_customers[s] += alive * known.commencing_customers[s, t]
    flow.commenced_units[s] = alive * known.commencing_units[s, t] * realisation
    flow.commenced_mrr[s] = alive * known.commencing_mrr[s, t] * realisation
    flow.new_units[s] += flow.commenced_units[s]


def leavers(desk: Desk, s: int) -> None:
    """(O5, O6) Terms that end, and customers out of term that leave."""
    state, flow, t = desk.state.segment, desk.flow, desk.month
    unlocked = np.minimum(desk.state.unlocking[s, t], state.locked[s])
    state.locked[s] -= unlocked
    customers = state.customers[s]
    free = np.maximum(customers - state.locked[s], 0.0)
    rounding, _ = desk.chance.uniforms(t, Purpose.LEAVERS_ROUNDING, s)
    hazard = desk.by_regime(desk.p.segment_regime.churn[s])
    drawn = desk.chance.binomial(t, Purpose.LEAVERS, s, np.floor(free + rounding), hazard)
    left = np.minimum(np.minimum(free, drawn) + desk.p.schedule.lost_share[s, t] * customers, customers)
    flow.reprice_share[s] = np.minimum(
        ratio(unlocked + free / desk.p.segment.renewal_months[s], customers), 1.0
    )
    flow.leavers[s] = left
    flow.out_share[s] = ratio(left, customers)
    stayed = customers - left
    state.customers[s] = np.where(stayed < NOBODY, 0.0, stayed)
    state.locked[s] = np.minimum(state.locked[s], state.customers[s])


def given_back_and_wished(desk: Desk, s: int) -> None:
    """(O7, O8) Capacity given back by leavers and by contraction, expansion wished by the rest."""
    flow, installed = desk.flow, desk.state.segment.installed[s]
    expansion = desk.by_regime(desk.p.segment_regime.expansion[s])
    left = installed * flow.out_share[s]
    flow.out[s] = left + np.maximum(-expansion, 0.0) * (installed - left)
    flow.base[s] = installed - flow.out[s]
    flow.wish[s] = np.maximum(expansion, 0.0) * flow.base[s]
    flow.out_share[s] = ratio(flow.out[s], installed)
