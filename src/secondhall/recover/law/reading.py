"""A YAML text into a `Law`; every fault names its line.

The text is read as a tree of texts (no tag is obeyed, no alias expanded, sizes are bounded). A field that
cannot be used leaves a fault and a value that stands in for it, so that all faults are found at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from secondhall.case.files import find_file, read_text
from secondhall.case.tree import Branch, read_tree
from secondhall.case.values import Kind
from secondhall.errors import Fault, InputError, quoted
from secondhall.recover.law.law import (
    Law,
    Notice,
    NoticeTier,
    Origin,
    Procedure,
    Procedures,
    QuotaRule,
    Quotas,
    Severance,
    Source,
    Step,
    Tier,
)
from secondhall.recover.law.records import Records

__all__ = ["parse_law", "text_of"]

_PARTS = ("severance", "notice", "procedures", "quotas")
_ORIGIN = ("kind", "verified", "sources", "because")
_DATED = ("from", "until")
_COUNTS = ("whole_months", "whole_years")
_LETTERS = "letters"
_Rule = TypeVar("_Rule", Severance, Notice, Procedures, Quotas)


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    InputError
        When there is no such file or it is no small UTF-8 text.
    """
    found = find_file(path.parent.resolve(), path.name)
    if found is None:
        found = Fault(
            file=path.name,
            found="no such file",
            accepted="a YAML file with the law of a country",
            mend="check the path",
        )
    text = found if isinstance(found, Fault) else read_text(found, path.name)
    if isinstance(text, Fault):
        raise InputError([text])
    return text


def parse_law(text: str, *, file: str) -> Law:
    """Read the text of a law.

    Raises
    ------
    InputError
        With every fault: line, what was found, what is accepted, how to mend it.
    """
    faults: list[Fault] = []
    tree = read_tree(text, file=file, faults=faults)
    if tree is None:
        wanted = "keys and values: country, " + ", ".join(_PARTS)
        mend = "copy a law that comes with secondhall and change it"
        is_empty = faults[-1].found in ("nothing", "a text or a list")
        raise InputError([replace(faults[-1], accepted=wanted, mend=mend)] if is_empty else faults)
    law = _Reader(file, faults).law(tree)
    if faults:
        raise InputError(faults)
    return law


