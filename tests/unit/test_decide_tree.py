"""The decision tree: an accounting identity over the futures that were played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.report_fixtures import HOSTILE

from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.company.layout import BUST
from secondhall.decide.board.paper import Branch
from secondhall.decide.board.tree import LOOK_AHEAD, bust_within, grown, tree_of
from secondhall.decide.choose import Settings, decide, play_named
from secondhall.decide.decision import Decision
from secondhall.decide.rules import Never, PreleasedShare
from secondhall.futures import Estimate, Keep, RuleToPlay, play_rules
from secondhall.report.charts.tree import tree_svg
from secondhall.report.words import Scale

PATHS = 512
SEED = 3
RULE = PreleasedShare("paris2", 0.4)


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("fluxus")


@pytest.fixture(scope="module")
def decided(case: Case) -> Decision:
    """The rule without a limit on insolvency, so that it may be recommended."""
    settings = replace(Settings(), futures=PATHS)
    return decide(case, Prior(case), rules=[RULE], seed=SEED, settings=settings)


@pytest.fixture(scope="module")
def tree(case: Case, decided: Decision) -> Branch:
    contender = next(one for one in decided.contenders if one.rule == RULE)
    found = tree_of(case, Prior(case), contender, decided.never, seed=SEED, threads=None)
    assert found is not None
    return found


def nodes(branch: Branch) -> Iterator[Branch]:
    yield branch
    for after in branch.branches:
        yield from nodes(after)


def test_at_every_node_the_futures_probabilities_and_weighted_gains_of_the_branches_add_up(
    tree: Branch,
) -> None:
    """To rounding: the sums of PATHS numbers in another order."""
    for node in nodes(tree):
        if node.branches:
            parts = node.branches
            assert sum(part.futures for part in parts) == node.futures
            assert sum(part.probability.value for part in parts) == pytest.approx(node.probability.value)
            weighed = sum(part.probability.value * part.gain.value for part in parts)
            assert weighed == pytest.approx(node.probability.value * node.gain.value, rel=1e-11, abs=1e-3)


def test_the_leaves_make_one_and_their_weighted_gains_are_the_gain_of_the_rule(
    decided: Decision, tree: Branch
) -> None:
    contender = next(one for one in decided.contenders if one.rule == RULE)
    leaves = list(tree.leaves())
    assert len(leaves) > 3
    assert sum(leaf.probability.value for leaf in leaves) == pytest.approx(1.0, rel=1e-14)
    weighed = sum(leaf.probability.value * leaf.gain.value for leaf in leaves)
    assert weighed == pytest.approx(contender.gain.value, rel=1e-12)
    assert tree.gain == contender.gain


def test_the_tree_has_three_levels_at_most(tree: Branch) -> None:
    assert all(not leaf.branches for after in tree.branches for leaf in after.branches)


def test_the_branches_are_what_a_count_of_the_futures_gives(case: Case, tree: Branch) -> None:
    """The rule played once more, its futures counted one by one."""
    rule, idle = play_named(case, Prior(case), [RULE, Never()], paths=PATHS, seed=SEED, banded=False)
    [seen] = play_rules(
        Prior(case),
        [RuleToPlay("never", Never().terms(case, _slots(case)))],
        start=case.start,
        paths=PATHS,
        seed=SEED,
        banded=False,
        keep=Keep(("regime",), case.start, case.start + case.horizon_months),
    )
    gains: dict[tuple[str, bool], list[float]] = {}
    for path in range(PATHS):
        month = int(rule.outcomes["first_commitment"][path])
        when = "never" if month < 0 else "now" if month <= 1 else "by" if month <= 12 else "after"
        since = max(month, 0)
        ahead = seen.kept["regime"][since : since + LOOK_AHEAD, path]
        gain = rule.outcomes["npv"][path] - idle.outcomes["npv"][path]
        gains.setdefault((when, bool((ahead == BUST).any())), []).append(gain)
    told = {
        (
            {"now": "now", "by": "by", "after": "after", "not": "never"}[_when(after.said)],
            leaf.said[0] == "a",
        ): leaf
        for after in tree.branches
        for leaf in after.branches
    }
    assert set(told) == set(gains)
    for key, leaf in told.items():
        assert leaf.futures == len(gains[key])
        assert leaf.gain.value == pytest.approx(float(np.mean(gains[key])), rel=1e-12, abs=1e-6)


def _when(said: str) -> str:
    return next(
        word
        for word in ("not", "by", "after", "now")
        if f"trigger {word} met" in said or f"met {word}" in said
    )


def _slots(case: Case) -> object:
    from secondhall.company import slots_of

    return slots_of(case)


def test_never_has_no_tree(case: Case, decided: Decision) -> None:
    assert tree_of(case, Prior(case), decided.never, decided.never, seed=SEED, threads=None) is None


def test_a_bust_is_looked_for_from_the_commitment_to_the_end_of_the_window() -> None:
    regimes = np.zeros((80, 4))
    regimes[10] = BUST
    first = np.array([10.0, 11.0, 10.0 - LOOK_AHEAD + 1, 10.0 - LOOK_AHEAD])
    assert bust_within(regimes, np.maximum(first, 0.0)).tolist() == [True, False, True, True]
    late = np.array([11.0 + LOOK_AHEAD, 10.0 + LOOK_AHEAD, -1.0, -1.0])
    regimes[:] = 0.0
    regimes[10 + LOOK_AHEAD] = BUST
    assert bust_within(regimes, late).tolist() == [False, True, False, False]


def test_a_commitment_falls_now_within_the_year_after_it_or_never(case: Case) -> None:
    """The first month and the next are now: a rule acts from the month after it looks."""
    first = np.array([0.0, 1.0, 2.0, 12.0, 13.0, 119.0, -1.0])
    found = grown(case, RULE, first, np.arange(7.0), np.zeros(7, dtype=bool))
    assert [after.futures for after in found.branches] == [2, 2, 2, 1]


def test_a_branch_that_no_future_takes_is_not_there(case: Case) -> None:
    first, none = np.full(8, 1.0), np.zeros(8, dtype=bool)
    found = grown(case, RULE, first, np.arange(8.0), none)
    assert [after.said.split(":")[0] for after in found.branches] == ["trigger met now"]
    assert len(list(found.leaves())) == 1


def test_what_a_tree_says_never_becomes_markup() -> None:
    half = Estimate(0.5, 0.1)
    tree = Branch(HOSTILE, 2, Estimate(1.0, 0.1), half, (Branch(HOSTILE, 1, half, half),))
    drawn = tree_svg(tree, "tree", Scale(1.0, "EUR"))
    assert "<script" not in drawn
    assert "\x1b" not in drawn


def test_every_box_lies_within_the_picture_though_what_comes_after_it_is_lower() -> None:
    half = Estimate(0.5, 0.1)
    leaf = Branch("a bust", 1, half, half)
    tall = Branch("trigger met now: what is committed takes three lines " * 3, 1, half, half, (leaf,))
    drawn = tree_svg(Branch("the rule", 2, Estimate(1.0, 0.1), half, (tall, tall)), "tree", Scale(1.0, "EUR"))
    [height] = map(float, re.findall(r'viewBox="-2 0 \S+ (\d+)"', drawn))
    boxes = [
        (float(y), float(h)) for y, h in re.findall(r'<rect [^>]*?y="(\S+)" [^>]*?height="(\S+)"', drawn)
    ]
    assert len(boxes) == 5
    assert all(y >= 0.0 and y + h <= height for y, h in boxes)
