"""HiGHS behind one function: arrays in, `Outcome` out.

HiGHS runs in a thread of its own, so that an interrupt from the keyboard reaches Python, which asks HiGHS
to stop and keeps its best solution.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from secondhall.errors import InternalError
from secondhall.stochastic.linear import Linear
from secondhall.stochastic.programme import Floats
from secondhall.stochastic.solution import Limits, Progress, Status

__all__ = ["Outcome", "highs_of", "run_highs", "solve_linear"]

_WAIT_SECONDS = 0.05
_REPORT_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What HiGHS said of one `Linear`; `values` is empty without a solution."""

    status: Status
    objective: float
    bound: float
    values: Floats
    seconds: float


def highs_of(linear: Linear, *, threads: int | None = None) -> Any:
    """Return a silent HiGHS that holds the programme, passed whole as arrays."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_, lp.offset_ = linear.columns, linear.rows, linear.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = linear.cost, linear.column_lower, linear.column_upper
    lp.row_lower_, lp.row_upper_ = linear.row_lower, linear.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = linear.columns, linear.rows
    lp.a_matrix_.start_ = linear.start.astype(np.int32)
    lp.a_matrix_.index_ = linear.index.astype(np.int32)
    lp.a_matrix_.value_ = linear.value
    if np.any(linear.is_integer):
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in linear.is_integer]
    solver = _silent_highs()
    if threads is not None:
        solver.setOptionValue("threads", threads)
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        raise InternalError("the solver refused a programme", details=f"{linear.rows} x {linear.columns}")
    return solver


def _silent_highs() -> Any:
    """Return a HiGHS told to be silent before it greets, which it does while it is made."""
    import highspy

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802, the name that HiGHS gave it
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Silent()  # type: ignore[no-untyped-call]


def solve_linear(
    linear: Linear,
    limits: Limits,
    *,
    threads: int | None = None,
    keeps_best: bool = False,
    start: Floats | None = None,
) -> Outcome:
    """Solve with HiGHS.

    Parameters
    ----------
    linear : Linear
        What to solve.
    limits : Limits
        When to stop.
    threads : int, optional
        How many HiGHS may use.
    keeps_best : bool, default False
        Whether an interrupt from the keyboard ends here, with the best solution so far, or is passed on.
    start : array of float, shape (column,), optional
        A solution to begin with; one that is not feasible is passed over.
    """
    began = time.perf_counter()

    def attempt(start: Floats | None) -> Outcome:
        solver = _ready(linear, limits, began, threads)
        if start is not None:
            _begin_with(solver, start)
        interrupt = run_highs(solver)
        if interrupt is not None and not keeps_best:
            raise interrupt
        return _outcome(solver, linear, time.perf_counter() - began)

    outcome = attempt(start)
    # HiGHS 1.16 may hand back the start as the solution while it tells the objective of another.
    if start is None or not outcome.values.size or _is_consistent(linear, outcome):
        return outcome
    return attempt(None)


def _is_consistent(linear: Linear, outcome: Outcome) -> bool:
    found = linear.offset + float(linear.cost @ outcome.values)
    return abs(found - outcome.objective) <= 1e-6 * (1.0 + abs(found))


def _ready(linear: Linear, limits: Limits, began: float, threads: int | None) -> Any:
    """Return a HiGHS that will keep to the limits, of which the time since it began is gone."""
    solver = highs_of(linear, threads=threads)
    solver.setOptionValue("mip_rel_gap", limits.gap)
    solver.setOptionValue("mip_abs_gap", 0.0)
    if math.isfinite(limits.seconds):
        solver.setOptionValue("time_limit", max(limits.seconds - (time.perf_counter() - began), 0.0))
    solver.HandleUserInterrupt = True
    if limits.report is not None and np.any(linear.is_integer):
        _listen(solver, limits, began)
    return solver


def _begin_with(solver: Any, start: Floats) -> None:
    import highspy

    solution = highspy.HighsSolution()
    solution.col_value = start.tolist()
    solver.setSolution(solution)


def _listen(solver: Any, limits: Limits, began: float) -> None:
    """Pass on how far HiGHS is, not too often, and stop it where the listener wants that."""
    report = limits.report
    assert report is not None

    heard = 0.0

    def hear(event: Any) -> None:
        nonlocal heard
        seconds = time.perf_counter() - began
        if seconds < heard + _REPORT_SECONDS:
            return
        heard = seconds
        seen = Progress(
            seconds=seconds,
            objective=event.data_out.mip_primal_bound,
            bound=event.data_out.mip_dual_bound,
        )
        if report(seen):
            solver.cancelSolve()

    solver.cbMipInterrupt += hear


def run_highs(solver: Any) -> KeyboardInterrupt | None:
    """Run it; return the interrupt from the keyboard that stopped it, if one did."""
    solver.startSolve()
    interrupt: KeyboardInterrupt | None = None
    is_done = False
    while not is_done:
        try:
            is_done = solver.wait(_WAIT_SECONDS)[0]
        except KeyboardInterrupt as error:
            interrupt = error
            solver.cancelSolve()
    return interrupt


def _outcome(solver: Any, linear: Linear, seconds: float) -> Outcome:
    import highspy

    kinds, info = highspy.HighsModelStatus, solver.getInfo()
    status = solver.getModelStatus()
    if status in (kinds.kInfeasible, kinds.kUnbounded, kinds.kUnboundedOrInfeasible):
        return _no_optimum(solver, status, seconds)
    is_mip = bool(np.any(linear.is_integer))
    is_done = status in (kinds.kOptimal, kinds.kModelEmpty)
    bound = info.mip_dual_bound if is_mip else (info.objective_function_value if is_done else -math.inf)
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible or is_done
    if not has_values:
        return Outcome(
            status=Status.NOTHING, objective=math.inf, bound=bound, values=np.empty(0), seconds=seconds
        )
    known = Status.WITH_BOUND if math.isfinite(bound) else Status.WITHOUT_BOUND
    return Outcome(
        status=Status.EXACT if is_done else known,
        objective=info.objective_function_value,
        bound=bound,
        values=np.array(solver.getSolution().col_value),
        seconds=seconds,
    )


def _no_optimum(solver: Any, status: Any, seconds: float) -> Outcome:
    """Tell infeasible from unbounded: presolve may not know, so ask again without it."""
    import highspy

    if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        solver.setOptionValue("presolve", "off")
        solver.run()
        status = solver.getModelStatus()
    is_infeasible = status == highspy.HighsModelStatus.kInfeasible
    return Outcome(
        status=Status.INFEASIBLE if is_infeasible else Status.UNBOUNDED,
        objective=math.inf if is_infeasible else -math.inf,
        bound=math.inf if is_infeasible else -math.inf,
        values=np.empty(0),
        seconds=seconds,
    )
