"""The rows that the terminal and the HTML report share: rules, facts, books, provenance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secondhall.case import Kind, ProvenanceRow
from secondhall.case.field_words import FieldWords, field_words
from secondhall.decide.programme.words import programme_words, tree_lines
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.futures import Estimate
from secondhall.report.words import (
    Scale,
    estimate_percent,
    figure,
    interval_percent,
    line_words,
    scale_of,
)
from secondhall.units import percent

if TYPE_CHECKING:
    from secondhall.decide.decision import (
        BridgeLine,
        Contender,
        Counterfactual,
        Decision,
        FactCheck,
        Information,
        Reconciled,
    )

__all__ = [
    "DEFAULT_ORIGIN",
    "MEASURED_AT_MOST",
    "FactRow",
    "Known",
    "RuleRow",
    "bridge_lines",
    "explained_words",
    "fact_rows",
    "known_values",
    "measured_rows",
    "perfect_words",
    "programme_told",
    "rival_of",
    "rule_rows",
    "rules_scale",
    "unequal",
    "unit_words",
    "unmeasured_words",
]

DEFAULT_ORIGIN = "secondhall's default"
_COMMITS = 0.05
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule among its rivals, in words; a pair is a number and its error, without their unit.

    Attributes
    ----------
    mark
        ``recommended``, ``refused``, ``tied`` or empty.
    paths
        futures on which it was played.
    judged
        whether these are the futures of the decision; otherwise it was screened out on others.
    """

    number: int
    name: str
    words: str
    mark: str
    refused: str | None
    paths: int
    judged: bool
    npv: _Pair
    gain: _Pair
    cvar: _Pair
    worse: _Pair
    insolvent: _Pair
    shareholder: _Pair
    injection: str
    commits_now: _Pair
    commits: _Pair
    irr: str
    moic: str
    terminal_share: str
    peak_funding: str
    write_offs: _Pair
    behind: _Pair


def rules_scale(decision: Decision) -> Scale:
    """Return the one scale of all amounts in the table of rules."""
    values = [rival.futures.value.value for rival in decision.contenders]
    tails = [rival.risk.cvar_npv.value for rival in decision.contenders]
    return scale_of(values + tails, decision.case.currency)


def rule_rows(decision: Decision) -> tuple[RuleRow, ...]:
    """Return the table of rules, best score first."""
    scale = rules_scale(decision)
    return tuple(
        _rule_row(decision, rival, place, scale) for place, rival in enumerate(decision.contenders, 1)
    )


def _rule_row(decision: Decision, rival: Contender, number: int, scale: Scale) -> RuleRow:
    risk = rival.risk
    is_never = rival is decision.never
    return RuleRow(
        number=number,
        name=rival.rule.name,
        words=rival.rule.words(decision.case),
        mark=_mark(decision, rival),
        refused=rival.refused,
        paths=rival.futures.paths,
        judged=rival.futures.paths == decision.paths,
        npv=scale.parts(rival.futures.value),
        gain=(_BASE, "") if is_never else scale.parts(rival.gain),
        cvar=scale.parts(risk.cvar_npv),
        worse=(_BASE, "") if is_never else _share(rival.loss_probability),
        insolvent=_share(risk.insolvency),
        shareholder=_share(risk.shareholder),
        injection=scale.number(risk.injection.mid) if risk.injection else _BASE,
        commits_now=_share(rival.commits_now),
        commits=_share(rival.commits),
        irr=interval_percent(rival.irr) if rival.irr else _BASE,
        moic=_multiple(rival),
        terminal_share=percent(rival.terminal_share),
        peak_funding=scale.interval(risk.peak_funding),
        write_offs=scale.parts(risk.write_offs),
        behind=scale.parts(rival.behind) if rival.behind.value or rival.behind.error else (_BASE, ""),
    )


_BASE = "-"


def _share(estimate: Estimate) -> _Pair:
    value, _, error = estimate_percent(estimate).partition(" % ± ")
    return value.removesuffix(" %"), error


def _multiple(rival: Contender) -> str:
    if rival.moic is None:
        return _BASE
    return f"{figure(rival.moic.low)} to {figure(rival.moic.high)}, middle {figure(rival.moic.mid)}"


def _mark(decision: Decision, rival: Contender) -> str:
    if rival is decision.recommended:
        return "recommended"
    if rival.refused is not None:
        return "refused"
    return "tied" if any(rival is other for other in decision.tied) else ""


