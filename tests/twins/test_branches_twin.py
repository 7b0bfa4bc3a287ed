"""Many plans from one past: the same bytes as each plan played from the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company import RuleTerms, engine, idle_terms, slots_of
from secondhall.company.layout import OUTCOMES
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, NotBefore, PreleasedShare, Rule

PATHS = 100
NPV, INSOLVENT = OUTCOMES.index("npv"), OUTCOMES.index("insolvency_month")


def terms(case: Case, rule: Rule, month: int) -> RuleTerms:
    return NotBefore(rule, case.start + month).terms(case, slots_of(case))


@pytest.mark.parametrize("month", [0, 1, 31, 119])
@pytest.mark.parametrize("own_chance", [True, False])
@pytest.mark.parametrize(
    "rule",
    [
        PreleasedShare("north-module", 0.05, Guards(0.5, 0.0)),
        ForecastUtilisation("north-module", 0.6, Guards(0.9, 0.25)),
    ],
)
def test_a_branch_is_the_plan_played_from_the_start(rule: Rule, month: int, own_chance: bool) -> None:
    case = read_case("northhall")
    belief = Prior(case)
    p, known = belief.parameters(3, np.arange(PATHS)), belief.known()
    idle = idle_terms(known.halls)
    commit = DatedPlan.commit_at("north-4", case.start, month).terms(case, slots_of(case))
    rules = [idle, commit, terms(case, rule, month), terms(case, rule, month + 7)]
    paths = np.arange(PATHS)
    if not own_chance:
        before = np.arange(known.months)[:, None] < month
        paths = np.where(before, paths, 1_000 + paths)
    npv, insolvency = engine.play_branches(
        known, rules, seed=3, paths=paths, month=month, blocks=engine.blocks_of(p)
    )
    for k, one in enumerate(rules):
        played = engine.play_paths(p, known, one, seed=3, paths=paths).outcomes
        np.testing.assert_array_equal(npv[k], played[NPV])
        np.testing.assert_array_equal(insolvency[k], played[INSOLVENT])


def test_a_rule_that_acts_in_the_month_of_branching_differs_from_never() -> None:
    case = read_case("northhall")
    belief = Prior(case)
    p, known = belief.parameters(3, np.arange(PATHS)), belief.known()
    rules = [idle_terms(known.halls), terms(case, PreleasedShare("north-4", 0.0), 30)]
    late = replace(rules[1], first_month=31)
    npv, _ = engine.play_branches(
        known, [*rules, late], seed=3, paths=np.arange(PATHS), month=30, blocks=engine.blocks_of(p)
    )
    assert (npv[1] != npv[0]).all()
    assert (npv[1] != npv[2]).all()
