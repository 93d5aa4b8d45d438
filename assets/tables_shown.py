"""What the terminal shows of the warehouse: tables of the last sync, the state of each district, a few answers."""

from collections.abc import Sequence

import duckdb
from rich import box
from rich.console import Console
from rich.table import Column, Table

from pipelines.warehouse import NothingPublishedError, Warehouse
from pipelines.warehouse.statements import statement


def show_sync(warehouse: Warehouse, sync_id: str, console: Console) -> int:
    """A row a district of one sync, and the reasons of those that went wrong; gives the number of rows."""
    try:
        with warehouse.reading() as connection:
            rows = connection.execute(statement("shown/sync"), [sync_id]).fetchall()
    except NothingPublishedError:
        return 0
    if rows:
        _table(
            console,
            ["district", "outcome", "people", "added", "updated", "archived", "restored", "seconds"],
            [row[:-1] for row in rows],
        )
        for row in rows:
            if row[-1]:
                console.print(row[-1], markup=False, style="red")
    return len(rows)


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
    _table(console, columns, connection.execute(statement("shown/status")).fetchall())


def show_answers(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """A few answers: how many people hold each role, a person with three roles, a legacy id and the v3 id it became."""
    console.print("\nHow many people hold each role:")
    _table(console, ["district", "role", "people"], connection.execute(statement("shown/roles")).fetchall())
    console.print("\nA person who holds three roles, with an id of old for each:")
    _table(
        console,
        ["user_id", "role", "legacy_id", "title"],
        connection.execute(statement("shown/three_roles")).fetchall(),
    )
    console.print("\nA legacy id that resolves (SELECT v3_user_id('...')):")
    _table(console, ["legacy_id", "v3_user_id"], connection.execute(statement("shown/resolved")).fetchall())


def _table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(
        *(Column(column, no_wrap=True) for column in columns), box=box.SIMPLE_HEAD if console.is_terminal else None
    )
    for row in rows:
        table.add_row(
            *(
                ""
                if value is None
                else f"{value:,}"
                if isinstance(value, int) and not isinstance(value, bool)
                else str(value)
                for value in row
            )
        )
    console.print(table, markup=False)
