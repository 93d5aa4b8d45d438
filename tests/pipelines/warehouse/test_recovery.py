"""Killed at any instant, damaged, deleted: the published file is whole, and the next sync is right by itself."""

import contextlib
import dataclasses
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.clever.app import CleverApp
from pipelines.identity.migration import import_migration
from pipelines.identity.verification import verify_legacy
from pipelines.progress import Notice, Stage, Waiting
from pipelines.sync import Limits, LimitsByDistrict, approve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Begin, Trial

pytestmark = pytest.mark.usefixtures("compacted")

SYNCING = Path(__file__).parents[2] / "conftest.py"
"""The program that syncs again and again."""

INSTANTS = [
    "PageLanded",
    "Stage(activity='verifying completeness')",
    "Stage(activity='applying')",
    "Stage(activity='checking')",
    "Stage(activity='publishing')",
    "synced",
]


@contextlib.contextmanager
def _syncing(trial: "Trial") -> "Iterator[subprocess.Popen[str]]":
    """Let another process sync, until it is killed at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, str(SYNCING), trial.url, str(trial.folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert process.stdout is not None
        process.stdout.close()


def _kill_at(trial: "Trial", instant: str, delay: float) -> None:
    """Kill a syncing process a moment after it tells of something."""
    with _syncing(trial) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(instant):
                break
        time.sleep(delay)


def _is_whole(file: Path) -> bool:
    """Return whether every row of every table can be read."""
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as connection:
        for (name,) in connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall():
            connection.execute(f"SELECT * FROM {name}").fetchall()
    return True


@pytest.mark.search
@pytest.mark.parametrize("instant", INSTANTS)
def test_killed_at_any_instant_of_the_first_sync_or_a_later_one_the_file_is_whole_and_the_next_sync_right(
    begin: "Begin", instant: str
) -> None:
    rng = random.Random(instant)
    with begin(districts=2, seed=11) as trial:
        trial.page_limit = 10
        _kill_at(trial, instant, rng.uniform(0, 0.05))
        if trial.warehouse.published.exists():
            assert _is_whole(trial.warehouse.published)
            assert trial.wrong() == []
        trial.sync(sync_id="after the first")
        assert trial.wrong() == []
        before = trial.fingerprint()
        trial.sandbox.advance(3)
        _kill_at(trial, instant, rng.uniform(0, 0.05))
        assert _is_whole(trial.warehouse.published)
        assert trial.fingerprint() == before or trial.wrong() == []
        assert all(outcome.error is None for outcome in trial.sync(sync_id="after a later one").outcomes)
        assert trial.wrong() == []
        once = trial.fingerprint()
        assert trial.outcomes(sync_id="and again") == ["unchanged", "unchanged"]
        assert trial.fingerprint() == once


@pytest.mark.search
def test_a_history_with_kills_is_the_history_without(begin: "Begin") -> None:
    rng = random.Random(5)
    with begin(seed=21) as torn, begin(seed=21) as calm:
        for _ in range(3):
            _kill_at(torn, rng.choice(INSTANTS[2:5]), rng.uniform(0, 0.1))
            for trial in (torn, calm):
                trial.sync()
            assert torn.fingerprint() == calm.fingerprint()
            for trial in (torn, calm):
                trial.sandbox.advance(3)


def test_a_holder_that_was_killed_blocks_no_sync(trial: "Trial") -> None:
    _kill_at(trial, "Stage(activity='reading from Clever')", 0)
    assert (trial.folder / "state" / "lock").exists()
    assert trial.outcomes() == ["applied"]
    assert not [event for event in trial.events if isinstance(event, Waiting)]


def _lived(trial: "Trial") -> None:
    """Let the warehouse have a past."""
    trial.sync()
    for _ in range(2):
        trial.sandbox.remove(trial.person("contact"))
        trial.sandbox.merge(trial.person("teacher"), trial.person("staff"))
        trial.sync()


def _delete(file: Path) -> None:
    file.unlink()


def _overwrite(file: Path) -> None:
    file.write_bytes(random.Random(0).randbytes(100_000))


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _halve(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _spoil_the_middle(file: Path) -> None:
    """Overwrite everything but the headers."""
    content = file.read_bytes()
    file.write_bytes(content[:12288] + random.Random(0).randbytes(len(content) - 12288))


def _spoil_a_block(file: Path) -> None:
    """Overwrite a part of every block."""
    content = bytearray(file.read_bytes())
    for start in range(12288 + 4096, len(content) - 64, 262_144):
        content[start : start + 64] = b"\xff" * 64
    file.write_bytes(content)


def _stray_log(file: Path) -> None:
    """Put a log of changes beside it that is not its own."""
    file.with_name("work.duckdb.wal").write_bytes(random.Random(0).randbytes(5_000))


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "damage",
    [_delete, _overwrite, _empty, _halve, _spoil_the_middle, _spoil_a_block, _stray_log],
    ids=lambda each: each.__name__,
)
def test_a_work_database_that_is_gone_or_damaged_is_made_again_with_its_past(
    lived: "Trial", damage: "Callable[[Path], None]"
) -> None:
    links = "SELECT count(*), count(*) FILTER (is_current) FROM legacy_id_crosswalk"
    past = "SELECT user_id, valid_from, valid_to, change FROM past.past_users ORDER BY ALL"
    before, versions = lived.rows(links), lived.rows(past)
    assert len(versions) >= 8
    damage(lived.folder / "state" / "work.duckdb")
    lived.sandbox.change_email(lived.person("teacher"))
    outcome = lived.outcome()
    assert (outcome.outcome, outcome.counts.updated) == ("applied", 1)
    assert lived.wrong() == []
    assert lived.rows(links) == before
    assert set(lived.rows(past)) > set(versions)


def test_a_damaged_work_database_is_made_again_also_when_nothing_is_new(lived: "Trial") -> None:
    before = lived.fingerprint()
    _overwrite(lived.folder / "state" / "work.duckdb")
    assert lived.outcomes() == ["unchanged"]
    assert lived.fingerprint() == before


def _spoil_the_links(trial: "Trial") -> None:
    """Overwrite where each column of the crosswalk begins; DuckDB notices when it reads the table, not at opening."""
    work = trial.folder / "state" / "work.duckdb"
    where = "SELECT block_id, block_offset FROM pragma_storage_info('legacy_id_crosswalk') WHERE block_id >= 0"
    with contextlib.closing(duckdb.connect(str(work), read_only=True)) as connection:
        places = connection.execute(where).fetchall()
    assert places
    content = bytearray(work.read_bytes())
    for block, offset in places:
        start = 12288 + block * 262_144 + 8 + offset
        content[start : start + 8] = b"\xff" * 8
    work.write_bytes(content)


def _told_of_damage(trial: "Trial") -> int:
    return sum(isinstance(event, Notice) and "is damaged" in event.text for event in trial.events)


def test_damage_that_a_sync_meets_on_use_is_repaired(lived: "Trial") -> None:
    lived.sandbox.change_email(lived.person("teacher"))
    _spoil_the_links(lived)
    assert lived.outcomes() == ["applied"]
    assert _told_of_damage(lived) == 1
    assert lived.wrong() == []


@pytest.mark.search
def test_damage_that_an_approval_meets_on_use_is_repaired(lived: "Trial") -> None:
    lived.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    lived.sandbox.remove(lived.person("contact"))
    held = lived.outcome()
    assert held.outcome == "held"
    _spoil_the_links(lived)
    outcome = approve(
        lived.warehouse,
        district_id=lived.districts[0],
        digest=str(held.digest),
        reason="the school closed",
        decided_by="somebody",
        decision_id="word",
        report=lived.events.append,
    )
    assert outcome is not None
    assert (outcome.outcome, outcome.counts.archived) == ("applied", 1)
    assert _told_of_damage(lived) == 1
    assert lived.wrong() == []
    assert lived.rows("SELECT state, reason FROM sync.holds") == [("approved", "the school closed")]
    assert lived.outcomes() == ["unchanged"]


def test_damage_that_an_import_meets_on_use_is_repaired(lived: "Trial", tmp_path: Path) -> None:
    before = lived.value("SELECT count(*) FROM legacy_id_crosswalk")
    file = tmp_path / "migration.csv"
    file.write_text(f"role_id,user_id\n{'a' * 24},{'b' * 24}\n", encoding="utf-8")
    _spoil_the_links(lived)
    result = import_migration(
        lived.warehouse, [file], "import", report_file=tmp_path / "report.csv", report=lived.events.append
    )
    assert result.entered == 1
    assert _told_of_damage(lived) == 1
    assert lived.value("SELECT count(*) FROM legacy_id_crosswalk") == before + 1
    assert lived.value("SELECT v3_user_id(?)", "a" * 24) == "b" * 24


def test_damage_that_a_verification_meets_on_use_is_repaired(lived: "Trial", tmp_path: Path) -> None:
    before = lived.rows("FROM legacy_id_crosswalk ORDER BY ALL")
    _spoil_the_links(lived)
    with lived.clever() as clever:
        result = verify_legacy(
            CleverApp(clever),
            lived.warehouse,
            "verification",
            [],
            report_file=tmp_path / "report.csv",
            report=lived.events.append,
        )
    assert result.succeeded
    assert sum(one.matched for one in result.roles) > 0
    assert _told_of_damage(lived) == 1
    assert lived.rows("FROM legacy_id_crosswalk ORDER BY ALL") == before


@pytest.mark.variants(1)
@pytest.mark.parametrize("share", [0.1, 0.38, 0.62, 0.9])
def test_damage_in_one_block_is_survived(lived: "Trial", share: float) -> None:
    """DuckDB may meet it only when it writes, and may then end the whole process; a start later all is well."""
    work = lived.folder / "state" / "work.duckdb"
    content = bytearray(work.read_bytes())
    blocks = (len(content) - 12288) // 262_144
    start = 12288 + int(blocks * share) * 262_144 + 4000
    content[start : start + 64] = b"\xff" * 64
    work.write_bytes(content)
    lived.sandbox.change_email(lived.person("teacher"))
    lived.sandbox.remove(lived.person("contact"))
    _ends(lived)
    assert all(outcome.error is None for outcome in lived.sync().outcomes)
    assert lived.wrong() == []


def _ends(trial: "Trial") -> None:
    """Let another process sync, and once more if it dies of its own."""
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, str(SYNCING), trial.url, str(trial.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            found = any(line.startswith("synced") for line in process.stdout)
            process.kill()
        if found:
            return


@pytest.fixture(scope="module")
def lived_once(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse with a past."""
    with begin(users=80) as trial:
        _lived(trial)
        yield trial


