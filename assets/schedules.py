"""When the roster is refreshed: the job, its daily schedule, and the sensor that watches the token list."""

import dagster as dg
import msgspec

from assets import settings
from assets.districts import district_partitions, registered
from assets.resources import opened_app
from assets.roster import Districts, roster

sync_job = dg.define_asset_job(
    "sync",
    selection=dg.AssetSelection.all(),
    description="Sync districts and publish the warehouse. Select one or more districts as partitions. A run with no partition syncs all "
    "connected districts (or those in the run config). No partitions yet? Materialize `warehouse` or turn on the `districts` sensor.",
    executor_def=dg.in_process_executor,
)


_SETTINGS = settings.load_for_definitions()


def _cron() -> str:
    hour, minute = _SETTINGS.clever_sync_time.split(":")
    return f"{int(minute)} {int(hour)} * * *"


@dg.schedule(
    job=sync_job,
    cron_schedule=_cron(),
    execution_timezone=_SETTINGS.clever_sync_timezone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Sync all connected districts every day, in one run (CLEVER_SYNC_TIME, CLEVER_SYNC_TIMEZONE).",
)
def daily_sync() -> dg.RunRequest:
    """One run for all districts that are connected then."""
    return dg.RunRequest()


@dg.sensor(
    name="districts",
    job=sync_job,
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Finds districts that have authorized the app and syncs each immediately, also one that returns. Reports those "
    "that have disconnected; they keep their partition and their data.",
)
def districts_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Add a partition for each new district, and sync new and returned ones; the cursor holds the disconnected ones."""
    with opened_app() as app:
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
        run_requests=[dg.RunRequest(run_config=dg.RunConfig(ops={roster.op.name: Districts(districts=arrived)}))],
        dynamic_partitions_requests=[district_partitions.build_add_request(arrived)],
    )
