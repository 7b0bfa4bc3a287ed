"""What was learned, as rows for tables: fields in plain words, values in readable units, before and after."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from secondhall.belief.trust import FINE_RHAT
from secondhall.case import REGIMES, Case
from secondhall.case.field_words import FieldWords, field_words
from secondhall.case.fields import case_fields
from secondhall.report.words import figure
from secondhall.units import percent

if TYPE_CHECKING:
    from secondhall.belief.posterior import Check, Convergence, Posterior, RegimePath

__all__ = [
    "CheckRow",
    "LessonRow",
    "ParameterRow",
    "RegimeNow",
    "check_rows",
    "convergence_words",
    "in_words",
    "lesson_rows",
    "parameter_rows",
    "readable",
    "regime_now",
    "subject_words",
]

_SECTIONS = ("segments", "market", "pipeline", "options", "halls", "staff", "costs", "finance")
_CONFIDENCE = 0.9
_QUARTILE = NormalDist().inv_cdf(0.75) / NormalDist().inv_cdf(0.5 + _CONFIDENCE / 2)
_Points = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A field before and after the data.

    Attributes
    ----------
    name, words
        its dotted name, and what it says.
    unit
        in which the numbers below are written: as the schema has it, or in %, k or M of it.
    size
        what one of these is worth in the unit of the case.
    prior, learned
        low, middle and high of the central 90 %, in ``unit``; no prior where nothing was stated.
    digits
        decimals that show the narrower of the two to two figures.
    """

    name: str
    words: FieldWords
    unit: str
    size: float
    prior: _Points | None
    learned: _Points
    digits: int

    @property
    def kept(self) -> float | None:
        """Width of what was learned over the width of what was believed before; None without a prior."""
        if self.prior is None or self.prior[2] <= self.prior[0]:
            return None
        return (self.learned[2] - self.learned[0]) / (self.prior[2] - self.prior[0])

    @property
    def narrower(self) -> str:
        """How much narrower it became, and whether it moved, in words."""
        if self.kept is None:
            return "nothing was stated"
        change = round(100 * (1.0 - self.kept))
        if abs(change) < 5:
            return f"as wide as before{self._moved}"
        return (f"{change} % narrower" if change > 0 else f"{-change} % wider") + self._moved

    @property
    def _moved(self) -> str:
        """Whether the middle left the middle half of what was believed, taken as normal on either side."""
        if self.prior is None:
            return ""
        low, mid, high = self.prior
        if self.learned[1] > mid + _QUARTILE * (high - mid):
            return ", higher"
        return ", lower" if self.learned[1] < mid - _QUARTILE * (mid - low) else ""

    def said(self, points: _Points | None, *, unit: bool = False) -> str:
        """Write three points, with the unit if asked for: ``0.9 to 1.6 % a month, middle 1.2``."""
        if points is None:
            return "-"
        low, mid, high = (figure(point, self.digits) for point in points)
        return f"{low} to {high}{' ' + self.unit if unit and self.unit else ''}, middle {mid}"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A figure beside what the learned company says of it."""

    check: Check
    what: str
    figure: str
    half: str
    most: str
    verdict: str


@dataclass(frozen=True, slots=True)
class LessonRow:
    """What could, or could not, be learned of a subject."""

    subject: str
    learned: bool
    words: str


@dataclass(frozen=True, slots=True)
class RegimeNow:
    """The regime at the end of what is known.

    Attributes
    ----------
    month
        the last month.
    shares
        probability of boom, steady and bust.
    likeliest, since
        the most probable of them, and the first month of its spell in which it was so without a break.
    """

    month: str
    shares: tuple[float, float, float]
    likeliest: str
    since: str

    @property
    def words(self) -> str:
        """The regime in a sentence."""
        said = ", ".join(f"{name} {percent(share)}" for name, share in zip(REGIMES, self.shares, strict=True))
        spell = "steady times" if self.likeliest == "steady" else f"a {self.likeliest}"
        return f"In {self.month}: {said}. Most probable: {spell}, since {self.since}."


def parameter_rows(case: Case, posterior: Posterior) -> tuple[ParameterRow, ...]:
    """Return a row for each learned field, segment by segment, then what is common."""
    rows = [_parameter(case, posterior, name) for name in posterior.values]
    return tuple(sorted(rows, key=lambda row: _place(case, row)))


def _place(case: Case, row: ParameterRow) -> tuple[int, int, int, int, str]:
    words = row.words
    section = _SECTIONS.index(words.section) if words.section in _SECTIONS else len(_SECTIONS)
    held = getattr(case, words.section, {})
    subjects = [key.replace("_", " ") for key in held]
    of = words.subject.removeprefix("staff, ")
    subject = subjects.index(of) if of in subjects else len(subjects)
    regime = REGIMES.index(words.regime) if words.regime else 0
    fields = [field.name for field in case_fields() if field.section == words.section]
    field = fields.index(words.field) if words.field in fields else len(fields)
    return section, subject, field, regime, row.name


def _parameter(case: Case, posterior: Posterior, name: str) -> ParameterRow:
    words = field_words(case, name)
    learned = posterior.interval(name, _CONFIDENCE)
    quantity = posterior.priors.get(name)
    tails = (0.5 - _CONFIDENCE / 2, 0.5, 0.5 + _CONFIDENCE / 2)
    prior = (
        None
        if quantity is None or not quantity.uncertain
        else (quantity.quantile(tails[0]), quantity.quantile(tails[1]), quantity.quantile(tails[2]))
    )
    size, unit = readable(words.unit, (*learned, *(prior or ())), case.currency)
    scaled = (learned[0] / size, learned[1] / size, learned[2] / size)
    before = None if prior is None else (prior[0] / size, prior[1] / size, prior[2] / size)
    return ParameterRow(name, words, unit, size, before, scaled, _digits(scaled, before))


def _digits(*points: _Points | None) -> int:
    widths = [three[2] - three[0] for three in points if three is not None and three[2] > three[0]]
    if not widths:
        return 2
    return min(max(1 - math.floor(math.log10(min(widths))), 0), 5)


def readable(unit: str, values: Sequence[float], currency: str) -> tuple[float, str]:
    """Return the size and the name of the unit in which some values are best read.

    Examples
    --------
    >>> readable("share a month", [0.01, 0.02], "EUR")
    (0.01, '% a month')
    >>> readable("EUR/kW/month", [12_000.0], "EUR")
    (1000.0, 'k EUR/kW/month')
    """
    if unit == "share" or unit.startswith("share "):
        return 0.01, f"%{unit.removeprefix('share')}"
    if unit == "" or not unit.startswith(currency):
        return 1.0, unit
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e4, "k")):
        if largest >= size:
            return (1e3 if letter == "k" else size), f"{letter} {unit}"
    return 1.0, unit


def check_rows(case: Case, posterior: Posterior) -> tuple[CheckRow, ...]:
    """Return the posterior predictive checks in words."""
    return tuple(_check(case, check) for check in posterior.checks)


def _check(case: Case, check: Check) -> CheckRow:
    points = (check.value, *check.band)
    size, unit = readable(check.unit, points, case.currency)
    spread = max(check.band[4] - check.band[0], 1e-12) / size
    digits = min(max(1 - math.floor(math.log10(spread)), 0), 4)
    value, low, quarter, _, three, high = (figure(point / size, digits) for point in points)
    inside_half = check.band[1] <= check.value <= check.band[3]
    return CheckRow(
        check=check,
        what=check.words,
        figure=f"{value} {_ordered(unit)}".strip(),
        half=f"{quarter} to {three}",
        most=f"{low} to {high}",
        verdict="inside the half" if inside_half else "inside" if check.inside else "OUTSIDE",
    )


def _ordered(unit: str) -> str:
    """Write ``EUR M`` as ``M EUR``, as amounts are written elsewhere."""
    first, _, last = unit.partition(" ")
    return f"{last} {first}" if last in ("k", "M", "bn") else unit


def lesson_rows(case: Case, posterior: Posterior) -> tuple[LessonRow, ...]:
    """Return the lessons, what could not be learned first."""
    rows = [
        LessonRow(subject_words(case, lesson.subject), lesson.learned, in_words(case, lesson.words))
        for lesson in posterior.lessons
    ]
    return tuple(sorted(rows, key=lambda row: row.learned))


def subject_words(case: Case, subject: str) -> str:
    """Return a dotted name, of a field or of a group of fields, in plain words.

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> subject_words(read_case("fluxus"), "segments.startups"), subject_words(read_case("fluxus"), "regimes")
    ('startups', 'regimes')
    """
    section, _, rest = subject.partition(".")
    if not rest:
        return subject.replace("_", " ")
    if rest in getattr(case, section, {}):
        single = section in ("market", "costs", "finance", "pipeline")
        return field_words(case, subject).said if single else rest.replace("_", " ")
    return field_words(case, subject).said if "." in rest else subject.replace("_", " ").replace(".", ", ")


def in_words(case: Case, text: str) -> str:
    """Return a text in which the dotted names of fields are said in plain words.

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> in_words(read_case("fluxus"), "few draws of market.after_boom_bust: 12")
    'few draws of the market: when a boom ends, the probability that a bust follows at once: 12'
    """
    return _DOTTED.sub(lambda found: _said(case, found[0]), text)


_DOTTED = re.compile(rf"\b(?:{'|'.join(_SECTIONS)})(?:\.[\w-]+)+")


def _said(case: Case, name: str) -> str:
    words = field_words(case, name)
    return words.said if words.known else name


def regime_now(regimes: RegimePath) -> RegimeNow:
    """Return the regime at the end of what is known."""
    likeliest = regimes.smoothed.argmax(axis=1)
    last = likeliest[-1]
    apart = np.flatnonzero(likeliest != last)
    since = int(apart[-1]) + 1 if apart.size else 0
    boom, steady, bust = (float(share) for share in regimes.smoothed[-1])
    return RegimeNow(
        month=str(regimes.first + (likeliest.size - 1)),
        shares=(boom, steady, bust),
        likeliest=REGIMES[last],
        since=str(regimes.first + since),
    )


def convergence_words(case: Case, convergence: Convergence) -> tuple[str, ...]:
    """Return whether the draws can be trusted, in sentences; warnings are told apart."""
    said = []
    if math.isfinite(convergence.worst_rhat):
        where = _where(case, convergence.worst_rhat_name)
        agree = "The chains agree" if convergence.worst_rhat <= FINE_RHAT else "The chains do not quite agree"
        said.append(f"{agree}: worst R-hat {convergence.worst_rhat:.3f}{where}; up to {FINE_RHAT} is fine.")
    if math.isfinite(convergence.least_ess):
        where = _where(case, convergence.least_ess_name)
        said.append(f"Least effective sample size {convergence.least_ess:,.0f} draws{where}.")
    if convergence.divergences is not None:
        said.append(f"Steps that the sampler gave up: {convergence.divergences}.")
    if convergence.distance is not None:
        said.append(f"The facts are met within {convergence.distance:.2f} times their deviation; 1 is exact.")
    if convergence.acceptance is not None:
        said.append(f"{percent(convergence.acceptance)} of the last moves were accepted.")
    return tuple(said)


def _where(case: Case, name: str) -> str:
    return f" ({subject_words(case, name)})" if name else ""
