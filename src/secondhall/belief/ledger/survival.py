"""How long customers stay: survival curves to look at, and whether the hazard out of term is constant (O6).

The company plays a hazard that depends on the regime alone. The ledger is asked whether the time since the
end of the term matters beside it: leavers by age band are compared with what the month's own mean hazard lets
expect, which takes the regimes out (the log-rank test with the calendar months as strata: Mantel and
Haenszel, *J. Natl. Cancer Inst.* 22 (1959), 719).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from secondhall.belief.ledger.read import risk_spells
from secondhall.belief.ledger.rows import ContractRows, counted, spread
from secondhall.belief.part import Part
from secondhall.belief.posterior import Lesson
from secondhall.company.layout import Floats

__all__ = [
    "BANDS",
    "AgeBands",
    "age_bands",
    "constant_hazard",
    "durations",
    "learn_survival",
    "survival_curve",
]

BANDS = (0, 6, 12, 24)
"""First months of the age bands since the end of the term: 0-5, 6-11, 12-23, 24 and more."""
SIZE = 0.01
"""Of the test of a constant hazard, for each segment: how often a true constant is called false."""
CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class AgeBands:
    """Leavers and customers at risk by time since the end of the term, [band, month], of one segment."""

    leavers: Floats
    at_risk: Floats


def durations(rows: ContractRows, segment: int) -> tuple[Floats, Floats]:
    """Return [stay] the months billed of stays that ended, and of those that last (censored)."""
    stays = rows.frame.filter(pl.col("segment") == segment).group_by("stay", maintain_order=True)
    frame = stays.agg(pl.col("start").min(), pl.col("left").first())
    ended = frame.filter(pl.col("left").is_not_null())
    lasting = frame.filter(pl.col("left").is_null() & (pl.col("start") < rows.months))
    return (
        (ended["left"] - ended["start"]).cast(pl.Float64).to_numpy(),
        (rows.months - lasting["start"]).cast(pl.Float64).to_numpy(),
    )


def survival_curve(ended: Floats, lasting: Floats) -> dict[str, Floats]:
    """Return the Kaplan-Meier curve with its 90 % band: ``age_months``, ``survival``, ``low``, ``high``.

    Parameters
    ----------
    ended, lasting
        months billed of stays that ended, and of those that were still there.

    Notes
    -----
    Kaplan and Meier, *J. Am. Stat. Assoc.* 53 (1958), 457; the band by Greenwood's formula on the scale of
    log(-log), which keeps it inside 0 to 1.
    """
    from scipy import stats

    if ended.size == 0:
        ages = np.array([0.0, lasting.max(initial=0.0)])
        return {"age_months": ages, "survival": np.ones(2), "low": np.ones(2), "high": np.ones(2)}
    curve = stats.ecdf(stats.CensoredData(uncensored=ended, right=lasting)).sf
    with warnings.catch_warnings():  # where nobody is left the band has no formula
        warnings.simplefilter("ignore", RuntimeWarning)
        band = curve.confidence_interval(CONFIDENCE, method="log-log")
    ages = np.concatenate([[0.0], curve.quantiles])
    columns = {
        "survival": curve.probabilities,
        "low": band.low.probabilities,
        "high": band.high.probabilities,
    }
    found = {"age_months": ages}
    for name, values in columns.items():
        known = np.where(np.isnan(values), curve.probabilities, values)
        found[name] = np.concatenate([[1.0], known])
    return found


def age_bands(rows: ContractRows, segment: int) -> AgeBands:
    """Return leavers and customers at risk by time since the end of the term, of one segment."""
    spells = risk_spells(rows).filter(pl.col("segment") == segment)
    since, last, free = (spells[n].cast(pl.Int64).to_numpy() for n in ("since", "last", "free"))
    leaves = spells["leaves"].to_numpy()
    bounds = [*BANDS, rows.months + 1]
    shape = (len(BANDS), rows.months)
    at_risk, leavers = np.zeros(shape), np.zeros(shape)
    for band, (low, high) in enumerate(pairwise(bounds)):
        place = np.full(since.size, band)
        ends = np.minimum(last, free + high - 1)
        at_risk += spread(place, np.maximum(since, free + low), ends, np.ones(since.size), shape)
        mine = leaves & (last - free >= low) & (last - free < high)
        leavers += counted(place[mine], last[mine], np.ones(int(mine.sum())), shape)
    return AgeBands(leavers, np.round(at_risk))


def constant_hazard(bands: AgeBands) -> tuple[float, int]:
    """Return the p-value that the hazard does not depend on the age band, and the degrees of freedom.

    The statistic is (O - E)' V^-1 (O - E), with E and V the hypergeometric mean and covariance of the
    leavers by band given all the leavers of each month, chi-square under a hazard that is the same in all
    bands; 1 and 0 where there is nothing to compare.
    """
    from scipy import stats

    risk, left = bands.at_risk.sum(axis=0), bands.leavers.sum(axis=0)
    months = (risk > 1.0) & (left > 0.0)
    share = bands.at_risk[:, months] / risk[months]
    left, risk = left[months], risk[months]
    excess = bands.leavers[:, months].sum(axis=1) - (share * left).sum(axis=1)
    scale = left * (risk - left) / (risk - 1.0)
    variance = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    known = np.diag(variance) > 1e-12
    freedom = int(np.linalg.matrix_rank(variance[np.ix_(known, known)])) if known.any() else 0
    if freedom == 0:
        return 1.0, 0
    inverse = np.linalg.pinv(variance[np.ix_(known, known)])
    statistic = float(excess[known] @ inverse @ excess[known])
    return float(stats.chi2.sf(statistic, freedom)), freedom


def learn_survival(rows: ContractRows) -> Part:
    """Return survival curves, hazards by age, and what they say against a constant hazard."""
    lessons: list[Lesson] = []
    series: dict[str, dict[str, Floats]] = {}
    for s, name in enumerate(rows.segments):
        ended, lasting = durations(rows, s)
        if ended.size + lasting.size == 0:
            continue
        series[f"survival of {name}"] = survival_curve(ended, lasting)
        early = _early_leavers(rows, s)
        subject = f"segments.{name}.churn_monthly"
        if early:
            words = (
                f"{early} of {ended.size} who left {name} did so inside their term, which the company does "
                "not play: its churn counts only those out of term"
            )
            lessons.append(Lesson(subject, False, words))
        bands = age_bands(rows, s)
        if bands.leavers.sum() == 0.0:
            continue
        hazard, low, high = _hazards(bands)
        series[f"hazard of {name} by months since the end of its term"] = {
            "from_month": np.array(BANDS, dtype=np.float64),
            "leavers": bands.leavers.sum(axis=1),
            "at_risk": bands.at_risk.sum(axis=1),
            "hazard": hazard,
            "low": low,
            "high": high,
        }
        p_value, freedom = constant_hazard(bands)
        if freedom and p_value < SIZE:
            lessons.append(Lesson(subject, True, _against(name, hazard, p_value, freedom)))
    return Part(lessons=tuple(lessons), series=series)


def _early_leavers(rows: ContractRows, segment: int) -> int:
    """Return how many left before the terms that bound them were over."""
    stays = rows.frame.filter(pl.col("segment") == segment).group_by("stay")
    ends = stays.agg(pl.col("free").max(), pl.col("left").first())
    return int(ends.filter(pl.col("left") < pl.col("free")).height)


def _hazards(bands: AgeBands) -> tuple[Floats, Floats, Floats]:
    """Return [band] the hazard and its exact 90 % interval (Clopper and Pearson, *Biometrika* 26 (1934))."""
    from scipy import stats

    left, risk = bands.leavers.sum(axis=1), bands.at_risk.sum(axis=1)
    tail = (1.0 - CONFIDENCE) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = left / risk
        low = np.where(left > 0, stats.beta.ppf(tail, left, risk - left + 1), 0.0)
        high = np.where(left < risk, stats.beta.ppf(1.0 - tail, left + 1, risk - left), 1.0)
    return hazard, low, high


def _against(name: str, hazard: Floats, p_value: float, freedom: int) -> str:
    names = [f"{a}-{b - 1}" for a, b in pairwise(BANDS)] + [f"{BANDS[-1]} and more"]
    told = ", ".join(f"{100 * h:.2f} % ({n} months)" for h, n in zip(hazard, names, strict=True) if h == h)
    return (
        f"the hazard of {name} depends on the time since the end of its term, {told}: log-rank test by "
        f"calendar month, {freedom} degrees of freedom, p = {p_value:.2g}, at a size of {SIZE:.0%} for each "
        "segment. The company plays one hazard for each regime"
    )
