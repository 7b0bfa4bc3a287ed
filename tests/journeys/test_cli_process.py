"""The command as a process: stopped, piped, completed by a shell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secondhall.runs import RunStore

COMMAND = [sys.executable, "-c", "from secondhall.cli.main import main; main()"]
SOURCE = str(Path(__file__).parents[2] / "src")
LONG = ("simulate", "paris2006", "-n", "5000000")
# An engine that is not compiled yet takes a while; the promise is about what happens after the Ctrl-C.
PATIENCE_S = 240


def environment(home: Path) -> dict[str, str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return known | {"PYTHONPATH": SOURCE, "SECONDHALL_HOME": str(home), "COLUMNS": "100"}


def run(home: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *args],
        cwd=cwd,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


# A process started in the background may be deaf to Ctrl-C; this one listens, as in a terminal.
LISTENING = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + COMMAND[-1],
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_shells_completion_is_printed(home: Path, tmp_path: Path) -> None:
    done = run(home, "--show-completion", "bash", cwd=tmp_path)
    assert done.returncode == 0
    assert "complete -o default -F _secondhall_completion secondhall" in done.stdout


def test_help_answers_without_loading_the_engine(home: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from secondhall.cli.main import app\n"
        "heavy = {'numba', 'polars', 'altair', 'numpy', 'vl_convert'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("command", [LONG, ("plan", "paris2006", "-n", "2000000", "--out", "report")])
def test_ctrl_c_leaves_nothing_half_written(home: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    warm = run(home, "simulate", "paris2006", "-n", "1", cwd=tmp_path)
    assert warm.returncode == 0, warm.stderr
    [before] = RunStore(home).list()
    process = subprocess.Popen(
        [*LISTENING, *command],
        cwd=tmp_path,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        time.sleep(6)
        assert process.poll() is None, "it ended before it could be stopped"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130, error
    assert out == ""
    assert "Stopped; nothing was left half-written." in error
    assert "Traceback" not in error
    assert [found.id for found in RunStore(home).list()] == [before.id]
    assert list((home / "tmp").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


@pytest.mark.parametrize(
    "command",
    [
        ("schema",),
        ("simulate", "paris2006", "-n", "10", "--json"),
        ("plan", "paris2006", "-n", "100"),
        ("check", "northhall"),
        ("runs", "list"),
    ],
    ids=" ".join,
)
def test_a_reader_that_goes_away_is_no_error_to_shout_about(
    home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [*COMMAND, *command],
        cwd=tmp_path,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # before anything is written: the first write fails
    error = process.stderr.read()
    process.wait(timeout=PATIENCE_S)
    process.stderr.close()
    assert process.returncode in (0, 1)
    assert "Traceback" not in error
    assert "Exception" not in error
    assert "our fault" not in error


def test_words_go_to_a_pipe_without_control_sequences(home: Path, tmp_path: Path) -> None:
    done = run(home, "plan", "paris2006", "-n", "100", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_a_place_without_locale_still_prints(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "compare", "paris2006", "never", "now:paris_c", "-n", "10"],
        cwd=tmp_path,
        env=environment(home) | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
