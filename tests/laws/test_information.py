"""What knowing a figure is worth: closed forms, bounds that hold on every sample, and no worth out of noise.

The problem with a known answer: never is worth nothing, the hall mu + sigma X + luck with X standard normal.
Knowing X is worth E[max(mu + sigma X, 0)] - max(mu, 0) = sigma phi(mu/sigma) - |mu| Phi(-|mu|/sigma)
(the unit normal loss; Raiffa & Schlaifer, *Applied Statistical Decision Theory*, 1961).
"""

from __future__ import annotations

import dataclasses
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondhall.belief import Prior
from secondhall.case import read_case
from secondhall.company.layout import Floats
from secondhall.decide import Contender, Decision, Settings, decide
from secondhall.decide.information import (
    LEAST_PATHS,
    _normal_score,
    grouped,
    information_value,
    measure_next,
    valued,
)
from secondhall.decide.scoring import score_parts

PATHS = 20_000
NORMAL = NormalDist()


def loss(mu: float, sigma: float) -> float:
    """Return the closed form; the chance that the choice changes is Phi(-|mu|/sigma)."""
    away = abs(mu) / sigma
    return sigma * (NORMAL.pdf(away) - away * NORMAL.cdf(-away))


def over_base(*rules: Floats) -> Floats:
    """Return [rule, path] values over the rule with the highest mean."""
    worth = np.stack(rules)
    return worth - worth[worth.mean(axis=1).argmax()]


@pytest.mark.parametrize(
    ("mu", "sigma", "luck"), [(-0.5, 1.0, 1.0), (0.8, 1.0, 2.0), (-1.0, 0.7, 3.0), (0.0, 0.5, 2.0)]
)
def test_R6_the_worth_of_a_normal_figure_is_the_unit_normal_loss(
    mu: float, sigma: float, luck: float
) -> None:
    """Within four standard errors; the shortfall by imperfect fits, luck^2/(sigma paths), is far less."""
    rng = np.random.default_rng(11)
    x, noise = rng.standard_normal((2, PATHS))
    worth, changes = information_value(over_base(mu + sigma * x + luck * noise, np.zeros(PATHS)), [x])
    assert abs(worth.value - loss(mu, sigma)) < 4 * worth.error
    if mu:
        # The boundary is known to luck sqrt(1 + (mu/sigma)^2)/(sigma sqrt(paths)) in units of x.
        edge = luck * math.hypot(1.0, mu / sigma) / (sigma * math.sqrt(PATHS)) * NORMAL.pdf(mu / sigma)
        expected = NORMAL.cdf(-abs(mu) / sigma)
        assert abs(changes.value - expected) < 4 * math.hypot(changes.error, edge)


def test_R6_figures_known_together_are_worth_the_loss_of_their_joint_spread() -> None:
    rng = np.random.default_rng(12)
    x, y, noise = rng.standard_normal((3, PATHS))
    over = over_base(0.6 * x + 0.8 * y - 0.5 + noise, np.zeros(PATHS))
    both, _ = information_value(over, [x, y])
    assert abs(both.value - loss(-0.5, 1.0)) < 4 * both.error
    alone, _ = information_value(over, [y])
    assert abs(alone.value - loss(-0.5, 0.8)) < 4 * alone.error
    assert alone.value < both.value


def test_R6_figures_that_tell_nothing_alone_may_tell_together() -> None:
    """The hall is worth X Y: E[max(XY, 0)] = E|X| E|Y|/2 = 1/pi; either alone leaves its mean at zero."""
    rng = np.random.default_rng(13)
    x, y, noise = rng.standard_normal((3, PATHS))
    over = over_base(x * y + noise, np.zeros(PATHS))
    both, _ = information_value(over, [x, y])
    assert abs(both.value - 1 / math.pi) < 4 * both.error
    for one in (x, y):
        alone, _ = information_value(over, [one])
        assert abs(alone.value) <= 3 * alone.error


def test_R6_of_three_rules_each_is_taken_where_it_is_best() -> None:
    """E[max(0, X - 1/2, -X - 1/2)] is twice the loss at 1/2."""
    rng = np.random.default_rng(14)
    x, one, two = rng.standard_normal((3, PATHS))
    over = over_base(np.zeros(PATHS), x - 0.5 + one, -x - 0.5 + two)
    worth, _ = information_value(over, [x])
    assert abs(worth.value - 2 * loss(0.5, 1.0)) < 4 * worth.error


def test_the_worth_does_not_depend_on_the_scale_of_the_figure() -> None:
    rng = np.random.default_rng(15)
    x, noise = rng.standard_normal((2, 4_000))
    over = over_base(x - 0.3 + noise, np.zeros(4_000))
    assert information_value(over, [x]) == information_value(over, [np.exp(3.0 * x)])


def test_a_figure_that_says_nothing_is_worth_nothing() -> None:
    """Two rules that nearly tie, so that the least noise in a fit would change the choice.

    Of 300 fields a term passes Schwarz's criterion in the fits of some fold with probability at most
    15 x 2 Phi(-sqrt(ln 1600)) = 0.1; the worth of those that pass has mean zero or less.
    """
    rng = np.random.default_rng(16)
    values = []
    for _ in range(300):
        x, noise = rng.standard_normal((2, 2_000))
        values.append(information_value(over_base(noise - 0.01, np.zeros(2_000)), [x])[0])
    worths = np.array([worth.value for worth in values])
    assert (worths != 0.0).mean() < 0.1 + 4 * math.sqrt(0.1 * 0.9 / 300)
    assert worths.mean() < 3 * worths.std() / math.sqrt(300)
    assert sum(worth.value > 3 * worth.error for worth in values) <= 2


