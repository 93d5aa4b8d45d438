"""Run the job `sync_all` in this process, in the Dagster instance of the UI, with progress and a table at the end."""

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import dagster as dg
import sqlalchemy as sa
from rich.console import Console

from assets import instance, processes, settings
from assets.cli import documents, tables
from assets.cli.display import display
from assets.cli.output import err, show_json
from assets.definitions import build
from assets.location import IN_LOCATION
from assets.resources import opened_app, warehouse
from assets.roster import sync_districts
from pipelines import interruption
from pipelines.progress import Report
from pipelines.sync import EVENTS, FULL, require_host, sync
from pipelines.warehouse import WarehouseError
from pipelines.warehouse.statements import statement

GOOD = 0
"""Exit code: every district was applied or unchanged."""
FAILED = 1
"""Exit code: a district failed; all others are published."""
HELD = 3
"""Exit code: no district failed, but one is held: a person has to decide."""

POLL_SECONDS = 2.0
"""Seconds between checks whether the run was terminated in the UI."""

TERMINATED = (dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED)
"""States of a run that has to stop."""

JOBS = {FULL: "sync_all", EVENTS: "sync_events"}
"""The job of each mode."""

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines do not reach the terminal; they are in the UI."""


def sync_in_this_process(districts: Sequence[str], console: Console, mode: str = FULL, *, as_json: bool = False) -> int:
    """Run the job `sync_all`, or `sync_events`, for the districts, or for all if none is named.

    Returns the exit code: GOOD, FAILED or HELD.

    Raises:
        SettingsError: a setting is missing or cannot be used; nothing was begun.
        ForeignHostError: the districts of the warehouse come from another host; nothing was read or changed.
        UnusableFolderError: the folder cannot hold a warehouse; nothing was begun.
        Interrupted: a signal stopped the process before the sync had published.
    """
    _require_usable()
    warehouse().prepare()
    started = time.monotonic()
    config = {"districts": list(districts), "mode": mode}
    try:
        run_id, result = executed(
            lambda progress: build(progress, in_terminal=True).resolve_job_def(JOBS[mode]),
            {"ops": {sync_districts.name: {"config": config}}, "loggers": QUIET},
            err if as_json else console,
            is_done=lambda run_id, _: _is_published(run_id),
        )
    except instance.InstanceError as error:
        err.print(str(error), markup=False, style="red")
        return FAILED
    if result is None or not result.success:
        _require_usable()  # another sync may have been the first meanwhile, from another host
    seconds = time.monotonic() - started
    failures = [reason(event) for event in result.all_events if event.is_step_failure] if result else []
    document = documents.of_sync(warehouse(), run_id, seconds, failures)
    is_held = "held" in {district["outcome"] for district in document["districts"]}
    if as_json:
        show_json(document)
    else:
        tables.show_sync(warehouse(), run_id, seconds, console)
    for failure in failures:
        err.print(failure, markup=False, style="red")
    return FAILED if result is None or not result.success else HELD if is_held else GOOD


def _require_usable() -> None:
    """Report a setting that cannot be used, or another host than that of the warehouse, before a run begins.

    Raises:
        SettingsError: a setting is missing or cannot be used.
        ForeignHostError: the districts of the warehouse come from another host.
    """
    with opened_app() as app:
        require_host(app, warehouse())


def executed(
    make: Callable[[Report], dg.JobDefinition],
    config: Mapping[str, Any],
    console: Console,
    is_done: Callable[[str, dg.ExecuteInProcessResult | None], bool],
) -> tuple[str, dg.ExecuteInProcessResult | None]:
    """Run a job in this process, in the Dagster instance of the UI, and show its progress.

    Args:
        make: makes the job, which reports its progress to the function that it is given.
        config: the run config.
        console: where the progress is shown.
        is_done: whether the run with this ID and result has done what it was for, so that a signal came too late to stop it.

    Returns the ID of the run and its result; None if a signal has ended the run before its step began or after it ended.

    Raises:
        InstanceError: Dagster could not store its events.
        Interrupted: a signal stopped the run before it was done.
    """
    run_id = str(uuid.uuid4())
    with interruption.deferred(), instance.opened() as opened:
        with (
            processes.alive(warehouse().runs, run_id),
            _terminated_with(opened, run_id),
            display(console, warehouse()) as progress,
        ):
            result = _execute(opened, run_id, make(progress), config)
        if interruption.requested() and not is_done(run_id, result):
            _show_as_canceled(opened, run_id)
            interruption.check()
    return run_id, result


def _execute(
    opened: dg.DagsterInstance, run_id: str, job: dg.JobDefinition, config: Mapping[str, Any]
) -> dg.ExecuteInProcessResult | None:
    """Run the job; None if a signal has ended the run before its step began or after it ended."""
    try:
        return job.execute_in_process(
            instance=opened, run_config=config, raise_on_error=False, run_id=run_id, tags=IN_LOCATION
        )
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


def preview_in_this_process(
    districts: Sequence[str], console: Console, mode: str = FULL, *, as_json: bool = False
) -> int:
    """Show what a sync would change, and apply nothing.

    Returns the exit code: GOOD, FAILED or HELD, as the sync would.

    Raises:
        SettingsError: a setting is missing or cannot be used.
        ForeignHostError: the districts of the warehouse come from another host.
        CleverError: the connected districts could not be listed.
        Interrupted: a signal stopped the process.
    """
    with opened_app() as app, display(err if as_json else console, warehouse()) as progress:
        require_host(app, warehouse())
        app.clever.report_waits(progress)
        requested = districts or [district.id for district in app.districts]
        result = sync(
            app,
            warehouse(),
            str(uuid.uuid4()),
            requested,
            limits=settings.load().limits,
            report=progress,
            preview=True,
            mode=mode,
        )
    if as_json:
        show_json(documents.of_preview(result, warehouse().district_names()))
    else:
        tables.show_preview(result, console)
    for failure in result.causes:
        err.print(failure, markup=False, style="red")
    return FAILED if result.failures else HELD if result.holds else GOOD


def reason(event: dg.DagsterEvent) -> str:
    """Why a step failed, in the sentence of its failure."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"The sync failed: {error.message.strip() if error else 'see the run in the Dagster UI'}"
