"""Jobs that read nothing from Clever, or apply nothing: preview, approve_hold, reject_hold, rollback. Each is a command, too."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from assets import reported, settings
from assets.names import DistrictNames
from assets.reported import Shown
from assets.roster import Districts
from assets.steps import reporting, running
from pipelines.clever.app import CleverApp
from pipelines.progress import Report
from pipelines.sync import LimitsByDistrict, Outcome, approve, find, reject, require_host, sync
from pipelines.sync.selection import MIN_DIGITS
from pipelines.warehouse import Warehouse
from pipelines.warehouse.kept import UNDONE_BY_A_ROLLBACK, kept_files

IN_PREVIEW = {"applied": "would be applied", "held": "would be held"}
"""Outcomes that a preview only foresees."""


class HoldDecision(dg.Config):
    """A decision on a held snapshot."""

    digest: str
    district: str
    reason: str
    decided_by: str

    def find(self, warehouse: Warehouse, *, decision: str) -> tuple[str, str]:
        """The district and the digest of the snapshot that is meant; raises what ``find`` raises."""
        if self.district:
            return find(warehouse, self.district, self.digest, decision=decision)
        return find(warehouse, self.digest, decision=decision)


@dg.op(description="Read from Clever and show what a sync would change. Nothing is applied.")
def preview_sync(
    context: dg.OpExecutionContext,
    config: Districts,
    clever_app: dg.ResourceParam[CleverApp],
    warehouse: dg.ResourceParam[Warehouse],
    limits: dg.ResourceParam[LimitsByDistrict],
) -> None:
    """Show the difference between what Clever shows and what the warehouse has."""
    names = DistrictNames(warehouse)
    report = reporting(context, warehouse)
    clever_app.clever.report_waits(report)
    with running(context, warehouse):
        require_host(clever_app, warehouse)
        result = sync(
            clever_app,
            warehouse,
            context.run_id,
            config.districts or [district.id for district in clever_app.districts],
            limits=limits,
            report=report,
            preview=True,
            mode=config.mode,
        )
    rows = changes_by_role(result.outcomes)
    archived = [
        names.in_text(f"District {outcome.district_id}: {outcome.archived}")
        for outcome in result.outcomes
        if outcome.archived.people
    ]
    failures = [names.in_text(sentence) for sentence in [*result.failures, *result.holds]]
    context.add_output_metadata(
        {
            **({"changes": dg.MetadataValue.table([dg.TableRecord(row) for row in rows])} if rows else {}),
            **({"archived": dg.MetadataValue.md("\n\n".join(archived))} if archived else {}),
            **({"failures": dg.MetadataValue.md("\n\n".join(failures))} if failures else {}),
        }
    )
    for failure in failures:
        context.log.warning(failure)


@dg.op(description="Approve a held snapshot, and apply and publish it immediately.")
def approve_held(
    context: dg.OpExecutionContext,
    config: HoldDecision,
    warehouse: dg.ResourceParam[Warehouse],
    progress: dg.ResourceParam[Report],
    in_terminal: dg.ResourceParam[bool],
) -> None:
    """Apply an approved snapshot, and show the tables and checks as they are then."""
    names = DistrictNames(warehouse)
    report = reporting(context, warehouse, progress)
    with running(context, warehouse):
        require_that_jobs_decide(in_terminal=in_terminal)
        district, digest = config.find(warehouse, decision="approve")
        outcome = approve(
            warehouse,
            district_id=district,
            digest=digest,
            reason=config.reason,
            decided_by=config.decided_by,
            decision_id=context.run_id,
            report=report,
        )
        context.add_output_metadata({"decision": f"approved by {config.decided_by}: {config.reason}"})
        if outcome is None:
            context.log.warning(
                "The downloaded files are incomplete: the next sync applies the snapshot if Clever still returns the same data."
            )
        else:
            context.log.info(
                names.in_text(f"District {outcome.district_id}: approved, applied and published ({outcome.counts}).")
            )
        reported.report(context, warehouse, Shown() if outcome else None)


@dg.op(description="Reject a held snapshot. It is not applied while Clever keeps returning the same data.")
def reject_held(
    context: dg.OpExecutionContext,
    config: HoldDecision,
    warehouse: dg.ResourceParam[Warehouse],
    progress: dg.ResourceParam[Report],
    in_terminal: dg.ResourceParam[bool],
) -> None:
    """Keep a rejected snapshot out of the tables, and show the checks as they are then."""
    report = reporting(context, warehouse, progress)
    with running(context, warehouse):
        require_that_jobs_decide(in_terminal=in_terminal)
        district, digest = config.find(warehouse, decision="reject")
        reject(
            warehouse,
            district_id=district,
            digest=digest,
            reason=config.reason,
            decided_by=config.decided_by,
            decision_id=context.run_id,
            report=report,
        )
        context.add_output_metadata({"decision": f"rejected by {config.decided_by}: {config.reason}"})
        reported.report(context, warehouse)


class Restored(dg.Config):
    """Which file is restored."""

    to: str = Field(
        default="",
        description="Name of the kept file to restore, such as 20261128T020511.123456Z. Empty: list the kept files, and change nothing.",
    )


@dg.op(
    description="Restore a previously published file; with no file named, list the kept files and what each rollback would undo."
)
def restore_kept(context: dg.OpExecutionContext, config: Restored, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Roll back, and show the tables and checks as they are then."""
    report = reporting(context, warehouse)
    if settings.load().lake:
        message = "The warehouse is a lake: run `clever-warehouse rollback`, which lists its states and restores one. Nothing was changed."
        raise dg.Failure(message, allow_retries=False)
    files = warehouse.kept_files()
    listed = kept_files(files, warehouse.published, warehouse.key)
    if listed:
        rows = [
            dg.TableRecord({what: "" if value is None else value for what, value in one.shown.items()})
            for one in listed
        ]
        context.add_output_metadata({"kept files": dg.MetadataValue.table(rows), "undone": UNDONE_BY_A_ROLLBACK})
    if not config.to:
        context.log.info(
            f"Nothing was changed. Kept files: {len(listed)}; they are in the metadata of this step's output. "
            "To restore one, launch the job again with its name in `to`."
        )
        return
    chosen = next((file for file in files if file.stem == config.to), None)
    if chosen is None:
        names = ", ".join(file.stem for file in files) or "none"
        message = f"No kept file is named {config.to}, so nothing was changed. Kept files: {names}."
        raise dg.Failure(message, allow_retries=False)
    with running(context, warehouse):
        warehouse.roll_back(chosen, report)
        context.log.info(f"Restored the file from {chosen.stem}. The next sync continues from it.")
        reported.report(context, warehouse, Shown())


