"""What a case states of a price beside what the contracts say of it."""

from __future__ import annotations

import numpy as np
import pytest

from secondhall.belief.ledger.demand import with_statements
from secondhall.case import Quantity

STATED = Quantity(mid=200.0, low=180.0, high=200.0**2 / 180.0, confidence=0.9)
"""Normal in the logarithm, with half of its width on either side."""
DEVIATION = np.log(200.0 / 180.0) / 1.6448536269514722


def test_statement_and_contracts_weigh_by_their_precision() -> None:
    covariance = np.array([[0.01, 0.004], [0.004, 0.02]])
    mean = np.log([150.0, 260.0])
    found, left = with_statements(mean, covariance, [STATED, STATED])
    precision = np.linalg.inv(covariance)
    stated = np.eye(2) / DEVIATION**2
    expected = np.linalg.inv(precision + stated)
    assert left == pytest.approx(expected, rel=1e-12)
    assert found == pytest.approx(expected @ (precision @ mean + stated @ np.log([200.0, 200.0])), rel=1e-12)


def test_one_number_says_nothing_and_the_other_price_moves_with_its_neighbour() -> None:
    covariance = np.array([[0.01, 0.009], [0.009, 0.01]])
    mean = np.log([150.0, 150.0])
    found, left = with_statements(mean, covariance, [STATED, Quantity(mid=999.0)])
    assert found[0] > mean[0]
    assert found[1] - mean[1] == pytest.approx(0.9 * (found[0] - mean[0]), rel=1e-4)
    assert (np.diag(left) < np.diag(covariance)).all()
    same, _ = with_statements(mean, covariance, [Quantity(mid=999.0)] * 2)
    assert same == pytest.approx(mean, rel=1e-6)
