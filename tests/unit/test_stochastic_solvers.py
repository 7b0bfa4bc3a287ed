"""Solvers stop when they are told to, with what they have, and say what has no answer."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.laws.stochastic_random import random_two_stage
from tests.published.stochastic_cases import dcap

from secondhall.stochastic import (
    DualDecomposition,
    Limits,
    Outcome,
    Programme,
    Progress,
    Solution,
    Status,
    recourse_of,
    search_tenders,
    solve_by_scenarios,
    solve_extensive,
)
from secondhall.stochastic.lagrangian.dual import ascend


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


INTERRUPTED = """
import sys
from tests.published.stochastic_cases import dcap
from tests.unit import test_stochastic_solvers as solvers
from secondhall.stochastic import Limits

if __name__ == "__main__":
    programme = dcap("dcap332_200")
    print("ready", flush=True)
    solution = getattr(solvers, sys.argv[1])(programme, Limits(gap=1e-9, seconds=40))
    print(solution.status.name, solvers.consistent(solution), solution.seconds < 30, flush=True)
"""


@pytest.mark.parametrize("solve", SOLVERS)
def test_an_interrupt_from_the_keyboard_gives_the_best_so_far(solve: object, tmp_path: Path) -> None:
    """In a process of its own, as a user has it: Ctrl-C two seconds after it began."""
    root = Path(__file__).parents[2]
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    command = [sys.executable, str(script), solve.__name__]  # type: ignore[attr-defined]
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=root) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        time.sleep(2.0)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=120)
    assert said.split() in (["WITH_BOUND", "True", "True"], ["NOTHING", "True", "True"])


@pytest.mark.parametrize(
    "solve", [by_extensive_form, by_tenders, pytest.param(by_scenarios, marks=pytest.mark.slow)]
)
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


class _NearlyAgreed:
    """Two bundles whose choices differ by 2 in one column, and by rounding alone in the other."""

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def solve(self, prices: np.ndarray, *_: object) -> tuple[Outcome, ...]:
        self.asked.append(prices)
        choices = ([2.0, 3.0], [0.0, 3.0 - 4e-12])
        return tuple(
            Outcome(status=Status.EXACT, objective=1.0, bound=1.0, values=np.array(x), seconds=0.0)
            for x in choices
        )


def test_D1_rounding_in_a_column_that_all_agree_on_never_becomes_a_price() -> None:
    workers, weight = _NearlyAgreed(), np.array([0.53, 0.47])
    ascend(
        workers,  # type: ignore[arg-type]
        weight,
        np.zeros((2, 2)),
        (np.zeros(2), np.full(2, 9.0)),
        rounds=4,
        limits=Limits(),
        target=lambda *_: 5.0,
    )
    assert len(workers.asked) > 1
    for prices in workers.asked:
        assert np.abs(prices[:, 1]).max() == 0.0
        assert abs(weight @ prices[:, 0]) <= 1e-12 * np.abs(prices[:, 0]).max()
