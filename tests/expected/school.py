"""Rows that the tables of schools must hold for given records, worked out in plain Python.

Nothing here is shared with the product or with the fake Clever API: the fields are spelled out once more, so that a
mistake there cannot hide. Input is the records of one endpoint as parsed JSON. Fields without a column are ignored; what
else a table holds about syncs (first_seen_at, valid_from, change) and about unknown fields (extra) is not expected here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.expected.values import Record, date, instant, object_in, text, texts

Row = dict[str, Any]


def expected_rows(table: str, records: Iterable[Record]) -> list[Row]:
    """Return the rows of a table, sorted by its key.

    Args:
        table: One of the keys of STREAM_OF.
        records: Records of the table's stream, of API v3.0 or v3.1. Those of resource_courses are made by `course_links`.

    Returns:
        One dict per row, without two rows that have the same key. Texts are str, lists of texts list[str], dates datetime.date, instants
        datetime.datetime in UTC, ext the JSON value as parsed; what is not known is None.
    """
    rows_of = _ROWS_OF[table]
    rows = {tuple(row[column] for column in KEYS[table]): row for record in records for row in rows_of(record)}
    return [rows[key] for key in sorted(rows)]


def course_links(resource_id: str, courses: Iterable[Record]) -> Iterator[Record]:
    """Give the records of `/resources/{id}/courses` the resource, which they do not name."""
    return ({"district": course["district"], "resource": resource_id, "course": course["id"]} for course in courses)


def _districts(district: Record) -> Iterator[Row]:
    contact = object_in(district, "district_contact")
    name = object_in(contact, "name")
    yield {
        "district_id": text(district, "id"),
        "name": text(district, "name"),
        "sis_type": text(district, "sis_type"),
        "state": text(district, "state"),
        "login_methods": texts(district, "login_methods"),
        "last_sync_at": instant(district, "last_sync"),
        "pause_start_at": instant(district, "pause_start"),
        "pause_end_at": instant(district, "pause_end"),
        "launch_date": date(district, "launch_date"),
        "portal_url": text(district, "portal_url"),
        "mdr_number": text(district, "mdr_number"),
        "nces_id": text(district, "nces_id"),
        "error": text(district, "error"),
        "last_attendance_sync_at": instant(district, "last_attendance_sync"),
        "lms_type": text(district, "lms_type"),
        "lms_state": text(district, "lms_state"),
        "last_clever_sync_at": instant(district, "last_clever_sync"),
        "district_contact_id": text(contact, "id"),
        "district_contact_title": text(contact, "title"),
        "district_contact_email": text(contact, "email"),
        "district_contact_first_name": text(name, "first"),
        "district_contact_middle_name": text(name, "middle"),
        "district_contact_last_name": text(name, "last"),
    }


def _schools(school: Record) -> Iterator[Row]:
    location = object_in(school, "location")
    principal = object_in(school, "principal")
    yield {
        "district_id": text(school, "district"),
        "school_id": text(school, "id"),
        "name": text(school, "name"),
        "school_number": text(school, "school_number"),
        "state_id": text(school, "state_id"),
        "nces_id": text(school, "nces_id"),
        "mdr_number": text(school, "mdr_number"),
        "phone": text(school, "phone"),
        "sis_id": text(school, "sis_id"),
        "location_address": text(location, "address"),
        "location_city": text(location, "city"),
        "location_state": text(location, "state"),
        "location_zip": text(location, "zip"),
        "location_lat": text(location, "lat"),
        "location_lon": text(location, "lon"),
        "low_grade": text(school, "low_grade"),
        "high_grade": text(school, "high_grade"),
        "principal_name": text(principal, "name"),
        "principal_email": text(principal, "email"),
        "created_at": instant(school, "created"),
        "last_modified_at": instant(school, "last_modified"),
        "ext": school.get("ext"),
    }


def _courses(course: Record) -> Iterator[Row]:
    yield {
        "district_id": text(course, "district"),
        "course_id": text(course, "id"),
        "name": text(course, "name"),
        "number": text(course, "number"),
    }


def _terms(term: Record) -> Iterator[Row]:
    yield {
        "district_id": text(term, "district"),
        "term_id": text(term, "id"),
        "name": text(term, "name"),
        "start_date": date(term, "start_date"),
        "end_date": date(term, "end_date"),
    }


def _sections(section: Record) -> Iterator[Row]:
    yield {
        "district_id": text(section, "district"),
        "section_id": text(section, "id"),
        "school_id": text(section, "school"),
        "course_id": text(section, "course"),
        "term_id": text(section, "term_id"),
        "teacher_id": text(section, "teacher"),
        "name": text(section, "name"),
        "sis_id": text(section, "sis_id"),
        "section_number": text(section, "section_number"),
        "period": text(section, "period"),
        "subject": text(section, "subject"),
        "grade": text(section, "grade"),
        "synced_in_lms": object_in(section, "lms_status").get("synced_in_lms"),
        "created_at": instant(section, "created"),
        "last_modified_at": instant(section, "last_modified"),
        "ext": section.get("ext"),
    }


def _section_students(section: Record) -> Iterator[Row]:
    for student_id in texts(section, "students"):
        yield {
            "district_id": text(section, "district"),
            "section_id": text(section, "id"),
            "student_id": student_id,
        }


def _section_teachers(section: Record) -> Iterator[Row]:
    """Return the teachers; without a primary one in `teacher`, it is the first of `teachers` in Clever's order."""
    in_order = [teacher_id for teacher_id in section.get("teachers") or [] if teacher_id]
    primary = text(section, "teacher") or next(iter(in_order), None)
    for teacher_id in in_order:
        yield {
            "district_id": text(section, "district"),
            "section_id": text(section, "id"),
            "teacher_id": teacher_id,
            "is_primary": teacher_id == primary,
        }


def _resources(resource: Record) -> Iterator[Row]:
    yield {
        "district_id": text(resource, "district"),
        "resource_id": text(resource, "id"),
        "internal_resource_id": text(resource, "resource_id"),
        "title": text(resource, "title"),
        "roles": texts(resource, "roles"),
        "created_at": instant(resource, "created"),
        "updated_at": instant(resource, "updated"),
    }


def _resource_courses(link: Record) -> Iterator[Row]:
    yield {
        "district_id": text(link, "district"),
        "resource_id": text(link, "resource"),
        "course_id": text(link, "course"),
    }


_ROWS_OF: dict[str, Callable[[Record], Iterator[Row]]] = {
    "districts": _districts,
    "schools": _schools,
    "courses": _courses,
    "terms": _terms,
    "sections": _sections,
    "section_students": _section_students,
    "section_teachers": _section_teachers,
    "resources": _resources,
    "resource_courses": _resource_courses,
}

STREAM_OF = {
    "districts": "districts",
    "schools": "schools",
    "courses": "courses",
    "terms": "terms",
    "sections": "sections",
    "section_students": "sections",
    "section_teachers": "sections",
    "resources": "resources",
    "resource_courses": "resource_courses",
}
"""The tables of schools, and the stream of each."""

KEYS = {
    "districts": ("district_id",),
    "schools": ("district_id", "school_id"),
    "courses": ("district_id", "course_id"),
    "terms": ("district_id", "term_id"),
    "sections": ("district_id", "section_id"),
    "section_students": ("district_id", "section_id", "student_id"),
    "section_teachers": ("district_id", "section_id", "teacher_id"),
    "resources": ("district_id", "resource_id"),
    "resource_courses": ("district_id", "resource_id", "course_id"),
}
"""The columns of the key of each table."""
