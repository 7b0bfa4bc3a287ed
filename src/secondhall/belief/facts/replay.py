"""The accepted pasts lived again by the oracle: every state, month by month, not only the series.

The oracle plays the same draws as the engine (to rounding), so a past that was accepted by its series comes
back whole: customers and contracts, halls, posts, the books.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.belief.facts.history import History, opens_in
from secondhall.belief.facts.measure import SEGMENT_CUSTOMERS
from secondhall.belief.facts.regimes import ScriptedChance
from secondhall.case import Case, PlannedAction
from secondhall.company import Parameters, build, slots_of
from secondhall.company.layout import REGIMES, SERIES, Floats
from secondhall.company.oracle.play import play_months
from secondhall.company.oracle.state import Desk
from secondhall.company.parameters import Integers
from secondhall.company.reading import Mids

__all__ = ["SEEN", "Replay", "opening_of", "replay"]

SEEN = "seen."
"""Prefix of the new customers of one segment."""

AT_ONCE = 500
"""Pasts that are lived together."""


@dataclass(frozen=True, eq=False)
class Replay:
    """Pasts lived again.

    Attributes
    ----------
    series
        name to [month, draw]: the company's series, and the customers and new customers of each segment.
    desks
        the desk after the month asked for, one for each stretch of draws; empty when none was asked for.
    """

    series: Mapping[str, Floats]
    desks: tuple[Desk, ...]

    def state(self, group: str, row: str) -> Floats:
        """Return [..., draw] of a row of the state at the month asked for."""
        return np.concatenate([getattr(getattr(desk.state, group), row) for desk in self.desks], axis=-1)


def replay(
    history: History,
    scores: Floats,
    chances: Integers,
    *,
    actions: Sequence[PlannedAction] | None = None,
    keep_after: int | None = None,
) -> Replay:
    """Live pasts again.

    Parameters
    ----------
    history
        where and how they were lived.
    scores, chances
        [draw, unknown], and [draw, 2 months + 1], as `History.read` takes them.
    actions
        another plan than the one that was lived.
    keep_after
        the month, counted from the history's first as 0, after which the state is kept.
    """
    terms = history.terms if actions is None else history.terms_of(actions)
    names = list(history.case.segments)
    frames, desks = [], []
    for first in range(0, len(chances), AT_ONCE):
        here = slice(first, first + AT_ONCE)
        p, script = history.parameters(scores[here]), history.regimes(chances[here])
        opens_in(p, script[:, 0])
        chance = ScriptedChance(history.seed, history.numbers(chances[here]), script)
        months = []
        for desk in play_months(p, history.known, terms, chance):
            months.append(np.concatenate([desk.frame(), desk.state.segment.customers, desk.flow.seen]))
            if desk.month == keep_after:
                desks.append(copy.deepcopy(desk))
        frames.append(np.stack(months, axis=1))
    rows = np.concatenate(frames, axis=2)
    kept = (*SERIES, *(SEGMENT_CUSTOMERS + name for name in names), *(SEEN + name for name in names))
    return Replay(dict(zip(kept, rows, strict=True)), tuple(desks))


def opening_of(case: Case, history: History, lived: Replay) -> dict[str, Floats]:
    """Return the state in which a case opens, ``group.row`` to [..., draw], from the pasts that led there.

    Contracts end evenly over the case's schedule, scaled to as many as are locked.
    """
    target = build(case, Mids())
    segment, firm = lived.state("segment", "customers"), lived.state("firm", "cash")
    draws = firm.size
    opening = {f"segment.{row}": lived.state("segment", row) for row in SEGMENT_ROWS}
    opening |= {f"firm.{row}": lived.state("firm", row) for row in FIRM_ROWS}
    opening["segment.log_intensity"] = lived.state("segment", "trend") + lived.state("segment", "deviation")
    opening["segment.opening_gap"] = _gap(lived)
    scheduled = target.schedule.unlocking.sum(axis=1)[:, None]
    locked = lived.state("segment", "locked")
    opening["segment.unlocking_scale"] = np.where(
        scheduled > 0.0, locked / np.maximum(scheduled, 1e-300), 0.0
    )
    opening["segment.list_price"] = _parameter(lived, "segment", "list_price", segment.shape) * np.exp(
        lived.state("firm", "price_trend") + lived.state("firm", "price_noise")
    )
    opening["firm.energy_cost_per_unit"] = _parameter(
        lived, "firm", "energy_cost_per_unit", (draws,)
    ) * np.exp(lived.state("firm", "energy_trend") + lived.state("firm", "energy_noise"))
    opening["firm.term_debt"] = lived.state("firm", "term_debt") + lived.state("firm", "project_debt")
    opening["firm.ebitda"] = np.concatenate([d.state.history.ebitda.mean(axis=0) for d in lived.desks])
    opening["firm.net_absorption"] = np.concatenate(
        [d.line["absorption"] + np.zeros_like(d.state.firm.cash) for d in lived.desks]
    )
    opening["firm_regime.start_probability"] = (
        lived.state("firm", "regime")[None, :] == np.arange(len(REGIMES))[:, None]
    ).astype(np.float64)
    opening["role.posts"] = np.concatenate([d.state.posts for d in lived.desks], axis=-1)
    return opening | _halls(case, history, lived, target)


SEGMENT_ROWS = (
    "customers", "installed", "mrr", "locked",
    "waiting_customers", "waiting_units", "reserved_customers", "reserved_units", "receivables",
)  # fmt: skip
FIRM_ROWS = ("cash", "payables", "other_assets", "provisions", "revolver", "shareholder_loan", "tax_pool")


def _parameter(lived: Replay, group: str, row: str, shape: tuple[int, ...]) -> Floats:
    return np.concatenate(
        [
            np.broadcast_to(getattr(getattr(d.p, group), row), (*shape[:-1], d.state.firm.cash.size))
            for d in lived.desks
        ],
        axis=-1,
    )


def _gap(lived: Replay) -> Floats:
    """Return how far each intensity stands from the level of its regime, [segment, draw]."""
    gaps = [d.state.segment.deviation - d.by_regime(d.p.segment_regime.log_level) for d in lived.desks]
    return np.concatenate(gaps, axis=-1)


def _halls(case: Case, history: History, lived: Replay, target: Parameters) -> dict[str, Floats]:
    """Return what the halls have sold and their book values, slot by slot of the case."""
    before, now = slots_of(history.case), slots_of(case)
    sold, book = lived.state("hall", "sold"), lived.state("hall", "book")
    rows = {
        "hall.sold": np.zeros((target.halls, sold.shape[1])),
        "hall.book": np.zeros((target.halls, sold.shape[1])),
    }
    for place, slot in enumerate(now.slots):
        if slot.hall is None:
            continue
        was = [k for k, old in enumerate(before.slots) if old.hall == slot.hall]
        was = was or [
            k for k, old in enumerate(before.slots) if old.hall is None and old.option == slot.option
        ]
        if was:
            rows["hall.sold"][place], rows["hall.book"][place] = sold[was[0]], book[was[0]]
    return rows
