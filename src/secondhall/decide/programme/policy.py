"""The tree's policy played in the company: each path finds its nodes by what it shows and follows their plan.

A path shows what it shows under never, also after its first commitment: what a node does was planned from the
same. So all paths are played under never once, and each plan on the paths whose plan it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import RuleTerms, Slots, idle_terms, slots_of
from secondhall.company import engine as company_engine
from secondhall.company.layout import OUTCOMES, Floats
from secondhall.company.parameters import Integers
from secondhall.decide.programme.build import Built
from secondhall.decide.programme.sample import SEEN, play_never
from secondhall.decide.programme.tree import ScenarioTree, states_at

__all__ = ["Deed", "TreePolicy", "play_policy", "policy_of"]


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """What is done at a node: so many copies of an option committed, or a hall closed."""

    name: str
    copies: int
    closes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TreePolicy:
    """What is done at each node of a tree.

    Attributes
    ----------
    tree
        the nodes, and how a path finds them.
    deeds
        [node] what is done there.
    """

    tree: ScenarioTree
    deeds: tuple[tuple[Deed, ...], ...]

    def terms(self, nodes: tuple[int, ...], slots: Slots) -> RuleTerms:
        """Return the dated plan (D6) of a path through these nodes, one for each date."""
        idle = idle_terms(len(slots.slots))
        commit, close = idle.commit_month.copy(), idle.close_month.copy()
        used: dict[str, int] = {}
        for date, node in zip(self.tree.dates, nodes, strict=True):
            for deed in self.deeds[node]:
                if deed.closes:
                    close[slots.of_hall(deed.name)] = date
                    continue
                first = used.get(deed.name, 0)
                used[deed.name] = first + deed.copies
                for slot in slots.of_option(deed.name)[first : first + deed.copies]:
                    commit[slot] = date
        return replace(idle, commit_month=commit, close_month=close)


def policy_of(built: Built, tree: ScenarioTree, by_node: tuple[Floats, ...]) -> TreePolicy:
    """Return the policy of a solution of a programme."""
    deeds = []
    for k in range(len(tree.dates)):
        here = [(hall.name, closes) for at, hall, closes in built.decided if at == k]
        for node in np.unique(tree.node[:, k]).tolist():
            counts = np.round(by_node[node][: len(here)]).astype(int).tolist()
            deeds.append(
                tuple(
                    Deed(name, count, how) for (name, how), count in zip(here, counts, strict=True) if count
                )
            )
    return TreePolicy(tree, tuple(deeds))


def play_policy(
    case: Case, belief: Belief, policy: TreePolicy, *, paths: int, seed: int, threads: int | None = None
) -> Mapping[str, Floats]:
    """Return name to [path] outcomes of the policy on the paths 0 .. ``paths`` - 1 of a seed."""
    tree, node = policy.tree, np.zeros((paths, 1), dtype=np.int64)
    if len(tree.dates) > 1:
        months = tree.dates[-1]
        never = play_never(case, belief, SEEN, months=months, paths=paths, seed=seed, threads=threads)
        node = tree.assign({date: states_at(never.kept, date) for date in tree.dates[1:]})
    return _play_plans(case, belief, policy, node, seed)


def _play_plans(
    case: Case, belief: Belief, policy: TreePolicy, node: Integers, seed: int
) -> dict[str, Floats]:
    """Play each distinct plan on the paths that follow it."""
    slots, known = slots_of(case), belief.known()
    outcomes = np.empty((len(OUTCOMES), node.shape[0]))
    routes, route = np.unique(node, axis=0, return_inverse=True)
    plans: dict[str, tuple[RuleTerms, list[int]]] = {}
    for n, nodes in enumerate(routes.tolist()):
        terms = policy.terms(tuple(nodes), slots)
        key = repr((terms.commit_month.tolist(), terms.close_month.tolist()))
        plans.setdefault(key, (terms, []))[1].append(n)
    for terms, followed in plans.values():
        own = np.flatnonzero(np.isin(route.ravel(), followed))
        played = company_engine.play_paths(belief.parameters(seed, own), known, terms, seed=seed, paths=own)
        outcomes[:, own] = played.outcomes
    return dict(zip(OUTCOMES, outcomes, strict=True))
