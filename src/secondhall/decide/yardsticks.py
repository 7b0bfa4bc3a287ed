"""What a recommended rule is held against: the bound on any rule, the policy of a stochastic programme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from secondhall.belief import Belief
from secondhall.decide.bound import InformationBound, bound_of
from secondhall.decide.decision import Decision
from secondhall.decide.programme import TreeProgramme, programme_of

__all__ = ["held_against"]

BOUND_SEED, PROGRAMME_SEED = 4_000_003, 5_000_003
"""Added to the seed for the futures on which rules are bounded, and planned for."""


def held_against(
    decision: Decision,
    belief: Belief,
    *,
    bound: InformationBound,
    programme: TreeProgramme,
    threads: int | None,
    report: Callable[[str, int, int], None],
) -> Decision:
    """Return the decision with what no rule can be worth more than, and with the programme beside it.

    Parameters
    ----------
    decision, belief
        the recommended rule, and what the futures are drawn from.
    bound, programme
        how large each is.
    threads, report
        as everywhere.
    """
    case, rule = decision.case, decision.recommended.rule
    limit = bound_of(
        case,
        belief,
        decision.recommended,
        method=bound,
        seed=decision.seed + BOUND_SEED,
        threads=threads,
        report=report,
    )
    report("solving the stochastic programme", 0, 1)
    found = programme_of(
        case,
        belief,
        seed=decision.seed + PROGRAMME_SEED,
        weight=decision.risk_weight,
        method=programme,
        beside=rule,
        threads=threads,
    )
    report("solving the stochastic programme", 1, 1)
    return replace(decision, bound=limit, programme=found)
