"""How a database is opened: one function for every file and every purpose, and how a statement names a file."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb


def open_database(
    file: Path | None = None, *, read_only: bool = False, settings: Mapping[str, str | bool] = MappingProxyType({})
) -> duckdb.DuckDBPyConnection:
    """Open a database, whose session shows instants in UTC.

    Args:
        file: The file; None for a new database in memory.
        read_only: Whether nothing may be written.
        settings: Settings of DuckDB, such as ``memory_limit``.

    Raises:
        duckdb.Error: DuckDB cannot open it.
    """
    # As configuration: the storage format counts from the moment the file is created.
    connection = duckdb.connect(str(file) if file else ":memory:", read_only=read_only, config=dict(settings))
    try:
        connection.execute("SET TimeZone = 'UTC'")
    except BaseException:
        connection.close()
        raise
    return connection


def quoted(file: Path) -> str:
    """A file as a text of SQL."""
    return "'" + str(file).replace("'", "''") + "'"
