"""The arrays of the programme against trying every policy of a small tree, by another solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from secondhall.company.layout import Floats
from secondhall.decide.programme.build import build_programme
from secondhall.decide.programme.economics import Economics
from secondhall.decide.programme.hall_costs import HallCosts
from secondhall.decide.programme.policy import policy_of
from secondhall.decide.programme.solve import with_risk
from secondhall.decide.programme.tree import ScenarioTree, Split
from secondhall.stochastic import (
    Limits,
    expected_value_programme,
    solve_extensive,
    wait_and_see,
    with_first_stage,
)

EXACT = Limits(gap=1e-9)


# A made-up tree of two options, two dates and four paths, small enough to try every policy

TOLD_APART = ScenarioTree(
    dates=(0, 6),
    node=np.array([[0, 1], [0, 1], [0, 2], [0, 2]]),
    splits={0: Split(np.ones(1), np.zeros((2, 1)), np.array([1, 2]))},
)


def made_up(seed: int) -> Economics:
    """Return economics of four paths over four periods of six months, two options and a hall to close."""
    rng = np.random.default_rng(seed)
    periods, paths = 4, 4

    def opened(units: float, lead: int) -> Floats:
        built = np.zeros((2, periods, paths))
        for k in range(2):
            built[k, min(k + lead, periods) :] = units
        return built

    options = tuple(
        HallCosts(
            name, slots, rng.uniform(20.0, 80.0, (2, paths)) * size / 100, opened(size, lead), funding=size
        )
        for name, slots, size, lead in (("large", (1,), 100.0, 1), ("small", (2, 3), 40.0, 0))
    )
    leaves = np.zeros((2, periods, paths))
    leaves[0], leaves[1, 1:] = 30.0, 30.0
    return Economics(
        edges=np.arange(0, 25, 6),
        npv=rng.normal(100.0, 60.0, paths),
        waiting=rng.uniform(0.0, 60.0, (periods, paths)),
        lost=rng.uniform(0.0, 40.0, (periods, paths)),
        leaving=rng.uniform(-0.002, 0.02, (periods, paths)),
        unit=rng.uniform(0.1, 0.5, (periods, paths)),
        placed=rng.uniform(-0.05, 0.1, (periods, paths)),
        sold=np.full((periods, paths), 200.0),
        alive=np.ones((periods, paths)),
        liquidity=np.tile(np.array([[120.0], [150.0]]), (1, paths)),
        options=options,
        halls=(HallCosts("old", (0,), rng.uniform(-5.0, 15.0, (2, paths)), leaves),),
    )


def policies() -> Iterator[tuple[tuple[int, int, int], ...]]:
    """Yield for each node (copies of large, of small, whether old is closed), within what (G8) allows."""
    deeds = list(product((0, 1), (0, 1, 2), (0, 1)))
    for root in deeds:
        if 100 * root[0] + 40 * root[1] > 120:
            continue
        later = [d for d in deeds if _allowed(root, d)]
        for low, high in product(later, later):
            yield root, low, high


def _allowed(root: tuple[int, int, int], deed: tuple[int, int, int]) -> bool:
    both = [a + b for a, b in zip(root, deed, strict=True)]
    return both[0] <= 1 and both[1] <= 2 and both[2] <= 1 and 100 * both[0] + 40 * both[1] <= 150


def worth_of_path(
    e: Economics, path: int, first: tuple[int, int, int], second: tuple[int, int, int]
) -> float:
    """Return the NPV of a path whose deeds are fixed, by another solver, from (G1 to G4) as written."""
    periods, months = e.unit.shape[0], 6.0
    halls = (*e.options, *e.halls)
    spent = sum(
        n * h.cost[k, path]
        for k, deed in enumerate((first, second))
        for n, h in zip(deed, halls, strict=True)
    )
    signs = (1.0, 1.0, -1.0)
    room = sum(
        n * sign * h.units[k, :, path]
        for k, deed in enumerate((first, second))
        for n, h, sign in zip(deed, halls, signs, strict=True)
    )
    value, rows, limits = np.zeros(2 * periods), [], []

    def row(upper: float, *entries: tuple[int, float]) -> None:
        line = np.zeros(2 * periods)
        for place, number in entries:
            line[place] += number
        rows.append(line)
        limits.append(upper)

    for j in range(periods):
        q, x, d = e.leaving[j, path], j, periods + j
        value[x] += e.unit[j, path] + e.placed[j, path] * (1.0 + q * (months - 1) / 2)
        row(room[j], (x, 1.0))
        row(e.waiting[j, path], (x, 1.0), (d, -1.0))
        row(0.0, (d, 1.0), (x, -1.0))
        if j:
            value[x - 1] -= e.placed[j, path] * (1.0 - q * (months + 1) / 2)
            before = ((d - 1, -1.0), (x - 1, q * (months + 1) / 2))
            row(e.lost[j, path], (d, 1.0), (x, q * (months - 1) / 2), *before)
            fewest = min(e.lost[j, path] + e.waiting[j, path] - e.waiting[j - 1, path], 0.0)
            leave = sum(deed[2] * e.halls[0].units[k, j, path] for k, deed in enumerate((first, second)))
            kept = ((x, -1.0 - q * (months - 1) / 2), (x - 1, 1.0 - q * (months + 1) / 2))
            row(leave * (1.0 + max(q, 0.0) * (months - 1) / 2) - fewest, *kept)
        else:
            row(e.lost[j, path], (d, 1.0), (x, q * (months - 1) / 2))
            leave = first[2] * e.halls[0].units[0, 0, path]
            row(leave * (1.0 + max(q, 0.0) * (months - 1) / 2), (x, -1.0 - q * (months - 1) / 2))
    bounds = [(-200.0, None)] * periods + [(None, None)] * periods
    found = linprog(-value, A_ub=np.array(rows), b_ub=np.array(limits), bounds=bounds, method="highs")
    assert found.status == 0
    return float(e.npv[path] - spent - found.fun)


@pytest.mark.parametrize(("seed", "weight"), [(1, 0.0), (2, 0.2), (3, 0.6)])
def test_the_optimum_is_the_best_of_all_policies(seed: int, weight: float) -> None:
    e = made_up(seed)
    memo: dict[tuple[object, ...], float] = {}

    def of_path(path: int, first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
        key = (path, first, second)
        if key not in memo:
            memo[key] = worth_of_path(e, path, first, second)
        return memo[key]

    best = -np.inf
    for root, low, high in policies():
        npv = np.array([of_path(s, root, (low, low, high, high)[s]) for s in range(4)])
        # Of four like paths the worst twentieth is the worst path.
        best = max(best, (1.0 - weight) * npv.mean() + weight * npv.min())
    built = build_programme(e, TOLD_APART)
    found = solve_extensive(with_risk(built.programme, weight), EXACT)
    assert -found.objective * built.scale == pytest.approx(best, abs=1e-6)


def test_a_policy_read_off_a_solution_does_what_its_columns_say() -> None:
    built = build_programme(made_up(2), TOLD_APART)
    found = solve_extensive(with_risk(built.programme, 0.2), EXACT)
    policy = policy_of(built, TOLD_APART, found.by_node)
    assert len(policy.deeds) == 3
    for node, deeds in enumerate(policy.deeds):
        counts = {(deed.name, deed.closes): deed.copies for deed in deeds}
        names = [(hall.name, how) for k, hall, how in built.decided if k == (0 if node == 0 else 1)]
        expected = [counts.get(name, 0) for name in names]
        np.testing.assert_allclose(found.by_node[node][: len(names)], expected, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_who_foresees_does_better_than_who_plans_and_who_plans_than_who_takes_the_mean(seed: int) -> None:
    programme = build_programme(made_up(seed), TOLD_APART).programme
    planned = solve_extensive(programme, EXACT).objective
    mean = solve_extensive(expected_value_programme(programme), EXACT)
    held = solve_extensive(with_first_stage(programme, mean.first_stage), EXACT).objective
    slack = 1e-7 * abs(planned)
    assert wait_and_see(programme, EXACT) <= planned + slack
    assert planned <= held + slack


def test_where_every_path_is_told_apart_at_once_there_is_nothing_to_foresee() -> None:
    e = made_up(1)
    one = e.averaged(np.zeros(4, dtype=np.int64))
    alone = ScenarioTree(dates=(0, 6), node=np.array([[0, 1]]), splits={})
    programme = build_programme(replace(one, liquidity=e.liquidity[:, :1]), alone).programme
    planned = solve_extensive(programme, EXACT).objective
    assert wait_and_see(programme, EXACT) == pytest.approx(planned, rel=1e-8)
    assert solve_extensive(expected_value_programme(programme), EXACT).objective == pytest.approx(
        planned, rel=1e-8
    )


def test_a_hall_does_not_sell_to_those_who_were_turned_away_before_it_opened() -> None:
    e = made_up(1)
    lost = np.zeros_like(e.lost)
    lost[0] = 50.0
    large = replace(e.options[0], cost=0.1 * e.options[0].cost)
    # A hall that could be open from the first does not help as long as it is too dear to be committed.
    small = replace(e.options[1], cost=1e3 * e.options[1].cost)
    late = replace(e, waiting=0.0 * e.waiting, lost=lost, options=(large, small), halls=())
    found = solve_extensive(build_programme(late, TOLD_APART).programme, EXACT)
    built = build_programme(late, TOLD_APART)
    assert -found.objective * built.scale == pytest.approx(e.npv.mean(), abs=1e-6)
