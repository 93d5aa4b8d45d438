"""The form in which histories compare rows of any table: by key, with `extra`, Clever's own times of change apart."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.expected.regular import canonical

Key = tuple[Any, ...]


class TableRow(NamedTuple):
    """A row of a table, apart from its key and its district."""

    values: tuple[Any, ...]
    extra: str | None
    """Canonical JSON."""
    operational: tuple[Any, ...] = ()
    """The values of the columns whose change alone makes no version."""

    @property
    def settled(self) -> tuple[Any, ...]:
        """What makes a version if it changes."""
        return self.values, self.extra


class Columns(NamedTuple):
    """The columns of a table, apart from its district and its `extra`."""

    key: tuple[str, ...]
    values: tuple[str, ...]
    """Those besides the key whose change makes a version."""
    operational: tuple[str, ...]
    """Those whose change alone makes none."""

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """Return the key of a row."""
        return tuple(row[column] for column in self.key)

    def row_of(self, row: Mapping[str, Any], extra: str | None) -> TableRow:
        """Return a row in the comparable form."""

        def of(columns: Iterable[str]) -> tuple[Any, ...]:
            return tuple(_comparable(column, row[column]) for column in columns)

        return TableRow(of(self.values), extra, of(self.operational))


def columns_of(row: Iterable[str], key: tuple[str, ...], operational: Iterable[str]) -> Columns:
    """Divide the columns of a row; its district is in none of the parts."""
    columns = tuple(column for column in row if column != "district_id")
    return Columns(
        tuple(column for column in key if column != "district_id"),
        tuple(column for column in columns if column not in {*key, *operational}),
        tuple(column for column in columns if column in operational),
    )


def _comparable(column: str, value: Any) -> Any:
    if column == "ext":
        return canonical(value or None)
    return tuple(value) if isinstance(value, list) else value
