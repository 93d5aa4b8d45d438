"""The assets of the roster: what Clever answered, the tables made from it, and the published file, updated by one sync."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.events import AssetMaterializationPlannedData
from pydantic import Field, field_validator

from assets import processes, reported, settings
from assets.catalog import STREAM_ASSETS, TABLES, stream_key, stream_spec, table_spec
from assets.districts import register, registered, selected
from assets.names import DistrictNames
from assets.reported import CHECKS, WAREHOUSE, Context, Shown
from assets.resources import worker_warehouse
from assets.retention import remove_old_runs
from assets.settings import district_id
from assets.steps import reporting, running
from pipelines.clever import USERS, CleverError, Stream
from pipelines.clever.app import CleverApp
from pipelines.operations.old_files import remove_old_files
from pipelines.progress import Report
from pipelines.sync import MODES, OUTCOMES, UP_TO_DATE, LimitsByDistrict, Outcome, SyncResult, require_host, sync
from pipelines.warehouse import Warehouse, WarehouseError

WORKERS = "clever/workers"
"""The tag of a run that begins a sync of several workers: how many there are."""

MODE = "clever/mode"
"""The tag that says in which mode they sync."""

SYNC = "clever/sync"
"""The tag of each run that continues it: the ID of the first."""

WORKER = "clever/worker"
"""The tag of the run of a worker, such as "2 of 4"."""


class Districts(dg.Config):
    """Districts of a run without partitions."""

    districts: list[str] = Field(default=[], description="Clever district IDs. Default: all connected districts.")
    mode: str = Field(
        default="full",
        description="full (read everything) or events (apply what changed since the last sync; what has no events is read in full).",
    )

    worker: str = Field(
        default="",
        pattern=r"^([1-9]\d? of [1-9]\d?)?$",
        description='Which of several workers syncs its part of the districts, such as "2 of 4". Set by the sensor `workers`.',
    )
    sync_id: str = Field(
        default="", description="ID of the sync that several workers carry out. Set by the sensor `workers`."
    )

    @field_validator("districts")
    @classmethod
    def _as_clever_writes_them(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(district_id(district) for district in value))

    @field_validator("mode")
    @classmethod
    def _is_a_mode(cls, value: str) -> str:
        if value not in MODES:
            message = f"must be one of {', '.join(MODES)}"
            raise ValueError(message)
        return value


@dg.multi_asset(
    name="sync_roster",
    specs=[
        *(stream_spec(stream) for stream in STREAM_ASSETS),
        *(table_spec(table) for table in TABLES),
        WAREHOUSE,
    ],
    check_specs=CHECKS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
)
def roster(
    context: dg.AssetExecutionContext,
    config: Districts,
    clever_app: dg.ResourceParam[CleverApp],
    warehouse: dg.ResourceParam[Warehouse],
    limits: dg.ResourceParam[LimitsByDistrict],
    progress: dg.ResourceParam[Report],
) -> Iterator[dg.Output[None]]:
    """Sync the districts of the run and publish; fail afterwards if one of them could not be updated.

    Whichever assets the run selects, all of them are brought up to date together, and shown as such: a table cannot be
    newer than the others, and no stream is verified without the role views. So the step reports what was materialized instead of
    giving outputs for what was selected; a backfill that Dagster would carry out in two runs (partitioned assets, then the
    others) is done after the first. A run that selects nothing but checks asks the published file, and Clever nothing.
    """
    report = reporting(context, warehouse, progress)
    if context.selected_asset_keys:
        _say_what_is_selected(context)
        _run(context, config, clever_app, warehouse, limits, report)
    else:
        context.log.info("Only checks are selected: they are evaluated on the published file, without asking Clever.")
        with running(context, warehouse):
            reported.report(context, warehouse)
    for spec in CHECKS:
        # The results are stored; without these, the log would say that they are missing.
        if spec.key in context.selected_asset_check_keys:
            yield dg.Output(None, output_name=spec.get_python_identifier())


@dg.op(description="Sync all connected districts, or those of the configuration, and publish the warehouse.")
def sync_districts(
    context: dg.OpExecutionContext,
    config: Districts,
    clever_app: dg.ResourceParam[CleverApp],
    warehouse: dg.ResourceParam[Warehouse],
    limits: dg.ResourceParam[LimitsByDistrict],
    progress: dg.ResourceParam[Report],
    in_terminal: dg.ResourceParam[bool],
) -> None:
    """Sync without partitions: the same as the asset step does, and all assets are shown as materialized.

    Where there are several workers, a run for all districts only begins the sync: the sensor `workers` launches a run for each.
    """
    count = settings.load().clever_workers
    if count > 1 and not (config.worker or config.districts or in_terminal):
        context.instance.add_run_tags(context.run.run_id, {WORKERS: str(count), MODE: config.mode})
        context.log.info(
            f"The sync begins: the sensor `workers` launches a run for each of {count} workers (CLEVER_WORKERS), with the tag "
            f"{SYNC}={context.run.run_id}."
        )
        return
    _run(context, config, clever_app, warehouse, limits, reporting(context, warehouse, progress))


def _run(
    context: Context,
    config: Districts,
    clever_app: CleverApp,
    warehouse: Warehouse,
    limits: LimitsByDistrict,
    report: Report,
) -> None:
    started = time.monotonic()
    try:
        with running(context, warehouse, retries=2):
            result = _sync(context, config, clever_app, warehouse, limits, report)
    except dg.Failure:
        with suppress(WarehouseError):
            reported.report(context, warehouse)
        raise
    figures = {"seconds": round(time.monotonic() - started, 1), **_figures(result, DistrictNames(warehouse))}
    with running(context, warehouse):
        reported.report(context, warehouse, Shown(_read(result), figures))
    if result.failures:
        raise dg.Failure(_failure(result, DistrictNames(warehouse)), allow_retries=False)


def _sync(
    context: Context,
    config: Districts,
    clever_app: CleverApp,
    warehouse: Warehouse,
    limits: LimitsByDistrict,
    report: Report,
) -> SyncResult:
    require_host(clever_app, warehouse)
    clever_app.clever.report_waits(report)
    _end_runs_without_process(context, warehouse)
    if warehouse.purging.exists():
        # Imported where it is needed: most syncs find no purge that was interrupted.
        from assets import purging  # noqa: PLC0415

        try:
            purging.end_interrupted(context.instance, warehouse, report)
        except WarehouseError as error:
            # Other people's data must not become old over it; the next sync tries again.
            context.log.warning(str(error))
    requested = _requested(context, config, clever_app)
    result = sync(
        clever_app,
        worker_warehouse(config.worker) if config.worker else warehouse,
        config.sync_id or context.run.run_id,
        requested,
        limits=limits,
        report=report,
        mode=config.mode,
    )
    names = DistrictNames(warehouse)
    done = [outcome for outcome in result.outcomes if outcome.outcome in UP_TO_DATE]
    if done:
        context.log.info(names.in_text("\n".join(_sentence(outcome) for outcome in done)))
    for outcome in result.outcomes:
        if outcome.outcome == "failed":
            _show_as_failed(context, outcome, clever_app.streams)
    for failure in result.failures:
        context.log.error(names.in_text(failure))
    for hold in result.holds:
        context.log.warning(names.in_text(hold))
    for district in result.disconnected:
        context.log.warning(
            f"District {names.named(district)} is disconnected: it was not synced, and its data is unchanged."
        )
    _tag(context, result)
    _remove_old_runs(context)
    _remove_old_files(context, warehouse)
    return result


def _say_what_is_selected(context: dg.AssetExecutionContext) -> None:
    every = len(STREAM_ASSETS) + len(TABLES) + 1
    if len(context.selected_asset_keys) < every:
        context.log.info(
            f"This run selects {len(context.selected_asset_keys)} of {every} assets. A sync updates all of them together, "
            "so that they agree, and all are materialized."
        )


def _tag(context: Context, result: SyncResult) -> None:
    """Tag the run with its result, so that runs with a held or failed district can be found in the list of runs."""
    outcomes = Counter(outcome.outcome for outcome in result.outcomes)
    worst = "failed" if result.failures else "held" if outcomes["held"] else "succeeded"
    tags = {
        "clever/outcome": worst,
        **{f"clever/{each}": str(outcomes[each]) for each in ("held", "failed") if outcomes[each]},
    }
    context.instance.add_run_tags(context.run.run_id, tags)


def _requested(context: Context, config: Districts, clever_app: CleverApp) -> list[str]:
    """The districts to sync: the selected partitions, or those of the configuration, or every connected district.

    Where the token list is not known as a whole, these are all that have a partition: the sync finds which of them failed.
    """
    # A run keeps what it was launched for, so that is read before the partitions change.
    partitions = selected(context.instance, context.run) if context.run.is_partitioned else None
    if partitions == []:
        message = (
            "This run selects no district, so nothing was synced. A range of partitions is empty if its first partition was "
            "added after its last. Fix: select the partitions again and launch a new run."
        )
        raise dg.Failure(message, allow_retries=False)
    try:
        found = clever_app.districts
        connected = [district.id for district in found]
        register(context.instance, connected)
        every = registered(context.instance) if found.failures else connected
    except CleverError:
        every = registered(context.instance)
    requested = partitions or config.districts or every
    context.log.info(f"Districts of this run: {', '.join(requested) or 'none'}.")
    return requested


def _end_runs_without_process(context: Context, warehouse: Warehouse) -> None:
    """Mark runs whose process was killed as failed in the UI; a failure here does not fail the sync."""
    try:
        ended = processes.end_runs_without_process(warehouse.runs, context.instance, context.run.run_id)
    except sa.exc.DBAPIError as error:
        context.log.warning(
            f"Runs that were killed could not be marked as failed ({error.orig}); the next sync tries again."
        )
    else:
        for run_id in ended:
            context.log.warning(f"The process of run {run_id} is gone, so that run is marked as failed.")


def _remove_old_runs(context: Context) -> None:
    """Keep Dagster's storage small; a failure here does not fail the sync."""
    days = settings.load().clever_dagster_retention_days
    try:
        removed = remove_old_runs(context.instance, days) if days else 0
    except sa.exc.DBAPIError as error:
        context.log.warning(f"Old Dagster runs could not be removed ({error.orig}); the next sync tries again.")
    else:
        if removed:
            context.log.info(f"Removed {removed} Dagster runs older than {days} days (CLEVER_DAGSTER_RETENTION_DAYS).")


