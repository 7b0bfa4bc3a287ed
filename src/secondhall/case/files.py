"""The edge to the file system: nothing is opened that is not a plain file inside the case's folder."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from secondhall.case.fields import LEDGERS, nearest
from secondhall.errors import Fault, Severity, quoted

__all__ = ["FORMATS", "MOST_YAML_BYTES", "find_file", "find_folder", "find_ledgers", "read_text", "sha256"]

FORMATS = ("csv", "parquet", "xlsx")
MOST_YAML_BYTES = 2_000_000
_INSIDE = "a plain file inside the case's folder"
_FOLDER = "a folder that holds case.yaml"
_INIT = "name the case's folder, or run `secondhall init NAME` to write one"


def find_folder(path: Path, *, shown: str) -> Path | Fault:
    """Return the real path of the case's folder."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        return Fault(file=shown, found=_why_not(error), accepted=_FOLDER, mend=_INIT)
    if not real.is_dir():
        return Fault(file=shown, found="a file", accepted=_FOLDER, mend="name the folder, not a file in it")
    return real


def find_file(folder: Path, name: str) -> Path | Fault | None:
    """Return the real path of a file of the case; None if there is none; a Fault if it cannot be used."""
    path = folder / name
    if not os.path.lexists(path):
        return None
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError) as error:
        return Fault(file=name, found=_why_not(error), accepted=_INSIDE, mend="put the file itself there")
    if not real.is_relative_to(folder):
        return Fault(
            file=name,
            found="a link that leads out of the case's folder",
            accepted=_INSIDE,
            mend="copy the file into the folder, so that the case travels whole",
        )
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "something that is no plain file"
        return Fault(file=name, found=found, accepted=_INSIDE, mend="put the file itself there")
    if not os.access(real, os.R_OK):
        return Fault(
            file=name,
            found="a file that may not be read",
            accepted=_INSIDE,
            mend="give yourself the right to read it",
        )
    return real


def _why_not(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if isinstance(error, RuntimeError) or number == errno.ELOOP:
        return "a link that leads back to itself"
    if number == errno.ENOENT:
        return "no such file or folder"
    if number == errno.EACCES:
        return "a place that may not be read"
    return getattr(error, "strerror", None) or "no usable path"


def find_ledgers(folder: Path, faults: list[Fault]) -> dict[str, Path]:
    """Return the file of each ledger that is there; two formats of one ledger are an error."""
    found: dict[str, Path] = {}
    for ledger in LEDGERS:
        names = [f"{ledger}.{form}" for form in FORMATS if os.path.lexists(folder / f"{ledger}.{form}")]
        if len(names) > 1:
            faults.append(
                Fault(
                    file=names[1],
                    found=f"the same ledger as {names[0]}",
                    accepted=f"one file for the ledger {ledger}",
                    mend="take one of the two away",
                )
            )
            continue
        for name in names:
            path = find_file(folder, name)
            if isinstance(path, Fault):
                faults.append(path)
            elif path is not None:
                found[ledger] = path
    faults.extend(_misspelt(folder))
    return found


def _misspelt(folder: Path) -> list[Fault]:
    doubts = []
    for name in sorted(path.name for path in folder.iterdir())[:1000]:
        stem, _, form = name.rpartition(".")
        near = nearest(stem, LEDGERS)
        if form.lower() in FORMATS and near and f"{near}.{form}" != name:
            doubts.append(
                Fault(
                    file=name,
                    found="a file that is not read",
                    accepted="ledgers named " + ", ".join(LEDGERS) + " with .csv, .parquet or .xlsx",
                    mend=f"name it {near}.{form.lower()}, if that is what was meant",
                    severity=Severity.DOUBT,
                )
            )
    return doubts


def read_text(path: Path, name: str) -> str | Fault:
    """Read a small UTF-8 text; a byte order mark and any kind of line end are accepted."""
    size = path.stat().st_size
    if size > MOST_YAML_BYTES:
        return Fault(
            file=name,
            found=f"{size:,} bytes",
            accepted=f"at most {MOST_YAML_BYTES:,} bytes",
            mend="keep rows of data in the ledgers; case.yaml holds only the terms of the case",
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(
            file=name,
            line=data.count(b"\n", 0, error.start) + 1,
            found=f"a byte that is not UTF-8 text ({quoted(data[error.start : error.start + 1])[1:-1]})",
            accepted="text in UTF-8",
            mend="save the file again as UTF-8",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
