"""The law as data: calendars by hand from the articles, what always holds, and what is told of a bad file."""

import doctest
import importlib
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import secondhall.recover.law.law
from secondhall.errors import InputError
from secondhall.months import Month
from secondhall.recover.law.calendar import bands, calendar_of, quotas
from secondhall.recover.law.law import COUNTRIES, Law, Seniority, read_law
from secondhall.recover.law.reading import parse_law
from secondhall.recover.law.severance import months_of_salary, role_severance, statutory_severance

FRANCE, GENERIC = read_law("france"), read_law("generic")
TEXT = Path(secondhall.recover.law.law.__file__).with_name("generic.yaml").read_text(encoding="utf-8")
TODAY, MONDAY = date(2026, 11, 27), date(2026, 1, 5)
DAYS = st.dates(date(1995, 1, 1), date(2040, 12, 31))
MONTHS = st.integers(0, 600)


def planned(dismissals: int, headcount: int, day: date) -> tuple[date, str, bool]:
    """Letters, month of leaving, plan."""
    calendar = calendar_of(FRANCE, dismissals=dismissals, headcount=headcount, announced=day)
    return calendar.letters, str(calendar.leave), calendar.needs_plan


def test_J3_counts_saturdays_and_no_sundays_as_working_days() -> None:
    # Five from Monday 5 January: Saturday 10; seven on, over Sunday 11 and 18: Monday 19.
    steps = calendar_of(FRANCE, dismissals=1, headcount=207, announced=MONDAY).steps
    assert [step.day.day for step in steps] == [5, 10, 19]


# All announced on Monday 5 January 2026; notice of two months (L1234-1).
# 1: five working days to the interview (L1233-11): Sat 10; seven more (L1233-15): Mon 19 January.
# 9: an opinion within a month (L1233-8): Thu 5 February; interview Wed 11; letters Thu 19 February.
# 10 to 99: two months (L1233-30): 5 March; 21 days of the authority (L1233-57-4): 26 March.
# 100 to 249: three months: 5 April; 26 April. 250 on: four months: 5 May; 26 May.
# Firms under 50, from ten on: notified on 6 January (L1233-46), thirty days (L1233-39): 5 February.
@pytest.mark.parametrize(
    ("dismissals", "headcount", "letters", "leave", "needs_plan"),
    [
        (1, 207, date(2026, 1, 19), "2026-04", False),
        (9, 207, date(2026, 2, 19), "2026-05", False),
        (10, 207, date(2026, 3, 26), "2026-06", True),
        (34, 207, date(2026, 3, 26), "2026-06", True),
        (99, 207, date(2026, 3, 26), "2026-06", True),
        (100, 207, date(2026, 4, 26), "2026-07", True),
        (250, 300, date(2026, 5, 26), "2026-08", True),
        (9, 49, date(2026, 2, 19), "2026-05", False),
        (10, 49, date(2026, 2, 5), "2026-05", False),
        (34, 49, date(2026, 2, 5), "2026-05", False),
        (10, 50, date(2026, 3, 26), "2026-06", True),
        (9, 10, date(2026, 1, 19), "2026-04", False),
    ],
)
def test_J3_J4_give_the_days_that_the_articles_of_today_give(
    dismissals: int, headcount: int, letters: date, leave: str, needs_plan: bool
) -> None:
    assert planned(dismissals, headcount, MONDAY) == (letters, leave, needs_plan)


# 34 of 207. 2001: notified on the day after the first meeting (L321-7), thirty days (L321-6): 2 July + 31.
# 2002: the project first, 15 days (assumed), the dismissals from the next day on, notified on the day after:
# 1 July + 15 + 1 + 1 + 30 = 17 August. 2010: as 2001, by the code of 2008. June and July 2013: 31 days, then
# two months and 21 days.
@pytest.mark.parametrize(
    ("day", "letters", "leave"),
    [
        (date(2001, 7, 2), date(2001, 8, 2), "2001-11"),
        (date(2002, 7, 1), date(2002, 8, 17), "2002-11"),
        (date(2010, 7, 1), date(2010, 8, 1), "2010-11"),
        (date(2013, 6, 30), date(2013, 7, 31), "2013-10"),
        (date(2013, 7, 1), date(2013, 9, 22), "2013-12"),
    ],
)
def test_J4_follows_the_law_of_the_day_of_the_announcement(day: date, letters: date, leave: str) -> None:
    assert planned(34, 207, day) == (letters, leave, True)


