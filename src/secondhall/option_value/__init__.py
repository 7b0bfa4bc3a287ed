"""Option value: what it is worth that commitments may wait, one option or several, from both sides."""

from secondhall.option_value.basis import Splines
from secondhall.option_value.problem import Branch, Chain, Paths, Pays, Problem, Simulate
from secondhall.option_value.upper import NestedBound, RegressedBound, UpperBound
from secondhall.option_value.value import Value, value_options

__all__ = [
    "Branch",
    "Chain",
    "NestedBound",
    "Paths",
    "Pays",
    "Problem",
    "RegressedBound",
    "Simulate",
    "Splines",
    "UpperBound",
    "Value",
    "value_options",
]
