"""Which fields of a user have columns: what fits of a record of `/users`, and the `extra` of the rows that it becomes."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.expected.regular import (
    NOT_KEPT,
    Known,
    ListOf,
    as_boolean,
    as_date,
    as_id,
    as_instant,
    as_object,
    as_text,
    fit,
    is_empty,
)
from tests.expected.values import Record


class Split(NamedTuple):
    """A record that fits, and the `extra` of the rows that it becomes."""

    record: Record
    """Without what no column holds, as `fit` gives it."""
    extra: dict[str | None, Record]
    """By role; None for the record itself. Empty if there is nothing."""


def split(sent: Record) -> Split:
    """Split a record of `/users` as `parse` gives it."""
    record, extra = fit(sent, _RECORD)
    extras: dict[str | None, Record] = {None: extra}
    roles = {}
    for role, held in (sent.get("roles") or {}).items():
        if role not in _ROLES:
            if not is_empty(held):
                extra.setdefault("roles", {})[role] = held
        elif held is not None:
            roles[role], extras[role] = fit(held, _ROLES[role])
    return Split({**record, "roles": roles}, extras)


_NAME = {"first": as_text, "middle": as_text, "last": as_text}
_CREDENTIALS = {"district_username": as_text}
_RECORD: Known = {
    "id": as_id,
    "district": as_id,
    "created": as_instant,
    "last_modified": as_instant,
    "email": as_text,
    "name": _NAME,
    "lms_status": {"synced_in_lms": as_boolean},
    "roles": NOT_KEPT,
}
_ROLES: Mapping[str, Known] = {
    "student": {
        "legacy_id": as_id,
        "school": as_id,
        "schools": ListOf(as_id),
        "created": as_instant,
        "last_modified": as_instant,
        "dob": as_date,
        "credentials": _CREDENTIALS,
        "location": dict.fromkeys(("address", "city", "state", "zip", "lat", "lon"), as_text),
        "disability": dict.fromkeys(("disability_status", "disability_code", "disability_type"), as_text),
        "preferred_name": _NAME,
        "enrollments": ListOf({"school": as_id, "start_date": as_date, "end_date": as_date}),
        "ext": as_object,
        **dict.fromkeys(
            (
                *("sis_id", "student_number", "state_id", "grade", "graduation_year", "gender", "race"),
                *(
                    "hispanic_ethnicity",
                    "ell_status",
                    "gifted_status",
                    "section_504_status",
                    "frl_status",
                    "iep_status",
                ),
                *("home_language", "home_language_code"),
            ),
            as_text,
        ),
    },
    "teacher": {
        "legacy_id": as_id,
        "school": as_id,
        "schools": ListOf(as_id),
        "district": as_id,
        "created": as_instant,
        "last_modified": as_instant,
        "credentials": _CREDENTIALS,
        "name": _NAME,
        "ext": as_object,
        **dict.fromkeys(("sis_id", "teacher_number", "state_id", "title"), as_text),
    },
    "staff": {
        "legacy_id": as_id,
        "schools": ListOf(as_id),
        "roles": ListOf(as_text),
        "credentials": _CREDENTIALS,
        "ext": as_object,
        **dict.fromkeys(("staff_id", "department", "title"), as_text),
    },
    "district_admin": {"legacy_id": as_id, "title": as_text},
    "contact": {
        "legacy_id": as_id,
        "student_relationships": ListOf({"student": as_id, "relationship": as_text, "type": as_text}),
        **dict.fromkeys(("sis_id", "phone", "phone_type"), as_text),
    },
}
