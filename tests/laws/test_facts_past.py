"""The past: what a fact reads, the replay beside the engine, where the company stands, the alarm."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from secondhall.belief.facts.explain import Explained
from secondhall.belief.facts.history import History, Lives, history_of
from secondhall.belief.facts.learn import _contradiction, without_open_options
from secondhall.belief.facts.measure import STOCKS, targets_of, unreadable
from secondhall.belief.facts.relive import Inflow, without_commitments, year_of
from secondhall.belief.facts.replay import SEEN, opening_of, replay
from secondhall.belief.facts.standing import chain_probability, regime_statement
from secondhall.case import Case, Fact, read_case
from secondhall.company.layout import SERIES, Floats
from secondhall.company.parameters import Integers
from secondhall.decide.alarm import false_alarm_rate, filtered_bust, threshold_for
from secondhall.months import Month

UNTIL = Month.parse("2002-08")
DRAWS = 24


@cache
def fluxus() -> Case:
    return read_case("fluxus")


@cache
def past() -> tuple[History, Floats, Integers]:
    history = history_of(fluxus(), UNTIL, seed=3)
    rng = np.random.default_rng(8)
    scores = rng.standard_normal((DRAWS, len(history.unknowns)))
    return history, scores, Lives(history, ()).draw(scores, rng)


def test_the_replay_reads_what_the_engine_reads() -> None:
    """Oracle and engine agree to the rounding of their exp and log over 43 months: 1e-9 of each figure."""
    history, scores, chances = past()
    targets = targets_of(fluxus().known_facts(UNTIL), since=history.case.start, until=UNTIL)
    engine = history.read(targets, scores, chances)
    lived = replay(history, scores, chances)
    oracle = np.stack([target.read(lived.series) for target in targets], axis=1)
    assert engine == pytest.approx(oracle, rel=1e-9, abs=1e-9)


def test_M1_a_drawn_past_is_as_probable_as_the_chain_says() -> None:
    """First month, and the moves of all months together, each within 5 standard errors of its share."""
    history, _, _ = past()
    scores = np.zeros((4000, len(history.unknowns)))
    chain = history.chain(scores)
    paths = chain.draw(history.months, np.random.default_rng(10))
    for turned in (paths, chain.turn(paths, np.random.default_rng(11))):
        for regime, share in enumerate(chain.start):
            error = np.sqrt(share * (1 - share) / len(paths))
            assert abs((turned[:, 0] == regime).mean() - share) <= 5 * error
        before, after = turned[:, :-1].ravel(), turned[:, 1:].ravel()
        for one in range(3):
            count = (before == one).sum()
            for other in range(3):
                share = chain.moves[0, one, other]
                error = np.sqrt(share * (1 - share) / count)
                assert abs((after[before == one] == other).mean() - share) <= 5 * error


def test_the_engine_lives_the_regimes_that_are_asked_for() -> None:
    history, scores, chances = past()
    lived = replay(history, scores, chances)
    assert np.array_equal(lived.series["regime"].T, history.regimes(chances)[:, 1:])


def test_months_that_are_lived_anew_leave_those_before_as_they_were() -> None:
    """A month's chance is its own: with another from month 20 on, those before are the same to the bit."""
    history, scores, chances = past()
    other = chances.copy()
    other[:, 20 : history.months] += 1
    lived, renewed = replay(history, scores, chances), replay(history, scores, other)
    for name in SERIES:
        assert np.array_equal(lived.series[name][:20], renewed.series[name][:20]), name
    assert (lived.series["new_customers"][20:] != renewed.series["new_customers"][20:]).any()


