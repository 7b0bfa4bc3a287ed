"""YAML into a tree of texts with their lines; types come later, from the schema.

Built from the parser's events and not from its loader: no tag is obeyed, no alias is expanded, depth and size
are bounded, every node knows its line, and ``NO`` or ``2001-03`` stay the texts they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from secondhall.errors import Fault, quoted

__all__ = ["Branch", "Items", "Leaf", "Node", "read_tree"]

_DEEPEST = 12
_MOST_NODES = 100_000
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as it is written."""

    text: str
    line: int
    is_quoted: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether it is left empty or written as null."""
        return not self.is_quoted and self.text in _NOTHING


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping; `lines` gives the line of each key."""

    nodes: dict[str, Node]
    lines: dict[str, int]
    line: int


Node = Leaf | Items | Branch


class _StopError(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def read_tree(text: str, *, file: str, faults: list[Fault]) -> Branch | None:
    r"""Read a YAML text whose top is a mapping.

    Every fault found is added to `faults`; None is returned when nothing can be made of the text.

    Examples
    --------
    >>> tree = read_tree("name: a\nstart: 2001-03\n", file="case.yaml", faults=[])
    >>> tree.nodes["start"]
    Leaf(text='2001-03', line=2, is_quoted=False)
    """
    builder = _Builder(file, faults)
    try:
        for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
            builder.take(event)
    except _StopError as stop:
        faults.append(stop.fault)
        return None
    except YAMLError as error:
        faults.append(_syntax(error, file))
        return None
    return builder.top()


def _syntax(error: YAMLError, file: str) -> Fault:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or str(error).splitlines()[0]
    return Fault(
        file=file,
        line=mark.line + 1 if mark else None,
        found=f"no YAML here: {problem}",
        accepted="YAML: `key: value`, deeper keys indented by two spaces, no tabs",
        mend="look at this line and the one above: a missing colon, quote, bracket or indent",
    )


class _Builder:
    def __init__(self, file: str, faults: list[Fault]) -> None:
        self._file = file
        self._faults = faults
        self._open: list[_Growing] = []
        self._root: Node | None = None
        self._count = 0
        self._documents = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(line, "a second document", "one document", "take out the line of three hyphens")
        if isinstance(event, NodeEvent):
            self._check_node(event, line)
        if isinstance(event, ScalarEvent):
            self._put(Leaf(event.value, line, is_quoted=event.style is not None), line)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            if len(self._open) >= _DEEPEST:
                self._stop(
                    line, f"more than {_DEEPEST} levels", "the levels of the template", "take levels out"
                )
            self._open.append(_Growing(isinstance(event, MappingStartEvent), line))
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            done = self._open.pop()
            self._put(done.node(), done.line)

    def _check_node(self, event: NodeEvent, line: int) -> None:
        self._count += 1
        if self._count > _MOST_NODES:
            self._stop(line, f"more than {_MOST_NODES:,} values", "fewer", "keep rows of data in the ledgers")
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self._stop(
                line, f"an anchor or alias ({quoted(event.anchor)})", "values written out", "repeat the value"
            )
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self._stop(line, f"a tag ({quoted(tag)})", "plain values", "take the tag out")

    def _put(self, node: Node, line: int) -> None:
        if not self._open:
            self._root = node
            return
        clash = self._open[-1].put(node, line)
        if clash is not None:
            self._faults.append(
                Fault(
                    file=self._file,
                    line=line,
                    found=clash,
                    accepted="each name once, as a plain text",
                    mend="take one of the two out, or give it another name",
                )
            )

    def _stop(self, line: int, found: str, accepted: str, mend: str) -> None:
        raise _StopError(Fault(file=self._file, line=line, found=found, accepted=accepted, mend=mend))

    def top(self) -> Branch | None:
        if isinstance(self._root, Branch):
            return self._root
        is_empty = self._root is None or (isinstance(self._root, Leaf) and self._root.is_nothing)
        self._faults.append(
            Fault(
                file=self._file,
                line=1,
                found="nothing" if is_empty else "a text or a list",
                accepted="keys and values: name, currency, unit, start, segments, halls, costs, finance",
                mend="run `secondhall init NAME` for a template to fill in",
            )
        )
        return None


class _Growing:
    def __init__(self, is_mapping: bool, line: int) -> None:
        self.line = line
        self._is_mapping = is_mapping
        self._key: str | None = None
        self._nodes: list[Node] = []
        self._pairs: dict[str, Node] = {}
        self._lines: dict[str, int] = {}

    def put(self, node: Node, line: int) -> str | None:
        if not self._is_mapping:
            self._nodes.append(node)
            return None
        if self._key is None:
            self._key = node.text if isinstance(node, Leaf) else f"(a list or mapping in line {line})"
            if not isinstance(node, Leaf):
                return "a name that is no text"
            if self._key in self._pairs:
                return f"{quoted(self._key)} a second time (first in line {self._lines[self._key]})"
            self._lines[self._key] = line
            return None
        self._pairs.setdefault(self._key, node)
        self._lines.setdefault(self._key, line)
        self._key = None
        return None

    def node(self) -> Node:
        if self._is_mapping:
            return Branch(self._pairs, self._lines, self.line)
        return Items(tuple(self._nodes), self.line)
