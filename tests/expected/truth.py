"""Who is in the sandbox, said in a plain form of its own: what a warehouse of its people must hold.

The rows are made straight from the records, record by record and without any of the warehouse's SQL, so that a mistake
there cannot hide here. An empty string counts as not known and becomes None.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from pipelines.sandbox.people import CONTACT, DISTRICT_ADMIN, ROLES, STAFF, STUDENT, TEACHER, Record
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.versions import V30
from tests.expected.regular import canonical, parse
from tests.expected.role_tables import role_rows
from tests.expected.table_rows import Key, TableRow
from tests.expected.user_fields import Split, split


class UserRow(NamedTuple):
    """A person, as table `users` holds them."""

    user_id: str
    district_id: str
    email: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    roles: tuple[str, ...]
    """Sorted; a role that is not one of the five is left out."""
    synced_in_lms: bool | None
    created_at: dt.datetime
    last_modified_at: dt.datetime


class UserRoleRow(NamedTuple):
    """A role of a person, as table `user_roles` holds it."""

    user_id: str
    role: str
    district_id: str
    legacy_id: str | None
    sis_id: str | None
    """Of staff: staff_id; of a district admin: None."""
    title: str | None
    school_id: str | None
    school_ids: tuple[str, ...]
    """Sorted, without duplicates."""


class CrosswalkRow(NamedTuple):
    """A legacy id and the person whom it names."""

    district_id: str
    role: str
    legacy_id: str
    user_id: str


class Unknown(NamedTuple):
    """Something in a record that neither the specs nor this project's tables have a place for."""

    user_id: str
    role: str | None
    """The role (one of the five) in whose object it stands; None at the top of the record."""
    path: tuple[str, ...]
    """Its name; of an unheard-of role or part of a name: with `roles` or `name` before it."""
    value: object


class Truth:
    """The people of some districts at one moment, as the districts share them."""

    def __init__(self, items: Iterable[bytes]) -> None:
        """Keep the items of /users, in ascending order of district and id; the rows are made when asked for."""
        self.items = tuple(items)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """Keep v3.0 records."""
        return cls(item_bytes(V30, "users", record) for record in records)

    def __iter__(self) -> Iterator[Record]:
        """Go through the records."""
        return map(record_of, self.items)

    @functools.cached_property
    def records(self) -> Sequence[Record]:
        """The records, as a reader sees them who takes the last value of a field that occurs twice."""
        return tuple(self)

    @functools.cached_property
    def splits(self) -> Sequence[Split]:
        """What fits of each record, and what does not."""
        return tuple(split(parse(item)["data"]) for item in self.items)

    @functools.cached_property
    def role_tables(self) -> Mapping[str, Mapping[Key, TableRow]]:
        """The rows of the tables of roles; of one district only, whose ID no key has."""
        return role_rows(self.splits)

    @functools.cached_property
    def by_id(self) -> dict[str, Record]:
        """The records by user id."""
        return {record["id"]: record for record in self.records}

    @functools.cached_property
    def users(self) -> list[UserRow]:
        """One row per person, sorted by user id."""
        return sorted(_user_row(record) for record, _ in self.splits)

    @functools.cached_property
    def user_roles(self) -> list[UserRoleRow]:
        """One row per role held, sorted by user id and role."""
        rows = [
            _role_row(record, role, held)
            for record, _ in self.splits
            for role in ROLES
            if (held := (record.get("roles") or {}).get(role)) is not None
        ]
        return sorted(rows, key=lambda row: (row.user_id, row.role))

    @functools.cached_property
    def crosswalk(self) -> list[CrosswalkRow]:
        """One row per role held with a legacy id, sorted."""
        return sorted(
            CrosswalkRow(row.district_id, row.role, row.legacy_id, row.user_id)
            for row in self.user_roles
            if row.legacy_id is not None
        )

    @functools.cached_property
    def v3_user_id(self) -> dict[str, str]:
        """Who each legacy id names."""
        return {row.legacy_id: row.user_id for row in self.crosswalk}

    @functools.cached_property
    def unknown(self) -> list[Unknown]:
        """What no column holds: fields at the top, in the name and directly in the roles, and roles unheard of."""
        return [found for record in self for found in _unknown(record)]

    def extra_of(self, user_id: str, role: str | None = None) -> str | None:
        """Return as canonical JSON what no column holds of a person, or of one role."""
        return self._extra_by_place.get((user_id, role))

    @functools.cached_property
    def _extra_by_place(self) -> dict[tuple[str, str | None], str | None]:
        return {
            (record["id"], role): canonical(found or None)
            for record, extra in self.splits
            for role, found in extra.items()
        }

    def ids(self, role: str | None = None) -> list[str]:
        """List the people, or those who hold a role, in ascending order of ids."""
        if role is None:
            return [row.user_id for row in self.users]
        return [row.user_id for row in self.user_roles if row.role == role]

    def count(self) -> dict[str, int]:
        """Count the people who hold each role."""
        return {role: len(self.ids(role)) for role in ROLES}


