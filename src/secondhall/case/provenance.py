"""Every value of a case with where it came from, so that facts, inferences and assumptions stay apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secondhall.case.fields import COLLECTIONS, SINGLES, Field, section_fields, unit_words
from secondhall.case.values import REGIMES, Entry, Kind, Phase, Quantity, Record, RegimeQuantity, Value
from secondhall.case.words import figure

if TYPE_CHECKING:
    from secondhall.case.model import Case

__all__ = ["ProvenanceRow", "provenance_rows"]

_FROM_CONTRACTS = {
    "customers": "customers",
    "installed_units": "installed_units",
    "monthly_recurring_revenue": "mrr",
    "out_of_term_share": "out_of_term_share",
    "reserved_customers": "reserved_customers",
    "reserved_units": "reserved_units",
    "sold_units": "sold_units",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceRow:
    """One value and where it came from.

    Parameters
    ----------
    section, id, field : str
        Where it stands; `id` is empty for sections with one record.
    value, unit : str
        As a reader sees it.
    kind : Kind
        Fact, inference or assumption.
    origin : str
        The source, and the reason.
    """

    section: str
    id: str
    field: str
    value: str
    unit: str
    kind: Kind
    origin: str


def provenance_rows(case: Case) -> tuple[ProvenanceRow, ...]:
    """Return the rows of a case, section by section; optional fields left empty have none."""
    return tuple(_rows(case))


def _rows(case: Case) -> Iterator[ProvenanceRow]:
    for section in (*SINGLES, *COLLECTIONS):
        held = getattr(case, section)
        records: Mapping[str, Record] = {"": held} if section in SINGLES else held
        for name, record in records.items():
            for field in section_fields(section).values():
                value = record.get(field.name)
                if value is not None:
                    yield _derived(case, section, name, field) or _row(case, section, name, field, value)


def _derived(case: Case, section: str, name: str, field: Field) -> ProvenanceRow | None:
    """Return the row of a value that the ledger of contracts has replaced."""
    opening = case.opening
    if (
        not opening.from_contracts
        or section not in ("segments", "halls")
        or field.name not in _FROM_CONTRACTS
    ):
        return None
    axis = opening.segments if section == "segments" else opening.halls
    number = getattr(opening, _FROM_CONTRACTS[field.name])[axis.index(name)]
    return ProvenanceRow(
        section=section,
        id=name,
        field=field.name,
        value=figure(number),
        unit=_unit(case, field),
        kind=Kind.FACT,
        origin="contracts ledger",
    )


def _row(case: Case, section: str, name: str, field: Field, value: Value) -> ProvenanceRow:
    first = value.boom if isinstance(value, RegimeQuantity) else value
    source = case.sources.get(first.source, first.source) if first.source else None
    return ProvenanceRow(
        section=section,
        id=name,
        field=field.name,
        value=_shown(value),
        unit=_unit(case, field),
        kind=first.kind,
        origin="; ".join(part for part in (source, first.because) if part),
    )


def _unit(case: Case, field: Field) -> str:
    return unit_words(field.unit, capacity=case.unit, currency=case.currency)


def _shown(value: Value) -> str:
    if isinstance(value, RegimeQuantity):
        parts = [_number(part) for part in value.all]
        if len(set(parts)) == 1:
            return parts[0]
        return "; ".join(f"{regime} {part}" for regime, part in zip(REGIMES, parts, strict=True))
    return _number(value) if isinstance(value, Quantity) else _plain(value)


def _number(quantity: Quantity) -> str:
    if quantity.low is None or quantity.high is None:
        return figure(quantity.mid)
    interval = f"{figure(quantity.low)} to {figure(quantity.high)}, {quantity.confidence:.0%}"
    return f"{figure(quantity.mid)} ({interval})"


def _plain(entry: Entry) -> str:
    if not isinstance(entry.value, tuple):
        return str(entry.value)
    phases = [part for part in entry.value if isinstance(part, Phase)]
    if phases:
        return "; ".join(
            f"{figure(p.capacity_units)} for {figure(p.capex)} after {p.months_after_commit} months"
            for p in phases
        )
    return "; ".join(f"{regime} {share:g}" for regime, share in zip(REGIMES, entry.value, strict=True))
