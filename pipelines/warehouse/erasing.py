"""How every trace of a person or a district is removed from a DuckDB file, and how one is searched for.

IDs are removed wherever a column holds IDs. Of the values of identifier columns, those that no other person has are removed from the
rows of others too, such as the e-mail address of a principal; a first name is not. Values are compared without regard to
case and blanks around them; an ID or e-mail address is found within other texts, too. All are collected once, from every database of
the warehouse, in a database of their own, because after the first file nothing says any longer what is searched for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import sqlalchemy as sa

from pipelines.encryption import Key
from pipelines.records import Tier, Treatment
from pipelines.warehouse import tables
from pipelines.warehouse.database import attach, open_database
from pipelines.warehouse.statements import literal, statement

DISTRICT: Final = "district"
USER: Final = "user"

NAMES: Final = frozenset(
    (
        *("first_name", "middle_name", "last_name", "title", "department", "name"),
        *("preferred_first_name", "preferred_middle_name", "preferred_last_name"),
        *("role_first_name", "role_middle_name", "role_last_name"),
        *("district_contact_first_name", "district_contact_middle_name", "district_contact_last_name"),
        *("district_contact_title", "principal_name"),
        *("location_city", "location_state", "location_zip"),
    )
)
"""Identifier columns whose values many people share, and words of other texts: they are removed with the rows of the person only."""

SHORTEST: Final = 6
"""Characters of a value that is searched for in other rows and files; shorter ones are pieces of other words."""

PEOPLE_IDS: Final = ("user_id", "contact_id", "student_id", "legacy_id")
"""Columns that hold IDs of people."""

WORD: Final = "[0-9A-Za-z_.@+-]{6,}"
"""What a value looks like among other words."""

FEW: Final = 2_000
"""Values of which each is searched for in a text, whatever is around it."""

NOTHING: Final = "a^"
"""A pattern that nothing matches."""

NOT_SEARCHED: Final = frozenset({"sync.purges", "sync.blocked", "sync.migrations", "sync.layout", "sync.checks"})
"""Tables without anything from Clever."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is purged."""

    kind: str
    """USER or DISTRICT."""
    id: str
    is_blocked: bool = False
    """Whether syncs leave the person out afterwards, although Clever shares the person."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as a file has it, which an earlier version may have written."""

    name: str
    columns: dict[str, str]
    """The type of each column."""
    required: frozenset[str]
    """The columns that are never NULL."""
    has_few_values: bool = True
    """Whether the values that are looked for are few enough to compare each of them with each text."""

    @property
    def declared(self) -> sa.Table | None:
        return tables.metadata.tables.get(self.name.removeprefix("main."))

    @property
    def key(self) -> frozenset[str]:
        """The columns without which a row says nothing."""
        current = tables.metadata.tables.get(self.name.rpartition(".")[2].removeprefix("past_"))
        return self.required.union(current.info.get("row_key", ()) if current is not None else ())

    def _info(self, column: str, what: str) -> object:
        declared = self.declared
        return declared.columns[column].info[what] if declared is not None and column in declared.columns else None

    @property
    def ids(self) -> list[str]:
        """The columns that hold an ID each."""
        return [
            name
            for name, type_ in self.columns.items()
            if type_ == "VARCHAR"
            and (self._info(name, "treatment") is Treatment.PSEUDONYM or name in OTHER_IDS or name in tables.CLEVER_IDS)
        ]

    @property
    def lists_of_ids(self) -> list[str]:
        return [
            name
            for name, type_ in self.columns.items()
            if type_ == "VARCHAR[]" and (self._info(name, "treatment") is Treatment.PSEUDONYM or name.endswith("_ids"))
        ]

    @property
    def identifiers(self) -> list[str]:
        """The columns of tier identifier that hold a text each."""
        return [
            name
            for name, type_ in self.columns.items()
            if type_ == "VARCHAR" and self._info(name, "tier") is Tier.IDENTIFIER
        ]

    @property
    def texts(self) -> list[str]:
        """The columns that hold a text each which is no ID."""
        return [name for name, type_ in self.columns.items() if type_ == "VARCHAR" and name not in self.ids]

    @property
    def json(self) -> list[str]:
        return [name for name, type_ in self.columns.items() if type_ == "JSON"]


