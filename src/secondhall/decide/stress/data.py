"""Stress as plain data, for machines."""

from __future__ import annotations

from dataclasses import asdict

from secondhall.decide.stress.reverse import Reverse
from secondhall.decide.stress.side_by_side import SideBySide, Standing
from secondhall.decide.stress.words import reverse_words

__all__ = ["reverse_data", "side_by_side_data"]


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
                "score_over_the_rule": one.over_rule.as_data(),
            }
            for one in found.scenarios
        ],
    }


def reverse_data(found: Reverse) -> dict[str, object]:
    """Return the reverse stress test as plain data."""
    named = {
        "broken_without_a_shock": found.base,
        "insolvent_without_a_shock": found.insolvent,
        "distance_in_standard_deviations": found.distance,
        "broken_under_it": found.share,
        "broken_under_a_slightly_milder_one": found.milder_share,
        "probability_of_one_as_bad": found.probability,
    }
    return {
        "rule": found.rule,
        "said": list(reverse_words(found)),
        "shock": None if found.shock is None else asdict(found.shock),
        "milder": None if found.milder is None else asdict(found.milder),
        **{name: None if one is None else one.as_data() for name, one in named.items()},
        "parts": list(found.parts),
        "farthest_part_in_standard_deviations": found.farthest,
        "latest_month": found.latest,
        "futures": found.paths,
    }


def _standing(one: Standing) -> dict[str, object]:
    return {
        "rule": one.rule,
        "npv": one.npv.as_data(),
        "gain_over_never": one.gain.as_data(),
        "cvar_npv": one.cvar.as_data(),
        "probability_of_insolvency": one.insolvency.as_data(),
        "probability_of_a_covenant_breach": one.breach.as_data(),
        "peak_funding": one.peak_funding.as_data(),
    }
