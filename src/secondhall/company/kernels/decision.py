"""Phase 8, decision: the filtered regime, and the rule (D1 to D6). Nothing here sees the future."""

from secondhall.company.kernels.blocks import (
    FIR,
    FIRZ,
    FLO,
    FS,
    HS,
    LIN,
    PHA,
    SEG,
    SEGZ,
    SS,
    Desk,
    Known,
    Model,
    State,
    Terms,
    fill,
    high,
    saturated,
)
from secondhall.company.kernels.elementary import EACH, exp_, log_, part, phase
from secondhall.company.kernels.halls import commit
from secondhall.company.layout import BUILDING, OPEN, UNCOMMITTED
from secondhall.company.parameters import FORECAST, NO_TRIGGER


@phase
def play_decision(model: Model, known: Known, terms: Terms, state: State, desk: Desk, month: int) -> None:
    """Look at the month that has passed, and commit what the rule says for the next."""
    filter_regime(known, state, desk)
    if terms.trigger != NO_TRIGGER and terms.first_month <= month + 1 < state.unlocking.shape[1]:
        follow_trigger(model, known, terms, state, desk, month)


@part
def filter_regime(known: Known, state: State, desk: Desk) -> None:
    """(D1, D2) Update the probability of the regimes by the month's new customers."""
    for z in range(3):
        fill(desk.scratch[z], 0.0)
    for s in range(state.segment.shape[1]):
        for z in range(3):
            expect(known, state, desk, s, z)
    weigh(known, state, desk)
    for s in range(state.segment.shape[1]):
        learn_intensity(known, state, desk, s)


@part
def expect(known: Known, state: State, desk: Desk, s: int, z: int) -> None:
    """(D2) mu = exp(b' + d' + kappa (ln l - d') + G); log NB up to what the regimes share."""
    trend, deviation = state.segment[SS.seen_trend, s], state.segment[SS.seen_deviation, s]
    shape, seen = state.segment[SS.seen_shape, s], desk.flow[FLO.seen, s]
    growth, level = known.segment_regime[SEGZ.growth, s, z], known.segment_regime[SEGZ.log_level, s, z]
    ceiling, reversion = known.segment[SEG.log_ceiling, s], known.segment[SEG.reversion, s]
    mean, score = desk.mean[s, z], desk.scratch[z]
    for i in range(EACH):
        grown = saturated(growth, trend[i] - ceiling)
        power = trend[i] + grown + deviation[i] + reversion * (level - deviation[i])
        mean[i] = exp_(power)
        score[i] += seen[i] * power - (seen[i] + shape[i]) * log_(shape[i] + mean[i])


@part
def weigh(known: Known, state: State, desk: Desk) -> None:
    """(D1) pi ∝ (pi P) x exp(score)."""
    leave = known.firm_regime[FIRZ.leave_probability]
    boom_bust, steady_boom = known.firm[FIR.after_boom_bust], known.firm[FIR.after_steady_boom]
    bust_steady = known.firm[FIR.after_bust_steady]
    boom, steady, bust = state.firm[FS.seen_boom], state.firm[FS.seen_steady], state.firm[FS.seen_bust]
    first, second, third = desk.scratch[0], desk.scratch[1], desk.scratch[2]
    shown = desk.line[LIN.bust_probability]
    for i in range(EACH):
        out_boom, out_steady, out_bust = boom[i] * leave[0], steady[i] * leave[1], bust[i] * leave[2]
        top = high(first[i], high(second[i], third[i]))
        to_boom = boom[i] - out_boom + out_steady * steady_boom + out_bust * (1.0 - bust_steady)
        to_steady = steady[i] - out_steady + out_boom * (1.0 - boom_bust) + out_bust * bust_steady
        to_bust = bust[i] - out_bust + out_boom * boom_bust + out_steady * (1.0 - steady_boom)
        first[i] = to_boom * exp_(first[i] - top)
        second[i] = to_steady * exp_(second[i] - top)
        third[i] = to_bust * exp_(third[i] - top)
    for i in range(EACH):
        total = first[i] + second[i] + third[i]
        boom[i] = first[i] / total
        steady[i] = second[i] / total
        bust[i] = third[i] / total
        shown[i] = bust[i]


