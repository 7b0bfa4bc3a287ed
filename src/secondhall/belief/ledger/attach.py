"""Services and equipment that come with customers (V2, V3), from the accounts beside the contracts.

An account of a period is the sum over its months of

    services: cost index x sum over segments (sc_s new customers + su_s their units + sm_s customers)
    equipment: sum over segments (eu_s (new units + growth) + em_s installed units)

plus a noise of one scale, so the coefficients are those of a linear regression. Services are brought to the
prices of the start (M6, at the case's mid inflation). The priors are normal with the mid of a statement and
the deviation of its interval, cut off at zero; the scale of the noise is known within some orders of
magnitude, and is not below that of figures rounded to a hundredth. The draws are exact: the scale from its
marginal density on a grid, the coefficients given it, and a draw with one of them below zero is drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secondhall.belief.ledger.grid import grid_draws
from secondhall.belief.ledger.rows import ContractRows, counted, spread
from secondhall.belief.ledger.sizes import band_of
from secondhall.belief.part import Part
from secondhall.belief.posterior import CHAINS, DRAWS, Check, Lesson
from secondhall.belief.priors import prior_of
from secondhall.case import Case, Quantity
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["Activity", "Regression", "activity_of", "attach_draws", "learn_attach"]

SERVICES = ("services_per_new_customer", "services_per_new_unit", "services_per_customer_month")
EQUIPMENT = ("equipment_per_new_unit", "equipment_per_unit_month")
ATTACH = 102
"""Marks the random numbers of this module beside those of the others."""

LINES = {"services_revenue": SERVICES, "equipment_revenue": EQUIPMENT}
"""The lines of the accounts and the fields that they tell of."""

USUAL_NOISE, NOISE_REACH = 0.05, 3.0
"""The noise is believed to be a twentieth of the line, give or take e^3."""
ROUNDING = 0.01 / 12.0**0.5
"""The deviation of an error of rounding to a hundredth: no figure is known better."""
UNTAUGHT = 0.9
"""A coefficient whose deviation is still this share of the prior's has not been learned."""
TRIES = 400
"""Batches of draws, some thrown away below zero, before the accounts are called contradictory."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Activity:
    """What services and equipment live on, [segment, month], by the month billed.

    Attributes
    ----------
    new_customers, new_units
        customers whose first contract is billed for the first time, and its capacity.
    grown_units
        capacity that customers added to what they had.
    customers, installed_units
        customers billed; their capacity, ramps counted.
    """

    new_customers: Floats
    new_units: Floats
    grown_units: Floats
    customers: Floats
    installed_units: Floats

    def of(self, field: str) -> Floats:
        """Return what a field of a segment is multiplied by (V2, V3)."""
        return {
            "services_per_new_customer": self.new_customers,
            "services_per_new_unit": self.new_units,
            "services_per_customer_month": self.customers,
            "equipment_per_new_unit": self.new_units + self.grown_units,
            "equipment_per_unit_month": self.installed_units,
        }[field]


def activity_of(rows: ContractRows) -> Activity:
    """Return what services and equipment live on, from the contracts."""
    shape = (len(rows.segments), rows.months)
    opens = pl.col("opens")
    stays = rows.frame.group_by("stay", maintain_order=True).agg(
        pl.col("segment").first(), pl.col("start").min(), pl.col("left").first().fill_null(rows.months)
    )
    segment, start, left = (stays[n].cast(pl.Int64).to_numpy() for n in ("segment", "start", "left"))
    one = np.ones(stays.height)
    return Activity(
        new_customers=counted(segment, start, one, shape),
        new_units=counted(
            rows.integers("segment", opens), rows.integers("start", opens), rows.of("capacity", opens), shape
        ),
        grown_units=_grown(rows, shape),
        customers=spread(segment, start, left - 1, one, shape),
        installed_units=_installed(rows, shape),
    )


def _grown(rows: ContractRows, shape: tuple[int, int]) -> Floats:
    """Return what a customer's new contracts of a month exceed those by that ended the month before."""
    lasting = pl.col("left").is_null() | (pl.col("end") + 1 < pl.col("left"))
    added = rows.frame.filter(~pl.col("opens")).select("segment", "stay", month="start", units="capacity")
    ended = rows.frame.filter(pl.col("end").is_not_null() & lasting)
    ended = ended.select("segment", "stay", month=pl.col("end") + 1, units=-pl.col("capacity"))
    net = pl.concat([added, ended]).group_by("segment", "stay", "month").agg(pl.col("units").sum())
    grown = net.filter(pl.col("units") > 0.0).sort("stay", "month")
    segment, month = (grown[name].cast(pl.Int64).to_numpy() for name in ("segment", "month"))
    return counted(segment, month, grown["units"].to_numpy(), shape)


