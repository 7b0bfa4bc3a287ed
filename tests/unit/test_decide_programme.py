"""The company's own stochastic programme: brute force, identities, and the company itself as the judge."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cases import MINIMAL, bent, write_case

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.data import as_data
from secondhall.decide.programme import Deed, TreeProgramme, programme_of
from secondhall.decide.programme.build import build_programme
from secondhall.decide.programme.economics import economics_of, worth_of_room
from secondhall.decide.programme.policy import TreePolicy, play_policy, policy_of
from secondhall.decide.programme.sample import Sample, sample_of
from secondhall.decide.programme.solve import tree_of, with_risk
from secondhall.decide.programme.tree import ScenarioTree, bundle, scenarios_of, states_at
from secondhall.decide.programme.words import programme_words, tree_lines
from secondhall.decide.rules import DatedPlan
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.search import RuleSearch
from secondhall.futures import Estimate
from secondhall.report.tables import programme_told
from secondhall.stochastic import (
    Limits,
    cost_of_scenarios,
    solve_extensive,
)

SMALL = TreeProgramme(paths=128, scenarios=16, fresh=64, dates=(0, 12), children=(3,), least=8)
EXACT = Limits(gap=1e-9)


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def sample(case: Case) -> Sample:
    return sample_of(case, Prior(case), paths=SMALL.paths, seed=3)


@pytest.fixture(scope="module")
def tree(sample: Sample) -> ScenarioTree:
    return tree_of(sample, replace(SMALL, dates=(0, 12, 24), children=(3, 2)))


def test_without_demand_nothing_is_committed(sample: Sample, tree: ScenarioTree) -> None:
    e = replace(economics_of(sample, tree.dates, 6), halls=())
    nobody = replace(e, waiting=0.0 * e.waiting, lost=0.0 * e.lost)
    built = build_programme(nobody, tree)
    found = solve_extensive(with_risk(built.programme, 0.2), EXACT)
    assert all(deeds == () for deeds in policy_of(built, tree, found.by_node).deeds)
    served = build_programme(e, tree)
    found = solve_extensive(with_risk(served.programme, 0.2), Limits(gap=1e-3))
    assert any(policy_of(served, tree, found.by_node).deeds)


def test_what_cannot_be_paid_for_is_not_committed(sample: Sample, tree: ScenarioTree) -> None:
    e = replace(economics_of(sample, tree.dates, 6), halls=())
    poor = replace(e, liquidity=0.0 * e.liquidity)
    built = build_programme(poor, tree)
    found = solve_extensive(built.programme, EXACT)
    assert all(deeds == () for deeds in policy_of(built, tree, found.by_node).deeds)


# Bundling


def test_each_path_is_in_one_node_of_each_date_below_the_one_before(tree: ScenarioTree) -> None:
    for k in range(len(tree.dates)):
        assert tree.probability[np.unique(tree.node[:, k])].sum() == pytest.approx(1.0, abs=1e-12)
        if k:
            pairs = np.unique(tree.node[:, k - 1 : k + 1], axis=0)
            assert np.unique(pairs[:, 1]).size == pairs.shape[0]
    assert np.array_equal(np.unique(tree.node), np.arange(tree.nodes))
    assert tree.nodes > 4


def test_the_paths_of_the_tree_find_their_own_nodes(sample: Sample, tree: ScenarioTree) -> None:
    states = {date: states_at(sample.never, date) for date in tree.dates[1:]}
    np.testing.assert_array_equal(tree.assign(states), tree.node)


def test_a_state_is_what_was_seen_before_its_date(sample: Sample) -> None:
    before = states_at(sample.never, 12)
    later = {
        name: np.where(np.arange(sample.months)[:, None] >= 12, -7.0, s) for name, s in sample.never.items()
    }
    np.testing.assert_array_equal(states_at(later, 12), before)


def test_two_clouds_of_states_are_two_bundles_and_a_sign_that_says_nothing_is_not_looked_at() -> None:
    rng = np.random.default_rng(5)
    side = np.repeat([0.0, 10.0], 40)
    state = np.stack([side + rng.normal(0.0, 0.1, 80), rng.normal(0.0, 1e6, 80)], axis=1)
    found = bundle((0, 6), {6: state}, {6: side}, children=(2,), least=5)
    assert [np.unique(found.node[side == value, 1]).size for value in (0.0, 10.0)] == [1, 1]
    np.testing.assert_allclose(found.probability, [1.0, 0.5, 0.5])


def test_scenarios_part_the_last_nodes_and_as_many_as_paths_are_the_paths(
    sample: Sample, tree: ScenarioTree
) -> None:
    marks = np.stack([sample.npv, worth_of_room(sample)[0]], axis=1)
    group = scenarios_of(tree, marks, 24)
    for one in range(int(group.max()) + 1):
        assert np.unique(tree.node[group == one, -1]).size == 1
    np.testing.assert_array_equal(scenarios_of(tree, marks, sample.paths), np.arange(sample.paths))
    programme = build_programme(economics_of(sample, tree.dates, 6), tree, group).programme
    np.testing.assert_allclose(programme.tree.probability, np.bincount(group) / group.size)


# The company as the judge

CERTAIN = {
    "new_customers_per_month: {value: 2, because: last year's mean}": (
        "new_customers_per_month: 0\n    reserved_units: 450\n    reserved_customers: 45\n"
        "    reserved_lapse_monthly: 0\n    payment_delay_months: 0\n    intensity_volatility_monthly: 0\n"
        "    expansion_monthly: 0\n    bad_debt_share: 0"
    ),
    "{low: 130, mid: 150, high: 180, because: three offers}": "500",
    "{value: 60000, source: S1, kind: fact}": "200000",
    "{boom: 0.005, steady: 0.01, bust: {low: 0.01, mid: 0.02, high: 0.04}, because: last year}": "0",
    "{value: 12000, because: the budget}": (
        "12000\n  inflation_yearly: 0\n  supplier_delay_months: 0\n  sales_commission_months: {COMMISSION}\n"
        "  maintenance_capex_share: 0"
    ),
    "cash: {value: 2000000, source: S1, kind: fact}": (
        "cash: 90000000\n  cash_rate_yearly: 0\n  tax_rate: {TAX}"
    ),
    "sources:\n": (
        "market:\n  price_drift_yearly: 0\n  price_volatility_monthly: 0\n  energy_volatility_monthly: 0\n"
        "  energy_drift_yearly: 0\n\nsources:\n"
    ),
    "{value: 1000, source: S1, kind: fact}": "400",
    "capex: 5000000": "capex: 2000000",
    "capex: 4000000": "capex: 400000",
    "fixed_cost_monthly: {value: 15000, because: the budget}": (
        "fixed_cost_monthly: 15000\n    rent_monthly: 4000\n    slip_mean_months: 0\n"
        "    overrun_mean_share: 0\n    loan_to_cost: 0.5\n    life_months: 180"
    ),
}
"""A company in which nothing is left to chance: nobody new, nobody leaves, 450 kW are signed for the hall."""


def certain_case(folder: Path, tax: float) -> Case:
    # A month of commission in the month in which all is sold is a loss, whose tax comes back over years.
    commission, text = (0 if tax else 1), MINIMAL
    for old, new in CERTAIN.items():
        text = bent(text, old, new.replace("{TAX}", str(tax)).replace("{COMMISSION}", str(commission)))
    return read_case(write_case(folder, yaml=text))


def linear_npv(case: Case, sample: Sample, option: str, date: int) -> Floats:
    """Return [path] NPV of one commitment in the linear economics, with periods of a month."""
    dates = (0, date) if date else (0,)
    economics = replace(economics_of(sample, dates, 1), halls=())
    nodes = np.tile(np.arange(len(dates)), (sample.paths, 1))
    built = build_programme(economics, ScenarioTree(dates, nodes, {}))
    p, wanted = built.programme, len(dates) - 1
    held = [float(k == wanted and hall.name == option) for k, hall, _ in built.decided]
    lower, upper = p.column_lower.copy(), p.column_upper.copy()
    lower[: len(held)] = upper[: len(held)] = held
    fixed = replace(p, column_lower=lower, column_upper=upper, is_integer=np.zeros_like(p.is_integer))
    found = solve_extensive(fixed, EXACT)
    return -cost_of_scenarios(fixed, found.by_node) * built.scale


@pytest.mark.parametrize(("date", "tax"), [(0, 0.0), (6, 0.0), (0, 0.25), (6, 0.25)])
def test_without_chance_the_linear_economics_are_the_companys_own(
    tmp_path: Path, date: int, tax: float
) -> None:
    case = certain_case(tmp_path / "certain", tax)
    belief = Prior(case)
    sample = sample_of(case, belief, paths=3, seed=1)
    plan = DatedPlan.commit_at("two", case.start, date)
    [played] = play_named(case, belief, [plan], paths=3, seed=1, banded=False)
    linear, company = (
        npv - sample.npv for npv in (linear_npv(case, sample, "two", date), played.outcomes["npv"])
    )
    assert np.abs(company).min() > 1e5
    # Nothing is approximated: periods of a month, one price, all who wait find room. What is left is rounding
    # in the solver, whose rows hold to 1e-7 of a hall's cost, 60 of them.
    np.testing.assert_allclose(linear, company, rtol=0.0, atol=60 * 1e-7 * 2.4e6)


def test_with_chance_the_error_of_the_linear_economics_is_a_part_of_the_value(
    case: Case, sample: Sample
) -> None:
    plan = DatedPlan.commit_now("paris_c", case.start)
    [played] = play_named(case, Prior(case), [plan], paths=sample.paths, seed=3, banded=False)
    linear, company = (
        npv - sample.npv for npv in (linear_npv(case, sample, "paris_c", 0), played.outcomes["npv"])
    )
    # The order of the paths is kept, so that what is chosen on one is good on the other; the level is not.
    assert np.corrcoef(linear, company)[0, 1] > 0.9
    assert np.sign(linear.mean()) == np.sign(company.mean())


def test_the_policy_that_commits_now_everywhere_is_the_dated_plan(case: Case, tree: ScenarioTree) -> None:
    nothing: tuple[Deed, ...] = ()
    deeds = ((Deed("paris_c", 1),), *(nothing for _ in range(tree.nodes - 1)))
    own = play_policy(case, Prior(case), TreePolicy(tree, deeds), paths=200, seed=9)
    [plan] = play_named(
        case, Prior(case), [DatedPlan.commit_now("paris_c", case.start)], paths=200, seed=9, banded=False
    )
    for name, values in plan.outcomes.items():
        np.testing.assert_array_equal(own[name], values, err_msg=name)


def test_a_path_follows_the_plan_of_its_nodes_and_no_other(case: Case, tree: ScenarioTree) -> None:
    chosen = int(np.unique(tree.node[:, 1])[0])
    deeds = tuple((Deed("paris_c", 1),) if node == chosen else () for node in range(tree.nodes))
    own = play_policy(case, Prior(case), TreePolicy(tree, deeds), paths=200, seed=9)
    later = DatedPlan.commit_at("paris_c", case.start, 12)
    [plan] = play_named(case, Prior(case), [later], paths=200, seed=9, banded=False)
    commits = own["first_commitment"] >= 0.0
    assert 0 < commits.sum() < 200
    np.testing.assert_array_equal(own["npv"][commits], plan.outcomes["npv"][commits])


def test_a_closed_hall_and_copies_of_an_option_become_months_of_their_slots(tree: ScenarioTree) -> None:
    case = read_case("northhall")
    slots = slots_of(case)
    deeds = [() for _ in range(tree.nodes)]
    route = tuple(int(n) for n in tree.node[0])
    deeds[route[0]] = (Deed("north-module", 2),)
    deeds[route[1]] = (Deed("north-1", 1, closes=True), Deed("north-module", 1))
    terms = TreePolicy(tree, tuple(deeds)).terms(route, slots)
    assert [int(terms.commit_month[slot]) for slot in slots.of_option("north-module")[:3]] == [0, 0, 12]
    assert int(terms.close_month[slots.of_hall("north-1")]) == 12
    assert (terms.commit_month >= 0).sum() == 3
    assert (terms.close_month >= 0).sum() == 1


# The verb and what is said


def test_the_figures_of_the_verb_stand_in_their_order(case: Case) -> None:
    found = programme_of(case, Prior(case), seed=7, weight=0.2, method=SMALL)
    assert found is not None
    inside = found.inside
    assert inside.worth.value <= inside.bound
    assert inside.evpi.value >= 0.0
    assert inside.vss.value >= -abs(inside.worth.value) * SMALL.gap - 1.0
    assert inside.status == "exact"
    again = programme_of(case, Prior(case), seed=7, weight=0.2, method=SMALL)
    assert again == found


def test_a_case_with_nothing_to_commit_has_no_programme(tmp_path: Path) -> None:
    whole = MINIMAL.index("options:"), MINIMAL.index("staff:")
    case = read_case(write_case(tmp_path / "idle", yaml=MINIMAL[: whole[0]] + MINIMAL[whole[1] :]))
    assert programme_of(case, Prior(case), seed=1, weight=0.2) is None


def test_dates_that_are_no_multiples_of_the_period_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 6"):
        TreeProgramme(dates=(0, 9), children=(2,))
    with pytest.raises(ValueError, match="children"):
        TreeProgramme(dates=(0, 12), children=())


def test_a_decision_whose_rules_are_searched_shows_the_programme_and_another_does_not(case: Case) -> None:
    method = RuleSearch(first=64, second=64, last=64, sampled=6, generations=1)
    settings = replace(Settings(), futures=64, method=method, programme=SMALL)
    decision = decide(case, Prior(case), seed=3, settings=settings)
    assert decision.programme is not None
    assert decision.programme.outside.rule == decision.recommended.rule.name
    said, lines = programme_told(decision)
    assert "out of sample" in said[0]
    assert "VSS" in said[1]
    assert "EVPI" in said[1]
    assert lines[0].startswith(f"{case.start}: commit")
    told = json.loads(json.dumps(as_data(decision)))["stochastic_programme"]
    assert len(told["tree"]) == len(decision.programme.branches)
    given = decide(case, Prior(case), rules=[DatedPlan.commit_now("paris_c", case.start)], settings=settings)
    assert given.programme is None
    assert programme_told(given) == ((), ())


@pytest.mark.parametrize(
    ("over", "begins"),
    [
        (5e6, "It beats the recommended rule"),
        (-5e6, "The recommended rule"),
        (1e5, "Out of sample it cannot"),
    ],
)
def test_the_words_say_whether_the_policy_beats_the_rule(case: Case, over: float, begins: str) -> None:
    found = programme_of(
        case,
        Prior(case),
        seed=7,
        weight=0.2,
        method=SMALL,
        beside=DatedPlan.commit_now("paris_c", case.start),
    )
    assert found is not None
    outside = replace(found.outside, over_rule=Estimate(over, 1e5))
    said = programme_words(case, replace(found, outside=outside), weight=0.2, limit=InsolvencyLimit())
    assert said[-1].startswith(begins)
    broken = replace(outside, insolvency=Estimate(0.4, 0.01), insolvency_over_never=Estimate(0.3, 0.01))
    said = programme_words(case, replace(found, outside=broken), weight=0.2, limit=InsolvencyLimit())
    assert "breaks the limit on insolvency" in said[-1]
    assert len(tree_lines(case, found)) >= 1
