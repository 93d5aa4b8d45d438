"""How what was deleted in a lake leaves it for good: its files, its old snapshots, and the statistics of its catalog.

DuckLake deletes a row by noting its place. Until the file is rewritten and the snapshots that show it are forgotten, the row is there;
and PostgreSQL keeps the smallest and largest value of each column as text, which may be a name.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template

import duckdb

from pipelines.warehouse.erasing import found_in
from pipelines.warehouse.lake.lake import Lake, OnWait
from pipelines.warehouse.lake.relations import lake_tables
from pipelines.warehouse.statements import literal, statement

HEX = re.compile(rb"\\\\?x((?:[0-9a-f]{2})+)")
"""How PostgreSQL shows bytes."""


def forget(lake: Lake, on_wait: OnWait) -> list[str]:
    """Leave nothing in the lake but its current rows; gives the districts that have none. Readers of earlier states meet an error.

    Raises:
        LakeError: the lake cannot be reached, or a step failed; what was deleted may still be there.
    """
    with lake.changing(on_wait):
        with lake.connected() as connection, lake.translated():
            gone = _without_rows(connection)
            connection.execute("DELETE FROM delivery.commits WHERE scope IN (SELECT unnest(?::VARCHAR[]))", [gone])
            for step in statement("lake/forget").split(";\n"):
                if step.strip():
                    connection.execute(step).fetchall()
        lake.rewrite_catalog(statement("lake/narrow_statistics"))
    return gone


def _without_rows(connection: duckdb.DuckDBPyConnection) -> list[str]:
    of_tables = [table.relation for table in lake_tables()]
    districts = " UNION ".join(f"SELECT district_id FROM {table.name}" for table in lake_tables() if table.has_district)
    query = Template(statement("lake/scopes_without_rows")).substitute(districts=districts)
    return [str(scope) for (scope,) in connection.execute(query, [of_tables]).fetchall()]


def places(lake: Lake, is_in: Callable[[bytes], bool], purging: Path) -> list[str]:
    """Where the lake holds something that a purge collected: columns, objects of the storage, and tables of the catalog.

    Args:
        lake: The lake.
        is_in: Whether some bytes hold one of the values.
        purging: The database of what was collected.

    Raises:
        LakeError: the lake cannot be reached.
    """
    found = []
    with lake.connected(read_only=True) as connection, lake.translated():
        found += [f"the lake: {column}" for column in found_in(connection, purging, lake.key)]
        found += [f"the lake: {name}" for name, content in _objects(lake, connection) if is_in(content)]
    for table, row in lake.catalog_rows():
        content = row.encode()
        plain = b" ".join(bytes.fromhex(each.decode()) for each in HEX.findall(content))
        if is_in(content) or is_in(plain):
            found.append(f"the catalog of the lake: {table}")
    return list(dict.fromkeys(found))


def _objects(lake: Lake, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, bytes]]:
    """Every object of the storage, one at a time: its name, and its bytes with its name."""
    pattern = literal(f"{lake.data.rstrip('/')}/**")
    for (name,) in connection.execute(f"SELECT file FROM glob({pattern}) ORDER BY file").fetchall():
        rows = connection.execute(f"SELECT content FROM read_blob({literal(name)})").fetchall()
        for (content,) in rows:
            yield name.rpartition("/")[2], bytes(content) + name.encode()
