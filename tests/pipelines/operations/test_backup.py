"""The published file is all that there is to keep: backed up, verified, restored on an empty machine, the warehouse goes on as before."""

import contextlib
import dataclasses
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.disk import umask
from pipelines.identity.migration import import_migration
from pipelines.operations.backup import (
    BackupRefusedError,
    UnusableBackupError,
    back_up,
    inspect,
    receipt_of,
    restore,
)
from pipelines.progress import Event, Notice, Stage, silent
from pipelines.sync import EVENTS, Limits, LimitsByDistrict, approve, reject
from pipelines.warehouse import NewerSchemaError, NothingPublishedError, OccupiedError, schema, tables

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

OLDER = Path(__file__).parents[1] / "warehouse" / "older" / "version_6.zip"
"""A published file of an older version."""

LATER = "'later'"
"""What stands for every instant after the backup."""

DYING = """
import os, signal, sys
from pathlib import Path
from pipelines.operations.backup import back_up, inspect, restore
from pipelines.progress import silent
from pipelines.warehouse import Warehouse

what, folder, backup, step = sys.argv[1:]
warehouse = Warehouse(Path(folder))
touched = 0

def die_at_a_step(event, arguments):
    global touched
    here = str(arguments[:1])
    if (folder in here or str(Path(backup).parent) in here) and event in {
        "open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.utime"
    }:
        touched += 1
        if touched > int(step):
            os.kill(os.getpid(), signal.SIGKILL)

found = None if what == "back up" else inspect(warehouse, Path(backup), silent)
sys.addaudithook(die_at_a_step)
if found is None:
    back_up(warehouse, Path(backup), silent)
else:
    restore(warehouse, found, silent, replace=True)
"""
"""A process that backs up or restores, and kills itself before it touches files for the n-th time."""


def _back_up(trial: "Trial", place: Path) -> Path:
    """Back the warehouse up; returns the file."""
    return back_up(trial.warehouse, place, silent).file


def _restore(trial: "Trial", backup: Path, *, replace: bool = False, needs_receipt: bool = True) -> Path | None:
    found = inspect(trial.warehouse, backup, silent, needs_receipt=needs_receipt)
    return restore(trial.warehouse, found, trial.events.append, replace=replace)


def _leave(trial: "Trial", role: str = "contact") -> None:
    trial.sandbox.remove(trial.person(role))
    assert trial.outcomes()[0] == "applied"


def _shown(trial: "Trial", since: datetime) -> dict[str, list[str]]:
    """Return all rows of all tables and views; an instant after ``since`` is shown as such, and a rollback is left out."""
    found = {}
    with contextlib.closing(trial.warehouse.reading()) as connection:
        for table in tables.metadata.tables.values():
            if table.name == "rollbacks":
                continue
            columns = [
                f"""CASE WHEN "{column.name}" > '{since.isoformat()}' THEN {LATER} ELSE "{column.name}"::VARCHAR END"""
                if column.type is tables.Instant
                else f'"{column.name}"'
                for column in table.columns
            ]
            name = tables.relation_name(table)
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
            found[name] = sorted(map(repr, rows))
    return found


