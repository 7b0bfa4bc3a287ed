"""What follows from a decision, in closed form: unserved units, hires, cash, the cheque."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import Decision, tides_of
from secondhall.recover.programme.family import Family
from secondhall.recover.programme.refuse import Reason, reasons_of

__all__ = ["Figures", "evaluate", "procedures_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """What a decision comes to, in the problem's money.

    Attributes
    ----------
    value, expected_cheque
        means over the scenarios.
    scenario_value, cheque
        [scenario]
    cash, unserved
        [scenario, month] before the shareholder's cheque; units that find no room.
    posts
        [tide, role, month]
    hires
        [scenario, role, month] posts hired again for that month.
    reasons
        that refuse the decision; empty for one that is feasible.
    """

    value: float
    expected_cheque: float
    scenario_value: Floats
    cheque: Floats
    cash: Floats
    unserved: Floats
    posts: Floats
    hires: Floats
    reasons: tuple[Reason, ...]

    @property
    def is_feasible(self) -> bool:
        """Whether nothing refuses the decision."""
        return not self.reasons

    @property
    def refused_by(self) -> tuple[Family, ...]:
        """Return the families that refuse it, each once."""
        return tuple(dict.fromkeys(reason.family for reason in self.reasons))


def evaluate(problem: Problem, decision: Decision) -> Figures:
    """Return what a decision comes to, and what refuses it.

    Once the whole numbers are decided nothing is left to choose: the room that is missing, the posts that
    are hired again and the cheque are each the least that their constraint allows.

    Parameters
    ----------
    problem : Problem
        With money and room in any unit.
    decision : Decision
        Feasible or not.

    Returns
    -------
    Figures
        Values and cash in the problem's money; the equations are Q2, Q8, Q9, Q10, Q11, Q13 and Q14.
    """
    fate, tide = decision.fates[problem.tide], problem.tide
    s = np.arange(tide.size)[:, None]
    posts = _posts_of(problem, decision)
    room = problem.fate_capacity[fate].sum(axis=1) + problem.fate_lost[s, fate].sum(axis=1)
    unserved = np.maximum(problem.demand - room, 0.0)
    halls = problem.fate_open[fate].sum(axis=1)
    work = problem.need + problem.need_per_hall[None, :, None] * halls[:, None, :]
    hires = np.maximum(work - posts[tide], 0.0)
    procedure_cash, procedure_value = procedures_of(problem, decision)
    monthly = problem.flow + problem.fate_cash[s, fate].sum(axis=1) - procedure_cash[tide]
    monthly -= np.einsum("rt,srt->st", problem.wage, posts[tide] + hires) + problem.unit_cash * unserved
    cash = problem.cash[:, None] + np.cumsum(monthly, axis=1)
    line = problem.line
    if problem.waiver is not None and decision.is_waived:
        line = line + problem.waiver.line
    cheque = np.maximum((problem.minimum_cash - line - cash).max(axis=1), 0.0)
    value = problem.value + problem.fate_value[s, fate].sum(axis=1) - procedure_value[tide]
    value -= (problem.unit_value * unserved).sum(axis=1)
    value -= np.einsum("rt,srt->s", problem.post_value, posts[tide])
    value -= np.einsum("rt,srt->s", problem.hire_value, hires)
    return Figures(
        value=float(problem.probability @ value),
        expected_cheque=float(problem.probability @ cheque),
        scenario_value=value,
        cheque=cheque,
        cash=cash,
        unserved=unserved,
        posts=posts,
        hires=hires,
        reasons=reasons_of(problem, decision, posts=posts, unserved=unserved, cheque=cheque),
    )


def _posts_of(problem: Problem, decision: Decision) -> Floats:
    """(Q8) Return [tide, role, month] posts, below zero where a decision takes more than there are."""
    change = np.zeros((tides_of(problem), len(problem.roles), problem.months))
    for place, wave in enumerate(problem.waves):
        for month, gone in (
            (wave.leave, decision.dismissals),
            (wave.volunteers_leave, decision.volunteers),
        ):
            if month < problem.months:
                change[:, :, month] -= gone[:, place]
    for place, pair in enumerate(problem.redeployments):
        change[:, pair.source] -= decision.redeployed[:, place]
        change[:, pair.target] += decision.redeployed[:, place]
    posts, level = np.empty_like(change), problem.posts
    for month in range(problem.months):
        level = level * (1.0 - problem.attrition) + change[:, :, month]
        posts[:, :, month] = level
    return posts


def procedures_of(problem: Problem, decision: Decision) -> tuple[Floats, Floats]:
    """Return [tide, month] cash and [tide] value that waves, redeployments and the waiver cost."""
    cash = np.zeros((tides_of(problem), problem.months))
    value = np.zeros(tides_of(problem))
    for place, wave in enumerate(problem.waves):
        dismissed, volunteers = decision.dismissals[:, place], decision.volunteers[:, place]
        held = (dismissed + volunteers).sum(axis=1) > 0
        cash += dismissed @ wave.dismissal_cash + volunteers @ wave.volunteer_cash
        cash += held[:, None] * wave.fixed_cash
        value += dismissed @ wave.dismissal_value + volunteers @ wave.volunteer_value
        value += held * wave.fixed_value
    for place, pair in enumerate(problem.redeployments):
        cash += pair.cost * decision.redeployed[:, place]
        value += pair.cost * (decision.redeployed[:, place] @ np.array(pair.discount))
    if problem.waiver is not None and decision.is_waived:
        cash += problem.waiver.cash
        value += problem.waiver.value
    return cash, value
