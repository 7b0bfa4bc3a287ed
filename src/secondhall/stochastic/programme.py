"""A multistage stochastic mixed-integer linear programme, in arrays only.

With scenarios s of probability p_s, stages t and the columns x_t of each stage::

    minimise    offset + c_1' x_1 + sum_s p_s sum_{t > 1} c_t(s)' x_t(s)                   (S1)
    subject to  row_lower_t(s) <= sum_{u <= t} A_tu(s) x_u(s) <= row_upper_t(s)            (S2)
                column_lower_t(s) <= x_t(s) <= column_upper_t(s), some x_t integer         (S3)
                x_t(s) = x_t(s')  where s and s' share their node at stage t               (S4)

The last is non-anticipativity. Whatever varies is held as a `Varied`: the places in the array of the core
that differ, and their values in each scenario.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "Programme", "Tree", "Varied", "nothing_varied", "same_programme"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PROBABILITY_SLACK = 1e-3
"""How far probabilities may be from one in all: published files print four digits of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """The places of an array that differ from scenario to scenario.

    Parameters
    ----------
    places : array of int, shape (place,)
        Positions in the array of the core, each once.
    values : array of float, shape (scenario, place)
        What stands there in each scenario.
    """

    places: Ints
    values: Floats

    def of(self, core: Floats, scenarios: Ints) -> Floats:
        """Return the array in each of these scenarios: shape (scenario, len(core))."""
        rows = np.repeat(core[None, :], scenarios.size, axis=0)
        rows[:, self.places] = self.values[scenarios]
        return rows


