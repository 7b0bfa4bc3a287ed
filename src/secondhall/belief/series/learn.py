"""`learn_series`: a belief from periodic figures alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from secondhall.belief.demand.sample import Draws, demand_model
from secondhall.belief.demand.unknowns import (
    NUISANCES,
    Table,
    demand_table,
    opening_prior,
    stationary_regime,
)
from secondhall.belief.kernels.model import Counts, Model
from secondhall.belief.kernels.series import Seen, filter_draws
from secondhall.belief.posterior import Check, Lesson, Posterior, RegimePath
from secondhall.belief.priors import prior_of
from secondhall.belief.series.filter import filter_regimes
from secondhall.belief.series.read import LEVELS, Series, parameter_names, quantity_of, read_series
from secondhall.belief.series.sample import Effort, sample_series
from secondhall.belief.trust import convergence_of, regime_chains
from secondhall.case import Case, Quantity
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["learn_series", "series_model"]

TAUGHT = 0.9
"""A field whose deviation the figures leave above this share of what was believed was not learned."""

OF_DEMAND = ("order_size_units", "order_size_variation", "list_price_per_unit_month")
"""Fields beyond those of latent demand that periodic figures speak of."""


def learn_series(
    case: Case,
    *,
    until: Month,
    seed: int,
    report: Report = quiet,
    effort: Effort | None = None,
) -> Posterior:
    """Return what periodic figures say of demand, prices and of what is sold at the start.

    Latent demand (M1 to M4) drives what is sold and what it pays; both are seen at the ends and over the
    periods that accounts.csv tells, with the error of their rounding (K1 to K8). Parameters, innovations
    and regimes are sampled (`secondhall.belief.series.sample`); what is sold and its revenue is integrated
    out by a Kalman filter and drawn at the start, so that futures begin where the figures end.

    Parameters
    ----------
    case
        the case: its statements are the priors.
    until
        nothing that became known later is used; the last month is the one before it, whether or not a
        figure speaks of it.
    seed
        a number gives the same draws.
    report
        called with (what is being done, done, total).
    effort
        how long the chains run.

    Returns
    -------
    Posterior
        values by dotted name; opening: the regime, ``segment.opening_gap``, customers, capacity and
        recurring revenue of each segment, what is sold in each hall. Checks set each figure beside what was
        predicted of it from those before it.
    """
    series = read_series(case, until)
    table, model = series_model(case, series)
    filtered = filter_regimes(model, seed=seed, report=report)
    draws = sample_series(model, seed=seed, effort=effort, report=report, words="demand behind the figures")
    flat = _flat(draws)
    seen = filter_draws(flat.log_intensity, flat.regime, flat.values, model.series)
    values = _values(case, table, draws)
    priors = _priors(case, table, values)
    joined = {name: rows.ravel() for name, rows in values.items()}
    opening = _opening(case, flat, seen, seed)
    smoothed = np.stack([(flat.regime == z).mean(axis=0) for z in range(3)], axis=1)
    return Posterior(
        evidence=("series",),
        words=_words(series),
        until=until,
        values=joined,
        opening=opening,
        priors=priors,
        regimes=RegimePath(first=series.first, smoothed=smoothed, filtered=filtered),
        checks=_checks(case, series, seen, seed),
        convergence=convergence_of(values | regime_chains(opening)),
        lessons=(*series.lessons, *_untaught(joined, priors)),
    )


def series_model(case: Case, series: Series) -> tuple[Table, Model]:
    """Return the table of unknowns and the model of a case's figures."""
    at = {name: quantity_of(case, name) for name in parameter_names(case)}
    extra = [
        (name, prior_of(name, quantity) or Quantity(mid=quantity.mid))
        for name, quantity in at.items()
        if name.rsplit(".", 1)[-1] in OF_DEMAND
    ]
    table = demand_table(case, nuisances=False, extra=extra)
    where, place = series.data.where.copy(), table.place
    for name, places in parameter_names(case).items():
        for spot in places:
            where[spot] = place[name]
    counts = _nothing_counted(len(table.segments), series.months)
    figures = series.data._replace(where=where)
    return table, demand_model(table, stationary_regime(case), counts, figures, together=True)


def _nothing_counted(segments: int, months: int) -> Counts:
    nothing, never = np.zeros((segments, months)), np.zeros((segments, months), dtype=np.bool_)
    return Counts(
        new_customers=nothing,
        seen=never,
        leavers=nothing,
        at_risk=nothing,
        net_growth=nothing,
        growth_base=nothing,
        growth_squares=nothing,
        growth_seen=never,
        price_log=np.full((segments, months), np.nan),
        price_count=nothing,
    )


def _flat(draws: Draws) -> Draws:
    """Return the draws chain after chain, on one axis."""
    names = ("scores", "values", "regime", "log_intensity", "gap", "price", "price_covariance")
    rows = {name: getattr(draws, name) for name in names}
    return Draws(**{name: np.ascontiguousarray(r.reshape(-1, *r.shape[2:])) for name, r in rows.items()})


def _values(case: Case, table: Table, draws: Draws) -> dict[str, Floats]:
    """Return [chain, draw] of each field; the intensity is that of the last month."""
    found = {
        table.names[k]: draws.values[..., k]
        for k in table.free
        if table.names[k].rsplit(".", 1)[-1] not in NUISANCES
    }
    for s, name in enumerate(case.segments):
        found[f"segments.{name}.new_customers_per_month"] = np.exp(draws.log_intensity[..., s, -1])
    return found


