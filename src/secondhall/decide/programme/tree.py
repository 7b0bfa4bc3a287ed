"""A scenario tree by bundling simulated paths: what cannot be told apart yet decides together.

Paths that share a node at one date are split at the next by what a rule may see of them (G10): each sign of
the state is counted by how much it says of what more room is worth, from there on. Ward's clustering finds
the bundles, Lloyd's steps settle them, so that each path belongs to the bundle whose mean is nearest, which
is how a path that was not in the tree finds its way through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["SIGNS", "ScenarioTree", "Split", "bundle", "scenarios_of", "states_at"]

SIGNS = ("sold", "waiting", "ordered in a year", "recurring revenue", "probability of a bust")
"""What a rule sees at a date: at the end of the month before, orders over the twelve months before."""

STEPS = 100


def states_at(series: Mapping[str, Floats], month: int) -> Floats:
    """Return [path, sign] what is seen before ``month``, from series [month, path].

    Examples
    --------
    >>> names = ("sold_units", "waiting_units", "ordered_units")
    >>> names = (*names, "monthly_recurring_revenue", "bust_probability")
    >>> states_at({name: np.arange(3.0)[:, None] for name in names}, 2)
    array([[1., 1., 1., 1., 1.]])
    """
    last = [series[name][month - 1] for name in ("sold_units", "waiting_units")]
    ordered = series["ordered_units"][max(month - 12, 0) : month].sum(axis=0)
    return np.stack(
        [
            *last,
            ordered,
            series["monthly_recurring_revenue"][month - 1],
            series["bust_probability"][month - 1],
        ],
        axis=1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """How the paths of a node are told apart at the next date.

    Attributes
    ----------
    weight
        [sign] by which a state is multiplied before distances are taken.
    centre
        [child, sign] mean state of each child.
    child
        [child] number of its node.
    """

    weight: Floats
    centre: Floats
    child: Integers

    def of(self, state: Floats) -> Integers:
        """(G10) Return [path] the node of the nearest child of a state [path, sign]."""
        near = ((state[:, None, :] - self.centre[None, :, :]) * self.weight) ** 2
        found: Integers = self.child[near.sum(axis=2).argmin(axis=1)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioTree:
    """The bundles of paths.

    Attributes
    ----------
    dates
        months from the start at which is decided.
    node
        [path, date] the node of each path of the sample; nodes are numbered date by date.
    splits
        how the children of a node are told apart, by node; none at the last date.
    """

    dates: tuple[int, ...]
    node: Integers
    splits: Mapping[int, Split]

    @property
    def nodes(self) -> int:
        """How many there are."""
        return int(self.node.max()) + 1

    @property
    def probability(self) -> Floats:
        """[node] share of the paths that pass through it."""
        counts = np.bincount(self.node.ravel(), minlength=self.nodes)
        share: Floats = counts / self.node.shape[0]
        return share

    def node_means(self, values: Floats) -> Floats:
        """Return [date, path] the mean of values [date, path] over the paths of each node."""
        means = np.empty_like(values)
        for k in range(len(self.dates)):
            node = self.node[:, k]
            counts = np.maximum(np.bincount(node), 1)
            means[k] = (np.bincount(node, values[k]) / counts)[node]
        return means

    def assign(self, states: Mapping[int, Floats]) -> Integers:
        """Return [path, date] the nodes of paths, by their states [path, sign] at all dates but the first."""
        if len(self.dates) == 1:
            raise ValueError("a tree of one date tells no paths apart")
        paths = next(iter(states.values())).shape[0]
        node = np.zeros((paths, len(self.dates)), dtype=np.int64)
        for k, date in enumerate(self.dates[1:], start=1):
            for parent in np.unique(node[:, k - 1]).tolist():
                here = node[:, k - 1] == parent
                node[here, k] = self.splits[parent].of(states[date][here])
        return node


def bundle(
    dates: tuple[int, ...],
    states: Mapping[int, Floats],
    worth: Mapping[int, Floats],
    *,
    children: tuple[int, ...],
    least: int,
) -> ScenarioTree:
    """Bundle paths into a tree.

    Parameters
    ----------
    dates
        months at which is decided, the first 0.
    states, worth
        by date after the first, [path, sign] what is seen and [path] what more room turns out to be worth.
    children
        of a node at each of these dates, at most.
    least
        paths of a child, at least, on average over the children of a node.
    """
    paths = next(iter(worth.values())).size
    node = np.zeros((paths, len(dates)), dtype=np.int64)
    splits: dict[int, Split] = {}
    for k, date in enumerate(dates[1:], start=1):
        number = int(node[:, k - 1].max()) + 1
        weight = _weights(states[date], worth[date])
        for parent in np.unique(node[:, k - 1]).tolist():
            here = np.flatnonzero(node[:, k - 1] == parent)
            count = max(min(children[k - 1], here.size // least), 1)
            centre = _centres(states[date][here], weight, count)
            split = Split(weight, centre, number + np.arange(centre.shape[0]))
            splits[parent] = split
            node[here, k] = split.of(states[date][here])
            number += centre.shape[0]
    return ScenarioTree(dates, node, splits)


def _weights(state: Floats, worth: Floats) -> Floats:
    """(G10) Return [sign] what one unit of each sign says of the worth, by regression; alike if none does."""
    spread = state.std(axis=0)
    told = np.where(spread > 0.0, 1.0 / np.maximum(spread, 1e-300), 0.0)
    signs = (state - state.mean(axis=0)) * told
    slope = np.linalg.lstsq(signs, worth - worth.mean(), rcond=None)[0]
    size = np.abs(slope).max()
    weight: Floats = told * (np.abs(slope) / size if size > 0.0 else 1.0)
    return weight


def scenarios_of(tree: ScenarioTree, marks: Floats, count: int) -> Integers:
    """(G10) Return [path] the scenario of each path: like paths of one last node are one scenario.

    Parameters
    ----------
    tree
        whose last nodes are cut into scenarios, each in proportion to its paths.
    marks
        [path, mark] by which paths are alike.
    count
        of scenarios, about; with as many as paths, each path is one.
    """
    paths, last = tree.node.shape[0], tree.node[:, -1]
    spread = marks.std(axis=0)
    weight = np.where(spread > 0.0, 1.0 / np.maximum(spread, 1e-300), 0.0)
    group, number = np.arange(paths), 0
    if count >= paths:
        return group
    for node in np.unique(last).tolist():
        here = np.flatnonzero(last == node)
        share = min(max(round(count * here.size / paths), 1), here.size)
        centre = _centres(marks[here], weight, share)
        group[here] = Split(weight, centre, number + np.arange(centre.shape[0])).of(marks[here])
        number += centre.shape[0]
    return group


def _centres(state: Floats, weight: Floats, count: int) -> Floats:
    """Return [child, sign] means of bundles: Ward's, then Lloyd's steps until none moves."""
    from scipy.cluster.hierarchy import fcluster, linkage

    centre: Floats = state.mean(axis=0, keepdims=True)
    if count == 1 or state.shape[0] == 1:
        return centre
    group: Integers = fcluster(linkage(state * weight, "ward"), count, criterion="maxclust") - 1
    for _ in range(STEPS):
        named: Integers = np.unique(group)
        centre = np.stack([state[group == one].mean(axis=0) for one in named.tolist()])
        moved = Split(weight, centre, np.arange(named.size)).of(state)
        if np.array_equal(moved, group):
            break
        group = moved
    return centre
