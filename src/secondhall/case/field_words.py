"""The dotted names of uncertain fields, such as ``segments.retail.churn_monthly.bust``, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secondhall.case.fields import SINGLES, Field, section_fields, unit_words
from secondhall.case.values import REGIMES

if TYPE_CHECKING:
    from secondhall.case.model import Case

__all__ = ["FieldWords", "field_words"]

_SINGLE = {
    "market": "the market",
    "costs": "the costs",
    "finance": "the finances",
    "pipeline": "the pipeline",
}
_IN = {"boom": "in a boom", "steady": "in steady times", "bust": "in a bust"}


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a dotted name says.

    Attributes
    ----------
    section, subject, field
        the section, whose field it is in words (a segment, a hall...), the field's own name.
    regime
        boom, steady or bust; empty for a field that is the same in all of them.
    meaning
        what it is, from the schema, without the schema's asides.
    unit
        in the case's own unit and currency.
    known
        whether the schema has such a field.
    """

    section: str
    subject: str
    field: str
    regime: str
    meaning: str
    unit: str
    known: bool

    @property
    def when(self) -> str:
        """In which regime, in words; empty when in all."""
        return _IN.get(self.regime, "")

    @property
    def said(self) -> str:
        """Whose, what and when, in one phrase."""
        return f"{self.subject}: {self.meaning}" + (f", {self.when}" if self.regime else "")


def field_words(case: Case, name: str) -> FieldWords:
    """Return what a dotted name says, from the schema's own meaning.

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> field_words(read_case("fluxus"), "segments.large_accounts.churn_monthly.bust").said
    'large accounts: share of the customers out of term that leaves each month, in a bust'
    """
    section, _, rest = name.partition(".")
    before, _, last = rest.rpartition(".")
    regime = last if last in REGIMES and before else ""
    if regime:
        rest = before
    # An id may hold dots of its own; the field never does.
    of, _, field = rest.rpartition(".")
    known = section_fields(section).get(field) if section in _sections() else None
    return FieldWords(
        section=section,
        subject=_subject(section, of),
        field=field,
        regime=regime,
        meaning=_said(section, field, known),
        unit="" if known is None else unit_words(known.unit, capacity=case.unit, currency=case.currency),
        known=known is not None,
    )


def _said(section: str, field: str, known: Field | None) -> str:
    plain = field.replace("_", " ")
    if known is None:
        return plain
    return f"{_meaning(known)}, {plain}" if section == "pipeline" else _meaning(known)


def _sections() -> tuple[str, ...]:
    return (*SINGLES, "segments", "halls", "options", "staff", "scenarios")


def _subject(section: str, of: str) -> str:
    if section in _SINGLE:
        return _SINGLE[section]
    words = of.replace("_", " ")
    return f"staff, {words}" if section == "staff" else words


def _meaning(field: Field) -> str:
    """Return the meaning up to its first aside."""
    return field.meaning.partition(";")[0].partition(" (")[0].strip()
