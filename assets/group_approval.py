"""The job approve_holds: approve several held snapshots together, after it has listed them."""

from collections.abc import Mapping
from typing import Any, Final

import dagster as dg

from assets import hold_text, reported
from assets.location import launchpad
from assets.names import DistrictNames
from assets.operations import require_that_jobs_decide
from assets.reported import Shown
from assets.steps import reporting, running
from pipelines.progress import Report
from pipelines.sync import Filter, Outcome, approve_all, groups, left_out, select, selection_name
from pipelines.sync.selection import SHORT
from pipelines.warehouse import Counts, UnknownHoldError, Warehouse


class GroupApproval(dg.Config):
    """Which snapshots are approved, by whom and why."""

    like: list[str]
    districts: list[str]
    only: list[str]
    max_archived_percent: float | None = None
    max_changed_percent: float | None = None
    selection: str
    """The name of the selection that was shown; empty: only list it."""
    reason: str
    decided_by: str

    @property
    def filter(self) -> Filter:
        """The filter."""
        return Filter(self.like, self.districts, self.only, self.max_archived_percent, self.max_changed_percent)


def config_of(chosen: Filter, selection: str, reason: str = "", decided_by: str = "") -> dict[str, Any]:
    """The run config; limits that a filter leaves open are left out."""
    limits = {
        "max_archived_percent": chosen.max_archived_percent,
        "max_changed_percent": chosen.max_changed_percent,
    }
    return {
        "like": list(chosen.like),
        "districts": list(chosen.districts),
        "only": list(chosen.only),
        **{name: limit for name, limit in limits.items() if limit is not None},
        "selection": selection,
        "reason": reason,
        "decided_by": decided_by,
    }


@dg.op(
    description="Approve several held snapshots, and apply and publish them together; without a selection, list them."
)
def approve_selected(
    context: dg.OpExecutionContext,
    config: GroupApproval,
    warehouse: dg.ResourceParam[Warehouse],
    progress: dg.ResourceParam[Report],
    in_terminal: dg.ResourceParam[bool],
) -> None:
    """Apply the approved snapshots, and show the tables and checks as they are then."""
    names = DistrictNames(warehouse)
    report = reporting(context, warehouse, progress)
    with running(context, warehouse):
        held = warehouse.held_snapshots()
        if not held and not config.selection:
            context.log.info("No snapshot waits for a decision.")
            return
        selected = select(held, config.filter)
        if sentence := left_out(held):
            context.log.warning(names.in_text(sentence))
        name = selection_name(selected)
        district_names = warehouse.district_names()
        if not config.selection:
            launch = launchpad("approve_holds", config_of(config.filter, name[:SHORT]))
            listed = hold_text.selection(groups(selected), district_names, launch)
            context.add_output_metadata({"selected": dg.MetadataValue.md(listed)})
            context.log.info(
                f"Nothing was changed. The filter selects {len(selected):,} snapshots, listed in the metadata of this step's output with a "
                f"link that approves them: it launches the job again with the selection {name[:SHORT]}."
            )
            return
        require_that_jobs_decide(in_terminal=in_terminal)
        if not name.startswith(config.selection):
            message = (
                f"The filter selects other snapshots ({len(selected):,}, selection {name[:SHORT]}) than were shown (selection "
                f"{config.selection[:SHORT]}), so nothing was changed. Launch the job without a selection to see them."
            )
            raise UnknownHoldError(message)
        outcomes = approve_all(
            warehouse,
            [(district_id, snapshot.digest) for district_id, snapshot in selected.items()],
            reason=config.reason,
            decided_by=config.decided_by,
            decision_id=context.run_id,
            report=report,
        )
        context.add_output_metadata(
            {
                "decision": f"approved by {config.decided_by}: {config.reason}",
                "districts": len(outcomes),
                "selected": dg.MetadataValue.md(hold_text.selection(groups(selected), district_names)),
            }
        )
        for line in _results(outcomes):
            context.log.info(names.in_text(line))
        reported.report(context, warehouse, Shown() if any(outcomes.values()) else None)


def _results(outcomes: Mapping[str, Outcome | None]) -> list[str]:
    """The results of an approval: one sentence for what was applied, and one for what was not."""
    applied = [outcome for outcome in outcomes.values() if outcome]
    incomplete = [district_id for district_id, outcome in outcomes.items() if outcome is None]
    lines = []
    if applied:
        counts = sum((outcome.counts for outcome in applied), Counts())
        lines.append(f"Approved, applied and published: {len(applied):,} districts ({counts}).")
    if incomplete:
        lines.append(
            f"Approved, but their downloaded files are incomplete: {', '.join(incomplete)}. The next sync applies each snapshot if Clever "
            "still returns the same data."
        )
    return lines


def _config_of_op(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run config of the op, refused before the launch if the reason or the name is missing."""
    config = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
    empty = [name for name in ("reason", "decided_by") if not config[name]]
    if config["selection"] and empty:
        message = f"Nothing was launched: {', '.join(empty)} must not be empty. Write a value in the Launchpad and launch again."
        raise dg.DagsterInvalidDefinitionError(message)
    return {"ops": {approve_selected.name: {"config": config}}}


_PERCENT: Final = "The largest share, in percent, that may be {} of what exceeds its limit. Left out: any."

CONFIG: Final = dg.ConfigMapping(
    config_fn=_config_of_op,
    config_schema={
        "like": dg.Field(
            [str],
            default_value=[],
            description="First digits of digests: snapshots that would do the same as one of these. Empty: all.",
        ),
        "districts": dg.Field([str], default_value=[], description="Clever IDs of districts. Empty: all."),
        "only": dg.Field(
            [str],
            default_value=[],
            description="Roles and record types, such as student or sections: snapshots that exceed the limits of no others. Empty: all.",
        ),
        "max_archived_percent": dg.Field(float, is_required=False, description=_PERCENT.format("archived")),
        "max_changed_percent": dg.Field(float, is_required=False, description=_PERCENT.format("updated")),
        "selection": dg.Field(
            str,
            default_value="",
            description="The name of the selection that the job has listed. Empty: list it, and change nothing.",
        ),
        "reason": dg.Field(str, default_value="", description="Why you decided this (recorded)."),
        "decided_by": dg.Field(
            str,
            default_value="",
            description="Who decided this (recorded as you write it: nothing verifies it).",
        ),
    },
)


@dg.graph
def group_approval() -> None:
    """Approve several holds."""
    approve_selected()


approve_holds = group_approval.to_job(
    name="approve_holds",
    config=CONFIG,
    executor_def=dg.in_process_executor,
    description="Approve several held snapshots together, such as those of a rollover. Launched as it is, it lists every held snapshot in "
    "groups that would do the same, with a link that approves them.",
)
