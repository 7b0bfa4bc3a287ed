"""Turns what can go wrong into words and an exit status: 1 no answer, 2 the input, 3 our fault."""

from __future__ import annotations

import errno
import functools
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import typer

from secondhall.errors import Fault, InputError, SecondhallError

__all__ = ["guarded", "show_faults"]

_F = TypeVar("_F", bound=Callable[..., Any])

INTERRUPTED = 130

THE_USERS_PLACES = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EISDIR,
    errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP,
)  # fmt: skip
"""What the file system refuses for a reason that the user can mend."""


def show_faults(error: InputError, *, as_json: bool) -> None:
    """Print the faults of an input, for people on stderr or as data on stdout."""
    if as_json:
        typer.echo(json.dumps(error.as_dict(), indent=2))
    else:
        typer.echo(str(error), err=True)


def guarded(command: _F) -> _F:
    """Let a command raise what it likes; the user sees words and a status, never a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        as_json = bool(kwargs.get("as_json", False))
        try:
            return command(*args, **kwargs)
        except InputError as error:
            show_faults(error, as_json=as_json)
            raise typer.Exit(error.exit_status) from None
        except SecondhallError as error:
            typer.echo(json.dumps(error.as_dict()) if as_json else str(error), err=not as_json)
            raise typer.Exit(error.exit_status) from None
        except KeyboardInterrupt:
            typer.echo("Stopped; nothing was left half-written.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            place = _place_to_mend(error)
            if place is not None:
                show_faults(place, as_json=as_json)
                raise typer.Exit(place.exit_status) from None
            typer.echo(_our_fault(error), err=True)
            raise typer.Exit(3) from None

    return cast(_F, run)


def _place_to_mend(error: Exception) -> InputError | None:
    """Return what the user can mend where the file system refused; None where the fault is ours."""
    if not isinstance(error, OSError) or error.errno not in THE_USERS_PLACES:
        return None
    return InputError(
        [
            Fault(
                file=str(error.filename or "the file system"),
                found=error.strerror or str(error),
                accepted="a place that may be read and written, with room on the disk",
                mend="name another place, or make room or give yourself the right to use this one",
            )
        ]
    )


def _our_fault(error: Exception) -> str:
    details = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile("w", prefix="secondhall-", suffix=".txt", delete=False) as file:
        file.write(f"{' '.join(sys.argv)}\n\n{details}")
    return (
        f"secondhall: this is our fault, not yours: {type(error).__name__}: {error}\n"
        f"The details are in {Path(file.name)}; please send them with what you did."
    )