@pytest.fixture
def lived(lived_once: "Trial", tmp_path: Path) -> "Trial":
    """Return a copy of a warehouse with a past, to be damaged."""
    folder = tmp_path / "warehouse"
    lived_once.sync()
    shutil.copytree(lived_once.folder, folder)
    return dataclasses.replace(lived_once, folder=folder, events=[])


def test_a_folder_whose_name_speaks_of_locks_does_not_hide_damage(lived: "Trial") -> None:
    folder = lived.folder.with_name("blocks and locks")
    lived.folder.rename(folder)
    trial = dataclasses.replace(lived, folder=folder)
    _overwrite(folder / "state" / "work.duckdb")
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_a_work_database_lost_before_anything_was_published_is_created_again(trial: "Trial") -> None:
    _kill_at(trial, "Stage(activity='publishing')", 0)
    for file in (trial.folder / "state").glob("work.duckdb*"):
        if file.suffix != ".wal":
            file.unlink()
    assert trial.outcomes()[0] in {"applied", "unchanged"}
    assert trial.wrong() == []


def test_a_published_file_that_was_deleted_is_put_there_again(trial: "Trial") -> None:
    trial.sync()
    trial.warehouse.published.unlink()
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_a_published_file_that_was_deleted_is_put_there_again_with_its_past_also_after_a_sync_that_broke_off(
    trial: "Trial",
) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    trial.warehouse.published.unlink()
    _kill_at(trial, "PageLanded", 0)
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM users_history WHERE change = 'archived'") == 1


@pytest.mark.variants(1)
@pytest.mark.parametrize("stage", ["checking", "publishing"])
def test_what_an_interrupted_sync_applied_is_reported_and_dated_by_the_sync_that_publishes_it(
    trial: "Trial", stage: str
) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))

    def break_off(event: object) -> None:
        if event == Stage(stage):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.sync(report=break_off)
    outcome = trial.outcome()
    assert (outcome.outcome, outcome.counts.archived) == ("applied", 1)
    gone = "SELECT valid_from FROM users_history WHERE change = 'archived'"
    assert outcome.started_at <= trial.value(gone) <= outcome.finished_at


def test_half_finished_files_of_a_sync_that_died_are_no_obstacle(trial: "Trial") -> None:
    trial.sync()
    state = trial.folder / "state"
    (state / "publishing.duckdb").write_bytes(b"half")
    (state / "work.partial").write_bytes(b"half")
    trial.sandbox.remove(trial.person("contact"))
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
