"""How `clever-warehouse sync` runs the job: in this process, in the instance that the UI shows, with progress and a table at the end."""

import time
import uuid
from collections.abc import Sequence

import dagster as dg
from rich.console import Console

from assets import instance, settings, tables_shown
from assets.definitions import build
from assets.display import display
from assets.resources import opened_app, warehouse
from assets.roster import Districts, roster
from pipelines.sync import sync

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines do not reach the terminal; they are in the UI."""


def sync_in_this_process(districts: Sequence[str], console: Console) -> int:
    """Run the job `sync` for the districts, or for all if none is named.

    Returns the exit code: 0 if every district was applied or unchanged, else 1.

    Raises:
        SettingsError: a setting is missing or cannot be used; nothing was begun.
        UnusableFolderError: the folder cannot hold a warehouse; nothing was begun.
    """
    with opened_app():
        pass  # a setting that cannot be used is told before a run begins
    warehouse().prepare()
    try:
        with instance.opened() as opened, display(console) as progress:
            job = build(progress).resolve_job_def("sync")
            config = dg.RunConfig(ops={roster.op.name: Districts(districts=list(districts))}, loggers=QUIET)
            started = time.monotonic()
            result = job.execute_in_process(instance=opened, run_config=config, raise_on_error=False)
            seconds = time.monotonic() - started
    except instance.InstanceError as error:
        console.print(str(error), markup=False, style="red")
        return 1
    tables_shown.show_sync(warehouse(), result.run_id, seconds, console)
    for event in result.all_events:
        if event.is_step_failure:
            console.print(_reason(event), markup=False, style="red")
    return 0 if result.success else 1


def preview_in_this_process(districts: Sequence[str], console: Console) -> int:
    """Show what a sync would change, and apply nothing.

    Returns the exit code: 0 if every district would be applied or is unchanged, else 1.

    Raises:
        SettingsError: a setting is missing or cannot be used.
        CleverError: Clever does not tell which districts are connected.
    """
    with opened_app() as app, display(console) as progress:
        asked = districts or [district.id for district in app.districts]
        result = sync(
            app, warehouse(), str(uuid.uuid4()), asked, limits=settings.load().limits, report=progress, preview=True
        )
    tables_shown.show_preview(result, console)
    return 0 if result.good else 1


def _reason(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"The sync failed: {error.message.strip() if error else 'see the run in the Dagster UI'}"
