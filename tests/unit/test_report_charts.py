from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.report_fixtures import decision

from secondhall.report.charts import gallery, pictures
from secondhall.report.charts.drawing import Drawing, named
from secondhall.report.charts.fans import band_of, insolvent_share
from secondhall.report.charts.svg import svg_of
from secondhall.report.charts.theme import PALETTE, config, spread


def _drawings(made: object) -> list[tuple[str, str, str, str, gallery.Drawing]]:
    stages = (
        gallery._frontier,
        gallery._rules,
        gallery._demand,
        gallery._space,
        gallery._money,
        gallery._bridge,
    )
    return [drawn for stage in stages for drawn in stage(made)]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", ["fluxus", "northhall"])
def test_every_chart_is_valid_vega_lite(case: str) -> None:
    for *_, drawing in _drawings(decision(case)):
        spec = drawing.chart.to_dict(validate=True)
        json.dumps(spec | {"config": config(), "datasets": drawing.data}, allow_nan=False)


def test_every_picture_that_the_report_needs_is_there_once() -> None:
    keys = [picture.key for picture in pictures(decision())]
    assert Counter(keys).most_common(1)[0][1] == 1
    wanted = {
        "ordered",
        "customers",
        "capacity-0",
        "capacity-1",
        "utilisation-0",
        "cash-0",
        "insolvent",
        "mrr",
    }
    assert wanted | {
        "tree",
        "sensitivity",
        "frontier",
        "activities",
        "bridge",
        "rules-cvar",
        "rules-insolvency",
        "bust",
    } <= set(keys)


def test_every_axis_of_a_quantity_names_its_unit() -> None:
    unit = r"(M|k|bn)? ?EUR|m2|%|customers a month"
    for key, _, _, _, drawing in _drawings(decision()):
        found = re.findall(r'"title": ?"([^"]*)"', json.dumps(drawing.chart.to_dict(validate=False)))
        assert found, key
        assert all(re.search(unit, title) for title in found), (key, found)


def test_pictures_share_a_page_without_sharing_ids_and_name_themselves() -> None:
    ids: Counter[str] = Counter()
    for picture in pictures(decision()):
        root = ET.fromstring(picture.svg)
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{picture.key}-title"
        ids.update(element.get("id", "") for element in root.iter() if element.get("id"))
        referred = set(re.findall(r"url\(#([^)]+)\)", picture.svg))
        assert referred <= {element.get("id") for element in root.iter()}
    assert not ids or ids.most_common(1)[0][1] == 1


def test_pictures_take_the_colours_of_the_page() -> None:
    for picture in pictures(decision()):
        assert not any(colour in picture.svg for colour in PALETTE.values()), picture.key


def test_each_month_of_a_fan_tells_its_band_on_hover() -> None:
    made = decision()
    fan = next(picture for picture in pictures(made) if picture.key == "ordered")
    told = re.findall(r"<title>([^<]*)</title>", fan.svg)
    assert len(told) == made.case.horizon_months
    middle = made.recommended.futures.bands.of("ordered_units")[2, 12]
    assert told[12].startswith(f"{made.case.start + 12}, ordered capacity: middle {middle:.1f};")


def test_the_share_of_insolvent_futures_is_counted_path_by_path() -> None:
    futures = decision(recommend="as-happened").recommended.futures
    failed = futures.outcomes["insolvency_month"]
    rows = insolvent_share({"plan": futures}, ("blue",)).data["rows0"]
    for at in (0, 40, 80, futures.months - 1):
        expected = 100 * np.mean([0 <= month <= at for month in failed])
        assert rows[at]["share"] == pytest.approx(expected, abs=1e-9)
        assert rows[at]["low"] <= rows[at]["share"] <= rows[at]["high"]


@given(places=st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_labels_never_overlap_and_stay_within_the_picture(places: list[float]) -> None:
    moved = spread(places, 17.0, 0.0, 300.0)
    assert all(b - a >= 17.0 - 1e-6 for a, b in pairwise(sorted(moved)))
    assert min(moved) >= -1e-6
    assert max(moved) <= 300.0 + 1e-6


@given(places=st.lists(st.integers(0, 12).map(lambda n: 20.0 * n), min_size=1, max_size=12, unique=True))
def test_labels_that_have_room_stay_where_they_are(places: list[float]) -> None:
    assert spread(places, 17.0, 0.0, 300.0) == pytest.approx(places)


def test_the_same_decision_gives_the_same_pictures() -> None:
    assert pictures(decision()) == pictures(decision())


def test_a_quantile_a_fraction_of_a_bin_outside_of_its_range_is_drawn_at_its_end() -> None:
    futures = decision().recommended.futures
    off = dataclasses.replace(futures.bands, values=futures.bands.values - 0.01)
    nudged = dataclasses.replace(futures, bands=off)
    assert band_of(nudged, "lost_units").min() == 0.0
    assert band_of(nudged, "ebitda").min() == off.of("ebitda").min()
    above = dataclasses.replace(futures.bands, values=futures.bands.values + 0.01)
    assert band_of(dataclasses.replace(futures, bands=above), "utilisation").max() == 1.0


def test_a_clipped_chart_keeps_its_clip_path_to_itself() -> None:
    chart = named("rows").mark_bar(clip=True).encode(x="a:Q")
    svg = svg_of(Drawing(chart, {"rows": [{"a": 1}]}), "mine")
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids
    assert all(name.startswith("mine-") for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) == set(ids)
