"""The bound: what no rule can be worth more than, by information relaxation."""

from secondhall.decide.bound.bound import InformationBound, bound_of

__all__ = ["InformationBound", "bound_of"]
