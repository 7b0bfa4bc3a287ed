"""Real decisions, taken again on what was known then, and scored by one rule.

Bit for bit the same decision comes out when what was published later is changed, so these comparisons have no
tolerance. The figures that a case derives from published ones are recomputed here; their tolerance is half a
unit of the last digit that is written.
"""

from __future__ import annotations

import calendar
import csv
import math
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.unit.test_bundled_cases import UNSOURCED_BY_NATURE, bare_numbers, origins

from secondhall.backtest import decisions
from secondhall.backtest.decisions import (
    BUILD,
    BUILD_LESS,
    DO_NOT_BUILD,
    WAIT,
    Replay,
    as_data,
    replay_decisions,
    said,
    tally,
    verdict_on,
)
from secondhall.backtest.past import Figure, Outcome, Past, known_then, outcome_of, past_decisions
from secondhall.belief import Prior
from secondhall.case import Case, Fact, bundled_cases, check_case, read_case
from secondhall.cases import BUNDLED, REALITY, bundled_folder, reality_folder
from secondhall.cases.reality_generator import BUILDINGS, generate
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Never
from secondhall.errors import InputError, NoAnswerError
from secondhall.futures import Estimate
from secondhall.months import Month
from secondhall.report.decisions import decision_rows, write_decisions

DECISIONS = tuple(past.name for past in past_decisions())
DUPONT_FABROS = tuple(building.name for building in BUILDINGS)
FEW = 60
"""Futures: enough for a decision to be taken, which is compared with itself."""


