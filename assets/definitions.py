"""The table of contents: everything that Dagster loads (workspace.yaml points here)."""

import dagster as dg

from assets.operations import approve_hold, preview, reject_hold
from assets.resources import CleverAppResource, LimitsResource, WarehouseResource
from assets.roster import roster
from assets.schedules import daily_sync, districts_sensor, sync_job
from assets.verification import verify_legacy
from pipelines.progress import Report, silent


def build(progress: Report = silent) -> dg.Definitions:
    """The definitions, with a function that receives the progress events of a sync."""
    return dg.Definitions(
        assets=[roster],
        jobs=[sync_job, preview, approve_hold, reject_hold, verify_legacy],
        schedules=[daily_sync],
        sensors=[districts_sensor],
        resources={
            "clever_app": CleverAppResource(),
            "warehouse": WarehouseResource(),
            "limits": LimitsResource(),
            "progress": progress,
        },
    )


definitions = build()
