"""Scenario decomposition of any programme: a bound, candidates, and branching on the first stage."""

from secondhall.stochastic.lagrangian.bundles import Bundle, bundles_of
from secondhall.stochastic.lagrangian.search import DualDecomposition, solve_by_scenarios

__all__ = ["Bundle", "DualDecomposition", "bundles_of", "solve_by_scenarios"]
