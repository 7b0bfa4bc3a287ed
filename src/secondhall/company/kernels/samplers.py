"""Normal, gamma, Poisson and binomial draws for a block of LANES paths, all by exact methods.

    (S1)  normal    a, b = sqrt(-2 log u) (cos 2 pi v, sin 2 pi v)                   Box and Muller 1958
    (S2)  gamma     d w with d = s - 1/3, w = (1 + x / sqrt(9 d))^3, x normal; kept when
                    log u <= x^2/2 + d (1 - w + log w); for s < 1: gamma(s + 1) u^(1/s)
                                                                               Marsaglia and Tsang 2000
    (S3)  counts of a small mean: the number of sums p_0 + ... + p_k below u, with
                    p_k = p_(k-1) (alpha + beta / k)                                 Panjer 1981
    (S4)  counts of a large mean: k = floor((2 a / t + b) (u - 1/2) + c), t = 1/2 - |u - 1/2|; kept when
                    log(v A t^2 / (a + b t^2)) <= log f(k)                           Hormann 1993: PTRS, BTRS
    (S5)  log k!  = (k + 1/2) log(k + 1) - (k + 1) + log(2 pi)/2 + J(k)

The squeezes of the papers only spare a test that lanes make together anyway, so they are left out.
Every lane makes the first attempt; the few that are refused go on alone, with the next attempt's random
numbers. A draw depends on its own path's arguments and on nothing else in its block.

Sources: Box and Muller, Ann. Math. Stat. 29 (1958); Marsaglia and Tsang, ACM TOMS 26 (2000) 363; Panjer,
ASTIN Bulletin 12 (1981) 22; Hormann, Insurance: Mathematics and Economics 12 (1993) 39 (PTRS) and J. Stat.
Comput. Simul. 46 (1993) 101 (BTRS).
"""

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from secondhall.company.chance import INVERSION_BELOW, LAST_COUNT
from secondhall.company.kernels.elementary import entry, exp_, inlined, kernel, log_, sincos_
from secondhall.company.kernels.philox import uniform_pair, uniform_pairs
from secondhall.company.layout import LANES, Integers

_REFUSED: Final = -1.0
_SETTLED: Final = -1.0
_HALF_LOG_TWO_PI: Final = 0.9189385332046727
_TINY: Final = 1e-300


@inlined
def stirling_excess(k: float) -> float:
    """Give J(k) of S5 for whole k >= 0, within 1e-12, by a polynomial through Chebyshev nodes."""
    w = 1.0 / (k + 1.5)
    q = 6.569461027867788e-05
    q = q * w - 6.800675591332125e-05
    q = q * w + 0.0005343384230067253
    q = q * w - 0.0007399307627325711
    q = q * w + 0.0014523853142991033
    q = q * w + 0.001028130221435661
    q = q * w + 0.0018479439985019915
    q = q * w + 0.006248950178990942
    q = q * w + 0.018055600256440738
    q = q * w + 0.041666665923519426
    q = q * w + 0.08333333333537958
    return q * w


@inlined
def poisson_log_pmf(k: float, mean: float) -> float:
    """Give the log of mean^k e^-mean / k!, with S5 put in so that no two large terms are left to cancel."""
    above = k + 1.0
    spread = (k + 0.5) * log_(above / mean) + 0.5 * log_(mean)
    return (above - mean) - spread - _HALF_LOG_TWO_PI - stirling_excess(k)


@inlined
def binomial_log_pmf_from(m: float, k: float, number: float, odds: float) -> float:
    """Give the log of P(k) / P(m) among number trials with success odds p / (1 - p) (S5)."""
    rest_m = number - m + 1.0
    rest_k = number - k + 1.0
    return (
        (k + 0.5) * log_((m + 1.0) / (k + 1.0))
        + (number - k + 0.5) * log_(rest_m / rest_k)
        + (k - m) * log_(odds * rest_m / (m + 1.0))
        + (stirling_excess(m) + stirling_excess(number - m))
        - (stirling_excess(k) + stirling_excess(number - k))
    )


@inlined
def _normal_pair(u: float, v: float) -> tuple[float, float]:
    """Make two independent standard normals from two uniforms (S1)."""
    radius = sqrt(-2.0 * log_(u))
    sine, cosine = sincos_(v)
    return radius * cosine, radius * sine


@entry
def normal_pairs(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    out_a: NDArray[np.float64],
    out_b: NDArray[np.float64],
) -> None:
    """Draw two independent standard normals a path, into ``out_a`` and ``out_b``, float64 [lane] (S1)."""
    for lane in range(LANES):
        u, v = uniform_pair(seed, paths[lane], month, purpose, index, 0)
        out_a[lane], out_b[lane] = _normal_pair(u, v)


