"""Identities and laws that options obey which may wait; and inputs that make no sense.

Where a closed form stands, three standard errors are granted, a law broken by chance once in 370 times, with
seeds that are fixed; where both sides come from the same draws, rounding alone.
"""

import doctest
import importlib
import time
import tracemalloc
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.option_problems import Lognormal, call_paying, european, put_paying

import secondhall.option_value
from secondhall.option_value import (
    Chain,
    NestedBound,
    Paths,
    Problem,
    RegressedBound,
    Splines,
    Value,
    value_options,
)

SEED = 1973
PUT = Lognormal(start=38.0, intervals=10, step=0.1, pays=put_paying(40.0))
SHARE_OF_ERRORS = 3.0


@cache
def put_with(options: int, per_date: int = 1) -> Value:
    return value_options(replace(PUT, options=options, per_date=per_date).problem(), seed=SEED, paths=8000)


def assert_close(value: Value, exact: float) -> None:
    assert value.upper is not None
    assert abs(value.lower.value - exact) <= SHARE_OF_ERRORS * value.lower.error
    assert value.upper.value >= exact - SHARE_OF_ERRORS * value.upper.error


@pytest.mark.parametrize("put", [True, False])
def test_L1_one_date_is_a_european_option(put: bool) -> None:
    pays = put_paying(40.0) if put else call_paying(40.0)
    option = Lognormal(start=38.0, intervals=1, step=1.0, pays=pays)
    assert_close(value_options(option.problem(), seed=SEED), european(option, 1.0, 40.0, put=put))


def test_L1_what_never_pays_is_worth_nothing_and_is_never_exercised() -> None:
    value = value_options(replace(PUT, pays=lambda value: -value).problem(), seed=SEED, paths=1000)
    assert value.lower.value == 0.0
    assert value.upper is not None
    assert value.upper.value == 0.0
    assert value.used.value == 0.0
    assert value.exercised.value == 0.0
    assert np.isnan(value.gap)


def test_L1_without_chance_exercise_is_at_the_best_date() -> None:
    """V grows at 1 % a date and money costs 6 %: e^(-.06 k) (V_k - 1) is best at one k."""
    option = Lognormal(
        start=1.2, intervals=30, step=1.0, pays=call_paying(1.0), rate=0.06, dividend=0.05, sigma=0.0
    )
    value = value_options(option.problem(), seed=SEED, paths=500)
    dates = np.arange(1, 31)
    best = float(np.max(np.exp(-0.06 * dates) * (1.2 * np.exp(0.01 * dates) - 1.0)))
    assert value.lower.value == pytest.approx(best, rel=1e-9)
    assert value.upper is not None
    assert value.upper.value == pytest.approx(best, rel=1e-9)
    assert value.lower.error < 1e-12


def test_L1_options_without_a_limit_a_date_are_worth_their_sum() -> None:
    """The third is exercised with the first: V_j = (3 - j) V is solved by the same decisions."""
    one, three = put_with(1), put_with(3, per_date=3)
    assert one.upper is not None
    assert three.upper is not None
    assert three.lower.value == pytest.approx(3.0 * one.lower.value, rel=1e-9)
    assert three.upper.value == pytest.approx(3.0 * one.upper.value, rel=1e-9)
    assert three.used.value == pytest.approx(3.0 * one.used.value, rel=1e-9)


def test_L1_as_many_options_as_dates_are_a_strip_of_european_options() -> None:
    strip = sum(european(PUT, 0.1 * date, 40.0, put=True) for date in range(1, 11))
    assert_close(put_with(10), strip)


def test_L1_options_that_pay_unlike_are_exercised_in_their_order() -> None:
    """The second pays nothing: the two are worth as much as the first alone, and the second is not used."""
    problem = replace(
        PUT.problem(),
        pays=lambda date, states: (
            np.maximum(40.0 - np.exp(states[:, :1]), 0.0) * (date > 0) * np.array([1.0, 0.0])
        ),
        options=2,
    )
    both, one = value_options(problem, seed=SEED, paths=8000), put_with(1)
    assert both.lower.value == pytest.approx(one.lower.value, abs=2.0 * one.lower.error)
    assert both.used.value <= 1.0


