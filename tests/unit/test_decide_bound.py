"""The bound: against quadrature where the answer is known, and by its identities in the company."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from tests.option_problems import Lognormal, call_paying

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company import slots_of
from secondhall.decide.bound import InformationBound, bound_of
from secondhall.decide.bound.futures_within import Expected, Table, by_date, expect, look_back
from secondhall.decide.bound.hedge import Hedge, _martingales, bounded, learn_hedge
from secondhall.decide.bound.plans import sizes_of
from secondhall.decide.bound.words import bounded as told
from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.decision import Bound, Decision
from secondhall.decide.rules import DatedPlan, Never, PreleasedShare, Rule
from secondhall.futures import Estimate

PATHS, INNER, DATES = 48, 4, (0, 3, 6, 60, 117)


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


# A project worth V that costs I, V a geometric walk: the expectations are known exactly ------------------

PROJECT = Lognormal(
    start=1.0, intervals=12, step=0.5, pays=call_paying(1.0), rate=0.04, dividend=0.04, sigma=0.2
)


def project(paths: int, seed: int) -> Expected:
    """What is expected of investing at each of twelve dates, given the walk so far."""
    shocks = np.random.default_rng(seed).standard_normal((PROJECT.intervals, paths))
    worth = PROJECT.start * np.exp(np.cumsum(PROJECT.drift + PROJECT.spread * shocks, axis=0))
    discount = PROJECT.discounts[1:, None]
    grows = math.exp((PROJECT.rate - PROJECT.dividend) * PROJECT.step)
    later = np.append(PROJECT.discounts[2:], 0.0)[:, None]
    now, next_date = discount * (worth - 1.0), later * (worth * grows - 1.0)
    nothing = np.zeros_like(now)
    return Expected(*halves(now[:, None], next_date[:, None]), (0,), *halves(nothing, nothing))


def halves(*expected: np.ndarray) -> list[np.ndarray]:
    """Both halves of the inner futures know the expectation itself."""
    return [np.stack([one, one]) for one in expected]


def test_U2_U3_the_bound_of_a_project_lies_above_its_worth_and_near_it() -> None:
    exact, _ = PROJECT.by_quadrature()
    fresh = project(20_000, 2)
    reached = bounded(fresh, learn_hedge(project(2_000, 1)))
    hindsight = np.maximum(fresh.now[0].max(axis=(0, 1)), 0.0)
    error = reached.std() / math.sqrt(reached.size)
    assert reached.mean() > exact - 4.0 * error
    # Four functions of one number leave some slack; a third of what hindsight is worth is a loose ceiling.
    assert reached.mean() - exact < (hindsight.mean() - exact) / 3.0


def test_U2_without_weights_the_bound_is_hindsight() -> None:
    fresh = project(500, 3)
    none = Hedge(np.ones(2), np.zeros(8))
    np.testing.assert_array_equal(bounded(fresh, none), np.maximum(fresh.now[0].max(axis=(0, 1)), 0.0))


def test_U3_whatever_the_weights_the_bound_is_not_below_the_worth() -> None:
    exact, _ = PROJECT.by_quadrature()
    fresh, draw = project(20_000, 4), np.random.default_rng(5)
    for _ in range(5):
        reached = bounded(fresh, Hedge(np.ones(2), draw.normal(size=8)))
        assert reached.mean() > exact - 4.0 * reached.std() / math.sqrt(reached.size)


def test_without_uncertainty_the_bound_is_the_best_date() -> None:
    sure = np.linspace(1.0, -1.0, 6)[:, None, None] + np.zeros((6, 1, 40))
    later, nothing = np.concatenate([sure[1:], 0.0 * sure[:1]]), 0.0 * sure[:, 0]
    expected = Expected(*halves(sure, later), (0,), *halves(nothing, nothing))
    np.testing.assert_allclose(bounded(expected, learn_hedge(expected)), 1.0, rtol=1e-12)


# In the company ------------------------------------------------------------------------------------------


def seen_and_expected(case: Case, rule: Rule, *, paths: int = PATHS, inner: int = INNER):
    belief, sizes = Prior(case), sizes_of(case, slots_of(case))
    table = partial(Table.laid, case, belief, DATES, seed=11, paths=paths)
    play = partial(by_date, threads=2, tick=lambda: None)
    return look_back(table(inner=1), rule, sizes, play), expect(table(inner=inner), rule, sizes, (0,), play)


def test_a_dated_plan_is_the_size_that_it_commits(case: Case) -> None:
    rule = DatedPlan.commit_now("paris_c", case.start)
    seen, expected = seen_and_expected(case, rule)
    np.testing.assert_array_equal(expected.rule, expected.now[:, :, 0])
    np.testing.assert_array_equal(expected.rule_next, expected.next_date[:, :, 0])
    np.testing.assert_array_equal(seen.rule, seen.now[0, 0])


def test_looking_back_is_the_plan_played_on_the_same_paths(case: Case) -> None:
    seen, _ = seen_and_expected(case, Never())
    rules = [Never(), *(DatedPlan.commit_at("paris_c", case.start, month) for month in DATES)]
    idle, *dated = (
        one.outcomes["npv"]
        for one in play_named(case, Prior(case), rules, paths=PATHS, seed=11, banded=False)
    )
    for date, npv in enumerate(dated):
        np.testing.assert_array_equal(seen.now[date, 0], npv - idle)


def test_after_the_last_date_nothing_is_committed(case: Case) -> None:
    _, expected = seen_and_expected(case, PreleasedShare("paris_c", 0.1))
    assert not expected.next_date[:, -1].any()
    assert not expected.rule_next[:, -1].any()


def test_U3_the_penalty_has_mean_zero_in_the_company(case: Case) -> None:
    _, expected = seen_and_expected(case, PreleasedShare("paris_c", 0.1), paths=1_024)
    ends = _martingales(expected, np.full(2, 1e7))[:, -1]
    error = ends.std(axis=1) / math.sqrt(ends.shape[1])
    assert (np.abs(ends.mean(axis=1)) < 4.0 * error).all()
    assert (error > 0.0).any()


@pytest.fixture(scope="module")
def decided(case: Case) -> Decision:
    return decide(case, Prior(case), rules=None, seed=5, settings=replace(Settings(), futures=512))


def test_no_rule_that_was_judged_is_worth_more_than_the_bound(decided: Decision) -> None:
    found = decided.bound
    assert found is not None
    assert found.perfect.value >= found.informed.value - 4.0 * found.informed.error
    for contender in decided.contenders:
        error = math.hypot(contender.gain.error, found.upper.error)
        assert contender.gain.value < found.upper.value + 4.0 * error


def test_a_case_without_options_has_no_bound(case: Case, decided: Decision) -> None:
    none = replace(case, options={})
    assert bound_of(none, Prior(case), decided.recommended, method=InformationBound(), seed=1) is None


def test_it_is_said_why_a_rule_stays_below_the_bound(case: Case, decided: Decision) -> None:
    gain = replace(decided.recommended, gain=Estimate(5e6, 1e5))
    found = Bound(
        upper=Estimate(8e6, 2e5),
        perfect=Estimate(9e6, 2e5),
        informed=Estimate(7e6, 3e5),
        waiting=Estimate(1e6, 1e5),
        every=3,
        plans=81,
        paths=256,
        inner=8,
    )
    said = " ".join(told(case, found, gain))
    assert "Nothing can be worth more than 8.00 ± 0.20 M EUR" in said
    assert "the rule reaches 62 % of it" in said
    assert "would be worth 2.00 ± 0.30 M EUR more" in said
    assert "1.00 ± 0.20 M EUR is what a rule that was not looked at may find" in said
    near = " ".join(told(case, replace(found, upper=Estimate(5.2e6, 2e5)), gain))
    assert "Why the rule does not reach that" not in near
    assert told(case, None, gain) == ()
