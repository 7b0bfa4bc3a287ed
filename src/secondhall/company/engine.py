"""The door to the compiled engine: packs parameters into blocks, plays them, unpacks nothing.

The kernels are imported inside, so that who only reads or checks a case never loads the compiler.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondhall.company.layout import ANNUAL, LANES, OUTCOMES, SERIES, Floats, Integers
from secondhall.company.parameters import Parameters, RuleTerms, idle_terms
from secondhall.company.warm import is_compiled

if TYPE_CHECKING:
    from secondhall.company.kernels.blocks import Known, Model, Terms


@dataclass(frozen=True)
class Bands:
    """Which series are counted into histograms, and over which range.

    Attributes
    ----------
    series
        names out of `secondhall.company.layout.SERIES`.
    lows, highs
        [series, month] edges of the range; what lies outside is counted in the first or last bin.
    bins
        bins between the edges.
    """

    series: tuple[str, ...] = ()
    lows: Floats | None = None
    highs: Floats | None = None
    bins: int = 512


@dataclass(frozen=True)
class Kept:
    """Which series are stored path by path, and for which months (from, until)."""

    series: tuple[str, ...] = ()
    since: int = 0
    until: int = 0


@dataclass(frozen=True)
class Played:
    """What a stretch of paths left behind.

    Attributes
    ----------
    outcomes
        [outcome, path]
    annual
        [line, calendar year, path]
    counts
        [band, month, bin]
    kept
        [kept, month, path]
    """

    outcomes: Floats
    annual: Floats
    counts: NDArray[np.int32]
    kept: Floats


def play_paths(
    p: Parameters,
    known: Parameters,
    rule: RuleTerms,
    *,
    seed: int,
    paths: Integers,
    bands: Bands | None = None,
    keep: Kept | None = None,
    blocks: "Model | None" = None,
    counts: NDArray[np.int32] | None = None,
) -> Played:
    """Play paths in the compiled engine, in this thread.

    Parameters
    ----------
    p
        parameters of these paths, or of one path that all share.
    known
        the mid values, one path.
    rule
        the rule's terms.
    seed
        of all chance.
    paths
        which futures, [path]; or [month, path] whose chance each lives in each month.
    bands, keep
        what to observe on the way.
    blocks
        ``blocks_of(p)``, when several rules are played on the same parameters.
    counts
        [band, month, bin] histograms to add to; new ones when None.
    """
    make_ready()
    from secondhall.company.kernels.play import Observers, play_blocks

    bands, keep = bands or Bands(), keep or Kept()
    count = paths.shape[-1]
    played = Played(
        outcomes=np.zeros((len(OUTCOMES), count)),
        annual=np.zeros((len(ANNUAL), p.years, count)),
        counts=np.zeros((len(bands.series), p.months, bands.bins), dtype=np.int32)
        if counts is None
        else counts,
        kept=np.zeros((len(keep.series), max(keep.until - keep.since, 0), count)),
    )
    empty = np.zeros((0, p.months))
    lows = empty if bands.lows is None else np.ascontiguousarray(bands.lows, dtype=np.float64)
    highs = empty if bands.highs is None else np.ascontiguousarray(bands.highs, dtype=np.float64)
    observers = Observers(
        rows_of(bands.series),
        lows,
        bands.bins / np.maximum(highs - lows, 1e-300),
        played.counts,
        rows_of(keep.series),
        keep.since,
        played.kept,
    )
    play_blocks(
        seed,
        np.ascontiguousarray(np.atleast_2d(paths)),
        blocks or blocks_of(p),
        known_of(known),
        terms_of(rule),
        observers,
        played.outcomes,
        played.annual,
    )
    return played


def play_branches(
    known: Parameters,
    rules: Sequence[RuleTerms],
    *,
    seed: int,
    paths: Integers,
    month: int,
    blocks: "Model",
) -> tuple[Floats, Floats]:
    """Play paths under nothing at all until a month, then once under each rule, in this thread.

    What a rule does by date it does from that month on; a rule with a trigger must be the same one in all
    of ``rules``, but for the month before which it rests.

    Parameters
    ----------
    known
        the mid values, one path.
    rules
        the terms of each rule.
    seed
        of all chance.
    paths
        which futures, [path]; or [month, path] whose chance each lives in each month.
    month
        of branching, 0 or later.
    blocks
        ``blocks_of`` the parameters of these paths.

    Returns
    -------
    npv, insolvency_month
        [rule, path], as in `secondhall.company.layout.OUTCOMES`.
    """
    make_ready()
    from secondhall.company.kernels.branches import Plans, play_branches

    shared = max(rules, key=lambda rule: rule.trigger)
    shape = (len(rules), paths.shape[-1])
    npv, insolvency_month = np.zeros(shape), np.zeros(shape)
    play_branches(
        seed,
        np.ascontiguousarray(np.atleast_2d(paths)),
        blocks,
        known_of(known),
        terms_of(shared),
        terms_of(idle_terms(known.halls)),
        Plans(*(np.array([getattr(rule, name) for rule in rules]) for name in Plans._fields)),
        month,
        npv,
        insolvency_month,
    )
    return npv, insolvency_month


@cache
def make_ready() -> None:
    """Compile the engine on two cores, unless it stands compiled."""
    if not is_compiled():
        from secondhall.company.kernels.warming import warm

        warm()


def rows_of(series: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the positions of named series."""
    return np.array([SERIES.index(name) for name in series], dtype=np.int64)