def _installed(rows: ContractRows, shape: tuple[int, int]) -> Floats:
    """Return the capacity billed; a ramp of r months takes r equal steps from its first month billed."""
    steps = np.maximum(rows.integers("ramp_months"), 1)
    row = np.repeat(np.arange(steps.size), steps)
    step = np.arange(row.size) - np.repeat(np.cumsum(steps) - steps, steps)
    since = rows.integers("start")[row] + step
    weight = (rows.of("capacity") / steps)[row]
    return spread(rows.integers("segment")[row], since, rows.integers("end")[row], weight, shape)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Regression:
    """A line of the accounts, [period], and what it is made of.

    Attributes
    ----------
    line, names
        the line; the dotted names of the coefficients that are to be learned.
    figures
        [period] of the line, less what the coefficients that are known explain, at the prices of the start.
    design
        [period, coefficient].
    mean, deviation
        [coefficient] of their normal priors.
    usual_noise
        where the noise's scale is believed to be.
    """

    line: str
    names: tuple[str, ...]
    figures: Floats
    design: Floats
    mean: Floats
    deviation: Floats
    usual_noise: float


def attach_draws(task: Regression, size: int, rng: np.random.Generator) -> tuple[Floats, Floats] | None:
    """Return [coefficient, draw] and the scale of the noise, [draw]; None where no draw keeps above zero.

    With A = X D (D the deviations) and A = U S V', the residual r = y - X mean given the scale s is normal
    with variance S^2 + s^2 along U and s^2 beside it; the coefficients are mean + D V z, z normal with mean
    S U'r/(S^2 + s^2) and variance s^2/(S^2 + s^2) (Lindley and Smith, *J. R. Stat. Soc. B* 34 (1972), 1).
    """
    n, k = task.design.shape
    residual = task.figures - task.design @ task.mean
    left, singular, right = np.linalg.svd(task.design * task.deviation, full_matrices=False)
    along = left.T @ residual
    beside = float(((residual - left @ along) ** 2).sum())
    middle = np.log(task.usual_noise)

    def density(log_scale: Floats) -> Floats:
        variance = np.exp(2.0 * log_scale)[..., None]
        total = singular**2 + variance
        fit = np.log(total) + along**2 / total
        rest = 2.0 * (n - singular.size) * log_scale + beside / variance[..., 0]
        prior = ((log_scale - middle) / NOISE_REACH) ** 2
        return np.asarray(-0.5 * (fit.sum(axis=-1) + rest + prior))

    kept: list[Floats] = []
    found = 0
    for _ in range(TRIES):
        (log_scale,) = grid_draws(density, [(np.log(ROUNDING), max(middle, 0.0) + 15.0)], size, rng)
        variance = np.exp(2.0 * log_scale)
        total = singular[:, None] ** 2 + variance
        white = rng.standard_normal((k, size))
        along_right = right @ white
        shift = singular[:, None] * along[:, None] / total + along_right * (np.sqrt(variance / total) - 1.0)
        drawn = task.mean[:, None] + task.deviation[:, None] * (white + right.T @ shift)
        above = (drawn >= 0.0).all(axis=0)
        kept.append(np.vstack([drawn, np.exp(log_scale)])[:, above])
        found += int(above.sum())
        if found >= size:
            draws = np.concatenate(kept, axis=1)[:, :size]
            return draws[:-1], draws[-1]
    return None


def learn_attach(case: Case, rows: ContractRows, until: Month, *, seed: int) -> Part:
    """Return what the monthly accounts say of services and equipment, segment by segment."""
    values: dict[str, Floats] = {}
    priors: dict[str, Quantity] = {}
    lessons: list[Lesson] = []
    checks: list[Check] = []
    activity = activity_of(rows)
    for number, line in enumerate(LINES):
        made = _regression(case, rows, activity, line, until)
        if isinstance(made, Lesson):
            lessons.append(made)
            continue
        task, asked, last_year = made
        rng = np.random.default_rng([seed, ATTACH, number])
        drawn = attach_draws(task, CHAINS * DRAWS, rng)
        if drawn is None:
            words = (
                f"{line} contradicts the contracts: no coefficients of zero or more explain it; "
                "the case's statements stand in"
            )
            lessons.append(Lesson(f"accounts.{line}", False, words))
            continue
        for name, draws in zip(task.names, drawn[0], strict=True):
            values[name], priors[name] = draws.reshape(CHAINS, DRAWS), asked[name]
        lessons += _words(task, drawn[0])
        if last_year is not None:
            checks.append(_check(case, line, drawn, last_year, rng))
    return Part(values=values, priors=priors, lessons=tuple(lessons), checks=tuple(checks))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _LastYear:
    """The last twelve months of a line, in the money of those months."""

    words: str
    value: float
    known: float
    design: Floats
    noise: float


