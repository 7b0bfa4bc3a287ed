from __future__ import annotations

import dataclasses
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.learned_fixtures import posterior
from tests.unit.recovery_fixtures import distressed, healthy
from tests.unit.report_fixtures import HOSTILE
from tests.unit.test_report_html import Page, assert_loads_nothing

from secondhall.belief import Learned
from secondhall.recover.flows import role_flows
from secondhall.recover.problem import Fate
from secondhall.recover.programme import Family
from secondhall.recover.programme.relax import from_month
from secondhall.recover.programme.solve import least_shortfall
from secondhall.recover.programme.unsaved import Relief, Unsaved
from secondhall.recover.recovery import Others, Recovery
from secondhall.recover.words import (
    cautions,
    decided_at_review,
    decided_now,
    hall_words,
    headline,
    listed,
    no_plan_words,
    refusal_words,
    stop_or_go_further,
    tide_names,
    waiting_words,
)
from secondhall.report.charts.recovery import recovery_pictures
from secondhall.report.recovery import render_recovery, write_recovery
from secondhall.report.recovery_costs import account_rows, cost_rows
from secondhall.report.recovery_rows import known_grounds, people_tables, way_rows
from secondhall.units import money

SECTIONS = ("glance", "why", "what", "calendar", "funding", "customers", "ways", "refused", "stops", "sure")


def beyond_saving() -> Recovery:
    return distressed(cash=0, commitment=0)


@pytest.fixture(scope="module")
def written() -> str:
    return render_recovery(distressed())


@pytest.fixture(scope="module")
def page(written: str) -> Page:
    return Page(written)


def _with_late_fates(made: Recovery) -> Recovery:
    """Return the plan with a second hall that is put to rest in the poor tide, let in the good one."""
    plan: Any = made.plan
    review = made.laid.problem.review
    late = [Fate(hall=1, action="mothball", month=review), Fate(hall=1, action="keep", month=0)]
    late.append(Fate(hall=1, action="sublet", month=review + 1))
    keep = Fate(hall=0, action="keep", month=0)
    fates = tuple((keep, fate) for fate in late)
    return dataclasses.replace(made, plan=dataclasses.replace(plan, fates=fates))


def test_the_headline_says_what_is_done_who_goes_and_what_the_shareholder_pays() -> None:
    made = distressed()
    plan, problem = made.plan, made.laid.problem
    assert plan is not None
    early = [one for one in plan.waves[0] if problem.waves[one.wave].announced < problem.review]
    gone = sum(sum(one.dismissals) + sum(one.volunteers) for one in early)
    closed = next(fate for fate in plan.fates[0] if fate.action == "close")
    put_in = made.proof.kept["shareholder_injection"].sum(axis=0)
    middle, worst = (money(float(v), "EUR") for v in np.quantile(put_in, (0.5, 0.95)))
    assert headline(made) == (
        f"Close second in {made.case.start + closed.month}; {gone} of 74 posts go; the shareholder puts in "
        f"{middle} in the middle future, {worst} in the worst of twenty."
    )


@pytest.mark.slow
def test_a_healthy_company_is_told_that_nothing_needs_doing_and_what_a_plan_would_add() -> None:
    made = healthy()
    assert not made.is_needed
    gain = (made.proof.outcomes["npv"] - made.nothing.outcomes["npv"]).mean()
    said = headline(made)
    assert said.startswith(
        "Nothing needs doing: if nothing is done the shareholder is asked for money in 0 %"
    )
    assert f"would still add {money(float(gain), 'EUR')} of value: keep every hall; " in said
    text = render_recovery(made)
    assert_loads_nothing(text)
    assert said in Page(text).text
    assert "In none of the futures played does the shareholder put money in" in Page(text).text
    assert "funding" not in {picture.group for picture in recovery_pictures(made)}


def test_a_company_beyond_saving_is_told_each_reason_and_shown_no_plan() -> None:
    made = beyond_saving()
    assert made.no_plan is not None
    said, text = headline(made), render_recovery(made)
    page = Page(text)
    assert_loads_nothing(text)
    assert said.startswith("No plan keeps the company within its limits: no plan ")
    assert len(no_plan_words(made)) >= 2
    for reason in no_plan_words(made):
        assert reason[1:] in said
        assert reason in page.text
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert not {"what", "calendar", "stops", "others"} & ids
    assert {"why", "funding", "customers", "ways", "refused", "sure"} <= ids
    assert decided_now(made) == decided_at_review(made) == stop_or_go_further(made) == cautions(made) == ()
    assert [row.is_plan for row in way_rows(made)[1]] == [False, False]


