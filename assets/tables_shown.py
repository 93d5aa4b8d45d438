"""What the terminal shows of the warehouse: tables of the last sync, the state of each district, a few answers."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec
from rich import box
from rich.console import Console
from rich.table import Column, Table

from assets.operations import changes_by_role
from pipelines.sync import SyncResult
from pipelines.warehouse import Archived, NothingPublishedError, Warehouse
from pipelines.warehouse.statements import statement


def show_sync(warehouse: Warehouse, sync_id: str, seconds: float, console: Console) -> None:
    """A row a district of one sync, a row a role over all of them, and how long it took for all together."""
    try:
        with warehouse.reading() as connection:
            rows = connection.execute(statement("shown/sync"), [sync_id]).fetchall()
            roles = connection.execute(statement("shown/sync_by_role"), [sync_id]).fetchall()
    except NothingPublishedError:
        return
    if rows:
        table(console, ["district", "outcome", "people", "added", "updated", "archived", "restored"], rows)
        if roles:
            console.print("By role, over all districts that are up to date:")
            table(console, ["role", "before", "added", "updated", "archived", "restored", "unchanged"], roles)
        districts = "1 district" if len(rows) == 1 else f"{len(rows):,} districts"
        console.print(f"{districts} in {seconds:,.1f} seconds.", markup=False)


def show_preview(result: SyncResult, console: Console) -> None:
    """What a sync would change, a row a district a role, and which limits that exceeds."""
    rows = changes_by_role(result.outcomes)
    if rows:
        table(console, list(rows[0]), [list(row.values()) for row in rows])
    for outcome in result.outcomes:
        if outcome.outcome == "applied":
            continuing = f" {outcome.archived}" if outcome.archived.people else ""
            console.print(
                f"District {outcome.district_id} would change; people: {outcome.counts}.{continuing}", markup=False
            )
        elif outcome.outcome == "unchanged":
            console.print(f"District {outcome.district_id}: nothing would change.", markup=False)
    for district_id in result.disconnected:
        console.print(f"District {district_id} is disconnected: its data would stay as they are.", markup=False)
    for trouble in result.troubles:
        console.print(trouble, markup=False, style="red")
    console.print("This was a preview: nothing was applied.")


def show_holds(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """The snapshots that wait for a decision, with what each would change, and the decisions about earlier ones."""
    waiting = connection.execute(statement("holds/open")).fetchall()
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


def show_kept(files: Sequence[Path], console: Console) -> None:
    """The files that were published before and are kept, newest first, and how many people are in each."""
    if not files:
        console.print("No earlier file is kept (CLEVER_KEEP_PUBLISHED says how many are).")
        return
    rows = []
    for file in files:
        with duckdb.connect(str(file), read_only=True) as connection:
            rows.append((file.stem, *connection.execute(statement("shown/kept")).fetchall()[0]))
    table(console, ["file", "people", "last sync that changed something"], rows)


def show_status(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """What the warehouse holds of each district, and what came of its last sync."""
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


def show_answers(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """A few answers: how many people hold each role, a person with three roles, a legacy id and the v3 id it became."""
    console.print("\nHow many people hold each role:")
    table(console, ["district", "role", "people"], connection.execute(statement("shown/roles")).fetchall())
    console.print("\nA person who holds three roles, with an id of old for each:")
    table(
        console,
        ["user_id", "role", "legacy_id", "title"],
        connection.execute(statement("shown/three_roles")).fetchall(),
    )
    console.print("\nA legacy id that resolves (SELECT v3_user_id('...')):")
    table(console, ["legacy_id", "v3_user_id"], connection.execute(statement("shown/resolved")).fetchall())


def show_changes(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """What became of ids and people over the syncs."""
    console.print("\nWhat became of legacy ids (crosswalk_changes):")
    table(
        console,
        ["observed_at", "change", "role", "legacy_id", "from_user_id", "to_user_id"],
        connection.execute(statement("shown/changes")).fetchall(),
    )


def table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as all commands show it: ids are never cut, and where the output is no terminal no lines are drawn."""
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
