"""A recovery as plain data, for machines."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np

from secondhall.company.layout import Floats
from secondhall.futures import Estimate, Interval
from secondhall.recover.others import Others
from secondhall.recover.problem import Fate
from secondhall.recover.programme import Plan, Value
from secondhall.recover.proof import Proof, quantile
from secondhall.recover.recovery import Recovery
from secondhall.recover.words import refusal_words, tide_names

__all__ = ["recovery_data"]


def recovery_data(recovery: Recovery) -> dict[str, Any]:
    """Return all that the paper says, as numbers, lists and words; months as 2002-03."""
    case, plan = recovery.case, recovery.plan
    return {
        "case": case.name,
        "currency": case.currency,
        "unit": case.unit,
        "books_closed": str(recovery.month),
        "first_month": str(case.start),
        "months": recovery.laid.problem.months,
        "seed": recovery.seed,
        "goal": "value" if isinstance(recovery.goal, Value) else "cheque",
        "needed": recovery.is_needed,
        "plan": None if plan is None else _plan(recovery, plan),
        "no_plan": None if recovery.no_plan is None else recovery.no_plan.as_data(),
        "ways": {name: _proof(recovery, proof) for name, proof in recovery.proofs.items()},
        "refused": [one.as_data() | {"words": refusal_words(recovery, one)} for one in recovery.refusals],
        "impossible": [
            {"hall": one.hall, "action": one.action, "words": one.words} for one in recovery.laid.impossible
        ],
        "waiting": {str(months): cost for months, cost in recovery.waiting.items()},
        "calendar": None if recovery.calendar is None else recovery.calendar.as_data(),
        "other_companies": None if recovery.others is None else _others(recovery.others),
        "belief": recovery.laid.standing.words,
    }


def _plan(recovery: Recovery, plan: Plan) -> dict[str, Any]:
    problem, start = recovery.laid.problem, recovery.case.start
    names = tide_names(len(plan.fates))
    return {
        "status": plan.status.value,
        "gap": plan.gap,
        "gain": plan.value,
        "bound": plan.bound,
        "expected_cheque": plan.expected_cheque,
        "review": str(start + problem.review),
        "earned_by_the_review": recovery.thresholds.tolist(),
        "tides": {
            name: {
                "halls": [_fate(recovery, fate) for fate in plan.fates[tide]],
                "posts": [
                    {
                        "procedure": problem.waves[one.wave].name,
                        "announced": str(start + problem.waves[one.wave].announced),
                        "leave": str(start + problem.waves[one.wave].leave),
                        "dismissed": dict(zip(problem.roles, one.dismissals, strict=True)),
                        "volunteers": dict(zip(problem.roles, one.volunteers, strict=True)),
                    }
                    for one in plan.waves[tide]
                ],
                "redeployed": [
                    {
                        "from": problem.roles[problem.redeployments[one.redeployment].source],
                        "to": problem.roles[problem.redeployments[one.redeployment].target],
                        "month": str(start + one.month),
                        "posts": one.posts,
                    }
                    for one in plan.redeployments[tide]
                ],
            }
            for tide, name in enumerate(names)
        },
        "posts_at_the_start": dict(zip(problem.roles, problem.posts.tolist(), strict=True)),
        "posts_that_leave": recovery.posts_leaving,
        "waiver": plan.is_waived,
    }


def _fate(recovery: Recovery, fate: Fate) -> dict[str, Any]:
    month = None if fate.action == "keep" else str(recovery.case.start + fate.month)
    return {"hall": recovery.laid.problem.halls[fate.hall], "action": fate.action, "month": month}


def _proof(recovery: Recovery, proof: Proof) -> dict[str, Any]:
    return {
        "words": proof.words,
        "gain_over_nothing": proof.gain_over(recovery.nothing).as_data(),
        "cheque": _points(proof.cheque, (0.5, 0.95)),
        "cash_trough": _points(proof.trough, (0.05, 0.5)),
        "insolvency": proof.insolvency.as_data(),
        "another_plan_needed": recovery.wants_more(proof).as_data(),
        "ebitda_12_months": Estimate.of_mean(proof.year("ebitda", 0)).as_data(),
        "ebitda_24_months": Estimate.of_mean(proof.year("ebitda", 1)).as_data(),
        "staff": _band(proof.kept["staff"]),
        "customers": _band(proof.kept["customers"]),
        "write_offs": float(proof.kept["write_offs"].sum(axis=0).mean()),
        "provided_for": float((proof.kept["restructuring"] + proof.kept["exit_charge"]).sum(axis=0).mean()),
    }


def _points(sample: Floats, shares: tuple[float, ...]) -> list[dict[str, float]]:
    return [{"share": share, **quantile(sample, share).as_data()} for share in shares]


def _band(series: Floats) -> list[list[float]]:
    """Return [month] of 5, 50, 95 % points."""
    points: list[list[float]] = np.quantile(series, (0.05, 0.5, 0.95), axis=1).T.tolist()
    return points


def _others(others: Others) -> dict[str, Any]:
    def points(values: Floats) -> list[float] | None:
        return list(astuple(Interval.of(values))) if values.size else None

    return {
        "companies": int(others.posts.size),
        "posts": points(others.posts),
        "posts_that_leave": points(others.posts_leaving),
        "share_that_leaves": points(others.shares_leaving),
        "expected_cheque": points(others.cheque),
        "gives_up": dict(others.closes),
        "without_a_plan": others.unsaved,
    }
