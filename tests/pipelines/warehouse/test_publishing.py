"""What analysts meet: one consistent file, whole at every instant, that no one has to wait for."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import Event, Stage, Waiting
from pipelines.sandbox import Html
from pipelines.warehouse import NothingPublishedError, WorkDatabaseOpenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Row, Trial

pytestmark = pytest.mark.usefixtures("compacted")

SNAPSHOT = """
SELECT
    (SELECT arg_max(sync_id, finished_at) FROM sync.runs),
    (SELECT count(*) FROM users),
    (SELECT bit_xor(hash(user_id, email, roles)) FROM users),
    (SELECT bit_xor(hash(user_id, role, legacy_id)) FROM user_roles),
    (SELECT bit_xor(hash(role, legacy_id, user_id)) FROM legacy_id_crosswalk WHERE is_current)
"""

CONTRADICTIONS = """
SELECT 'a role without a user' FROM user_roles ANTI JOIN users USING (user_id)
UNION ALL
SELECT 'roles that differ' FROM users
LEFT JOIN (SELECT user_id, list_sort(list(role)) AS held FROM user_roles GROUP BY user_id) USING (user_id)
WHERE roles <> coalesce(held, [])
UNION ALL
SELECT 'a current link without a role' FROM (FROM legacy_id_crosswalk WHERE is_current)
ANTI JOIN user_roles USING (user_id, role, legacy_id)
UNION ALL
SELECT 'a role without a current link' FROM (FROM user_roles WHERE legacy_id IS NOT NULL)
ANTI JOIN (FROM legacy_id_crosswalk WHERE is_current) USING (user_id, role, legacy_id)
"""

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reads")
print("open", flush=True)
for line in sys.stdin:
    print(connection.execute(line).fetchall(), flush=True)
"""


