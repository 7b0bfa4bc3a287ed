"""Search: the best rule that a board can read, by simulation on common random numbers.

Every rule is a place on the grids of its family (`families`). All families are sampled over few futures; the
better half is searched by differential evolution (Storn and Price, *J. Global Optim.* 11 (1997) 341; SciPy's,
on whole numbers) over more; the best rules of all are played over most. This is successive halving (Jamieson
and Talwalkar, AISTATS 2016): the futures double while the rules become fewer. All rules see the same futures,
so what is compared is the difference between rules. What is found is judged elsewhere, on fresh futures: the
score of the winner of a search is biased upwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.decide.families import Family
from secondhall.decide.rules import Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.trials import Trial, Trials
from secondhall.progress import Report

__all__ = ["RuleSearch", "search"]


FORBIDDEN = 1e15
"""Loss of a rule that just breaks the limit: more than any score in any currency."""

SURELY = 2.0
"""Standard errors by which a rule surely keeps the limit, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSearch:
    """How long is searched.

    Attributes
    ----------
    first, second, last
        futures of the three rounds.
    sampled
        rules of each family in the first round, and the population of the second.
    generations
        of the second round.
    families
        that go on to the second round at least; half of them where that is more, up to three times as many.
    best
        rules of each family that go on to the last round.
    """

    first: int = 512
    second: int = 1024
    last: int = 4096
    sampled: int = 16
    generations: int = 8
    families: int = 4
    best: int = 4

    def limited(self, futures: int) -> RuleSearch:
        """Return the same with no round of more futures than a decision is judged on."""
        rounds = (min(paths, futures) for paths in (self.first, self.second, self.last))
        return RuleSearch(
            **dict(zip(("first", "second", "last"), rounds, strict=True)),
            sampled=self.sampled,
            generations=self.generations,
            families=self.families,
            best=self.best,
        )


def search(
    families: Sequence[Family],
    trials: Trials,
    limit: InsolvencyLimit,
    *,
    method: RuleSearch,
    seed: int,
    report: Report,
) -> tuple[Rule, ...]:
    """Return the best rules that were found: of each family that went on the best, and the best surely safe.

    Parameters
    ----------
    families
        where to look.
    trials
        what plays them.
    limit
        on insolvency: rules that break it come after those that do not.
    method
        how long.
    seed
        of the samples and of the evolution.
    report
        called with (what is being done, done, total).
    """
    if not families:
        return ()
    hunt = _Hunt(trials, limit, method, seed, report, len(families))
    sampled = [hunt.sample(n, family) for n, family in enumerate(families)]
    order = sorted(range(len(families)), key=lambda n: hunt.best_standing(sampled[n]), reverse=True)
    kept = order[: hunt.kept]
    return hunt.finish([hunt.evolve(n, families[n], sampled[n]) for n in sorted(kept)])


@dataclass(frozen=True)
class _Tried:
    """A place on the grids, the rule there, and what it came to."""

    place: Integers
    rule: Rule
    trial: Trial


@dataclass
class _Hunt:
    """One search at work."""

    trials: Trials
    limit: InsolvencyLimit
    method: RuleSearch
    seed: int
    report: Report
    families: int
    done: int = 0

    @property
    def kept(self) -> int:
        """Families that go on to the second round."""
        least = self.method.families
        return min(self.families, max(least, min(self.families // 2, 3 * least)))

    @property
    def total(self) -> int:
        """Rules that will be looked at, at most."""
        each = self.method.sampled * (self.method.generations + 1) + self.method.best + 1
        return self.families * self.method.sampled + self.kept * each

    def look(self, family: Family, places: Integers, paths: int) -> list[_Tried]:
        """Play the rules at some places [rule, grid]."""
        rules = [family.rule(place) for place in places]
        found = self.trials.of(rules, paths)
        self.done += len(rules)
        self.report("searching for the best rule", min(self.done, self.total), self.total)
        return [_Tried(*one) for one in zip(places, rules, found, strict=True)]

    def sample(self, number: int, family: Family) -> list[_Tried]:
        """Spread rules evenly over a family."""
        from scipy.stats import qmc

        sizes = np.array([len(grid) for grid in family.grids])
        draw = np.random.default_rng([self.seed, number])
        spread = qmc.LatinHypercube(sizes.size, rng=draw).random(self.method.sampled)
        return self.look(family, np.floor(spread * sizes).astype(np.int64), self.method.first)

    def best_standing(self, found: Sequence[_Tried]) -> tuple[bool, float]:
        """Return the standing of the best of a family."""
        return max(one.trial.standing(self.limit) for one in found)

    def evolve(self, number: int, family: Family, sampled: Sequence[_Tried]) -> tuple[Family, list[_Tried]]:
        """Search a family; return every rule that was tried. A small one is tried whole."""
        sizes = [len(grid) for grid in family.grids]
        if math.prod(sizes) <= self.method.sampled * self.method.generations:
            every = np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), axis=-1)
            return family, self.look(family, every.reshape(-1, len(sizes)), self.method.second)
        tried: list[_Tried] = []

        def losses(places: Floats) -> Floats:
            at = places.reshape(len(sizes), -1).round().astype(np.int64).T
            found = self.look(family, at, self.method.second)
            tried.extend(found)
            return np.array([self._loss(one.trial) for one in found])

        self._minimise(losses, sizes, np.array([one.place for one in sampled]), number)
        return family, tried

    def _minimise(
        self, losses: Callable[[Floats], Floats], sizes: Sequence[int], first: Integers, number: int
    ) -> None:
        from scipy.optimize import differential_evolution

        differential_evolution(
            losses,
            [(0, size - 1) for size in sizes],
            init=first.astype(np.float64),
            maxiter=self.method.generations,
            integrality=[True] * len(sizes),
            vectorized=True,
            updating="deferred",
            polish=False,
            tol=0.0,
            rng=np.random.default_rng([self.seed, number, 1]),
        )

    def _loss(self, trial: Trial) -> float:
        keeps, standing = trial.standing(self.limit)
        return -standing if keeps else FORBIDDEN * (1.0 - standing)

    def finish(self, grown: Sequence[tuple[Family, list[_Tried]]]) -> tuple[Rule, ...]:
        """Play the best of each family over most futures; return the best, and the best surely safe."""
        found: list[_Tried] = []
        for family, tried in grown:
            best = self._first(tried, self.method.best, 0.0) + self._first(tried, 1, SURELY)
            places = np.array(list(dict.fromkeys(tuple(one.place) for one in best)))
            last = self.look(family, places, self.method.last)
            found += self._first(last, 1, -SURELY) + self._first(last, 1, SURELY)
        found.sort(key=lambda one: one.trial.standing(self.limit), reverse=True)
        return tuple({repr(one.rule): one.rule for one in found}.values())

    def _first(self, tried: Sequence[_Tried], count: int, errors: float) -> list[_Tried]:
        """Return the first distinct ones, their risk taken so many standard errors higher."""
        order = sorted(tried, key=lambda one: one.trial.standing(self.limit, errors=errors), reverse=True)
        return list({repr(one.rule): one for one in order}.values())[:count]