def test_noise_in_the_fits_never_makes_a_figure_look_more_valuable() -> None:
    """Over 300 small samples the mean stays at or below the truth, within four of its own errors."""
    rng = np.random.default_rng(17)
    found = []
    for _ in range(300):
        x, noise = rng.standard_normal((2, LEAST_PATHS))
        found.append(information_value(over_base(0.3 * x - 0.1 + noise, np.zeros(LEAST_PATHS)), [x])[0].value)
    assert np.mean(found) < loss(-0.1, 0.3) + 4 * np.std(found) / math.sqrt(300)


@given(seed=st.integers(0, 2**32), rules=st.integers(2, 5), together=st.integers(1, 3))
def test_no_figure_is_worth_more_than_knowing_everything(seed: int, rules: int, together: int) -> None:
    rng = np.random.default_rng(seed)
    fields = rng.standard_normal((together, 500))
    worth = rng.standard_normal((rules, together)) @ fields + rng.standard_normal((rules, 500)) ** 3
    over = over_base(*worth)
    value, changes = information_value(over, list(fields))
    assert value.value <= over.max(axis=0).mean() + 1e-12
    assert 0.0 <= changes.value <= 1.0


def test_a_figure_that_takes_few_values_can_be_used() -> None:
    """Never is worth nothing, the hall 1 if X = 1 and -1 if X = 0, each in half of the paths: worth 1/2."""
    rng = np.random.default_rng(18)
    x = (rng.random(4_000) < 0.5).astype(float)
    worth, _ = information_value(over_base(2 * x - 1 + rng.standard_normal(4_000), np.zeros(4_000)), [x])
    assert abs(worth.value - 0.5) < 4 * worth.error


def test_the_value_of_the_best_rule_is_its_score_and_that_of_the_others_is_no_more() -> None:
    rng = np.random.default_rng(19)
    npv = np.stack([rng.normal(2.0, 5.0, 3_000), rng.normal(2.2, 9.0, 3_000), rng.normal(-1.0, 1.0, 3_000)])
    for weight in (0.0, 0.2, 1.0):
        scores = [score_parts(one, weight).mean() for one in npv]
        worth = valued(npv, 0, weight).mean(axis=1)
        assert worth[0] == pytest.approx(scores[0], abs=1e-12)
        assert all(mean <= score + 1e-12 for mean, score in zip(worth, scores, strict=True))
    np.testing.assert_array_equal(valued(npv, 0, 0.0), npv)


def test_the_regimes_of_a_field_are_one_measurement_and_segments_are_not() -> None:
    names = [
        "segments.a.churn_monthly.boom",
        "segments.a.churn_monthly.bust",
        "segments.b.churn_monthly.bust",
    ]
    assert [len(fields) for fields in grouped(names).values()] == [2, 1]
    assert sorted(sum(grouped(names).values(), ())) == sorted(names)


@pytest.fixture(scope="module")
def made() -> Decision:
    case = read_case("paris2006")
    return decide(case, Prior(case), settings=Settings(futures=1_000))


def test_a_decision_says_of_every_uncertain_field_what_knowing_it_is_worth(made: Decision) -> None:
    fields = [field for one in made.information for field in one.fields]
    assert sorted(fields) == sorted(Prior(made.case).values(7, np.arange(2)))
    worths = [one.worth.value for one in made.information]
    assert worths == sorted(worths, reverse=True)
    assert made.perfect_information is not None
    assert worths[0] <= made.perfect_information.value
    assert all(("worth nothing" in one.words) is not one.told for one in made.information)


def test_the_fields_are_those_of_the_paths_that_were_played(made: Decision) -> None:
    """The hall is made worth a million times Z - 1/2, with Z a field's normal score on the same paths."""
    name = "options.paris_c.fixed_cost_monthly"
    z = _normal_score(Prior(made.case).values(made.seed, np.arange(made.paths))[name])
    order = [_worth(made.never, np.zeros(made.paths)), _worth(made.recommended, 1e6 * (z - 0.5))]
    found, perfect = measure_next(made.case, Prior(made.case), order, seed=made.seed, weight=0.0)
    assert found[0].name == name
    assert found[0].told
    assert abs(found[0].worth.value - 1e6 * loss(0.5, 1.0)) < 4 * found[0].worth.error
    assert perfect is not None
    assert found[0].worth.value == pytest.approx(perfect.value, rel=0.01)
    assert not any(one.told for one in found[1:])


def _worth(contender: Contender, npv: Floats) -> Contender:
    futures = dataclasses.replace(contender.futures, outcomes={**contender.futures.outcomes, "npv": npv})
    return dataclasses.replace(contender, futures=futures)


def test_a_rule_that_is_refused_cannot_be_chosen_whatever_is_known(made: Decision) -> None:
    refused = dataclasses.replace(made.recommended, refused="insolvent too often")
    asked = {"seed": made.seed, "weight": 0.2}
    assert measure_next(made.case, Prior(made.case), [made.never, refused], **asked) == ((), None)
