"""The oracle: the equations of one month, played over any number of paths in plain NumPy."""

from collections.abc import Iterator

import numpy as np

from secondhall.company.chance import Chance, Purpose
from secondhall.company.layout import BUILDING, OPEN, Floats
from secondhall.company.oracle.costs import play_costs, play_staff
from secondhall.company.oracle.decision import play_decision
from secondhall.company.oracle.finance import play_finance
from secondhall.company.oracle.halls import play_halls
from secondhall.company.oracle.market import play_market
from secondhall.company.oracle.orders import play_orders
from secondhall.company.oracle.outcomes import close_outcomes, play_outcomes
from secondhall.company.oracle.placement import play_placement
from secondhall.company.oracle.revenue import play_revenue
from secondhall.company.oracle.state import Desk, State
from secondhall.company.parameters import Parameters, RuleTerms

PHASES = (
    play_market,
    play_orders,
    play_placement,
    play_halls,
    play_revenue,
    play_costs,
    play_staff,
    play_finance,
    play_decision,
    play_outcomes,
)


def play_months(p: Parameters, known: Parameters, rule: RuleTerms, chance: Chance) -> Iterator[Desk]:
    """Yield the desk after each month; the same desk, so copy what you keep.

    Parameters
    ----------
    p
        parameters of ``chance.paths``, or of one path that all share.
    known
        the mid values, one path, all that the rule may know of the parameters.
    rule
        the rule's terms.
    chance
        the random draws.
    """
    desk = Desk(p=p, known=known, rule=rule, state=opening_state(p, known, chance), chance=chance)
    for month in range(p.months):
        desk.month = month
        for phase in PHASES:
            phase(desk)
        yield desk
    close_outcomes(desk)


def play(p: Parameters, known: Parameters, rule: RuleTerms, chance: Chance) -> tuple[Floats, Floats, Floats]:
    """Return all series [series, month, path], outcomes [outcome, path], annual lines [line, year, path]."""
    frames = []
    desk = None
    for desk in play_months(p, known, rule, chance):
        frames.append(desk.frame())
    assert desk is not None
    return np.stack(frames, axis=1), desk.state.outcome.array, desk.state.annual.array


def opening_state(p: Parameters, known: Parameters, chance: Chance) -> State:
    """Return the state at the end of the month before the start."""
    state = State.empty(p, chance.paths.shape[-1])
    draw_regime(p, state, chance)
    open_segments(p, known, state)
    open_halls(p, state, chance)
    open_books(p, known, state)
    return state


def draw_regime(p: Parameters, state: State, chance: Chance) -> None:
    """Draw the regime in which the company stands at the start."""
    first, _ = chance.uniforms(0, Purpose.START_REGIME, 0)
    boom, steady, _ = p.firm_regime.start_probability
    state.firm.regime[:] = np.where(first < boom, 0, np.where(first < boom + steady, 1, 2))


def open_segments(p: Parameters, known: Parameters, state: State) -> None:
    """Set trend and deviation so that the intensity is what the case states; take over the ledgers."""
    segment = state.segment
    for name in ("customers", "locked", "installed", "mrr", "receivables"):
        segment.set(name, getattr(p.segment, name))
    for name in ("waiting_customers", "waiting_units", "reserved_customers", "reserved_units"):
        segment.set(name, getattr(p.segment, name))
    z = state.firm.regime.astype(int)
    level = np.broadcast_to(p.segment_regime.log_level, (p.segments, 3, z.size))
    segment.deviation[:] = (
        np.take_along_axis(level, np.broadcast_to(z, (p.segments, 1, z.size)), axis=1)[:, 0]
        + p.segment.opening_gap
    )
    segment.trend[:] = p.segment.log_intensity - segment.deviation
    start = known.firm_regime.start_probability
    expected_level = (start[None] * known.segment_regime.log_level).sum(axis=1) + known.segment.opening_gap
    segment.seen_deviation[:] = expected_level
    segment.seen_trend[:] = known.segment.log_intensity - expected_level
    segment.seen_shape[:] = 1.0 / (known.segment.volatility**2 + 0.01)
    state.unlocking[:] = p.schedule.unlocking[:, :, None] * p.segment.unlocking_scale[:, None]


def open_halls(p: Parameters, state: State, chance: Chance) -> None:
    """(A2, A3) Set the halls; draw each slot's delay and overrun, the same whatever the rule."""
    hall = state.hall
    for name in ("state", "committed", "sold", "book", "life_months"):
        hall.set(name, getattr(p.hall, name))
    hall.rent_share[:] = 1.0
    for h in range(p.halls):
        slip, _ = chance.normals(0, Purpose.LEAD_TIME_SLIP, h)
        overrun, _ = chance.normals(0, Purpose.BUILD_OVERRUN, h)
        delay = p.hall.has_slip[h] * np.exp(p.hall.slip_log_mean[h] + p.hall.slip_log_sd[h] * slip)
        hall.slip[h] = np.where(p.hall.state[h] < OPEN, delay + p.firm.extra_slip, 0.0)
        hall.overrun[h] = 1.0 + p.hall.has_overrun[h] * np.exp(
            p.hall.overrun_log_mean[h] + p.hall.overrun_log_sd[h] * overrun
        )
        serving = np.where(hall.state[h] == OPEN, 1.0, 0.0) + np.where(hall.state[h] == BUILDING, 1.0, 0.0)
        capacity = np.zeros_like(slip)
        for phase in range(p.phase.capacity.shape[1]):
            opened = hall.committed[h] + p.phase.offset[h, phase] + hall.slip[h] < 0.0
            capacity = capacity + np.where(opened, p.phase.capacity[h, phase], 0.0)
        hall.capacity[h] = serving * capacity


def open_books(p: Parameters, known: Parameters, state: State) -> None:
    """Open the balance sheet (equity is what balances it), the people and the twelve months before."""
    firm = state.firm
    for name in (
        "cash",
        "payables",
        "other_assets",
        "provisions",
        "revolver",
        "term_debt",
        "shareholder_loan",
        "tax_pool",
    ):
        firm.set(name, getattr(p.firm, name))
    firm.alive[:] = 1.0
    firm.cost_index[:] = 1.0
    firm.discount[:] = 1.0
    assets = firm.cash + p.segment.receivables.sum(axis=0) + p.hall.book.sum(axis=0) + firm.other_assets
    owed = firm.payables + firm.provisions + firm.revolver + firm.term_debt + firm.shareholder_loan
    firm.equity[:] = assets - owed
    firm.new_customers_mean[:] = np.exp(p.segment.log_intensity).sum(axis=0)
    firm.seen_boom[:], firm.seen_steady[:], firm.seen_bust[:] = known.firm_regime.start_probability
    state.posts[:] = p.role.posts
    sold = p.hall.sold.sum(axis=0)
    for k in range(12):
        state.history.sold[k] = sold - (12 - k) * p.firm.net_absorption
    state.history.ebitda[:] = p.firm.ebitda
    state.history.available[:] = p.firm.ebitda
    repaying = np.where(p.firm.interest_only_months <= 0.0, p.firm.term_repayment, 0.0)
    interest = p.firm.term_rate * p.firm.term_debt + p.firm.revolver_rate * p.firm.revolver
    state.history.service[:] = interest + np.minimum(repaying, p.firm.term_debt)
    state.outcome.insolvency_month[:] = -1.0
    state.outcome.first_commitment[:] = -1.0
    state.outcome.worst_year[:] = 1e300
