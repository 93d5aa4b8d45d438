"""Which rows refer to which: from the rows of tables, within each district."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tests.expected.current_tables import Row, Tables

Reference = tuple[Any, Any]
"""A district and an ID in it."""


class _Nowhere(dict[str, None]):
    """What a reference that leads nowhere leads to: every column is None."""

    def __missing__(self, column: str) -> None:
        return None


NOWHERE: Row = _Nowhere()


class References:
    """The rows of tables by what refers to them, and by what they refer to."""

    def __init__(self, tables: Tables, day: dt.date) -> None:
        """Keep the rows that the tables show on a day."""
        self.day = day
        self._tables = tables
        self._by_id: dict[tuple[str, str], dict[Reference, Row]] = {}
        self._referring: dict[tuple[str, str], dict[Reference, list[Row]]] = {}

    def rows(self, table: str) -> Sequence[Row]:
        """Return all rows of a table."""
        return self._tables.get(table, ())

    def shares(self, table: str, row: Row) -> bool:
        """Return whether the district of a row has any rows of a table."""
        return bool(self.referring(table, "district_id", row))

    def referred(self, table: str, column: str, row: Row, reference: str | None = None) -> Row:
        """Return the row of a table to which a column of another row refers, or NOWHERE.

        Args:
            table: The table that is referred to.
            column: Its column for the ID.
            row: The row that refers.
            reference: The column of the row that refers; None if it has the same name.
        """
        if (table, column) not in self._by_id:
            self._by_id[table, column] = {(each["district_id"], each[column]): each for each in self.rows(table)}
        return self._by_id[table, column].get((row["district_id"], row[reference or column]), NOWHERE)

    def referring(self, table: str, column: str, row: Row, referred: str | None = None) -> list[Row]:
        """Return the rows of a table that refer to another row.

        Args:
            table: The table whose rows refer.
            column: Its column for the ID.
            row: The row that is referred to.
            referred: The column of that row for its ID; None if it has the same name.
        """
        if (table, column) not in self._referring:
            found = self._referring[table, column] = defaultdict(list)
            for each in self.rows(table):
                found[each["district_id"], each[column]].append(each)
        return self._referring[table, column].get((row["district_id"], row[referred or column]), [])
