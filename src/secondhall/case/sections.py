"""The tree of ``case.yaml`` into records, section by section, and the overlays of the decision dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from secondhall.case.fields import COLLECTIONS, SINGLES, TOP, Field, section_fields
from secondhall.case.parse import Reader, default_value
from secondhall.case.tree import Branch, Leaf, Node
from secondhall.case.values import Record, Value
from secondhall.case.words import IDENTIFIER, Units, UnusableError, accepted, read_scalar
from secondhall.errors import Fault, Severity, quoted
from secondhall.months import Month

__all__ = ["Draft", "overlaid", "overlays", "read_draft"]

_NEEDED = ("segments", "halls")
_FIXED = ("name", "currency", "unit", "start", "history_from", "history_plan", "decision_dates")
_NAME_WORDS = "a name of letters, digits, spaces, dots, hyphens and underscores, at most 64"
_NAMED_FIRST = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """What ``case.yaml`` says, before it is held against the ledgers."""

    name: str
    title: str
    currency: str
    unit: str
    start: Month
    horizon_months: int
    history_from: Month | None
    history_plan: str
    sources: dict[str, str]
    singles: dict[str, Record]
    collections: dict[str, dict[str, Record]]


def read_draft(tree: Branch, faults: list[Fault]) -> Draft | None:
    """Read every section; every fault is added to `faults`; None when an error was among them."""
    reader = Reader(_units(tree), _sources(tree))
    _check_sources(tree, reader)
    for key in tree.nodes:
        known = (*section_fields(TOP), "sources", *SINGLES, *COLLECTIONS, "decision_dates")
        if key not in known:
            reader.unknown(key, tree.lines[key], key, known)
    top = _record(tree, TOP, "", reader)
    singles = {section: _single(tree, section, reader) for section in SINGLES}
    collections = {section: _collection(tree, section, reader) for section in COLLECTIONS}
    faults.extend(reader.faults)
    faults.extend(_unsourced(reader))
    start = top.month("start")
    if any(fault.severity is Severity.ERROR for fault in reader.faults) or start is None:
        return None
    return Draft(
        name=top.text("name"),
        title=top.text("title") or top.text("name"),
        currency=top.text("currency"),
        unit=top.text("unit"),
        start=start,
        horizon_months=top.integer("horizon_months"),
        history_from=top.month("history_from"),
        history_plan=top.text("history_plan"),
        sources=dict(reader.sources),
        singles=singles,
        collections=collections,
    )


def _units(tree: Branch) -> Units:
    """Read unit and currency ahead of the rest, because the words of every other fault need them."""
    read = {}
    for name in ("unit", "currency"):
        node = tree.nodes.get(name)
        try:
            read[name] = (
                str(read_scalar(node.text, section_fields(TOP)[name], Units()))
                if isinstance(node, Leaf)
                else ""
            )
        except UnusableError:
            read[name] = ""
    return Units(read["unit"], read["currency"])


def _sources(tree: Branch) -> dict[str, str]:
    node = tree.nodes.get("sources")
    if not isinstance(node, Branch):
        return {}
    return {key: leaf.text.strip() for key, leaf in node.nodes.items() if isinstance(leaf, Leaf)}


def _check_sources(tree: Branch, reader: Reader) -> None:
    node = tree.nodes.get("sources")
    if node is None or (isinstance(node, Leaf) and node.is_nothing):
        return
    wrong = (
        [node]
        if not isinstance(node, Branch)
        else [n for n in node.nodes.values() if not isinstance(n, Leaf)]
    )
    for inner in wrong:
        reader.fault(
            inner.line,
            "sources",
            "no key with a citation",
            'KEY: "citation"',
            "write one line for each source",
        )


def _record(branch: Branch, section: str, path: str, reader: Reader) -> Record:
    """Read the fields of one record; what is absent takes its default or is told to be missing."""
    fields = section_fields(section)
    values: dict[str, Value | None] = {}
    if section != TOP:
        for key in branch.nodes:
            if key not in fields:
                reader.unknown(key, branch.lines[key], f"{path}.{key}", fields)
    for name, field in fields.items():
        values[name] = _field(branch, field, f"{path}.{name}" if path else name, reader)
    return Record(values, line=branch.line)


def _field(branch: Branch, field: Field, path: str, reader: Reader) -> Value | None:
    node = branch.nodes.get(field.name)
    if node is not None:
        value = reader.value(node, field, path)
        return default_value(field) if value is None else value
    if field.required:
        reader.fault(
            branch.line, path, "nothing", accepted(field, reader.units), f"add {field.name}: {field.meaning}"
        )
    return default_value(field)


def _single(tree: Branch, section: str, reader: Reader) -> Record:
    node = tree.nodes.get(section)
    if isinstance(node, Branch):
        return _record(node, section, section, reader)
    fields = section_fields(section)
    needed = [name for name, field in fields.items() if field.required]
    is_nothing = node is None or (isinstance(node, Leaf) and node.is_nothing)
    if needed or not is_nothing:
        line = node.line if node is not None else 1
        found = "nothing" if is_nothing else "a text or a list"
        words = ", ".join(needed or list(fields)[:3])
        reader.fault(
            line, section, found, f"the section {section} with {words}", f"add {section}: and its fields"
        )
    return Record({name: default_value(field) for name, field in fields.items()})


def _collection(tree: Branch, section: str, reader: Reader) -> dict[str, Record]:
    node = tree.nodes.get(section)
    if isinstance(node, Branch):
        return {
            name: _member(inner, section, name, node.lines[name], reader)
            for name, inner in node.nodes.items()
        }
    is_nothing = node is None or (isinstance(node, Leaf) and node.is_nothing)
    if section in _NEEDED or not is_nothing:
        line = node.line if node is not None else 1
        found = "nothing" if is_nothing else "a text or a list"
        words = f"at least one of {section}, each with a name of its own"
        reader.fault(line, section, found, words, f"add {section}: then a name, then its fields")
    return {}


def _member(node: Node, section: str, name: str, line: int, reader: Reader) -> Record:
    path = f"{section}.{name}"
    if IDENTIFIER.fullmatch(name) is None:
        reader.fault(line, path, quoted(name), _NAME_WORDS, "give it another name")
    if not isinstance(node, Branch):
        if not (isinstance(node, Leaf) and node.is_nothing):
            reader.fault(
                line, path, "a text or a list", "fields and values", "indent its fields below the name"
            )
            return Record({})
        node = Branch({}, {}, line)
    return _record(Branch(node.nodes, node.lines, line), section, path, reader)


def _unsourced(reader: Reader) -> list[Fault]:
    """Tell once a section which values carry neither a source nor a reason."""
    doubts = []
    for section, names in reader.unsourced.items():
        if section in section_fields(TOP):
            continue
        first = ", ".join(names[:_NAMED_FIRST]) + (", ..." if len(names) > _NAMED_FIRST else "")
        doubts.append(
            Fault(
                file=reader.file,
                column=section,
                found=f"{len(names)} without source or reason: {first}",
                accepted="{value: 254, source: M1} or {value: 254, because: a reason}",
                mend="say where each comes from; until then a report lists it as a bare assumption",
                severity=Severity.DOUBT,
            )
        )
    return doubts


def overlays(tree: Branch, faults: list[Fault]) -> dict[Month, Branch]:
    """Return the tree of each decision date: the case with that date's overlay, starting in that month."""
    node = tree.nodes.get("decision_dates")
    if node is None or (isinstance(node, Leaf) and node.is_nothing):
        return {}
    reader = Reader(Units(), {})
    dated: dict[Month, Branch] = {}
    if not isinstance(node, Branch):
        reader.fault(
            node.line,
            "decision_dates",
            "a text or a list",
            "months, each with what differs then",
            "write 2001-01: and below it the fields",
        )
    else:
        for text, over in node.nodes.items():
            _overlay(tree, text, over, node.lines[text], reader, dated)
    faults.extend(reader.faults)
    return dict(sorted(dated.items()))


