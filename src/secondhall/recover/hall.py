"""The halls that can be given up: those that stand and those that are being built."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.case import Case
from secondhall.company import slots_of

__all__ = ["Hall", "halls_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """One hall, and what others would give for it.

    Attributes
    ----------
    name, slot
        its name; its place among the slots of the company.
    state
        open, building or mothballed.
    is_rented
        whether there is a lease to agree anew, or to let to somebody else.
    sale_price
        what a buyer pays; None without one.
    sublet_share, renegotiated_share
        share of the rent that a subtenant pays, and that the landlord takes for a longer lease; None where
        there is no such offer.
    renegotiated_months
        by which the lease is longer then.
    """

    name: str
    slot: int
    state: str
    is_rented: bool
    sale_price: float | None = None
    sublet_share: float | None = None
    renegotiated_share: float | None = None
    renegotiated_months: float = 0.0


def halls_of(case: Case) -> tuple[Hall, ...]:
    """Return the halls of a case that are not closed."""
    slots = slots_of(case)

    def offered(name: str, field: str) -> float | None:
        record = case.halls[name]
        return record.number(field).mid if record.given(field) else None

    return tuple(
        Hall(
            name=name,
            slot=slots.of_hall(name),
            state=record.text("state"),
            is_rented=record.month("lease_end") is not None and record.number("rent_monthly").mid > 0.0,
            sale_price=offered(name, "sale_price"),
            sublet_share=offered(name, "sublet_rent_share"),
            renegotiated_share=offered(name, "renegotiated_rent_share"),
            renegotiated_months=record.number("renegotiated_lease_months").mid,
        )
        for name, record in case.halls.items()
        if record.text("state") != "closed"
    )
