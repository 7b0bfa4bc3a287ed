"""Plays rules over many futures: in chunks, in threads, streaming, the same bytes however it is split."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from secondhall.belief import Belief
from secondhall.company import Parameters, RuleTerms
from secondhall.company import engine as company_engine
from secondhall.company.layout import ANNUAL, LANES, OUTCOMES, Floats
from secondhall.futures.bands import BANDED, quantiles, ranges
from secondhall.futures.results import Bands, Futures
from secondhall.months import Month

__all__ = ["CHUNK", "Keep", "RuleToPlay", "play_rules"]

CHUNK = 1024
"""Paths that a thread plays at a time; a multiple of LANES. Results do not depend on it."""

PILOT = 512
"""Paths of the pilot that sets the ranges of the bands."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Keep:
    """Series to store path by path, for the months from ``since`` up to but without ``until``."""

    series: tuple[str, ...]
    since: Month
    until: Month


@dataclass(frozen=True, slots=True)
class RuleToPlay:
    """A rule to play: its name in words and its terms."""

    words: str
    terms: RuleTerms


@dataclass
class _Gathered:
    """What a rule's chunks are gathered into; every path has its own place, counts only add."""

    outcomes: Floats
    annual: Floats
    kept: Floats
    months: int
    bands: company_engine.Bands
    counts: list[npt.NDArray[np.int32]] = field(default_factory=list)
    """one histogram a thread; their sum is the same whoever counted what"""
    own: threading.local = field(default_factory=threading.local)

    def counts_of_thread(self) -> npt.NDArray[np.int32]:
        """Return the histograms of the calling thread."""
        found: npt.NDArray[np.int32] | None = getattr(self.own, "counts", None)
        if found is None:
            found = self.own.counts = np.zeros(
                (len(self.bands.series), self.months, self.bands.bins), dtype=np.int32
            )
            self.counts.append(found)
        return found

    def total_counts(self) -> npt.NDArray[np.int64]:
        """Return the histograms of all threads together."""
        total = np.zeros((len(self.bands.series), self.months, self.bands.bins), dtype=np.int64)
        for counts in self.counts:
            total += counts
        return total


