"""The check of new customers: years that the learned law makes, beside those of the ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.demand_simulator import simulate_ledger, simulate_regimes, small_case, truth_from_prior

from secondhall.belief.demand.sample import Draws, blank_state, demand_model
from secondhall.belief.demand.unknowns import demand_table, stationary_regime
from secondhall.belief.kernels.model import Model
from secondhall.belief.kernels.posterior import segment_demand
from secondhall.belief.ledger.arrivals import played_again, predict_arrivals
from secondhall.belief.ledger.demand import counts_of, no_figures
from secondhall.belief.ledger.ledger import Ledger

MONTHS, NUMBER = 48, 1000


def world(folder: Path, seed: int, **fixed: float) -> tuple[Model, Ledger, Draws, np.ndarray]:
    """Return a ledger and draws that all are its truth; fields of every segment may be fixed."""
    draw = np.random.default_rng(seed)
    case = small_case(folder)
    table = demand_table(case, nuisances=True)
    truth = truth_from_prior(table, case, draw)
    truth |= {f"segments.{name}.{field}": x for name in case.segments for field, x in fixed.items()}
    path = simulate_regimes(truth, MONTHS, stationary_regime(case), draw)
    ledger, _, _ = simulate_ledger(case, truth, path, draw)
    values = np.array([truth[name] for name in table.names])
    nothing = np.empty(0)
    draws = Draws(
        scores=nothing,
        values=np.tile(values, (1, NUMBER, 1)),
        regime=np.tile(path, (1, NUMBER, 1)),
        log_intensity=nothing,
        gap=nothing,
        price=nothing,
        price_covariance=nothing,
    )
    model = demand_model(
        table, stationary_regime(case), counts_of(ledger), no_figures(len(table.segments)), together=False
    )
    return model, ledger, draws, path


def test_M2_M4_without_chance_the_past_is_played_as_a_chain_would_follow_it(tmp_path: Path) -> None:
    model, _, draws, path = world(tmp_path / "small", 1, intensity_volatility_monthly=0.0)
    path[:5] = 0  # a first regime whose level is not one
    draws.regime[..., :5] = 0
    draws.regime[0, 1] = 2  # another draw lives another path
    played = played_again(model, draws, np.random.default_rng(1))
    state = blank_state(model)
    for n, regime in enumerate((path, np.full(MONTHS, 2))):
        state.values[:], state.regime[:] = draws.values[0, n], regime
        for s in range(state.gap.size):
            segment_demand(s, MONTHS, model, state)
            np.testing.assert_array_equal(played[n, s], state.log_intensity[s])


def test_years_of_the_true_law_lie_in_their_bands_as_often_as_they_should(tmp_path: Path) -> None:
    inside = []
    for seed in range(60):
        model, ledger, draws, _ = world(tmp_path / str(seed), seed)
        # Years of one ledger go together, so each gives one.
        checks = predict_arrivals(ledger, model, draws, seed=seed)
        inside.append(checks[seed % len(checks)].inside)
    share = float(np.mean(inside))
    # A band of counts holds a little more than nine tenths.
    assert share > 0.9 - 3 * np.sqrt(0.09 / len(inside))


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_a_year_that_the_law_cannot_make_is_outside(tmp_path: Path, factor: float) -> None:
    model, ledger, draws, _ = world(
        tmp_path / "small", 3, opening_intensity=10.0, intensity_volatility_monthly=0.02
    )
    expected = predict_arrivals(ledger, model, draws, seed=1)
    at = next(i for i, check in enumerate(expected) if check.fact.endswith(ledger.segments[0]))
    customers = ledger.new_customers.copy()
    customers[0, :12] *= factor
    checks = predict_arrivals(replace(ledger, new_customers=customers), model, draws, seed=1)
    assert expected[at].inside
    assert not checks[at].inside
    assert checks[at].value == pytest.approx(factor * expected[at].value)


def test_months_without_room_count_on_neither_side(tmp_path: Path) -> None:
    model, ledger, draws, _ = world(tmp_path / "small", 4)
    whole = predict_arrivals(ledger, model, draws, seed=1)
    seen = ledger.seen.copy()
    seen[:, :6] = False
    checks = predict_arrivals(replace(ledger, seen=seen), model, draws, seed=1)
    assert checks[0].value == whole[0].value - ledger.new_customers[0, :6].sum()
    assert checks[0].band[2] < whole[0].band[2]
