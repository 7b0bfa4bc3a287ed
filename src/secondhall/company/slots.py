"""Which hall slot is what: the halls that stand, then each option as often as it can be committed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case, Record
from secondhall.company.layout import Floats
from secondhall.company.parameters import RuleTerms, idle_terms

__all__ = ["Slot", "Slots", "bound_by_second", "slots_of", "trigger_terms"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One hall slot.

    Attributes
    ----------
    name
        the hall, or the option with the number of its copy: ``north``, ``north #2``.
    hall
        id of the standing hall, None for an option.
    option
        id of the option, None for a hall that is not one; a hall under construction has both.
    """

    name: str
    hall: str | None
    option: str | None


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots in their order, and what a rule knows of each.

    Attributes
    ----------
    slots
        all slots.
    first_new
        slots from this one on are options.
    units, capex, funding, lead_months
        [slot] capacity, capex, capex less its project loan, months from commitment to the first opening
        with the mean slip; mid values.
    """

    slots: tuple[Slot, ...]
    first_new: int
    units: Floats
    capex: Floats
    funding: Floats
    lead_months: Floats

    def of_hall(self, hall: str) -> int:
        """Return the slot of a standing hall."""
        return next(i for i, slot in enumerate(self.slots) if slot.hall == hall)

    def of_option(self, option: str) -> tuple[int, ...]:
        """Return the slots that are copies of an option and still free."""
        free = range(self.first_new, len(self.slots))
        return tuple(i for i in free if self.slots[i].option == option)


def trigger_terms(
    slots: Slots,
    option: str,
    *,
    trigger: int,
    threshold: float,
    bust_limit: float = 1.0,
    liquidity_share: float = 0.0,
    known_commitment: float = 0.0,
) -> RuleTerms:
    """Return the terms of a rule that commits an option at a trigger (D3, D4), held back by guards (D5)."""
    return replace(
        idle_terms(len(slots.slots)),
        trigger=trigger,
        threshold=threshold,
        candidates=np.array(slots.of_option(option), dtype=np.int64),
        lead_months=slots.lead_months,
        option_units=slots.units,
        option_funding=slots.funding,
        bust_limit=bust_limit,
        liquidity_share=liquidity_share,
        known_commitment=known_commitment,
    )


def slots_of(case: Case) -> Slots:
    """Return the slots of a case."""
    standing = [
        Slot(name, name, record.text("option") or None)
        for name, record in case.halls.items()
        if record.text("state") != "building"
    ]
    building = [
        Slot(name, name, record.text("option"))
        for name, record in case.halls.items()
        if record.text("state") == "building"
    ]
    free = [
        Slot(name if copy == 0 else f"{name} #{copy + 1}", None, name)
        for name, option in case.options.items()
        for copy in range(option.integer("times"))
    ]
    slots = (*standing, *building, *free)
    known = np.array([_known(case, slot) for slot in slots]).reshape(len(slots), 4).T
    return Slots(slots, len(standing) + len(building), *(np.ascontiguousarray(row) for row in known))


def _known(case: Case, slot: Slot) -> tuple[float, float, float, float]:
    if slot.option is None or (slot.hall is not None and case.halls[slot.hall].text("state") != "building"):
        return (0.0, 0.0, 0.0, 0.0)
    option = case.options[slot.option]
    phases = option.phases()
    capex = sum(phase.capex for phase in phases) * option.number("capex").mid
    lead = phases[0].months_after_commit + option.number("slip_mean_months").mid
    loan = option.number("loan_to_cost").mid
    whole = sum(phase.capacity_units for phase in phases)
    return (bound_by_second(option, whole), capex, capex * (1.0 - loan), lead)


def bound_by_second(record: Record, capacity: float) -> float:
    """Return the capacity that the tighter of the two limits allows."""
    if not (record.given("second_limit") and record.given("second_use_per_unit")):
        return capacity
    use = record.number("second_use_per_unit").mid
    return min(capacity, record.number("second_limit").mid / use) if use > 0.0 else capacity
