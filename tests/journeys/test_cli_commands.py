"""What a user does on the command line, and what comes back: words or data, a status, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cases import MINIMAL, bent, write_case
from typer.testing import CliRunner

from secondhall import __version__
from secondhall.cases import BUNDLED
from secondhall.cli.main import app

Cli = Callable[..., Result]

COMMANDS = [
    ["init"],
    ["check"],
    ["learn"],
    ["simulate"],
    ["compare"],
    ["stress"],
    ["plan"],
    ["schema"],
    ["bench"],
    *(["runs", name] for name in ("list", "show", "compare", "open", "delete", "restore", "purge", "verify")),
]
FEW = ("-n", "100")
ESTIMATES = (
    "npv",
    "gain_over_never",
    "probability_worth_less_than_never",
    "score",
    "behind_best",
    "cvar_npv",
    "probability_of_a_loss",
    "probability_of_insolvency",
    "probability_shareholder_needed",
    "write_offs",
    "commits_now",
    "commits",
)


def no_constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


def data_of(done: Result) -> Any:
    return json.loads(done.stdout, parse_constant=no_constant)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Return the command line in a folder and with a store of its own."""
    monkeypatch.setenv("SECONDHALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*args: str, status: int | None = 0) -> Result:
        done = CliRunner().invoke(app, list(args), prog_name="secondhall")
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert "our fault" not in said, said
        if status is not None:
            assert done.exit_code == status, said
        return done

    return run


def fault_of(done: Result) -> dict[str, str]:
    """Return the parts of the one fault on stderr; it must be complete."""
    parts = {}
    for line in done.stderr.splitlines():
        word, _, rest = line.strip().partition("  ")
        if word in ("found", "accepted", "mend"):
            assert word not in parts, f"more than one fault: {done.stderr}"
            parts[word] = rest.strip()
    assert set(parts) == {"found", "accepted", "mend"}, done.stderr
    return parts


# Help


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_shows_an_example(cli: Cli, command: list[str]) -> None:
    said = " ".join(cli(*command, "--help").stdout.split())
    assert f"Example: secondhall {' '.join(command)}" in said


def test_the_help_lists_every_command(cli: Cli) -> None:
    said = cli("--help").stdout
    for command in COMMANDS:
        assert command[0] in said
    assert "Try: secondhall plan fluxus" in said


def test_the_version(cli: Cli) -> None:
    assert cli("--version").stdout == f"secondhall {__version__}\n"


@pytest.mark.parametrize("wrong", [["plann", "fluxus"], ["plan"], ["plan", "fluxus", "--futurs", "3"]])
def test_a_misused_command_is_told_how_it_is_used(cli: Cli, wrong: list[str]) -> None:
    assert "--help" in cli(*wrong, status=2).stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("-n", "0"),
        ("-n", "ten"),
        ("--seed", "-1"),
        ("--seed", "9" * 30),
        ("--threads", "0"),
        ("--guard-bust", "1.5"),
        ("--guard-bust", "nan"),
        ("--guard-funded", "-1"),
    ],
)
def test_an_option_out_of_range_names_itself(cli: Cli, wrong: tuple[str, str]) -> None:
    assert wrong[0] in cli("simulate", "paris2006", *wrong, status=2).stderr


# A case of one's own


def test_init_then_check_then_simulate(cli: Cli) -> None:
    assert "secondhall check myhalls" in cli("init", "myhalls").stdout
    assert "0 errors" in cli("check", "myhalls").stdout
    assert "100 futures" in cli("simulate", "myhalls", *FEW).stdout


def test_plan_of_a_template(cli: Cli) -> None:
    cli("init", "myhalls")
    assert "Report: out/report.html" in cli("plan", "myhalls", *FEW).stdout


def test_init_overwrites_nothing(cli: Cli) -> None:
    cli("init", "myhalls")
    before = {path: path.read_bytes() for path in Path("myhalls").iterdir()}
    assert "nothing is overwritten" in fault_of(cli("init", "myhalls", status=2))["accepted"]
    assert {path: path.read_bytes() for path in Path("myhalls").iterdir()} == before


def test_a_folder_with_a_space_and_letters_of_everywhere(cli: Cli) -> None:
    name = "Großer Saal 二号"
    write_case(Path(name))
    assert "0 errors" in cli("check", name).stdout
    cli("compare", name, "never", "now:two", *FEW)
    assert [run["case"] for run in data_of(cli("runs", "list", "--json"))] == ["small"]