def test_what_is_renewed_is_a_stretch_of_months_and_the_regimes_stay() -> None:
    history, scores, _ = past()
    lives = Lives(history, ())
    chances = lives.draw(np.repeat(scores, 50, axis=0), np.random.default_rng(1))
    renewed = lives.renew(chances, np.random.default_rng(2))
    assert np.array_equal(history.regimes(renewed), history.regimes(chances))
    fresh = history.numbers(renewed) != history.numbers(chances)
    assert fresh.any(axis=0).all()
    assert (np.abs(np.diff(np.pad(fresh.astype(int), ((1, 1), (0, 0))), axis=0)).sum(axis=0) == 2).all()
    lengths = fresh.sum(axis=0)
    assert (lengths == 1).any()
    assert (lengths > history.months // 2).any()


def test_a_past_before_the_commitment_is_the_same_without_it() -> None:
    history, scores, chances = past()
    plan = history.actions
    lived = replay(history, scores, chances)
    idle = replay(history, scores, chances, actions=without_commitments(plan))
    before = plan[0].month - history.case.start
    for name in SERIES:
        assert np.array_equal(lived.series[name][:before], idle.series[name][:before]), name
    assert (lived.series["capex"][before:].sum(axis=0) > 0.0).any()
    assert (idle.series["capex"] == 0.0).all()
    assert (year_of(history, lived, "net_income", 2001) != year_of(history, idle, "net_income", 2001)).any()


@pytest.mark.parametrize("start", ["2000-04", "2001-01"])
def test_where_the_past_ends_the_books_and_the_halls_hold_together(start: str) -> None:
    """The state laid over the start is that of the past: what is installed is sold, in the same slot."""
    history, scores, chances = past()
    case = fluxus().at(Month.parse(start))
    opens = case.start - history.case.start - 1
    actions = without_open_options(case, history.actions)
    lived = replay(history, scores, chances, actions=actions, keep_after=opens)
    opening = opening_of(case, history, lived)
    sold, installed = opening["hall.sold"], opening["segment.installed"]
    assert sold.sum(axis=0) == pytest.approx(installed.sum(axis=0), rel=1e-9, abs=1e-6)
    assert (sold[1:] == 0.0).all()
    assert (opening["segment.locked"] <= opening["segment.customers"] + 1e-9).all()
    for name, row in (("firm.cash", "cash"), ("firm.payables", "payables")):
        assert np.array_equal(opening[name], lived.series[row][opens]), name
    assert opening["segment.receivables"].sum(axis=0) == pytest.approx(lived.series["receivables"][opens])
    assert opening["role.posts"].sum(axis=0) == pytest.approx(lived.series["staff"][opens])
    assert (opening["firm_regime.start_probability"].argmax(axis=0) == lived.series["regime"][opens]).all()


def test_the_statement_of_the_regime_weighs_a_past_by_stated_over_expected() -> None:
    history = history_of(fluxus(), fluxus().start, seed=3)
    target = regime_statement(fluxus(), history)
    assert target is not None
    kept = {"regime": np.tile(np.array([0.0, 1.0, 2.0]), (history.months, 1))}
    kernel = np.exp(-0.5 * target.read(kept) ** 2)
    stated = np.array(fluxus().market.shares("start_regime"))
    weights = stated / chain_probability(history, history.months)
    assert kernel[:2] == pytest.approx(weights[:2] / weights.max(), rel=1e-12)
    assert kernel[2] < 1e-30


def test_what_a_fact_reads_is_what_its_words_say() -> None:
    since = Month.parse("2000-01")
    months = 24
    rng = np.random.default_rng(4)
    kept = {name: rng.uniform(1.0, 2.0, (months, 3)) for name in SERIES}

    def read(quantity: str, unit: str | None = None) -> Floats:
        fact = Fact(
            fact="1",
            quantity=quantity,
            period="2001",
            first=since + 12,
            last=since + 23,
            value=1.0,
            unit=unit,
            standard_deviation=1.0,
            published=None,
            words="",
            source="",
        )
        (target,) = targets_of([fact], since=since, until=since + months)
        assert set(target.series) <= set(SERIES)
        return target.read(kept)

    late, early = slice(12, 24), slice(0, 12)
    assert read("revenue", "EUR M") == pytest.approx(kept["revenue"][late].sum(axis=0) / 1e6)
    assert read("staff") == pytest.approx(kept["staff"][23])
    customers = kept["new_customers"]
    assert read("new_customers_change") == pytest.approx(
        100 * (customers[late].sum(axis=0) / customers[early].sum(axis=0) - 1)
    )
    both = kept["services"] + kept["equipment"]
    assert read("services_and_equipment_change") == pytest.approx(
        100 * (both[late].sum(axis=0) / both[early].sum(axis=0) - 1)
    )
    hosting = kept["hosting"]
    assert read("hosting_against_run_rate") == pytest.approx(
        100 * (hosting[late].sum(axis=0) / (4 * hosting[9:12].sum(axis=0)) - 1)
    )
    assert read("written_off_share") == pytest.approx(
        100 * kept["write_offs"][late].sum(axis=0) / kept["capex"].sum(axis=0)
    )
    assert set(STOCKS) <= set(SERIES)


def test_every_fact_that_is_not_learned_from_has_a_reason() -> None:
    history, _, _ = past()
    since = history.case.start
    used = {target.fact.fact for target in targets_of(fluxus().facts, since=since, until=UNTIL)}
    assert {"2", "4", "5", "6", "10", "11", "13", "14", "17", "20", "21", "21-after", "22"} <= used
    for fact in fluxus().facts:
        assert (unreadable(fact, since, UNTIL) is None) == (fact.fact in used)


def test_facts_that_pull_apart_are_named_with_their_distance() -> None:
    history, scores, chances = past()
    five = next(fact for fact in fluxus().facts if fact.fact == "5")
    other = dataclasses.replace(five, fact="5b", value=20.0)
    targets = targets_of([five, other], since=history.case.start, until=UNTIL)
    halfway = np.full((DRAWS, 2), 16.5)
    told = _contradiction(Explained(history, targets, (), scores, chances, halfway))
    assert told is not None
    assert "pull apart" in told
    assert "fact 5 (" in told
    assert "fact 5b (" in told
    assert told.count("11.7") == 2  # 3.5 / 0.3
    near = np.full((DRAWS, 2), 13.0)
    assert "against" not in str(_contradiction(Explained(history, targets, (), scores, chances, near)))


def test_D1_the_filter_makes_of_an_inflow_what_it_made_of_it_in_the_company() -> None:
    """Twin: fed with the new customers of a past, the filter alone gives the series of that past."""
    history, scores, chances = past()
    lived = replay(history, scores, chances)
    customers = np.stack([lived.series[SEEN + name] for name in history.case.segments])
    inflow = Inflow(history.case.start, customers, lived.series["regime"])
    assert filtered_bust(history.known, inflow) == pytest.approx(lived.series["bust_probability"], abs=1e-12)


def test_the_threshold_keeps_the_rate_of_false_alarms_and_falls_as_more_are_allowed() -> None:
    rng = np.random.default_rng(9)
    probability = rng.beta(1, 6, (48, 400))
    quiet = np.arange(48)[:, None] < rng.integers(1, 60, 400)[None, :]
    thresholds = [threshold_for(probability, quiet, yearly) for yearly in (0.02, 0.1, 0.5)]
    assert thresholds == sorted(thresholds, reverse=True)
    for yearly, threshold in zip((0.02, 0.1, 0.5), thresholds, strict=True):
        assert false_alarm_rate(probability, quiet, threshold)[0] <= yearly
        assert false_alarm_rate(probability, quiet, threshold - 0.011)[0] > yearly


def test_an_alarm_in_the_bust_is_not_false() -> None:
    probability = np.array([[0.1, 0.9], [0.9, 0.1], [0.9, 0.1]])
    quiet = np.array([[True, True], [False, True], [False, True]])
    rate, _ = false_alarm_rate(probability, quiet, 0.5)
    # Path 0 is watched for its one quiet month, path 1 alarms in its first: one event in two months.
    assert rate == pytest.approx(1 / (2 / 12))
