"""From a case as it stands to the programme of its restructuring."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet
from secondhall.recover.fates import HallEffects, Refused, effects_of, fates_of
from secondhall.recover.law.law import Law
from secondhall.recover.money import Money, money_of
from secondhall.recover.nothing import Bundles, bundles_of, live_through
from secondhall.recover.people import Indemnities, Staffing, excess_of, indemnities_of, law_of, staffing_of
from secondhall.recover.problem import Problem, Waiver, Wave
from secondhall.recover.programme import do_nothing, evaluate
from secondhall.recover.standing import Standing

__all__ = ["Laid", "lay_out"]

NO_LIMIT = 1e9
"""Units that can be moved in a month where no limit is stated."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A restructuring laid out for the programme.

    Attributes
    ----------
    standing
        the company.
    problem
        what can be chosen.
    waves
        every way in which posts may go, also where the problem offers one kind only.
    bundles
        the futures over which it is chosen.
    law, indemnities, money
        what the posts' going costs, and when.
    impossible
        what cannot be done with a hall at all.
    """

    standing: Standing
    problem: Problem
    waves: tuple[Wave, ...]
    bundles: Bundles
    law: Law
    indemnities: Indemnities
    money: Money
    impossible: tuple[Refused, ...]

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.standing.case

    @property
    def smallest_plan(self) -> int:
        """The fewest posts that the law asks a collective procedure for; more than all if it never does."""
        least = [wave.least for wave in self.waves if wave.is_collective]
        return min(least, default=int(self.problem.posts.sum()) + 1)


def lay_out(
    standing: Standing,
    *,
    seed: int,
    futures: int,
    scenarios: int,
    tides: int,
    report: Report = quiet,
) -> Laid:
    """Return the restructuring of a company as a programme.

    Parameters
    ----------
    standing
        the company.
    seed, futures
        which futures are bundled.
    scenarios, tides
        futures that stand for all; how many can be told apart at the review.
    report
        called with (what is being done, done, total).
    """
    case, own, horizon = standing.case, standing.own, standing.own.months
    law = law_of(case)
    months = min(case.recovery.integer("months"), horizon)
    review = min(case.recovery.integer("review_months"), months)
    report("bundling futures in which nothing is done", 0, 1)
    bundles = bundles_of(
        standing, seed=seed, futures=futures, scenarios=scenarios, review=review, tides=tides
    )
    money = money_of(own, months, bundles.taxed)
    nothing = live_through(standing, seed=seed, paths=bundles.paths)
    excess = excess_of(own, nothing.need, bundles.probability, months)
    fates, impossible = fates_of(standing.halls, months)
    halls, idle = effects_of(standing, fates, bundles, nothing, money, excess, seed=seed, report=report)
    indemnities = indemnities_of(case, own, law)
    staff = staffing_of(case, own, law, indemnities, money, need=nothing.need, excess=excess, review=review)
    limit = case.recovery
    problem = Problem(
        months=months,
        review=review,
        probability=bundles.probability,
        tide=bundles.tide,
        halls=tuple(hall.name for hall in standing.halls),
        roles=tuple(case.staff),
        fates=fates,
        **_fields(halls),
        **_fields(staff),
        move_rate=limit.number("move_units_monthly").mid if limit.given("move_units_monthly") else NO_LIMIT,
        **_funding(standing, nothing.is_broken[:months].T, money),
        flow=idle.flow[:months].T,
        value=money.worth(idle.free, idle.earned),
    )
    valued = _over_nothing(problem)
    return Laid(standing, valued, staff.waves, bundles, law, indemnities, money, impossible)


def _fields(part: HallEffects | Staffing) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _over_nothing(problem: Problem) -> Problem:
    """Count value from that of doing nothing, so that a gap is a share of what a plan gains."""
    return replace(problem, value=problem.value - evaluate(problem, do_nothing(problem)).scenario_value)


def _funding(standing: Standing, is_broken: Floats, money: Money) -> dict[str, Any]:
    """Return what can be paid, and by whom, as fields of the problem.

    ``is_broken`` is [scenario, month]: a bank that may refuse from the first broken covenant on is taken to
    refuse for good, unless it waives.
    """
    firm, limit = standing.own.firm, standing.case.recovery
    room = max(float(firm.revolver_limit[0] - firm.revolver[0]), 0.0)
    line: Floats = np.where(is_broken > 0.0, 0.0, room)
    waiver = None
    if limit.given("waiver_fee") and (line < room).any():
        cash, value = money.spent(0)
        fee = limit.number("waiver_fee").mid
        waiver = Waiver(cash=fee * cash, value=fee * value, line=room - line)
    everywhere = np.ones(is_broken.shape[0])
    return {
        "line": line,
        "waiver": waiver,
        "cash": everywhere * firm.cash,
        "minimum_cash": float(firm.minimum_cash[0]),
        "commitment": everywhere * firm.shareholder_commitment,
        "fail_limit": limit.number("shortfall_limit").mid,
    }
