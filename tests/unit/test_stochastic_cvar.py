"""The programme with conditional value at risk against a search of all plans."""

import numpy as np
import pytest
from tests.laws.stochastic_random import random_three_stage, random_two_stage

from secondhall.stochastic import (
    DualDecomposition,
    Limits,
    cost_of_scenarios,
    cvar_of,
    solve_by_scenarios,
    solve_extensive,
    with_cvar,
    with_first_stage,
)
from secondhall.stochastic.programme import Programme

TIGHT = Limits(gap=1e-9)
ROUNDING = 1e-5


def tiny(seed: int) -> Programme:
    """The first stage in whole units and the recourse free of choice: what lacks is lost."""
    programme = random_two_stage(seed)
    programme.is_integer[1] = True
    return programme


def searched(programme: Programme, level: float, weight: float) -> float:
    """Try each first stage; the recourse that is best for each scenario is best for mean and tail alike."""
    best = np.inf
    probability = programme.tree.probability
    for x0 in range(4):
        for x1 in range(4):
            held = solve_extensive(with_first_stage(programme, np.array([x0, x1], float)), TIGHT)
            if held.has_values:
                cost = cost_of_scenarios(programme, held.by_node)
                risk = cvar_of(cost, probability, level=level)
                best = min(best, float((1 - weight) * (probability @ cost) + weight * risk))
    return best


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("level", "weight"), [(0.5, 0.5), (0.8, 1.0), (0.0, 0.7)])
def test_both_solvers_find_what_a_search_of_all_plans_finds(seed: int, level: float, weight: float) -> None:
    programme = tiny(seed)
    risky, best = with_cvar(programme, level=level, weight=weight), searched(programme, level, weight)
    assert solve_extensive(risky, TIGHT).objective == pytest.approx(best, abs=ROUNDING)
    found = solve_by_scenarios(
        risky, DualDecomposition(scenarios_per_bundle=2, rounds=10), Limits(gap=1e-3, seconds=10)
    )
    assert found.bound <= best + ROUNDING
    assert found.objective >= best - ROUNDING
    assert found.gap <= 0.05


@pytest.mark.parametrize("seed", range(3))
def test_the_objective_is_that_of_the_scenarios_costs(seed: int) -> None:
    programme = random_three_stage(seed)
    solution = solve_extensive(with_cvar(programme, level=0.6, weight=0.4), TIGHT)
    sizes = [(programme.column_stage == stage).sum() for stage in programme.tree.stage_of_node()]
    own = list(solution.by_node)
    own[0] = own[0][: sizes[0]]
    own = [values[:size] for values, size in zip(own, sizes, strict=True)]
    cost = cost_of_scenarios(programme, tuple(own))
    risk = cvar_of(cost, programme.tree.probability, level=0.6)
    mean = float(programme.tree.probability @ cost)
    assert solution.objective == pytest.approx(0.6 * mean + 0.4 * risk, abs=ROUNDING)


def test_weight_nought_is_the_mean_alone() -> None:
    programme = random_two_stage(1)
    plain = solve_extensive(programme, TIGHT).objective
    assert solve_extensive(with_cvar(programme, level=0.9, weight=0.0), TIGHT).objective == pytest.approx(
        plain
    )


def test_a_level_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        with_cvar(random_two_stage(0), level=1.0, weight=0.5)
