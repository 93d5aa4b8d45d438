"""How Dagster's SQLite storage stores many events in one transaction; dagster.yaml names it."""

import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster import AssetKey, DagsterEventType, EventLogEntry
from dagster._core.storage.event_log import SqlEventLogStorageTable, SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, AssetEventTagsTable, AssetKeyTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

EVENTS_PER_TRANSACTION = 500
"""Events of a batch that are stored in one transaction; other processes wait meanwhile."""

os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_PER_TRANSACTION))


class EventLog(SqliteEventLogStorage):
    """Dagster's event log, a database per run and an index of all runs, which stores the events of a batch in one transaction.

    Dagster's own takes them one by one: it opens and closes both databases for each. Each materialization there also replaces
    the one before it as the latest of its asset; a sync of 500 districts reports 3,000 for 6 assets.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open what Dagster's own opens."""
        super().__init__(base_dir, inst_data)
        # Both databases are open for a batch, and each takes the lock.
        self._db_lock = threading.RLock()  # type: ignore[assignment]
        self._in_batch: dict[str, sa.Connection] = {}

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        """A transaction in the database of a run, or in the index; that of the batch, while one is stored.

        Dagster's own creates an engine for each, which prepares every statement again.
        """
        with self._db_lock:
            if shard in self._in_batch:
                yield self._in_batch[shard]
                return
            database = engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(database)
                self._initialized_dbs.add(shard)
            with database.connect() as connection, connection.begin():
                yield connection

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store all events, or none."""
        with self._batch({event.run_id for event in events}):
            if all(event.dagster_event_type is DagsterEventType.ASSET_MATERIALIZATION for event in events):
                self._store_materializations(events)
            else:
                super().store_event_batch(events)

    @contextmanager
    def _batch(self, run_ids: Collection[str]) -> Iterator[None]:
        """One transaction in each database that the events of the runs go to."""
        shards = (INDEX_SHARD_NAME, *run_ids)
        with self._db_lock, ExitStack() as connections:
            opened = {shard: connections.enter_context(self._connect(shard)) for shard in shards}
            self._in_batch.update(opened)
            try:
                yield
            finally:
                self._in_batch.clear()

    def runs_of_latest_results(self) -> set[str]:
        """The runs that hold the latest materialization of a partition or evaluation of a check, or are the last of an asset."""
        events, checks = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
        is_planned = checks.execution_status == "PLANNED"
        materialized = sa.select(sa.func.max(events.id)).where(
            events.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION.value
        )
        evaluated = sa.select(sa.func.max(checks.id))
        queries = (
            sa.select(events.run_id).where(events.id.in_(materialized.group_by(events.asset_key, events.partition))),
            sa.select(checks.run_id).where(
                checks.id.in_(evaluated.group_by(checks.asset_key, checks.check_name, checks.partition, is_planned))
            ),
            sa.select(AssetKeyTable.c.last_run_id),
        )
        with self.index_connection() as index:
            return {run_id for query in queries for run_id in index.execute(query).scalars() if run_id}

    @property
    def index_database(self) -> Path:
        """The database of the events of all runs."""
        return Path(self.path_for_shard(INDEX_SHARD_NAME))

    @property
    def runs_database(self) -> Path:
        """The database of the runs, where `Storage` has it."""
        return Path(self._base_dir).parent / "runs.db"

    @property
    def ticks_database(self) -> Path:
        """The database of the ticks of schedules and sensors, where `Storage` has it."""
        return Path(self._base_dir).parents[1] / "schedules" / "schedules.db"

    def runs_with_files(self) -> set[str]:
        """The runs that have a database."""
        return {file.stem for file in Path(self._base_dir).glob("*-*.db")}

    def files_of_run(self, run_id: str) -> list[Path]:
        """The database of a run, with its log of changes."""
        return [*Path(self._base_dir).glob(f"{run_id}.db*")]

    def remove_runs(self, run_ids: Collection[str]) -> None:
        """Remove all events and checks of runs: from the index, and with the databases of the runs."""
        events, checks, tags = SqlEventLogStorageTable, AssetCheckExecutionsTable, AssetEventTagsTable
        for run_id in run_ids:
            with self.index_connection() as index:
                of_run = sa.select(events.c.id).where(events.c.run_id == run_id)
                index.execute(tags.delete().where(tags.c.event_id.in_(of_run)))
                for table in (events, checks):
                    index.execute(table.delete().where(table.c.run_id == run_id))
            for file in self.files_of_run(run_id):
                file.unlink(missing_ok=True)

    def _store_materializations(self, events: Sequence[EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        with self.index_connection() as index:
            for run_id in {event.run_id for event in events}:
                with self.run_connection(run_id) as of_run:
                    of_run.execute(SqlEventLogStorageTable.insert(), [row for row in rows if row["run_id"] == run_id])
            index.execute(SqlEventLogStorageTable.insert(), rows)
            last = index.execute(sa.select(sa.func.max(SqlEventLogStorageTable.c.id))).scalar_one()
            ids = range(last - len(events) + 1, last + 1)
            self._store_asset_event_tags(index, events, ids)
            latest = {_asset_key(event): (event, event_id) for event, event_id in zip(events, ids, strict=True)}
            for event, event_id in latest.values():
                self._store_asset_event(index, event, event_id)


@lru_cache(maxsize=16)
def engine(database: str) -> sa.Engine:
    """What makes connections to a database and remembers prepared statements; it keeps no connection open."""
    return sa.create_engine(database, poolclass=sa.NullPool, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})


def _asset_key(event: EventLogEntry) -> AssetKey | None:
    return event.dagster_event.asset_key if event.dagster_event else None


class Storage(DagsterSqliteStorage):
    """Dagster's storage in SQLite in a folder, the files where Dagster's own has them, with this event log."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open what Dagster's own opens."""
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(str(Path(base_dir, "history", "runs")))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "Storage":
        """The storage of a dagster.yaml."""
        return cls.from_local(config_value["base_dir"], inst_data)