@inlined
def _gamma_attempt(
    seed: int, path: int, month: int, purpose: int, index: int, attempt: int, shape: float
) -> float:
    """Draw a gamma variable of shape >= 1, or _REFUSED (S2), with counters 2 attempt and 2 attempt + 1."""
    u, v = uniform_pair(seed, path, month, purpose, index, 2 * attempt)
    x, _ = _normal_pair(u, v)
    d = shape - 1.0 / 3.0
    root = 1.0 + x / sqrt(9.0 * d)
    w = root * root * root
    u, _ = uniform_pair(seed, path, month, purpose, index, 2 * attempt + 1)
    kept = log_(u) <= 0.5 * x * x + d * (1.0 - w + log_(max(w, _TINY)))
    return d * w if kept & (w > 0.0) else _REFUSED


@kernel
def _gamma_retry(seed: int, path: int, month: int, purpose: int, index: int, shape: float) -> float:
    """Draw the first gamma variable kept from attempt 1 on."""
    value = _REFUSED
    attempt = 0
    while value < 0.0:
        attempt += 1
        value = _gamma_attempt(seed, path, month, purpose, index, attempt, shape)
    return value


@kernel
def _shrink_small_shapes(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    shape: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Turn gamma(shape + 1) into gamma(shape) where shape < 1 (S2), with the spare uniform of attempt 1."""
    for lane in range(LANES):
        _, u = uniform_pair(seed, paths[lane], month, purpose, index, 1)
        positive = max(shape[lane], _TINY)
        factor = exp_(log_(u) / positive)
        out[lane] *= factor if shape[lane] < 1.0 else 1.0


@entry
def gamma(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    shape: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Draw a gamma variable of unit scale for each path, into ``out``, float64 [lane] (S2).

    ``shape`` [lane] is 0 or more; shape 0 gives 0. A factor u^(1/shape) below e^-708 is held there.
    """
    small = 0
    for lane in range(LANES):
        raised = shape[lane] if shape[lane] >= 1.0 else shape[lane] + 1.0
        small += (shape[lane] > 0.0) & (shape[lane] < 1.0)
        attempt = _gamma_attempt(seed, paths[lane], month, purpose, index, 0, raised)
        out[lane] = attempt if shape[lane] > 0.0 else 0.0
    for lane in range(LANES):
        if out[lane] < 0.0:
            raised = shape[lane] if shape[lane] >= 1.0 else shape[lane] + 1.0
            out[lane] = _gamma_retry(seed, paths[lane], month, purpose, index, raised)
    if small > 0:
        _shrink_small_shapes(seed, paths, month, purpose, index, shape, out)


@kernel
def _count_by_inversion(
    probability: NDArray[np.float64],
    alpha: NDArray[np.float64],
    beta: NDArray[np.float64],
    above: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Count the sums of probabilities below a uniform (S3); all arrays float64 [lane].

    ``probability`` holds p_0 and ``above`` holds u - p_0; both are used up. A lane with above <= 0 counts 0.
    """
    pending = 0
    for lane in range(LANES):
        out[lane] = 0.0
        pending += above[lane] > 0.0
    k = 0
    while (pending > 0) and (k < LAST_COUNT):
        k += 1
        inverse = 1.0 / k
        pending = 0
        for lane in range(LANES):
            out[lane] += 1.0 if above[lane] > 0.0 else 0.0
            probability[lane] *= alpha[lane] + beta[lane] * inverse
            above[lane] -= probability[lane]
            pending += above[lane] > 0.0


@inlined
def _proposal(a: float, b: float, c: float, u: float) -> tuple[float, float]:
    """Propose a count from a uniform, and give t^2 / (a + b t^2) there (S4)."""
    centred = u - 0.5
    t = 0.5 - abs(centred)
    return np.floor((2.0 * a / t + b) * centred + c), t * t / (a + b * t * t)


@inlined
def _poisson_attempt(mean: float, u: float, v: float) -> float:
    """Draw a Poisson variable of mean >= 10, or _REFUSED (S4, PTRS)."""
    b = 0.931 + 2.53 * sqrt(mean)
    a = -0.059 + 0.02483 * b
    k, slope = _proposal(a, b, mean + 0.43, u)
    possible = max(k, 0.0)
    kept = log_(v * (1.1239 + 1.1328 / (b - 3.4)) * slope) <= poisson_log_pmf(possible, mean)
    return k if kept & (k >= 0.0) else _REFUSED


@kernel
def _poisson_retry(seed: int, path: int, month: int, purpose: int, index: int, mean: float) -> float:
    """Draw the first Poisson variable kept from attempt 1 on."""
    count = _REFUSED
    attempt = 0
    while count < 0.0:
        attempt += 1
        u, v = uniform_pair(seed, path, month, purpose, index, attempt)
        count = _poisson_attempt(mean, u, v)
    return count


@entry
def poisson(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    mean: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Draw a Poisson count a path, into ``out``, float64 [lane] (S3, S4); ``mean`` [lane] is 0 to 1e6."""
    u = np.empty(LANES)
    v = np.empty(LANES)
    uniform_pairs(seed, paths, month, purpose, index, 0, u, v)
    probability = np.empty(LANES)
    above = np.empty(LANES)
    alpha = np.zeros(LANES)
    large = 0
    for lane in range(LANES):
        none = exp_(-mean[lane])
        is_large = mean[lane] >= INVERSION_BELOW
        large += is_large
        probability[lane] = 0.0 if is_large else none
        above[lane] = _SETTLED if is_large else u[lane] - none
    _count_by_inversion(probability, alpha, mean, above, out)
    if large > 0:
        for lane in range(LANES):
            is_large = mean[lane] >= INVERSION_BELOW
            attempt = _poisson_attempt(mean[lane] if is_large else INVERSION_BELOW, u[lane], v[lane])
            out[lane] = attempt if is_large else out[lane]
        for lane in range(LANES):
            if out[lane] < 0.0:
                out[lane] = _poisson_retry(seed, paths[lane], month, purpose, index, mean[lane])


@inlined
def _binomial_attempt(number: float, rare: float, u: float, v: float) -> float:
    """Draw a binomial variable of probability rare <= 1/2 and mean >= 10, or _REFUSED (S4, BTRS)."""
    mean = number * rare
    deviation = sqrt(mean * (1.0 - rare))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * rare
    k, slope = _proposal(a, b, mean + 0.5, u)
    possible = min(max(k, 0.0), number)
    mode = np.floor(mean + rare)
    odds = rare / (1.0 - rare)
    relative = binomial_log_pmf_from(mode, possible, number, odds)
    kept = log_(v * (2.83 + 5.1 / b) * deviation * slope) <= relative
    return k if kept & (k == possible) else _REFUSED


@kernel
def _binomial_retry(
    seed: int, path: int, month: int, purpose: int, index: int, number: float, rare: float
) -> float:
    """Draw the first binomial variable kept from attempt 1 on."""
    count = _REFUSED
    attempt = 0
    while count < 0.0:
        attempt += 1
        u, v = uniform_pair(seed, path, month, purpose, index, attempt)
        count = _binomial_attempt(number, rare, u, v)
    return count


@inlined
def _rarer(probability: float) -> float:
    """Give the probability of the rarer of success and failure."""
    return 1.0 - probability if probability > 0.5 else probability


@kernel
def _binomial_by_inversion(
    number: NDArray[np.float64],
    probability: NDArray[np.float64],
    u: NDArray[np.float64],
    out: NDArray[np.float64],
) -> int:
    """Count the rarer outcome where its mean is small (S3), and return how many lanes have a large one."""
    none = np.empty(LANES)
    alpha = np.empty(LANES)
    beta = np.empty(LANES)
    above = np.empty(LANES)
    large = 0
    for lane in range(LANES):
        rare = _rarer(probability[lane])
        common = 1.0 - rare
        odds = rare / common
        # log(1 - rare), with what the rounding of 1 - rare took away
        no_success = exp_(number[lane] * (log_(common) + ((1.0 - common) - rare)))
        alpha[lane] = -odds
        beta[lane] = (number[lane] + 1.0) * odds
        is_large = number[lane] * rare >= INVERSION_BELOW
        large += is_large
        none[lane] = 0.0 if is_large else no_success
        above[lane] = _SETTLED if is_large else u[lane] - no_success
    _count_by_inversion(none, alpha, beta, above, out)
    for lane in range(LANES):
        out[lane] = min(out[lane], number[lane])
    return large


@entry
def binomial(
    seed: int,
    paths: Integers,
    month: int,
    purpose: int,
    index: int,
    number: NDArray[np.float64],
    probability: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Draw a binomial count for each path, into ``out``, float64 [lane] (S3, S4).

    ``number`` [lane] holds whole numbers of trials, 0 to 1e6, and ``probability`` [lane] lies in [0, 1].
    """
    u = np.empty(LANES)
    v = np.empty(LANES)
    uniform_pairs(seed, paths, month, purpose, index, 0, u, v)
    large = _binomial_by_inversion(number, probability, u, out)
    if large > 0:
        for lane in range(LANES):
            rare = _rarer(probability[lane])
            is_large = number[lane] * rare >= INVERSION_BELOW
            attempt = _binomial_attempt(
                number[lane] if is_large else 2.0 * INVERSION_BELOW,
                rare if is_large else 0.5,
                u[lane],
                v[lane],
            )
            out[lane] = attempt if is_large else out[lane]
        for lane in range(LANES):
            if out[lane] < 0.0:
                rare = _rarer(probability[lane])
                out[lane] = _binomial_retry(seed, paths[lane], month, purpose, index, number[lane], rare)
    for lane in range(LANES):
        if probability[lane] > 0.5:
            out[lane] = number[lane] - out[lane]
