"""What the contracts say of fields that are stated and not learned: the term, the escalator."""

from __future__ import annotations

import numpy as np
import polars as pl

from secondhall.belief.ledger.rows import ContractRows
from secondhall.belief.posterior import Lesson
from secondhall.case import Case

__all__ = ["stated_lessons"]

RECENT_MONTHS = 24
"""What was signed in the last two years is what is signed now."""
FEW = 5
ESCALATOR_APART, TERM_APART = 0.005, 3.0
"""A median that differs by half a per cent a year, or three months, from what the case states."""


def stated_lessons(case: Case, rows: ContractRows) -> tuple[Lesson, ...]:
    """Return where the first contracts of the last two years contradict the stated term or escalator."""
    recent = rows.frame.filter(pl.col("opens") & (pl.col("signed") >= rows.months - RECENT_MONTHS))
    said: list[Lesson] = []
    for s, (name, record) in enumerate(case.segments.items()):
        mine = recent.filter(pl.col("segment") == s)
        if mine.height < FEW:
            continue
        term = float(np.median(mine["term_months"].to_numpy()))
        stated = float(record.integer("term_months"))
        signed = f"the median of {mine.height:,} first contracts of {name} signed in the last two years"
        if abs(term - stated) >= TERM_APART:
            words = f"{signed} has a term of {term:g} months, the case plays {stated:g}"
            said.append(Lesson(f"segments.{name}.term_months", False, words))
        given = mine["escalator_yearly"].drop_nulls()
        if given.len() < FEW:
            continue
        escalator = float(np.median(given.to_numpy()))
        play = record.number("escalator_yearly").mid
        if abs(escalator - play) >= ESCALATOR_APART:
            words = f"{signed} has an escalator of {escalator:.1%} a year, the case plays {play:.1%}"
            said.append(Lesson(f"segments.{name}.escalator_yearly", False, words))
    return tuple(said)
