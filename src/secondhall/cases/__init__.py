"""The bundled cases; each is a folder beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["BUNDLED", "bundled_folder"]

BUNDLED: Mapping[str, str] = MappingProxyType(
    {
        "fluxus": "Fluxus, Paris, spring 2000: the second hall that stayed empty",
        "interxion": "Interxion, 2014: a European operator known from its quarterly figures alone",
        "northhall": "Northhall, 2026: a made-up operator with full ledgers; a fourth hall?",
        "paris2006": "Paris, about 2006: a third hall, 95 % reserved: the counter-case",
    }
)


def bundled_folder(name: str) -> Path:
    """Return the folder of a bundled case.

    Raises
    ------
    KeyError
        When no bundled case has that name.

    Examples
    --------
    >>> bundled_folder("fluxus").name
    'fluxus'
    """
    if name not in BUNDLED:
        raise KeyError(name)
    return Path(__file__).parent / name
