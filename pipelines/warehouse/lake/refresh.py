"""How the local copy of some districts is brought to what the lake has: only what another commit has written since is read."""

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb
import sqlalchemy as sa

from pipelines.encryption import Key
from pipelines.progress import Report
from pipelines.warehouse import schema, tables
from pipelines.warehouse.clock import MachineClock
from pipelines.warehouse.database import ENCRYPTED_STORAGE, attach, open_database
from pipelines.warehouse.lake import commits
from pipelines.warehouse.lake.lake import ALIAS, Lake
from pipelines.warehouse.lake.part import Part
from pipelines.warehouse.lake.relations import HEIRS, ONLY_LOCAL, key_of, qualified
from pipelines.warehouse.statements import statement


def create_copy(file: Path, key: Key | None, machine: MachineClock, report: Report, storage: str) -> None:
    """Make a local copy without rows, or bring an existing one to the declared schema.

    Raises:
        StatementError: it is as it was.
    """
    with closing(open_database(file, key=key, settings={"storage_compatibility_version": storage})) as connection:
        schema.ensure(connection, machine, report)
        connection.execute("CHECKPOINT")


def refresh(lake: Lake, connection: duckdb.DuckDBPyConnection, copy: Path, noted: Path, part: Part) -> bool:
    """Read again what the lake has of another commit than a local copy; gives whether there was any.

    ``noted`` is the file that says which commits the copy has. A process that is killed in between leaves what it was reading
    without a commit there, so the next refresh reads it.

    Raises:
        LakeError: the lake cannot be reached.
    """
    names = {tables.relation_name(table) for table in tables.stored()}
    if not part.is_whole:
        # Of IDs that other workers know too, the lake alone has the heirs.
        names.discard(HEIRS)
    has = commits.known(noted)
    with lake.translated():
        latest = dict(connection.execute(statement("lake/commits")).fetchall())
        wanted = {scope: commit_id for scope, commit_id in latest.items() if scope in names or part.has(scope)}
        stale = sorted(scope for scope in has.keys() | wanted.keys() if has.get(scope) != wanted.get(scope))
        if not stale:
            return False
        commits.note(noted, {scope: commit_id for scope, commit_id in has.items() if scope not in stale})
        attach(connection, copy, "copy", lake.key, read_only=False, storage=ENCRYPTED_STORAGE if lake.key else None)
        connection.execute("CREATE OR REPLACE TEMP TABLE stale AS SELECT unnest(?::VARCHAR[]) AS scope", [stale])
        # In two transactions: in one, DuckDB refuses a key that was deleted and is written again.
        for step in (_forget, _read):
            connection.execute("BEGIN")
            step(connection, names.intersection(stale))
            connection.execute("COMMIT")
        connection.execute("CHECKPOINT copy")
        connection.execute("DETACH copy")
    commits.note(noted, wanted)
    return True


def _forget(connection: duckdb.DuckDBPyConnection, of_none: Collection[str]) -> None:
    """Remove the rows of the stale scopes from the copy."""
    for table in tables.stored():
        if condition := _condition(table, of_none):
            connection.execute(f"DELETE FROM copy.{qualified(table)} WHERE {condition}")


def _read(connection: duckdb.DuckDBPyConnection, of_none: Collection[str]) -> None:
    """Write the rows that the lake has of the stale scopes to the copy."""
    for table in tables.stored():
        if tables.relation_name(table) not in ONLY_LOCAL and (condition := _condition(table, of_none)):
            order = ", ".join(f'"{column}"' for column in key_of(table))
            connection.execute(
                f"INSERT INTO copy.{qualified(table)} BY NAME FROM {ALIAS}.{qualified(table)} WHERE {condition} ORDER BY {order}"
            )


def _condition(table: sa.Table, of_none: Collection[str]) -> str | None:
    """Which rows of a table belong to the stale scopes, of which some are tables; None if none can."""
    is_stale = tables.relation_name(table) in of_none
    if "district_id" not in table.columns or (is_stale and tables.relation_name(table) == HEIRS):
        return "true" if is_stale else None
    return f"district_id IN (FROM stale){' OR district_id IS NULL' if is_stale else ''}"
