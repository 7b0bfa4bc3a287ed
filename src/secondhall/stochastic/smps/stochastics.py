"""The scenarios of an SMPS programme: the .sto file.

Three sections are read, each DISCRETE and replacing the numbers of the core:

``SCENARIOS``
    each scenario with its parent, from whose numbers and nodes it parts in a period;
``INDEP``
    each number alone, with its values and their probabilities;
``BLOCKS``
    several numbers together; each realisation of a block names the same numbers, for the format's
    descriptions do not agree on what an omitted one would mean.

The tree of INDEP and BLOCKS is the product of all of them, later periods varying fastest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from secondhall.errors import quoted
from secondhall.stochastic.programme import PROBABILITY_SLACK, Floats, Ints, Tree
from secondhall.stochastic.smps.core import Core
from secondhall.stochastic.smps.lines import Faults, Line, lines_of
from secondhall.stochastic.smps.places import Place, Pointer
from secondhall.stochastic.smps.times import Periods

__all__ = ["MOST_SCENARIOS", "Stochastics", "read_stochastics"]

MOST_SCENARIOS = 100_000
"""The most scenarios, however they come about."""
MOST_VALUES = 20_000_000
"""The most values: scenarios times the numbers that vary."""
_SECTIONS = ("SCENARIOS", "INDEP", "BLOCKS")


@dataclass(frozen=True, slots=True)
class Stochastics:
    """The tree, and what varies: ``values[scenario, i]`` at ``places[i]``; the core's where not a number."""

    tree: Tree
    places: tuple[Place, ...]
    values: Floats


@dataclass(slots=True)
class _Element:
    """Numbers that vary together, independently of all others."""

    stage: int
    probability: list[float] = field(default_factory=list)
    realisations: list[dict[Place, float]] = field(default_factory=list)
    line: int = 0


@dataclass(slots=True)
class _Scenario:
    """A scenario as its file gives it."""

    parent: str
    probability: float
    stage: int
    changes: dict[Place, float] = field(default_factory=dict)


def read_stochastics(text: str, core: Core, periods: Periods, *, file: str) -> Stochastics:
    """Read a .sto file for a core.

    Raises
    ------
    InputError
        With every fault found.
    """
    faults = Faults(file)
    reader = _Reader(core, periods, faults)
    for line in lines_of(text, faults):
        if line.is_header:
            reader.open(line)
        else:
            reader.take(line)
    if reader.scenarios and reader.elements:
        faults.add(
            None, "SCENARIOS beside INDEP or BLOCKS", "one way to write scenarios", "write all as SCENARIOS"
        )
    if not reader.scenarios and not reader.elements:
        faults.add(None, "no scenario", "a section SCENARIOS, INDEP or BLOCKS", "add it")
    faults.raise_any()
    stages = len(periods.names)
    found = _listed(reader, stages, faults) if reader.scenarios else _product(reader, stages, faults)
    faults.raise_any()
    return found