def _regression(
    case: Case, rows: ContractRows, activity: Activity, line: str, until: Month
) -> tuple[Regression, dict[str, Quantity], _LastYear | None] | Lesson:
    names, asked, stated = _coefficients(case, line)
    if not asked:
        return Lesson(
            f"accounts.{line}", False, f"no rate of {line} is to be learned: what the case states stands"
        )
    periods = _periods(case, rows, line, until)
    if isinstance(periods, Lesson):
        return periods
    first, length, figures = periods
    index = _index(case, rows) if line == "services_revenue" else np.ones(rows.months)
    columns = np.stack([activity.of(name.rsplit(".", 1)[1])[_segment(case, name)] * index for name in names])
    summed = np.concatenate([np.zeros((len(names), 1)), np.cumsum(columns, axis=1)], axis=1)
    design = (summed[:, first + length] - summed[:, first]).T
    deflator = np.array([index[k : k + length].mean() for k in first])
    learned = np.array([name in asked for name in names])
    known = design[:, ~learned] @ np.array([stated[n].mid for n in names if n not in asked])
    task = Regression(
        line=line,
        names=tuple(asked),
        figures=(figures - known) / deflator,
        design=design[:, learned] / deflator[:, None],
        mean=np.array([q.mid for q in asked.values()]),
        deviation=np.array([_deviation(q) for q in asked.values()]),
        usual_noise=USUAL_NOISE
        * max(float((design[:, learned] @ np.array([q.mid for q in asked.values()]) + known).mean()), 1.0),
    )
    last = slice(-(12 // length), None) if 12 % length == 0 and first.size >= 12 // length else None
    if last is None:
        return task, asked, None
    since = rows.first + int(first[last][0])
    year = _LastYear(
        words=f"{since} to {rows.first + int(first[-1]) + length - 1}",
        value=float(figures[last].sum()),
        known=float(known[last].sum()),
        design=design[last][:, learned].sum(axis=0),
        noise=float(np.sqrt((deflator[last] ** 2).sum())),
    )
    return task, asked, year


def _coefficients(case: Case, line: str) -> tuple[list[str], dict[str, Quantity], dict[str, Quantity]]:
    """Return the names of a line's coefficients, the priors of those to be learned, and all statements."""
    stated = {
        f"segments.{name}.{field}": record.number(field)
        for field in LINES[line]
        for name, record in case.segments.items()
    }
    asked = {name: prior for name, q in stated.items() if (prior := prior_of(name, q)) is not None}
    return list(stated), {name: asked[name] for name in stated if name in asked}, stated


def _segment(case: Case, name: str) -> int:
    return list(case.segments).index(name.split(".")[1])


def _deviation(prior: Quantity) -> float:
    score = NormalDist().inv_cdf((1.0 + prior.confidence) / 2.0)
    low = prior.mid if prior.low is None else prior.low
    high = prior.mid if prior.high is None else prior.high
    return (high - low) / (2.0 * score)


def _index(case: Case, rows: ContractRows) -> Floats:
    """Return [month] the cost index, 1 just before the start (M6)."""
    inflation = case.costs.number("inflation_yearly").mid
    since_start = rows.first - case.start + np.arange(rows.months)
    index: Floats = (1.0 + inflation) ** ((since_start + 1) / 12.0)
    return index


def _periods(
    case: Case, rows: ContractRows, line: str, until: Month
) -> tuple[NDArray[np.int64], int, Floats] | Lesson:
    """Return the first month of each period, its length and the figures: of the length that is there most."""
    accounts = case.known_accounts(until)
    found = None if accounts is None else accounts.filter(pl.col("line") == line)
    if found is not None:
        inside = (pl.col("first") >= rows.first.ordinal) & (
            pl.col("first") + pl.col("months") <= rows.first.ordinal + rows.months
        )
        found = found.filter(inside).sort("first")
    if found is None or found.height == 0:
        words = (
            f"there are no accounts of {line} for the months of the contracts: the case's statements stand in"
        )
        return Lesson(f"accounts.{line}", False, words)
    length = int(found["months"].mode().min())  # type: ignore[arg-type]
    found = found.filter(pl.col("months") == length)
    first = found["first"].cast(pl.Int64).to_numpy() - rows.first.ordinal
    return first, length, found["value"].to_numpy()


def _words(task: Regression, drawn: Floats) -> list[Lesson]:
    """Say how many rates the figures narrowed, and of which coefficients they said nothing."""
    share = drawn.std(axis=1) / task.deviation
    told = [name for name, s in zip(task.names, share, strict=True) if s < UNTAUGHT]
    months = f"{task.figures.size} periods of {task.line}"
    lessons = [
        Lesson(f"accounts.{task.line}", True, f"{months} narrowed {len(told)} of {len(task.names)} rates")
    ]
    for name, s in zip(task.names, share, strict=True):
        if s >= UNTAUGHT:
            words = f"{months} say nothing of it: it is as wide as the case states it ({s:.0%})"
            lessons.append(Lesson(name, False, words))
    return lessons


def _check(
    case: Case,
    line: str,
    drawn: tuple[Floats, Floats],
    year: _LastYear,
    rng: np.random.Generator,
) -> Check:
    coefficients, noise = drawn
    predicted = year.known + year.design @ coefficients
    predicted = predicted + year.noise * noise * rng.standard_normal(noise.size)
    words = line.replace("_", " ")
    return Check(
        fact=words,
        words=f"{words} of the last twelve months",
        period=year.words,
        source="accounts.csv",
        unit=case.currency,
        value=year.value,
        band=band_of(predicted),
    )
