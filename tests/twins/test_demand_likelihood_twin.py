"""The compiled posterior of latent demand against the same law written with SciPy's densities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.demand_simulator import REGIMES, simulate_ledger, simulate_regimes, small_case, truth_from_prior

from secondhall.belief.demand.sample import blank_state, demand_model
from secondhall.belief.demand.unknowns import Table, _statement, demand_table, stationary_regime
from secondhall.belief.kernels.demand import Course, Drives, follow, set_drives
from secondhall.belief.kernels.market import price_log_likelihood
from secondhall.belief.kernels.model import CHAIN, COMMON, GROWTH, LEAVING, PRICE, Model, State
from secondhall.belief.kernels.posterior import evidence_log_likelihood, log_posterior, part_log_likelihood
from secondhall.belief.kernels.scores import Statements, set_values, value_at
from secondhall.belief.ledger.demand import counts_of, no_figures
from secondhall.belief.ledger.ledger import Ledger
from secondhall.case import Case, Quantity

MONTHS = 30


def made(folder: Path, seed: int) -> tuple[Case, Table, Model, Ledger, np.random.Generator]:
    """Return a small problem with months unseen, a segment that sells late, and prices missing."""
    draw = np.random.default_rng(seed)
    case = small_case(folder)
    table = demand_table(case, nuisances=True)
    truth = truth_from_prior(table, case, draw)
    path = simulate_regimes(truth, MONTHS, stationary_regime(case), draw)
    ledger, _, _ = simulate_ledger(case, truth, path, draw)
    ledger.seen[0, 3:7] = False
    ledger.growth_seen[1, 10:14] = False
    ledger.price_count[1, :9] = 0
    ledger.price_log[1, :9] = np.nan
    model = demand_model(
        table, stationary_regime(case), counts_of(ledger), no_figures(len(case.segments)), together=False
    )
    return case, table, model, ledger, draw


def anywhere(model: Model, draw: np.random.Generator) -> State:
    state = blank_state(model)
    free = model.unknowns.free
    state.scores[free] = 0.5 * draw.standard_normal(free.size)
    set_values(model.stated, free, state.scores, state.values)
    state.innovations[:] = draw.standard_normal(state.innovations.shape)
    state.regime[:] = np.repeat(draw.integers(0, 3, 1 + MONTHS // 5), 5)[:MONTHS]
    return state


def prices_by_least_squares(value: dict[str, float], ledger: Ledger, regime: np.ndarray) -> float:
    """The density of all prices, levels flat: a dense Gaussian, less what fixes the levels (REML)."""
    keep = 1 - value["market.price_reversion_monthly"]
    spread = value["market.price_volatility_monthly"] ** 2 / (1 - keep**2)
    drift = np.cumsum([np.log1p(value[f"market.price_drift_yearly.{REGIMES[z]}"]) / 12 for z in regime])
    s, t = np.nonzero(ledger.price_count > 0)
    noise = np.array([value[f"segments.{name}.price_noise"] for name in ledger.segments])
    covariance = spread * keep ** np.abs(t[:, None] - t[None, :])
    covariance = covariance + np.diag((noise[s] ** 2 + 1e-8) / ledger.price_count[s, t])
    levels = (s[:, None] == np.arange(len(ledger.segments))).astype(float)
    missed = ledger.price_log[s, t] - drift[t]
    inverse = np.linalg.inv(covariance)
    information = levels.T @ inverse @ levels
    fitted = np.linalg.solve(information, levels.T @ inverse @ missed)
    rest = missed - levels @ fitted
    constant = (s.size - len(ledger.segments)) * np.log(2 * np.pi)
    determinants = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return float(-0.5 * (determinants + rest @ inverse @ rest + constant))


def plain_log_posterior(case: Case, table: Table, first: np.ndarray, ledger: Ledger, state: State) -> float:
    value = {
        name: float(prior.at_normal(float(score)))
        for name, prior, score in zip(table.names, table.priors, state.scores, strict=True)
    }
    q = [value[f"market.{name}"] for name in ("after_boom_bust", "after_steady_boom", "after_bust_steady")]
    move = np.zeros((3, 3))
    for at, (likely, other) in enumerate([(2, 1), (0, 2), (1, 0)]):
        leave = 1 / value[f"market.mean_months.{REGIMES[at]}"]
        move[at, [at, likely, other]] = 1 - leave, leave * q[at], leave * (1 - q[at])
    z = state.regime
    total = np.log(first[z[0]]) + np.log(move[z[:-1], z[1:]]).sum()
    total += stats.norm.logpdf(state.scores[table.free]).sum() + stats.norm.logpdf(state.innovations).sum()
    for s, name in enumerate(case.segments):
        of = {
            field[len(name) + 10 :]: v for field, v in value.items() if field.startswith(f"segments.{name}.")
        }
        level = np.log([of[f"intensity_level.{regime}"] for regime in REGIMES])
        growth = np.array([of[f"intensity_growth_yearly.{regime}"] for regime in REGIMES]) / 12
        trend = np.log(of["opening_intensity"]) - level[z[0]] + np.cumsum(growth[z])
        share, d, x = of["intensity_common_share"], level[z[0]], np.empty(z.size)
        for t in range(z.size):
            shock = share * state.innovations[0, t] + np.sqrt(1 - share**2) * state.innovations[1 + s, t]
            d = d + of["intensity_reversion_monthly"] * (level[z[t]] - d)
            d += of["intensity_volatility_monthly"] * shock
            x[t] = trend[t] + d
        seen, grown = ledger.seen[s], ledger.growth_seen[s]
        total += stats.poisson.logpmf(ledger.new_customers[s], np.exp(x))[seen].sum()
        hazard = np.array([of[f"churn_monthly.{regime}"] for regime in REGIMES])[z]
        total += stats.binom.logpmf(ledger.leavers[s], ledger.at_risk[s], hazard).sum()
        e = np.array([of[f"expansion_monthly.{regime}"] for regime in REGIMES])[z]
        some = 1 - np.exp(-of["growth_chance"] * ledger.growth_base[s] ** 2 / ledger.growth_squares[s])
        deviation = np.sqrt(of["growth_variance"] * ledger.growth_squares[s] / some)
        moved = stats.norm.logpdf(ledger.net_growth[s], e * ledger.growth_base[s] / some, deviation)
        changed = np.log(some) + moved
        total += np.where(ledger.net_growth[s] != 0, changed, np.log1p(-some))[grown].sum()
    return float(total + prices_by_least_squares(value, ledger, z))


@pytest.mark.parametrize("seed", range(5))
def test_the_log_posterior_differs_between_states_as_that_of_the_densities(tmp_path: Path, seed: int) -> None:
    case, table, model, ledger, draw = made(tmp_path / "small", seed)
    first = stationary_regime(case)
    here, there = anywhere(model, draw), anywhere(model, draw)
    compiled = log_posterior(MONTHS, model, here) - log_posterior(MONTHS, model, there)
    plain = plain_log_posterior(case, table, first, ledger, here)
    plain -= plain_log_posterior(case, table, first, ledger, there)
    # The dense inverse of the prices' covariance loses some eight of sixteen digits of a few thousand.
    assert compiled == pytest.approx(plain, rel=1e-6, abs=1e-4)


def test_the_density_of_the_prices_is_that_of_least_squares_with_flat_levels(tmp_path: Path) -> None:
    _, table, model, ledger, draw = made(tmp_path / "small", 11)
    state = anywhere(model, draw)
    value = dict(zip(table.names, state.values, strict=True))
    compiled = price_log_likelihood(MONTHS, state.regime, state.values, model.places, model.counts)
    assert compiled == pytest.approx(prices_by_least_squares(value, ledger, state.regime), rel=1e-8)


def test_the_parts_add_up_to_the_evidence(tmp_path: Path) -> None:
    _, _, model, _, draw = made(tmp_path / "small", 12)
    state = anywhere(model, draw)
    whole = evidence_log_likelihood(MONTHS, model, state)
    parts = part_log_likelihood(COMMON, 0, MONTHS, model, state)
    parts += part_log_likelihood(PRICE, 0, MONTHS, model, state)
    for s in range(2):
        for part in (LEAVING, GROWTH):
            parts += part_log_likelihood(part, s, MONTHS, model, state)
    assert parts == pytest.approx(whole, rel=1e-12)
    assert np.isfinite(part_log_likelihood(CHAIN, 0, MONTHS, model, state))


@pytest.mark.parametrize("first", [0, 1, 17, MONTHS - 1])
def test_the_course_of_a_path_from_a_month_on_is_that_of_the_whole(tmp_path: Path, first: int) -> None:
    """What a proposal is weighed by: the same likelihood, begun where the path changes."""
    _, _, model, _, draw = made(tmp_path / "small", 13)
    state = anywhere(model, draw)
    drives = Drives(*(np.empty(shape) for shape in [2] * 5 + [(2, 3)] * 2))
    set_drives(state.values, model.places, drives)
    seen = (state.innovations, model.counts.new_customers, model.counts.seen, drives)
    course, tried = (Course(*(np.empty((2, MONTHS)) for _ in Course._fields)) for _ in range(2))
    whole = follow(0, MONTHS, state.regime, *seen, course, course)
    assert whole == pytest.approx(part_log_likelihood(COMMON, 0, MONTHS, model, state), rel=1e-12)
    state.regime[first : first + 6] = (state.regime[first] + 1) % 3
    changed = follow(first, MONTHS, state.regime, *seen, course, tried)
    assert changed == pytest.approx(part_log_likelihood(COMMON, 0, MONTHS, model, state), rel=1e-12)
    moved = tried.trend[:, first:] + tried.deviation[:, first:]
    np.testing.assert_allclose(moved, state.log_intensity[:, first:], rtol=1e-12)


def one_row(quantity: Quantity) -> Statements:
    return Statements(*(np.array([number], dtype=np.float64) for number in _statement(quantity)))


@settings(max_examples=200, deadline=None)
@given(
    mid=st.floats(-50, 50),
    below=st.floats(0, 30),
    above=st.floats(0, 30),
    confidence=st.floats(0.5, 0.99),
    score=st.floats(-6, 6),
)
def test_A1_a_score_means_what_the_statement_says(
    mid: float, below: float, above: float, confidence: float, score: float
) -> None:
    quantity = Quantity(mid=mid, low=mid - below, high=mid + above, confidence=confidence, minimum=-60.0)
    assert value_at(one_row(quantity), 0, score) == pytest.approx(
        quantity.at_normal(score), rel=1e-9, abs=1e-9
    )