def test_a_hostile_title_reaches_the_terminal_as_text(cli: Cli) -> None:
    title = 'title: "[red]x[/red] \\e]0;owned\\a <script>alert(1)</script>"'
    write_case(Path("bad"), yaml=bent(MINIMAL, "title: A small case", title))
    done = cli("check", "bad", status=None)
    said = done.stdout + done.stderr
    assert done.exit_code in (0, 2)
    assert "\x1b" not in said
    assert "\x07" not in said


@pytest.mark.parametrize("name", ["../escape", "a/b", "<script>", "x" * 100, "--help-me"])
def test_a_hostile_name_of_a_case_is_a_fault_or_no_path(cli: Cli, name: str) -> None:
    yaml = bent(MINIMAL, "name: small", f"name: {json.dumps(name)}")
    write_case(Path("bad"), yaml=yaml)
    done = cli("simulate", "bad", *FEW, status=None)
    assert done.exit_code in (0, 2)
    home = Path("..") / "home"
    made = sorted(path.name for path in Path("..").iterdir())
    assert set(made) <= {"home", "work"}
    assert not home.exists() or {path.name for path in home.iterdir()} <= {
        "index.sqlite",
        "index.sqlite.lock",
        "runs",
        "tmp",
        "trash",
    }


def test_no_such_case_suggests_the_nearest(cli: Cli) -> None:
    fault = fault_of(cli("simulate", "northhal", status=2))
    assert fault["found"] == "no such file or folder"
    assert "write northhall" in fault["mend"]


# check


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_check_of_a_bundled_case(cli: Cli, name: str) -> None:
    assert cli("check", name).stdout.endswith("0 errors, 0 doubts\n")
    assert data_of(cli("check", name, "--json"))["ok"] is True


def broken() -> str:
    yaml = bent(MINIMAL, "capacity_units: {value: 1000,", "capacity_units: {value: -5,")
    return bent(yaml, "headcount: {value: 8,", "headcount: {value: eight,")


def test_check_tells_every_fault_as_words_and_as_data(cli: Cli) -> None:
    write_case(Path("bad"), yaml=broken())
    said = cli("check", "bad", status=2)
    data = data_of(cli("check", "bad", "--json", status=2))
    assert data["ok"] is False
    assert len(data["errors"]) >= 2
    for fault in data["errors"]:
        assert fault["severity"] == "error"
        for part in ("found", "accepted", "mend"):
            assert fault[part] in said.stderr
        assert fault["file"] in said.stderr
    assert said.stderr.count("error: ") == len(data["errors"])


def test_other_commands_tell_the_same_faults(cli: Cli) -> None:
    write_case(Path("bad"), yaml=broken())
    checked = data_of(cli("check", "bad", "--json", status=2))["errors"]
    for command in ("simulate", "plan"):
        assert data_of(cli(command, "bad", "--json", status=2))["faults"] == checked


def test_a_doubt_is_an_error_only_when_strict(cli: Cli) -> None:
    cli("init", "myhalls")  # a template states assumptions that carry no source yet
    assert "doubt: " in cli("check", "myhalls").stdout
    assert "taken as errors" in cli("check", "myhalls", "--strict", status=2).stdout
    data = data_of(cli("check", "myhalls", "--strict", "--json", status=2))
    assert (data["ok"], data["errors"]) == (False, [])
    assert data["doubts"]
    assert {fault["severity"] for fault in data["doubts"]} == {"doubt"}


def test_check_lists_what_in_month_zero_is_not_in_the_books(cli: Cli) -> None:
    data = data_of(cli("check", "northhall", "--json"))["month_zero"]
    assert {line["line"] for line in data} >= {"cash", "debt", "staff_cost"}
    assert "month zero equals" in cli("check", "northhall").stdout


# Rules, dates, scenarios that are not there


@pytest.mark.parametrize(
    ("rule", "mend"),
    [
        ("nver", "write never"),
        ("now:nort-4", "write north-4"),
        ("now:", ""),
        ("plan:board-propsal", "write board-proposal"),
        ("forecast:north-4", "share after the last colon"),
        ("forecast:north-4:often", "share after the last colon"),
        ("forecast:north-4:nan", "share after the last colon"),
        ("prelease:north-5:0.5", "write north-4"),
        ("prelease:north-4:-1", "share after the last colon"),
        ("", "forecast:OPTION:0.9"),
    ],
)
def test_a_rule_that_is_not_known_is_told_the_nearest(cli: Cli, rule: str, mend: str) -> None:
    fault = fault_of(cli("simulate", "northhall", "--rule", rule, *FEW, status=2))
    assert mend in fault["mend"]
    assert not (Path("..") / "home").exists()


