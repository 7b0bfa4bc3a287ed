"""The extensive form: one deterministic programme with a copy of a stage's columns for each node of the tree.

Scenarios that share a node share its columns, which is non-anticipativity (S4) without a row for it; the
cost of a node's columns carries the probability of the node (S1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.stochastic.highs import Outcome, solve_linear
from secondhall.stochastic.linear import Linear, linear_from_triplets
from secondhall.stochastic.programme import Bools, Floats, Ints, Programme
from secondhall.stochastic.solution import Limits, Solution

__all__ = ["Extensive", "extensive_form", "solution_of", "solve_extensive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensive:
    """The extensive form and where the programme's columns went.

    Parameters
    ----------
    linear : Linear
        The deterministic programme.
    first_position : array of int, shape (node + 1,)
        The columns of node n are ``first_position[n]:first_position[n + 1]``, in the order of the programme.
    """

    linear: Linear
    first_position: Ints

    def by_node(self, values: Floats) -> tuple[Floats, ...]:
        """Cut the values of the deterministic programme into those of each node."""
        return tuple(np.split(values, self.first_position[1:-1]))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the members (columns or rows) of each stage stand in the extensive form."""

    first: Ints
    """shape (node + 1,)"""
    rank: Ints
    """position of each member among those of its stage"""
    member: Ints
    """which member each position holds"""
    node: Ints
    """in which node each position stands"""


def _layout(stage_of_member: Ints, stage_of_node: Ints) -> _Layout:
    members = [np.flatnonzero(stage_of_member == stage) for stage in range(int(stage_of_node.max()) + 1)]
    rank = np.empty(stage_of_member.size, np.int64)
    for inside in members:
        rank[inside] = np.arange(inside.size)
    counts = np.array([members[stage].size for stage in stage_of_node])
    return _Layout(
        first=np.concatenate([[0], np.cumsum(counts)]),
        rank=rank,
        member=np.concatenate([members[stage] for stage in stage_of_node]),
        node=np.repeat(np.arange(stage_of_node.size), counts),
    )


def extensive_form(programme: Programme) -> Extensive:
    """Build the extensive form of a programme.

    Parameters
    ----------
    programme : Programme
        With any number of stages.

    Returns
    -------
    Extensive
        Nodes in the order of their numbers, columns and rows of a node in the order of the programme.
    """
    tree = programme.tree
    stage_of_node, scenario_of_node = tree.stage_of_node(), tree.first_scenario()
    columns = _layout(programme.column_stage, stage_of_node)
    rows = _layout(programme.row_stage, stage_of_node)
    scenario = scenario_of_node[columns.node]
    row_scenario = scenario_of_node[rows.node]
    cost = _at(programme, "cost", scenario, columns.member)
    row, column, value = _entries(programme, stage_of_node, scenario_of_node, columns, rows)
    linear = linear_from_triplets(
        row,
        column,
        value,
        offset=programme.offset,
        columns=(
            cost * tree.node_probability()[columns.node],
            _at(programme, "column_lower", scenario, columns.member),
            _at(programme, "column_upper", scenario, columns.member),
            programme.is_integer[columns.member].astype(bool),
        ),
        rows=(
            _at(programme, "row_lower", row_scenario, rows.member),
            _at(programme, "row_upper", row_scenario, rows.member),
        ),
    )
    return Extensive(linear=linear, first_position=columns.first)


def _at(programme: Programme, name: str, scenario: Ints, member: Ints) -> Floats:
    """Return the value that an array of the programme has for each pair of scenario and member."""
    core: Floats = getattr(programme, name)
    varied = getattr(programme, f"varied_{name}")
    values = core[member].copy()
    place = np.full(core.size, -1, np.int64)
    place[varied.places] = np.arange(varied.places.size)
    differs: Bools = place[member] >= 0
    values[differs] = varied.values[scenario[differs], place[member[differs]]]
    return values


def _entries(
    programme: Programme, stage_of_node: Ints, scenario_of_node: Ints, columns: _Layout, rows: _Layout
) -> tuple[Ints, Ints, Floats]:
    """Return the matrix in triplets: every entry once for each node of its row's stage."""
    entry_stage = programme.row_stage[programme.entry_row]
    lists = [np.flatnonzero(entry_stage == stage) for stage in range(int(stage_of_node.max()) + 1)]
    entry = np.concatenate([lists[stage] for stage in stage_of_node])
    node = np.repeat(np.arange(stage_of_node.size), [lists[stage].size for stage in stage_of_node])
    scenario = scenario_of_node[node]
    entry_row, entry_column = programme.entry_row[entry], programme.entry_column[entry]
    node_of_column = programme.tree.node[scenario, programme.column_stage[entry_column]]
    varied = programme.varied_entry
    place = np.full(programme.entry_value.size, -1, np.int64)
    place[varied.places] = np.arange(varied.places.size)
    value = programme.entry_value[entry].copy()
    differs = place[entry] >= 0
    value[differs] = varied.values[scenario[differs], place[entry[differs]]]
    return (
        rows.first[node] + rows.rank[entry_row],
        columns.first[node_of_column] + columns.rank[entry_column],
        value,
    )


def solution_of(extensive: Extensive, outcome: Outcome) -> Solution:
    """Turn what the solver said of the extensive form into a `Solution` of the programme."""
    by_node = extensive.by_node(outcome.values) if outcome.values.size else ()
    return Solution(
        status=outcome.status,
        objective=outcome.objective,
        bound=outcome.bound,
        first_stage=by_node[0] if by_node else np.empty(0),
        by_node=by_node,
        seconds=outcome.seconds,
    )


def solve_extensive(
    programme: Programme, limits: Limits | None = None, *, keeps_best: bool = True
) -> Solution:
    """Solve a programme by its extensive form with HiGHS.

    Parameters
    ----------
    programme : Programme
        With any number of stages.
    limits : Limits, optional
        When to stop.
    keeps_best : bool, default True
        Whether an interrupt from the keyboard ends here, with the best so far, or is passed on.
    """
    extensive = extensive_form(programme)
    return solution_of(extensive, solve_linear(extensive.linear, limits or Limits(), keeps_best=keeps_best))
