"""What no rule can be worth more than; what hindsight and waiting are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.decide.bound.futures_within import Expected, Hindsight, Table, by_date, expect, look_back
from secondhall.decide.bound.hedge import bounded, learn_hedge
from secondhall.decide.bound.plans import sizes_of
from secondhall.decide.decision import Bound, Contender
from secondhall.futures import Estimate

__all__ = ["InformationBound", "bound_of"]

FOLDS = 2
"""The penalty of one half of the outer paths is learned on the other."""


LEAST_PATHS = 16
"""Outer paths, at least."""

MANY = 16
"""Sizes from which on the paths become fewer, so that as many plans are played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationBound:
    """How the bound is told.

    Attributes
    ----------
    paths, inner
        outer paths, and inner futures of each at each date.
    every
        months between two dates at which a plan may commit.
    hedges
        sizes that the penalty is made of, those that are worth most.
    """

    paths: int = 256
    inner: int = 8
    every: int = 3
    hedges: int = 4

    def limited(self, futures: int) -> InformationBound:
        """Return the same with fewer paths, for a decision that is judged on fewer futures."""
        return replace(self, paths=min(self.paths, max(futures // 32, LEAST_PATHS)))

    def shared(self, sizes: int) -> InformationBound:
        """Return the same with fewer paths where many sizes share the time."""
        return replace(self, paths=max(self.paths * MANY // max(sizes, MANY), min(self.paths, LEAST_PATHS)))


def bound_of(
    case: Case,
    belief: Belief,
    recommended: Contender,
    *,
    method: InformationBound,
    seed: int,
    threads: int | None = None,
    report: Callable[[str, int, int], None] = lambda _said, _done, _total: None,
) -> Bound | None:
    """Return what no rule can be worth more than; None for a case without options.

    The worth of the recommended rule is known from many futures, so only the difference to it is told here:
    path by path, where most of the chance is common to both.

    Parameters
    ----------
    recommended
        the rule, judged over many futures.
    method
        how many paths.
    seed
        of the paths; fresh ones.
    threads, report
        as everywhere.
    """
    sizes = sizes_of(case, slots_of(case))
    if not sizes:
        return None
    method = method.shared(len(sizes))
    dates = tuple(range(0, case.horizon_months, method.every))
    ticks = _Ticks(report, 2 * len(dates))
    table = partial(Table.laid, case, belief, dates, seed=seed, paths=method.paths)
    play = partial(by_date, threads=threads, tick=ticks.tick)
    seen = look_back(table(inner=1), recommended.rule, sizes, play)
    hedges = _most_worth(seen, method.hedges)
    expected = expect(table(inner=method.inner), recommended.rule, sizes, hedges, play)
    worth = recommended.gain
    perfect = _plus(worth, np.maximum(seen.now.max(axis=(0, 1)), 0.0) - seen.rule)
    penalised = _plus(worth, _crossed(expected) - expected.rule.mean(axis=0)[0])
    return Bound(
        upper=min(
            penalised, perfect, key=lambda bound: bound.value + 2.0 * float(np.nan_to_num(bound.error))
        ),
        perfect=perfect,
        informed=_plus(worth, _informed(expected, seen) - seen.rule),
        waiting=_waiting(expected),
        every=method.every,
        plans=1 + len(dates) * len(sizes),
        paths=method.paths,
        inner=method.inner,
    )


@dataclass
class _Ticks:
    report: Callable[[str, int, int], None]
    total: int
    done: int = 0

    def tick(self) -> None:
        self.done += 1
        self.report("bounding what any rule can be worth", self.done, self.total)


def _plus(worth: Estimate, difference: Floats) -> Estimate:
    """Return worth and a difference told on other futures, whose errors are independent."""
    more = Estimate.of_mean(difference)
    return Estimate(worth.value + more.value, float(np.hypot(worth.error, more.error)))


def _most_worth(seen: Hindsight, count: int) -> tuple[int, ...]:
    """Return the sizes that bring most at the best of their dates."""
    means = seen.now.mean(axis=-1).max(axis=0)
    return tuple(sorted(int(k) for k in np.argsort(-means)[:count]))


def _crossed(expected: Expected) -> Floats:
    """Return [path] the bound, its penalty learned on the half of the paths that a path is not in."""
    paths = expected.rule.shape[-1]
    halves = [slice(paths * k // FOLDS, paths * (k + 1) // FOLDS) for k in range(FOLDS)]
    return np.concatenate(
        [
            bounded(expected.of(here), learn_hedge(expected.of(there)))
            for here, there in zip(halves, halves[::-1], strict=True)
        ]
    )


def _informed(expected: Expected, seen: Hindsight) -> Floats:
    """Return [path] what it brings to commit the best size once the next date is expected to bring no more.

    It is told on the path itself, of which the inner futures know nothing beyond the date.
    """
    now = expected.now.mean(axis=0)
    later = expected.next_date.mean(axis=0).max(axis=1, initial=0.0)
    waits = np.maximum(later, expected.rule_next.mean(axis=0))
    takes = now.max(axis=1) > np.maximum(waits, 0.0)
    date, size = takes.argmax(axis=0), now.argmax(axis=1)
    paths = np.arange(now.shape[-1])
    return np.where(takes.any(axis=0), seen.now[date, size[date, paths], paths], 0.0)


def _waiting(expected: Expected) -> Estimate:
    """Return what the rule brings more than the better of never and the best commitment at the first date."""
    rule, now = expected.rule.mean(axis=0)[0], expected.now.mean(axis=0)[0]
    at_once = np.vstack([np.zeros_like(rule), now])
    return Estimate.of_mean(rule - at_once[at_once.mean(axis=1).argmax()])
