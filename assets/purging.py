"""How a purge reaches what Dagster keeps, and how one that was interrupted is ended."""

from functools import partial
from pathlib import Path

import dagster as dg

from assets import settings
from assets.retention import remove_runs_that_name
from pipelines.operations.purge import Purged, purge, resume
from pipelines.progress import Report
from pipelines.warehouse import Warehouse
from pipelines.warehouse.erasing import DISTRICT, Subject


def purge_everywhere(
    instance: dg.DagsterInstance, warehouse: Warehouse, subject: Subject, report: Report, *, is_blocked: bool
) -> Purged:
    """Remove a person or a district from the warehouse and from what Dagster keeps; raises what `purge` raises."""
    purged = purge(
        warehouse,
        subject,
        report,
        is_blocked=is_blocked,
        remove_runs=partial(remove_runs_that_name, instance),
        folders=_folders(),
    )
    if subject.kind == DISTRICT:
        instance.delete_dynamic_partition("district", subject.id)
    return purged


def end_interrupted(instance: dg.DagsterInstance, warehouse: Warehouse, report: Report) -> Purged | None:
    """End a purge that was interrupted, if there is one; raises what `resume` raises."""
    if not warehouse.purging.exists():
        return None
    remove = partial(remove_runs_that_name, instance)
    return resume(warehouse, report, remove_runs=remove, folders=_folders())


def _folders() -> list[Path]:
    """Dagster's folder, which need not be in that of the warehouse."""
    return [settings.load().dagster_folder]
