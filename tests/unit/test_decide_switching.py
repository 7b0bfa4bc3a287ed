"""Switching values: known crossings, levers that move what they say and no more, a root that is a root."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company import known_parameters, slots_of
from secondhall.company.layout import BOOM, STEADY
from secondhall.decide.board.levers import Lever, levers_of, more_busts
from secondhall.decide.board.switching import (
    NEAR_ENOUGH,
    STEPS,
    _gap_to,
    _grid,
    _Played,
    crossing,
    main_alternatives,
    switching_values,
)
from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.decision import Decision
from secondhall.decide.imposed import Imposed, with_row
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Never
from secondhall.futures import Estimate

PATHS = 256
SEED = 3
PARAMETERS = known_parameters(read_case("paris2006"))
GRID = [-1.0, -0.5, 0.0, 0.5, 1.0]


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def decided(case: Case) -> Decision:
    rules = [DatedPlan.commit_now("paris_c", case.start), ForecastUtilisation("paris_c", 1.2)]
    return decide(case, Prior(case), rules=rules, seed=SEED, settings=replace(Settings(), futures=PATHS))


def lever(case: Case, key: str) -> Lever:
    return next(one for one in levers_of(case) if one.key == key)


def crossed(gap: object) -> Estimate | None:
    return crossing(GRID, [gap(x) for x in GRID], gap)  # type: ignore[operator]


@settings(deadline=None)
@given(st.floats(0.01, 0.99), st.sampled_from([-1.0, 1.0]), st.floats(0.1, 10.0))
def test_of_a_line_the_crossing_is_where_it_is_zero_and_its_error_is_that_over_the_slope(
    away: float, sign: float, slope: float
) -> None:
    """Brent's method stops within its tolerance of the root, in parts of a step; of a line it is exact."""
    root = sign * away
    found = crossed(lambda x: Estimate(sign * slope * (root - x), 0.3))
    assert found is not None
    assert found.value == pytest.approx(root, abs=NEAR_ENOUGH * 0.5)
    assert found.error == pytest.approx(0.3 / slope)


def test_of_two_crossings_the_nearer_one_is_taken_and_of_none_none() -> None:
    two = crossed(lambda x: Estimate((0.3 - x) * (x + 0.8), 0.1))
    assert two is not None
    assert two.value == pytest.approx(0.3, abs=NEAR_ENOUGH)
    other = crossed(lambda x: Estimate((0.9 - x) * (x + 0.2), 0.1))
    assert other is not None
    assert other.value == pytest.approx(-0.2, abs=NEAR_ENOUGH)
    assert crossed(lambda x: Estimate(1.0 + x * x, 0.1)) is None


@settings(deadline=None, max_examples=50)
@given(st.floats(-1.3, 1.3))
def test_busts_are_so_many_times_as_likely_and_nothing_else_is(log_factor: float) -> None:
    """Monthly probabilities of going from one regime to another, before and after."""
    p = PARAMETERS
    q = more_busts(p, log_factor)

    def ways(one: object) -> dict[str, float]:
        leave, firm = one.firm_regime.leave_probability[:, 0], one.firm  # type: ignore[attr-defined]
        return {
            "boom bust": leave[BOOM] * firm.after_boom_bust[0],
            "boom steady": leave[BOOM] * (1.0 - firm.after_boom_bust[0]),
            "steady bust": leave[STEADY] * (1.0 - firm.after_steady_boom[0]),
            "steady boom": leave[STEADY] * firm.after_steady_boom[0],
        }

    before, after = ways(p), ways(q)
    for way, chance in before.items():
        factor = np.exp(log_factor) if way.endswith("bust") else 1.0
        assert after[way] == pytest.approx(chance * factor, rel=1e-12)


@pytest.mark.parametrize("key", ["demand_growth", "price", "build_cost", "lead_time"])
def test_a_lever_that_is_not_moved_changes_no_byte_and_leaves_what_it_is_given(case: Case, key: str) -> None:
    one, belief = lever(case, key), Prior(case)
    build = DatedPlan.commit_now("paris_c", case.start)
    still = Imposed(belief, lambda p: one.change(p, 0.0), known_too=True)
    first, second = (
        play_named(case, each, [build], paths=64, seed=SEED, banded=False)[0] for each in (belief, still)
    )
    np.testing.assert_array_equal(first.outcomes["npv"], second.outcomes["npv"])
    p = belief.parameters(SEED, np.arange(4))
    held = [rows.array.copy() for rows in (p.segment, p.segment_regime, p.phase, p.firm)]
    one.change(p, 0.3)
    for rows, before in zip((p.segment, p.segment_regime, p.phase, p.firm), held, strict=True):
        np.testing.assert_array_equal(rows.array, before)


