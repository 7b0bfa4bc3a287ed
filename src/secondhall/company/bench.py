"""How fast the engine plays a company: against its own draws, the oracle, and its source uncompiled.

Times are processor time, so that another programme beside it disturbs little; what is reported is the
ratio of times measured in turns in one run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondhall.company import engine
from secondhall.company.chance import Chance
from secondhall.company.layout import LANES, Floats, Rows
from secondhall.company.oracle.play import play_months
from secondhall.company.parameters import Parameters, RuleTerms

if TYPE_CHECKING:
    from secondhall.company.kernels.draws import Calls

__all__ = [
    "Cost",
    "Subject",
    "draw_calls",
    "fastest",
    "play_draws",
    "play_engine",
    "play_oracle",
    "shortened",
    "uncompiled",
]

KINDS = ("uniforms", "normals", "poisson", "gamma", "binomial")
"""In the order of the numbers in ``kernels.draws``."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The company that is played.

    Attributes
    ----------
    parameters
        of some paths; more paths than these are played by using them in turn.
    known
        the mid values.
    rule
        the rule's terms.
    """

    parameters: Parameters
    known: Parameters
    rule: RuleTerms


@dataclass(frozen=True)
class Cost:
    """The least time of several runs, in nanoseconds per path and month."""

    nanoseconds: float
    path_months: int


def fastest(jobs: Sequence[tuple[Callable[[], object], int]], *, rounds: int) -> list[Cost]:
    """Run jobs in turns and return the least cost of each.

    Parameters
    ----------
    jobs
        what to run, and how many path-months one run plays.
    rounds
        how often; taking turns spreads a disturbance over all, the least time leaves it out.

    Examples
    --------
    >>> [cost] = fastest([(lambda: sum(range(10)), 1)], rounds=2)
    >>> cost.nanoseconds > 0
    True
    """
    least = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for k, (job, _path_months) in enumerate(jobs):
            begun = time.process_time_ns()
            job()
            least[k] = min(least[k], float(max(time.process_time_ns() - begun, 1)))
    return [
        Cost(nanoseconds / path_months, path_months)
        for nanoseconds, (_job, path_months) in zip(least, jobs, strict=True)
    ]


def shortened(p: Parameters, months: int) -> Parameters:
    """Return the same company over its first months only."""
    return replace(
        p,
        schedule=Rows(p.schedule.names, np.ascontiguousarray(p.schedule.array[..., :months])),
        calendar=Rows(p.calendar.names, np.ascontiguousarray(p.calendar.array[..., :months])),
    )


def play_engine(subject: Subject, *, seed: int, paths: int) -> Callable[[], object]:
    """Return the job that plays paths in the compiled engine, their parameters at hand."""
    blocks = engine.blocks_of(subject.parameters)

    def job() -> object:
        return engine.play_paths(
            subject.parameters,
            subject.known,
            subject.rule,
            seed=seed,
            paths=np.arange(paths),
            blocks=blocks,
        )

    return job


def play_oracle(subject: Subject, *, seed: int) -> Callable[[], object]:
    """Return the job that plays the subject's paths in the NumPy oracle."""
    chance = Chance(seed, np.arange(subject.parameters.paths))

    def job() -> object:
        for _ in play_months(subject.parameters, subject.known, subject.rule, chance):
            pass
        return None

    return job


# The floor ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Noted(Chance):
    """Draws that note what was asked of them: (kind, month, purpose, index, arguments)."""

    notes: list[tuple[str, int, int, int, tuple[Floats, ...]]]

    def note(self, kind: str, month: int, purpose: int, index: int, *given: ArrayLike) -> Chance:
        """Note a call and return the plain draws that answer it."""
        arguments = tuple(
            np.broadcast_to(np.asarray(g, dtype=np.float64), self.paths.shape).copy() for g in given
        )
        self.notes.append((kind, month, int(purpose), index, arguments))
        return Chance(self.seed, self.paths)

    def uniforms(self, month: int, purpose: int, index: int, attempt: int = 0) -> tuple[Floats, Floats]:
        """Note and draw."""
        return self.note("uniforms", month, purpose, index).uniforms(month, purpose, index, attempt)

    def normals(self, month: int, purpose: int, index: int, attempt: int = 0) -> tuple[Floats, Floats]:
        """Note and draw."""
        return self.note("normals", month, purpose, index).normals(month, purpose, index, attempt)

    def poisson(self, month: int, purpose: int, index: int, mean: ArrayLike) -> Floats:
        """Note and draw."""
        return self.note("poisson", month, purpose, index, mean).poisson(month, purpose, index, mean)

    def gamma(self, month: int, purpose: int, index: int, shape: ArrayLike) -> Floats:
        """Note and draw."""
        return self.note("gamma", month, purpose, index, shape).gamma(month, purpose, index, shape)

    def binomial(
        self, month: int, purpose: int, index: int, number: ArrayLike, probability: ArrayLike
    ) -> Floats:
        """Note and draw."""
        plain = self.note("binomial", month, purpose, index, number, probability)
        return plain.binomial(month, purpose, index, number, probability)


def draw_calls(subject: Subject, *, seed: int, blocks: int) -> Calls:
    """Play the subject's first blocks of paths in the oracle, and return every draw that it made."""
    from secondhall.company.kernels.draws import Calls

    paths = blocks * LANES
    noted = Noted(seed, np.arange(paths), [])
    for _ in play_months(first_paths(subject.parameters, paths), subject.known, subject.rule, noted):
        pass
    rows: list[Floats] = [np.zeros(paths)]
    places: list[tuple[int, int]] = []
    for _kind, _month, _purpose, _index, given in noted.notes:
        here = [len(rows) + k for k in range(len(given))]
        rows.extend(given)
        places.append(((*here, 0, 0)[0], (*here, 0, 0)[1]))

    def column(values: Sequence[int]) -> NDArray[np.int64]:
        return np.array(values, dtype=np.int64)

    return Calls(
        kind=column([KINDS.index(note[0]) for note in noted.notes]),
        month=column([note[1] for note in noted.notes]),
        purpose=column([note[2] for note in noted.notes]),
        which=column([note[3] for note in noted.notes]),
        first=column([place[0] for place in places]),
        second=column([place[1] for place in places]),
        arguments=engine.in_lanes(np.stack(rows)),
    )


def first_paths(p: Parameters, paths: int) -> Parameters:
    """Return the parameters of the first paths."""

    def cut(rows: Rows) -> Rows:
        return Rows(rows.names, np.ascontiguousarray(rows.array[..., :paths]))

    return replace(
        p,
        segment=cut(p.segment),
        segment_regime=cut(p.segment_regime),
        hall=cut(p.hall),
        phase=cut(p.phase),
        role=cut(p.role),
        firm=cut(p.firm),
        firm_regime=cut(p.firm_regime),
    )


def play_draws(calls: Calls, *, seed: int, paths: int) -> Callable[[], object]:
    """Return the job that makes the draws of so many paths, and nothing else."""
    from secondhall.company.kernels.draws import play_draws as play

    out = np.empty((1, 2, LANES))
    return lambda: play(seed, 0, -(-paths // LANES), calls, out)


# The source uncompiled ---------------------------------------------------------------------------


def uncompiled(command: str, *, timeout_seconds: float = 120.0) -> object:
    """Run code in a process of its own where nothing is compiled, and return what it prints as JSON."""
    source = str(Path(__file__).parents[2])
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", command],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=True,
    )
    return json.loads(done.stdout)
