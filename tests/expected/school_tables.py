"""The rows of the tables of schools in a form that histories can compare: what a district shows of its schools at one moment."""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from tests.expected.regular import canonical, fit, parse
from tests.expected.school import KEYS, STREAM_OF, expected_rows
from tests.expected.school_fields import KNOWN
from tests.expected.table_rows import Columns, Key, TableRow, columns_of
from tests.expected.values import Record

LISTS = {"section_students", "section_teachers"}
"""The tables of items of lists of IDs; their rows have no `extra`."""
OPERATIONAL = {
    "districts": ("last_sync_at", "last_clever_sync_at", "last_attendance_sync_at"),
    "schools": ("last_modified_at",),
    "sections": ("last_modified_at",),
    "resources": ("updated_at",),
}
"""By table, columns whose change alone makes no version."""


def _columns(table: str) -> Columns:
    (row,) = expected_rows(table, [{"id": "r", "students": ["s"], "teachers": ["t"]}])
    return columns_of(row, KEYS[table], OPERATIONAL.get(table, ()))


COLUMNS = {table: _columns(table) for table in STREAM_OF}
"""The columns of each table. The key of districts has none besides the district."""


class School:
    """The school records of one district at one moment, by stream, as the district shares them."""

    def __init__(self, items: Mapping[str, Iterable[bytes]]) -> None:
        """Keep the items of streams, of which each holds a record under `data`. A stream that is missing is not shared."""
        self.items = {stream: tuple(of_stream) for stream, of_stream in items.items()}

    @classmethod
    def of(cls, records: Mapping[str, Iterable[Record]]) -> Self:
        """Keep records by stream. A stream that is missing is not shared."""
        return cls(
            {
                stream: [json.dumps({"data": record}).encode() for record in of_stream]
                for stream, of_stream in records.items()
            }
        )

    @functools.cached_property
    def tables(self) -> Mapping[str, Mapping[Key, TableRow]]:
        """The rows of the tables whose streams are shared."""
        return {table: _rows(table, self.items[stream]) for table, stream in STREAM_OF.items() if stream in self.items}

    @functools.cached_property
    def ids(self) -> Mapping[str, Sequence[str]]:
        """The IDs of the records of each stream that is shared, as they are listed."""
        return {stream: [parse(item)["data"]["id"] for item in items] for stream, items in self.items.items()}


def _rows(table: str, items: Iterable[bytes]) -> Mapping[Key, TableRow]:
    columns = COLUMNS[table]
    found: dict[Key, TableRow] = {}
    for item in items:
        record, extra = fit(parse(item)["data"], KNOWN[STREAM_OF[table]])
        text = None if table in LISTS else canonical(extra or None)
        found |= {columns.key_of(row): columns.row_of(row, text) for row in expected_rows(table, [record])}
    return found
