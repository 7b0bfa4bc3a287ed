"""The recourse of a two-stage programme as lists of what could be done, where these are short.

The second stage falls into groups of columns that share no row. With chi = D x, a pattern y of a group is
possible in scenario s where

    need_k(s, y) = (W_s y - h_s)_k  <=  chi_k    for each row k that the first stage reaches           (T1)

(a row >= has its signs turned) and costs q_s' y. The expected cost of recourse is

    F(chi) = sum over groups g of sum_s p_s min { q_s' y : need(s, y) <= chi }                          (T2)

which falls in steps, at values of chi_k that are needs: its breaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.stochastic.programme import Bools, Floats, Ints, Programme

__all__ = ["Group", "Recourse", "recourse_of"]

MOST_PATTERNS = 1 << 18
"""The most patterns of a group before its rows without tenders sort them out."""
MOST_TENDERS = 3
"""The most tenders of a group; tables grow with this power."""
FEASIBLE = 1e-9
"""By how much a need may exceed its tender."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the recourse.

    Parameters
    ----------
    columns : array of int, shape (column,)
        Its columns in the programme.
    tender : array of float, shape (tender, first-stage column)
        D: its tenders are ``tender @ x``.
    pattern : array of float, shape (pattern, column)
        What could be done.
    need : array of float, shape (scenario, pattern, tender)
        The tenders that a pattern needs (T1).
    cost : array of float, shape (scenario, pattern)
        What it costs; infinite where it is never possible.
    breaks : tuple of arrays
        For each tender the needs that occur, rising.
    step : array of int, shape (scenario, pattern, tender)
        The position of each need among the breaks.
    """

    columns: Ints
    tender: Floats
    pattern: Floats
    need: Floats
    cost: Floats
    breaks: tuple[Floats, ...]
    step: Ints

    def best(self, chi: Floats) -> tuple[Floats, Ints]:
        """Return the least cost of each scenario for these tenders, and its pattern."""
        possible = np.all(self.need <= chi + FEASIBLE, axis=2)
        cost = np.where(possible, self.cost, np.inf)
        chosen = np.argmin(cost, axis=1)
        return cost[np.arange(chosen.size), chosen], chosen


@dataclass(frozen=True, slots=True)
class Recourse:
    """All groups of a programme, with the probabilities of its scenarios."""

    groups: tuple[Group, ...]
    probability: Floats

    def expected_cost(self, x: Floats) -> float:
        """Return F(D x) (T2); infinite where a scenario has no recourse."""
        return float(sum(self.probability @ group.best(group.tender @ x)[0] for group in self.groups))


def recourse_of(programme: Programme) -> Recourse | None:
    """List the recourse of a programme, or return None where it is not small and integer.

    Parameters
    ----------
    programme : Programme
        With two stages; every second-stage column integer and bounded, the same in every scenario; rows that
        the first stage reaches with one bound and certain coefficients of the first stage.
    """
    if programme.tree.stages != 2 or not _is_plain(programme):
        return None
    groups = []
    for columns, rows in _components(programme):
        group = _group(programme, columns, rows)
        if group is None:
            return None
        groups.append(group)
    return Recourse(tuple(groups), programme.tree.probability)


def _is_plain(programme: Programme) -> bool:
    second = programme.column_stage == 1
    sizes = programme.column_upper[second] - programme.column_lower[second]
    varied = programme.varied_entry.places
    reaches = programme.column_stage[programme.entry_column[varied]] == 0
    bounds_vary = programme.varied_column_lower.places.size or programme.varied_column_upper.places.size
    return bool(
        np.all(programme.is_integer[second]) and np.all(np.isfinite(sizes))
        and not np.any(reaches) and not bounds_vary
    )  # fmt: skip


def _components(programme: Programme) -> list[tuple[Ints, Ints]]:
    """Return the second-stage columns and rows of each connected part of the recourse matrix."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    columns, rows = len(programme.column_names), len(programme.row_names)
    inside = (programme.column_stage[programme.entry_column] == 1) & (
        programme.row_stage[programme.entry_row] == 1
    )
    row, column = programme.entry_row[inside], programme.entry_column[inside]
    size = columns + rows
    graph = coo_array((np.ones(row.size), (column, columns + row)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    second = np.flatnonzero(programme.column_stage == 1)
    later = np.flatnonzero(programme.row_stage == 1)
    return [
        (second[label[second] == part], later[label[columns + later] == part])
        for part in np.unique(np.concatenate([label[second], label[columns + later]])).tolist()
    ]


def _group(programme: Programme, columns: Ints, rows: Ints) -> Group | None:
    domains = [
        np.arange(np.ceil(programme.column_lower[c]), np.floor(programme.column_upper[c]) + 1)
        for c in columns.tolist()
    ]
    if np.prod([float(domain.size) for domain in domains]) > MOST_PATTERNS:
        return None
    pattern = np.stack(np.meshgrid(*domains, indexing="ij"), axis=-1).reshape(-1, columns.size)
    tender = _first_stage_part(programme, rows)
    is_reached = np.any(tender != 0, axis=1)
    if not 1 <= np.count_nonzero(is_reached) <= MOST_TENDERS:
        return None
    lower, upper = _bounds(programme, rows)
    if np.any(np.isfinite(lower[:, is_reached]) & np.isfinite(upper[:, is_reached])):
        return None
    keep = _possible_somewhere(programme, columns, rows[~is_reached], pattern)
    pattern = pattern[keep]
    use = _use(programme, columns, rows, pattern)
    is_upper = np.isfinite(upper).all(axis=0)
    turned = np.where(is_upper, 1.0, -1.0)
    bound = np.where(is_upper, upper, lower)
    need = (turned * (use - bound[:, None, :]))[:, :, is_reached]
    costs = programme.varied_cost.of(programme.cost, np.arange(programme.tree.scenarios))
    cost = costs[:, columns] @ pattern.T
    low, high = lower[:, None, ~is_reached], upper[:, None, ~is_reached]
    other = use[:, :, ~is_reached]
    cost[~np.all((other >= low - FEASIBLE) & (other <= high + FEASIBLE), axis=2)] = np.inf
    breaks = tuple(np.unique(need[..., k]) for k in range(need.shape[2]))
    step = np.stack([np.searchsorted(b, need[..., k]) for k, b in enumerate(breaks)], axis=-1)
    return Group(columns, -(turned[:, None] * tender)[is_reached], pattern, need, cost, breaks, step)


def _first_stage_part(programme: Programme, rows: Ints) -> Floats:
    """Return the coefficients of the first stage in these rows."""
    first = programme.first_columns
    dense = np.zeros((len(programme.row_names), len(programme.column_names)))
    dense[programme.entry_row, programme.entry_column] = programme.entry_value
    return dense[np.ix_(rows, first)]


def _bounds(programme: Programme, rows: Ints) -> tuple[Floats, Floats]:
    everywhere = np.arange(programme.tree.scenarios)
    return (
        programme.varied_row_lower.of(programme.row_lower, everywhere)[:, rows],
        programme.varied_row_upper.of(programme.row_upper, everywhere)[:, rows],
    )


def _use(programme: Programme, columns: Ints, rows: Ints, pattern: Floats) -> Floats:
    """Return W_s y for each scenario, pattern and row."""
    scenarios = programme.tree.scenarios
    row_at = np.full(len(programme.row_names), -1)
    row_at[rows] = np.arange(rows.size)
    column_at = np.full(len(programme.column_names), -1)
    column_at[columns] = np.arange(columns.size)
    values = programme.varied_entry.of(programme.entry_value, np.arange(scenarios))
    r, c = row_at[programme.entry_row], column_at[programme.entry_column]
    inside = (r >= 0) & (c >= 0)
    dense = np.zeros((scenarios, rows.size, columns.size))
    dense[:, r[inside], c[inside]] = values[:, inside]
    use: Floats = np.einsum("src,pc->spr", dense, pattern, optimize=True)
    return use


def _possible_somewhere(programme: Programme, columns: Ints, rows: Ints, pattern: Floats) -> Bools:
    """Tell which patterns keep the rows that neither the first stage nor a scenario touches."""
    touched = {*programme.varied_row_lower.places.tolist(), *programme.varied_row_upper.places.tolist()}
    touched |= set(programme.entry_row[programme.varied_entry.places].tolist())
    certain = np.array([row for row in rows.tolist() if row not in touched], np.int64)
    one = programme.with_scenarios(np.array([0]))
    use = _use(one, columns, certain, pattern)[0]
    low, high = programme.row_lower[certain], programme.row_upper[certain]
    kept: Bools = np.all((use >= low - FEASIBLE) & (use <= high + FEASIBLE), axis=1)
    return kept