OTHER_IDS: Final = frozenset({"example_id", "first_id", "last_id", "first_district_id", "last_district_id"})
"""Columns of schema `sync` that hold an ID of a record, or of a district, each."""


def begin(file: Path, subject: Subject, sources: Sequence[Path], key: Key | None) -> bool:
    """Collect what is removed and searched for; gives whether one of the sources has a row of the subject.

    Args:
        file: The database to make.
        subject: What is purged.
        sources: The databases of the warehouse, which are only read.
        key: Of all of them; None if they are plain.

    Raises:
        duckdb.Error: one of them cannot be used.
    """
    with open_database(file, key=key) as connection:
        ((into,),) = connection.execute("SELECT current_database()").fetchall()
        connection.execute("CREATE TABLE subject (kind VARCHAR, id VARCHAR, is_blocked BOOLEAN)")
        connection.execute("INSERT INTO subject VALUES (?, ?, ?)", [subject.kind, subject.id, subject.is_blocked])
        connection.execute("CREATE TABLE candidate_ids (value VARCHAR, is_mine BOOLEAN, is_of_person BOOLEAN)")
        connection.execute("CREATE TABLE candidates (value VARCHAR, is_mine BOOLEAN)")
        connection.execute("SET VARIABLE subject = ?", [subject.id])
        for source in sources:
            attach(connection, source, "source", key)
            connection.execute("USE source")
            _collect(connection, subject, list(_tables(connection)), into)
            connection.execute(f'USE "{into}"')
            connection.execute("DETACH source")
        ((known,),) = connection.execute("SELECT count(*) FROM candidate_ids WHERE is_mine").fetchall()
        if subject.kind == USER:
            connection.execute("INSERT INTO candidate_ids VALUES (getvariable('subject'), true, true)")
        connection.execute(statement("purge/ids"))
        connection.execute(statement("purge/known_values"))
        connection.execute("DROP TABLE candidates")
        connection.execute("DROP TABLE candidate_ids")
    return bool(known)


def subject_of(file: Path, key: Key | None) -> Subject:
    """What the purge under way is of."""
    with open_database(file, key=key, read_only=True) as connection:
        return Subject(*connection.execute("FROM subject").fetchall()[0])


def _collect(connection: duckdb.DuckDBPyConnection, subject: Subject, found: list[_Table], into: str) -> None:
    """Add what a database has: IDs and values, each with whether the row is the subject's."""
    of_people = [
        table
        for table in found
        if table.declared is not None or table.name.startswith("past.")
        if (subject.kind == DISTRICT and "district_id" in table.columns) or _person_column(table)
    ]
    mine = {table.name: _is_of(subject, table) for table in of_people}
    for table in of_people:
        own = [column for column in PEOPLE_IDS if column in table.columns]
        for column in table.ids if subject.kind == DISTRICT else {_person_column(table), "legacy_id"}.intersection(own):
            connection.execute(
                f'INSERT INTO "{into}".candidate_ids SELECT {column}, {mine[table.name]}, {column in own} FROM {table.name} '
                f"WHERE {column} IS NOT NULL"
            )
        for column in table.identifiers:
            if column not in NAMES:
                connection.execute(
                    f'INSERT INTO "{into}".candidates SELECT {_compared(column)}, {mine[table.name]} FROM {table.name} '
                    f'WHERE length(trim("{column}")) >= {SHORTEST}'
                )
    # What is elsewhere, too, such as the phone number of a school or a word of ours, is not the person's alone.
    for table in found:
        for column in table.texts:
            if column not in table.identifiers:
                connection.execute(
                    f'INSERT INTO "{into}".candidates SELECT DISTINCT {_compared(column)}, false FROM {table.name} '
                    f'WHERE length(trim("{column}")) >= {SHORTEST} AND NOT contains("{column}", \'@\')'
                )


def _compared(column: str) -> str:
    """A text as values are compared."""
    return f'lower(trim("{column}"))'


def _person_column(table: _Table) -> str | None:
    """The column that says whose row it is, in the tables of people and of links."""
    return next((each for each in PEOPLE_IDS[:3] if each in table.columns), None)


def _is_of(subject: Subject, table: _Table) -> str:
    column = "district_id" if subject.kind == DISTRICT else _person_column(table)
    return f"({table.name}.{column} IS NOT NULL AND {table.name}.{column} = getvariable('subject'))"


