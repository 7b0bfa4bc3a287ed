"""Futures of a learned belief: each path lives one draw, whole; the rest stays as it was stated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from secondhall.belief import Convergence, Learned, Posterior, Prior
from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.case import read_case
from secondhall.company import idle_terms, slots_of
from secondhall.company.chance import Chance
from secondhall.company.oracle.play import opening_state
from secondhall.futures import RuleToPlay, play_rules
from secondhall.months import Month

SIZE = CHAINS * DRAWS
CHURN = "segments.large_accounts.churn_monthly.bust"
PRICE = "segments.large_accounts.list_price_per_unit_month"
CASE = read_case("fluxus")
PATHS = np.arange(4000)


def posterior(**changed: object) -> Posterior:
    """Return a posterior whose draws carry their own number, so that a path can be asked which it lives."""
    number = np.arange(SIZE, dtype=np.float64)
    opening = {
        "segment.opening_gap": np.stack([number / SIZE] * 3),
        "firm.cash": 1e6 + number,
        "firm_regime.start_probability": np.eye(3)[np.arange(SIZE) % 3].T,
    }
    fields: dict[str, object] = {
        "evidence": ("facts",),
        "words": "made up",
        "until": CASE.start,
        "values": {CHURN: number / SIZE, PRICE: 300.0 + number},
        "opening": opening,
        "priors": {},
        "regimes": None,
        "checks": (),
        "convergence": Convergence(1.0, "", 2000.0, ""),
        "lessons": (),
    }
    return Posterior(**{**fields, **changed})  # type: ignore[arg-type]


def test_all_that_a_path_has_learned_comes_from_one_draw() -> None:
    p = Learned(CASE, posterior()).parameters(7, PATHS)
    draw = p.segment.list_price[0] - 300.0
    np.testing.assert_allclose(p.segment_regime.churn[0, 2], draw / SIZE, rtol=1e-12)
    np.testing.assert_allclose(p.firm.cash, 1e6 + draw, rtol=1e-12)
    np.testing.assert_allclose(p.segment.opening_gap[1], draw / SIZE, rtol=1e-12)
    np.testing.assert_array_equal(p.firm_regime.start_probability.argmax(axis=0), draw.astype(int) % 3)


def test_each_draw_is_lived_about_equally_often() -> None:
    """2,000 draws over 4,000 paths: in 50 bins of 80 expected, chi-square with 49 degrees of freedom."""
    draw = Learned(CASE, posterior()).parameters(7, PATHS).segment.list_price[0] - 300.0
    counts = np.histogram(draw, bins=50, range=(0, SIZE))[0]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_a_path_is_a_function_of_seed_and_number_alone() -> None:
    belief = Learned(CASE, posterior())
    whole, part = belief.parameters(7, PATHS), belief.parameters(7, PATHS[100:200])
    np.testing.assert_array_equal(whole.segment.array[..., 100:200], part.segment.array)
    np.testing.assert_array_equal(whole.firm.array[..., 100:200], part.firm.array)
    assert not np.array_equal(belief.parameters(8, PATHS).firm.cash, whole.firm.cash)


def test_what_was_not_learned_is_drawn_as_it_was_stated() -> None:
    learned, stated = Learned(CASE, posterior()).parameters(7, PATHS), Prior(CASE).parameters(7, PATHS)
    np.testing.assert_array_equal(learned.segment_regime.growth, stated.segment_regime.growth)
    np.testing.assert_array_equal(learned.segment.list_price[1:], stated.segment.list_price[1:])
    np.testing.assert_array_equal(learned.hall.array, stated.hall.array)


def test_the_values_of_a_belief_are_those_that_its_paths_live() -> None:
    belief = Learned(CASE, posterior())
    values, p = belief.values(7, PATHS), belief.parameters(7, PATHS)
    np.testing.assert_array_equal(values[PRICE], p.segment.list_price[0])
    np.testing.assert_array_equal(values[CHURN], p.segment_regime.churn[0, 2])
    assert all(np.ptp(value) > 0.0 for value in values.values())
    assert "segments.startups.order_size_units" in values


def test_a_rule_knows_the_middle_of_what_was_learned() -> None:
    known = Learned(CASE, posterior()).known()
    assert known.paths == 1
    assert known.segment.list_price[0, 0] == 300.0 + np.median(np.arange(SIZE))
    assert known.firm_regime.start_probability[:, 0] == pytest.approx([1 / 3] * 3, abs=1 / SIZE)


def test_the_opening_gap_moves_the_deviation_and_not_the_intensity() -> None:
    belief, plain = Learned(CASE, posterior()), Learned(CASE, posterior(opening={}))
    with_gap, without = belief.parameters(7, PATHS), plain.parameters(7, PATHS)
    without.firm_regime.set("start_probability", with_gap.firm_regime.start_probability)
    chance = Chance(7, PATHS)
    moved = opening_state(with_gap, belief.known(), chance).segment
    still = opening_state(without, plain.known(), chance).segment
    np.testing.assert_allclose(moved.deviation - still.deviation, with_gap.segment.opening_gap, atol=1e-12)
    np.testing.assert_allclose(moved.deviation + moved.trend, still.deviation + still.trend, atol=1e-12)


def test_futures_of_a_learned_belief_do_not_depend_on_how_they_are_split() -> None:
    belief = Learned(CASE, posterior())
    rule = [RuleToPlay("never", idle_terms(len(slots_of(CASE).slots)))]
    outcomes = [
        play_rules(belief, rule, start=Month.parse("2000-04"), paths=256, seed=7, threads=n, chunk=64)[
            0
        ].outcomes
        for n in (1, 2)
    ]
    np.testing.assert_array_equal(outcomes[0]["npv"], outcomes[1]["npv"])
