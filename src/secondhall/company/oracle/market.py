"""Phase 1, the market: regime, intensity of new customers, price, energy (M1 to M6)."""

import numpy as np

from secondhall.company.chance import Purpose
from secondhall.company.layout import BOOM, BUST, STEADY, Floats
from secondhall.company.oracle.state import Desk


def play_market(desk: Desk) -> None:
    """Move the market by one month."""
    regime(desk)
    intensity(desk)
    price_and_energy(desk)
    desk.state.firm.cost_index[:] *= desk.p.firm.inflation_factor  # (M6)


def next_regime(desk: Desk, leave: Floats, branch: Floats) -> Floats:
    """(M1) Return each path's next regime from two uniforms."""
    firm, z = desk.p.firm, desk.now
    after_boom = np.where(branch < firm.after_boom_bust, BUST, STEADY)
    after_steady = np.where(branch < firm.after_steady_boom, BOOM, BUST)
    after_bust = np.where(branch < firm.after_bust_steady, STEADY, BOOM)
    after = np.where(z == BOOM, after_boom, np.where(z == STEADY, after_steady, after_bust))
    return np.where(leave < desk.by_regime(desk.p.firm_regime.leave_probability), after, z)


def regime(desk: Desk) -> None:
    """(M1) The regime, unless a scenario forces it."""
    leave, branch = desk.chance.uniforms(desk.month, Purpose.REGIME, 0)
    forced = desk.p.calendar.forced_regime[desk.month]
    desk.state.firm.regime[:] = next_regime(desk, leave, branch) if forced < 0 else forced


def intensity(desk: Desk) -> None:
    """(M2, M3, M4) Log-intensity of new customers: a saturating trend and a deviation from it."""
    p, state = desk.p.segment, desk.state.segment
    growth = saturated(desk.by_regime(desk.p.segment_regime.growth), state.trend - p.log_ceiling)
    desk.flow.regime_growth[:] = growth
    state.trend[:] += growth
    noise = normals_for(desk, desk.p.segments + 1)
    shock = p.common_share * noise[0] + p.own_share * noise[1:]
    level = desk.by_regime(desk.p.segment_regime.log_level)
    state.deviation[:] += p.reversion * (level - state.deviation) + p.volatility * shock


def saturated(growth: Floats, above: Floats) -> Floats:
    """(M2) Return growth, less what the ceiling takes from it; a decline knows no ceiling."""
    room = np.maximum(1.0 - np.exp(above), 0.0)
    slowed: Floats = np.maximum(growth, 0.0) * room + np.minimum(growth, 0.0)
    return slowed


def normals_for(desk: Desk, count: int) -> Floats:
    """Return ``count`` standard normals a path, [count, path], drawn in pairs."""
    pairs = [desk.chance.normals(desk.month, Purpose.INTENSITY, j) for j in range((count + 1) // 2)]
    return np.concatenate([np.stack(pair) for pair in pairs])[:count]


def price_and_energy(desk: Desk) -> None:
    """(M5) Price of new business and price of energy: a drift by regime, a reverting noise."""
    p, state, calendar = desk.p.firm, desk.state.firm, desk.p.calendar
    price, energy = desk.chance.normals(desk.month, Purpose.PRICE, 0)
    state.price_trend[:] += desk.by_regime(desk.p.firm_regime.price_drift) + calendar.price_shock[desk.month]
    state.price_noise[:] += p.price_volatility * price - p.price_reversion * state.price_noise
    state.energy_trend[:] += (
        desk.by_regime(desk.p.firm_regime.energy_drift) + calendar.energy_shock[desk.month]
    )
    state.energy_noise[:] += p.energy_volatility * energy - p.energy_reversion * state.energy_noise
    desk.line["price_index"] = np.exp(state.price_trend + state.price_noise)
    desk.line["energy_index"] = np.exp(state.energy_trend + state.energy_noise)
