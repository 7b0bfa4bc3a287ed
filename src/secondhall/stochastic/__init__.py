"""Stochastic programmes: decisions now, with recourse once more is known; the only home of the solver."""

from secondhall.stochastic.cvar import VALUE_AT_RISK, cost_of_scenarios, cvar_of, with_cvar
from secondhall.stochastic.extensive import Extensive, extensive_form, solve_extensive
from secondhall.stochastic.highs import Outcome, solve_linear
from secondhall.stochastic.lagrangian import DualDecomposition, solve_by_scenarios
from secondhall.stochastic.linear import Linear, linear_from_triplets
from secondhall.stochastic.measures import (
    Measures,
    expected_value_programme,
    measure,
    wait_and_see,
    wait_and_see_costs,
    with_first_stage,
)
from secondhall.stochastic.programme import Programme, Tree, Varied, nothing_varied, same_programme
from secondhall.stochastic.sifting import Mend, solve_sifted
from secondhall.stochastic.smps import read_smps, read_smps_texts, smps_texts, write_smps
from secondhall.stochastic.solution import Limits, Progress, Report, Solution, Status, relative_gap
from secondhall.stochastic.tender import Recourse, recourse_of, search_tenders

__all__ = [
    "VALUE_AT_RISK",
    "DualDecomposition",
    "Extensive",
    "Limits",
    "Linear",
    "Measures",
    "Mend",
    "Outcome",
    "Programme",
    "Progress",
    "Recourse",
    "Report",
    "Solution",
    "Status",
    "Tree",
    "Varied",
    "cost_of_scenarios",
    "cvar_of",
    "expected_value_programme",
    "extensive_form",
    "linear_from_triplets",
    "measure",
    "nothing_varied",
    "read_smps",
    "read_smps_texts",
    "recourse_of",
    "relative_gap",
    "same_programme",
    "search_tenders",
    "smps_texts",
    "solve_by_scenarios",
    "solve_extensive",
    "solve_linear",
    "solve_sifted",
    "wait_and_see",
    "wait_and_see_costs",
    "with_cvar",
    "with_first_stage",
    "write_smps",
]
