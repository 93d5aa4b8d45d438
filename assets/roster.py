"""The assets of the roster: what Clever answered, the tables made from it, and the published file, brought up to date by one sync."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.events import AssetMaterializationPlannedData, DagsterEventBatchMetadata
from pydantic import Field, field_validator

from assets import processes, settings
from assets.catalog import TABLES, column_lineage, stream_key, stream_spec, table_spec, warehouse_spec
from assets.districts import register, registered, selected
from assets.retention import remove_old_runs
from assets.settings import district_id
from assets.steps import running
from pipelines.clever import STREAMS, USERS, CleverError
from pipelines.clever.app import CleverApp
from pipelines.progress import Event, Notice, PageLanded, ReadAgain, Report, Stage, StreamResumed, Waiting
from pipelines.sync import OUTCOMES, UP_TO_DATE, LimitsByDistrict, Outcome, SyncResult, sync
from pipelines.warehouse import Warehouse
from pipelines.warehouse.checks import checks

WAREHOUSE = warehouse_spec()

VERIFIED = dg.AssetCheckSpec(
    "read_is_proven",
    asset=stream_key(USERS),
    description="All pages were read, IDs are unique, every record belongs to the district, and /users agrees with the five role views.",
)
HOLD = dg.AssetCheckSpec(
    "no_mass_change_is_held",
    asset="warehouse",
    description="No district is on hold waiting for approval.",
)
DRIFT = dg.AssetCheckSpec(
    "records_are_as_documented",
    asset=stream_key(USERS),
    description="Records have only documented fields, roles, values, and types. No field appeared, and none lost all its values.",
)
APPLIED = dg.AssetCheckSpec(
    "every_district_is_up_to_date",
    asset="warehouse",
    description="Every connected district of the sync is applied or unchanged.",
)


class Districts(dg.Config):
    """Districts of a run without partitions."""

    districts: list[str] = Field(default=[], description="Clever district IDs. Default: all connected districts.")

    @field_validator("districts")
    @classmethod
    def _as_clever_writes_them(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(district_id(district) for district in value))


@dg.multi_asset(
    name="sync_roster",
    specs=[
        *(stream_spec(stream) for stream in STREAMS),
        *(table_spec(table) for table in TABLES),
        WAREHOUSE,
    ],
    check_specs=[
        VERIFIED,
        DRIFT,
        HOLD,
        APPLIED,
        *(dg.AssetCheckSpec(check.name, asset=check.table, description=check.description) for check in checks()),
    ],
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
) -> Iterator[dg.AssetMaterialization]:
    """Sync the districts of the run and publish; fail afterwards if one of them could not be updated.

    Whichever assets the run selects, all of them are brought up to date together, and shown as such: a table cannot be
    newer than the others, and no stream is verified without the role views. So the step reports what was materialized instead of
    giving outputs for what was selected; a backfill that Dagster would carry out in two runs (partitioned assets, then the
    others) is done after the first.
    """
    with running(context, warehouse, retries=2):
        _sync(context, config, clever_app, warehouse, limits, progress)
    yield from ()  # all is stored already: Dagster takes signals back between two events of a generator


def _sync(
    context: dg.AssetExecutionContext,
    config: Districts,
    clever_app: CleverApp,
    warehouse: Warehouse,
    limits: LimitsByDistrict,
    progress: Report,
) -> None:
    started = time.monotonic()

    def report(event: Event) -> None:
        log_event(context.log, event)
        progress(event)

    _end_runs_without_process(context, warehouse)
    requested = _requested(context, config, clever_app)
    result = sync(clever_app, warehouse, context.run.run_id, requested, limits=limits, report=report)
    _materialize(context, [outcome for outcome in result.outcomes if outcome.outcome in UP_TO_DATE])
    for outcome in result.outcomes:
        if outcome.error:
            _show_as_failed(context, outcome)
    for failure in result.failures:
        context.log.error(failure)
    for district in result.disconnected:
        context.log.warning(f"District {district} is disconnected: it was not synced, and its data is unchanged.")
    figures = _figures(result, warehouse, time.monotonic() - started)
    _store(
        context,
        [
            *(dg.AssetMaterialization(table.name, metadata=_table_figures(table, result)) for table in TABLES),
            dg.AssetMaterialization(WAREHOUSE.key, metadata=figures),
        ],
    )
    for evaluation in _evaluations(result):
        context.log_event(evaluation)
    _remove_old_runs(context)
    if not result.succeeded:
        raise dg.Failure(_failure(result), allow_retries=False)


def _requested(context: dg.AssetExecutionContext, config: Districts, clever_app: CleverApp) -> list[str]:
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


def _end_runs_without_process(context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
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


def _remove_old_runs(context: dg.AssetExecutionContext) -> None:
    """Keep Dagster's storage small; a failure here does not fail the sync."""
    days = settings.load().clever_dagster_retention_days
    try:
        removed = remove_old_runs(context.instance, days) if days else 0
    except sa.exc.DBAPIError as error:
        context.log.warning(f"Old Dagster runs could not be removed ({error.orig}); the next sync tries again.")
    else:
        if removed:
            context.log.info(f"Removed {removed} Dagster runs older than {days} days (CLEVER_DAGSTER_RETENTION_DAYS).")


