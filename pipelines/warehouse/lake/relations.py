"""Which tables a lake stores, and how their rows are kept there.

A sync dates every link, finding and field that it sees again, also where nothing changed. A lake would write all of them anew
each night. It stores NULL instead of the date where it is the latest one of the district, and that date once per district, in
delivery.seen; a view under the table's own name shows the dates.
"""

from dataclasses import dataclass
from functools import cache
from string import Template

import sqlalchemy as sa

from pipelines.warehouse import tables
from pipelines.warehouse.statements import statement

ONLY_LOCAL = frozenset({"sync.lines", "sync.line_forms"})
"""Tables that only make the next sync faster, on the machine that has the landings; a lake has none of their rows."""

DATED = frozenset({"legacy_id_crosswalk", "sync.findings", "sync.fields"})
"""Tables of which a sync dates all rows that it sees again, in the column last_seen_at."""

HEIRS = "sync.heirs"
"""The table of which a row may follow from several districts."""

SEEN = "delivery.seen"
"""The latest date of each district in each of the dated tables."""

COMMITS = "delivery.commits"
"""Which commit wrote rows last, by scope: a district, or the name of a table for its rows that belong to none."""


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table that a lake stores."""

    relation: str
    """The name by which a query says it."""
    name: str
    """The name of what the lake stores, with its schema."""
    rows: str
    """The query that gives its rows in the database $database: as the lake stores them, one query for every database."""
    key: tuple[str, ...]
    """The columns that identify a row; all of them if none are declared."""
    is_keyed: bool
    """Whether no two rows have the same key."""
    required: tuple[str, ...]
    """The columns that are never NULL."""
    has_district: bool
    """Whether rows name the district that they belong to, in district_id; those where it is NULL belong to none."""

    def rows_of(self, database: str) -> str:
        """The query that gives its rows in a database."""
        return Template(self.rows).substitute(database=database)


@cache
def lake_tables() -> tuple[LakeTable, ...]:
    """The tables that a lake stores, in the order in which they are declared."""
    declared = [table for table in tables.stored() if tables.relation_name(table) not in ONLY_LOCAL]
    seen = " UNION ALL ".join(
        Template(statement("lake/seen")).safe_substitute(
            relation=tables.relation_name(table), qualified=qualified(table)
        )
        for table in declared
        if tables.relation_name(table) in DATED
    )
    return (
        *(_lake_table(table) for table in declared),
        LakeTable(
            relation=SEEN,
            name=SEEN,
            rows=seen,
            key=("relation", "district_id"),
            is_keyed=True,
            required=("relation", "district_id", "last_seen_at"),
            has_district=True,
        ),
    )


def stored_name(table: sa.Table) -> str:
    """The name, with its schema, under which a lake stores the rows of a table."""
    return f"delivery.{table.name}" if tables.relation_name(table) in DATED else qualified(table)


def qualified(table: sa.Table) -> str:
    """The name of a table with its schema."""
    return f"{table.schema or 'main'}.{table.name}"


def key_of(table: sa.Table) -> tuple[str, ...]:
    """The columns that identify a row of a table; all of them if none are declared."""
    columns = [column.name for column in table.columns]
    return tuple(column.name for column in table.columns if tables.is_key(column)) or tuple(columns)


def _lake_table(table: sa.Table) -> LakeTable:
    relation = tables.relation_name(table)
    is_dated = relation in DATED
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    form = "lake/dated_rows" if is_dated else "lake/rows"
    return LakeTable(
        relation=relation,
        name=stored_name(table),
        rows=Template(statement(form)).safe_substitute(columns=columns, qualified=qualified(table)),
        key=key_of(table),
        is_keyed=any(tables.is_key(column) for column in table.columns),
        required=tuple(
            column.name
            for column in table.columns
            if not (column.nullable or (is_dated and column.name == "last_seen_at"))
        ),
        has_district="district_id" in table.columns,
    )
