"""The frontier and the plans beside it: brute force, and what is refused never stands on it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.report_fixtures import decision

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.decide.board.alternatives import alternatives_of, best_of_each_kind, near
from secondhall.decide.board.assemble import board_paper
from secondhall.decide.board.frontier import at_the_edge, frontier_of, undominated
from secondhall.decide.choose import Settings, decide
from secondhall.decide.data import as_data
from secondhall.decide.families import families_of
from secondhall.decide.rules import DatedPlan, Never, PreleasedShare, Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.trials import Trial, Trials
from secondhall.futures import Estimate
from secondhall.report.charts.frontier import frontier_chart
from secondhall.report.tables import rules_scale

PATHS = 256
SEED = 3
coordinate = st.integers(0, 6).map(float)


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


@given(st.lists(st.tuples(coordinate, coordinate), max_size=12))
def test_a_point_is_undominated_when_comparing_it_with_every_other_says_so(
    points: list[tuple[float, float]],
) -> None:
    """On whole numbers, so that ties are as frequent as anything."""
    every = [
        not any(q[0] >= p[0] and q[1] >= p[1] and (q[0] > p[0] or q[1] > p[1]) for q in points)
        for p in points
    ]
    assert undominated(points) == every


def test_the_line_falls_in_safety_as_it_rises_in_value_and_holds_nothing_refused() -> None:
    made = decision()
    figures = ((0.0, 5.0), (1.0, 4.0), (1.0, 3.0), (2.0, 4.0), (3.0, 1.0), (0.5, 4.5))
    spread = [
        replace(one, gain=Estimate(gain, 0.1), risk=replace(one.risk, cvar_npv=Estimate(worst, 0.1)))
        for one, (gain, worst) in zip(made.contenders, figures, strict=True)
    ]
    found = frontier_of(spread, spread[3], (), InsolvencyLimit())
    line = found.line
    assert len(line) > 2
    assert all(place.refused is None for place in line)
    assert np.all(np.diff([place.gain.value for place in line]) > 0.0)
    assert np.all(np.diff([place.cvar.value for place in line]) < 0.0)
    assert [place.name for place in found.places if place.chosen] == [spread[3].rule.name]


def test_refusing_the_best_leaves_the_frontier_to_the_others() -> None:
    made = decision()
    top = max(made.contenders, key=lambda one: one.gain.value)
    refused = [replace(one, refused="breaks the limit") if one is top else one for one in made.contenders]
    found = frontier_of(refused, made.recommended, (), InsolvencyLimit())
    assert top.rule.name not in [place.name for place in found.line]
    assert top.rule.name in [place.name for place in found.places]


def test_what_is_drawn_is_what_may_be_chosen_joined_in_order() -> None:
    """In the picture a refused rule has a shape of its own, and so has the chosen one."""
    made = decision()
    scale = rules_scale(made)
    assert made.board is not None
    drawing = frontier_chart(made.board.frontier, scale)
    shapes = {row["tip"].partition(":")[0]: row["shape"] for row in drawing.data["rows"]}
    refused = {one.rule.name for one in made.contenders if one.refused}
    assert all((shapes[name] == "cross") == (name in refused) for name in shapes)
    assert shapes[made.recommended.rule.name] == "diamond"
    gains = [place.gain.value / scale.size for place in made.board.frontier.line]
    assert [row["y"] for row in drawing.data["line"]] == gains


class Made:
    """A search over a family: value rises along the first grid, safety along the second."""

    def __init__(self, case: Case) -> None:
        family = families_of(case)[1]
        self.limit = InsolvencyLimit(at_most=0.05)
        self.tried: list[tuple[Rule, Trial]] = []
        for place in product(*(range(min(len(grid), 5)) for grid in family.grids)):
            value, safety = float(place[0] - place[2]), float(-place[0] - place[2])
            failed = 0.5 if place[0] == 4 else 0.0
            figures = (Estimate(each, 0.0) for each in (value, failed, failed, value, safety))
            self.tried.append((family.rule(place), Trial(*figures)))


def test_the_edge_of_the_search_is_spread_over_its_ends_and_keeps_the_limit(case: Case) -> None:
    """Of 5 x 5 x 5 places those with no step in the third grid are undominated, but where they fail."""
    made = Made(case)
    marks = [
        (trial.gain, repr(rule))
        for rule, trial in made.tried
        if trial.insolvency.value == 0.0 and trial.gain.value + trial.cvar.value == 0.0  # type: ignore[union-attr]
    ]
    every = at_the_edge(made.tried, made.limit, 1000)
    assert {repr(rule) for rule in every} == {key for _, key in marks}
    few = at_the_edge(made.tried, made.limit, 3)
    assert len(few) == 3
    assert [repr(few[0]), repr(few[-1])] == [repr(every[0]), repr(every[-1])]


def test_the_best_of_each_kind_is_the_best_that_keeps_the_limit(case: Case) -> None:
    made = Made(case)
    [best] = best_of_each_kind(made.tried, made.limit)
    standing = {repr(rule): trial for rule, trial in made.tried}
    allowed = [trial.score.value for _, trial in made.tried if trial.insolvency.value == 0.0]
    assert standing[repr(best)].score.value == max(allowed)


def test_a_trial_of_a_journal_without_value_and_tail_is_read_and_left_out(case: Case, tmp_path: Path) -> None:
    journal = tmp_path / "old.jsonl"
    rule = PreleasedShare("paris_c", 0.5)
    [trial] = Trials(case, Prior(case), weight=0.2, seed=5).of([rule], 64)
    old = {name: value for name, value in asdict(trial).items() if name not in ("gain", "cvar")}
    journal.write_text(json.dumps({"rule": repr(rule), "paths": 64, **old}) + "\n")
    trials = Trials(case, Prior(case), weight=0.2, seed=5, journal=journal)
    [read] = trials.of([rule], 64)
    assert (read.score, read.gain, read.cvar) == (trial.score, None, None)
    assert at_the_edge(trials.tried, InsolvencyLimit(at_most=1.0), 8) == []


def test_what_was_tried_is_told_once_with_the_most_futures(case: Case) -> None:
    rule, trials = PreleasedShare("paris_c", 0.5), Trials(case, Prior(case), weight=0.2, seed=5)
    trials.of([rule], 64)
    [more] = trials.of([rule], 128)
    trials.of([rule], 64)
    assert trials.tried == ((rule, more),)


def test_near_is_two_errors_or_a_tenth_of_the_gain() -> None:
    gain = Estimate(100.0, 1.0)
    assert near(Estimate(10.0, 0.1), gain)
    assert not near(Estimate(10.1, 0.1), gain)
    assert near(Estimate(10.1, 5.05), gain)
    assert near(Estimate(-3.0, 0.1), gain)


def test_plans_beside_differ_from_the_recommended_and_from_one_another(case: Case) -> None:
    """Of dates 0, 1, 2 and 6 months ahead, all near by decree, the quarter apart alone looks different."""
    rules = [DatedPlan.commit_at("paris_c", case.start, month) for month in (0, 1, 2, 6)]
    rules.append(PreleasedShare("paris_c", 0.0))
    decided = decide(case, Prior(case), rules=rules, seed=SEED, settings=replace(Settings(), futures=PATHS))
    by_name = {one.rule.name: replace(one, refused=None) for one in decided.contenders}
    now = by_name["commit paris_c now"]
    huge = replace(now, gain=Estimate(1e12, 0.0))
    others = [one for name, one in by_name.items() if name != "commit paris_c now"]
    found = {one.name: one for one in alternatives_of(case, [huge, *others], huge, weight=0.2)}
    assert "commit paris_c in 2006-10" in found
    assert "6 months later" in found["commit paris_c in 2006-10"].differs
    assert len([name for name in found if name.startswith("commit paris_c")]) == 1
    assert any("pre-leased" in one.differs for one in found.values())
    assert found["never"].differs == "commits nothing"
    assert found["never"].median_month is None
    assert alternatives_of(case, [now], now, weight=0.2) == ()


def test_rules_of_the_search_are_played_over_the_futures_of_the_judged(case: Case) -> None:
    """One that was judged is not shown twice; another has the figures that judging it would give."""
    settings = replace(Settings(), futures=PATHS)
    rules: list[Rule] = [Never(), DatedPlan.commit_now("paris_c", case.start), PreleasedShare("paris_c", 0.6)]
    decided = decide(case, Prior(case), rules=rules, seed=SEED, settings=settings)
    order = [one for one in decided.contenders if one.rule.name != rules[2].name]
    trials = Trials(case, Prior(case), weight=0.2, seed=5)
    trials.of(rules[1:], 64)
    paper = board_paper(
        case,
        Prior(case),
        order,
        decided.recommended,
        trials.tried,
        seed=SEED,
        weight=0.2,
        limit=InsolvencyLimit(at_most=1.0),
        threads=None,
        report=lambda *_: None,
    )
    places = {place.name: place for place in paper.frontier.places}
    assert len(places) == len(paper.frontier.places) == len(decided.contenders)
    judged = next(one for one in decided.contenders if one.rule.name == rules[2].name)
    assert places[rules[2].name].gain == judged.gain
    assert places[rules[2].name].cvar == judged.risk.cvar_npv


def test_the_page_as_data_holds_every_place_and_says_which_is_chosen() -> None:
    made = decision()
    told = json.loads(json.dumps(as_data(made)))["board"]
    assert [place["rule"] for place in told["frontier"]["rules"] if place["recommended"]] == [
        made.recommended.rule.name
    ]
    assert len(told["frontier"]["rules"]) == len(made.contenders)
    assert told["alternatives"][0]["median_month"]
    assert told["tree"]["branches"]
