"""Writing, listing, opening, deleting and comparing runs."""

from __future__ import annotations

import difflib
import os
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from secondhall.errors import Fault, InputError, quoted
from secondhall.runs.compare import Comparison, compare
from secondhall.runs.files import move, remove, sha256_of, staged, sweep
from secondhall.runs.index import Index
from secondhall.runs.record import RUN_FILE, Draft, Output, Run, new_id

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RunStore"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
HOME_VARIABLE = "SECONDHALL_HOME"
_STORE = "the store of runs"


class RunStore:
    """The runs of one user.

    Parameters
    ----------
    root : Path, optional
        Where the runs lie; without it the folder named by ``SECONDHALL_HOME``, else the user's data folder.
    grace_s : float, default 60
        Seconds for which a half-written run is left alone though no living process holds it.

    Notes
    -----
    Any number of processes may use one store at once, and each may be killed at any moment: a run is there
    whole, under its id, or not at all.
    """

    def __init__(self, root: Path | None = None, *, grace_s: float = 60.0) -> None:
        self.root = root if root is not None else default_root()
        self._runs = self.root / "runs"
        self._trash = self.root / "trash"
        self._tmp = self.root / "tmp"
        self._index = Index(self.root / "index.sqlite")
        self._grace_s = grace_s

    def write(
        self,
        draft: Draft,
        tables: Mapping[str, pl.DataFrame],
        artefacts: Mapping[str, bytes] | None = None,
    ) -> Run:
        """Store a run; when this returns, it is on the disk.

        Parameters
        ----------
        draft : Draft
            What the run is.
        tables : mapping of str to polars.DataFrame
            Its outputs.
        artefacts : mapping of str to bytes, optional
            Its documents, under their file names.

        Returns
        -------
        Run
            The run as it lies in the store.

        Raises
        ------
        InputError
            When the store's folder cannot be written.
        """
        artefacts = artefacts or {}
        for name in [*tables, *artefacts]:
            if _NAME.fullmatch(name) is None:
                raise ValueError(f"found {name!r}, accepted a plain file name, such as bands or report.html")
        self._prepare()
        created = datetime.now(UTC)
        id_ = new_id(created)
        target = self._runs / id_
        with staged(target, self._tmp) as folder:
            outputs = _write_tables(tables, folder)
            documents = _write_artefacts(artefacts, folder)
            run = Run.from_draft(
                draft, run_id=id_, created=created, outputs=outputs, artefacts=documents, directory=target
            )
            (folder / RUN_FILE).write_text(run.to_json(), encoding="utf-8")
        with suppress(sqlite3.Error):  # the run is stored; the next listing adds what the index lacks
            self._index.update(put=[(id_, run.to_json())])
        return run

    def list(self) -> tuple[Run, ...]:
        """Return every run, oldest first; a damaged one is left out and told by `damaged`."""
        sweep(self._tmp, older_than_s=self._grace_s)
        there = _ids_in(self._runs)
        if not there:
            return ()
        try:
            documents = self._reconciled(there)
        except (sqlite3.Error, OSError):  # a store that can only be read has no index to write
            documents = self._written(there)
        runs = [self._parsed(id_, text) for id_, text in documents.items()]
        return _by_age(run for run in runs if run is not None)

    def open(self, run_id: str) -> Run:
        """Return the run with this id, or the only one whose id starts so.

        Raises
        ------
        InputError
            When there is none, more than one, or it is damaged.
        """
        return _load(self._find(run_id, self._runs))

    def delete(self, run_id: str) -> str:
        """Put a run, damaged or not, into the trash; return its full id, which `restore` takes."""
        found = self._find(run_id, self._runs)
        self._shift(found, self._trash)
        with suppress(sqlite3.Error):
            self._index.update(drop=[found.name])
        return found.name

    def restore(self, run_id: str) -> Run:
        """Take a run back out of the trash."""
        found = self._find(run_id, self._trash)
        self._shift(found, self._runs)
        return _load(self._runs / found.name)

    def trashed(self) -> tuple[Run, ...]:
        """Return the runs in the trash, oldest first."""
        runs = [_try_load(self._trash / id_) for id_ in _ids_in(self._trash)]
        return _by_age(run for run in runs if run is not None)

    def purge(self) -> int:
        """Delete what is in the trash for good; return how many runs that were."""
        doomed = _ids_in(self._trash)
        for id_ in doomed:
            with suppress(FileNotFoundError):  # another process purges too
                remove(self._trash / id_, self._tmp)
        return len(doomed)

    def compare(self, first: str, second: str) -> Comparison:
        """Return where two runs differ: provenance, inputs, parameters and headline figures."""
        return compare(self.open(first), self.open(second))

    def verify(self, run_id: str) -> tuple[Fault, ...]:
        """Hash every file of a run again; return what is not as it was written, nothing when all is."""
        directory = self._find(run_id, self._runs)
        try:
            run = _load(directory)
        except InputError as error:
            return error.faults
        return tuple(
            fault
            for file in [*run.outputs.values(), *run.artefacts.values()]
            if (fault := _fault_of(run, file)) is not None
        )

    def damaged(self) -> tuple[Fault, ...]:
        """Return a fault for each run that `list` had to leave out."""
        faults: list[Fault] = []
        for id_ in sorted(_ids_in(self._runs)):
            try:
                _load(self._runs / id_)
            except InputError as error:
                faults.extend(error.faults)
        return tuple(faults)

    def rebuild(self) -> int:
        """Make the index anew from the directories; return how many runs it holds."""
        self._prepare()
        self._index.clear()
        return len(self._reconciled(_ids_in(self._runs)))

    def _prepare(self) -> None:
        try:
            for folder in (self._runs, self._trash, self._tmp):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                [
                    Fault(
                        file=str(self.root),
                        found=f"a folder that cannot be made or written: {error.strerror}",
                        accepted="a folder that may be written",
                        mend=f"name another one in the environment variable {HOME_VARIABLE}",
                    )
                ]
            ) from error

    def _reconciled(self, there: set[str]) -> dict[str, str]:
        """Return the documents of the runs that are there; mend the index where it differs."""
        indexed = self._index.documents()
        missing = self._written(there - indexed.keys())
        gone = {id_ for id_ in indexed.keys() - there if not (self._runs / id_).exists()}
        if missing or gone:
            self._index.update(put=missing.items(), drop=gone)
        return {id_: text for id_, text in (indexed | missing).items() if id_ not in gone}

    def _written(self, ids: set[str]) -> dict[str, str]:
        """Return the documents in the directories of these runs; a damaged one is left out."""
        loaded = {id_: _try_load(self._runs / id_) for id_ in ids}
        return {id_: run.to_json() for id_, run in loaded.items() if run is not None}

    def _parsed(self, id_: str, text: str) -> Run | None:
        """Read an index's document; the directory has the last word when the document is not sound."""
        try:
            return Run.from_json(text, directory=self._runs / id_)
        except ValueError:
            return _try_load(self._runs / id_)

    def _find(self, id_: str, folder: Path) -> Path:
        there = sorted(_ids_in(folder))
        if id_ in there:
            return folder / id_
        matches = [name for name in there if id_ and name.startswith(id_)]
        if len(matches) == 1:
            return folder / matches[0]
        raise InputError([_ambiguous(id_, matches) if matches else self._not_found(id_, there)])

    def _not_found(self, id_: str, there: Sequence[str]) -> Fault:
        near = difflib.get_close_matches(id_, there, n=1)
        if _ids_in(self._trash) & {id_}:
            mend = "it is in the trash: restore it first"
        elif near:
            mend = f"write {near[0]}, if that is what was meant"
        else:
            mend = "list the runs to see their ids"
        return Fault(
            file=_STORE,
            found=quoted(id_),
            accepted="the id of a run, or the start of one and no other",
            mend=mend,
        )

    def _shift(self, directory: Path, folder: Path) -> None:
        try:
            move(directory, folder / directory.name)
        except FileNotFoundError:  # another process was quicker
            raise InputError([self._not_found(directory.name, [])]) from None