def test_a_company_beyond_saving_is_told_what_a_later_date_adds_to_what_is_wanted() -> None:
    made = beyond_saving()
    later = least_shortfall(from_month(made.laid.problem, 3))[0]
    assert made.no_plan is not None
    assert made.waiting == {3: pytest.approx(later - made.no_plan.shortfall.shortfall, rel=0.02)}
    [said] = waiting_words(made)
    assert said.startswith(f"Decided 3 months later, {money(made.waiting[3], 'EUR')} more")
    assert said in Page(render_recovery(made)).text


def test_a_search_that_ran_out_of_time_does_not_say_that_there_is_no_plan() -> None:
    made = beyond_saving()
    assert made.no_plan is not None
    found = Relief(None, 0.0, made.no_plan.shortfall.status)
    made = dataclasses.replace(made, no_plan=Unsaved(found, (), None))
    assert no_plan_words(made) == (
        "None was found in the time given, which does not say that there is none.",
    )


def test_every_section_is_there_named_and_linked(written: str, page: Page) -> None:
    ids = Counter(attrs["id"] for _, attrs in page.tags if "id" in attrs)
    assert ids.most_common(1)[0][1] == 1
    for name in SECTIONS:
        assert name in ids
        assert f"{name}-title" in ids
        assert f'href="#{name}"' in written
    assert all(
        (link["href"] or "")[1:] in ids for link in page.all("a") if (link["href"] or "").startswith("#")
    )


def test_the_page_reads_in_order_for_those_who_do_not_see_it(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))
    for svg in page.all("svg"):
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby")


def test_the_page_loads_nothing(written: str) -> None:
    assert_loads_nothing(written)


def test_names_from_the_case_never_become_markup() -> None:
    made = distressed()
    case = dataclasses.replace(
        made.case,
        title=HOSTILE,
        halls={"first": made.case.halls["first"], HOSTILE: made.case.halls["second"]},
    )
    roles = (HOSTILE, *made.laid.problem.roles[1:])
    problem = dataclasses.replace(made.laid.problem, halls=("first", HOSTILE), roles=roles)
    standing = dataclasses.replace(made.laid.standing, case=case)
    laid = dataclasses.replace(made.laid, standing=standing, problem=problem)
    calendar: Any = made.calendar
    step = dataclasses.replace(calendar.steps[0], what=HOSTILE, who=HOSTILE)
    calendar = dataclasses.replace(
        calendar, steps=(step, *calendar.steps[1:]), sources=(f"javascript:x {HOSTILE}",)
    )
    text = render_recovery(dataclasses.replace(made, laid=laid, calendar=calendar))
    assert_loads_nothing(text)
    assert "<script" not in text.lower()
    assert "\x1b" not in text
    words = Page(text).text
    assert words.count("<script>alert(1)</script>") > 5
    assert "{{ 7*7 }}" in words
    assert 'href="javascript' not in text


def test_no_post_is_lost_or_made_and_the_work_is_always_covered() -> None:
    made = distressed()
    (table,) = people_tables(made)
    assert [row.role for row in table.rows] == list(made.laid.problem.roles)
    for row in (*table.rows, table.total):
        kept = (
            row.start - row.dismissed - row.volunteers - row.moved_out + row.moved_in - row.left + row.hired
        )
        assert kept == pytest.approx(row.end, abs=1e-9)
        # Posts are hired again up to what the work needs; the rest keeps the service running.
        assert row.end >= row.need - 1e-9
        assert row.end >= row.floor - 1e-6
        assert row.left >= 0.0
    assert table.total.moved_in == table.total.moved_out > 0


def test_what_the_page_calls_severance_and_procedure_is_what_the_accounts_book() -> None:
    # Announced at the start, so that the money of the start grows by the index of the first month (W4, M6).
    made = distressed()
    assert made.plan is not None
    waves = [made.laid.problem.waves[one.wave] for one in made.plan.waves[0]]
    assert {wave.announced for wave in waves} == {0}
    stated = {row.what: row.amount for row in cost_rows(made, 0)}
    booked = made.proof.kept["restructuring"].sum(axis=0)
    expected = (stated["severance and notice"] + stated["procedure"]) * made.laid.money.index[0]
    assert booked == pytest.approx(np.full(booked.size, expected), rel=1e-9)


