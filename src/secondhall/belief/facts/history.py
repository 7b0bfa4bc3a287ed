"""The company lived from where its history begins: one simulated past for each draw of the unknowns.

An unknown is a field that the case states as low, mid and high; its coordinate is the standard normal score
of that statement (A1). All chance of a past but its regimes belongs to (seed, path): paths come in blocks of
`LANES`, as the engine plays them. The regimes are an unknown of their own, forced on the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from secondhall.belief.facts.measure import Target
from secondhall.belief.facts.plan import dated_terms
from secondhall.belief.facts.regimes import Chain, chain_of
from secondhall.case import Case, PlannedAction, Quantity
from secondhall.company import Parameters, RuleTerms, build, slots_of
from secondhall.company.engine import Kept, play_paths
from secondhall.company.layout import LANES, REGIMES, Floats, Rows, Truths
from secondhall.company.parameters import Integers
from secondhall.company.reading import Mids
from secondhall.months import Month

if TYPE_CHECKING:
    from secondhall.company.kernels.blocks import Model

__all__ = ["BLOCKS", "GivenScores", "History", "Lives", "history_of", "opens_in", "shortened", "unknowns_of"]

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

BLOCKS = 2**40
"""Blocks of chance to draw from: so many that none comes twice."""

CHUNK = 50
"""Draws whose parameters are built together."""


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


@dataclass(frozen=True)
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

    @property
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

    @property
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

    def read(self, targets: Sequence[Target], scores: Floats, chances: Integers) -> Floats:
        """Return [draw, target, lane]: what each draw would have published, on each path of its block.

        Parameters
        ----------
        targets
            what is read.
        scores
            [draw, unknown].
        chances
            [draw, months + 2] block of chance, then the regimes from the month before the first on; lane l of
            block b is the path ``LANES`` b + l.
        """
        readings = np.empty((scores.shape[0], len(targets), LANES))
        for first in range(0, scores.shape[0], CHUNK):
            here = slice(first, first + CHUNK)
            readings[here] = self._read(targets, scores[here], chances[here])
        return readings

    def _read(self, targets: Sequence[Target], scores: Floats, chances: Integers) -> Floats:
        p, draws = self.parameters(scores), scores.shape[0]
        series = tuple(dict.fromkeys(name for target in targets for name in target.series))
        keep, terms, known = Kept(series, 0, self.months), self.terms, self.known
        models = _models(p, chances[:, 1:])
        played = [
            play_paths(
                p,
                known,
                terms,
                seed=self.seed,
                path0=LANES * int(block),
                paths=LANES,
                keep=keep,
                blocks=model,
            ).kept
            for block, model in zip(chances[:, 0], models, strict=True)
        ]
        rows = np.concatenate(played, axis=2)
        kept = dict(zip(series, rows, strict=True))
        return np.stack([target.read(kept).reshape(draws, LANES) for target in targets], axis=1)


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


def _models(p: Parameters, scripts: Integers) -> list[Model]:
    """Return a block for each draw: its numbers on all the lanes, its regimes forced month by month."""
    from secondhall.company.kernels.blocks import Model

    def wide(rows: Rows, draw: int) -> Floats:
        return np.repeat(rows.array[None, ..., draw, None], LANES, axis=-1)

    models = []
    opens_in(p, scripts[:, 0])
    for draw, script in enumerate(scripts):
        calendar = Rows(p.calendar.names, p.calendar.array.copy())
        calendar.set("forced_regime", script[1:])
        models.append(
            Model(
                segment=wide(p.segment, draw),
                segment_regime=wide(p.segment_regime, draw),
                hall=wide(p.hall, draw),
                phase=wide(p.phase, draw),
                role=wide(p.role, draw),
                firm=wide(p.firm, draw),
                firm_regime=wide(p.firm_regime, draw),
                schedule=p.schedule.array,
                calendar=calendar.array,
                start_month_of_year=p.start_month_of_year,
                first_new_hall=p.first_new_hall,
            )
        )
    return models


def opens_in(p: Parameters, regimes: Integers) -> None:
    """Let each draw stand in a given regime in the month before the first."""
    p.firm_regime.set("start_probability", regimes[None, :] == np.arange(len(REGIMES))[:, None])


@dataclass(frozen=True)
class Lives:
    """The pasts as the sampler asks for them: what chance holds is a block and the regimes.

    Attributes
    ----------
    history, targets
        what is lived, and what is read.
    """

    history: History
    targets: tuple[Target, ...]

    def live(self, scores: Floats, chances: Integers) -> Floats:
        """Return readings [draw, target, lane]."""
        return self.history.read(self.targets, scores, chances)

    def draw(self, scores: Floats, rng: np.random.Generator) -> Integers:
        """Draw a block, and regimes at the scores."""
        blocks = rng.integers(0, BLOCKS, len(scores))[:, None]
        return np.concatenate([blocks, self.history.chain(scores).draw(self.history.months, rng)], axis=1)

    def renew(self, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw another block; the regimes stay."""
        return np.concatenate([rng.integers(0, BLOCKS, len(chances))[:, None], chances[:, 1:]], axis=1)

    def turn(self, scores: Floats, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw a stretch of the regimes anew; the block stays."""
        turned = self.history.chain(scores).turn(chances[:, 1:], rng)
        return np.concatenate([chances[:, :1], turned], axis=1)

    def log_probability(self, scores: Floats, chances: Integers) -> Floats:
        """Return [draw] of the log-probability of the regimes."""
        return self.history.chain(scores).log_probability(chances[:, 1:])
