"""The way out of Fluxus at the end of 2001, from its own figures of the years before."""

import numpy as np
import pytest

from secondhall.case import read_case
from secondhall.months import Month
from secondhall.recover.recovery import Recovery
from secondhall.study import recover

LEFT, STAFF = 34, 207
"""Fact 21: of 207 posts 34 left."""


@pytest.fixture(scope="module")
def way_out() -> Recovery:
    return recover(read_case("fluxus"), at=Month.parse("2001-12"))


@pytest.mark.slow
def test_the_second_hall_is_given_up_and_the_first_stays(way_out: Recovery) -> None:
    assert way_out.plan is not None
    names = way_out.laid.problem.halls
    for fates in way_out.plan.fates:
        given_up = {names[f.hall]: f.action for f in fates if f.action not in ("keep", "renegotiate")}
        assert given_up == {"paris": "close"}
    assert way_out.others is not None
    assert way_out.others.closes["issy"] == 0.0


@pytest.mark.slow
def test_nine_of_ten_companies_that_the_facts_allow_bracket_the_posts_that_left(way_out: Recovery) -> None:
    assert way_out.others is not None
    low, high = np.quantile(way_out.others.shares_leaving, (0.05, 0.95))
    print(f"{100 * low:.0f} to {100 * high:.0f} % leave")
    assert low <= LEFT / STAFF <= high


@pytest.mark.slow
def test_no_fact_of_2002_is_used(way_out: Recovery) -> None:
    known = way_out.case.known_facts(way_out.case.start)
    assert all(fact.last < Month.parse("2002-01") for fact in known)
    assert "21-after" not in {fact.fact for fact in known}


@pytest.mark.slow
def test_the_plan_asks_less_of_the_shareholder_than_nothing_and_than_what_was_done(way_out: Recovery) -> None:
    cheque = {name: np.quantile(proof.cheque, (0.5, 0.95)) for name, proof in way_out.proofs.items()}
    print({name: np.round(points / 1e6, 1).tolist() for name, points in cheque.items()})
    for other in ("nothing", "every hall kept", "as it happened"):
        assert (cheque["plan"] < cheque[other]).all(), other


@pytest.mark.slow
def test_what_was_done_is_played_as_it_is_known_to_have_been(way_out: Recovery) -> None:
    done, nothing = way_out.proofs["as it happened"], way_out.nothing
    july = Month.parse("2002-07") - way_out.case.start
    fewer = nothing.kept["staff"] - done.kept["staff"]
    assert np.abs(fewer[:july]).max() == 0.0
    # The company fills again what it then lacks; it lacks nothing where it had posts to spare.
    assert LEFT - 2 <= np.median(fewer[july]) <= LEFT + 1e-6
