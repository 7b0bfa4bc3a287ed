"""`backtest`: at one date after another, learn from what was known, forecast, and score what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from secondhall.backtest.rivals import RIVALS, are_there, forecast, on_a_grid
from secondhall.backtest.scores import crps_of_normal, crps_of_sample, inside
from secondhall.backtest.standing import standing_at
from secondhall.backtest.targets import Figure, Line, figures, lines_of
from secondhall.belief.learning import learn
from secondhall.case import Case, Quantity, Record
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.decide.rules import Never
from secondhall.errors import Fault, InputError, NoAnswerError
from secondhall.futures import PERCENTS, Futures
from secondhall.futures.play import Keep, RuleToPlay, play_rules
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["COMPANY", "HORIZONS", "Backtest", "Forecast", "Score", "backtest"]

COMPANY = "secondhall"
"""The name under which the company's own forecasts are scored."""

HORIZONS = (3, 6, 12, 24)
"""Months ahead; a figure counts with the first of them that reaches it."""

BOUNDLESS = 1e12


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one forecaster said of one figure, and what came.

    Attributes
    ----------
    origin
        the month in which the forecast stands: nothing known later was used.
    line, period, last
        the figure: its line of the accounts, its period and that period's last month.
    horizon
        the first of the horizons that reaches it.
    forecaster
        ``COMPANY`` or a rival.
    mean, band
        mean; 5, 25, 50, 75, 95 % points.
    value
        what came.
    crps
        in the figure's unit.
    """

    origin: Month
    line: str
    period: str
    last: Month
    horizon: int
    forecaster: str
    mean: float
    band: tuple[float, float, float, float, float]
    value: float
    crps: float

    @property
    def ahead(self) -> int:
        """Months from the last one before the origin to the end of the period."""
        return self.last - self.origin + 1


@dataclass(frozen=True, slots=True)
class Score:
    """How a forecaster did on the figures of one line within one horizon.

    Attributes
    ----------
    count
        figures that every forecaster of the table spoke of.
    coverage_50, coverage_90
        share of them inside the bands.
    crps, bias
        mean score; mean of forecast less figure; in the line's unit.
    """

    line: str
    horizon: int
    forecaster: str
    count: int
    coverage_50: float
    coverage_90: float
    crps: float
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Forecasts of the past beside what came.

    Attributes
    ----------
    case, currency, unit
        which case.
    origins
        the months in which a forecast was made.
    horizons
        months ahead.
    futures, seed
        futures played at each origin.
    forecasts
        one a forecaster, origin and figure.
    history
        line to all its figures, whenever they came to be known, for the picture.
    notes
        what was assumed, left out or not there, in sentences.
    """

    case: str
    currency: str
    unit: str
    origins: tuple[Month, ...]
    horizons: tuple[int, ...]
    futures: int
    seed: int
    forecasts: tuple[Forecast, ...]
    history: Mapping[str, tuple[Figure, ...]]
    notes: tuple[str, ...] = field(default=())

    def of(self, line: str, forecaster: str = COMPANY) -> tuple[Forecast, ...]:
        """Return the forecasts of one line by one forecaster."""
        return tuple(f for f in self.forecasts if f.line == line and f.forecaster == forecaster)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that were forecast."""
        return tuple(dict.fromkeys(f.line for f in self.forecasts))

    def scores(self, *, ahead: tuple[int, int] | None = None) -> tuple[Score, ...]:
        """Return how each forecaster did, by line and horizon, on the figures of which all spoke.

        Parameters
        ----------
        ahead
            only figures so many months ahead (first and last), all as one horizon; by horizon if absent.
        """
        cells: dict[tuple[str, int], dict[str, dict[tuple[Month, Month], Forecast]]] = defaultdict(dict)
        for f in self.forecasts:
            if ahead is not None and not ahead[0] <= f.ahead <= ahead[1]:
                continue
            horizon = f.horizon if ahead is None else ahead[1]
            cells[f.line, horizon].setdefault(f.forecaster, {})[f.origin, f.last] = f
        return tuple(
            score
            for line in self.lines
            for horizon in sorted({h for at, h in cells if at == line})
            for score in _scored(line, horizon, cells[line, horizon])
        )


def _scored(
    line: str, horizon: int, said: Mapping[str, Mapping[tuple[Month, Month], Forecast]]
) -> list[Score]:
    common = set.intersection(*(set(of) for of in said.values()))
    scores = []
    for forecaster, of in said.items():
        held = [of[key] for key in sorted(common)]
        if not held:
            continue
        scores.append(
            Score(
                line=line,
                horizon=horizon,
                forecaster=forecaster,
                count=len(held),
                coverage_50=float(np.mean([inside(f.band[1], f.band[3], f.value) for f in held])),
                coverage_90=float(np.mean([inside(f.band[0], f.band[4], f.value) for f in held])),
                crps=float(np.mean([f.crps for f in held])),
                bias=float(np.mean([f.mean - f.value for f in held])),
            )
        )
    return scores


def backtest(
    case: Case,
    since: Month,
    *,
    until: Month | None = None,
    every: int = 6,
    horizons: Sequence[int] = HORIZONS,
    seed: int = 7,
    futures: int = 2_000,
    rivals: bool = True,
    report: Report = quiet,
) -> Backtest:
    """Learn at successive dates from what was known, forecast, and score against what came.

    At each origin the case stands as it was known (`standing_at`), is learned from, and is played without
    any new commitment. The rivals get the same figures, at the same dates; they need the extra ``rivals``.

    Parameters
    ----------
    case
        the case with all its data.
    since, until
        the first origin; the last month in which one may stand, by default the last with a figure to come.
    every
        months between origins.
    horizons
        months ahead, in order.
    seed, futures
        of learning and of playing; how many futures at each origin.
    rivals
        whether to ask the rivals.
    report
        called with (what is being done, done, total).

    Raises
    ------
    InputError
        when the case has nothing to forecast, or nothing came after ``since``.
    """
    horizons = tuple(horizons)
    lines = lines_of(case)
    history = {line.name: figures(case, line) for line in lines}
    ends = [figure.last for held in history.values() for figure in held]
    _check(since, ends)
    last = max(ends) if until is None else min(until, max(ends))
    origins = tuple(Month(at) for at in range(since.ordinal, last.ordinal + 1, every))
    forecasts: list[Forecast] = []
    notes: dict[str, None] = {}
    made: list[Month] = []
    for done, origin in enumerate(origins):
        report("learning and forecasting", done, len(origins))
        try:
            played, said = _played(case, origin, max(horizons), lines, futures, seed)
        except NoAnswerError as refused:
            notes[f"{origin}: no forecast. {refused}"] = None
            continue
        made.append(origin)
        notes |= dict.fromkeys(f"{origin}: {note}" for note in said)
        for line in lines:
            targets = _targets(history[line.name], line, origin, horizons)
            forecasts += _company(played, line, targets, origin)
            if rivals:
                forecasts += _rivals(case, line, targets, origin)
    report("learning and forecasting", len(origins), len(origins))
    notes |= dict.fromkeys(_about_rivals(rivals))
    return Backtest(
        case=case.name,
        currency=case.currency,
        unit=case.unit,
        origins=tuple(made),
        horizons=horizons,
        futures=futures,
        seed=seed,
        forecasts=tuple(forecasts),
        history=history,
        notes=tuple(notes),
    )


def _check(since: Month, ends: Sequence[Month]) -> None:
    if not ends:
        found, mend = "no figures over time", "add accounts.csv or contracts.csv"
        accepted = "accounts with sold, utilisation or revenue, or a ledger of contracts"
    elif since > max(ends):
        found, mend = f"'{since}', and no figure that ends later", "write an earlier month"
        accepted = f"a month up to {max(ends)}, the end of the last figure"
    elif since <= min(ends):
        found, mend = f"'{since}', before anything was known", "write a later month"
        accepted = f"a month after {min(ends)}, the end of the first figure"
    else:
        return
    raise InputError([Fault(file="the command line, --from", found=found, accepted=accepted, mend=mend)])


def _played(
    case: Case, origin: Month, months: int, lines: Sequence[Line], futures: int, seed: int
) -> tuple[Futures, tuple[str, ...]]:
    """Return the futures of the company as it was known, and what had to be said."""
    standing = standing_at(case, origin, horizon=months)
    # Demand is what is asked about: no future may end early because the case's funding is of another date.
    funded = replace(standing.case, finance=_boundless(standing.case.finance))
    belief = learn(funded, until=origin, seed=seed)
    rule = Never()
    terms = rule.terms(funded, slots_of(funded))
    [played] = play_rules(
        belief,
        [RuleToPlay(rule.words(funded), terms)],
        start=origin,
        paths=futures,
        seed=seed,
        banded=False,
        keep=Keep(tuple(line.series for line in lines), origin, origin + months),
    )
    return played, (*standing.notes, f"the belief rests on {belief.words}")


def _boundless(finance: Record) -> Record:
    boundless = Quantity(mid=BOUNDLESS, because="a backtest asks about demand, not about funding")
    return Record({**finance, "shareholder_commitment": boundless})


@dataclass(frozen=True, slots=True)
class _Target:
    figure: Figure
    horizon: int


def _targets(
    held: Sequence[Figure], line: Line, origin: Month, horizons: Sequence[int]
) -> tuple[_Target, ...]:
    """Return the figures of periods that end in the origin or later; a sum must also begin there."""
    found = []
    for figure in held:
        ahead = figure.last - origin + 1
        whole = figure.first >= origin if line.summed else ahead >= 1
        horizon = next((h for h in horizons if ahead <= h), None)
        if whole and horizon is not None:
            found.append(_Target(figure, horizon))
    return tuple(found)


def _company(played: Futures, line: Line, targets: Sequence[_Target], origin: Month) -> list[Forecast]:
    made = []
    for target in targets:
        first, last = target.figure.first - origin, target.figure.last - origin
        months = played.kept[line.series][(first if line.summed else last) : last + 1]
        sample: Floats = months.sum(axis=0)
        points = np.quantile(sample, np.array(PERCENTS) / 100.0)
        crps = crps_of_sample(sample, target.figure.value)
        made.append(_forecast(target, line, origin, COMPANY, float(sample.mean()), points, crps))
    return made


def _rivals(case: Case, line: Line, targets: Sequence[_Target], origin: Month) -> list[Forecast]:
    known = [f for f in figures(case, line, known=origin) if f.last < origin]
    if not known or not targets:
        return []
    length = known[0].months
    places = [(figure.last - known[0].last) // length for figure in known]
    series = on_a_grid(places, [figure.value for figure in known])
    steps = [(target.figure.last - known[-1].last) // length for target in targets]
    made = []
    for name, laws in forecast(series, max(steps)).items():
        for target, step in zip(targets, steps, strict=True):
            law = laws[step - 1]
            points = np.array([*law.band(0.9)[:1], *law.band(0.5), *law.band(0.9)[1:]])
            points = np.insert(points, 2, law.mean)
            crps = crps_of_normal(law.mean, law.deviation, target.figure.value)
            made.append(_forecast(target, line, origin, name, law.mean, points, crps))
    return made


def _forecast(
    target: _Target, line: Line, origin: Month, name: str, mean: float, points: Floats, crps: float
) -> Forecast:
    p5, p25, p50, p75, p95 = (float(point) for point in points)
    figure = target.figure
    return Forecast(
        origin=origin,
        line=line.name,
        period=figure.words,
        last=figure.last,
        horizon=target.horizon,
        forecaster=name,
        mean=mean,
        band=(p5, p25, p50, p75, p95),
        value=figure.value,
        crps=crps,
    )


def _about_rivals(wanted: bool) -> tuple[str, ...]:
    if not wanted:
        return ()
    if not are_there():
        return (f"{', '.join(RIVALS)} are not there: install secondhall[rivals] to see them",)
    words = (
        "the rivals see the figures known at each date, and nothing else; gaps are filled by straight lines "
        "for them alone; their laws are taken as normal"
    )
    return (words,)