def test_levers_of_building_move_the_options_alone_and_the_rules_know(case: Case) -> None:
    slots = slots_of(case)
    p = with_row(known_parameters(case), "phase", "capex", lambda capex: capex + 1.0)
    new = slots.first_new
    dearer = lever(case, "build_cost").change(p, np.log(2.0))
    np.testing.assert_allclose(dearer.phase.capex[new:], 2.0 * p.phase.capex[new:])
    np.testing.assert_array_equal(dearer.phase.capex[:new], p.phase.capex[:new])
    late = lever(case, "lead_time").change(p, 5.0)
    np.testing.assert_array_equal(late.phase.offset[new:, 0], p.phase.offset[new:, 0] + 5.0)
    np.testing.assert_array_equal(late.phase.start_offset[:, 0], p.phase.start_offset[:, 0])
    rule = ForecastUtilisation("paris_c", 0.9).terms(case, slots)
    assert lever(case, "lead_time").terms(rule, 5.0).lead_months[new] == rule.lead_months[new] + 5.0
    assert lever(case, "build_cost").terms(rule, np.log(2.0)).option_funding[new] == pytest.approx(
        2.0 * rule.option_funding[new]
    )


@pytest.mark.parametrize(("key", "sign"), [("price", 1), ("build_cost", -1), ("lead_time", -1)])
def test_to_build_gains_with_price_and_loses_with_cost_and_delay(case: Case, key: str, sign: int) -> None:
    build, never = DatedPlan.commit_now("paris_c", case.start), Never()
    played = _Played(case, Prior(case), lever(case, key), PATHS, SEED, 0.2, None)
    gaps = [played.gaps([build, never], x)[0].value for x in _grid(lever(case, key))[STEPS:]]
    assert np.all(sign * np.diff(gaps) > 0.0)


def test_at_a_switching_value_the_two_rules_are_level(case: Case, decided: Decision) -> None:
    """Within what Brent's tolerance in the place leaves of the gap, by the slope that the error implies."""
    build = next(one for one in decided.contenders if one.commits_now.value == 1.0)
    found = switching_values(
        case, Prior(case), decided.contenders, build, paths=PATHS, seed=SEED, weight=0.2, threads=None
    )
    by_key = {(one.lever, one.against): one for one in found}
    cost = by_key["build_cost", "never"]
    assert cost.at is not None
    assert "% higher" in cost.words
    one = lever(case, "build_cost")
    assert cost.reach == "halved to doubled"
    played = _Played(case, Prior(case), one, PATHS, SEED, 0.2, None)
    level = _gap_to(played, build.rule, Never())(cost.at.value)
    step = (one.high - one.low) / (2 * STEPS)
    assert abs(level.value) <= 2.0 * NEAR_ENOUGH * step * level.error / cost.at.error


def test_what_cannot_be_told_apart_has_no_switching_value(case: Case, decided: Decision) -> None:
    """Against a rule that does the same the gap is zero, whatever moves."""
    build = next(one for one in decided.contenders if one.commits_now.value == 1.0)
    same = replace(build, rule=DatedPlan("the same", build.rule.actions), refused=None)  # type: ignore[attr-defined]
    never = replace(decided.never, rule=Never())
    found = switching_values(
        case, Prior(case), [never, same], same, paths=64, seed=SEED, weight=0.2, threads=None
    )
    assert {one.against for one in found} == {"never"}
    twin = replace(build, rule=DatedPlan.commit_now("paris_c", case.start))
    found = switching_values(
        case, Prior(case), [twin, same], same, paths=64, seed=SEED, weight=0.2, threads=None
    )
    assert all(one.at is None and one.words == "cannot be told apart as it stands" for one in found)


def test_the_main_alternatives_are_never_now_and_the_best_of_another_kind(
    case: Case, decided: Decision
) -> None:
    named = {one.rule.name: replace(one, refused=None) for one in decided.contenders}
    forecast = next(one for name, one in named.items() if "forecast" in name)
    others = main_alternatives(case, list(named.values()), forecast)
    assert [one.rule.name for one in others] == ["never", "commit paris_c now"]
    build = named["commit paris_c now"]
    others = main_alternatives(case, list(named.values()), build)
    assert [one.rule.name for one in others] == ["never", forecast.rule.name]


@pytest.mark.parametrize(
    ("key", "at", "said"),
    [
        ("price", Estimate(np.log(0.88), 0.03 / 0.88), "12 ± 3 % lower"),
        ("build_cost", Estimate(np.log(1.5), 0.1 / 1.5), "50 ± 10 % higher"),
        ("lead_time", Estimate(7.04, 1.2), "7.0 ± 1.2 months longer"),
        ("demand_growth", Estimate(-0.08, 0.02), "8.0 ± 2.0 points a year lower"),
        ("bust", Estimate(np.log(1.6), 0.2 / 1.6), "1.60 ± 0.20 times as high"),
    ],
)
def test_a_switching_value_is_said_with_its_unit(case: Case, key: str, at: Estimate, said: str) -> None:
    assert lever(case, key).said(at) == said
