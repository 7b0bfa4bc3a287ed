"""The company's own stochastic programme: commitments and closures on a tree of simulated paths."""

from secondhall.decide.programme.method import TreeProgramme
from secondhall.decide.programme.policy import Deed
from secondhall.decide.programme.result import Branch, InSample, OutOfSample, ProgrammeResult
from secondhall.decide.programme.solve import programme_of

__all__ = [
    "Branch",
    "Deed",
    "InSample",
    "OutOfSample",
    "ProgrammeResult",
    "TreeProgramme",
    "programme_of",
]
