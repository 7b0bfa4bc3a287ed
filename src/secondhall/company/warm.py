"""Whether the engine stands compiled on this machine, without loading the compiler."""

from __future__ import annotations

from pathlib import Path

__all__ = ["is_compiled"]


def is_compiled() -> bool:
    """Return True when the compiled engine is in the cache beside its source or in the user's."""
    import secondhall.company as package

    here = Path(package.__file__).parent / "kernels"
    return any((here / "__pycache__").glob("play.play_blocks-*.nbi"))