def _priors(case: Case, table: Table, values: Mapping[str, Floats]) -> dict[str, Quantity]:
    stated = dict(zip(table.names, table.priors, strict=True))
    for name, record in case.segments.items():
        new = "new_customers_per_month"
        stated[f"segments.{name}.{new}"] = opening_prior(record.number(new))
    return {name: stated[name] for name in values}


def _opening(case: Case, flat: Draws, seen: Seen, seed: int) -> dict[str, Floats]:
    """Draw the state at the start: [..., draw]."""
    n, draws = len(case.segments), flat.regime.shape[0]
    normal = np.random.default_rng([seed, 2]).standard_normal((draws, 2 * n))
    spread, axes = np.linalg.eigh(seen.covariance[:, : 2 * n, : 2 * n])
    noise = np.einsum("dij,dj->di", axes, np.sqrt(np.maximum(spread, 0.0)) * normal)
    state = np.maximum(seen.mean[:, : 2 * n] + noise, 0.0).T
    installed, mrr = state[:n], state[n:]
    room, hall = _halls(case)
    share = np.minimum(1.0, room / np.maximum(installed.sum(axis=0), 1e-9))
    installed, mrr = installed * share, mrr * share
    customers = case.opening.customers[:, None]
    before = case.opening.installed_units[:, None]
    grown = np.where(before > 0.0, installed / np.where(before > 0.0, before, 1.0), 1.0)
    last = flat.regime[:, -1]
    return {
        "firm_regime.start_probability": (last == np.arange(3)[:, None]).astype(np.float64),
        "segment.opening_gap": np.ascontiguousarray(flat.gap.T),
        "segment.installed": installed,
        "segment.mrr": mrr,
        "segment.customers": customers * grown,
        "segment.locked": customers * (1.0 - case.opening.out_of_term_share[:, None]) * grown,
        "segment.unlocking_scale": grown,
        "hall.sold": hall[:, None] * installed.sum(axis=0),
    }


def _halls(case: Case) -> tuple[float, Floats]:
    """Return the capacity of the open halls, and [slot] the share of it that each has."""
    room = np.zeros(len(slots_of(case).slots))
    for place, slot in enumerate(slots_of(case).slots):
        if slot.hall is not None and case.halls[slot.hall].text("state") == "open":
            room[place] = case.halls[slot.hall].number("capacity_units").mid
    total = float(room.sum())
    return total, room / total if total > 0.0 else room


def _checks(case: Case, series: Series, seen: Seen, seed: int) -> tuple[Check, ...]:
    """Set each figure beside what was predicted of it, given the figures before it."""
    normal = np.random.default_rng([seed, 3]).standard_normal(seen.predicted.shape)
    drawn = seen.predicted + np.sqrt(seen.predicted_variance) * normal
    checks = []
    for k, figure in enumerate(series.figures):
        p5, p25, p50, p75, p95 = (float(q) for q in np.quantile(drawn[:, k], (0.05, 0.25, 0.5, 0.75, 0.95)))
        checks.append(
            Check(
                fact=f"accounts {figure.line}",
                words=f"{figure.line.replace('_', ' ')}, given the figures before it",
                period=figure.period,
                source=figure.source,
                unit=case.unit if figure.line in LEVELS else case.currency,
                value=figure.value,
                band=(p5, p25, p50, p75, p95),
            )
        )
    return tuple(checks)


def _words(series: Series) -> str:
    lines: dict[str, int] = {}
    for figure in series.figures:
        lines[figure.line] = lines.get(figure.line, 0) + 1
    if not lines:
        return "no periodic figure was known: the case's own statements"
    counts = ", ".join(f"{count} of {line.replace('_', ' ')}" for line, count in lines.items())
    last = max(figure.last for figure in series.figures)
    return f"learned from periodic figures, {series.first} to {last}: {counts}"


def _untaught(values: Mapping[str, Floats], priors: Mapping[str, Quantity]) -> list[Lesson]:
    """Say of which fields the figures taught nothing, and what stands in; one lesson a section."""
    points = (np.arange(400) + 0.5) / 400
    untaught: dict[str, list[str]] = {}
    for name, draws in values.items():
        believed = np.array([priors[name].quantile(float(p)) for p in points])
        if draws.std() > TAUGHT * believed.std():
            section, field = _section(name)
            untaught.setdefault(section, []).append(field.replace("_", " "))
    return [
        Lesson(
            subject=section,
            learned=False,
            words=f"the figures leave nine tenths or more of what was uncertain in {', '.join(fields)}: "
            "what the case states of them stands in",
        )
        for section, fields in untaught.items()
    ]


def _section(name: str) -> tuple[str, str]:
    """Split a dotted name.

    Examples
    --------
    >>> _section("segments.retail.churn_monthly.bust"), _section("market.mean_months.boom")
    (('segments.retail', 'churn_monthly (bust)'), ('market', 'mean_months (boom)'))
    """
    parts = name.split(".")
    depth = 2 if parts[0] == "segments" else 1
    field, *regime = parts[depth:]
    return ".".join(parts[:depth]), field + (f" ({regime[0]})" if regime else "")
