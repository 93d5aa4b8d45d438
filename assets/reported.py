"""What Dagster shows of the warehouse: its tables as materialized, and the result of every check, from its present state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.events import DagsterEventBatchMetadata

from assets import hold_text
from assets.catalog import TABLES, column_lineage, stream_key, warehouse_spec
from assets.names import named
from assets.storage import EventLog
from pipelines.clever import USERS
from pipelines.sync import ROLES, groups, references
from pipelines.warehouse import NothingPublishedError, Present, Warehouse
from pipelines.warehouse.checks import checks

WAREHOUSE = warehouse_spec()

Context = dg.AssetExecutionContext | dg.OpExecutionContext

VERIFIED = dg.AssetCheckSpec(
    "read_is_proven",
    asset=stream_key(USERS),
    description="All pages were read, IDs are unique, every record belongs to the district, /users agrees with the five role views, and "
    "nothing changed during the read.",
)
DRIFT = dg.AssetCheckSpec(
    "records_are_as_documented",
    asset=stream_key(USERS),
    description="Records have only documented fields, roles, values, and types. No field appeared, and none lost all its values.",
)
HOLD = dg.AssetCheckSpec(
    "no_mass_change_is_held",
    asset="warehouse",
    description="No district is on hold waiting for approval.",
)
FAILED = dg.AssetCheckSpec(
    "no_district_failed",
    asset="warehouse",
    description="The latest sync of every connected district was applied, changed nothing, or is held.",
)
FRESH = dg.AssetCheckSpec(
    "every_district_is_fresh",
    asset="warehouse",
    description="The latest sync of every connected district succeeded, at most 36 hours ago, and Clever synced the district from the SIS "
    "without an error, at most 72 hours ago. A paused district passes.",
)
RULES = tuple(check for check in checks() if check.table in {table.name for table in TABLES})
"""The data-quality rules of the tables that are assets."""

CHECKS = (
    *(VERIFIED, DRIFT, HOLD, FAILED, FRESH),
    *(dg.AssetCheckSpec(check.name, asset=check.table, description=check.description) for check in RULES),
)
"""Every check: of syncs, and the data-quality rules."""

BYTES_PER_MEGABYTE = 1_000_000

MAX_SENTENCES = 5
"""Districts of which a failed check says in a sentence why."""

MAX_SNAPSHOTS = 100
"""Held snapshots of which the check keeps the digest and the reason."""

MAX_SHOWN = 10
"""Held snapshots that the check shows in full."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows of what it has published, besides the present state."""

    read: Sequence[dg.AssetMaterialization] = ()
    """The lists of districts that were read."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Metadata of the published file."""


def report(context: Context, warehouse: Warehouse, shown: Shown | None = None) -> None:
    """Show the present result of each check; with what was published, also the tables as materialized.

    What Dagster shows last is what was published last, whichever run reports it: if another process publishes meanwhile, all is
    reported once more. A lock would do that too, but a run would then wait for the whole sync of the next one.
    """
    read = list(shown.read) if shown else []
    while True:
        before = warehouse.publication()
        try:
            state = warehouse.present()
        except NothingPublishedError:
            _store(context, read)
            return
        if shown is not None:
            # A backfill whose streams are complete while their tables are not launches a second run for the tables. So the last of
            # each stream is stored in one transaction with the tables.
            latest = {each.asset_key: each for each in read}
            _store(context, [each for each in read if latest[each.asset_key] is not each])
            _store(context, [*latest.values(), *materializations(state, warehouse, shown.figures)])
            read = []
        found = sorted(evaluations(context.instance, results(state)), key=_urgency)
        _store(context, found)
        _keep_latest(context.instance, context.run.run_id, found)
        if warehouse.publication() == before:
            return


def materializations(state: Present, warehouse: Warehouse, figures: Mapping[str, Any]) -> list[dg.AssetMaterialization]:
    """The tables and the published file, with their rows, and with figures of what published it."""
    published = warehouse.state_of_published()
    people = {f"{role}s": state.people.get(role, 0) for role in ROLES if role != "staff"}
    return [
        *(
            dg.AssetMaterialization(
                table.name,
                metadata={
                    "dagster/row_count": state.rows[table.name],
                    "dagster/column_lineage": column_lineage(table),
                },
            )
            for table in TABLES
        ),
        dg.AssetMaterialization(
            WAREHOUSE.key,
            metadata={
                **figures,
                **people,
                "staff": state.people.get("staff", 0),
                "megabytes": round(published.bytes / BYTES_PER_MEGABYTE, 1),
                "path": dg.MetadataValue.path(published.place),
            },
        ),
    ]