def tree(folder: Path) -> dict[str, Any]:
    read = YAML(typ="safe", pure=True).load((folder / "case.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from leaves(inner, f"{path}.{at}")
    else:
        yield path, node


def numbers(folder: Path) -> dict[str, object]:
    """Return every leaf of a case but its words."""
    words = (".because", ".kind", ".source", ".site", ".words")
    held = {path: leaf for path, leaf in leaves(tree(folder)) if not path.endswith(words)}
    return {
        path: leaf for path, leaf in held.items() if path.split(".")[0] not in ("name", "title", "sources")
    }


def past_of(name: str) -> Past:
    [past] = past_decisions([name])
    return past


# The rule of scoring


def fact(month: str, value: float | None = None) -> Fact:
    at = Month.parse(month)
    return Fact(
        fact=f"f-{month}", quantity="leased_share", period=month, first=at, last=at, value=value, unit="%",
        standard_deviation=None, published=at, words="so much is leased", source="https://example.org/",
    )  # fmt: skip


def outcome(shares: Mapping[str, float], closed: str | None = None) -> Outcome:
    """Return what came of a hall that opened in January 2010, whose two years end in January 2012."""
    figures = [Figure(Month.parse(month), share, fact(month, 100 * share)) for month, share in shares.items()]
    shut = None if closed is None else Month.parse(closed)
    return Outcome(opened=Month.parse("2010-01"), figures=tuple(figures), closed=shut)


@pytest.mark.parametrize(
    ("shares", "closed", "right"),
    [
        ({"2010-06": 0.75}, None, True),
        ({"2012-01": 0.75}, None, True),
        ({"2009-06": 0.95, "2013-01": 0.1}, None, True),
        ({"2012-01": 0.7499}, None, False),
        ({"2011-06": 0.74, "2016-01": 0.52}, None, False),
        ({"2012-02": 0.5}, None, False),
        ({"2010-12": 0.0}, "2011-07", False),
        ({}, "2011-07", False),
        ({"2010-12": 0.9}, "2011-07", True),
        ({"2011-06": 0.5, "2012-02": 0.75}, None, None),
        ({"2011-12": 0.5}, None, None),
        ({"2011-12": 0.5}, "2012-02", None),
        ({}, None, None),
    ],
)
def test_a_hall_is_right_if_three_quarters_are_leased_within_two_years_of_its_opening(
    shares: dict[str, float], closed: str | None, right: bool | None
) -> None:
    assert outcome(shares, closed).right is right


def test_a_figure_in_units_is_a_share_of_the_hall_and_one_in_per_cent_is_one_already() -> None:
    past = past_of("dft-nj1-phase1-2010")
    units, share = replace(fact("2011-03", 9.1), unit="MW"), fact("2011-01", 40.0)
    told = replace(past.case, facts=(*past.case.facts, units, share))
    figures = outcome_of(replace(past, case=told, leased=(units.fact, share.fact))).figures
    assert [(str(one.month), one.share) for one in figures] == [("2011-01", 0.4), ("2011-03", 9.1 / 18.2)]


def replay(verdict: str, shares: Mapping[str, float]) -> Replay:
    nothing = Estimate(0.0, 0.0)
    return Replay(
        past=past_of("dft-nj1-phase1-2010"), verdict=verdict, rule="a rule", gain=nothing, build_gain=None,
        build_refused=None, insolvency=nothing, belief="the case's statements", outcome=outcome(shares),
    )  # fmt: skip


FULL, EMPTY, SILENT = {"2011-01": 1.0}, {"2012-06": 0.2}, {"2010-02": 0.1}


@pytest.mark.parametrize(
    ("verdict", "right", "wrong"),
    [(BUILD, True, False), (BUILD_LESS, False, True), (WAIT, False, True), (DO_NOT_BUILD, False, True)],
)
def test_a_call_is_good_if_it_builds_what_fills_and_nothing_else(
    verdict: str, right: bool, wrong: bool
) -> None:
    assert replay(verdict, FULL).good is right
    assert replay(verdict, EMPTY).good is wrong
    assert replay(verdict, SILENT).good is None


def test_the_count_is_that_of_the_table_in_words_in_data_and_on_the_page(tmp_path: Path) -> None:
    verdicts = [
        (BUILD, FULL),
        (BUILD, FULL),
        (WAIT, FULL),
        (WAIT, FULL),
        (BUILD, EMPTY),
        (DO_NOT_BUILD, EMPTY),
    ]
    verdicts.append((BUILD, SILENT))
    replays = [replay(verdict, shares) for verdict, shares in verdicts]
    calls = [row.call for row in decision_rows(replays)]
    assert calls == ["good", "good", "bad", "bad", "bad", "good", "not known"]
    counts = tally(replays)
    assert (counts.good, counts.bad, counts.unknown) == tuple(
        calls.count(call) for call in ("good", "bad", "not known")
    )
    assert (counts.always_build, counts.never_build) == (4, 2)
    assert "3 good calls and 3 bad ones of 6; of 1 more it is not known" in said(replays)
    data = as_data(replays)
    assert data["tally"] == {"good": 3, "bad": 3, "unknown": 1, "always_build": 4, "never_build": 2}
    listed = data["decisions"]
    assert isinstance(listed, list)
    assert [one["good_call"] for one in listed] == [True, True, False, False, False, True, None]
    page = write_decisions(replays, tmp_path).read_text(encoding="utf-8")
    assert said(replays) in page
    assert page.count('<span class="tag outside">bad</span>') == 3
    assert "<script" not in page


def contender(rule: object, *, now: float, ever: float) -> Any:
    return SimpleNamespace(rule=rule, commits_now=Estimate(now, 0.0), commits=Estimate(ever, 0.0))


def test_a_verdict_speaks_of_the_hall_that_was_decided_on() -> None:
    start = Month.parse("2010-01")
    assert verdict_on("hall", contender(DatedPlan.commit_now("hall", start), now=1.0, ever=1.0)) == BUILD
    assert verdict_on("hall", contender(DatedPlan.commit_now("half", start), now=1.0, ever=1.0)) == BUILD_LESS
    assert verdict_on("hall", contender(ForecastUtilisation("hall", 0.9), now=0.9, ever=1.0)) == BUILD
    assert verdict_on("hall", contender(ForecastUtilisation("hall", 0.9), now=0.1, ever=0.8)) == WAIT
    assert verdict_on("hall", contender(Never(), now=0.0, ever=0.0)) == DO_NOT_BUILD


# What was known, and what came


@pytest.mark.parametrize("name", DECISIONS)
def test_what_came_has_a_source_and_was_published_after_the_decision(name: str) -> None:
    past = past_of(name)
    facts = {one.fact: one for one in past.case.facts}
    scored = [past.opened, *past.leased, *past.other, *([past.closed] if past.closed else [])]
    for one in (facts[key] for key in scored):
        assert one.known_from > past.case.start, one.fact
        assert "http" in one.source, one.fact
    assert outcome_of(past).right is not None


@pytest.mark.parametrize("name", DECISIONS)
def test_what_came_is_not_in_the_case_that_is_decided(name: str) -> None:
    past = past_of(name)
    left = {one.fact for one in known_then(past.case).facts}
    assert left.isdisjoint({past.opened, *past.leased, *past.other, past.closed})
    assert left == {one.fact for one in past.case.facts if one.known_from <= past.case.start}


@pytest.mark.parametrize("name", ["dft-ch1-phase2-2010", "fluxus-2000"])
def test_what_is_decided_and_learned_from_is_the_case_as_it_was_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopHereError(Exception):
        pass

    asked: list[Case] = []

    def learned(case: Case, **_: object) -> Prior:
        asked.append(case)
        return Prior(case)

    def decided(case: Case, *_: object, **__: object) -> None:
        asked.append(case)
        raise StopHereError

    monkeypatch.setattr(decisions, "learn", learned)
    monkeypatch.setattr(decisions, "decide", decided)
    with pytest.raises(StopHereError):
        replay_decisions([name], futures=FEW)
    known = known_then(past_of(name).case).facts
    assert 0 < len(known) < len(past_of(name).case.facts)
    assert [case.facts for case in asked] == [known, known]


def test_a_belief_that_cannot_be_trusted_gives_way_to_the_case_s_statements_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(case: Case, **_: object) -> None:
        raise NoAnswerError(f"What was learned of {case.name} cannot be trusted: R-hat of 2.")

    [trusted] = replay_decisions(["dft-ch1-phase2-2010"], futures=FEW)
    monkeypatch.setattr(decisions, "learn", refused)
    [fallen] = replay_decisions(["dft-ch1-phase2-2010"], futures=FEW)
    assert (fallen.verdict, fallen.gain) == (trusted.verdict, trusted.gain)
    assert "R-hat of 2" in fallen.belief
    assert "R-hat" not in trusted.belief


def with_another_future(past: Past, folder: Path) -> Path:
    """Write a set of one decision whose facts published later are other ones; return its folder."""
    case = folder / past.case.name
    shutil.copytree(reality_folder(past.case.name), case)
    known = {one.fact for one in known_then(past.case).facts}
    with (case / "facts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    changed = [row for row in rows if row["fact"] not in known]
    assert changed
    for row in changed:
        row |= {"words": "quite another thing"}
        if row["fact"] in past.leased:
            row["value"] = str(100.0 - float(row["value"]))
        elif row["value"]:
            row["value"] = str(3.0 * float(row["value"]))
    with (case / "facts.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    shutil.copy(reality_folder() / "decisions.csv", folder)
    listed = (folder / "decisions.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in listed if line.startswith(("decision,", past.name))]
    (folder / "decisions.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(REALITY))
def test_a_decision_does_not_see_what_was_published_later(name: str, tmp_path: Path) -> None:
    [first] = replay_decisions([name], futures=FEW)
    [second] = replay_decisions(with_another_future(past_of(name), tmp_path), futures=FEW)
    for what in ("verdict", "rule", "gain", "build_gain", "build_refused", "insolvency", "belief"):
        assert getattr(first, what) == getattr(second, what), what
    shares = [figure.share for figure in first.outcome.figures]
    assert [figure.share for figure in second.outcome.figures] == pytest.approx(
        [1 - share for share in shares]
    )


def test_another_outcome_turns_the_call_and_not_the_verdict(tmp_path: Path) -> None:
    [first] = replay_decisions(["dft-nj1-phase1-2010"], futures=FEW)
    [second] = replay_decisions(with_another_future(first.past, tmp_path), futures=FEW)
    assert (first.outcome.right, second.outcome.right) == (False, True)
    assert first.good is not second.good


# The cases


@pytest.mark.parametrize("name", sorted(REALITY))
def test_a_case_of_the_reality_set_has_no_fault_no_doubt_and_a_reason_for_every_number(name: str) -> None:
    case, faults = check_case(name)
    assert [str(fault) for fault in faults] == []
    assert case is not None
    assert case.name == name
    read = tree(reality_folder(name))
    assert [path for path in bare_numbers(read, "case") if path not in UNSOURCED_BY_NATURE] == []
    values = list(origins({key: inner for key, inner in read.items() if key != "sources"}))
    assert [node for node in values if node.get("kind") not in ("fact", "inference", "assumption")] == []
    assert [node for node in values if node["kind"] == "fact" and "source" not in node] == []
    assert {node["source"] for node in values if "source" in node} == set(read["sources"])
    for segment in read["segments"].values():
        new = segment["new_customers_per_month"]
        assert new["low"] >= 0.98 * new["mid"] ** 2 / new["high"]  # (A1), as for the other bundled cases


@pytest.mark.parametrize("name", sorted(REALITY))
def test_its_segments_and_halls_hold_the_same_capacity(name: str) -> None:
    read = tree(reality_folder(name))
    installed = sum(segment["installed_units"]["value"] for segment in read["segments"].values())
    assert installed == sum(hall["sold_units"]["value"] for hall in read["halls"].values())


def test_the_reality_set_is_found_by_name_and_stays_out_of_the_list_of_bundled_cases() -> None:
    assert {past.case.name for past in past_decisions()} <= {*REALITY, *BUNDLED}
    assert set(REALITY) <= {past.case.name for past in past_decisions()}
    assert set(REALITY).isdisjoint(bundled_cases())
    for name in REALITY:
        assert read_case(name).hashes == read_case(reality_folder(name)).hashes
    with pytest.raises(KeyError):
        reality_folder("fluxus")


def test_the_dupont_fabros_cases_are_what_their_generator_writes(tmp_path: Path) -> None:
    for folder in generate(tmp_path):
        for path in sorted(folder.iterdir()):
            assert path.read_bytes() == (reality_folder(folder.name) / path.name).read_bytes(), path.name


ABOUT_THE_BUILDING = re.compile(
    r"start|scenarios\.bust-at-opening\.from|segments\.wholesale\.reserved_(customers|units)\.value"
    r"|halls\.portfolio\.capacity_units\.value|options\.building\..*"
)


def test_the_dupont_fabros_cases_differ_only_in_what_was_public_of_the_building() -> None:
    held = []
    for name in DUPONT_FABROS:
        option = next(iter(read_case(name).options))
        leaves_of = numbers(reality_folder(name))
        held.append(
            {
                path.replace(f"options.{option}.", "options.building."): leaf
                for path, leaf in leaves_of.items()
            }
        )
    assert len({frozenset(one) for one in held}) == 1
    differing = {path for path in held[0] if len({str(one[path]) for one in held}) > 1}
    assert {path for path in differing if not ABOUT_THE_BUILDING.fullmatch(path)} == set()
    # ... and of the building itself only its cost and its date.
    of_it = {path.removeprefix("options.building.") for path in differing if path.startswith("options.")}
    assert of_it == {"phases.value.0.capex", "phases.value.0.months_after_commit", "capex.low", "capex.high"}


def published(citation: str) -> Month:
    """Return the month that a citation names; the last of its year where it names a year alone."""
    text = citation.split("http")[0]
    named = re.search(rf"({'|'.join(calendar.month_name[1:])}) (20\d\d)", text)
    if named is not None:
        return Month.of(int(named[2]), list(calendar.month_name).index(named[1]))
    return Month.of(max(int(year) for year in re.findall(r"20\d\d", text)), 12)


@pytest.mark.parametrize("name", DUPONT_FABROS)
def test_a_source_that_came_later_informs_only_what_the_operator_knew(name: str) -> None:
    read, start = tree(reality_folder(name)), read_case(name).start
    later = {key for key, citation in read["sources"].items() if published(citation) > start}
    cited = [node for node in origins(read) if node.get("source") in later]
    assert {node["source"] for node in cited} == later
    for node in cited:
        assert node["kind"] == "inference"
        assert "the operator knew" in str(node["because"])


def test_what_the_dupont_fabros_cases_infer_follows_from_what_was_published() -> None:
    read = tree(reality_folder("dft-acc5-phase2-2010"))
    wholesale = read["segments"]["wholesale"]
    free = 0.52 * 18.2 + 0.16 * 18.2
    assert wholesale["installed_units"]["value"] == pytest.approx(67 / 0.57 - free, abs=0.5 / 0.57)
    assert wholesale["reserved_units"]["value"] == 18.2 / 2
    assert read["halls"]["portfolio"]["capacity_units"]["value"] == pytest.approx(105 + 0.16 * 18.2, abs=0.05)
    lease = wholesale["order_size_units"]
    assert lease["mid"] == pytest.approx(37.17 / 15, abs=0.05)
    # A mean of 15 has a standard error of variation/sqrt(15); nine cases in ten lie within 1.645 of them.
    spread = math.exp(1.645 * wholesale["order_size_variation"]["value"] / math.sqrt(15))
    assert lease["low"] == pytest.approx(lease["mid"] / spread, abs=0.15)
    assert lease["high"] == pytest.approx(lease["mid"] * spread, abs=0.25)
    new = wholesale["new_customers_per_month"]
    chicago = (0.48 - 0.17) * 18.2
    assert new["low"] == pytest.approx(chicago / 11 / 2.5, abs=0.005)
    assert new["high"] == pytest.approx((37.17 - chicago) / 12 / 2.5, abs=0.005)
    assert new["mid"] == pytest.approx(math.sqrt(new["low"] * new["high"]), abs=0.005)
    assert read["finance"]["cash"]["value"] == 700e6 - 504e6
    assert read["finance"]["net_absorption_monthly"]["value"] == pytest.approx(2.5 * new["mid"])


def test_the_leased_share_of_acc5_follows_from_the_two_published_ones() -> None:
    past = past_of("dft-acc5-phase2-2010")
    assert 4 * 18.2 + 13.0 == pytest.approx(85.8)  # noqa: SIM300 - four of one size and ACC6
    derived = (0.5 * 85.8 - 0.39 * (85.8 - 18.2)) / 18.2
    [figure] = outcome_of(past).figures
    assert figure.share == pytest.approx(derived, abs=0.005)
    deviation = figure.fact.standard_deviation
    assert deviation is not None
    assert deviation == pytest.approx(3 * 85.8 / 18.2, abs=0.5)  # "about half" within 3 points


PAR5_RESTATES = re.compile(
    r"start|market\.start_regime\..*|halls\..*|options\..*|scenarios\.bust-at-opening\.from"
    r"|segments\.\w+\.(customers|installed_units|monthly_recurring_revenue|reserved_\w+|new_customers_per_month)\..*"
    r"|staff\.\w+\.(headcount|base)\.value|costs\.overhead_monthly\..*"
    r"|finance\.(cash|minimum_cash|other_assets|shareholder_commitment|tax_losses|net_absorption_monthly"
    r"|ebitda_monthly)\..*"
)
TIMES = re.compile(
    r"segments\.\w+\.(customers|installed_units|monthly_recurring_revenue|new_customers_per_month)\..*"
    r"|staff\.\w+\.(headcount|base)\.value|costs\.overhead_monthly\..*"
    r"|finance\.(cash|minimum_cash|other_assets)\.value"
)


def test_the_fifth_hall_of_paris_stands_on_the_assumptions_of_the_third() -> None:
    third, fifth = numbers(bundled_folder("paris2006")), numbers(reality_folder("interxion-par5-2008"))
    differing = {path for path in {*third, *fifth} if third.get(path) != fifth.get(path)}
    assert {path for path in differing if not PAR5_RESTATES.fullmatch(path)} == set()
    grown = {path for path in third if TIMES.fullmatch(path)}
    assert len(grown) == 2 * (3 + 3) + 4 + 3 + 3  # segments, staff, overhead, finance
    for path in grown:
        small, large = third[path], fifth[path]
        assert isinstance(small, int | float)
        assert isinstance(large, int | float)
        assert large / small == pytest.approx(2.5, rel=0.02), path  # rounded to what a reader would write


# Asking for what is not there


def test_a_decision_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError) as caught:
        past_decisions(["dft-nj2"])
    [fault] = caught.value.faults
    assert "dft-nj2" in fault.found
    assert "dft-nj1-phase1-2010" in fault.accepted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file"),
        ("decision,case\nx,fluxus\n", "decision, case"),
        ("HEAD\nx,fluxus,paris3,built,9,10,17,\n", "paris3"),
        ("HEAD\nx,fluxus,paris2,built,9,10 no-such-fact,17,\n", "no-such-fact"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(text: str | None, told: str, tmp_path: Path) -> None:
    head = "decision,case,option,done,opened,leased,closed,other"
    if text is not None:
        (tmp_path / "decisions.csv").write_text(text.replace("HEAD", head), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        past_decisions(tmp_path)
    assert told in " ".join(fault.found for fault in caught.value.faults)


def test_the_second_hall_of_fluxus_was_wrong_and_the_third_of_paris_right() -> None:
    """What the sources say: it stayed empty until it was closed; it was reserved and the city was full."""
    assert outcome_of(past_of("fluxus-2000")).right is False
    assert outcome_of(past_of("paris-2006")).right is True


@pytest.mark.slow
def test_the_whole_set_is_replayed_and_every_decision_gets_a_call() -> None:
    seen: list[tuple[int, int]] = []
    replays: Sequence[Replay] = replay_decisions(
        futures=500, report=lambda _, done, total: seen.append((done, total))
    )
    assert tuple(one.past.name for one in replays) == DECISIONS
    assert all(one.good is not None for one in replays)
    counts = tally(replays)
    assert counts.good + counts.bad == len(DECISIONS)
    assert seen[-1] == (len(DECISIONS), len(DECISIONS))
