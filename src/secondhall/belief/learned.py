"""The belief after learning: the draws of a posterior; what it is silent on, from the case's statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from secondhall.belief.posterior import DELAY, Posterior
from secondhall.belief.prior import Drawn, named_draw
from secondhall.case import Case, Quantity
from secondhall.case.opening import pipeline_at
from secondhall.company import Parameters, build
from secondhall.company.chance import Chance, Purpose
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Learned"]


def _uniform(chance: Chance, month: int, index: int) -> Floats:
    return chance.uniforms(month, Purpose.PARAMETER, index)[0]


@dataclass(frozen=True)
class _Middles:
    """The medians of what was learned, the mids of the rest."""

    posterior: Posterior
    paths: int = 1

    def of(self, name: str, quantity: Quantity) -> Floats:
        draws = self.posterior.values.get(name)
        return np.array([quantity.mid if draws is None else np.median(draws)])


@dataclass(frozen=True)
class Learned:
    """A case whose unknowns were learned: each path lives one draw of the posterior, whole.

    Which draw belongs to (seed, path) alone, so that two rules meet the same futures, and all the values of
    a path come from the same draw, so that what the data tie together stays tied.
    """

    case: Case
    posterior: Posterior
    scenario: str | None = None
    standing: Case = field(init=False, repr=False, compare=False)
    """the case with its open orders at the learned odds"""

    def __post_init__(self) -> None:
        """Take the learned odds once: every chunk of paths asks for them."""
        object.__setattr__(self, "standing", _with_learned_odds(self.case, self.posterior))

    @property
    def words(self) -> str:
        """Return what the belief rests on, in a sentence, and what to beware of."""
        missed = sum(not lesson.learned for lesson in self.posterior.lessons)
        silent = (
            f"on {missed} subjects the data could not say, and the case's own statements stand in "
            "(`learn` lists them)"
        )
        said = (self.posterior.words, *self.posterior.convergence.warnings)
        return "; ".join((*said, silent) if missed else said)

    def known(self) -> Parameters:
        """Return the middle of what was learned, one path."""
        p = build(self.standing, _Middles(self.posterior), self.scenario)
        return _opened(p, self.posterior, lambda rows: rows.mean(axis=-1, keepdims=True))

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        """Return the parameters of the given paths."""
        draw, drawn = self._drawn(seed, paths)
        p = build(self.standing, drawn, self.scenario)
        return _opened(p, self.posterior, lambda rows: rows[..., draw])

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        """Return [path] of every field that is uncertain, by its dotted name."""
        _, drawn = self._drawn(seed, paths)
        build(self.standing, drawn, self.scenario)
        return drawn.seen

    def _drawn(self, seed: int, paths: Integers) -> tuple[Integers, Drawn]:
        share = named_draw(seed, paths, "the draw of the posterior", _uniform)
        draw = (share * self.posterior.draws).astype(np.int64)
        given = {name: draws[draw] for name, draws in self.posterior.values.items()}
        return draw, Drawn(seed, paths, given)


def _with_learned_odds(case: Case, posterior: Posterior) -> Case:
    """Return the case with its open orders at the learned odds, decided as late as orders were before.

    The pipeline is one for all paths: the odds are the means of what was learned, which keeps the expected
    customers; the delay is the mean of the closed orders', in whole months.
    """
    learned = {stage: posterior.values.get(f"pipeline.{stage}") for stage in case.pipeline}
    delay = posterior.series.get(DELAY, {})
    if not delay and all(draws is None for draws in learned.values()):
        return case
    odds = {
        stage: case.pipeline.number(stage).mid if draws is None else float(np.mean(draws))
        for stage, draws in learned.items()
    }
    late = round(float(np.average(delay["months_late"], weights=delay["orders"]))) if delay else 0
    pipeline = pipeline_at(case.orders, case.start, tuple(case.segments), odds, case.horizon_months, late)
    opening = replace(
        case.opening,
        pipeline_count=pipeline["pipeline_count"],
        pipeline_probability=pipeline["pipeline_probability"],
        pipeline_mean_units=pipeline["pipeline_mean_units"],
    )
    return replace(case, opening=opening)


def _opened(p: Parameters, posterior: Posterior, take: Callable[[Floats], Floats]) -> Parameters:
    """Lay the learned state over the start."""
    for name, rows in posterior.opening.items():
        group, row = name.split(".")
        getattr(p, group).set(row, take(rows))
    return p
