"""Futures: a rule played over many futures, with bands month by month and outcomes path by path."""

from secondhall.futures.play import Keep, RuleToPlay, play_rules
from secondhall.futures.results import PERCENTS, Bands, Estimate, Futures, Interval
from secondhall.futures.risk import TAIL, Risk, cvar, difference, probability, risk_of

__all__ = [
    "PERCENTS",
    "TAIL",
    "Bands",
    "Estimate",
    "Futures",
    "Interval",
    "Keep",
    "Risk",
    "RuleToPlay",
    "cvar",
    "difference",
    "play_rules",
    "probability",
    "risk_of",
]
