"""Two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from secondhall.runs.record import Run

__all__ = ["Comparison", "Difference", "compare"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both runs; None stands for what a run does not have."""

    name: str
    first: Any
    second: Any

    @property
    def change(self) -> float | None:
        """The second less the first, where both are numbers."""
        if _is_number(self.first) and _is_number(self.second):
            return float(self.second) - float(self.first)
        return None

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {"name": self.name, "first": self.first, "second": self.second, "change": self.change}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Where two runs differ; what is the same is left out.

    Parameters
    ----------
    first, second : Run
        The runs.
    provenance : tuple of Difference
        Verb, case, seed, version, status and platform.
    inputs : tuple of Difference
        Input files whose bytes differ.
    parameters : tuple of Difference
        Parameters under their dotted names.
    summary : tuple of Difference
        Headline figures.
    """

    first: Run
    second: Run
    provenance: tuple[Difference, ...]
    inputs: tuple[Difference, ...]
    parameters: tuple[Difference, ...]
    summary: tuple[Difference, ...]

    @property
    def same_question(self) -> bool:
        """Whether both had the same inputs, parameters and seed, so that the figures should agree."""
        asked = {difference.name for difference in self.provenance} & {"verb", "case", "seed"}
        return not (asked or self.inputs or self.parameters)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        parts = ("provenance", "inputs", "parameters", "summary")
        return {"first": self.first.id, "second": self.second.id, "same_question": self.same_question} | {
            part: [difference.as_dict() for difference in getattr(self, part)] for part in parts
        }


def compare(first: Run, second: Run) -> Comparison:
    """Return the differences between two runs."""
    return Comparison(
        first=first,
        second=second,
        provenance=_differences(_provenance(first), _provenance(second)),
        inputs=_differences(first.inputs, second.inputs),
        parameters=_differences(first.parameters, second.parameters),
        summary=_differences(first.summary, second.summary),
    )


def _provenance(run: Run) -> dict[str, Any]:
    return {
        "verb": run.verb,
        "case": run.case,
        "seed": run.seed,
        "version": run.version,
        "status": run.status,
        "platform": run.platform,
    }


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Difference, ...]:
    left, right = dict(_flat(first)), dict(_flat(second))
    names = [*left, *(name for name in right if name not in left)]
    return tuple(
        Difference(name, left.get(name), right.get(name))
        for name in names
        if left.get(name) != right.get(name)
    )


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        # A file's name has dots of its own, so only nesting adds one.
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
