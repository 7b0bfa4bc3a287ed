"""The programme in arrays: commitments and closures at the nodes of the tree, sales path by path.

u(o, k) copies of option o are committed and c(h, k) is 1 where hall h is closed at date k; both are decided
at a node, for all its paths alike. What a path sells, x and d of (G1) to (G4), is known at its last stage::

    minimise   E[z] with  z = -NPV of never + sum cost u + sum cost c - sum (unit x + placed ...)   (G9)
    subject to sum over k of u(o, k) <= copies of o,  sum over k of c(h, k) <= 1
               sum over k' <= k of funding(o) u(o, k') <= liquidity of the node at k                 (G8)

The last stands for insolvency, which is not linear: no more is committed than could be paid for (D5).
Money and capacity are counted in scales of their own, so that the numbers in the matrix are near one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.decide.programme.economics import Economics
from secondhall.decide.programme.hall_costs import HallCosts
from secondhall.decide.programme.tree import ScenarioTree
from secondhall.stochastic import Programme, Tree, Varied, nothing_varied

__all__ = ["Built", "build_programme"]


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A programme and what its numbers mean.

    Attributes
    ----------
    programme
        minimises the mean of what never and all that is decided cost, that is of minus the NPV.
    scale
        money of one unit of the objective.
    decided
        (date, hall, whether it is closed) of each whole-numbered column, in the order of the columns.
    """

    programme: Programme
    scale: float
    decided: tuple[tuple[int, HallCosts, bool], ...]


@dataclass
class _Rows:
    """Rows and entries as they are written; what differs between scenarios is an array over them."""

    names: list[str] = field(default_factory=list)
    stage: list[int] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    entry: list[tuple[int, int, Floats]] = field(default_factory=list)

    def add(
        self,
        name: str,
        stage: int,
        entries: list[tuple[int, Floats]],
        upper: Floats,
        lower: Floats | None = None,
    ) -> None:
        """Add ``lower <= sum entries <= upper``; no lower bound when None."""
        row = len(self.names)
        self.names.append(name)
        self.stage.append(stage)
        self.upper.append(upper)
        self.lower.append(np.full_like(upper, -np.inf) if lower is None else lower)
        self.entry += [(row, column, value) for column, value in entries if np.any(value != 0.0)]


def build_programme(economics: Economics, tree: ScenarioTree, group: Integers | None = None) -> Built:
    """Return the programme of the economics of paths on their tree.

    Parameters
    ----------
    economics, tree
        of the same paths.
    group
        [path] the scenario of each path, within the last nodes of the tree; by default each is its own.
    """
    group = np.arange(economics.npv.size) if group is None else group
    _, first = np.unique(group, return_index=True)
    liquidity = tree.node_means(economics.liquidity)[:, first]
    economics = replace(economics.averaged(group), liquidity=liquidity)
    economics, scale = _scaled(economics)
    stages, periods = len(tree.dates) + 1, economics.unit.shape[0]
    decided = tuple(
        (k, hall, closes)
        for k in range(stages - 1)
        for halls, closes in ((economics.options, False), (economics.halls, True))
        for hall in halls
    )
    whole = len(decided)
    sold, held, money = whole, whole + periods, whole + 2 * periods
    rows = _Rows()
    _limits(rows, decided, stages, economics.npv.size)
    _funding(rows, economics, decided, stages)
    _sales(rows, economics, decided, sold, held, stages - 1)
    _worth(rows, economics, decided, sold, money, stages - 1)
    lower, upper, stage = _columns(economics, decided, stages - 1)
    names = [f"{'close' if closes else 'commit'} {hall.name} {k}" for k, hall, closes in decided]
    names += [f"{kind} {j}" for kind in ("sold", "held") for j in range(periods)] + ["money"]
    return Built(_arrays(rows, tuple(names), stage, lower, upper, whole, _tree(tree, group)), scale, decided)


def _scaled(economics: Economics) -> tuple[Economics, float]:
    """Return the economics in other units of capacity and of money, and the money of one such unit."""
    halls = (*economics.options, *economics.halls)
    units = max(float(np.max([hall.units.max() for hall in halls])), 1e-9)
    costs = float(np.max([np.abs(hall.cost).mean() for hall in halls]))
    money = costs or float(np.abs(economics.unit).mean()) * units or 1.0  # a hall may be had for nothing

    def counted(hall: HallCosts) -> HallCosts:
        return replace(hall, cost=hall.cost / money, units=hall.units / units, funding=hall.funding / money)

    scaled = replace(
        economics,
        npv=economics.npv / money,
        waiting=economics.waiting / units,
        lost=economics.lost / units,
        sold=economics.sold / units,
        liquidity=economics.liquidity / money,
        unit=economics.unit * units / money,
        placed=economics.placed * units / money,
        options=tuple(map(counted, economics.options)),
        halls=tuple(map(counted, economics.halls)),
    )
    return scaled, money