@pytest.mark.parametrize("options", [1, 2, 3, 5])
def test_L1_several_options_are_worth_what_quadrature_says(options: int) -> None:
    value = put_with(options)
    assert_close(value, replace(PUT, options=options).by_quadrature(100)[0])
    assert value.gap < 0.01


def test_U1_inner_paths_bound_several_options_too() -> None:
    option = replace(PUT, options=2)
    value = value_options(option.problem(), seed=SEED, paths=8000, bound=NestedBound(paths=200, inner=20))
    assert_close(value, option.by_quadrature(100)[0])
    assert abs(value.gap) < 0.01


def test_L1_more_options_are_worth_more_and_each_less_than_the_one_before() -> None:
    """V(n) grows and is concave in n (Meinshausen & Hambly 2004); the error of the differences is granted."""
    values = [put_with(options).lower for options in (1, 2, 3)]
    error = 3.0 * sum(value.error for value in values)
    one, two, three = (value.value for value in values)
    assert two > one + error
    assert three > two + error
    assert three - two < two - one + error
    assert two - one < one + error


def test_L3_the_rule_is_the_same_from_the_same_seed_and_another_from_another() -> None:
    first, again, other = (value_options(PUT.problem(), seed=seed, paths=2000) for seed in (1, 1, 2))
    assert first.lower == again.lower
    assert first.upper == again.upper
    assert first.lower != other.lower


def test_a_rule_is_learned_played_and_bounded_on_three_samples() -> None:
    """Played on what it was learned from, a rule would seem to bring more than it does."""
    problem, seeds = PUT.problem(), []

    def simulate(seed: int, paths: int) -> Paths:
        seeds.append(seed)
        return problem.simulate(seed, paths)

    value_options(replace(problem, simulate=simulate), seed=SEED, paths=500)
    assert len(seeds) == len(set(seeds)) == 3


def test_U1_the_regressed_martingale_has_mean_zero_on_fresh_paths() -> None:
    """So does every martingale; were it not one, both bounds would be off by its mean."""
    value = put_with(1)
    fresh = PUT.problem().paths(SEED + 1, 20000)
    assert fresh.shocks is not None
    for date, shocks in enumerate(fresh.shocks):
        functions = value.policy.functions_at(date, fresh.states[date])
        moved = value.policy.increments(date, functions, shocks)[:, 0]
        assert abs(moved.mean()) <= 4.0 * moved.std() / np.sqrt(moved.size)


def test_a_rule_exercises_at_once_where_waiting_brings_nothing() -> None:
    """At 20 % a year and a deep put, interest lost outweighs all chance: exercise now is what it is worth."""
    option = Lognormal(start=10.0, intervals=10, step=0.1, pays=put_paying(40.0), rate=0.2)
    problem = replace(
        option.problem(), pays=lambda date, states: np.maximum(40.0 - np.exp(states[:, 0]), 0.0)
    )
    value = value_options(problem, seed=SEED, paths=2000)
    assert value.now == pytest.approx(30.0)
    assert value.lower.value == pytest.approx(30.0, rel=1e-12)
    assert value.waiting.value == pytest.approx(0.0, abs=1e-9)
    assert value.exercised.value == 1.0


def test_fifty_options_stay_within_memory_and_time() -> None:
    """Arrays are [path, used], once a date; nothing grows with the square of the options or with subsets."""
    option = replace(PUT, intervals=60, step=1.0 / 12.0, options=50)
    tracemalloc.start()
    begun = time.perf_counter()
    value = value_options(option.problem(), seed=SEED, paths=3000, bound=RegressedBound(paths=1000))
    spent = time.perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6
    assert spent < 30.0
    assert value.used.value <= 50.0
    assert abs(value.gap) < 0.02


@pytest.mark.parametrize("paths", [0, 1])
def test_too_few_paths_are_refused(paths: int) -> None:
    with pytest.raises(ValueError, match=f"paths: found {paths}, at least 2"):
        value_options(PUT.problem(), seed=SEED, paths=paths)