@part
def learn_intensity(known: Known, state: State, desk: Desk, s: int) -> None:
    """(D2) Mix the regimes' posterior means; widen by the month's noise."""
    boom, steady, bust = state.firm[FS.seen_boom], state.firm[FS.seen_steady], state.firm[FS.seen_bust]
    trend, deviation = state.segment[SS.seen_trend, s], state.segment[SS.seen_deviation, s]
    shape, seen = state.segment[SS.seen_shape, s], desk.flow[FLO.seen, s]
    in_boom, in_steady, in_bust = desk.mean[s, 0], desk.mean[s, 1], desk.mean[s, 2]
    growth, ceiling = known.segment_regime[SEGZ.growth, s], known.segment[SEG.log_ceiling, s]
    reversion, volatility = known.segment[SEG.reversion, s], known.segment[SEG.volatility, s]
    keep = 1.0 - reversion
    for i in range(EACH):
        counted = shape[i] + seen[i]
        total = boom[i] * in_boom[i] * counted / (shape[i] + in_boom[i])
        total += steady[i] * in_steady[i] * counted / (shape[i] + in_steady[i])
        total += bust[i] * in_bust[i] * counted / (shape[i] + in_bust[i])
        above = trend[i] - ceiling
        mixed = boom[i] * saturated(growth[0], above) + steady[i] * saturated(growth[1], above)
        trend[i] += mixed + bust[i] * saturated(growth[2], above)
        deviation[i] = log_(total) - trend[i]
        shape[i] = 1.0 / high(keep * keep / counted + volatility * volatility, 1e-4)


@part
def follow_trigger(model: Model, known: Known, terms: Terms, state: State, desk: Desk, month: int) -> None:
    """(D3, D4, D5) Commit the first candidate still free, where the trigger and the guards agree."""
    in_hand, liquidity, decided, going = desk.scratch[0], desk.scratch[1], desk.scratch[2], desk.scratch[3]
    fill(in_hand, 0.0)
    for h in range(state.hall.shape[1]):
        status = state.hall[HS.state, h]
        for p in range(model.phase.shape[2]):
            capacity = model.phase[PHA.capacity, h, p]
            for i in range(EACH):
                in_hand[i] += capacity[i] if (status[i] == OPEN) | (status[i] == BUILDING) else 0.0
    cash, revolver, injected = state.firm[FS.cash], state.firm[FS.revolver], state.firm[FS.injected]
    alive, bust = state.firm[FS.alive], state.firm[FS.seen_bust]
    limit = known.firm[FIR.revolver_limit]
    for i in range(EACH):
        left = high(terms.known_commitment - injected[i], 0.0)
        liquidity[i] = cash[i] + high(limit - revolver[i], 0.0) + left
        decided[i] = 0.0 if (bust[i] <= terms.bust_limit) & (alive[i] > 0.0) else 1.0
    for c in range(terms.candidates.size):
        h = terms.candidates[c]
        consider(terms, state, desk, h)
        commit(state, h, going, month + 1)


@part
def consider(terms: Terms, state: State, desk: Desk, h: int) -> None:
    """(D3, D4, D5) Mark the lanes on which slot h is the first free candidate and everything agrees."""
    in_hand, liquidity, decided, going = desk.scratch[0], desk.scratch[1], desk.scratch[2], desk.scratch[3]
    sold, waiting, pace = desk.line[LIN.sold_units], desk.line[LIN.waiting_units], desk.line[LIN.absorption]
    status = state.hall[HS.state, h]
    needed = terms.liquidity_share * terms.option_funding[h]
    for i in range(EACH):
        ahead = high(terms.lead_months[h] * pace[i], 0.0)
        full = sold[i] + waiting[i] + ahead >= terms.threshold * in_hand[i]
        signed = waiting[i] >= terms.threshold * terms.option_units[h]
        fires = full if terms.trigger == FORECAST else signed
        untouched = (status[i] == UNCOMMITTED) & (decided[i] == 0.0)
        going[i] = 1.0 if untouched & fires & (liquidity[i] >= needed) else 0.0
        decided[i] = 1.0 if untouched else decided[i]
