"""The compiled samplers and the NumPy oracle give the same draws: counts equal, floats to 1e-12.

Rounding may part the twins only where a uniform falls within rounding of a step. The log probabilities of S4
agree to 1e-8 or better (a mean of 1e6 cancels terms of 1e7), those of S3 to 1e-14: of the 1e5 draws here
about 0.001 would differ.
"""

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from secondhall.company.chance import Chance, Purpose
from secondhall.company.kernels import samplers
from secondhall.company.kernels.philox import uniform_pairs
from secondhall.company.layout import LANES

SEED = 20010501
MONTH = 119
INDEX = 3
BLOCKS = 40
# the block that holds path 2^32 tells whether the high word of the path counts
FIRST_PATH = 2**32 - LANES // 2
PATHS = np.arange(FIRST_PATH, FIRST_PATH + BLOCKS * LANES, dtype=np.int64)
CHANCE = Chance(SEED, PATHS)

Floats = NDArray[np.float64]

POISSON_MEANS = [0.0, 1e-12, 0.01, 0.7, 5.0, 29.999, 30.0, 45.0, 1e3, 1e6]
GAMMA_SHAPES = [0.0, 1e-3, 0.05, 0.5, 0.999, 1.0, 1.5, 30.0, 1e6]
BINOMIAL_CASES = [
    (0, 0.0), (0, 1.0), (0, 0.3), (1, 0.5), (1, 1e-9), (7, 0.0), (7, 1.0), (12, 0.5), (40, 0.02), (40, 0.98),
    (40, 0.55), (60, 0.5), (99, 0.3), (100, 0.3), (101, 0.3), (1000, 0.7), (10**6, 1e-6), (10**6, 1e-3),
    (10**6, 0.55), (10**6, 0.5), (10**6, 1 - 1e-7),
]  # fmt: skip


def in_blocks(draw: Callable[..., None], purpose: Purpose, *arguments: Floats, outs: int = 1) -> list[Floats]:
    """Play a sampler over all the blocks, with its arguments [path] cut into blocks."""
    results = [np.empty(PATHS.size) for _ in range(outs)]
    for start in range(0, PATHS.size, LANES):
        cut = slice(start, start + LANES)
        draw(
            SEED,
            PATHS[cut],
            MONTH,
            purpose,
            INDEX,
            *(a[cut] for a in arguments),
            *(r[cut] for r in results),
        )
    return results


def mixed(values: list[float]) -> Floats:
    """The values in turn, so that every block holds lanes of every kind."""
    return np.resize(np.array(values, dtype=np.float64), PATHS.size)


def each_alone_and_mixed(values: list[float]) -> list[Floats]:
    return [np.full(PATHS.size, value) for value in values] + [mixed(values)]


@pytest.mark.parametrize("attempt", [0, 1, 2**16 - 1])
def test_R_uniforms_are_equal_to_the_last_bit(attempt: int) -> None:
    a, b = np.empty(LANES), np.empty(LANES)
    uniform_pairs(SEED, PATHS[:LANES], MONTH, Purpose.REGIME, INDEX, attempt, a, b)
    expected_a, expected_b = Chance(SEED, PATHS[:LANES]).uniforms(MONTH, Purpose.REGIME, INDEX, attempt)
    np.testing.assert_array_equal(a, expected_a)
    np.testing.assert_array_equal(b, expected_b)


def test_S1_normals_agree() -> None:
    drawn = in_blocks(samplers.normal_pairs, Purpose.INTENSITY, outs=2)
    for got, expected in zip(drawn, CHANCE.normals(MONTH, Purpose.INTENSITY, INDEX), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("shape", each_alone_and_mixed(GAMMA_SHAPES), ids=[*map(str, GAMMA_SHAPES), "mixed"])
def test_S2_gammas_agree(shape: Floats) -> None:
    (got,) = in_blocks(samplers.gamma, Purpose.ORDER_SIZE, shape)
    expected = CHANCE.gamma(MONTH, Purpose.ORDER_SIZE, INDEX, shape)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=0)
    assert np.all(got[shape == 0] == 0)
    assert np.all(got[shape > 0] > 0)


@pytest.mark.parametrize("mean", each_alone_and_mixed(POISSON_MEANS), ids=[*map(str, POISSON_MEANS), "mixed"])
def test_S3_S4_poissons_are_equal(mean: Floats) -> None:
    (got,) = in_blocks(samplers.poisson, Purpose.ORDERS, mean)
    np.testing.assert_array_equal(got, CHANCE.poisson(MONTH, Purpose.ORDERS, INDEX, mean))


@pytest.mark.parametrize("case", [*BINOMIAL_CASES, None], ids=[*map(str, BINOMIAL_CASES), "mixed"])
def test_S3_S4_binomials_are_equal(case: tuple[int, float] | None) -> None:
    cases = BINOMIAL_CASES if case is None else [case]
    number, probability = (mixed([float(value) for value in column]) for column in zip(*cases, strict=True))
    (got,) = in_blocks(samplers.binomial, Purpose.LEAVERS, number, probability)
    np.testing.assert_array_equal(got, CHANCE.binomial(MONTH, Purpose.LEAVERS, INDEX, number, probability))
    assert np.all((got >= 0) & (got <= number))
    assert np.all(got[probability == 0] == 0)
    assert np.all((got == number)[probability == 1])


def test_R_a_draw_does_not_depend_on_its_block() -> None:
    mean = mixed(POISSON_MEANS)
    (got,) = in_blocks(samplers.poisson, Purpose.ORDERS, mean)
    shifted = np.empty(LANES)
    some = slice(5, 5 + LANES)
    samplers.poisson(SEED, PATHS[some], MONTH, Purpose.ORDERS, INDEX, mean[some], shifted)
    np.testing.assert_array_equal(shifted, got[some])
    backwards = np.ascontiguousarray(PATHS[some][::-1])
    samplers.poisson(
        SEED, backwards, MONTH, Purpose.ORDERS, INDEX, np.ascontiguousarray(mean[some][::-1]), shifted
    )
    np.testing.assert_array_equal(shifted[::-1], got[some])


UNCOMPILED = """
import numpy as np
from secondhall.company.chance import Chance
from secondhall.company.kernels import samplers

out, other, paths = np.empty(64), np.empty(64), np.arange(64)
chance = Chance(5, paths)
means = np.resize([0.0, 0.5, 29.0, 40.0, 1e6], 64)
samplers.poisson(5, paths, 2, 4, 0, means, out)
np.testing.assert_array_equal(out, chance.poisson(2, 4, 0, means))
shapes = np.resize([0.0, 1e-3, 0.5, 1.0, 1e6], 64)
samplers.gamma(5, paths, 2, 5, 0, shapes, out)
np.testing.assert_allclose(out, chance.gamma(2, 5, 0, shapes), rtol=1e-12, atol=0)
numbers, probabilities = np.resize([0.0, 9.0, 1e6], 64), np.resize([0.0, 1e-6, 0.5, 0.9, 1.0], 64)
samplers.binomial(5, paths, 2, 6, 0, numbers, probabilities, out)
np.testing.assert_array_equal(out, chance.binomial(2, 6, 0, numbers, probabilities))
samplers.normal_pairs(5, paths, 2, 2, 0, out, other)
np.testing.assert_allclose([out, other], chance.normals(2, 2, 0), rtol=1e-12, atol=0)
"""


def test_R_S_the_same_source_runs_uncompiled_and_warns_of_nothing() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", UNCOMPILED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