def _limits(rows: _Rows, decided: tuple[tuple[int, HallCosts, bool], ...], stages: int, paths: int) -> None:
    """Bound how often an option is committed and a hall is closed."""
    for name, closes in dict.fromkeys((hall.name, closes) for _, hall, closes in decided):
        columns = [n for n, (_, hall, how) in enumerate(decided) if (hall.name, how) == (name, closes)]
        copies = 1 if closes else len(decided[columns[0]][1].slots)
        ones = [(column, np.ones(paths)) for column in columns]
        rows.add(f"times {name}", stages - 2, ones, np.full(paths, float(copies)))


def _funding(
    rows: _Rows, economics: Economics, decided: tuple[tuple[int, HallCosts, bool], ...], stages: int
) -> None:
    """(G8) Commit no more than could be paid for."""
    one = np.ones(economics.npv.size)
    for k in range(stages - 1):
        spent = [
            (c, hall.funding * one) for c, (at, hall, closes) in enumerate(decided) if at <= k and not closes
        ]
        rows.add(f"funding {k}", k, spent, np.maximum(economics.liquidity[k], 0.0))


def _sales(
    rows: _Rows,
    economics: Economics,
    decided: tuple[tuple[int, HallCosts, bool], ...],
    sold: int,
    held: int,
    stage: int,
) -> None:
    """(G1 to G4) Bound what is sold by room and by who is there."""
    one = np.ones(economics.npv.size)
    months = np.diff(economics.edges)
    for j, n in enumerate(months.tolist()):
        room = [(c, (one if how else -one) * hall.units[k, j]) for c, (k, hall, how) in enumerate(decided)]
        rows.add(f"room {j}", stage, [(sold + j, one), *room], 0.0 * one)
        rows.add(f"there {j}", stage, [(sold + j, one), (held + j, -one)], economics.waiting[j])
        rows.add(f"gained {j}", stage, [(held + j, one), (sold + j, -one)], 0.0 * one)
        leaving = economics.leaving[j]
        flow = [(held + j, one), (sold + j, leaving * (n - 1) / 2)]
        if j > 0:
            alive = _surviving(economics, j)
            flow += [
                (held + j - 1, -alive),
                (sold + j - 1, alive * leaving * (months[j - 1] + 1) / 2),
            ]
        rows.add(f"flow {j}", stage, flow, economics.lost[j])
        rows.add(
            f"kept {j}", stage, _placed(economics, decided, sold, j), np.inf * one, _fewest(economics, j)
        )


def _placed(
    economics: Economics, decided: tuple[tuple[int, HallCosts, bool], ...], sold: int, j: int
) -> list[tuple[int, Floats]]:
    """(G4) Return the entries of what is placed more in a period, a closed hall's customers taken off."""
    months, leaving, one = np.diff(economics.edges), economics.leaving[j], np.ones(economics.npv.size)
    # Over a period those who left the hall are missed with all who would have left of them.
    whole = one + np.maximum(leaving, 0.0) * (months[j] - 1) / 2
    closed = [(c, whole * hall.units[k, j]) for c, (k, hall, closes) in enumerate(decided) if closes]
    entries = [(sold + j, one + leaving * (months[j] - 1) / 2), *closed]
    if j > 0:
        kept = one - leaving * (months[j - 1] + 1) / 2
        entries.append((sold + j - 1, -_surviving(economics, j) * kept))
    return entries


def _surviving(economics: Economics, j: int) -> Floats:
    """Return [path] the share of what is alive before a period that is alive in it."""
    share: Floats = np.minimum(economics.alive[j] / np.maximum(economics.alive[j - 1], 1e-300), 1.0)
    return share


def _fewest(economics: Economics, j: int) -> Floats:
    """(G4) Return [path] the fewest that are placed more: below 0 where never places later who waited."""
    before = economics.waiting[j - 1] if j > 0 else 0.0
    fewest: Floats = np.minimum(economics.lost[j] + economics.waiting[j] - before, 0.0)
    return fewest


def _worth(
    rows: _Rows,
    economics: Economics,
    decided: tuple[tuple[int, HallCosts, bool], ...],
    sold: int,
    money: int,
    stage: int,
) -> None:
    """(G9) Add up what a path costs, never included."""
    halls = [(c, -hall.cost[k]) for c, (k, hall, _) in enumerate(decided)]
    worth = _unit_values(economics)
    sales = [(sold + j, value) for j, value in enumerate(worth)]
    never = -economics.npv
    rows.add("money", stage, [(money, np.ones(never.size)), *halls, *sales], never, never)


