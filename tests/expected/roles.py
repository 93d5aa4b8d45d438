"""Rows that the tables of roles must hold for given records, worked out in plain Python.

Nothing here is shared with the product or with the fake Clever API: the fields are spelled out once more, so that a
mistake there cannot hide. Input is the records of `/users` as parsed JSON. Fields without a column are ignored; what
else a table holds about syncs (first_seen_at, valid_from, change) and about unknown fields (extra) is not expected here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.expected.values import Record, date, instant, object_in, objects_in, text, texts

Row = dict[str, Any]


def expected_rows(table: str, records: Iterable[Record]) -> list[Row]:
    """Return the rows of a table, sorted by its key.

    Args:
        table: students, teachers, staff, district_admins, contacts, student_enrollments, or contact_students.
        records: Records of `/users` of API v3.0 or v3.1.

    Returns:
        One dict per row. Texts are str, lists of texts list[str], dates datetime.date, instants datetime.datetime in
        UTC, ext the JSON value as parsed; what is not known is None.
    """
    rows_of, key = _TABLES[table]
    rows = [row for record in records for row in rows_of(record)]
    return sorted(rows, key=lambda row: [(row[column] is not None, row[column]) for column in key])


def _students(record: Record) -> Iterator[Row]:
    student = _role(record, "student")
    if student is None:
        return
    credentials = object_in(student, "credentials")
    location = object_in(student, "location")
    disability = object_in(student, "disability")
    preferred = object_in(student, "preferred_name")
    yield {
        "district_id": text(record, "district"),
        "user_id": text(record, "id"),
        "legacy_id": text(student, "legacy_id"),
        "school_id": text(student, "school"),
        "school_ids": texts(student, "schools"),
        "sis_id": text(student, "sis_id"),
        "student_number": text(student, "student_number"),
        "state_id": text(student, "state_id"),
        "district_username": text(credentials, "district_username"),
        "location_address": text(location, "address"),
        "location_city": text(location, "city"),
        "location_state": text(location, "state"),
        "location_zip": text(location, "zip"),
        "location_lat": text(location, "lat"),
        "location_lon": text(location, "lon"),
        "grade": text(student, "grade"),
        "graduation_year": text(student, "graduation_year"),
        "dob": date(student, "dob"),
        "gender": text(student, "gender"),
        "race": text(student, "race"),
        "hispanic_ethnicity": text(student, "hispanic_ethnicity"),
        "ell_status": text(student, "ell_status"),
        "gifted_status": text(student, "gifted_status"),
        "section_504_status": text(student, "section_504_status"),
        "disability_status": text(disability, "disability_status"),
        "frl_status": text(student, "frl_status"),
        "iep_status": text(student, "iep_status"),
        "disability_code": text(disability, "disability_code"),
        "disability_type": text(disability, "disability_type"),
        "home_language": text(student, "home_language"),
        "home_language_code": text(student, "home_language_code"),
        "preferred_first_name": text(preferred, "first"),
        "preferred_middle_name": text(preferred, "middle"),
        "preferred_last_name": text(preferred, "last"),
        "role_created_at": instant(student, "created"),
        "role_last_modified_at": instant(student, "last_modified"),
        "ext": student.get("ext"),
    }


def _teachers(record: Record) -> Iterator[Row]:
    teacher = _role(record, "teacher")
    if teacher is None:
        return
    name = object_in(teacher, "name")
    yield {
        "district_id": text(record, "district"),
        "user_id": text(record, "id"),
        "legacy_id": text(teacher, "legacy_id"),
        "school_id": text(teacher, "school"),
        "school_ids": texts(teacher, "schools"),
        "district_username": text(object_in(teacher, "credentials"), "district_username"),
        "sis_id": text(teacher, "sis_id"),
        "teacher_number": text(teacher, "teacher_number"),
        "state_id": text(teacher, "state_id"),
        "title": text(teacher, "title"),
        "role_district_id": text(teacher, "district"),
        "role_first_name": text(name, "first"),
        "role_middle_name": text(name, "middle"),
        "role_last_name": text(name, "last"),
        "role_created_at": instant(teacher, "created"),
        "role_last_modified_at": instant(teacher, "last_modified"),
        "ext": teacher.get("ext"),
    }


def _staff(record: Record) -> Iterator[Row]:
    staff = _role(record, "staff")
    if staff is None:
        return
    yield {
        "district_id": text(record, "district"),
        "user_id": text(record, "id"),
        "legacy_id": text(staff, "legacy_id"),
        "school_ids": texts(staff, "schools"),
        "staff_id": text(staff, "staff_id"),
        "department": text(staff, "department"),
        "title": text(staff, "title"),
        "staff_roles": texts(staff, "roles"),
        "district_username": text(object_in(staff, "credentials"), "district_username"),
        "ext": staff.get("ext"),
    }


def _district_admins(record: Record) -> Iterator[Row]:
    admin = _role(record, "district_admin")
    if admin is None:
        return
    yield {
        "district_id": text(record, "district"),
        "user_id": text(record, "id"),
        "legacy_id": text(admin, "legacy_id"),
        "title": text(admin, "title"),
    }


def _contacts(record: Record) -> Iterator[Row]:
    contact = _role(record, "contact")
    if contact is None:
        return
    yield {
        "district_id": text(record, "district"),
        "user_id": text(record, "id"),
        "legacy_id": text(contact, "legacy_id"),
        "sis_id": text(contact, "sis_id"),
        "phone": text(contact, "phone"),
        "phone_type": text(contact, "phone_type"),
    }


def _student_enrollments(record: Record) -> Iterator[Row]:
    seen = set()
    for enrollment in objects_in(_role(record, "student"), "enrollments"):
        school_id = text(enrollment, "school")
        start, end = date(enrollment, "start_date"), date(enrollment, "end_date")
        if (school_id, start, end) in seen:
            continue
        seen.add((school_id, start, end))
        yield {
            "district_id": text(record, "district"),
            "student_id": text(record, "id"),
            "school_id": school_id,
            "start_date": start,
            "end_date": end,
        }


def _contact_students(record: Record) -> Iterator[Row]:
    seen = set()
    for relationship in objects_in(_role(record, "contact"), "student_relationships"):
        student_id = text(relationship, "student")
        kind, type_ = text(relationship, "relationship"), text(relationship, "type")
        if (student_id, kind, type_) in seen:
            continue
        seen.add((student_id, kind, type_))
        yield {
            "district_id": text(record, "district"),
            "contact_id": text(record, "id"),
            "student_id": student_id,
            "relationship": kind,
            "type": type_,
        }


_TABLES: dict[str, tuple[Callable[[Record], Iterator[Row]], tuple[str, ...]]] = {
    "students": (_students, ("district_id", "user_id")),
    "teachers": (_teachers, ("district_id", "user_id")),
    "staff": (_staff, ("district_id", "user_id")),
    "district_admins": (_district_admins, ("district_id", "user_id")),
    "contacts": (_contacts, ("district_id", "user_id")),
    "student_enrollments": (
        _student_enrollments,
        ("district_id", "student_id", "school_id", "start_date", "end_date"),
    ),
    "contact_students": (_contact_students, ("district_id", "contact_id", "student_id", "relationship", "type")),
}
"""How each table follows from a record, and its key."""


def _role(record: Record, role: str) -> Record | None:
    """Return the object of a role: null and absent mean that the user does not have it, an empty object that it does."""
    held = (record.get("roles") or {}).get(role)
    return held if isinstance(held, dict) else None