USER_FIELDS = frozenset({"id", "district", "created", "last_modified", "email", "name", "roles", "lms_status"})
NAME_FIELDS = frozenset({"first", "middle", "last"})
ROLE_FIELDS = {
    STUDENT: {
        "legacy_id", "school", "schools", "enrollments", "sis_id", "student_number", "state_id", "grade", "dob",
        "graduation_year", "gender", "race", "hispanic_ethnicity", "ell_status", "location", "credentials", "ext",
        "created", "last_modified", "preferred_name", "disability", "frl_status", "gifted_status", "iep_status",
        "section_504_status", "home_language", "home_language_code",
    },
    TEACHER: {
        "legacy_id", "school", "schools", "sis_id", "teacher_number", "state_id", "title", "credentials", "ext",
        "district", "name", "created", "last_modified",
    },
    STAFF: {"legacy_id", "schools", "staff_id", "roles", "department", "title", "credentials", "ext"},
    DISTRICT_ADMIN: {"legacy_id", "title"},
    CONTACT: {"legacy_id", "sis_id", "phone", "phone_type", "student_relationships"},
}  # fmt: skip
"""The fields of each role in specs v3.0.yml and v3.1.yml."""


def personal_data(record: Record) -> set[str]:
    """Collect what no log may show of a person: name parts, e-mail, birth date, phone."""
    roles = record.get("roles") or {}
    names = [record.get("name"), (roles.get(TEACHER) or {}).get("name")]
    found: list[Any] = [
        part for name in names if name for part in (name.values() if isinstance(name, dict) else [name])
    ]
    found += [record.get("email"), (roles.get(STUDENT) or {}).get("dob"), (roles.get(CONTACT) or {}).get("phone")]
    return {text for text in found if text and isinstance(text, str)}


def _unknown(record: Record) -> Iterator[Unknown]:
    user_id = record["id"]
    for name, value in sorted(record.items()):
        if name not in USER_FIELDS:
            yield Unknown(user_id, None, (name,), value)
    for part, value in sorted((record.get("name") or {}).items()):
        if part not in NAME_FIELDS:
            yield Unknown(user_id, None, ("name", part), value)
    for role, held in sorted((record.get("roles") or {}).items()):
        if role not in ROLES:
            yield Unknown(user_id, None, ("roles", role), held)
            continue
        for name, value in sorted((held or {}).items()):
            if name not in ROLE_FIELDS[role]:
                yield Unknown(user_id, role, (name,), value)


def _user_row(record: Record) -> UserRow:
    name = record.get("name") or {}
    roles = record.get("roles") or {}
    return UserRow(
        user_id=record["id"],
        district_id=record["district"],
        email=record.get("email") or None,
        first_name=name.get("first") or None,
        middle_name=name.get("middle") or None,
        last_name=name.get("last") or None,
        roles=tuple(sorted(role for role in ROLES if roles.get(role) is not None)),
        synced_in_lms=(record.get("lms_status") or {}).get("synced_in_lms"),
        created_at=dt.datetime.fromisoformat(record["created"]),
        last_modified_at=dt.datetime.fromisoformat(record["last_modified"]),
    )


def _role_row(record: Record, role: str, held: Record) -> UserRoleRow:
    sis_id = None
    if role == STAFF:
        sis_id = held.get("staff_id")
    elif role in {STUDENT, TEACHER, CONTACT}:
        sis_id = held.get("sis_id")
    return UserRoleRow(
        user_id=record["id"],
        role=role,
        district_id=record["district"],
        legacy_id=held.get("legacy_id") or None,
        sis_id=sis_id or None,
        title=(held.get("title") or None) if role not in {STUDENT, CONTACT} else None,
        school_id=(held.get("school") or None) if role in {STUDENT, TEACHER} else None,
        school_ids=tuple(sorted({school for school in held.get("schools") or [] if school})),
    )