def test_a_plan_that_committed_before_the_start_is_refused_not_played_without_its_hall(cli: Cli) -> None:
    fault = fault_of(
        cli("simulate", "fluxus", "--at", "2001-01", "--rule", "plan:as-happened", *FEW, status=2)
    )
    assert "2000-05" in fault["accepted"]
    assert "under construction" in fault["mend"]


@pytest.mark.parametrize("command", ["simulate", "plan"])
def test_a_scenario_that_is_not_known_is_told_those_that_are(cli: Cli, command: str) -> None:
    fault = fault_of(cli(command, "northhall", "--scenario", "price-wars", *FEW, status=2))
    assert "price-war" in fault["accepted"]


@pytest.mark.parametrize("at", ["2001-02", "2001", "spring", "", "2001-13"])
@pytest.mark.parametrize("command", ["simulate", "plan"])
def test_a_month_that_is_no_decision_date_is_told_those_that_are(cli: Cli, command: str, at: str) -> None:
    fault = fault_of(cli(command, "fluxus", "--at", at, *FEW, status=2))
    assert "2000-04, 2001-01" in fault["accepted"]


def test_stress_sets_the_scenarios_beside_the_base_and_says_what_would_be_chosen(cli: Cli) -> None:
    said = cli("stress", "paris2006", "--rule", "now:paris_c", *FEW).stdout
    for part in ("base: as it is believed", "bust-at-opening: a bust begins", "Would be chosen:", "±"):
        assert part in said
    told = data_of(cli("stress", "paris2006", "--rule", "now:paris_c", "--json", *FEW))
    assert [one["scenario"] for one in told["scenarios"]] == ["base", "bust-at-opening"]
    assert told["scenarios"][1]["rule"]["rule"] == "commit paris_c now"


def test_reverse_stress_says_what_breaks_the_company_and_how_likely_that_is(cli: Cli) -> None:
    said = cli("stress", "paris2006", "--rule", "now:paris_c", "--reverse", *FEW).stdout
    for part in ("Without any shock", "The mildest shock that breaks half:", "one future in", "±"):
        assert part in said
    told = data_of(cli("stress", "paris2006", "--rule", "now:paris_c", "--reverse", "--json", *FEW))
    assert told["broken_under_it"]["value"] >= 0.5 > told["broken_under_a_slightly_milder_one"]["value"]


# simulate and compare


def test_simulate_says_bands_and_errors(cli: Cli) -> None:
    said = cli("simulate", "paris2006", "--rule", "now:paris_c", *FEW).stdout
    for part in ("now:paris_c", "±", "net income", "utilisation", "secondhall runs show"):
        assert part in said


def test_simulate_as_data_has_bands_in_order(cli: Cli) -> None:
    [rule] = data_of(cli("simulate", "paris2006", "--json", *FEW))["rules"]
    for band in rule["bands"].values():
        assert all(
            low <= mid <= high for low, mid, high in zip(band["p5"], band["p50"], band["p95"], strict=True)
        )


def test_a_scenario_changes_the_futures(cli: Cli) -> None:
    plain = data_of(cli("simulate", "northhall", "--json", *FEW))["rules"][0]
    bust = data_of(cli("simulate", "northhall", "--scenario", "bust-2027", "--json", *FEW))["rules"][0]
    assert bust["npv"]["value"] < plain["npv"]["value"]
    last = [rule["bands"]["bust_probability"]["p50"][18] for rule in (plain, bust)]
    assert last[0] < 0.5 < last[1]


def test_compare_three_rules_over_the_same_futures(cli: Cli) -> None:
    rules = ("never", "now:paris_c", "prelease:paris_c:0.5")
    said = cli("compare", "paris2006", *rules, *FEW).stdout
    for rule in rules:
        assert rule in said
    data = data_of(cli("compare", "paris2006", *rules, "--json", *FEW))["rules"]
    assert [one["rule"] for one in data] == list(rules)
    assert data[0]["over_the_first"] == {"value": 0.0, "error": 0.0}
    # Paired: the difference is known far better than either value.
    assert data[1]["over_the_first"]["error"] < data[1]["npv"]["error"]


def test_a_guard_on_the_command_line_holds_a_trigger_back(cli: Cli) -> None:
    args = ("compare", "paris2006", "never", "prelease:paris_c:0.5", "--json", *FEW)
    free = data_of(cli(*args))["rules"][1]["over_the_first"]["value"]
    held = data_of(cli(*args, "--guard-funded", "1000"))["rules"][1]["over_the_first"]["value"]
    assert free != 0.0
    assert held == 0.0