def test_the_accounts_are_told_by_calendar_year_and_miss_no_month() -> None:
    made = distressed()
    years, label, rows = account_rows(made)
    assert years == ("2002 (10 months)", "2003 (5 months)")
    assert label == "M EUR"
    write_offs = rows[0].years
    in_all = made.proof.kept["write_offs"].sum(axis=0).mean() / 1e6
    shown = [float(value) for value, _, _ in write_offs]
    assert sum(shown) == pytest.approx(in_all, abs=0.05 * len(years))


def test_every_number_of_the_ways_on_is_that_of_its_proof(page: Page) -> None:
    made = distressed()
    label, rows = way_rows(made)
    assert [row.name for row in rows] == list(made.proofs)
    assert label == "M EUR"
    for row in rows:
        proof = made.proofs[row.name]
        for pair, amount in (
            (row.cheque, np.quantile(proof.cheque, 0.5)),
            (row.worst, np.quantile(proof.cheque, 0.95)),
            (row.trough, np.quantile(proof.own_cash.min(axis=0), 0.05)),
            (row.years[0], proof.kept["ebitda"][:12].sum(axis=0).mean()),
            (row.years[1], proof.kept["ebitda"][12:24].sum(axis=0).mean()),
        ):
            # Written to as many decimals as its error has, at least one.
            assert float(pair[0]) == pytest.approx(amount / 1e6, abs=0.0501)
            assert pair[1]
        assert row.name in page.text
        assert f"{row.cheque[0]}± {row.cheque[1]}" in page.text
    assert rows[0].gain == ("-", "")


def test_every_step_of_the_procedure_is_dated_and_its_assumptions_are_marked(
    written: str, page: Page
) -> None:
    calendar = distressed().calendar
    assert calendar is not None
    part = written.split('id="calendar"')[1].split("</section>")[0]
    for step in calendar.steps:
        assert f'<td class="tight">{step.day}</td>' in part
    assert part.count(">assumption<") == sum(not step.is_verified for step in calendar.steps) > 0
    for said in (*calendar.assumptions, *calendar.sources):
        assert said in page.text


def test_grounds_stand_apart_and_miss_no_value_that_bears_on_the_way_out() -> None:
    made = distressed()
    known = known_grounds(made)
    rows = [r for r in made.case.provenance() if r.section in ("halls", "staff", "finance", "recovery")]
    kinds = Counter(str(row.kind) for row in rows)
    counts = {name[:-1]: ground.count for name, ground in known.items()}
    assert counts == {
        "fact": kinds["fact"],
        "inference": kinds["inference"],
        "assumption": kinds["assumption"],
    }


def test_what_was_learned_is_an_inference_with_the_learned_figure() -> None:
    made = distressed()
    name = "halls.second.exit_penalty"
    draws = np.linspace(1e6, 2e6, 101)
    learned = dataclasses.replace(posterior(), values={name: draws}, opening={}, lessons=())
    belief = Learned(made.case, learned)
    standing = dataclasses.replace(made.laid.standing, belief=belief)
    made = dataclasses.replace(made, laid=dataclasses.replace(made.laid, standing=standing))
    before, known = known_grounds(distressed()), known_grounds(made)
    assert known["inferences"].count == before["inferences"].count + 1
    assert known["assumptions"].count == before["assumptions"].count - 1
    ((_, (row,)),) = known["inferences"].sections
    assert (row.id, row.field) == ("second", "exit_penalty")
    assert row.value == "1,500,000 (1,050,000 to 1,950,000, 90%)"
    assert row.origin.startswith("learned; the case states 900,000")


def test_other_companies_are_told_where_the_evidence_allows_them(page: Page) -> None:
    assert "Other companies" not in page.text
    leaving = np.arange(21.0)
    others = Others(
        posts=np.full(23, 70.0),
        posts_leaving=leaving,
        shares_leaving=leaving / 70.0,
        cheque=1e6 * leaving,
        closes={"second": 0.75},
        unsaved=2,
    )
    text = Page(render_recovery(dataclasses.replace(distressed(), others=others))).text
    assert "A plan of its own was made for 23 others; 2 of them have none." in text
    assert "posts that go11019" in text  # 5, 50 and 95 %
    assert "1.0 M EUR10.0 M EUR19.0 M EUR" in text
    assert "second75 %" in text


