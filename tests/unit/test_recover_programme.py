"""The programme of the way out: hand-made cases, identities, what refuses, what other plans would cost."""

from __future__ import annotations

import json
from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from tests.recover_problems import large_problem
from tests.recover_small import small_problem

from secondhall.recover.problem import Fate, Problem, Wave
from secondhall.recover.programme import (
    Cheque,
    Family,
    NoPlan,
    Plan,
    Value,
    do_nothing,
    evaluate,
    refusals,
    solve,
    unsaved,
)
from secondhall.recover.programme.build import build
from secondhall.recover.programme.relax import with_halls_kept
from secondhall.recover.programme.scale import scale_of, scaled
from secondhall.stochastic import Limits, Status

EXACT = Limits(gap=0.0)


def hand_made(**changes: object) -> Problem:
    """Return two halls, one role, four months and one scenario, every number of which a reader can follow.

    Hall 0 can be closed in month 2, which costs as much as it saves then, and brings 1 in month 3. Ten units
    must have moved by then, at 5 a month. Ten posts at 1 a month do the work of 6 and 1 for each open hall.
    Up to 9 posts may go in a wave that is announced in month 0 and lets them go in month 2, at 1 each, paid
    then. The flow is 9 a month.
    """
    months = 4
    at_two = np.array([[0.0, 0.0, 1.0, 0.0]])
    closing = np.array([0.0, 0.0, 0.0, 1.0])
    problem = Problem(
        months=months, review=months, probability=np.ones(1), tide=np.zeros(1, np.int64),
        halls=("old", "new"), roles=("technician",),
        fates=(
            Fate(hall=0, action="keep", month=0), Fate(hall=1, action="keep", month=0),
            Fate(hall=0, action="close", month=2),
        ),
        fate_cash=np.array([[[0.0] * 4, [0.0] * 4, closing]]), fate_value=np.array([[0.0, 0.0, 1.0]]),
        fate_units=np.array([[0.0, 0.0, 10.0]]), fate_lost=np.zeros((1, 3, months)),
        fate_capacity=np.array([[20.0] * 4, [30.0] * 4, [20.0, 20.0, 0.0, 0.0]]),
        fate_open=np.array([[1.0] * 4, [1.0] * 4, [1.0, 1.0, 0.0, 0.0]]),
        demand=np.full((1, months), 25.0), unit_cash=np.ones((1, months)), unit_value=np.ones((1, months)),
        move_rate=5.0, posts=np.array([10.0]), attrition=np.zeros(1), floor=np.zeros((1, months)),
        need=np.full((1, 1, months), 6.0), need_per_hall=np.ones(1),
        wage=np.ones((1, months)), post_value=np.ones((1, months)), hire_value=np.full((1, months), 2.0),
        waves=(
            Wave(
                name="collective", is_collective=True, announced=0, least=2, most=9, leave=2,
                volunteers_leave=2, volunteer_share=0.0, dismissal_cash=at_two, dismissal_value=np.ones(1),
                volunteer_cash=at_two, volunteer_value=np.ones(1),
                fixed_cash=np.zeros(months), fixed_value=0.0,
            ),
        ),
        quotas=(), redeployments=(), waiver=None,
        cash=np.zeros(1), flow=np.full((1, months), 9.0), line=np.zeros((1, months)), minimum_cash=0.0,
        commitment=np.full(1, 10.0), fail_limit=0.0, value=np.full(1, 50.0),
    )  # fmt: skip
    return replace(problem, **changes)


def solved(problem: Problem, goal: Value | Cheque = Value()) -> Plan:  # noqa: B008, it is frozen
    plan = solve(problem, goal, EXACT, threads=1)
    assert isinstance(plan, Plan)
    return plan


def test_the_best_of_the_hand_made_case_is_the_one_that_a_reader_finds() -> None:
    # Doing nothing: 50 - 4 x 10 posts = 10. Closing brings 1 and lowers the need from 8 to 7 in months 2, 3.
    # A post that goes in month 2 saves two months of pay and costs 1; with the hall closed three can go
    # before any is hired again: 50 + 1 - 40 + 3 x (2 - 1) = 14. A fourth would save 2 - 1 and cost 2 x 2.
    plan = solved(hand_made())
    assert plan.value == pytest.approx(14.0)
    assert plan.fates[0][0] == Fate(hall=0, action="close", month=2)
    assert plan.waves[0][0].dismissals == (3,)
    # Cash -1, -2, then 9 - 7 - 3 for dismissals = -3, then 9 - 7 + 1 = 0: the cheque is 3.
    assert plan.figures.cash[0] == pytest.approx([-1.0, -2.0, -3.0, 0.0])
    assert plan.expected_cheque == pytest.approx(3.0)


