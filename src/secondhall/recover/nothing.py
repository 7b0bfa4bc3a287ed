"""Futures of a company to which nothing is done, and the few of them that stand for all.

A shareholder with no limit stands behind them, so that no path ends early: what a plan must bring in is then
what each path lacks. The futures are bundled by what they burn (Ward's clustering); each bundle is stood for
by its most ordinary path, played whole, and weighs as many futures as it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company import Parameters, RuleTerms
from secondhall.company.chance import Chance
from secondhall.company.engine import Kept, blocks_of, play_paths
from secondhall.company.layout import OPEN, Floats
from secondhall.company.oracle.play import play_months
from secondhall.company.oracle.state import Desk, ratio
from secondhall.company.parameters import Integers
from secondhall.recover.standing import Standing

__all__ = ["Bundles", "Lives", "Nothing", "bundles_of", "endless", "live_through", "play", "weighed"]

ENDLESS = 1e15
"""A commitment that no path exhausts."""

SEEN = ("cash", "shareholder_injection", "revolver", "staff_cost", "free_cash_flow", "ebitda", "tax")


@dataclass(frozen=True, slots=True, eq=False)
class Bundles:
    """The futures that stand for all.

    Attributes
    ----------
    paths
        [scenario] which path of the seed.
    probability
        [scenario] share of the futures that it stands for.
    tide
        [scenario] 0 for the worst third of what can be seen by the review, then better.
    taxed
        [month] share of all the futures that pays tax.
    """

    paths: Integers
    probability: Floats
    tide: Integers
    taxed: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """What some paths have left behind, each [month, path].

    Attributes
    ----------
    flow
        cash flow before revolver and shareholder, had no staff been paid.
    free
        free cash flow, had no staff been paid.
    earned
        EBITDA, had no staff been paid.
    staff
        what the staff costs.
    is_taxed
        1 where tax is paid.
    """

    flow: Floats
    free: Floats
    earned: Floats
    staff: Floats
    is_taxed: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """The company month by month while nothing is done.

    Attributes
    ----------
    need
        [role, month, path] posts that the work needs beside those for each open hall (W1).
    hall_sold
        [hall, month, path] units sold.
    capacity, is_open
        [hall, month] of the middle path.
    margin, served_by
        [month, path] cash that a unit sold earns in a month, less its power; cost of the posts that serve it.
    is_broken
        [month, path] whether a covenant has been broken by then.
    """

    need: Floats
    hall_sold: Floats
    capacity: Floats
    is_open: Floats
    margin: Floats
    served_by: Floats
    is_broken: Floats


def endless(p: Parameters) -> Parameters:
    """Put a shareholder without limit behind the company; the parameters are changed in place."""
    p.firm.set("shareholder_commitment", ENDLESS)
    return p


def bundles_of(
    standing: Standing, *, seed: int, futures: int, scenarios: int, review: int, tides: int
) -> Bundles:
    """Play many futures and return the few that stand for them.

    Parameters
    ----------
    standing
        the company.
    seed, futures
        which futures are bundled.
    scenarios
        how many stand for all, at most.
    review
        month at which what was earned so far tells the tides apart.
    tides
        how many can be told apart.
    """
    from scipy.cluster.hierarchy import fcluster, ward

    paths = np.arange(futures)
    lives = play(standing, standing.living, seed=seed, paths=paths)
    signs = _signs(lives, review)
    member = fcluster(ward(signs), scenarios, "maxclust") - 1
    chosen, weight = [], []
    for bundle in range(member.max() + 1):
        inside = np.flatnonzero(member == bundle)
        apart = ((signs[inside] - signs[inside].mean(axis=0)) ** 2).sum(axis=1)
        chosen.append(paths[inside[apart.argmin()]])
        weight.append(inside.size / futures)
    ids, probability = np.array(chosen), np.array(weight)
    seen = lives.earned[:review, ids].sum(axis=0)
    return Bundles(ids, probability, weighed(seen, probability, tides), lives.is_taxed.mean(axis=1))


def weighed(seen: Floats, probability: Floats, tides: int) -> Integers:
    """Return [scenario] the tide by what is seen: each holds about the same share of the probability."""
    order = np.argsort(seen, kind="stable")
    before = np.cumsum(probability[order]) - probability[order] / 2.0
    tide = np.empty(seen.size, dtype=np.int64)
    tide[order] = np.minimum((before * tides).astype(np.int64), tides - 1)
    found: Integers = np.unique(tide, return_inverse=True)[1]
    return found


def _signs(lives: Lives, review: int) -> Floats:
    """Return [path, sign]: what was earned by the review, in a year, in two, and after, in spreads."""
    edges = sorted({review, 12, 24, lives.earned.shape[0]})
    sums = np.stack([lives.earned[:edge].sum(axis=0) for edge in edges], axis=1)
    spread = np.maximum(sums.std(axis=0), 1e-300)
    signs: Floats = (sums - sums.mean(axis=0)) / spread
    return signs


def play(
    standing: Standing, terms: RuleTerms, *, seed: int, paths: Integers, follows_work: bool = False
) -> Lives:
    """Play paths under some terms, with an endless shareholder.

    Where the staff ``follows_work`` there are as many posts each month as the work needs (W1), which is what
    a company that has been restructured pays for in the long run.
    """
    p = endless(standing.parameters(seed, paths))
    if follows_work:
        p.role.set("attrition", 1.0)
        p.role.set("hiring_months", 1.0)
    kept = play_paths(
        p,
        endless(standing.known()),
        terms,
        seed=seed,
        paths=paths,
        keep=Kept(SEEN, 0, p.months),
        blocks=blocks_of(p),
    ).kept
    return _lives(dict(zip(SEEN, kept, strict=True)), standing.own)


def _lives(kept: dict[str, Floats], own: Parameters) -> Lives:
    """Cash flow before revolver and shareholder is what the cash moves by without them."""
    drawn = np.diff(kept["revolver"], axis=0, prepend=float(own.firm.revolver[0]))
    moved = np.diff(kept["cash"], axis=0, prepend=float(own.firm.cash[0]))
    staff = kept["staff_cost"]
    flow = moved - drawn - kept["shareholder_injection"] + staff
    is_taxed = np.where(kept["tax"] > 0.0, 1.0, 0.0)
    return Lives(flow, kept["free_cash_flow"] + staff, kept["ebitda"] + staff, staff, is_taxed)


def live_through(standing: Standing, *, seed: int, paths: Integers) -> Nothing:
    """Play paths by the oracle, which shows what the series do not."""
    p = endless(standing.parameters(seed, paths))
    known = endless(standing.known())
    months = [_month(desk) for desk in play_months(p, known, standing.living, Chance(seed, paths))]
    need, hall_sold, capacity, is_open, margin, served_by, broken = (
        np.stack(rows, axis=-2) for rows in zip(*months, strict=True)
    )
    return Nothing(
        need,
        hall_sold,
        np.median(capacity, axis=-1),
        np.median(is_open, axis=-1),
        margin,
        served_by,
        np.maximum.accumulate(broken, axis=0),
    )


def _month(desk: Desk) -> tuple[Floats, ...]:
    role, state = desk.p.role, desk.state
    need = (
        role.base
        + role.per_customer * state.segment.customers.sum(axis=0)
        + role.per_unit * state.segment.installed.sum(axis=0)
        + role.per_new_customer * state.firm.new_customers_mean
    )
    serving = np.where(state.hall.state == OPEN, 1.0, 0.0)
    return (
        need,
        state.hall.sold.copy(),
        serving * state.hall.capacity,
        serving,
        _margin(desk),
        _served_by(desk),
        np.where(state.firm.frozen > 0.0, 1.0, 0.0),
    )


def _served_by(desk: Desk) -> Floats:
    """Return [path] what the posts cost that one unit sold needs (W1)."""
    role, segment = desk.p.role, desk.state.segment
    customers = ratio(segment.customers.sum(axis=0), segment.installed.sum(axis=0))
    each = (role.monthly_cost * (role.per_unit + role.per_customer * customers)).sum(axis=0)
    cost: Floats = desk.state.firm.cost_index * each
    return cost


def _margin(desk: Desk) -> Floats:
    """Return [path] what one unit sold leaves in cash: hosting and what recurs with it, less its power."""
    p, line, segment = desk.p, desk.line, desk.state.segment
    served = desk.state.firm.cost_index * (p.segment.services_per_customer * segment.customers).sum(axis=0)
    goods = p.firm.equipment_margin * (p.segment.equipment_per_unit * segment.installed).sum(axis=0)
    unpaid = ratio(line["bad_debt"], line["revenue"]) + p.firm.maintenance_share
    earned = (line["hosting"] + served) * (1.0 - unpaid) + goods - line["energy_cost"]
    return ratio(earned, segment.installed.sum(axis=0))
