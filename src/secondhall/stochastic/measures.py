"""What the stochastic solution is worth, and what knowing the future would be worth.

For a programme that is minimised (Birge & Louveaux 2011, *Introduction to Stochastic Programming*, ch. 4)::

    RP    the optimum of the programme                               "recourse problem"
    EV    the optimum with every number at its mean                  "expected value problem"
    EEV   the programme with the first stage of EV                   EEV = E[z(x_EV, s)]
    WS    the mean of each scenario's own optimum                    "wait and see"
    VSS   = EEV - RP     what it is worth to plan for all scenarios
    EVPI  = RP - WS      what it would be worth to know which comes
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from secondhall.errors import NoAnswerError
from secondhall.stochastic.extensive import solve_extensive
from secondhall.stochastic.programme import Floats, Programme, Tree, Varied
from secondhall.stochastic.solution import Limits, Solution, Status

__all__ = [
    "Measures",
    "expected_value_programme",
    "measure",
    "wait_and_see",
    "wait_and_see_costs",
    "with_first_stage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The figures of a programme, in the unit of its objective; EEV and VSS are infinite where x_EV fails."""

    rp: float
    ev: float
    eev: float
    ws: float
    first_stage: Floats

    @property
    def vss(self) -> float:
        """The value of the stochastic solution, EEV - RP."""
        return self.eev - self.rp

    @property
    def evpi(self) -> float:
        """The expected value of perfect information, RP - WS."""
        return self.rp - self.ws


def measure(programme: Programme, limits: Limits | None = None) -> Measures:
    """Return the five figures of a programme.

    Parameters
    ----------
    programme : Programme
        With any number of stages; in EEV only the first is held at that of the mean.
    limits : Limits, optional
        For each of the programmes solved.

    Raises
    ------
    NoAnswerError
        When the programme, or that of the mean, has no optimum.
    """
    limits = limits or Limits()
    recourse = _solved(programme, limits, "the programme")
    mean = _solved(expected_value_programme(programme), limits, "the programme of the mean")
    held = solve_extensive(with_first_stage(programme, mean.first_stage), limits)
    return Measures(
        rp=recourse.objective,
        ev=mean.objective,
        eev=held.objective,
        ws=wait_and_see(programme, limits),
        first_stage=recourse.first_stage,
    )


def _solved(programme: Programme, limits: Limits, what: str) -> Solution:
    solution = solve_extensive(programme, limits)
    if not solution.has_values:
        raise NoAnswerError(f"{what} has no optimum: {solution.status.value}")
    return solution


def expected_value_programme(programme: Programme) -> Programme:
    """Return the programme with one scenario, in which every number is at its mean."""
    weight = programme.tree.probability / programme.tree.probability.sum()
    varied: dict[str, Any] = {
        field.name: Varied(places=old.places, values=_mean(weight, old.values))
        for field in fields(programme)
        if isinstance(old := getattr(programme, field.name), Varied)
    }
    tree = Tree(probability=np.ones(1), node=np.arange(programme.tree.stages)[None, :])
    return replace(programme, tree=tree, **varied)


def _mean(weight: Floats, values: Floats) -> Floats:
    """Return the weighted mean over scenarios; one that has an infinite bound makes the mean infinite."""
    mean: Floats = (weight[:, None] * values).sum(axis=0)[None, :]
    return mean


def wait_and_see(programme: Programme, limits: Limits | None = None) -> float:
    """Return WS: each scenario solved alone, weighted; infinite where one has no solution."""
    weight = programme.tree.probability / programme.tree.probability.sum()
    costs = wait_and_see_costs(programme, limits)
    return -np.inf if np.any(costs == -np.inf) else float(weight @ costs)


def wait_and_see_costs(programme: Programme, limits: Limits | None = None) -> Floats:
    """Return the optimum of each scenario solved alone, shape (scenario,); infinite where it has none."""
    alone = (programme.with_scenarios(np.array([scenario])) for scenario in range(programme.tree.scenarios))
    solved = [solve_extensive(one, limits, keeps_best=False) for one in alone]
    return np.array([-np.inf if one.status is Status.UNBOUNDED else one.objective for one in solved])


def with_first_stage(programme: Programme, first_stage: Floats) -> Programme:
    """Return the programme with the columns of its first stage held at these values, integers rounded."""
    columns = programme.first_columns
    held = np.where(programme.is_integer[columns], np.round(first_stage), first_stage)
    lower, upper = programme.column_lower.copy(), programme.column_upper.copy()
    lower[columns] = upper[columns] = held
    return replace(programme, column_lower=lower, column_upper=upper)
