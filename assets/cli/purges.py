"""What the command purge shows before and after, and how it runs."""

from contextlib import closing
from dataclasses import asdict

from rich.console import Console

from assets import instance
from assets.cli.display import display
from assets.cli.documents import Document
from assets.purging import end_interrupted, purge_everywhere
from pipelines.operations.purge import PURGES, Purged
from pipelines.warehouse import Warehouse
from pipelines.warehouse.erasing import USER, Subject
from pipelines.warehouse.statements import statement

WARNING = (
    "This cannot be undone. It removes the rows of all tables and of their history, links of the crosswalk, findings, landing files, "
    "reports and exports in the folder of the warehouse, and Dagster runs that name them; also from the files that are kept for "
    "rollbacks. Backups and files elsewhere are yours to delete."
)


def show_subject(warehouse: Warehouse, subject: Subject, console: Console) -> None:
    """Show what is to be removed, and what should be known before.

    Raises:
        WarehouseError: nothing is published, or it cannot be read.
    """
    name = "purge/person" if subject.kind == USER else "purge/district"
    with closing(warehouse.reading()) as connection:
        connection.execute("SET VARIABLE subject = ?", [subject.id])
        lines = [str(line) for (line,) in connection.execute(statement(name)).fetchall()]
    for line in (*lines, WARNING):
        console.print(line, markup=False, soft_wrap=True)


def run(warehouse: Warehouse, subject: Subject | None, console: Console, *, is_blocked: bool) -> Purged | None:
    """Purge; with no subject, end the purge that was interrupted. Raises what `purge` raises."""
    with instance.opened() as opened, display(console, warehouse) as progress:
        if subject is None:
            return end_interrupted(opened, warehouse, progress)
        return purge_everywhere(opened, warehouse, subject, progress, is_blocked=is_blocked)


def show(purged: Purged | None, warehouse: Warehouse, console: Console) -> None:
    """Show what was removed and searched."""
    if purged is None:
        console.print("No purge was interrupted.")
        return
    console.print(
        f"Removed {purged.rows:,} rows, {purged.links:,} of them links of the crosswalk; from {purged.kept_files:,} kept files; "
        f"{purged.other_files:,} other files and {purged.dagster_runs:,} Dagster runs. Searched {purged.searched_files:,} files "
        f"({purged.searched_bytes / 1e6:,.1f} MB): nothing is left. The receipt is in {warehouse.folder / PURGES}.",
        markup=False,
        soft_wrap=True,
    )
    if purged.is_blocked:
        console.print("Later syncs leave the person out.")


def document(purged: Purged | None) -> Document:
    """The receipt; empty if no purge was interrupted."""
    return {} if purged is None else asdict(purged)
