"""The ways on that a plan is held against: nothing, every hall kept, everything closed, what was done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from secondhall.belief.facts.plan import dated_terms
from secondhall.case import PlannedAction
from secondhall.company import NO_TRIGGER, RuleTerms, slots_of
from secondhall.company.layout import Floats
from secondhall.recover.fates import terms_of_fates
from secondhall.recover.hall import Hall
from secondhall.recover.measures import as_carried_out, terms_of_plan
from secondhall.recover.problem import Fate, Problem
from secondhall.recover.programme import Plan
from secondhall.recover.programme.decision import tides_of
from secondhall.recover.state import Laid

__all__ = ["Way", "carried_out", "closing_all", "doing_nothing", "following", "shared_out"]

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
    everyone = int(problem.posts.sum())
    last = max(wave.leave for wave in laid.waves if wave.announced == 0 and wave.least <= everyone)
    fates = [
        Fate(hall=place, action=_end_of(hall), month=last) for place, hall in enumerate(laid.standing.halls)
    ]
    terms = terms_of_fates(laid.standing, fates)
    posts = np.zeros((len(problem.roles), laid.money.horizon))
    posts[:, last] = problem.posts
    charges, costs = np.zeros(laid.money.horizon), np.zeros(laid.money.horizon)
    charges[0] = float(laid.indemnities.owed(problem.posts, 0.0).sum())
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


def carried_out(laid: Laid) -> Way | None:
    """Return what was really done from the case's start on; None where no such plan is known.

    Where the plan says how many posts left, so many leave, from the roles in proportion to the posts that the
    work of the middle future does not need then.
    """
    case = laid.case
    actions = as_carried_out(case, case.history_plan) if case.history_plan else ()
    if not actions:
        return None
    counted = [action for action in actions if action.posts is not None]
    dated = dated_terms([one for one in actions if one not in counted], slots_of(case), case.start)
    acting = ("stop_month", "mothball_month", "close_month", "freeze_month", "dismiss_month")
    terms = replace(laid.standing.living, **{name: getattr(dated, name) for name in acting})
    months = laid.problem.months
    posts, charges = np.zeros((len(laid.problem.roles), months)), np.zeros(months)
    for action in counted:
        month = action.month - case.start
        if month < months:
            shut = int(((dated.close_month >= 0) & (dated.close_month <= month)).sum())
            gone = shared_out(action.posts or 0.0, _spare(laid.problem, month, shut))
            posts[:, month] += gone
            charges[month] += float(laid.indemnities.owed(gone, 0.0).sum())
    measures = replace(terms.measures, posts_leaving=posts, charges=charges)
    return PAST, ", ".join(_said(action) for action in actions), (replace(terms, measures=measures),)


def _spare(problem: Problem, month: int, shut: int) -> Floats:
    """Return [role] posts that the middle future does not need once some halls are shut."""
    left = problem.posts * (1.0 - problem.attrition) ** (month + 1)
    need = np.median(problem.need[:, :, month], axis=0)
    spare: Floats = np.maximum(left - need - problem.need_per_hall * (len(problem.halls) - shut), 0.0)
    return spare if spare.sum() > 0.0 else left


def shared_out(total: float, weight: Floats) -> Floats:
    """Return whole posts that add up to a total, in proportion to weights, the largest remainders up.

    Examples
    --------
    >>> shared_out(5.0, np.array([1.0, 1.0, 2.0])).tolist()
    [1.0, 1.0, 3.0]
    """
    exact = total * weight / weight.sum()
    whole: Floats = np.floor(exact)
    up = np.argsort(whole - exact, kind="stable")[: round(total - whole.sum())]
    whole[up] += 1.0
    return whole


def _said(action: PlannedAction) -> str:
    what = action.action.replace("_", " ")
    if action.posts is not None:
        what = f"{action.posts:g} posts leave"
    return f"{what}{f' {action.target}' if action.target else ''} in {action.month}"