def changes_by_role(outcomes: Sequence[Outcome]) -> list[dict[str, str | int]]:
    """One row per district and role: what a sync changes, or would change; none of a district in which nothing changes."""
    return [
        {
            "district": outcome.district_id,
            "outcome": IN_PREVIEW.get(outcome.outcome, outcome.outcome),
            "role or type": role,
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


def require_that_jobs_decide(*, in_terminal: bool) -> None:
    """Refuse a decision in the UI where the settings take decisions in a terminal only.

    Raises:
        SettingsError: they do, and this is no command.
    """
    if settings.load().clever_approve == "terminal" and not in_terminal:
        message = (
            "CLEVER_APPROVE is terminal, so this job decides nothing. Run `clever-warehouse approve` or `clever-warehouse reject` in a "
            "terminal."
        )
        raise settings.SettingsError(message)


def _decision(op: str) -> dg.ConfigMapping:
    """The run config of a decision: flat, and refused before the launch if something is empty."""

    def config_of_op(given: Mapping[str, str]) -> Mapping[str, Any]:
        empty = [name for name in ("digest", "reason", "decided_by") if not given[name].strip()]
        if empty:
            message = f"Nothing was launched: {', '.join(empty)} must not be empty. Write a value in the Launchpad and launch again."
            raise dg.DagsterInvalidDefinitionError(message)
        return {"ops": {op: {"config": {name: value.strip() for name, value in given.items()}}}}

    return dg.ConfigMapping(
        config_fn=config_of_op,
        config_schema={
            "digest": dg.Field(
                str,
                description=f"Digest of the held snapshot, or its first {MIN_DIGITS} digits or more, as the failed check shows it.",
            ),
            "reason": dg.Field(str, description="Why you decided this (recorded)."),
            "decided_by": dg.Field(
                str, description="Who decided this (recorded as you write it: nothing verifies it)."
            ),
            "district": dg.Field(
                str, default_value="", description="Clever ID of the district, to be sure. May be empty."
            ),
        },
    )


@dg.graph
def approval() -> None:
    """Approve a hold."""
    approve_held()


@dg.graph
def rejection() -> None:
    """Reject a hold."""
    reject_held()


approve_hold = approval.to_job(
    name="approve_hold",
    config=_decision(approve_held.name),
    executor_def=dg.in_process_executor,
    description="Approve a held snapshot, and apply and publish it. The failed check `no_mass_change_is_held` shows what it would change, "
    "with a link that opens this Launchpad filled in.",
)

reject_hold = rejection.to_job(
    name="reject_hold",
    config=_decision(reject_held.name),
    executor_def=dg.in_process_executor,
    description="Reject a held snapshot: it is not applied while Clever keeps returning the same data.",
)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Restore a previously published file. Launched as it is, it lists the kept files and what each rollback would undo.",
)
def rollback() -> None:
    """Roll back."""
    restore_kept()
