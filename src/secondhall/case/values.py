"""What a field of a case holds: numbers with their uncertainty and every value with where it came from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

from secondhall.months import Month

__all__ = ["REGIMES", "Entry", "FrozenMap", "Kind", "Phase", "Quantity", "Record", "RegimeQuantity", "Value"]

REGIMES = ("boom", "steady", "bust")

_NORMAL = NormalDist()
_STEEPEST = 600.0
_K = TypeVar("_K")
_V = TypeVar("_V")
_Floats = npt.NDArray[np.float64]


class Kind(StrEnum):
    """How well a value is known."""

    FACT = "fact"
    """Read in a source."""
    INFERENCE = "inference"
    """Derived from sources."""
    ASSUMPTION = "assumption"
    """Chosen; a reason may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number, or a number known as low, mid and high.

    Parameters
    ----------
    mid : float
        The number; its median where it is uncertain.
    low, high : float, optional
        Ends of the central interval; both absent for a number that is taken as known.
    confidence : float, default 0.9
        Probability that the value lies between `low` and `high`, equally likely to miss on either side.
    kind : Kind
        Fact, inference or assumption.
    source : str, optional
        A key of the case's sources, or the citation itself.
    because : str, optional
        The reason.
    minimum, maximum : float
        The range that the field accepts; quantiles are clipped to it.
    line : int, optional
        Where it stands in ``case.yaml``; absent for a default.

    Examples
    --------
    >>> lead = Quantity(mid=3.0, low=2.0, high=5.0)
    >>> [round(lead.quantile(p), 3) for p in (0.05, 0.5, 0.95)]
    [2.0, 3.0, 5.0]
    >>> Quantity(mid=4.0).quantile(0.95)
    4.0
    """

    mid: float
    low: float | None = None
    high: float | None = None
    confidence: float = 0.9
    kind: Kind = Kind.ASSUMPTION
    source: str | None = None
    because: str | None = None
    minimum: float = -math.inf
    maximum: float = math.inf
    line: int | None = None

    @property
    def uncertain(self) -> bool:
        """Whether it was given as low, mid and high."""
        return self.low is not None

    def quantile(self, p: float) -> float:
        """Return the value that is not exceeded with probability `p`, 0 < p < 1.

        Examples
        --------
        >>> Quantity(mid=0.0, low=-1.0, high=1.0, confidence=0.9).quantile(0.5)
        0.0
        """
        return self.at_normal(_NORMAL.inv_cdf(p))

    @overload
    def at_normal(self, score: float) -> float: ...
    @overload
    def at_normal(self, score: _Floats) -> _Floats: ...
    def at_normal(self, score: float | _Floats) -> float | _Floats:
        """Return the quantile whose standard normal score is `score`; an array gives an array of its shape.

        With z = score / Phi^-1((1 + confidence) / 2) and b = (high - mid) / (mid - low)::

            mid + (high - mid) (b^z - 1) / (b - 1)        b != 1
            mid + (high - mid) z                          b == 1

        clipped to the field's range (Myerson, *Probability Models for Economic Decisions*, 2005, ch. 4:
        shifted lognormal, normal, or mirrored lognormal). Where low = mid (or mid = high) that half of the
        distribution rests at mid and the other half is half a normal, the only limit that still meets
        all three numbers.

        Examples
        --------
        >>> import numpy as np
        >>> Quantity(mid=3.0, low=2.0, high=4.0, confidence=0.9).at_normal(np.zeros(2))
        array([3., 3.])
        """
        z = np.asarray(score, dtype=np.float64) / _NORMAL.inv_cdf((1 + self.confidence) / 2)
        value = np.clip(self.mid + self._deviation(z), self.minimum, self.maximum)
        return value if isinstance(score, np.ndarray) else float(value)

    def _deviation(self, z: _Floats) -> _Floats:
        if self.low is None or self.high is None:
            return np.zeros_like(z)
        below, above = self.mid - self.low, self.high - self.mid
        if below <= 0 or above <= 0:
            return np.where(z > 0, above * z, below * z)
        log_skew = math.log(above) - math.log(below)
        if abs(log_skew) < 1e-9:
            return above * z
        if log_skew > 0:
            return _skewed(above, log_skew, z)
        return -_skewed(below, -log_skew, -z)


def _skewed(above: float, log_skew: float, z: _Floats) -> _Floats:
    """Return above (b^z - 1) / (b - 1) for b = exp(log_skew) > 1, written so that no extreme b overflows."""
    share = math.exp(-log_skew)
    near = share * np.expm1(np.clip(z * log_skew, -1, 1))
    far = np.exp(np.minimum((z - 1) * log_skew, _STEEPEST)) - share
    return np.asarray(above * np.where(np.abs(z * log_skew) < 1, near, far) / -math.expm1(-log_skew))


@dataclass(frozen=True, slots=True)
class RegimeQuantity:
    """A number for each regime of the market.

    Examples
    --------
    >>> RegimeQuantity(Quantity(mid=0.02), Quantity(mid=0.0), Quantity(mid=-0.1)).mids
    (0.02, 0.0, -0.1)
    """

    boom: Quantity
    steady: Quantity
    bust: Quantity

    @property
    def all(self) -> tuple[Quantity, Quantity, Quantity]:
        """The three in the order of `REGIMES`."""
        return (self.boom, self.steady, self.bust)

    @property
    def mids(self) -> tuple[float, float, float]:
        """The three mids in the order of `REGIMES`."""
        return (self.boom.mid, self.steady.mid, self.bust.mid)

    @property
    def line(self) -> int | None:
        """Where it stands in ``case.yaml``."""
        return self.boom.line


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of an option: what it adds, what it costs, when it is planned to open."""

    capacity_units: float
    capex: float
    months_after_commit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value that is no uncertain number: a text, month, integer, choice, list of phases or three shares."""

    value: str | int | Month | tuple[Phase, ...] | tuple[float, float, float]
    kind: Kind = Kind.ASSUMPTION
    source: str | None = None
    because: str | None = None
    line: int | None = None


Value = Quantity | RegimeQuantity | Entry


class FrozenMap(Mapping[_K, _V], Generic[_K, _V]):
    """A mapping that cannot be changed, keeps its order and can be sent to another process.

    Examples
    --------
    >>> FrozenMap({"a": 1})["a"]
    1
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[_K, _V] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: _K) -> _V:
        return self._items[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"


class Record(FrozenMap[str, Value | None]):
    """The fields of one section, hall, segment...: every field of the schema has a key.

    An optional field that was left empty is ``None``. The methods return a field in its type, so that a
    reader need not ask; they raise ``KeyError`` where an optional field is empty and ``TypeError`` where
    the schema gives the field another type.

    Examples
    --------
    >>> hall = Record({"capacity_units": Quantity(mid=1000.0), "lease_end": None})
    >>> hall.number("capacity_units").mid
    1000.0
    >>> hall.given("lease_end"), hall.month("lease_end")
    (False, None)
    """

    __slots__ = ("line",)

    def __init__(self, items: Mapping[str, Value | None], *, line: int | None = None) -> None:
        super().__init__(items)
        self.line = line

    def given(self, field: str) -> bool:
        """Whether the field holds a value."""
        return self[field] is not None

    def number(self, field: str) -> Quantity:
        """Return a number field that is not given by regime."""
        value = self._present(field)
        if isinstance(value, Quantity):
            return value
        raise TypeError(f"{field} is no number")

    def regimes(self, field: str) -> RegimeQuantity:
        """Return a number field that is given by regime."""
        value = self._present(field)
        if isinstance(value, RegimeQuantity):
            return value
        raise TypeError(f"{field} is not given by regime")

    def text(self, field: str) -> str:
        """Return a text or a choice; the empty text where it was left empty."""
        value = self._plain(field)
        return "" if value is None else str(value)

    def integer(self, field: str) -> int:
        """Return a whole number."""
        value = self._plain(field)
        if isinstance(value, int):
            return value
        raise TypeError(f"{field} is no whole number")

    def month(self, field: str) -> Month | None:
        """Return a month, or ``None`` where it was left empty."""
        value = self._plain(field)
        if value is None or isinstance(value, Month):
            return value
        raise TypeError(f"{field} is no month")

    def phases(self, field: str = "phases") -> tuple[Phase, ...]:
        """Return the phases of an option."""
        value = self._plain(field)
        if isinstance(value, tuple):
            return tuple(phase for phase in value if isinstance(phase, Phase))
        raise TypeError(f"{field} is no list of phases")

    def shares(self, field: str) -> tuple[float, float, float]:
        """Return three shares in the order of `REGIMES`."""
        value = self._plain(field)
        if isinstance(value, tuple) and len(value) == 3 and not isinstance(value[0], Phase):
            return (float(value[0]), float(value[1]), float(value[2]))
        raise TypeError(f"{field} does not hold three shares")

    def _present(self, field: str) -> Value:
        value = self[field]
        if value is None:
            raise KeyError(f"{field} was left empty")
        return value

    def _plain(self, field: str) -> str | int | Month | tuple[Phase, ...] | tuple[float, float, float] | None:
        value = self[field]
        if value is None:
            return None
        if isinstance(value, Entry):
            return value.value
        raise TypeError(f"{field} is a number; use number() or regimes()")
