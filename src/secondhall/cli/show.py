"""Progress bars and tables that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from secondhall.progress import Report

__all__ = ["compiling_note", "console", "progress"]


def console(*, stderr: bool = False) -> Console:
    """Return the console to write on; a pipe gets plain text of a readable width."""
    if stderr:
        return Console(stderr=True)
    return Console() if sys.stdout.isatty() else Console(width=100)


@contextmanager
def progress(*, shown: bool) -> Iterator[Report]:
    """Give a callback (what, done, total) that draws bars on stderr; nothing when not ``shown``."""
    if not shown:
        yield lambda _what, _done, _total: None
        return
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}
    with bars:
        waiting = bars.add_task("starting", total=None)

        def report(what: str, done: int, total: int) -> None:
            bars.update(waiting, visible=False)
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def compiling_note(*, shown: bool) -> None:
    """Say, the first time, that the engine is being compiled."""
    from secondhall.company.warm import is_compiled

    if shown and not is_compiled():
        console(stderr=True).print("Compiling the engine for this machine (once, about a minute)...")