def default_root() -> Path:
    """Return the folder named by ``SECONDHALL_HOME``, else the user's data folder."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("secondhall", appauthor=False)


def _write_tables(tables: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, Output]:
    (folder / "tables").mkdir()
    written = {}
    for name, table in tables.items():
        path = Path("tables", f"{name}.parquet")
        table.write_parquet(folder / path)
        written[name] = Output(path.as_posix(), sha256_of(folder / path))
    return written


def _write_artefacts(artefacts: Mapping[str, bytes], folder: Path) -> dict[str, Output]:
    (folder / "artefacts").mkdir()
    written = {}
    for name, content in artefacts.items():
        path = Path("artefacts", name)
        (folder / path).write_bytes(content)
        written[name] = Output(path.as_posix(), sha256_of(folder / path))
    return written


def _ids_in(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder) if entry.is_dir() and entry.name[0].isalnum()}
    except FileNotFoundError:
        return set()


def _by_age(runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple(sorted(runs, key=lambda run: (run.created, run.id)))


def _load(directory: Path) -> Run:
    try:
        return Run.from_json((directory / RUN_FILE).read_text(encoding="utf-8"), directory=directory)
    except (OSError, ValueError) as error:
        raise InputError([_damage(directory.name, RUN_FILE, f"a damaged file: {error}")]) from error


def _try_load(directory: Path) -> Run | None:
    try:
        return _load(directory)
    except InputError:
        return None


def _fault_of(run: Run, file: Output) -> Fault | None:
    try:
        if sha256_of(run.directory / file.path) == file.sha256:
            return None
    except FileNotFoundError:
        return _damage(run.id, file.path, "no such file")
    return _damage(run.id, file.path, "other bytes than were written")


def _damage(id_: str, path: str, found: str) -> Fault:
    return Fault(
        file=f"run {id_}, {path}",
        found=found,
        accepted="the bytes that were written with the run",
        mend="take the run's folder from a backup, or delete the run and make it again",
    )


def _ambiguous(id_: str, matches: list[str]) -> Fault:
    return Fault(
        file=_STORE,
        found=f"{quoted(id_)}, which is the start of {len(matches)} ids",
        accepted="the id of a run, or the start of one and no other",
        mend=f"write more of it: {', '.join(matches[:3])}{', ...' if len(matches) > 3 else ''}",
    )
