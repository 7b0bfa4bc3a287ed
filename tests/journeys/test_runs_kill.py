"""A store of runs, its writers killed at random moments.

The claim: whatever the moment of a ``kill -9``, every listed run opens and verifies, and every run whose
writing or deleting had returned is where it belongs. Two writers work at once, so each kill also falls into
the other's work.
"""

import random
import subprocess
import sys
from pathlib import Path

from secondhall.runs import RunStore

KILLS = 24
WRITERS = 2
# Much longer than one round of writing and deleting, so that kills fall everywhere in it.
LATEST_KILL_S = 0.25

WRITER = """
import sys
from pathlib import Path
import polars as pl
from secondhall.runs import Draft, RunStore

store = RunStore(Path(sys.argv[1]))
bands = pl.DataFrame({"month": range(2000), "p50": [0.5] * 2000})
tables = {"bands": bands, "rules": pl.DataFrame({"a": [1]})}
report = {"report.html": b"x" * 50_000}
print("ready", flush=True)
sys.stdin.readline()
while True:
    for turn in range(3):
        run = store.write(Draft(verb="plan", case="fluxus", seed=turn), tables, report)
        print("wrote", run.id, flush=True)
    print("deleted", store.delete(run.id), flush=True)
    store.list()
"""


def start_writer(root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "POLARS_MAX_THREADS": "1"},
    )


def let_loose_and_kill(
    writers: list[subprocess.Popen[str]], chance: random.Random
) -> tuple[set[str], set[str]]:
    """Return the ids that were reported as written and as deleted before the kills."""
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")  # type: ignore[union-attr]
        writer.stdin.flush()  # type: ignore[union-attr]
    for writer in writers:
        try:
            writer.wait(timeout=chance.uniform(0, LATEST_KILL_S))
        except subprocess.TimeoutExpired:
            writer.kill()
    written: set[str] = set()
    deleted: set[str] = set()
    for writer in writers:
        reported, _ = writer.communicate(timeout=30)
        assert writer.returncode == -9, "the writer must have died by the kill, not by a fault of its own"
        # The last line may be cut short by the kill.
        for line in reported.splitlines(keepends=True):
            if line.endswith("\n"):
                (written if line.startswith("wrote") else deleted).add(line.split()[1])
    return written, deleted


def test_no_kill_loses_a_run_or_leaves_half_a_one(tmp_path: Path) -> None:
    chance = random.Random(2001)
    written: set[str] = set()
    deleted: set[str] = set()
    half_written = 0
    for _ in range(KILLS // WRITERS):
        writers = [start_writer(tmp_path) for _ in range(WRITERS)]
        more_written, more_deleted = let_loose_and_kill(writers, chance)
        written |= more_written
        deleted |= more_deleted
        half_written = max(half_written, len(list((tmp_path / "tmp").iterdir())))

        store = RunStore(tmp_path)
        listed = {run.id for run in store.list()}
        trashed = {run.id for run in store.trashed()}
        assert listed == {folder.name for folder in (tmp_path / "runs").iterdir()}
        assert deleted <= trashed
        # A deletion may have been done and not yet reported.
        assert written <= listed | trashed
        assert not listed & trashed
        assert store.damaged() == ()

    for run in store.list():
        opened = store.open(run.id)
        assert store.verify(run.id) == ()
        assert opened.table("bands").height == 2000
        assert opened.artefact("report.html").stat().st_size == 50_000
    for run_id in trashed:
        store.restore(run_id)
        assert store.verify(run_id) == ()

    assert len(written) >= KILLS // 2, "the writers hardly wrote: the kills prove nothing"
    assert half_written > 0, "no kill fell into a writing: the kills prove nothing"
    swept = RunStore(tmp_path, grace_s=0.0)
    swept.list()
    assert list((tmp_path / "tmp").iterdir()) == []
