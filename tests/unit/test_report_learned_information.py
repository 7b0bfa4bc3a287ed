"""What to measure next, as the page, the terminal and the data tell it."""

from __future__ import annotations

import json

import pytest
from tests.unit.report_fixtures import decision, replaced
from tests.unit.test_report_html import Page
from tests.unit.test_report_summary import shown

from secondhall.decide import Information
from secondhall.futures import Estimate
from secondhall.report.html import render
from secondhall.study import as_data


def test_the_page_tells_each_figure_with_its_worth_its_error_and_the_cap() -> None:
    page = render(decision())
    section = page[page.index('id="measure"') : page.index('id="facts"')]
    text = Page(section).text
    assert "share of the customers out of term that leaves each month (in a boom, in a bust)" in text
    assert "large accounts" in text
    assert "0.41± 0.02" in text.replace(" ±", "±")
    assert "24 %" in text
    assert "To know the whole future would be worth 1.30 ± 0.04 M EUR" in text
    assert "1 other figure is worth nothing that can be told from zero" in text
    assert "draw_share" not in section


@pytest.mark.parametrize("width", [80, 160])
def test_the_terminal_tells_the_three_most_worth_knowing(width: int) -> None:
    made = decision()
    words = " ".join(shown(made, width).split())
    told = [one for one in made.information if one.told]
    assert len(told) == 2
    assert all(one.words in words for one in told)
    assert not any(one.words in words for one in made.information if not one.told)
    many = replaced(made, information=tuple(replaced(told[0], words=f"figure {k} told.") for k in range(5)))
    counted = shown(many, width)
    assert [f"figure {k} told." in counted for k in range(5)] == [True, True, True, False, False]


def test_where_nothing_can_be_chosen_nothing_is_said() -> None:
    made = replaced(decision(), information=(), perfect_information=None)
    assert "What to measure next" not in render(made)
    assert "What to measure next" not in shown(made, 80)
    assert as_data(made)["what_to_measure_next"] is None


def test_where_no_figure_is_worth_knowing_that_is_said() -> None:
    made = decision()
    none = replaced(made, information=made.information[2:])
    for text in (Page(render(none)).text, " ".join(shown(none, 80).split())):
        assert "To know the whole future would be worth" in text
        assert "worth nothing that can be told from zero" in text


def test_the_data_hold_every_figure_with_its_error() -> None:
    made = decision()
    data = json.loads(json.dumps(as_data(made)["what_to_measure_next"]))
    assert data["knowing_everything"] == {"value": 1.3e6, "error": 4e4}
    assert [figure["told_from_zero"] for figure in data["figures"]] == [True, True, False]
    assert [figure["worth"]["value"] for figure in data["figures"]] == [
        one.worth.value for one in made.information
    ]


def test_a_worth_is_told_from_three_standard_errors() -> None:
    def one(worth: float, error: float) -> bool:
        return Information("a", ("a",), Estimate(worth, error), Estimate(0.1, 0.01), "").told

    assert [one(3.1, 1.0), one(2.9, 1.0), one(-4.0, 1.0), one(0.0, 0.0)] == [True, False, False, False]
