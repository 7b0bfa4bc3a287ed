"""Typed fields out of a tree of texts; what cannot be used leaves a fault and a value in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeVar

from secondhall.case.fields import nearest
from secondhall.case.tree import Branch, Items, Leaf, Node
from secondhall.errors import Fault, quoted

__all__ = ["Records"]

_WHOLE = re.compile(r"\d{1,4}", re.ASCII)
_SHARE = re.compile(r"\d{1,4}/[1-9]\d{0,3}|\d{1,3}(\.\d{1,6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STAND_IN = date(1, 1, 1)
_Made = TypeVar("_Made")


class Records:
    """Reads fields and collects the faults.

    Parameters
    ----------
    file : str
        The name under which faults are told.
    faults : list of Fault
        Where they are added.
    """

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self._file = file
        self._faults = faults

    def fault(self, line: int, path: str, found: str, accepted: str, mend: str) -> None:
        """Add a fault at a line and a dotted path."""
        self._faults.append(
            Fault(file=self._file, line=line, column=path, found=found, accepted=accepted, mend=mend)
        )

    def names(self, node: Branch, path: str, known: Sequence[str]) -> None:
        """Tell of every name that is not known."""
        for name in node.nodes:
            if name not in known:
                near = nearest(name, known)
                mend = f"write {near}, if that is what was meant" if near else "take it out"
                found = f"a name that is not known, {quoted(name)}"
                self.fault(node.lines[name], _under(path, name), found, "one of " + ", ".join(known), mend)

    def text(self, node: Branch, name: str, path: str) -> str:
        """Read a text that must be there."""
        inner = node.nodes.get(name)
        if isinstance(inner, Leaf) and not inner.is_nothing:
            return inner.text
        self._unusable(node, name, path, "a text")
        return ""

    def texts(self, node: Branch, name: str, path: str) -> tuple[str, ...]:
        """Read a list of texts that must be there."""
        inner = node.nodes.get(name)
        if isinstance(inner, Items) and inner.nodes and all(isinstance(one, Leaf) for one in inner.nodes):
            return tuple(one.text for one in inner.nodes if isinstance(one, Leaf))
        self._unusable(node, name, path, "a list of texts, such as [L1233-30]")
        return ()

    def one_of(self, node: Branch, name: str, path: str, known: Sequence[str]) -> str:
        """Read one of the known words."""
        return self._scalar(
            node, name, path, "one of " + ", ".join(known), lambda text: _known(text, known), known[0]
        )

    def truth(self, node: Branch, name: str, path: str) -> bool:
        """Read true or false."""
        return self.one_of(node, name, path, ("true", "false")) == "true"

    def whole(self, node: Branch, name: str, path: str, default: int | None = None) -> int:
        """Read a whole number, 0 or more; `default` holds when it is absent."""
        if default is not None and name not in node.nodes:
            return default
        return self._scalar(node, name, path, "a whole number from 0 to 9999, such as 30", _whole, 1)

    def whole_or_none(self, node: Branch, name: str, path: str) -> int | None:
        """Read a whole number that may be absent."""
        return self.whole(node, name, path) if name in node.nodes else None

    def share(self, node: Branch, name: str, path: str) -> Fraction:
        """Read an exact share, as a fraction or with a decimal point."""
        return self._scalar(node, name, path, "a share such as 1/4 or 0.25", _share, Fraction(0))

    def day(self, node: Branch, name: str, path: str) -> date:
        """Read a day that must be there."""
        return self._scalar(node, name, path, "a day written as 2017-09-27", _day, _STAND_IN)

    def day_or_none(self, node: Branch, name: str, path: str) -> date | None:
        """Read a day that may be absent."""
        return self.day(node, name, path) if name in node.nodes else None

    def list_of(
        self,
        node: Branch,
        name: str,
        path: str,
        make: Callable[[Branch, str], _Made],
        *,
        may_be_empty: bool = False,
    ) -> tuple[_Made, ...]:
        """Read a list of records with `make`, which takes a record and its dotted path."""
        inner = node.nodes.get(name)
        if not isinstance(inner, Items) or not (inner.nodes or may_be_empty):
            self._unusable(node, name, path, "a list of records, each after a hyphen")
            return ()
        made = []
        for number, one in enumerate(inner.nodes, start=1):
            where = f"{_under(path, name)}[{number}]"
            if isinstance(one, Branch):
                made.append(make(one, where))
            else:
                self.fault(one.line, where, "no record", "names and values", "write what the record needs")
        return tuple(made)

    def _scalar(
        self,
        node: Branch,
        name: str,
        path: str,
        accepted: str,
        read: Callable[[str], _Made | None],
        stand_in: _Made,
    ) -> _Made:
        inner = node.nodes.get(name)
        value = read(inner.text) if isinstance(inner, Leaf) else None
        if value is None:
            self._unusable(node, name, path, accepted)
            return stand_in
        return value

    def _unusable(self, node: Branch, name: str, path: str, accepted: str) -> None:
        line = node.lines.get(name, node.line)
        self.fault(
            line,
            _under(path, name),
            _found(node.nodes.get(name)),
            accepted,
            f"write {name}: and such a value",
        )


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _found(node: Node | None) -> str:
    if node is None or (isinstance(node, Leaf) and node.is_nothing):
        return "nothing"
    return quoted(node.text) if isinstance(node, Leaf) else "a list or a record"


def _known(text: str, known: Sequence[str]) -> str | None:
    return text if text in known else None


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _share(text: str) -> Fraction | None:
    return Fraction(text) if _SHARE.fullmatch(text) else None


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
