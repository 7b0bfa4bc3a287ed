import json
import multiprocessing
import os
import shutil
import sqlite3
import time
from pathlib import Path

import polars as pl
import pytest

from secondhall.errors import InputError
from secondhall.runs import Draft, RunStore
from secondhall.runs.files import sha256_of

BANDS = pl.DataFrame({"month": ["2001-01", "2001-02"], "p50": [1.5, None]})
DRAFT = Draft(
    verb="plan",
    case="fluxus",
    seed=7,
    inputs={"case.yaml": "ab" * 32, "halls.csv": "cd" * 32},
    parameters={"futures": 10_000, "rule": {"name": "dated", "month": "2000-03"}},
    summary={"npv_mean_eur": 4.1e6, "npv_mean_eur_se": 5e4},
)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "home")


def write(store: RunStore, draft: Draft = DRAFT) -> str:
    return store.write(draft, {"bands": BANDS}, {"report.html": b"<html>"}).id


def test_a_run_reads_back_as_it_was_written(store: RunStore) -> None:
    written = store.write(DRAFT, {"bands": BANDS}, {"report.html": b"<html>"})
    opened = store.open(written.id)
    assert opened == written
    assert store.list() == (written,)
    assert opened.table("bands").equals(BANDS, null_equal=True)
    assert opened.artefact("report.html").read_bytes() == b"<html>"
    assert (opened.verb, opened.case, opened.seed, opened.status) == ("plan", "fluxus", 7, "done")
    assert opened.inputs == DRAFT.inputs
    assert opened.parameters == DRAFT.parameters
    assert opened.summary == DRAFT.summary
    assert {"python", "numpy", "numba", "machine", "cpu"} <= opened.platform.keys()
    assert store.verify(written.id) == ()


