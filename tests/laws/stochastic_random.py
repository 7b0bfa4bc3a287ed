"""Small random stochastic programmes that are sure to have a solution."""

from dataclasses import replace

import numpy as np

from secondhall.stochastic import Programme, Tree, Varied, nothing_varied


def random_two_stage(seed: int, *, scenarios: int = 4, integer_recourse: bool = True) -> Programme:
    """Two kinds of capacity, up to 3 units each and one of them divisible, serve two demands.

    What is not served is lost, at a price. Row i of the second stage: sum_k effect_ik(s) y_ik + lost_i >=
    demand_i(s); row k: sum_i y_ik <= x_k.
    """
    rng = np.random.default_rng(seed)
    columns = ["x0", "x1", "y00", "y01", "y10", "y11", "lost0", "lost1"]
    row, column, value = [0, 0], [0, 1], [1.0, 1.0]
    for k in range(2):
        row += [1 + k] * 3
        column += [2 + k, 4 + k, k]
        value += [1.0, 1.0, -1.0]
    for i in range(2):
        row += [3 + i] * 3
        column += [2 + 2 * i, 3 + 2 * i, 6 + i]
        value += [1.0, 1.0, 1.0]
    effects = np.array([e for e, (r, c) in enumerate(zip(row, column, strict=True)) if r >= 3 and c < 6])
    most = [3.0, 3.0, *[2.0] * 4, *[4.0] * 2]
    return Programme(
        name=f"random{seed}",
        offset=float(rng.integers(-3, 4)),
        column_names=tuple(columns),
        row_names=("most", "use0", "use1", "demand0", "demand1"),
        stage_names=("now", "later"),
        column_stage=np.array([0, 0, *[1] * 6]),
        row_stage=np.array([0, 1, 1, 1, 1]),
        cost=np.concatenate([rng.uniform(1, 4, 2), rng.uniform(0, 2, 4), rng.uniform(5, 9, 2)]),
        column_lower=np.zeros(8),
        column_upper=np.array(most),
        is_integer=np.array([True, False, *[integer_recourse] * 6]),
        row_lower=np.array([-np.inf, -np.inf, -np.inf, 2.0, 2.0]),
        row_upper=np.array([5.0, 0.0, 0.0, np.inf, np.inf]),
        entry_row=np.array(row),
        entry_column=np.array(column),
        entry_value=np.array(value),
        tree=Tree(
            probability=rng.dirichlet(np.full(scenarios, 4.0)),
            node=np.stack([np.zeros(scenarios, np.int64), 1 + np.arange(scenarios)], axis=1),
        ),
        varied_cost=nothing_varied(scenarios),
        varied_column_lower=nothing_varied(scenarios),
        varied_column_upper=nothing_varied(scenarios),
        varied_row_lower=Varied(
            places=np.array([3, 4]), values=rng.integers(0, 5, (scenarios, 2)).astype(float)
        ),
        varied_row_upper=nothing_varied(scenarios),
        varied_entry=Varied(places=effects, values=rng.uniform(0.5, 1.5, (scenarios, effects.size)).round(2)),
    )


def random_three_stage(seed: int) -> Programme:
    """A unit bought in each of three stages serves demand from then on; what lacks is lost, at a price.

    Stage t: lost_t + sum_{u <= t} x_u >= demand_t(node). Two branches at each node.
    """
    rng = np.random.default_rng(seed)
    base = random_two_stage(seed)
    row = np.array([t for t in range(3) for _ in range(t + 2)])
    column = np.array([c for t in range(3) for c in (*range(t + 1), 3 + t)])
    node = np.array([[0, 1 + s // 2, 3 + s] for s in range(4)])
    demand = rng.integers(0, 5, 7).astype(float)
    return replace(
        base,
        column_names=("x0", "x1", "x2", "lost0", "lost1", "lost2"),
        row_names=("r0", "r1", "r2"),
        stage_names=("a", "b", "c"),
        column_stage=np.array([0, 1, 2, 0, 1, 2]),
        row_stage=np.arange(3),
        cost=np.concatenate([rng.uniform(1, 4, 3), rng.uniform(1, 4, 3)]),
        column_lower=np.zeros(6),
        column_upper=np.array([2.0, 2.0, 2.0, 9.0, 9.0, 9.0]),
        is_integer=np.array([True, True, True, False, False, False]),
        row_lower=np.array([1.0, 1.0, 1.0]),
        row_upper=np.full(3, np.inf),
        entry_row=row,
        entry_column=column,
        entry_value=np.ones(row.size),
        tree=Tree(probability=rng.dirichlet(np.full(4, 4.0)), node=node),
        varied_row_lower=Varied(
            places=np.arange(1, 3), values=np.column_stack([demand[node[:, t]] for t in (1, 2)])
        ),
        varied_entry=nothing_varied(4),
    )
