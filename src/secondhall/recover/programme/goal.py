"""What a way out is to be best at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cheque", "Goal", "Shortfall", "Value"]


@dataclass(frozen=True, slots=True)
class Value:
    """(Q13) The highest expected present value.

    What the problem leaves out, the goal leaves out: interest on the revolver and tax count only as far as
    the cash flow and the values of doing nothing hold them, as if a plan changed neither.
    """


@dataclass(frozen=True, slots=True)
class Cheque:
    """(Q14) The lowest expected cheque of the shareholder, whatever it does to the value.

    Interest saved on a revolver that is drawn less, and tax, are left out as in `Value`.
    """


Goal = Value | Cheque


@dataclass(frozen=True, slots=True)
class Shortfall:
    """(Q15) The least that all commitments must be raised by, each by as much, for a plan to exist."""
