"""What each kept file has, and what a rollback to it would undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import sqlalchemy as sa

from pipelines.encryption import Key
from pipelines.warehouse import tables
from pipelines.warehouse.database import attach, open_database
from pipelines.warehouse.errors import EncryptionError
from pipelines.warehouse.statements import statement
from pipelines.warehouse.tables import column_type

UNDONE: Final = ("syncs", "decisions", "imports", "verifications", "rollbacks")
"""What a rollback undoes, in the order of sql/shown/undone.sql."""

UNDONE_BY_A_ROLLBACK: Final = (
    "Undone by a rollback to the file: syncs that changed something, approvals and rejections, imports of migration CSVs, "
    "verifications, and rollbacks that the published file has and the kept file does not have."
)

_COMPARED: Final = (
    (tables.runs, "sync_id", "outcome"),
    (tables.holds, "district_id", "digest", "decided_at"),
    (tables.imports, "import_id"),
    (tables.verifications, "verification_id"),
    (tables.rollbacks, "rolled_back_at"),
    (tables.legacy_id_crosswalk, "source", "first_seen_at"),
)
"""The tables and columns that sql/shown/undone.sql reads."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was published before."""

    name: str
    """What a rollback is given: the instant at which the file was published."""
    people: int | None
    """None if the file cannot be read."""
    last_change: datetime | None
    """When a sync last changed something in it."""
    undone: Sequence[int | None]
    """How many of each of UNDONE the published file has and this one does not have."""

    @property
    def shown(self) -> dict[str, str | int | None]:
        """The row of a table for people, by heading."""
        last = f"{self.last_change.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if self.last_change else None
        undone = {f"{what} undone": count for what, count in zip(UNDONE, self.undone, strict=True)}
        return {
            "file": self.name,
            "people": self.people,
            "last sync that changed something": "cannot be read" if self.people is None else last,
            **undone,
        }


def kept_files(files: Sequence[Path], published: Path, key: Key | None) -> list[KeptFile]:
    """Look into some kept files, beside the published one."""
    return [_kept(file, published, key) for file in files]


def _kept(file: Path, published: Path, key: Key | None) -> KeptFile:
    try:
        with open_database(file, key=key, read_only=True) as connection:
            people, last_change = connection.execute(statement("shown/kept")).fetchall()[0]
        return KeptFile(file.stem, people, last_change, _undone(file, published, key))
    except (duckdb.Error, EncryptionError):
        return KeptFile(file.stem, None, None, [None for _ in UNDONE])


def _undone(kept: Path, published: Path, key: Key | None) -> Sequence[int | None]:
    """Count what the published file has and a kept one does not have; nothing if no file is published."""
    if not published.exists():
        return [None for _ in UNDONE]
    with open_database(key=key) as connection:
        for name, file in (("kept", kept), ("published", published)):
            attach(connection, file, name, key)
            for relation, *columns in _COMPARED:
                _open_compared(connection, name, relation, columns)
        (counts,) = connection.execute(statement("shown/undone")).fetchall()
    return tuple(counts)


def _open_compared(
    connection: duckdb.DuckDBPyConnection, database: str, relation: sa.Table, columns: Sequence[str]
) -> None:
    """Create a view of a table as DATABASE_TABLE. What an older file lacks is empty: a table without rows, a column of NULLs."""
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        [database, relation.schema or "main", relation.name],
    ).fetchall()
    there = {column for (column,) in found}
    values = [
        column if column in there else f"NULL::{column_type(relation.columns[column])} AS {column}"
        for column in columns
    ]
    source = f"FROM {database}.{relation.schema or 'main'}.{relation.name}" if there else "WHERE false"
    connection.execute(f"CREATE TEMP VIEW {database}_{relation.name} AS SELECT {', '.join(values)} {source}")
