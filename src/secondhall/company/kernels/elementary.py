"""exp, log and sin/cos as polynomials, and the decorators that compile every kernel.

Numba calls the C library for these functions, one lane at a time, and then the loop around the call is not
vectorised. Written as branch-free polynomials and inlined, the whole loop is.

    (E1)  exp x = 2^n exp r,              n = round(x / ln 2),  r = x - n ln 2
    (E2)  log x = n ln 2 + log m,         x = 2^n m,            sqrt(1/2) <= m < sqrt(2)
    (E3)  sin, cos of 2 pi u = those of 2 pi (u - q/4), swapped and signed by the quarter q = round(4 u)

The splitting of ln 2 into two parts and the polynomials of E2 and E3 are those of fdlibm (Sun Microsystems,
1993: e_log.c, k_sin.c, k_cos.c); the polynomial of E1 interpolates (exp r - 1 - r) / r^2 at Chebyshev nodes.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np

from secondhall.company.chance import LEAST_EXPONENT
from secondhall.company.layout import LANES
from secondhall.company.warm import compiled_folder

EACH: Final = np.uint64(LANES)
"""The end of a loop over lanes; unsigned, so that no index needs a check for being counted from the end."""

_F = TypeVar("_F", bound=Callable[..., Any])

# Full fastmath was slower, and it takes away the checks for NaN.
_FASTMATH: Final = {"contract", "nsz", "arcp"}


def _compiled(function: _F, *, cached: bool = True, **options: Any) -> _F:
    """Compile with the options that all kernels share; the cache lies in the folder of these sources."""
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, str(compiled_folder())
    try:
        made = numba.njit(error_model="numpy", fastmath=_FASTMATH, cache=cached, **options)(function)
    finally:
        config.CACHE_DIR = before
    return cast(_F, made)


def inlined(function: _F) -> _F:
    """Compile a small helper that is always inlined, so that the loop of its caller vectorises."""
    return _compiled(function, cached=False, forceinline=True)


def kernel(function: _F) -> _F:
    """Compile a function that other kernels call: no door for Python, no GIL."""
    return _compiled(function, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=True)


def phase(function: _F) -> _F:
    """Compile a kernel that allocates nothing, so that it counts no references to the views it takes."""
    return _compiled(function, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)


def part(function: _F) -> _F:
    """Compile a piece of a phase into its caller: one compilation for many small functions."""
    return _compiled(function, cached=False, inline="always", nogil=True, _nrt=False)


def entry(function: _F) -> _F:
    """Compile a kernel that Python calls."""
    return _compiled(function, nogil=True, _nrt=True)


_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOG2_E: Final = 1.4426950408889634
_EXP_HIGHEST: Final = 709.0

# Adding 1.5 * 2^52 rounds to a whole number, which then stands in the low bits of the sum.
_ROUNDER: Final = 6755399441055744.0
_ROUNDER_BITS: Final = np.int64(0x4338000000000000)
_MANTISSA_BITS: Final = np.int64(52)
_ONE_BITS: Final = np.int64(0x3FF0000000000000)
_SQRT_HALF_BITS: Final = np.int64(0x3FE6A09E667F3BCD)

_TWO_PI: Final = 6.283185307179586


@inlined
def exp_(x: float) -> float:
    """Give e^x, within 1.25 ulp for -708 <= x <= 709; beyond these x is held at the nearer of them (E1).

    It neither overflows nor underflows, and NaN stays NaN.
    """
    x = min(max(x, LEAST_EXPONENT), _EXP_HIGHEST)
    shifted = x * _LOG2_E + _ROUNDER
    whole = shifted - _ROUNDER
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    q = 2.5100472505694976e-08
    q = q * r + 2.7620201591031526e-07
    q = q * r + 2.7557268276905696e-06
    q = q * r + 2.4801521057868204e-05
    q = q * r + 0.00019841269863171557
    q = q * r + 0.0013888888917367081
    q = q * r + 0.008333333333330039
    q = q * r + 0.041666666666623824
    q = q * r + 0.16666666666666669
    q = q * r + 0.5
    power = (np.float64(shifted).view(np.int64) << _MANTISSA_BITS) + _ONE_BITS
    return (1.0 + (r + r * r * q)) * np.int64(power).view(np.float64)


@inlined
def log_(x: float) -> float:
    """Give the natural logarithm, within 1 ulp for every normal positive x, 2.3e-308 to 1.7e308 (E2).

    At 0 it gives a number near -709, not minus infinity; below 0 its value means nothing.
    """
    bits = np.float64(x).view(np.int64)
    exponent = (bits - _SQRT_HALF_BITS) >> _MANTISSA_BITS
    whole = np.int64(exponent + _ROUNDER_BITS).view(np.float64) - _ROUNDER
    f = np.int64(bits - (exponent << _MANTISSA_BITS)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    q = 1.479819860511658591e-01
    q = q * z + 1.531383769920937332e-01
    q = q * z + 1.818357216161805012e-01
    q = q * z + 2.222219843214978396e-01
    q = q * z + 2.857142874366239149e-01
    q = q * z + 3.999999999940941908e-01
    q = q * z + 6.666666666666735130e-01
    half_square = 0.5 * f * f
    return whole * _LN2_HIGH - ((half_square - (s * (half_square + z * q) + whole * _LN2_LOW)) - f)


@inlined
def sincos_(u: float) -> tuple[float, float]:
    """Give (sin 2 pi u, cos 2 pi u), each within 2 ulp for 0 <= u <= 1 (E3)."""
    shifted = 4.0 * u + _ROUNDER
    angle = (u - 0.25 * (shifted - _ROUNDER)) * _TWO_PI
    z = angle * angle
    p = 1.58969099521155010221e-10
    p = p * z - 2.50507602534068634195e-08
    p = p * z + 2.75573137070700676789e-06
    p = p * z - 1.98412698298579493134e-04
    p = p * z + 8.33333333332248946124e-03
    p = p * z - 1.66666666666666324348e-01
    sine = angle + angle * z * p
    q = -1.13596475577881948265e-11
    q = q * z + 2.08757232129817482790e-09
    q = q * z - 2.75573143513906633035e-07
    q = q * z + 2.48015872894767294178e-05
    q = q * z - 1.38888888888741095749e-03
    q = q * z + 4.16666666666666019037e-02
    cosine = 1.0 - (0.5 * z - z * z * q)
    quarter = np.float64(shifted).view(np.int64)
    swapped = (quarter & np.int64(1)) != 0
    first = cosine if swapped else sine
    second = sine if swapped else cosine
    return (
        -first if (quarter & np.int64(2)) != 0 else first,
        -second if ((quarter + np.int64(1)) & np.int64(2)) != 0 else second,
    )
