"""Tables of the command line: the last sync, the state of each district, holds, kept files, demo queries."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec
import sqlalchemy as sa
from rich import box
from rich.console import Console
from rich.table import Column, Table

from assets.operations import changes_by_role
from pipelines.sync import SyncResult
from pipelines.warehouse import Archived, NothingPublishedError, Warehouse, tables
from pipelines.warehouse.database import open_database
from pipelines.warehouse.dictionary import column_type
from pipelines.warehouse.statements import statement


def show_sync(warehouse: Warehouse, sync_id: str, seconds: float, console: Console) -> None:
    """Show one row per district of a sync, one row per role over all districts, and the duration."""
    try:
        with warehouse.reading() as connection:
            rows = connection.execute(statement("shown/sync"), [sync_id]).fetchall()
            roles = connection.execute(statement("shown/sync_by_role"), [sync_id]).fetchall()
    except NothingPublishedError:
        return
    if rows:
        table(console, ["district", "outcome", "people", "added", "updated", "archived", "restored"], rows)
        if roles:
            console.print("By role (districts that synced successfully):")
            table(console, ["role", "before", "added", "updated", "archived", "restored", "unchanged"], roles)
        districts = "1 district" if len(rows) == 1 else f"{len(rows):,} districts"
        console.print(f"{districts} in {seconds:,.1f} seconds.", markup=False)


def show_preview(result: SyncResult, console: Console) -> None:
    """Show what a sync would change, with one row per district and role, and which limits that exceeds."""
    rows = changes_by_role(result.outcomes)
    if rows:
        table(console, list(rows[0]), [list(row.values()) for row in rows])
    for outcome in result.outcomes:
        if outcome.outcome == "applied":
            continuing = f" {outcome.archived}" if outcome.archived.people else ""
            console.print(
                f"District {outcome.district_id}: would be applied ({outcome.counts}).{continuing}", markup=False
            )
        elif outcome.outcome == "unchanged":
            console.print(f"District {outcome.district_id}: unchanged.", markup=False)
    for district_id in result.disconnected:
        console.print(f"District {district_id} is disconnected: its data would stay unchanged.", markup=False)
    for failure in result.failures:
        console.print(failure, markup=False, style="red")
    console.print("Preview only: nothing was applied.")


def show_holds(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show the snapshots that wait for approval, with what each would change, and past decisions."""
    waiting = connection.execute(statement("holds/pending")).fetchall()
    decided = connection.execute(statement("shown/decisions")).fetchall()
    if not waiting and not decided:
        console.print("No holds.")
    for district_id, digest, why, by_role, *archived, since in waiting:
        console.print(f"District {district_id}: held since {since}, waiting for a decision", markup=False)
        _show_snapshot(digest, why, None, by_role, archived, console)
    for district_id, digest, state, why, decision, by_role, *archived in decided:
        console.print(f"District {district_id}: {state}", markup=False)
        _show_snapshot(digest, why, decision, by_role, archived, console)


def _show_snapshot(
    digest: str, why: str, decision: str | None, by_role: str, archived: Sequence[int | None], console: Console
) -> None:
    console.print(f"  digest    {digest}", markup=False)
    console.print(f"  why       {why}", markup=False)
    people, continuing = archived
    if people and continuing is not None:
        console.print(f"  people    {Archived(people, continuing)}", markup=False)
    if decision:
        console.print(f"  decision  {decision}", markup=False)
    changes = msgspec.json.decode(by_role, type=dict[str, dict[str, int]])
    if changes:
        columns = ["role", *next(iter(changes.values()))]
        table(console, columns, [[role, *counts.values()] for role, counts in changes.items()])


UNDONE = ("syncs", "decisions", "imports", "verifications", "rollbacks")
"""What a rollback undoes, in the order of sql/shown/undone.sql."""

COMPARED = (
    (tables.runs, "sync_id", "outcome"),
    (tables.holds, "district_id", "digest", "decided_at"),
    (tables.imports, "import_id"),
    (tables.verifications, "verification_id"),
    (tables.rollbacks, "rolled_back_at"),
    (tables.legacy_id_crosswalk, "source", "first_seen_at"),
)
"""The tables and columns that sql/shown/undone.sql reads."""


def show_kept(files: Sequence[Path], published: Path, console: Console) -> None:
    """Show the kept files, newest first: the people in each, and what a rollback to it would undo."""
    if not files:
        console.print("No earlier file is kept (CLEVER_KEEP_PUBLISHED sets how many).")
        return
    rows: list[Sequence[object]] = []
    for file in files:
        try:
            with open_database(file, read_only=True) as connection:
                kept = connection.execute(statement("shown/kept")).fetchall()[0]
            rows.append((file.stem, *kept, *_undone(file, published)))
        except duckdb.Error:
            rows.append((file.stem, None, "cannot be read", *(None for _ in UNDONE)))
    table(
        console,
        ["file", "people", "last sync that changed something", *(f"{each} undone" for each in UNDONE)],
        rows,
    )
    console.print(
        "Undone by a rollback to the file: syncs that changed something, approvals and rejections, imports of migration CSVs, "
        "verifications, and rollbacks that the published file has and the kept file does not have."
    )


def _undone(kept: Path, published: Path) -> Sequence[object]:
    """Count what the published file has and a kept one does not have; nothing if no file is published."""
    if not published.exists():
        return [None for _ in UNDONE]
    with open_database() as connection:
        for name, file in (("kept", kept), ("published", published)):
            quoted = str(file).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
            for relation, *columns in COMPARED:
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


def show_status(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show row counts and the last sync result for each district."""
    columns = [
        "district",
        "connected",
        "students",
        "teachers",
        "staff",
        "district admins",
        "contacts",
        "last sync",
        "outcome",
        "up to date as of",
    ]
    table(console, columns, connection.execute(statement("shown/status")).fetchall())
    # An earlier release with the same schema version wrote no such table.
    if connection.execute("FROM duckdb_tables() WHERE schema_name = 'sync' AND table_name = 'rollbacks'").fetchall():
        for (line,) in connection.execute(statement("shown/rollbacks")).fetchall():
            console.print(line, markup=False)


def show_answers(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show a few query results: people per role, a person with three roles, and a legacy ID with its v3 ID."""
    console.print("\nPeople per role:")
    table(console, ["district", "role", "people"], connection.execute(statement("shown/roles")).fetchall())
    console.print("\nA person with three roles, with the legacy ID for each:")
    table(
        console,
        ["user_id", "role", "legacy_id", "title"],
        connection.execute(statement("shown/three_roles")).fetchall(),
    )
    console.print("\nA legacy ID and its v3 ID (SELECT v3_user_id('...')):")
    table(console, ["legacy_id", "v3_user_id"], connection.execute(statement("shown/resolved")).fetchall())


def show_changes(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show how IDs changed over the syncs."""
    console.print("\nChanges of legacy IDs (crosswalk_changes):")
    table(
        console,
        ["observed_at", "change", "role", "legacy_id", "from_user_id", "to_user_id"],
        connection.execute(statement("shown/changes")).fetchall(),
    )


def table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: IDs are never cut, and lines are drawn in a terminal only."""
    made = Table(
        *(Column(column, no_wrap=True) for column in columns), box=box.SIMPLE_HEAD if console.is_terminal else None
    )
    for row in rows:
        made.add_row(
            *(
                ""
                if value is None
                else f"{value:,}"
                if isinstance(value, int) and not isinstance(value, bool)
                else str(value)
                for value in row
            )
        )
    console.print(made, markup=False)
