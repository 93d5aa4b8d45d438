"""How a lake is kept small and fast: a job, and its weekly schedule."""

import dagster as dg

from assets import settings
from assets.steps import reporting
from pipelines.warehouse import Warehouse


@dg.op(description="Rewrite, merge and forget files of a lake. A file needs no maintenance.")
def maintain_lake(context: dg.OpExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Maintain the lake, and log what was done."""
    context.log.info(warehouse.maintain(reporting(context, warehouse)))


@dg.job(
    executor_def=dg.in_process_executor,
    description="Keep a lake small and fast: rewrite files of which rows were deleted, merge small ones, forget states older than "
    "CLEVER_LAKE_SNAPSHOT_DAYS. Syncs wait meanwhile; readers do not.",
)
def maintain() -> None:
    """Maintain the lake."""
    maintain_lake()


@dg.schedule(
    job_name="maintain",
    cron_schedule="0 12 * * 6",
    execution_timezone=settings.load_for_definitions().clever_sync_timezone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Maintain the lake every Saturday at noon (CLEVER_SYNC_TIMEZONE).",
)
def weekly_maintenance() -> dg.RunRequest:
    """One run."""
    return dg.RunRequest()
