"""Laws of the three-point quantile function."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from secondhall.case.values import Quantity

finite = st.floats(-1e6, 1e6)
gap = st.floats(1e-3, 1e6)
shares = st.floats(0.001, 0.999)
confidences = st.floats(0.55, 0.99)


@given(finite, gap, gap, confidences)
def test_low_mid_and_high_stand_at_their_probabilities(
    mid: float, below: float, above: float, c: float
) -> None:
    quantity = Quantity(mid=mid, low=mid - below, high=mid + above, confidence=c)
    # The inverse normal is good to about 1e-9 and its error is stretched by the skew's logarithm.
    tolerance = 1e-6 * (abs(mid) + below + above)
    for p, value in (((1 - c) / 2, mid - below), (0.5, mid), ((1 + c) / 2, mid + above)):
        assert quantity.quantile(p) == pytest.approx(value, abs=tolerance)


@given(finite, st.floats(0, 1e6), st.floats(0, 1e6), confidences, st.lists(shares, min_size=2, max_size=20))
def test_a_higher_probability_never_has_a_lower_quantile(
    mid: float, below: float, above: float, c: float, ps: list[float]
) -> None:
    quantity = Quantity(mid=mid, low=mid - below, high=mid + above, confidence=c)
    values = [quantity.quantile(p) for p in sorted(ps)]
    slack = 1e-9 * (abs(mid) + below + above)
    assert all(b >= a - slack for a, b in pairwise(values))


@given(finite, gap, gap, confidences, shares)
def test_the_mirrored_quantity_has_the_mirrored_quantile(
    mid: float, below: float, above: float, c: float, p: float
) -> None:
    quantity = Quantity(mid=mid, low=mid - below, high=mid + above, confidence=c)
    mirrored = Quantity(mid=-mid, low=-mid - above, high=-mid + below, confidence=c)
    value = quantity.quantile(p)
    assume(math.isfinite(value) and abs(value) < 1e12)
    scale = abs(mid) + below + above + abs(value)
    assert mirrored.quantile(1 - p) == pytest.approx(-value, abs=1e-6 * scale)


@given(finite, gap, confidences, shares)
def test_a_symmetric_quantity_is_normal(mid: float, half: float, c: float, p: float) -> None:
    quantity = Quantity(mid=mid, low=mid - half, high=mid + half, confidence=c)
    normal = mid + half * norm.ppf(p) / norm.ppf((1 + c) / 2)
    assert quantity.quantile(p) == pytest.approx(normal, abs=1e-6 * (abs(mid) + 10 * half))


@given(st.floats(0.1, 100), st.floats(1.1, 5), shares)
def test_a_geometric_quantity_is_lognormal(mid: float, ratio: float, p: float) -> None:
    """With low = mid / r and high = mid r, Myerson's function is exactly the lognormal of that interval."""
    quantity = Quantity(mid=mid, low=mid / ratio, high=mid * ratio, confidence=0.9)
    lognormal = mid * ratio ** (norm.ppf(p) / norm.ppf(0.95))
    assert quantity.quantile(p) == pytest.approx(lognormal, rel=1e-6)


@given(gap, gap, shares)
def test_quantiles_stay_inside_the_field(below: float, above: float, p: float) -> None:
    quantity = Quantity(mid=0.5, low=0.5 - below, high=0.5 + above, minimum=0.0, maximum=1.0)
    assert 0.0 <= quantity.quantile(p) <= 1.0


def test_an_array_gives_what_each_score_gives() -> None:
    quantity = Quantity(mid=3.0, low=2.0, high=7.0)
    scores = np.linspace(-3, 3, 13).reshape(1, 13)
    assert quantity.at_normal(scores).shape == (1, 13)
    assert quantity.at_normal(scores)[0].tolist() == [quantity.at_normal(float(score)) for score in scores[0]]


def test_a_known_number_is_the_same_at_every_probability() -> None:
    assert {Quantity(mid=2.5).quantile(p) for p in (0.01, 0.5, 0.99)} == {2.5}


@pytest.mark.parametrize(("low", "mid", "high"), [(1.0, 1.0, 2.0), (1.0, 2.0, 2.0), (1.0, 1.0, 1.0)])
def test_a_half_without_width_rests_at_mid(low: float, mid: float, high: float) -> None:
    quantity = Quantity(mid=mid, low=low, high=high)
    assert [quantity.quantile(p) for p in (0.05, 0.5, 0.95)] == pytest.approx([low, mid, high])
