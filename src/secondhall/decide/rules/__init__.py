"""Rules that a board can read: never, a dated plan, forecast utilisation, pre-leased share; with guards."""

from secondhall.decide.rules.dated import DatedPlan
from secondhall.decide.rules.forecast import ForecastUtilisation
from secondhall.decide.rules.guards import Guards
from secondhall.decide.rules.never import Never
from secondhall.decide.rules.not_before import NotBefore
from secondhall.decide.rules.prelease import PreleasedShare
from secondhall.decide.rules.rule import Rule

__all__ = ["DatedPlan", "ForecastUtilisation", "Guards", "Never", "NotBefore", "PreleasedShare", "Rule"]
