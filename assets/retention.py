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

FINISHED = frozenset(status.value for status in FINISHED_STATUSES)

MIN_FREE_SHARE = 0.25
"""Share of a database's pages that are free before it is rewritten; below that, the next runs fill them."""

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
    # The runs themselves go last: if this breaks off, the next call finds them again.
    events.remove_runs(removed)
    for run_id in removed:
        shutil.rmtree(files / run_id, ignore_errors=True)
    if removed:
        with runs_engine.begin() as runs, ticks_engine.begin() as ticks:
            for table in (RunTagsTable, RunsTable):
                runs.execute(
                    table.delete().where(table.c.run_id == sa.bindparam("id")), [{"id": run_id} for run_id in removed]
                )
            ticks.execute(JobTickTable.delete().where(JobTickTable.c.timestamp < before))
    _give_space_back((events.index_database, events.runs_database, events.ticks_database))
    return len(old)


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