def results(state: Present) -> list[dg.AssetCheckResult]:
    """The result of every check, in the order of CHECKS."""
    return [*_results_of_syncs(state), *_results_of_rules(state)]


def _store(
    context: Context,
    events: Sequence[dg.AssetMaterialization | dg.AssetCheckEvaluation],
) -> None:
    """Store materializations, or evaluations of checks, in batches, because each event alone costs far more."""
    step = context.get_step_execution_context()
    for number, events_of_batch in enumerate(_batches(context.instance, events)):
        for event in events_of_batch:
            batch = DagsterEventBatchMetadata(f"{context.run.run_id} {number}", is_end=event is events_of_batch[-1])
            if isinstance(event, dg.AssetMaterialization):
                dg.DagsterEvent.asset_materialization(step, event, batch)
            else:
                # Dagster's own function for evaluations takes no batch.
                passed = "passed" if event.passed else "did not pass"
                message = f"Asset check '{event.check_name}' on '{event.asset_key.to_user_string()}' {passed}."
                dg.DagsterEvent.from_step(dg.DagsterEventType.ASSET_CHECK_EVALUATION, step, event, message, batch)


def _batches(
    instance: dg.DagsterInstance, events: Sequence[dg.AssetMaterialization | dg.AssetCheckEvaluation]
) -> list[list[dg.AssetMaterialization | dg.AssetCheckEvaluation]]:
    """Events by what is stored together: everything in our own event log.

    Dagster's PostgreSQL takes only the last event of a batch for the latest of its asset, whatever assets the others are of, and
    refuses evaluations of checks.
    """
    if isinstance(instance.event_log_storage, EventLog):
        return [list(events)] if events else []
    batches: dict[object, list[dg.AssetMaterialization | dg.AssetCheckEvaluation]] = {}
    for event in events:
        subject = event.asset_check_key if isinstance(event, dg.AssetCheckEvaluation) else event.asset_key
        batches.setdefault(subject, []).append(event)
    return list(batches.values())


def evaluations(instance: dg.DagsterInstance, found: Sequence[dg.AssetCheckResult]) -> list[dg.AssetCheckEvaluation]:
    """Results of checks, each with the materialization that it is about."""
    targets = {key: _target(instance, key) for key in dict.fromkeys(each.asset_key for each in found if each.asset_key)}
    return [
        dg.AssetCheckEvaluation(
            check_name=str(each.check_name),
            asset_key=each.asset_key,
            passed=each.passed,
            severity=each.severity,
            description=each.description,
            metadata=each.metadata,
            target_materialization_data=targets[each.asset_key],
        )
        for each in found
        if each.asset_key
    ]


def _urgency(found: dg.AssetCheckEvaluation) -> tuple[bool, bool, bool]:
    """Sort what needs attention last: the UI shows the end of the log of a run, and there the syncs matter most."""
    is_of_syncs = found.asset_check_key in {spec.key for spec in (VERIFIED, DRIFT, HOLD, FAILED, FRESH)}
    return not found.passed, found.severity is dg.AssetCheckSeverity.ERROR, is_of_syncs


def _keep_latest(instance: dg.DagsterInstance, run_id: str, found: Sequence[dg.AssetCheckEvaluation]) -> None:
    """Report results again, as of no run, where Dagster would show those of another run.

    Dagster takes the run that was planned last for the latest, not the one that has evaluated last: while a run waits for
    this one, and for good if it is killed then, its checks would be shown as not evaluated.
    """
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [each.asset_check_key for each in found]
    )
    for each in found:
        record = latest.get(each.asset_check_key)
        if record is not None and record.run_id != run_id:
            instance.report_runless_asset_event(each)


def _target(instance: dg.DagsterInstance, key: dg.AssetKey) -> AssetCheckEvaluationTargetMaterializationData | None:
    """The latest materialization of an asset."""
    records = instance.fetch_materializations(key, limit=1).records
    if not records:
        return None
    (latest,) = records
    return AssetCheckEvaluationTargetMaterializationData(
        storage_id=latest.storage_id, run_id=latest.run_id, timestamp=latest.timestamp
    )


