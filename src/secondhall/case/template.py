"""A new case: a commented ``case.yaml`` and empty ledgers, written from the schema."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from secondhall.case.fields import (
    COLLECTIONS,
    LEDGERS,
    SINGLES,
    TOP,
    Field,
    ledger_columns,
    section_fields,
    unit_words,
)
from secondhall.case.words import IDENTIFIER
from secondhall.errors import Fault, InputError, quoted

__all__ = ["template_text", "write_template"]

_EXAMPLES = {
    "segments": "standard",
    "halls": "hall_1",
    "options": "hall_2",
    "staff": "operations",
    "scenarios": "bust",
}
_HEAD = """\
# A case of secondhall. Fill in the lines without a hash; the others hold as they are.
#
# A value may be written plainly,            churn_monthly: 0.01
# with where it came from,                   churn_monthly: {value: 0.01, source: S1, kind: fact}
# as low, mid and high where unknown,        churn_monthly: {low: 0.005, mid: 0.01, high: 0.02}
# and, where it says so, for each regime,    churn_monthly: {boom: 0.005, steady: 0.01, bust: 0.03}
#
# kind is fact, inference or assumption. A fact needs a source: a key of sources, or the citation itself.
"""
_TAIL = """
# What differs at a later decision date, in the same shape; null takes a hall, an option... out.
# decision_dates:
#   2027-01:
#     finance:
#       cash: 1500000
"""


def write_template(folder: Path, name: str) -> None:
    """Write a new case into `folder`, which must not exist; it appears whole or not at all.

    Raises
    ------
    InputError
        When `folder` exists, its parent does not, or `name` cannot be a case's name.
    """
    _check(folder, name)
    parent = folder.parent
    draft = parent / f".{folder.name}.{secrets.token_hex(6)}"
    try:
        draft.mkdir()
        (draft / "case.yaml").write_text(template_text(name), encoding="utf-8")
        for ledger in LEDGERS:
            (draft / f"{ledger}.csv").write_text(",".join(ledger_columns(ledger)) + "\n", encoding="utf-8")
        draft.rename(folder)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(
            [
                Fault(
                    file=str(folder),
                    found=reason,
                    accepted="a place that can be written",
                    mend="name another place",
                )
            ]
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check(folder: Path, name: str) -> None:
    if IDENTIFIER.fullmatch(name) is None:
        fault = Fault(
            file=str(folder),
            found=f"the name {quoted(name)}",
            accepted="letters, digits, spaces, dots, hyphens and underscores, at most 64",
            mend="choose another name",
        )
    elif os.path.lexists(folder):
        fault = Fault(
            file=str(folder),
            found="a file or folder of that name",
            accepted="a name that is free; nothing is overwritten",
            mend="choose another name, or move the old one away",
        )
    elif not folder.parent.is_dir():
        fault = Fault(
            file=str(folder.parent),
            found="no such folder",
            accepted="a folder that exists",
            mend="make it first",
        )
    else:
        return
    raise InputError([fault])


def template_text(name: str) -> str:
    """Return the text of a new ``case.yaml``."""
    lines = [_HEAD]
    examples = {field.name: field.example for field in section_fields(TOP).values()} | {"name": name}
    for field in section_fields(TOP).values():
        lines.extend(_lines(field, examples[field.name], indent=0))
    lines.append('\nsources:\n  # S1: "Who, what, when, where"')
    for section in (*COLLECTIONS[:4], *SINGLES, *COLLECTIONS[4:]):
        lines.append(f"\n{section}:")
        indent = 2
        if section in COLLECTIONS:
            lines.append(f"  {_EXAMPLES[section]}:")
            indent = 4
        for field in section_fields(section).values():
            lines.extend(_lines(field, field.example, indent=indent))
    return "\n".join(lines) + "\n" + _TAIL


def _lines(field: Field, example: str, *, indent: int) -> Iterator[str]:
    pad = " " * indent
    comment = f"# {field.meaning}{_unit(field)}{_forms(field)}"
    yield f"{pad}{comment}"
    if field.type == "phases":
        yield f"{pad}{field.name}:"
        for phase in example.split(" | "):
            yield f"{pad}  - {{{phase.replace(';', ',')}}}"
    elif field.required or example:
        yield f"{pad}{field.name}: {example}"
    else:
        default = f"{{{field.default.replace(';', ',')}}}" if ":" in field.default else field.default
        yield f"{pad}# {field.name}: {default}".rstrip()


def _unit(field: Field) -> str:
    top = section_fields(TOP)
    unit = unit_words(field.unit, capacity=top["unit"].example, currency=top["currency"].example)
    choices = ", ".join(field.choices)
    words = "; ".join(part for part in (unit, choices) if part)
    return f" [{words}]" if words else ""


def _forms(field: Field) -> str:
    forms = [
        words for given, words in ((field.by_regime, "by regime"), (field.uncertain, "low/mid/high")) if given
    ]
    return f" ({', '.join(forms)})" if forms else ""
