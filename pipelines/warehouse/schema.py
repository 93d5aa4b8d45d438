"""How the declared tables come to be in a DuckDB database, with comments, views and macros.

A new table, or a new column that may be NULL, needs a declaration only: it is created where it is missing. What else changes
in tables that exist (keys, names, meanings) is a migration: a file of sql/migrations, numbered from 0001 without gaps, which
runs once in each older database, before anything missing is created. A migration that needs a column or table that is
missing in some older versions creates it itself (ADD COLUMN IF NOT EXISTS). A file that was released is never edited.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateTable
from sqlalchemy.sql.compiler import DDLCompiler

from pipelines.progress import Notice, Report
from pipelines.records import CATALOG, Lookup
from pipelines.warehouse import heirs, tables
from pipelines.warehouse.clock import Clock, MachineClock
from pipelines.warehouse.errors import NewerSchemaError, OlderSchemaError, StatementError
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import FOLDER, definition, definition_for, literal, lookup_relation, statement

_dialect = Dialect()


class _KeylessDialect(Dialect):
    """DuckDB's words for tables that can have no keys, as those of a lake."""

    has_keys = False


_keyless_dialect = _KeylessDialect()


@dataclass(frozen=True, slots=True)
class Migration:
    """A file of sql/migrations, which brings a database from one schema version to the next."""

    file: Path

    @property
    def number(self) -> int:
        """The schema version of a database in which the file has run."""
        return int(self.file.stem.partition("_")[0])

    @property
    def name(self) -> str:
        """The name of the file, without its number."""
        return self.file.stem.partition("_")[2]


MIGRATIONS = [Migration(file) for file in sorted((FOLDER / "migrations").glob("*.sql"))]
"""Every migration, in the order they run."""

VERSION = MIGRATIONS[-1].number
"""The schema version of the declared tables."""


@compiles(sa.PrimaryKeyConstraint, _dialect.name)
def _primary_key(key: sa.PrimaryKeyConstraint, compiler: DDLCompiler, **options: object) -> str | None:
    """A key that is verified with each change has no index."""
    is_left_out = key.table.info.get("key") == "verified" or not getattr(compiler.dialect, "has_keys", True)
    return None if is_left_out else compiler.visit_primary_key_constraint(key, **options)


def definitions() -> list[str]:
    """The statements that make an empty database into a warehouse without rows, in order."""
    schemas = dict.fromkeys(table.schema for table in tables.metadata.tables.values() if table.schema)
    return [
        *(f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in schemas),
        *(creation(table) for table in tables.stored()),
        *derived(),
        *(text for table in tables.metadata.tables.values() for text in comments(table, is_view="view" in table.info)),
    ]


def creation(table: sa.Table, *, has_key: bool = True) -> str:
    """The statement that makes a table where there is none, with its key or without."""
    dialect = _dialect if has_key else _keyless_dialect
    return str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)).strip()


def derived() -> list[str]:
    """The statements that make the views and macros, in order."""
    return [
        *(
            definition_for("history/versions", view.info["of"], view.name)
            for view in tables.metadata.tables.values()
            if view.info.get("template") == "versions"
        ),
        *(lookup_view(lookup) for lookup in CATALOG.lookups),
        *(definition(f"views/{file.stem}") for file in sorted((FOLDER / "views").glob("*.sql"))),
        *macros(),
    ]


def define_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views and macros again, and their comments, in a database whose tables have got more columns than are declared."""
    for text in definitions():
        if text.lstrip().startswith(("--", "CREATE OR REPLACE")) or text.startswith("COMMENT ON VIEW"):
            connection.execute(text)
    for table in tables.metadata.tables.values():
        if "view" in table.info:
            comment(connection, table, is_view=True)


def comment(connection: duckdb.DuckDBPyConnection, table: sa.Table, *, is_view: bool) -> None:
    """Comment on a relation and its columns, as declared."""
    for text in comments(table, is_view=is_view):
        connection.execute(text)


def lookup_view(lookup: Lookup) -> str:
    """The statement that makes the view of a lookup."""
    return f"CREATE OR REPLACE VIEW {lookup.name} AS\n{lookup_relation(lookup)}"


def macros() -> list[str]:
    """The statements that make the macros: those of each table with history, and the files of sql/macros."""
    return [
        *(
            definition_for("history/as_of", table.name, f"clever_warehouse_{table.name}_versions")
            for table in tables.with_history()
        ),
        *(definition(f"macros/{file.stem}") for file in sorted((FOLDER / "macros").glob("*.sql"))),
    ]


def ensure(connection: duckdb.DuckDBPyConnection, machine: MachineClock, report: Report) -> bool:
    """Bring a database to the declared schema in one transaction: migrate an older one, then create what is missing.

    Returns:
        Whether an older database was migrated.

    Raises:
        NewerSchemaError: a newer version of clever-warehouse wrote the database.
        StatementError: a statement failed; the database is as it was.
    """
    if fingerprint() == fingerprint_of(connection):
        return False
    connection.begin()
    found = version(connection)
    if found is not None and found > VERSION:
        raise NewerSchemaError(found, VERSION)
    pending = [migration for migration in MIGRATIONS if migration.number > (found or 0)]
    is_migrated = bool(pending) and found is not None
    if is_migrated:
        report(Notice(f"Migrating the warehouse to schema version {VERSION}."))
        of_rows = [
            tables.metadata.tables[name]
            for each in tables.with_history()
            for name in (each.name, f"past.past_{each.name}")
        ]
        for migration in pending:
            # First, because DuckDB alters no table of which the same transaction has changed rows.
            add_missing(connection, of_rows)
            _run(connection, migration)
    add_missing(connection, tables.stored())
    for text in definitions():
        connection.execute(text)
    if is_migrated:
        for name in heirs.OF_ALL_IDS:
            connection.execute(statement(name))
    applied_at = Clock(machine, latest_instant(connection), report).now()
    for migration in pending:
        connection.execute(
            "INSERT INTO sync.migrations VALUES (?, ?, ?)", [migration.number, migration.name, applied_at]
        )
    connection.execute("DELETE FROM sync.layout")
    connection.execute("INSERT INTO sync.layout VALUES (?)", [fingerprint()])
    connection.commit()
    return is_migrated


def latest_instant(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The latest instant that was written to a database of the declared schema, without Clever's instants and dates of files."""
    instants = [
        f'SELECT max("{column.name}") AS instant FROM {_name(table)}'
        for table in tables.stored()
        for column in table.columns
        if column.type is tables.Instant and column.name not in tables.CLEVERS_INSTANTS | tables.PUBLICATION_INSTANTS
    ]
    ((latest,),) = connection.execute(f"SELECT max(instant) FROM ({' UNION ALL '.join(instants)})").fetchall()
    return cast("datetime | None", latest)


