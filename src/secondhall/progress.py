"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Report", "quiet"]

Report = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""


def quiet(_: str, __: int, ___: int) -> None:
    """Report nothing."""