def _tables(connection: duckdb.DuckDBPyConnection, *, has_few_values: bool = True) -> Iterator[_Table]:
    """The tables of the current database."""
    rows = connection.execute(
        """
        SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable
        FROM duckdb_columns()
        WHERE database_name = current_database() AND NOT internal AND table_oid IN (
            SELECT table_oid FROM duckdb_tables() WHERE database_name = current_database()
        )
        ORDER BY ALL
        """
    ).fetchall()
    for name in dict.fromkeys(row[0] for row in rows):
        columns = {column: type_ for table, column, type_, _ in rows if table == name}
        required = frozenset(column for table, column, _, nullable in rows if table == name and not nullable)
        if name not in NOT_SEARCHED:
            yield _Table(name, columns, required, has_few_values)


def erase(connection: duckdb.DuckDBPyConnection, purging: Path, key: Key | None) -> dict[str, int]:
    """Remove what a purge collected from the current database; gives how many rows of each table were removed.

    What of other rows names the subject, such as the teacher of a section, becomes NULL. The records of the districts that showed the
    subject are no longer known, so that the next sync reads all of them; snapshots that wait for a decision are removed with their
    landings.

    Raises:
        duckdb.Error: nothing was removed.
    """
    attach(connection, purging, "purging", key)
    try:
        (subject,) = (Subject(*row) for row in connection.execute("FROM purging.subject").fetchall())
        connection.execute("SET VARIABLE subject = ?", [subject.id])
        connection.execute("SET VARIABLE purged_ids = (SELECT list(value) FROM purging.ids)")
        _set_patterns(connection)
        found = list(_tables(connection, has_few_values=_are_few(connection)))
        connection.begin()
        try:
            _forget_reads(connection, subject, {table.name: table for table in found})
            removed = {table.name: _erase_rows(connection, subject, table) for table in found}
            for table in found:
                _erase_values(connection, table)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    finally:
        connection.execute("DETACH purging")
    return {name: rows for name, rows in removed.items() if rows}


def _are_few(connection: duckdb.DuckDBPyConnection) -> bool:
    ((count,),) = connection.execute("SELECT count(*) FROM purging.known_values").fetchall()
    return int(count) <= FEW


