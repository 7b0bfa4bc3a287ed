"""Futures within futures: what each plan is expected to bring, given all that happened on a path so far.

On each of the outer paths, at each date t, a number of inner futures go on from the state that the path has
reached under nothing at all, with the parameters and the regime that it has. Their mean is an estimate of
E[. | G_t] without bias, G_t being all that chance has decided before t. The inner futures of a path
are the same at all its dates from then on, and the same for all plans, so that what is compared differs by
the plans and by what was learned between two dates alone. They come in two halves, told apart, so that what
is chosen by one half can be measured by the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import RuleTerms, engine, idle_terms, slots_of
from secondhall.company.layout import Floats, Rows
from secondhall.company.parameters import Integers, Parameters
from secondhall.decide.bound.plans import Size
from secondhall.decide.rules import NotBefore, Rule

if TYPE_CHECKING:
    from secondhall.company.kernels.blocks import Model

__all__ = ["Expected", "Hindsight", "Table", "by_date", "expect", "look_back"]

HALVES = 2

_GROUPS = ("segment", "segment_regime", "hall", "phase", "role", "firm", "firm_regime")


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What each half of the inner futures expects of each plan at each date; all less what never brings.

    Attributes
    ----------
    now
        [half, date, size, path] E[NPV of committing a size at this date | G].
    next_date
        [half, date, hedge, path] of committing at the next date, as expected at this one; for ``hedges``.
    hedges
        [hedge] the sizes for which it is known.
    rule, rule_next
        [half, date, path] of following the rule that is recommended from this date on, from the next date on.
    """

    now: Floats
    next_date: Floats
    hedges: tuple[int, ...]
    rule: Floats
    rule_next: Floats

    def of(self, paths: slice) -> Expected:
        """Return some of the paths."""
        return Expected(
            self.now[..., paths],
            self.next_date[..., paths],
            self.hedges,
            self.rule[..., paths],
            self.rule_next[..., paths],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Hindsight:
    """What each plan brings on the outer paths themselves; all less what never brings.

    Attributes
    ----------
    now
        [date, size, path] NPV of committing a size at a date.
    rule
        [path] NPV of the rule that is recommended.
    """

    now: Floats
    rule: Floats


@dataclass(frozen=True)
class Table:
    """What is laid out once: the parameters of the paths, each as often as it has inner futures.

    Attributes
    ----------
    dates
        months from the start in which a plan may commit.
    seed, paths, inner
        which outer paths, and how many inner futures each has; with one, it is the path's own future.
    """

    case: Case
    known: Parameters
    dates: tuple[int, ...]
    seed: int
    paths: int
    inner: int
    blocks: Model

    @classmethod
    def laid(
        cls, case: Case, belief: Belief, dates: tuple[int, ...], *, seed: int, paths: int, inner: int
    ) -> Table:
        """Return the table of some paths."""
        p = belief.parameters(seed, np.arange(paths))
        each: dict[str, Any] = {
            group: Rows(rows.names, np.repeat(rows.array, inner, axis=-1))
            for group in _GROUPS
            if (rows := getattr(p, group)).array.shape[-1] == paths
        }
        return cls(case, belief.known(), dates, seed, paths, inner, engine.blocks_of(replace(p, **each)))

    @property
    def halls(self) -> int:
        """Hall slots."""
        return self.known.halls

    def lived(self, month: int) -> Integers:
        """Return [month, path] whose chance each path lives: its own before ``month``, then fresh chance."""
        own = np.repeat(np.arange(self.paths), self.inner)
        fresh = self.paths + np.arange(self.paths * self.inner)
        before = np.arange(self.known.months)[:, None] < month
        return np.where(before | (self.inner == 1), own, fresh)

    def over_never(self, rules: Sequence[RuleTerms], month: int) -> Floats:
        """Return [half, rule, path] the mean NPV over half of the inner futures, less that of never.

        A path without inner futures has one half, itself.
        """
        npv, _ = engine.play_branches(
            self.known,
            [idle_terms(self.halls), *rules],
            seed=self.seed,
            paths=self.lived(month),
            month=month,
            blocks=self.blocks,
        )
        halves = 1 if self.inner == 1 else HALVES
        over = (npv[1:] - npv[0]).reshape(len(rules), self.paths, halves, self.inner // halves)
        return np.moveaxis(over.mean(axis=-1), 2, 0)

    def held(self, rule: Rule, month: int) -> RuleTerms:
        """Return the terms of a rule that rests until a month."""
        return NotBefore(rule, self.case.start + month).terms(self.case, slots_of(self.case))


Rules = Callable[[int, int | None], Sequence[RuleTerms]]
"""The rules of a date, from its month and the next one's; None at the last."""

Play = Callable[[Table, Rules], Floats]


def by_date(table: Table, rules: Rules, *, threads: int | None, tick: Callable[[], None]) -> Floats:
    """Return [half, date, rule, path] what the rules of each date bring; ``tick`` is called after each."""

    def one(month: int, next_month: int | None) -> Floats:
        found = table.over_never(rules(month, next_month), month)
        tick()
        return found

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        return np.stack(list(pool.map(one, table.dates, [*table.dates[1:], None])), axis=1)


def expect(table: Table, rule: Rule, sizes: Sequence[Size], hedges: Sequence[int], play: Play) -> Expected:
    """Return what is expected of each plan at each date.

    Parameters
    ----------
    table
        paths with inner futures.
    rule
        that is recommended.
    sizes
        what may be committed.
    hedges
        the sizes of which is also asked what committing them at the next date brings.
    play
        `by_date`.
    """

    def rules(month: int, next_month: int | None) -> list[RuleTerms]:
        late = [sizes[k].terms(table.halls, next_month) for k in hedges]
        held = [
            table.held(rule, m) for m in (month, table.known.months if next_month is None else next_month)
        ]
        return [*(size.terms(table.halls, month) for size in sizes), *late, *held]

    found, count = play(table, rules), len(sizes)
    return Expected(
        found[:, :, :count], found[:, :, count:-2], tuple(hedges), found[:, :, -2], found[:, :, -1]
    )


def look_back(table: Table, rule: Rule, sizes: Sequence[Size], play: Play) -> Hindsight:
    """Return what each plan brings on the paths themselves, seen from the end."""
    [now] = play(table, lambda month, _: [size.terms(table.halls, month) for size in sizes])
    return Hindsight(now, table.over_never([table.held(rule, 0)], 0)[0, 0])
