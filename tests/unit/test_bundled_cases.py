"""The bundled cases say where every number comes from, and read without a fault or a doubt."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from secondhall.case import bundled_cases, check_case
from secondhall.cases import BUNDLED, bundled_folder

FRANCS_PER_EURO = 6.55957
UNSOURCED_BY_NATURE = ("case.horizon_months",)
REASONS = ("because", "source")


def tree(name: str) -> dict[str, object]:
    text = (bundled_folder(name) / "case.yaml").read_text(encoding="utf-8")
    read = YAML(typ="safe", pure=True).load(text)
    assert isinstance(read, dict)
    return read


def facts(name: str) -> list[dict[str, str]]:
    with (bundled_folder(name) / "facts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bare_numbers(node: object, path: str) -> Iterator[str]:
    """Yield the path of every number that no enclosing mapping gives a reason or a source for."""
    if isinstance(node, dict):
        if any(key in node for key in REASONS):
            return
        for key, inner in node.items():
            yield from bare_numbers(inner, f"{path}.{key}")
    elif isinstance(node, list):
        for inner in node:
            yield from bare_numbers(inner, path)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield path


def origins(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        if any(key in node for key in REASONS):
            yield node
        for inner in node.values():
            yield from origins(inner)


def test_the_list_of_bundled_cases_is_what_the_reader_finds() -> None:
    assert sorted(BUNDLED) == list(bundled_cases())
    with pytest.raises(KeyError):
        bundled_folder("nowhere")


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_a_bundled_case_has_no_fault_and_no_doubt(name: str) -> None:
    case, faults = check_case(bundled_folder(name))
    assert [str(fault) for fault in faults] == []
    assert case is not None
    assert case.name == name


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_every_number_carries_a_source_or_a_reason(name: str) -> None:
    bare = [path for path in bare_numbers(tree(name), "case") if path not in UNSOURCED_BY_NATURE]
    assert bare == []


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_what_is_called_a_fact_has_a_source_and_every_source_is_listed_and_used(name: str) -> None:
    read = tree(name)
    sources = read["sources"]
    assert isinstance(sources, dict)
    values = list(origins({key: inner for key, inner in read.items() if key != "sources"}))
    assert [node for node in values if node.get("kind") == "fact" and "source" not in node] == []
    assert [node for node in values if node.get("kind") not in ("fact", "inference", "assumption")] == []
    assert {node["source"] for node in values if "source" in node} <= set(sources)
    assert all("http" in citation for citation in sources.values())


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_an_interval_is_in_order(name: str) -> None:
    def intervals(node: object) -> Iterator[dict[str, float]]:
        if isinstance(node, dict):
            if "low" in node:
                yield node
            for inner in node.values():
                yield from intervals(inner)

    assert [node for node in intervals(tree(name)) if not node["low"] < node["mid"] < node["high"]] == []


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_no_draw_of_an_intensity_reaches_zero_where_its_logarithm_ends(name: str) -> None:
    """(A1): the lower end of the law, mid - (high - mid)/(b - 1), is not below 0 if low >= mid^2/high."""
    read = tree(name)
    late = read.get("decision_dates", {})
    assert isinstance(late, dict)
    for part in (read, *late.values()):
        for segment in part.get("segments", {}).values():
            new = segment["new_customers_per_month"]
            assert new["low"] >= 0.98 * new["mid"] ** 2 / new["high"]  # rounded to two decimals


def test_the_23_facts_of_fluxus_are_all_there_with_their_source() -> None:
    rows = facts("fluxus")
    assert [row["fact"] for row in rows if row["fact"].isdecimal()] == [str(n) for n in range(1, 24)]
    assert all(row["words"] and "http" in row["source"] for row in rows)
    value = {row["fact"]: float(row["value"]) for row in rows if row["value"]}
    assert value["1"] == pytest.approx(20 / FRANCS_PER_EURO, abs=0.005)
    assert 35 / FRANCS_PER_EURO < value["2"] < 36.5 / FRANCS_PER_EURO
    assert value["3"] == pytest.approx(85 / FRANCS_PER_EURO, abs=0.005)
    assert value["21"] - value["21-after"] == 34
    assert {"5", "6", "10", "21"} <= {row["fact"] for row in rows if row["standard_deviation"]}


def test_no_fact_that_fluxus_could_be_tuned_to_was_known_at_its_first_decision() -> None:
    later = {row["fact"] for row in facts("fluxus") if row["published"] > "2000-04"}
    assert {"4", "5", "6", "10", "11", "17", "21"} <= later


@pytest.mark.parametrize(("name", "months"), [("fluxus", ["start", "2001-01"]), ("paris2006", ["start"])])
def test_segments_and_halls_hold_the_same_capacity(name: str, months: list[str]) -> None:
    read = tree(name)

    def total(section: str, field: str, month: str) -> float:
        base = read[section]
        over = read.get("decision_dates", {}) if month != "start" else {}
        assert isinstance(base, dict)
        assert isinstance(over, dict)
        late = over.get(month, {}).get(section, {})
        return sum({**node, **late.get(key, {})}[field]["value"] for key, node in base.items())

    for month in months:
        assert total("segments", "installed_units", month) == total("halls", "sold_units", month)
        assert total("halls", "sold_units", month) <= total("halls", "capacity_units", month)


def test_paris2006_has_95_percent_of_its_third_hall_reserved_and_a_revenue_of_12_million() -> None:
    segments = tree("paris2006")["segments"]
    assert isinstance(segments, dict)
    assert sum(node["reserved_units"]["value"] for node in segments.values()) == 0.95 * 2000
    hosting = 12 * sum(node["monthly_recurring_revenue"]["value"] for node in segments.values())
    services = 12 * sum(
        node["customers"]["value"] * node["services_per_customer_month"]["value"]
        for node in segments.values()
    )
    assert hosting + services == pytest.approx(12e6, rel=0.05)  # the other twentieth comes with new customers


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_the_files_of_a_case_name_no_machine(name: str) -> None:
    for path in sorted(Path(bundled_folder(name)).iterdir()):
        assert re.search(r"(^|[\s\"'])(/home|/work|/tmp|/root|\.\./)", path.read_text("utf-8")) is None, (
            path.name
        )