@contextlib.contextmanager
def _holding(file: "Path", how: str) -> "Iterator[subprocess.Popen[str]]":
    """Let another process hold a file open, and answer queries of one line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _ask(process: "subprocess.Popen[str]", query: str) -> str:
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write(f"{query}\n")
    return process.stdout.readline().strip()


def test_without_a_sync_there_is_nothing_to_read(trial: "Trial") -> None:
    with pytest.raises(NothingPublishedError):
        trial.warehouse.reading()


@pytest.mark.variants(1)
@pytest.mark.parametrize("how", ["reads", "writes"])
def test_reader_of_the_published_file_blocks_no_sync_and_sees_one_sync(trial: "Trial", how: str) -> None:
    trial.sync()
    with _holding(trial.warehouse.published, how) as holder:
        seen = _ask(holder, "SELECT count(*) FROM users")
        for _ in range(2):
            trial.sandbox.remove(trial.person("contact"))
            assert trial.outcomes() == ["applied"]
            assert trial.wrong() == []
            assert _ask(holder, "SELECT count(*) FROM users") == seen
            assert _ask(holder, "SELECT count(*) FROM sync.runs") == "[(1,)]"
    assert trial.wrong() == []
    assert not (trial.folder / "warehouse.duckdb.wal").exists()


def test_reader_of_the_published_file_sees_one_sync_during_rollbacks_and_syncs(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    (kept,) = trial.warehouse.kept_files()
    with _holding(trial.warehouse.published, "reads") as reader, _holding(kept, "reads") as of_kept:
        trial.warehouse.roll_back(kept, print)
        assert _ask(reader, "SELECT count(*) FROM users") == "[(39,)]"
        assert _ask(of_kept, "SELECT count(*) FROM users") == "[(40,)]"
        assert trial.value("SELECT count(*) FROM users") == 40
        assert trial.outcomes() == ["applied"]
        assert _ask(reader, "SELECT count(*) FROM sync.runs") == "[(2,)]"
        assert _ask(of_kept, "SELECT count(*) FROM sync.runs") == "[(1,)]"
    assert trial.wrong() == []


def test_a_connection_that_is_kept_sees_its_sync_and_a_new_process_the_newest(trial: "Trial") -> None:
    runs = "SELECT count(*) FROM sync.runs"
    trial.sync()
    with contextlib.closing(trial.warehouse.reading()) as kept:
        trial.sandbox.remove(trial.person("contact"))
        trial.sync()
        with _holding(trial.warehouse.published, "reads") as newcomer:
            assert _ask(newcomer, runs) == "[(2,)]"
        assert kept.execute(runs).fetchall() == [(1,)]
    assert trial.rows(runs) == [(2,)]


@pytest.mark.search
def test_readers_during_syncs_always_see_one_whole_sync(two: "Trial") -> None:
    snapshots: list[Row] = []
    contradictions: list[Row] = []
    done = threading.Event()
    two.sync(sync_id="0")

    def read() -> None:
        while not done.is_set():
            with contextlib.closing(two.warehouse.reading()) as connection:
                snapshots.extend(connection.execute(SNAPSHOT).fetchall())
                contradictions.extend(connection.execute(CONTRADICTIONS).fetchall())

    def snapshot() -> "dict[str, Row]":
        # Of a copy: while the reader has a connection to a path, all others of this process are to the same file.
        copy = two.folder.with_name("copy.duckdb")
        copy.unlink(missing_ok=True)
        shutil.copyfile(two.warehouse.published, copy)
        with contextlib.closing(duckdb.connect(str(copy), read_only=True)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return {row[0]: row for row in connection.execute(SNAPSHOT).fetchall()}

    reader = threading.Thread(target=read)
    reader.start()
    try:
        published = snapshot()
        for number in range(1, 7):
            two.sandbox.advance(2)
            if number == 3:
                two.sandbox.inject(Html(), district=two.districts[0], stream="users")
            two.sync(sync_id=str(number))
            two.sandbox.heal()
            published |= snapshot()
    finally:
        done.set()
        reader.join()
    assert contradictions == []
    assert {row[0] for row in snapshots} > {"0"}
    assert [row for row in snapshots if row != published[row[0]]] == []


def test_the_published_file_stands_alone_and_what_is_private_is_closed(trial: "Trial") -> None:
    trial.sync()
    assert sorted(each.name for each in trial.folder.iterdir()) == ["state", "warehouse.duckdb"]
    state = trial.folder / "state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    state.chmod(0o755)
    trial.sync()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    published = stat.S_IMODE(trial.warehouse.published.stat().st_mode)
    assert published & 0o222 == 0
    assert published & 0o400


def test_write_ahead_log_that_an_analyst_left_next_to_the_published_file_does_not_spoil_the_next(
    trial: "Trial",
) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    (trial.folder / "warehouse.duckdb.wal").write_bytes(b"left over")
    trial.sync()
    assert trial.wrong() == []
    assert not (trial.folder / "warehouse.duckdb.wal").exists()


def test_publishing_is_one_rename_of_a_file_that_is_finished_and_on_disk(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, int]] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append(("fsync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        if target == trial.warehouse.published:
            steps.append(("rename", self.stat().st_ino))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    trial.sync()
    published = trial.warehouse.published.stat().st_ino
    assert steps == [("fsync", published), ("rename", published), ("fsync", trial.folder.stat().st_ino)]


def _alone(file: Path, folder: Path) -> "dict[str, list[Row]]":
    """Every row of every table in a copy of a database, and of its log of changes where there is one."""
    copy = folder / file.name
    folder.mkdir()
    for each in (file, file.with_name(f"{file.name}.wal")):
        if each.exists():
            shutil.copyfile(each, folder / each.name)
    tables = "SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL"
    with contextlib.closing(duckdb.connect(str(copy), read_only=True)) as connection:
        names = [name for (name,) in connection.execute(tables).fetchall()]
        return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def _differing(trial: "Trial", folder: Path) -> list[str]:
    """The tables in which the published file, taken alone, is not the work database with its log of changes."""
    published = _alone(trial.warehouse.published, folder / "published")
    work = _alone(trial.folder / "state" / "work.duckdb", folder / "work")
    assert work["main.users"]
    return [name for name in sorted(work.keys() | published.keys()) if work.get(name) != published.get(name)]


@pytest.mark.variants(1)
@pytest.mark.parametrize("users", [40, 2_000])
def test_the_published_file_alone_has_every_row_of_the_work_database_and_of_its_log(
    begin: "Begin", tmp_path: Path, users: int
) -> None:
    with begin(users=users) as trial:
        trial.sync()
        assert _differing(trial, tmp_path) == []
        for number in range(2):
            trial.sandbox.remove(trial.person("contact"))
            assert trial.outcomes() == ["applied"]
            folder = tmp_path / f"{number}"
            folder.mkdir()
            assert _differing(trial, folder) == []


def test_the_published_file_is_whole_also_when_closing_the_work_database_writes_nothing_back(
    trial: "Trial", tmp_path: Path
) -> None:
    """DuckDB merges the log of changes when the last connection closes: one more, kept open, shows what is published without that."""
    trial.sync()
    # A database that someone has open cannot be copied from; so that it is not to be compacted, it counts as large before.
    (trial.warehouse.state / "compact_size").write_text(str(2**40))
    trial.sandbox.remove(trial.person("contact"))
    with contextlib.ExitStack() as kept:

        def keep(event: Event) -> None:
            if event == Stage("publishing"):
                kept.enter_context(contextlib.closing(trial.warehouse._connect()))

        assert [outcome.outcome for outcome in trial.sync(report=keep).outcomes] == ["applied"]
        assert trial.wrong() == []
        assert _differing(trial, tmp_path) == []


def test_concurrent_syncs_take_turns_and_the_second_says_that_it_waits(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.advance(2)
    waiting = threading.Event()
    outcomes: list[str] = []
    second = threading.Thread(target=lambda: outcomes.extend(trial.outcomes(sync_id="second")))

    def report(event: object) -> None:
        if "Stage(activity='publishing')" in repr(event):
            second.start()
            assert waiting.wait(30)

    trial.events = _Listening(waiting)
    (first,) = trial.sync(sync_id="first", report=report).outcomes
    second.join()
    assert first.error is None
    assert outcomes == ["unchanged"]
    (why,) = [event.reason for event in trial.events if isinstance(event, Waiting)]
    assert why.startswith("Another sync (first, pid ")
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM sync.runs") == 3


class _Listening(list[Event]):
    """A list of events that tells when someone waits."""

    def __init__(self, waiting: threading.Event) -> None:
        super().__init__()
        self._waiting = waiting

    def append(self, event: Event) -> None:
        super().append(event)
        if isinstance(event, Waiting):
            self._waiting.set()


def test_work_database_that_is_open_elsewhere_is_distinguished_from_a_damaged_one(trial: "Trial") -> None:
    trial.sync()
    before = trial.fingerprint()
    with _holding(trial.folder / "state" / "work.duckdb", "writes"):
        with pytest.raises(WorkDatabaseOpenError) as raised:
            trial.sync()
        assert "work.duckdb" in str(raised.value)
    assert trial.fingerprint() == before
    assert trial.outcomes() == ["unchanged"]


FORMAT = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal"


def _packings(trial: "Trial") -> set[str]:
    """How the columns of the published file are packed."""
    tables = trial.rows("SELECT schema_name || '.' || table_name FROM duckdb_tables()")
    return {
        packing
        for (table,) in tables
        for (packing,) in trial.rows(f"SELECT DISTINCT compression FROM pragma_storage_info('{table}')")
    }


def test_the_published_file_can_be_read_by_the_oldest_duckdb_that_the_dictionary_names(trial: "Trial") -> None:
    """DuckDB 1.3 opens newer formats too, but finds NULL in text that is packed as DICT_FSST (tests/sql/test_readers.py)."""
    trial.sync()
    assert trial.rows(FORMAT) == [("v1.2.0+",)]
    assert "DICT_FSST" not in _packings(trial)
    assert "with DuckDB 1.3 or any later" in Path("sql/README.md").read_text(encoding="utf-8")


def test_a_warehouse_in_the_format_of_an_earlier_version_is_rewritten_by_the_next_sync_with_all_it_holds(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pipelines.warehouse.store.STORAGE", "v1.3.0")
        trial.sync()
        trial.sandbox.advance(3)
        trial.sync()
    assert trial.rows(FORMAT) == [("v1.3.0+",)]
    assert "DICT_FSST" in _packings(trial)
    (trial.warehouse.state / "compact_size").unlink()  # which earlier versions did not write
    before = trial.fingerprint()
    assert trial.outcomes() == ["unchanged"]
    assert trial.rows(FORMAT) == [("v1.2.0+",)]
    assert "DICT_FSST" not in _packings(trial)
    assert trial.fingerprint() == before
    trial.sandbox.advance(3)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_duckdb_itself_finds_the_published_file_whole(trial: "Trial") -> None:
    trial.sync()
    with contextlib.closing(duckdb.connect(str(trial.warehouse.published), read_only=True)) as connection:
        names = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        for (name,) in names:
            connection.execute(f"SELECT * FROM {name}").fetchall()
