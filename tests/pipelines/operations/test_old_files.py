"""How long reports and exports stay."""

import os
from pathlib import Path

from pipelines.operations.old_files import DAY, remove_old_files
from pipelines.warehouse import Warehouse


def test_files_of_reports_and_exports_are_removed_by_age_and_nothing_else_is(tmp_path: Path) -> None:
    old: list[Path] = []
    new: list[Path] = []
    for name in ("reports/a.csv", "exports/one/b.csv", "exports/two/c.parquet", "mine/d.csv", "warehouse.duckdb"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
        is_old = name != "exports/two/c.parquet"
        if is_old:
            then = file.stat().st_mtime - 31 * DAY
            os.utime(file, (then, then))
        (old if is_old and name.startswith(("reports", "exports")) else new).append(file)
    assert remove_old_files(Warehouse(tmp_path), 30) == len(old) == 2
    assert not any(file.exists() for file in old)
    assert all(file.exists() for file in new)
    assert not (tmp_path / "exports" / "one").exists()
    assert remove_old_files(Warehouse(tmp_path), 30) == 0
