"""Jobs that refresh no asset: preview a sync, approve or reject a held snapshot. The same as the commands of these names."""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from assets.roster import Districts, log_event
from assets.settings import district_id
from assets.steps import running
from pipelines.clever.app import CleverApp
from pipelines.sync import LimitsByDistrict, Outcome, approve, reject, sync
from pipelines.warehouse import Warehouse


class HoldDecision(dg.Config):
    """A decision on a held snapshot."""

    district: str = Field(description="Clever ID of the district.")
    digest: str = Field(description="Digest of the held snapshot, from the failed check or `clever-warehouse holds`.")
    reason: str = Field(description="Why you decided this (recorded).", min_length=1)
    decided_by: str = Field(description="Who decided this (recorded).", min_length=1)


@dg.op(description="Read from Clever and show what a sync would change. Nothing is applied.")
def preview_sync(
    context: dg.OpExecutionContext,
    config: Districts,
    clever_app: dg.ResourceParam[CleverApp],
    warehouse: dg.ResourceParam[Warehouse],
    limits: dg.ResourceParam[LimitsByDistrict],
) -> None:
    """Show the difference between what Clever shows and what the warehouse has."""
    with running(context, warehouse):
        result = sync(
            clever_app,
            warehouse,
            context.run_id,
            config.districts or [district.id for district in clever_app.districts],
            limits=limits,
            report=lambda event: log_event(context.log, event),
            preview=True,
        )
    rows = changes_by_role(result.outcomes)
    archived = [
        f"District {outcome.district_id}: {outcome.archived}" for outcome in result.outcomes if outcome.archived.people
    ]
    context.add_output_metadata(
        {
            **({"changes": dg.MetadataValue.table([dg.TableRecord(row) for row in rows])} if rows else {}),
            **({"archived": dg.MetadataValue.md("\n\n".join(archived))} if archived else {}),
            **({"failures": dg.MetadataValue.md("\n\n".join(result.failures))} if result.failures else {}),
        }
    )
    for failure in result.failures:
        context.log.warning(failure)


@dg.op(description="Approve a held snapshot, and apply and publish it immediately.")
def approve_held(context: dg.OpExecutionContext, config: HoldDecision, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Apply an approved snapshot."""
    with running(context, warehouse):
        outcome = approve(
            warehouse,
            district_id=district_id(config.district),
            digest=config.digest,
            reason=config.reason,
            decided_by=config.decided_by,
            decision_id=context.run_id,
            report=lambda event: log_event(context.log, event),
        )
    if outcome is None:
        context.log.warning(
            "The downloaded files are incomplete: the next sync applies the snapshot if Clever still returns the same data."
        )


@dg.op(description="Reject a held snapshot. It is not applied while Clever keeps returning the same data.")
def reject_held(context: dg.OpExecutionContext, config: HoldDecision, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Keep a rejected snapshot out of the tables."""
    with running(context, warehouse):
        reject(
            warehouse,
            district_id=district_id(config.district),
            digest=config.digest,
            reason=config.reason,
            decided_by=config.decided_by,
            decision_id=context.run_id,
            report=lambda event: log_event(context.log, event),
        )


def changes_by_role(outcomes: Sequence[Outcome]) -> list[dict[str, str | int]]:
    """One row per district and role: what a sync changes, or would change; none of a district in which nothing changes."""
    return [
        {
            "district": outcome.district_id,
            "outcome": outcome.outcome,
            "role": role,
            "before": change.before,
            "added": change.counts.added,
            "updated": change.counts.updated,
            "archived": change.counts.archived,
            "restored": change.counts.restored,
            "unchanged": change.unchanged,
        }
        for outcome in outcomes
        if outcome.outcome != "unchanged"
        for role, change in outcome.by_role.items()
    ]


@dg.job(executor_def=dg.in_process_executor, description="Show what a sync would change. Nothing is applied.")
def preview() -> None:
    """Preview a sync."""
    preview_sync()


@dg.job(executor_def=dg.in_process_executor, description="Approve a held snapshot by its digest, with a reason.")
def approve_hold() -> None:
    """Approve a hold."""
    approve_held()


@dg.job(executor_def=dg.in_process_executor, description="Reject a held snapshot by its digest, with a reason.")
def reject_hold() -> None:
    """Reject a hold."""
    reject_held()