def test_threads_and_a_second_call_change_nothing(cli: Cli) -> None:
    args = ("simulate", "paris2006", "--json", "-n", "1500")
    first, second = (data_of(cli(*args, "--threads", threads))["rules"] for threads in ("1", "2"))
    assert first == second


@pytest.mark.parametrize("command", ["simulate", "plan"])
def test_one_future_has_values_and_no_errors(cli: Cli, command: str) -> None:
    rule = data_of(cli(command, "paris2006", "-n", "1", "--json"))["rules"][0]
    assert isinstance(rule["npv"]["value"], float)
    assert rule["npv"]["error"] is None
    said = cli(command, "paris2006", "-n", "1").stdout
    assert "± nan" not in said


# plan


def test_plan_says_the_answer_and_where_the_report_is(cli: Cli) -> None:
    said = cli("plan", "paris2006", *FEW, "--out", "report of spring").stdout
    for part in ("Commit paris_c now.", "Do now", "What would change that", "What it is worth", "The risk"):
        assert part in said
    assert "Report: report of spring/report.html" in said
    assert [path.name for path in Path("report of spring").iterdir()] == ["report.html"]


def test_plan_as_data(cli: Cli) -> None:
    data = data_of(cli("plan", "paris2006", *FEW, "--json"))
    assert data["verdict"] in ("build", "wait", "do not build")
    assert data["recommended"] in [rule["rule"] for rule in data["rules"]]
    for rule in data["rules"]:
        for name in ESTIMATES:
            assert set(rule[name]) == {"value", "error"}, name
            assert rule[name]["error"] >= 0.0, name
        assert rule["refused"] is None or len(rule["refused"]) > 10
    assert Path(data["report"]).is_file()
    assert data["run"] in [run["id"] for run in data_of(cli("runs", "list", "--json"))]


def test_plan_at_a_decision_date(cli: Cli) -> None:
    data = data_of(cli("plan", "fluxus", "--at", "2001-01", *FEW, "--json"))
    assert data["month"] == "2001-01"


def test_a_plan_under_a_scenario_is_another_question_than_one_without(cli: Cli) -> None:
    plain = data_of(cli("plan", "northhall", "--json", *FEW))["run"]
    bust = data_of(cli("plan", "northhall", "--scenario", "bust-2027", "--json", *FEW))["run"]
    assert "not the same question" in cli("runs", "compare", plain, bust).stdout


def test_the_answer_under_a_scenario_says_so(cli: Cli) -> None:
    said = cli("plan", "northhall", "--scenario", "bust-2027", *FEW).stdout
    assert "bust-2027" in said


def test_plan_with_as_many_futures_as_are_screened(cli: Cli) -> None:
    cli("plan", "paris2006", "-n", "64")


@pytest.mark.parametrize("where", ["a file", "a file/below"])
def test_a_report_that_cannot_be_written_is_told_before_anything_is_played(cli: Cli, where: str) -> None:
    Path("a file").write_text("mine")
    fault = fault_of(cli("plan", "paris2006", *FEW, "--out", where, status=2))
    assert "no report can be written" in fault["found"]
    assert "--out" in fault["mend"]
    assert Path("a file").read_text() == "mine"
    assert not (Path("..") / "home").exists()


def test_a_report_that_fails_late_is_the_users_place_not_our_fault(cli: Cli, monkeypatch: Any) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("secondhall.cli.plan.write_report", full)
    fault = fault_of(cli("plan", "paris2006", *FEW, status=2))
    assert "No space left on device" in fault["found"]


