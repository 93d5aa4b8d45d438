"""How a lake comes to have the declared tables, views and macros: in one transaction, by one process at a time.

DuckLake has no keys, so the rows are verified before each commit, and it keeps no comments on the columns of a view.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from string import Template

import duckdb
import sqlalchemy as sa

from pipelines.progress import Notice, Report
from pipelines.warehouse import schema, tables
from pipelines.warehouse.clock import MachineClock
from pipelines.warehouse.errors import NewerSchemaError
from pipelines.warehouse.lake.lake import ALIAS, Lake, OnWait
from pipelines.warehouse.lake.relations import DATED, ONLY_LOCAL, SEEN, qualified, stored_name
from pipelines.warehouse.statements import statement

BUCKETS = 16
"""Into how many partitions the rows of districts fall. More make smaller files, fewer make a reader of one district read more."""


@contextmanager
def current(lake: Lake, machine: MachineClock, report: Report, on_wait: OnWait) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a lake of the declared schema: it is created, or an older one migrated, if need be.

    Raises:
        LakeError: the lake cannot be reached, or a statement failed; it is as it was.
        NewerSchemaError: a newer version of clever-warehouse wrote the lake.
    """
    if not lake.is_created():
        # DuckLake's first process creates its catalog, and a second one that does so at the same time fails.
        with lake.changing(on_wait), lake.connected() as connection, lake.translated():
            _define(connection, machine, report)
            lake.index_catalog()
    with lake.connected() as connection:
        if schema.fingerprint_of(connection) != schema.fingerprint():
            with lake.changing(on_wait), lake.translated():
                _define(connection, machine, report)
                lake.index_catalog()
        yield connection


def _define(connection: duckdb.DuckDBPyConnection, machine: MachineClock, report: Report) -> None:
    if schema.fingerprint_of(connection) == schema.fingerprint():
        return  # another process was faster
    found = schema.version(connection)
    if found is not None and found > schema.VERSION:
        raise NewerSchemaError(found, schema.VERSION)
    pending = [migration for migration in schema.MIGRATIONS if migration.number > (found or 0)]
    if found is None:
        connection.execute(f"CALL {ALIAS}.set_option('data_inlining_row_limit', 0)")
    connection.execute("BEGIN")
    if found is not None and pending:
        report(Notice(f"Migrating the lake to schema version {schema.VERSION}."))
        for migration in pending:
            connection.execute(migration.file.read_text(encoding="utf-8"))
    stored = [_stored(table) for table in tables.stored() if tables.relation_name(table) not in ONLY_LOCAL]
    is_new = {qualified(table) for table in stored} - schema.names(connection)
    schema.add_missing(connection, stored)
    connection.execute(statement("lake/schema"))
    for text in _definitions():
        connection.execute(text)
    for table in stored:
        if qualified(table) in is_new and table.schema != "sync" and "district_id" in table.columns:
            connection.execute(f"ALTER TABLE {qualified(table)} SET PARTITIONED BY (bucket({BUCKETS}, district_id))")
            connection.execute(f"ALTER TABLE {qualified(table)} SET SORTED BY (district_id)")
    applied_at = machine()
    for migration in pending:
        connection.execute(
            "INSERT INTO sync.migrations VALUES (?, ?, ?)", [migration.number, migration.name, applied_at]
        )
    connection.execute("DELETE FROM sync.layout")
    connection.execute("INSERT INTO sync.layout VALUES (?)", [schema.fingerprint()])
    connection.execute(statement("lake/note_layout"))
    connection.execute("COMMIT")


@cache
def _definitions() -> tuple[str, ...]:
    """The statements that make an empty lake into a warehouse without rows, in order."""
    stored = [table for table in tables.stored() if tables.relation_name(table) not in ONLY_LOCAL]
    views = [table for table in tables.metadata.tables.values() if "view" in table.info]
    seen = sa.Table(
        *(SEEN.rpartition(".")[2], sa.MetaData()),
        *(sa.Column("relation", tables.Text), sa.Column("district_id", tables.Text)),
        sa.Column("last_seen_at", tables.Instant),
        schema=SEEN.rpartition(".")[0],
    )
    dated = [table for table in stored if tables.relation_name(table) in DATED]
    return (
        *(
            f"CREATE SCHEMA IF NOT EXISTS {name}"
            for name in dict.fromkeys(table.schema for table in stored if table.schema)
        ),
        *(schema.creation(table, has_key=False) for table in (*map(_stored, stored), seen)),
        *(_dated_view(table) for table in dated),
        *schema.derived(),
        *(text for table in stored if table not in dated for text in schema.comments(table, is_view=False)),
        *(schema.comments(table, is_view=True)[0] for table in (*dated, *views)),
    )


def _stored(table: sa.Table) -> sa.Table:
    """A table as a lake stores it: under another name, and without a date in each row, if its rows are dated."""
    if tables.relation_name(table) not in DATED:
        return table
    stored = table.to_metadata(sa.MetaData(), schema="delivery")
    stored.columns["last_seen_at"].nullable = True
    return stored


def _dated_view(table: sa.Table) -> str:
    relation = tables.relation_name(table)
    return Template(statement("lake/dated_view")).substitute(
        qualified=qualified(table),
        columns=", ".join(f'"{column.name}"' for column in table.columns),
        stored=stored_name(table),
        relation=relation,
    )
