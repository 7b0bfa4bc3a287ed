"""A reader opens the report in a browser without any network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.unit.report_fixtures import decision, hostile_decision

from secondhall.report import write_report

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no browser here")
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_the_report_opens_offline_without_a_word_on_the_console(name: str, tmp_path: Path) -> None:
    path = write_report(decision() if name == "plain" else hostile_decision(), tmp_path)
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    seen = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert seen.returncode == 0, seen.stderr[-2000:]
    assert "CONSOLE" not in seen.stderr, seen.stderr[-2000:]
    assert seen.stdout.count("<figure") == seen.stdout.count("</svg>") - seen.stdout.count('class="strip"')
    assert "<script" not in seen.stdout
