"""Small random restructurings and every plan of them, tried one by one in plain loops."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from secondhall.recover.problem import Fate, Problem, Quota, Redeployment, Waiver, Wave


def small_problem(seed: int) -> Problem:
    """Return a random problem of 1 to 3 halls, 1 to 3 roles, 6 months, 1 to 3 scenarios, 1 or 2 tides."""
    rng = np.random.default_rng(seed)
    months, scenarios = 6, int(rng.integers(1, 4))
    halls, roles = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    tide = np.sort(rng.integers(0, 2, scenarios))
    tide = (tide - tide.min()).astype(np.int64)
    review = int(rng.integers(1, 6))
    fates = [Fate(hall=h, action="keep", month=0) for h in range(halls)]
    for h in range(halls):
        for action in ("mothball", "close")[: int(rng.integers(0, 3 if halls < 3 else 2))]:
            months_of = sorted(rng.choice(months, size=2 if halls < 3 else 1, replace=False).tolist())
            fates += [Fate(hall=h, action=action, month=m) for m in months_of]
    shape = (scenarios, len(fates), months)
    begins = np.array([fate.month for fate in fates])[:, None] <= np.arange(months)
    is_keep = np.array([fate.action == "keep" for fate in fates])
    size = rng.uniform(20.0, 60.0, halls)[[fate.hall for fate in fates]]
    gone = np.where(is_keep[:, None], 0.0, begins)
    cash = rng.uniform(-2.0, 4.0, shape) * gone
    posts = rng.integers(1, 5, roles).astype(float)
    attrition = rng.choice([0.0, 0.05], roles)
    natural = posts[:, None] * (1.0 - attrition[:, None]) ** np.arange(1, months + 1)
    demand = rng.uniform(0.3, 1.0, (scenarios, months)) * size[is_keep].sum()
    waves = _waves(rng, roles, months)
    return Problem(
        months=months, review=review, probability=rng.dirichlet(np.ones(scenarios)), tide=tide,
        halls=tuple(f"hall {h}" for h in range(halls)), roles=tuple(f"role {r}" for r in range(roles)),
        fates=tuple(fates), fate_cash=cash,
        fate_value=cash.sum(axis=2) + rng.uniform(-2.0, 4.0, shape[:2]) * ~is_keep,
        fate_units=rng.uniform(0.0, 20.0, shape[:2]) * ~is_keep * (rng.random(len(fates)) < 0.7),
        fate_lost=rng.uniform(0.0, 8.0, shape) * gone, fate_capacity=size[:, None] * (1.0 - 0.8 * gone),
        fate_open=1.0 - gone, demand=demand,
        unit_cash=rng.uniform(0.0, 0.1, (scenarios, months)),
        unit_value=rng.uniform(0.0, 0.2, (scenarios, months)),
        move_rate=float(rng.uniform(5.0, 20.0)), posts=posts, attrition=attrition,
        floor=np.minimum(rng.uniform(0.0, 2.0, (roles, 1)) + np.zeros(months), natural),
        need=rng.uniform(0.0, 2.0, (scenarios, roles, months)), need_per_hall=rng.choice([0.0, 0.5], roles),
        wage=rng.uniform(0.5, 1.5, (roles, months)), post_value=rng.uniform(0.5, 2.0, (roles, months)),
        hire_value=rng.uniform(0.2, 3.0, (roles, months)),
        waves=waves, quotas=_quota(rng, len(waves)), redeployments=_redeployments(rng, roles, months),
        waiver=_waiver(rng, scenarios, months),
        cash=rng.uniform(0.0, 8.0, scenarios), flow=rng.uniform(0.0, 8.0, (scenarios, months)),
        line=rng.uniform(0.0, 4.0, (scenarios, months)), minimum_cash=1.0,
        commitment=rng.uniform(5.0, 45.0, scenarios), fail_limit=float(rng.choice([0.0, 0.4])),
        value=rng.uniform(-20.0, 60.0, scenarios),
    )  # fmt: skip


def _waves(rng: np.random.Generator, roles: int, months: int) -> tuple[Wave, ...]:
    waves = []
    for k in range(int(rng.integers(0, 3))):
        announced = int(rng.integers(0, months - 2))
        least = int(rng.integers(1, 3))
        leave = announced + int(rng.integers(0, 4))
        fixed = rng.uniform(0.0, 1.0) * (np.arange(months) == announced)
        waves.append(
            Wave(
                name=f"wave {k}", is_collective=bool(rng.random() < 0.6), announced=announced,
                least=least, most=least + int(rng.integers(0, 2)), leave=leave,
                volunteers_leave=announced + int(rng.integers(0, 2)),
                volunteer_share=float(rng.choice([0.0, 0.5, 1.0])),
                dismissal_cash=rng.uniform(0.0, 2.0, (roles, months)) * (np.arange(months) == leave),
                dismissal_value=rng.uniform(0.0, 2.0, roles),
                volunteer_cash=rng.uniform(0.0, 2.0, (roles, months)) * (np.arange(months) == announced),
                volunteer_value=rng.uniform(0.0, 3.0, roles),
                fixed_cash=fixed, fixed_value=float(fixed.sum()),
            )
        )  # fmt: skip
    return tuple(waves)


def _quota(rng: np.random.Generator, waves: int) -> tuple[Quota, ...]:
    if waves < 2 or rng.random() < 0.5:
        return ()
    return (Quota(words="together", waves=(0, 1), most=2),)


def _redeployments(rng: np.random.Generator, roles: int, months: int) -> tuple[Redeployment, ...]:
    if roles < 2 or rng.random() < 0.6:
        return ()
    discount = tuple(rng.uniform(0.8, 1.0, months).tolist())
    return (Redeployment(source=0, target=1, most=1, cost=0.3, discount=discount),)


def _waiver(rng: np.random.Generator, scenarios: int, months: int) -> Waiver | None:
    if rng.random() < 0.6:
        return None
    cash = rng.uniform(0.0, 0.2, months)
    return Waiver(cash=cash, value=float(cash.sum()), line=rng.uniform(0.0, 6.0, (scenarios, months)))


@dataclass(frozen=True)
class _Choice:
    """What one tide does: fates by hall, two counts of posts by wave and role, moves by pair and month."""

    fates: tuple[int, ...]
    waves: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    moved: tuple[tuple[int, ...], ...]


def plans_of(problem: Problem) -> int:
    """Return how many choices a tide has."""
    return sum(1 for _ in _choices(problem))


def best_of_all(problem: Problem) -> tuple[float, float]:
    """Return the best value and the least expected cheque of all plans; infinite (worse than any) for none.

    The tides meet only in what they decide before the review, in the waiver, and in the scenarios that may
    fail: for each of these, the best that each tide can do with what is its own.
    """
    tides = int(problem.tide.max()) + 1
    best = np.full(2, np.inf)
    for waived in (False, True) if problem.waiver is not None else (False,):
        by_tide = []
        for tide in range(tides):
            members = np.flatnonzero(problem.tide == tide)
            share = problem.probability[members]
            table: dict[tuple[object, frozenset[int]], np.ndarray] = {}
            for choice in _choices(problem):
                played = _play(problem, choice, members, waived)
                if played is None:
                    continue
                value, cheque = played
                fails = frozenset(members[cheque > problem.commitment[members] + 1e-9].tolist())
                key = (_before_review(problem, choice), fails)
                scores = np.array([-share @ value, share @ cheque])
                table[key] = np.minimum(table.get(key, np.inf), scores)
            by_tide.append(table)
        for parts in product(*(table.items() for table in by_tide)):
            failing = sorted(set().union(*(key[1] for key, _ in parts)))
            is_possible = problem.probability[failing].sum() <= problem.fail_limit + 1e-9
            if len({key[0] for key, _ in parts}) == 1 and is_possible:
                best = np.minimum(best, sum(scores for _, scores in parts))
    return -float(best[0]), float(best[1])


def _choices(problem: Problem):
    """Yield every choice of one tide that the law and the numbers of posts allow."""
    by_hall = [
        [f for f, fate in enumerate(problem.fates) if fate.hall == h] for h in range(len(problem.halls))
    ]
    waves = [list(_counts(problem, wave)) for wave in problem.waves]
    moves = [list(_moves(problem, pair)) for pair in problem.redeployments]
    plans = [plan for plan in product(*waves) if _is_lawful(problem, plan)]
    for fates in product(*by_hall):
        for plan in plans:
            for moved in product(*moves):
                yield _Choice(fates, plan, moved)


def _counts(problem: Problem, wave: Wave):
    roles = len(problem.roles)
    posts = [range(int(count) + 1) for count in problem.posts]
    none = [range(1)] * roles
    dismissed = posts if wave.leave < problem.months else none
    volunteers = posts if wave.volunteers_leave < problem.months else none
    for n in product(*dismissed):
        for v in product(*volunteers) if sum(n) <= wave.most else ():
            total = sum(n) + sum(v)
            allowed = total == 0 or wave.least <= total <= wave.most
            if allowed and sum(v) <= wave.volunteer_share * total + 1e-9:
                yield n, v


def _moves(problem: Problem, pair: Redeployment):
    assert pair.most == 1
    yield (0,) * problem.months
    for month in range(problem.months):
        yield tuple(int(m == month) for m in range(problem.months))


def _is_lawful(problem: Problem, plan) -> bool:
    gone = [sum(n) + sum(v) for n, v in plan]
    for quota in problem.quotas:
        if sum(gone[w] for w in quota.waves) > quota.most:
            return False
    for early in (True, False):
        held = [
            w
            for w, wave in enumerate(problem.waves)
            if wave.is_collective and gone[w] and (wave.announced < problem.review) == early
        ]
        if len(held) > 1:
            return False
    return True


def _before_review(problem: Problem, choice: _Choice):
    fates = tuple(
        f if problem.fates[f].action != "keep" and problem.fates[f].month < problem.review else None
        for f in choice.fates
    )
    waves = tuple(
        counts if wave.announced < problem.review else None
        for wave, counts in zip(problem.waves, choice.waves, strict=True)
    )
    return fates, waves, tuple(months[: problem.review] for months in choice.moved)


def _play(problem: Problem, choice: _Choice, members, waived: bool):  # noqa: C901, plain on purpose
    """Return values and cheques of a tide's scenarios, month after month, or None where something refuses."""
    level = problem.posts.copy()
    procedures, worth = 0.0, 0.0
    value = problem.value[members].copy()
    cash = problem.cash[members].copy()
    cheque = np.zeros(members.size)
    for w, (n, v) in enumerate(choice.waves):
        wave = problem.waves[w]
        worth += wave.dismissal_value @ n + wave.volunteer_value @ v
        worth += wave.fixed_value if sum(n) + sum(v) else 0.0
    for f in choice.fates:
        value += problem.fate_value[members, f]
    for t in range(problem.months):
        level = level * (1.0 - problem.attrition)
        procedures = 0.0
        for w, (n, v) in enumerate(choice.waves):
            wave = problem.waves[w]
            if t == wave.leave:
                level = level - np.array(n)
            if t == wave.volunteers_leave:
                level = level - np.array(v)
            procedures += wave.dismissal_cash[:, t] @ n + wave.volunteer_cash[:, t] @ v
            procedures += wave.fixed_cash[t] if sum(n) + sum(v) else 0.0
        for i, months in enumerate(choice.moved):
            pair = problem.redeployments[i]
            level[pair.source] -= months[t]
            level[pair.target] += months[t]
            procedures += pair.cost * months[t]
            worth += pair.cost * months[t] * pair.discount[t]
        if (level < np.maximum(problem.floor[:, t], 0.0) - 1e-9).any():
            return None
        line = problem.line[members, t]
        if waived:
            procedures += problem.waiver.cash[t]
            line = line + problem.waiver.line[members, t]
        for k, s in enumerate(members):
            moved = sum(problem.fate_units[s, f] for f in choice.fates if problem.fates[f].month <= t)
            room = sum(problem.fate_capacity[f, t] + problem.fate_lost[s, f, t] for f in choice.fates)
            if moved > problem.move_rate * t + 1e-9:
                return None
            unserved = max(problem.demand[s, t] - room, 0.0)
            halls = sum(problem.fate_open[f, t] for f in choice.fates)
            hired = [
                max(problem.need[s, r, t] + problem.need_per_hall[r] * halls - level[r], 0.0)
                for r in range(level.size)
            ]
            cash[k] += problem.flow[s, t] + sum(problem.fate_cash[s, f, t] for f in choice.fates) - procedures
            cash[k] -= sum(problem.wage[r, t] * (level[r] + hired[r]) for r in range(level.size))
            cash[k] -= problem.unit_cash[s, t] * unserved
            cheque[k] = max(cheque[k], problem.minimum_cash - line[k] - cash[k])
            value[k] -= problem.unit_value[s, t] * unserved
            value[k] -= problem.post_value[:, t] @ level + problem.hire_value[:, t] @ hired
    if waived:
        worth += problem.waiver.value
    return value - worth, cheque
