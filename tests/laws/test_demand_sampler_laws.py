"""The sampler of latent demand: its prior when nothing is seen, exact answers where they can be counted."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests.demand_simulator import REGIMES, simulate_ledger, simulate_regimes, small_case, truth_from_prior

from secondhall.belief.demand.filtered import UNEVEN, filter_regimes
from secondhall.belief.demand.sample import Draws, Effort, demand_model, sample_demand
from secondhall.belief.demand.unknowns import Table, demand_table, stationary_regime
from secondhall.belief.kernels.model import Model
from secondhall.belief.ledger.demand import counts_of, no_figures
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.trust import effective_sizes
from secondhall.case import Case, Quantity

EFFORT = Effort(draws=500, warm_up=200, thin=2)


def model_of(case: Case, table: Table, ledger: Ledger) -> Model:
    counts = counts_of(ledger)
    return demand_model(
        table, stationary_regime(case), counts, no_figures(len(table.segments)), together=False
    )


def silent(ledger: Ledger) -> Ledger:
    """Return a ledger that says nothing."""
    for months in (ledger.seen, ledger.growth_seen):
        months[:] = False
    for array in (ledger.leavers, ledger.at_risk, ledger.price_count):
        array[:] = 0.0
    return ledger


def moves(case: Case, value: dict[str, float]) -> np.ndarray:
    q = [value[f"market.{name}"] for name in ("after_boom_bust", "after_steady_boom", "after_bust_steady")]
    move = np.zeros((3, 3))
    for z, (likely, other) in enumerate([(2, 1), (0, 2), (1, 0)]):
        leave = 1 / value[f"market.mean_months.{REGIMES[z]}"]
        move[z, [z, likely, other]] = 1 - leave, leave * q[z], leave * (1 - q[z])
    return move


def test_without_evidence_the_chains_draw_from_the_prior(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    case = small_case(tmp_path / "small")
    table = demand_table(case, nuisances=True)
    truth = truth_from_prior(table, case, draw)
    ledger, _, _ = simulate_ledger(case, truth, np.ones(18, dtype=int), draw)
    drawn = sample_demand(model_of(case, table, silent(ledger)), seed=2, effort=EFFORT)
    scores = {table.names[k]: drawn.scores[..., k] for k in table.free}
    squares = {name + " squared": values**2 for name, values in scores.items()}
    share = {f"share of {z}": (drawn.regime == z).mean(axis=-1) for z in range(3)}
    sizes = effective_sizes(scores | squares | share)
    # Standard normal scores: mean 0, mean square 1 with deviation sqrt 2; each within its own error. All are
    # held at once, so the level is that of the widest of so many normals.
    worst = stats.norm.isf(0.0005 / (2 * len(scores)))
    for name, values in scores.items():
        assert abs(values.mean()) < worst / np.sqrt(sizes[name]), name
        assert abs((values**2).mean() - 1) < worst * np.sqrt(2 / sizes[name + " squared"]), name
    # The chain starts at the stationary law of the mids; its parameters vary, so its law is drawn, not known.
    paths = []
    for _ in range(4000):
        value = truth_from_prior(table, case, draw)
        paths.append(simulate_regimes(value, 18, stationary_regime(case), draw))
    for z, (name, values) in enumerate(share.items()):
        expected = (np.array(paths) == z).mean(axis=1)
        error = np.sqrt(values.var() / sizes[name] + expected.var() / len(paths))
        assert abs(values.mean() - expected.mean()) < 3.5 * error, name


def certain(table: Table, value: dict[str, float]) -> Table:
    """Return a table of which nothing is unknown but the regimes; the intensity follows them exactly."""
    priors = [Quantity(mid=value[name]) for name in table.names]
    return Table(table.names, tuple(priors), table.segments)


def enumerated(
    case: Case, value: dict[str, float], ledger: Ledger, first: np.ndarray, until: int
) -> np.ndarray:
    """Return [month, regime]: the exact probabilities given the first months, over all paths."""
    move, weight, share = moves(case, value), [], np.zeros((until, 3))
    paths = list(itertools.product(range(3), repeat=until))
    for path in paths:
        z = np.array(path)
        total = np.log(first[z[0]]) + np.log(move[z[:-1], z[1:]]).sum()
        for s, name in enumerate(case.segments):
            at = {field: [value[f"segments.{name}.{field}.{r}"] for r in REGIMES] for field in BY_REGIME}
            level, d, b = np.log(at["intensity_level"]), np.log(at["intensity_level"][z[0]]), 0.0
            b = np.log(value[f"segments.{name}.opening_intensity"]) - d
            for t in range(until):
                b += at["intensity_growth_yearly"][z[t]] / 12
                d += value[f"segments.{name}.intensity_reversion_monthly"] * (level[z[t]] - d)
                total += stats.poisson.logpmf(ledger.new_customers[s, t], np.exp(b + d))
                total += stats.binom.logpmf(
                    ledger.leavers[s, t], ledger.at_risk[s, t], at["churn_monthly"][z[t]]
                )
        weight.append(total)
    probability = np.exp(np.array(weight) - np.max(weight))
    probability /= probability.sum()
    for path, p in zip(paths, probability, strict=True):
        share[np.arange(until), path] += p
    return share


BY_REGIME = ("intensity_level", "intensity_growth_yearly", "churn_monthly")


@pytest.fixture(scope="module")
def countable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, float], Ledger, Model]:
    """A problem whose paths of regimes can all be counted: everything else is known."""
    draw = np.random.default_rng(4)
    case = small_case(tmp_path_factory.mktemp("countable") / "small")
    table = demand_table(case, nuisances=True)
    value = {name: prior.mid for name, prior in zip(table.names, table.priors, strict=True)}
    for name in case.segments:
        value[f"segments.{name}.intensity_volatility_monthly"] = 0.0
        value[f"segments.{name}.list_price_per_unit_month"] = 150.0
    for regime in REGIMES:
        value[f"market.mean_months.{regime}"] = 4.0
    ledger, _, _ = simulate_ledger(case, value, np.array([1, 1, 1, 2, 2, 0, 0]), draw)
    ledger.growth_seen[:] = False
    ledger.price_count[:] = 0.0
    return case, value, ledger, model_of(case, certain(table, value), ledger)


def test_the_paths_of_regimes_are_drawn_as_often_as_their_count_says(
    countable: tuple[Case, dict[str, float], Ledger, Model],
) -> None:
    case, value, ledger, model = countable
    drawn = sample_demand(model, seed=5, effort=Effort(draws=1000, warm_up=50, thin=1, proposals=60))
    exact = enumerated(case, value, ledger, stationary_regime(case), ledger.months)
    for t in range(ledger.months):
        for z in range(3):
            found = (drawn.regime[..., t] == z).astype(float)
            p = exact[t, z]
            size = effective_sizes({"p": found}).get("p", float(found.size))
            assert abs(found.mean() - p) < 4 * np.sqrt(p * (1 - p) / size) + 1e-3, (t, z)


def test_the_filter_finds_each_month_what_the_count_of_paths_says_then(
    countable: tuple[Case, dict[str, float], Ledger, Model],
) -> None:
    case, value, ledger, model = countable
    particles = 4000
    filtered, _ = filter_regimes(model, seed=6, particles=particles)
    for t in range(ledger.months):
        exact = enumerated(case, value, ledger, stationary_regime(case), t + 1)[t]
        # The error of a cloud of which no more is left than makes it be resampled.
        error = np.sqrt(exact * (1 - exact) / (particles * UNEVEN))
        assert (np.abs(filtered[t] - exact) < 4 * error + 1e-3).all(), t


def test_a_seed_gives_the_same_draws_and_another_one_others(
    countable: tuple[Case, dict[str, float], Ledger, Model],
) -> None:
    model = countable[3]
    effort = Effort(draws=50, warm_up=10, thin=1)
    once, again = (sample_demand(model, seed=7, effort=effort) for _ in range(2))
    np.testing.assert_array_equal(once.regime, again.regime)
    assert (once.regime != sample_demand(model, seed=8, effort=effort).regime).any()


def test_nothing_later_leaks_into_the_filter(
    countable: tuple[Case, dict[str, float], Ledger, Model],
) -> None:
    _, _, ledger, model = countable
    counts = model.counts._replace(new_customers=model.counts.new_customers.copy())
    counts.new_customers[:, -2:] = 50.0
    before, _ = filter_regimes(model, seed=9, particles=50)
    after, _ = filter_regimes(model._replace(counts=counts), seed=9, particles=50)
    np.testing.assert_array_equal(before[: ledger.months - 2], after[: ledger.months - 2])
    assert (before[-2:] != after[-2:]).any()


def ranks(
    case: Case, months: int, replications: int, effort: Effort, seed: int, *, particles: int = 0
) -> dict[str, list[int]]:
    """Return each unknown's ranks of the truth among its draws, over worlds drawn from the prior.

    Talts, Betancourt, Simpson, Vehtari and Gelman, *Validating Bayesian inference algorithms with
    simulation-based calibration* (2018), arXiv 1804.06788: the ranks are uniform. The chains begin where a
    filter of so many particles ends, as they do in use; without particles, anywhere.
    """
    table, first = demand_table(case, nuisances=True), stationary_regime(case)

    def world(r: int) -> dict[str, int]:
        draw = np.random.default_rng([seed, r])
        truth = truth_from_prior(table, case, draw)
        path = simulate_regimes(truth, months, first, draw)
        ledger, last, _ = simulate_ledger(case, truth, path, draw)
        model = model_of(case, table, ledger)
        start = filter_regimes(model, seed=r, particles=particles)[1] if particles else None
        drawn = sample_demand(model, seed=r, effort=effort, start=start)
        true = truth | last | shares(path[None, None])
        values = followed(table, drawn)
        return {
            name: int(np.sum(v < true[name]) + draw.integers(0, np.sum(v == true[name]) + 1))
            for name, v in values.items()
        }

    with ThreadPoolExecutor(max_workers=2) as pool:
        worlds = list(pool.map(world, range(replications)))
    return {name: [world[name] for world in worlds] for name in worlds[0]}


def shares(regime: np.ndarray) -> dict[str, float]:
    return {f"months of {z}": float((regime == z).sum(axis=-1)[0, 0]) for z in range(3)}


def followed(table: Table, drawn: Draws) -> dict[str, np.ndarray]:
    values = {table.names[k]: drawn.values[..., k] for k in table.free}
    for s, name in enumerate(table.segments):
        values[f"segments.{name}.new_customers_per_month"] = np.exp(drawn.log_intensity[..., s, -1])
    return values | {f"months of {z}": (drawn.regime == z).sum(axis=-1) for z in range(3)}


def uniform(found: dict[str, list[int]], draws: int, bins: int) -> tuple[float, str]:
    """Return the least p-value of the chi-square tests of uniform ranks, and whose it is."""
    worst = []
    for name, values in found.items():
        counts = np.histogram(values, bins=bins, range=(-0.5, draws + 0.5))[0]
        worst.append((float(stats.chisquare(counts).pvalue), name))
    return min(worst)


def test_ranks_of_the_truth_are_uniform_on_a_few_small_worlds(tmp_path: Path) -> None:
    effort = Effort(chains=1, draws=20, warm_up=200, thin=10, proposals=40)
    found = ranks(small_case(tmp_path / "small"), 18, 30, effort, 20)
    p, name = uniform(found, 20, 3)
    # Each of so many tests may fail by chance; together at one in a thousand (Bonferroni).
    assert p > 0.001 / len(found), name


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform(tmp_path: Path) -> None:
    effort = Effort(chains=1, draws=63, warm_up=400, thin=20)
    found = ranks(small_case(tmp_path / "small"), 36, 128, effort, 21, particles=100)
    p, name = uniform(found, 63, 8)
    print(f"least p-value {p:.2g} of {len(found)}: {name}")
    assert p > 0.001 / len(found), name
