"""Which SQL a stream's declaration becomes: the scan of landing files, the staging tables, and the rows of each table.

The scan reads every leaf of a record as text. Staging makes of it what the columns hold.
"""

from collections.abc import Mapping
from typing import Final

from pipelines.records import Catalog, Field, Kind, Stream, Table
from pipelines.warehouse.irregular import EXTRA, LINE

SQL_TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "VARCHAR",
    Kind.ID: "VARCHAR",
    Kind.TEXTS: "VARCHAR[]",
    Kind.IDS: "VARCHAR[]",
    Kind.KEYS: "VARCHAR[]",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.JSON: "JSON",
    Kind.NAMED: "BOOLEAN",
}
"""The type of a staged column."""

_MACROS: Final = (
    # Most lists of schools have one item.
    """CREATE OR REPLACE TEMP MACRO each_once(texts) AS CASE
        WHEN texts IS NULL THEN []
        WHEN len(texts) = 1 AND texts[1] <> '' THEN texts
        ELSE list_sort(list_distinct(list_filter(texts, lambda text: text <> '')))
    END""",
    # Few lists name anybody twice, and it costs less to count who is in a list than to make another list.
    """CREATE OR REPLACE TEMP MACRO each_item(texts) AS CASE
        WHEN list_unique(texts) = len(texts) THEN texts ELSE list_distinct(texts)
    END""",
    # strptime's %Y and a cast take two digits for a year of the first century.
    """CREATE OR REPLACE TEMP MACRO read_date(text) AS CASE
        WHEN text LIKE '____-__-__%' THEN try_cast(text[:10] AS DATE)
        WHEN text LIKE '%/%/____' THEN try_strptime(text, '%m/%d/%Y')::DATE
    END""",
    "CREATE OR REPLACE TEMP MACRO read_instant(text) AS try_cast(text AS TIMESTAMPTZ)",
)

Tree = dict[str, "Tree | str"]
"""The names below an object, each with its own names or its DuckDB type; a list of objects is keyed with "[]" at its end."""


def definitions(catalog: Catalog) -> list[str]:
    """The statements that make the staging tables, and a temp view of each: ``staged_<table>``."""
    statements = list(_MACROS)
    for stream in catalog.streams:
        for table in stream.staged_tables:
            columns = [
                "staged_row BIGINT NOT NULL",
                "district_id VARCHAR NOT NULL",
                *(f'"{column}" VARCHAR' for column in table.own_id),
                *(f'"{field.column}" {SQL_TYPES[field.kind]}' for field in table.fields),
                "extra JSON",
            ]
            kept = "*"
            if table == stream.record_table:
                # The record's hash, and whether it names another district than the one that was asked.
                columns += ["line UBIGINT", "is_foreign BOOLEAN NOT NULL"]
                kept = "* EXCLUDE (line, is_foreign)"
            if table == stream.record_table or table.is_list:
                statements.append(f"CREATE SEQUENCE staging.{table.name}_rows")
            statements += [
                f"CREATE TABLE staging.{table.name} ({', '.join(columns)})",
                f"CREATE OR REPLACE TEMP VIEW staged_{table.name} AS SELECT {kept} FROM staging.{table.name}",
            ]
    return statements


def scan(stream: Stream) -> str:
    """The statement that reads landing files into the temp table ``scanned``; ``getvariable('files')`` lists them.

    Each record gets a number, which is that of all its rows but the items of its lists. Every record of the files must be regular
    (irregular.py).
    """
    columns = ", ".join(f"\"{name}\": '{type_}'" for name, type_ in _types(tree(stream)).items())
    return f"""CREATE OR REPLACE TEMP TABLE scanned AS
        SELECT
            records.* EXCLUDE (filename),
            pages.district_id AS page_district_id,
            nextval('staging.{stream.record_table.name}_rows') AS record_row
        FROM read_json(
            getvariable('files'), format = 'newline_delimited', filename = true, columns = {{{columns}}}
        ) AS records
        JOIN staging.pages AS pages USING (filename)"""


def inserts(stream: Stream) -> Mapping[str, str]:
    """By table, the statement that stages its rows of the temp table ``scanned``."""
    return {table.name: (_insert_items if table.is_list else _insert)(stream, table) for table in stream.staged_tables}


def tree(stream: Stream) -> Tree:
    """The names that the records of a stream may have, with the types that the scan reads them as."""
    names: Tree = {LINE: "VARCHAR", "id": "VARCHAR", "district": "VARCHAR"}
    for table in stream.staged_tables:
        if not table.is_of_texts:
            _grow(names, [*_parts(table.path), EXTRA], "VARCHAR")
        for field in table.fields:
            if field.kind.is_sent:
                _grow(names, _parts(table.full_path(field)), "VARCHAR[]" if field.kind.is_list else "VARCHAR")
    return names


def _parts(path: str) -> list[str]:
    return path.split(".") if path else []


def _grow(names: Tree, parts: list[str], type_: str) -> None:
    for part in parts[:-1]:
        inner = names.setdefault(part, {})
        assert isinstance(inner, dict), part  # noqa: S101 - a field cannot be an object too; the catalog's tests say so
        names = inner
    names[parts[-1]] = type_


def _types(names: Tree) -> Mapping[str, str]:
    """The types of the names below an object, as read_json takes them."""
    return {
        name.removesuffix("[]"): f"{_struct(inner)}{'[]' if name.endswith('[]') else ''}"
        for name, inner in names.items()
    }


