"""The table of contents: everything that Dagster loads (workspace.yaml points here)."""

import dagster as dg

from assets.alerts import alerts_sensor
from assets.group_approval import approve_holds
from assets.maintenance import maintain, weekly_maintenance
from assets.operations import approve_hold, preview, reject_hold, rollback
from assets.resources import CleverAppResource, LimitsResource, WarehouseResource
from assets.roster import roster
from assets.schedules import daily_sync, districts_sensor, frequent_events, sync_all_job, sync_events_job, sync_job
from assets.verification import verify_legacy
from assets.workers import settle_job, settling_sensor, workers_sensor
from pipelines.progress import Report, silent


def build(progress: Report = silent, *, in_terminal: bool = False) -> dg.Definitions:
    """The definitions.

    Args:
        progress: receives the progress events of a sync.
        in_terminal: that a command runs them, not the UI.
    """
    return dg.Definitions(
        assets=[roster],
        jobs=[
            sync_all_job,
            sync_job,
            sync_events_job,
            preview,
            approve_hold,
            reject_hold,
            approve_holds,
            rollback,
            verify_legacy,
            maintain,
            settle_job,
        ],
        schedules=[daily_sync, frequent_events, weekly_maintenance],
        sensors=[districts_sensor, alerts_sensor, workers_sensor, settling_sensor],
        resources={
            "clever_app": CleverAppResource(),
            "warehouse": WarehouseResource(),
            "limits": LimitsResource(),
            "progress": progress,
            "in_terminal": in_terminal,
        },
    )


definitions = build()