def test_restored_on_an_empty_machine_the_next_syncs_give_what_they_give_on_the_old_one(
    begin: "Begin", tmp_path: Path
) -> None:
    with begin(districts=2, users=30) as old:
        old.limits = LimitsByDistrict(Limits(max_archived_percent=100, max_changed_percent=100))
        old.sync()
        gone = old.person("teacher")
        (tmp_path / "links.csv").write_text(f"role_id,user_id\n{'a' * 24},{'b' * 24}\n{'c' * 24},{gone}\n")
        import_migration(
            old.warehouse, [tmp_path / "links.csv"], "import", report_file=tmp_path / "report.csv", report=silent
        )
        merged = old.sandbox.merge(gone, old.person("staff"))
        left = old.person("student")
        old.sandbox.remove(left)
        old.sync()
        with_rejection = dataclasses.replace(old, limits=LimitsByDistrict(Limits(0, 0, 1)))
        moved = old.person("student")
        old.sandbox.change_email(moved)
        held = with_rejection.outcome()
        reject(
            old.warehouse,
            district_id=held.district_id,
            digest=str(held.digest),
            reason="synthetic",
            decided_by="test",
            decision_id="decision",
            report=silent,
        )
        made = back_up(old.warehouse, tmp_path / "kept.duckdb", silent)
        since = old.value("SELECT max(decided_at) FROM sync.holds")

        new = dataclasses.replace(old, folder=tmp_path / "new" / "data")
        assert _restore(new, made.file) is None
        assert [path.name for path in (new.folder / "state").iterdir()] == ["lock"]
        assert new.value("SELECT count(*) FROM sync.rollbacks WHERE undone_from IS NULL") == 1
        assert new.value("SELECT v3_user_id(?)", "a" * 24) == "b" * 24

        def both(sync_id: str, mode: str) -> list[str]:
            first, second = (trial.outcomes(sync_id=sync_id, mode=mode) for trial in (old, new))
            assert first == second
            return first

        old.sandbox.change_email(moved)
        old.sandbox.restore(left)
        old.sandbox.split(merged)
        assert both("by events", EVENTS)[0] == "applied"
        modes = "SELECT mode FROM sync.runs WHERE sync_id = 'by events' AND district_id "
        assert new.value(f"{modes} <> ?", held.district_id) == "events"
        assert new.value(f"{modes} = ?", held.district_id) == "full"  # because of the rejected snapshot
        assert _shown(new, since) == _shown(old, since)
        old.sandbox.advance(3)
        assert both("in full", "full")[0] == "applied"
        assert new.wrong() == []
        assert _shown(new, since) == _shown(old, since)
        assert both("again", "full") == ["unchanged", "unchanged"]


