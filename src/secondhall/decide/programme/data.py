"""The programme as plain data, for machines."""

from __future__ import annotations

from secondhall.case import Case
from secondhall.decide.programme.policy import Deed
from secondhall.decide.programme.result import ProgrammeResult
from secondhall.decide.programme.tree import SIGNS
from secondhall.futures import Estimate

__all__ = ["programme_data"]


def programme_data(case: Case, found: ProgrammeResult | None) -> dict[str, object] | None:
    """Return what ``--json`` prints of a programme; None where there is none."""
    if found is None:
        return None
    inside, outside = found.inside, found.outside
    return {
        "commits_now": _deeds(found.now),
        "in_sample": {
            "paths": inside.paths,
            "scenarios": inside.scenarios,
            "status": inside.status,
            "worth": _estimate(inside.worth),
            "bound": inside.bound,
            "worth_in_the_company": _estimate(inside.played),
            "value_of_the_stochastic_solution": _estimate(inside.vss),
            "expected_value_of_perfect_information": _estimate(inside.evpi),
        },
        "out_of_sample": {
            "futures": outside.futures,
            "worth": _estimate(outside.worth),
            "gain_over_never": _estimate(outside.gain),
            "probability_of_insolvency": _estimate(outside.insolvency),
            "insolvency_over_never": _estimate(outside.insolvency_over_never),
            "rule": outside.rule,
            "worth_over_rule": None if outside.over_rule is None else _estimate(outside.over_rule),
        },
        "tree": [
            {
                "depth": branch.depth,
                "month": str(case.start + branch.month),
                "probability": branch.probability,
                "seen": None if branch.seen is None else dict(zip(SIGNS, branch.seen, strict=True)),
                "does": _deeds(branch.deeds),
            }
            for branch in found.branches
        ],
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "error": estimate.error}


def _deeds(deeds: tuple[Deed, ...]) -> list[dict[str, object]]:
    return [{"hall": d.name, "copies": d.copies, "does": "close" if d.closes else "commit"} for d in deeds]