def test_the_plan_of_2002_says_what_in_it_is_assumed() -> None:
    then = calendar_of(FRANCE, dismissals=34, headcount=207, announced=Month.parse("2002-07"))
    assert len(then.assumptions) == 2
    assert [step.is_verified for step in then.steps].count(True) == 0
    assert calendar_of(FRANCE, dismissals=34, headcount=207, announced=MONDAY).assumptions == ()


def test_qualified_staff_has_the_notice_of_agreements_and_a_manager_alone_the_longer_term() -> None:
    plan = calendar_of(FRANCE, dismissals=1, headcount=207, announced=MONDAY, is_qualified=True)
    # Interview Sat 10 January; fifteen working days on: Wed 28. Three months: 28 April.
    assert (plan.letters, plan.notice_end, plan.leave) == (
        date(2026, 1, 28),
        date(2026, 4, 28),
        Month.of(2026, 5),
    )
    assert len(plan.assumptions) == 1


def test_a_notice_from_the_end_of_a_month_ends_with_a_shorter_one() -> None:
    # Letters on 31 December 2025 by a law without procedure; one month: 31 January; then 28 February.
    assert calendar_of(GENERIC, dismissals=1, headcount=9, announced=date(2026, 1, 31)).notice_end == date(
        2026, 2, 28
    )


def test_a_calendar_is_data() -> None:
    plan = calendar_of(FRANCE, dismissals=34, headcount=207, announced=MONDAY)
    data = json.loads(json.dumps(plan.as_data()))
    assert set(data) == set(plan.__slots__)
    assert data["steps"][-1]["day"] == data["letters"] == "2026-03-26"


@pytest.mark.parametrize(("dismissals", "headcount"), [(0, 207), (250, 207), (99, 49)])
def test_more_dismissals_than_posts_are_refused(dismissals: int, headcount: int) -> None:
    with pytest.raises(ValueError, match=f"accepted 1 to {headcount}"):
        calendar_of(FRANCE, dismissals=dismissals, headcount=headcount, announced=MONDAY)


@given(DAYS, st.integers(10, 400), st.integers(0, 390))
def test_letters_of_a_collective_dismissal_are_never_earlier_for_more(
    day: date, fewer: int, more: int
) -> None:
    # 10 to 400 of 800: within the collective procedures; a small one asks for interviews and may take longer.
    assert planned(fewer, 800, day)[0] <= planned(fewer + more, 800, day)[0]


@given(st.sampled_from(COUNTRIES), DAYS, st.integers(1, 600))
def test_J5_bands_split_all_numbers_and_hold_for_every_month(country: str, day: date, headcount: int) -> None:
    law = read_law(country)
    found = bands(law, headcount, day)
    numbers = [number for band in found for number in range(band.least, band.most + 1)]
    assert sorted(numbers) == list(range(1, headcount + 1))
    # Within one law; an announcement may not cross into another one.
    month = Month.of(day.year, day.month)
    for band in found:
        calendar = calendar_of(law, dismissals=band.least, headcount=headcount, announced=month)
        if law.at(calendar.announced).procedures == law.at(day).procedures:
            last = month + band.months_to_letters
            assert calendar.letters <= date(last.year, last.month, 1)


def test_the_limits_against_splitting_bind_from_fifty_on() -> None:
    assert quotas(FRANCE, 49, TODAY) == ()
    assert [(one.months, one.most, one.is_calendar_year) for one in quotas(FRANCE, 50, TODAY)] == [
        (1, 9, False), (3, 10, False), (12, 18, True),
    ]  # fmt: skip