def _unit_values(economics: Economics) -> Floats:
    """Return [period, path] what a unit sold in a period brings, with what its placing brings at once.

    Placed in period j: x(j) - x(j-1) and what replaces those who left between, as in (G3).
    """
    value = economics.unit.copy()
    months = np.diff(economics.edges)[:, None]
    value += economics.placed * (1.0 + economics.leaving * (months - 1) / 2)
    later = economics.placed[1:] * (1.0 - economics.leaving[1:] * (months[:-1] + 1) / 2)
    value[:-1] -= later
    return value


def _columns(
    economics: Economics, decided: tuple[tuple[int, HallCosts, bool], ...], last: int
) -> tuple[Floats, Floats, Integers]:
    """Return [path, column] lower and upper bounds, and [column] stages."""
    paths, periods = economics.npv.size, economics.unit.shape[0]
    copies = np.array([1.0 if closes else len(hall.slots) for _, hall, closes in decided])
    most = sum((len(o.slots) * o.units.max(axis=0) for o in economics.options), np.zeros((periods, paths)))
    # With its only hall closed a path misses what it had, also where never has lost some of it since.
    missed = np.broadcast_to(economics.sold.max(axis=0), economics.sold.shape)
    least = -missed if economics.halls else np.zeros_like(economics.sold)
    # A range that no solution leaves: the CVaR wants one.
    value = np.abs(_unit_values(economics)) * np.maximum(most, -least)
    spent = sum((len(hall.slots) * np.abs(hall.cost[k]) for k, hall, _ in decided), np.zeros(paths))
    reach = np.abs(economics.npv) + value.sum(axis=0) + spent
    lower = np.hstack(
        [np.zeros((paths, copies.size)), least.T, np.full((paths, periods), -np.inf), -reach[:, None]]
    )
    upper = np.hstack([np.tile(copies, (paths, 1)), most.T, most.T, reach[:, None]])
    stage = np.array([k for k, _, _ in decided] + [last] * (2 * periods + 1), dtype=np.int64)
    return lower, upper, stage


def _arrays(
    rows: _Rows,
    names: tuple[str, ...],
    stage: Integers,
    lower: Floats,
    upper: Floats,
    whole: int,
    tree: Tree,
) -> Programme:
    paths = tree.scenarios
    cost = np.zeros(len(names))
    cost[-1] = 1.0
    entry_value, varied_entry = _core(np.stack([value for _, _, value in rows.entry], axis=1))
    row_lower, varied_row_lower = _core(np.stack(rows.lower, axis=1))
    row_upper, varied_row_upper = _core(np.stack(rows.upper, axis=1))
    column_lower, varied_column_lower = _core(lower)
    column_upper, varied_column_upper = _core(upper)
    return Programme(
        name="company",
        offset=0.0,
        column_names=names,
        row_names=tuple(rows.names),
        stage_names=(*(f"date {k}" for k in range(tree.stages - 1)), "sales"),
        column_stage=stage,
        row_stage=np.array(rows.stage, dtype=np.int64),
        cost=cost,
        column_lower=column_lower,
        column_upper=column_upper,
        is_integer=np.arange(len(names)) < whole,
        row_lower=row_lower,
        row_upper=row_upper,
        entry_row=np.array([row for row, _, _ in rows.entry], dtype=np.int64),
        entry_column=np.array([column for _, column, _ in rows.entry], dtype=np.int64),
        entry_value=entry_value,
        tree=tree,
        varied_cost=nothing_varied(paths),
        varied_column_lower=varied_column_lower,
        varied_column_upper=varied_column_upper,
        varied_row_lower=varied_row_lower,
        varied_row_upper=varied_row_upper,
        varied_entry=varied_entry,
    )


def _tree(tree: ScenarioTree, group: Integers) -> Tree:
    """Return the tree of scenarios: each is alone at the last stage, where it is known what it sells."""
    _, first, counts = np.unique(group, return_index=True, return_counts=True)
    leaf = tree.nodes + np.arange(first.size)
    return Tree(probability=counts / group.size, node=np.hstack([tree.node[first], leaf[:, None]]))


def _core(values: Floats) -> tuple[Floats, Varied]:
    """Split [scenario, place] into what all scenarios share and what differs."""
    differs = np.flatnonzero((values != values[0]).any(axis=0))
    return values[0].copy(), Varied(places=differs, values=values[:, differs])
