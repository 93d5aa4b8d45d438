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
from dagster._core.storage.dagster_run import FINISHED_STATUSES, RunsFilter
from dagster._core.storage.runs.schema import RunsTable, RunTagsTable
from dagster._core.storage.runs.sqlite import SqliteRunStorage

from assets.storage import EventLog

WORTH_A_VACUUM = 0.25
"""Share of a database's pages that are free before it is written anew; below that, the next runs fill them."""

VACUUM_WAITS = 1.0
"""Seconds to wait for another process that writes; if it takes longer, a later sync gives the space back."""


def remove_old_runs(instance: dg.DagsterInstance, days: int) -> int:
    """Remove every finished run older than so many days, with its events, checks, files and tags, and old ticks.

    A run stays if it holds the latest materialization of a partition or the latest evaluation of a check, so that the UI
    shows what it showed before. What is left of runs that were deleted in another way is removed too. An instance with
    another storage than the one in our dagster.yaml may hold runs of others and is left alone.

    Returns:
        How many runs were removed.

    Raises:
        sqlalchemy.exc.DBAPIError: the storage cannot be written; the next call goes on.
    """
    events, runs = instance.event_log_storage, instance.run_storage
    if not isinstance(events, EventLog) or not isinstance(runs, SqliteRunStorage):
        return 0
    before = datetime.now(UTC) - timedelta(days=days)
    finished = RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before)
    old = set(instance.get_run_ids(finished))
    if old:
        old -= events.runs_of_latest_results()
    files = Path(instance.storage_directory())
    with_files = events.runs_with_files() | {entry.name for entry in files.glob("*-*") if _is_run_id(entry.name)}
    with runs.connect() as connection:
        known = set(connection.execute(sa.select(RunsTable.c.run_id)).scalars())
    removed = old | (with_files - known)
    # The run itself goes last: if this breaks off, the next call finds it again.
    events.remove_runs(removed)
    for run_id in removed:
        shutil.rmtree(files / run_id, ignore_errors=True)
        with runs.connect() as connection:
            for table in (RunTagsTable, RunsTable):
                connection.execute(table.delete().where(table.c.run_id == run_id))
    for state in instance.all_instigator_state():
        instance.purge_ticks(state.instigator_origin_id, state.selector_id, before.timestamp())
    _give_space_back(events.shared_databases)
    return len(old)


def _is_run_id(name: str) -> bool:
    with suppress(ValueError):
        return str(UUID(name)) == name
    return False


def _give_space_back(databases: Collection[Path]) -> None:
    """Write the databases anew that have much free space. One that another process writes to now is left for later."""
    for database in databases:
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(database, timeout=VACUUM_WAITS)) as connection:
            ((free,),) = connection.execute("PRAGMA freelist_count").fetchall()
            ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
            if free > WORTH_A_VACUUM * pages:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
