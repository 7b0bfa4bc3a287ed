"""The restructuring as a programme sees it: fates of halls, waves of posts, futures of the cash.

Everything is laid out as what it adds to doing nothing, so the programme knows no company: it chooses, and
what it chose is then played in the compiled company. Months count from 0, the first one that can be acted
in. Money is in one unit throughout; values are discounted to the start.

Axes: scenario s, month t, fate f, role r, wave w, tide g (the scenarios that can be told apart at the
review; what is decided before it is the same in all of them).
"""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.company.layout import Floats, Integers

__all__ = ["ACTIONS", "Fate", "Problem", "Quota", "Redeployment", "Waiver", "Wave"]

ACTIONS = ("keep", "renegotiate", "sublet", "mothball", "sell", "close", "stop")
"""What may become of a hall: ``stop`` is for one under construction, ``renegotiate`` keeps it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one hall, from one month on; every hall has a fate ``keep`` (of month 0)."""

    hall: int
    action: str
    month: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wave:
    """Posts that go together, under one procedure.

    Attributes
    ----------
    name
        of the procedure, such as "individual" or "collective".
    is_collective
        at most one such wave before the review, and one after it in each tide.
    announced
        month in which it is announced; from the review on a tide may have its own.
    least, most
        the fewest and the most posts for which the law gives this procedure; none at all is always allowed.
    leave, volunteers_leave
        month from which the posts are no longer paid as staff.
    volunteer_share
        share of the wave, at most, that volunteers.
    dismissal_cash, volunteer_cash
        [role, month] paid for one post that goes.
    dismissal_value, volunteer_value
        [role] its present value, as a cost.
    fixed_cash, fixed_value
        [month] paid for the procedure if any post goes, and its present value.
    """

    name: str
    is_collective: bool
    announced: int
    least: int
    most: int
    leave: int
    volunteers_leave: int
    volunteer_share: float
    dismissal_cash: Floats
    dismissal_value: Floats
    volunteer_cash: Floats
    volunteer_value: Floats
    fixed_cash: Floats
    fixed_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The most posts that may go in some waves together, such as ten in three months without a plan."""

    words: str
    waves: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeployment:
    """Posts that may change from one role to another, from a month on, ``most`` in all, at a cost each."""

    source: int
    target: int
    most: int
    cost: float
    discount: tuple[float, ...]
    """[month] worth at the start of money in that month"""
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiver:
    """A covenant waived at a price.

    ``cash`` [month] and ``value`` are paid for it, ``line`` [scenario, month] is gained.
    """

    cash: Floats
    value: float
    line: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """What can be done, and what it does.

    Attributes
    ----------
    months, review
        months that are planned; the first month in which tides may be told apart (`months` for never).
    probability, tide
        [scenario] of it; number of its tide, from 0.
    halls, roles
        their names.
    fates
        each hall has ``keep`` and may have others.
    fate_cash, fate_value
        [scenario, fate, month] cash gained over keeping the hall; [scenario, fate] the present value gained.
    fate_units
        [scenario, fate] units that must have moved out before the fate's month (its moves may use the
        months 0 to month - 1).
    fate_lost
        [scenario, fate, month] units of customers that the move loses and that want no room any more.
    fate_capacity, fate_open
        [fate, month] units that the hall offers; 1 while its posts are needed.
    demand
        [scenario, month] units that the company would have sold if nothing were done.
    unit_cash, unit_value
        [scenario, month] cash and present value lost with one unit that finds no room; at least 0.
    move_rate
        units that can be moved in a month, all halls together.
    posts, attrition, floor
        [role] at the start; share that leaves each month by itself; [role, month] below which no plan may
        bring the posts.
    need, need_per_hall
        [scenario, role, month] posts that the work needs beside the halls' own; [role] for each open hall.
    wage, post_value, hire_value
        [role, month] cash of one post; present value of what a post and a post hired again cost from that
        month (the last one holds what follows).
    waves, quotas, redeployments, waiver
        how posts may go and change; what the bank may grant, or None.
    cash, flow
        [scenario] at the start; [scenario, month] cash flow of doing nothing, with no staff paid, before
        revolver and shareholder.
    line
        [scenario, month] revolver that can be drawn.
    minimum_cash
        that must be there.
    commitment, fail_limit
        [scenario] the most that the shareholder puts in; probability with which more may be wanted.
    value
        [scenario] present value of doing nothing, with no staff paid.
    """

    months: int
    review: int
    probability: Floats
    tide: Integers
    halls: tuple[str, ...]
    roles: tuple[str, ...]
    fates: tuple[Fate, ...]
    fate_cash: Floats
    fate_value: Floats
    fate_units: Floats
    fate_lost: Floats
    fate_capacity: Floats
    fate_open: Floats
    demand: Floats
    unit_cash: Floats
    unit_value: Floats
    move_rate: float
    posts: Floats
    attrition: Floats
    floor: Floats
    need: Floats
    need_per_hall: Floats
    wage: Floats
    post_value: Floats
    hire_value: Floats
    waves: tuple[Wave, ...]
    quotas: tuple[Quota, ...]
    redeployments: tuple[Redeployment, ...]
    waiver: Waiver | None
    cash: Floats
    flow: Floats
    line: Floats
    minimum_cash: float
    commitment: Floats
    fail_limit: float
    value: Floats
