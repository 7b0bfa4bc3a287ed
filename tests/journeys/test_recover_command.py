"""What a user does with ``recover`` and what comes back: a plan as words, data and paper, or what to mend."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.unit.twohalls import case_in, text_of
from typer.testing import CliRunner

from secondhall.cli import recover as command
from secondhall.cli.main import app
from secondhall.recover.recovery import Settings
from secondhall.runs import RunStore

Cli = Callable[..., Result]
QUICK = partial(Settings, futures=128, scenarios=5, gap=0.03, alternative_seconds=1.0)
"""Less work than the command does, where no option says how much."""

BRIEF = ("--futures", "64", "--companies", "0", "--seconds", "3")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Return the command line in a folder, beside a case ``twohalls``, with a store of its own."""
    monkeypatch.setenv("SECONDHALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(command, "Settings", QUICK)
    case_in(tmp_path / "work" / "twohalls", text_of())
    monkeypatch.chdir(tmp_path / "work")

    def run(*args: str, status: int = 0) -> Result:
        done = CliRunner().invoke(app, list(args), prog_name="secondhall")
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert "our fault" not in said, said
        assert done.exit_code == status, said
        return done

    return run


def data_of(done: Result) -> Any:
    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(done.stdout, parse_constant=refuse)


def fault_of(done: Result) -> dict[str, str]:
    """Return the parts of the one fault on stderr, and where it is as ``file``."""
    lines = [line.strip() for line in done.stderr.splitlines()]
    parts = {}
    for place, line in enumerate(lines):
        word, _, rest = line.partition("  ")
        if word in ("found", "accepted", "mend"):
            assert word not in parts, f"more than one fault: {done.stderr}"
            parts[word] = rest.strip()
            if word == "found":
                parts["file"] = lines[place - 1]
    assert set(parts) == {"file", "found", "accepted", "mend"}, done.stderr
    return parts


def test_a_plan_comes_as_data_with_its_paper_and_its_run(cli: Cli) -> None:
    data = data_of(cli("recover", "twohalls", *BRIEF, "--json"))
    assert data["needed"] is True
    assert data["no_plan"] is None
    fates = [fate for tide in data["plan"]["tides"].values() for fate in tide["halls"]]
    assert {fate["hall"] for fate in fates} == {"first", "second"}
    assert {"nothing", "plan", "everything closed"} <= set(data["ways"])
    assert data["ways"]["nothing"]["gain_over_nothing"]["value"] == 0.0
    page = Path(data["paper"])
    assert "<html" in page.read_text(encoding="utf-8")
    assert Path("out") in page.parents
    stored = RunStore().open(data["run"])
    assert (stored.verb, stored.case, stored.seed) == ("recover", "twohalls", 7)


def test_a_plan_is_said_in_words(cli: Cli) -> None:
    said = " ".join(cli("recover", "twohalls", *BRIEF).stdout.split())
    assert "Paper:" in said
    assert "Run:" in said
    assert "second" in said


def test_another_month_than_those_with_books_is_refused_with_those_that_are_there(cli: Cli) -> None:
    fault = fault_of(cli("recover", "twohalls", "--at", "2003-05", *BRIEF, status=2))
    assert fault["found"] == "'2003-05'"
    assert fault["accepted"].endswith(": 2002-02")
    assert "2003-06 under decision_dates" in fault["mend"]


def test_what_is_no_month_is_refused(cli: Cli) -> None:
    assert "such as 2002-02" in fault_of(cli("recover", "twohalls", "--at", "May", status=2))["accepted"]


def test_a_law_that_is_not_known_is_refused_with_those_that_are(cli: Cli) -> None:
    case_in(Path("abroad"), text_of().replace("law: france", "law: utopia"))
    fault = fault_of(cli("recover", "abroad", *BRIEF, status=2))
    assert "utopia" in fault["found"]
    assert "france" in fault["accepted"]
    assert "generic" in fault["accepted"]
    assert "case.yaml" in fault["file"]


def test_one_future_of_a_simulated_run_is_planned_from_the_month_in_which_it_stands(cli: Cli) -> None:
    case_in(Path("longer"), text_of(commitment=90_000_000).replace("months: 36", "months: 60"))
    run = data_of(cli("simulate", "longer", "-n", "64", "--json"))["run"]
    plan = ("recover", "longer", "--run", run, "--future", "3")
    data = data_of(cli(*plan, "--at", "2002-08", *BRIEF, "--json"))
    assert data["belief"].endswith("; 6 months of one future lived")
    assert data["plan"] is not None
    assert RunStore().open(data["run"]).verb == "recover"
    fault = fault_of(cli(*plan, "--at", "2009-01", *BRIEF, status=2))
    assert fault["accepted"] == "a month from 2002-03 to 2004-02"


def test_a_run_that_was_not_simulated_is_refused(cli: Cli) -> None:
    made = data_of(cli("recover", "twohalls", *BRIEF, "--json"))["run"]
    fault = fault_of(cli("recover", "twohalls", "--run", made, status=2))
    assert "recover of twohalls" in fault["found"]


def test_a_healthy_company_is_told_that_nothing_needs_doing(cli: Cli) -> None:
    said = " ".join(cli("recover", "paris2006", *BRIEF).stdout.split())
    assert "Nothing needs doing" in said
