"""An operator of 8 halls and 30 roles: a plan for 50 futures, with its gap, within the time given."""

from pathlib import Path

import pytest
from tests.recover_cases import large_operator

from secondhall.belief.learning import learn
from secondhall.recover.programme import Plan, Value
from secondhall.recover.search import best_plan
from secondhall.recover.standing import standings
from secondhall.recover.state import lay_out
from secondhall.stochastic import Limits


@pytest.mark.slow
def test_a_large_operator_gets_a_plan_with_its_gap_in_the_time_given(tmp_path: Path) -> None:
    case = large_operator(tmp_path / "large")
    [standing] = standings(case, learn(case), seed=7, others=0)
    laid = lay_out(standing, seed=7, futures=1000, scenarios=50, tides=3)
    assert len(laid.problem.halls) == 8
    assert len(laid.problem.roles) == 30
    kind, plan = best_plan(laid, Value(), Limits(seconds=120.0, gap=0.01))
    assert isinstance(plan, Plan)
    print(f"{plan.seconds:.0f} s, gap {plan.gap:.1%}, {plan.value / 1e6:.1f} of {plan.bound / 1e6:.1f} M EUR")
    assert plan.figures.is_feasible
    assert plan.seconds < 150.0
    assert plan.value <= plan.bound
    assert {wave.is_collective for wave in kind.problem.waves} in ({True}, {False})
