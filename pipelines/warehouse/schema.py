"""How the declared tables come to be in a DuckDB database, with comments, views and macros."""

import hashlib

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateTable
from sqlalchemy.sql.compiler import DDLCompiler

from pipelines.warehouse import tables
from pipelines.warehouse.statements import FOLDER, statement

_dialect = Dialect()


@compiles(sa.PrimaryKeyConstraint, _dialect.name)
def _primary_key(key: sa.PrimaryKeyConstraint, compiler: DDLCompiler, **options: object) -> str | None:
    """A key that is proven has no index."""
    return None if key.table.info.get("key") == "proven" else compiler.visit_primary_key_constraint(key, **options)


def definitions() -> list[str]:
    """The statements that make an empty database into a warehouse without rows, in order."""
    schemas = dict.fromkeys(table.schema for table in tables.metadata.tables.values() if table.schema)
    return [
        *(f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in schemas),
        *(_text(CreateTable(table, if_not_exists=True)) for table in tables.stored()),
        *(
            statement(f"{folder}/{file.stem}")
            for folder in ("views", "macros")
            for file in sorted((FOLDER / folder).glob("*.sql"))
        ),
        *(comment for table in tables.metadata.tables.values() for comment in _comments(table)),
    ]


def ensure(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring a database to the declared schema: what is missing is created, columns that came later are added at the end."""
    fingerprint = hashlib.sha256("\n".join(definitions()).encode()).hexdigest()
    if fingerprint == _fingerprint(connection):
        return
    connection.begin()
    for table in tables.stored():
        for column in _missing(connection, table):
            connection.execute(
                f"ALTER TABLE {_name(table)} ADD COLUMN {_text(CreateColumn(column)).removesuffix(' NOT NULL')}"
            )
    for definition in definitions():
        connection.execute(definition)
    connection.execute("DELETE FROM sync.layout")
    connection.execute("INSERT INTO sync.layout VALUES (?)", [fingerprint])
    connection.commit()


def _fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The fingerprint of the definitions that the database was made by; None for a new one."""
    try:
        row = connection.execute("SELECT fingerprint FROM sync.layout").fetchone()
    except duckdb.CatalogException:
        return None
    return None if row is None else str(row[0])


def _missing(connection: duckdb.DuckDBPyConnection, table: sa.Table) -> list[sa.Column[object]]:
    """The declared columns that an existing table lacks."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND database_name = current_database()",
        [table.schema or "main", table.name],
    ).fetchall()
    there = {name for (name,) in rows}
    return [column for column in table.columns if there and column.name not in there]


def _comments(table: sa.Table) -> list[str]:
    kind = "VIEW" if "view" in table.info else "TABLE"
    return [
        f"COMMENT ON {kind} {_name(table)} IS {_literal(table.comment)}",
        *(f"COMMENT ON COLUMN {_name(table)}.{column.name} IS {_literal(column.comment)}" for column in table.columns),
    ]


def _name(table: sa.Table) -> str:
    return f"{table.schema or 'main'}.{table.name}"


def _literal(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def _text(element: sa.ClauseElement) -> str:
    return str(element.compile(dialect=_dialect)).strip()
