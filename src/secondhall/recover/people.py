"""The posts: how they may go under the law, what each way costs, and below what none may be brought."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from secondhall.case import Case
from secondhall.company import Parameters
from secondhall.company.layout import OPEN, Floats, Integers
from secondhall.errors import InputError
from secondhall.months import Month
from secondhall.recover.law.calendar import Band, bands, quotas
from secondhall.recover.law.law import Law, Seniority, read_law
from secondhall.recover.law.severance import role_severance
from secondhall.recover.money import Money
from secondhall.recover.problem import Quota, Redeployment, Wave

__all__ = ["Indemnities", "Staffing", "excess_of", "indemnities_of", "law_of", "quotas_of", "staffing_of"]

Counts = Floats | Integers | float

EXCESS_PARTS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Parts of the posts too many at which it is asked how long one of them stays so."""

WAVES_EVERY = 3
"""Months between two announcements of small waves, and of any after the review."""


@dataclass(frozen=True, slots=True, eq=False)
class Indemnities:
    """What a post that goes costs, in months of its cost.

    Attributes
    ----------
    notice, severance
        [role] of a dismissal; the larger of what the case states and of what the law gives.
    volunteer
        [role] paid to a volunteer.
    statutory
        [role] the law's own indemnity.
    monthly_cost
        [role] cost of a post, in the money of the start.
    """

    monthly_cost: Floats
    notice: Floats
    severance: Floats
    volunteer: Floats
    statutory: Floats

    @property
    def dismissal(self) -> Floats:
        """[role] notice and severance."""
        return self.notice + self.severance

    def owed(self, dismissed: Counts, volunteers: Counts) -> Floats:
        """Return [role] what is owed to those who go, in the money of the start."""
        months: Floats = dismissed * self.dismissal + volunteers * self.volunteer
        return months * self.monthly_cost


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Staffing:
    """The posts and how they may go: these fields of `secondhall.recover.problem.Problem`."""

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


def staffing_of(
    case: Case,
    own: Parameters,
    law: Law,
    indemnities: Indemnities,
    money: Money,
    *,
    need: Floats,
    excess: Floats,
    review: int,
) -> Staffing:
    """Return the posts of a company and how they may go.

    Parameters
    ----------
    case, own
        the company.
    law, indemnities, money
        under which law, at what cost, paid when.
    need
        [role, horizon, scenario] posts that the work needs beside those for each open hall.
    excess
        [role, month after those planned] from `excess_of`.
    review
        month of the review.
    """
    wage = own.role.monthly_cost * money.index
    worth = money.running(wage, excess)
    waves = waves_of(case, own, law, indemnities, money, review)
    return Staffing(
        posts=own.role.posts[:, 0],
        attrition=own.role.attrition[:, 0],
        floor=floor_of(own, money.months),
        need=np.moveaxis(need[:, : money.months], -1, 0),
        need_per_hall=own.role.per_open_hall[:, 0],
        wage=wage[:, : money.months],
        post_value=worth,
        hire_value=worth,
        waves=waves,
        quotas=quotas_of(case, own, law, waves),
        redeployments=redeployments_of(case, own, money),
    )


def law_of(case: Case) -> Law:
    """Return the law that the case names, the plain one where it names none."""
    try:
        return read_law(case.recovery.text("law") or "generic")
    except InputError as error:
        of_case = [
            replace(f, file="case.yaml", column="recovery.law") for f in error.faults if f.line is None
        ]
        raise InputError(of_case or error.faults) from None


def indemnities_of(case: Case, own: Parameters, law: Law) -> Indemnities:
    """Return what a post of each role costs when it goes, under the law of the first month."""
    day = date(case.start.year, case.start.month, 1)
    notice, severance, statutory, volunteer = [], [], [], []
    for place, record in enumerate(case.staff.values()):
        stated_notice = record.number("notice_months").mid
        years = record.number("seniority_years").mid
        seniority = Seniority(int(years), round(12.0 * (years - int(years))))
        cost = Decimal(str(round(float(own.role.monthly_cost[place, 0]), 2)))
        legal = law.at(day).notice.months(seniority, is_qualified=False)
        given = role_severance(
            law,
            monthly_gross=cost * Decimal(str(record.number("gross_share").mid)),
            mean_seniority=seniority,
            stated_months=Decimal(0),
            day=day,
            monthly_cost=cost,
        )
        stated = float(own.role.leaving_months[place, 0]) - stated_notice
        notice.append(max(stated_notice, float(legal)))
        statutory.append(float(given))
        severance.append(max(stated, float(given)))
        paid = case.recovery
        volunteer.append(
            paid.number("volunteer_months").mid if paid.given("volunteer_months") else severance[-1]
        )
    months = (np.array(of_roles) for of_roles in (notice, severance, volunteer, statutory))
    return Indemnities(own.role.monthly_cost[:, 0], *months)


