"""The rows of the tables of roles in a form that histories can compare."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.expected.regular import EXTRA, canonical
from tests.expected.roles import expected_rows
from tests.expected.table_rows import Columns, Key, TableRow, columns_of
from tests.expected.user_fields import Split

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


def _columns(table: str) -> Columns:
    roles: dict[str, Any] = {role: {} for role in ROLE_OF.values()}
    for role, field in LISTS.values():
        roles[role][field] = [{"school": "s", "student": "s"}]
    (row,) = expected_rows(table, [{"id": "u", "district": "d", "roles": roles}])
    # Every column of a list's item is part of the key.
    return columns_of(row, tuple(row) if table in LISTS else ("user_id",), OPERATIONAL)


COLUMNS = {table: _columns(table) for table in ROLE_OF}
KEYS = {table: columns.key for table, columns in COLUMNS.items()}
"""The columns that name a row of a district; the district, which every key has, is left out."""
VALUES = {table: columns.values for table, columns in COLUMNS.items()}
"""The columns besides the key whose change makes a version."""
LATEST = {table: columns.operational for table, columns in COLUMNS.items()}
"""The columns whose change alone makes none."""


def role_rows(records: Iterable[Split]) -> Mapping[str, Mapping[Key, TableRow]]:
    """Return the rows of every table of roles for some records of one district."""
    found: dict[str, dict[Key, TableRow]] = {table: {} for table in ROLE_OF}
    for record, extra in records:
        for table, role in ROLE_OF.items():
            if role not in record["roles"]:
                continue
            columns = COLUMNS[table]
            if table not in LISTS:
                (row,) = expected_rows(table, [record])
                found[table][columns.key_of(row)] = columns.row_of(row, canonical(extra[role] or None))
                continue
            _, field = LISTS[table]
            for item in record["roles"][role].get(field) or []:
                alone = {"id": record["id"], "district": record["district"], "roles": {role: {field: [item]}}}
                (row,) = expected_rows(table, [alone])
                text = canonical(item.get(EXTRA))
                key = columns.key_of(row)
                if any(part is not None for part in key[1:]) or text is not None:
                    found[table].setdefault(key, columns.row_of(row, text))
    return found
