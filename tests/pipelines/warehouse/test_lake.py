"""A lake holds the same tables as a file, whatever happens on the way; and what it refuses is a sentence."""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.operations import migrate
from pipelines.operations.purge import purge
from pipelines.progress import Stage, Waiting
from pipelines.sync import Limits, LimitsByDistrict, approve
from pipelines.warehouse import NothingPublishedError, Warehouse, tables
from pipelines.warehouse.erasing import DISTRICT, USER, Subject
from pipelines.warehouse.errors import EncryptionError, LakeError, NoFileError, OccupiedError, WarehouseError
from pipelines.warehouse.lake import Lake, commit, commits, destination, refresh
from pipelines.warehouse.lake.maintenance import maintain
from pipelines.warehouse.lake.relations import ONLY_LOCAL
from tests.conftest import Begin, Trial
from tests.lakes import LakeTrial, Postgres, object_storage, postgres

OF_THE_MACHINE = frozenset({*ONLY_LOCAL, "sync.migrations"})
"""Relations that may differ: what only makes syncs faster, and when a database got its schema."""


class Nights:
    """A clock that shows one instant per night."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 10, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """Return a PostgreSQL server."""
    with postgres() as made:
        yield made


@pytest.fixture
def pair(begin: Begin, server: Postgres, tmp_path: Path) -> Iterator[tuple[Trial, LakeTrial]]:
    """Return a file and a lake, synced from the same sandbox with two districts, by the same clock."""
    with begin(districts=2, users=30) as file:
        file.clock = Nights()
        lake = beside(file, Lake(server.database(), str(tmp_path / "data")), tmp_path / "lake")
        # On another day, because the date of the schema counts as the latest instant of a warehouse.
        lake.warehouse.prepare()
        with lake.warehouse.held("set-up", file.events.append):
            lake.warehouse.begin(file.events.append)
        next_day(file)
        yield file, lake


def beside(file: Trial, lake: Lake, folder: Path, **options: Any) -> LakeTrial:
    """A warehouse in a lake that is synced from the sandbox of another."""
    return LakeTrial(file.sandbox, file.url, folder, clock=file.clock, limits=file.limits, lake=lake, **options)


def pass_night(*trials: Trial, changes: int = 1) -> None:
    """Let a night pass in Clever and on the clock of the warehouses."""
    trials[0].sandbox.advance(changes)
    next_day(*trials)


def next_day(*trials: Trial) -> None:
    """Let a day pass on the clock of the warehouses."""
    clock = trials[0].clock
    assert isinstance(clock, Nights)
    clock.instant += timedelta(days=1)


def contents(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table and view, in one order, without those that only put past and present rows together."""
    with contextlib.closing(warehouse.reading()) as connection:
        return {
            name: connection.execute(f"SELECT {_columns(table)} FROM {name} ORDER BY ALL").fetchall()
            for table in tables.metadata.tables.values()
            if (name := tables.relation_name(table)) not in OF_THE_MACHINE and table.info.get("template") != "versions"
        }


def _columns(table: Any) -> str:
    """The columns of a relation; instants to the second, because each one that a sync writes is a microsecond after the one before."""
    return ", ".join(
        f"date_trunc('second', \"{column.name}\")" if column.type is tables.Instant else f'"{column.name}"'
        for column in table.columns
    )


def differing(one: Trial, other: Trial) -> list[str]:
    """The relations of two warehouses that differ, without any value."""
    left, right = contents(one.warehouse), contents(other.warehouse)
    return [name for name in left if left[name] != right[name]]


