"""What is known month by month at the start: terms that end, backlog, pipeline, a scenario's shocks."""

from __future__ import annotations

import difflib

import numpy as np

from secondhall.case import Case, Record
from secondhall.company import layout
from secondhall.company.layout import REGIMES, Rows
from secondhall.errors import Fault, InputError, quoted

__all__ = ["calendar_of", "extra_slip", "scenario_record", "schedule_of"]


def scenario_record(case: Case, scenario: str | None) -> Record | None:
    """Return a named scenario of the case.

    Raises
    ------
    InputError
        When the case has no scenario of that name.
    """
    if scenario is None:
        return None
    if scenario in case.scenarios:
        return case.scenarios[scenario]
    known = ", ".join(case.scenarios) or "none"
    near = difflib.get_close_matches(scenario, list(case.scenarios), n=1)
    raise InputError(
        [
            Fault(
                file="case.yaml",
                column="scenarios",
                found=quoted(scenario),
                accepted=f"a scenario of the case: {known}",
                mend=f"write {near[0]}" if near else "write one of these, or add it under scenarios",
            )
        ]
    )


def first_month(case: Case, record: Record) -> int:
    """Return the offset of a scenario's first month; the start when it names none."""
    since = record.month("from")
    return 0 if since is None else max(since - case.start, 0)


def schedule_of(case: Case, scenario: str | None) -> Rows:
    """Return [row, segment, month] of what is known at the start."""
    opening = case.opening
    rows = Rows.zeros(layout.SCHEDULE, len(case.segments), case.horizon_months)
    rows.unlocking[:] = opening.unlocking
    rows.commencing_customers[:] = opening.commencing_customers
    rows.commencing_units[:] = opening.commencing_units
    rows.commencing_mrr[:] = opening.commencing_mrr
    rows.pipeline_count[:] = np.round(opening.pipeline_count)
    rows.pipeline_probability[:] = opening.pipeline_probability
    rows.pipeline_units[:] = opening.pipeline_mean_units
    record = scenario_record(case, scenario)
    if record is not None and record.text("lost_segment"):
        month = first_month(case, record)
        segment = list(case.segments).index(record.text("lost_segment"))
        if month < case.horizon_months:
            rows.lost_share[segment, month] = record.number("lost_share").mid
    return rows


def calendar_of(case: Case, scenario: str | None) -> Rows:
    """Return [row, month] of a scenario's regime and price shocks."""
    rows = Rows.zeros(layout.CALENDAR, case.horizon_months)
    rows.forced_regime[:] = -1.0
    record = scenario_record(case, scenario)
    if record is None:
        return rows
    month = first_month(case, record)
    if record.text("regime"):
        last = month + record.integer("months")
        rows.forced_regime[month:last] = REGIMES.index(record.text("regime"))
    if month < case.horizon_months:
        rows.price_shock[month] = np.log1p(record.number("price_change").mid)
        rows.energy_shock[month] = np.log1p(record.number("energy_change").mid)
    return rows


def extra_slip(case: Case, scenario: str | None) -> float:
    """Return the delay that a scenario adds to every hall under construction."""
    record = scenario_record(case, scenario)
    return 0.0 if record is None else record.number("extra_slip_months").mid
