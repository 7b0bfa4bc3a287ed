"""What to measure next: what knowing one figure before deciding would be worth.

The expected value of partial perfect information on a field X (EVPPI) is what could be gained by choosing
the rule after X is known instead of before::

    EVPPI(X) = E[ max_r E[u_r | X] ] - max_r E[u_r]                                    (R6)

with u_r the value of rule r in a future (`valued`). It is read off the futures that were played for the
decision, without playing more: E[u_r | X] is the regression of u_r on X over the paths (Strong, Oakley &
Brennan, *Medical Decision Making* 34 (2014) 311).

The plain regression estimate takes the maximum over fitted means, so noise in the fits makes every field
look valuable. Here the fits are crossed: the paths are split into folds, the rule for a path is chosen by
fits that have not seen its fold, and what is averaged is the value that this rule had on that path. That is
the mean value of a choice which anyone who knew X could make, so its expectation is at most the EVPPI for any
quality of fit; the shortfall is of second order in the error of the fits. On every path it is at most the
value of the best rule there, so it is never more than the expected value of perfect information. A term of
a fit that is not worth its place by Schwarz's criterion is left out, so that a field which says nothing
changes no choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, pairwise
from statistics import NormalDist

import numpy as np

from secondhall.belief import Belief
from secondhall.case import REGIMES, Case
from secondhall.case.field_words import field_words
from secondhall.company.layout import Floats
from secondhall.decide.decision import Contender, Information
from secondhall.decide.words import with_error
from secondhall.futures import TAIL, Estimate, probability
from secondhall.units import percent

__all__ = [
    "LEAST_PATHS",
    "MOST_PATHS",
    "Information",
    "grouped",
    "information_value",
    "measure_next",
    "valued",
]

LEAST_PATHS, MOST_PATHS = 400, 16_000
"""With fewer futures nothing is said; of more, the first are used."""

FOLDS = 5


def valued(npv: Floats, base: int, weight: float) -> Floats:
    """Return [rule, path] values by which rules are chosen.

    ::

        u(v) = (1 - weight) v + weight (q + min(v - q, 0)/tail)

    with q the 5 % point of the NPV of rule ``base``, the best by its score. For that rule the mean of u is
    its score, for the others at most theirs (Rockafellar & Uryasev 2000: the CVaR is the maximum over q), so
    the best without information stays the best; and one u for all rules makes what is gained by changing
    between them at most the gain in the score. Without weight on risk u is the NPV.

    Parameters
    ----------
    npv
        [rule, path].
    base
        row of the best rule.
    weight
        on the CVaR.
    """
    paths = npv.shape[1]
    count = max(round(TAIL * paths), 1)
    q = float(np.partition(npv[base], count - 1)[count - 1])
    tail = q + np.minimum(npv - q, 0.0) / (count / paths)
    worth: Floats = (1.0 - weight) * npv + weight * tail
    return worth


def information_value(over: Floats, fields: Sequence[Floats]) -> tuple[Estimate, Estimate]:
    """(R6) Return the worth of knowing some fields together, and the probability that the choice changes.

    Parameters
    ----------
    over
        [rule, path] value over the rule that is best without information; one of the rows is that rule's own,
        all zero.
    fields
        one or more [path] values, known together.

    Returns
    -------
    worth, changes
        with their Monte-Carlo errors. The worth may come out below zero, by its error.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, luck = rng.standard_normal((2, 20_000))
    >>> worth, changes = information_value(np.stack([x - 0.5 + luck, 0.0 * x]), [x])
    >>> round(worth.value, 1), round(changes.value, 1)  # phi(0.5) - 0.5 Phi(-0.5) = 0.198; Phi(-0.5) = 0.31
    (0.2, 0.3)
    """
    base = int(np.flatnonzero(~over.any(axis=1))[0])
    chosen = _chosen(_columns(fields), over)
    gained = np.take_along_axis(over, chosen[None, :], axis=0)[0]
    return Estimate.of_mean(gained), probability(chosen != base)


def _chosen(columns: Floats, over: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return [path] the rule of which the fits on the other folds expect most.

    The products of small matrices are left to einsum: a threaded library would spend its time on waiting.
    """
    count, paths = columns.shape
    means = over.mean(axis=1)[:, None]
    ends = [paths * k // FOLDS for k in range(FOLDS + 1)]
    folds = [slice(first, last) for first, last in pairwise(ends)]
    grams = np.stack([np.einsum("cp,dp->cd", columns[:, f], columns[:, f]) for f in folds])
    crossed = np.stack([np.einsum("cp,rp->cr", columns[:, f], over[:, f] - means) for f in folds])
    squares = np.stack([((over[:, f] - means) ** 2).sum(axis=1) for f in folds])
    straight = _orthonormal(grams.sum(axis=0) / paths)
    seen = paths - np.diff(ends)
    fit = _fit(
        straight @ (grams.sum(axis=0) - grams) @ straight.T / seen[:, None, None],
        straight @ (crossed.sum(axis=0) - crossed) / seen[:, None, None],
        (squares.sum(axis=0) - squares) / seen[:, None],
        seen,
    )
    weights = straight.T @ fit
    chosen = np.empty(paths, dtype=np.int64)
    for k, fold in enumerate(folds):
        expected = means + np.einsum("cr,cp->rp", weights[k].reshape(count, -1), columns[:, fold])
        chosen[fold] = expected.argmax(axis=0)
    return chosen


def _fit(gram: Floats, crossed: Floats, squares: Floats, seen: Floats) -> Floats:
    """Return [fold, column, rule] least-squares coefficients, those below Schwarz's criterion zero.

    The columns are orthonormal over all paths, nearly so over the ``seen`` ones of a fold's fit, so each may
    be judged by itself: it stays if it lowers seen ln(residual squares) by more than ln(seen), which is
    t^2 > ln(seen).
    """
    ridge = 1e-9 * np.eye(gram.shape[-1])  # for columns that were left out, or rest on the fold itself
    fit = np.linalg.solve(gram + ridge, crossed)
    noise = np.maximum(squares - (fit * crossed).sum(axis=1), 0.0)[:, None, :]
    count = seen[:, None, None]
    kept: Floats = np.where(fit**2 * count > np.log(count) * noise, fit, 0.0)
    return kept


def _orthonormal(gram: Floats) -> Floats:
    """Return the triangle T that makes T columns orthonormal (Gram and Schmidt, in the order of the columns).

    A column that says nothing new, as the square of a figure of two values, is left out: its row is zero.
    """
    size = gram.shape[0]
    rows = np.zeros((size, size))
    for j in range(size):
        row = np.eye(size)[j]
        for _ in range(2):  # once more takes out what rounding left
            row = row - rows[:j].T @ (rows[:j] @ (gram @ row))
        left = float(row @ gram @ row)
        if left > 1e-9 * gram[j, j]:
            rows[j] = row / np.sqrt(left)
    return rows


def _columns(fields: Sequence[Floats]) -> Floats:
    """Return [column, path]: powers of each field's normal score up to the third, and products, of mean zero.

    By its rank a field is used whatever its scale or skew; a normal field enters as itself.
    """
    scores = [_normal_score(field) for field in fields]
    columns = [*scores, *(z * z for z in scores), *(z * z * z for z in scores)]
    columns += [first * second for first, second in combinations(scores, 2)]
    raw = np.stack(columns)
    centred: Floats = raw - raw.mean(axis=1, keepdims=True)
    return centred


def _normal_score(field: Floats) -> Floats:
    """Return [path] the standard normal score of each value's rank; equal values share the middle rank."""
    _, place, counts = np.unique(field, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - 0.5 * (counts + 1)
    table = _normal_scores(field.size)
    score: Floats = np.interp(rank, np.arange(field.size), table)[place]
    return score


@lru_cache(maxsize=1)
def _normal_scores(count: int) -> Floats:
    """Return Phi^-1((i + 1/2)/count), symmetric."""
    normal = NormalDist()
    half = np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count // 2)])
    return np.concatenate([half, np.zeros(count % 2), -half[::-1]])


def grouped(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the fields that one measurement tells, by their name without the regime.

    Examples
    --------
    >>> grouped(["segments.a.churn_monthly.boom", "segments.a.churn_monthly.bust", "costs.draw_share"])
    {'segments.a.churn_monthly': ('segments.a.churn_monthly.boom', 'segments.a.churn_monthly.bust'), \
'costs.draw_share': ('costs.draw_share',)}
    """
    groups: dict[str, tuple[str, ...]] = {}
    for name in names:
        stem, _, last = name.rpartition(".")
        key = stem if last in REGIMES else name
        groups[key] = (*groups.get(key, ()), name)
    return groups


def measure_next(
    case: Case, belief: Belief, order: Sequence[Contender], *, seed: int, weight: float
) -> tuple[tuple[Information, ...], Estimate | None]:
    """Return what each measurement is worth, the most first, and what knowing the whole future is worth.

    Parameters
    ----------
    order
        the rules that were judged over the same futures, the best first; those that are refused are left out,
        as they cannot be chosen.
    seed
        of these futures.
    weight
        on the CVaR in the choice.

    Returns
    -------
    information, perfect
        empty and None with fewer than two rules to choose from, or fewer than `LEAST_PATHS` futures.
    """
    free = [contender.futures for contender in order if contender.refused is None]
    if len(free) < 2 or free[0].paths < LEAST_PATHS:
        return (), None
    paths = min(free[0].paths, MOST_PATHS)
    worth = valued(np.stack([futures.outcomes["npv"][:paths] for futures in free]), 0, weight)
    best = int(worth.mean(axis=1).argmax())  # of the first paths alone another may be the best
    over = worth - worth[best]
    values = belief.values(seed, np.arange(paths))
    found = [
        _told(case, name, fields, *information_value(over, [values[field] for field in fields]))
        for name, fields in grouped([name for name, value in values.items() if np.ptp(value) > 0.0]).items()
    ]
    found.sort(key=lambda one: -one.worth.value)
    return tuple(found), Estimate.of_mean(over.max(axis=0))


def _told(case: Case, name: str, fields: tuple[str, ...], worth: Estimate, changes: Estimate) -> Information:
    """Put a worth into words."""
    told = [field_words(case, field) for field in fields]
    whens = ", ".join(one.when for one in told if one.when)
    what = f"{told[0].subject}, {told[0].meaning}" + (f" ({whens})" if whens else "")
    one = Information(name, fields, worth, changes, "")
    said = (
        f"is worth {with_error(worth, case)}, and would change the choice in "
        f"{percent(changes.value)} of cases"
        if one.told
        else "is worth nothing that can be told from zero"
    )
    return replace(one, words=f"{what[0].upper()}{what[1:]}: to know it before deciding {said}.")
