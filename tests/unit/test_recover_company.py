"""What the way out takes from the company: what it knows, what money is worth, what halls and posts cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.unit.twohalls import MONTHS, SEED, case_in, laid_of, standing_of, text_of

from secondhall.belief import Prior
from secondhall.case import Case
from secondhall.company import RuleTerms
from secondhall.company.layout import Floats
from secondhall.recover.fates import terms_of_fates
from secondhall.recover.law.calendar import quotas
from secondhall.recover.money import Money
from secondhall.recover.nothing import play
from secondhall.recover.people import indemnities_of, law_of
from secondhall.recover.problem import Fate
from secondhall.recover.programme import do_nothing, evaluate
from secondhall.recover.standing import OWN, UNKNOWN, standings
from secondhall.recover.state import Laid


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("twohalls"), text_of())


@pytest.fixture(scope="module")
def laid(case: Case) -> Laid:
    return laid_of(case)


# What the company knows and what it does not


def uncertain(folder: Path) -> Case:
    """Return the case with posts, cash and hall costs that its owner knows and others do not."""
    text = text_of().replace("headcount: 34", "headcount: {low: 30, mid: 34, high: 40}")
    text = text.replace(
        "fixed_cost_monthly: 45000", "fixed_cost_monthly: {low: 40000, mid: 45000, high: 60000}"
    )
    text = text.replace("overhead_monthly: 60000", "overhead_monthly: {low: 50000, mid: 60000, high: 90000}")
    return case_in(folder, text)


def test_what_the_company_knows_is_the_same_on_every_path_and_the_market_is_as_believed(
    tmp_path: Path,
) -> None:
    case = uncertain(tmp_path)
    belief, paths = Prior(case), np.arange(50)
    standing = standing_of(case)
    p, believed = standing.parameters(SEED, paths), belief.parameters(SEED, paths)
    for group in OWN:
        rows, as_believed = getattr(p, group), getattr(believed, group)
        for place, name in enumerate(rows.names):
            if name in UNKNOWN.get(group, ()):
                np.testing.assert_array_equal(
                    *np.broadcast_arrays(rows.array[place], as_believed.array[place]), err_msg=name
                )
            else:
                assert np.ptp(rows.array[place], axis=-1).max(initial=0.0) == 0.0, name
    for group in ("segment_regime", "firm_regime"):
        np.testing.assert_array_equal(getattr(p, group).array, getattr(believed, group).array)
    assert np.ptp(believed.firm.overhead) > 0.0
    assert np.ptp(p.segment.log_intensity) > 0.0


def test_posts_of_a_standing_are_whole_though_those_believed_are_not(tmp_path: Path) -> None:
    case = uncertain(tmp_path)
    believed = Prior(case).parameters(SEED, np.arange(50)).role.posts
    assert (believed % 1.0 > 0.0).any()
    for standing in standings(case, Prior(case), seed=SEED, others=3):
        np.testing.assert_array_equal(standing.own.role.posts % 1.0, 0.0)


def test_other_companies_are_drawn_only_where_figures_are_uncertain(tmp_path: Path) -> None:
    sure = text_of().replace("{low: 500, mid: 600, high: 720,", "{value: 600,")
    sure = sure.replace("{low: 0.5, mid: 1, high: 2,", "{value: 1,")
    known = case_in(tmp_path / "known", sure)
    assert len(standings(known, Prior(known), seed=SEED, others=5)) == 1
    unsure = uncertain(tmp_path)
    some = standings(unsure, Prior(unsure), seed=SEED, others=5)
    assert len({float(one.own.firm.overhead[0]) for one in some}) == 6


# Money


def money(*, months: int, horizon: int) -> Money:
    t = np.arange(horizon)
    return Money(
        months, horizon, 1.002 ** (t + 1.0), 0.99 ** (t + 1.0), 5.0, 1.0 / 4.0, np.full(horizon, 0.7)
    )


def test_F7_a_provision_is_paid_out_by_a_share_of_what_is_left_and_in_the_end_whole() -> None:
    it = money(months=200, horizon=200)
    cash, value = it.provided(6)
    left, by_hand = float(it.index[6]), np.zeros(200)
    for month in range(6, 200):
        by_hand[month] = left / 4.0
        left -= by_hand[month]
    np.testing.assert_allclose(cash, by_hand, rtol=1e-12)
    # What is left after 194 months is (3/4)^194 < 1e-24 of it.
    assert cash.sum() == pytest.approx(it.index[6], rel=1e-12)
    assert value == pytest.approx(0.7 * (by_hand * it.discount).sum(), rel=1e-12)


def test_F7_what_is_provided_is_paid_as_the_company_pays_it(laid: Laid) -> None:
    charges = np.zeros(3)
    charges[2] = 1e6
    idle = terms_of_fates(laid.standing, ())
    terms = replace(idle, measures=replace(idle.measures, charges=charges, costs=np.zeros(3)))
    paid = _paid_out(laid, idle) - _paid_out(laid, terms)
    cash, _ = laid.money.provided(2)
    # Sums of amounts below 1e7, each rounded to 2e-9; the company makes losses and pays no tax.
    np.testing.assert_allclose(paid[:MONTHS, 0], 1e6 * cash, atol=1e-6)


def _paid_out(laid: Laid, terms: RuleTerms) -> Floats:
    """Return [month, path] the month's cash flow before interest on the paths of the bundles."""
    return play(laid.standing, terms, seed=SEED, paths=laid.bundles.paths).free


