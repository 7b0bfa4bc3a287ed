"""What is learned of Fluxus: standing in spring 2000, in January 2001, and from all that is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from secondhall.belief import Learned, Posterior
from secondhall.belief.facts.learn import learn_facts
from secondhall.case import Case, read_case
from secondhall.decide.alarm import alarm
from secondhall.months import Month
from secondhall.study import plan

pytestmark = pytest.mark.slow

SPRING_2000, JANUARY_2001 = Month.parse("2000-04"), Month.parse("2001-01")
ALL_KNOWN = Month.parse("2002-08")


@cache
def fluxus() -> Case:
    return read_case("fluxus")


@cache
def explained() -> Posterior:
    return learn_facts(fluxus(), until=ALL_KNOWN, seed=7)


@cache
def known_then(date: Month) -> Posterior:
    return learn_facts(fluxus().at(date), until=date, seed=7)


def test_the_explained_past_holds_every_fact_in_its_band() -> None:
    inside = {check.fact: check.inside for check in explained().checks}
    assert all(inside[fact] for fact in ("2", "4", "5", "6", "10", "14"))


@pytest.mark.parametrize("seed", [7, 8])
def test_the_runs_agree_on_the_explained_past(seed: int) -> None:
    posterior = explained() if seed == 7 else learn_facts(fluxus(), until=ALL_KNOWN, seed=seed)
    found = posterior.convergence
    print(f"R-hat {found.worst_rhat:.3f} ({found.worst_rhat_name}), {found.least_ess:.0f} effective draws")
    assert found.distance == 1.0
    assert found.refused is None
    assert found.worst_rhat < 1.05


def test_the_bust_of_2001_is_found_from_the_facts() -> None:
    """Fact 11 says that the inflow dried up in 2001: by the end of the year no past can be in a boom."""
    regimes = explained().regimes
    assert regimes is not None
    december = Month.parse("2001-12") - regimes.first
    assert regimes.smoothed[december, 0] < 0.05
    assert regimes.smoothed[december, 2] > 0.5


def test_the_hall_explains_a_part_of_the_loss_of_2001() -> None:
    table = explained().series["commitments"]
    place = int(np.flatnonzero(table["year"] == 2001)[0])
    low, middle, high = (table[f"net_income difference {point}"][place] for point in ("low", "mid", "high"))
    print(f"the hall explains {low / 1e6:.1f} to {high / 1e6:.1f} M EUR, middle {middle / 1e6:.1f}")
    assert low < middle < high < 0.0
    assert table["net_income with mid"][place] == pytest.approx(-11e6, abs=3 * 0.3e6)


@pytest.mark.parametrize("date", [SPRING_2000, JANUARY_2001])
def test_at_a_decision_date_the_hall_is_still_open_to_choice(date: Month) -> None:
    posterior = known_then(date)
    assert posterior.convergence.distance == 1.0
    assert posterior.convergence.refused is None
    assert {check.fact for check in posterior.checks} <= {"2", "7", "22"}
    p = Learned(fluxus().at(date), posterior).parameters(1, np.arange(256))
    assert (p.hall.sold[p.first_new_hall :] == 0.0).all()
    assert p.hall.sold.sum(axis=0) == pytest.approx(p.segment.installed.sum(axis=0), abs=1e-6)


@pytest.mark.parametrize("date", [SPRING_2000, JANUARY_2001])
def test_what_was_known_then_does_not_say_commit_the_full_hall_at_once(date: Month) -> None:
    case = fluxus().at(date)
    decision = plan(case, Learned(case, known_then(date)), futures=4000)
    print(decision.do_now)
    assert decision.do_now.startswith(f"Commit nothing in {date}")
    at_once = next(rival for rival in decision.contenders if rival.rule.name == "commit paris2 now")
    assert at_once.refused is not None


@pytest.mark.parametrize("date", [SPRING_2000, JANUARY_2001])
def test_the_alarm_keeps_its_rate_and_says_when_it_goes(date: Month) -> None:
    case = fluxus().at(date)
    found = alarm(case, Learned(case, known_then(date)), explained(), paths=1024)
    assert found.false_alarms_yearly <= 0.05
    print(found.words)
    assert found.never < 0.5
    assert found.middle is not None
    assert found.middle > JANUARY_2001
    assert str(found.standing) in found.words
