"""From a case as it stands to the programme of its restructuring."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet
from secondhall.recover.halls import Refused, effects_of, fates_of
from secondhall.recover.law.law import Law
from secondhall.recover.money import Money, money_of
from secondhall.recover.nothing import Bundles, bundles_of, live_through
from secondhall.recover.people import (
    Indemnities,
    excess_of,
    floor_of,
    indemnities_of,
    law_of,
    quotas_of,
    redeployments_of,
    waves_of,
)
from secondhall.recover.problem import Problem, Waiver
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
    bundles
        the futures over which it is chosen.
    law, indemnities, money
        what the posts' going costs, and when.
    impossible
        what cannot be done with a hall at all.
    """

    standing: Standing
    problem: Problem
    bundles: Bundles
    law: Law
    indemnities: Indemnities
    money: Money
    impossible: tuple[Refused, ...]

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.standing.case


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
    months = min(case.recovery.integer("months"), horizon)
    review = min(case.recovery.integer("review_months"), months)
    report("bundling futures in which nothing is done", 0, 1)
    bundles = bundles_of(
        standing, seed=seed, futures=futures, scenarios=scenarios, review=review, tides=tides
    )
    money, law = money_of(own, months, bundles.taxed), law_of(case)
    nothing = live_through(standing, seed=seed, paths=bundles.paths)
    excess = excess_of(own, nothing.need, bundles.probability, months)
    fates, impossible = fates_of(standing.halls, months)
    halls, idle = effects_of(standing, fates, bundles, nothing, money, excess, seed=seed, report=report)
    indemnities = indemnities_of(case, own, law)
    waves = waves_of(case, own, law, indemnities, money, review)
    line, granted = _lines(standing, nothing.is_broken[:months].T)
    wage = own.role.monthly_cost * money.index
    worth = money.running(wage, excess)
    rate = case.recovery
    problem = Problem(
        months=months,
        review=review,
        probability=bundles.probability,
        tide=bundles.tide,
        halls=tuple(hall.name for hall in standing.halls),
        roles=tuple(case.staff),
        fates=fates,
        fate_cash=halls.cash,
        fate_value=halls.value,
        fate_units=halls.units,
        fate_lost=halls.lost,
        fate_capacity=halls.capacity,
        fate_open=halls.is_open,
        demand=halls.demand,
        unit_cash=halls.unit_cash,
        unit_value=halls.unit_value,
        move_rate=rate.number("move_units_monthly").mid if rate.given("move_units_monthly") else NO_LIMIT,
        posts=own.role.posts[:, 0],
        attrition=own.role.attrition[:, 0],
        floor=floor_of(own, months),
        need=np.moveaxis(nothing.need[:, :months], -1, 0),
        need_per_hall=own.role.per_open_hall[:, 0],
        wage=wage[:, :months],
        post_value=worth,
        hire_value=worth,
        waves=waves,
        quotas=quotas_of(case, own, law, waves),
        redeployments=redeployments_of(case, own, money),
        waiver=_waiver(case, months, granted, money),
        cash=np.full(bundles.paths.size, float(own.firm.cash[0])),
        flow=idle.flow[:months].T,
        line=line,
        minimum_cash=float(own.firm.minimum_cash[0]),
        commitment=np.full(bundles.paths.size, float(own.firm.shareholder_commitment[0])),
        fail_limit=rate.number("shortfall_limit").mid,
        value=money.worth(idle.free, idle.earned),
    )
    return Laid(
        standing,
        _over_nothing(problem),
        bundles,
        law,
        indemnities,
        money,
        impossible,
    )


def _over_nothing(problem: Problem) -> Problem:
    """Count value from that of doing nothing, so that a gap is a share of what a plan gains."""
    return replace(problem, value=problem.value - evaluate(problem, do_nothing(problem)).scenario_value)


def _lines(standing: Standing, is_broken: Floats) -> tuple[Floats, Floats]:
    """Return [scenario, month] what can still be drawn on the revolver, and what a waiver would add.

    A bank that may refuse from the first broken covenant on is taken to refuse for good.
    """
    room = float(standing.own.firm.revolver_limit[0] - standing.own.firm.revolver[0])
    line: Floats = np.where(is_broken > 0.0, 0.0, max(room, 0.0))
    return line, max(room, 0.0) - line


def _waiver(case: Case, months: int, granted: Floats, money: Money) -> Waiver | None:
    if not case.recovery.given("waiver_fee") or not granted.any():
        return None
    cash, value = money.spent(0)
    fee = case.recovery.number("waiver_fee").mid
    return Waiver(cash=fee * cash[:months], value=fee * value, line=granted)
