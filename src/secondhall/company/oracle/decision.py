"""Phase 8, decision: the filtered regime, and the rule (D1 to D6). Nothing here sees the future."""

import numpy as np

from secondhall.company.layout import BUILDING, OPEN, UNCOMMITTED, Floats, Rows
from secondhall.company.oracle.halls import commit
from secondhall.company.oracle.market import saturated
from secondhall.company.oracle.state import Desk
from secondhall.company.parameters import FORECAST, NO_TRIGGER


def play_decision(desk: Desk) -> None:
    """Look at the month that has passed, and commit what the rule says for the next."""
    filter_regime(desk)
    desk.line["bust_probability"] = desk.state.firm.seen_bust.copy()
    if desk.rule.trigger != NO_TRIGGER and desk.rule.first_month <= desk.month + 1 < desk.p.months:
        follow_trigger(desk)


def predicted(desk: Desk) -> Floats:
    """(D1) Return the probability of each regime before the month's orders are seen, [regime, path]."""
    k = desk.known.firm
    leave = desk.known.firm_regime.leave_probability[:, 0]
    firm = desk.state.firm
    out_boom, out_steady, out_bust = (
        firm.seen_boom * leave[0],
        firm.seen_steady * leave[1],
        firm.seen_bust * leave[2],
    )
    boom = (
        firm.seen_boom - out_boom + out_steady * k.after_steady_boom + out_bust * (1.0 - k.after_bust_steady)
    )
    steady = (
        firm.seen_steady - out_steady + out_boom * (1.0 - k.after_boom_bust) + out_bust * k.after_bust_steady
    )
    bust = firm.seen_bust - out_bust + out_boom * k.after_boom_bust + out_steady * (1.0 - k.after_steady_boom)
    return np.stack([boom, steady, bust])


def filter_regime(desk: Desk) -> None:
    """(D1, D2) Update the probability of the regimes by the month's new customers."""
    before = predicted(desk)
    score = np.zeros_like(before)
    means, growths = [], []
    for s in range(desk.p.segments):
        mean, growth = expected_orders(desk, s)
        shape, seen = desk.state.segment.seen_shape[s], desk.flow.seen[s]
        score += seen * np.log(mean) - (seen + shape) * np.log(shape + mean)
        means.append(mean)
        growths.append(growth)
    weight = before * np.exp(score - score.max(axis=0))
    after = weight / weight.sum(axis=0)
    firm = desk.state.firm
    firm.seen_boom[:], firm.seen_steady[:], firm.seen_bust[:] = after
    for s in range(desk.p.segments):
        learn_intensity(desk, s, after, means[s], growths[s])


def expected_orders(desk: Desk, s: int) -> tuple[Floats, Floats]:
    """(D2) Return the mean of the month's new customers and the trend's growth, under each regime."""
    k: Rows = desk.known.segment
    regime: Rows = desk.known.segment_regime
    trend, deviation = desk.state.segment.seen_trend[s], desk.state.segment.seen_deviation[s]
    growth = saturated(regime.growth[s], trend - k.log_ceiling[s])
    mean = np.exp(trend + growth + deviation + k.reversion[s] * (regime.log_level[s] - deviation))
    return mean, growth


def learn_intensity(desk: Desk, s: int, after: Floats, mean: Floats, growth: Floats) -> None:
    """(D2) Mix the regimes' posterior means; widen by the month's noise."""
    state, k = desk.state.segment, desk.known.segment
    shape, seen = state.seen_shape[s], desk.flow.seen[s]
    total = np.log((after * mean * (shape + seen) / (shape + mean)).sum(axis=0))
    state.seen_trend[s] += (after * growth).sum(axis=0)
    state.seen_deviation[s] = total - state.seen_trend[s]
    keep = 1.0 - k.reversion[s]
    spread = keep * keep / (shape + seen) + k.volatility[s] * k.volatility[s]
    state.seen_shape[s] = 1.0 / np.maximum(spread, 1e-4)


def follow_trigger(desk: Desk) -> None:
    """(D3, D4, D5) Commit the first candidate still free, where the trigger and the guards agree."""
    rule, hall, firm = desk.rule, desk.state.hall, desk.state.firm
    waiting = desk.line["waiting_units"]
    in_hand = np.where((hall.state == OPEN) | (hall.state == BUILDING), planned_capacity(desk), 0.0).sum(
        axis=0
    )
    room = np.maximum(desk.known.firm.revolver_limit - firm.revolver, 0.0)
    liquidity = firm.cash + room + np.maximum(rule.known_commitment - firm.injected, 0.0)
    calm = (firm.seen_bust <= rule.bust_limit) & (firm.alive > 0.0)
    decided = np.zeros(firm.alive.shape, dtype=bool)
    for h in rule.candidates:
        if rule.trigger == FORECAST:
            ahead = np.maximum(rule.lead_months[h] * desk.line["absorption"], 0.0)
            fires = desk.line["sold_units"] + waiting + ahead >= rule.threshold * in_hand
        else:
            fires = waiting >= rule.threshold * rule.option_units[h]
        funded = liquidity >= rule.liquidity_share * rule.option_funding[h]
        untouched = (hall.state[h] == UNCOMMITTED) & ~decided
        commit(desk, int(h), untouched & fires & calm & funded, desk.month + 1)
        decided |= untouched


def planned_capacity(desk: Desk) -> Floats:
    """Return what each slot holds once all its phases are open, [hall, path]."""
    whole: Floats = desk.p.phase.capacity.sum(axis=1)
    return np.broadcast_to(whole, desk.state.hall.state.shape)