def _remove_old_files(context: Context, warehouse: Warehouse) -> None:
    """Keep reports and exports no longer than the settings say; a failure here does not fail the sync."""
    days = settings.load().clever_files_days
    try:
        removed = remove_old_files(warehouse, days) if days else 0
    except OSError as error:
        context.log.warning(
            f"Old reports and exports could not be removed ({error.strerror}); the next sync tries again."
        )
    else:
        if removed:
            context.log.info(f"Removed {removed} reports and exports older than {days} days (CLEVER_FILES_DAYS).")


def _read(result: SyncResult) -> list[dg.AssetMaterialization]:
    """What was read of each district that is up to date."""
    return [
        dg.AssetMaterialization(
            ["clever", receipt.stream],
            partition=outcome.district_id,
            metadata={
                "dagster/row_count": receipt.records,
                "pages": len(receipt.pages),
                "megabytes": round(receipt.bytes / reported.BYTES_PER_MEGABYTE, 1),
                "digest": receipt.digest,
            },
        )
        for outcome in result.outcomes
        if outcome.outcome in UP_TO_DATE
        for receipt in outcome.receipts
    ]


def _show_as_failed(context: Context, outcome: Outcome, streams: Iterable[Stream]) -> None:
    """Show in the catalog that a district's partitions of the streams that are read failed."""
    if not context.run.is_partitioned:
        # Dagster shows a partition as failed if a run that failed had planned it; a run without partitions plans none.
        for stream in streams:
            planned = AssetMaterializationPlannedData(stream_key(stream), partition=outcome.district_id)
            event = dg.DagsterEvent.build_asset_materialization_planned_event(
                context.job_name, context.get_step_execution_context().op_def.name, planned
            )
            context.instance.report_dagster_event(event, context.run.run_id)


