"""Copies of the published file that hold less: one with pseudonyms and generalized values, others with fewer tiers.

A copy has the tables, columns, views and macros of the warehouse, so that each query runs on both: what it withholds is NULL, or
an empty list where a column is never NULL. Its table `treated_columns` says what was done with each column.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import Final

import duckdb
import sqlalchemy as sa

from pipelines.encryption import Key
from pipelines.records import Tier, Treatment
from pipelines.warehouse import schema, tables
from pipelines.warehouse.database import attach, open_database
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import literal, statement
from pipelines.warehouse.store import STORAGE, Warehouse

DEIDENTIFIED: Final = "deidentified"
"""The name of the copy with pseudonyms."""

ALWAYS_KEPT: Final = frozenset({Tier.INTERNAL})
"""The tier of keys and instants, without which tables cannot be joined."""

EMPTY: Final = frozenset(
    {
        # What a person wrote: names of files, reasons, names of approvers.
        *("imports", "told_links", "holds"),
        # Names and digests by which what Clever sent can be recognized.
        *("fields", "receipts", "lines", "line_forms"),
        # What only the next sync of the warehouse reads.
        *("clever_hosts", "event_cursors", "events", "missed_by_events", "repaired_records"),
        *("unexplained_legacy_ids", "verifications"),
    }
)
"""The tables of schema `sync` that have no rows in a copy."""

MADE_BY_SCHEMA: Final = frozenset({"migrations", "layout"})
"""The tables of schema `sync` whose rows come with the definitions."""

ROWS_DEPEND_ON_VALUES: Final = ("likely_same_person",)
"""Views whose rows follow from values that a copy may withhold: a copy has them as tables."""

QUASI_IDENTIFIERS: Final = ("school_id", "grade", "age", "location_zip")
"""Columns of students by which somebody who knows a student may find the row, in the order in which they are taken together."""

SENSITIVE_QUASI_IDENTIFIERS: Final = ("gender", "race", "hispanic_ethnicity", "home_language")
"""The same among the sensitive columns."""

SENTENCES: Final[Mapping[Treatment, str]] = {
    Treatment.PSEUDONYM: "In this file: a pseudonym.",
    Treatment.DOCUMENTED: "In this file: undocumented in place of a value that Clever does not document.",
    Treatment.NUMBER: "In this file: NULL unless it is a number.",
    Treatment.DAY: "In this file: midnight, in UTC, of its day.",
    Treatment.AGE: "In this file: NULL; age has the years.",
    Treatment.THREE_DIGITS: "In this file: the first three digits.",
    Treatment.WITHHELD: "In this file: withheld.",
}
"""What the comment of a column begins with, by what was done with its values."""

BLOCK: Final = 64
"""Bytes to which RFC 2104 pads the key of an HMAC with SHA-256."""

UNDOCUMENTED: Final = "undocumented"
"""What stands for a value that Clever does not document."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a copy of the published file holds."""

    name: str
    """Part of the name of the file: warehouse_<name>.duckdb."""
    tiers: frozenset[Tier]
    """The tiers whose columns keep their values; IDs and instants are always kept."""
    key: bytes | None = None
    """Makes the pseudonyms of a de-identified file; None leaves IDs and values as they are."""

    def file(self, warehouse: Warehouse) -> Path:
        """Where the copy is published."""
        return warehouse.folder / f"warehouse_{self.name}.duckdb"

    def treatment(self, column: sa.Column[object]) -> Treatment:
        """What the copy has in place of the values of a column."""
        if self.key is not None:
            treatment: Treatment = column.info["treatment"]
            is_asked_for = column.info["tier"] is not Tier.SENSITIVE or Tier.SENSITIVE in self.tiers
            # An age is no birth date.
            return treatment if is_asked_for or treatment is Treatment.AGE else Treatment.WITHHELD
        return Treatment.KEPT if column.info["tier"] in self.tiers | ALWAYS_KEPT else Treatment.WITHHELD