def _forget_reads(connection: duckdb.DuckDBPyConnection, subject: Subject, found: dict[str, _Table]) -> None:
    """Make the next sync read every record of the districts again, as if it had never seen them."""
    if subject.kind == DISTRICT:
        return  # all of it is removed
    districts = " UNION ".join(
        f"SELECT district_id FROM {table.name} WHERE {_is_of(subject, table)}"
        for table in found.values()
        if "district_id" in table.columns and "user_id" in table.columns and not table.name.startswith("sync.")
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE purged_districts AS {districts}")
    of_districts = "WHERE district_id IN (FROM purged_districts)"
    if "sync.receipts" in found and "digest" not in found["sync.receipts"].required:
        connection.execute(f"UPDATE sync.receipts SET digest = NULL {of_districts}")
    for name in ("sync.lines", "sync.line_forms"):
        if name in found:
            connection.execute(f"DELETE FROM {name} {of_districts}")
    if "sync.fields" in found and {"kind", "district_id"} <= found["sync.fields"].columns.keys():
        # A field that Clever does not document may be named after the person.
        kinds = ", ".join(literal(kind) for kind in tables.DRIFT_KINDS)
        connection.execute(f"DELETE FROM sync.fields {of_districts} AND kind IN ({kinds})")
    if "sync.holds" in found and "applied_at" in found["sync.holds"].columns:
        waits = "(state = 'held' OR (state = 'approved' AND applied_at IS NULL))"
        connection.execute(f"DELETE FROM sync.holds {of_districts} AND {waits}")


def _erase_rows(connection: duckdb.DuckDBPyConnection, subject: Subject, table: _Table) -> int:
    conditions = [f"{column} IN (SELECT value FROM purging.ids)" for column in table.ids if column in table.key]
    if subject.kind == DISTRICT and "district_id" in table.columns:
        conditions.append("district_id = getvariable('subject')")
    if table.name == "sync.heirs":
        # What led to the person is found again from what is left.
        conditions.append("user_id IN (SELECT value FROM purging.ids)")
    if not conditions:
        return 0
    ((count,),) = connection.execute(f"DELETE FROM {table.name} WHERE {' OR '.join(conditions)}").fetchall()
    return int(count)


def _erase_values(connection: duckdb.DuckDBPyConnection, table: _Table) -> None:
    """Make NULL what names the subject in rows of others."""
    for column in table.ids:
        if column not in table.key:
            condition = f"{column} IN (SELECT value FROM purging.ids)"
            connection.execute(f"UPDATE {table.name} SET {column} = NULL WHERE {condition}")
    for column in table.lists_of_ids:
        listed = "getvariable('purged_ids')"
        kept = f"list_filter({column}, lambda each: NOT list_contains({listed}, each))"
        connection.execute(f"UPDATE {table.name} SET {column} = {kept} WHERE {_lists_value(table, column, 'ids')}")
    if free := [column for column in table.identifiers if column not in table.key]:
        condition = " OR ".join(f"{_compared(column)} IN (SELECT value FROM purging.known_values)" for column in free)
        emptied = ", ".join(f"{column} = NULL" for column in free)
        connection.execute(f"UPDATE {table.name} SET {emptied} WHERE {condition}")
    for column in (*table.json, *table.texts):
        condition = _holds_value(table, column)
        if not connection.execute(f"SELECT 1 FROM {table.name} WHERE {condition} LIMIT 1").fetchall():
            continue
        if column in table.key:
            connection.execute(f"DELETE FROM {table.name} WHERE {condition}")
        else:
            connection.execute(f'UPDATE {table.name} SET "{column}" = NULL WHERE {condition}')


def _set_patterns(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the patterns by which few values are found in a text, and in JSON."""
    rows = connection.execute("SELECT value, is_telling FROM purging.known_values").fetchall()
    few = rows if len(rows) <= FEW else []
    telling = [re.escape(value) for value, is_telling in few if is_telling]
    quoted_values = [f'"{re.escape(value)}"' for value, is_telling in few if not is_telling]
    for name, parts in (("telling", telling), ("in_json", telling + quoted_values)):
        connection.execute(f"SET VARIABLE {name} = ?", ["|".join(parts) or NOTHING])


def _holds_value(table: _Table, column: str) -> str:
    """The condition that a text contains one of the values: anywhere if they are few, else as a word."""
    if table.has_few_values:
        pattern = "in_json" if column in table.json else "telling"
        return f'"{column}" IS NOT NULL AND regexp_matches(lower("{column}"::VARCHAR), getvariable(\'{pattern}\'))'
    words = f"SELECT rowid AS row, unnest(regexp_extract_all(lower(\"{column}\"::VARCHAR), '{WORD}')) AS word FROM {table.name}"
    known = "(SELECT value FROM purging.known_values WHERE is_telling) AS telling"
    return (
        f'rowid IN (SELECT row FROM ({words} WHERE "{column}" IS NOT NULL) SEMI JOIN {known} ON word = telling.value)'
    )


def _lists_value(table: _Table, column: str, values: str) -> str:
    """The condition that a list has one of the values."""
    items = f"SELECT rowid AS row, unnest({column}) AS item FROM {table.name}"
    return f"rowid IN (SELECT row FROM ({items}) SEMI JOIN purging.{values} ON item = value)"


def found_in(connection: duckdb.DuckDBPyConnection, purging: Path, key: Key | None) -> list[str]:
    """The columns of the current database that hold what a purge collected: "past.past_users.email".

    A text is compared as a whole; an ID or e-mail address is found anywhere in it, as is each value in JSON.
    """
    attach(connection, purging, "purging", key)
    _set_patterns(connection)
    try:
        return [
            f"{table.name}.{column}"
            for table in _tables(connection, has_few_values=_are_few(connection))
            for column, type_ in table.columns.items()
            if (condition := _condition(table, column, type_))
            and connection.execute(f"SELECT 1 FROM {table.name} WHERE {condition} LIMIT 1").fetchall()
        ]
    finally:
        connection.execute("DETACH purging")


def _condition(table: _Table, column: str, type_: str) -> str | None:
    if type_ == "JSON":
        return _holds_value(table, column)
    if type_ == "VARCHAR" and column in table.ids:
        return f'"{column}" IN (SELECT value FROM purging.known_values)'
    if type_ == "VARCHAR":
        return f"({_compared(column)} IN (SELECT value FROM purging.known_values) OR {_holds_value(table, column)})"
    if type_ == "VARCHAR[]":
        return _lists_value(table, f'"{column}"', "known_values")
    return None