def _overlay(
    tree: Branch, text: str, over: Node, line: int, reader: Reader, dated: dict[Month, Branch]
) -> None:
    path = f"decision_dates.{text}"
    month = reader.scalar(Leaf(text, line), section_fields(TOP)["start"], path)
    if isinstance(over, Leaf) and over.is_nothing:
        over = Branch({}, {}, line)
    if not isinstance(over, Branch):
        reader.fault(
            line,
            path,
            "a text or a list",
            "what differs then, in the shape of the case",
            "indent the fields below the month",
        )
        return
    for name in _FIXED:
        if name in over.nodes:
            reader.fault(
                over.lines[name],
                f"{path}.{name}",
                f"{name} in an overlay",
                "fields that may change",
                f"take {name} out; it holds at every date",
            )
    if isinstance(month, Month):
        start = Leaf(str(month), line)
        merged = overlaid(tree, over)
        dated[month] = Branch(
            {**merged.nodes, "start": start, "decision_dates": Leaf("", line)},
            {**merged.lines, "start": line, "decision_dates": line},
            merged.line,
        )


def overlaid(base: Branch, over: Branch) -> Branch:
    """Lay `over` onto `base`, field by field; a field's value is replaced whole, null takes a name out."""
    levels = dict.fromkeys((*SINGLES, "sources"), 1) | dict.fromkeys(COLLECTIONS, 2)
    return _merged(base, over, lambda name: levels.get(name, 0))


def _merged(base: Branch, over: Branch, levels: Callable[[str], int]) -> Branch:
    nodes, lines = dict(base.nodes), dict(base.lines)
    for name, node in over.nodes.items():
        below, deeper = nodes.get(name), levels(name)
        lines[name] = over.lines[name]
        if isinstance(node, Leaf) and node.is_nothing:
            nodes.pop(name, None)
        elif deeper and isinstance(node, Branch) and isinstance(below, Branch):
            nodes[name] = _merged(below, node, lambda _, deeper=deeper: deeper - 1)  # type: ignore[misc]
        else:
            nodes[name] = node
    return Branch(nodes, lines, base.line)
