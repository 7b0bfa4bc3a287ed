"""First-order indices: against functions whose indices are known, and on the rule that was played."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.decide.board.sensitivity import LEAST_PATHS, SHOWN, first_order, sensitivity_of
from secondhall.decide.choose import Settings, decide
from secondhall.decide.decision import Decision
from secondhall.decide.rules import DatedPlan


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def decided(case: Case) -> Decision:
    plan = DatedPlan.commit_now("paris_c", case.start)
    return decide(case, Prior(case), rules=[plan], seed=3, settings=replace(Settings(), futures=LEAST_PATHS))


def test_on_the_ishigami_function_the_indices_are_those_in_closed_form() -> None:
    """Ishigami and Homma (1990), a = 7, b = 0.1: 0.3139, 0.4424, 0; within three standard errors."""
    a, b = 7.0, 0.1
    x = np.random.default_rng(1).uniform(-np.pi, np.pi, (4, 8_000))
    y = np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])
    parts = (0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2, a**2 / 8.0, 0.0, 0.0)
    whole = a**2 / 8.0 + b * np.pi**4 / 5.0 + b**2 * np.pi**8 / 18.0 + 0.5
    found = first_order({f"x{k}": x[k] for k in range(4)}, y, most=4, seed=1)
    for k, part in enumerate(parts):
        one = found[f"x{k}"]
        assert abs(one.value - part / whole) <= 3.0 * one.error
        assert one.error < 0.02
    assert list(found)[:2] == ["x1", "x0"]


def test_chance_that_no_figure_tells_takes_its_share() -> None:
    """A line in x with noise of the same variance: a half; a column of noise: nothing, by three errors."""
    x, noise, idle = np.random.default_rng(2).standard_normal((3, 8_000))
    found = first_order({"idle": idle, "x": x}, x + noise, most=2, seed=1)
    assert list(found) == ["x", "idle"]
    assert found["x"].value == pytest.approx(0.5, abs=3.0 * found["x"].error)
    assert found["idle"].value == pytest.approx(0.0, abs=3.0 * found["idle"].error)


def test_of_the_rule_the_ten_first_are_told_from_the_most_to_the_least(case: Case, decided: Decision) -> None:
    build = next(one for one in decided.contenders if one.commits.value == 1.0)
    found = sensitivity_of(case, Prior(case), build, decided.never, seed=3)
    assert len(found) == SHOWN
    assert np.all(np.diff([one.share.value for one in found]) <= 0.0)
    assert all(one.share.error > 0.0 for one in found)
    values = Prior(case).values(3, np.arange(2))
    assert {one.name for one in found} <= set(values)
    assert all("_" not in one.words for one in found)


def test_a_gain_that_does_not_vary_or_few_futures_have_no_ranking(case: Case, decided: Decision) -> None:
    assert sensitivity_of(case, Prior(case), decided.never, decided.never, seed=3) == ()
    build = next(one for one in decided.contenders if one.commits.value == 1.0)
    few = replace(build, futures=replace(build.futures, paths=LEAST_PATHS - 1))
    assert sensitivity_of(case, Prior(case), few, decided.never, seed=3) == ()


def test_importing_the_programme_leaves_the_library_alone() -> None:
    code = "import sys, secondhall.study; print('SALib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