def test_what_is_left_of_a_provision_at_the_end_is_paid_then() -> None:
    it = money(months=3, horizon=4)
    cash, value = it.provided(1)
    shares = np.array([0.0, 0.25, 0.1875, 0.140625 + 0.421875])
    np.testing.assert_allclose(cash, it.index[1] * np.array([0.0, 0.25, 0.1875]), rtol=1e-15)
    assert value == pytest.approx(0.7 * it.index[1] * (shares * it.discount).sum(), rel=1e-14)


def test_what_is_spent_is_paid_in_its_month_in_the_prices_of_that_month() -> None:
    cash, value = money(months=5, horizon=9).spent(3)
    np.testing.assert_allclose(cash, [0.0, 0.0, 0.0, 1.002**4, 0.0], rtol=1e-14)
    assert value == pytest.approx(0.7 * 1.002**4 * 0.99**4, rel=1e-14)


def test_Y1_worth_is_the_discounted_cash_and_the_multiple_of_the_last_year() -> None:
    it = money(months=5, horizon=14)
    rng = np.random.default_rng(1)
    free, earned = rng.normal(size=(14, 2)), rng.normal(size=(14, 2))
    by_hand = [
        sum(free[t, k] * 0.99 ** (t + 1) for t in range(14))
        + 5.0 * 0.99**14 * sum(earned[t, k] for t in range(2, 14))
        for k in range(2)
    ]
    np.testing.assert_allclose(it.worth(free, earned), by_hand, rtol=1e-12)


def test_Y3_what_runs_on_is_worth_its_months_and_a_tail_of_what_stays() -> None:
    it = money(months=5, horizon=20)
    monthly = np.linspace(1.0, 2.0, 20)
    worth = 0.7 * 0.99 ** np.arange(1.0, 21.0)
    np.testing.assert_allclose(it.running(monthly, np.zeros(15)), (monthly * worth)[:5], rtol=1e-14)
    fades = it.fading(np.array(0.9))
    np.testing.assert_allclose(fades, 0.9 ** np.arange(1.0, 16.0), rtol=1e-14)
    tail = sum(monthly[5 + k] * 0.9 ** (k + 1) * worth[5 + k] for k in range(15))
    tail += 5.0 * 0.99**20 * sum(monthly[5 + k] * 0.9 ** (k + 1) for k in range(3, 15))
    found = it.running(monthly, fades)
    np.testing.assert_allclose(found[:4], (monthly * worth)[:4], rtol=1e-14)
    assert found[4] == pytest.approx(monthly[4] * worth[4] + tail, rel=1e-13)


# Fates


