"""What a decision must show: build where the hall is reserved, not where demand is halved; facts in bands.

The verdicts stand on a thousand futures. On ``paris2006`` the gain over doing nothing is about fifty of its
standard errors and the probability of insolvency five below its limit, so that a thousand are plenty.
"""

from __future__ import annotations

import csv
import functools
import html
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from secondhall.belief import Learned
from secondhall.case import Case, read_case
from secondhall.cases import bundled_folder
from secondhall.decide import Decision, verdict
from secondhall.decide.counterfactual import fact_checks, live_twice
from secondhall.decide.rules import DatedPlan, Never
from secondhall.study import learn, plan, simulate, write_report

FUTURES = 1000
FACTS_IN_THEIR_BANDS = ("5", "6", "10", "21")


@functools.cache
def decided(name: str) -> Decision:
    return plan(read_case(bundled_folder(name)), futures=FUTURES, seed=7)


def copied(name: str, folder: Path) -> Path:
    shutil.copytree(bundled_folder(name), folder / name)
    return folder / name


@functools.cache
def northhall() -> Learned:
    belief = learn(read_case("northhall"))
    assert isinstance(belief, Learned)
    return belief


def with_demand_halved(belief: Learned) -> Learned:
    """Return a learned belief with half its demand.

    Halved are the new customers a month of each segment, in every draw, and the capacity of each opportunity
    in the pipeline. What customers have signed, how they grow and how they leave stays.
    """
    learned, opening = belief.posterior, belief.case.opening
    values = {
        name: draws / 2 if name.endswith(".new_customers_per_month") else draws
        for name, draws in learned.values.items()
    }
    assert sum(name.endswith(".new_customers_per_month") for name in values) == len(belief.case.segments)
    smaller = replace(opening, pipeline_mean_units=opening.pipeline_mean_units / 2)
    return Learned(replace(belief.case, opening=smaller), replace(learned, values=values))


def test_on_paris2006_the_recommendation_is_to_build() -> None:
    decision = decided("paris2006")
    best = decision.recommended
    assert verdict(best) == "build"
    assert best.refused is None
    assert best.gain.value > 10 * best.gain.error
    assert decision.headline == "Commit paris_c now."


def test_on_northhall_with_its_demand_halved_it_is_not() -> None:
    halved = with_demand_halved(northhall())
    decision = plan(halved.case, halved, futures=FUTURES, seed=7)
    assert verdict(decision.recommended) != "build"
    # ... and not for want of trying: to commit now was among the rules.
    assert any(c.commits_now.value == 1.0 for c in decision.contenders)


def test_with_its_demand_halved_the_hall_of_northhall_adds_less() -> None:
    # The same seed, so the two gains share most of their noise; independent errors bound what is left.
    gains = []
    for belief in (northhall(), with_demand_halved(northhall())):
        rules = (Never(), DatedPlan("board", belief.case.plans["board-proposal"]))
        never, board = simulate(belief.case, belief, rules, futures=FUTURES, seed=7)
        gap = board.outcomes["npv"] - never.outcomes["npv"]
        gains.append((gap.mean(), gap.std(ddof=1) / np.sqrt(gap.size)))
    (whole, error), (half, half_error) = gains
    assert whole - half > 3 * np.hypot(error, half_error)


EQUAL_LINES = {
    "hosting_revenue", "staff_cost", "energy_cost", "hall_cost", "overhead_cost", "cash", "debt",
    "receivables", "payables", "headcount", "capacity", "sold",
}  # fmt: skip
WITH_NEW_CUSTOMERS = {
    "services_revenue", "equipment_revenue", "revenue", "equipment_cost", "sales_cost", "bad_debt", "ebitda",
}  # fmt: skip


def test_month_zero_of_northhall_equals_its_last_closed_accounts() -> None:
    lines = {line.line: line for line in decided("northhall").reconciled}
    assert set(lines) == EQUAL_LINES | WITH_NEW_CUSTOMERS
    assert {name for name, line in lines.items() if line.equal} >= EQUAL_LINES
    for name in EQUAL_LINES:
        assert lines[name].model == pytest.approx(lines[name].books, rel=1e-3)


def test_what_differs_in_month_zero_is_listed_with_a_note_and_shown(tmp_path: Path) -> None:
    decision = decided("northhall")
    different = [line for line in decision.reconciled if not line.equal]
    assert {line.line for line in different} <= WITH_NEW_CUSTOMERS
    page = write_report(decision, tmp_path).read_text(encoding="utf-8")
    for line in different:
        assert "new customers" in line.note
        assert html.escape(line.note) in page


