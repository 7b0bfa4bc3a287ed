"""The hall slots of a company: halls that stand, halls under construction, options."""

from __future__ import annotations

import numpy as np

from secondhall.case import Case
from secondhall.company import layout
from secondhall.company.layout import BUILDING, CLOSED, MOTHBALLED, NEVER, OPEN, UNCOMMITTED, Rows
from secondhall.company.reading import Reader
from secondhall.company.slots import Slot, Slots, bound_by_second

__all__ = ["halls", "lognormal"]

LARGEST_WORST_OVER_MEAN = 3.8
NORMAL_95 = 1.6448536269514722

HALL_FIELDS = {
    "fixed_cost": "fixed_cost_monthly",
    "rent": "rent_monthly",
    "mothball_cost": "mothball_cost_monthly",
    "pue": "pue",
    "exit_penalty": "exit_penalty",
    "dismantling": "dismantling_cost",
    "exit_share": "exit_value_share",
}

HALL_STATE_CODES = {"open": OPEN, "building": BUILDING, "mothballed": MOTHBALLED, "closed": CLOSED}


def halls(case: Case, slots: Slots, reader: Reader) -> tuple[Rows, Rows]:
    """Return the hall slots' rows and their phases'."""
    options = [case.options[slot.option] for slot in slots.slots if slot.option is not None]
    most = max([len(option.phases()) for option in options], default=1)
    hall = Rows.zeros(layout.HALL, len(slots.slots), reader.paths)
    phase = Rows.zeros(layout.PHASE, len(slots.slots), most, reader.paths)
    for h, slot in enumerate(slots.slots):
        hall.committed[h] = NEVER
        if slot.hall is not None:
            standing_hall(case, slot, h, hall, phase, reader)
        if h >= slots.first_new or hall.state[h, 0] == BUILDING:
            option_terms(case, slot, h, hall, phase, reader)
        if h >= slots.first_new:
            hall.state[h] = UNCOMMITTED
    return hall, phase


def standing_hall(case: Case, slot: Slot, h: int, hall: Rows, phase: Rows, reader: Reader) -> None:
    """Fill the rows of a hall of the case."""
    assert slot.hall is not None
    record, dotted = case.halls[slot.hall], f"halls.{slot.hall}"
    for row, field in HALL_FIELDS.items():
        getattr(hall, row)[h] = reader.field(record, field, dotted)
    hall.state[h] = HALL_STATE_CODES[record.text("state")]
    hall.book[h] = reader.field(record, "book_value", dotted)
    hall.life_months[h] = reader.field(record, "remaining_life_months", dotted)
    hall.sold[h] = case.opening.sold_units[case.opening.halls.index(slot.hall)]
    committed = record.month("committed")
    since = 0 if committed is None else committed - case.start
    lease_end = record.month("lease_end")
    if lease_end is not None:
        hall.leased[h] = 1.0
        hall.lease_months[h] = (lease_end - case.start) + 1 - since
    if record.text("state") == "building":
        hall.committed[h] = since
    else:
        phase.capacity[h, 0] = bound_by_second(record, record.number("capacity_units").mid)


def option_terms(case: Case, slot: Slot, h: int, hall: Rows, phase: Rows, reader: Reader) -> None:
    """Fill the rows that come from an option: phases, lead time, overrun, lease."""
    assert slot.option is not None
    record, dotted = case.options[slot.option], f"options.{slot.option}"
    if slot.hall is None:
        for row, field in HALL_FIELDS.items():
            getattr(hall, row)[h] = reader.field(record, field, dotted)
        hall.leased[h] = 1.0 if record.text("tenure") == "leased" else 0.0
        hall.lease_months[h] = reader.field(record, "lease_months", dotted)
        hall.life_months[h] = reader.field(record, "life_months", dotted)
    hall.stop_share[h] = reader.field(record, "stop_penalty_share", dotted)
    hall.loan_to_cost[h] = reader.field(record, "loan_to_cost", dotted)
    multiple = reader.field(record, "capex", dotted)
    whole = sum(item.capacity_units for item in record.phases())
    allowed = bound_by_second(record, whole) / whole
    earlier = 0.0
    for k, item in enumerate(record.phases()):
        phase.capacity[h, k] = item.capacity_units * allowed
        phase.capex[h, k] = item.capex * multiple
        phase.offset[h, k] = item.months_after_commit
        phase.start_offset[h, k] = earlier
        earlier = item.months_after_commit
    for kind, mean, worst in (
        ("slip", "slip_mean_months", "slip_worst_months"),
        ("overrun", "overrun_mean_share", "overrun_worst_share"),
    ):
        log_mean, log_sd = lognormal(record.number(mean).mid, record.number(worst).mid)
        hall.array[hall.names.index(f"has_{kind}"), h] = 1.0 if record.number(mean).mid > 0.0 else 0.0
        hall.array[hall.names.index(f"{kind}_log_mean"), h] = log_mean
        hall.array[hall.names.index(f"{kind}_log_sd"), h] = log_sd


def lognormal(mean: float, worst: float) -> tuple[float, float]:
    """(A2) Return the log-mean and log-sd of a lognormal with this mean and 95 % point.

    Examples
    --------
    >>> log_mean, log_sd = lognormal(2.0, 5.0)
    >>> round(float(np.exp(log_mean + log_sd**2 / 2)), 9)
    2.0
    >>> round(float(np.exp(log_mean + NORMAL_95 * log_sd)), 9)
    5.0
    """
    if mean <= 0.0:
        return 0.0, 0.0
    over = min(max(worst / mean, 1.0), LARGEST_WORST_OVER_MEAN)
    sd = NORMAL_95 - float(np.sqrt(max(NORMAL_95**2 - 2.0 * np.log(over), 0.0)))
    return float(np.log(mean)) - sd * sd / 2.0, sd
