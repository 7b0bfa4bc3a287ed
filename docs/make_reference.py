"""Writes the parts of the documentation that are tables of what the code knows.

    .venv/bin/python docs/make_reference.py

- ``docs/case.md``: the fields of ``case.yaml`` and the columns of the ledgers, from the schema's tables;
- ``docs/cli.md``: the commands, from the command line itself;
- ``docs/equations.md``, between its marks: the symbols of ``symbols.csv`` with the schema's words.

A test holds the pages current.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from secondhall.case.fields import LEDGERS, Column, Field, case_fields, ledger_columns
from secondhall.cli.main import app

HERE = Path(__file__).parent
MADE = "<!-- Made by docs/make_reference.py; change the source and make it again. -->"
BEGIN, END = "<!-- symbols: begin -->", "<!-- symbols: end -->"

SECTIONS = {
    "case": "At the top: what the case is.",
    "market": "The regimes, the price of new business, energy. One section.",
    "segments": "Groups of customers that behave alike. A record for each, under a name of your own.",
    "halls": "What stands, or is under construction. A record for each.",
    "options": "What could be committed. A record for each.",
    "phases": "An option opens in one phase or several. A list under `phases` of the option.",
    "staff": "Roles, and what drives their number. A record for each.",
    "costs": "What is not staff and not a hall. One section.",
    "finance": "Cash, debt, covenants, shareholder, tax, discounting. One section.",
    "pipeline": "How likely an order is won at each stage of its sale. One section.",
    "recovery": "What a restructuring may do, and the law under which posts go. One section.",
    "scenarios": "Named shocks. A record for each, under a name of your own.",
}
LEDGER_WORDS = {
    "contracts": "One row for each contract. Replaces the segments' opening customers, capacity and revenue.",
    "orders": "The sales pipeline: what is hoped for and not signed.",
    "accounts": "Actual figures by period and line. Month zero is compared with the last closed ones.",
    "facts": "Sparse public figures with their uncertainty, for when no ledger exists.",
    "plans": "Dated plans: what somebody did, or means to do.",
}
CASE_HEAD = f"""\
# A case: case.yaml and its ledgers

{MADE}

A case is a folder: `case.yaml`, and CSV ledgers beside it (Parquet and Excel are read too). Only
`case.yaml` is needed. `secondhall init NAME` writes a commented template, `secondhall check NAME` lists
everything to mend, and `secondhall schema` prints the JSON Schema by which editors complete it.

One currency, one capacity unit, months as `2001-03`. In the tables below *unit* and *currency* stand for
the case's own.

## How a value is written

| form | example |
|---|---|
| plainly | `churn_monthly: 0.01` |
| with where it came from | `churn_monthly: {{value: 0.01, kind: fact, source: S1}}` |
| low, mid and high, where unknown | `churn_monthly: {{low: 0.005, mid: 0.01, high: 0.02, because: "..."}}` |
| for each regime | `churn_monthly: {{boom: 0.005, steady: 0.01, bust: 0.03}}` |

The interval from low to high holds the truth with 90 % unless a `confidence` says otherwise (A1 of the
[equations](equations.md)). `kind` is fact, inference or assumption; a fact needs a `source`, which is a key
of `sources` or the citation itself. In the column *forms*, R says that a value may differ by regime, U that
it may be given as low, mid and high.

Two more blocks: `sources` (a key and a citation each), and `decision_dates` (what differs at a later date,
in the same shape; `null` takes a record out; a command asks for it with `--at`).
"""
LEDGERS_HEAD = """\
## Ledgers

A ledger is one file: `contracts.csv`, `contracts.parquet` or `contracts.xlsx`. A column that is needed may
not be empty.
"""
CLI_HEAD = f"""\
# The commands

{MADE}

