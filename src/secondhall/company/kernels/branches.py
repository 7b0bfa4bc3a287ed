"""Many plans from one past: every path lives under nothing at all until a month, then once under each plan.

What all plans share is played once; from the month of branching on each starts from a copy of the state. A
trigger looks once more at the month before, in which nothing was decided.
"""

from typing import NamedTuple

import numpy as np

from secondhall.company.kernels.blocks import OUT, Known, Model, State, Terms
from secondhall.company.kernels.decision import follow_trigger
from secondhall.company.kernels.elementary import entry, part
from secondhall.company.kernels.opening import open_state
from secondhall.company.kernels.outcomes import close_outcomes
from secondhall.company.kernels.play import block_of, empty_desk, empty_state, lanes_of, play_month
from secondhall.company.layout import LANES, Floats, Integers
from secondhall.company.parameters import NO_TRIGGER


class Plans(NamedTuple):
    """What each plan does from the month of branching on: `Terms`, with an axis of plans in front of it."""

    commit_month: Integers
    stop_month: Integers
    mothball_month: Integers
    close_month: Integers
    freeze_month: Integers
    dismiss_month: Integers
    trigger: Integers
    first_month: Integers


@entry
def play_branches(
    seed: int,
    paths: Integers,
    blocks: Model,
    known: Known,
    terms: Terms,
    idle: Terms,
    plans: Plans,
    month: int,
    npv: Floats,
    insolvency_month: Floats,
) -> None:
    """Play ``paths`` [month or 1, path] under ``idle`` until ``month``, then under each plan.

    ``terms`` give what the plans have in common; ``npv`` and ``insolvency_month`` [plan, path] receive what
    each path comes to under each plan.
    """
    months = blocks.calendar.shape[1]
    years = (blocks.start_month_of_year + months - 1) // 12 + 1
    state, branch = empty_state(blocks, months, years), empty_state(blocks, months, years)
    desk = empty_desk(blocks)
    lived = np.empty((paths.shape[0], LANES), np.int64)
    for b in range((paths.shape[1] + LANES - 1) // LANES):
        model = block_of(blocks, b)
        first = b * LANES
        used = lanes_of(paths, first, lived)
        open_state(model, known, state, desk, seed, lived[0])
        for t in range(month):
            play_month(model, known, idle, state, desk, seed, lived[min(t, lived.shape[0] - 1)], t)
        seen = desk.line.copy()
        for plan in range(plans.trigger.size):
            copy_state(state, branch)
            own = terms_of_plan(terms, plans, plan)
            if month > 0 and own.trigger != NO_TRIGGER and own.first_month <= month:
                desk.line[:] = seen
                follow_trigger(model, known, own, branch, desk, month - 1)
            for t in range(month, months):
                play_month(model, known, own, branch, desk, seed, lived[min(t, lived.shape[0] - 1)], t)
            close_outcomes(model, branch, desk)
            npv[plan, first : first + used] = branch.outcome[OUT.npv, :used]
            insolvency_month[plan, first : first + used] = branch.outcome[OUT.insolvency_month, :used]


@part
def copy_state(source: State, target: State) -> None:
    """Copy all that is carried from month to month."""
    target.segment[:] = source.segment
    target.hall[:] = source.hall
    target.firm[:] = source.firm
    target.posts[:] = source.posts
    target.unlocking[:] = source.unlocking
    target.history[:] = source.history
    target.outcome[:] = source.outcome
    target.annual[:] = source.annual
    target.accumulator[:] = source.accumulator


@part
def terms_of_plan(terms: Terms, plans: Plans, plan: int) -> Terms:
    """Return the terms of one plan."""
    return Terms(
        plans.commit_month[plan],
        plans.stop_month[plan],
        plans.mothball_month[plan],
        plans.close_month[plan],
        plans.freeze_month[plan],
        plans.dismiss_month[plan],
        plans.trigger[plan],
        terms.threshold,
        terms.candidates,
        terms.lead_months,
        terms.option_units,
        terms.option_funding,
        terms.bust_limit,
        terms.liquidity_share,
        terms.known_commitment,
        plans.first_month[plan],
        terms.measures,
    )
