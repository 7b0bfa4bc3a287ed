"""Futures: a rule played over many futures, with bands month by month and outcomes path by path."""

from secondhall.futures.results import PERCENTS, Bands, Estimate, Futures, Interval
from secondhall.futures.risk import TAIL, Risk, cvar, difference, probability, risk_of

__all__ = [
    "PERCENTS",
    "TAIL",
    "Bands",
    "Estimate",
    "Futures",
    "Interval",
    "Risk",
    "cvar",
    "difference",
    "probability",
    "risk_of",
]
