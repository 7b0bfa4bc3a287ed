"""The sampler behind periodic figures against its own prior: simulation-based calibration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases import write_case
from tests.demand_simulator import simulate_regimes

from secondhall.belief.demand.unknowns import Table
from secondhall.belief.kernels.model import Model
from secondhall.belief.kernels.series import SOLD, SeriesData
from secondhall.belief.series.filter import PARTICLES, filter_regimes
from secondhall.belief.series.learn import series_model
from secondhall.belief.series.read import read_series
from secondhall.belief.series.sample import Effort, sample_series
from secondhall.case import Quantity, read_case
from secondhall.months import Month

MONTHS, EVERY = 15, 3
EFFORT = Effort(chains=1, draws=49, warm_up=150, thin=12, moves=1, proposals=10)
REGIMES = ("boom", "steady", "bust")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Model]:
    """One segment, fifteen months, five figures of what is sold and five of revenue."""
    quarters = ("2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
    rows = "".join(
        f"{quarter},{line},{value}\n"
        for line, value in (("sold", 400.5), ("revenue", 180_000.5))
        for quarter in quarters
    )
    folder: Path = tmp_path_factory.mktemp("cases") / "small"
    case = read_case(write_case(folder, files={"accounts.csv": "period,line,value\n" + rows}))
    series = read_series(case, Month.of(2026, 1))
    assert (series.months, len(series.figures)) == (MONTHS, 10)
    return series_model(case, series)


def simulated(
    table: Table, model: Model, draw: np.random.Generator
) -> tuple[SeriesData, dict[str, float], float]:
    """Draw parameters from the prior and figures from K1 to K8, month by month, by nothing but NumPy."""
    value = {
        name: float(prior.at_normal(draw.standard_normal())) if prior.uncertain else prior.mid
        for name, prior in zip(table.names, table.priors, strict=True)
    }
    z = simulate_regimes(value, MONTHS, model.first_regime, draw)
    d, own = model.series, {k.split(".", 2)[2]: v for k, v in value.items() if k.startswith("segments.")}
    level = np.log([own[f"intensity_level.{r}"] for r in REGIMES])
    a, sigma = own["intensity_common_share"], own["intensity_volatility_monthly"]
    deviation = level[z[0]]
    trend = np.log(own["opening_intensity"]) - deviation
    sold_sd, price, price_sd = d.opening_sold_sd[0], d.opening_price[0], d.opening_price_sd[0]
    gap = draw.standard_normal() * sold_sd
    sold = d.opening_sold[0] + gap
    own_price = np.sqrt((d.opening_sold[0] ** 2 + sold_sd**2) * price_sd**2)
    mrr = price * d.opening_sold[0] + price * gap + own_price * draw.standard_normal()
    keep, noise = 1 - value["market.price_reversion_monthly"], value["market.price_volatility_monthly"]
    y = draw.standard_normal() * noise / np.sqrt(max(1 - keep**2, 1e-3))
    drift = np.cumsum([np.log1p(value[f"market.price_drift_yearly.{REGIMES[k]}"]) / 12 for k in z])
    prices = own["list_price_per_unit_month"] * np.exp(drift - drift[-1])
    found, total = [], 0.0
    for t in range(MONTHS):
        churn, growth = (own[f"{f}.{REGIMES[z[t]]}"] for f in ("churn_monthly", "expansion_monthly"))
        trend += own[f"intensity_growth_yearly.{REGIMES[z[t]]}"] / 12
        shock = a * draw.standard_normal() + np.sqrt(1 - a**2) * draw.standard_normal()
        deviation += own["intensity_reversion_monthly"] * (level[z[t]] - deviation) + sigma * shock
        rate = np.exp(trend + deviation)
        size = own["order_size_units"]
        spread = size * np.sqrt((1 + own["order_size_variation"] ** 2) * rate)
        orders = size * rate + spread * draw.standard_normal()
        left = np.sqrt(d.customer_size[0] * max(sold, 0) * d.free[0] * churn * (1 - churn))
        left *= draw.standard_normal()
        stays, up = (1 - d.free[0] * churn) * (1 - max(-growth, 0)), max(growth, 0)
        kept = (1 - d.repriced[0]) * (1 + d.escalator[0])
        paid = mrr / sold
        mrr = stays * kept * mrr + prices[t] * ((d.repriced[0] + up) * stays * sold + orders)
        mrr -= left * (paid * kept + prices[t] * (d.repriced[0] + up))
        more = d.recurring[0] * (stays * (1 + up) * sold - (1 + up) * left + orders)
        more += d.on_order[0] * orders + d.on_growth[0] * up * stays * sold
        sold = stays * (1 + up) * sold - (1 + up) * left + orders
        y = keep * y + noise * draw.standard_normal()
        total = mrr * (1 + y) + more + (0.0 if t % EVERY == 0 else total)
        for k in np.flatnonzero(d.month == t):
            exact = sold if d.kind[k] == SOLD else total
            found.append((k, exact + np.sqrt(d.variance[k]) * draw.standard_normal()))
    values = np.array([v for _, v in sorted(found)])
    return d._replace(value=values), value, trend + deviation


@pytest.mark.slow
def test_ranks_of_the_truth_among_the_draws_are_uniform(small: tuple[Table, Model]) -> None:
    """Talts and others (2018): chi-square over five bins, at a hundredth over the number of unknowns.

    The figures come from the moments that the filter takes for true; that these are the company's own is
    another test's matter.
    """
    from scipy.stats import chi2

    table, model = small
    free = [k for k in table.free if not table.names[k].startswith("market.after")]
    names = [table.names[k] for k in free] + ["log intensity of the last month"]
    replications, ranks = 240, []
    for n in range(replications):
        data, truth, last = simulated(table, model, np.random.default_rng([9, n]))
        draws = sample_series(model._replace(series=data), seed=n, effort=EFFORT)
        ranks.append(
            [(draws.values[0, :, k] < truth[table.names[k]]).sum() for k in free]
            + [(draws.log_intensity[0, :, 0, -1] < last).sum()]
        )
    bins = np.array(ranks) // 10  # 50 places for 49 draws
    counts = np.stack([(bins == b).sum(axis=0) for b in range(5)])
    statistic = ((counts - replications / 5) ** 2 / (replications / 5)).sum(axis=0)
    limit = chi2.isf(0.01 / len(names), 4)
    worst = int(statistic.argmax())
    assert statistic.max() < limit, (names[worst], counts[:, worst])


def test_without_figures_the_draws_are_the_prior(small: tuple[Table, Model]) -> None:
    """Means and squares of scores within four standard errors of a standard normal's."""
    from secondhall.belief.trust import effective_sizes

    table, model = small
    nothing = {name: getattr(model.series, name)[:0] for name in ("month", "kind", "value", "variance")}
    silent = model._replace(series=model.series._replace(**nothing))
    draws = sample_series(silent, seed=4, effort=Effort(warm_up=50, draws=500, thin=3))
    scores = {table.names[k]: draws.scores[..., k] for k in table.free}
    sizes = effective_sizes(scores)
    for name, chain in scores.items():
        assert abs(chain.mean()) < 4 / np.sqrt(sizes[name]), name
        squares = effective_sizes({name: chain**2})[name]
        assert abs((chain**2).mean() - 1) < 4 * np.sqrt(2 / squares), name


