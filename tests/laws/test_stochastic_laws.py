"""Bounds stand on the right side of optima, whatever the programme; a tree means what enumeration means."""

import itertools

import numpy as np
import pytest
from tests.laws.stochastic_random import random_three_stage, random_two_stage

from secondhall.stochastic import (
    DualDecomposition,
    Limits,
    Programme,
    Status,
    extensive_form,
    measure,
    read_smps_texts,
    recourse_of,
    same_programme,
    search_tenders,
    smps_texts,
    solve_by_scenarios,
    solve_extensive,
)

TIGHT = Limits(gap=1e-9)
ROUNDING = 1e-6
"""HiGHS keeps rows to 1e-7 and integers to 1e-6, with costs of a few units."""


def slack(objective: float) -> float:
    return ROUNDING * (1 + abs(objective))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("per_bundle", [1, 2])
def test_the_lagrangian_bound_is_below_and_the_candidate_above_the_optimum(
    seed: int, per_bundle: int
) -> None:
    programme = random_two_stage(seed, integer_recourse=seed % 2 == 0)
    optimum = solve_extensive(programme, TIGHT).objective
    method = DualDecomposition(scenarios_per_bundle=per_bundle, rounds=10, rounds_per_node=4)
    found = solve_by_scenarios(programme, method, Limits(gap=1e-4, seconds=20))
    assert found.bound <= optimum + slack(optimum)
    assert found.objective >= optimum - slack(optimum)
    assert found.status is Status.EXACT
    assert found.gap <= 1e-4


@pytest.mark.parametrize("seed", range(12))
def test_the_search_of_tenders_finds_the_optimum_of_the_extensive_form(seed: int) -> None:
    programme = random_two_stage(seed)
    optimum = solve_extensive(programme, TIGHT).objective
    recourse = recourse_of(programme)
    assert recourse is not None
    found = search_tenders(programme, recourse, Limits(gap=1e-7))
    assert found.status is Status.EXACT
    assert found.objective == pytest.approx(optimum, abs=slack(optimum))
    assert found.bound <= optimum + slack(optimum)


def test_divisible_recourse_is_not_listed() -> None:
    assert recourse_of(random_two_stage(0, integer_recourse=False)) is None


@pytest.mark.parametrize("seed", range(4))
def test_three_stages_decompose_at_the_first(seed: int) -> None:
    programme = random_three_stage(seed)
    optimum = solve_extensive(programme, TIGHT).objective
    found = solve_by_scenarios(programme, DualDecomposition(rounds=10), Limits(gap=1e-6, seconds=20))
    assert found.objective == pytest.approx(optimum, abs=slack(optimum) * 2)
    assert found.bound <= optimum + slack(optimum)
    assert len(found.by_node) == programme.tree.nodes


def enumerated(programme: Programme) -> float:
    """Try every plan of `random_three_stage`: units bought in each node; the rest follows."""
    tree, best = programme.tree, np.inf
    buy, lose = programme.cost[:3], programme.cost[3:]
    known = np.ones((tree.scenarios, 1))
    demand = np.hstack([known, programme.varied_row_lower.values])
    for plan in itertools.product(range(3), repeat=tree.nodes):
        bought = np.array(plan, float)[tree.node]
        lost = np.maximum(demand - np.cumsum(bought, axis=1), 0.0)
        best = min(best, float(tree.probability @ (bought @ buy + lost @ lose)))
    return best + programme.offset


@pytest.mark.parametrize("seed", range(3))
def test_the_extensive_form_of_a_tree_is_what_enumeration_finds(seed: int) -> None:
    programme = random_three_stage(seed)
    found = solve_extensive(programme, TIGHT)
    assert found.objective == pytest.approx(enumerated(programme), abs=ROUNDING * 10)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [random_two_stage, random_three_stage])
def test_knowing_more_never_costs_more(make: object, seed: int) -> None:
    found = measure(make(seed), TIGHT)  # type: ignore[operator]
    assert found.ws <= found.rp + slack(found.rp)
    assert found.rp <= found.eev + slack(found.eev)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [random_two_stage, random_three_stage])
def test_smps_says_everything(make: object, seed: int) -> None:
    programme = make(seed)  # type: ignore[operator]
    again = read_smps_texts(*smps_texts(programme))
    assert same_programme(read_smps_texts(*smps_texts(again)), again)
    one, other = extensive_form(programme).linear, extensive_form(again).linear
    for name in (
        "offset",
        "cost",
        "column_lower",
        "column_upper",
        "row_lower",
        "row_upper",
        "index",
        "value",
    ):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
