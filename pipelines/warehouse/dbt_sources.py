"""How dbt knows the warehouse: sql/sources.yml, with every published table and view as a source, and tests of what is declared."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
import yaml
from duckdb_sqlalchemy import Dialect

from pipelines.records import CATALOG, Field
from pipelines.warehouse import tables

SOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "main": (
        "clever",
        "Clever rosters, synced by clever-warehouse. Every reference is within a district: join by district_id, too.",
    ),
    "sync": (
        "clever_sync",
        "About the syncs of clever-warehouse: results, holds, what was read, and what is doubtful. It holds no name, e-mail or birth date.",
    ),
}
"""The name and description of the source of each schema."""

DATABASE: Final = "{{ var('clever_warehouse', 'warehouse') }}"
"""The database of the sources: DuckDB calls warehouse.duckdb so, opened or attached, unless it is given another name."""

STALE_HOURS: Final = 36
"""Hours after which dbt warns that a connected district is not up to date: a day, and half a day for a sync that is late."""

OLDEST_DISTRICT: Final = "SELECT min(coalesce(up_to_date_as_of, TIMESTAMPTZ 'epoch')) FROM {{ this }} WHERE connected"
"""When Clever showed what the warehouse has of the district that waits longest. A maximum would be of the freshest one."""

HEADING: Final = """\
# Which tables and views dbt finds in a warehouse, and what it can test of them. Generated: make docs.
# For dbt 1.11 or newer with dbt-duckdb; copy it into the folder models/ of a dbt project.
"""

Properties = dict[str, Any]

_quote = Dialect().identifier_preparer.quote


def sources() -> str:
    """The text of sql/sources.yml."""
    declared: Properties = {
        "version": 2,
        "sources": [
            {
                "name": name,
                "description": description,
                "database": DATABASE,
                "schema": schema,
                "tables": [_table(table) for table in tables.published() if (table.schema or "main") == schema],
            }
            for schema, (name, description) in SOURCES.items()
        ],
    }
    return f"{HEADING}\n{yaml.dump(declared, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=130)}"


class _Dumper(yaml.SafeDumper):
    """Writes the items of a list further in than its name, as dbt's own documentation does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 (PyYAML's)
        super().increase_indent(flow, indentless=False)


_Dumper.add_multi_representer(str, yaml.SafeDumper.represent_str)  # the names of SQLAlchemy are of a subclass


def _table(table: sa.Table) -> Properties:
    described: Properties = {"name": table.name, "description": table.comment}
    if table is tables.district_freshness:
        described["config"] = {
            "loaded_at_query": OLDEST_DISTRICT,
            "freshness": {"warn_after": {"count": STALE_HOURS, "period": "hour"}},
        }
    key = _key(table)
    if len(key) > 1:
        # As one value: dbt's own test of uniqueness takes an expression, and DuckDB counts two rows with the same NULLs as equal.
        described["data_tests"] = [_test("unique", column_name=f"({', '.join(_quote(name) for name in key)})")]
    described["columns"] = [_column(column, is_unique=key == (column.name,)) for column in table.columns]
    return described


def _key(table: sa.Table) -> tuple[str, ...]:
    """The columns that name a row; () if none are declared."""
    if table.info.get("template") == "versions":
        return (*tables.metadata.tables[table.info["of"]].info["row_key"], "valid_from")
    if "lookup" in table.info:
        return (table.info["lookup"].columns[0].name,)
    return tuple(table.info.get("row_key", (column.name for column in table.primary_key)))


def _column(column: sa.Column[Any], *, is_unique: bool) -> Properties:
    described: Properties = {
        "name": column.name,
        "description": column.comment,
        "data_type": tables.column_type(column),
        "config": {"meta": {"tier": column.info["tier"].value}},
    }
    if _quote(column.name) != column.name:
        described["quote"] = True
    tests: list[str | Properties] = [
        *(["not_null"] if not column.nullable else []),
        *(["unique"] if is_unique else []),
        *_expectations(column),
    ]
    if tests:
        described["data_tests"] = tests
    return described


def _expectations(column: sa.Column[Any]) -> Iterator[Properties]:
    """What the values of a column of a current table should be, and are not always: so dbt warns and does not fail.

    Lists are left out: the tests of dbt compare single values.
    """
    table = column.table
    if "row_key" not in table.info or isinstance(column.type, sa.ARRAY):
        return
    target = tables.references(table).get(column.name)
    if target is not None:
        yield _warning("relationships", to=_source(target), field=tables.metadata.tables[target].info["id_column"])
    field = _declared(column)
    if field is None or not field.values:
        return
    lookup = CATALOG.lookup_of(field)
    if lookup is not None:
        yield _warning("relationships", to=_source(lookup[0]), field=lookup[1])
    elif field.ignores_case:
        values = [value.lower() for value in field.values]
        yield _warning("accepted_values", column_name=f"lower({_quote(column.name)})", values=values)
    else:
        yield _warning("accepted_values", values=list(field.values))


def _declared(column: sa.Column[Any]) -> Field | None:
    """The field that a column of a declared table holds; None if it holds none."""
    fields = (field for _, table, field in CATALOG.fields() if table.name == column.table.name)
    return next((field for field in fields if field.column == column.name), None)


def _source(table: str) -> str:
    return f"source('{SOURCES['main'][0]}', '{table}')"


def _test(name: str, **arguments: Any) -> Properties:
    return {name: {"arguments": arguments}}


def _warning(name: str, **arguments: Any) -> Properties:
    return {name: {"arguments": arguments, "config": {"severity": "warn"}}}