def rival_of(decision: Decision) -> Contender:
    """Return the contender that pictures show beside the recommended one.

    The counterfactual's plan if it was played, else the best other one that commits, else never.
    """
    others = [
        rival
        for rival in decision.contenders
        if rival is not decision.recommended and rival.futures.bands.series
    ]
    plan = decision.counterfactual.plan if decision.counterfactual else None
    tests: tuple[Callable[[Contender], bool], ...] = (
        lambda rival: plan is not None and plan in rival.rule.name,
        lambda rival: decision.recommended is not decision.never and rival is decision.never,
        lambda rival: rival.commits.value > _COMMITS,
    )
    for test in tests:
        found = next((rival for rival in others if test(rival)), None)
        if found is not None:
            return found
    return others[0] if others else decision.recommended


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact beside the band that the model gave it before it was known."""

    check: FactCheck
    quantity: str
    figure: str
    band: str
    inside: str


def fact_rows(decision: Decision) -> tuple[FactRow, ...]:
    """Return the fact checks in words."""
    quantities = {fact.fact: line_words(fact.quantity) for fact in decision.case.facts}
    return tuple(
        FactRow(
            check,
            quantities.get(check.fact, ""),
            f"{_plain(check.value)} {unit_words(check.unit)}".strip(),
            f"{_plain(check.band.low)} to {_plain(check.band.high)}, middle {_plain(check.band.mid)}",
            "inside" if check.inside else "OUTSIDE",
        )
        for check in decision.fact_checks
    )


def unit_words(unit: str) -> str:
    """Write the unit of a fact as amounts are written: ``EUR M`` becomes ``M EUR``."""
    first, _, last = unit.partition(" ")
    return f"{last} {first}" if last in ("k", "M", "bn") else unit


def _plain(value: float) -> str:
    return figure(value, 1 if abs(value) < 100 and value != round(value) else 0)


def bridge_lines(counterfactual: Counterfactual) -> tuple[BridgeLine, ...]:
    """Return the lines that add up to the net income, without the net income itself."""
    return tuple(line for line in counterfactual.bridge if line_words(line.line).lower() != "net income")


def explained_words(decision: Decision) -> str:
    """Return in a sentence what the hall explains of the year's result."""
    found = decision.counterfactual
    if found is None:
        return ""
    scale = scale_of((found.explained.low, found.explained.high), decision.case.currency)
    low, mid, high = (
        scale.number(v) for v in (found.explained.low, found.explained.mid, found.explained.high)
    )
    said = (
        f"In the same futures, the hall of plan {found.plan} changes the net income of {found.year} by "
        f"{scale.estimate(found.mean_explained)} {scale.label} on average; in nine futures of ten by "
        f"{low} to {high} {scale.label}, middle {mid}."
    )
    if found.share_of_loss is not None:
        said += (
            " Where the loss is a tenth of revenue or more, the hall explains "
            f"{interval_percent(found.share_of_loss)} of it."
        )
    if found.near_facts is not None:
        near = found.near_facts
        said += (
            f" In the {found.near_paths:,} futures that come near the known figures of {found.year}: "
            f"{scale.number(near.low)} to {scale.number(near.high)} {scale.label}, "
            f"middle {scale.number(near.mid)}."
        )
    return said


MEASURED_AT_MOST = 10
"""Figures that a page lists as worth measuring."""


def measured_rows(decision: Decision) -> tuple[tuple[FieldWords, str, Information], ...]:
    """Return the figures that are worth knowing: what they are, in which regimes, their worth."""
    told = [one for one in decision.information if one.told][:MEASURED_AT_MOST]
    rows = []
    for one in told:
        words = [field_words(decision.case, field) for field in one.fields]
        rows.append((words[0], ", ".join(each.when for each in words if each.when), one))
    return tuple(rows)


def perfect_words(decision: Decision) -> str:
    """Return in a sentence what knowing the whole future would be worth."""
    if decision.perfect_information is None:
        return ""
    scale = rules_scale(decision)
    return (
        f"To know the whole future would be worth {scale.estimate(decision.perfect_information)} "
        f"{scale.label}; no figure can be worth more."
    )


def unmeasured_words(decision: Decision) -> str:
    """Return in a sentence how many figures are worth nothing that can be told."""
    count = sum(not one.told for one in decision.information)
    which = "other" if count < len(decision.information) else "uncertain"
    figures = f"{which} figure is" if count == 1 else f"{which} figures are"
    return (
        f"{count} {figures} worth nothing that can be told from zero over these futures, each known by "
        "itself and compared between these rules."
    )


def programme_told(decision: Decision) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the stochastic programme says, in sentences, and its tree in lines; nothing without one."""
    found = decision.programme
    if found is None:
        return (), ()
    limit = InsolvencyLimit(decision.insolvency_limit)
    said = programme_words(decision.case, found, weight=decision.risk_weight, limit=limit)
    return said, tree_lines(decision.case, found)


def unequal(decision: Decision) -> tuple[Reconciled, ...]:
    """Return the lines of month zero that differ from the books."""
    return tuple(line for line in decision.reconciled if not line.equal)


@dataclass(frozen=True, slots=True)
class Known:
    """Values of the case that stand on the same ground, section by section.

    Attributes
    ----------
    sections
        name of the section and its rows, in the order of the case.
    """

    count: int
    sections: tuple[tuple[str, tuple[ProvenanceRow, ...]], ...]

    @classmethod
    def of(cls, rows: list[ProvenanceRow]) -> Known:
        """Group rows by section."""
        groups: dict[str, list[ProvenanceRow]] = {}
        for row in rows:
            groups.setdefault(row.section, []).append(row)
        return cls(len(rows), tuple((name, tuple(group)) for name, group in groups.items()))


def known_values(rows: tuple[ProvenanceRow, ...]) -> dict[str, Known]:
    """Return facts, inferences, assumptions and mere defaults, apart.

    A default is an assumption that nobody of this case made; it is counted for itself.
    """
    assumed = [row for row in rows if row.kind is Kind.ASSUMPTION]
    return {
        "facts": Known.of([row for row in rows if row.kind is Kind.FACT]),
        "inferences": Known.of([row for row in rows if row.kind is Kind.INFERENCE]),
        "assumptions": Known.of([row for row in assumed if row.origin != DEFAULT_ORIGIN]),
        "defaults": Known.of([row for row in assumed if row.origin == DEFAULT_ORIGIN]),
    }