def test_held_snapshot_survives_a_restore_and_its_approval_is_applied_by_the_next_sync(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    trial.sandbox.remove(trial.person("contact"))
    held = trial.outcome()
    new = dataclasses.replace(trial, folder=tmp_path / "new")
    _restore(new, _back_up(trial, tmp_path))
    given: dict[str, Any] = {"reason": "synthetic", "decided_by": "test", "decision_id": "decision", "report": silent}
    assert approve(new.warehouse, district_id=held.district_id, digest=str(held.digest), **given) is None
    assert new.outcomes() == ["applied"]
    assert new.wrong() == []


def test_backup_is_the_published_file_with_a_receipt_and_private(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    place = tmp_path / "backups"
    place.mkdir()
    file = _back_up(trial, place)
    assert re.fullmatch(r"warehouse-\d{8}T\d{6}\.\d{6}Z\.duckdb", file.name)
    assert file.read_bytes() == trial.warehouse.published.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert receipt_of(file).stat().st_mode & 0o777 == 0o666 & ~umask()
    assert sorted(place.iterdir()) == [file, receipt_of(file)]
    receipt = json.loads(receipt_of(file).read_text())
    assert receipt["last_sync"]["sync_id"] == "sync-1"
    assert receipt["size"] == file.stat().st_size
    assert receipt["schema_version"] == schema.VERSION
    assert receipt["rows"]["users"] == 40
    assert receipt["rows"].keys() == {tables.relation_name(table) for table in tables.stored()}


def test_sync_during_a_backup_is_not_blocked_and_not_in_it(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    before = trial.warehouse.published.read_bytes()

    def sync_meanwhile(event: Event) -> None:
        if event == Stage("copying"):
            _leave(trial)

    made = back_up(trial.warehouse, tmp_path / "backup.duckdb", sync_meanwhile)
    assert trial.value("SELECT count(*) FROM users") == 39
    assert made.file.read_bytes() == before


@pytest.mark.parametrize(
    ("destination", "sentence"),
    [
        ("{warehouse}/backup.duckdb", "is in the folder of the warehouse, so nothing was backed up"),
        ("{warehouse}/state", "is in the folder of the warehouse, so nothing was backed up"),
        ("taken.duckdb", "taken.duckdb exists already and was not changed"),
        ("receipt.duckdb", "receipt.duckdb.receipt.json exists already and was not changed"),
        ("missing/backup.duckdb", "There is no folder .*missing, so nothing was backed up"),
        ("taken.duckdb/backup.duckdb", "There is no folder .*taken.duckdb, so nothing was backed up"),
        ("/proc/backup.duckdb", r"No backup can be written in /proc \(.*\), so nothing was backed up"),
    ],
)
def test_destination_that_cannot_be_used_is_refused_and_nothing_is_written(
    trial: "Trial", tmp_path: Path, destination: str, sentence: str
) -> None:
    trial.sync()
    (tmp_path / "taken.duckdb").touch()
    (tmp_path / "receipt.duckdb.receipt.json").touch()
    files = {folder: sorted(folder.rglob("*")) for folder in (tmp_path, trial.folder)}
    with pytest.raises(BackupRefusedError, match=sentence):
        _back_up(trial, tmp_path / destination.format(warehouse=trial.folder))
    assert {folder: sorted(folder.rglob("*")) for folder in files} == files


def test_backup_without_a_published_file_is_refused(trial: "Trial", tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="run `clever-warehouse sync` first"):
        _back_up(trial, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_backup_to_a_full_disk_leaves_nothing_and_says_so(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    program = (
        "import resource, sys; from pathlib import Path; from pipelines.operations.backup import back_up; "
        "from pipelines.progress import silent; from pipelines.warehouse import Warehouse; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, {resource.RLIM_INFINITY})); "
        "back_up(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]), silent)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, trial.folder, tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    assert f"The disk of {tmp_path} is full" in done.stderr
    assert list(tmp_path.iterdir()) == []


def _damage(file: Path) -> None:
    """Change a byte in every block but the headers."""
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    for place in range(3 * 4096 + 1000, len(content), 2**18):
        content[place] ^= 0xFF
    file.write_bytes(content)


def test_damaged_published_file_is_not_backed_up(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    _damage(trial.warehouse.published)
    with pytest.raises(UnusableBackupError, match="is damaged, so nothing was backed up"):
        _back_up(trial, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unfinished_file_of_a_killed_backup_is_removed_by_a_backup_of_a_later_day(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    abandoned, recent = tmp_path / ".clever-warehouse-1.partial", tmp_path / ".clever-warehouse-2.partial"
    for file in (abandoned, recent):
        file.touch()
    earlier = abandoned.stat().st_mtime - 2 * 86_400
    os.utime(abandoned, (earlier, earlier))
    file = _back_up(trial, tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([recent, file, receipt_of(file)])


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def _lose_receipt(file: Path) -> None:
    receipt_of(file).unlink()


def _damage_receipt(file: Path) -> None:
    receipt_of(file).write_text("{}")


def _write_to(file: Path) -> None:
    file.with_name(f"{file.name}.wal").touch()


def _remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("spoil", "error", "sentence"),
    [
        (_damage, UnusableBackupError, "is not the file that its receipt describes"),
        (_cut, UnusableBackupError, "is not the file that its receipt describes"),
        (_damage_receipt, UnusableBackupError, "cannot be read as a receipt"),
        (_write_to, UnusableBackupError, "was opened for writing"),
        (_lose_receipt, BackupRefusedError, "has no receipt"),
        (_remove, BackupRefusedError, "There is no file"),
    ],
)
def test_backup_that_is_not_what_its_receipt_says_is_refused_and_no_folder_is_created(
    trial: "Trial", tmp_path: Path, spoil: Callable[[Path], None], error: type[Exception], sentence: str
) -> None:
    trial.sync()
    backup = _back_up(trial, tmp_path)
    spoil(backup)
    new = dataclasses.replace(trial, folder=tmp_path / "new")
    with pytest.raises(error, match=sentence):
        _restore(new, backup)
    assert not new.folder.exists()


def test_published_file_alone_is_restored_without_a_receipt_if_all_of_it_can_be_read(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    alone = Path(shutil.copyfile(trial.warehouse.published, tmp_path / "warehouse.duckdb"))
    new = dataclasses.replace(trial, folder=tmp_path / "new")
    _restore(new, alone, needs_receipt=False)
    assert new.fingerprint() == trial.fingerprint()
    assert new.outcomes() == ["unchanged"]
    _damage(alone)
    with pytest.raises(UnusableBackupError, match="is damaged"):
        _restore(new, alone, needs_receipt=False, replace=True)


@pytest.mark.parametrize(
    ("statements", "error"),
    [
        ("CREATE TABLE users (id INTEGER)", UnusableBackupError),
        ("CREATE SCHEMA sync; CREATE TABLE sync.migrations AS SELECT 1000 AS number", NewerSchemaError),
    ],
)
def test_database_of_something_else_or_of_a_newer_version_is_refused(
    trial: "Trial", tmp_path: Path, statements: str, error: type[Exception]
) -> None:
    with contextlib.closing(duckdb.connect(str(tmp_path / "other.duckdb"))) as connection:
        connection.execute(statements)
    with pytest.raises(error):
        _restore(trial, tmp_path / "other.duckdb", needs_receipt=False)
    assert list(trial.folder.iterdir()) == []


def test_restore_replaces_a_published_file_only_on_request_and_a_rollback_takes_it_back(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    backup = _back_up(trial, tmp_path)
    _leave(trial)
    present = trial.warehouse.published.read_bytes()
    with pytest.raises(OccupiedError, match="exists, so nothing was restored"):
        _restore(trial, backup)
    assert trial.warehouse.published.read_bytes() == present
    kept = _restore(trial, backup, replace=True)
    assert trial.value("SELECT count(*) FROM users") == 40
    assert trial.warehouse.published.stat().st_mode & 0o777 == 0o440
    ((restored_from, undone_from),) = trial.rows("SELECT restored_from, undone_from FROM sync.rollbacks")
    assert restored_from < undone_from
    assert kept is not None
    assert kept.read_bytes() == present
    trial.warehouse.roll_back(kept, silent)
    assert trial.value("SELECT count(*) FROM users") == 39
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_restore_does_not_replace_a_work_database_whose_published_file_was_deleted(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    backup = _back_up(trial, tmp_path)
    _leave(trial)
    trial.warehouse.published.unlink()
    with pytest.raises(OccupiedError, match="Run `clever-warehouse sync`, which publishes it again"):
        _restore(trial, backup, replace=True)
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_backup_of_an_older_version_is_restored_unchanged_and_migrated_once_by_the_next_sync(
    begin: "Begin", tmp_path: Path
) -> None:
    with begin(districts=2, users=12, seed=7) as trial:
        trial.limits = LimitsByDistrict(Limits(min_records=10**6))
        with zipfile.ZipFile(OLDER) as archive:
            archive.extractall(trial.folder)
        backup = _back_up(trial, tmp_path)
        new = dataclasses.replace(trial, folder=tmp_path / "new")
        _restore(new, backup)
        assert new.warehouse.published.read_bytes() == backup.read_bytes()
        new.sync(sync_id="after")
        assert new.wrong() == []
        notice = Notice(f"Migrating the warehouse to schema version {schema.VERSION}.")
        assert new.events.count(notice) == 1
        new.sync(sync_id="again")
        assert new.events.count(notice) == 1


def _die(what: str, trial: "Trial", backup: Path, step: int) -> bool:
    """Let a process back up or restore until it dies at a step; returns whether it lived."""
    code = subprocess.run(
        [sys.executable, "-c", DYING, what, str(trial.folder), str(backup), str(step)], check=False, timeout=60
    ).returncode
    assert code in {0, -signal.SIGKILL}
    return code == 0


@pytest.mark.search
def test_killed_at_any_step_of_a_backup_there_is_a_whole_one_with_its_receipt_or_none(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    published = trial.warehouse.published.read_bytes()
    for step in count():
        (tmp_path / str(step)).mkdir()
        backup = tmp_path / str(step) / "backup.duckdb"
        has_ended = _die("back up", trial, backup, step)
        assert trial.warehouse.published.read_bytes() == published
        if backup.exists():
            assert inspect(trial.warehouse, backup, silent).receipt
        if has_ended:
            break
    assert backup.exists()
    assert step >= 5


@pytest.mark.search
@pytest.mark.parametrize("is_empty", [True, False], ids=["empty machine", "replacing"])
def test_killed_at_any_step_of_a_restore_the_file_is_the_former_or_the_restored_one_and_the_next_sync_right(
    trial: "Trial", tmp_path: Path, *, is_empty: bool
) -> None:
    trial.sync()
    (tmp_path / "outside").mkdir()
    backup = _back_up(trial, tmp_path / "outside" / "backup.duckdb")
    _leave(trial)
    people = set()
    for step in count():
        torn = dataclasses.replace(trial, folder=tmp_path / f"step-{step}")
        if not is_empty:
            shutil.copytree(trial.folder, torn.folder)
        has_ended = _die("restore", torn, backup, step)
        if torn.warehouse.published.exists():
            people.add(torn.value("SELECT count(*) FROM users"))
        assert set(torn.outcomes()) <= {"applied", "unchanged"}
        assert torn.wrong() == []
        if has_ended:
            break
    assert step >= 5
    assert people == ({40} if is_empty else {39, 40})
