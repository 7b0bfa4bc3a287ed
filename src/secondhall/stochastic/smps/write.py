"""An SMPS programme written to its three files, to the last digit: reading them gives the same programme.

Scenarios are listed (``SCENARIOS DISCRETE``). The parent of each is the earlier scenario that shares most
of its nodes; all varied numbers follow from where the two part.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from secondhall.errors import Fault, InputError
from secondhall.stochastic.programme import Ints, Programme, Varied

__all__ = ["smps_texts", "write_smps"]


def write_smps(programme: Programme, core: Path, times: Path, stochastics: Path) -> None:
    """Write a programme to its files (.cor, .tim, .sto).

    Raises
    ------
    InputError
        Where the format has no words for it: see `smps_texts`.
    """
    for file, text in zip((core, times, stochastics), smps_texts(programme), strict=True):
        file.write_text(text, encoding="utf-8")


def smps_texts(programme: Programme) -> tuple[str, str, str]:
    """Return what the three files hold.

    Raises
    ------
    InputError
        When a name holds spaces, a row has no bound, or the two bounds of a row vary in different ways: SMPS
        cannot say these.
    """
    faults = _unwritable(programme)
    if faults:
        raise InputError(faults)
    return _core(programme), _times(programme), _stochastics(programme)


def _unwritable(programme: Programme) -> list[Fault]:
    faults: list[Fault] = []

    def add(found: str, mend: str) -> None:
        faults.append(Fault(file=programme.name, found=found, accepted="what SMPS can say", mend=mend))

    names = (*programme.column_names, *programme.row_names, *programme.stage_names)
    for name in names:
        if not name or len(name.split()) != 1:
            add(f"the name '{name}'", "use names without spaces")
    is_free = np.isinf(programme.row_lower) & np.isinf(programme.row_upper)
    for row in np.flatnonzero(is_free).tolist():
        add(f"row '{programme.row_names[row]}' without a bound", "leave the row out")
    lower, upper = (_dense(v) for v in (programme.varied_row_lower, programme.varied_row_upper))
    for row in sorted({*lower, *upper}):
        width = upper.get(row, programme.row_upper[row]) - lower.get(row, programme.row_lower[row])
        base = programme.row_upper[row] - programme.row_lower[row]
        if np.any(width != base) and math.isfinite(base):
            add(f"row '{programme.row_names[row]}' whose width varies", "split it into two rows")
    return faults


def _dense(varied: Varied) -> dict[int, np.ndarray]:
    return dict(zip(varied.places.tolist(), varied.values.T, strict=True))


def _core(programme: Programme) -> str:
    objective = _objective(programme)
    sense = [_sense(programme, row) for row in range(len(programme.row_names))]
    lines = [f"NAME {programme.name}", "ROWS", f" N {objective}"]
    lines += [f" {kind} {name}" for kind, name in zip(sense, programme.row_names, strict=True)]
    lines += ["COLUMNS", *_columns(programme, objective), "RHS"]
    if programme.offset:
        lines.append(f" rhs {objective} {-programme.offset!r}")
    ranges = []
    for row, name in enumerate(programme.row_names):
        lower, upper = float(programme.row_lower[row]), float(programme.row_upper[row])
        rhs = upper if sense[row] == "L" else lower
        if rhs:
            lines.append(f" rhs {name} {rhs!r}")
        if sense[row] == "E" and lower != upper:
            ranges.append(f" range {name} {upper - lower!r}")
    return "\n".join([*lines, "RANGES", *ranges, "BOUNDS", *_bounds(programme), "ENDATA", ""])


def _objective(programme: Programme) -> str:
    name = "objective"
    while name in programme.row_names:
        name += "_"
    return name


def _sense(programme: Programme, row: int) -> str:
    if np.isinf(programme.row_lower[row]):
        return "L"
    return "G" if np.isinf(programme.row_upper[row]) else "E"


def _columns(programme: Programme, objective: str) -> list[str]:
    order = np.lexsort((programme.entry_row, programme.entry_column))
    starts = np.searchsorted(programme.entry_column[order], np.arange(len(programme.column_names) + 1))
    lines, in_integers = [], False
    for column, name in enumerate(programme.column_names):
        if bool(programme.is_integer[column]) != in_integers:
            in_integers = not in_integers
            lines.append(f" mark{column} 'MARKER' '{'INTORG' if in_integers else 'INTEND'}'")
        lines.append(f" {name} {objective} {float(programme.cost[column])!r}")
        lines += [
            f" {name} {programme.row_names[programme.entry_row[e]]} {float(programme.entry_value[e])!r}"
            for e in order[starts[column] : starts[column + 1]]
        ]
    return lines


def _bounds(programme: Programme) -> list[str]:
    lines = []
    for name, lower, upper in zip(
        programme.column_names, programme.column_lower.tolist(), programme.column_upper.tolist(), strict=True
    ):
        if lower != 0:
            lines.append(f" MI bound {name}" if math.isinf(lower) else f" LO bound {name} {lower!r}")
        if math.isfinite(upper):
            lines.append(f" UP bound {name} {upper!r}")
    return lines


def _times(programme: Programme) -> str:
    lines = [f"TIME {programme.name}", "PERIODS EXPLICIT", *(f" {name}" for name in programme.stage_names)]
    for section, names, stages in (
        ("ROWS", programme.row_names, programme.row_stage),
        ("COLUMNS", programme.column_names, programme.column_stage),
    ):
        lines.append(section)
        lines += [f" {name} {programme.stage_names[s]}" for name, s in zip(names, stages, strict=True)]
    return "\n".join([*lines, "ENDATA", ""])


def _stochastics(programme: Programme) -> str:
    lines = [f"STOCH {programme.name}", "SCENARIOS DISCRETE"]
    node = programme.tree.node
    varied = _varied_lines(programme)
    for scenario in range(programme.tree.scenarios):
        parent, stage = _parent(node, scenario)
        name = "ROOT" if parent < 0 else f"s{parent}"
        probability = float(programme.tree.probability[scenario])
        lines.append(f" SC s{scenario} {name} {probability!r} {programme.stage_names[stage]}")
        lines += [f" {words} {float(values[scenario])!r}" for words, at, values in varied if at >= stage]
    return "\n".join([*lines, "ENDATA", ""])


def _parent(node: Ints, scenario: int) -> tuple[int, int]:
    """Return the earlier scenario that shares most nodes, and the stage at which they part."""
    if scenario == 0 or node.shape[1] == 1:
        return -1, min(1, node.shape[1] - 1)
    shared = (node[:scenario] == node[scenario]).sum(axis=1)
    parent = int(np.argmax(shared))
    return parent, min(int(shared[parent]), node.shape[1] - 1)


def _varied_lines(programme: Programme) -> list[tuple[str, int, np.ndarray]]:
    """Return for each varied number its words, its stage and its values."""
    found: list[tuple[str, int, np.ndarray]] = []
    rows, columns = programme.row_names, programme.column_names
    row_stage, column_stage = programme.row_stage.tolist(), programme.column_stage.tolist()
    for at, values in _dense(programme.varied_cost).items():
        found.append((f"{columns[at]} {_objective(programme)}", column_stage[at], values))
    for kind, varied in (("LO", programme.varied_column_lower), ("UP", programme.varied_column_upper)):
        for at, values in _dense(varied).items():
            found.append((f"{kind} bound {columns[at]}", column_stage[at], values))
    lower, upper = (_dense(v) for v in (programme.varied_row_lower, programme.varied_row_upper))
    for at, values in (upper | lower).items():
        found.append((f"RHS {rows[at]}", row_stage[at], values))
    for entry, values in _dense(programme.varied_entry).items():
        row, column = programme.entry_row[entry], programme.entry_column[entry]
        found.append((f"{columns[column]} {rows[row]}", row_stage[row], values))
    return found