@given(DAYS, MONTHS, st.integers(0, 120), st.decimals(0, 20_000, places=2), st.decimals(0, 5_000, places=2))
def test_J1_never_falls_with_seniority_or_salary(
    day: date, months: int, more: int, salary: Decimal, raised: Decimal
) -> None:
    before = statutory_severance(FRANCE, salary, Seniority(0, months), day)
    assert statutory_severance(FRANCE, salary, Seniority(0, months + more), day) >= before
    assert statutory_severance(FRANCE, salary + raised, Seniority(0, months), day) >= before


@given(st.sampled_from(COUNTRIES), DAYS, MONTHS)
def test_J1_has_no_jump_at_a_bracket(country: str, day: date, months: int) -> None:
    law = read_law(country)
    rule = law.at(day).severance
    months = max(months, rule.least_months)
    step = months_of_salary(law, Seniority(0, months + 1), day) - months_of_salary(
        law, Seniority(0, months), day
    )
    rates = [tier.months_per_year for tier in rule.tiers]
    assert min(rates) / 12 <= step <= max(rates) / 12


def test_J6_takes_the_larger_of_law_and_statement_in_months_of_cost() -> None:
    def of(stated: str, cost: Decimal | None) -> Decimal:
        return role_severance(
            FRANCE, monthly_gross=Decimal(3000), mean_seniority=Seniority(10), stated_months=Decimal(stated),
            day=TODAY, monthly_cost=cost,
        )  # fmt: skip

    # Ten years: 2.5 months of salary, which are 2.5 x 3000 / 4500 = 1.67 months of cost.
    assert of("1", None) == Decimal("2.5")
    assert of("1", Decimal(4500)) == Decimal("1.67")
    assert of("6", Decimal(4500)) == Decimal(6)


