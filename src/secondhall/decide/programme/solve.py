"""The one verb: the stochastic programme of a case, solved, measured and played in the company."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.decide.programme.build import Built, build_programme
from secondhall.decide.programme.economics import economics_of, worth_of_room
from secondhall.decide.programme.method import TreeProgramme
from secondhall.decide.programme.policy import TreePolicy, play_policy, policy_of
from secondhall.decide.programme.result import Branch, InSample, OutOfSample, ProgrammeResult
from secondhall.decide.programme.sample import Sample, sample_of
from secondhall.decide.programme.tree import ScenarioTree, bundle, scenarios_of, states_at
from secondhall.decide.rules import Never, Rule
from secondhall.decide.scoring import score_parts
from secondhall.errors import NoAnswerError
from secondhall.futures import TAIL, Estimate, RuleToPlay, difference, play_rules, probability
from secondhall.stochastic import (
    Limits,
    Programme,
    Solution,
    cost_of_scenarios,
    expected_value_programme,
    solve_extensive,
    wait_and_see_costs,
    with_cvar,
    with_first_stage,
)

__all__ = ["programme_of", "tree_of"]

FRESH_SEED = 1_000_003
"""Added to the seed for the futures on which the policy is played."""


def programme_of(
    case: Case,
    belief: Belief,
    *,
    seed: int,
    weight: float,
    method: TreeProgramme | None = None,
    beside: Rule | None = None,
    threads: int | None = None,
) -> ProgrammeResult | None:
    """Solve the stochastic programme of a case; None for a case in which nothing can be committed.

    Parameters
    ----------
    case, belief
        of the decision.
    seed
        of the paths in the tree; the policy is played on others.
    weight
        on the CVaR at 5 %, beside the expected NPV.
    method
        how large.
    beside
        a rule that is played on the same fresh futures.
    threads
        how many play futures; all cores when None.

    Raises
    ------
    NoAnswerError
        When the solver was stopped before it found any solution.

    Examples
    --------
    >>> from secondhall.belief.prior import Prior
    >>> from secondhall.case import read_case
    >>> case = read_case("paris2006")
    >>> small = TreeProgramme(paths=64, scenarios=16, fresh=64, dates=(0, 12), children=(2,))
    >>> found = programme_of(case, Prior(case), seed=7, weight=0.2, method=small)
    >>> found.now
    (Deed(name='paris_c', copies=1, closes=False),)
    """
    if not slots_of(case).slots[slots_of(case).first_new :]:
        return None
    method = method or TreeProgramme()
    sample = sample_of(case, belief, paths=method.paths, seed=seed, threads=threads)
    tree = tree_of(sample, method)
    group = scenarios_of(tree, _marks(sample), method.scenarios)
    built = build_programme(economics_of(sample, method.dates, method.period_months), tree, group)
    solved = _solve(built, weight, Limits(gap=method.gap, seconds=method.seconds))
    policy = policy_of(built, tree, solved.solution.by_node)
    own = play_policy(case, belief, policy, paths=method.paths, seed=seed, threads=threads)
    played = difference(score_parts(own["npv"], weight), score_parts(sample.npv, weight))
    fresh = _Fresh(case, belief, method.fresh, seed + FRESH_SEED, threads)
    return ProgrammeResult(
        inside=_in_sample(built, solved, group, sample, weight, played),
        outside=_out_of_sample(fresh, policy, beside, weight),
        branches=branches_of(policy, sample),
    )


def tree_of(sample: Sample, method: TreeProgramme) -> ScenarioTree:
    """Return the tree of a sample."""
    worth, later = worth_of_room(sample), method.dates[1:]
    return bundle(
        method.dates,
        {date: states_at(sample.never, date) for date in later},
        {date: worth[date] for date in method.dates},
        children=method.children,
        least=method.least,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """The programme's answer, and [path] NPV of the plans that measure it, in the scale of the programme."""

    solution: Solution
    npv: Floats
    planned_for_mean: Floats
    foreseen: Floats


def _solve(built: Built, weight: float, limits: Limits) -> _Solved:
    """Solve the programme, that of the mean, the programme with its first stage, and each path alone."""
    programme = built.programme
    best = _solution(with_risk(programme, weight), limits)
    mean = _solution(expected_value_programme(programme), limits)
    decided = np.round(mean.first_stage)
    is_same = np.array_equal(decided, np.round(best.first_stage[: decided.size]))
    held = best if is_same else _solution(with_risk(with_first_stage(programme, decided), weight), limits)
    return _Solved(
        solution=best,
        npv=_npv(programme, best),
        planned_for_mean=_npv(programme, held),
        foreseen=-wait_and_see_costs(programme, limits),
    )


def with_risk(programme: Programme, weight: float) -> Programme:
    """(G9) Return the programme that minds the worst twentieth as the score of a rule does."""
    return with_cvar(programme, level=1.0 - TAIL, weight=weight)


