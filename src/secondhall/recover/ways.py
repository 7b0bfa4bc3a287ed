"""The ways on that a plan is held against: nothing, every hall kept, everything closed, what was done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from secondhall.belief.facts.plan import dated_terms
from secondhall.company import NO_TRIGGER, RuleTerms, slots_of
from secondhall.recover.hall import Hall
from secondhall.recover.halls import terms_of_fates
from secondhall.recover.measures import as_carried_out, terms_of_plan
from secondhall.recover.problem import Fate
from secondhall.recover.programme import Plan
from secondhall.recover.programme.decision import tides_of
from secondhall.recover.standing import Standing
from secondhall.recover.state import Laid

__all__ = ["Way", "carried_out", "closing_all", "doing_nothing", "following"]

Way = tuple[str, str, tuple[RuleTerms, ...]]
"""Name, words, and the terms in each tide."""

NOTHING, PLAN, KEPT, CLOSED, PAST = (
    "nothing",
    "plan",
    "every hall kept",
    "everything closed",
    "as it happened",
)
MOST_VALUE, LEAST_CHEQUE = "the highest value", "the least cheque"


def doing_nothing(laid: Laid) -> Way:
    """Return the way on in which nothing is decided."""
    return NOTHING, "nothing is decided", (laid.standing.living,)


def following(laid: Laid, plan: Plan, name: str, words: str) -> Way:
    """Return a plan as a way on that reacts at the review."""
    tides = range(tides_of(laid.problem))
    return name, words, tuple(terms_of_plan(laid, plan, tide) for tide in tides)


def closing_all(laid: Laid) -> Way:
    """Return the orderly end: everyone is told at once, every hall closes when the letters have gone.

    Nobody is hired, posts go by dismissal alone, and the overhead ends with the last hall.
    """
    problem, own = laid.problem, laid.standing.own
    leave = min((wave.leave for wave in problem.waves if wave.is_collective), default=0)
    last = max(
        (wave.leave for wave in problem.waves if wave.is_collective and wave.announced == 0), default=leave
    )
    fates = [
        Fate(hall=place, action=_end_of(hall), month=last) for place, hall in enumerate(laid.standing.halls)
    ]
    terms = terms_of_fates(laid.standing, fates)
    posts = np.zeros((len(problem.roles), laid.money.horizon))
    posts[:, last] = problem.posts
    charges, costs = np.zeros(laid.money.horizon), np.zeros(laid.money.horizon)
    charges[0] = float((problem.posts * own.role.monthly_cost[:, 0] * laid.indemnities.dismissal).sum())
    charges[0] += laid.case.recovery.number("procedure_cost").mid
    costs[last + 1 :] = -float(own.firm.overhead[0])
    measures = replace(
        terms.measures,
        move_units=np.zeros((own.halls, laid.money.horizon)),
        posts_leaving=posts,
        charges=charges,
        costs=costs,
        waived=np.zeros(laid.money.horizon),
    )
    ended = replace(terms, freeze_month=0, trigger=NO_TRIGGER, measures=measures)
    return CLOSED, f"everyone is told at once and all halls close in {laid.case.start + last}", (ended,)


def _end_of(hall: Hall) -> str:
    if hall.state == "building":
        return "stop"
    return "close" if hall.sale_price is None else "sell"


def carried_out(standing: Standing) -> Way | None:
    """Return what was really done from the case's start on; None where no such plan is known."""
    case = standing.case
    actions = as_carried_out(case, case.history_plan) if case.history_plan else ()
    if not actions:
        return None
    said = ", ".join(
        f"{action.action.replace('_', ' ')}{f' {action.target}' if action.target else ''} in {action.month}"
        for action in actions
    )
    dated = dated_terms(actions, slots_of(case), case.start)
    acting = ("stop_month", "mothball_month", "close_month", "freeze_month", "dismiss_month")
    terms = replace(standing.living, **{name: getattr(dated, name) for name in acting})
    return PAST, said, (terms,)
