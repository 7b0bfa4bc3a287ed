"""The families of rules that are searched: for each option a date, a forecast, a pre-lease; on round figures.

A board writes a rule into its minutes, so only round figures are tried: steps of five points of utilisation,
of pre-leased share and of the probability of a bust, quarters of the capex, quarters of a year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from secondhall.case import Case
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, PreleasedShare, Rule

__all__ = ["Family", "families_of"]

UTILISATIONS = tuple(step / 100 for step in range(50, 155, 5))
PRELEASED = tuple(step / 100 for step in range(5, 125, 5))
BUST_LIMITS = (1.0, 0.7, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05)
FUNDED_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
MONTHS_FROM_NOW = tuple(range(0, 63, 3))


@dataclass(frozen=True, slots=True)
class Family:
    """Rules that differ in figures alone.

    Attributes
    ----------
    name
        in words.
    grids
        [figure] the values that each may take.
    make
        from one value of each grid to the rule.
    """

    name: str
    grids: tuple[tuple[float, ...], ...]
    make: Callable[[Sequence[float]], Rule]

    def rule(self, places: Sequence[int]) -> Rule:
        """Return the rule at a place of each grid."""
        return self.make([grid[place] for grid, place in zip(self.grids, places, strict=True)])


def families_of(case: Case) -> tuple[Family, ...]:
    """Return the families of a case, three for each option."""
    return tuple(family for option in case.options for family in _of_option(case, option))


def _of_option(case: Case, option: str) -> tuple[Family, ...]:
    def forecast(figures: Sequence[float]) -> Rule:
        level, bust, funded = figures
        return ForecastUtilisation(option, level, Guards(bust, funded))

    def preleased(figures: Sequence[float]) -> Rule:
        share, bust, funded = figures
        return PreleasedShare(option, share, Guards(bust, funded))

    def dated(figures: Sequence[float]) -> Rule:
        return DatedPlan.commit_at(option, case.start, int(figures[0]))

    ahead = tuple(float(month) for month in MONTHS_FROM_NOW if month < case.horizon_months)
    guards = (BUST_LIMITS, FUNDED_SHARES)
    return (
        Family(f"{option} at a date", (ahead,), dated),
        Family(f"{option} by forecast", (UTILISATIONS, *guards), forecast),
        Family(f"{option} by pre-lease", (PRELEASED, *guards), preleased),
    )
