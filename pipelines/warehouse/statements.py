"""Where the text of sql/ comes from: a statement by name, with a table's own columns filled in."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

import sqlalchemy as sa

from pipelines.records import CATALOG, Kind, Lookup, Stream

FOLDER = Path(__file__).resolve().parents[2] / "sql"
"""The folder of SQL text; it is next to pipelines/ in a checkout and in an installed wheel."""


@cache
def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


SHARED = {"heir_of_every_id": "heirs", "freshness_of_each_district": "freshness", "terms_in_progress": "terms"}
"""The relations that definitions share, and the folder of each: a file without a semicolon, and $ before its name where it is read."""


def shared(relation: str, instant: datetime | None = None) -> str:
    """The text of a shared relation without its comments; where it reads $instant, as of that instant, or as of now if None."""
    moment = "now()" if instant is None else f"TIMESTAMPTZ '{instant.isoformat()}'"
    text = statement(f"{SHARED[relation]}/{relation}")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")).replace(
        "$instant", moment
    )


@cache
def definition(name: str) -> str:
    """The text of ``sql/<name>.sql``, a view or macro, with the shared relations and the lookups in their places.

    None reads a view: EXPORT DATABASE writes views and macros in an order of its own, so that the others could not be imported again.
    """
    relations = {lookup.name: lookup_relation(lookup) for lookup in CATALOG.lookups}
    relations |= {relation: shared(relation) for relation in SHARED}
    text = statement(name)
    for relation, query in relations.items():
        indented = query.replace("\n", "\n    ")
        text = text.replace(f"(${relation})", f"(\n    {indented}\n)")
    return text


def lookup_relation(lookup: Lookup) -> str:
    """The query that gives the rows of a lookup."""
    types = {int: "BIGINT", str: "VARCHAR"}
    columns = ", ".join(
        f'listed."{column.name}"::{types[type(lookup.rows[0][number])]} AS "{column.name}"'
        for number, column in enumerate(lookup.columns)
    )
    names = ", ".join(f'"{column.name}"' for column in lookup.columns)
    rows = ",\n    ".join(f"({', '.join(_value(value) for value in row)})" for row in lookup.rows)
    return f"SELECT {columns}\nFROM (VALUES\n    {rows}\n) AS listed({names})"


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _value(value: str | int) -> str:
    return literal(value) if isinstance(value, str) else str(value)


def definition_for(name: str, table: str, versions: str) -> str:
    """The text of ``sql/<name>.sql``, a view or macro of a table with history; ``versions`` names the view of all versions."""
    return Template(statement(name)).substitute(table=table, versions=versions)


@cache
def inputs(name: str) -> frozenset[str]:
    """The variables that ``sql/<name>.sql`` reads: each call of the statement gives exactly these."""
    return frozenset(re.findall(r"getvariable\('(\w+)'\)", statement(name)))


VERSION_COLUMNS: Final = frozenset({"first_seen_at", "valid_from", "change"})
"""Columns that say when the warehouse saw a row; they are not compared."""


def not_compared(table: sa.Table) -> list[str]:
    """The columns of a table whose change alone makes no version of a row."""
    return [column.name for column in table.columns if column.name in VERSION_COLUMNS.union(table.info["operational"])]


@cache
def statement_for(name: str, table: sa.Table) -> str:
    """The text of ``sql/<name>.sql`` for a table with history: its name, key and compared columns in place of the $words."""
    key = list(table.info["row_key"])
    operational = list(table.info["operational"])
    compared = [column.name for column in table.columns if column.name not in {*not_compared(table), *key}]
    json = [column for column in compared if isinstance(table.columns[column].type, sa.JSON)]

    def listed(columns: list[str], owner: str = "") -> str:
        return ", ".join(f'{owner}"{column}"' for column in columns)

    def row(columns: list[str], owner: str = "") -> str:
        return f"row({listed(columns, owner)})" if columns else "NULL"

    def same(left: str, right: str) -> str:
        return " AND ".join(
            f'{left}."{column}" {"IS NOT DISTINCT FROM" if table.columns[column].nullable else "="} {right}."{column}"'
            for column in key
        )

    return Template(statement(name)).substitute(
        table=table.name,
        stream=table.info["stream"],
        id_column=f'"{table.info["id_column"]}"',
        key=listed(key),
        staged_key=listed(key, "staged."),
        kept_key=listed(key, "kept."),
        compared=row(compared),
        staged_compared=row(compared, "staged."),
        operational=row(operational),
        staged_operational=row(operational, "staged."),
        kept_operational=row(operational, "kept."),
        set_operational=", ".join(f'"{column}" = staged."{column}"' for column in operational),
        staged_but_json=row([column for column in compared if column not in json], "staged."),
        kept_but_json=row([column for column in compared if column not in json], "kept."),
        same_json=" AND ".join(
            f'leaves(staged."{column}") IS NOT DISTINCT FROM leaves(kept."{column}")' for column in json
        ),
        staged_is_kept=same("staged", "kept"),
        staged_is_archived=same("staged", "archived"),
        ended_is_kept=same("ended", "kept"),
        difference_is_kept=same("difference", "kept"),
        difference_is_archived=same("difference", "archived"),
    )


@cache
def statement_of(name: str, stream: Stream) -> str:
    """The text of ``sql/<name>.sql`` for the staged records of a stream, in place of the $words: what is known of them is declared."""
    records = stream.record_table
    has_roles = any(field.kind is Kind.KEYS for field in records.fields)
    return Template(statement(name)).substitute(
        table=records.name,
        stream=stream.name,
        endpoint=stream.endpoint,
        id_column=f'"{records.id_column}"',
        roles="array_to_string(roles, ',')" if has_roles else "NULL",
    )
