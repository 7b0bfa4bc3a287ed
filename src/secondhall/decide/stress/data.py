"""Stress as plain data, for machines."""

from __future__ import annotations

from secondhall.decide.stress.side_by_side import SideBySide, Standing
from secondhall.futures import Estimate

__all__ = ["side_by_side_data"]


def side_by_side_data(found: SideBySide) -> dict[str, object]:
    """Return the scenarios as plain data."""
    return {
        "rule": found.rule,
        "words": found.words,
        "futures": found.paths,
        "seed": found.seed,
        "rules_compared": list(found.rules),
        "scenarios": [
            {
                "scenario": one.scenario,
                "words": one.words,
                "never": _standing(one.never),
                "rule": _standing(one.rule),
                "rule_refused": one.refused,
                "would_be_chosen": one.chosen,
                "score_over_the_rule": _estimate(one.over_rule),
            }
            for one in found.scenarios
        ],
    }


def _standing(one: Standing) -> dict[str, object]:
    return {
        "rule": one.rule,
        "npv": _estimate(one.npv),
        "gain_over_never": _estimate(one.gain),
        "cvar_npv": _estimate(one.cvar),
        "probability_of_insolvency": _estimate(one.insolvency),
        "probability_of_a_covenant_breach": _estimate(one.breach),
        "peak_funding": _estimate(one.peak_funding),
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "error": estimate.error}