def _results_of_syncs(state: Present) -> Iterator[dg.AssetCheckResult]:
    unverified = {each.district_id: list(each.unverified) for each in state.latest if each.unverified}
    yield _result(
        VERIFIED,
        not unverified,
        {"districts": len(unverified), "reasons": _json(state, unverified)},
        sentences=[f"{named(each, state.names)}: {'; '.join(reasons)}." for each, reasons in unverified.items()],
    )
    yield _result(
        DRIFT,
        not state.drift,
        {
            "paths": len(state.drift),
            "records_by_district": dg.MetadataValue.json(
                {what: _named(state, records) for what, records in state.drift.items()}
            ),
        },
        dg.AssetCheckSeverity.WARN,
    )
    waiting, reference = state.waiting.values(), references(state.waiting)
    yield _result(
        HOLD,
        not waiting,
        {
            "districts": len(waiting),
            **{
                f"would_be_{verb}": sum(
                    change[verb] for snapshot in waiting for role, change in snapshot.by_role.items() if role in ROLES
                )
                for verb in ("updated", "archived")
            },
            **({"decide": dg.MetadataValue.md(_to_decide(state))} if waiting else {}),
            "snapshots": _json(
                state,
                {
                    each: {
                        name: getattr(snapshot, name)
                        for name in ("digest", "held_since", "why", "archived", "continuing")
                    }
                    for each, snapshot in list(state.waiting.items())[:MAX_SNAPSHOTS]
                },
            ),
        },
        sentences=[
            f"{hold_text.escaped(named(each, state.names))} is held since {snapshot.held_since}: {snapshot.why}. "
            f"{hold_text.to_decide(each, snapshot, reference[each])} What it would change is in the metadata `decide`."
            for each, snapshot in state.waiting.items()
        ],
    )
    failed = {each.district_id: each.error for each in state.latest if each.outcome == "failed"}
    yield _result(
        FAILED,
        not failed,
        {"districts": len(failed), "reasons": _json(state, failed)},
        sentences=[str(error).replace(each, named(each, state.names)) for each, error in failed.items()],
    )
    stale = {each.district_id: f"{each.words}. {each.explanation}" for each in state.stale}
    yield _result(
        FRESH,
        not stale,
        {
            "districts": len(stale),
            "paused": sum(each.freshness == "paused" for each in state.freshness),
            "stale": _json(state, stale),
        },
        dg.AssetCheckSeverity.WARN,
        [f"{named(each, state.names)}: {words}" for each, words in stale.items()],
    )


def _to_decide(state: Present) -> str:
    """The snapshots that wait, as Markdown; the first MAX_SHOWN."""
    shown = list(state.waiting.items())[:MAX_SHOWN]
    reference = references(state.waiting)
    parts = [
        hold_text.text(named(district_id, state.names), district_id, snapshot, reference[district_id])
        for district_id, snapshot in shown
    ]
    if len(state.waiting) > 1:
        parts.insert(0, hold_text.several(groups(state.waiting)))
    if len(state.waiting) > len(shown):
        parts.append(f"{len(state.waiting) - len(shown)} more districts are held: run `clever-warehouse holds`.")
    return "\n\n".join(parts)


def _results_of_rules(state: Present) -> Iterator[dg.AssetCheckResult]:
    for check in RULES:
        found = state.findings.get(check.name, {})
        yield dg.AssetCheckResult(
            check_name=check.name,
            asset_key=dg.AssetKey(check.table),
            passed=not found,
            severity=dg.AssetCheckSeverity.ERROR if check.severity == "error" else dg.AssetCheckSeverity.WARN,
            metadata={"records": sum(found.values()), "by_district": _json(state, found)},
        )


def _result(
    spec: dg.AssetCheckSpec,
    passed: bool,  # noqa: FBT001 - as Dagster has it
    metadata: Mapping[str, Any],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    sentences: Sequence[str] = (),
) -> dg.AssetCheckResult:
    others = len(sentences) - MAX_SENTENCES
    described = [*sentences[:MAX_SENTENCES], *([f"{others} more districts are in the metadata."] if others > 0 else [])]
    return dg.AssetCheckResult(
        passed=passed,
        check_name=spec.name,
        asset_key=spec.asset_key,
        metadata=dict(metadata),
        severity=severity,
        description="\n\n".join(described) or None,
    )


def _json(state: Present, by_district: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    return dg.MetadataValue.json(_named(state, by_district))


def _named(state: Present, by_district: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the name of each district before its ID."""
    return {named(each, state.names): value for each, value in by_district.items()}
