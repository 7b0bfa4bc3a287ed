"""The best way out of a problem, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secondhall.company.layout import Floats
from secondhall.recover.problem import Problem
from secondhall.recover.programme.build import Built, build
from secondhall.recover.programme.climb import climb
from secondhall.recover.programme.columns import columns_of, decision_of
from secondhall.recover.programme.decision import Decision, do_nothing
from secondhall.recover.programme.evaluate import Figures, evaluate
from secondhall.recover.programme.family import Family
from secondhall.recover.programme.goal import Goal, Shortfall
from secondhall.recover.programme.plan import Plan, plan_of
from secondhall.recover.programme.scale import scale_of, scaled
from secondhall.stochastic import Limits, Outcome, Progress, Report, Status, relative_gap, solve_sifted

__all__ = ["NoPlan", "least_shortfall", "solve"]

CLIMBS, CLIMBS_AT_MOST = 0.2, 20.0
"""Share of the time, and seconds, that a first plan may take."""


@dataclass(frozen=True, slots=True)
class NoPlan:
    """No plan was found: none exists, or the search was stopped before it met one."""

    status: Status
    seconds: float

    @property
    def is_proven(self) -> bool:
        """Whether no plan exists."""
        return self.status is Status.INFEASIBLE


def solve(
    problem: Problem, goal: Goal, limits: Limits | None = None, *, threads: int | None = None
) -> Plan | NoPlan:
    """Return the best plan that the limits allow to find.

    Time, the report or an interrupt from the keyboard end the search with the best plan so far and its gap.
    The report hears of the objective in the goal's sense to be minimised: the cheque, or minus the value.

    Parameters
    ----------
    problem : Problem
        What can be done.
    goal : Value or Cheque
        What is best.
    limits : Limits, optional
        When to stop.
    threads : int, optional
        How many the solver may use.
    """
    scale = scale_of(problem)
    search = _Search(scaled(problem, scale), goal, limits or Limits(), scale.money, threads)
    outcome = search.run()
    if not outcome.values.size:
        return NoPlan(outcome.status, outcome.seconds)
    decision = decision_of(problem, search.built.layout, outcome.values)
    figures = evaluate(problem, decision)
    objective = goal.objective(figures)
    bound = min(outcome.bound * scale.money, objective)
    return plan_of(
        problem,
        decision,
        figures,
        status=outcome.status,
        bound=goal.sign * bound,
        gap=relative_gap(objective, bound),
        seconds=outcome.seconds,
    )


def least_shortfall(
    problem: Problem, limits: Limits | None = None, *, threads: int | None = None
) -> tuple[float, Status]:
    """(Q15) Return the least that every commitment must be raised by for a plan to exist, and what is known.

    Infinite where no commitment is enough, or none was found in time.
    """
    scale = scale_of(problem)
    outcome = _Search(scaled(problem, scale), Shortfall(), limits or Limits(), scale.money, threads).run()
    return outcome.objective * scale.money, outcome.status


class _Search:
    """One programme on its way to the solver, in the units of a scale."""

    def __init__(
        self, problem: Problem, goal: Goal | Shortfall, limits: Limits, money: float, threads: int | None
    ) -> None:
        self.problem, self.goal, self.money, self.threads = problem, goal, money, threads
        self.limits = limits if limits.report is None else replace(limits, report=self._report(limits))
        self.built: Built = build(problem, goal)

    def run(self) -> Outcome:
        """Return what the solver says, in the units of the scale."""
        return solve_sifted(
            self.built.linear,
            self.limits,
            group=self.built.group,
            mend=self._mend,
            start=self._start(),
            threads=self.threads,
        )

    def _report(self, limits: Limits) -> Report:
        """Return a report that tells the problem's money."""
        listener = limits.report
        assert listener is not None

        def report(progress: Progress) -> bool:
            objective, bound = progress.objective * self.money, progress.bound * self.money
            return listener(Progress(seconds=progress.seconds, objective=objective, bound=bound))

        return report

    def _start(self) -> Floats | None:
        """Return a plan to start from, where one is met by climbing from doing nothing."""
        found = None
        if not isinstance(self.goal, Shortfall):
            found = climb(self.problem, self.goal, min(CLIMBS * self.limits.seconds, CLIMBS_AT_MOST))
        return self._columns(found or do_nothing(self.problem))

    def _mend(self, values: Floats) -> Floats | None:
        """Return the columns of what is decided, with all that follows from it."""
        return self._columns(decision_of(self.problem, self.built.layout, values))

    def _columns(self, decision: Decision) -> Floats | None:
        figures = evaluate(self.problem, decision)
        if self._refuses(figures):
            return None
        return columns_of(self.problem, self.built.layout, decision, figures)

    def _refuses(self, figures: Figures) -> bool:
        allowed = {Family.COMMITMENT} if isinstance(self.goal, Shortfall) else set()
        return bool(set(figures.refused_by) - allowed)
