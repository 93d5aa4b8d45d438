"""The rows of the tables of roles in a form that histories can compare: by key, with `extra`, Clever's own times apart."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.expected.regular import EXTRA, Split, canonical
from tests.expected.roles import expected_rows

Key = tuple[Any, ...]

LISTS = {
    "student_enrollments": ("student", "enrollments"),
    "contact_students": ("contact", "student_relationships"),
}
"""The tables of items of lists, and where the lists are."""
ROLE_OF = {
    "students": "student",
    "student_enrollments": "student",
    "teachers": "teacher",
    "staff": "staff",
    "district_admins": "district_admin",
    "contacts": "contact",
    "contact_students": "contact",
}
"""The tables of roles, and the role of each."""
OPERATIONAL = ("role_last_modified_at",)
"""Columns whose change alone makes no version."""


class RoleRow(NamedTuple):
    """A row of a table of roles, apart from its key and its district."""

    values: tuple[Any, ...]
    extra: str | None
    """Canonical JSON."""
    operational: tuple[Any, ...] = ()
    """The values of the columns whose change alone makes no version."""

    @property
    def settled(self) -> tuple[Any, ...]:
        """What makes a version if it changes."""
        return self.values, self.extra


def _columns(table: str) -> tuple[str, ...]:
    roles: dict[str, Any] = {role: {} for role in ROLE_OF.values()}
    for role, field in LISTS.values():
        roles[role][field] = [{"school": "s", "student": "s"}]
    (row,) = expected_rows(table, [{"id": "u", "district": "d", "roles": roles}])
    return tuple(column for column in row if column != "district_id")


KEYS = {
    table: _columns(table) if table in LISTS else ("user_id",) for table in ROLE_OF
}  # the district, which every key has, left out
"""The columns that name a row of a district."""
VALUES = {
    table: tuple(column for column in _columns(table) if column not in {*KEYS[table], *OPERATIONAL})
    for table in ROLE_OF
}
"""The columns besides the key whose change makes a version."""
LATEST = {table: tuple(column for column in _columns(table) if column in OPERATIONAL) for table in ROLE_OF}
"""The columns whose change alone makes none."""


def role_rows(records: Iterable[Split]) -> Mapping[str, Mapping[Key, RoleRow]]:
    """Return the rows of every table of roles for some records of one district."""
    found: dict[str, dict[Key, RoleRow]] = {table: {} for table in ROLE_OF}
    for record, extra in records:
        for table, role in ROLE_OF.items():
            if role not in record["roles"]:
                continue
            if table not in LISTS:
                (row,) = expected_rows(table, [record])
                found[table][record["id"],] = _row(table, row, canonical(extra[role] or None))
                continue
            _, field = LISTS[table]
            for item in record["roles"][role].get(field) or []:
                alone = {"id": record["id"], "district": record["district"], "roles": {role: {field: [item]}}}
                (row,) = expected_rows(table, [alone])
                text = canonical(item.get(EXTRA))
                key = tuple(row[column] for column in KEYS[table])
                if any(part is not None for part in key[1:]) or text is not None:
                    found[table].setdefault(key, _row(table, row, text))
    return found


def _row(table: str, row: Mapping[str, Any], extra: str | None) -> RoleRow:
    def of(columns: Iterable[str]) -> tuple[Any, ...]:
        return tuple(_comparable(column, row[column]) for column in columns)

    return RoleRow(of(VALUES[table]), extra, of(LATEST[table]))


def _comparable(column: str, value: Any) -> Any:
    if column == "ext":
        return canonical(value or None)
    return tuple(value) if isinstance(value, list) else value
