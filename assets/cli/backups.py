"""What the command line says of backups: what was written or restored, and the question before a file is replaced."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from assets.cli.tables import table
from pipelines.operations.backup import PRIVATE, Backup, receipt_of
from pipelines.warehouse import Warehouse
from pipelines.warehouse.kept import KeptFile


def show_backup(backup: Backup, warehouse: Warehouse, console: Console) -> None:
    """Show where a backup and its receipt are, and who must not read it."""
    console.print(
        f"Backed up the file published {_written(backup.published_at)} to {backup.file} ({backup.size:,} bytes, "
        f"{len(backup.contents.rows)} tables, {sum(backup.contents.rows.values()):,} rows; verified).",
        markup=False,
    )
    console.print(f"Receipt: {receipt_of(backup.file)}. Keep it next to the backup.", markup=False)
    if warehouse.key_file is None:
        console.print(
            "The backup is not encrypted and holds everyone's data in full: keep it where only those who may see the roster can read it."
        )
    else:
        console.print(
            f"The backup is encrypted with the key in {warehouse.key_file}: keep that file too, apart from the backup.",
            markup=False,
        )
    if stat.S_IMODE(backup.file.stat().st_mode) != PRIVATE:
        console.print(
            f"Other users may be able to read it: the file system of {backup.file.parent} keeps no permissions.",
            markup=False,
        )
    if backup.file.stat().st_dev == warehouse.folder.stat().st_dev:
        console.print("It is on the disk of the warehouse: copy both files to another machine.")


def is_confirmed(warehouse: Warehouse, backup: Backup) -> bool:
    """Ask whether the published file is to be replaced; no answer is a no."""
    published = _written(datetime.fromtimestamp(warehouse.published.stat().st_mtime, UTC))
    kept = "" if warehouse.is_former_kept else " The published file is not kept, because CLEVER_KEEP_PUBLISHED is 0."
    try:
        return typer.confirm(
            f"Replace {warehouse.published} (published {published}) with the file published {_written(backup.published_at)}?{kept}"
        )
    except typer.Abort:
        return False


def is_rollback_confirmed(warehouse: Warehouse, kept: KeptFile, console: Console) -> bool:
    """Show what a rollback replaces, and by what, and ask; no answer is a no."""
    published = "nothing is published"
    if warehouse.published.exists():
        instant = datetime.fromtimestamp(warehouse.published.stat().st_mtime, UTC)
        published = f"{warehouse.published}, published {_written(instant)}"
    console.print(f"From: {published}", markup=False)
    console.print("To:")
    table(console, list(kept.shown), [list(kept.shown.values())])
    try:
        return typer.confirm("Restore this file?")
    except typer.Abort:
        return False


def show_restored(backup: Backup, warehouse: Warehouse, kept: Path | None, console: Console) -> None:
    """Show what was restored, and what comes next."""
    verified = "as its receipt says" if backup.receipt else "without a receipt: only that all of it can be read"
    console.print(
        f"Restored the file published {_written(backup.published_at)} to {warehouse.published} (verified {verified}).",
        markup=False,
    )
    if backup.is_migrated_by_the_next_sync:
        console.print("An earlier version of clever-warehouse wrote it: the next sync migrates it first.")
    if kept is not None:
        console.print("The file that it replaced is kept: `clever-warehouse rollback` restores it.", markup=False)
    console.print(
        "Run `clever-warehouse sync`: it compares Clever with this state and continues from it.", markup=False
    )


def _written(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