def waves_of(
    case: Case, own: Parameters, law: Law, indemnities: Indemnities, money: Money, review: int
) -> tuple[Wave, ...]:
    """(Y6) Return every way in which posts may go, for each month in which it may be announced."""
    headcount = max(int(own.role.posts.sum()), 1)
    quarterly = range(0, money.months, WAVES_EVERY)
    announced = sorted({*range(review), *quarterly, review})
    day = date(case.start.year, case.start.month, 1)
    offered = [band for band in bands(law, headcount, day) if band.least <= headcount]
    return tuple(
        _wave(case, band, month, indemnities, money)
        for month in announced
        for band in offered
        if month + band.months_to_letters < money.months and (band.is_collective or month in quarterly)
    )


def _wave(case: Case, band: Band, month: int, indemnities: Indemnities, money: Money) -> Wave:
    cash, value = money.provided(month)
    dismissal, volunteer = indemnities.owed(1.0, 0.0), indemnities.owed(0.0, 1.0)
    procedure = case.recovery.number("procedure_cost").mid if band.is_collective else 0.0
    return Wave(
        name=band.name,
        is_collective=band.is_collective,
        announced=month,
        least=band.least,
        most=band.most,
        leave=month + band.months_to_letters,
        volunteers_leave=month + math.ceil(band.months_to_letters / 2),
        volunteer_share=case.recovery.number("volunteer_share").mid,
        dismissal_cash=dismissal[:, None] * cash,
        dismissal_value=dismissal * value,
        volunteer_cash=volunteer[:, None] * cash,
        volunteer_value=volunteer * value,
        fixed_cash=procedure * cash,
        fixed_value=procedure * value,
    )


def quotas_of(case: Case, own: Parameters, law: Law, waves: tuple[Wave, ...]) -> tuple[Quota, ...]:
    """Return the limits against splitting a plan into small waves, for each window of months."""
    headcount = max(int(own.role.posts.sum()), 1)
    small = [(place, wave) for place, wave in enumerate(waves) if not wave.is_collective]
    found = []
    for limit in quotas(law, headcount, date(case.start.year, case.start.month, 1)):
        last = max((wave.leave for _, wave in small), default=-1)
        firsts = _firsts(case.start, limit.months, limit.is_calendar_year, last)
        for first in firsts:
            inside = tuple(p for p, wave in small if first <= wave.leave < first + limit.months)
            if len(inside) > 1:
                found.append(Quota(words=limit.words, waves=inside, most=limit.most))
    return tuple(found)


def _firsts(start: Month, months: int, is_calendar_year: bool, last: int) -> range:
    """Return the first month of each window."""
    return range(1 - start.month, last + 1, months) if is_calendar_year else range(last + 1)


def redeployments_of(case: Case, own: Parameters, money: Money) -> tuple[Redeployment, ...]:
    """Return which posts may change from role to role."""
    roles = list(case.staff)
    return tuple(
        Redeployment(
            source=place,
            target=roles.index(record.text("redeploy_to")),
            most=int(own.role.posts[place, 0]),
            cost=record.number("redeploy_cost").mid,
            discount=tuple(float(v) for v in money.discount[: money.months]),
        )
        for place, record in enumerate(case.staff.values())
        if record.text("redeploy_to") in roles
    )


def excess_of(own: Parameters, need: Floats, probability: Floats, months: int) -> Floats:
    """(Y7) Return [role, month after those planned] the share of a post too many that is still too many.

    Attrition takes it in time, or the work grows into it: with e posts too many when the plan ends it is
    there while (need + e) (1 - attrition)^k > need_k. The share is the mean over the scenarios, and over e
    from none to as many as there are if nothing is done. ``need`` is [role, horizon, scenario].
    """
    after = np.arange(1, need.shape[1] - months + 1)
    left = (1.0 - own.role.attrition) ** after
    halls = own.role.per_open_hall * float((own.hall.state == OPEN).sum())
    ending, later = need[:, months - 1] + halls, need[:, months:] + halls[:, :, None]
    natural = own.role.posts * (1.0 - own.role.attrition) ** months
    most = np.maximum(natural - ending, 1.0)
    share = np.zeros_like(left)
    for part in EXCESS_PARTS:
        too_many = (ending + part * most)[:, None, :] * left[:, :, None] > later
        share += (np.logical_and.accumulate(too_many, axis=1) * probability).sum(axis=-1)
    return left * share / len(EXCESS_PARTS)


def floor_of(own: Parameters, months: int) -> Floats:
    """Return [role, month] below which no plan may bring the posts: the minimum, or what attrition leaves."""
    left = (1.0 - own.role.attrition) ** (np.arange(months) + 1.0)
    return np.minimum(own.role.minimum, own.role.posts * left)