def test_fewer_paths_than_functions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"paths: found 20, more than \d+ are needed to learn a rule"):
        value_options(PUT.problem(), seed=SEED, paths=20)


def test_a_pay_off_that_is_no_number_is_refused_with_its_date_and_path() -> None:
    def pays(date: int, states: np.ndarray) -> np.ndarray:
        return np.where((date == 7) & (np.arange(states.shape[0]) == 3), np.nan, 1.0)

    with pytest.raises(ValueError, match="pays: no finite number at date 7 on path 3"):
        value_options(replace(PUT.problem(), pays=pays), seed=SEED, paths=500)


def test_pay_offs_for_another_number_of_options_are_refused() -> None:
    problem = replace(PUT.problem(), pays=lambda date, states: np.ones((states.shape[0], 3)), options=2)
    with pytest.raises(ValueError, match="pays: found shape"):
        value_options(problem, seed=SEED, paths=500)


@pytest.mark.parametrize(
    ("states", "message"),
    [(np.zeros((3, 500, 1)), "states: found shape"), (np.full((11, 500, 1), np.nan), "states: not all")],
)
def test_paths_that_do_not_fit_are_refused(states: np.ndarray, message: str) -> None:
    problem = replace(PUT.problem(), simulate=lambda seed, paths: Paths(states))
    with pytest.raises(ValueError, match=message):
        value_options(problem, seed=SEED, paths=500)


def test_shocks_that_do_not_fit_are_refused() -> None:
    problem = replace(
        PUT.problem(), simulate=lambda seed, paths: Paths(np.zeros((11, paths, 1)), np.zeros((11, paths, 1)))
    )
    with pytest.raises(ValueError, match="shocks: found shape"):
        value_options(problem, seed=SEED, paths=500)


def test_a_bound_without_what_it_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="shocks: not known"):
        value_options(PUT.without_shocks(), seed=SEED, paths=500)
    with pytest.raises(ValueError, match="branch: the problem has none"):
        value_options(replace(PUT.problem(), branch=None), seed=SEED, paths=500, bound=NestedBound())


@pytest.mark.parametrize(
    "changed",
    [
        {"options": 0},
        {"per_date": 0},
        {"discounts": np.array([])},
        {"discounts": np.array([1.0, 0.0])},
        {"discounts": np.array([1.0, np.nan])},
    ],
)
def test_problems_that_make_no_sense_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        replace(PUT.problem(), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("changed", "name"), [((-1, 3), "knots"), ((5, 0), "hermite_order")])
def test_splines_that_make_no_sense_are_refused(changed: tuple[int, int], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Splines(*changed)


def test_a_chain_starts_where_it_is_told_and_branches_from_given_states() -> None:
    walk = Chain(np.array([2.0]), 3, 1, lambda date, states, shocks: states + shocks)
    paths = walk.simulate(SEED, 5)
    assert paths.shocks is not None
    assert (paths.states[0] == 2.0).all()
    assert paths.states[3] == pytest.approx(2.0 + paths.shocks.sum(axis=0))
    later = walk.branch(2, np.array([[7.0], [8.0]]), np.random.default_rng(SEED))
    assert later.first == 2
    assert later.states[0, :, 0].tolist() == [7.0, 8.0]
    assert later.states.shape == (2, 2, 1)


def test_a_value_is_said_in_words() -> None:
    said = put_with(1).said()
    assert said.startswith("A rule brings 3.2")
    assert "no rule can bring more than 3.2" in said
    without = value_options(PUT.problem(), seed=SEED, paths=1000, bound=None)
    assert "no rule" not in without.said()


@pytest.mark.parametrize("module", ["basis", "policy", "problem", "value"])
def test_the_examples_in_the_docstrings_give_what_they_say(module: str) -> None:
    found = importlib.import_module(f"secondhall.option_value.{module}")
    tested = doctest.testmod(found)
    assert tested.attempted > 0
    assert tested.failed == 0


def test_every_public_name_is_there_and_has_a_docstring() -> None:
    for name in secondhall.option_value.__all__:
        public = getattr(secondhall.option_value, name)
        assert public.__doc__ or not isinstance(public, type), name
    assert isinstance(PUT.problem(), Problem)
