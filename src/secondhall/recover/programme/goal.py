"""What a way out is to be best at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Cheque", "Goal", "Shortfall", "Value"]


class _Worth(Protocol):
    @property
    def value(self) -> float: ...
    @property
    def expected_cheque(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Value:
    """(Q13) The highest expected present value.

    What the problem leaves out, the goal leaves out: interest on the revolver and tax count only as far as
    the cash flow and the values of doing nothing hold them, as if a plan changed neither.
    """

    sign = -1.0
    """Of what is best in what is minimised."""

    def objective(self, of: _Worth) -> float:
        """Return what is minimised."""
        return -of.value


@dataclass(frozen=True, slots=True)
class Cheque:
    """(Q14) The lowest expected cheque of the shareholder, whatever it does to the value.

    Interest saved on a revolver that is drawn less, and tax, are left out as in `Value`.
    """

    sign = 1.0
    """Of what is best in what is minimised."""

    def objective(self, of: _Worth) -> float:
        """Return what is minimised."""
        return of.expected_cheque


Goal = Value | Cheque


@dataclass(frozen=True, slots=True)
class Shortfall:
    """(Q15) The least that all commitments must be raised by, each by as much, for a plan to exist."""
