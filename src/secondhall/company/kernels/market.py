"""Phase 1, the market: regime, intensity of new customers, price, energy (M1 to M6)."""

from secondhall.company.chance import Purpose
from secondhall.company.kernels.blocks import (
    CAL,
    FIR,
    FIRZ,
    FLO,
    FS,
    LIN,
    SEG,
    SEGZ,
    SS,
    Desk,
    Model,
    State,
    pick,
    saturated,
)
from secondhall.company.kernels.elementary import EACH, exp_, part, phase
from secondhall.company.kernels.philox import uniform_pairs
from secondhall.company.kernels.samplers import normal_pairs
from secondhall.company.layout import Floats, Integers

REGIME = int(Purpose.REGIME)
INTENSITY = int(Purpose.INTENSITY)
PRICE = int(Purpose.PRICE)


@phase
def play_market(model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int) -> None:
    """Move the market by one month."""
    regime(model, state, desk, seed, paths, month)
    segments = state.segment.shape[1]
    for j in range((segments + 2) // 2):
        normal_pairs(seed, paths, month, INTENSITY, j, desk.noise[2 * j], desk.noise[2 * j + 1])
    for s in range(segments):
        intensity(model, state, desk, s)
    price_and_energy(model, state, desk, seed, paths, month)


@part
def regime(model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int) -> None:
    """(M1) leave z with probability 1/D_z, then one of two others; a scenario may force it."""
    forced, z = model.forced[month], state.firm[FS.regime]
    leave, branch = desk.scratch[0], desk.scratch[1]
    uniform_pairs(seed, paths, month, REGIME, 0, 0, leave, branch)
    leaving = model.firm_regime[FIRZ.leave_probability]
    boom_bust = model.firm[FIR.after_boom_bust]
    steady_boom = model.firm[FIR.after_steady_boom]
    bust_steady = model.firm[FIR.after_bust_steady]
    for i in range(EACH):
        after_boom = 2.0 if branch[i] < boom_bust[i] else 1.0
        after_steady = 0.0 if branch[i] < steady_boom[i] else 2.0
        after_bust = 1.0 if branch[i] < bust_steady[i] else 0.0
        after = after_boom if z[i] == 0.0 else (after_steady if z[i] == 1.0 else after_bust)
        free = after if leave[i] < pick(leaving, z[i], i) else z[i]
        z[i] = forced[i] if forced[i] >= 0.0 else free


@part
def intensity(model: Model, state: State, desk: Desk, s: int) -> None:
    """(M2, M3, M4) b += g (1 - exp(b - c)); d += kappa (ln l - d) + sigma (a e0 + sqrt(1 - a^2) es)."""
    z = state.firm[FS.regime]
    trend, deviation = state.segment[SS.trend, s], state.segment[SS.deviation, s]
    grown = desk.flow[FLO.regime_growth, s]
    growth, level = model.segment_regime[SEGZ.growth, s], model.segment_regime[SEGZ.log_level, s]
    ceiling = model.segment[SEG.log_ceiling, s]
    common, own = desk.noise[0], desk.noise[s + 1]
    loading, rest = model.segment[SEG.common_share, s], model.segment[SEG.own_share, s]
    reversion, volatility = model.segment[SEG.reversion, s], model.segment[SEG.volatility, s]
    for i in range(EACH):
        grown[i] = saturated(pick(growth, z[i], i), trend[i] - ceiling[i])
        trend[i] += grown[i]
    for i in range(EACH):
        shock = loading[i] * common[i] + rest[i] * own[i]
        deviation[i] += reversion[i] * (pick(level, z[i], i) - deviation[i]) + volatility[i] * shock


@part
def price_and_energy(model: Model, state: State, desk: Desk, seed: int, paths: Integers, month: int) -> None:
    """(M5, M6) index = exp(A + y), A += drift + shock, y += -k y + s e; cost index grows by inflation."""
    normal_pairs(seed, paths, month, PRICE, 0, desk.scratch[0], desk.scratch[1])
    index(
        state,
        FS.price_trend,
        FS.price_noise,
        model.firm_regime[FIRZ.price_drift],
        model.calendar[CAL.price_shock, month],
        model.firm[FIR.price_reversion],
        model.firm[FIR.price_volatility],
        desk.scratch[0],
        desk.line[LIN.price_index],
    )
    index(
        state,
        FS.energy_trend,
        FS.energy_noise,
        model.firm_regime[FIRZ.energy_drift],
        model.calendar[CAL.energy_shock, month],
        model.firm[FIR.energy_reversion],
        model.firm[FIR.energy_volatility],
        desk.scratch[1],
        desk.line[LIN.energy_index],
    )
    cost, inflation = state.firm[FS.cost_index], model.firm[FIR.inflation_factor]
    for i in range(EACH):
        cost[i] *= inflation[i]


@part
def index(
    state: State,
    trend_row: int,
    noise_row: int,
    drift: Floats,
    shock: float,
    reversion: Floats,
    volatility: Floats,
    normal: Floats,
    out: Floats,
) -> None:
    """(M5) One price index: a drift by regime and a reverting noise."""
    z, trend, noise = state.firm[FS.regime], state.firm[trend_row], state.firm[noise_row]
    for i in range(EACH):
        trend[i] += pick(drift, z[i], i) + shock
        noise[i] += volatility[i] * normal[i] - reversion[i] * noise[i]
        out[i] = exp_(trend[i] + noise[i])
