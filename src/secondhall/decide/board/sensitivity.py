"""Sensitivity: which uncertain figures move the gain of the recommended rule the most.

The first-order index of a field X is the share of the variance of the gain G over never that X alone
explains,

    S(X) = Var(E[G | X]) / Var(G),

read off the futures that were played by the random-balance-design Fourier estimator (Tarantola, Gatelli and
Mara 2006; for given data Plischke 2010) of SALib, its bias taken off (Tissot and Prieur 2012). What the
indices leave is chance, which no figure tells, and what figures do together.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.case.field_words import field_words
from secondhall.company.layout import Floats
from secondhall.decide.board.paper import Sensitivity
from secondhall.decide.decision import Contender
from secondhall.futures import Estimate

__all__ = ["first_order", "sensitivity_of"]

LEAST_PATHS, MOST_PATHS = 400, 16_000
"""With fewer futures nothing is said; of more, the first are used."""

SHOWN = 10
HARMONICS, RESAMPLES, CONFIDENCE = 10, 100, 0.95


def first_order(fields: Mapping[str, Floats], gain: Floats, *, most: int, seed: int) -> dict[str, Estimate]:
    """Return the first-order indices of the fields that have the most, the most first.

    Parameters
    ----------
    fields
        name to [path].
    gain
        [path].
    most
        of how many fields.
    seed
        of the bootstrap of the errors; it draws halves of the futures, so they are cautious by root 2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.random((2, 4_000))
    >>> found = first_order({"x": x, "y": y}, 2.0 * x + y, most=2, seed=1)
    >>> {name: round(one.value, 1) for name, one in found.items()}  # 4/5 and 1/5
    {'x': 0.8, 'y': 0.2}
    """
    names, columns = list(fields), np.column_stack(list(fields.values()))
    rough, _ = _indices(names, columns, gain, resamples=2, seed=seed)
    order = np.argsort(-rough, kind="stable")[:most]
    kept = [names[at] for at in order]
    shares, errors = _indices(kept, columns[:, order], gain, resamples=RESAMPLES, seed=seed)
    return {name: Estimate(float(s), float(e)) for name, s, e in zip(kept, shares, errors, strict=True)}


def _indices(
    names: list[str], columns: Floats, gain: Floats, *, resamples: int, seed: int
) -> tuple[Floats, Floats]:
    """Return [field] the indices and their standard errors."""
    from SALib.analyze import rbd_fast

    found = rbd_fast.analyze(
        {"num_vars": len(names), "names": names},
        columns,
        gain,
        M=HARMONICS,
        num_resamples=resamples,
        conf_level=CONFIDENCE,
        seed=np.random.default_rng(seed),
    )
    wide = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)
    return np.array(found["S1"], dtype=np.float64), np.array(found["S1_conf"], dtype=np.float64) / wide


def sensitivity_of(
    case: Case, belief: Belief, recommended: Contender, never: Contender, *, seed: int
) -> tuple[Sensitivity, ...]:
    """Return the uncertain figures that move the gain of the recommended rule the most.

    Parameters
    ----------
    case, belief
        of the decision.
    recommended, never
        over the same futures.
    seed
        of these futures.

    Returns
    -------
    tuple of Sensitivity
        empty where the gain does not vary, or with fewer than `LEAST_PATHS` futures.
    """
    paths = min(recommended.futures.paths, MOST_PATHS)
    gain = (recommended.futures.outcomes["npv"] - never.futures.outcomes["npv"])[:paths]
    values = belief.values(seed, np.arange(paths))
    fields = {name: value for name, value in values.items() if np.ptp(value) > 0.0}
    if paths < LEAST_PATHS or np.ptp(gain) == 0.0 or not fields:
        return ()
    found = first_order(fields, gain, most=SHOWN, seed=seed)
    return tuple(Sensitivity(name, field_words(case, name).said, share) for name, share in found.items())
