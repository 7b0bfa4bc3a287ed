"""Bundles of scenarios, and the programme of each.

With bundles b of probability P_b, each with its own copy x_b of the first stage (Carøe & Schultz 1999,
*Operations Research Letters* 24, 37)::

    z = min { sum_b P_b z_b(x_b) : x_b = x for all b }                                       (D1)

where z_b is the extensive form of the bundle with its conditional probabilities. Scenarios that share a
node of the second stage stay together, so that only the first stage is copied. The larger the bundles, the
tighter the bound and the longer each solve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.stochastic.extensive import Extensive, extensive_form
from secondhall.stochastic.highs import Outcome, solve_linear
from secondhall.stochastic.linear import Linear
from secondhall.stochastic.programme import Floats, Ints, Programme
from secondhall.stochastic.solution import Limits

__all__ = ["Bundle", "bundles_of", "solve_bundle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The extensive form of some scenarios, whose first columns are those of the first stage.

    Parameters
    ----------
    probability : float
        Of all its scenarios together.
    extensive : Extensive
        With conditional probabilities.
    nodes : array of int
        The node of the whole tree for each of its own.
    """

    probability: float
    extensive: Extensive
    nodes: Ints


def bundles_of(programme: Programme, size: int) -> tuple[Bundle, ...]:
    """Cut a programme into bundles of at least `size` scenarios, by the nodes of its second stage.

    The weights of all bundles add up to one even where the printed probabilities do not quite.
    """
    node = programme.tree.node[:, min(1, programme.tree.stages - 1)]
    open_bundle: list[int] = []
    bundles = []
    kinds = np.unique(node)
    for kind in kinds.tolist():
        open_bundle += np.flatnonzero(node == kind).tolist()
        if len(open_bundle) >= size or kind == kinds[-1]:
            bundles.append(_bundle(programme, np.array(open_bundle)))
            open_bundle = []
    return tuple(bundles)


def _bundle(programme: Programme, scenarios: Ints) -> Bundle:
    tree = programme.tree
    total = float(tree.probability[scenarios].sum())
    part = programme.with_scenarios(scenarios)
    nodes = np.empty(part.tree.nodes, np.int64)
    nodes[part.tree.node] = tree.node[scenarios]
    share = total / float(tree.probability.sum())
    extensive = extensive_form(part)
    # Where the printed weights do not add up to one, they still count for all stages but the first (S1).
    later = np.arange(extensive.linear.columns) >= extensive.first_position[1]
    cost = np.where(later, extensive.linear.cost * (total / share), extensive.linear.cost)
    return Bundle(
        probability=share,
        extensive=replace(extensive, linear=replace(extensive.linear, cost=cost)),
        nodes=nodes,
    )


def solve_bundle(
    bundle: Bundle, price: Floats | None, lower: Floats, upper: Floats, limits: Limits
) -> Outcome:
    """Solve ``min z_b(x) + price' x`` with the first stage between bounds."""
    linear, first = bundle.extensive.linear, lower.size
    cost = linear.cost.copy()
    if price is not None:
        cost[:first] += price
    return solve_linear(_bounded(replace(linear, cost=cost), lower, upper), limits, threads=1)


def _bounded(linear: Linear, lower: Floats, upper: Floats) -> Linear:
    low, high = linear.column_lower.copy(), linear.column_upper.copy()
    low[: lower.size], high[: upper.size] = lower, upper
    return replace(linear, column_lower=low, column_upper=high)
