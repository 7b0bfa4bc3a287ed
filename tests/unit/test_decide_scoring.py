"""How rules are scored: against closed forms, roots of polynomials and the definition."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from secondhall.decide.choose import recommend
from secondhall.decide.decision import Contender
from secondhall.decide.rules import DatedPlan, Guards, Never, PreleasedShare
from secondhall.decide.rules.rule import Rule
from secondhall.decide.scoring import InsolvencyLimit, contend, internal_rate, ranked, score_parts
from secondhall.decide.words import unkept
from secondhall.futures import TAIL, Estimate, Futures, cvar, difference, probability

WEIGHT = 0.2
LIMIT = InsolvencyLimit()


@pytest.mark.parametrize("paths", [20, 100, 1000, 999])
def test_the_parts_of_a_score_have_the_score_as_their_mean(paths: int) -> None:
    npv = np.random.default_rng(3).normal(1e6, 2e6, paths)
    worst = np.sort(npv)[: max(round(TAIL * paths), 1)]
    by_definition = (1 - WEIGHT) * npv.mean() + WEIGHT * worst.mean()
    assert score_parts(npv, WEIGHT).mean() == pytest.approx(by_definition, rel=1e-12)
    assert cvar(npv).value == pytest.approx(worst.mean(), rel=1e-12)


def test_without_weight_on_risk_the_score_is_the_npv() -> None:
    npv = np.random.default_rng(3).normal(0, 1, 50)
    np.testing.assert_array_equal(score_parts(npv, 0.0), npv)


def test_cvar_of_a_uniform_sample_is_half_the_tail() -> None:
    # Uniform on (0, 1): the mean of the worst 5 % is 0.025. The influence function min(x - q, 0)/tail has
    # variance E[(x-q)^2; x<q]/tail^2 - (E[...])^2 = q/3 - q^2/4 with q = tail.
    n = 200_000
    found = cvar(np.random.default_rng(5).random(n))
    error = np.sqrt((TAIL / 3 - TAIL**2 / 4) / n)
    assert found.error == pytest.approx(
        error, rel=0.02
    )  # a standard deviation from n/20 paths: 1/sqrt(2n/20)
    assert abs(found.value - TAIL / 2) < 4 * error


def test_the_error_of_cvar_covers_what_repeated_samples_do() -> None:
    chance = np.random.default_rng(8)
    estimates = [cvar(chance.normal(size=1000)) for _ in range(400)]
    spread = np.std([e.value for e in estimates], ddof=1)
    # A standard deviation from 400 values has a relative error of 1/sqrt(800) = 3.5 %; the estimator's own
    # bias is of order 1/(tail n) = 2 %.
    assert np.mean([e.error for e in estimates]) == pytest.approx(spread, rel=4 * 0.035 + 0.02)


@pytest.mark.parametrize(
    "flows",
    [
        [-100.0, 0.0, 121.0],
        [-100.0, 60.0, 60.0],
        [-50.0, -50.0, 20.0, 40.0, 90.0],
        [-10.0, 1.0, 1.0, 1.0],
        [-1.0, 3.5],
    ],
)
def test_the_internal_rate_is_the_root_of_the_flows(flows: list[float]) -> None:
    roots = np.roots(flows[::-1])  # in v = 1/(1 + r): sum of flows[k] v^k
    rates = [1 / root.real - 1 for root in roots if abs(root.imag) < 1e-9 and root.real > 0]
    [rate] = [r for r in rates if -0.95 <= r <= 3.0]
    assert internal_rate(np.array(flows)[:, None])[0] == pytest.approx(rate, abs=1e-9)


def test_a_rate_beyond_the_ends_is_given_the_end() -> None:
    flows = np.array([[-1.0, -1.0], [100.0, -1.0]])
    np.testing.assert_allclose(internal_rate(flows), [3.0, -0.95], atol=1e-9)


def futures(npv: np.ndarray, *, failed: np.ndarray | None = None, commits: int = -1) -> Any:
    """Return as much of a `Futures` as a score looks at."""
    n = npv.size
    insolvent = np.zeros(n, dtype=bool) if failed is None else failed
    zeros = np.zeros(n)
    outcomes = {
        "npv": npv,
        "first_commitment": np.full(n, float(commits)),
        "insolvency_month": np.where(insolvent, 12.0, -1.0),
        "terminal_value": 0.5 * npv,
        "worst_year": npv,
        "injected": zeros,
        "peak_funding": zeros,
        "write_offs": zeros,
    }
    annual = {"free_cash_flow": np.vstack([-np.ones(n), np.full(n, 1.21)])}
    return SimpleNamespace(outcomes=outcomes, annual=annual, paths=n, terminal_discount=1.0, rule="x")


def contender(rule: Rule, npv: np.ndarray, never: np.ndarray, **how: Any) -> Contender:
    played: Futures = futures(npv, **how)
    return contend(rule, played, futures(never), weight=WEIGHT, limit=LIMIT)


def crowd(*gains: float, n: int = 400, noise: float = 1.0) -> list[Contender]:
    """Return never and a guarded rule for each gain, over the same futures."""
    chance = np.random.default_rng(1)
    never = chance.normal(100, 30, n)
    rest = [
        contender(
            PreleasedShare(f"o{k}", 0.5, Guards(0.3)), never + gain + noise * chance.normal(size=n), never
        )
        for k, gain in enumerate(gains)
    ]
    return [contender(Never(), never, never), *rest]


def test_a_rule_is_set_beside_never_over_the_same_futures() -> None:
    never = np.random.default_rng(2).normal(0, 1e6, 500)
    found = contender(DatedPlan("p", ()), never + 5.0, never, commits=0)
    assert found.gain.value == pytest.approx(5.0, abs=1e-6)
    assert found.gain.error < 1e-6  # paired: the million of common noise is gone
    assert (found.loss_probability.value, found.commits.value, found.commits_now.value) == (0.0, 1.0, 1.0)
    assert found.terminal_share == pytest.approx(0.5)


def test_a_commitment_that_comes_later_is_not_one_of_now() -> None:
    never = np.linspace(0, 1, 100)
    late = contender(DatedPlan("p", ()), never, never, commits=2)
    assert (late.commits.value, late.commits_now.value) == (1.0, 0.0)


def test_ranked_puts_the_best_score_first_and_measures_the_rest_from_it() -> None:
    order = ranked(crowd(1.0, 5.0, 3.0), WEIGHT)
    assert [round(c.gain.value) for c in order] == [5, 3, 1, 0]
    assert order[0].behind == Estimate(0.0, 0.0)
    best, last = order[0].futures.outcomes["npv"], order[-1].futures.outcomes["npv"]
    assert order[-1].behind == difference(score_parts(best, WEIGHT), score_parts(last, WEIGHT))


def test_a_refused_rule_stands_last_however_good() -> None:
    never, better = crowd(50.0)
    order = ranked([replace(better, refused="breaks a limit"), never], WEIGHT)
    assert [c.rule.name for c in order] == ["never", better.rule.name]
    assert order[1].behind.value < 0.0


def test_of_rules_that_tie_the_simplest_is_recommended() -> None:
    # A gain of 0.01 beside a paired error of 1/sqrt(400) = 0.05 cannot be told from nothing.
    order = ranked(crowd(0.01), WEIGHT)
    recommended, tied = recommend(order)
    assert len(tied) == 2
    assert isinstance(recommended.rule, Never)


def test_a_rule_that_is_clearly_better_is_recommended_though_less_simple() -> None:
    order = ranked(crowd(1.0), WEIGHT)
    recommended, tied = recommend(order)
    assert recommended.rule.name.startswith("o0")
    assert tied == (recommended,)


def test_of_equally_simple_rules_the_better_score_wins() -> None:
    order = ranked(crowd(4.0, 4.001), WEIGHT)
    recommended, tied = recommend(order)
    assert len(tied) == 2
    assert recommended.score.value == max(c.score.value for c in tied)


def test_a_refused_rule_is_never_recommended() -> None:
    never, better = crowd(50.0)
    recommended, tied = recommend(ranked([replace(better, refused="breaks a limit"), never], WEIGHT))
    assert isinstance(recommended.rule, Never)
    assert tied == (recommended,)


@pytest.mark.parametrize(("share", "refused"), [(0.04, False), (0.05, False), (0.06, True)])
def test_the_limit_on_insolvency(share: float, refused: bool) -> None:
    npv = np.linspace(0, 1, 1000)
    failed = np.arange(1000) < round(share * 1000)
    found = contender(DatedPlan("p", ()), npv, npv, failed=failed)
    assert (found.refused is not None) is refused
    if found.refused:
        assert "6.0" in found.refused


def test_where_never_itself_fails_a_rule_may_be_one_point_worse() -> None:
    npv = np.linspace(0, 1, 1000)
    idle = futures(npv, failed=np.arange(1000) < 300)
    for worse, refused in ((310, False), (320, True)):
        found = contend(
            DatedPlan("p", ()),
            futures(npv, failed=np.arange(1000) < worse),
            idle,
            weight=WEIGHT,
            limit=LIMIT,
        )
        assert (found.refused is not None) is refused


def test_a_probability_of_nothing_seen_has_the_error_of_one_path() -> None:
    found = probability(np.zeros(100, dtype=bool))
    assert found.value == 0.0
    assert found.error == pytest.approx(np.sqrt(0.01 * 0.99 / 100))


def test_a_limit_that_nothing_keeps_is_said_with_what_comes_nearest() -> None:
    never = np.random.default_rng(2).normal(0, 1e6, 400)
    share = np.arange(400) / 400
    idle = contender(Never(), never, never, failed=share < 0.2)
    safer = contender(DatedPlan("sell", ()), never, never, failed=share < 0.1)
    safe = contender(DatedPlan("shrink", ()), never, never, failed=share < 0.04)
    assert "sell" in unkept(LIMIT, idle, [idle, safer])
    assert "doing nothing alone fails in 20.0" in unkept(LIMIT, idle, [idle, safer])
    assert "the lowest" not in unkept(LIMIT, idle, [idle])
    assert unkept(LIMIT, idle, [idle, safer, safe]) == ""
