"""Compiles the phases ahead of the first play, half of them in a second process.

A compilation holds one core; two processes that share the cache on disk take little more than half the
time. Run as ``python -m secondhall.company.kernels.warming`` this module compiles the second half.
"""

import subprocess
import sys
from typing import Any

import numba
import numpy as np

from secondhall.company import layout
from secondhall.company.engine import blocks_of, known_of, terms_of
from secondhall.company.kernels.blocks import LINE_COUNT, Desk, Known, Model, State
from secondhall.company.kernels.books import close_income, move_cash
from secondhall.company.kernels.costs import play_costs, play_staff
from secondhall.company.kernels.decision import play_decision
from secondhall.company.kernels.funding import close_balance
from secondhall.company.kernels.halls import play_halls
from secondhall.company.kernels.market import play_market
from secondhall.company.kernels.opening import open_state
from secondhall.company.kernels.orders import play_orders
from secondhall.company.kernels.outcomes import close_outcomes, play_outcomes
from secondhall.company.kernels.placement import play_placement
from secondhall.company.kernels.revenue import play_revenue
from secondhall.company.layout import LANES, Rows
from secondhall.company.parameters import Parameters, idle_terms

__all__ = ["warm"]


def warm() -> None:
    """Compile all phases, in two processes; what fails here is compiled when it is first called."""
    config: Any = numba.config
    if config.DISABLE_JIT:
        return
    other = subprocess.Popen(
        [sys.executable, "-m", "secondhall.company.kernels.warming"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    compile_phases(first_half=True)
    other.wait()


def compile_phases(*, first_half: bool) -> None:
    """Compile one half of the phases into the cache."""
    model, known, state, desk = empty_block()
    terms = terms_of(idle_terms(1))
    seed = month = 0
    paths = np.zeros(LANES, np.int64)
    first: dict[Any, tuple[Any, ...]] = {
        play_orders: (model, state, desk, seed, paths, month),
        play_market: (model, state, desk, seed, paths, month),
        play_placement: (model, state, desk, month),
        open_state: (model, known, state, desk, seed, paths),
        play_outcomes: (model, state, desk, month),
    }
    second: dict[Any, tuple[Any, ...]] = {
        play_halls: (model, state, desk, terms, month),
        close_balance: (model, state, desk, terms, month),
        close_income: (model, state, desk, month),
        play_decision: (model, known, terms, state, desk, month),
        play_staff: (model, state, desk, terms, month),
        play_costs: (model, state, desk),
        play_revenue: (model, state, desk),
        move_cash: (model, state, desk, month),
        close_outcomes: (model, state, desk),
    }
    type_of: Any = numba.typeof
    for phase, arguments in (first if first_half else second).items():
        phase.compile(tuple(type_of(argument) for argument in arguments))


def rows(names: tuple[str, ...], *shape: int) -> Rows:
    """Return rows of zeros, one block of lanes wide."""
    return Rows.zeros(names, *shape, LANES)


def empty_block() -> tuple[Model, Known, State, Desk]:
    """Return arguments of the very types that the engine plays with."""
    p = empty_parameters()
    whole = blocks_of(p)
    in_lanes = ("segment", "segment_regime", "hall", "phase", "role", "firm", "firm_regime", "forced")
    model = whole._replace(**{name: getattr(whole, name)[0] for name in in_lanes})
    state = State(
        rows(layout.SEGMENT_STATE, 1).array,
        rows(layout.HALL_STATE, 1).array,
        rows(layout.FIRM_STATE).array,
        np.zeros((1, LANES)),
        np.zeros((1, 1, LANES)),
        rows(layout.HISTORY, layout.HISTORY_MONTHS).array,
        rows(layout.OUTCOMES).array,
        rows(layout.ANNUAL, 1).array,
        rows(layout.ACCUMULATOR).array,
    )
    desk = Desk(
        rows(layout.SEGMENT_FLOW, 1).array,
        np.zeros((LINE_COUNT, LANES)),
        np.zeros((3, LANES)),
        np.zeros((1, 3, LANES)),
        np.zeros((8, LANES)),
    )
    return model, known_of(p), state, desk


def empty_parameters() -> Parameters:
    """Return the parameters of a company of one of each, all zero."""
    return Parameters(
        segment=rows(layout.SEGMENT, 1),
        segment_regime=rows(layout.SEGMENT_REGIME, 1, 3),
        hall=rows(layout.HALL, 1),
        phase=rows(layout.PHASE, 1, 1),
        role=rows(layout.ROLE, 1),
        firm=rows(layout.FIRM),
        firm_regime=rows(layout.FIRM_REGIME, 3),
        schedule=Rows.zeros(layout.SCHEDULE, 1, 1),
        calendar=Rows.zeros(layout.CALENDAR, 1),
        start_month_of_year=0,
        first_new_hall=0,
    )


if __name__ == "__main__":
    compile_phases(first_half=False)