def _sentence(outcome: Outcome) -> str:
    return f"District {outcome.district_id}: {outcome.outcome} ({outcome.counts})."


def _failure(result: SyncResult, names: DistrictNames) -> str:
    failed = [outcome for outcome in result.outcomes if outcome.outcome == "failed"]
    failed = [outcome for outcome in failed if outcome.error not in result.failed_tokens]
    count = f"{len(failed)} of {len(result.outcomes)} districts were not updated. All others are published."
    return names.in_text("\n".join([count, *result.causes] if failed else result.causes))


def _figures(result: SyncResult, names: DistrictNames) -> Mapping[str, Any]:
    """Numbers of the whole sync, which the UI plots over time, and tables with a row per district and a row per role."""
    outcomes = [outcome.outcome for outcome in result.outcomes]
    rows = [
        dg.TableRecord(
            {
                "name": names.get(outcome.district_id) or "",
                "district": outcome.district_id,
                "outcome": outcome.outcome,
                "added": outcome.counts.added,
                "updated": outcome.counts.updated,
                "archived": outcome.counts.archived,
                "restored": outcome.counts.restored,
                "users": sum(receipt.records for receipt in outcome.receipts if receipt.stream == USERS.name),
            }
        )
        for outcome in result.outcomes
    ]
    roles = [
        dg.TableRecord(
            {"role or type": role, "before": change.before, **asdict(change.counts), "unchanged": change.unchanged}
        )
        for role, change in result.by_role.items()
    ]
    return {
        **{f"districts_{outcome}": outcomes.count(outcome) for outcome in OUTCOMES},
        **{
            f"people_{count}": sum(getattr(outcome.counts, count) for outcome in result.outcomes)
            for count in ("added", "updated", "archived", "restored")
        },
        **({"districts": dg.MetadataValue.table(rows)} if rows else {}),
        **({"roles": dg.MetadataValue.table(roles)} if roles else {}),
    }
