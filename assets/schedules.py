"""When the roster is refreshed: the job, its daily schedule, and the sensor that watches the token list."""

import dagster as dg
import msgspec

from assets import settings
from assets.districts import district_partitions, registered
from assets.resources import opened_app, warehouse
from assets.roster import Districts, sync_districts
from pipelines.sync import require_host


@dg.graph
def districts() -> None:
    """Sync districts without partitions."""
    sync_districts()


sync_all_job = districts.to_job(
    name="sync_all",
    description="Sync all connected districts and publish the warehouse: the job to start with. To sync some districts only, name them in "
    "the run config, or select their partitions in the job `sync`.",
    executor_def=dg.in_process_executor,
)

sync_job = dg.define_asset_job(
    "sync",
    selection=dg.AssetSelection.all(),
    description="Sync single districts: select them as partitions. A district has a partition once the job `sync_all` or the sensor "
    "`districts` has found it. A run with no partition syncs all connected districts, as `sync_all` does.",
    executor_def=dg.in_process_executor,
)

sync_events_job = districts.to_job(
    name="sync_events",
    config=dg.RunConfig(ops={sync_districts.name: Districts(mode="events")}),
    description="Bring districts up to date by Clever's events, and publish the warehouse. A district whose events cannot be used is "
    "read in full, and so is one whose events change more than its limits allow. Still run the job `sync_all` every night: it finds "
    "what events have missed.",
    executor_def=dg.in_process_executor,
)

_SETTINGS = settings.load_for_definitions()


def _cron() -> str:
    hour, minute = _SETTINGS.clever_sync_time.split(":")
    return f"{int(minute)} {int(hour)} * * *"


@dg.schedule(
    job_name=sync_all_job.name,
    cron_schedule=_cron(),
    execution_timezone=_SETTINGS.clever_sync_timezone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Sync all connected districts every day, in one run (CLEVER_SYNC_TIME, CLEVER_SYNC_TIMEZONE).",
)
def daily_sync() -> dg.RunRequest:
    """One run for all districts that are connected then."""
    return dg.RunRequest()


@dg.schedule(
    job_name=sync_events_job.name,
    cron_schedule="15 * * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Bring all connected districts up to date by Clever's events every hour. For apps that have events.",
)
def frequent_events() -> dg.RunRequest:
    """One run for all districts that are connected then."""
    return dg.RunRequest()


@dg.sensor(
    name="districts",
    job_name=sync_all_job.name,  # Dagster 1.13.27 makes a copy of a sensor that has a job itself, and warns of the copy
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Finds districts that have authorized the app and syncs each immediately, also one that returns. Reports those "
    "that have disconnected; they keep their partition and their data.",
)
def districts_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Add a partition for each new district, and sync new and returned ones; the cursor holds the disconnected ones."""
    with opened_app() as app:
        require_host(app, warehouse())
        found = app.districts
    there = registered(context.instance)
    connected = [district.id for district in found]
    were_gone: list[str] = msgspec.json.decode(context.cursor, type=list[str]) if context.cursor else []
    gone = [
        district
        for district in there
        # While a token cannot be used, a district's absence proves nothing.
        if district not in connected and (district in were_gone or not found.failures)
    ]
    for district in gone:
        if district not in were_gone:
            context.log.warning(f"District {district} has disconnected: it is not synced, and its data is unchanged.")
    context.update_cursor(msgspec.json.encode(gone).decode())
    arrived = [district for district in connected if district not in there or district in were_gone]
    if not arrived:
        return dg.SkipReason(f"No new districts: {len(connected)} connected, {len(gone)} disconnected.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_config=dg.RunConfig(ops={sync_districts.name: Districts(districts=arrived)}))],
        dynamic_partitions_requests=[district_partitions.build_add_request(arrived)],
    )
