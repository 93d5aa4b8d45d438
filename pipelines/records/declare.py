"""How a record type of Clever is declared: its stream, its tables, and the fields of each table.

A table is a path in the records of a stream plus the fields below it: "" is the record itself, "roles.student" an object in
it, and "roles.student.enrollments[]" each item of a list. Everything else that the product knows about a field is derived
from its declaration: the scan of landing files, staging, `extra`, drift, the tables with their history, comparison, hold
counts, Dagster assets, and the dictionary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    """Text as Clever sent it. A whole number or boolean is kept as the text that Clever sent."""
    ID = "id"
    """The Clever ID of a record: text, never a number."""
    TEXTS = "texts"
    """A list of texts: sorted, without duplicates, never NULL."""
    IDS = "ids"
    """A list of Clever IDs: sorted, without duplicates, never NULL."""
    KEYS = "keys"
    """The names of the documented objects within an object, sorted, never NULL; `values` lists them."""
    INSTANT = "instant"
    """An instant, which Clever writes in ISO 8601."""
    DATE = "date"
    """A date, which Clever writes as M/D/YYYY or YYYY-MM-DD; of an instant, the first ten characters."""
    BOOLEAN = "boolean"
    """true or false."""
    JSON = "json"
    """An object with names of the district's own, as Clever sent it; NULL if it is empty."""
    NAMED = "named"
    """Of a table of texts: whether the text is the one that the record has at the path of the field, which is from the record. If
    the record has none there, it is the first of the list in Clever's order."""

    @property
    def is_list(self) -> bool:
        """Whether a value of the column is a list."""
        return self in {Kind.TEXTS, Kind.IDS, Kind.KEYS}

    @property
    def is_sent(self) -> bool:
        """Whether Clever sends the value itself: it is not made of names or of other fields."""
        return self not in {Kind.KEYS, Kind.NAMED}

    @property
    def is_parsed(self) -> bool:
        """Whether a value is parsed from text. Text that cannot be parsed is in `extra`, and the column is NULL."""
        return self in {Kind.INSTANT, Kind.DATE}


class Tier(Enum):
    """How sensitive the values of a column are."""

    PUBLIC = "public"
    """About schools and districts, not about a person."""
    INTERNAL = "internal"
    """Opaque Clever IDs and instants."""
    IDENTIFIER = "identifier"
    """Names, e-mail addresses, phone numbers, addresses, usernames, SIS IDs."""
    SENSITIVE = "sensitive"
    """Birth date, gender, race, language, disability, income status and the like."""
    UNKNOWN = "unknown"
    """Anything that a district or Clever may send."""


class Treatment(Enum):
    """What a de-identified file has in place of a value."""

    KEPT = "kept"
    """The value itself."""
    PSEUDONYM = "pseudonym"
    """A keyed pseudonym: the same for the same ID in every table and sync, for as long as the key is kept."""
    DOCUMENTED = "documented values"
    """The value if Clever documents it, else `undocumented`: what else a district writes there may name a person."""
    NUMBER = "number"
    """The value if it is one to four digits, else NULL."""
    DAY = "day"
    """Midnight, in UTC, of the day of the instant: an instant to the millisecond is as good as an ID."""
    AGE = "age"
    """NULL, and beside it, in a column `age`, the age in whole years on the last 1 September: the age of today would tell who has a
    birthday, to a reader who kept the file of yesterday."""
    THREE_DIGITS = "three digits"
    """The first three digits of a ZIP code."""
    WITHHELD = "withheld"
    """NULL, or an empty list where the column is never NULL."""


DISTRICT_ID: Final = "district_id"
"""The column of the district in every table."""

BOTH: Final = ("v3.0", "v3.1")
V31: Final = ("v3.1",)


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table and the place of its value in Clever's records."""

    column: str
    path: str
    """Below the path of the table, in Clever's names: "name.first"; "" is an item that is a text itself."""
    kind: Kind
    tier: Tier
    comment: str
    """What the column holds, as a sentence for analysts, without the documented values."""
    values: tuple[str, ...] = ()
    """The values that Clever documents, apart from the empty text; empty if any value is allowed."""
    ignores_case: bool = False
    """Whether the documented values are compared without regard to case."""
    versions: tuple[str, ...] = BOTH
    """The API versions whose specification has the field."""
    makes_version: bool = True
    """Whether a change of this column alone makes a new version of the row."""
    deidentified: Treatment | None = None
    """What a de-identified file has in place of the value, if not what follows from the other declarations."""

    @property
    def treatment(self) -> Treatment:
        """What a de-identified file has in place of the value; a sensitive one is withheld there unless it is asked for."""
        is_text = self.kind in {Kind.TEXT, Kind.TEXTS}
        rules = (
            (self.kind in {Kind.ID, Kind.IDS}, Treatment.PSEUDONYM),
            (self.tier in {Tier.IDENTIFIER, Tier.UNKNOWN}, Treatment.WITHHELD),
            (self.kind is Kind.INSTANT, Treatment.DAY),
            (bool(self.values) and is_text, Treatment.DOCUMENTED),
            (self.tier is Tier.PUBLIC or not is_text, Treatment.KEPT),
            # A district writes what it likes into a text without documented values.
            (True, Treatment.WITHHELD),
        )
        return self.deidentified or next(each for applies, each in rules if applies)