@pytest.mark.parametrize("bad", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_a_salary_that_is_no_amount_is_refused(bad: Decimal) -> None:
    with pytest.raises(ValueError, match="accepted 0 or more"):
        statutory_severance(FRANCE, bad, Seniority(5), TODAY)


@pytest.mark.parametrize("law", [FRANCE, GENERIC], ids=COUNTRIES)
def test_what_is_verified_has_a_source_and_what_is_not_a_reason(law: Law) -> None:
    origins = [rule.origin for rule in (*law.severance, *law.notice)]
    origins += [one.origin for rules in law.procedures for one in rules.procedures]
    origins += [one.origin for rules in law.quotas for one in rules.quotas]
    assert all(origin.sources if origin.verified else origin.because for origin in origins)
    assert all(source.address.startswith("http") for origin in origins for source in origin.sources)


def test_the_law_says_nothing_of_a_day_before_it_begins() -> None:
    assert FRANCE.at(date(1993, 1, 29)).severance.least_months == 24
    with pytest.raises(InputError, match="1993-01-29 on") as raised:
        FRANCE.at(date(1993, 1, 28))
    assert raised.value.faults[0].column == "quotas"


def faults_of(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(InputError) as raised:
        parse_law(text, file="mine.yaml")
    faults = raised.value.faults
    assert all(fault.file == "mine.yaml" and fault.accepted and fault.mend for fault in faults)
    return [(fault.line, fault.found) for fault in faults]


def line_of(part: str, text: str = TEXT) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("part", "written", "found"),
    [
        ("least_months: 0", "least_months: two", "'two'"),
        ("least_months: 0", "least_months: -1", "'-1'"),
        ("months_per_year: 1/2", "months_per_year: 1/0", "'1/0'"),
        ("months_per_year: 1/2", "months_per_year: [1, 2]", "a list or a record"),
        ("from: 1900-01-01", "from: 1900-02-30", "'1900-02-30'"),
        ("counts: whole_months", "counts: days", "'days'"),
        ("articles: [assumed]", "articles: []", "a list or a record"),
        ("known: []", "knwon: []", "a name that is not known, 'knwon'"),
        ("country: a plain law", "country:", "nothing"),
        ("country: a plain law", "country: !!int x", "a tag ('tag:yaml.org,2002:int')"),
        ("country: a plain law", "country: &a x", "an anchor or alias ('a')"),
    ],
)
def test_a_field_that_cannot_be_used_is_told_with_its_line(part: str, written: str, found: str) -> None:
    assert (line_of(part), found) in faults_of(TEXT.replace(part, written, 1))


# What does not fit together is told at the record's first line, or at the list's.
@pytest.mark.parametrize(
    ("part", "written", "line", "found"),
    [
        ("kind: assumption", "kind: fact", "from:", "not verified, as a fact or with no reason"),
        ("verified: false", "verified: true", "from:", "verified, with no source"),
        ("verified: false", "verified: false\n    sources: [there]", "kind:", "'there'"),
        ("after: announced", "after: nowhere", "steps:\n          - key: announced", "after: 'nowhere'"),
        ("key: announced", "key: letters", "steps:\n          - key: announced", "a key for the second time"),
        (
            "most: 19",
            "most: 21",
            "from: 1900-01-01\n    known",
            "2 procedures for 20 dismissals in a firm of 10000",
        ),
        (
            "most: 19",
            "most: 18",
            "from: 1900-01-01\n    known",
            "no procedures for 19 dismissals in a firm of 10000",
        ),
        ("above_years: 0", "above_years: 1", "tiers:", "another order"),
    ],
)
def test_what_does_not_fit_together_is_told_where_it_stands(
    part: str, written: str, line: str, found: str
) -> None:
    shift = 2 if "sources" in written else 0
    assert (line_of(line) + shift, found) in faults_of(TEXT.replace(part, written, 1))


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("least_months: 0", "least_months: two").replace("days: 60", "days: sixty")
    assert faults_of(text) == [(line_of("least_months"), "'two'"), (line_of("days: 60"), "'sixty'")]


def test_a_gap_between_two_rules_is_a_fault() -> None:
    second = re.search(r"  - from: 1900-01-01\n    least_months(?:.*\n)+?(?=\n)", TEXT)
    assert second is not None
    text = TEXT.replace(
        second[0],
        second[0].replace("01-01\n", "01-01\n    until: 1950-01-01\n") + second[0].replace("1900", "1951"),
    )
    assert faults_of(text) == [(line_of("severance:"), "a rule until 1950-01-01, then one from 1951-01-01")]


@pytest.mark.parametrize("text", ["", "- a\n", "just words\n", "a: [1\n", "\x00"])
def test_no_law_at_all_is_one_fault(text: str) -> None:
    assert len(faults_of(text)) == 1


def test_a_file_of_ones_own_is_read_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(TEXT.replace("1/2", "0.5"), encoding="utf-8")
    assert read_law(mine).severance[0].tiers[0].months_per_year == Fraction(1, 2)
    assert read_law(str(mine)).file == "mine.yaml"
    (tmp_path / "bad.yaml").write_bytes(b"country: \xff\n")
    for name, found in [("bad.yaml", "UTF-8"), ("none.yaml", "no such file")]:
        with pytest.raises(InputError, match=found):
            read_law(tmp_path / name)


def test_an_unknown_country_is_told_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"france, generic[\s\S]*write france") as raised:
        read_law("frence")
    assert raised.value.exit_status == 2


@pytest.mark.parametrize("name", ["calendar", "law", "severance"])
def test_examples_in_the_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"secondhall.recover.law.{name}")).failed == 0


def test_the_page_shows_what_runs() -> None:
    page = (Path(__file__).parents[2] / "docs/law.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block is not None
    shown: dict[str, object] = {}
    exec(block[1], shown)
    plan = shown["plan"]
    assert (plan.letters, plan.leave, plan.needs_plan) == (date(2026, 3, 26), Month.of(2026, 6), True)  # type: ignore[attr-defined]
    assert plan.letters - timedelta(days=21) == date(2026, 3, 5)  # type: ignore[attr-defined]
