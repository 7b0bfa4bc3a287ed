"""Month zero, by hand from the ledgers of tests/cases.py."""

from pathlib import Path

import numpy as np
import pytest
from tests.cases import CONTRACTS, MINIMAL, ORDERS, bent, write_case

from secondhall.case import read_case


def test_contracts_give_the_opening(tmp_path: Path) -> None:
    opening = read_case(write_case(tmp_path, files={"contracts.csv": CONTRACTS})).opening
    # c1 is full and out of term since 2025-11; c2 has taken 2 of 4 steps of 40 kW; c3 starts in 2026-03.
    assert opening.from_contracts
    assert opening.customers.tolist() == [2.0]
    assert opening.installed_units.tolist() == [120.0]
    assert opening.mrr.tolist() == [12000.0]
    assert opening.out_of_term_share.tolist() == [0.5]
    assert opening.sold_units.tolist() == [120.0]
    assert (opening.reserved_customers[0], opening.reserved_units[0], opening.reserved_mrr[0]) == (
        1,
        50,
        5000,
    )
    # c2's term of 36 months ends in 2028-10: free from month 34.
    assert np.flatnonzero(opening.unlocking[0]).tolist() == [34]
    assert opening.commencing_customers[0, :4].tolist() == [0, 0, 1, 0]
    assert opening.commencing_units[0, :4].tolist() == [10, 10, 30, 0]
    assert opening.commencing_mrr[0, :4].tolist() == [1000, 1000, 3000, 0]


def test_capacity_is_conserved(tmp_path: Path) -> None:
    opening = read_case(write_case(tmp_path, files={"contracts.csv": CONTRACTS})).opening
    total = opening.installed_units.sum() + opening.commencing_units.sum() + opening.reserved_units.sum()
    assert total == pytest.approx(100 + 40 + 30 + 50)


def test_an_end_before_the_start_takes_a_contract_out_and_a_known_end_frees_it(tmp_path: Path) -> None:
    text = bent(bent(CONTRACTS, "2023-11,24,,", "2023-11,24,2025-12,"), "2025-11,36,,", "2025-11,36,2026-05,")
    opening = read_case(write_case(tmp_path, files={"contracts.csv": text})).opening
    assert opening.customers.tolist() == [1.0]
    assert np.flatnonzero(opening.unlocking[0]).tolist() == [5]


def test_what_is_signed_in_or_after_the_first_month_is_not_known(tmp_path: Path) -> None:
    case = read_case(
        write_case(tmp_path, files={"contracts.csv": bent(CONTRACTS, "2025-12,2026-03", "2026-01,2026-03")})
    )
    assert case.opening.commencing_customers.sum() == 0
    assert any("signed in 2026-01 or later" in doubt.found for doubt in case.doubts)


def test_a_price_rises_once_a_whole_year(tmp_path: Path) -> None:
    text = bent(CONTRACTS, "2023-10,2023-11,24,,3,0", "2023-10,2023-11,24,,3,0.1")
    opening = read_case(write_case(tmp_path, files={"contracts.csv": text})).opening
    # 2023-11 to 2025-12 are two whole years and one month.
    assert opening.mrr[0] == pytest.approx(10000 * 1.1**2 + 2000)


def test_a_customer_with_two_contracts_counts_once(tmp_path: Path) -> None:
    opening = read_case(
        write_case(tmp_path, files={"contracts.csv": bent(CONTRACTS, "beta", "alpha")})
    ).opening
    assert opening.customers.tolist() == [1.0]
    assert opening.out_of_term_share.tolist() == [0.5]
    assert opening.unlocking.sum() == 0.5


def test_without_contracts_the_fields_speak_and_the_rest_comes_free_evenly(tmp_path: Path) -> None:
    opening = read_case(write_case(tmp_path)).opening
    assert not opening.from_contracts
    assert (opening.customers[0], opening.installed_units[0], opening.mrr[0]) == (100, 400, 60000)
    assert opening.unlocking[0, 1:25] == pytest.approx(np.full(24, 60 / 24))
    assert opening.unlocking.sum() == pytest.approx(100 * (1 - 0.4))


def test_orders_give_the_pipeline(tmp_path: Path) -> None:
    opening = read_case(write_case(tmp_path, files={"orders.csv": ORDERS})).opening
    assert opening.from_orders
    assert opening.pipeline_count[0, :4].tolist() == [0, 2, 0, 1]
    assert opening.pipeline_probability[0, 1] == pytest.approx((0.1 + 0.5) / 2)
    expected = opening.pipeline_count * opening.pipeline_probability * opening.pipeline_mean_units
    assert expected[0, :4] == pytest.approx([0, 0.1 * 10 + 0.5 * 30, 0, 0.9 * 20])


def test_the_case_may_set_the_probability_of_a_stage(tmp_path: Path) -> None:
    yaml = MINIMAL + "pipeline:\n  lead: {value: 0.2, because: x}\n"
    opening = read_case(write_case(tmp_path, yaml=yaml, files={"orders.csv": ORDERS})).opening
    assert opening.pipeline_probability[0, 1] == pytest.approx((0.2 + 0.5) / 2)


def test_an_overdue_order_is_expected_at_once(tmp_path: Path) -> None:
    text = bent(ORDERS, "2025-12,2026-04", "2025-11,2025-12")
    opening = read_case(write_case(tmp_path, files={"orders.csv": text})).opening
    assert opening.pipeline_count[0, 0] == 1
