"""Decide: rules played side by side, the recommended one, and why."""

from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.decision import (
    BridgeLine,
    Contender,
    Counterfactual,
    Decision,
    FactCheck,
    Information,
    Reconciled,
)
from secondhall.decide.reconcile import reconcile
from secondhall.decide.words import verdict

__all__ = [
    "BridgeLine",
    "Contender",
    "Counterfactual",
    "Decision",
    "FactCheck",
    "Information",
    "Reconciled",
    "Settings",
    "decide",
    "play_named",
    "reconcile",
    "verdict",
]
