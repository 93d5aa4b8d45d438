"""The rows that a warehouse must show after a number of syncs, as dicts: what views and findings are worked out from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.expected import role_tables, school_tables
from tests.expected.change_log import ChangeLog
from tests.expected.school_tables import School
from tests.expected.table_rows import Columns, TableRow
from tests.expected.truth import Truth
from tests.expected.values import Record
from tests.expected.versions import State

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
"""The rows by table. A table that is missing has no rows. Lists are list, and `extra` is canonical JSON."""

_COLUMNS: Mapping[str, Columns] = {**role_tables.COLUMNS, **school_tables.COLUMNS}


def current_tables(change_logs: Mapping[str, ChangeLog]) -> Tables:
    """Return the current rows of all tables.

    Args:
        change_logs: What must be remembered of each district, by its ID.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for district_id, change_log in change_logs.items():
        for table, states in (("users", change_log.people.current), ("user_roles", change_log.held_roles.current)):
            found[table] += [_of_user(state) for state in states.values()]
        for table, versions in change_log.tables.items():
            columns = _COLUMNS[table]
            for key, (row, extra) in versions.current.items():
                assert isinstance(row, TableRow)
                named = dict(zip(columns.key, key, strict=True))
                named |= zip((*columns.values, *columns.operational), (*row.values, *row.operational), strict=True)
                found[table].append(_with_lists({"district_id": district_id, **named, "extra": extra}))
    return found


def first_tables(district_id: str, people: Iterable[Record] = (), **records: Iterable[Record]) -> Tables:
    """Return the rows after the first sync of a district, from records that need not name the district.

    Args:
        district_id: The district.
        people: Its records of `/users`.
        records: Its records of other streams.
    """
    change_log = ChangeLog()
    school = {
        stream: [{"id" if stream == "districts" else "district": district_id, **record} for record in of_stream]
        for stream, of_stream in records.items()
    }
    change_log.sync(Truth.of({"district": district_id, **record} for record in people), School.of(school))
    return current_tables({district_id: change_log})


def _of_user(state: State) -> Row:
    row, extra = state
    return _with_lists({**row._asdict(), "extra": extra})


def _with_lists(row: Mapping[str, Any]) -> Row:
    return {column: list(value) if isinstance(value, tuple) else value for column, value in row.items()}
