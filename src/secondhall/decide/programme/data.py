"""The programme as plain data, for machines."""

from __future__ import annotations

from secondhall.case import Case
from secondhall.decide.programme.policy import Deed
from secondhall.decide.programme.result import ProgrammeResult
from secondhall.decide.programme.tree import SIGNS

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
            "worth": inside.worth.as_data(),
            "bound": inside.bound,
            "worth_in_the_company": inside.played.as_data(),
            "value_of_the_stochastic_solution": inside.vss.as_data(),
            "expected_value_of_perfect_information": inside.evpi.as_data(),
        },
        "out_of_sample": {
            "futures": outside.futures,
            "worth": outside.worth.as_data(),
            "gain_over_never": outside.gain.as_data(),
            "probability_of_insolvency": outside.insolvency.as_data(),
            "insolvency_over_never": outside.insolvency_over_never.as_data(),
            "rule": outside.rule,
            "worth_over_rule": None if outside.over_rule is None else outside.over_rule.as_data(),
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


def _deeds(deeds: tuple[Deed, ...]) -> list[dict[str, object]]:
    return [{"hall": d.name, "copies": d.copies, "does": "close" if d.closes else "commit"} for d in deeds]
