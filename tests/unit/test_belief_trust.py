"""Draws that cannot be trusted are said to be so, by name."""

from __future__ import annotations

import numpy as np
import pytest

from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.belief.trust import ENOUGH_DRAWS, convergence_of, effective_sizes, regime_chains, rhats

RNG = np.random.default_rng(11)
GOOD = RNG.standard_normal((CHAINS, DRAWS))


def sticky(correlation: float) -> np.ndarray:
    """Return chains whose draws hang together by an autoregression, stationary from the start."""
    draws = RNG.standard_normal((CHAINS, DRAWS))
    for t in range(1, DRAWS):
        draws[:, t] = correlation * draws[:, t - 1] + np.sqrt(1 - correlation**2) * draws[:, t]
    return draws


def test_independent_draws_pass_without_a_word() -> None:
    found = convergence_of({"x": GOOD, "y": RNG.standard_normal((CHAINS, DRAWS))})
    assert found.refused is None
    assert found.warnings == ()
    assert found.worst_rhat < 1.02


def test_the_effective_size_of_an_autoregression_is_that_of_theory() -> None:
    """n (1 - r) / (1 + r) at r = 0.5 is a third; ArviZ's estimate of it moves by some tenths."""
    size = effective_sizes({"x": sticky(0.5)})["x"]
    assert size == pytest.approx(CHAINS * DRAWS / 3, rel=0.3)


def test_chains_that_disagree_are_refused_and_named() -> None:
    apart = GOOD + 2.0 * np.arange(CHAINS)[:, None]
    found = convergence_of({"fine": GOOD, "segments.a.churn": apart})
    assert found.refused is not None
    assert "segments.a.churn" in found.refused
    assert found.worst_rhat_name == "segments.a.churn"


def test_few_effective_draws_are_a_warning() -> None:
    found = convergence_of({"slow": sticky(0.9)})
    assert found.least_ess < ENOUGH_DRAWS
    assert any("slow" in warning for warning in found.warnings)


def test_what_never_moves_has_no_rhat_and_does_not_stop_anything() -> None:
    assert rhats({"x": GOOD, "still": np.ones((CHAINS, DRAWS))}).keys() == {"x"}
    assert convergence_of({"still": np.ones((CHAINS, DRAWS))}).refused is None


@pytest.mark.parametrize(
    ("distance", "warned", "refused"), [(1.0, False, False), (1.8, True, False), (5.0, False, True)]
)
def test_facts_met_only_by_far_are_said_to_be_so(distance: float, warned: bool, refused: bool) -> None:
    found = convergence_of({"x": GOOD}, distance=distance, acceptance=0.2)
    assert bool(found.warnings) == warned
    assert (found.refused is not None) == refused
    assert (found.distance, found.acceptance) == (distance, 0.2)


def test_divergences_are_said() -> None:
    assert "12" in convergence_of({"x": GOOD}, divergences=12).warnings[0]
    assert convergence_of({"x": GOOD}, divergences=0).warnings == ()


def test_chains_that_stand_in_different_regimes_are_told() -> None:
    """Two chains in a bust and two in steady times agree on every parameter: only the regime shows it."""
    rng = np.random.default_rng(5)
    bust = np.repeat([0.1, 0.9, 0.1, 0.9], DRAWS)
    stands = np.zeros((3, CHAINS * DRAWS))
    stands[2] = rng.random(bust.size) < bust
    stands[1] = 1.0 - stands[2]
    found = regime_chains({"firm_regime.start_probability": stands})
    assert set(found) == {"whether times are steady now", "whether it is a bust now"}
    agreed = {"x": rng.standard_normal((CHAINS, DRAWS))}
    assert convergence_of(agreed).refused is None
    refused = convergence_of(agreed | found).refused
    assert refused is not None
    assert "now" in refused
    assert regime_chains({}) == {}
