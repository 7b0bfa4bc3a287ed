"""Directories that are there whole or not at all, whenever the process or the machine dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["locked", "move", "remove", "sha256_of", "staged", "sweep"]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Bring a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(directory: Path) -> None:
    for folder, _, files in os.walk(directory, topdown=False):
        for name in files:
            _sync(Path(folder, name))
        _sync(Path(folder))


def move(source: Path, target: Path) -> None:
    """Rename a directory within one file system, and bring both ends to the disk.

    Raises
    ------
    FileNotFoundError
        When `source` is gone.
    FileExistsError
        When `target` is there already.
    """
    if target.exists():
        raise FileExistsError(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    _sync(target.parent)
    _sync(source.parent)


@contextmanager
def staged(target: Path, tmp: Path) -> Iterator[Path]:
    """Give a fresh directory under `tmp` to fill; rename it to `target` when the block ends well.

    The directory is locked while its writer lives, so that `sweep` in another process leaves it alone.
    """
    tmp.mkdir(parents=True, exist_ok=True)
    staging = tmp / target.name
    staging.mkdir()
    descriptor = os.open(staging, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield staging
        _sync_tree(staging)
        move(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    finally:
        os.close(descriptor)


def remove(directory: Path, tmp: Path) -> None:
    """Delete a directory: it is out of its place at once, even if the deletion is cut short."""
    doomed = tmp / f"{directory.name}.{time.time_ns():x}"
    move(directory, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def sweep(tmp: Path, *, older_than_s: float) -> None:
    """Delete the directories under `tmp` whose writers are dead.

    Parameters
    ----------
    tmp : Path
        Where `staged` and `remove` work.
    older_than_s : float
        Age in seconds below which a directory is left alone: its writer may not have locked it yet.
    """
    with suppress(FileNotFoundError):
        for directory in list(tmp.iterdir()):
            with suppress(OSError):
                _sweep_one(directory, older_than_s=older_than_s)


def _sweep_one(directory: Path, *, older_than_s: float) -> None:
    if time.time() - directory.stat().st_mtime < older_than_s:
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(directory, ignore_errors=True)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold a lock that other processes respect; it goes when the process does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)
