"""Rows that the tables of roles must hold for given records, worked out in plain Python.

Nothing here is shared with the product or with the fake Clever API: the fields are spelled out once more, so that a
mistake there cannot hide. Input is the records of `/users` as parsed JSON. Fields without a column are ignored; what
else a table holds about syncs (first_seen_at, valid_from, change) and about unknown fields (extra) is not expected here.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Record = dict[str, Any]
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
    credentials = _object(student, "credentials")
    location = _object(student, "location")
    disability = _object(student, "disability")
    preferred = _object(student, "preferred_name")
    yield {
        "district_id": _text(record, "district"),
        "user_id": _text(record, "id"),
        "legacy_id": _text(student, "legacy_id"),
        "school_id": _text(student, "school"),
        "school_ids": _texts(student, "schools"),
        "sis_id": _text(student, "sis_id"),
        "student_number": _text(student, "student_number"),
        "state_id": _text(student, "state_id"),
        "district_username": _text(credentials, "district_username"),
        "location_address": _text(location, "address"),
        "location_city": _text(location, "city"),
        "location_state": _text(location, "state"),
        "location_zip": _text(location, "zip"),
        "location_lat": _text(location, "lat"),
        "location_lon": _text(location, "lon"),
        "grade": _text(student, "grade"),
        "graduation_year": _text(student, "graduation_year"),
        "dob": _date(student, "dob"),
        "gender": _text(student, "gender"),
        "race": _text(student, "race"),
        "hispanic_ethnicity": _text(student, "hispanic_ethnicity"),
        "ell_status": _text(student, "ell_status"),
        "gifted_status": _text(student, "gifted_status"),
        "section_504_status": _text(student, "section_504_status"),
        "disability_status": _text(disability, "disability_status"),
        "frl_status": _text(student, "frl_status"),
        "iep_status": _text(student, "iep_status"),
        "disability_code": _text(disability, "disability_code"),
        "disability_type": _text(disability, "disability_type"),
        "home_language": _text(student, "home_language"),
        "home_language_code": _text(student, "home_language_code"),
        "preferred_first_name": _text(preferred, "first"),
        "preferred_middle_name": _text(preferred, "middle"),
        "preferred_last_name": _text(preferred, "last"),
        "role_created_at": _instant(student, "created"),
        "role_last_modified_at": _instant(student, "last_modified"),
        "ext": student.get("ext"),
    }


def _teachers(record: Record) -> Iterator[Row]:
    teacher = _role(record, "teacher")
    if teacher is None:
        return
    name = _object(teacher, "name")
    yield {
        "district_id": _text(record, "district"),
        "user_id": _text(record, "id"),
        "legacy_id": _text(teacher, "legacy_id"),
        "school_id": _text(teacher, "school"),
        "school_ids": _texts(teacher, "schools"),
        "district_username": _text(_object(teacher, "credentials"), "district_username"),
        "sis_id": _text(teacher, "sis_id"),
        "teacher_number": _text(teacher, "teacher_number"),
        "state_id": _text(teacher, "state_id"),
        "title": _text(teacher, "title"),
        "role_district_id": _text(teacher, "district"),
        "role_first_name": _text(name, "first"),
        "role_middle_name": _text(name, "middle"),
        "role_last_name": _text(name, "last"),
        "role_created_at": _instant(teacher, "created"),
        "role_last_modified_at": _instant(teacher, "last_modified"),
        "ext": teacher.get("ext"),
    }


def _staff(record: Record) -> Iterator[Row]:
    staff = _role(record, "staff")
    if staff is None:
        return
    yield {
        "district_id": _text(record, "district"),
        "user_id": _text(record, "id"),
        "legacy_id": _text(staff, "legacy_id"),
        "school_ids": _texts(staff, "schools"),
        "staff_id": _text(staff, "staff_id"),
        "department": _text(staff, "department"),
        "title": _text(staff, "title"),
        "staff_roles": _texts(staff, "roles"),
        "district_username": _text(_object(staff, "credentials"), "district_username"),
        "ext": staff.get("ext"),
    }


def _district_admins(record: Record) -> Iterator[Row]:
    admin = _role(record, "district_admin")
    if admin is None:
        return
    yield {
        "district_id": _text(record, "district"),
        "user_id": _text(record, "id"),
        "legacy_id": _text(admin, "legacy_id"),
        "title": _text(admin, "title"),
    }


def _contacts(record: Record) -> Iterator[Row]:
    contact = _role(record, "contact")
    if contact is None:
        return
    yield {
        "district_id": _text(record, "district"),
        "user_id": _text(record, "id"),
        "legacy_id": _text(contact, "legacy_id"),
        "sis_id": _text(contact, "sis_id"),
        "phone": _text(contact, "phone"),
        "phone_type": _text(contact, "phone_type"),
    }


def _student_enrollments(record: Record) -> Iterator[Row]:
    seen = set()
    for enrollment in _objects(_role(record, "student"), "enrollments"):
        school_id = _text(enrollment, "school")
        start, end = _date(enrollment, "start_date"), _date(enrollment, "end_date")
        if (school_id, start, end) in seen:
            continue
        seen.add((school_id, start, end))
        yield {
            "district_id": _text(record, "district"),
            "student_id": _text(record, "id"),
            "school_id": school_id,
            "start_date": start,
            "end_date": end,
        }


def _contact_students(record: Record) -> Iterator[Row]:
    seen = set()
    for relationship in _objects(_role(record, "contact"), "student_relationships"):
        student_id = _text(relationship, "student")
        kind, type_ = _text(relationship, "relationship"), _text(relationship, "type")
        if (student_id, kind, type_) in seen:
            continue
        seen.add((student_id, kind, type_))
        yield {
            "district_id": _text(record, "district"),
            "contact_id": _text(record, "id"),
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


def _object(holder: Record, field: str) -> Record:
    """Return an object inside another; empty if it is null or absent."""
    return holder.get(field) or {}


def _objects(holder: Record | None, field: str) -> list[Record]:
    """Return the objects of a list; none if the list is null or absent, and no null ones."""
    return [each for each in (holder or {}).get(field) or [] if each is not None]


def _text(holder: Record, field: str) -> str | None:
    """Return a text as sent; None if it is null, absent, or empty."""
    return holder.get(field) or None


def _texts(holder: Record, field: str) -> list[str]:
    """Return the different texts of a list in order, without null and empty ones."""
    return sorted({text for text in holder.get(field) or [] if text})


_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def _date(holder: Record, field: str) -> dt.date | None:
    """Return a date of an object; None if there is none that can be read."""
    return read_date(_text(holder, field) or "")


def read_date(text: str) -> dt.date | None:
    """Return a date written YYYY-MM-DD, also at the beginning of a datetime, or M/D/YYYY; None if it is neither."""
    if found := _YEAR_FIRST.fullmatch(text[:10]):
        year, month, day = found.groups()
    elif found := _MONTH_FIRST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _instant(holder: Record, field: str) -> dt.datetime | None:
    """Return an instant of an object in UTC; None if there is none that can be read."""
    return read_instant(_text(holder, field) or "")


def read_instant(text: str) -> dt.datetime | None:
    """Return an instant in UTC; without a time zone it is one of UTC; None if it is not written in ISO 8601."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)