def nothing_varied(scenarios: int) -> Varied:
    """Return the `Varied` of an array that is the same in every scenario."""
    return Varied(places=np.empty(0, np.int64), values=np.empty((scenarios, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Which scenarios cannot be told apart, and until when.

    Parameters
    ----------
    probability : array of float, shape (scenario,)
        Above 0; one in all, within a thousandth.
    node : array of int, shape (scenario, stage)
        The node in which a scenario is at a stage. Nodes are numbered from 0 without gaps, each belongs to
        one stage, all scenarios begin in node 0, and those that share a node share all nodes before it.

    Examples
    --------
    >>> tree = Tree(probability=np.array([0.5, 0.5]), node=np.array([[0, 1], [0, 2]]))
    >>> tree.nodes, tree.stages
    (3, 2)
    """

    probability: Floats
    node: Ints

    def __post_init__(self) -> None:
        if self.node.shape[0] != self.probability.size or self.probability.size == 0:
            raise ValueError(
                "a tree needs a row of nodes and a probability for each of one or more scenarios"
            )
        if not np.all(self.probability > 0) or abs(self.probability.sum() - 1) > PROBABILITY_SLACK:
            raise ValueError(f"probabilities are above 0 and add up to 1, found {self.probability.sum():.6g}")
        _check_nodes(self.node)

    @property
    def scenarios(self) -> int:
        """How many scenarios there are."""
        return int(self.probability.size)

    @property
    def stages(self) -> int:
        """How many stages there are."""
        return int(self.node.shape[1])

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.node.max()) + 1

    def first_scenario(self) -> Ints:
        """Return the first scenario that passes through each node, shape (node,)."""
        first = np.full(self.nodes, self.scenarios, np.int64)
        np.minimum.at(first, self.node, np.arange(self.scenarios)[:, None])
        return first

    def stage_of_node(self) -> Ints:
        """Return the stage of each node, shape (node,)."""
        stage = np.empty(self.nodes, np.int64)
        stage[self.node] = np.arange(self.stages)[None, :]
        return stage

    def node_probability(self) -> Floats:
        """Return the probability of passing through each node, shape (node,).

        That of node 0 is one even where the printed probabilities of the scenarios add up to 1.0002: the
        cost of the first stage is certain, which is how the published answers of such files were computed.
        """
        chance = np.zeros(self.nodes)
        np.add.at(chance, self.node, self.probability[:, None])
        chance[0] = 1.0
        return chance


def _check_nodes(node: Ints) -> None:
    if np.any(node[:, 0] != 0):
        raise ValueError("all scenarios begin in node 0")
    seen: set[int] = set()
    for stage in range(node.shape[1]):
        here = set(np.unique(node[:, stage]).tolist())
        if here & seen:
            raise ValueError("a node belongs to one stage")
        seen |= here
        if stage and len(np.unique(node[:, stage - 1 : stage + 1], axis=0)) != len(here):
            raise ValueError("scenarios that share a node share all nodes before it")
    if seen != set(range(len(seen))):
        raise ValueError("nodes are numbered from 0 without gaps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The programme (S1) to (S4).

    Parameters
    ----------
    name : str
        What it is called.
    offset : float
        A constant of the objective, which is minimised.
    column_names, row_names, stage_names : tuple of str
        One for each column, row and stage.
    column_stage, row_stage : array of int
        The stage of each column and row, from 0. A row stands at the latest stage of its columns or after it.
    cost, column_lower, column_upper : array of float, shape (column,)
        Of the core; a scenario changes them by `varied_cost` and so on.
    is_integer : array of bool, shape (column,)
        Which columns are integer.
    row_lower, row_upper : array of float, shape (row,)
        Bounds of each row; infinite where there is none.
    entry_row, entry_column, entry_value : arrays, shape (entry,)
        The matrix, each position once.
    tree : Tree
        The scenarios.
    varied_cost, varied_column_lower, varied_column_upper : Varied
        What differs between scenarios of the columns.
    varied_row_lower, varied_row_upper, varied_entry : Varied
        What differs of the rows and the matrix; places of `varied_entry` are positions in `entry_value`.
    """

    name: str
    offset: float
    column_names: tuple[str, ...]
    row_names: tuple[str, ...]
    stage_names: tuple[str, ...]
    column_stage: Ints
    row_stage: Ints
    cost: Floats
    column_lower: Floats
    column_upper: Floats
    is_integer: Bools
    row_lower: Floats
    row_upper: Floats
    entry_row: Ints
    entry_column: Ints
    entry_value: Floats
    tree: Tree
    varied_cost: Varied
    varied_column_lower: Varied
    varied_column_upper: Varied
    varied_row_lower: Varied
    varied_row_upper: Varied
    varied_entry: Varied

    def __post_init__(self) -> None:
        _check_sizes(self)
        if np.any(self.row_stage[self.entry_row] < self.column_stage[self.entry_column]):
            raise ValueError("a row stands at the latest stage of its columns or after it")
        for varied, stage in self._varied_with_stages():
            _check_measurable(varied, stage, self.tree)

    def _varied_with_stages(self) -> list[tuple[Varied, Ints]]:
        return [
            (self.varied_cost, self.column_stage),
            (self.varied_column_lower, self.column_stage),
            (self.varied_column_upper, self.column_stage),
            (self.varied_row_lower, self.row_stage),
            (self.varied_row_upper, self.row_stage),
            (self.varied_entry, self.row_stage[self.entry_row]),
        ]

    @property
    def first_columns(self) -> Ints:
        """The columns of the first stage."""
        return np.flatnonzero(self.column_stage == 0)

    def with_scenarios(self, chosen: Ints, probability: Floats | None = None) -> Programme:
        """Return the programme of some scenarios only.

        Parameters
        ----------
        chosen : array of int
            Which scenarios, each once.
        probability : array of float, optional
            Their probabilities; without it the old ones, divided by their sum.
        """
        old = self.tree.probability[chosen]
        kept, renumbered = np.unique(self.tree.node[chosen], return_inverse=True)
        order = np.argsort(self.tree.stage_of_node()[kept], kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        node = rank[renumbered.reshape(chosen.size, -1)]
        tree = Tree(probability=old / old.sum() if probability is None else probability, node=node)
        return self.with_tree(tree, chosen)

    def with_tree(self, tree: Tree, chosen: Ints) -> Programme:
        """Return the programme with another tree, whose scenarios have the values of the `chosen` ones."""
        varied: dict[str, Any] = {
            f.name: Varied(places=old.places, values=old.values[chosen])
            for f in fields(self)
            if isinstance(old := getattr(self, f.name), Varied)
        }
        return replace(self, tree=tree, **varied)


def _check_sizes(programme: Programme) -> None:
    columns, rows = len(programme.column_names), len(programme.row_names)
    entries, scenarios = programme.entry_value.size, programme.tree.scenarios
    sizes = {
        "column_stage cost column_lower column_upper is_integer": columns,
        "row_stage row_lower row_upper": rows,
        "entry_row entry_column": entries,
    }
    for names, size in sizes.items():
        for name in names.split():
            if getattr(programme, name).shape != (size,):
                raise ValueError(f"{name} has shape {getattr(programme, name).shape}, expected ({size},)")
    for field in fields(programme):
        varied = getattr(programme, field.name)
        if isinstance(varied, Varied) and varied.values.shape != (scenarios, varied.places.size):
            raise ValueError(f"{field.name} needs one row of values for each of {scenarios} scenarios")


def _check_measurable(varied: Varied, stage: Ints, tree: Tree) -> None:
    """Refuse values that differ between scenarios that cannot be told apart yet (S4)."""
    if not varied.places.size:
        return
    if np.any(stage[varied.places] == 0):
        raise ValueError("the first stage is certain: its numbers stand in the core")
    representative = tree.first_scenario()[tree.node[:, stage[varied.places]]]
    if np.any(np.take_along_axis(varied.values, representative, axis=0) != varied.values):
        raise ValueError("scenarios that share a node have the same values there")


def same_programme(one: Programme, other: Programme) -> bool:
    """Tell whether two programmes are equal, number for number."""
    return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and bool(np.all(one == other))
    if isinstance(one, Varied) and isinstance(other, Varied):
        return _same(one.places, other.places) and _same(one.values, other.values)
    if isinstance(one, Tree) and isinstance(other, Tree):
        return _same(one.probability, other.probability) and _same(one.node, other.node)
    return one == other
