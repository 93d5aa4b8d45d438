"""How a sync of a lake fans out: a run per worker, each with its part of the districts, and the run that settles what they leave."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from pydantic import Field

from assets import reported, settings
from assets.roster import MODE, SYNC, WORKER, WORKERS, Districts, sync_districts
from assets.schedules import sync_all_job
from assets.steps import reporting, running
from pipelines.progress import Report
from pipelines.sync import settle
from pipelines.warehouse import Warehouse

RECENT = timedelta(days=1)
"""For how long after its first run a sync is continued."""

MOST = 64
"""Workers of a sync, as the settings allow."""


class SettledSync(dg.Config):
    """The sync that is settled."""

    sync_id: str = Field(description="ID of the sync: that of the run that began it.")


@dg.op(description="Find what depends on the districts of several workers, after all of them have ended.")
def settle_sync(
    context: dg.OpExecutionContext,
    config: SettledSync,
    warehouse: dg.ResourceParam[Warehouse],
    progress: dg.ResourceParam[Report],
) -> None:
    """Settle a sync, and show the present state of the warehouse."""
    with running(context, warehouse, retries=2):
        if not settle(warehouse, config.sync_id, reporting(context, warehouse, progress)):
            context.log.info("Nothing depends on the districts of several workers.")
    with running(context, warehouse):
        reported.report(context, warehouse)


@dg.job(
    name="settle",
    executor_def=dg.in_process_executor,
    description="Finish a sync of several workers (CLEVER_WORKERS): place the links that only migration CSVs and API v2.1 tell, and "
    "evaluate the rules across districts. The sensor `settling` launches it.",
)
def settle_job() -> None:
    """Settle a sync."""
    settle_sync()


_STATUS = (
    dg.DefaultSensorStatus.RUNNING
    if settings.load_for_definitions().clever_workers > 1
    else dg.DefaultSensorStatus.STOPPED
)


@dg.sensor(
    name="workers",
    job_name=sync_all_job.name,
    minimum_interval_seconds=5,
    default_status=_STATUS,
    description="Launches a run for each worker of a lake (CLEVER_WORKERS) when a sync of all districts has begun.",
)
def workers_sensor(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Request the runs that are missing: what is requested twice has the same key, so Dagster launches it once."""
    requests = [
        dg.RunRequest(
            run_key=f"{begun.run_id} {worker}",
            run_config=dg.RunConfig(
                ops={
                    sync_districts.name: Districts(mode=begun.tags[MODE], worker=worker, sync_id=begun.run_id),
                }
            ),
            tags={SYNC: begun.run_id, WORKER: worker},
        )
        for begun in _begun(context.instance)
        for worker in _missing(begun, _runs(context.instance, begun))
    ]
    return requests or dg.SkipReason("Each worker of the last day's syncs has its run.")


@dg.sensor(
    name="settling",
    job_name=settle_job.name,
    minimum_interval_seconds=5,
    default_status=_STATUS,
    description="Launches the job `settle` when the runs of all workers of a sync have ended.",
)
def settling_sensor(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Request the runs that are missing: what is requested twice has the same key, so Dagster launches it once."""
    requests = [
        dg.RunRequest(
            run_key=f"{begun.run_id} settle",
            run_config=dg.RunConfig(ops={settle_sync.name: SettledSync(sync_id=begun.run_id)}),
            tags={SYNC: begun.run_id},
        )
        for begun in _begun(context.instance)
        if (runs := _runs(context.instance, begun))
        and not _missing(begun, runs)
        and all(run.is_finished for run in runs)
        and settle_job.name not in {run.job_name for run in runs}
    ]
    return requests or dg.SkipReason("Nothing of the last day's syncs is to be settled yet.")


def _begun(instance: dg.DagsterInstance) -> Sequence[dg.DagsterRun]:
    """The runs that began a sync of several workers within the last day."""
    counts = [str(count) for count in range(2, MOST + 1)]
    return instance.get_runs(
        dg.RunsFilter(
            tags={WORKERS: counts},
            statuses=[dg.DagsterRunStatus.SUCCESS],
            created_after=datetime.now(UTC) - RECENT,
        )
    )


def _runs(instance: dg.DagsterInstance, begun: dg.DagsterRun) -> Sequence[dg.DagsterRun]:
    """The runs that continue a sync."""
    return instance.get_runs(dg.RunsFilter(tags={SYNC: begun.run_id}))


def _missing(begun: dg.DagsterRun, runs: Sequence[dg.DagsterRun]) -> list[str]:
    """The workers that have no run yet."""
    count = int(begun.tags[WORKERS])
    has_run = {run.tags.get(WORKER) for run in runs}
    return [worker for number in range(1, count + 1) if (worker := f"{number} of {count}") not in has_run]