class _Reader:
    def __init__(self, core: Core, periods: Periods, faults: Faults) -> None:
        self.elements: dict[str | Place, _Element] = {}
        self.scenarios: dict[str, _Scenario] = {}
        self._periods = periods
        self._faults = faults
        self._pointer = Pointer(core, periods, faults)
        self._section = ""
        self._changes: dict[Place, float] | None = None
        self._earliest = 0

    def open(self, line: Line) -> None:
        """Begin a section."""
        words = [word.upper() for word in line.words]
        self._changes = None
        self._section = words[0]
        if words[0] == "STOCH":
            return
        modifiers = set(words[1:]) - {"DISCRETE", "REPLACE"}
        if words[0] not in _SECTIONS or modifiers:
            self._faults.add(
                line.number,
                quoted(" ".join(line.words)),
                "SCENARIOS, INDEP or BLOCKS, DISCRETE, replacing the numbers of the core",
                "write the distribution as one of them",
            )
            self._section = ""

    def take(self, line: Line) -> None:
        """Read a line of data in the open section."""
        head = line.words[0].upper()
        if self._section == "STOCH":
            self._faults.add(line.number, "data outside a section", "a section first", "add its line")
        elif self._section == "INDEP":
            self._independent(line)
        elif (self._section, head) == ("SCENARIOS", "SC"):
            self._scenario(line)
        elif (self._section, head) == ("BLOCKS", "BL"):
            self._block(line)
        elif self._section and self._changes is None:
            self._refuse(line, "a line that begins a scenario (SC) or block (BL) first")
        elif self._section:
            self._change(line)

    def _change(self, line: Line) -> None:
        assert self._changes is not None
        for place, value in self._pointer.changes(line, line.words, self._earliest):
            if place in self._changes:
                self._refuse(line, "each number once in a scenario or realisation")
            self._changes[place] = value

    def _scenario(self, line: Line) -> None:
        self._changes = {}
        if len(line.words) != 5:
            self._refuse(line, "` SC name parent probability period`")
            return
        _, name, parent, probability, period = line.words
        parent = parent.strip("'")
        stage = self._stage(line, period)
        if name in self.scenarios or parent not in (*self.scenarios, "ROOT"):
            self._refuse(line, "a new name, and a parent that is ROOT or stands above")
        if len(self.scenarios) >= MOST_SCENARIOS:
            raise self._too_many(line)
        self._earliest = stage
        self.scenarios[name] = _Scenario(parent, self._probability(line, probability), stage, self._changes)

    def _block(self, line: Line) -> None:
        self._changes = {}
        if len(line.words) != 4:
            self._refuse(line, "` BL name period probability`")
            return
        _, name, period, probability = line.words
        stage = self._stage(line, period)
        element = self.elements.setdefault(name, _Element(stage, line=line.number))
        if element.stage != stage:
            self._refuse(line, "the period in which the block stood first")
        self._earliest = stage
        self._realise(line, element, self._changes, probability)

    def _independent(self, line: Line) -> None:
        if len(line.words) not in (4, 5):
            self._refuse(line, "column, row, value, period (or none), probability")
            return
        changes = self._pointer.changes(line, line.words[:3], 0)
        if not changes:
            return
        place = changes[0].place
        stage = self._stage(line, line.words[3]) if len(line.words) == 5 else self._pointer.stage(place)
        if not 1 <= stage <= self._pointer.stage(place):
            self._refuse(line, "a number of a later period than the first, known no later than in its own")
        element = self.elements.setdefault(place, _Element(stage, line=line.number))
        self._realise(line, element, dict(changes), line.words[-1])

    def _realise(self, line: Line, element: _Element, changes: dict[Place, float], probability: str) -> None:
        if len(element.realisations) >= MOST_SCENARIOS:
            raise self._too_many(line)
        element.realisations.append(changes)
        element.probability.append(self._probability(line, probability))

    def _stage(self, line: Line, name: str) -> int:
        if name not in self._periods.names:
            self._refuse(line, f"a period of the .tim file: {', '.join(list(self._periods.names)[:5])}")
        return self._periods.names.get(name, 0)

    def _probability(self, line: Line, word: str) -> float:
        value = self._faults.number(line, word)
        if not 0 < value <= 1 + PROBABILITY_SLACK:
            self._refuse(line, "a probability above 0 and at most 1")
        return value

    def _refuse(self, line: Line, accepted: str) -> None:
        self._faults.add(line.number, quoted(" ".join(line.words)), accepted, "write the line anew")

    def _too_many(self, line: Line) -> Exception:
        return self._faults.stop(
            line.number, f"more than {MOST_SCENARIOS:,} scenarios", "fewer", "draw a sample"
        )


def _check_sum(probability: Floats, line: int | None, faults: Faults) -> None:
    if abs(probability.sum() - 1) > PROBABILITY_SLACK:
        faults.add(
            line,
            f"probabilities that add up to {probability.sum():.6g}",
            f"1, within {PROBABILITY_SLACK:g}",
            "write every scenario with its probability",
        )


def _check_size(scenarios: int, places: int, faults: Faults) -> None:
    if scenarios > MOST_SCENARIOS or scenarios * places > MOST_VALUES:
        raise faults.stop(
            None,
            f"{scenarios:,} scenarios with {places:,} numbers each",
            f"at most {MOST_SCENARIOS:,} scenarios and {MOST_VALUES:,} numbers",
            "draw a sample of the scenarios",
        )