@dataclass(frozen=True, slots=True)
class Table:
    """One table and the place of its rows in the records of a stream.

    Every table begins with the ID of the record and the district, and ends with `first_seen_at`, `extra`, `valid_from` and
    `change`; these are not declared. A row is named by the district and the record, an item of a list by all that Clever sends of it,
    too.
    """

    name: str
    path: str
    """"" for one row per record, "roles.student" for one per record that has the object, "…[]" for one per item of a list."""
    comment: str
    """What one row is: "One row per district and student currently in Clever."."""
    id_column: str
    """The column that holds the ID of the record: "user_id"."""
    id_comment: str
    fields: tuple[Field, ...]
    group: str = "people"
    """The Dagster asset group."""

    @property
    def is_list(self) -> bool:
        """Whether a row is an item of a list."""
        return self.path.endswith("[]")

    @property
    def is_of_texts(self) -> bool:
        """Whether a row is an item that is a text, such as the ID of a student in a section, instead of an object."""
        return self.is_list and any(not field.path for field in self.fields)

    @property
    def is_membership(self) -> bool:
        """Whether a row says no more than that two records belong together."""
        return self.is_list and all(field.kind is Kind.ID for field in self.fields if field.kind.is_sent)

    @property
    def own_id(self) -> tuple[str, ...]:
        """The column of the ID of the record, if it is not that of the district: () or ("user_id",)."""
        return () if self.id_column == DISTRICT_ID else (self.id_column,)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row."""
        items = (field.column for field in self.fields if field.kind.is_sent) if self.is_list else ()
        return (DISTRICT_ID, *self.own_id, *items)

    def full_path(self, field: Field) -> str:
        """The path of a field from the record: "roles.student.enrollments[].school"."""
        if field.kind is Kind.NAMED:
            return field.path
        return ".".join(part for part in (self.path, field.path) if part)


@dataclass(frozen=True, slots=True)
class View:
    """A list of the same records, narrowed by the query parameter `role`, that verifies the whole list."""

    name: str
    """The name in receipts and of the asset: "students"."""
    role: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One endpoint of Clever that lists the records of one type."""

    name: str
    """The name in receipts and of the asset: "users"."""
    endpoint: str
    """Below the API version, with its slash: "/users"; with {id} in it if each record of another stream has a list of its own."""
    tables: tuple[Table, ...]
    """The first is the table of the records themselves, unless these are nothing but lists."""
    views: tuple[View, ...] = ()
    is_paged: bool = True
    """Whether Clever answers in pages, and takes the parameters of paging."""
    not_kept: tuple[str, ...] = ()
    """Paths of fields that Clever documents and that no table keeps: neither in `extra` nor reported as drift."""
    is_rebuilt: bool = False
    """Whether Clever gives the records new IDs when the school year rolls over."""
    per: str = ""
    """The name of the stream of which each record has a list of its own, such as the courses of each resource: one request per record.
    A list is read as a record that has the ID of its owner, the district, and the IDs in the list under the last name of the
    endpoint."""

    @property
    def has_record_table(self) -> bool:
        """Whether the records themselves have a table."""
        return not self.tables[0].path

    @property
    def record_table(self) -> Table:
        """The table with one row per record, which is only staged if records are nothing but lists."""
        first = self.tables[0]
        return first if self.has_record_table else replace(first, name=f"{self.name}_records", path="", fields=())

    @property
    def staged_tables(self) -> tuple[Table, ...]:
        """The tables that records are staged in; the first is the table of the records themselves."""
        return self.tables if self.has_record_table else (self.record_table, *self.tables)

    @property
    def is_default(self) -> bool:
        """Whether the stream is read unless others are asked for: one that takes a request per record is not."""
        return not self.per

    @property
    def has_events(self) -> bool:
        """Whether Clever reports changes of its records in events: lists that belong to records of another stream are no records there."""
        return not self.per

    @property
    def district_path(self) -> str:
        """Where a record names its district: a district is named by its own ID."""
        return "district" if self.record_table.own_id else "id"


@dataclass(frozen=True, slots=True)
class LookupColumn:
    """One column of a lookup: text, or a whole number if its values are."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Documented values with what is known about them: a published view, the same for every district."""

    name: str
    comment: str
    """What one row is."""
    columns: tuple[LookupColumn, ...]
    """The first holds the documented values."""
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every stream that is read, and the lookups of documented values."""

    streams: tuple[Stream, ...]
    lookups: tuple[Lookup, ...] = ()

    @property
    def tables(self) -> Sequence[Table]:
        """Every declared table, in order."""
        return [table for stream in self.streams for table in stream.tables]

    @property
    def record_streams(self) -> Sequence[Stream]:
        """The streams whose records have a table, in order."""
        return [stream for stream in self.streams if stream.has_record_table]

    def stream(self, name: str) -> Stream:
        """The stream of a name. Raises KeyError if there is none."""
        return {stream.name: stream for stream in self.streams}[name]

    def table(self, name: str) -> Table:
        """The declared table of a name. Raises KeyError if there is none."""
        return {table.name: table for table in self.tables}[name]

    def stream_of(self, table: str) -> Stream:
        """The stream that a table is of. Raises KeyError if no stream has it."""
        return {each.name: stream for stream in self.streams for each in stream.tables}[table]

    def fields(self) -> Iterator[tuple[Stream, Table, Field]]:
        """Every declared field with its stream and table."""
        for stream in self.streams:
            for table in stream.tables:
                for field in table.fields:
                    yield stream, table, field

    def lookup_of(self, field: Field) -> tuple[str, str] | None:
        """The lookup and its column that have exactly the documented values of a field; None if none has."""
        for lookup in self.lookups:
            for number, column in enumerate(lookup.columns):
                if tuple(row[number] for row in lookup.rows) == field.values:
                    return lookup.name, column.name
        return None
