"""Between the columns of the programme and a decision with its figures."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import Decision
from secondhall.recover.programme.emptying import emptied_by, members_of
from secondhall.recover.programme.evaluate import Figures, procedures_of
from secondhall.recover.programme.layout import Layout

__all__ = ["columns_of", "decision_of", "shortfall_of"]


def decision_of(problem: Problem, layout: Layout, values: Floats) -> Decision:
    """Return what the columns decide, rounded to whole numbers."""
    hall = np.array([fate.hall for fate in problem.fates], np.int64)
    tides = layout.fate.shape[0]
    fates = np.empty((tides, len(problem.halls)), np.int64)
    for h in range(len(problem.halls)):
        places = np.flatnonzero(hall == h)
        fates[:, h] = places[values[layout.fate[:, places]].argmax(axis=1)]
    return Decision(
        fates=fates,
        dismissals=_whole(layout.dismissal, values),
        volunteers=_whole(layout.volunteer, values),
        redeployed=_whole(layout.redeployed, values),
        is_waived=bool(_whole(layout.waiver, values)[0]),
    )


def _whole(columns: Integers, values: Floats) -> Integers:
    return np.where(columns >= 0, np.round(values[columns]), 0.0).astype(np.int64)


def columns_of(problem: Problem, layout: Layout, decision: Decision, figures: Figures) -> Floats:
    """Return [column] the values of a feasible decision."""
    values = np.zeros(layout.columns)
    chosen = np.zeros(layout.fate.shape)
    np.put_along_axis(chosen, decision.fates, 1.0, axis=1)
    gone = (decision.dismissals + decision.volunteers).sum(axis=2)
    room = figures.unserved
    cost = np.einsum("rt,srt->st", problem.wage, figures.hires) + problem.unit_cash * room
    paid = np.einsum("rt,grt->gt", problem.wage, figures.posts) + procedures_of(problem, decision)[0]
    opened = problem.fate_open[decision.fates].sum(axis=1)
    short = shortfall_of(problem, figures.cheque)
    raised = problem.commitment + (short if layout.shortfall[0] >= 0 else 0.0)
    fails = figures.cheque > raised + 1e-9 * (1.0 + np.abs(figures.cheque))
    emptied = emptied_by(problem, decision)
    for columns, array in (
        (layout.fate, chosen),
        (layout.emptied, emptied),
        (layout.emptied_set, _first_set(problem, layout, emptied)),
        (layout.wave, gone > 0),
        (layout.dismissal, decision.dismissals),
        (layout.volunteer, decision.volunteers),
        (layout.redeployed, decision.redeployed),
        (layout.waiver, np.array([decision.is_waived])),
        (layout.posts, figures.posts),
        (layout.open_halls, opened),
        (layout.paid, np.cumsum(paid, axis=1)),
        (layout.unserved, room),
        (layout.hire, figures.hires),
        (layout.spent, np.cumsum(cost, axis=1)),
        (layout.cheque, figures.cheque),
        (layout.fail, fails),
        (layout.shortfall, np.array([short])),
    ):
        values[columns[columns >= 0]] = array[columns >= 0]
    return values


def _first_set(problem: Problem, layout: Layout, emptied: Truths) -> Floats:
    """Return [tide, set, month] 1 for the first of the largest sets that holds all emptied halls."""
    halls, members = members_of(problem)
    outside = np.einsum("kh,ght->gkt", ~members, emptied[:, halls].astype(float))
    holds = (layout.emptied_set >= 0) & (outside == 0.0)
    first = np.zeros(holds.shape)
    np.put_along_axis(first, holds.argmax(axis=1)[:, None], 1.0, axis=1)
    return first


def shortfall_of(problem: Problem, cheque: Floats) -> float:
    """(Q15) Return the least that the commitments must be raised by for these cheques."""
    wanted = np.maximum(cheque - problem.commitment, 0.0)
    order = np.argsort(-wanted, kind="stable")
    failing = np.cumsum(problem.probability[order])
    spared = int(np.searchsorted(failing, problem.fail_limit + 1e-12, side="right"))
    return float(wanted[order][spared]) if spared < wanted.size else 0.0
