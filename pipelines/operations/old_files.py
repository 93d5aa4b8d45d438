"""How long reports and exports stay in the folder of the warehouse."""

import time
from contextlib import suppress
from typing import Final

from pipelines.warehouse import Warehouse

FOLDERS: Final = ("reports", "exports")
"""The folders of files that commands write and no command reads."""

DAY: Final = 24 * 60 * 60
"""Seconds of a day."""


def remove_old_files(warehouse: Warehouse, days: int) -> int:
    """Remove the reports and exports that were last written more than so many days ago; gives how many.

    Raises:
        OSError: one could not be removed.
    """
    before = time.time() - days * DAY
    removed = 0
    for name in FOLDERS:
        for file in sorted((warehouse.folder / name).rglob("*"), reverse=True):
            if file.is_dir() and not file.is_symlink():
                with suppress(OSError):  # it has files still
                    file.rmdir()
            elif file.lstat().st_mtime < before:
                file.unlink()
                removed += 1
    return removed
