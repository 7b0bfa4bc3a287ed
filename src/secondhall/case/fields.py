"""The schema of a case, read from ``schema/*.csv``: the one source of fields, units, ranges and meanings."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = [
    "COLLECTIONS",
    "LEDGERS",
    "SINGLES",
    "TOP",
    "Column",
    "Field",
    "case_fields",
    "ledger_columns",
    "nearest",
    "section_fields",
    "unit_words",
]

TOP = "case"
SINGLES = ("market", "costs", "finance", "pipeline", "recovery")
"""Sections that hold fields."""
COLLECTIONS = ("segments", "halls", "options", "staff", "scenarios")
"""Sections that hold named records of fields."""
LEDGERS = ("contracts", "orders", "accounts", "facts", "plans")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a ledger, or what a field of ``case.yaml`` shares with one.

    Parameters
    ----------
    name : str
        The column's or the field's name.
    type : str
        number, integer, text, month, period, choice, segment, hall_or_option, currency, phases or
        probability_by_regime.
    choices : tuple of str
        The texts that a choice accepts.
    unit : str
        As the schema writes it: ``unit`` stands for the case's capacity unit, ``currency`` for its currency.
    minimum, maximum : float
        The accepted range, ends included.
    required : bool
        Whether an empty value is an error.
    meaning : str
        What it is, in a sentence.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    unit: str
    minimum: float
    maximum: float
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Column):
    """A field of ``case.yaml``.

    Parameters
    ----------
    section : str
        The section it belongs to.
    by_regime, uncertain : bool
        Whether it may be given for each regime, and as low, mid and high.
    default : str
        What holds when it is absent; empty for a field that is required or optional.
    example : str
        A value for the template where there is no default.
    """

    section: str
    by_regime: bool
    uncertain: bool
    default: str
    example: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("secondhall.case") / "schema" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _bound(text: str, otherwise: float) -> float:
    return float(text) if text else otherwise


@cache
def case_fields() -> tuple[Field, ...]:
    """Return every field of ``case.yaml`` in the schema's order."""
    return tuple(
        Field(
            name=row["field"],
            type=row["type"].partition(":")[0],
            choices=tuple(filter(None, row["type"].partition(":")[2].split("|"))),
            unit=row["unit"],
            minimum=_bound(row["minimum"], float("-inf")),
            maximum=_bound(row["maximum"], float("inf")),
            required=row["required"] == "yes",
            meaning=row["meaning"],
            section=row["section"],
            by_regime=row["by_regime"] == "yes",
            uncertain=row["uncertain"] == "yes",
            default=row["default"],
            example=row["example"],
        )
        for row in _rows(TOP)
    )


@cache
def section_fields(section: str) -> dict[str, Field]:
    """Return a section's fields by name.

    Examples
    --------
    >>> section_fields("costs")["draw_share"].default
    '0.6'
    """
    return {field.name: field for field in case_fields() if field.section == section}


@cache
def ledger_columns(ledger: str) -> dict[str, Column]:
    """Return a ledger's columns by name.

    Examples
    --------
    >>> ledger_columns("contracts")["capacity"].required
    True
    """
    return {
        row["column"]: Column(
            name=row["column"],
            type=row["type"].partition(":")[0],
            choices=tuple(filter(None, row["type"].partition(":")[2].split("|"))),
            unit=row["unit"],
            minimum=_bound(row["minimum"], float("-inf")),
            maximum=_bound(row["maximum"], float("inf")),
            required=row["required"] == "yes",
            meaning=row["meaning"],
        )
        for row in _rows(ledger)
    }


def unit_words(unit: str, *, capacity: str = "", currency: str = "") -> str:
    """Put the case's own unit and currency into a unit of the schema.

    Examples
    --------
    >>> unit_words("currency/unit/month", capacity="kW", currency="EUR")
    'EUR/kW/month'
    >>> unit_words("second unit/unit", capacity="kW")
    'second unit/kW'
    """
    words = re.sub(r"(?<!second )\bunit\b", capacity or "unit", unit)
    return re.sub(r"\bcurrency\b", currency or "currency", words)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most resembles, if one does.

    Examples
    --------
    >>> nearest("capcity", ["capacity", "customer"])
    'capacity'
    """
    pool = list(known)
    folded = {candidate.casefold(): candidate for candidate in pool}
    close = difflib.get_close_matches(name.casefold()[:80], folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None
