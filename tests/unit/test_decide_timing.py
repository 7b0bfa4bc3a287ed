"""What waiting and cancelling cost: identities over the same futures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.decide import words
from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.decision import Decision
from secondhall.decide.rules import DatedPlan, Never, NotBefore, PreleasedShare
from secondhall.decide.timing import WAITS, timing_of
from secondhall.futures import difference

PATHS = 256


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@pytest.fixture(scope="module")
def decided(case: Case) -> Decision:
    plan = DatedPlan.commit_now("paris_c", case.start)
    settings = replace(Settings(), futures=PATHS)
    return decide(case, Prior(case), rules=[plan], seed=3, settings=settings)


def npv(case: Case, *rules: object) -> list[np.ndarray]:
    played = play_named(case, Prior(case), rules, paths=PATHS, seed=4, banded=False)  # type: ignore[arg-type]
    return [one.outcomes["npv"] for one in played]


def test_a_dated_plan_held_back_is_the_plan_of_the_later_date(case: Case) -> None:
    held = NotBefore(DatedPlan.commit_now("paris_c", case.start), case.start + 6)
    later = DatedPlan.commit_at("paris_c", case.start, 6)
    one, other = npv(case, held, later)
    np.testing.assert_array_equal(one, other)


def test_a_rule_held_back_to_the_start_is_the_rule_and_beyond_the_end_it_is_never(case: Case) -> None:
    rule = PreleasedShare("paris_c", 0.1)
    now, plain = npv(case, NotBefore(rule, case.start), rule)
    np.testing.assert_array_equal(now, plain)
    beyond, never = npv(case, NotBefore(rule, case.start + case.horizon_months), Never())
    np.testing.assert_array_equal(beyond, never)


def test_a_trigger_held_back_commits_in_no_month_before(case: Case) -> None:
    rule = NotBefore(PreleasedShare("paris_c", 0.0), case.start + 9)
    [played] = play_named(case, Prior(case), [rule], paths=PATHS, seed=4, banded=False)
    first = played.outcomes["first_commitment"]
    assert first.min() == 9


def test_waiting_costs_the_difference_to_the_later_plan(case: Case, decided: Decision) -> None:
    timing = timing_of(case, Prior(case), decided.recommended, paths=PATHS, seed=4, threads=None)
    assert timing is not None
    now, *later = npv(case, *(DatedPlan.commit_at("paris_c", case.start, m) for m in (0, *WAITS)))
    assert [one.cost for one in timing.waiting] == [difference(now, npv) for npv in later]


def test_cancelling_costs_more_the_later_and_is_possible_until_it_opens(
    case: Case, decided: Decision
) -> None:
    timing = timing_of(case, Prior(case), decided.recommended, paths=PATHS, seed=4, threads=None)
    assert timing is not None
    opens = case.options["paris_c"].phases()[0].months_after_commit
    assert timing.cancelling[-1].months == opens - 1
    costs = [one.cost.value for one in timing.cancelling]
    assert costs == sorted(costs)
    assert costs[0] > 0.0


def test_never_has_no_timing(case: Case, decided: Decision) -> None:
    assert timing_of(case, Prior(case), decided.never, paths=PATHS, seed=4, threads=None) is None
    assert words.timing(case, None) == ()


def test_the_review_is_due_before_the_rule_is_likely_to_have_fired(case: Case) -> None:
    settings = replace(Settings(), futures=PATHS)
    for months, due in ((0, 1), (6, 5), (40, 12)):
        plan = DatedPlan.commit_at("paris_c", case.start, months)
        found = decide(case, Prior(case), rules=[plan], seed=3, settings=settings)
        contender = next(one for one in found.contenders if one.rule == plan)
        timing = timing_of(case, Prior(case), contender, paths=PATHS, seed=4, threads=None)
        assert timing is not None
        assert timing.review - case.start == due


def test_the_words_tell_month_by_month(case: Case, decided: Decision) -> None:
    said = words.timing(case, decided.timing)
    assert len(said) == 3
    assert "3 months," in said[1]
    assert "1 month " in said[2]
