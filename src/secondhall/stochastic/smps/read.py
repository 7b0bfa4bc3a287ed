"""An SMPS programme read from its three files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from secondhall.errors import Fault, InputError
from secondhall.stochastic.programme import Floats, Ints, Programme, Varied
from secondhall.stochastic.smps.core import Core, read_core
from secondhall.stochastic.smps.lines import MOST_CHARACTERS
from secondhall.stochastic.smps.stochastics import Stochastics, read_stochastics
from secondhall.stochastic.smps.times import Periods, read_periods

__all__ = ["read_smps", "read_smps_texts"]


def read_smps(core: Path, times: Path, stochastics: Path) -> Programme:
    """Read a programme from its files.

    Parameters
    ----------
    core, times, stochastics : Path
        The MPS file of the core (.cor), its periods (.tim), its scenarios (.sto).

    Raises
    ------
    InputError
        With every fault of the first file that has any.
    """
    files = (core, times, stochastics)
    return read_smps_texts(*(_text(file) for file in files), files=tuple(file.name for file in files))


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_CHARACTERS:
            raise _unreadable(file, f"more than {MOST_CHARACTERS:,} bytes", "cut the file")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _unreadable(file, "bytes that are no text", "save the file as UTF-8") from None
    except OSError as error:
        raise _unreadable(
            file, error.strerror or "no readable file", "check the path and its rights"
        ) from None


def _unreadable(file: Path, found: str, mend: str) -> InputError:
    return InputError([Fault(file=file.name, found=found, accepted="a text file of SMPS", mend=mend)])


def read_smps_texts(
    core: str, times: str, stochastics: str, *, files: tuple[str, ...] = ("core", "times", "stochastics")
) -> Programme:
    r"""Read a programme from three texts.

    Parameters
    ----------
    core, times, stochastics : str
        What the three files hold.
    files : tuple of str
        What to call them in faults.

    Raises
    ------
    InputError
        With every fault of the first text that has any.

    Examples
    --------
    Buy capacity at 3 now, or go without at 10 each; demand is 2 or 5:

    >>> programme = read_smps_texts(
    ...     "NAME tiny\nROWS\n N cost\n L most\n G demand\nCOLUMNS\n buy cost 3 most 1\n buy demand 1\n"
    ...     " lack cost 10 demand 1\nRHS\n rhs most 9 demand 2\nENDATA\n",
    ...     "TIME tiny\nPERIODS\n buy most now\n lack demand later\nENDATA\n",
    ...     "STOCH tiny\nINDEP DISCRETE\n RHS demand 2 0.5\n RHS demand 5 0.5\nENDATA\n")
    >>> programme.tree.scenarios, programme.varied_row_lower.values.ravel().tolist()
    (2, [2.0, 5.0])
    """
    found = read_core(core, file=files[0])
    periods = read_periods(times, found, file=files[1])
    return _programme(found, periods, read_stochastics(stochastics, found, periods, file=files[2]), files[2])


def _programme(core: Core, periods: Periods, stochastics: Stochastics, file: str) -> Programme:
    for place in stochastics.places:
        if place.kind == "entry":
            core.entries.setdefault((place.row, place.column), 0.0)
    positions = sorted(core.entries, key=lambda position: (position[1], position[0]))
    columns, rows = len(core.columns), len(core.rows)
    bounds = [core.row_bounds(row, core.rhs.get(row, 0.0)) for row in range(rows)]
    arrays: dict[str, Any] = {
        "cost": _filled(core.cost, columns, 0.0),
        "column_lower": _filled(core.lower, columns, 0.0),
        "column_upper": _filled(core.upper, columns, math.inf),
        "row_lower": np.array([lower for lower, _ in bounds], float),
        "row_upper": np.array([upper for _, upper in bounds], float),
        "entry_value": np.array([core.entries[position] for position in positions], float),
    }
    varied: dict[str, Any] = _varied(core, stochastics, positions, arrays)
    try:
        return Programme(
            name=core.name,
            offset=core.offset,
            column_names=tuple(core.columns),
            row_names=tuple(core.rows),
            stage_names=tuple(periods.names),
            column_stage=periods.column_stage,
            row_stage=periods.row_stage,
            is_integer=np.array(core.is_integer, bool),
            entry_row=np.array([row for row, _ in positions], np.int64),
            entry_column=np.array([column for _, column in positions], np.int64),
            tree=stochastics.tree,
            **arrays,
            **varied,
        )
    except ValueError as error:
        fault = Fault(
            file=file, found=str(error), accepted="numbers known by their period", mend="mend the tree"
        )
        raise InputError([fault]) from None


def _filled(given: dict[int, float], size: int, default: float) -> Floats:
    array = np.full(size, default)
    array[list(given)] = list(given.values())
    return array


def _varied(
    core: Core, stochastics: Stochastics, positions: list[tuple[int, int]], arrays: dict[str, Floats]
) -> dict[str, Varied]:
    """Sort what varies by the array in which it stands."""
    at_entry = {position: i for i, position in enumerate(positions)}
    found: dict[str, dict[int, Floats]] = {
        name: {} for name in ("cost", "column_lower", "column_upper", "row_lower", "row_upper", "entry")
    }
    for place, values in zip(stochastics.places, stochastics.values.T, strict=True):
        if place.kind == "rhs":
            _vary_row(core, place.row, values, found, arrays)
            continue
        name, at = {
            "cost": ("cost", place.column),
            "lower": ("column_lower", place.column),
            "upper": ("column_upper", place.column),
            "entry": ("entry", at_entry.get((place.row, place.column), -1)),
        }[place.kind]
        core_value = arrays["entry_value" if name == "entry" else name][at]
        found[name][at] = np.where(np.isnan(values), core_value, values)
    return {f"varied_{name}": _sorted(columns, stochastics.tree.scenarios) for name, columns in found.items()}


def _vary_row(
    core: Core, row: int, rhs: Floats, found: dict[str, dict[int, Floats]], arrays: dict[str, Floats]
) -> None:
    bounds = [core.row_bounds(row, core.rhs.get(row, 0.0) if np.isnan(one) else one) for one in rhs.tolist()]
    for side, name in enumerate(("row_lower", "row_upper")):
        if math.isfinite(arrays[name][row]):
            found[name][row] = np.array([pair[side] for pair in bounds])


def _sorted(columns: dict[int, Floats], scenarios: int) -> Varied:
    places: Ints = np.array(sorted(columns), np.int64)
    values = np.empty((scenarios, places.size))
    for i, place in enumerate(places.tolist()):
        values[:, i] = columns[place]
    return Varied(places=places, values=values)
