"""The smallest company the engine plays: everything is zero but what a published model needs.

One steady regime, no interest, no tax, no inflation, no staff, no funding. A test states what differs:
``small_company(months=12, segments=[{"list_price": 1.0}], halls=[{"capacity": 10.0}])``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondhall.company import Parameters, RuleTerms, idle_terms, layout
from secondhall.company.layout import NEVER, OPEN, UNCOMMITTED, Floats, Rows
from secondhall.futures import Futures, Keep, play_rules
from secondhall.futures.play import RuleToPlay
from secondhall.months import Month

START = Month.parse("2000-01")

NO_ORDERS = -700.0
"""Log-intensity of a segment that nobody joins: e^-700 customers a month."""

SEGMENT = {
    "log_intensity": NO_ORDERS,
    "unlocking_scale": 1.0,
    "log_ceiling": 700.0,
    "own_share": 1.0,
    "size_mean": 1.0,
    "realisation": 1.0,
    "waiting_lapse": 1.0,
    "reserved_lapse": 1.0,
    "renewal_months": 1.0,
}
ROLE = {"hiring_months": 1.0}
FIRM = {
    "inflation_factor": 1.0,
    "other_life_months": 1.0,
    "project_repayment_months": 1.0,
    "provision_months": 1.0,
    "discount_factor": 1.0,
    "leverage_max": 1000.0,
}
PHASE_ROWS = ("capacity", "capex")

Values = dict[str, float]


@dataclass(frozen=True)
class Certain:
    """The belief of who knows every parameter: the futures differ by chance alone."""

    company: Parameters
    words: str = "every parameter is known"

    def known(self) -> Parameters:
        return self.company

    def parameters(self, seed: int, paths: NDArray[np.int64]) -> Parameters:
        return self.company

    def values(self, seed: int, paths: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        return {}


def small_company(
    *,
    months: int,
    segments: Sequence[Values],
    halls: Sequence[Values] = (),
    options: Sequence[Values] = (),
    firm: Values | None = None,
) -> Parameters:
    """Return the company, one path for all.

    Parameters
    ----------
    months
        how long it is played.
    segments
        rows of each segment, by regime or not.
    halls, options
        rows of each hall that stands from the start, of each that a plan may commit; one phase each, that
        opens in the month of its commitment and serves from the next.
    firm
        rows of the firm.
    """
    slots = [{"state": OPEN, "committed": NEVER, **hall} for hall in halls]
    slots += [{"state": UNCOMMITTED, **option} for option in options]
    regimes = Rows.zeros(layout.FIRM_REGIME, 3, 1)
    regimes.start_probability[layout.STEADY] = 1.0
    calendar = Rows.zeros(layout.CALENDAR, months)
    calendar.set("forced_regime", layout.STEADY)
    return Parameters(
        segment=table(layout.SEGMENT, [SEGMENT | segment for segment in segments]),
        segment_regime=by_regime(segments),
        hall=table(layout.HALL, slots),
        phase=Rows(layout.PHASE, table(layout.PHASE, slots).array[:, :, None]),
        role=table(layout.ROLE, [ROLE]),
        firm=Rows(layout.FIRM, table(layout.FIRM, [FIRM | (firm or {})]).array[:, 0]),
        firm_regime=regimes,
        schedule=Rows.zeros(layout.SCHEDULE, len(segments), months),
        calendar=calendar,
        start_month_of_year=0,
        first_new_hall=len(halls),
    )


def table(names: tuple[str, ...], columns: Sequence[Values]) -> Rows:
    """Return [row, column, one path]; what a column does not state is zero."""
    rows = Rows.zeros(names, len(columns), 1)
    for column, values in enumerate(columns):
        for name in values.keys() & set(names):
            rows.array[names.index(name), column] = values[name]
    return rows


def by_regime(segments: Sequence[Values]) -> Rows:
    """Return the rows that depend on the regime, the same in all three."""
    rows = table(layout.SEGMENT_REGIME, segments)
    return Rows(layout.SEGMENT_REGIME, np.repeat(rows.array[:, :, None], 3, axis=2))


def played(
    company: Parameters,
    *,
    paths: int,
    seed: int,
    rule: RuleTerms | None = None,
    keep: tuple[str, ...] = (),
    since: int = 0,
) -> Futures:
    """Return the compiled engine's futures; ``keep`` series are stored from month ``since`` on."""
    kept = Keep(keep, START + since, START + company.months) if keep else None
    plan = RuleToPlay("plan", rule or idle_terms(company.halls))
    (futures,) = play_rules(
        Certain(company), [plan], start=START, paths=paths, seed=seed, banded=False, keep=kept
    )
    return futures


def mean_and_error(sample: Floats) -> tuple[float, float]:
    """Return the mean of independent paths and its standard error."""
    return float(sample.mean()), float(sample.std(ddof=1) / np.sqrt(sample.size))
