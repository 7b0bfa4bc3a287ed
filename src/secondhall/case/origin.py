"""Where a value of ``case.yaml`` came from: its source, its reason, and whether it is a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from secondhall.case.fields import Column, nearest
from secondhall.case.tree import Branch, Items, Leaf, Node
from secondhall.case.values import Kind
from secondhall.case.words import Units, UnusableError, accepted, read_scalar
from secondhall.errors import Fault, Severity, quoted

__all__ = ["ORIGIN", "Origin", "Origins"]

ORIGIN = ("source", "because", "kind")
_KINDS = "one of " + ", ".join(Kind)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; `confidence` is that of its low and high."""

    kind: Kind = Kind.ASSUMPTION
    source: str | None = None
    because: str | None = None
    confidence: float = 0.9


class Origins:
    """Reads single values and where they came from; collects the faults.

    Parameters
    ----------
    units : Units
        The case's own unit and currency, for the words of the faults.
    sources : mapping
        The case's sources, key to citation.
    file : str
        The name under which faults are told.
    """

    def __init__(self, units: Units, sources: Mapping[str, str], file: str = "case.yaml") -> None:
        self.units = units
        self.sources = sources
        self.file = file
        self.faults: list[Fault] = []
        self.unsourced: dict[str, list[str]] = {}

    def fault(
        self, line: int, path: str, found: str, accepts: str, mend: str, *, doubt: bool = False
    ) -> None:
        """Add a fault at a line and a dotted path."""
        severity = Severity.DOUBT if doubt else Severity.ERROR
        self.faults.append(
            Fault(
                file=self.file,
                line=line,
                column=path,
                found=found,
                accepted=accepts,
                mend=mend,
                severity=severity,
            )
        )

    def unknown(self, name: str, line: int, path: str, known: Iterable[str]) -> None:
        """Tell of a name that the schema does not know."""
        names = list(known)
        near = nearest(name, names)
        mend = f"write {near}, if that is what was meant" if near else "take it out"
        self.fault(
            line, path, f"a name that is not known, {quoted(name)}", "one of " + ", ".join(names), mend
        )

    def number(self, node: Node, column: Column, path: str) -> float | None:
        """Read one written number; None when it is empty or cannot be used."""
        value = self.scalar(node, column, path)
        return None if value is None else float(value)  # type: ignore[arg-type]

    def scalar(self, node: Node, column: Column, path: str) -> object | None:
        """Read one written value; None when it is empty or cannot be used."""
        accepts = accepted(column, self.units)
        if not isinstance(node, Leaf):
            found = "a list" if isinstance(node, Items) else "names and values"
            self.fault(node.line, path, found, accepts, "write one value")
            return None
        if node.is_nothing:
            return None
        if node.is_quoted and column.type in ("number", "integer"):
            self.fault(node.line, path, f"the text {quoted(node.text)}", accepts, "write it without quotes")
            return None
        try:
            return read_scalar(node.text.strip(), column, self.units)
        except UnusableError as unusable:
            self.fault(node.line, path, quoted(node.text), unusable.accepted, unusable.mend)
            return None

    def origin(self, node: Branch, path: str, known: tuple[str, ...], outer: Origin | None = None) -> Origin:
        """Read the source, reason, kind and confidence in a mapping; other names than `known` are faults."""
        for name in node.nodes:
            if name not in known:
                self.unknown(name, node.lines[name], f"{path}.{name}", known)
        base = outer or Origin()
        source = self._text(node, "source", path) or base.source
        because = self._text(node, "because", path) or base.because
        kind = self._kind(node, path, base, source)
        if source is None and because is None:
            self.note(path, node)
        self._check_source(node, path, source)
        return Origin(kind, source, because, self._confidence(node, path, base.confidence))

    def _kind(self, node: Branch, path: str, base: Origin, source: str | None) -> Kind:
        written = self._text(node, "kind", path)
        if written is None:
            # A fact is only what is called one: a source alone makes an inference.
            return Kind.INFERENCE if "source" in node.nodes and source else base.kind
        if written not in tuple(Kind):
            self.fault(node.lines["kind"], f"{path}.kind", quoted(written), _KINDS, "write one of these")
            return Kind.ASSUMPTION
        if written == Kind.FACT and source is None:
            self.fault(
                node.lines["kind"],
                f"{path}.kind",
                "a fact without a source",
                "a fact with its source",
                "add source:",
            )
        return Kind(written)

    def _check_source(self, node: Branch, path: str, source: str | None) -> None:
        looks_like_key = source is not None and source.isalnum() and len(source) <= 12
        if source is None or not looks_like_key or "source" not in node.nodes or source in self.sources:
            return
        near = nearest(source, self.sources)
        self.fault(
            node.lines["source"],
            f"{path}.source",
            f"{quoted(source)}, which is no key of sources",
            "a key of sources, or the citation itself",
            f"write {near}, if that is what was meant"
            if near
            else "add it to sources, or write the citation",
            doubt=True,
        )

    def _confidence(self, node: Branch, path: str, otherwise: float) -> float:
        if "confidence" not in node.nodes:
            return otherwise
        value = self.number(node.nodes["confidence"], _CONFIDENCE, f"{path}.confidence")
        if value is not None and not 0.5 < value < 1:
            self.fault(
                node.lines["confidence"],
                f"{path}.confidence",
                f"'{value:g}'",
                "a number above 0.5 and below 1, such as 0.9",
                "write how likely the value lies between low and high",
            )
            return otherwise
        return otherwise if value is None else value

    def _text(self, node: Branch, name: str, path: str) -> str | None:
        leaf = node.nodes.get(name)
        if leaf is None or (isinstance(leaf, Leaf) and leaf.is_nothing):
            return None
        if isinstance(leaf, Leaf):
            return leaf.text.strip() or None
        self.fault(leaf.line, f"{path}.{name}", "names and values or a list", "a text", "write one text")
        return None

    def note(self, path: str, node: Node) -> None:
        """Remember a value that carries neither a source nor a reason."""
        if isinstance(node, Leaf) and node.is_nothing:
            return
        section, _, name = path.partition(".")
        self.unsourced.setdefault(section, []).append(name)


_CONFIDENCE = Column(
    name="confidence", type="number", choices=(), unit="share", minimum=0, maximum=1, required=False,
    meaning="probability that the value lies between low and high",
)  # fmt: skip
