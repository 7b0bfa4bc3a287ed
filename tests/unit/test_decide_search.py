"""The search for a rule: against enumeration, with its memory, within its limits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_cache_path

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.decide.families import Family, families_of
from secondhall.decide.rules import Never, Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.search import RuleSearch, search
from secondhall.decide.trials import Trial, Trials, journal_of
from secondhall.futures import Estimate

FEW = RuleSearch(first=64, second=64, last=64, sampled=8, generations=6)
NO_LIMIT = InsolvencyLimit(at_most=1.0)


def quiet(_: str, __: int, ___: int) -> None:
    pass


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("paris2006")


class Made:
    """Trials of made-up scores: a hill over the grids of a family."""

    def __init__(self, worth: dict[str, float], failing: dict[str, float] | None = None) -> None:
        self.worth, self.failing, self.asked = worth, failing or {}, 0

    def of(self, rules: list[Rule], paths: int) -> list[Trial]:
        self.asked += len(rules)
        return [self.trial(repr(rule)) for rule in rules]

    def trial(self, key: str) -> Trial:
        failed = self.failing.get(key, 0.0)
        return Trial(Estimate(self.worth[key], 0.0), Estimate(failed, 0.0), Estimate(failed, 0.0))


def places(family: Family) -> list[tuple[int, ...]]:
    return list(product(*(range(len(grid)) for grid in family.grids)))


def hill(family: Family, top: tuple[int, ...]) -> dict[str, float]:
    return {
        repr(family.rule(place)): -float(sum((a - b) ** 2 for a, b in zip(place, top, strict=True)))
        for place in places(family)
    }


def test_a_family_of_the_case_has_as_many_rules_as_places(case: Case) -> None:
    for family in families_of(case):
        rules = {repr(family.rule(place)) for place in places(family)}
        assert len(rules) == len(places(family))


@pytest.mark.parametrize("top", [(0, 0, 0), (20, 8, 4), (11, 3, 2)])
def test_the_top_of_a_hill_is_found_with_a_part_of_the_rules(case: Case, top: tuple[int, ...]) -> None:
    family = families_of(case)[1]
    made = Made(hill(family, top))
    method = RuleSearch(sampled=16, generations=20)
    found = search([family], made, NO_LIMIT, method=method, seed=1, report=quiet)  # type: ignore[arg-type]
    assert repr(found[0]) == repr(family.rule(top))
    assert made.asked < 0.5 * len(places(family))


def test_a_rule_that_breaks_the_limit_comes_after_any_that_keeps_it(case: Case) -> None:
    """Half the places fail surely, the best of all among them."""
    family = families_of(case)[1]
    worth = hill(family, (0, 0, 0))
    failing = {repr(family.rule(place)): 0.5 for place in places(family) if place[0] < 10}
    made = Made(worth, failing)
    method = RuleSearch(sampled=16, generations=20)
    found = search([family], made, InsolvencyLimit(), method=method, seed=1, report=quiet)  # type: ignore[arg-type]
    assert repr(found[0]) == repr(family.rule((10, 0, 0)))


def test_where_no_rule_keeps_the_limit_the_least_infeasible_is_found(case: Case) -> None:
    family = families_of(case)[1]
    worth = hill(family, (0, 0, 0))
    failing = {repr(family.rule(place)): 0.2 + 0.01 * sum(place) for place in places(family)}
    found = search(
        [family],
        Made(worth, failing),  # type: ignore[arg-type]
        InsolvencyLimit(),
        method=RuleSearch(sampled=16, generations=20),
        seed=1,
        report=quiet,
    )
    assert repr(found[0]) == repr(family.rule((0, 0, 0)))


def test_no_option_no_rule(case: Case) -> None:
    made = Made({})
    assert search([], made, NO_LIMIT, method=FEW, seed=1, report=quiet) == ()  # type: ignore[arg-type]


def test_on_the_company_the_search_finds_what_playing_every_rule_finds(case: Case) -> None:
    """The 21 dates of a small family, one by one, over the same futures."""
    family = families_of(case)[0]
    trials = Trials(case, Prior(case), weight=0.2, seed=5)
    every = [family.rule(place) for place in places(family)]
    best = max(zip(every, trials.of(every, 64), strict=True), key=lambda one: one[1].score.value)
    found = search([family], trials, NO_LIMIT, method=FEW, seed=1, report=quiet)
    assert repr(found[0]) == repr(best[0])


def test_the_same_seed_finds_the_same_rules_whatever_the_threads(case: Case) -> None:
    found = [
        search(
            families_of(case),
            Trials(case, Prior(case), weight=0.2, seed=5, threads=threads),
            NO_LIMIT,
            method=FEW,
            seed=1,
            report=quiet,
        )
        for threads in (1, 2)
    ]
    assert [repr(rule) for rule in found[0]] == [repr(rule) for rule in found[1]]


def test_what_is_in_the_journal_is_not_played_again(case: Case, tmp_path: Path) -> None:
    """A line that was cut off is played again; the rest is taken from the file, even where it is changed."""
    journal = tmp_path / "one.jsonl"
    rules = [family.rule([0] * len(family.grids)) for family in families_of(case)]
    first = Trials(case, Prior(case), weight=0.2, seed=5, journal=journal).of(rules, 64)
    lines = journal.read_text().splitlines()
    assert len(lines) == len(rules)
    changed = json.loads(lines[0])
    changed["score"]["value"] = 12345.0
    journal.write_text("\n".join([json.dumps(changed), *lines[1:-1], lines[-1][:40]]) + "\n")
    again = Trials(case, Prior(case), weight=0.2, seed=5, journal=journal).of(rules, 64)
    assert again[0].score.value == 12345.0
    assert again[1:] == first[1:]


def test_another_seed_weight_or_case_has_another_journal(case: Case) -> None:
    one = journal_of(case, Prior(case), weight=0.2, seed=5)
    assert one == journal_of(case, Prior(case), weight=0.2, seed=5)
    other = read_case("fluxus")
    assert (
        len(
            {
                one,
                journal_of(case, Prior(case), weight=0.3, seed=5),
                journal_of(case, Prior(case), weight=0.2, seed=6),
                journal_of(other, Prior(other), weight=0.2, seed=5),
            }
        )
        == 4
    )


def test_never_is_worth_what_never_is(case: Case) -> None:
    [trial] = Trials(case, Prior(case), weight=0.2, seed=5).of([Never()], 64)
    assert trial.over_never == Estimate(0.0, trial.over_never.error)


PLAN = """
import sys
from secondhall.cli.main import main
sys.argv = ["secondhall", "plan", "paris2006", "--futures", "512", "--json", "--out", sys.argv[1]]
main()
"""


def test_a_search_that_was_killed_goes_on_from_what_was_done(tmp_path: Path) -> None:
    """The journal of a run killed at work begins that of the run after it, and the answer is the same."""
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_DATA_HOME": str(tmp_path / "data")}
    (tmp_path / "cache" / "secondhall").mkdir(parents=True)
    for compiled in user_cache_path("secondhall").glob("engine-*"):
        (tmp_path / "cache" / "secondhall" / compiled.name).symlink_to(compiled)
    command = [sys.executable, "-c", PLAN, str(tmp_path / "out")]
    running = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = tmp_path / "cache" / "secondhall" / "searches"
    deadline = time.monotonic() + 300
    while not any(folder.glob("*.jsonl")) and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    [journal] = folder.glob("*.jsonl")
    killed = journal.read_bytes()
    whole = subprocess.run(command, env=env, capture_output=True, check=True).stdout
    assert journal.read_bytes().startswith(killed[: killed.rfind(b"\n") + 1])
    assert len(journal.read_bytes()) > len(killed)
    keys = [(row["rule"], row["paths"]) for row in map(json.loads, journal.read_text().splitlines())]
    assert len(keys) == len(set(keys))
    again = subprocess.run(command, env=env, capture_output=True, check=True).stdout
    first, second = (json.loads(text) for text in (whole, again))
    assert first["rules"] == second["rules"]


def test_a_hundred_rules_at_once_are_played_in_parts(case: Case) -> None:
    family = families_of(case)[1]
    rules = [family.rule(place) for place in places(family)[:100]]
    found = Trials(case, Prior(case), weight=0.2, seed=5).of(rules, 64)
    assert len(found) == 100
    assert np.isfinite([trial.score.value for trial in found]).all()
