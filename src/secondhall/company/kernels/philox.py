"""Philox4x32-10: random numbers that are a function of where they are used, in lanes and one at a time.

    (N1)  key     = (seed low 32 bits, seed high 32 bits)
    (N2)  counter = (path low 32, path high 32, month | attempt << 16, purpose << 16 | index)
    (N3)  ten times: (c0, c1, c2, c3) <- (high(m1 c2) ^ c1 ^ k0, low(m1 c2), high(m0 c0) ^ c3 ^ k1,
          low(m0 c0)), then the key grows by (w0, w1)
    (N4)  a uniform = (2 w + 1) / 2^53, where w is the 52 leading bits of two output words: never 0, never 1

Month, attempt, purpose and index are below 2^16, a path below 2^63, a seed below 2^63.
32-bit words are kept in 64-bit lanes, since the product of two of them needs 64.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from secondhall.company.kernels.elementary import entry, inlined
from secondhall.company.layout import LANES, Integers

_M0: Final = np.uint64(0xD2511F53)
_M1: Final = np.uint64(0xCD9E8D57)
_W0: Final = np.uint64(0x9E3779B9)
_W1: Final = np.uint64(0xBB67AE85)
_WORD: Final = np.uint64(0xFFFFFFFF)
_WORD_BITS: Final = np.uint64(32)
_HALF_WORD_BITS: Final = np.uint64(16)
_HIGH_SHIFT: Final = np.uint64(20)
_LOW_SHIFT: Final = np.uint64(12)
_ONE_BITS: Final = np.uint64(0x3FF0000000000000)
_ONE_LESS_HALF_STEP: Final = 1.0 - 2.0**-53


@inlined
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Make four random words from four counter words and two key words, all below 2^32 (N3)."""
    for _ in range(10):
        product0 = _M0 * c0
        product1 = _M1 * c2
        c0 = (product1 >> _WORD_BITS) ^ c1 ^ k0
        c1 = product1 & _WORD
        c2 = (product0 >> _WORD_BITS) ^ c3 ^ k1
        c3 = product0 & _WORD
        k0 = (k0 + _W0) & _WORD
        k1 = (k1 + _W1) & _WORD
    return c0, c1, c2, c3


@inlined
def uniform_from_words(high: np.uint64, low: np.uint64) -> float:
    """Make a double in (0, 1) from two random words (N4); every step is exact."""
    bits = (high << _HIGH_SHIFT) | (low >> _LOW_SHIFT) | _ONE_BITS
    return np.uint64(bits).view(np.float64) - _ONE_LESS_HALF_STEP


@inlined
def uniform_pair(
    seed: int, path: int, month: int, purpose: int, index: int, attempt: int
) -> tuple[float, float]:
    """Draw two independent uniforms in (0, 1) for one path (N1, N2)."""
    key = np.uint64(seed)
    lane = np.uint64(path)
    w0, w1, w2, w3 = philox4x32(
        lane & _WORD,
        lane >> _WORD_BITS,
        np.uint64(month) | (np.uint64(attempt) << _HALF_WORD_BITS),
        (np.uint64(purpose) << _HALF_WORD_BITS) | np.uint64(index),
        key & _WORD,
        key >> _WORD_BITS,
    )
    return uniform_from_words(w0, w1), uniform_from_words(w2, w3)


@entry
def uniform_pairs(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    attempt: int,
    out_a: NDArray[np.float64],
    out_b: NDArray[np.float64],
) -> None:
    """Draw two independent uniforms in (0, 1) a path; ``paths`` [lane] says which.

    ``out_a`` and ``out_b``, float64 [lane], receive them.
    """
    for lane in range(LANES):
        out_a[lane], out_b[lane] = uniform_pair(seed, paths[lane], month, purpose, index, attempt)