def require_current(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to read a database of another schema version than the declared one.

    Raises:
        NewerSchemaError: a newer version of clever-warehouse wrote the database.
        OlderSchemaError: an earlier version wrote it.
    """
    if fingerprint() == fingerprint_of(connection):
        return
    found = version(connection) or 0
    if found > VERSION:
        raise NewerSchemaError(found, VERSION)
    # A new column needs no new version.
    if found < VERSION or _missing(connection, tables.stored()):
        raise OlderSchemaError


def version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The schema version of a database: 0 if it was written before there were versions; None if it is empty."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'sync' AND database_name = current_database()"
    ).fetchall()
    if ("migrations",) not in rows:
        return 0 if rows else None
    ((number,),) = connection.execute("SELECT max(number) FROM sync.migrations").fetchall()
    return int(number)


def _run(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    try:
        with translate_errors(f"migrations/{migration.file.stem}"):
            connection.execute(migration.file.read_text(encoding="utf-8"))
    except StatementError as error:
        message = (
            f"The warehouse could not be migrated to schema version {VERSION}. {error} "
            "Nothing was changed, and the published data is unchanged. Please report this as an error of clever-warehouse."
        )
        raise StatementError(message) from None


@cache
def fingerprint() -> str:
    """The fingerprint of the definitions of this version."""
    return hashlib.sha256("\n".join([*definitions(), str(VERSION)]).encode()).hexdigest()


def digest(query: str) -> str:
    """The SHA-256 of a query and of the tables, views, macros and lookups that it may read."""
    return hashlib.sha256(f"{query}\n{fingerprint()}".encode()).hexdigest()


def fingerprint_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The fingerprint of the definitions that the database was made by; None for a new one."""
    try:
        row = connection.execute("SELECT fingerprint FROM sync.layout").fetchone()
    except duckdb.CatalogException:
        return None
    return None if row is None else str(row[0])


def add_missing(connection: duckdb.DuckDBPyConnection, chosen: Iterable[sa.Table]) -> None:
    """Add the declared columns that some tables lack, if the tables exist."""
    for column in _missing(connection, chosen):
        definition_of_column = _text(CreateColumn(column)).removesuffix(" NOT NULL")
        connection.execute(f"ALTER TABLE {_name(column.table)} ADD COLUMN {definition_of_column}")


def names(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables of the database in use, with their schema."""
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).fetchall()
    return {str(name) for (name,) in rows}


def _missing(connection: duckdb.DuckDBPyConnection, chosen: Iterable[sa.Table]) -> list[sa.Column[Any]]:
    """The declared columns that some tables lack, of the tables that exist."""
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE database_name = current_database()"
    ).fetchall()
    there: dict[str, set[str]] = {}
    for table, column in rows:
        there.setdefault(table, set()).add(column)
    return [
        column
        for declared in chosen
        for column in declared.columns
        if column.name not in there.get(_name(declared), {column.name})
    ]


def comments(table: sa.Table, *, is_view: bool) -> list[str]:
    """The statements that comment on a relation, which is the first one, and on its columns."""
    kind = "VIEW" if is_view else "TABLE"
    return [
        f"COMMENT ON {kind} {_name(table)} IS {_literal(table.comment)}",
        *(f"COMMENT ON COLUMN {_name(table)}.{column.name} IS {_literal(column.comment)}" for column in table.columns),
    ]


def _name(table: sa.Table) -> str:
    return f"{table.schema or 'main'}.{table.name}"


def _literal(text: str | None) -> str:
    return "NULL" if text is None else literal(text)


def _text(element: sa.ClauseElement) -> str:
    return str(element.compile(dialect=_dialect)).strip()
