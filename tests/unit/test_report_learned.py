"""What a user sees of learning: every field once, in plain words, in its unit; pictures that can be read."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from collections import Counter
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from tests.unit.learned_fixtures import BAND, SIZE, changed, learned_case, posterior
from tests.unit.report_fixtures import HOSTILE
from tests.unit.test_report_html import FORBIDDEN, LOADING, Page

from secondhall.belief import Check, Convergence, Lesson, Posterior, Prior, RegimePath
from secondhall.case import Quantity, bundled_cases, read_case
from secondhall.case.field_words import field_words
from secondhall.months import Month
from secondhall.report import learned_summary, write_learned
from secondhall.report.charts.learned import _all
from secondhall.report.charts.theme import config
from secondhall.report.learned_data import learned_data
from secondhall.report.learned_page import render_learned
from secondhall.report.learned_rows import check_rows, parameter_rows, regime_now
from secondhall.report.strips import check_strip, density_strip, learned_density, stated_density

BEWARE = (
    "few effective draws of the market: when a boom ends, the probability that a bust follows at once: 412"
)


def shown(made: Posterior, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), no_color=True, force_terminal=False)
    learned_summary(learned_case(), made, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def page() -> str:
    return render_learned(learned_case(), posterior(), seed=7)


def bare() -> Posterior:
    """Return a posterior of one field, with nothing else to say."""
    return changed(
        values={"costs.draw_share": np.full(SIZE, 0.5)}, priors={}, regimes=None, checks=(), lessons=(),
        series={}, convergence=Convergence(math.nan, "", math.nan, ""),
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_every_uncertain_field_has_plain_words_and_a_unit(name: str) -> None:
    case = read_case(name)
    for dotted in Prior(case).values(7, np.arange(2)):
        words = field_words(case, dotted)
        assert words.meaning != words.field.replace("_", " "), dotted
        assert words.unit, dotted
        assert words.subject, dotted
        assert "_" not in words.said, dotted


def test_an_id_with_dots_of_its_own_is_taken_whole() -> None:
    words = field_words(learned_case(), "segments.a.b c.churn_monthly.bust")
    assert (words.subject, words.field, words.regime) == ("a.b c", "churn_monthly", "bust")


def test_every_field_has_one_row_with_the_quantiles_before_and_after() -> None:
    rows = {row.name: row for row in parameter_rows(learned_case(), posterior())}
    assert set(rows) == set(posterior().values)
    for name, row in rows.items():
        quantity = posterior().priors[name]
        assert row.prior is not None
        assert [x * row.size for x in row.prior] == pytest.approx(
            [quantity.quantile(p) for p in (0.05, 0.5, 0.95)]
        )
        learned = np.quantile(posterior().values[name], (0.05, 0.5, 0.95))
        assert [x * row.size for x in row.learned] == pytest.approx(list(learned))


def test_fields_stand_together_segment_by_segment_in_the_order_of_the_case() -> None:
    subjects = [row.words.subject for row in parameter_rows(learned_case(), posterior())]
    runs = [subject for at, subject in enumerate(subjects) if at == 0 or subjects[at - 1] != subject]
    assert runs == [*(name.replace("_", " ") for name in learned_case().segments), "the market"]


@pytest.mark.parametrize(
    ("scale", "words"), [(1.0, "as wide as before"), (0.5, "50 % narrower"), (1.25, "25 % wider")]
)
def test_how_much_narrower_is_told_by_the_width_of_nine_cases_of_ten(scale: float, words: str) -> None:
    """A normal statement and draws at its own quantiles, scaled: the widths are in that proportion."""
    name = "segments.sme.list_price_per_unit_month"
    quantity = Quantity(mid=300.0, low=280.0, high=320.0)
    draws = quantity.at_normal(
        scale * np.array([NormalDist().inv_cdf((i + 0.5) / SIZE) for i in range(SIZE)])
    )
    [row] = parameter_rows(learned_case(), changed(values={name: draws}, priors={name: quantity}))
    assert row.narrower == words
    assert row.kept == pytest.approx(scale, rel=2e-3)  # the quantile of 2,000 points, linear between them


@pytest.mark.parametrize(("shift", "words"), [(0.66, ""), (0.69, ", higher"), (-0.69, ", lower")])
def test_a_middle_beyond_the_quartile_of_what_was_believed_has_moved(shift: float, words: str) -> None:
    """The quartile of a normal is 0.674 of its deviation away."""
    name = "segments.sme.list_price_per_unit_month"
    quantity = Quantity(mid=300.0, low=280.0, high=330.0)
    scores = np.array([NormalDist().inv_cdf((i + 0.5) / SIZE) for i in range(SIZE)])
    draws = 300.0 + (shift + scores) * (30.0 if shift > 0 else 20.0) / NormalDist().inv_cdf(0.95)
    [row] = parameter_rows(learned_case(), changed(values={name: draws}, priors={name: quantity}))
    assert row.narrower.partition(",")[1:] == words.partition(",")[1:]


def test_staff_stand_together_role_by_role() -> None:
    names = [
        f"staff.{role}.{field}" for field in ("monthly_cost", "per_customer") for role in learned_case().staff
    ]
    made = changed(values={name: np.linspace(0, 1, SIZE) for name in names}, priors={})
    subjects = [row.words.subject for row in parameter_rows(learned_case(), made)]
    assert subjects == [f"staff, {role.replace('_', ' ')}" for role in learned_case().staff for _ in (0, 1)]


def test_the_regime_now_is_the_last_one_and_began_when_it_last_became_likeliest() -> None:
    boom, bust = [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]
    path = RegimePath(Month.parse("2000-01"), np.array([bust, boom, boom, bust, bust]), None)
    now = regime_now(path)
    assert (now.month, now.likeliest, now.since, now.shares) == ("2000-05", "bust", "2000-04", tuple(bust))
    always = regime_now(RegimePath(Month.parse("2000-01"), np.array([boom, boom]), None))
    assert always.since == "2000-01"


@given(
    mid=st.floats(-50, 50), below=st.floats(0.1, 20), above=st.floats(0.1, 20), at=st.sampled_from([0.8, 0.9])
)
def test_the_density_of_a_statement_holds_the_mass_between_its_ends(
    mid: float, below: float, above: float, at: float
) -> None:
    """The mass within 2.7 normal scores is 2 Phi(2.7) - 1; 81 points integrate it within 1 %."""
    x, height = stated_density(Quantity(mid=mid, low=mid - below, high=mid + above, confidence=at))
    mass = 2 * NormalDist().cdf(2.7) - 1
    assert np.trapezoid(height, x) == pytest.approx(mass, rel=0.02)


def test_the_density_of_a_symmetric_statement_is_the_normal_one() -> None:
    x, height = stated_density(Quantity(mid=2.0, low=1.0, high=3.0))
    normal = NormalDist(2.0, 1.0 / NormalDist().inv_cdf(0.95))
    assert height == pytest.approx([normal.pdf(point) for point in x], rel=1e-6)


def test_the_range_of_a_field_cuts_its_density_and_leaves_the_rest_as_it_was() -> None:
    whole = stated_density(Quantity(mid=0.9, low=0.7, high=1.1))
    x, height = stated_density(Quantity(mid=0.9, low=0.7, high=1.1, maximum=1.0))
    kept = whole[0] <= 1.0
    np.testing.assert_array_equal(x, whole[0][kept])
    np.testing.assert_array_equal(height, whole[1][kept])


def test_the_learned_density_is_one_of_the_draws() -> None:
    """It adds up to one, and its mean is the mean of the draws, as a kernel moves nothing."""
    draws = np.random.default_rng(2).gamma(3.0, 1.0, SIZE)
    x, height = learned_density(draws, -4.0, 25.0)
    assert np.trapezoid(height, x) == pytest.approx(1.0, abs=1e-3)
    assert np.trapezoid(x * height, x) == pytest.approx(draws.mean(), abs=1e-2)


def test_a_field_that_did_not_move_still_has_a_picture() -> None:
    for quantity in (None, Quantity(mid=0.5), Quantity(mid=0.5, low=0.5, high=0.7)):
        strip = density_strip(np.full(SIZE, 0.5), quantity)
        assert "nan" not in strip
        assert "<path" in strip


def test_the_dot_of_a_figure_lies_in_the_dark_the_light_or_no_band() -> None:
    for value, inside_half, inside in ((90.0, True, True), (115.0, False, True), (131.0, False, False)):
        check = Check("1", "x", "2001", "s", "kW", value, BAND)
        dot = float(re.search(r'cx="([\d.]+)"', check_strip(check))[1])  # type: ignore[index]
        (light, dark) = ((float(x), float(x) + float(w)) for x, w in re.findall(
            r'rect x="([\d.]+)" y="[35]" width="([\d.]+)"', check_strip(check)
        ))  # fmt: skip
        assert (dark[0] <= dot <= dark[1]) is inside_half
        assert (light[0] <= dot <= light[1]) is inside


def test_verdicts_follow_the_bands() -> None:
    verdicts = [row.verdict for row in check_rows(learned_case(), posterior())]
    assert verdicts == ["inside the half", "inside", "OUTSIDE", "inside"]


def test_the_page_loads_nothing_and_reads_in_order(page: str) -> None:
    read = Page(page)
    assert not FORBIDDEN & {tag for tag, _ in read.tags}
    for tag, attrs in read.tags:
        assert not LOADING & set(attrs), (tag, attrs)
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(read.all("caption")) == len(read.all("table"))
    assert all(header.get("scope") in ("col", "row") for header in read.all("th"))
    ids = Counter(attrs["id"] for _, attrs in read.tags if "id" in attrs)
    assert ids.most_common(1)[0][1] == 1
    for svg in read.all("svg"):
        assert svg.get("aria-hidden") == "true" or svg.get("aria-labelledby") in ids
    for link in read.all("a"):
        if (link["href"] or "").startswith("#"):
            assert (link["href"] or "")[1:] in ids


def test_the_page_shows_every_field_twice_as_a_picture_and_in_a_table(page: str) -> None:
    assert page.count('class="density"') == len(posterior().values)
    for name in posterior().values:
        assert page.count(f"<code>{name}</code>") == 1


def test_the_page_tells_every_check_lesson_warning_and_month(page: str) -> None:
    made, text = posterior(), Page(page).text
    for check in made.checks:
        assert check.words in text
    for lesson in made.lessons:
        assert lesson.words in text
    assert BEWARE in text
    assert made.regimes is not None
    assert all(str(made.regimes.first + at) in text for at in range(len(made.regimes.smoothed)))


def test_every_curve_has_a_table_with_or_without_a_picture(page: str) -> None:
    titles = re.findall(r'<h3 id="[\w-]+-title">([^<]*)</h3>', page)
    assert {"Who stays: enterprise", "Who leaves: sme", "The past: revenue", "The past: utilisation"} <= set(
        titles
    )
    section = page[page.index('id="tables"') :]
    for name, columns in posterior().series.items():
        assert (f"<caption>{name}</caption>" in section) is (name != "draws")
        if name == "draws":
            continue
        assert section.count("<tr>") >= len(next(iter(columns.values())))


def test_many_checks_are_folded_by_figure_and_open_where_one_lies_outside() -> None:
    check = posterior().checks[0]
    years = [dataclasses.replace(check, period=str(2000 + k), words="inside") for k in range(20)]
    outside = [dataclasses.replace(check, period=str(2000 + k), words="off", value=200.0) for k in range(10)]
    section = render_learned(learned_case(), changed(checks=(*years, *outside)), seed=7).split('id="checks"')[
        1
    ]
    assert "<details><summary>inside <small>20 of 20 inside" in section
    assert "<details open><summary>off <small>0 of 10 inside" in section
    assert section.count('class="strip"') == 30


def test_every_chart_is_valid_vega_lite_and_names_its_unit() -> None:
    drawn = list(_all(learned_case(), posterior(), ()))
    assert {group for _, group, *_ in drawn} == {"regimes", "survival", "history"}
    for key, _, _, _, drawing in drawn:
        spec = drawing.chart.to_dict(validate=True)
        json.dumps(spec | {"config": config(), "datasets": drawing.data}, allow_nan=False)
        titles = re.findall(r'"title": ?"([^"]*)"', json.dumps(spec))
        assert titles, key
        assert all(re.search(r"%|EUR|months", title) for title in titles), (key, titles)


def test_the_areas_of_the_regimes_are_their_probabilities() -> None:
    made = posterior().regimes
    assert made is not None
    [rows] = [
        drawing.data["rows"] for key, *_, drawing in _all(learned_case(), posterior(), ()) if key == "regime"
    ]
    for row, (boom, steady, bust) in zip(rows, 100 * made.smoothed, strict=True):
        heights = (row["top"] - row["steady"], row["steady"] - row["bust"], row["bust"] - row["zero"])
        assert heights == pytest.approx((boom, steady, bust), abs=1e-9)


def test_a_posterior_with_nothing_else_to_say_makes_a_page_and_a_summary() -> None:
    text = render_learned(learned_case(), bare(), seed=7)
    assert ">nan" not in text.lower()
    assert "No chains were run." in text
    assert "No chains were run." in shown(bare())


def test_words_of_a_case_never_become_markup() -> None:
    evil = changed(
        words=HOSTILE,
        checks=(dataclasses.replace(posterior().checks[0], words=HOSTILE, source=HOSTILE, unit=HOSTILE),),
        lessons=(Lesson(HOSTILE, learned=False, words=HOSTILE),),
        convergence=Convergence(1.0, HOSTILE, 900.0, HOSTILE, warnings=(HOSTILE,), refused=HOSTILE),
        series={HOSTILE: {HOSTILE: np.arange(2.0)}},
        values={f"segments.{HOSTILE}.churn_monthly": np.linspace(0, 1, SIZE)},
        priors={},
    )
    text = render_learned(learned_case(), evil, seed=7)
    assert "<script" not in text.lower()
    assert "\x1b" not in text
    assert "7*7" in Page(text).text
    assert "\x1b" not in shown(evil)


def test_writing_twice_gives_the_same_bytes(tmp_path, page: str) -> None:  # type: ignore[no-untyped-def]
    path = write_learned(learned_case(), posterior(), tmp_path / "deep", seed=7)
    assert path == tmp_path / "deep" / "learned.html"
    assert path.read_text(encoding="utf-8") == page
    assert len(page) < 1_000_000


def test_chains_that_disagree_are_not_said_to_agree() -> None:
    assert "The chains agree: worst R-hat 1.013" in shown(posterior())
    apart = dataclasses.replace(posterior().convergence, worst_rhat=1.05)
    assert "The chains do not quite agree: worst R-hat 1.050" in shown(changed(convergence=apart))


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_tells_all_and_runs_over_no_edge(width: int) -> None:
    text = shown(posterior(), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    words = " ".join(text.split())
    for said in (
        posterior().words,
        "worst R-hat 1.013 (sme: share of the customers out of term that leaves each month, in a bust)",
        "Most probable: steady times, since",
        "gpu cloud: share of the customers out of term that leaves each month, in a bust: no bust was lived",
        BEWARE,
        "3 of 4 in the band",
    ):
        assert said in words
    for row in parameter_rows(learned_case(), posterior()):
        assert f"{row.words.meaning}, {row.unit}" in words


def test_as_data_every_number_is_in_the_unit_of_the_case() -> None:
    data = json.loads(json.dumps(learned_data(learned_case(), posterior())))
    for parameter in data["parameters"]:
        assert parameter["learned"] == pytest.approx(list(posterior().interval(parameter["name"])))
    assert [check["inside"] for check in data["checks"]] == [True, True, False, True]
    assert len(data["regimes"]) == 120
    assert sum(data["regime"][name] for name in ("boom", "steady", "bust")) == pytest.approx(1.0)
    assert [lesson["subject"] for lesson in data["not_learned"]] == [
        "segments.gpu_cloud.churn_monthly.bust",
        "pipeline",
    ]
