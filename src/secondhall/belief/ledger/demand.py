"""The latent demand behind a ledger: intensities of new customers, hazards, growth and prices by regime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from secondhall.belief.demand.filtered import filter_regimes
from secondhall.belief.demand.sample import Draws, Effort, demand_model, sample_demand
from secondhall.belief.demand.unknowns import NUISANCES, Table, demand_table, opening_prior, stationary_regime
from secondhall.belief.kernels.model import Counts
from secondhall.belief.kernels.series import SeriesData
from secondhall.belief.ledger.arrivals import predict_arrivals
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.part import Part
from secondhall.belief.posterior import Lesson, RegimePath
from secondhall.case import Case, Quantity
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet

__all__ = ["counts_of", "learn_demand", "no_figures", "with_statements"]

SAYS_NOTHING = 1e6
"""Variance of a log price of which nothing is stated."""

EFFORT = Effort(rounds=3)


def learn_demand(
    case: Case, ledger: Ledger, *, seed: int, report: Report = quiet, effort: Effort = EFFORT
) -> tuple[Part, RegimePath]:
    """Return what the ledger says of demand, hazards, growth, prices and regimes (M1 to M5, O1, O6 to O8).

    Parameters
    ----------
    case
        the case: its statements are the priors.
    ledger
        from `read_ledger`.
    seed
        of the sampler.
    report
        called with (what is being done, done, total).
    effort
        how long the chains run.

    Returns
    -------
    Part
        values by dotted name, [chain, draw]; the opening state: ``firm_regime.start_probability``
        [regime, draw], one where the draw stands in that regime at the last month, and
        ``segment.opening_gap`` [segment, draw], deviation less the log-level of that regime. Futures go on
        from the last month: ``new_customers_per_month`` and ``list_price_per_unit_month`` are of that month.
    RegimePath
        of every month of the ledger.

    Notes
    -----
    Elliptical slice sampling for scores and innovations, Metropolis for the path of regimes
    (`secondhall.belief.kernels.chain`); filtered by iterated-batch importance sampling
    (`secondhall.belief.kernels.filter`).
    """
    table = demand_table(case, nuisances=True)
    model = demand_model(
        table, stationary_regime(case), counts_of(ledger), no_figures(len(table.segments)), together=False
    )
    sampling, filtering = np.random.SeedSequence(seed).generate_state(2)
    filtered, cloud = filter_regimes(model, seed=int(filtering), report=report)
    draws = sample_demand(
        model, seed=int(sampling), effort=effort, start=cloud, report=report, words="demand and regimes"
    )
    prices, lessons = _list_prices(case, table, draws, seed)
    values = _values(table, draws) | prices
    part = Part(
        values=values,
        priors=_priors(case, table, values),
        opening=_opening(draws),
        lessons=lessons,
        checks=predict_arrivals(ledger, model, draws, seed=seed),
    )
    smoothed = np.stack([(draws.regime == z).mean(axis=(0, 1)) for z in range(3)], axis=1)
    return part, RegimePath(first=ledger.first, smoothed=smoothed, filtered=filtered)


def counts_of(ledger: Ledger) -> Counts:
    """Return what the kernels read of a ledger."""
    squares = ledger.growth_squares
    seen = ledger.growth_seen & (squares > 0.0)
    return Counts(
        new_customers=np.ascontiguousarray(ledger.new_customers, dtype=np.float64),
        seen=np.ascontiguousarray(ledger.seen),
        leavers=np.ascontiguousarray(ledger.leavers, dtype=np.float64),
        at_risk=np.ascontiguousarray(ledger.at_risk, dtype=np.float64),
        net_growth=np.ascontiguousarray(ledger.net_growth, dtype=np.float64),
        growth_base=np.ascontiguousarray(ledger.growth_base, dtype=np.float64),
        growth_squares=np.ascontiguousarray(squares, dtype=np.float64),
        growth_seen=np.ascontiguousarray(seen),
        price_log=np.ascontiguousarray(ledger.price_log, dtype=np.float64),
        price_count=np.ascontiguousarray(ledger.price_count, dtype=np.float64),
    )


def no_figures(segments: int) -> SeriesData:
    """Return the periodic figures of a model that has none."""
    none, rows = np.zeros(0), np.zeros(segments)
    places = np.zeros(0, dtype=np.int64)
    return SeriesData(
        where=np.zeros((0, 0, 0), dtype=np.int64),
        stated=np.zeros((0, 0, 0)),
        free=rows,
        repriced=rows,
        escalator=rows,
        customer_size=rows,
        recurring=rows,
        on_order=rows,
        on_growth=rows,
        opening_sold=rows,
        opening_sold_sd=rows,
        opening_price=rows,
        opening_price_sd=rows,
        restarts=np.zeros((0, 0)),
        with_services=none,
        month=places,
        kind=places,
        value=none,
        variance=none,
    )


def _values(table: Table, draws: Draws) -> dict[str, Floats]:
    found = {
        table.names[k]: draws.values[..., k]
        for k in table.free
        if table.names[k].rsplit(".", 1)[-1] not in NUISANCES
    }
    for s, name in enumerate(table.segments):
        found[f"segments.{name}.new_customers_per_month"] = np.exp(draws.log_intensity[..., s, -1])
    return found


def _list_prices(
    case: Case, table: Table, draws: Draws, seed: int
) -> tuple[dict[str, Floats], tuple[Lesson, ...]]:
    """Draw the price of each segment at the last month; a segment that never sold keeps what is stated.

    Each level began flat in the filter (M5), so what the case states of the price is taken in here, beside
    what the contracts say; where they are many it changes nothing.
    """
    names = [f"segments.{name}.list_price_per_unit_month" for name in table.segments]
    sold = draws.price_covariance[0, 0].diagonal() >= 0.0
    stated = [case.segments[name].number("list_price_per_unit_month") for name in table.segments]
    mean, covariance = with_statements(
        draws.price[..., sold],
        draws.price_covariance[..., sold, :][..., sold],
        [quantity for quantity, seen in zip(stated, sold, strict=True) if seen],
    )
    spread, axes = np.linalg.eigh(covariance)
    normal = np.random.default_rng([seed, 1]).standard_normal(spread.shape)
    noise = np.einsum("...ij,...j->...i", axes, np.sqrt(np.maximum(spread, 0.0)) * normal)
    price = np.exp(mean + noise)
    told = [name for name, seen in zip(names, sold, strict=True) if seen]
    silent = [name for name, seen in zip(names, sold, strict=True) if not seen]
    words = "no contract shows a price of new business: the case's own statement stands in"
    lessons = tuple(Lesson(subject=name, learned=False, words=words) for name in silent)
    return {name: price[..., i] for i, name in enumerate(told)}, lessons


def with_statements(mean: Floats, covariance: Floats, stated: Sequence[Quantity]) -> tuple[Floats, Floats]:
    """Return the normal law of log prices, and of independent statements of them, taken together.

    Parameters
    ----------
    mean, covariance
        [..., segment], [..., segment, segment] of the logarithms.
    stated
        [segment] of the prices; one that is a single number says nothing.

    Notes
    -----
    ``K = C (C + D)^-1``, ``m + K (s - m)``, ``C - K C``, with the statements' means s and variances D.

    Examples
    --------
    >>> sure, wide = np.full((1, 1), 1e-8), np.full((1, 1), 1e4)
    >>> price = Quantity(mid=100.0, low=90.0, high=111.0, confidence=0.9)
    >>> np.exp(with_statements(np.log([120.0]), sure, [price])[0]).round(1)
    array([120.])
    >>> np.exp(with_statements(np.log([120.0]), wide, [price])[0]).round(1)
    array([100.])
    """
    centre, variance = np.zeros(len(stated)), np.full(len(stated), SAYS_NOTHING)
    for s, quantity in enumerate(stated):
        below, above = quantity.at_normal(-1.0), quantity.at_normal(1.0)
        if quantity.uncertain and below > 0.0:
            centre[s], variance[s] = np.log(quantity.mid), (0.5 * np.log(above / below)) ** 2
    gain = np.swapaxes(np.linalg.solve(covariance + np.diag(variance), covariance), -1, -2)
    drawn = mean + np.einsum("...ij,...j->...i", gain, centre - mean)
    left = covariance - gain @ covariance
    return drawn, 0.5 * (left + np.swapaxes(left, -1, -2))


def _priors(case: Case, table: Table, values: dict[str, Floats]) -> dict[str, Quantity]:
    stated = dict(zip(table.names, table.priors, strict=True))
    for name, record in case.segments.items():
        dotted = f"segments.{name}"
        stated[f"{dotted}.new_customers_per_month"] = opening_prior(record.number("new_customers_per_month"))
        stated[f"{dotted}.list_price_per_unit_month"] = record.number("list_price_per_unit_month")
    return {name: stated[name] for name in values}


def _opening(draws: Draws) -> dict[str, Floats]:
    last = draws.regime[..., -1].ravel()
    gap = draws.gap.reshape(-1, draws.gap.shape[-1]).T
    return {
        "firm_regime.start_probability": (last == np.arange(3)[:, None]).astype(np.float64),
        "segment.opening_gap": gap,
    }
