"""The rule that plan recommends, with default settings: against the fixed rules on futures it never saw."""

from __future__ import annotations

import math

import pytest

from secondhall.case import read_case
from secondhall.decide import Decision
from secondhall.decide.bound.words import NEAR, bounded
from secondhall.decide.candidates import candidates
from secondhall.decide.choose import play_named
from secondhall.decide.rules import Never
from secondhall.decide.scoring import InsolvencyLimit, contend, score_parts
from secondhall.futures import difference
from secondhall.months import Month
from secondhall.study import learn, plan

FRESH = 98_765
"""A seed of no round of the decision."""

WHERE = [("northhall", None), ("fluxus", "2000-04"), ("fluxus", "2001-01"), ("paris2006", None)]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=WHERE, ids=lambda where: "-".join(map(str, where)))
def decided(request: pytest.FixtureRequest) -> Decision:
    name, at = request.param
    case = read_case(name) if at is None else read_case(name).at(Month.parse(at))
    return plan(case, learn(case))


def test_it_beats_every_fixed_rule_that_may_be_chosen_on_fresh_futures(decided: Decision) -> None:
    case, belief, limit = decided.case, learn(decided.case), InsolvencyLimit()
    fixed = [rule for rule in candidates(case) if not isinstance(rule, Never)]
    best, idle, *played = play_named(
        case, belief, [decided.recommended.rule, Never(), *fixed], paths=8_000, seed=FRESH, banded=False
    )
    ours = score_parts(best.outcomes["npv"], decided.risk_weight)
    for rule, futures in zip(fixed, played, strict=True):
        contender = contend(rule, futures, idle, weight=decided.risk_weight, limit=limit)
        behind = difference(ours, score_parts(futures.outcomes["npv"], decided.risk_weight))
        assert not limit.passes(contender, errors=2.0) or behind.value >= -2.0 * behind.error, rule.name


def test_it_is_within_a_tenth_of_the_bound_or_the_report_says_why_not(decided: Decision) -> None:
    found, gain = decided.bound, decided.recommended.gain
    assert found is not None
    assert gain.value < found.upper.value + 4.0 * math.hypot(found.upper.error, gain.error)
    assert found.upper.value < found.perfect.value + 2.0 * found.perfect.error
    said = " ".join(bounded(decided.case, found, decided.recommended))
    print(decided.case.name, decided.month, gain, found)
    assert found.reached(gain) >= NEAR or "Why the rule does not reach that" in said
