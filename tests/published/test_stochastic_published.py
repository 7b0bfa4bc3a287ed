"""Stochastic programmes of the literature, solved to the answers that were published.

CEP1: Higle & Sen 1996, *Stochastic Decomposition*; Higle 2005, INFORMS TutORials, with all five figures.
PLTEXP: Holmes 1995, the POSTS collection; optima to six decimals. Two of its files print probabilities that
add up to 1.0002; their optima weigh the first stage by one and the others by what is printed.
DCAP: Ahmed & Garcia 2003; the bounds that the authors of DSP publish.
"""

import time

import numpy as np
import pytest
from tests.published.stochastic_cases import DCAP, PLTEXP, cep1, cep1_numbers, dcap, pltexp

from secondhall.stochastic import (
    Limits,
    Status,
    measure,
    read_smps_texts,
    recourse_of,
    same_programme,
    search_tenders,
    smps_texts,
    solve_extensive,
    with_first_stage,
)

SIX_DIGITS = 1e-6
LAST_DIGIT = 0.5e-6


def test_cep1_has_its_five_figures() -> None:
    published, found = cep1_numbers()["published"], measure(cep1())
    assert found.rp == pytest.approx(published["RP"], rel=SIX_DIGITS)
    assert found.eev == pytest.approx(published["EEV"], rel=SIX_DIGITS)
    assert found.vss == pytest.approx(published["VSS"], rel=SIX_DIGITS)
    assert found.ws == pytest.approx(published["WS_as_defined_note"], rel=SIX_DIGITS)
    assert found.evpi == pytest.approx(published["EVPI"], rel=SIX_DIGITS)
    assert found.ev == pytest.approx(published["EV_(mean-value problem)"], rel=SIX_DIGITS)


def test_cep1_buys_what_was_published() -> None:
    programme = cep1()
    solution = solve_extensive(programme)
    bought = dict(zip(programme.column_names, solution.first_stage.tolist(), strict=False))
    assert [bought[f"buy{j}"] for j in range(4)] == pytest.approx(
        cep1_numbers()["published"]["x_opt"], abs=0.5e-4 * 10
    )


def test_cep1_of_one_scenario_costs_over_all_what_was_published() -> None:
    programme, published = cep1(), cep1_numbers()["published"]
    demand = programme.varied_row_lower.values
    one = np.flatnonzero((demand == [1200.0, 3000.0, 3000.0]).all(axis=1))
    alone = solve_extensive(programme.with_scenarios(one))
    assert alone.objective == pytest.approx(published["scenario_1200_3000_3000"], rel=SIX_DIGITS)
    held = solve_extensive(with_first_stage(programme, alone.first_stage))
    assert held.objective == pytest.approx(published["its_evaluation"], rel=SIX_DIGITS)


@pytest.mark.parametrize("name", PLTEXP)
def test_pltexp_has_its_published_optimum(name: str) -> None:
    solution = solve_extensive(pltexp(name))
    assert solution.status is Status.EXACT
    assert solution.objective == pytest.approx(PLTEXP[name][1], abs=LAST_DIGIT + SIX_DIGITS * 15)


@pytest.mark.parametrize("name", [*PLTEXP, *DCAP, "cep1"])
def test_written_and_read_again_it_is_the_same(name: str) -> None:
    programme = cep1() if name == "cep1" else dcap(name) if name in DCAP else pltexp(name)
    assert same_programme(read_smps_texts(*smps_texts(programme)), programme)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "gap"), [("dcap233_200", 1e-4), ("dcap233_300", 1e-3), ("dcap332_200", 1e-3)]
)
def test_dcap_is_solved_between_the_published_bounds_sooner_than_by_its_extensive_form(
    name: str, gap: float
) -> None:
    programme = dcap(name)
    began = time.perf_counter()
    recourse = recourse_of(programme)
    assert recourse is not None
    ours = search_tenders(programme, recourse, Limits(gap=gap))
    seconds = time.perf_counter() - began
    published_lower, published_upper = DCAP[name]
    assert ours.status is Status.EXACT
    assert ours.gap <= gap
    assert ours.bound <= published_upper
    assert ours.objective >= published_lower
    # HiGHS is stopped once it has taken longer than ours, which is all that has to be shown.
    rival = solve_extensive(programme, Limits(gap=gap, seconds=seconds))
    print(
        f"{name} to {gap:g}: [{ours.bound:.4f}, {ours.objective:.4f}] in {seconds:.1f} s;"
        f" HiGHS by then at {rival.gap:.2g}"
    )
    assert rival.status is not Status.EXACT


@pytest.mark.slow
def test_dcap_costs_what_its_extensive_form_says_of_the_same_first_stage() -> None:
    programme = dcap("dcap233_200")
    recourse = recourse_of(programme)
    assert recourse is not None
    ours = search_tenders(programme, recourse, Limits(gap=1e-3))
    held = solve_extensive(with_first_stage(programme, ours.first_stage))
    assert held.objective == pytest.approx(ours.objective, rel=SIX_DIGITS)
