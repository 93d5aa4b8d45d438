"""Which fields the records of a district have, and where they differ from Clever's specs: counted with each sync."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pipelines.records import CATALOG, Field, Kind, Stream, Table
from pipelines.warehouse import tables
from pipelines.warehouse.session import Session
from pipelines.warehouse.statements import not_compared


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(_literal(text) for text in texts)}]::VARCHAR[]"


def counts_of_fields(stream: Stream, table: Table, *, is_whole: bool, is_incremental: bool) -> str:
    """The statement that counts, by district and field, the values in the rows of a table that may differ: kept ones and staged ones.

    A district of which all records were staged is counted as a whole. ``is_whole`` and ``is_incremental`` say whether there are such
    districts, and others.
    """
    counted = [(table.id_column, _path_of_rows(table), f'count(rows."{table.id_column}")')]
    counted += [(field.column, table.full_path(field), _count(field)) for field in _counted_fields(table)]
    found = ", ".join(
        f"{{'column': {_literal(column)}, 'path': {_literal(path)}, 'number': {number}}}"
        for column, path, number in counted
    )
    difference = f"(FROM {table.name}_difference WHERE change IN ({{}})) AS difference"
    same = " AND ".join(f'rows."{column}" IS NOT DISTINCT FROM difference."{column}"' for column in table.key)
    whole = f"(FROM batch_streams WHERE stream = '{stream.name}' AND NOT is_incremental) AS whole USING (district_id)"
    incremental = (
        f"(FROM batch_streams WHERE stream = '{stream.name}' AND is_incremental) AS incremental USING (district_id)"
    )
    kept = difference.format("'updated', 'refreshed', 'archived'")
    staged = difference.format("'created', 'updated', 'refreshed', 'restored'")
    sources = []
    if is_whole:
        sources += [
            ("kept", f"kept_{table.name} AS rows SEMI JOIN {whole}"),
            ("staged", f"staged_{table.name} AS rows SEMI JOIN {whole}"),
        ]
    if is_incremental:
        sources += [
            ("kept", f"kept_{table.name} AS rows SEMI JOIN {incremental} SEMI JOIN {kept} ON {same}"),
            (
                "staged",
                f"staged_{table.name} AS rows SEMI JOIN {incremental} SEMI JOIN {staged} ON rows.staged_row = difference.staged_row",
            ),
        ]
    selects = [
        f"SELECT rows.district_id, '{side}' AS side, unnest([{found}]) AS counted FROM {source} GROUP BY rows.district_id"
        for side, source in sources
    ]
    return f"""
        INSERT INTO field_counts
        SELECT
            '{stream.name}', district_id, '{table.name}', counted."column", counted.path,
            coalesce(sum(counted.number) FILTER (side = 'kept'), 0), coalesce(sum(counted.number) FILTER (side = 'staged'), 0)
        FROM ({" UNION ALL ".join(selects)})
        GROUP BY district_id, counted."column", counted.path"""


def _path_of_rows(table: Table) -> str:
    """The path under which the rows themselves count: that of their object."""
    return table.path.removesuffix("[]") or "id"


def _counted() -> list[str]:
    """The fields that are counted: each a stream, a blank, and a path."""
    return [
        f"{stream.name} {path}"
        for stream in CATALOG.streams
        for table in stream.tables
        for path in [_path_of_rows(table), *(table.full_path(field) for field in _counted_fields(table))]
    ]


def _counted_fields(table: Table) -> list[Field]:
    """The fields of a table that count apart from its rows: all but what an item without fields is made of."""
    return [] if table.is_of_texts else list(table.fields)


def _count(field: Field) -> str:
    place = f'rows."{field.column}"'
    return f"count(*) FILTER (len({place}) > 0)" if field.kind.is_list else f"count({place})"


def uncounted(table: Table, columns: Sequence[str]) -> list[str]:
    """The statements that mark the differences of a table in which nothing but some columns that appeared differs."""
    if table.id_column in columns:
        appeared_rows = f"""
            UPDATE {table.name}_difference AS difference
            SET is_counted = false
            FROM appeared
            WHERE
                appeared."table" = '{table.name}' AND appeared.district_id = difference.district_id
                AND list_contains(appeared.columns, '{table.id_column}')"""
        if table.is_list:
            return [appeared_rows]
    else:
        appeared_rows = ""
    declared = tables.metadata.tables[table.name]
    compared = [column for column in declared.columns if column.name not in {*not_compared(declared), *table.key}]

    def value(owner: str, column: sa.Column[Any]) -> str:
        """What is compared of a column: nothing if it appeared, and of JSON what it holds, whatever the order of keys."""
        held = f'{owner}."{column.name}"'
        held = f"leaves({held})" if isinstance(column.type, sa.JSON) else held
        is_appeared = f"list_contains(appeared.columns, '{column.name}')"
        return f"CASE WHEN NOT {is_appeared} THEN {held} END" if column.name in columns else held

    def row(owner: str) -> str:
        return ", ".join(value(owner, column) for column in compared)

    same_key = " AND ".join(f'difference."{column}" IS NOT DISTINCT FROM kept."{column}"' for column in table.key)
    appeared_values = f"""
        UPDATE {table.name}_difference AS difference
        SET is_counted = false
        FROM staged_{table.name} AS staged, kept_{table.name} AS kept, appeared
        WHERE
            difference.change = 'updated' AND difference.staged_row = staged.staged_row AND {same_key}
            AND appeared."table" = '{table.name}' AND appeared.district_id = difference.district_id
            AND to_json(row({row("staged")})) = to_json(row({row("kept")}))"""
    return [text for text in (appeared_rows, appeared_values) if text]


def record(session: Session, observed_at: datetime, streams: Sequence[Stream]) -> None:
    """Keep which fields the batch has in the streams that were compared, after its rows were written.

    Raises:
        StatementError: DuckDB could not.
    """
    objects = _listed(sorted(_objects(), key=lambda path: (-len(path), path)))
    for text in (
        f"""CREATE OR REPLACE TEMP MACRO parent_of(path) AS coalesce(
            list_filter({objects}, lambda parent: parent <> '' AND starts_with(path, parent || '.'))[1], '')""",
        # The path that means any unknown field of an object.
        "CREATE OR REPLACE TEMP MACRO any_of(parent) AS concat_ws('.', nullif(parent, ''), '*')",
        f"CREATE OR REPLACE TEMP MACRO is_declared(stream, path) AS list_contains({_listed(_counted())}, stream || ' ' || path)",
        _unexpected(streams),
    ):
        session.execute(text, "apply/fields")
    session.run("apply/fields", observed_at=observed_at)
    session.replace("sync.fields", "fields_of_batch")


def _objects() -> set[str]:
    """The paths of all objects that are declared; "" is a record."""
    found = {""}
    for stream in CATALOG.streams:
        rows = (f"{table.path}.x" for table in stream.tables if table.path and not table.is_of_texts)
        for path in [*_leaves(stream), *rows]:
            parts = path.split(".")
            found.update(".".join(parts[:number]) for number in range(1, len(parts)))
    return found


def _leaves(stream: Stream) -> Iterator[str]:
    """The paths of all values that are declared, those of lists of objects without brackets."""
    yield from ("id", "district")
    for table in stream.tables:
        if table.is_list:
            yield table.path.removesuffix("[]")
        for field in table.fields:
            if field.kind.is_sent:
                yield table.full_path(field)


def _unexpected(streams: Sequence[Stream]) -> str:
    """The statement that makes a view of what differs from the specs in the rows of the batch: path, kind and record."""
    holders = [
        f"SELECT '{stream.name}' AS stream, district_id, \"{table.id_column}\" AS record_id, '{table.path}' AS holder, extra "
        f"FROM {table.name} SEMI JOIN {_read_districts(stream)} USING (district_id) WHERE extra IS NOT NULL"
        for stream in streams
        for table in stream.tables
        if not table.is_of_texts
    ]
    values = [
        f"SELECT '{stream.name}', district_id, {_literal(table.full_path(field))}, 'unknown_value', \"{table.id_column}\" "
        f"FROM {table.name} SEMI JOIN {_read_districts(stream)} USING (district_id) WHERE {_is_unknown(field)}"
        for stream, table, field in CATALOG.fields()
        if stream in streams and field.values and field.kind is not Kind.KEYS
    ]
    leaves = [f"{stream.name} {path}" for stream in CATALOG.streams for path in _leaves(stream)]
    read = [
        f"{stream.name} {table.full_path(field)}" for stream, table, field in CATALOG.fields() if field.kind.is_parsed
    ]
    objects = _listed(sorted(_objects()))
    return f"""
        CREATE OR REPLACE TEMP VIEW unexpected AS
        WITH holders AS (
            SELECT *, row_number() OVER () AS number FROM ({" UNION ALL ".join(holders)})
        ),
        nodes AS (
            SELECT
                stream, district_id, record_id, number, tree.fullkey, tree."type",
                regexp_replace(concat_ws('.', nullif(holder, ''), nullif(tree.path[3:], '')), '\\[\\d+\\]', '[]', 'g') AS object,
                concat_ws('.', nullif(object, ''), tree.key) AS path,
                count(*) OVER (PARTITION BY number, tree.fullkey) AS times
            FROM holders, json_tree(extra) AS tree
            WHERE tree.key IS NOT NULL AND NOT ends_with(tree.fullkey, ']')
        ),
        judged AS (
            SELECT
                *,
                CASE
                    WHEN "type" = 'NULL' THEN 'too_large'
                    WHEN NOT list_contains({_listed(leaves)}, stream || ' ' || path) AND NOT list_contains({objects}, path)
                        THEN CASE WHEN object = 'roles' THEN 'unknown_role' ELSE 'unknown_field' END
                    WHEN times > 1 THEN 'doubled_field'
                    WHEN "type" = 'OBJECT' AND NOT list_contains({_listed(leaves)}, stream || ' ' || path) THEN NULL
                    WHEN "type" = 'VARCHAR' AND list_contains({_listed(read)}, stream || ' ' || path) THEN NULL
                    ELSE 'unexpected_type'
                END AS kind
            FROM nodes
            WHERE list_contains({objects}, object)
        )
        SELECT stream, district_id, path, kind, record_id
        FROM (
            SELECT *, list(fullkey) FILTER (kind IS NOT NULL) OVER (PARTITION BY number) AS reported FROM judged
        )
        WHERE
            kind IS NOT NULL
            -- of what is within something that is reported, nothing more
            AND NOT list_bool_or(
                list_transform(reported, lambda outer_key: starts_with(fullkey, outer_key || '.') OR starts_with(fullkey, outer_key || '['))
            )
        {"".join(f" UNION ALL {value}" for value in values)}"""


def _read_districts(stream: Stream) -> str:
    """The districts of which a stream was read."""
    return f"(FROM batch_streams WHERE stream = '{stream.name}') AS streams"


def _is_unknown(field: Field) -> str:
    column = f'"{field.column}"'
    if field.kind.is_list:
        return f"NOT list_has_all({_listed(field.values)}, {column})"
    values = ", ".join(_literal(value) for value in field.values)
    return f"{column} IS NOT NULL AND {f'lower({column})' if field.ignores_case else column} NOT IN ({values})"
