"""What the history of a table must hold after a number of syncs: each row's versions, worked out from the rows at each sync."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from tests.expected.table_rows import Key, TableRow
from tests.expected.truth import UserRoleRow, UserRow

Row = UserRow | UserRoleRow | TableRow
State = tuple[Row, str | None]
"""A row, and what was sent beside it that no column holds."""
AKey = TypeVar("AKey", str, tuple[str, str], Key)


class Version(NamedTuple):
    """One row of a history table: at which sync, and why, a row became what it is."""

    sync: int
    change: str
    """created, updated, archived (the row repeats the last state) or restored."""
    row: Row
    extra: str | None = None


class Versions(Generic[AKey]):
    """The versions of the rows of one table in one district."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.by_key: dict[AKey, list[Version]] = {}
        """All versions of each row, in order. The first one says which sync saw the row first."""
        self.current: Mapping[AKey, State] = {}
        """The rows at the last sync that showed the table."""

    def changed(self, states: Mapping[AKey, State]) -> set[AKey]:
        """Name the rows that come, go, or change in more than Clever's own times of change."""
        keys = states.keys() | self.current.keys()
        return {key for key in keys if _differs(self.current.get(key), states.get(key))}

    def write(self, sync: int, states: Mapping[AKey, State]) -> None:
        """Add what a sync that shows these rows makes of the former ones."""
        for key in self.changed(states):
            if key not in states:
                self.by_key[key].append(Version(sync, "archived", *self.current[key]))
            elif key not in self.by_key:
                self.by_key[key] = [Version(sync, "created", *states[key])]
            else:
                change = "updated" if key in self.current else "restored"
                self.by_key[key].append(Version(sync, change, *states[key]))
        self.current = states


def _differs(before: State | None, after: State | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (_settled(before[0]), before[1]) != (_settled(after[0]), after[1])


def _settled(row: Row) -> Row:
    """Return a row as it is apart from Clever's own times of change."""
    if isinstance(row, TableRow):
        return row._replace(operational=())
    return row._replace(last_modified_at=row.created_at) if isinstance(row, UserRow) else row