def _materialize(context: dg.AssetExecutionContext, outcomes: Sequence[Outcome]) -> None:
    """Show in the catalog what was read of the districts."""
    if outcomes:
        context.log.info("\n".join(_sentence(outcome) for outcome in outcomes))
    materializations = [
        dg.AssetMaterialization(
            ["clever", receipt.stream],
            partition=outcome.district_id,
            metadata={
                "records": receipt.records,
                "pages": len(receipt.pages),
                "bytes": receipt.bytes,
                "digest": receipt.digest,
            },
        )
        for outcome in outcomes
        for receipt in outcome.receipts
    ]
    _store(context, materializations)


def _store(context: dg.AssetExecutionContext, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Store materializations in batches, because each event alone costs far more."""
    for number, materialization in enumerate(materializations, start=1):
        batch = DagsterEventBatchMetadata(context.run.run_id, is_end=number == len(materializations))
        dg.DagsterEvent.asset_materialization(context.get_step_execution_context(), materialization, batch)


def _show_as_failed(context: dg.AssetExecutionContext, outcome: Outcome) -> None:
    """Show in the catalog that a district's partitions failed."""
    if not (context.has_partition_key or context.has_partition_key_range):
        # Dagster shows a partition as failed if a run that failed had planned it; a run without partitions plans none.
        for stream in STREAMS:
            planned = AssetMaterializationPlannedData(stream_key(stream), partition=outcome.district_id)
            event = dg.DagsterEvent.build_asset_materialization_planned_event(
                context.job_name, context.op_execution_context.op.name, planned
            )
            context.instance.report_dagster_event(event, context.run.run_id)


def log_event(log: dg.DagsterLogManager, event: Event) -> None:
    """Write an event of a sync to the log of the run."""
    match event:
        case PageLanded():
            # A line per page would cost more than reading it: Dagster stores each line on its own.
            pass
        case StreamResumed():
            log.info(
                f"District {event.district_id}: resuming {event.stream} from page {event.pages + 1} ({event.records} records so far)."
            )
        case ReadAgain():
            log.warning(f"District {event.district_id}: reading again because {'; '.join(event.reasons)}.")
        case Stage():
            log.info(f"{event.activity[0].upper()}{event.activity[1:]}...")
        case Waiting():
            log.warning(f"{event.reason}.")
        case Notice():
            log.warning(event.text)


def _sentence(outcome: Outcome) -> str:
    return f"District {outcome.district_id}: {outcome.outcome} ({outcome.counts})."


def _failure(result: SyncResult) -> str:
    failed = [outcome for outcome in result.outcomes if outcome.error and outcome.error not in result.failed_tokens]
    count = f"{len(failed)} of {len(result.outcomes)} districts were not updated. All others are published."
    return "\n".join([count, *result.failures] if failed else result.failures)


def _table_figures(table: sa.Table, result: SyncResult) -> Mapping[str, Any]:
    return {"dagster/row_count": result.rows[table.name], "dagster/column_lineage": column_lineage(table)}


def _figures(result: SyncResult, warehouse: Warehouse, seconds: float) -> Mapping[str, Any]:
    """Numbers of the whole sync, which the UI plots over time, and tables with a row per district and a row per role."""
    outcomes = [outcome.outcome for outcome in result.outcomes]
    rows = [
        dg.TableRecord(
            {
                "district": outcome.district_id,
                "outcome": outcome.outcome,
                "added": outcome.counts.added,
                "updated": outcome.counts.updated,
                "archived": outcome.counts.archived,
                "restored": outcome.counts.restored,
                "records": sum(receipt.records for receipt in outcome.receipts if receipt.stream == USERS.name),
            }
        )
        for outcome in result.outcomes
    ]
    roles = [
        dg.TableRecord({"role": role, "before": change.before, **asdict(change.counts), "unchanged": change.unchanged})
        for role, change in result.by_role.items()
    ]
    return {
        "seconds": seconds,
        "bytes": warehouse.published.stat().st_size,
        "path": dg.MetadataValue.path(str(warehouse.published)),
        **{f"districts_{outcome}": outcomes.count(outcome) for outcome in OUTCOMES},
        **{
            f"people_{count}": sum(getattr(outcome.counts, count) for outcome in result.outcomes)
            for count in ("added", "updated", "archived", "restored")
        },
        **({"districts": dg.MetadataValue.table(rows)} if rows else {}),
        **({"roles": dg.MetadataValue.table(roles)} if roles else {}),
    }


def _evaluations(result: SyncResult) -> Iterator[dg.AssetCheckEvaluation]:
    """The result of every check, also of checks that the run did not select.

    These are evaluations, not results: Dagster takes a result only of a check that is selected.
    """
    unverified = {outcome.district_id: list(outcome.unverified) for outcome in result.outcomes if outcome.unverified}
    behind = {outcome.district_id: outcome.outcome for outcome in result.outcomes if outcome.error}
    yield dg.AssetCheckEvaluation(
        check_name=VERIFIED.name,
        asset_key=VERIFIED.asset_key,
        passed=not unverified,
        metadata={"districts": len(unverified), "reasons": dg.MetadataValue.json(unverified)},
    )
    yield dg.AssetCheckEvaluation(
        check_name=APPLIED.name,
        asset_key=APPLIED.asset_key,
        passed=not behind,
        metadata={"districts": len(behind), "outcomes": dg.MetadataValue.json(behind)},
    )
    waiting = result.waiting.values()
    yield dg.AssetCheckEvaluation(
        check_name=HOLD.name,
        asset_key=HOLD.asset_key,
        passed=not waiting,
        metadata={
            "districts": len(waiting),
            **{
                f"would_be_{verb}": sum(change[verb] for snapshot in waiting for change in snapshot.by_role.values())
                for verb in ("updated", "archived")
            },
            "snapshots": dg.MetadataValue.json(
                {district_id: asdict(snapshot) for district_id, snapshot in result.waiting.items()}
            ),
        },
    )
    yield dg.AssetCheckEvaluation(
        check_name=DRIFT.name,
        asset_key=DRIFT.asset_key,
        passed=not result.drift,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"paths": len(result.drift), "records_by_district": dg.MetadataValue.json(dict(result.drift))},
    )
    for check in checks():
        found = result.findings.get(check.name, {})
        yield dg.AssetCheckEvaluation(
            check_name=check.name,
            asset_key=dg.AssetKey(check.table),
            passed=not found,
            severity=dg.AssetCheckSeverity.ERROR if check.severity == "error" else dg.AssetCheckSeverity.WARN,
            metadata={"records": sum(found.values()), "by_district": dg.MetadataValue.json(dict(found))},
        )