def test_a_store_that_cannot_be_written_is_told(cli: Cli, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SECONDHALL_HOME", str(tmp_path / "file"))
    assert "SECONDHALL_HOME" in fault_of(cli("simulate", "paris2006", *FEW, status=2))["mend"]


def test_what_is_our_fault_is_said_with_a_file_and_no_traceback(
    cli: Cli, tmp_path: Path, monkeypatch: Any
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr("secondhall.cli.play.simulate", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = CliRunner().invoke(app, ["simulate", "paris2006"])
    assert done.exit_code == 3
    assert "this is our fault, not yours: ZeroDivisionError: made up" in done.stderr
    assert "Traceback" not in done.stderr
    [details] = tmp_path.glob("secondhall-*.txt")
    assert "Traceback" in details.read_text()


def test_the_report_is_replaced_in_one_step(cli: Cli, monkeypatch: Any) -> None:
    cli("plan", "paris2006", *FEW)
    page = Path("out/report.html")
    before, inode = page.read_bytes(), page.stat().st_ino
    cli("plan", "paris2006", *FEW, "--seed", "8")
    assert page.stat().st_ino != inode  # a new file took the name; nobody saw half of it
    after = page.read_bytes()
    assert after != before

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    cli("plan", "paris2006", *FEW, status=2)
    assert page.read_bytes() == after
    assert [path.name for path in Path("out").iterdir()] == ["report.html"]


def test_the_report_holds_no_place_of_this_machine(cli: Cli, tmp_path: Path) -> None:
    write_case(Path("mine"))
    cli("plan", "paris2006", *FEW)
    assert str(tmp_path) not in Path("out/report.html").read_text(encoding="utf-8")


# runs


def stored(cli: Cli, *args: str) -> str:
    return str(data_of(cli("simulate", "paris2006", "--json", *FEW, *args))["run"])


def test_no_runs_yet(cli: Cli) -> None:
    assert cli("runs", "list").stdout == "No runs yet. Try: secondhall plan fluxus\n"
    assert cli("runs", "list", "--trash").stdout == "The trash is empty.\n"
    assert data_of(cli("runs", "list", "--json")) == []


def test_a_run_is_listed_shown_verified_by_its_id_or_its_beginning(cli: Cli) -> None:
    run = stored(cli)
    assert run in cli("runs", "list").stdout
    assert [one["id"] for one in data_of(cli("runs", "list", "--json"))] == [run]
    for name in (run, run[:10]):
        assert f"id: {run}" in cli("runs", "show", name).stdout
        assert cli("runs", "verify", name).stdout == "intact\n"
    shown = data_of(cli("runs", "show", run, "--json"))
    assert shown["parameters"]["rules"] == ["never"]
    assert all(Path(path).is_file() for path in shown["tables"].values())


def test_a_run_that_was_tampered_with_is_told(cli: Cli) -> None:
    run = stored(cli)
    table = next(iter(data_of(cli("runs", "show", run, "--json"))["tables"].values()))
    with Path(table).open("ab") as file:
        file.write(b"x")
    assert Path(table).name in cli("runs", "verify", run, status=2).stderr


def test_runs_are_compared_in_words(cli: Cli) -> None:
    first, second, third = stored(cli), stored(cli, "--seed", "8"), stored(cli)
    said = cli("runs", "compare", first, second).stdout
    assert "not the same question" in said
    assert "seed: 7 -> 8" in said
    assert "npv" in said
    assert "Run(" not in said
    assert cli("runs", "compare", first, third).stdout.endswith("the same question\nNothing differs.\n")
    data = data_of(cli("runs", "compare", first, second, "--json"))
    assert [one["name"] for one in data["provenance"]] == ["seed"]


def test_a_run_is_deleted_restored_and_purged(cli: Cli) -> None:
    run = stored(cli)
    assert f"secondhall runs restore {run}" in cli("runs", "delete", run).stdout
    assert data_of(cli("runs", "list", "--json")) == []
    assert "trash" in fault_of(cli("runs", "show", run, status=2))["mend"]
    assert run in cli("runs", "list", "--trash").stdout
    cli("runs", "restore", run)
    assert cli("runs", "verify", run).stdout == "intact\n"
    cli("runs", "delete", run)
    assert "1" in cli("runs", "purge").stdout
    assert fault_of(cli("runs", "restore", run, status=2))


@pytest.mark.parametrize("command", ["show", "open", "delete", "restore", "verify"])
@pytest.mark.parametrize("run", ["261124-nope", "", "../..", "*"])
def test_an_unknown_run(cli: Cli, command: str, run: str) -> None:
    stored(cli)
    assert "id of a run" in fault_of(cli("runs", command, run, status=2))["accepted"]
    assert len(data_of(cli("runs", "list", "--json"))) == 1


def test_comparing_with_an_unknown_run(cli: Cli) -> None:
    assert fault_of(cli("runs", "compare", stored(cli), "nope", status=2))


def test_the_report_of_a_run_is_opened_and_its_absence_told(cli: Cli, monkeypatch: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    planned = data_of(cli("plan", "paris2006", *FEW, "--json"))["run"]
    page = Path(cli("runs", "open", planned).stdout.strip())
    assert page.read_bytes() == Path("out/report.html").read_bytes()
    assert opened == [page.as_uri()]
    assert "has no report" in cli("runs", "open", stored(cli), status=1).stderr
