"""What a user does with ``learn`` and what comes back. A made-up posterior stands in for the samplers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.unit.learned_fixtures import posterior
from typer.testing import CliRunner

from secondhall.belief import learning, store
from secondhall.case import Case
from secondhall.cli.main import app
from secondhall.months import Month

Cli = Callable[..., Result]


class Sampler:
    """Stands in for the samplers: gives a made-up posterior and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Month, int]] = []
        self.refused: str | None = None

    def __call__(self, case: Case, evidence: str, until: Month, seed: int, report: Any) -> Any:
        self.asked.append((evidence, until, seed))
        report("sampling", 1, 1)
        trust = dataclasses.replace(posterior().convergence, refused=self.refused)
        return dataclasses.replace(posterior(), until=until, convergence=trust)


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Sampler:
    made = Sampler()
    monkeypatch.setattr(learning, "_sampled", made)
    return made


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Return the command line in a folder, with a store of beliefs, of its own."""
    monkeypatch.setenv("SECONDHALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(store, "user_cache_path", lambda _: tmp_path / "cache")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*args: str, status: int = 0) -> Result:
        done = CliRunner().invoke(app, ["learn", *args], prog_name="secondhall")
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert "our fault" not in said, said
        assert done.exit_code == status, said
        return done

    return run


def test_what_was_learned_is_said_written_and_reused(cli: Cli, sampler: Sampler) -> None:
    first = cli("northhall")
    assert "2,345 contracts of 812 customers" in first.stdout
    assert "What could not be learned, and what stands in" in first.stdout
    assert "stored; reused as long as the case stays as it is" in " ".join(first.stdout.split())
    assert Path("out/learned.html").is_file()
    [belief] = (Path.cwd().parent / "cache" / "beliefs").iterdir()
    assert belief.name in first.stdout.replace("\n", "")
    page = Path("out/learned.html").read_bytes()

    again = cli("northhall")
    assert "reused; --fresh learns again" in " ".join(again.stdout.split())
    assert len(sampler.asked) == 1
    assert Path("out/learned.html").read_bytes() == page

    fresh = cli("northhall", "--fresh")
    assert "reused; --fresh" not in " ".join(fresh.stdout.split())
    assert len(sampler.asked) == 2
    assert len(list(belief.parent.iterdir())) == 1


def test_another_seed_and_another_date_learn_anew(cli: Cli, sampler: Sampler) -> None:
    for args in ((), ("--seed", "8"), ("--at", "2024-06")):
        cli("northhall", *args)
    assert sampler.asked == [
        ("ledger", Month.parse("2026-01"), 7),
        ("ledger", Month.parse("2026-01"), 8),
        ("ledger", Month.parse("2024-06"), 7),
    ]


def test_as_data_it_says_the_same(cli: Cli, sampler: Sampler) -> None:
    data = json.loads(cli("northhall", "--json", "--out", "there").stdout)
    assert data["case"] == "northhall"
    assert data["reused"] is False
    assert data["evidence"] == ["ledger"]
    assert len(data["parameters"]) == len(posterior().values)
    assert data["page"] == "there/learned.html"
    assert Path(data["page"]).is_file()
    assert Path(data["belief"]).is_file()
    assert json.loads(cli("northhall", "--json").stdout)["reused"] is True


def test_draws_that_cannot_be_trusted_are_refused_with_the_reason(cli: Cli, sampler: Sampler) -> None:
    sampler.refused = "the chains disagree on the churn of sme: R-hat 1.73, accepted 1.1 or less"
    done = cli("northhall", status=1)
    assert sampler.refused in done.stderr
    assert "not built on" in done.stderr
    assert "Nothing should be built on it" in Path("out/learned.html").read_text(encoding="utf-8")
    assert sampler.refused in json.loads(cli("northhall", "--json", status=1).stdout)["message"]


def test_a_case_without_data_says_that_its_statements_stand_in(cli: Cli, sampler: Sampler) -> None:
    done = cli("paris2006")
    assert "Nothing was learned" in done.stdout
    assert "statements stand in" in done.stdout
    assert json.loads(cli("paris2006", "--json").stdout)["evidence"] == []
    assert not Path("out").exists()
    assert sampler.asked == []


@pytest.mark.parametrize("at", ["yesterday", "2001-13", "2030-01"])
def test_a_date_that_cannot_be_used_is_refused_and_mended(cli: Cli, sampler: Sampler, at: str) -> None:
    done = cli("northhall", "--at", at, status=2)
    assert at in done.stderr
    assert "a month up to the start of the case, 2026-01" in done.stderr
    assert sampler.asked == []


def test_a_month_after_the_start_explains_what_came_of_a_plan(cli: Cli, sampler: Sampler) -> None:
    cli("fluxus", "--at", "2002-08")
    assert [(evidence, str(until)) for evidence, until, _ in sampler.asked] == [("facts", "2002-08")]
    done = cli("fluxus", "--at", "2031-01", status=2)
    assert "a later one up to" in done.stderr


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_learned(
    cli: Cli, sampler: Sampler
) -> None:
    Path("taken").write_text("a file")
    assert "taken" in cli("northhall", "--out", "taken", status=2).stderr
    assert sampler.asked == []
