"""Rules say what they do, and the terms that the company follows say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases import MINIMAL, PLANS, bent, write_case

from secondhall.case import Case, PlannedAction, read_case
from secondhall.company import FORECAST, PRELEASE, slots_of
from secondhall.company.layout import NEVER
from secondhall.company.parameters import NO_TRIGGER
from secondhall.decide.candidates import candidates, simplicity
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, Never, PreleasedShare
from secondhall.months import Month

GUARDED = Guards(bust_probability_at_most=0.3, funded_share_at_least=0.5)
THREE_COPIES = "\n    times: 3\n    fixed_cost_monthly: {value: 15000,"


def months(*texts: str) -> list[Month]:
    return [Month.parse(text) for text in texts]


def commits(option: str, *when: str) -> tuple[PlannedAction, ...]:
    return tuple(PlannedAction(month=month, action="commit", target=option) for month in months(*when))


@pytest.fixture
def small(tmp_path: Path) -> Case:
    return read_case(write_case(tmp_path / "small", files={"plans.csv": PLANS}))


@pytest.fixture
def modular(tmp_path: Path) -> Case:
    yaml = bent(MINIMAL, "\n    fixed_cost_monthly: {value: 15000,", THREE_COPIES)
    return read_case(write_case(tmp_path / "modular", yaml=yaml))


def test_never_says_and_does_nothing(small: Case) -> None:
    terms = Never().terms(small, slots_of(small))
    assert (Never().name, Never().words(small)) == ("never", "commit nothing")
    for months_of in (terms.commit_month, terms.stop_month, terms.mothball_month, terms.close_month):
        assert (months_of == NEVER).all()
    assert (terms.freeze_month, terms.dismiss_month, terms.trigger) == (NEVER, NEVER, NO_TRIGGER)


def test_a_dated_plan_acts_in_its_months_counted_from_the_start(small: Case) -> None:
    plan = DatedPlan("as planned", small.plans["as planned"])
    terms = plan.terms(small, slots_of(small))
    assert plan.words(small) == "commit two in 2026-06, freeze hiring in 2026-09"
    assert terms.commit_month.tolist() == [NEVER, 5]  # the standing hall, then the option
    assert terms.freeze_month == 8
    assert terms.trigger == NO_TRIGGER


def test_a_plan_closes_a_standing_hall_by_its_id(small: Case) -> None:
    action = PlannedAction(month=small.start + 3, action="close", target="one")
    assert DatedPlan("close", (action,)).terms(small, slots_of(small)).close_month.tolist() == [3, NEVER]


def test_commit_now_is_a_plan_for_the_first_month(small: Case) -> None:
    plan = DatedPlan.commit_now("two", small.start)
    assert plan.terms(small, slots_of(small)).commit_month.tolist() == [NEVER, 0]
    assert plan.words(small) == "commit two in 2026-01"


def test_an_option_named_three_times_is_committed_copy_by_copy(modular: Case) -> None:
    slots = slots_of(modular)
    assert [slot.name for slot in slots.slots] == ["one", "two", "two #2", "two #3"]
    plan = DatedPlan("modules", commits("two", "2026-02", "2026-08", "2027-02"))
    assert plan.terms(modular, slots).commit_month.tolist() == [NEVER, 1, 7, 13]


def test_a_trigger_may_commit_every_copy_in_order(modular: Case) -> None:
    slots = slots_of(modular)
    assert PreleasedShare("two", 0.5).terms(modular, slots).candidates.tolist() == [1, 2, 3]


def test_without_commitments_the_hall_is_gone_and_the_rest_stays(small: Case) -> None:
    actions = (
        *commits("two", "2026-06"),
        PlannedAction(month=small.start + 30, action="close", target="two"),
        PlannedAction(month=small.start + 30, action="dismiss_excess", target=None),
        PlannedAction(month=small.start + 31, action="mothball", target="one"),
    )
    plan = DatedPlan("as happened", actions)
    terms = plan.without_commitments().terms(small, slots_of(small))
    assert (terms.commit_month == NEVER).all()
    assert (terms.close_month == NEVER).all()
    assert terms.mothball_month.tolist() == [31, NEVER]
    assert terms.dismiss_month == 30


def test_a_forecast_says_its_level_and_gives_it(small: Case) -> None:
    rule = ForecastUtilisation("two", 0.9, GUARDED)
    terms = rule.terms(small, slots_of(small))
    assert rule.name.startswith("two at 90")
    for part in ("commit two", "90", "lead time", "probability of a bust is at most 30", "covers 50"):
        assert part in rule.words(small)
    assert (terms.trigger, terms.threshold) == (FORECAST, 0.9)
    assert (terms.bust_limit, terms.liquidity_share) == (0.3, 0.5)
    assert terms.candidates.tolist() == [1]


def test_a_preleased_share_knows_the_option_as_the_case_states_it(small: Case) -> None:
    rule = PreleasedShare("two", 0.5)
    terms = rule.terms(small, slots_of(small))
    assert "50" in rule.words(small)
    assert "signed for" in rule.words(small)
    assert (terms.trigger, terms.threshold) == (PRELEASE, 0.5)
    assert terms.option_units.tolist() == [0.0, 1000.0]
    assert terms.option_funding.tolist() == [0.0, 9e6]
    # 18 months to the first phase, and the mean slip of an option that states none
    slip = small.options["two"].number("slip_mean_months").mid
    assert terms.lead_months.tolist() == [0.0, 18.0 + slip]


def test_the_capital_that_a_rule_counts_on_leaves_out_the_project_loan(tmp_path: Path) -> None:
    loan = "\n    loan_to_cost: {value: 0.4, because: the bank}\n    fixed_cost_monthly: {value: 15000,"
    yaml = bent(MINIMAL, "\n    fixed_cost_monthly: {value: 15000,", loan)
    case = read_case(write_case(tmp_path, yaml=yaml))
    terms = PreleasedShare("two", 0.5).terms(case, slots_of(case))
    np.testing.assert_allclose(terms.option_funding, [0.0, 9e6 * 0.6], rtol=1e-15)


def test_no_guard_is_not_spoken_of() -> None:
    assert Guards().words == ""
    assert Guards().suffix == ""
    assert GUARDED.suffix == ", bust at most 30 %, 50 % funded"


@pytest.mark.parametrize(
    ("bust", "funded"), [(-0.1, 0.0), (1.1, 0.0), (float("nan"), 0.0), (0.5, -1.0), (1.0, float("-inf"))]
)
def test_a_guard_that_cannot_be_is_refused(bust: float, funded: float) -> None:
    with pytest.raises(ValueError, match=r"lies in 0 to 1|0 or more"):
        Guards(bust, funded)


def test_every_case_is_offered_the_same_kinds_of_rule(small: Case) -> None:
    rules = candidates(small)
    kinds = [type(rule).__name__ for rule in rules]
    assert kinds == ["Never", "DatedPlan", "DatedPlan", "ForecastUtilisation", "PreleasedShare"]
    assert len({rule.name for rule in rules}) == len(rules)


def test_a_plan_whose_first_month_is_past_is_no_candidate(tmp_path: Path) -> None:
    past = "plan,month,action,target\ngone,2025-06,freeze_hiring,\n"
    case = read_case(write_case(tmp_path, files={"plans.csv": past}))
    assert "gone" in case.plans
    assert "gone" not in [rule.name for rule in candidates(case)]


def test_never_is_simpler_than_a_plan_and_a_guard_adds_to_a_rule() -> None:
    rules = (Never(), DatedPlan("x", ()), PreleasedShare("two", 0.5), PreleasedShare("two", 0.5, GUARDED))
    assert [simplicity(rule) for rule in rules] == [0, 1, 2, 3]
