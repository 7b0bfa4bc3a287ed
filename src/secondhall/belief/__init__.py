"""Belief: what the data say of the unknown parameters; without data, what the case states of them."""

from secondhall.belief.prior import Belief, Prior

__all__ = ["Belief", "Prior"]
