"""The random draws of a company and nothing else: the floor under which no engine of these equations can go.

A call is one draw of one purpose in one month for a block of paths. The calls and their arguments are those
that a company has made; they are made again here one after the other, each sampler in its own short loop.
"""

from typing import Final, NamedTuple

import numpy as np

from secondhall.company.kernels.elementary import entry
from secondhall.company.kernels.philox import uniform_pairs
from secondhall.company.kernels.samplers import binomial, gamma, normal_pairs, poisson
from secondhall.company.layout import LANES, Floats, Integers

UNIFORMS: Final = 0
NORMALS: Final = 1
POISSON: Final = 2
GAMMA: Final = 3
BINOMIAL: Final = 4


class Calls(NamedTuple):
    """What is drawn, in order.

    Attributes
    ----------
    kind, month, purpose, which
        [call] ``which`` segment, hall or shock
    first, second
        [call] the row of ``arguments`` that holds a sampler's first and second argument.
    arguments
        [block, row, lane]; with fewer blocks than are played they come round again.
    """

    kind: Integers
    month: Integers
    purpose: Integers
    which: Integers
    first: Integers
    second: Integers
    arguments: Floats


@entry
def play_draws(seed: int, path0: int, blocks: int, calls: Calls, out: Floats) -> None:
    """Make every call for the paths path0 .. path0 + LANES blocks - 1.

    ``out`` [row, 2, lane] receives what is drawn; a call writes the row of its number, coming round again.
    """
    held, rows = calls.arguments.shape[0], out.shape[0]
    paths = np.empty(LANES, np.int64)
    for block in range(blocks):
        given = calls.arguments[block % held]
        for lane in range(LANES):
            paths[lane] = path0 + block * LANES + lane
        for c in range(calls.kind.size):
            kind, month, purpose, index = calls.kind[c], calls.month[c], calls.purpose[c], calls.which[c]
            first, second = out[c % rows, 0], out[c % rows, 1]
            if kind == UNIFORMS:
                uniform_pairs(seed, paths, month, purpose, index, 0, first, second)
            elif kind == NORMALS:
                normal_pairs(seed, paths, month, purpose, index, first, second)
            elif kind == POISSON:
                poisson(seed, paths, month, purpose, index, given[calls.first[c]], first)
            elif kind == GAMMA:
                gamma(seed, paths, month, purpose, index, given[calls.first[c]], first)
            else:
                number, probability = given[calls.first[c]], given[calls.second[c]]
                binomial(seed, paths, month, purpose, index, number, probability, first)
