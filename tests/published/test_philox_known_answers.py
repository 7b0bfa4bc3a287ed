"""Philox4x32-10 against the known answers published with Random123 (file kat_vectors)."""

import numpy as np
import pytest

from secondhall.company import chance
from secondhall.company.kernels import philox

KNOWN_ANSWERS = [
    pytest.param(
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        id="zeros",
    ),
    pytest.param(
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
        id="ones",
    ),
    pytest.param(
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
        id="pi",
    ),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_R3_kernel_gives_the_known_answer(counter: str, key: str, answer: str) -> None:
    given = [np.uint64(word) for word in words(counter) + words(key)]
    assert [int(word) for word in philox.philox4x32(*given)] == words(answer)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_R3_oracle_gives_the_known_answer(counter: str, key: str, answer: str) -> None:
    c0, c1, c2, c3 = (np.array([word], dtype=np.uint64) for word in words(counter))
    k0, k1 = words(key)
    assert [int(word[0]) for word in chance.philox4x32((c0, c1, c2, c3), (k0, k1))] == words(answer)


def test_R1_R2_seed_and_path_fill_key_and_counter_in_their_published_order() -> None:
    seed, path = 0x299F31D0A4093822, 0x05A308D3243F6A88
    month, attempt, purpose, index = 0x8A2E, 0x1319, 0x0370, 0x7344
    counter = [np.uint64(word) for word in (0x243F6A88, 0x05A308D3, 0x13198A2E, 0x03707344)]
    w0, w1, w2, w3 = philox.philox4x32(*counter, np.uint64(0xA4093822), np.uint64(0x299F31D0))
    expected = (philox.uniform_from_words(w0, w1), philox.uniform_from_words(w2, w3))
    assert philox.uniform_pair(seed, path, month, purpose, index, attempt) == expected
    a, b = chance.Chance(seed, np.array([path])).uniforms(month, purpose, index, attempt)
    assert (a[0], b[0]) == expected


def test_R4_uniform_is_exact_and_open_at_both_ends() -> None:
    zero, ones = np.uint64(0), np.uint64(0xFFFFFFFF)
    assert philox.uniform_from_words(zero, zero) == 2.0**-53
    assert philox.uniform_from_words(ones, ones) == 1.0 - 2.0**-53
    assert philox.uniform_from_words(np.uint64(0x80000000), zero) == 0.5 + 2.0**-53