def _listed(reader: _Reader, stages: int, faults: Faults) -> Stochastics:
    """Build the tree of listed scenarios: each takes its parent's nodes and numbers up to where it parts."""
    scenarios = list(reader.scenarios.values())
    places = tuple(sorted({place for scenario in scenarios for place in scenario.changes}))
    _check_size(len(scenarios), len(places), faults)
    at = {place: i for i, place in enumerate(places)}
    values = np.full((len(scenarios), len(places)), np.nan)
    node = np.zeros((len(scenarios), stages), np.int64)
    root = np.arange(stages)
    row_of = {name: i for i, name in enumerate(reader.scenarios)}
    for i, scenario in enumerate(scenarios):
        parent = row_of.get(scenario.parent, -1)
        node[i] = root if parent < 0 else node[parent]
        parts = max(scenario.stage, 1)
        node[i, parts:] = stages * (i + 1) + np.arange(parts, stages)
        if parent >= 0:
            values[i] = values[parent]
        for place, value in scenario.changes.items():
            values[i, at[place]] = value
    _check_first_stage(reader, places, faults)
    probability = np.array([scenario.probability for scenario in scenarios])
    _check_sum(probability, None, faults)
    faults.raise_any()
    return Stochastics(Tree(probability=probability, node=_renumbered(node)), places, values)


def _check_first_stage(reader: _Reader, places: tuple[Place, ...], faults: Faults) -> None:
    for place in places:
        if reader._pointer.stage(place) == 0:
            faults.add(
                None, "a number of the first period that varies", "certainty in the first period", "move it"
            )


def _renumbered(node: Ints) -> Ints:
    """Count the nodes from 0, stage by stage, in the order of the scenarios."""
    fresh, taken = np.empty_like(node), 0
    for stage in range(node.shape[1]):
        _, first, inverse = np.unique(node[:, stage], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))
        fresh[:, stage] = taken + rank[inverse.reshape(-1)]
        taken += first.size
    return fresh


def _product(reader: _Reader, stages: int, faults: Faults) -> Stochastics:
    """Build the tree in which every element takes each of its realisations, independently."""
    elements = sorted(reader.elements.values(), key=lambda element: element.stage)
    places = tuple(place for element in elements for place in element.realisations[0])
    _check_elements(elements, places, faults)
    counts = tuple(len(element.realisations) for element in elements)
    scenarios = 1
    for count in counts:
        scenarios *= count
        _check_size(scenarios, len(places), faults)
    choice = np.indices(counts).reshape(len(counts), -1)
    probability, columns = np.ones(scenarios), []
    for element, chosen in zip(elements, choice, strict=True):
        probability *= np.array(element.probability)[chosen]
        table = np.array([list(_in_order(r, element.realisations[0])) for r in element.realisations])
        columns.append(table.reshape(len(element.realisations), -1)[chosen])
    stage_of = np.array([element.stage for element in elements])
    node = np.zeros((scenarios, stages), np.int64)
    for stage in range(stages):
        rest = int(np.prod([count for count, of in zip(counts, stage_of, strict=True) if of > stage]))
        node[:, stage] = stage * scenarios + np.arange(scenarios) // rest
    _check_sum(probability, None, faults)
    faults.raise_any()
    return Stochastics(Tree(probability=probability, node=_renumbered(node)), places, np.hstack(columns))


def _in_order(realisation: dict[Place, float], first: dict[Place, float]) -> list[float]:
    return [realisation[place] for place in first]


def _check_elements(elements: list[_Element], places: tuple[Place, ...], faults: Faults) -> None:
    if len(set(places)) != len(places):
        faults.add(None, "a number in two blocks", "each number in one block or INDEP list", "take one out")
    for element in elements:
        if element.stage == 0:
            faults.add(
                element.line, "a block of the first period", "certainty in the first period", "move it"
            )
        if any(r.keys() != element.realisations[0].keys() for r in element.realisations):
            faults.add(
                element.line,
                "realisations of a block that name different numbers",
                "the same numbers in each realisation",
                "write out those that do not change",
            )
        _check_sum(np.array(element.probability), element.line, faults)
    faults.raise_any()
