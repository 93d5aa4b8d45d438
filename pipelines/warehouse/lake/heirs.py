"""How each answer about an ID stays right in a lake that gets some districts at a time: the IDs that others know are led anew.

Where an ID leads may depend on districts that are not in a batch, because they are committed later or by another worker. Of such
IDs, and of all that links join with them, the heirs are found in the lake, in the transaction of the batch and by the statement
that finds them in a file. Of all others, they are what the sync has found.
"""

import duckdb

from pipelines.warehouse.heirs import FIND
from pipelines.warehouse.lake.changes import run, write_difference
from pipelines.warehouse.lake.relations import HEIRS, LakeTable, lake_tables
from pipelines.warehouse.statements import statement

IDS = {
    "legacy_id_crosswalk": ("legacy_id", "user_id"),
    "users": ("user_id",),
    "past.past_users": ("user_id",),
    HEIRS: ("id",),
}
"""The tables that say where an ID leads, and their columns with IDs."""


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin a batch, with no IDs that may lead elsewhere."""
    connection.execute(statement("heirs/no_ids"))


def add_ids(connection: duckdb.DuckDBPyConnection, table: LakeTable) -> None:
    """Add the IDs of the rows in ``difference`` to those that may lead elsewhere."""
    for column in IDS.get(table.relation, ()):
        connection.execute(f"INSERT INTO changed_ids SELECT {column} FROM difference")


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the heirs of these IDs up to date in the lake, after all other tables.

    Raises:
        RefusedError: the rows that would be written are not what they must be.
    """
    if connection.execute("SELECT count(*) FROM changed_ids").fetchall() == [(0,)]:
        return
    (heirs,) = (table for table in lake_tables() if table.relation == HEIRS)
    connection.execute(statement("heirs/connected_ids"))
    run(connection, "ids_elsewhere")
    for name in FIND:
        connection.execute(statement(name))
    run(connection, "heirs_difference", written=heirs.rows_of("written"), kept=heirs.rows_of("warehouse"))
    if write_difference(connection, heirs):
        run(connection, "heirs_touched")
