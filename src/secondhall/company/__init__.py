"""One month of the company: the numbered equations, a readable oracle and a compiled engine that agree."""

from secondhall.company.build import build, known_parameters
from secondhall.company.parameters import (
    FORECAST,
    NO_TRIGGER,
    PRELEASE,
    MeasureTerms,
    Parameters,
    RuleTerms,
    idle_terms,
    no_measures,
)
from secondhall.company.slots import Slot, Slots, slots_of, trigger_terms

__all__ = [
    "FORECAST",
    "NO_TRIGGER",
    "PRELEASE",
    "MeasureTerms",
    "Parameters",
    "RuleTerms",
    "Slot",
    "Slots",
    "build",
    "idle_terms",
    "known_parameters",
    "no_measures",
    "slots_of",
    "trigger_terms",
]
