"""A way out as the company plays it: what was decided happens, from where it stands, and is held against."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.twohalls import MONTHS, SEED, case_in, laid_of, text_of

from secondhall.belief import Prior
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.company.chance import Chance
from secondhall.company.engine import Kept, play_paths
from secondhall.company.layout import CLOSED, OPEN, Floats
from secondhall.company.oracle.play import opening_state, play_months
from secondhall.decide.rules import DatedPlan, Never
from secondhall.errors import NoAnswerError
from secondhall.futures import RuleToPlay, play_rules
from secondhall.recover import search
from secondhall.recover.lived import lived_standing
from secondhall.recover.measures import terms_of_plan
from secondhall.recover.nothing import endless
from secondhall.recover.problem import Fate, Problem
from secondhall.recover.programme import (
    Cheque,
    Family,
    Goal,
    NoPlan,
    Plan,
    Value,
    do_nothing,
    evaluate,
    solve,
)
from secondhall.recover.programme.plan import plan_of
from secondhall.recover.programme.relax import from_month
from secondhall.recover.proof import Proof, prove, quantile
from secondhall.recover.search import best_plan, cost_of_waiting
from secondhall.recover.state import Laid
from secondhall.recover.ways import doing_nothing
from secondhall.stochastic import Limits, Status

BRIEF = Limits(seconds=6.0, gap=0.03)
GONE, WILLING = (9, 5, 3), (2, 1, 0)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("twohalls"), text_of())


@pytest.fixture(scope="module")
def laid(case: Case) -> Laid:
    return laid_of(case)


# Measures


def by_hand(laid: Laid, *fates: Fate, announced: int | None = None) -> Plan:
    """Return a plan of some fates and one collective procedure."""
    problem, nothing = laid.problem, do_nothing(laid.problem)
    nobody = nothing.dismissals
    decision = replace(nothing, dismissals=nobody.copy(), volunteers=nobody.copy())
    for fate in fates:
        decision.fates[:, fate.hall] = problem.fates.index(fate)
    for place, wave in enumerate(problem.waves):
        if wave.is_collective and wave.announced == announced:
            decision.dismissals[:, place] = GONE
            decision.volunteers[:, place] = WILLING
    return plan_of(
        problem,
        decision,
        evaluate(problem, decision),
        status=Status.WITH_BOUND,
        bound=0.0,
        gap=1.0,
        seconds=0.0,
    )


def series(laid: Laid, plan: Plan, *names: str) -> Floats:
    """Return [series, month, path] of a plan, with a shareholder who pays whatever is needed."""
    standing, paths = laid.standing, np.arange(32)
    p = endless(standing.parameters(SEED, paths))
    terms = terms_of_plan(laid, plan, 0)
    kept = Kept(names, 0, MONTHS)
    return play_paths(p, endless(standing.known()), terms, seed=SEED, paths=paths, keep=kept).kept


def test_W4_the_planned_posts_leave_in_their_months_and_no_others(laid: Laid) -> None:
    plan = by_hand(laid, announced=1)
    wave = laid.problem.waves[plan.waves[0][0].wave]
    (before,), (after,) = series(laid, by_hand(laid), "staff"), series(laid, plan, "staff")
    assert wave.volunteers_leave < wave.leave < MONTHS
    keeps = 1.0 - laid.problem.attrition
    expected = np.zeros(MONTHS)
    for posts, first in ((GONE, wave.leave), (WILLING, wave.volunteers_leave)):
        for month in range(first, MONTHS):
            expected[month] += (np.array(posts) * keeps ** (month - first)).sum()
    # Fewer than 100 posts, in a few sums.
    np.testing.assert_allclose(before - after, np.repeat(expected[:, None], 32, axis=1), atol=1e-10)


def test_W4_posts_are_provided_for_when_they_are_announced(laid: Laid) -> None:
    (provided,) = series(laid, by_hand(laid, announced=1), "restructuring")
    role, costs = laid.standing.own.role.monthly_cost[:, 0], laid.indemnities
    charge = 120_000.0
    charge += (np.array(GONE) * role * (costs.notice + costs.severance)).sum()
    charge += (np.array(WILLING) * role * costs.volunteer).sum()
    expected = np.where(np.arange(MONTHS) == 1, charge * laid.money.index[1], 0.0)
    np.testing.assert_allclose(provided, np.repeat(expected[:, None], 32, axis=1), rtol=1e-12)


@pytest.mark.parametrize("month", [7, 4])
def test_H6_a_hall_is_emptied_at_the_pace_of_moves_and_closed_in_its_month(laid: Laid, month: int) -> None:
    standing, paths = laid.standing, np.arange(16)
    plan = by_hand(laid, Fate(hall=0, action="close", month=month))
    p, known = endless(standing.parameters(SEED, paths)), endless(standing.known())
    terms = terms_of_plan(laid, plan, 0)
    slot, moved = standing.halls[0].slot, []
    for desk in play_months(p, known, terms, Chance(SEED, paths)):
        moved.append(desk.line["measure_cost"] / 800.0)
        state = CLOSED if desk.month >= month else OPEN
        assert (desk.state.hall.state[slot] == state).all(), desk.month
    assert max(units.max() for units in moved[:month]) == pytest.approx(60.0, rel=1e-12)
    assert terms.measures.move_units.sum(axis=0).max() <= 60.0
    # Sixty a month for seven months are the 420 that it holds; four months leave the rest to its closing.
    assert (moved[month].min() > 60.0) == (month == 4)
    assert not np.any(moved[month + 1 :])


# Where the company stands in one of its own futures


def with_option(folder: Path, months: int) -> Case:
    option = f"""\
