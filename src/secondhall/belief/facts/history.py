"""The company lived from where its history begins: one simulated past for each draw of the unknowns.

An unknown is a field that the case states as low, mid and high; its coordinate is the standard normal score
of that statement (A1). All chance of a month but its regime belongs to (seed, path): each month of a past
lives that of a path of its own, so that a few months can be lived anew. The regimes are an unknown of their
own, forced on the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from secondhall.belief.facts.measure import Target
from secondhall.belief.facts.plan import dated_terms
from secondhall.belief.facts.regimes import Chain, chain_of
from secondhall.case import Case, PlannedAction, Quantity
from secondhall.company import Parameters, RuleTerms, build, slots_of
from secondhall.company.engine import Kept, blocks_of, in_lanes, play_paths
from secondhall.company.layout import REGIMES, Floats, Rows, Truths
from secondhall.company.parameters import Integers
from secondhall.company.reading import Mids
from secondhall.months import Month

__all__ = ["PATHS", "GivenScores", "History", "Lives", "history_of", "opens_in", "shortened", "unknowns_of"]

BENT = (
    "market.",
    "new_customers_per_month",
    "intensity_",
    "order_size_",
    "expansion_",
    "churn_",
    "net_absorption",
)
"""Parts of the names of unknowns that bend regimes or counts: with the same chance what is seen jumps."""

PATHS = 2**46
"""Paths whose chance is drawn from: so many that none comes twice."""


@dataclass(frozen=True)
class GivenScores:
    """The values of the fields at given scores: each statement's quantile there, the mid of the others.

    Attributes
    ----------
    names
        dotted name of an unknown to its column.
    scores
        [draw, unknown].
    """

    names: dict[str, int]
    scores: Floats

    @property
    def paths(self) -> int:
        """How many draws."""
        return int(self.scores.shape[0])

    def of(self, name: str, quantity: Quantity) -> Floats:
        """Return [draw] of a field."""
        column = self.names.get(name)
        if column is None:
            return np.full(self.paths, quantity.mid)
        return quantity.at_normal(np.ascontiguousarray(self.scores[:, column]))


@dataclass
class _Collected(Mids):
    """Writes down every uncertain field that is asked for."""

    unknowns: dict[str, Quantity] = field(default_factory=dict)

    def of(self, name: str, quantity: Quantity) -> Floats:
        if quantity.uncertain:
            self.unknowns[name] = quantity
        return np.array([quantity.mid])


@dataclass(frozen=True, eq=False)
class History:
    """The company from where its history begins up to what is known.

    Attributes
    ----------
    case
        the case as it stood where the history begins.
    months
        how many are lived.
    actions
        the plan that was lived.
    unknowns
        dotted name of each field to what is stated of it; its place is its column among the scores.
    seed
        of all chance.
    """

    case: Case
    months: int
    actions: tuple[PlannedAction, ...]
    unknowns: dict[str, Quantity]
    seed: int

    @cached_property
    def terms(self) -> RuleTerms:
        """The plan as the company follows it."""
        return self.terms_of(self.actions)

    def terms_of(self, actions: Sequence[PlannedAction]) -> RuleTerms:
        """Return dated actions as the company follows them."""
        return dated_terms(actions, slots_of(self.case), self.case.start)

    @property
    def smooth(self) -> Truths:
        """[unknown] True where what is seen moves smoothly with the score as long as the chance stays."""
        return np.array([not any(part in name for part in BENT) for name in self.unknowns])

    @cached_property
    def known(self) -> Parameters:
        """The mid values, one path."""
        return shortened(build(self.case, Mids()), self.months)

    def parameters(self, scores: Floats) -> Parameters:
        """Return the parameters at scores [draw, unknown]."""
        names = {name: place for place, name in enumerate(self.unknowns)}
        return shortened(build(self.case, GivenScores(names, scores)), self.months)

    def chain(self, scores: Floats) -> Chain:
        """Return the chain of the regimes at scores [draw, unknown]."""
        names = {name: place for place, name in enumerate(self.unknowns)}
        return chain_of(self.case, GivenScores(names, scores))

    def numbers(self, chances: Integers) -> Integers:
        """Return [month, draw]: whose chance each draw lives in each month."""
        return np.ascontiguousarray(chances[:, : self.months].T)

    def regimes(self, chances: Integers) -> Integers:
        """Return [draw, months + 1]: the regimes, from the month before the first on."""
        return chances[:, self.months :]

    def read(self, targets: Sequence[Target], scores: Floats, chances: Integers) -> Floats:
        """Return [draw, target]: what each draw would have published.

        Parameters
        ----------
        targets
            what is read.
        scores
            [draw, unknown].
        chances
            [draw, 2 months + 1] whose chance each month is, then the regimes from the month before the first.
        """
        p, regimes = self.parameters(scores), self.regimes(chances)
        opens_in(p, regimes[:, 0])
        forced = np.ascontiguousarray(regimes[:, 1:].T, dtype=np.float64)
        series = tuple(dict.fromkeys(name for target in targets for name in target.series))
        rows = play_paths(
            p,
            self.known,
            self.terms,
            seed=self.seed,
            paths=self.numbers(chances),
            keep=Kept(series, 0, self.months),
            blocks=blocks_of(p)._replace(forced=in_lanes(forced)),
        ).kept
        kept = dict(zip(series, rows, strict=True))
        return np.stack([target.read(kept) for target in targets], axis=1)


def unknowns_of(case: Case) -> dict[str, Quantity]:
    """Return every field that a case states as low, mid and high, by its dotted name."""
    collected = _Collected()
    build(case, collected)
    return collected.unknowns


def history_of(case: Case, until: Month, seed: int) -> History:
    """Return the history of a case up to the month before `until`, or before its start if that is later.

    Fields of options that were not committed by then move nothing that is known, and are no unknowns.
    """
    assert case.history is not None
    begins, ends = case.history, max(until, case.start)
    actions = tuple(act for act in case.plans.get(case.history_plan, ()) if act.month < ends)
    unused = {name for name in begins.options if all(act.target != name for act in actions)}
    unknowns = {
        name: quantity
        for name, quantity in unknowns_of(begins).items()
        if not (name.startswith("options.") and name.split(".")[1] in unused)
    }
    return History(begins, ends - begins.start, actions, unknowns, seed)


def shortened(p: Parameters, months: int) -> Parameters:
    """Return the same parameters over the first `months` months."""
    schedule, calendar = p.schedule, p.calendar
    return replace(
        p,
        schedule=Rows(schedule.names, np.ascontiguousarray(schedule.array[..., :months])),
        calendar=Rows(calendar.names, np.ascontiguousarray(calendar.array[..., :months])),
    )


def opens_in(p: Parameters, regimes: Integers) -> None:
    """Let each draw stand in a given regime in the month before the first."""
    p.firm_regime.set("start_probability", regimes[None, :] == np.arange(len(REGIMES))[:, None])


@dataclass(frozen=True)
class Lives:
    """The pasts as the sampler asks for them: chance holds whose chance each month is, and the regimes.

    Attributes
    ----------
    history, targets
        what is lived, and what is read.
    """

    history: History
    targets: tuple[Target, ...]

    def live(self, scores: Floats, chances: Integers) -> Floats:
        """Return readings [draw, target]."""
        return self.history.read(self.targets, scores, chances)

    def draw(self, scores: Floats, rng: np.random.Generator) -> Integers:
        """Draw the chance of each month, and regimes at the scores."""
        months = self.history.months
        numbers = rng.integers(0, PATHS, (len(scores), months))
        return np.concatenate([numbers, self.history.chain(scores).draw(months, rng)], axis=1)

    def renew(self, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw the chance of a stretch of months anew; its length is log-uniform; the regimes stay."""
        count, months = len(chances), self.history.months
        length = np.ceil(np.exp(rng.uniform(0.0, np.log(months), (count, 1))))
        first = np.floor(rng.random((count, 1)) * (months + length - 1)) - length + 1
        month = np.arange(months)[None, :]
        fresh = (month >= first) & (month < first + length)
        renewed = chances.copy()
        renewed[:, :months] = np.where(fresh, rng.integers(0, PATHS, fresh.shape), chances[:, :months])
        return renewed

    def turn(self, scores: Floats, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw a stretch of the regimes anew; the rest stays."""
        turned = self.history.chain(scores).turn(self.history.regimes(chances), rng)
        return np.concatenate([chances[:, : self.history.months], turned], axis=1)

    def log_probability(self, scores: Floats, chances: Integers) -> Floats:
        """Return [draw] of the log-probability of the regimes."""
        return self.history.chain(scores).log_probability(self.history.regimes(chances))
