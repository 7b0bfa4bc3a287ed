"""Phase 2, orders: new customers, their capacity, the pipeline, leavers, expansion (O1 to O8)."""

import numpy as np

from secondhall.company.chance import Purpose
from secondhall.company.kernels.blocks import (
    FLO,
    FS,
    LIN,
    SCH,
    SEG,
    SEGZ,
    SS,
    Desk,
    Model,
    State,
    fill,
    high,
    low,
    pick,
    share_of,
)
from secondhall.company.kernels.elementary import EACH, exp_, part, phase
from secondhall.company.kernels.philox import uniform_pairs
from secondhall.company.kernels.samplers import binomial, gamma, poisson
from secondhall.company.layout import NOBODY, Integers

ORDERS = int(Purpose.ORDERS)
ORDER_SIZE = int(Purpose.ORDER_SIZE)
PIPELINE = int(Purpose.PIPELINE)
LEAVERS = int(Purpose.LEAVERS)
ROUNDING = int(Purpose.LEAVERS_ROUNDING)


@phase
def play_orders(model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int) -> None:
    """Draw the month's orders and leavers of every segment."""
    for s in range(state.segment.shape[1]):
        new_customers(model, state, desk, seed, paths, month, s)
        pipeline_and_backlog(model, state, desk, seed, paths, month, s)
        leavers(model, state, desk, seed, paths, month, s)
        given_back_and_wished(model, state, desk, s)


@part
def new_customers(
    model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int, s: int
) -> None:
    """(O1, O2) N ~ Poisson(exp x); D = mean v^2 Gamma(N / v^2), or mean N when v = 0."""
    mean, shape, drawn = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    trend, deviation = state.segment[SS.trend, s], state.segment[SS.deviation, s]
    seen = desk.flow[FLO.seen, s]
    variance, size = model.segment[SEG.size_variance_ratio, s], model.segment[SEG.size_mean, s]
    for i in range(EACH):
        mean[i] = exp_(trend[i] + deviation[i])
    poisson(seed, paths, month, ORDERS, s, mean, seen)
    for i in range(EACH):
        shape[i] = share_of(seen[i], variance[i])
    gamma(seed, paths, month, ORDER_SIZE, s, shape, drawn)
    alive = state.firm[FS.alive]
    number, units = desk.flow[FLO.new_customers, s], desk.flow[FLO.new_units, s]
    for i in range(EACH):
        capacity = variance[i] * drawn[i] if variance[i] > 0.0 else seen[i]
        number[i] = alive[i] * seen[i]
        units[i] = alive[i] * size[i] * capacity
    price, listed, index = (
        desk.flow[FLO.list_price, s],
        model.segment[SEG.list_price, s],
        desk.line[LIN.price_index],
    )
    for i in range(EACH):
        price[i] = listed[i] * index[i]


@part
def pipeline_and_backlog(
    model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int, s: int
) -> None:
    """(O3, O4) Opportunities won this month, signed contracts that commence this month."""
    alive, realisation = state.firm[FS.alive], model.segment[SEG.realisation, s]
    number, units = desk.flow[FLO.new_customers, s], desk.flow[FLO.new_units, s]
    if model.schedule[SCH.pipeline_count, s, month] > 0.0:
        count, chance, won = desk.scratch[0], desk.scratch[1], desk.scratch[2]
        fill(count, model.schedule[SCH.pipeline_count, s, month])
        fill(chance, model.schedule[SCH.pipeline_probability, s, month])
        binomial(seed, paths, month, PIPELINE, s, count, chance, won)
        size = model.schedule[SCH.pipeline_units, s, month]
        for i in range(EACH):
            number[i] += alive[i] * won[i]
            units[i] += alive[i] * won[i] * size * realisation[i]
    signed = model.schedule[SCH.commencing_customers, s, month]
    capacity = model.schedule[SCH.commencing_units, s, month]
    recurring = model.schedule[SCH.commencing_mrr, s, month]
    commenced, commenced_mrr = desk.flow[FLO.commenced_units, s], desk.flow[FLO.commenced_mrr, s]
    for i in range(EACH):
        number[i] += alive[i] * signed
        commenced[i] = alive[i] * capacity * realisation[i]
        commenced_mrr[i] = alive[i] * recurring * realisation[i]
        units[i] += commenced[i]


@part
def leavers(model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int, s: int) -> None:
    """(O5, O6) locked -= U; X ~ min(F, Binomial(floor(F + u), h)), F the customers out of term."""
    free, hazard, drawn, rounded = desk.scratch[0], desk.scratch[1], desk.scratch[2], desk.scratch[3]
    ending, unlocked = state.unlocking[s, month], desk.scratch[4]
    customers, locked = state.segment[SS.customers, s], state.segment[SS.locked, s]
    churn, z = model.segment_regime[SEGZ.churn, s], state.firm[FS.regime]
    uniform_pairs(seed, paths, month, ROUNDING, s, 0, rounded, drawn)
    for i in range(EACH):
        unlocked[i] = low(ending[i], locked[i])
        locked[i] -= unlocked[i]
        free[i] = high(customers[i] - locked[i], 0.0)
    for i in range(EACH):
        rounded[i] = np.floor(free[i] + rounded[i])
        hazard[i] = pick(churn, z[i], i)
    binomial(seed, paths, month, LEAVERS, s, rounded, hazard, drawn)
    lost = model.schedule[SCH.lost_share, s, month]
    renewal = model.segment[SEG.renewal_months, s]
    reprice, left, out_share = (
        desk.flow[FLO.reprice_share, s],
        desk.flow[FLO.leavers, s],
        desk.flow[FLO.out_share, s],
    )
    for i in range(EACH):
        left[i] = low(low(free[i], drawn[i]) + lost * customers[i], customers[i])
        reprice[i] = low(share_of(unlocked[i] + free[i] / renewal[i], customers[i]), 1.0)
    for i in range(EACH):
        out_share[i] = share_of(left[i], customers[i])
        stayed = customers[i] - left[i]
        customers[i] = 0.0 if stayed < NOBODY else stayed
        locked[i] = low(locked[i], customers[i])


@part
def given_back_and_wished(model: Model, state: State, desk: Desk, s: int) -> None:
    """(O7, O8) out = leavers in proportion + contraction; wish = expansion of what stays."""
    installed, z = state.segment[SS.installed, s], state.firm[FS.regime]
    growth = model.segment_regime[SEGZ.expansion, s]
    out, out_share = desk.flow[FLO.out, s], desk.flow[FLO.out_share, s]
    base, wish = desk.flow[FLO.base, s], desk.flow[FLO.wish, s]
    for i in range(EACH):
        expansion = pick(growth, z[i], i)
        left = installed[i] * out_share[i]
        out[i] = left + high(-expansion, 0.0) * (installed[i] - left)
        base[i] = installed[i] - out[i]
        wish[i] = high(expansion, 0.0) * base[i]
        out_share[i] = share_of(out[i], installed[i])
