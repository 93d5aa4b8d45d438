"""A program that reads a published file with nothing but DuckDB, and prints a digest of each thing it can be asked.

It runs in environments that hold another release of DuckDB and no other package. Values are cast to VARCHAR, because DuckDB
before 2.0 needs the package pytz to give a timestamp to Python.

    python answers.py warehouse.duckdb sql/queries
    python answers.py warehouse.duckdb attached

With ``attached``, the file is attached to a database that has tables with the same names and other rows.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

ARGUMENTS = {"table_name": "'legacy_id_crosswalk'", "column_name": "'legacy_id'"}
"""What a macro is given, by the name of its parameter; a scalar macro is given every legacy ID."""


def relations(connection: duckdb.DuckDBPyConnection, database: str) -> Iterator[tuple[str, str]]:
    """Every table and view by name, with a query of all its rows; ``database`` is what precedes the name in the query."""
    names = """
        SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal
        UNION ALL
        SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal
    """
    for (name,) in connection.execute(names).fetchall():
        yield name, f"FROM {database}{name}"


def macros(connection: duckdb.DuckDBPyConnection, database: str) -> Iterator[tuple[str, str]]:
    """Every macro by name, with a query that calls it; ``database`` is what precedes the name in the query."""
    ((instant,),) = connection.execute(f"SELECT max(valid_from)::VARCHAR FROM {database}users").fetchall()
    arguments = {**ARGUMENTS, "instant": f"'{instant}'"}
    found = "SELECT function_name, function_type, parameters FROM duckdb_functions() WHERE NOT internal"
    for name, kind, parameters in connection.execute(found).fetchall():
        if kind == "table_macro":
            yield name, f"FROM {database}{name}({', '.join(arguments[each] for each in parameters)})"
        else:
            given = ", ".join(["legacy_id", *(arguments[each] for each in parameters[1:])])
            yield name, f"SELECT legacy_id, {database}{name}({given}) AS answer FROM {database}legacy_id_crosswalk"


def create_tables_of_the_same_names(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Create a table with the name and columns of each table of an attached database, with one row of other text."""
    columns = f"""
        SELECT schema_name || '.' || table_name, list(column_name), list(data_type = 'VARCHAR')
        FROM duckdb_columns()
        SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name)
        WHERE database_name = '{database}'
        GROUP BY ALL
    """
    for table, names, are_texts in connection.execute(columns).fetchall():
        values = [
            f"'theirs' AS \"{name}\"" if is_text else f'"{name}"'
            for name, is_text in zip(names, are_texts, strict=True)
        ]
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
        connection.execute(f"CREATE TABLE {table} AS SELECT {', '.join(values)} FROM {database}.{table} LIMIT 1")


def digest(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The number of rows that a query answers, and a digest of them in any order; or the error."""
    try:
        rows = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})").fetchall()
    except duckdb.Error as error:
        return f"{type(error).__name__}: {error}"
    return f"{len(rows)} rows, {hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()}"


def main(file: str, queries: str) -> None:
    """Print the digests as a JSON object, by the name of what was asked."""
    connection = duckdb.connect() if queries == "attached" else duckdb.connect(file, read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    if queries == "attached":
        connection.execute(f"ATTACH '{file}' AS warehouse (READ_ONLY)")
    database = "warehouse." if queries == "attached" else ""
    asked = [*relations(connection, database), *macros(connection, database)]
    if queries == "attached":
        create_tables_of_the_same_names(connection, "warehouse")
    answers = {name: digest(connection, query) for name, query in asked}
    for question in sorted(Path(queries).glob("*.sql")):
        *settings, query = duckdb.extract_statements(question.read_text(encoding="utf-8"))
        for setting in settings:
            connection.execute(setting)
        answers[question.name] = digest(connection, query.query.strip().rstrip(";"))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
