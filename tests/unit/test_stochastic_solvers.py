"""Solvers stop when they are told to, with what they have, and say what has no answer."""

import _thread
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from tests.laws.stochastic_random import random_two_stage
from tests.published.stochastic_cases import dcap

from secondhall.stochastic import (
    DualDecomposition,
    Limits,
    Programme,
    Progress,
    Solution,
    Status,
    recourse_of,
    search_tenders,
    solve_by_scenarios,
    solve_extensive,
)


def by_extensive_form(programme: Programme, limits: Limits) -> Solution:
    return solve_extensive(programme, limits)


def by_tenders(programme: Programme, limits: Limits) -> Solution:
    recourse = recourse_of(programme)
    assert recourse is not None
    return search_tenders(programme, recourse, limits)


def by_scenarios(programme: Programme, limits: Limits) -> Solution:
    return solve_by_scenarios(programme, DualDecomposition(scenarios_per_bundle=2), limits)


SOLVERS = [by_extensive_form, by_tenders, by_scenarios]


def consistent(solution: Solution) -> bool:
    return solution.bound <= solution.objective and bool(solution.by_node) == np.isfinite(solution.objective)


@pytest.mark.parametrize("solve", SOLVERS)
def test_an_interrupt_from_the_keyboard_gives_the_best_so_far(solve: object) -> None:
    timer = threading.Timer(2.5, _thread.interrupt_main)
    timer.start()
    solution = solve(dcap("dcap332_200"), Limits(gap=1e-9, seconds=20))  # type: ignore[operator]
    timer.join()
    assert solution.status is Status.WITH_BOUND or solution.status is Status.NOTHING
    assert consistent(solution)
    assert solution.seconds < 10


@pytest.mark.parametrize("solve", SOLVERS)
def test_a_listener_hears_of_progress_and_can_stop_it(solve: object) -> None:
    heard: list[Progress] = []

    def report(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) >= 3

    solution = solve(dcap("dcap332_200"), Limits(gap=1e-9, seconds=20, report=report))  # type: ignore[operator]
    assert len(heard) >= 3
    assert solution.status is not Status.EXACT
    assert consistent(solution)


@pytest.mark.parametrize("solve", SOLVERS)
def test_what_cannot_be_is_called_infeasible(solve: object) -> None:
    programme = random_two_stage(0)
    impossible = replace(programme, row_lower=np.where(np.arange(5) == 0, 7.0, programme.row_lower))
    impossible = replace(impossible, row_upper=np.where(np.arange(5) == 0, 9.0, programme.row_upper))
    assert solve(impossible, Limits()).status is Status.INFEASIBLE  # type: ignore[operator]


def test_what_falls_without_end_is_called_unbounded() -> None:
    programme = random_two_stage(0, integer_recourse=False)
    cost = programme.cost.copy()
    cost[-1] = -1.0
    upper = programme.column_upper.copy()
    upper[-1] = np.inf
    endless = replace(programme, cost=cost, column_upper=upper)
    assert solve_extensive(endless).status is Status.UNBOUNDED


def test_two_processes_find_what_one_does() -> None:
    programme = random_two_stage(3)
    one, two = (
        solve_by_scenarios(programme, DualDecomposition(rounds=5, processes=n), Limits(gap=1e-4))
        for n in (1, 2)
    )
    assert (one.objective, one.bound) == (two.objective, two.bound)


def test_importing_the_package_brings_no_solver() -> None:
    code = "import sys, secondhall.stochastic; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"highspy", "scipy", "loky"} & set(done.stdout.split()) == set()
