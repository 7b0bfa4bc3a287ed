"""Scenarios side by side: identities with the rules played alone, and what a shock must do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.decide.candidates import candidates
from secondhall.decide.choose import play_named, recommend
from secondhall.decide.rules import DatedPlan, Never, PreleasedShare
from secondhall.decide.scoring import InsolvencyLimit, contend, ranked
from secondhall.decide.stress import SideBySide, side_by_side
from secondhall.decide.stress.data import side_by_side_data

PATHS = 256
SEED = 5
BUST = "bust-at-opening"
LIMIT = InsolvencyLimit()


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def build(case: Case) -> DatedPlan:
    return DatedPlan.commit_now("paris_c", case.start)


def stressed(case: Case, rule: object, limit: InsolvencyLimit = LIMIT) -> SideBySide:
    beliefs = {None: Prior(case), BUST: Prior(case, BUST)}
    return side_by_side(case, beliefs, rule, paths=PATHS, seed=SEED, weight=0.2, limit=limit)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(case: Case, build: DatedPlan) -> SideBySide:
    return stressed(case, build)


@pytest.mark.parametrize("at", [0, 1])
def test_under_each_scenario_a_rule_comes_to_what_it_does_when_played_alone(
    case: Case, build: DatedPlan, found: SideBySide, at: int
) -> None:
    belief = Prior(case, (None, BUST)[at])
    rule, idle = play_named(case, belief, [build, Never()], paths=PATHS, seed=SEED, banded=False)
    alone = contend(build, rule, idle, weight=0.2, limit=LIMIT)
    one = found.scenarios[at]
    assert one.rule.npv == rule.value
    assert one.rule.gain == alone.gain
    assert one.rule.cvar == alone.risk.cvar_npv
    assert one.rule.insolvency == alone.risk.insolvency
    assert one.never.npv == idle.value
    assert one.rule.peak_funding.value == pytest.approx(rule.outcomes["peak_funding"].mean())
    breached = (rule.outcomes["covenant_breaches"] > 0).mean()
    assert one.rule.breach.value == breached


def test_a_scenario_without_a_shock_is_the_base(case: Case, build: DatedPlan) -> None:
    beliefs = {None: Prior(case), BUST: Prior(case)}
    found = side_by_side(case, beliefs, build, paths=64, seed=SEED, weight=0.2, limit=LIMIT)
    base, same = found.scenarios
    assert replace(same, scenario=base.scenario, words=base.words) == base


def test_a_bust_makes_nothing_better(found: SideBySide) -> None:
    """Over the same random numbers a bust with lower prices lowers the value of either rule."""
    base, bust = found.scenarios
    for one, other in ((bust.never, base.never), (bust.rule, base.rule)):
        assert one.npv.value < other.npv.value
        assert one.cvar.value < other.cvar.value
        assert one.insolvency.value >= other.insolvency.value


def test_what_would_be_chosen_is_what_the_usual_choice_takes_of_the_same_rules(
    case: Case, build: DatedPlan, found: SideBySide
) -> None:
    rules = list({repr(rule): rule for rule in (Never(), build, *candidates(case))}.values())
    assert found.rules == tuple(rule.name for rule in rules)
    for one, scenario in zip(found.scenarios, (None, BUST), strict=True):
        played = play_named(case, Prior(case, scenario), rules, paths=PATHS, seed=SEED, banded=False)
        contenders = [
            contend(rule, futures, played[0], weight=0.2, limit=LIMIT)
            for rule, futures in zip(rules, played, strict=True)
        ]
        assert one.chosen == recommend(ranked(contenders, 0.2))[0].rule.name


def test_a_rule_that_breaks_the_limit_keeps_its_reason_and_is_not_chosen(
    case: Case, build: DatedPlan
) -> None:
    """Under a limit that nothing that builds keeps in the bust."""
    found = stressed(case, build, InsolvencyLimit(at_most=0.0, over_never=0.0))
    bust = found.scenarios[1]
    assert bust.rule.insolvency.value > bust.never.insolvency.value
    assert bust.refused is not None
    assert bust.chosen != build.name


def test_a_rule_beside_the_usual_ones_is_compared_once(case: Case) -> None:
    found = stressed(case, PreleasedShare("paris_c", 0.35))
    assert len(found.rules) == len(set(found.rules)) == len(candidates(case)) + 1


def test_as_data_every_number_has_its_error(found: SideBySide) -> None:
    told = json.loads(json.dumps(side_by_side_data(found)))
    assert [one["scenario"] for one in told["scenarios"]] == ["base", BUST]
    for one in told["scenarios"]:
        for standing in (one["never"], one["rule"]):
            assert all(set(each) == {"value", "error"} for name, each in standing.items() if name != "rule")
