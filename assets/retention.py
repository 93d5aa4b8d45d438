"""How old Dagster runs are removed, so that DAGSTER_HOME does not grow without end, and the space given back."""

import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.runs.schema import RunsTable, RunTagsTable
from dagster._core.storage.schedules.schema import JobTickTable

from assets.storage import EventLog, engine
from pipelines.operations.purge import Search

FINISHED = frozenset(status.value for status in FINISHED_STATUSES)

MIN_FREE_SHARE = 0.25
"""Share of a database's pages that are free before it is rewritten; below that, the next runs fill them."""

PURGE_TIMEOUT_SECONDS = 60.0
"""Seconds that a purge waits for another process that writes."""

VACUUM_TIMEOUT_SECONDS = 1.0
"""Seconds to wait for another process that writes; if it takes longer, a later sync gives the space back."""


def remove_old_runs(instance: dg.DagsterInstance, days: int) -> int:
    """Remove every finished run older than so many days, with its events, checks, files and tags, and old ticks.

    A run stays if it holds the latest materialization of a partition or the latest evaluation of a check, so that the UI
    shows what it showed before. What is left of runs that were deleted in another way is removed too. An instance with
    another storage than the one in our dagster.yaml may hold runs of others and is left alone.

    Returns:
        How many runs were removed.

    Raises:
        sqlalchemy.exc.DBAPIError: the storage cannot be written; the next call continues.
    """
    events = instance.event_log_storage
    if not isinstance(events, EventLog):
        return 0
    runs_engine, ticks_engine = (engine(f"sqlite:///{file}") for file in (events.runs_database, events.ticks_database))
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
    files = Path(instance.storage_directory())
    with_files = events.runs_with_files() | {entry.name for entry in files.glob("*-*") if _is_run_id(entry.name)}
    with runs_engine.connect() as runs:
        known = runs.execute(sa.select(RunsTable.c.run_id, RunsTable.c.status, RunsTable.c.create_timestamp)).all()
    old = {run_id for run_id, status, created in known if status in FINISHED and created < before}
    if old:
        old -= events.runs_of_latest_results()
    removed = old | (with_files - {run_id for run_id, *_ in known})
    _remove(events, files, removed)
    if removed:
        with ticks_engine.begin() as ticks:
            ticks.execute(JobTickTable.delete().where(JobTickTable.c.timestamp < before))
    _give_space_back((events.index_database, events.runs_database, events.ticks_database))
    return len(old)


def remove_runs_that_name(instance: dg.DagsterInstance, search: Search) -> int:
    """Remove every run that names what a purge searches for, with its events, checks, files and tags; gives how many.

    No free page of a database keeps what was removed. An instance with another storage than the one in our dagster.yaml is left alone.

    Raises:
        sqlalchemy.exc.DBAPIError: the storage cannot be written; the next call continues.
        sqlite3.OperationalError: another process is writing to the storage.
    """
    events = instance.event_log_storage
    if not isinstance(events, EventLog):
        return 0
    files = Path(instance.storage_directory())
    named = {
        run_id
        for run_id in events.runs_with_files()
        if any(search.is_in(file.read_bytes()) for file in events.files_of_run(run_id))
    }
    with engine(f"sqlite:///{events.runs_database}").connect() as runs:
        for run_id, body in runs.execute(sa.select(RunsTable.c.run_id, RunsTable.c.run_body)):
            if search.is_in(str(body).encode()):
                named.add(run_id)
    if named:
        _remove(events, files, named)
    for database in (events.index_database, events.runs_database, events.ticks_database):
        with closing(sqlite3.connect(database, timeout=PURGE_TIMEOUT_SECONDS)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(named)


def _remove(events: EventLog, files: Path, run_ids: Collection[str]) -> None:
    """Remove runs: the runs themselves go last, so that the next call finds them again if this breaks off."""
    events.remove_runs(run_ids)
    for run_id in run_ids:
        shutil.rmtree(files / run_id, ignore_errors=True)
    if run_ids:
        with engine(f"sqlite:///{events.runs_database}").begin() as runs:
            for table in (RunTagsTable, RunsTable):
                runs.execute(
                    table.delete().where(table.c.run_id == sa.bindparam("id")), [{"id": run_id} for run_id in run_ids]
                )


def _is_run_id(name: str) -> bool:
    with suppress(ValueError):
        return str(UUID(name)) == name
    return False


def _give_space_back(databases: Collection[Path]) -> None:
    """Rewrite the databases that have much free space. A database that another process is writing to is left for later."""
    for database in databases:
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(database, timeout=VACUUM_TIMEOUT_SECONDS)) as connection,
        ):
            ((free,),) = connection.execute("PRAGMA freelist_count").fetchall()
            ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
            if free > MIN_FREE_SHARE * pages:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
