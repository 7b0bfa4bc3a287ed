"""Turns what can go wrong into words and an exit status: 1 no answer, 2 the input, 3 our fault."""

from __future__ import annotations

import functools
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import typer

from secondhall.errors import InputError, SecondhallError

__all__ = ["guarded", "show_faults"]

_F = TypeVar("_F", bound=Callable[..., Any])

INTERRUPTED = 130


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
            typer.echo(_our_fault(error), err=True)
            raise typer.Exit(3) from None

    return cast(_F, run)


def _our_fault(error: Exception) -> str:
    details = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile("w", prefix="secondhall-", suffix=".txt", delete=False) as file:
        file.write(f"{' '.join(sys.argv)}\n\n{details}")
    return (
        f"secondhall: this is our fault, not yours: {type(error).__name__}: {error}\n"
        f"The details are in {Path(file.name)}; please send them with what you did."
    )