@pytest.mark.parametrize(
    ("hall", "month", "room", "is_crowded"),
    [("second", 3, 1000, False), ("first", 4, 1000, False), ("first", 4, 300, True)],
)
def test_Y4_one_hall_that_closes_moves_the_cash_of_the_plan_as_it_moves_that_of_the_company(
    tmp_path: Path, hall: str, month: int, room: int, is_crowded: bool
) -> None:
    text = text_of().replace("capacity_units: 1000", f"capacity_units: {room}")
    case = case_in(tmp_path, text)
    laid = laid_of(case)
    problem = laid.problem
    fate = Fate(hall=problem.halls.index(hall), action="close", month=month)
    nothing, decided = do_nothing(problem), do_nothing(problem)
    decided.fates[:, fate.hall] = problem.fates.index(fate)
    before, after = evaluate(problem, nothing), evaluate(problem, decided)
    assert (after.unserved.max() > 0.0) == is_crowded
    lives = [
        play(laid.standing, terms, seed=SEED, paths=laid.bundles.paths, follows_work=True).flow[:MONTHS].T
        for terms in (terms_of_fates(laid.standing, (fate,)), laid.standing.living)
    ]
    # The programme pays posts hired again; the company's flow is that with no staff paid.
    hired = np.einsum("rt,srt->st", problem.wage, after.hires - before.hires)
    moved = after.cash - before.cash + np.cumsum(hired, axis=1)
    scale = np.abs(before.cash).max()
    np.testing.assert_allclose(moved, np.cumsum(lives[0] - lives[1], axis=1), atol=1e-9 * scale)
    assert np.abs(moved[:, -1]).min() > 1e-3 * scale


# Waves


def test_Y6_small_waves_are_announced_every_quarter_and_collective_ones_in_each_month_before_the_review(
    laid: Laid,
) -> None:
    problem = laid.problem
    small = {wave.announced for wave in problem.waves if not wave.is_collective}
    large = {wave.announced for wave in problem.waves if wave.is_collective}
    assert {month % 3 for month in small} == {0}
    assert {0, 3} <= small
    assert set(range(problem.review + 1)) <= large
    assert all(wave.leave < problem.months for wave in problem.waves)


def test_quotas_hold_the_waves_that_leave_within_their_window_or_calendar_year(tmp_path: Path) -> None:
    """Long enough for a new year to begin: from September on, and planned for a year."""
    text = text_of().replace("start: 2002-03", "start: 2002-09")
    case = case_in(tmp_path, text.replace(f"  months: {MONTHS}\n", "  months: 12\n"))
    problem = laid_of(case).problem
    small = [place for place, wave in enumerate(problem.waves) if not wave.is_collective]
    expected = set()
    for limit in quotas(law_of(case), int(problem.posts.sum()), date(2002, 9, 1)):
        for first in range(12):
            leaves = {place: case.start + problem.waves[place].leave for place in small}
            begin = case.start + first
            if limit.is_calendar_year:
                inside = tuple(place for place in small if leaves[place].year == begin.year)
            else:
                inside = tuple(p for p in small if begin <= leaves[p] < begin + limit.months)
            if len(inside) > 1:
                expected.add((limit.words, inside, limit.most))
    assert {(one.words, one.waves, one.most) for one in problem.quotas} == expected
    years = [one for one in problem.quotas if one.most == 18]
    assert len(years) == 2


def test_the_indemnity_of_a_role_is_the_larger_of_what_is_stated_and_of_what_the_law_gives(
    tmp_path: Path,
) -> None:
    """Sales have served thirty years, for which the law of 2002 gives a tenth of a month's wage each."""
    text = text_of().replace("seniority_years: 3\n", "seniority_years: 30\n")
    old = text.replace("minimum: 4\n    severance_months: 2", "minimum: 4\n    severance_months: 0.5")
    case = case_in(tmp_path, old)
    own = standing_of(case).own
    found = indemnities_of(case, own, law_of(case))
    roles = list(case.staff)
    stated = np.array([2.0, 3.0, 0.5])
    assert roles == ["operations", "engineering", "sales"]
    np.testing.assert_allclose(found.severance, np.maximum(stated, found.statutory))
    assert found.statutory[2] > 0.5
    assert (found.statutory[:2] < stated[:2]).all()
    np.testing.assert_allclose(found.dismissal, found.notice + found.severance)