def test_the_books_of_northhall_are_the_books() -> None:
    """The figures set beside the model are those of the file, read by other means than ours."""
    with (bundled_folder("northhall") / "accounts.csv").open(encoding="utf-8", newline="") as file:
        last = {
            row["line"]: float(row["value"]) for row in csv.DictReader(file) if row["period"] == "2025-12"
        }
    for line in decided("northhall").reconciled:
        assert line.books == last[line.line]


@pytest.fixture(scope="module")
def fluxus() -> Decision:
    return decided("fluxus")


def test_the_prior_predictive_bands_cover_the_facts_of_fluxus(fluxus: Decision) -> None:
    checks = {check.fact: check for check in fluxus.fact_checks}
    for fact in FACTS_IN_THEIR_BANDS:
        check = checks[fact]
        assert check.inside, f"fact {fact}: {check.value} lies outside {check.band}"
        assert check.band.low <= check.value <= check.band.high
        assert check.band.low < check.band.high


def test_the_bands_cover_the_facts_with_another_seed_too() -> None:
    case = read_case(bundled_folder("fluxus"))
    happened = DatedPlan("as-happened", case.plans["as-happened"])
    with_hall, _ = live_twice(case, learn(case), happened, paths=2000, seed=2026)
    checks = {check.fact: check for check in fact_checks(case, with_hall)}
    assert {fact: checks[fact].inside for fact in FACTS_IN_THEIR_BANDS} == dict.fromkeys(
        FACTS_IN_THEIR_BANDS, True
    )


def test_the_facts_checked_are_the_figures_of_the_reference() -> None:
    stated = {check.fact: (check.value, check.unit) for check in decided("fluxus").fact_checks}
    assert stated["5"] == (13.0, "EUR M")
    assert stated["6"] == (-11.0, "EUR M")
    assert stated["10"] == (0.0, "m2")
    assert stated["21"] == (207.0, "posts")


def test_the_report_says_which_numbers_are_facts(fluxus: Decision, tmp_path: Path) -> None:
    page = write_report(fluxus, tmp_path).read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    text = re.sub(r"\s+", " ", text)
    for heading in ("Facts", "Inferences", "Assumptions"):
        assert heading.lower() in text.lower()
    for fact in fluxus.case.facts:
        assert re.sub(r"\s+", " ", fact.words) in text, f"fact {fact.fact} is not in the report"


def test_the_counterfactual_of_fluxus_is_an_interval(fluxus: Decision) -> None:
    found = fluxus.counterfactual
    assert found is not None
    assert (found.plan, found.year) == ("as-happened", 2001)
    for interval in (found.with_hall, found.without_hall, found.explained):
        assert interval.low < interval.mid < interval.high
    assert found.mean_explained.error > 0.0
    # The second hall made the year worse on average, by much more than the error.
    assert found.mean_explained.value < -3 * found.mean_explained.error


def test_the_bridge_adds_up_to_the_difference_of_net_income(fluxus: Decision) -> None:
    found = fluxus.counterfactual
    assert found is not None
    total = sum(line.difference.value for line in found.bridge)
    assert total == pytest.approx(found.mean_explained.value, rel=1e-6)


def without_later_facts(folder: Path) -> Case:
    """Return fluxus with only the facts that were known at its start."""
    case = read_case(copied("fluxus", folder))
    known = {fact.fact for fact in case.known_facts(case.start)}
    path = folder / "fluxus" / "facts.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    kept = [row for row in rows if row["fact"] in known]
    assert 0 < len(kept) < len(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(kept)
    return read_case(folder / "fluxus")


def test_a_decision_does_not_depend_on_what_was_published_later(tmp_path: Path) -> None:
    case = read_case(bundled_folder("fluxus"))
    first = plan(case, futures=200, seed=7)
    second = plan(without_later_facts(tmp_path), futures=200, seed=7)
    assert [c.rule for c in first.contenders] == [c.rule for c in second.contenders]
    for ours, theirs in zip(first.contenders, second.contenders, strict=True):
        assert ours.refused == theirs.refused
        np.testing.assert_array_equal(ours.futures.outcomes["npv"], theirs.futures.outcomes["npv"])
    assert verdict(first.recommended) == verdict(second.recommended)
    for words in ("headline", "do_now", "what_would_change", "worth", "risk_words"):
        assert getattr(first, words) == getattr(second, words)
    # Only the look-back changes: nothing published later is there to be set beside the bands.
    assert first.counterfactual is not None
    assert second.counterfactual is None
    assert len(first.fact_checks) > 0
    assert second.fact_checks == ()


def test_as_happened_is_a_rule_among_others_for_fluxus(fluxus: Decision) -> None:
    happened = next(c for c in fluxus.contenders if c.rule.name == "as-happened")
    assert happened.commits.value == 1.0
    assert happened.gain.value < -3 * happened.gain.error
