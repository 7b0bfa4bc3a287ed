"""What is kept of a run."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import secondhall

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RUN_FILE", "Draft", "Output", "Run", "new_id"]

RUN_FILE = "run.json"
_FORMAT = 1
# Crockford's alphabet: no letters that are mistaken for digits.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

Number = float | int | str | bool | None
"""A headline figure: JSON's scalars."""


def new_id(created: datetime) -> str:
    """Return an id that sorts by time, such as ``261124-061415-k7q2f``; 2**25 differ in one second."""
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(5))
    return f"{created.astimezone(UTC):%y%m%d-%H%M%S}-{suffix}"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the caller knows of a run before it is stored.

    Parameters
    ----------
    verb : str
        The verb that was run, such as ``plan``.
    case : str
        The case's name.
    seed : int
        The seed of every random stream.
    inputs : mapping of str to str
        SHA-256 of each input file, under its name in the case's folder.
    parameters : mapping
        Everything else that the result depends on; what JSON can hold.
    summary : mapping of str to number
        The headline figures, each with its error under its own key; what `RunStore.compare` compares.
    status : str, default 'done'
        How it ended.
    """

    verb: str
    case: str
    seed: int
    inputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Number] = field(default_factory=dict)
    status: str = "done"


@dataclass(frozen=True, slots=True)
class Output:
    """A file of a run: its path inside the run's directory, and the SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """One reproducible computation, as it lies in the store.

    Parameters
    ----------
    id : str
        Sorts by time.
    verb, case, seed, inputs, parameters, summary, status
        As in `Draft`; numbers that are not finite have become None.
    created : datetime
        In UTC.
    version : str
        The version of secondhall.
    platform : mapping of str to str
        Python, numpy, numba, machine, cpu.
    outputs, artefacts : mapping of str to Output
        The tables, and the documents such as ``report.html``.
    directory : Path
        Where the run lies now.
    """

    id: str
    verb: str
    case: str
    created: datetime
    seed: int
    version: str
    platform: Mapping[str, str]
    inputs: Mapping[str, str]
    parameters: Mapping[str, Any]
    summary: Mapping[str, Number]
    outputs: Mapping[str, Output]
    artefacts: Mapping[str, Output]
    status: str
    directory: Path

    def table(self, name: str) -> pl.DataFrame:
        """Read one of the run's tables.

        Raises
        ------
        KeyError
            When the run has no such table; the message names those it has.
        """
        import polars as pl

        return pl.read_parquet(self._path_of(self.outputs, name))

    def artefact(self, name: str) -> Path:
        """Return the path of one of the run's documents, to read and not to change.

        Raises
        ------
        KeyError
            When the run has no such document; the message names those it has.
        """
        return self._path_of(self.artefacts, name)

    def _path_of(self, files: Mapping[str, Output], name: str) -> Path:
        if name not in files:
            raise KeyError(f"run {self.id} has no {name!r}; it has {', '.join(sorted(files)) or 'none'}")
        return self.directory / files[name].path

    def as_dict(self) -> dict[str, Any]:
        """Return what ``run.json`` holds, less the digest."""
        return {
            "format": _FORMAT,
            "id": self.id,
            "verb": self.verb,
            "case": self.case,
            "created": self.created.isoformat(),
            "seed": self.seed,
            "version": self.version,
            "platform": dict(self.platform),
            "inputs": dict(self.inputs),
            "parameters": _plain(self.parameters),
            "summary": _plain(self.summary),
            "outputs": {name: [file.path, file.sha256] for name, file in self.outputs.items()},
            "artefacts": {name: [file.path, file.sha256] for name, file in self.artefacts.items()},
            "status": self.status,
        }

    def to_json(self) -> str:
        """Write the run with a digest over everything else, so that a change by hand shows."""
        document = self.as_dict()
        return json.dumps(document | {"digest": _digest(document)}, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, directory: Path) -> Run:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            When the text is no run, or its digest does not fit.
        """
        try:
            document = json.loads(text)
            digest = document.pop("digest")
            if document.pop("format") != _FORMAT:
                raise ValueError("written by another version of the store")
            if digest != _digest({"format": _FORMAT} | document):
                raise ValueError("the digest does not fit the text")
            return cls(
                **document
                | {
                    "created": datetime.fromisoformat(document["created"]),
                    "outputs": {k: Output(*v) for k, v in document["outputs"].items()},
                    "artefacts": {k: Output(*v) for k, v in document["artefacts"].items()},
                    "directory": directory,
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a run: {error}") from error

    @classmethod
    def from_draft(
        cls,
        draft: Draft,
        *,
        run_id: str,
        created: datetime,
        outputs: Mapping[str, Output],
        artefacts: Mapping[str, Output],
        directory: Path,
    ) -> Run:
        """Add to a draft what the store knows: when, where, by which version, on which machine."""
        return cls(
            id=run_id,
            verb=draft.verb,
            case=draft.case,
            created=created,
            seed=int(draft.seed),
            version=secondhall.__version__,
            platform=platform_facts(),
            inputs=dict(draft.inputs),
            parameters=_plain(draft.parameters),
            summary=_plain(draft.summary),
            outputs=dict(outputs),
            artefacts=dict(artefacts),
            status=draft.status,
            directory=directory,
        )


def _digest(document: Mapping[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Turn numpy's scalars, paths, enums, tuples into what JSON holds; what is not finite into None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return str(value)


def platform_facts() -> dict[str, str]:
    """Return what the result may depend on beside its inputs: interpreter, libraries, machine."""
    return {
        "python": platform.python_version(),
        "numpy": _version_of("numpy"),
        "numba": _version_of("numba"),
        "polars": _version_of("polars"),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "cores": str(os.cpu_count() or "unknown"),
    }


def _version_of(package: str) -> str:
    """Ask the installed package's metadata, since importing it would take seconds."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
