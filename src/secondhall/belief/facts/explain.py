"""The pasts that would have published the facts: four runs of the sampler, each in a process of its own.

A run spends as much on laying out its companies, in Python, as on playing them, so threads would wait for one
another. `loky` starts fresh processes, whatever program this is part of, and the runs write how far they are
into a file that all of them map.
"""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from secondhall.belief.facts.history import History, Lives, history_of
from secondhall.belief.facts.measure import Target, targets_of
from secondhall.belief.facts.sampler import Sampled, Sampler, Settings
from secondhall.belief.facts.standing import regime_statement
from secondhall.belief.posterior import CHAINS
from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["Explained", "explain"]

OFTEN = 0.2
"""Seconds between two looks at how far the runs are."""


@dataclass(frozen=True, eq=False)
class Explained:
    """The accepted pasts.

    Attributes
    ----------
    history
        where and how they were lived.
    targets
        the facts that they were held against.
    runs
        what each run found.
    scores
        [draw, unknown], run after run.
    chances
        [draw, 2 months + 1] whose chance each month is, and the regimes from the month before the first on.
    readings
        [draw, target].
    """

    history: History
    targets: tuple[Target, ...]
    runs: tuple[Sampled, ...]
    scores: Floats
    chances: Integers
    readings: Floats


def explain(
    case: Case,
    *,
    until: Month,
    seed: int,
    report: Report = quiet,
    settings: Settings | None = None,
) -> Explained:
    """Return the pasts that would have published the facts known by a date."""
    from loky import ProcessPoolExecutor, cpu_count

    history = history_of(case, until, seed)
    pool = ProcessPoolExecutor(min(CHAINS, cpu_count()))
    try:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "shares"
            shares = np.memmap(file, np.float64, "w+", shape=CHAINS)
            asked = [
                pool.submit(_run, case, until, seed, chain, settings or Settings(), file)
                for chain in range(CHAINS)
            ]
            running = set(asked)
            while running:
                _, running = wait(running, timeout=OFTEN)
                report("living the past", int(100 * shares.mean()), 100)
            runs = tuple(one.result() for one in asked)
    finally:
        pool.shutdown(kill_workers=True)
    scores, chances, readings = (
        np.concatenate([getattr(one, name) for one in runs]) for name in ("scores", "chances", "readings")
    )
    return Explained(history, _targets(case, history, until), runs, scores, chances, readings)


def _targets(case: Case, history: History, until: Month) -> tuple[Target, ...]:
    targets = targets_of(case.known_facts(until), since=history.case.start, until=until)
    stated = regime_statement(case, history)
    return targets if stated is None else (*targets, stated)


def _run(case: Case, until: Month, seed: int, chain: int, settings: Settings, file: Path) -> Sampled:
    """Make one run, in a process of its own; write the share of its way into the file."""
    from threadpoolctl import threadpool_limits

    history = history_of(case, until, seed)
    targets = _targets(case, history, until)
    shares = np.memmap(file, np.float64, "r+", shape=CHAINS)

    def at(share: float) -> None:
        shares[chain] = share

    # Its matrices are small: a library that spreads each over all cores only makes the runs wait.
    with threadpool_limits(1):
        return Sampler(
            Lives(history, targets),
            np.array([target.value for target in targets]),
            np.array([target.deviation for target in targets]),
            history.smooth,
            np.random.default_rng([seed, chain]),
            settings,
            at,
        ).run()
