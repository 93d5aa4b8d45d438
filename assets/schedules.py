"""When the roster is refreshed: the job, its daily schedule, and the sensor that watches the token list."""

import dagster as dg

from assets import settings
from assets.districts import district_partitions, registered
from assets.resources import opened_app
from assets.roster import Districts, roster

sync_job = dg.define_asset_job(
    "sync",
    selection=dg.AssetSelection.all(),
    description="Sync districts and publish the warehouse. Choose one or several districts as partitions; a run without any is "
    "for every connected district, or for those of its configuration. If there are none to choose from yet, materialize the "
    "asset `warehouse`, or start the sensor `districts`.",
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
    description="Every day: sync every connected district in one run (CLEVER_SYNC_TIME, CLEVER_SYNC_TIMEZONE).",
)
def daily_sync() -> dg.RunRequest:
    """One run for all districts that are connected then."""
    return dg.RunRequest()


@dg.sensor(
    name="districts",
    job=sync_job,
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Finds districts that have authorised the app and those that have disconnected; a new one is synced at once.",
)
def districts_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Bring the partitions in line with Clever's token list."""
    with opened_app() as app:
        found = app.districts
    there = registered(context.instance)
    connected = [district.id for district in found]
    arrived = [district for district in connected if district not in there]
    left = [] if found.failures else [district for district in there if district not in connected]
    if not arrived and not left:
        return dg.SkipReason(f"Clever shows the districts that are registered: {len(connected)}.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_config=dg.RunConfig(ops={roster.op.name: Districts(districts=arrived)}))]
        if arrived
        else [],
        dynamic_partitions_requests=[
            *([district_partitions.build_add_request(arrived)] if arrived else []),
            *([district_partitions.build_delete_request(left)] if left else []),
        ],
    )