options:
  annexe:
    phases:
      value: [{{capacity_units: 300, capex: 2000000, months_after_commit: {months}}}]
    fixed_cost_monthly: 10000
    life_months: 120

staff:
"""
    return case_in(folder, text_of(commitment=50_000_000).replace("staff:\n", option, 1))


@pytest.mark.parametrize(("months", "state"), [(4, "open"), (14, "building")])
def test_a_lived_month_opens_with_the_balance_sheet_that_closed_it(
    tmp_path: Path, months: int, state: str
) -> None:
    case = with_option(tmp_path, months)
    belief, lived, future = Prior(case), 7, 3
    terms = DatedPlan.commit_now("annexe", case.start).terms(case, slots_of(case))
    standing = lived_standing(case, belief, terms, until=case.start + lived - 1, seed=SEED, future=future)
    path = np.array([future])
    play = play_months(belief.parameters(SEED, path), belief.known(), terms, Chance(SEED, path))
    for desk in play:
        if desk.month == lived - 1:
            break
    fresh = np.arange(5)
    opened = opening_state(standing.parameters(99, fresh), standing.known(), Chance(99, fresh))
    then = desk.state
    for rows, names in (
        ("firm", ("cash", "payables", "provisions", "other_assets", "revolver", "tax_pool", "equity")),
        ("segment", ("customers", "installed", "mrr", "locked", "receivables", "waiting_units")),
        ("hall", ("state", "sold", "book", "life_months", "capacity")),
    ):
        for name in names:
            expected, found = getattr(getattr(then, rows), name), getattr(getattr(opened, rows), name)
            # Cash of 1e6 or more is added up in the order of the balance sheet.
            np.testing.assert_allclose(
                found, np.broadcast_to(expected, found.shape), rtol=1e-9, atol=1e-5, err_msg=name
            )
    np.testing.assert_array_equal(opened.posts, np.broadcast_to(np.round(then.posts), opened.posts.shape))
    assert standing.case.start == case.start + lived
    assert standing.own.months == case.horizon_months - lived
    assert [(hall.name, hall.state) for hall in standing.halls][2] == ("annexe", state)


def test_a_future_that_has_failed_leaves_nothing_to_plan(tmp_path: Path) -> None:
    case = case_in(tmp_path, text_of(cash=0, commitment=0))
    terms = Never().terms(case, slots_of(case))
    with pytest.raises(NoAnswerError, match=r"insolvent in 2002-\d\d in future 2"):
        lived_standing(case, Prior(case), terms, until=case.start + 11, seed=SEED, future=2)


# Proof


def proofs(laid: Laid, *plans: Plan, thresholds: Floats, futures: int = 64) -> tuple[Proof, ...]:
    ways = [doing_nothing(laid)]
    ways += [
        (f"plan {k}", "", tuple(terms_of_plan(laid, plan, tide) for tide in range(2)))
        for k, plan in enumerate(plans)
    ]
    return prove(laid.standing, ways, thresholds=thresholds, review=3, months=MONTHS, seed=5, futures=futures)


def test_doing_nothing_is_the_rule_that_never_builds_on_the_same_futures(laid: Laid, case: Case) -> None:
    (nothing,) = proofs(laid, thresholds=np.zeros(1))
    never = RuleToPlay("never", Never().terms(case, slots_of(case)))
    (played,) = play_rules(laid.standing, [never], start=case.start, paths=64, seed=5, banded=False)
    for name, values in played.outcomes.items():
        np.testing.assert_array_equal(nothing.outcomes[name], values, err_msg=name)


def test_what_was_earned_by_the_review_decides_under_which_terms_a_future_goes_on(laid: Laid) -> None:
    """In one tide the hall closes after the review, in the other it is kept: until then both are one."""
    close = by_hand(laid, Fate(hall=1, action="close", month=5))
    keep = by_hand(laid)
    ways = [
        ("closes", "", (terms_of_plan(laid, close, 0),)),
        ("keeps", "", (terms_of_plan(laid, keep, 0),)),
        ("reacts", "", (terms_of_plan(laid, close, 0), terms_of_plan(laid, keep, 0))),
    ]

    def played(threshold: float) -> tuple[Proof, ...]:
        return prove(
            laid.standing, ways, thresholds=np.array([threshold]), review=3, months=MONTHS, seed=5, futures=64
        )

    earned = played(0.0)[1].kept["ebitda"][:3].sum(axis=0)
    threshold = float(np.median(earned))
    closes, keeps, reacts = played(threshold)
    better = earned > threshold
    assert 0 < better.sum() < 64
    np.testing.assert_array_equal(reacts.tide, better.astype(int))
    for name in ("npv", "insolvency_month"):
        chosen = np.where(better, keeps.outcomes[name], closes.outcomes[name])
        np.testing.assert_array_equal(reacts.outcomes[name], chosen)
    for name, kept in reacts.kept.items():
        np.testing.assert_array_equal(kept, np.where(better, keeps.kept[name], closes.kept[name]))
    assert (closes.outcomes["npv"] != keeps.outcomes["npv"]).any()


def test_R5_a_way_on_gains_nothing_over_itself(laid: Laid) -> None:
    nothing, plan = proofs(laid, by_hand(laid, announced=1), thresholds=np.zeros(1))
    assert nothing.gain_over(nothing).value == 0.0
    assert nothing.gain_over(nothing).error == 0.0
    gain = plan.outcomes["npv"] - nothing.outcomes["npv"]
    assert plan.gain_over(nothing).value == pytest.approx(gain.mean(), rel=1e-12)
    assert plan.gain_over(nothing).error == pytest.approx(gain.std(ddof=1) / 8.0, rel=1e-12)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_the_error_of_a_quantile_is_the_binomial_one(share: float) -> None:
    """Of a uniform sample in its places the error is sqrt(q (1 - q) / n), as the density is 1."""
    sample = np.linspace(0.0, 1.0, 1001)
    found = quantile(sample, share)
    assert found.value == pytest.approx(share, abs=1e-12)
    assert found.error == pytest.approx(math.sqrt(share * (1.0 - share) / 1001), rel=1e-9)


# Search


class Recorder:
    """Solves as ever, and keeps what was asked and found."""

    def __init__(self) -> None:
        self.found: list[tuple[Problem, Plan | NoPlan]] = []

    def __call__(self, problem: Problem, goal: Goal, limits: Limits) -> Plan | NoPlan:
        plan = solve(problem, goal, limits)
        self.found.append((problem, plan))
        return plan


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(search, "solve", made)
    return made


@pytest.mark.parametrize("goal", [Cheque(), Value()])
def test_a_plan_is_under_one_procedure_or_of_small_waves_and_its_bound_is_that_of_both(
    laid: Laid, recorder: Recorder, goal: Goal
) -> None:
    one, plan = best_plan(laid, goal, BRIEF)
    assert isinstance(plan, Plan)
    for tide in plan.waves:
        assert len({one.problem.waves[wave.wave].is_collective for wave in tide}) <= 1
    assert len({wave.is_collective for wave in one.problem.waves}) == 1
    assert {wave.is_collective for problem, _ in recorder.found for wave in problem.waves} == {True, False}
    plans = [found for _, found in recorder.found if isinstance(found, Plan)]
    assert len(plans) == 2
    bounds = [found.bound for found in plans]
    if isinstance(goal, Cheque):
        assert plan.bound == min(bounds)
        assert plan.expected_cheque == min(found.expected_cheque for found in plans)
        assert plan.bound <= plan.expected_cheque
    else:
        assert plan.bound == max(bounds)
        assert plan.value == max(found.value for found in plans)
        assert plan.bound >= plan.value


def test_waiting_costs_nothing_or_more_and_more_the_longer_it_is(laid: Laid, recorder: Recorder) -> None:
    kind, plan = best_plan(laid, Value(), BRIEF)
    assert isinstance(plan, Plan)
    recorder.found.clear()
    cost = cost_of_waiting(kind.problem, plan, Value(), BRIEF)
    assert len(cost) >= 2
    assert min(cost.values()) >= 0.0
    late = [found for _, found in recorder.found if isinstance(found, Plan)]
    for first, second, one in zip(list(cost)[:-1], list(cost)[1:], late[:-1], strict=True):
        # What is not known of the earlier one is how far it is from its bound.
        assert cost[first] <= cost[second] + one.bound - one.value


@pytest.mark.parametrize("month", search.WAITED)
def test_who_waits_decides_nothing_before(laid: Laid, month: int) -> None:
    problem = from_month(laid.problem, month)
    assert problem.redeployments
    plan = solve(problem, Value(), BRIEF)
    assert isinstance(plan, Plan)
    assert evaluate(problem, plan.decision).is_feasible
    decided = [fate.month for fates in plan.fates for fate in fates if fate.action != "keep"]
    decided += [problem.waves[wave.wave].announced for tide in plan.waves for wave in tide]
    decided += [move.month for tide in plan.redeployments for move in tide]
    assert min(decided) >= month


def test_a_post_that_changes_its_role_while_one_waits_is_refused(laid: Laid) -> None:
    problem = from_month(laid.problem, 3)
    decision = do_nothing(problem)
    decision.redeployed[:, 0, 3] = 1
    assert evaluate(problem, decision).is_feasible == evaluate(problem, do_nothing(problem)).is_feasible
    decision.redeployed[:, 0, 3] = 0
    decision.redeployed[:, 0, 2] = 1
    assert Family.REDEPLOYMENT in evaluate(problem, decision).refused_by
