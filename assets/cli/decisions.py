"""Decide held snapshots in a terminal: show them, ask, and run the job that the UI has for it."""

import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

import dagster as dg
from rich.console import Console

from assets import group_approval, instance
from assets.cli import tables
from assets.cli.output import err
from assets.cli.sync import FAILED, GOOD, QUIET, executed, reason
from assets.definitions import build
from assets.operations import approval, approve_held, reject_held, rejection
from assets.resources import warehouse
from pipelines.progress import Report
from pipelines.sync import Filter, groups, selection_name
from pipelines.warehouse import HeldSnapshot, Warehouse


def show(here: Warehouse, district_id: str, digest: str, console: Console) -> None:
    """Show the snapshot that is about to be decided."""
    with here.reading() as connection:
        tables.show_holds(connection, console, only=(district_id, digest))


def show_selected(here: Warehouse, selected: Mapping[str, HeldSnapshot], console: Console) -> None:
    """Show the snapshots that are about to be approved together."""
    tables.show_groups(groups(selected), here.district_names(), console)


def is_confirmed(question: str, *, certain: bool) -> bool:
    """Ask in a terminal; elsewhere only a digest is certain enough."""
    if not sys.stdin.isatty():
        return certain
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def asked_reason() -> str:
    """Ask for the reason in a terminal; elsewhere there is none."""
    return input("Reason: ") if sys.stdin.isatty() else ""


def decide(decision: str, district_id: str, digest: str, given: str, decided_by: str, console: Console) -> int:
    """Run the job approve_hold or reject_hold in this process; returns the exit code."""
    graph, op = (approval, approve_held) if decision == "approve" else (rejection, reject_held)
    config = {"digest": digest, "district": district_id, "reason": given, "decided_by": decided_by}
    chosen = {(district_id, digest)}
    run_id, code = _run(graph, op, f"{decision}_hold", config, console, is_done=lambda: _are_decided(decision, chosen))
    if code == GOOD:
        with warehouse().reading() as connection:
            tables.show_decision(connection, decision, run_id, console)
    return code


def approve_selected(
    chosen: Filter, selected: Mapping[str, HeldSnapshot], given: str, decided_by: str, console: Console
) -> int:
    """Run the job approve_holds in this process; returns the exit code."""
    config = group_approval.config_of(chosen, selection_name(selected), given, decided_by)
    snapshots = {(district_id, snapshot.digest) for district_id, snapshot in selected.items()}
    run_id, code = _run(
        group_approval.group_approval,
        group_approval.approve_selected,
        "approve_holds",
        config,
        console,
        is_done=lambda: _are_decided("approve", snapshots),
    )
    if code == GOOD:
        with warehouse().reading() as connection:
            tables.show_group_decision(connection, run_id, len(selected), console)
    return code


def _are_decided(decision: str, chosen: Collection[tuple[str, str]]) -> bool:
    """Whether the published file has the decision, whatever a signal did to the run afterwards."""
    states = {each.state for each in warehouse().decidable() if (each.district_id, each.digest) in chosen}
    return not states if decision == "approve" else "held" not in states


def _run(
    graph: dg.GraphDefinition,
    op: dg.OpDefinition,
    name: str,
    config: Mapping[str, Any],
    console: Console,
    is_done: Callable[[], bool],
) -> tuple[str, int]:
    """Run a job of the UI in this process, and show why it failed if it did; returns the ID of its run and the exit code."""

    def job(progress: Report) -> dg.JobDefinition:
        resources = dict(build(progress, in_terminal=True).resources or {})
        return graph.to_job(name=name, executor_def=dg.in_process_executor, resource_defs=resources)

    try:
        run_id, result = executed(
            job, {"ops": {op.name: {"config": config}}, "loggers": QUIET}, console, is_done=lambda *_: is_done()
        )
    except instance.InstanceError as error:
        err.print(str(error), markup=False, style="red")
        return "", FAILED
    for event in result.all_events if result else ():
        if event.is_step_failure:
            err.print(reason(event), markup=False, style="red")
    return run_id, GOOD if result is not None and result.success else FAILED