def test_the_least_cheque_is_another_plan() -> None:
    # The two months before any post leaves cost 1 each. In month 2 a post that goes costs what it saves, so
    # the cheque is 3 for any number that goes and no one is hired. None that goes would need 4.
    plan = solved(hand_made(), Cheque())
    assert plan.expected_cheque == pytest.approx(3.0)
    assert evaluate(hand_made(), do_nothing(hand_made())).expected_cheque == pytest.approx(4.0)


def test_room_that_is_missing_is_weighed() -> None:
    # With 32 units wanted 2 find no room in each of two months if the hall closes, at 1 each: 4 against the 1
    # that closing brings, and the one post more that can go (1).
    plan = solved(hand_made(demand=np.full((1, 4), 32.0)))
    assert plan.fates[0][0].action == "keep"
    assert plan.value == pytest.approx(12.0)


def test_a_hall_that_cannot_be_emptied_in_time_stays() -> None:
    assert solved(hand_made(move_rate=4.9)).fates[0][0].action == "keep"
    assert solved(hand_made(move_rate=5.0)).fates[0][0].action == "close"


def test_keeping_everything_is_doing_nothing() -> None:
    for seed in range(20):
        problem = small_problem(seed)
        kept = replace(
            with_halls_kept(problem), waves=(), quotas=(), redeployments=(), waiver=None,
            commitment=np.full_like(problem.commitment, np.inf),
        )  # fmt: skip
        idle = evaluate(problem, do_nothing(problem))
        for goal in (Value(), Cheque()):
            plan = solved(kept, goal)
            assert plan.value == pytest.approx(idle.value)
            assert plan.figures.cheque == pytest.approx(idle.cheque)


def test_what_is_scaled_is_the_same_plan() -> None:
    plan = solved(hand_made())
    thousands = scaled(hand_made(), replace(scale_of(hand_made()), money=1e-3, room=1e-2))
    assert solved(thousands).value == pytest.approx(1000.0 * plan.value)


@pytest.mark.parametrize(
    ("changes", "family"),
    [
        ({"dismissals": 1}, Family.LAW),
        ({"dismissals": 10}, Family.LAW),
        ({"volunteers": 2}, Family.LAW),
        ({"dismissals": 9, "floor": 2.0}, Family.FLOOR),
        ({"dismissals": 9, "commitment": 5.0}, Family.COMMITMENT),
        ({"closes": True, "move_rate": 4.0}, Family.ROOM),
    ],
)
def test_a_refused_decision_names_who_refuses(changes: dict[str, float], family: Family) -> None:
    problem = hand_made(
        move_rate=changes.get("move_rate", 5.0),
        floor=np.full((1, 4), changes.get("floor", 0.0)),
        commitment=np.full(1, changes.get("commitment", 100.0)),
    )
    idle = do_nothing(problem)
    decision = replace(
        idle,
        fates=np.array([[2, 1]]) if changes.get("closes") else idle.fates,
        dismissals=idle.dismissals + int(changes.get("dismissals", 0)),
        volunteers=idle.volunteers + int(changes.get("volunteers", 0)),
    )
    assert evaluate(problem, decision).refused_by == (family,)


def test_a_tide_that_acts_before_it_is_known_is_refused() -> None:
    problem = next(p for p in map(small_problem, range(100)) if p.tide.max() == 1 and len(p.waves) > 0)
    problem = replace(problem, review=problem.months)
    idle = do_nothing(problem)
    dismissals = idle.dismissals.copy()
    dismissals[0, 0, 0] = 1
    assert Family.FORESIGHT in evaluate(problem, replace(idle, dismissals=dismissals)).refused_by