def test_an_unknown_table_is_told_with_those_that_are_there(store: RunStore) -> None:
    run = store.open(write(store))
    with pytest.raises(KeyError, match="it has bands"):
        run.table("band")
    with pytest.raises(KeyError, match=r"it has report\.html"):
        run.artefact("report.pdf")


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a b"])
def test_a_name_that_could_leave_the_folder_is_refused(store: RunStore, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        store.write(DRAFT, {name: BANDS})
    assert store.list() == ()


def test_nothing_is_made_by_looking(store: RunStore) -> None:
    assert store.list() == ()
    assert store.trashed() == ()
    assert store.damaged() == ()
    assert not store.root.exists()


def test_runs_are_listed_oldest_first(store: RunStore) -> None:
    ids = [write(store) for _ in range(5)]
    assert [run.id for run in store.list()] == ids


def test_the_start_of_an_id_opens_it_when_no_other_starts_so(store: RunStore) -> None:
    first, second = write(store), write(store)
    unique = next(first[:n] for n in range(1, len(first)) if not second.startswith(first[:n]))
    common = unique[:-1]
    assert store.open(unique).id == first
    with pytest.raises(InputError, match="the start of 2 ids") as raised:
        store.open(common)
    assert first in raised.value.faults[0].mend


def test_an_unknown_id_is_told_with_the_nearest(store: RunStore) -> None:
    run_id = write(store)
    typo = run_id[:-1] + ("0" if run_id[-1] != "0" else "1")
    with pytest.raises(InputError) as raised:
        store.open(typo)
    assert raised.value.exit_status == 2
    assert run_id in raised.value.faults[0].mend
    with pytest.raises(InputError):
        store.open("")


def test_a_deletion_can_be_undone_until_the_trash_is_purged(store: RunStore) -> None:
    kept, deleted = write(store), write(store)
    assert store.delete(deleted) == deleted
    assert [run.id for run in store.list()] == [kept]
    assert [run.id for run in store.trashed()] == [deleted]
    with pytest.raises(InputError, match="restore it first"):
        store.open(deleted)

    assert store.restore(deleted).id == deleted
    assert [run.id for run in store.list()] == [kept, deleted]
    assert store.verify(deleted) == ()

    store.delete(deleted)
    assert store.purge() == 1
    assert store.trashed() == ()
    assert list((store.root / "tmp").iterdir()) == []
    with pytest.raises(InputError):
        store.restore(deleted)


@pytest.mark.parametrize(
    "damage", ["lost", "noise", "empty", "cut", "other layout", "a folder of rows that lie"]
)
def test_the_index_is_made_anew_from_the_directories(store: RunStore, damage: str) -> None:
    ids = [write(store) for _ in range(3)]
    index = store.root / "index.sqlite"
    if damage == "lost":
        index.unlink()
    elif damage == "noise":
        index.write_bytes(os.urandom(20_000))
    elif damage == "empty":
        index.write_bytes(b"")
    elif damage == "cut":
        index.write_bytes(index.read_bytes()[:3000])
    else:
        with sqlite3.connect(index) as db:
            if damage == "other layout":
                db.execute("PRAGMA user_version = 99")
            else:
                db.execute("INSERT INTO runs VALUES ('261124-000000-ghost', '{}')")
                db.execute("UPDATE runs SET document = '{}' WHERE id = ?", (ids[0],))
        db.close()
    assert [run.id for run in store.list()] == ids
    assert [run.id for run in store.list()] == ids


def test_a_directory_without_a_row_is_listed(store: RunStore) -> None:
    run_id = write(store)
    store._index.update(drop=[run_id])
    assert [run.id for run in store.list()] == [run_id]
    assert run_id in store._index.documents()


def test_a_row_without_a_directory_is_forgotten(store: RunStore) -> None:
    gone, kept = write(store), write(store)
    shutil.rmtree(store.root / "runs" / gone)
    assert [run.id for run in store.list()] == [kept]
    assert set(store._index.documents()) == {kept}


def test_rebuild_counts_the_runs(store: RunStore) -> None:
    ids = {write(store) for _ in range(3)}
    assert store.rebuild() == 3
    assert set(store._index.documents()) == ids


def test_an_index_that_cannot_be_used_hides_no_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(store._index, "_do", locked)
    run_id = write(store)
    assert [run.id for run in store.list()] == [run_id]
    assert store.delete(run_id) == run_id


@pytest.mark.parametrize("path", ["tables/bands.parquet", "artefacts/report.html", "run.json"])
@pytest.mark.parametrize("damage", ["changed", "lost"])
def test_verify_tells_each_file_that_is_not_as_it_was(store: RunStore, path: str, damage: str) -> None:
    run_id = write(store)
    file = store.root / "runs" / run_id / path
    if damage == "lost":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    faults = store.verify(run_id)
    assert len(faults) == 1
    assert path in faults[0].file


def test_a_changed_figure_in_run_json_shows(store: RunStore) -> None:
    run_id = write(store)
    file = store.root / "runs" / run_id / "run.json"
    document = json.loads(file.read_text())
    document["summary"]["npv_mean_eur"] *= 2
    file.write_text(json.dumps(document))
    with pytest.raises(InputError, match="the digest does not fit"):
        store.open(run_id)


def test_a_damaged_run_is_told_hides_no_other_and_can_be_deleted(store: RunStore) -> None:
    damaged, sound = write(store), write(store)
    (store.root / "runs" / damaged / "run.json").write_text("{")
    store.rebuild()
    assert [run.id for run in store.list()] == [sound]
    assert damaged in store.damaged()[0].file
    store.delete(damaged)
    assert store.damaged() == ()


def test_a_writing_that_fails_leaves_nothing(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        write(store)
    assert store.list() == ()
    assert list((store.root / "tmp").iterdir()) == []


def test_a_half_written_run_is_swept_only_when_it_is_old_and_its_writer_dead(tmp_path: Path) -> None:
    half = tmp_path / "tmp" / "261124-000000-half0"
    half.mkdir(parents=True)
    RunStore(tmp_path, grace_s=60).list()
    assert half.exists(), "young: its writer may be about to lock it"

    an_hour_ago = time.time() - 3600
    os.utime(half, (an_hour_ago, an_hour_ago))
    held = multiprocessing.get_context("spawn").Process(target=hold, args=(str(half), str(tmp_path / "held")))
    held.start()
    try:
        while not (tmp_path / "held").exists():
            time.sleep(0.01)
        RunStore(tmp_path, grace_s=60).list()
        assert half.exists(), "old, but its writer lives"
    finally:
        held.kill()
        held.join()
    RunStore(tmp_path, grace_s=60).list()
    assert not half.exists()


def hold(folder: str, signal: str) -> None:
    import fcntl

    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)
    Path(signal).touch()
    time.sleep(60)


def test_the_root_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDHALL_HOME", str(tmp_path / "elsewhere"))
    assert RunStore().root == tmp_path / "elsewhere"
    monkeypatch.delenv("SECONDHALL_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert RunStore().root.name == "secondhall"


def test_a_root_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="SECONDHALL_HOME"):
        write(RunStore(tmp_path / "file"))


def test_the_same_tables_give_the_same_bytes(store: RunStore) -> None:
    first, second = (store.open(write(store)) for _ in range(2))
    assert first.outputs == second.outputs
    assert first.outputs["bands"].sha256 == sha256_of(first.directory / "tables" / "bands.parquet")