def play_rules(
    belief: Belief,
    rules: Sequence[RuleToPlay],
    *,
    start: Month,
    paths: int,
    seed: int,
    banded: bool = True,
    keep: Keep | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> tuple[Futures, ...]:
    """Play each rule over the same futures.

    Parameters
    ----------
    belief
        where the parameters of the paths come from.
    rules
        what to play; all see the same futures (common random numbers).
    start
        the first month.
    paths, seed
        which futures: the paths 0 .. ``paths`` - 1 of the seed.
    banded
        whether to count the bands month by month; without them only outcomes and years are there.
    keep
        series to store path by path.
    threads
        how many; all cores by default. The results are the same bytes for any number.
    chunk
        paths that a thread plays at a time, a multiple of 64; by default such that all threads have work.
        The same holds.
    progress
        called with (done, total) in path-months.

    Returns
    -------
    tuple of Futures
        one a rule, in the given order.
    """
    if paths < 1:
        raise ValueError(f"paths must be 1 or more, not {paths}")
    workers = threads or os.cpu_count() or 1
    chunk = chunk or min(CHUNK, -(-paths // (workers * LANES)) * LANES)
    if chunk % LANES:
        raise ValueError(f"chunk must be a multiple of {LANES}, not {chunk}")
    known = belief.known()
    kept = _kept(keep, start, known.months)
    pilots = _pilots(belief, known, rules, seed, paths) if banded else [_no_bands(known)] * len(rules)
    gathered = [_room(known, paths, kept, bands) for bands in pilots]
    total = paths * known.months * len(rules)
    done = 0

    def one(first: int) -> int:
        count = min(chunk, paths - first)
        _play_chunk(belief, known, rules, gathered, kept, seed, first, count)
        return count * known.months * len(rules)

    # A queue, not concurrent.futures.wait: a Ctrl-C inside that one can leave its locks held.
    finished: SimpleQueue[Future[int]] = SimpleQueue()
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        for first in range(0, paths, chunk):
            pool.submit(one, first).add_done_callback(finished.put)
        while done < total:
            done += finished.get().result()
            if progress is not None:
                progress(done, total)
    finally:
        pool.shutdown(cancel_futures=True)  # a Ctrl-C waits for the chunks at work, not for all
    return tuple(
        _futures(rule, one_rule, known, start, seed, keep)
        for rule, one_rule in zip(rules, gathered, strict=True)
    )


def _kept(keep: Keep | None, start: Month, months: int) -> company_engine.Kept:
    if keep is None:
        return company_engine.Kept()
    since, until = max(keep.since - start, 0), min(keep.until - start, months)
    return company_engine.Kept(keep.series, since, max(until, since))


def _pilots(
    belief: Belief, known: Parameters, rules: Sequence[RuleToPlay], seed: int, paths: int
) -> list[company_engine.Bands]:
    """Play the first paths of each rule, to know where the bands lie."""
    count = min(PILOT, paths)
    p = belief.parameters(seed, np.arange(count))
    everything = company_engine.Kept(BANDED, 0, known.months)
    blocks = company_engine.blocks_of(p)
    pilots = []
    for rule in rules:
        played = company_engine.play_paths(
            p, known, rule.terms, seed=seed, paths=np.arange(count), keep=everything, blocks=blocks
        )
        lows, highs = ranges(played.kept)
        pilots.append(company_engine.Bands(BANDED, lows, highs))
    return pilots


def _no_bands(known: Parameters) -> company_engine.Bands:
    nothing = np.zeros((0, known.months))
    return company_engine.Bands((), nothing, nothing)


def _room(known: Parameters, paths: int, kept: company_engine.Kept, bands: company_engine.Bands) -> _Gathered:
    return _Gathered(
        outcomes=np.empty((len(OUTCOMES), paths)),
        annual=np.empty((len(ANNUAL), known.years, paths)),
        kept=np.empty((len(kept.series), kept.until - kept.since, paths)),
        months=known.months,
        bands=bands,
    )


def _play_chunk(
    belief: Belief,
    known: Parameters,
    rules: Sequence[RuleToPlay],
    gathered: Sequence[_Gathered],
    kept: company_engine.Kept,
    seed: int,
    first: int,
    count: int,
) -> None:
    """Play every rule on one chunk of paths, with one draw of their parameters."""
    p = belief.parameters(seed, np.arange(first, first + count))
    blocks = company_engine.blocks_of(p)
    here = slice(first, first + count)
    for rule, into in zip(rules, gathered, strict=True):
        played = company_engine.play_paths(
            p,
            known,
            rule.terms,
            seed=seed,
            paths=np.arange(first, first + count),
            bands=into.bands,
            keep=kept,
            blocks=blocks,
            counts=into.counts_of_thread(),
        )
        into.outcomes[:, here] = played.outcomes
        into.annual[:, :, here] = played.annual
        into.kept[:, :, here] = played.kept


def _futures(
    rule: RuleToPlay, gathered: _Gathered, known: Parameters, start: Month, seed: int, keep: Keep | None
) -> Futures:
    bands = gathered.bands
    assert bands.lows is not None
    assert bands.highs is not None
    series = () if keep is None else keep.series
    return Futures(
        rule=rule.words,
        start=start,
        months=known.months,
        seed=seed,
        paths=gathered.outcomes.shape[1],
        outcomes=dict(zip(OUTCOMES, gathered.outcomes, strict=True)),
        annual=dict(zip(ANNUAL, gathered.annual, strict=True)),
        years=tuple(start.year + y for y in range(known.years)),
        bands=Bands(
            series=bands.series,
            values=quantiles(gathered.total_counts(), bands.lows, bands.highs),
            resolution=((bands.highs - bands.lows) / bands.bins).max(axis=1),
        ),
        kept=dict(zip(series, gathered.kept, strict=True)),
        kept_from=start if keep is None else max(keep.since, start),
        terminal_discount=float(known.firm.discount_factor[0]) ** known.months,
    )