def _struct(inner: "Tree | str") -> str:
    """A type as read_json takes it."""
    if isinstance(inner, str):
        return inner
    fields = ", ".join(f'"{name}" {type_}' for name, type_ in _types(inner).items())
    return f"STRUCT({fields})"


def place(path: str, owner: str = "scanned") -> str:
    """The expression of a value at a path without lists: scanned."roles"."student"."school"."""
    return ".".join([owner, *(f'"{part}"' for part in _parts(path))])


_VALUES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "nullif({}, '')",
    Kind.ID: "nullif({}, '')",
    Kind.TEXTS: "each_once({})",
    Kind.IDS: "each_once({})",
    Kind.INSTANT: "read_instant({})",
    Kind.DATE: "read_date({})",
    Kind.BOOLEAN: "try_cast({} AS BOOLEAN)",
    Kind.JSON: "nullif({}, '{{}}')::JSON",
}
"""What a column holds of the text that was scanned."""


def _value(field: Field, owner: str) -> str:
    """The expression of what a column holds, where ``owner`` is the object of the table."""
    sent = place(field.path, owner)
    if field.kind is Kind.KEYS:
        held = (
            f"CASE WHEN {place(name, sent)} IS NOT NULL THEN ['{name}'] ELSE [] END" for name in sorted(field.values)
        )
        return " || ".join(held)
    return _VALUES[field.kind].format(sent)


def _extra(table: Table, owner: str) -> str:
    """The expression of ``extra``: what a rewritten record has there, and the dates and instants that cannot be read."""
    kept = place(EXTRA, owner)
    readings = [
        (field.path, place(field.path, owner), _value(field, owner)) for field in table.fields if field.kind.is_parsed
    ]
    if not readings:
        return f"{kept}::JSON"
    unreadable = [f"({sent} <> '' AND {value} IS NULL)" for _, sent, value in readings]
    patches = [
        f"CASE WHEN {is_unreadable} THEN {_nested(path, sent)} ELSE '{{}}' END"
        for (path, sent, _), is_unreadable in zip(readings, unreadable, strict=True)
    ]
    merged = f"coalesce({kept}, '{{}}')"
    for patch in patches:
        merged = f"json_merge_patch({merged}, {patch})"
    return f"CASE WHEN {' OR '.join(unreadable)} THEN {merged} ELSE {kept} END::JSON"


def _nested(path: str, value: str) -> str:
    """The expression of an object that holds a value at a path."""
    for part in reversed(_parts(path)):
        value = f"json_object('{part}', {value})"
    return value


def _insert(stream: Stream, table: Table) -> str:
    owner = place(table.path)
    columns = [
        "record_row",
        "page_district_id",
        *("nullif(scanned.id, '')" for _ in table.own_id),
        *(_value(field, owner) for field in table.fields),
        _extra(table, owner),
    ]
    if table == stream.record_table:
        columns += [
            f'try_cast(scanned."{LINE}" AS UBIGINT)',
            f"{place(stream.district_path)} IS DISTINCT FROM page_district_id",
        ]
    where = f" WHERE {owner} IS NOT NULL" if table.path else ""
    return f"INSERT INTO staging.{table.name} SELECT {', '.join(columns)} FROM scanned{where}"


def _name(field: Field, listed: str) -> str:
    """The expression of the text that a record names at the path of a field, or else the first of a list."""
    return f"coalesce(nullif({place(field.path)}, ''), list_filter({listed}, lambda text: text <> '')[1])"


def _insert_items(_stream: Stream, table: Table) -> str:
    path, _, _ = table.path.rpartition("[]")
    sent = [field for field in table.fields if field.kind.is_sent]
    named = [field for field in table.fields if field.kind is Kind.NAMED]
    columns = [
        *(f'{_value(field, "item")} AS "{field.column}"' for field in sent),
        *(f'item = name_{field.column} AS "{field.column}"' for field in named),
    ]
    names = "".join(f", {_name(field, place(path))} AS name_{field.column}" for field in named)
    listed = ", ".join(f'"{field.column}"' for field in [*sent, *named])
    extra = "NULL::JSON" if table.is_of_texts else _extra(table, "item")
    is_filled = ", ".join([*(f'"{field.column}"::VARCHAR' for field in sent), "extra::VARCHAR"])
    # An item that is sent twice is one row; one without any value is none.
    items = f"each_item({place(path)})" if table.is_of_texts else place(path)
    rows = f"""
            SELECT page_district_id, record_id, {", ".join(columns)}, {extra} AS extra
            FROM (
                SELECT page_district_id, nullif(scanned.id, '') AS record_id, unnest({items}) AS item{names}
                FROM scanned
                WHERE {place(path)} IS NOT NULL
            )"""
    filled = f"FROM ({rows}) WHERE coalesce({is_filled}) IS NOT NULL"
    if not table.is_of_texts:
        filled = f"FROM (SELECT page_district_id, record_id, {listed}, min(extra) AS extra {filled} GROUP BY ALL)"
    return f"""INSERT INTO staging.{table.name}
            (staged_row, district_id, "{table.id_column}", {listed}, extra)
        SELECT nextval('staging.{table.name}_rows'), page_district_id, record_id, {listed}, extra
        {filled}"""
