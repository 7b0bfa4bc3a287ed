from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.unit.report_fixtures import decision, hostile_decision, replaced

from secondhall.report import terminal_summary


def shown(made: object, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), no_color=True, force_terminal=False)
    terminal_summary(made, console)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120, 160])
@pytest.mark.parametrize("case", ["fluxus", "northhall", "paris2006"])
def test_nothing_runs_over_the_edge_or_is_cut(case: str, width: int) -> None:
    text = shown(decision(case), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text


@pytest.mark.parametrize("width", [80, 160])
def test_the_answer_and_every_rule_with_its_errors_are_told(width: int) -> None:
    made = decision()
    words = " ".join(shown(made, width).split())
    for said in (made.headline, made.do_now, made.worth, made.risk_words, *made.what_would_change):
        assert said in words
    assert "> never is recommended: never commit a hall" in words
    assert "x as-happened is refused: it makes the company insolvent in 12 % of futures" in words
    assert words.count("±") > 6 * len(made.contenders)
    assert "-6.2 ± 0.1 M EUR on average" in words
    assert "4 of 4 inside their band" in words


def test_the_recommended_rule_is_marked_without_colour() -> None:
    lines = shown(decision(recommend="staged"), 100).splitlines()
    assert [line for line in lines if line.startswith(">  staged ")]


def test_month_zero_is_one_line_where_it_equals_the_books_and_a_table_where_not() -> None:
    made = decision("northhall")
    assert "Month zero differs from the books in 1 of 2 lines" in shown(made, 80)
    equal = replaced(made, reconciled=made.reconciled[:1])
    assert "Month zero equals the books: all 1 lines." in shown(equal, 80)


def test_control_sequences_of_a_case_do_not_reach_the_terminal() -> None:
    text = shown(hostile_decision(), 100)
    assert "\x1b" not in text
    assert "<script>" in text


def test_a_fact_outside_its_band_is_told_in_words() -> None:
    made = decision()
    first = replaced(made.fact_checks[0], inside=False)
    text = shown(replaced(made, fact_checks=(first, *made.fact_checks[1:])), 100)
    assert "OUTSIDE" in text
    assert "3 of 4 inside their band" in text


def test_rules_screened_on_other_futures_stand_apart_with_their_reason() -> None:
    made = decision()
    *judged, last = made.contenders
    out = replaced(
        last, futures=replaced(last.futures, paths=200), refused="screened out: behind the best by 6.0 M EUR"
    )
    words = " ".join(shown(replaced(made, contenders=(*judged, out)), 120).split())
    assert "Screened out on 200 futures of their own" in words
    assert "screened out: behind the best by 6.0 M EUR" in words
    assert f"x {out.rule.name} is refused" not in words