class _Reader(Records):
    def __init__(self, file: str, faults: list[Fault]) -> None:
        super().__init__(file, faults)
        self._sources: Mapping[str, Source] = {}

    def law(self, tree: Branch) -> Law:
        self.names(tree, "", ("country", "sources", *_PARTS))
        self._sources = self._read_sources(tree)
        return Law(
            country=self.text(tree, "country", ""),
            file=self._file,
            severance=self._dated(tree, "severance", self._severance),
            notice=self._dated(tree, "notice", self._notice),
            procedures=self._dated(tree, "procedures", self._procedures),
            quotas=self._dated(tree, "quotas", self._quotas),
        )

    def _dated(self, tree: Branch, part: str, make: Callable[[Branch, str], _Rule]) -> tuple[_Rule, ...]:
        rules = self.list_of(tree, part, "", make)
        for earlier, later in pairwise(rules):
            if earlier.until != later.since or earlier.until <= earlier.since:
                found = f"a rule until {earlier.until or 'now'}, then one from {later.since}"
                wanted = "rules in the order of time, each until the day on which the next one begins"
                self.fault(tree.lines[part], part, found, wanted, "correct from: or until:")
        return rules

    # The parts

    def _severance(self, node: Branch, path: str) -> Severance:
        self.names(node, path, (*_DATED, "least_months", "counts", "tiers", "articles", *_ORIGIN))
        tiers = self.list_of(node, "tiers", path, self._tier)
        if tiers and (tiers[0].above_years or not _rises([tier.above_years for tier in tiers])):
            wanted = "tiers from above_years: 0 on, in rising order"
            self.fault(node.lines["tiers"], f"{path}.tiers", "another order", wanted, "put them in order")
        return Severance(
            since=self.day(node, "from", path),
            until=self.day_or_none(node, "until", path),
            least_months=self.whole(node, "least_months", path),
            counts=self.one_of(node, "counts", path, _COUNTS),
            tiers=tiers,
            articles=self.texts(node, "articles", path),
            origin=self._origin(node, path),
        )

    def _tier(self, node: Branch, path: str) -> Tier:
        self.names(node, path, ("above_years", "months_per_year"))
        return Tier(
            above_years=self.whole(node, "above_years", path),
            months_per_year=self.share(node, "months_per_year", path),
        )

    def _notice(self, node: Branch, path: str) -> Notice:
        self.names(node, path, (*_DATED, "tiers", "qualified", "articles", *_ORIGIN))
        qualified = node.nodes.get("qualified")
        inner = qualified if isinstance(qualified, Branch) else Branch({}, {}, node.line)
        self.names(inner, f"{path}.qualified", ("months", *_ORIGIN))
        return Notice(
            since=self.day(node, "from", path),
            until=self.day_or_none(node, "until", path),
            tiers=self.list_of(node, "tiers", path, self._notice_tier),
            qualified_months=self.whole(inner, "months", f"{path}.qualified"),
            qualified_origin=self._origin(inner, f"{path}.qualified"),
            articles=self.texts(node, "articles", path),
            origin=self._origin(node, path),
        )

    def _notice_tier(self, node: Branch, path: str) -> NoticeTier:
        self.names(node, path, ("from_months", "months"))
        return NoticeTier(
            from_months=self.whole(node, "from_months", path), months=self.whole(node, "months", path)
        )

    def _procedures(self, node: Branch, path: str) -> Procedures:
        self.names(node, path, (*_DATED, "known"))
        known = self.list_of(node, "known", path, self._procedure)
        for headcount, dismissals, count in _not_one(known):
            found = f"{count or 'no'} procedures for {dismissals} dismissals in a firm of {headcount}"
            mend = "correct least:, most:, least_headcount: or most_headcount:"
            self.fault(
                node.line, f"{path}.known", found, "one procedure for every number and every firm", mend
            )
        return Procedures(
            since=self.day(node, "from", path),
            until=self.day_or_none(node, "until", path),
            procedures=known,
        )

    def _procedure(self, node: Branch, path: str) -> Procedure:
        limits = ("least_headcount", "most_headcount", "least", "most")
        self.names(node, path, ("name", "collective", "plan", *limits, "steps", *_ORIGIN))
        origin = self._origin(node, path)
        return Procedure(
            name=self.text(node, "name", path),
            is_collective=self.truth(node, "collective", path),
            needs_plan=self.truth(node, "plan", path),
            least_headcount=self.whole(node, "least_headcount", path, 1),
            most_headcount=self.whole_or_none(node, "most_headcount", path),
            least=self.whole(node, "least", path, 1),
            most=self.whole_or_none(node, "most", path),
            steps=self._steps(node, path, origin),
            origin=origin,
        )

    def _steps(self, node: Branch, path: str, origin: Origin) -> tuple[Step, ...]:
        steps = self.list_of(node, "steps", path, lambda inner, where: self._step(inner, where, origin))
        seen: list[str] = []
        for step in steps:
            line, where = node.lines["steps"], f"{path}.steps.{step.key}"
            if not seen and step.after is not None:
                self.fault(
                    line, where, "a first step after another", "a first step without after:", "take it out"
                )
            if seen and step.after not in seen:
                known = "the key of a step before: " + ", ".join(seen)
                self.fault(line, where, f"after: {quoted(step.after)}", known, "correct after:")
            if step.key in seen:
                self.fault(line, where, "a key for the second time", "each key once", "rename one of the two")
            seen.append(step.key)
        if seen and seen[-1] != _LETTERS:
            wanted = f"a last step with the key {_LETTERS}"
            self.fault(
                node.lines["steps"], f"{path}.steps", quoted(seen[-1]), wanted, "say when letters may go"
            )
        return steps

    def _step(self, node: Branch, path: str, outer: Origin) -> Step:
        terms = ("months", "days", "working_days", "qualified_working_days")
        self.names(node, path, ("key", "what", "who", "after", *terms, "article", *_ORIGIN))
        return Step(
            key=self.text(node, "key", path),
            what=self.text(node, "what", path),
            who=self.text(node, "who", path),
            after=self.text(node, "after", path) if "after" in node.nodes else None,
            months=self.whole(node, "months", path, 0),
            days=self.whole(node, "days", path, 0),
            working_days=self.whole(node, "working_days", path, 0),
            qualified_working_days=self.whole_or_none(node, "qualified_working_days", path),
            article=self.text(node, "article", path),
            origin=self._origin(node, path) if any(name in node.nodes for name in _ORIGIN) else outer,
        )

    def _quotas(self, node: Branch, path: str) -> Quotas:
        self.names(node, path, (*_DATED, "known"))
        return Quotas(
            since=self.day(node, "from", path),
            until=self.day_or_none(node, "until", path),
            quotas=self.list_of(node, "known", path, self._quota, may_be_empty=True),
        )

    def _quota(self, node: Branch, path: str) -> QuotaRule:
        fields = ("words", "months", "most", "calendar_year", "least_headcount", "article")
        self.names(node, path, (*fields, *_ORIGIN))
        return QuotaRule(
            words=self.text(node, "words", path),
            months=self.whole(node, "months", path),
            most=self.whole(node, "most", path),
            is_calendar_year=self.truth(node, "calendar_year", path),
            least_headcount=self.whole(node, "least_headcount", path, 1),
            article=self.text(node, "article", path),
            origin=self._origin(node, path),
        )

    # Where it was read

    def _read_sources(self, tree: Branch) -> dict[str, Source]:
        node = tree.nodes.get("sources")
        if node is None:
            return {}
        if not isinstance(node, Branch):
            self.fault(
                tree.lines["sources"], "sources", "no names", "a name for each source", "name each source"
            )
            return {}
        found = {}
        for name, inner in node.nodes.items():
            path = f"sources.{name}"
            if not isinstance(inner, Branch):
                self.fault(
                    node.lines[name], path, "no record", "address:, what: and read:", "write the three"
                )
                continue
            self.names(inner, path, ("address", "what", "read"))
            found[name] = Source(
                address=self.text(inner, "address", path),
                what=self.text(inner, "what", path),
                read=self.day(inner, "read", path),
            )
        return found

    def _origin(self, node: Branch, path: str) -> Origin:
        origin = Origin(
            kind=Kind(self.one_of(node, "kind", path, tuple(Kind))),
            verified=self.truth(node, "verified", path),
            sources=self._cited(node, path) if "sources" in node.nodes else (),
            because=self.text(node, "because", path) if "because" in node.nodes else None,
        )
        if origin.verified and "sources" not in node.nodes:
            wanted = "sources: with names of the list at the top, where it was read"
            self.fault(
                node.line, path, "verified, with no source", wanted, "name one, or write verified: false"
            )
        if not origin.verified and (origin.kind is Kind.FACT or origin.because is None):
            wanted = "kind: assumption (or inference) and because: the reason"
            self.fault(node.line, path, "not verified, as a fact or with no reason", wanted, "write both")
        return origin

    def _cited(self, node: Branch, path: str) -> tuple[Source, ...]:
        names = self.texts(node, "sources", path)
        for name in names:
            if name not in self._sources:
                known = "a name of sources: at the top"
                self.fault(node.lines["sources"], f"{path}.sources", quoted(name), known, "add it there")
        return tuple(self._sources[name] for name in names if name in self._sources)


def _rises(numbers: Sequence[int]) -> bool:
    return all(first < second for first, second in pairwise(numbers))


def _not_one(known: Sequence[Procedure]) -> list[tuple[int, int, int]]:
    """Return firms and numbers of dismissals that have not one procedure, and how many they have.

    Between the limits that the procedures name nothing changes, so the numbers beside the limits are enough.
    """
    firms = _beside([(one.least_headcount, one.most_headcount) for one in known])
    numbers = _beside([(one.least, one.most) for one in known])
    counts = [
        (headcount, dismissals, sum(one.is_for(dismissals, headcount) for one in known))
        for headcount in firms
        for dismissals in numbers
        if dismissals <= headcount
    ]
    return [entry for entry in counts if entry[2] != 1] if known else []


def _beside(limits: Sequence[tuple[int, int | None]]) -> list[int]:
    sides = {1, 10_000}
    for least, most in limits:
        sides |= {least - 1, least}
        sides |= set() if most is None else {most, most + 1}
    return sorted(side for side in sides if side >= 1)