def deidentified(key: bytes, *, with_sensitive: bool = False) -> Reduction:
    """The copy without identifiers, with pseudonyms in place of IDs.

    Args:
        key: Makes the pseudonyms.
        with_sensitive: Whether sensitive columns keep their values.
    """
    tiers = {Tier.PUBLIC, Tier.INTERNAL, *([Tier.SENSITIVE] if with_sensitive else [])}
    return Reduction(DEIDENTIFIED, frozenset(tiers), key)


@dataclass(frozen=True, slots=True)
class Group:
    """How small the groups of students are who have the same values, over all districts."""

    quasi_identifiers: list[str]
    students: int
    smallest_group: int
    students_alone: int
    students_in_groups_below_5: int


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A de-identified file that was written."""

    file: Path
    rows: int
    withheld_columns: int
    groups: list[Group]
    """From few quasi-identifiers to all of them; empty if there are no students."""


def described(file: Path, key: Key | None) -> Deidentified:
    """What a de-identified file says of itself.

    Raises:
        WarehouseError: it cannot be read.
    """
    with translate_errors(file.name), closing(open_database(file, key=key, read_only=True)) as connection:
        ((rows,),) = connection.execute(
            "SELECT coalesce(sum(estimated_size), 0)::BIGINT FROM duckdb_tables() WHERE schema_name <> 'sync'"
        ).fetchall()
        ((withheld,),) = connection.execute(statement("reduced/withheld_columns")).fetchall()
        groups = [Group(*row) for row in connection.execute(statement("reduced/groups")).fetchall()]
    return Deidentified(file, rows, withheld, groups)


def publish(warehouse: Warehouse, reduction: Reduction, place: Path | None = None) -> Path:
    """Make a copy of the published file and put it in its place by one rename; gives the place.

    Args:
        warehouse: Whose published file is copied.
        reduction: What the copy holds.
        place: Where it goes, if not beside the published file. There it is plain, because whoever gets it must not get the key.

    Raises:
        NothingPublishedError: there is no published file.
        NotPublishedError: the copy could not be put in place; the former one, if any, is unchanged.
        DiskFullError: there is no room; the former one is unchanged.
        WarehouseError: the published file cannot be read.
    """
    warehouse.require_published()
    is_plain = place is not None and warehouse.key is not None
    place = place or reduction.file(warehouse)
    with translate_errors(f"the copy {place.name}"):
        warehouse.put_beside(
            place, lambda partial: _build(warehouse, reduction, partial, is_plain=is_plain), is_plain=is_plain
        )
    return place


def _build(warehouse: Warehouse, reduction: Reduction, file: Path, *, is_plain: bool) -> None:
    day = age_day(warehouse.now().date())
    settings: dict[str, str | bool] = {
        "memory_limit": warehouse.memory_limit,
        "temp_directory": str(file.with_suffix(".spill")),
        "storage_compatibility_version": STORAGE,
    }
    with closing(open_database(None if is_plain else file, key=warehouse.key, settings=settings)) as connection:
        if is_plain:
            attach(connection, file, "copy", None, read_only=False, storage=STORAGE)
            connection.execute("USE copy")
        schema.ensure(connection, warehouse.now, lambda _: None)
        attach(connection, warehouse.published, "complete", warehouse.key)
        filled = [
            table for table in tables.stored() if table.schema != "sync" or table.name not in EMPTY | MADE_BY_SCHEMA
        ]
        ages = [table for table in filled if _ages(reduction, table)]
        for table in ages:
            connection.execute(f"ALTER TABLE {tables.relation_name(table)} ADD COLUMN age BIGINT")
        if ages:
            # A view has the columns that its table had when it was made.
            schema.define_views(connection)
        if reduction.key is not None:
            _make_pseudonyms(connection, reduction, filled, reduction.key)
        for table in filled:
            # Nothing but what the definitions need was inserted before.
            connection.execute(f"DELETE FROM {tables.relation_name(table)}")
            connection.execute(_insert(reduction, table, day))
        for name in ROWS_DEPEND_ON_VALUES:
            _materialize(connection, reduction, tables.metadata.tables[name], day)
        _describe(connection, reduction, day)
        connection.execute("DROP TABLE IF EXISTS temp.pseudonyms")
        connection.execute("DETACH complete")
        connection.execute("CHECKPOINT")


def age_day(today: date) -> date:
    """The day of which ages are given: all of them grow by a year on the same day."""
    this_year = date(today.year, 9, 1)
    return this_year if today >= this_year else date(today.year - 1, 9, 1)


def _make_pseudonyms(
    connection: duckdb.DuckDBPyConnection, reduction: Reduction, filled: Iterable[sa.Table], key: bytes
) -> None:
    """Make a pseudonym for each ID of the published file, once."""
    padded = key.ljust(BLOCK, b"\0")
    for name, pad in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
        connection.execute(f"SET VARIABLE {name} = ?", [bytes(byte ^ pad for byte in padded)])
    connection.execute(statement("reduced/pseudonym"))
    derived = [tables.metadata.tables[name] for name in ROWS_DEPEND_ON_VALUES]
    found = [
        f'SELECT DISTINCT "{column.name}" AS id FROM complete.{_qualified(table)}'
        for table in (*filled, *derived)
        for column in table.columns
        if reduction.treatment(column) is Treatment.PSEUDONYM and not isinstance(column.type, sa.ARRAY)
    ]
    connection.execute(
        "CREATE TEMP TABLE pseudonyms AS SELECT id, pseudonym(id) AS pseudonym "
        f"FROM (SELECT DISTINCT id FROM ({' UNION ALL '.join(found)}) WHERE id IS NOT NULL)"
    )


def _insert(reduction: Reduction, table: sa.Table, day: date) -> str:
    return f"INSERT INTO {tables.relation_name(table)} BY NAME\n{_select(reduction, table, day)}"


def _select(reduction: Reduction, table: sa.Table, day: date) -> str:
    """The query that gives the rows of a table or view as the copy has them."""
    selected, joins, order = [], [], []
    for number, column in enumerate(table.columns):
        value = f'given."{column.name}"'
        treatment = reduction.treatment(column)
        if treatment is Treatment.PSEUDONYM and not isinstance(column.type, sa.ARRAY):
            joins.append(f"LEFT JOIN pseudonyms AS of_{number} ON of_{number}.id = {value}")
            value = f"of_{number}.pseudonym"
            order.append(f'"{column.name}"')
        else:
            if treatment is Treatment.AGE:
                selected.append(f"date_sub('year', {value}, DATE '{day}') AS age")
            value = _treated(treatment, column, value)
        selected.append(f'{value} AS "{column.name}"')
    # The order of the rows must not tell whose they are: a file with other pseudonyms would otherwise have them in the same order.
    order += [f'"{column.name}"' for column in table.columns if order and column.name in {"valid_from", "role"}]
    ordered = f"\nORDER BY {', '.join(order)}" if order else ""
    joined = "\n".join([f"FROM complete.{_qualified(table)} AS given", *joins])
    return f"SELECT {', '.join(selected)}\n{joined}{ordered}"


def _treated(treatment: Treatment, column: sa.Column[object], value: str) -> str:
    """The expression that a copy has in place of a value, by a treatment of one value or of a whole list."""
    is_list = isinstance(column.type, sa.ARRAY)
    nothing = "[]" if is_list and not column.nullable else "NULL"
    documented = ", ".join(literal(each.lower()) for each in column.info["documented"]) or "NULL"
    known = f"CASE WHEN lower({{0}}) NOT IN ({documented}) THEN '{UNDOCUMENTED}' ELSE {{0}} END"
    of_list = {
        Treatment.PSEUDONYM: f"list_sort(list_transform({value}, lambda each: pseudonym(each)))",
        Treatment.DOCUMENTED: f"list_sort(list_distinct(list_transform({value}, lambda each: {known.format('each')})))",
    }
    of_value = {
        Treatment.DOCUMENTED: known.format(value),
        Treatment.NUMBER: f"CASE WHEN regexp_full_match({value}, '[0-9]{{1,4}}') THEN {value} END",
        Treatment.DAY: f"date_trunc('day', {value})",
        Treatment.THREE_DIGITS: f"nullif(regexp_extract({value}, '^([0-9]{{3}})[0-9]{{2}}', 1), '')",
    }
    if treatment is Treatment.KEPT:
        return value
    return (of_list if is_list else of_value).get(treatment, nothing)


def _materialize(connection: duckdb.DuckDBPyConnection, reduction: Reduction, view: sa.Table, day: date) -> None:
    """Put a table with the rows of a view of the published file in the place of the view."""
    connection.execute(f"DROP VIEW {view.name}")
    connection.execute(f"CREATE TABLE {view.name} AS\n{_select(reduction, view, day)}")
    schema.comment(connection, view, is_view=False)


def _describe(connection: duckdb.DuckDBPyConnection, reduction: Reduction, day: date) -> None:
    """Say in the copy what was done with each column, and how small groups of students are."""
    connection.execute(
        "CREATE TABLE treated_columns (relation VARCHAR NOT NULL, column_name VARCHAR NOT NULL, tier VARCHAR NOT NULL, "
        "treatment VARCHAR NOT NULL)"
    )
    connection.execute(
        "COMMENT ON TABLE treated_columns IS 'What this file has in place of the values of each column of the warehouse.'"
    )
    described = [
        (tables.relation_name(table), column.name, column.info["tier"].value, _said(reduction, table, column))
        for table in tables.published()
        if "view" not in table.info or table.name in ROWS_DEPEND_ON_VALUES
        for column in table.columns
    ]
    connection.executemany("INSERT INTO treated_columns VALUES (?, ?, ?, ?)", described)
    for table in tables.stored():
        for column in table.columns:
            treatment = reduction.treatment(column)
            if said := SENTENCES.get(treatment):
                comment = literal(f"{said} {column.comment}")
                connection.execute(f'COMMENT ON COLUMN {tables.relation_name(table)}."{column.name}" IS {comment}')
            if treatment is Treatment.AGE:
                comment = literal(f"Age in whole years on {day}, the last 1 September; NULL if no birth date is known.")
                connection.execute(f"COMMENT ON COLUMN {tables.relation_name(table)}.age IS {comment}")
    if reduction.key is not None:
        _count_groups(connection, reduction)


def _said(reduction: Reduction, table: sa.Table, column: sa.Column[object]) -> str:
    return "no rows" if table.schema == "sync" and table.name in EMPTY else reduction.treatment(column).value


def _count_groups(connection: duckdb.DuckDBPyConnection, reduction: Reduction) -> None:
    connection.execute(
        "CREATE TABLE k_anonymity (district_id VARCHAR NOT NULL, quasi_identifiers VARCHAR[] NOT NULL, students BIGINT NOT NULL, "
        "groups BIGINT NOT NULL, smallest_group BIGINT NOT NULL, students_alone BIGINT NOT NULL, "
        "students_in_groups_below_5 BIGINT NOT NULL)"
    )
    connection.execute(
        "COMMENT ON TABLE k_anonymity IS 'How small the groups of students are who have the same values in some columns, by district: "
        "measured, not promised. A student who is alone in a group can be found by anyone who knows these values.'"
    )
    columns = [*QUASI_IDENTIFIERS, *(SENSITIVE_QUASI_IDENTIFIERS if Tier.SENSITIVE in reduction.tiers else ())]
    for taken in range(2, len(columns) + 1):
        listed = columns[:taken]
        text = Template(statement("reduced/k_anonymity"))
        connection.execute(
            text.substitute(columns=", ".join(listed), names=", ".join(literal(column) for column in listed))
        )


def _ages(reduction: Reduction, table: sa.Table) -> bool:
    return any(reduction.treatment(column) is Treatment.AGE for column in table.columns)


def _qualified(table: sa.Table) -> str:
    return f"{table.schema or 'main'}.{table.name}"
