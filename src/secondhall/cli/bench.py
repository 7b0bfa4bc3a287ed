"""``secondhall bench``: the engine against its floor, the oracle and a plain Python loop, in one run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import typer
from rich.table import Table

from secondhall.belief import Prior
from secondhall.case import read_case
from secondhall.cli.show import compiling_note, console, progress
from secondhall.company import idle_terms
from secondhall.company.bench import (
    Cost,
    Subject,
    draw_calls,
    fastest,
    play_draws,
    play_engine,
    play_oracle,
    shortened,
    uncompiled,
)
from secondhall.company.layout import LANES
from secondhall.futures import RuleToPlay, play_rules
from secondhall.progress import Report

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FULL", "Figure", "Size", "measure", "plain_loop", "run_bench"]

NOTES = (
    "Processor time; the least of several runs. The random draws are those that the company makes, with the "
    "same arguments, and nothing else. Plain Python is the engine's own source, not compiled: its scalars "
    "are NumPy's, which a loop written for Python alone would spare. The growing numbers of paths include "
    "the drawing of their parameters."
)

CASE = "fluxus"
SEED = 7


@dataclass(frozen=True)
class Size:
    """How much is played.

    Attributes
    ----------
    engine_paths, rounds
        against the floor: paths, and how often engine and floor take turns.
    floor_blocks
        blocks of 64 paths whose draws are noted; more are drawn with the same arguments in turn.
    oracle_paths, oracle_rounds
        against the oracle.
    plain_months
        months of 64 paths that the uncompiled source plays.
    growing
        numbers of paths over which the cost should be flat.
    """

    engine_paths: int = 4096
    rounds: int = 7
    floor_blocks: int = 8
    oracle_paths: int = 4096
    oracle_rounds: int = 1
    plain_months: int = 4
    growing: tuple[int, ...] = (1_000, 10_000, 100_000)


FULL = Size()


@dataclass(frozen=True)
class Figure:
    """One thing measured.

    Attributes
    ----------
    name
        what is set against what.
    nanoseconds, against
        per path and month: of what is judged, of what it is set against.
    ratio, target, at_most
        the quotient that is judged, its bound, and whether the bound is an upper one.
    """

    name: str
    nanoseconds: float
    against: float
    ratio: float
    target: float
    at_most: bool

    @property
    def met(self) -> bool:
        """Whether the ratio keeps to its bound."""
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    @property
    def verdict(self) -> str:
        """Return the verdict in words."""
        return "met" if self.met else "not met"

    @property
    def bound(self) -> str:
        """Return the bound in words."""
        return f"at {'most' if self.at_most else 'least'} {self.target:g}"


def run_bench(*, million: bool, as_json: bool, size: Size = FULL) -> None:
    """Measure, and print ratios with their targets."""
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        figures = measure(size, million=million, report=report)
    if as_json:
        data = [{**asdict(one), "met": one.met} for one in figures]
        typer.echo(json.dumps({"case": CASE, "unit": "ns per path-month", "figures": data}, indent=2))
        return
    _print(figures)


def measure(size: Size, *, million: bool = False, report: Report = lambda *_: None) -> list[Figure]:
    """Return all figures; the costs are of one thread."""
    parts: list[tuple[str, Callable[[], list[Figure]]]] = [
        ("engine and floor", lambda: [against_floor(size)]),
        ("oracle", lambda: [against_oracle(size)]),
        ("plain Python", lambda: [against_plain(size)]),
        ("growing numbers of paths", lambda: flatness(size, million=million)),
    ]
    figures: list[Figure] = []
    for done, (what, part) in enumerate(parts):
        report("measuring", done, len(parts))
        report(what, 0, 1)
        figures += part()
        report(what, 1, 1)
    report("measuring", len(parts), len(parts))
    return figures


def subject(paths: int, months: int | None = None) -> Subject:
    """Return the case under the rule that never builds, drawn from its prior."""
    belief = Prior(read_case(CASE))
    known, p = belief.known(), belief.parameters(SEED, np.arange(paths))
    if months is not None:
        known, p = shortened(known, months), shortened(p, months)
    return Subject(p, known, idle_terms(known.halls))


def against_floor(size: Size) -> Figure:
    """Set the engine against its random draws alone."""
    paths = size.engine_paths
    played = subject(size.floor_blocks * LANES)
    path_months = paths * played.known.months
    engine = play_engine(played, seed=SEED, paths=paths)
    calls = draw_calls(played, seed=SEED, blocks=size.floor_blocks)
    floor = play_draws(calls, seed=SEED, paths=paths)
    mine, least = fastest([(engine, path_months), (floor, path_months)], rounds=size.rounds)
    return _slower("engine / its random draws alone", mine, least, at_most=6.0)


def against_oracle(size: Size) -> Figure:
    """Set the NumPy oracle against the engine."""
    paths = size.oracle_paths
    played = subject(paths)
    path_months = paths * played.known.months
    engine, oracle = play_engine(played, seed=SEED, paths=paths), play_oracle(played, seed=SEED)
    mine, other = fastest([(engine, path_months), (oracle, path_months)], rounds=size.oracle_rounds)
    return _faster("NumPy oracle / engine", mine, other, at_least=5.0)


def against_plain(size: Size) -> Figure:
    """Set the same source, uncompiled, against the engine; both play the first months of one block."""
    months = size.plain_months
    code = f"from secondhall.cli.bench import plain_loop; plain_loop({months})"
    found = uncompiled(code)
    assert isinstance(found, float)
    played = subject(LANES, months)
    path_months = LANES * months
    [mine] = fastest([(play_engine(played, seed=SEED, paths=LANES), path_months)], rounds=50)
    return _faster("plain Python / engine", mine, Cost(found, path_months), at_least=100.0)


def plain_loop(months: int) -> None:
    """Play one block for some months in this process, and print its cost in ns per path-month."""
    played = subject(LANES, months)
    job = play_engine(played, seed=SEED, paths=LANES)
    [cost] = fastest([(job, LANES * months)], rounds=1)
    print(cost.nanoseconds)


def flatness(size: Size, *, million: bool = False) -> list[Figure]:
    """Set the cost of many paths against that of few, drawing of their parameters included."""
    counts = (*size.growing, 1_000_000) if million else size.growing
    case = read_case(CASE)
    belief = Prior(case)
    months = belief.known().months
    rule = [RuleToPlay("never", idle_terms(belief.known().halls))]

    def job(paths: int) -> Callable[[], object]:
        return lambda: play_rules(
            belief, rule, start=case.start, paths=paths, seed=SEED, banded=False, threads=1
        )

    jobs = [(job(paths), paths * months) for paths in counts for _ in range(max(1, min(8, 10_000 // paths)))]
    least: dict[int, float] = {}
    for cost in fastest(jobs, rounds=1 if million else 2):
        least[cost.path_months] = min(least.get(cost.path_months, cost.nanoseconds), cost.nanoseconds)
    few, *more = (Cost(least[paths * months], paths * months) for paths in counts)
    return [
        _slower(f"{paths:,} paths / {counts[0]:,} paths", cost, few, at_most=1.25)
        for paths, cost in zip(counts[1:], more, strict=True)
    ]


def _slower(name: str, mine: Cost, other: Cost, *, at_most: float) -> Figure:
    ratio = mine.nanoseconds / other.nanoseconds
    return Figure(name, mine.nanoseconds, other.nanoseconds, ratio, at_most, at_most=True)


def _faster(name: str, mine: Cost, other: Cost, *, at_least: float) -> Figure:
    ratio = other.nanoseconds / mine.nanoseconds
    return Figure(name, other.nanoseconds, mine.nanoseconds, ratio, at_least, at_most=False)


def _print(figures: list[Figure]) -> None:
    table = Table(title=f"{CASE}: cost of a month of a path, by one thread, measured in turns")
    table.add_column("figure")
    for name in ("ns", "against", "ratio", "target", "verdict"):
        table.add_column(name, justify="right")
    for one in figures:
        table.add_row(
            one.name,
            f"{one.nanoseconds:,.0f}",
            f"{one.against:,.0f}",
            f"{one.ratio:,.2f}" if one.ratio < 100 else f"{one.ratio:,.0f}",
            one.bound,
            one.verdict,
        )
    console().print(table)
    console().print(NOTES, style="dim")