def _solution(programme: Programme, limits: Limits) -> Solution:
    solution = solve_extensive(programme, limits, keeps_best=False)
    if not solution.has_values:
        raise NoAnswerError(f"the stochastic programme has no solution: {solution.status.value}")
    return solution


def _npv(programme: Programme, solution: Solution) -> Floats:
    """Return [path] NPV of a solution, whose CVaR columns stand after those of the programme."""
    stage = programme.tree.stage_of_node()
    counts = np.bincount(programme.column_stage, minlength=programme.tree.stages)
    own = tuple(values[: counts[stage[node]]] for node, values in enumerate(solution.by_node))
    return -cost_of_scenarios(programme, own)


def _in_sample(
    built: Built, solved: _Solved, group: Integers, sample: Sample, weight: float, played: Estimate
) -> InSample:
    """(G11) Return the figures of the programme over never, with the error of so many paths."""
    scale, solution, share = built.scale, solved.solution, built.programme.tree.probability
    never = np.bincount(group, sample.npv) / np.bincount(group)
    plans = (scale * solved.npv, never, scale * solved.planned_for_mean, scale * solved.foreseen)
    own, idle, mean, foreseen = (_parts(npv, share, weight) for npv in plans)

    def over(first: Floats, second: Floats) -> Estimate:
        value = float(share @ (first - second))
        spread = float(share @ (first - second - value) ** 2)
        return Estimate(value, (spread / sample.paths) ** 0.5 if share.size > 1 else float("nan"))

    worth = over(own, idle)
    return InSample(
        paths=sample.paths,
        scenarios=share.size,
        status=solution.status.value,
        worth=worth,
        bound=worth.value + scale * max(solution.objective - solution.bound, 0.0),
        played=played,
        vss=over(own, mean),
        evpi=over(foreseen, own),
    )


def _parts(npv: Floats, share: Floats, weight: float) -> Floats:
    """Return [scenario] values whose mean is (1 - weight) E[NPV] + weight CVaR (R4), like `score_parts`."""
    order = np.argsort(npv)
    q = npv[order][np.searchsorted(np.cumsum(share[order]), TAIL - 1e-12)]
    parts: Floats = (1.0 - weight) * npv + weight * (q + np.minimum(npv - q, 0.0) / TAIL)
    return parts


def _marks(sample: Sample) -> Floats:
    """Return [path, mark] by which paths are gathered: what never and what more room are worth."""
    return np.stack([sample.npv, worth_of_room(sample)[0]], axis=1)


def branches_of(policy: TreePolicy, sample: Sample) -> tuple[Branch, ...]:
    """Return the nodes in the order in which a reader goes down the tree."""
    tree = policy.tree
    states = {date: states_at(sample.never, date) for date in tree.dates[1:]}
    share = tree.probability
    found: list[Branch] = []

    def walk(node: int, depth: int) -> None:
        date = tree.dates[depth]
        here = tree.node[:, depth] == node
        seen = None if depth == 0 else tuple(float(v) for v in states[date][here].mean(axis=0))
        found.append(Branch(depth, date, float(share[node]), seen, policy.deeds[node]))
        if depth + 1 < len(tree.dates):
            for child in np.unique(tree.node[here, depth + 1]).tolist():
                walk(child, depth + 1)

    walk(0, 0)
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Fresh:
    """Futures that are not in the tree."""

    case: Case
    belief: Belief
    paths: int
    seed: int
    threads: int | None


def _out_of_sample(fresh: _Fresh, policy: TreePolicy, beside: Rule | None, weight: float) -> OutOfSample:
    """Play the policy in the company, beside never and a rule."""
    case, belief, slots = fresh.case, fresh.belief, slots_of(fresh.case)
    own = play_policy(case, belief, policy, paths=fresh.paths, seed=fresh.seed, threads=fresh.threads)
    rules: list[Rule] = [Never()] if beside is None else [Never(), beside]
    never, *others = play_rules(
        belief,
        [RuleToPlay(rule.name, rule.terms(case, slots)) for rule in rules],
        start=case.start,
        paths=fresh.paths,
        seed=fresh.seed,
        banded=False,
        threads=fresh.threads,
    )
    score, npv = score_parts(own["npv"], weight), never.outcomes["npv"]
    failed, idle_failed = own["insolvency_month"] >= 0.0, never.outcomes["insolvency_month"] >= 0.0
    return OutOfSample(
        futures=fresh.paths,
        worth=difference(score, score_parts(npv, weight)),
        gain=difference(own["npv"], npv),
        insolvency=probability(failed),
        insolvency_over_never=difference(failed.astype(float), idle_failed.astype(float)),
        rule=None if beside is None else beside.name,
        over_rule=difference(score, score_parts(others[0].outcomes["npv"], weight)) if others else None,
    )