def test_each_night_leaves_the_tables_and_views_of_a_file(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    for night in range(3):
        assert lake.outcomes(sync_id=f"night-{night}") == file.outcomes(sync_id=f"night-{night}")
        assert differing(file, lake) == []
        pass_night(file, lake, changes=2)
    assert lake.value("SELECT count(*) FROM users_as_of(?)", datetime(2026, 10, 3, 12, tzinfo=UTC)) == file.value(
        "SELECT count(*) FROM users_as_of(?)", datetime(2026, 10, 3, 12, tzinfo=UTC)
    )


def test_a_hold_is_approved_in_a_lake(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    file.limits = lake.limits = LimitsByDistrict(Limits(min_records=1))
    for trial in pair:
        trial.sync(sync_id="first")
    district = file.districts[0]
    file.sandbox.unshare(district, role="contact")
    next_day(*pair)
    for trial in pair:
        assert trial.outcome(district, sync_id="second").outcome == "held"
    assert differing(file, lake) == []
    next_day(*pair)
    for trial in pair:
        digest = trial.value("SELECT digest FROM sync.holds")
        approve(
            trial.warehouse,
            district_id=district,
            digest=digest,
            decision_id="decision",
            decided_by="somebody",
            reason="they moved",
            report=trial.events.append,
        )
    assert differing(file, lake) == []
    assert lake.value("SELECT count(*) FROM contacts WHERE district_id = ?", district) == 0


def test_the_local_folder_may_be_lost(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    for night in range(3):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        assert differing(file, lake) == []
        shutil.rmtree(lake.folder)
        pass_night(file, lake)


def test_a_folder_reads_what_another_folder_has_committed(pair: tuple[Trial, LakeTrial], tmp_path: Path) -> None:
    file, lake = pair
    assert lake.lake
    other = beside(file, lake.lake, tmp_path / "other")
    for night, trial in enumerate((lake, other, lake, other)):
        for each in (file, trial):
            each.sync(sync_id=f"night-{night}")
        assert differing(file, trial) == []
        pass_night(file, lake)


class Killed(BaseException):
    """The process ends here, without a word."""


def _dies(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    "where",
    [
        pytest.param((destination, "commit"), id="before the commit"),
        pytest.param((commit._Committer, "_try"), id="within the commit"),
        pytest.param((commits, "note"), id="after the commit"),
        pytest.param((destination, "refresh"), id="before the refresh"),
        pytest.param((refresh, "_read"), id="within the refresh"),
    ],
)
def test_a_sync_that_died_is_made_good_by_the_next_one(
    pair: tuple[Trial, LakeTrial], monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str], tmp_path: Path
) -> None:
    file, lake = pair
    for trial in pair:
        trial.sync(sync_id="first")
    before = contents(lake.warehouse)
    assert lake.lake
    if where[1] in {"refresh", "_read"}:  # so that there is something to refresh
        pass_night(file, lake)
        for trial in (file, beside(file, lake.lake, tmp_path / "other")):
            trial.sync(sync_id="second")
        before = contents(lake.warehouse)
    pass_night(file, lake)
    file.sync(sync_id="third")
    with monkeypatch.context() as patch:
        patch.setattr(*where, _dies)
        with pytest.raises(Killed):
            lake.sync(sync_id="third")
    after = contents(lake.warehouse)
    assert after == (contents(file.warehouse) if where[1] == "note" else before)
    lake.sync(sync_id="third")
    next_day(file, lake)
    for trial in pair:
        trial.sync(sync_id="fourth")
    there = contents(file.warehouse)
    found = contents(lake.warehouse)
    of_data = [table.name for table in tables.assets()]
    assert [name for name in of_data if found[name] != there[name] and where[1] != "note"] == []
    assert lake.wrong() == []


def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    pair: tuple[Trial, LakeTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, lake = pair
    committed, once = commit._Committer._try, iter([True])

    def without_answer(committer: commit._Committer, *batch: Any) -> list[str]:
        scopes = committed(committer, *batch)
        if next(once, False):
            raise LakeError("The connection was lost.")
        return scopes

    monkeypatch.setattr(commit._Committer, "_try", without_answer)
    for trial in pair:
        trial.sync(sync_id="first")
    assert differing(file, lake) == []
    pass_night(file, lake)
    for trial in pair:
        trial.sync(sync_id="second")
    assert differing(file, lake) == []


def test_a_catalog_that_restarts_is_waited_for(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    with postgres() as own:
        lake.lake = Lake(own.database(), str(file.folder / "data"))
        for trial in pair:
            trial.sync(sync_id="first")
        pass_night(file, lake)

        def restart(event: object) -> None:
            if isinstance(event, Stage) and event.activity == "publishing":
                own.stop()
                threading.Timer(2, own.start).start()

        file.sync(sync_id="second")
        with contextlib.suppress(LakeError):  # the lock was lost with the server; nothing was committed
            lake.sync(sync_id="second", report=restart)
        for _ in range(100):
            with contextlib.suppress(LakeError):
                lake.sync(sync_id="second")
                break
            time.sleep(0.1)
        assert lake.wrong() == []


def test_an_object_storage_that_is_out_of_service_is_waited_for(
    pair: tuple[Trial, LakeTrial], server: Postgres
) -> None:
    file, lake = pair
    with object_storage() as storage:
        lake.lake = Lake(server.database(), "s3://clever/lake", storage.environment)
        lake.warehouse.prepare()
        with lake.warehouse.held("set-up", file.events.append):
            lake.warehouse.begin(file.events.append)
        next_day(*pair)
        for trial in pair:
            trial.sync(sync_id="first")
        assert differing(file, lake) == []
        pass_night(*pair)

        def fail_for_a_while(event: object) -> None:
            if isinstance(event, Stage) and event.activity == "publishing":
                storage.is_available = False
                threading.Timer(3, lambda: setattr(storage, "is_available", True)).start()

        file.sync(sync_id="second")
        lake.sync(sync_id="second", report=fail_for_a_while)
        assert storage.refused > 0
        assert differing(file, lake) == []
        assert maintain(lake.lake, 1, lambda: None).merged > 0
        assert differing(file, lake) == []


def test_two_processes_do_not_write_a_district_at_the_same_time(pair: tuple[Trial, LakeTrial], tmp_path: Path) -> None:
    file, lake = pair
    lake.sync(sync_id="first")
    assert lake.lake
    other = beside(file, lake.lake, tmp_path / "other")
    told, errors = [], []
    is_waiting = threading.Event()

    def tell(event: object) -> None:
        if isinstance(event, Waiting):
            told.append(event)
            is_waiting.set()

    def sync_elsewhere() -> None:
        try:
            other.sync(sync_id="second", report=tell)
        except WarehouseError as error:
            errors.append(error)

    with lake.warehouse.held("somebody", lambda _: None):
        thread = threading.Thread(target=sync_elsewhere)
        thread.start()
        assert is_waiting.wait(60)
        assert lake.value("SELECT count(DISTINCT sync_id) FROM sync.runs") == 1
    thread.join()
    assert errors == []
    assert len(told) == 1
    assert lake.value("SELECT count(DISTINCT sync_id) FROM sync.runs") == 2


def test_a_reader_sees_one_state_however_long_it_reads(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    lake.sync(sync_id="first")
    with contextlib.closing(lake.warehouse.reading()) as reader:
        before = reader.execute("SELECT count(*) FROM sync.runs").fetchall()
        pass_night(file, lake)
        lake.sync(sync_id="second")
        assert reader.execute("SELECT count(*) FROM sync.runs").fetchall() == before
        with pytest.raises(duckdb.Error):
            reader.execute("DELETE FROM users")


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("INSERT INTO users FROM users WHERE user_id = ?", id="a row twice"),
        pytest.param("DELETE FROM users WHERE user_id = ?", id="a row lost"),
    ],
)
def test_a_lake_changed_by_another_program_is_not_written_to(pair: tuple[Trial, LakeTrial], harm: str) -> None:
    _, lake = pair
    lake.sync(sync_id="first")
    user_id = lake.person("student")
    assert lake.lake
    with lake.lake.connected() as connection:
        connection.execute(harm, [user_id])
    lake.sandbox.change_email(user_id)
    before = contents(lake.warehouse)
    with pytest.raises(
        LakeError, match=r"^users: 1 rows were to be replaced, and [02] were found, so nothing was committed"
    ):
        lake.sync(sync_id="second")
    assert contents(lake.warehouse) == before


def test_a_lake_has_no_row_for_what_was_only_seen_again(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    stored: dict[str, list[tuple[Any, ...]]] = {}
    for night in range(3):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        next_day(file, lake)
        assert lake.lake
        with lake.lake.connected(read_only=True) as connection:
            for table in ("legacy_id_crosswalk", "findings", "fields"):
                rows = connection.execute(f"SELECT rowid FROM delivery.{table} ORDER BY ALL").fetchall()
                assert stored.setdefault(table, rows) == rows
    assert differing(file, lake) == []
    assert lake.value("SELECT max(last_seen_at) FROM legacy_id_crosswalk") >= datetime(2026, 10, 4, 2, tzinfo=UTC)


def test_nothing_is_inlined_into_the_catalog(pair: tuple[Trial, LakeTrial]) -> None:
    _, lake = pair
    lake.sync(sync_id="first")
    assert lake.lake
    assert lake.lake._ask("SELECT count(*) FROM ducklake_inlined_data_tables") == 0
    assert lake.lake._ask("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'clever\\_warehouse\\_%'") == 6


def test_maintenance_changes_no_row(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    for night in range(3):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        pass_night(file, lake, changes=3)
    assert lake.lake
    orphan = Path(lake.lake.data) / "main" / "users" / "orphan.parquet"
    shutil.copyfile(next(orphan.parent.rglob("*.parquet")), orphan)
    os.utime(orphan, (0, 0))
    files = len(list(Path(lake.lake.data).rglob("*.parquet")))
    kept = maintain(lake.lake, 30, lambda: None)
    assert (kept.snapshots, kept.deleted, kept.orphans) == (0, 0, 1)
    assert kept.merged > 0
    assert not orphan.exists()
    assert differing(file, lake) == []
    with contextlib.closing(lake.warehouse.reading()) as reader:
        before = reader.execute("SELECT count(*) FROM users").fetchall()
        forgotten = maintain(lake.lake, 0, lambda: None)
        assert reader.execute("SELECT count(*) FROM users").fetchall() == before
    assert forgotten.snapshots > 3
    assert forgotten.deleted > 0
    assert len(list(Path(lake.lake.data).rglob("*.parquet"))) < files
    assert str(forgotten).startswith("Rewrote ")
    assert differing(file, lake) == []
    pass_night(file, lake)
    for trial in pair:
        trial.sync(sync_id="after")
    assert differing(file, lake) == []


def test_a_warehouse_moves_into_a_lake_and_back(begin: Begin, server: Postgres, tmp_path: Path) -> None:
    with begin(districts=2, users=30) as file:
        file.clock = Nights()
        file.sync(sync_id="first")
        pass_night(file)
        file.sync(sync_id="second")
        before = contents(file.warehouse)
        lake = beside(file, Lake(server.database(), str(tmp_path / "data")), file.folder)
        migrate.into_lake(file.warehouse, lake.warehouse, file.events.append)
        assert contents(lake.warehouse) == before
        with pytest.raises(OccupiedError, match="so nothing was migrated"):
            migrate.into_lake(file.warehouse, lake.warehouse, file.events.append)
        with pytest.raises(OccupiedError, match="so nothing was migrated"):
            migrate.into_file(lake.warehouse, file.warehouse, file.events.append)
        pass_night(file)
        requests = len(file.sandbox.requests)
        assert lake.outcomes(sync_id="third") == ["applied", "applied"]
        assert lake.wrong() == []
        back = beside(file, lake.lake, tmp_path / "back").warehouse if lake.lake else None
        assert back
        assert len(file.sandbox.requests) > requests
        elsewhere = Trial(file.sandbox, file.url, tmp_path / "back", clock=file.clock)
        migrate.into_file(back, elsewhere.warehouse, file.events.append)
        assert contents(elsewhere.warehouse) == contents(lake.warehouse)
        pass_night(file)
        assert elsewhere.outcomes(sync_id="fourth") == ["applied", "applied"]
        assert elsewhere.wrong() == []


def test_a_rollback_restores_a_state_and_the_next_sync_continues_from_it(pair: tuple[Trial, LakeTrial]) -> None:
    file, lake = pair
    for night in range(3):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        pass_night(*pair)
    before = contents(lake.warehouse)
    states = lake.warehouse.states()
    assert [state.message for state in states] == ["sync night-2", "sync night-1", "sync night-0"]
    for trial in pair:
        trial.undo()
    assert set(differing(file, lake)) == {"sync.rollbacks"}  # whose dates are those of files, or of commits
    assert lake.value("SELECT restored_from FROM sync.rollbacks") == states[1].committed_at
    with contextlib.closing(lake.warehouse.reading()) as connection:
        assert connection.execute("SELECT count(*) FROM sync.runs").fetchall() == [(4,)]
    next_day(*pair)
    for trial in pair:
        trial.sync(sync_id="again")
    assert set(differing(file, lake)) <= {"sync.rollbacks", "sync.daily_counts"}
    assert before != contents(lake.warehouse)
    assert lake.wrong() == []


def test_the_local_folder_of_a_lake_can_be_encrypted(pair: tuple[Trial, LakeTrial], tmp_path: Path) -> None:
    file, lake = pair
    shutil.rmtree(lake.folder)
    lake.key_file = tmp_path / "key"
    for night in range(2):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        assert differing(file, lake) == []
        pass_night(*pair)
    addresses = [email.encode() for (email,) in file.rows("SELECT email FROM users WHERE email IS NOT NULL")]
    everything = b"".join(each.read_bytes() for each in lake.folder.rglob("*") if each.is_file())
    assert len(addresses) > 20
    assert [each for each in addresses if each in everything] == []
    lake.key_file = None
    with pytest.raises(EncryptionError, match="is encrypted, and no key is set"):
        lake.sync(sync_id="without")


def values_of(lake: LakeTrial, user_id: str) -> set[str]:
    """What of a person is in no row of anybody else: the ID, and e-mail addresses of now and before."""
    addresses = lake.rows("SELECT email FROM users_history WHERE user_id = ? AND email IS NOT NULL", user_id)
    return {user_id, "Zebulonia", *(email for (email,) in addresses)}


def bytes_of(lake: LakeTrial) -> bytes:
    """Everything that is stored for a lake: its files, its catalog as text, and each column as text."""
    assert lake.lake
    files = b"".join(path.read_bytes() for path in Path(lake.lake.data).rglob("*") if path.is_file())
    rows = repr(contents(lake.warehouse)).encode()
    return files + rows + repr(list(lake.lake.catalog_rows())).encode()


@pytest.mark.parametrize("kind", [USER, DISTRICT])
def test_a_purge_leaves_nothing_in_files_snapshots_or_statistics(pair: tuple[Trial, LakeTrial], kind: str) -> None:
    file, lake = pair
    user_id = lake.person("student")
    for night in range(3):
        for trial in pair:
            trial.sync(sync_id=f"night-{night}")
        # The largest name of all, so that statistics show it.
        file.sandbox.change(user_id, {"name.last": "Zebulonia", "email": f"zzz{night}@gone.example"})
        next_day(*pair)
    values = values_of(lake, user_id) if kind == USER else {lake.districts[0], user_id}
    everything = bytes_of(lake)
    assert [each for each in values if each.encode() not in everything] == []
    subject = Subject(kind, user_id if kind == USER else lake.districts[0])
    purged = [purge(trial.warehouse, subject, trial.events.append) for trial in pair]
    assert purged[0].rows_by_table == purged[1].rows_by_table
    everything = bytes_of(lake)
    assert [each for each in values if each.encode() in everything] == []
    assert set(differing(file, lake)) <= {"sync.purges"}
    file.sandbox.disconnect(lake.districts[0]) if kind == DISTRICT else file.sandbox.remove(user_id)
    next_day(*pair)
    for trial in pair:
        trial.sync(sync_id="after")
    assert set(differing(file, lake)) <= {"sync.purges"}


@pytest.mark.parametrize(
    "dsn",
    ["host=127.0.0.1 port=1 user=clever password=open-sesame dbname=lake", "password=open-sesame nonsense"],
)
def test_a_lake_that_cannot_be_reached_is_one_sentence_without_the_password(
    pair: tuple[Trial, LakeTrial], dsn: str
) -> None:
    _, lake = pair
    lake.lake = Lake(dsn, "/nowhere")
    for act in (lake.sync, lake.warehouse.reading, lake.warehouse.publication):
        with pytest.raises(LakeError) as caught:
            _called(act)
        assert "open-sesame" not in str(caught.value)
        assert "CLEVER_WAREHOUSE" in str(caught.value)
    assert "open-sesame" not in repr(lake.lake)


def _called(act: Callable[[], object]) -> None:
    act()


def test_before_the_first_sync_nothing_is_published(pair: tuple[Trial, LakeTrial]) -> None:
    _, lake = pair
    with pytest.raises(NothingPublishedError, match="run `clever-warehouse sync` first"):
        lake.warehouse.reading()
    with pytest.raises(NoFileError, match="PostgreSQL database and its storage together"):
        lake.warehouse.require_file("backup")
