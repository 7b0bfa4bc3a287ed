"""The rows of the posts: waves within the law, posts month by month, hires, what it all costs."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Integers
from secondhall.recover.problem import Problem
from secondhall.recover.programme.layout import Layout
from secondhall.recover.programme.rows import Rows

__all__ = ["add_staff"]

_HIRES = 1_000_000
"""Groups of rows from here on are of hires."""


def add_staff(rows: Rows, problem: Problem, layout: Layout) -> None:
    """Add all rows of the posts."""
    _waves(rows, problem, layout)
    _quotas(rows, problem, layout)
    _collective(rows, problem, layout)
    _redeployments(rows, problem, layout)
    _posts(rows, problem, layout)
    _hires(rows, problem, layout)
    _paid(rows, problem, layout)


def _own(columns: Integers) -> Integers:
    """Return [tide, ...] columns, -1 where they are the first tide's: a row on them would be twice there."""
    own = columns.copy()
    own[1:][columns[1:] == columns[0]] = -1
    return own


def _waves(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q4, Q5) least z <= posts <= most z; no more volunteer than a share of them."""
    wave = _own(layout.wave)
    exists, whole = wave >= 0, float(np.floor(problem.posts).sum())
    least = np.array([float(one.least) for one in problem.waves])
    most = np.array([min(float(one.most), whole) for one in problem.waves])
    share = np.array([one.volunteer_share for one in problem.waves])
    zero = np.zeros(wave.shape)
    for bound, lower, upper in ((least, zero, zero + np.inf), (most, zero - np.inf, zero)):
        row = rows.add(lower, upper, exists)
        rows.put(row, wave, -np.broadcast_to(bound, row.shape))
        for posts in (layout.dismissal, layout.volunteer):
            rows.put(row[:, :, None], posts, np.ones(posts.shape))
    row = rows.add(zero - np.inf, zero, exists & (share < 1.0))
    rows.put(row[:, :, None], layout.volunteer, (1.0 - share)[:, None])
    rows.put(row[:, :, None], layout.dismissal, -share[:, None])


def _quotas(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q6) Some waves together take no more than a quota."""
    tides = layout.wave.shape[0]
    for quota in problem.quotas:
        waves = np.array(quota.waves, np.int64)
        is_common = bool((layout.wave[:, waves] == layout.wave[0, waves]).all())
        row = rows.add(
            np.full(tides, -np.inf),
            np.full(tides, float(quota.most)),
            (np.arange(tides) == 0) | (not is_common),
        )
        for posts in (layout.dismissal[:, waves], layout.volunteer[:, waves]):
            rows.put(row[:, None, None], posts, np.ones(posts.shape))


def _collective(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q7) One collective wave before the review, one in each tide from it on."""
    tides = layout.wave.shape[0]
    is_early = np.array([wave.announced < problem.review for wave in problem.waves], bool)
    is_collective = np.array([wave.is_collective for wave in problem.waves], bool)
    for which, count in ((is_collective & is_early, 1), (is_collective & ~is_early, tides)):
        if which.sum() > 1:
            row = rows.add(np.full(count, -np.inf), np.ones(count))
            columns = layout.wave[:count, which]
            rows.put(row[:, None], columns, np.ones(columns.shape))


def _redeployments(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q8) Of each pair of roles no more posts change than can, in all."""
    tides, pairs, _ = layout.redeployed.shape
    most = np.array([float(pair.most) for pair in problem.redeployments])
    row = rows.add(np.full((tides, pairs), -np.inf), np.broadcast_to(most, (tides, pairs)))
    rows.put(row[:, :, None], layout.redeployed, np.ones(layout.redeployed.shape))


def _posts(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q8) P(t) = P(t-1)(1 - attrition) - those who leave in t -/+ those who change their role."""
    own = _own(layout.posts)
    start = np.zeros(own.shape)
    start[:, :, 0] = problem.posts * (1.0 - problem.attrition)
    row = rows.add(start, start, own >= 0)
    rows.put(row, own, np.ones(row.shape))
    stay = np.broadcast_to(-(1.0 - problem.attrition)[:, None], row[:, :, 1:].shape)
    rows.put(row[:, :, 1:], layout.posts[:, :, :-1], stay)
    for place, wave in enumerate(problem.waves):
        for month, posts in ((wave.leave, layout.dismissal), (wave.volunteers_leave, layout.volunteer)):
            if month < problem.months:
                rows.put(row[:, :, month], posts[:, place], np.ones(posts[:, place].shape))
    for place, pair in enumerate(problem.redeployments):
        columns = layout.redeployed[:, place]
        rows.put(row[:, pair.source], columns, np.ones(columns.shape))
        rows.put(row[:, pair.target], columns, -np.ones(columns.shape))


def _hires(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q9) hire >= need + need per hall x open halls - P."""
    _, first = np.unique(layout.hire, return_index=True)
    exists = np.zeros(layout.hire.size, bool)
    exists[first] = True
    exists = exists.reshape(layout.hire.shape) & (layout.hire >= 0)
    _, roles, months = problem.need.shape
    # One group for each tide, role and month: the scenario that needs most comes in first.
    place = np.arange(roles * months).reshape(roles, months)
    group = _HIRES + problem.tide[:, None, None] * place.size + place
    row = rows.add(problem.need, np.full(problem.need.shape, np.inf), exists, group=group)
    rows.put(row, layout.hire, np.ones(row.shape))
    rows.put(row, layout.posts[problem.tide], np.ones(row.shape))
    per_hall = -problem.need_per_hall[:, None]
    rows.put(row, layout.open_halls[problem.tide][:, None, :], per_hall)


def _paid(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q10) What staff, waves, redeployments and the waiver cost so far, alike in a tide's scenarios."""
    zero = np.zeros(layout.paid.shape)
    row = rows.add(zero, zero)
    rows.put(row, layout.paid, np.ones(row.shape))
    rows.put(row[:, 1:], layout.paid[:, :-1], -np.ones(row[:, 1:].shape))
    rows.put(row[:, None, :], layout.posts, -problem.wage)
    for place, wave in enumerate(problem.waves):
        for posts, cash in (
            (layout.dismissal, wave.dismissal_cash),
            (layout.volunteer, wave.volunteer_cash),
        ):
            rows.put(row[:, None, :], posts[:, place, :, None], -cash)
        rows.put(row, layout.wave[:, place, None], -wave.fixed_cash)
    for place, pair in enumerate(problem.redeployments):
        rows.put(row, layout.redeployed[:, place], np.full(row.shape, -pair.cost))
    if problem.waiver is not None:
        rows.put(row, np.broadcast_to(layout.waiver, row.shape), -problem.waiver.cash)
