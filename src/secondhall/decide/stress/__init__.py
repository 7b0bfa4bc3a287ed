"""Stress: named scenarios side by side, and the mildest shock that breaks the company."""

from secondhall.decide.stress.reverse import Reverse, reverse_stress
from secondhall.decide.stress.side_by_side import SideBySide, Standing, UnderScenario, side_by_side

__all__ = ["Reverse", "SideBySide", "Standing", "UnderScenario", "reverse_stress", "side_by_side"]