def blocks_of(p: Parameters) -> "Model":
    """Return the parameters as blocks: a leading axis of blocks, the lane last."""
    from secondhall.company.kernels.blocks import Model

    return Model(
        segment=in_lanes(p.segment.array),
        segment_regime=in_lanes(p.segment_regime.array),
        hall=in_lanes(p.hall.array),
        phase=in_lanes(p.phase.array),
        role=in_lanes(p.role.array),
        firm=in_lanes(p.firm.array),
        firm_regime=in_lanes(p.firm_regime.array),
        schedule=np.ascontiguousarray(p.schedule.array),
        calendar=np.ascontiguousarray(p.calendar.array),
        forced=np.repeat(p.calendar.forced_regime[None, :, None], LANES, axis=2),
        start_month_of_year=p.start_month_of_year,
        first_new_hall=p.first_new_hall,
    )


def in_lanes(array: Floats) -> Floats:
    """Turn [..., path] into [block, ..., lane]; the last block is filled up with its last path."""
    paths = array.shape[-1]
    blocks = -(-paths // LANES)
    missing = blocks * LANES - paths
    if missing:
        array = np.concatenate([array, np.repeat(array[..., -1:], missing, axis=-1)], axis=-1)
    split = array.reshape(*array.shape[:-1], blocks, LANES)
    return np.ascontiguousarray(np.moveaxis(split, -2, 0))


def known_of(p: Parameters) -> "Known":
    """Return the mid values without their path axis."""
    from secondhall.company.kernels.blocks import Known

    rows = (p.segment, p.segment_regime, p.firm, p.firm_regime)
    return Known(*(np.ascontiguousarray(r.array[..., 0]) for r in rows))


def terms_of(rule: RuleTerms) -> "Terms":
    """Return the rule's terms as the engine takes them."""
    from secondhall.company.kernels.blocks import Measures, Terms

    def fields(source: object, names: Sequence[str]) -> dict[str, Any]:
        values = {name: getattr(source, name) for name in names}
        arrays = {name: np.ascontiguousarray(v) for name, v in values.items() if isinstance(v, np.ndarray)}
        return values | arrays

    measures = Measures(**fields(rule.measures, Measures._fields))
    return Terms(**fields(rule, Terms._fields) | {"measures": measures})
