"""How a v3.0 record looks in Clever's other API versions: v3.1 adds fields, v2.1 has one record a role.

Shapes follow Clever's specs v3.1.yml and v2.1.yml. What v3.1 adds is drawn from the record's id, so that it is always
the same for the same record.
"""

import zlib
from collections.abc import Iterator, Mapping

from pipelines.sandbox.details import V31_SALT, number_of, v31_student_fields
from pipelines.sandbox.ids import count_of
from pipelines.sandbox.people import CONTACT, DISTRICT_ADMIN, STAFF, STUDENT, TEACHER, Record

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
"""Whether a user was synced into the district's learning management system, by share."""


def in_v31(stream: str, record: Record) -> Record:
    """Add the fields that only API v3.1 has, except those that the record has already."""
    draw = zlib.crc32(record["id"].encode())
    if stream == "districts":
        return record | {"last_attendance_sync": None, "lms_state": "success", "lms_type": "canvas"}
    if stream == "sections":
        return record | {"lms_status": {"synced_in_lms": draw % 2 == 0}}
    if stream != "users":
        return record
    seen = _LMS_STATUS[draw & 15] | record
    student = record["roles"].get(STUDENT)
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
    if stream == "districts":
        return record | {"launch_date": f"{record['launch_date']}T00:00:00.000Z"}
    if stream == "sections":
        seen = record | {"teachers": [teachers[user_id] for user_id in record["teachers"] if user_id in teachers]}
        if "teacher" in record:
            seen["teacher"] = teachers.get(record["teacher"])
        return seen
    return record
