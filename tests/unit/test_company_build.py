"""From a case to parameters: the statement (A1), the halls, what the case leaves to be derived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.cases import ACCOUNTS, MINIMAL, bent, write_case

from secondhall.belief import Prior
from secondhall.case import Case, Quantity, read_case
from secondhall.company import known_parameters, slots_of
from secondhall.company.build import build
from secondhall.company.layout import BUILDING, CLOSED, MOTHBALLED, NEVER, OPEN, UNCOMMITTED
from secondhall.company.month_zero import month_zero
from secondhall.decide.reconcile import reconcile

PRICE = "segments.retail.list_price_per_unit_month"
PATHS = np.arange(200)


def case_of(folder: Path, *bends: tuple[str, str], **files: str) -> Case:
    yaml = MINIMAL
    for old, new in bends:
        yaml = bent(yaml, old, new)
    named = {f"{name}.csv": content for name, content in files.items()}
    return read_case(write_case(folder, yaml=yaml, files=named))


@dataclass
class Scored:
    """One field, or every one, at some scores; the others at 0."""

    name: str | None
    scores: np.ndarray

    @property
    def paths(self) -> int:
        return self.scores.size

    def of(self, name: str, quantity: Quantity) -> np.ndarray:
        return quantity.at_normal(self.scores if self.name in (None, name) else np.zeros(self.paths))


def scored(case: Case, name: str, *scores: float) -> np.ndarray:
    """Return the list price when one field is drawn at some scores and all others at 0."""

    return build(case, Scored(name, np.array(scores))).segment.list_price[0]


def test_A1_a_score_of_zero_is_the_mid_and_the_ends_hold_their_confidence(tmp_path: Path) -> None:
    z = 1.6448536269514722  # 130 to 180 holds the truth with 90 %
    np.testing.assert_allclose(
        scored(case_of(tmp_path), PRICE, -z, 0.0, z), [130.0, 150.0, 180.0], rtol=1e-12
    )


def test_a_field_is_moved_by_its_own_score_only(tmp_path: Path) -> None:
    other = "segments.retail.churn_monthly.bust"
    np.testing.assert_array_equal(scored(case_of(tmp_path), other, -2.0, 2.0), [150.0, 150.0])


def test_A1_only_the_regime_that_is_uncertain_moves(tmp_path: Path) -> None:
    p = build(case_of(tmp_path), Scored(None, np.array([-1.0, 1.0])))
    churn = p.segment_regime.churn[0]
    assert churn[0].tolist() == [0.005, 0.005]
    assert churn[1].tolist() == [0.01, 0.01]
    assert churn[2, 0] < 0.02 < churn[2, 1]


def test_what_a_rule_knows_is_the_mid_of_everything(tmp_path: Path) -> None:
    p = known_parameters(case_of(tmp_path))
    assert p.paths == 1
    assert p.segment.list_price[0, 0] == 150.0
    assert p.segment_regime.churn[0, 2, 0] == 0.02


def test_a_path_keeps_its_numbers_whatever_else_the_case_holds(tmp_path: Path) -> None:
    plain = case_of(tmp_path / "plain")
    more = case_of(
        tmp_path / "more",
        ("order_size_units: {value: 4,", "order_size_units: {low: 2, mid: 4, high: 9,"),
        ("overhead_monthly: {value: 12000,", "overhead_monthly: {low: 9000, mid: 12000, high: 20000,"),
    )
    first, second = Prior(plain).parameters(7, PATHS), Prior(more).parameters(7, PATHS)
    np.testing.assert_array_equal(first.segment.list_price, second.segment.list_price)
    np.testing.assert_array_equal(first.segment_regime.churn, second.segment_regime.churn)
    assert np.ptp(first.firm.overhead) == 0.0
    assert np.ptp(second.firm.overhead) > 0.0


def test_a_path_keeps_its_numbers_whichever_paths_it_is_drawn_with(tmp_path: Path) -> None:
    belief = Prior(case_of(tmp_path))
    alone = belief.parameters(7, np.array([137])).segment.list_price[0, 0]
    assert alone == belief.parameters(7, PATHS).segment.list_price[0, 137]
    assert alone != belief.parameters(8, np.array([137])).segment.list_price[0, 0]


def test_two_fields_are_drawn_apart_from_each_other(tmp_path: Path) -> None:
    paths = 4000
    p = Prior(case_of(tmp_path)).parameters(7, np.arange(paths))
    price, churn = (
        np.argsort(np.argsort(row)) for row in (p.segment.list_price[0], p.segment_regime.churn[0, 2])
    )
    # The rank correlation of independent draws has a standard deviation of 1/sqrt(n - 1).
    assert abs(np.corrcoef(price, churn)[0, 1]) < 4 / np.sqrt(paths - 1)


@pytest.mark.parametrize(("limit", "capacity"), [(600, 600 / 1.5), (1500, 1000.0), (9000, 1000.0)])
def test_the_tighter_of_two_limits_binds_a_standing_hall(tmp_path: Path, limit: int, capacity: float) -> None:
    second = (
        "    sold_units: {value: 400,",
        (
            f"    second_limit: {{value: {limit}, because: space}}\n"
            "    second_use_per_unit: {value: 1.5, because: space}\n    sold_units: {value: 400,"
        ),
    )
    p = known_parameters(case_of(tmp_path, second))
    assert p.phase.capacity[0].sum() == pytest.approx(capacity, rel=1e-12)


def test_the_tighter_of_two_limits_binds_an_option_phase_by_phase(tmp_path: Path) -> None:
    second = (
        "    fixed_cost_monthly: {value: 15000,",
        (
            "    second_limit: {value: 400, because: space}\n"
            "    second_use_per_unit: {value: 0.5, because: space}\n    fixed_cost_monthly: {value: 15000,"
        ),
    )
    p = known_parameters(case_of(tmp_path, second))
    assert p.phase.capacity[1, :, 0].tolist() == pytest.approx([400.0, 400.0])
    assert p.phase.capex[1, :, 0].tolist() == [5e6, 4e6]


def test_an_owned_option_has_a_life_and_a_leased_one_a_lease(tmp_path: Path) -> None:
    leased = (
        "    fixed_cost_monthly: {value: 15000,",
        (
            "    tenure: leased\n    lease_months: {value: 108, because: the lease}\n"
            "    rent_monthly: {value: 50000, because: the lease}\n    fixed_cost_monthly: {value: 15000,"
        ),
    )
    owned = known_parameters(case_of(tmp_path / "owned"))
    rented = known_parameters(case_of(tmp_path / "leased", leased))
    assert (owned.hall.leased[1, 0], rented.hall.leased[1, 0]) == (0.0, 1.0)
    assert rented.hall.lease_months[1, 0] == 108.0
    assert (owned.hall.rent[1, 0], rented.hall.rent[1, 0]) == (0.0, 50000.0)


def test_a_lease_of_a_standing_hall_runs_through_its_last_month(tmp_path: Path) -> None:
    lease = ("    sold_units: {value: 400,", "    lease_end: 2028-12\n    sold_units: {value: 400,")
    p = known_parameters(case_of(tmp_path, lease))
    assert p.hall.leased[0, 0] == 1.0
    assert p.hall.lease_months[0, 0] == 36.0


def test_an_option_waits_uncommitted_with_its_phases(tmp_path: Path) -> None:
    p = known_parameters(case_of(tmp_path))
    assert p.hall.state[:, 0].tolist() == [OPEN, UNCOMMITTED]
    assert p.hall.committed[1, 0] == NEVER
    assert p.phase.offset[1, :, 0].tolist() == [18.0, 30.0]
    assert p.phase.start_offset[1, :, 0].tolist() == [0.0, 18.0]


def test_a_hall_under_construction_takes_the_phases_of_its_option(tmp_path: Path) -> None:
    hall = (
        "options:\n",
        (
            "  growing:\n    state: building\n    option: two\n    committed: 2025-07\n"
            "    capacity_units: {value: 1000, because: the option}\n"
            "    sold_units: {value: 0, because: not open}\n"
            "    fixed_cost_monthly: {value: 15000, because: the budget}\n\noptions:\n"
        ),
    )
    case = case_of(tmp_path, hall)
    slots, p = slots_of(case), known_parameters(case)
    place = slots.of_hall("growing")
    assert p.hall.state[place, 0] == BUILDING
    assert p.hall.committed[place, 0] == -6.0
    assert p.phase.capacity[place, :, 0].tolist() == [500.0, 500.0]
    assert p.phase.capex[place, :, 0].tolist() == [5e6, 4e6]
    assert p.phase.offset[place, :, 0].tolist() == [18.0, 30.0]
    assert place < slots.first_new


def test_what_halls_have_sold_is_what_segments_have_installed(tmp_path: Path) -> None:
    p = known_parameters(case_of(tmp_path))
    assert p.hall.sold.sum() == pytest.approx(p.segment.installed.sum(), rel=1e-12)


def test_receivables_that_are_not_given_are_revenue_times_the_delay(tmp_path: Path) -> None:
    case = case_of(tmp_path / "derived")
    delay = case.segments["retail"].number("payment_delay_months").mid
    # hosting alone: the case states no services and no equipment
    assert known_parameters(case).segment.receivables[0, 0] == pytest.approx(60000.0 * delay, rel=1e-9)
    given = (
        "  cash: {value: 2000000,",
        "  receivables: {value: 12345, because: books}\n  cash: {value: 2000000,",
    )
    assert known_parameters(case_of(tmp_path / "given", given)).segment.receivables.sum() == pytest.approx(
        12345.0
    )


def test_payables_that_are_not_given_are_supplies_times_the_delay(tmp_path: Path) -> None:
    case = case_of(tmp_path / "derived")
    more = case_of(
        tmp_path / "more",
        (
            "overhead_monthly: {value: 12000, because: the budget}",
            "overhead_monthly: {value: 22000, because: b}",
        ),
    )
    delay = case.costs.number("supplier_delay_months").mid
    gap = known_parameters(more).firm.payables[0] - known_parameters(case).firm.payables[0]
    assert gap == pytest.approx(10000.0 * delay, rel=1e-9)


def test_a_case_without_accounts_has_nothing_to_reconcile(tmp_path: Path) -> None:
    assert reconcile(case_of(tmp_path)) == ()


def test_reconcile_sets_each_line_beside_the_last_closed_month(tmp_path: Path) -> None:
    accounts = (
        "period,line,value\n2025-11,cash,1\n2025-12,cash,2000000\n2025-12,staff_cost,48000\n"
        "2025-12,overhead_cost,13000\n2025-12,capex,5\n2025,hall_cost,240000\n"
    )
    lines = {line.line: line for line in reconcile(case_of(tmp_path, accounts=accounts))}
    assert set(lines) == {"cash", "staff_cost", "overhead_cost"}
    assert (lines["cash"].equal, lines["staff_cost"].equal) == (True, True)
    wrong = lines["overhead_cost"]
    assert (wrong.equal, wrong.books, wrong.model) == (False, 13000.0, 12000.0)
    assert wrong.note


@pytest.mark.parametrize(("books", "equal"), [(12011, True), (12013, False)])
def test_reconcile_calls_equal_what_is_within_a_thousandth(tmp_path: Path, books: int, equal: bool) -> None:
    accounts = f"period,line,value\n2025-12,overhead_cost,{books}\n"
    [line] = reconcile(case_of(tmp_path, accounts=accounts))
    assert line.equal is equal


def test_a_month_that_is_not_the_last_before_the_start_is_not_compared(tmp_path: Path) -> None:
    old = ACCOUNTS.replace("2025-12,revenue,110\n", "")
    assert reconcile(case_of(tmp_path, accounts=old)) == ()


@pytest.mark.parametrize(
    ("state", "cost"),
    [(OPEN, 70.0 + 30.0), (MOTHBALLED, 5.0 + 30.0), (BUILDING, 30.0), (UNCOMMITTED, 0.0), (CLOSED, 0.0)],
)
def test_C2_month_zero_pays_what_the_state_of_a_hall_costs(tmp_path: Path, state: int, cost: float) -> None:
    p = known_parameters(case_of(tmp_path / "one"))
    p.hall.fixed_cost[:], p.hall.mothball_cost[:], p.hall.rent[:] = 70.0, 5.0, 30.0
    p.hall.state[:] = state
    assert month_zero(p).halls == pytest.approx(cost * p.halls)
