"""How a v3.0 record looks in Clever's other API versions: v3.1 adds fields, v2.1 has one record a role.

Shapes follow Clever's specs v3.1.yml and v2.1.yml. What v3.1 adds is drawn from the record's id, so that it is always
the same for the same record.
"""

import zlib
from collections.abc import Iterator, Mapping

from pipelines.sandbox.details import V31_SALT, number_of, v31_student_fields
from pipelines.sandbox.ids import count_of
from pipelines.sandbox.people import CONTACT, DISTRICT_ADMIN, STAFF, STUDENT, TEACHER, Record
from pipelines.sandbox.streams import DISTRICTS, SECTIONS, USERS

V30 = "v3.0"
V31 = "v3.1"
V21 = "v2.1"

V21_STREAMS = {
    "students": STUDENT,
    "teachers": TEACHER,
    "school_admins": STAFF,
    "district_admins": DISTRICT_ADMIN,
    "contacts": CONTACT,
}
"""The lists of people in API v2.1 and the role each stands for (spec v2.1.yml; Clever docs: Migrating to API 3.0)."""

_NOT_IN_V21 = frozenset({"legacy_id", "roles", "frl_status", "iep_status", "home_language"})
"""Fields of role objects that API v2.1 does not have."""


_LMS_STATUS: tuple[Record, ...] = (
    *({"lms_status": {"synced_in_lms": True}} for _ in range(7)),
    *({"lms_status": {"synced_in_lms": False}} for _ in range(3)),
    {"lms_status": {}},
    {"lms_status": None},
    *({} for _ in range(4)),
)
"""Whether a user or a section was synced into the district's learning management system, by share."""


_LMS_TYPES = ("canvas", "schoology", "google_classroom", "", None, ...)
_LMS_STATES = (
    "success", "initial_sync_processing", "pending_authorization", "matching_in_progress", "error", "disconnected", "",
    None, ...,
)  # fmt: skip
_ATTENDANCE_SYNCS = (None, "2025-06-30T22:15:00.000Z", ...)
"""What districts show of their learning management system and of attendance; the last one of each shows nothing."""


def in_v31(stream: str, record: Record) -> Record:
    """Add the fields that only API v3.1 has, except those that the record has already."""
    if stream == DISTRICTS:
        number = count_of(record["id"])
        values = {
            "last_attendance_sync": _ATTENDANCE_SYNCS[number % len(_ATTENDANCE_SYNCS)],
            "lms_state": _LMS_STATES[number % len(_LMS_STATES)],
            "lms_type": _LMS_TYPES[number % len(_LMS_TYPES)],
        }
        return {name: value for name, value in values.items() if value is not ...} | record
    if stream not in {USERS, SECTIONS}:
        return record
    seen = _LMS_STATUS[zlib.crc32(record["id"].encode()) & 15] | record
    student = record["roles"].get(STUDENT) if stream == USERS else None
    if student:
        added = v31_student_fields(count_of(record["id"]), number_of(record["id"], V31_SALT))
        seen["roles"] = record["roles"] | {STUDENT: added | student}
    return seen


def in_v21(role: str, record: Record) -> Record | None:
    """Show one role of a person as API v2.1 does, under the legacy id; None if that role has no legacy id."""
    held = record["roles"].get(role)
    if not held or not held.get("legacy_id"):
        return None
    seen: Record = {"id": held["legacy_id"], "district": record["district"]}
    seen |= {field: value for field, value in held.items() if field not in _NOT_IN_V21}
    if role == CONTACT:
        seen["name"] = record["name"].get("last") or ""
        related = seen.pop("student_relationships", None) or []
        seen["students"] = list(dict.fromkeys(relation["student"] for relation in related))
        seen |= {field: value for relation in related[:1] for field, value in relation.items() if field != "student"}
    elif role in {STAFF, DISTRICT_ADMIN}:
        seen["name"] = {part: value for part, value in record["name"].items() if value is not None}
        seen["name"].pop("middle", None)
    else:
        seen["name"] = record["name"]
    email = record.get("email")
    if email is not None or (role in {STUDENT, TEACHER, CONTACT} and "email" in record):
        seen["email"] = email
    return seen


def people_in_v21(stream: str, people: Iterator[Record]) -> list[Record]:
    """List the people of one v2.1 list, in ascending order of legacy ids."""
    seen = (in_v21(V21_STREAMS[stream], record) for record in people)
    return sorted((record for record in seen if record), key=lambda record: str(record["id"]))


def place_in_v21(stream: str, record: Record, teachers: Mapping[str, str]) -> Record:
    """Show a record that is not of a person as API v2.1 does; `teachers` gives their legacy ids by v3 id."""
    if stream == DISTRICTS:
        seen = dict(record)
        if launch_date := record.get("launch_date"):
            seen["launch_date"] = f"{launch_date}T00:00:00.000Z"
        if contact := record.get("district_contact"):
            name = {part: value for part, value in (contact.get("name") or {}).items() if part != "middle"}
            seen["district_contact"] = contact | {"name": name}
            if contact.get("email") is None:
                seen["district_contact"].pop("email", None)
        return seen
    if stream == SECTIONS:
        seen = record | {"teachers": [teachers[each] for each in record.get("teachers") or () if each in teachers]}
        if "teacher" in record:
            seen["teacher"] = teachers.get(record["teacher"] or "")
        return seen
    return record
