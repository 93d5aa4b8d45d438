"""A program that reads a published file with nothing but DuckDB, and prints a digest of each thing it can be asked.

It runs in environments that hold another release of DuckDB and no other package. Values are cast to VARCHAR, because DuckDB
before 2.0 needs the package pytz to give a timestamp to Python.

    python answers.py warehouse.duckdb sql/queries
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

ARGUMENTS = {"table_name": "'legacy_id_crosswalk'", "column_name": "'legacy_id'"}
"""What a macro is given, by the name of its parameter; a scalar macro is given every legacy ID."""


def relations(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Every table and view by name, with a query of all its rows."""
    names = """
        SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal
        UNION ALL
        SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal
    """
    for (name,) in connection.execute(names).fetchall():
        yield name, f"FROM {name}"


def macros(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Every macro by name, with a query that calls it."""
    ((instant,),) = connection.execute("SELECT max(valid_from)::VARCHAR FROM users").fetchall()
    arguments = {**ARGUMENTS, "instant": f"'{instant}'"}
    found = "SELECT function_name, function_type, parameters FROM duckdb_functions() WHERE NOT internal"
    for name, kind, parameters in connection.execute(found).fetchall():
        if kind == "table_macro":
            yield name, f"FROM {name}({', '.join(arguments[each] for each in parameters)})"
        else:
            yield name, f"SELECT legacy_id, {name}(legacy_id) AS answer FROM legacy_id_crosswalk"


def digest(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The number of rows that a query answers, and a digest of them in any order; or the error."""
    try:
        rows = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})").fetchall()
    except duckdb.Error as error:
        return f"{type(error).__name__}: {error}"
    return f"{len(rows)} rows, {hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()}"


def main(file: str, queries: str) -> None:
    """Print the digests as a JSON object, by the name of what was asked."""
    connection = duckdb.connect(file, read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    answers = {name: digest(connection, query) for name, query in [*relations(connection), *macros(connection)]}
    for question in sorted(Path(queries).glob("*.sql")):
        *settings, query = duckdb.extract_statements(question.read_text(encoding="utf-8"))
        for setting in settings:
            connection.execute(setting)
        answers[question.name] = digest(connection, query.query.strip().rstrip(";"))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
