import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from tests.cases import MINIMAL, bent

from secondhall.case import bundled_cases, check_case, json_schema, write_template
from secondhall.case.fields import case_fields
from secondhall.case.template import template_text
from secondhall.errors import InputError, Severity

ROOT = Path(__file__).parents[2]


def valid(text: str) -> bool:
    return bool(Draft202012Validator(json_schema()).is_valid(YAML(typ="safe").load(text)))


def test_the_template_passes_check(tmp_path: Path) -> None:
    write_template(tmp_path / "mine", "mine")
    case, faults = check_case(tmp_path / "mine")
    assert case is not None
    assert case.name == "mine"
    assert {fault.severity for fault in faults} <= {Severity.DOUBT}


def test_the_template_names_every_field() -> None:
    text = template_text("mine")
    assert all(f"{field.name}:" in text for field in case_fields())
    assert max(map(len, text.splitlines())) < 260


def test_a_template_overwrites_nothing_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for folder, name in (
        (tmp_path / "mine", "mine"),
        (tmp_path / "no" / "where", "x"),
        (tmp_path / "y", "../y"),
    ):
        with pytest.raises(InputError):
            write_template(folder, name)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert list((tmp_path / "mine").iterdir()) == []


def test_the_json_schema_is_valid_and_its_committed_copy_is_current() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    text = json.dumps(schema, indent=1) + "\n"
    copy = (ROOT / "docs/schema/case.schema.json").read_text(encoding="utf-8")
    assert copy == text, (
        "write json.dumps(json_schema(), indent=1) and a line end into docs/schema/case.schema.json"
    )


def test_the_json_schema_accepts_what_the_reader_accepts() -> None:
    assert valid(MINIMAL)
    assert valid(template_text("mine"))
    assert valid(
        MINIMAL + "decision_dates:\n  2026-07:\n    finance:\n      cash: 5\n    options:\n      two:\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: EUR", "currency: euro"),
        ("start: 2026-01", "start: soon"),
        ("capacity_units: {value: 1000,", "capacity_units: {value: -1,"),
        ("capacity_units: {value: 1000,", "capcity_units: {value: 1000,"),
        ("low: 130, ", ""),
        ("boom: 0.005, ", ""),
        ("  cash: {value: 2000000, source: S1, kind: fact}", "  tax_rate: 0.2"),
    ],
)
def test_the_json_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    assert not valid(bent(MINIMAL, old, new))


@pytest.mark.parametrize("name", bundled_cases())
def test_bundled_cases_pass_check_and_the_json_schema(name: str) -> None:
    case, faults = check_case(ROOT / "src/secondhall/cases" / name)
    assert case is not None, "\n".join(map(str, faults))
    assert valid((ROOT / "src/secondhall/cases" / name / "case.yaml").read_text(encoding="utf-8"))
