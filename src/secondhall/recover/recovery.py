"""Recover: the way out of a company whose hall stands empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.futures import Estimate
from secondhall.months import Month
from secondhall.progress import Report, quiet
from secondhall.recover.law.calendar import Calendar, calendar_of
from secondhall.recover.measures import terms_of_plan
from secondhall.recover.others import Others, plan_for_others
from secondhall.recover.programme import (
    Cheque,
    Goal,
    NoPlan,
    Plan,
    Refusal,
    Unsaved,
    Value,
    refusals,
    solve,
    unsaved,
)
from secondhall.recover.programme.relax import with_halls_kept
from secondhall.recover.proof import Proof, prove, thresholds_of
from secondhall.recover.search import best_plan, cost_of_waiting, shortfall_of_waiting
from secondhall.recover.standing import Standing
from secondhall.recover.state import Laid, lay_out
from secondhall.recover.ways import (
    KEPT,
    LEAST_CHEQUE,
    MOST_VALUE,
    NOTHING,
    PLAN,
    Way,
    carried_out,
    closing_all,
    doing_nothing,
    following,
)
from secondhall.stochastic import Limits

__all__ = ["Others", "Recovery", "Settings", "recover"]

OTHER_SEED = 1_000_003
"""Added to the seed for the fresh futures in which a plan is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much work is done.

    Attributes
    ----------
    futures, scenarios, tides
        futures of doing nothing that are bundled; bundles; tides that can be told apart at the review.
    fresh
        futures in which the ways on are played.
    gap, seconds, alternative_seconds
        when the search for the plan stops, and when that for each alternative does.
    """

    futures: int = 2000
    scenarios: int = 50
    tides: int = 3
    fresh: int = 4000
    gap: float = 1e-3
    seconds: float = 60.0
    alternative_seconds: float = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Recovery:
    """A restructuring plan, proven; or why there is none.

    Attributes
    ----------
    seed, goal
        with which futures, best at what.
    laid
        what could be chosen.
    plan
        None where there is none.
    no_plan
        why there is none.
    proofs
        the ways on, by name, played over the same fresh futures; among them "nothing" and "plan".
    refusals
        what the plan does not do, with the reason.
    calendar
        of the procedure under which most posts go; None where none does.
    waiting
        months of waiting to what they cost: value lost, or expected cheque more; without a plan, by how much
        more the commitment would have to be raised.
    thresholds
        [tide - 1] what must be earned by the review to be in the next tide.
    others
        other companies that the evidence allows; None where the company is known.
    """

    seed: int
    goal: Goal
    laid: Laid
    plan: Plan | None
    no_plan: Unsaved | None
    proofs: Mapping[str, Proof]
    refusals: tuple[Refusal, ...]
    calendar: Calendar | None
    waiting: Mapping[int, float]
    thresholds: Floats
    others: Others | None

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.laid.case

    @property
    def month(self) -> Month:
        """The last month whose books are closed."""
        return self.case.start - 1

    @property
    def nothing(self) -> Proof:
        """Life when nothing is done."""
        return self.proofs[NOTHING]

    @property
    def proof(self) -> Proof:
        """Life under the plan, or under nothing where there is no plan."""
        return self.proofs.get(PLAN, self.nothing)

    @property
    def posts_leaving(self) -> int:
        """How many posts leave by what is decided before the review, redeployed ones not counted."""
        return 0 if self.plan is None else sum(one.posts for one in self.plan.early_waves(self.laid.problem))

    def wants_more(self, proof: Proof) -> Estimate:
        """Return the probability that a second plan is needed when a way on ends."""
        return proof.wants_more(self.laid.smallest_plan, float(self.laid.problem.commitment[0]))

    @property
    def is_needed(self) -> bool:
        """Whether anything needs doing: without it the shareholder is asked, or the company fails."""
        limit = self.laid.problem.fail_limit
        asked = float((self.nothing.cheque > 0.0).mean())
        return asked > limit or self.nothing.insolvency.value > limit


def recover(
    standing: Standing,
    others: Sequence[Standing] = (),
    *,
    goal: Goal | None = None,
    seed: int = 7,
    settings: Settings | None = None,
    report: Report = quiet,
) -> Recovery:
    """Plan the way out.

    Parameters
    ----------
    standing
        where the company stands: its first month is the first in which anything can be done.
    others
        other companies that the evidence allows, each to be given a plan of its own.
    goal
        `Cheque` (the default) or `Value`.
    seed
        of the futures.
    settings
        how much work is done.
    report
        called with (what is being done, done, total).

    Raises
    ------
    InputError
        When the law that the case names is not known.
    """
    settings, goal = settings or Settings(), goal or Cheque()
    laid = _laid(standing, seed, settings, report)
    report("searching for the best plan", 0, 1)
    kind, plan = best_plan(laid, goal, Limits(seconds=settings.seconds, gap=settings.gap))
    report("searching for the best plan", 1, 1)
    if isinstance(plan, NoPlan):
        return _without(laid, goal, seed, settings, report)
    return _with(kind, plan, others, goal, seed, settings, report)


def _with(
    laid: Laid,
    plan: Plan,
    others: Sequence[Standing],
    goal: Goal,
    seed: int,
    settings: Settings,
    report: Report,
) -> Recovery:
    """Return a recovery with its plan, proven and held against what else could be done."""
    brief = Limits(seconds=settings.alternative_seconds, gap=5.0 * settings.gap)
    thresholds = _thresholds(laid, plan, seed)
    report("playing the plan over fresh futures", 0, 1)
    proofs = _proofs(laid, _ways(laid, plan, goal, brief), thresholds, seed, settings)
    report("asking what was refused", 0, 1)
    actions = len({(fate.hall, fate.action) for fate in laid.problem.fates}) + 4
    refused = replace(brief, seconds=brief.seconds * actions)
    return Recovery(
        seed=seed,
        goal=goal,
        laid=laid,
        plan=plan,
        no_plan=None,
        proofs=proofs,
        refusals=refusals(laid.problem, plan, goal, refused),
        calendar=_calendar(laid, plan),
        waiting=cost_of_waiting(laid.problem, plan, goal, brief),
        thresholds=thresholds,
        others=plan_for_others(
            others, lambda one: _laid(one, seed, settings, quiet), goal, replace(brief, gap=0.01), report
        ),
    )


def _laid(standing: Standing, seed: int, settings: Settings, report: Report) -> Laid:
    return lay_out(
        standing,
        seed=seed,
        futures=settings.futures,
        scenarios=settings.scenarios,
        tides=settings.tides,
        report=report,
    )


def _without(laid: Laid, goal: Goal, seed: int, settings: Settings, report: Report) -> Recovery:
    """Return a recovery without a plan, and why."""
    report("asking why there is no plan", 0, 1)
    why = unsaved(laid.problem, Limits(seconds=settings.seconds, gap=settings.gap))
    brief = Limits(seconds=settings.alternative_seconds, gap=settings.gap)
    ways = [doing_nothing(laid), closing_all(laid)]
    return Recovery(
        seed=seed,
        goal=goal,
        laid=laid,
        plan=None,
        no_plan=why,
        proofs=_proofs(laid, ways, np.zeros(0), seed, settings),
        refusals=(),
        calendar=None,
        waiting=shortfall_of_waiting(laid.problem, why.shortfall.shortfall, brief),
        thresholds=np.zeros(0),
        others=None,
    )


def _thresholds(laid: Laid, plan: Plan, seed: int) -> Floats:
    terms = terms_of_plan(laid, plan, 0)
    return thresholds_of(laid.standing, terms, laid.bundles, review=laid.problem.review, seed=seed)


def _ways(laid: Laid, plan: Plan, goal: Goal, limits: Limits) -> list[Way]:
    ways = [doing_nothing(laid), following(laid, plan, PLAN, "the plan")]
    kept = solve(with_halls_kept(laid.problem), goal, limits)
    if isinstance(kept, Plan):
        ways.append(following(laid, kept, KEPT, "the best plan that keeps every hall open"))
    other = solve(laid.problem, Value() if isinstance(goal, Cheque) else Cheque(), limits)
    if isinstance(other, Plan):
        name = MOST_VALUE if isinstance(goal, Cheque) else LEAST_CHEQUE
        ways.append(following(laid, other, name, f"the plan with {name}"))
    ways.append(closing_all(laid))
    past = carried_out(laid)
    return [*ways, past] if past is not None else ways


def _proofs(
    laid: Laid, ways: Sequence[Way], thresholds: Floats, seed: int, settings: Settings
) -> dict[str, Proof]:
    found = prove(
        laid.standing,
        ways,
        thresholds=thresholds,
        review=laid.problem.review,
        months=laid.problem.months,
        seed=seed + OTHER_SEED,
        futures=settings.fresh,
    )
    return {one.name: one for one in found}


def _calendar(laid: Laid, plan: Plan) -> Calendar | None:
    """Return the dates of the procedure under which most posts go, of what is decided before the review."""
    early = plan.early_waves(laid.problem)
    if not early:
        return None
    most = max(early, key=lambda one: one.posts)
    return calendar_of(
        laid.law,
        dismissals=most.posts,
        headcount=int(laid.problem.posts.sum()),
        announced=laid.case.start + laid.problem.waves[most.wave].announced,
    )
