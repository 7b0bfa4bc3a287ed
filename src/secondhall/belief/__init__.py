"""Belief: what the data say of the unknown parameters; without data, what the case states of them."""

from secondhall.belief.belief import Belief
from secondhall.belief.learned import Learned
from secondhall.belief.posterior import Check, Convergence, Lesson, Posterior, RegimePath
from secondhall.belief.prior import Prior

__all__ = ["Belief", "Check", "Convergence", "Learned", "Lesson", "Posterior", "Prior", "RegimePath"]