def test_the_same_seed_gives_the_same_draws(small: tuple[Table, Model]) -> None:
    short = Effort(warm_up=5, draws=10, thin=1)
    first, second, other = (sample_series(small[1], seed=n, effort=short) for n in (1, 1, 2))
    assert np.array_equal(first.scores, second.scores)
    assert not np.array_equal(first.scores, other.scores)


def test_a_certain_field_stays_where_it_is(small: tuple[Table, Model]) -> None:
    table, model = small
    draws = sample_series(model, seed=1, effort=Effort(warm_up=5, draws=10, thin=1))
    for k, prior in enumerate(table.priors):
        assert isinstance(prior, Quantity)
        if not prior.uncertain:
            assert (draws.values[..., k] == prior.mid).all(), table.names[k]


def of_figures(model: Model, keep: np.ndarray) -> Model:
    """Return the model with some of its figures."""
    kept = {name: getattr(model.series, name)[keep] for name in ("month", "kind", "value", "variance")}
    return model._replace(series=model.series._replace(**kept))


def test_before_a_figure_the_regime_is_as_the_prior_has_it(small: tuple[Table, Model]) -> None:
    """Stationary at the start and so in every month; within four standard errors of that many particles."""
    _, model = small
    silent = of_figures(model, np.zeros(model.series.month.size, dtype=np.bool_))
    found = filter_regimes(silent, seed=3)
    expected = model.first_regime
    assert found.sum(axis=1) == pytest.approx(np.ones(MONTHS))
    assert np.all(np.abs(found[0] - expected) < 4 * np.sqrt(expected * (1 - expected) / PARTICLES))


def test_what_came_later_changes_nothing_of_what_was_thought_then(small: tuple[Table, Model]) -> None:
    _, model = small
    first = of_figures(model, model.series.month < 9)
    changed = model.series.value * np.where(model.series.month < 9, 1.0, 1.5)
    then, other = (
        filter_regimes(of_figures(one, one.series.month < 12), seed=5)
        for one in (model, model._replace(series=model.series._replace(value=changed)))
    )
    assert np.array_equal(then[:11], other[:11])
    assert np.array_equal(then[:9], filter_regimes(first, seed=5)[:9])
    assert not np.array_equal(then[11:], other[11:])


@pytest.mark.slow
def test_what_was_thought_then_is_what_chains_learn_from_the_figures_so_far(
    small: tuple[Table, Model],
) -> None:
    """Sales that fall by a third within a year; four clouds beside four chains."""
    _, model = small
    fall = np.array([1.0, 1.0, 0.9, 0.75, 0.65])[
        np.searchsorted(np.unique(model.series.month), model.series.month)
    ]
    falling = model._replace(series=model.series._replace(value=model.series.value * fall))
    clouds = np.stack([filter_regimes(falling, seed=n) for n in range(4)])
    for end in (5, 11, 14):
        so_far = of_figures(falling, model.series.month <= end)
        drawn = sample_series(so_far, seed=end, effort=Effort(warm_up=300, draws=500, thin=10)).regime[
            ..., end
        ]
        for z in range(3):
            chains = (drawn == z).mean(axis=1)
            error = np.sqrt(chains.var(ddof=1) / 4 + clouds[:, end, z].var(ddof=1) / 4)
            assert abs(chains.mean() - clouds[:, end, z].mean()) < 5 * error + 0.02, (end, z)
