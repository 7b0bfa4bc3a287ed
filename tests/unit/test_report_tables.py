from __future__ import annotations

import pytest
from tests.unit.report_fixtures import decision

from secondhall.case import Kind
from secondhall.report.tables import (
    DEFAULT_ORIGIN,
    bridge_lines,
    explained_words,
    known_values,
    rival_of,
    rule_rows,
    unit_words,
)


def test_exactly_one_rule_is_recommended_and_a_refused_one_keeps_its_reason() -> None:
    rows = rule_rows(decision())
    assert [row.name for row in rows if row.mark == "recommended"] == ["never"]
    refused = next(row for row in rows if row.name == "as-happened")
    assert refused.mark == "refused"
    assert "the limit is 10 %" in (refused.refused or "")


def test_every_monte_carlo_figure_of_a_rule_carries_its_error() -> None:
    for row in rule_rows(decision()):
        pairs = [
            row.npv,
            row.gain,
            row.cvar,
            row.worse,
            row.insolvent,
            row.shareholder,
            row.commits,
            row.behind,
        ]
        for value, error in pairs:
            assert value == "-" or error, row


def test_rule_figures_are_those_of_the_decision() -> None:
    made = decision()
    for row, rival in zip(rule_rows(made), made.contenders, strict=True):
        assert float(row.npv[0]) * 1e6 == pytest.approx(rival.futures.value.value, abs=0.5e5)
        assert float(row.insolvent[0]) / 100 == pytest.approx(rival.risk.insolvency.value, abs=0.005)


@pytest.mark.parametrize(
    ("case", "recommended", "rival"),
    [
        ("fluxus", "never", "as-happened"),
        ("fluxus", "as-happened", "never"),
        ("paris2006", "staged", "never"),
        ("paris2006", "never", "lease first"),
    ],
)
def test_the_rival_is_the_plan_that_happened_else_never_else_the_best_that_commits(
    case: str, recommended: str, rival: str
) -> None:
    assert rival_of(decision(case, recommend=recommended)).rule.name == rival


@pytest.mark.parametrize("case", ["fluxus", "northhall", "paris2006"])
def test_facts_inferences_and_assumptions_are_kept_apart_and_none_is_lost(case: str) -> None:
    rows = decision(case).case.provenance()
    known = known_values(rows)
    assert sum(group.count for group in known.values()) == len(rows)
    expected = {"facts": Kind.FACT, "inferences": Kind.INFERENCE, "assumptions": Kind.ASSUMPTION}
    for name, kind in expected.items():
        assert all(row.kind is kind for _, held in known[name].sections for row in held)
    assert all(row.origin == DEFAULT_ORIGIN for _, held in known["defaults"].sections for row in held)


def test_the_lines_of_the_bridge_add_up_to_the_difference() -> None:
    lines = bridge_lines(decision().counterfactual)
    difference = sum(line.difference.value for line in lines)
    assert difference == pytest.approx(sum(line.with_hall - line.without_hall for line in lines))


def test_the_counterfactual_in_words_has_its_error_its_interval_and_its_share() -> None:
    words = explained_words(decision())
    for said in (
        "-6.2 ± 0.1 M EUR on average",
        "-9.1 to -2.2 M EUR, middle -6.3",
        "31 to 90 %",
        "212 futures",
    ):
        assert said in words
    assert explained_words(decision("paris2006")) == ""


def test_units_of_facts_are_written_as_amounts_are() -> None:
    assert unit_words("EUR M") == "M EUR"
    assert unit_words("posts") == "posts"
    assert unit_words("") == ""
