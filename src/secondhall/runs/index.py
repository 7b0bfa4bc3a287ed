"""The index of the store: SQLite in WAL mode, a copy of what the directories say."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from secondhall.runs.files import locked

__all__ = ["Index"]

_SCHEMA_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID"
)
_PATIENCE_S = 10.0
T = TypeVar("T")


class Index:
    """Documents under their run's id.

    Parameters
    ----------
    path : Path
        The database; made when first used, made anew when it is not sound.

    Notes
    -----
    A connection lives for one call, under a shared lock; `_renew` takes the exclusive one. So no process has
    the database open while another unlinks it, which would mix one file's log with another's pages.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(path.name + ".lock")

    def documents(self) -> dict[str, str]:
        """Return every document under its id."""
        return self._do(lambda db: dict(db.execute("SELECT id, document FROM runs ORDER BY id").fetchall()))

    def update(self, *, put: Iterable[tuple[str, str]] = (), drop: Iterable[str] = ()) -> None:
        """Add or replace documents, and forget others, in one transaction."""
        added, dropped = list(put), [(id_,) for id_ in drop]

        def write(db: sqlite3.Connection) -> None:
            with db:
                db.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?)", added)
                db.executemany("DELETE FROM runs WHERE id = ?", dropped)

        self._do(write)

    def clear(self) -> None:
        """Start with an empty database, whatever is there."""
        with locked(self._lock, exclusive=True):
            self._renew()

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work`, once more on a new database if this one is damaged; the caller refills it."""
        try:
            with locked(self._lock, exclusive=False), self._open() as db:
                return work(db)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            with locked(self._lock, exclusive=True):
                if not self._is_sound():
                    self._renew()
            with locked(self._lock, exclusive=False), self._open() as db:
                return work(db)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE_S)) as db:
            _switch_to_wal(db)
            # After a power cut the last rows may be missing; the directories bring them back.
            db.execute("PRAGMA synchronous = NORMAL")
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _SCHEMA_VERSION):
                raise sqlite3.DatabaseError("the index has another layout")
            if found == 0:
                with db:
                    db.execute(_SCHEMA)
                    db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
            yield db

    def _is_sound(self) -> bool:
        try:
            with self._open() as db:
                return bool(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False

    def _renew(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _switch_to_wal(db: sqlite3.Connection) -> None:
    """Set the mode, which lasts; SQLite does not wait here when two processes do it at once, so we do."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
