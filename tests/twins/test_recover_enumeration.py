"""The optimiser of the way out against every plan of small problems, played in plain loops."""

from __future__ import annotations

import math

import pytest
from tests.recover_small import best_of_all, plans_of, small_problem

from secondhall.recover.programme import Cheque, NoPlan, Plan, Value, evaluate, solve
from secondhall.stochastic import Limits, Status

EXACT = Limits(gap=0.0)
CASES = 200
FILES = 10
MOST_PLANS = 300
"""Choices of one tide, at most: both tides together are as many squared."""


@pytest.fixture(scope="module")
def seeds() -> list[int]:
    """Return the first seeds whose problems are small enough to try every plan."""
    found: list[int] = []
    seed = 0
    while len(found) < CASES:
        if plans_of(small_problem(seed)) <= MOST_PLANS:
            found.append(seed)
        seed += 1
    return found


@pytest.mark.parametrize("part", range(FILES))
def test_no_plan_is_better_and_the_best_is_found(part: int, seeds: list[int]) -> None:
    # A relative 1e-6 is the solver's tolerance of feasibility; the plan's own figures are exact.
    for seed in seeds[part::FILES]:
        problem = small_problem(seed)
        value, cheque = best_of_all(problem)
        for goal, best in ((Value(), value), (Cheque(), cheque)):
            found = solve(problem, goal, EXACT, threads=1)
            if isinstance(found, NoPlan):
                assert found.is_proven, seed
                assert not math.isfinite(best), seed
                continue
            reached = found.value if isinstance(goal, Value) else found.expected_cheque
            assert reached == pytest.approx(best, rel=1e-6, abs=1e-6), seed
            assert found.status is Status.EXACT, seed
            assert found.figures.reasons == (), seed


def test_the_cases_are_not_all_alike(seeds: list[int]) -> None:
    plans = [solve(small_problem(seed), Value(), EXACT, threads=1) for seed in seeds]
    found = [plan for plan in plans if isinstance(plan, Plan)]
    closing = [plan for plan in found if any(fate.action != "keep" for tide in plan.fates for fate in tide)]
    dismissing = [plan for plan in found if any(plan.waves)]
    apart = [
        plan
        for plan in found
        if len(plan.fates) == 2 and plan.as_data()["tides"][0] != plan.as_data()["tides"][1]
    ]
    counts = [len(plans) - len(found), len(closing), len(dismissing), len(apart)]
    assert min(counts) >= 10, counts
    assert any(plan.is_waived for plan in found)
    assert any(plan.redeployments[0] for plan in found)
    assert any((plan.figures.cheque > small_problem(seed).commitment + 1e-6).any()
               for seed, plan in zip(seeds, plans, strict=True) if isinstance(plan, Plan))  # fmt: skip


def test_what_is_evaluated_is_what_the_plan_says(seeds: list[int]) -> None:
    for seed in seeds[:40]:
        problem = small_problem(seed)
        found = solve(problem, Value(), EXACT, threads=1)
        if isinstance(found, Plan):
            again = evaluate(problem, found.decision)
            assert again.is_feasible
            # The bound is the solver's own objective, at a gap of 0.
            assert found.bound == pytest.approx(again.value, rel=1e-6, abs=1e-6)
