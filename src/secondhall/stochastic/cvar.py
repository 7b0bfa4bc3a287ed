"""Minding the bad end: the mean and the conditional value at risk of the cost, in one programme.

With C(s) the cost of scenario s over all stages, at level a and weight w (Rockafellar & Uryasev 2000,
*Journal of Risk* 2, 21, theorem 1; held to one number for the whole path, not stage by stage)::

    minimise  (1 - w) E[C] + w CVaR_a(C)                                                     (V1)
    CVaR_a(C) = min over eta of  eta + E[max(C - eta, 0)] / (1 - a)                          (V2)

is a programme like the others with one more column in the first stage, eta, and one more column and row in
the last::

    excess(s) >= C(s) - eta,  excess(s) >= 0                                                 (V3)
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from secondhall.stochastic.programme import Floats, Ints, Programme, Varied

__all__ = ["VALUE_AT_RISK", "cost_of_scenarios", "cvar_of", "with_cvar"]

VALUE_AT_RISK = "value_at_risk"
"""The name of the column eta."""
_EXCESS = "excess_over_value_at_risk"


def with_cvar(programme: Programme, *, level: float, weight: float) -> Programme:
    """Return the programme whose objective is (V1).

    Parameters
    ----------
    programme : Programme
        With any number of stages.
    level : float
        a, from 0 to below 1: 0.9 looks at the worst tenth.
    weight : float
        w, from 0 (the mean alone) to 1 (the bad end alone).

    Returns
    -------
    Programme
        Its columns are those of before, then eta, then the excess.

    Raises
    ------
    ValueError
        When level or weight is out of range.
    """
    if not (0 <= level < 1 and 0 <= weight <= 1):
        raise ValueError(f"level is in [0, 1) and weight in [0, 1], found {level} and {weight}")
    columns, rows, last = len(programme.column_names), len(programme.row_names), programme.tree.stages - 1
    costly = np.union1d(np.flatnonzero(programme.cost), programme.varied_cost.places)
    least, most = _range_of_cost(programme)
    entries = programme.entry_value.size
    return replace(
        programme,
        offset=(1 - weight) * programme.offset,
        column_names=(*programme.column_names, VALUE_AT_RISK, _EXCESS),
        row_names=(*programme.row_names, _EXCESS),
        column_stage=np.append(programme.column_stage, [0, last]),
        row_stage=np.append(programme.row_stage, last),
        cost=np.append((1 - weight) * programme.cost, [weight, weight / (1 - level)]),
        column_lower=np.append(programme.column_lower, [least, 0.0]),
        column_upper=np.append(programme.column_upper, [most, math.inf]),
        is_integer=np.append(programme.is_integer, [False, False]),
        row_lower=np.append(programme.row_lower, programme.offset),
        row_upper=np.append(programme.row_upper, math.inf),
        entry_row=np.append(programme.entry_row, np.full(costly.size + 2, rows)),
        entry_column=np.concatenate([programme.entry_column, costly, [columns, columns + 1]]),
        entry_value=np.concatenate([programme.entry_value, -programme.cost[costly], [1.0, 1.0]]),
        varied_cost=replace(programme.varied_cost, values=(1 - weight) * programme.varied_cost.values),
        varied_entry=_with_costs(programme, costly, entries),
    )


def _with_costs(programme: Programme, costly: Ints, entries: int) -> Varied:
    """Return what varies in the matrix, once the row (V3) holds the costs."""
    cost, entry = programme.varied_cost, programme.varied_entry
    return Varied(
        places=np.append(entry.places, entries + np.searchsorted(costly, cost.places)),
        values=np.hstack([entry.values, -cost.values]),
    )


def _range_of_cost(programme: Programme) -> tuple[float, float]:
    """Return the range in which the bounds of the columns keep the cost; eta need not leave it."""
    everywhere = np.arange(programme.tree.scenarios)
    cost = programme.varied_cost.of(programme.cost, everywhere)
    low = programme.varied_column_lower.of(programme.column_lower, everywhere)
    high = programme.varied_column_upper.of(programme.column_upper, everywhere)
    with np.errstate(invalid="ignore"):
        ends = np.where(cost != 0, np.stack([cost * low, cost * high]), 0.0)
    return (
        programme.offset + float(ends.min(axis=0).sum(axis=1).min()),
        programme.offset + float(ends.max(axis=0).sum(axis=1).max()),
    )


def cost_of_scenarios(programme: Programme, by_node: tuple[Floats, ...]) -> Floats:
    """Return C(s) of each scenario for the values of each node: shape (scenario,)."""
    tree = programme.tree
    cost = programme.varied_cost.of(programme.cost, np.arange(tree.scenarios))
    total = np.full(tree.scenarios, programme.offset)
    for stage in range(tree.stages):
        of_stage = cost[:, programme.column_stage == stage]
        values = np.array([by_node[node] for node in tree.node[:, stage].tolist()])
        total += (of_stage * values).sum(axis=1)
    return total


def cvar_of(cost: Floats, probability: Floats, *, level: float) -> float:
    """Return CVaR_a of a cost with finitely many values: the mean of its worst share 1 - a.

    Examples
    --------
    >>> cvar_of(np.array([1.0, 2.0, 6.0]), np.array([0.5, 0.25, 0.25]), level=0.5)
    4.0
    """
    order = np.argsort(-cost)
    left = np.clip((1 - level) - np.cumsum(probability[order]) + probability[order], 0.0, probability[order])
    return float(left @ cost[order]) / (1 - level)
