"""Chance: every random draw of the company is a function of where it is used.

The readable NumPy oracle of ``kernels.philox`` and ``kernels.samplers``: the same draws, for any number of
paths.

    (N1)  key     = (seed low 32 bits, seed high 32 bits)
    (N2)  counter = (path low 32, path high 32, month | attempt << 16, purpose << 16 | index)
    (N3)  ten times: (c0, c1, c2, c3) <- (high(m1 c2) ^ c1 ^ k0, low(m1 c2), high(m0 c0) ^ c3 ^ k1,
          low(m0 c0)), then the key grows by (w0, w1)
    (N4)  a uniform = (2 w + 1) / 2^53, where w is the 52 leading bits of two output words: never 0, never 1
    (S1)  normal    a, b = sqrt(-2 log u) (cos 2 pi v, sin 2 pi v)
    (S2)  gamma     d w with d = s - 1/3, w = (1 + x / sqrt(9 d))^3, x normal; kept when
                    log u <= x^2/2 + d (1 - w + log w); for s < 1: gamma(s + 1) u^(1/s)
    (S3)  counts of a small mean: the number of sums p_0 + ... + p_k below u, with
                    p_k = p_(k-1) (alpha + beta / k)
    (S4)  counts of a large mean: k = floor((2 a / t + b) (u - 1/2) + c), t = 1/2 - |u - 1/2|; kept when
                    log(v A / (a / t^2 + b)) <= log f(k)

Sources: Salmon, Moraes, Dror, Shaw, SC 2011, section 3.3 (N); Box and Muller, Ann. Math. Stat. 29 (1958)
(S1); Marsaglia and Tsang, ACM TOMS 26 (2000) 363 (S2); Panjer, ASTIN Bulletin 12 (1981) 22 (S3); Hormann,
Insurance: Mathematics and Economics 12 (1993) 39 and J. Stat. Comput. Simul. 46 (1993) 101 (S4: PTRS, BTRS).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
Kept = NDArray[np.bool_]

INVERSION_BELOW: Final = 30.0
"""Counts of a smaller mean are drawn by inversion (S3); the methods of S4 hold from a mean of 10."""

LAST_COUNT: Final = 120
"""Where inversion stops: a Poisson variable of mean 30 exceeds it with probability below 1e-35."""

LEAST_EXPONENT: Final = -708.0
"""A power e^x is held at x >= -708, so that it never leaves the normal numbers."""


class Purpose(IntEnum):
    """What a draw is for.

    The draw used for (seed, path, month, purpose, index) is always the same, whatever the rule, the threads,
    the blocks. So two rules meet the same futures. The numbers are part of every stored result: add, never
    renumber.
    """

    REGIME = 1
    INTENSITY = 2
    PRICE = 3
    ORDERS = 4
    ORDER_SIZE = 5
    LEAVERS = 6
    LEAVERS_ROUNDING = 7
    PIPELINE = 8
    LEAD_TIME_SLIP = 9
    BUILD_OVERRUN = 10
    PARAMETER = 11
    START_REGIME = 12


_WORD: Final = np.uint64(0xFFFFFFFF)
_WORD_BITS: Final = np.uint64(32)
_MULTIPLIERS: Final = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS: Final = 0x9E3779B9, 0xBB67AE85


def philox4x32(
    counter: tuple[Words, Words, Words, Words], key: tuple[int, int]
) -> tuple[Words, Words, Words, Words]:
    """Four random 32-bit words for each counter, every word in an array of uint64 (N3)."""
    c0, c1, c2, c3 = counter
    for turn in range(10):
        k0, k1 = (np.uint64((k + turn * step) & 0xFFFFFFFF) for k, step in zip(key, _KEY_STEPS, strict=True))
        product0, product1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1 = (product1 >> _WORD_BITS) ^ c1 ^ k0, product1 & _WORD
        c2, c3 = (product0 >> _WORD_BITS) ^ c3 ^ k1, product0 & _WORD
    return c0, c1, c2, c3


def _uniform(high: Words, low: Words) -> Floats:
    """Make a double in (0, 1) from two words, exactly (N4)."""
    leading = (high << np.uint64(20)) | (low >> np.uint64(12))
    return np.ldexp(leading.astype(np.float64) + 0.5, -52)


def _log_factorial(n: Floats) -> Floats:
    """Give log n!: a table below 16, then Stirling's series, whose first omitted term is below 2e-14."""
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, 16.0)))])
    x = np.maximum(n, 16.0)
    series = 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5) - 1 / (1680 * x**7)
    stirling = (x + 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series
    return np.where(n < 16, table[np.minimum(n, 15.0).astype(np.int64)], stirling)


def _by_inversion(none: Floats, alpha: Floats | float, beta: Floats, u: Floats) -> Floats:
    """Count the sums of probabilities below u, from p_0 = none (S3)."""
    probability, total, count = none, none, np.zeros_like(u)
    for k in range(1, LAST_COUNT + 1):
        if np.all(total >= u):
            break
        count = count + (total < u)
        probability = probability * (alpha + beta / k)
        total = total + probability
    return count


def _proposal(a: Floats, b: Floats, c: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Propose a count from a uniform, and give a / t^2 + b there (S4)."""
    t = 0.5 - np.abs(u - 0.5)
    return np.floor((2 * a / t + b) * (u - 0.5) + c), a / t**2 + b


def _poisson_attempt(mean: Floats, u: Floats, v: Floats) -> tuple[Floats, Kept]:
    """Propose a Poisson count and say whether it is kept (S4, PTRS)."""
    b = 0.931 + 2.53 * np.sqrt(mean)
    a = -0.059 + 0.02483 * b
    k, steepness = _proposal(a, b, mean + 0.43, u)
    possible = np.maximum(k, 0)
    log_pmf = possible * np.log(mean) - mean - _log_factorial(possible)
    scale = 1.1239 + 1.1328 / (b - 3.4)
    return k, (k >= 0) & (np.log(v * scale / steepness) <= log_pmf)


def _binomial_attempt(number: Floats, rare: Floats, u: Floats, v: Floats) -> tuple[Floats, Kept]:
    """Propose a binomial count, of a probability up to 1/2, and say whether it is kept (S4, BTRS)."""
    deviation = np.sqrt(number * rare * (1 - rare))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * rare
    k, steepness = _proposal(a, b, number * rare + 0.5, u)
    possible = np.clip(k, 0, number)
    mode = np.floor((number + 1) * rare)
    log_pmf_from_mode = (
        _log_factorial(mode)
        + _log_factorial(number - mode)
        - _log_factorial(possible)
        - _log_factorial(number - possible)
        + (possible - mode) * np.log(rare / (1 - rare))
    )
    scale = (2.83 + 5.1 / b) * deviation
    return k, (k == possible) & (np.log(v * scale / steepness) <= log_pmf_from_mode)


@dataclass(frozen=True, eq=False)
class Chance:
    """The random draws of some paths.

    Parameters
    ----------
    seed : int
        0 to 2^63 - 1; the same seed gives the same futures.
    paths : int64 [path], or [month, path]
        The identities of the paths, 0 or more; by month where a path takes over another's chance as it goes.
        A path's draws do not depend on the others here.

    Every method takes ``month``, ``purpose`` and ``index`` (which segment, hall or shock), each below 2^16,
    and gives float64 [path].

    Examples
    --------
    >>> few = Chance(seed=7, paths=np.arange(3)).poisson(0, Purpose.ORDERS, 0, mean=4.0)
    >>> many = Chance(seed=7, paths=np.arange(1000)).poisson(0, Purpose.ORDERS, 0, mean=4.0)
    >>> bool(np.all(few == many[:3]))
    True
    """

    seed: int
    paths: NDArray[np.int64]

    def uniforms(self, month: int, purpose: int, index: int, attempt: int = 0) -> tuple[Floats, Floats]:
        """Draw two independent uniforms a path, in (0, 1) without its ends (N1, N2, N4)."""
        whose = self.paths if self.paths.ndim == 1 else self.paths[month]
        paths = whose.astype(np.uint64)
        when = np.full_like(paths, month | attempt << 16)
        what = np.full_like(paths, purpose << 16 | index)
        key = self.seed & 0xFFFFFFFF, self.seed >> 32
        w0, w1, w2, w3 = philox4x32((paths & _WORD, paths >> _WORD_BITS, when, what), key)
        return _uniform(w0, w1), _uniform(w2, w3)

    def normals(self, month: int, purpose: int, index: int, attempt: int = 0) -> tuple[Floats, Floats]:
        """Draw two independent standard normals a path (S1)."""
        u, v = self.uniforms(month, purpose, index, attempt)
        quarter = np.rint(4 * v)
        angle = 2 * np.pi * (v - quarter / 4)
        turn = (np.array([1, 1j, -1, -1j]))[quarter.astype(np.int64) % 4]
        point = np.sqrt(-2 * np.log(u)) * (np.cos(angle) + 1j * np.sin(angle)) * turn
        return point.real, point.imag

    def poisson(self, month: int, purpose: int, index: int, mean: ArrayLike) -> Floats:
        """Draw a Poisson count a path; ``mean`` is 0 to 1e6, one number or [path] (S3, S4)."""
        means = self._each(mean)
        u, _ = self.uniforms(month, purpose, index)
        large = means >= INVERSION_BELOW
        small_means = np.where(large, 0.0, means)
        count = _by_inversion(np.exp(-small_means), 0.0, small_means, u)

        def attempt(some: Chance, which: NDArray[np.intp], number: int) -> tuple[Floats, Kept]:
            return _poisson_attempt(means[which], *some.uniforms(month, purpose, index, number))

        return self._first_kept(attempt, large, count)

    def binomial(
        self, month: int, purpose: int, index: int, number: ArrayLike, probability: ArrayLike
    ) -> Floats:
        """Draw a binomial count a path (S3, S4).

        Each of ``number`` trials, 0 to 1e6, is won with ``probability``, 0 to 1; each one value or [path].
        """
        trials, chances = self._each(number), self._each(probability)
        u, _ = self.uniforms(month, purpose, index)
        rare = np.minimum(chances, 1 - chances)
        large = trials * rare >= INVERSION_BELOW
        small_rare = np.where(large, 0.0, rare)
        odds = small_rare / (1 - small_rare)
        none = np.exp(trials * np.log1p(-small_rare))
        count = np.minimum(_by_inversion(none, -odds, (trials + 1) * odds, u), trials)

        def attempt(some: Chance, which: NDArray[np.intp], turn: int) -> tuple[Floats, Kept]:
            return _binomial_attempt(trials[which], rare[which], *some.uniforms(month, purpose, index, turn))

        count = self._first_kept(attempt, large, count)
        return np.where(chances > 0.5, trials - count, count)

    def gamma(self, month: int, purpose: int, index: int, shape: ArrayLike) -> Floats:
        """Draw a gamma variable of unit scale a path; ``shape`` is 0 or more, and 0 gives 0 (S2)."""
        shapes = self._each(shape)
        raised = np.where(shapes < 1, shapes + 1, shapes)

        def attempt(some: Chance, which: NDArray[np.intp], number: int) -> tuple[Floats, Kept]:
            x, _ = some.normals(month, purpose, index, 2 * number)
            u, _ = some.uniforms(month, purpose, index, 2 * number + 1)
            d = raised[which] - 1 / 3
            w = (1 + x / np.sqrt(9 * d)) ** 3
            log_w = np.log(np.where(w > 0, w, 1.0))
            return d * w, (w > 0) & (np.log(u) <= x**2 / 2 + d * (1 - w + log_w))

        value = self._first_kept(attempt, shapes > 0, np.zeros_like(shapes))
        _, spare = self.uniforms(month, purpose, index, 1)
        small = (shapes > 0) & (shapes < 1)
        exponent = np.log(spare) / np.where(small, shapes, 1.0)
        return np.where(small, value * np.exp(np.maximum(exponent, LEAST_EXPONENT)), value)

    def _each(self, quantity: ArrayLike) -> Floats:
        """Give every path its own value of the quantity."""
        return np.broadcast_to(np.asarray(quantity, dtype=np.float64), self.paths.shape[-1:])

    def _first_kept(
        self,
        attempt: Callable[["Chance", NDArray[np.intp], int], tuple[Floats, Kept]],
        wanted: Kept,
        otherwise: Floats,
    ) -> Floats:
        """Attempt 0, 1, 2, ... on the wanted paths until each has kept a value; the others keep theirs."""
        result = otherwise.copy()
        pending = np.flatnonzero(wanted)
        number = 0
        while pending.size:
            value, kept = attempt(Chance(self.seed, self.paths[..., pending]), pending, number)
            result[pending[kept]] = value[kept]
            pending = pending[~kept]
            number += 1
        return result
