"""Which fields of schools have columns: what fits of a record of a stream, and the `extra` of its row."""

from collections.abc import Mapping

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
)

_CHANGE_TIMES = {"created": as_instant, "last_modified": as_instant}

KNOWN: Mapping[str, Known] = {
    "districts": {
        "id": as_id,
        "login_methods": ListOf(as_text),
        "launch_date": as_date,
        "district_contact": {
            "id": as_id,
            "district": NOT_KEPT,
            "title": as_text,
            "email": as_text,
            "name": {"first": as_text, "middle": as_text, "last": as_text},
        },
        **dict.fromkeys(
            ("last_sync", "pause_start", "pause_end", "last_attendance_sync", "last_clever_sync"), as_instant
        ),
        **dict.fromkeys(
            ("name", "sis_type", "state", "portal_url", "mdr_number", "nces_id", "error", "lms_type", "lms_state"),
            as_text,
        ),
    },
    "schools": {
        "id": as_id,
        "district": as_id,
        "location": dict.fromkeys(("address", "city", "state", "zip", "lat", "lon"), as_text),
        "principal": {"name": as_text, "email": as_text},
        "ext": as_object,
        **_CHANGE_TIMES,
        **dict.fromkeys(
            (
                *("name", "school_number", "state_id", "nces_id", "mdr_number", "phone", "sis_id"),
                *("low_grade", "high_grade"),
            ),
            as_text,
        ),
    },
    "courses": {"id": as_id, "district": as_id, "name": as_text, "number": as_text},
    "terms": {"id": as_id, "district": as_id, "name": as_text, "start_date": as_date, "end_date": as_date},
    "sections": {
        "id": as_id,
        "district": as_id,
        "school": as_id,
        "course": as_id,
        "term_id": as_id,
        "teacher": as_id,
        "teachers": ListOf(as_id),
        "students": ListOf(as_id),
        "lms_status": {"synced_in_lms": as_boolean},
        "ext": as_object,
        **_CHANGE_TIMES,
        **dict.fromkeys(("name", "sis_id", "section_number", "period", "subject", "grade"), as_text),
    },
    "resources": {
        "id": as_id,
        "district": as_id,
        "resource_id": as_text,
        "title": as_text,
        "roles": ListOf(as_text),
        "created": as_instant,
        "updated": as_instant,
    },
    "resource_courses": {"district": as_id, "resource": as_id, "course": as_id},
}
"""By stream, the fields that have columns."""
