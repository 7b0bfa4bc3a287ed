"""The command line starts quickly, and the import contracts hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("altair", "fastexcel", "numba", "numpy", "polars", "scipy", "vl_convert")


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module", ["secondhall", "secondhall.errors", "secondhall.runs", "secondhall.cli.main"]
)
def test_importing_it_brings_no_heavy_library(module: str) -> None:
    loaded = run_python(f"import sys, {module}; print(*sys.modules)").split()
    assert sorted(set(HEAVY) & set(loaded)) == []


def test_help_brings_no_heavy_library() -> None:
    code = """
import sys
from secondhall.cli.main import main

sys.argv = ["secondhall", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print()
print(*sys.modules)
"""
    loaded = run_python(code).splitlines()[-1].split()
    assert "secondhall.cli.main" in loaded
    assert sorted(set(HEAVY) & set(loaded)) == []


def test_the_script_of_the_project_is_there() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("secondhall"), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "plan" in done.stdout
