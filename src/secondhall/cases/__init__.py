"""The bundled cases; each is a folder beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["BUNDLED", "REALITY", "bundled_folder", "reality_folder"]

BUNDLED: Mapping[str, str] = MappingProxyType(
    {
        "fluxus": "Fluxus, Paris, spring 2000: the second hall that stayed empty",
        "interxion": "Interxion, 2014: a European operator known from its quarterly figures alone",
        "northhall": "Northhall, 2026: a made-up operator with full ledgers; a fourth hall?",
        "paris2006": "Paris, about 2006: a third hall, 95 % reserved: the counter-case",
    }
)

REALITY: Mapping[str, str] = MappingProxyType(
    {
        "dft-acc5-phase2-2010": "DuPont Fabros, Virginia, February 2010: a second phase, half pre-leased",
        "dft-ch1-phase2-2010": "DuPont Fabros, Chicago, November 2010: a second phase, the first being full",
        "dft-nj1-phase1-2010": "DuPont Fabros, New Jersey, February 2010: a halted building taken up again",
        "dft-sc1-phase1-2010": "DuPont Fabros, Santa Clara, May 2010: a halted building taken up again",
        "interxion-par5-2008": "Interxion France, end of 2008: a fifth hall, half reserved; credit is short",
    }
)
"""Real decisions of which both what was known and what came are public, kept in a folder of their own."""


def reality_folder(name: str | None = None) -> Path:
    """Return the folder of the reality set, or of one of its cases.

    Raises
    ------
    KeyError
        When the set has no case of that name.

    Examples
    --------
    >>> reality_folder("dft-nj1-phase1-2010").parent.name
    'reality'
    """
    folder = Path(__file__).parent / "reality"
    if name is None:
        return folder
    if name not in REALITY:
        raise KeyError(name)
    return folder / name


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
