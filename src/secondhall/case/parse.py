"""A node of ``case.yaml`` into the value of a field, as the schema says.

A value is written plainly (``254``), with where it came from (``{value: 254, source: M1}``), as low, mid and
high, or for each regime (``{boom: .., steady: .., bust: ..}``, each plain or low, mid and high).
"""

from __future__ import annotations

from secondhall.case.fields import Field, section_fields
from secondhall.case.origin import ORIGIN, Origin, Origins
from secondhall.case.tree import Branch, Items, Leaf, Node
from secondhall.case.values import REGIMES, Entry, Phase, Quantity, RegimeQuantity, Value
from secondhall.case.words import Units, accepted, read_scalar

__all__ = ["DEFAULT_REASON", "Reader", "default_value"]

DEFAULT_REASON = "secondhall's default"
_THREE = ("low", "mid", "high")


class Reader(Origins):
    """Reads the fields of the schema and collects the faults; see `Origins` for its parameters."""

    def value(self, node: Node, field: Field, path: str) -> Value | None:
        """Read a field; None when it is left empty or cannot be used (then a fault was added)."""
        before = len(self.faults)
        read = self._numeric if field.type == "number" else self._entry
        value = read(node, field, path)
        if value is None and len(self.faults) == before and field.required:
            self.fault(node.line, path, "nothing", accepted(field, self.units), f"write it: {field.meaning}")
        return value

    # Numbers

    def _numeric(self, node: Node, field: Field, path: str) -> Value | None:
        if isinstance(node, Branch) and any(regime in node.nodes for regime in REGIMES):
            return self._by_regime(node, field, path)
        quantity = self._quantity(node, field, path, Origin(), is_inner=False)
        return RegimeQuantity(quantity, quantity, quantity) if quantity and field.by_regime else quantity

    def _by_regime(self, node: Branch, field: Field, path: str) -> RegimeQuantity | None:
        if not field.by_regime:
            self.fault(
                node.line,
                path,
                "a value for each regime",
                accepted(field, self.units),
                "write one value; this field does not depend on the regime",
            )
            return None
        origin = self.origin(node, path, (*REGIMES, *ORIGIN, "confidence"))
        missing = [regime for regime in REGIMES if regime not in node.nodes]
        if missing:
            self.fault(
                node.line,
                path,
                "no value for " + " and ".join(missing),
                "boom, steady and bust",
                "write all three",
            )
            return None
        inner = [
            self._quantity(node.nodes[regime], field, f"{path}.{regime}", origin, is_inner=True)
            for regime in REGIMES
        ]
        boom, steady, bust = inner
        if boom is None or steady is None or bust is None:
            return None
        return RegimeQuantity(boom, steady, bust)

    def _quantity(
        self, node: Node, field: Field, path: str, outer: Origin, *, is_inner: bool
    ) -> Quantity | None:
        if isinstance(node, Branch):
            is_three = any(name in node.nodes for name in _THREE)
            names = _THREE if is_three else ("value",)
            origin = self.origin(node, path, (*names, *ORIGIN, *(("confidence",) if is_three else ())), outer)
            if is_three:
                return self._three(node, field, path, origin)
            inner = node.nodes.get("value")
            if inner is None:
                self.fault(
                    node.line, path, "no value", "value, or low, mid and high", "write value: and the number"
                )
                return None
            node = inner
        else:
            origin = outer
            if not is_inner:
                self.note(path, node)
        mid = self.number(node, field, path)
        if mid is None:
            return None
        return self._made(field, origin, node.line, mid=mid)

    def _three(self, node: Branch, field: Field, path: str, origin: Origin) -> Quantity | None:
        if not field.uncertain:
            self.fault(
                node.line,
                path,
                "low, mid and high",
                accepted(field, self.units),
                "write one number; this field is taken as known",
            )
            return None
        missing = [name for name in _THREE if name not in node.nodes]
        if missing:
            self.fault(
                node.line, path, "no " + " and no ".join(missing), "low, mid and high", "write all three"
            )
            return None
        low, mid, high = (self.number(node.nodes[name], field, f"{path}.{name}") for name in _THREE)
        if low is None or mid is None or high is None:
            return None
        if not low <= mid <= high:
            self.fault(
                node.line,
                path,
                f"low {low:g}, mid {mid:g}, high {high:g}",
                "low <= mid <= high",
                "put the three in order",
            )
            return None
        return self._made(field, origin, node.line, mid=mid, low=low, high=high)

    @staticmethod
    def _made(
        field: Field,
        origin: Origin,
        line: int,
        *,
        mid: float,
        low: float | None = None,
        high: float | None = None,
    ) -> Quantity:
        return Quantity(
            mid=mid,
            low=low,
            high=high,
            confidence=origin.confidence,
            kind=origin.kind,
            source=origin.source,
            because=origin.because,
            minimum=field.minimum,
            maximum=field.maximum,
            line=line,
        )

    # What is no number

    def _entry(self, node: Node, field: Field, path: str) -> Entry | None:
        origin = Origin()
        regimes = field.type == "probability_by_regime"
        if isinstance(node, Branch):
            origin = self.origin(node, path, (*(REGIMES if regimes else ("value",)), *ORIGIN))
            if not regimes:
                if "value" not in node.nodes:
                    self.fault(
                        node.line, path, "no value", accepted(field, self.units), "write value: and the value"
                    )
                    return None
                node = node.nodes["value"]
        elif field.type not in ("text", "choice", "month"):
            self.note(path, node)
        line = node.line
        value: object
        if regimes:
            value = self._shares(node, field, path)
        elif field.type == "phases":
            value = self._phases(node, path)
        else:
            value = self.scalar(node, field, path)
        if value is None or value == "":
            return None
        return Entry(value=value, kind=origin.kind, source=origin.source, because=origin.because, line=line)  # type: ignore[arg-type]

    def _shares(self, node: Node, field: Field, path: str) -> tuple[float, ...] | None:
        if not isinstance(node, Branch) or any(regime not in node.nodes for regime in REGIMES):
            self.fault(
                node.line, path, "no three shares",
                "boom, steady and bust, such as {boom: 0, steady: 1, bust: 0}",
                "write all three",
            )  # fmt: skip
            return None
        shares = [self.number(node.nodes[regime], field, f"{path}.{regime}") for regime in REGIMES]
        if any(share is None for share in shares):
            return None
        total = sum(share for share in shares if share is not None)
        if abs(total - 1) > 1e-6:
            self.fault(
                node.line,
                path,
                f"shares that add up to {total:g}",
                "three shares that add up to 1",
                "correct one",
            )
            return None
        return tuple(share for share in shares if share is not None)

    def _phases(self, node: Node, path: str) -> tuple[Phase, ...] | None:
        if not isinstance(node, Items) or not node.nodes:
            accepts = "a list of phases: - {capacity_units: 500, capex: 5000000, months_after_commit: 18}"
            self.fault(node.line, path, "no list of phases", accepts, "write at least one phase")
            return None
        phases = [self._phase(inner, f"{path}[{n}]") for n, inner in enumerate(node.nodes, start=1)]
        whole = [phase for phase in phases if phase is not None]
        if len(whole) < len(phases):
            return None
        self._check_phases(whole, node, path)
        return tuple(whole)

    def _phase(self, node: Node, path: str) -> Phase | None:
        columns = section_fields("phases")
        if not isinstance(node, Branch):
            self.fault(node.line, path, "no phase", "one of each: " + ", ".join(columns), "write the three")
            return None
        for name in node.nodes:
            if name not in columns:
                self.unknown(name, node.lines[name], f"{path}.{name}", columns)
        values = {}
        for name, column in columns.items():
            inner = node.nodes.get(name)
            if inner is None or (isinstance(inner, Leaf) and inner.is_nothing):
                self.fault(
                    node.line,
                    f"{path}.{name}",
                    "nothing",
                    accepted(column, self.units),
                    f"write it: {column.meaning}",
                )
                continue
            values[name] = self.number(inner, column, f"{path}.{name}")
        capacity, capex, months = (values.get(name) for name in columns)
        if capacity is None or capex is None or months is None:
            return None
        return Phase(capacity, capex, int(months))

    def _check_phases(self, phases: list[Phase], node: Items, path: str) -> None:
        for n, phase in enumerate(phases):
            if phase.capacity_units <= 0:
                self.fault(
                    node.nodes[n].line, f"{path}[{n + 1}].capacity_units", f"'{phase.capacity_units:g}'",
                    "a capacity above 0", "write what the phase adds, or take it out",
                )  # fmt: skip
            if n and phase.months_after_commit <= phases[n - 1].months_after_commit:
                self.fault(
                    node.nodes[n].line, f"{path}[{n + 1}].months_after_commit",
                    f"'{phase.months_after_commit}'",
                    f"a month after that of the phase before ({phases[n - 1].months_after_commit})",
                    "list the phases in the order in which they open",
                )  # fmt: skip


def default_value(field: Field) -> Value | None:
    """Return what holds when a field is absent: the schema's default, or nothing.

    Examples
    --------
    >>> default_value(section_fields("costs")["draw_share"]).mid
    0.6
    """
    if not field.default:
        return None
    if field.type == "number" or field.type == "probability_by_regime":
        parts = dict(part.strip().split(": ") for part in field.default.split(";") if ":" in part)
        numbers = tuple(float(parts.get(regime, field.default if not parts else "0")) for regime in REGIMES)
        if field.type == "probability_by_regime":
            return Entry(value=(numbers[0], numbers[1], numbers[2]), because=DEFAULT_REASON)
        three = [
            Quantity(mid=number, because=DEFAULT_REASON, minimum=field.minimum, maximum=field.maximum)
            for number in numbers
        ]
        return RegimeQuantity(*three) if field.by_regime else three[0]
    text: str | int | object = read_scalar(field.default, field, Units())
    return Entry(value=text, because=DEFAULT_REASON)  # type: ignore[arg-type]