`./run COMMAND` makes the environment when it is missing and runs `secondhall COMMAND`. A case is a folder, or
the name of a bundled one. Stored runs lie in the user's data folder, or where `SECONDHALL_HOME` says.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | no answer exists |
| 2 | the input has to be mended: every fault is listed |
| 3 | our fault: what to send is named |
| 130 | stopped by the user; nothing is left half-written |
"""


def case_page() -> str:
    """Return the page of ``case.yaml`` and the ledgers."""
    lines = [CASE_HEAD]
    for section, words in SECTIONS.items():
        lines += [f"## {section}", "", words, ""]
        lines += table(("field", "type", "forms", "unit", "range", "if absent", "meaning"))
        lines += [row_of(field) for field in case_fields() if field.section == section]
        lines.append("")
    lines.append(LEDGERS_HEAD)
    for ledger in LEDGERS:
        lines += [f"### {ledger}", "", LEDGER_WORDS[ledger], ""]
        lines += table(("column", "type", "needed", "unit", "range", "meaning"))
        for column in ledger_columns(ledger).values():
            cells = (f"`{column.name}`", type_of(column), "yes" if column.required else "")
            lines.append(joined((*cells, column.unit, range_of(column), column.meaning)))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def row_of(field: Field) -> str:
    """Return a field as a row of its section's table."""
    forms = "".join(mark for mark, given in (("R", field.by_regime), ("U", field.uncertain)) if given)
    absent = "needed" if field.required else field.default.replace(";", ",")
    return joined(
        (f"`{field.name}`", type_of(field), forms, field.unit, range_of(field), absent, field.meaning)
    )


def type_of(column: Column) -> str:
    """Return a column's type in words."""
    if column.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    return column.type.replace("_", " ")


def range_of(column: Column) -> str:
    """Return the accepted range; empty where there is none."""
    low, high = column.minimum, column.maximum
    if low == float("-inf") and high == float("inf"):
        return ""
    if high == float("inf"):
        return f"{low:g} or more"
    return f"{low:g} to {high:g}"


def symbols_table() -> str:
    """Return the tables of the symbols that a case gives, one for each section."""
    fields = {f"{field.section}.{field.name}": field for field in case_fields()}
    lines: list[str] = []
    last = ""
    for row in symbol_rows():
        field = fields[row["field"]]
        if field.section != last:
            lines += [
                "",
                f"**{field.section}**",
                "",
                *table(("symbol", "meaning", "unit", "field", "used in")),
            ]
            last = field.section
        cells = (row["symbol"], field.meaning, field.unit, f"`{field.name}`", row["equations"])
        lines.append(joined(cells))
    return "\n".join(lines).strip() + "\n"


def symbol_rows() -> list[dict[str, str]]:
    """Return the rows of ``symbols.csv``."""
    return list(csv.DictReader((HERE / "symbols.csv").read_text(encoding="utf-8").splitlines()))


def equations_page() -> str:
    """Return the page of equations with its made part renewed."""
    page = (HERE / "equations.md").read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{MADE}\n\n{symbols_table()}\n{END}{after}"


def cli_page() -> str:
    """Return the page of the commands."""
    lines = [CLI_HEAD]
    for name, command in commands("secondhall", typer.main.get_command(app)):
        asked = [p.metavar or p.name.upper() for p in command.params if is_argument(p)]
        lines += [f"## {name}", "", f"    {' '.join([name, *asked])}", "", command.help or "", ""]
        lines += options_table(command)
        if command.epilog:
            lines += [f"{command.epilog.replace('Example: ', 'Example: `')}`", ""]
    return "\n".join(lines).rstrip() + "\n"


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield every command under its whole name."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for child, inner in command.commands.items():
        yield from commands(f"{name} {child}", inner)


def options_table(command: Any) -> list[str]:
    """Return a command's arguments and options."""
    rows = []
    for parameter in command.params:
        names = parameter.metavar if is_argument(parameter) else ", ".join(parameter.opts)
        given = "" if parameter.default is None or parameter.default is False else f"`{parameter.default}`"
        shown = names or parameter.name.upper()
        rows.append(joined((f"`{shown}`", "needed" if parameter.required else given, parameter.help or "")))
    return [*table(("argument or option", "if absent", "meaning")), *rows, ""] if rows else []


def is_argument(parameter: Any) -> bool:
    """Say whether a parameter is given by its place."""
    return not parameter.opts[0].startswith("-")


def table(heads: tuple[str, ...]) -> list[str]:
    """Return the head of a table."""
    return [joined(heads), "|" + "---|" * len(heads)]


def joined(cells: tuple[str, ...]) -> str:
    """Return a row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


PAGES = {"case.md": case_page, "cli.md": cli_page, "equations.md": equations_page}

if __name__ == "__main__":
    for file, made in PAGES.items():
        (HERE / file).write_text(made(), encoding="utf-8")