def test_each_refusal_is_told_with_its_cost_or_what_refuses_it(page: Page) -> None:
    made = distressed()
    assert made.refusals
    for one in made.refusals:
        said = refusal_words(made, one)
        assert one.what + said in page.text
        if one.cost is not None and one.cost > 0.0:
            assert said == f"it would cost {money(one.cost, 'EUR')} of expected cheque"
    first = made.refusals[0]
    short = dataclasses.replace(first, cost=None, family=Family.COMMITMENT, excess=2.5e6)
    assert refusal_words(made, short) == (
        "no plan can: the shareholder's commitment refuses it: 2.5 M EUR more would be wanted"
    )
    crowded = dataclasses.replace(first, cost=None, family=Family.ROOM, excess=None)
    assert refusal_words(made, crowded) == "no plan can: the room and the pace of moves refuses it"


def test_a_way_on_that_is_worth_more_than_the_plan_is_not_hushed_up(page: Page) -> None:
    made = distressed()
    more = (made.proofs["everything closed"].outcomes["npv"] - made.proof.outcomes["npv"]).mean()
    said = next(words for words in cautions(made) if "everything closed" in words)
    assert money(float(more), "EUR") in said
    assert said in page.text
    same = dataclasses.replace(made, proofs={name: made.proofs[name] for name in ("nothing", "plan")})
    assert not [words for words in cautions(same) if words.startswith("Played")]


def test_where_tides_part_each_is_told_with_its_sign_and_its_hall() -> None:
    made = _with_late_fates(distressed())
    start, review = made.case.start, made.laid.problem.review
    poor, middle, good = decided_at_review(made)
    low, high = (f"{point / 1e6:,.2f} M EUR" for point in made.thresholds)
    assert poor.startswith(f"Poor tide (EBITDA earned from {start} to {start + review - 1} below {low}; ")
    assert "second is emptied and put to rest" in poor
    assert f"between {low} and {high}; " in middle
    assert middle.endswith(": nothing further is decided.")
    assert f"above {high}; " in good
    assert f"second is left to a subtenant from {start + review + 1} on." in good
    assert "second stays open until the review at least." in decided_now(made)
    shares = [float(re.search(r"(\d+) % of futures", said)[1]) for said in (poor, middle, good)]  # type: ignore[index]
    assert sum(shares) == pytest.approx(100, abs=1.5)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("keep", "second stays open"),
        ("renegotiate", "second stays open, at the rent offered by its landlord from 2002-04 on"),
        ("sublet", "second is left to a subtenant from 2002-04 on"),
        ("mothball", "second is emptied and put to rest in 2002-04"),
        ("sell", "second is sold in 2002-04, and its lease goes with it"),
        ("close", "second is emptied and closed in 2002-04"),
        ("stop", "second is not finished: building stops in 2002-04"),
    ],
)
def test_each_fate_of_a_hall_has_its_words(action: str, said: str) -> None:
    assert hall_words(distressed(), Fate(hall=1, action=action, month=1)) == said


def test_lists_and_tides_are_named_as_people_do() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert tide_names(1) == ("every future",)
    assert tide_names(2) == ("poor tide", "good tide")
    assert len(set(tide_names(5))) == 5


def test_no_picture_is_empty_and_each_says_in_words_what_it_shows() -> None:
    made = distressed()
    drawn = {picture.key: picture for picture in recovery_pictures(made)}
    assert set(drawn) == {"burn", "timeline", "cheque", "cash-0", "cash-1", "cash-2"}
    for picture in drawn.values():
        assert len(picture.says) > 40
        assert picture.svg.count("<path") > 5
    last = np.quantile(made.proof.own_cash[-1], 0.5) / 1e6
    assert f"stands at {last:.1f} M EUR in the middle future" in drawn["cash-1"].says


def test_all_that_is_decided_and_what_would_change_it_is_written(page: Page) -> None:
    made = distressed()
    for said in (*decided_now(made), *decided_at_review(made), *stop_or_go_further(made), headline(made)):
        assert said in page.text
    for flow in role_flows(made, 0):
        assert flow.role in page.text
    assert f"seed{made.seed}" in page.text.replace(" ", "")


def test_writing_makes_the_folder_and_repeats_byte_for_byte(tmp_path: Path) -> None:
    path = write_recovery(distressed(), tmp_path / "a" / "b")
    assert path == tmp_path / "a" / "b" / "recovery.html"
    first = path.read_bytes()
    assert write_recovery(distressed(), tmp_path / "a" / "b").read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == ["recovery.html"]
    assert len(first) < 1_000_000