def test_without_a_plan_it_is_said_by_how_much_and_what_would_help() -> None:
    # The least cheque is 3. With two posts that leave in month 0, still paid for in month 2, the cash is 1,
    # 2, 3 - 2 = 1 and 2: no cheque. Without the law's numbers or the floor the delay is still there.
    problem = hand_made(commitment=np.full(1, 0.5))
    nothing = solve(problem, Value(), EXACT, threads=1)
    assert isinstance(nothing, NoPlan)
    assert nothing.is_proven
    why = unsaved(problem, EXACT, threads=1)
    assert why.shortfall.shortfall == pytest.approx(2.5)
    missing = {one.family: one.shortfall for one in why.reliefs}
    assert missing[Family.LAW] == pytest.approx(2.5)
    assert missing[Family.FLOOR] == pytest.approx(2.5)
    assert missing[Family.DELAY] == pytest.approx(0.0)
    assert why.unlimited_cheque == pytest.approx(3.0)
    assert why.refused_by == (Family.COMMITMENT, Family.DELAY)
    assert why.words()[0] == "No plan stays within the shareholder's commitment: 2.5 more is wanted."
    assert why.words()[1] == "It would be enough if the law took no time."
    json.dumps(why.as_data(), allow_nan=False)


def test_what_is_not_chosen_has_a_price_or_a_refuser() -> None:
    problem = hand_made(commitment=np.full(1, 3.0))
    plan = solved(problem)
    found = {one.what: one for one in refusals(problem, plan, Value(), EXACT, threads=1)}
    assert set(found) == {"keep every hall", "let no posts go", "keep old"}
    # With the hall kept two posts go: 50 - 40 + 2, the cash -1, -2, -3, -2.
    assert found["keep old"].cost == pytest.approx(2.0)
    # With no post gone the hall is closed: cash -1, -2, -3, -3.
    assert found["let no posts go"].cost == pytest.approx(3.0)
    json.dumps([one.as_data() for one in found.values()], allow_nan=False)


def test_an_action_that_nothing_allows_names_its_refuser() -> None:
    problem = hand_made(move_rate=4.0)
    [closing] = [
        one for one in refusals(problem, solved(problem), Value(), EXACT, threads=1) if one.action == "close"
    ]
    assert closing.family is Family.ROOM
    assert closing.cost is None
    dear = hand_made()
    dear.fate_cash[0, 2] = [0.0, 0.0, -20.0, 1.0]
    [closing] = [
        one for one in refusals(dear, solved(dear), Value(), EXACT, threads=1) if one.action == "close"
    ]
    # The cheque would be 3 + 20 for a commitment of 10.
    assert closing.family is Family.COMMITMENT
    assert closing.excess == pytest.approx(13.0)


def test_a_plan_is_data() -> None:
    data = solved(hand_made()).as_data()
    assert json.loads(json.dumps(data, allow_nan=False))["tides"][0]["waves"][0]["dismissals"] == [3]


def test_a_large_programme_is_built_within_seconds() -> None:
    problem = large_problem(7)
    began = process_time()
    build(scaled(problem, scale_of(problem)), Value())
    # A second or so here; five allows for a slow machine, and a loop over entries takes minutes.
    assert process_time() - began < 5.0


@pytest.mark.slow
@pytest.mark.xfail(reason="the relaxation lies 7 % above the best plan that two minutes find")
@pytest.mark.parametrize("seed", [7, 8])
def test_a_large_problem_is_solved_to_a_hundredth_in_two_minutes(seed: int) -> None:
    plan = solve(large_problem(seed), Value(), Limits(gap=0.01, seconds=120.0), threads=2)
    assert isinstance(plan, Plan)
    print(
        f"{plan.seconds:.0f} s, gap {plan.gap:.2%}, value {plan.value:.1f}, cheque {plan.expected_cheque:.1f}"
    )
    assert plan.figures.is_feasible
    assert plan.gap <= 0.01


@pytest.mark.slow
def test_a_large_problem_can_be_stopped_with_a_plan_and_its_gap() -> None:
    seen: list[float] = []

    def report(progress: object) -> bool:
        seen.append(progress.objective)  # type: ignore[attr-defined]
        return bool(np.isfinite(progress.objective))  # type: ignore[attr-defined]

    plan = solve(large_problem(7), Value(), Limits(gap=0.0, seconds=120.0, report=report), threads=2)
    assert isinstance(plan, Plan)
    assert plan.status is Status.WITH_BOUND
    assert 0.0 < plan.gap < 1.0
    assert plan.value <= plan.bound
