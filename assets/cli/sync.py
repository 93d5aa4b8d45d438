"""Run the job `sync` in this process, in the Dagster instance of the UI, with progress and a table at the end."""

import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import dagster as dg
import sqlalchemy as sa
from rich.console import Console

from assets import instance, processes, settings
from assets.cli import tables
from assets.cli.display import display
from assets.definitions import build
from assets.resources import opened_app, warehouse
from assets.roster import Districts, roster
from pipelines import interruption
from pipelines.progress import Report
from pipelines.sync import sync
from pipelines.warehouse import WarehouseError
from pipelines.warehouse.statements import statement

POLL_SECONDS = 2.0
"""Seconds between checks whether the run was terminated in the UI."""

TERMINATED = (dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED)
"""States of a run that has to stop."""

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines do not reach the terminal; they are in the UI."""


def sync_in_this_process(districts: Sequence[str], console: Console) -> int:
    """Run the job `sync` for the districts, or for all if none is named.

    Returns the exit code: 0 if every district was applied or unchanged, else 1.

    Raises:
        SettingsError: a setting is missing or cannot be used; nothing was begun.
        UnusableFolderError: the folder cannot hold a warehouse; nothing was begun.
        Interrupted: a signal stopped the process before the sync had published.
    """
    with opened_app():
        pass  # reports an invalid setting before a run begins
    warehouse().prepare()
    run_id = str(uuid.uuid4())
    started = time.monotonic()
    try:
        with interruption.deferred(), instance.opened() as opened:
            with (
                processes.alive(warehouse().runs, run_id),
                _terminated_with(opened, run_id),
                display(console) as progress,
            ):
                result = _execute(opened, run_id, districts, progress)
            seconds = time.monotonic() - started
            if interruption.requested() and not _is_published(run_id):
                _show_as_canceled(opened, run_id)
                interruption.check()
    except instance.InstanceError as error:
        console.print(str(error), markup=False, style="red")
        return 1
    tables.show_sync(warehouse(), run_id, seconds, console)
    for event in result.all_events if result else ():
        if event.is_step_failure:
            console.print(_reason(event), markup=False, style="red")
    return 0 if result and result.success else 1


def _execute(
    opened: dg.DagsterInstance, run_id: str, districts: Sequence[str], progress: Report
) -> dg.ExecuteInProcessResult | None:
    """Run the job; None if a signal has ended the run before its step began or after it ended."""
    job = build(progress).resolve_job_def("sync")
    config = dg.RunConfig(ops={roster.op.name: Districts(districts=list(districts))}, loggers=QUIET)
    try:
        return job.execute_in_process(instance=opened, run_config=config, raise_on_error=False, run_id=run_id)
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
        return None


@contextmanager
def _terminated_with(opened: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Stop this process when its run is terminated in the UI, which marks the run but cannot reach the process."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            with suppress(sa.exc.DBAPIError):
                run = opened.get_run_by_id(run_id)
                if run is not None and run.status in TERMINATED:
                    os.kill(os.getpid(), signal.SIGINT)
                    return

    watcher = threading.Thread(target=watch, name="terminate", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _is_published(sync_id: str) -> bool:
    """Whether the published file has the result of a sync."""
    try:
        with warehouse().reading() as connection:
            return bool(connection.execute(statement("shown/sync"), [sync_id]).fetchall())
    except WarehouseError:
        return False


def _show_as_canceled(opened: dg.DagsterInstance, run_id: str) -> None:
    """Let the UI show a run as canceled, at whatever point a signal has ended it."""
    run = opened.get_run_by_id(run_id)
    if run is not None and run.status is not dg.DagsterRunStatus.CANCELED:
        opened.report_run_canceled(run, interruption.NOTHING_PUBLISHED)


def preview_in_this_process(districts: Sequence[str], console: Console) -> int:
    """Show what a sync would change, and apply nothing.

    Returns the exit code: 0 if every district would be applied or is unchanged, else 1.

    Raises:
        SettingsError: a setting is missing or cannot be used.
        CleverError: the connected districts could not be listed.
        Interrupted: a signal stopped the process.
    """
    with opened_app() as app, display(console) as progress:
        requested = districts or [district.id for district in app.districts]
        result = sync(
            app, warehouse(), str(uuid.uuid4()), requested, limits=settings.load().limits, report=progress, preview=True
        )
    tables.show_preview(result, console)
    return 0 if result.succeeded else 1


def _reason(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"The sync failed: {error.message.strip() if error else 'see the run in the Dagster UI'}"
