"""How the kernels of learning are compiled, and where they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from platformdirs import user_cache_path

__all__ = ["compiled", "inlined"]

_F = TypeVar("_F", bound=Callable[..., Any])


@cache
def _folder() -> Path:
    """Return the folder of the kernels compiled from these very sources."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return user_cache_path("secondhall") / f"learning-{digest.hexdigest()[:16]}"


def compiled(function: _F) -> _F:
    """Compile a function that Python or another kernel calls; it lets go of the interpreter's lock."""
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, str(_folder())
    try:
        made = numba.njit(error_model="numpy", nogil=True, cache=True)(function)
    finally:
        config.CACHE_DIR = before
    return cast(_F, made)


def inlined(function: _F) -> _F:
    """Compile a small helper into its caller."""
    return cast(_F, numba.njit(error_model="numpy", inline="always")(function))
