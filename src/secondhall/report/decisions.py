"""Replayed decisions as a table in words, and as one page that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secondhall.backtest.decisions import Replay, said
from secondhall.case import Fact
from secondhall.report.words import MISSING, estimate_money, estimate_percent

__all__ = ["DECISIONS_NAME", "DecisionRow", "decision_rows", "write_decisions"]

DECISIONS_NAME = "decisions.html"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, as written.

    Attributes
    ----------
    call
        ``good``, ``bad`` or ``not known``.
    why
        the recommended rule, and why building at once was refused where it was.
    sources
        the facts on which the scoring rests.
    """

    decision: str
    month: str
    title: str
    done: str
    verdict: str
    why: str
    gain: str
    insolvency: str
    came: str
    right: str
    call: str
    belief: str
    sources: tuple[Fact, ...]


def decision_rows(replays: Sequence[Replay]) -> tuple[DecisionRow, ...]:
    """Return a row for each decision, in their order."""
    return tuple(_row(replay) for replay in replays)


def _row(replay: Replay) -> DecisionRow:
    case, outcome = replay.past.case, replay.outcome
    now = replay.build_gain
    return DecisionRow(
        decision=replay.past.name,
        month=str(case.start),
        title=case.title,
        done=replay.past.done,
        verdict=replay.verdict,
        why=replay.rule + (f"; to build at once: {replay.build_refused}" if replay.build_refused else ""),
        gain=MISSING if now is None else estimate_money(now, case.currency),
        insolvency=estimate_percent(replay.insolvency),
        came=outcome.words,
        right={True: "right", False: "wrong", None: "not known"}[outcome.right],
        call={True: "good", False: "bad", None: "not known"}[replay.good],
        belief=replay.belief,
        sources=tuple(figure.fact for figure in outcome.figures) + outcome.other,
    )


def write_decisions(replays: Sequence[Replay], folder: str | Path) -> Path:
    """Write ``decisions.html``, one file that opens offline; one that is there is replaced in one step."""
    from secondhall.report.html import filled, write_page

    text = filled(
        "decisions.html.j2",
        {
            "rows": decision_rows(replays),
            "count": said(replays),
            "hashes": [(replay.past.case.name, replay.past.case.hashes) for replay in replays],
        },
    )
    return write_page(text, Path(folder) / DECISIONS_NAME)
