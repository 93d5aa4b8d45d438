"""Rows expected for spelled-out records."""

import datetime as dt
from typing import Any

import pytest

from pipelines.sandbox import Sandbox
from tests.expected.roles import expected_rows

TABLES = (
    "students", "teachers", "staff", "district_admins", "contacts", "student_enrollments", "contact_students",
)  # fmt: skip


def user(user_id: str = "u1", district: str = "d1", **roles: Any) -> dict[str, Any]:
    """A record of /users with these role objects."""
    return {"id": user_id, "district": district, "name": {"last": "Ng"}, "roles": roles}


def only(table: str, *records: dict[str, Any]) -> dict[str, Any]:
    """The only row of a table."""
    (row,) = expected_rows(table, records)
    return row


def test_student_has_every_column() -> None:
    student = {
        "legacy_id": "u1",
        "school": "s2",
        "schools": ["s2", "s1"],
        "sis_id": "77",
        "student_number": "0077",
        "state_id": "ST7",
        "credentials": {"district_username": "amy.ng"},
        "location": {
            "address": "1 Elm St",
            "city": "Dayton",
            "state": "OH",
            "zip": "45402",
            "lat": "39.7589",
            "lon": "-84.1916",
        },
        "grade": "TransitionalKindergarten",
        "graduation_year": "2039",
        "dob": "3/9/2021",
        "gender": "X",
        "race": "Two or More Races",
        "hispanic_ethnicity": "Y",
        "ell_status": "N",
        "gifted_status": "N",
        "section_504_status": "Y",
        "disability": {
            "disability_status": "Y",
            "disability_code": "sli",
            "disability_type": "Speech or language impairment",
        },
        "frl_status": "Reduced",
        "iep_status": "Y",
        "home_language": "Twi",
        "home_language_code": "twi",
        "preferred_name": {"first": "Amy", "middle": "Q", "last": "Lee"},
        "created": "2024-08-01T09:30:00.250Z",
        "last_modified": "2025-01-15T00:00:00.000Z",
        "ext": {"bus": [1, None]},
    }
    assert only("students", user(student=student)) == {
        "district_id": "d1",
        "user_id": "u1",
        "legacy_id": "u1",
        "school_id": "s2",
        "school_ids": ["s1", "s2"],
        "sis_id": "77",
        "student_number": "0077",
        "state_id": "ST7",
        "district_username": "amy.ng",
        "location_address": "1 Elm St",
        "location_city": "Dayton",
        "location_state": "OH",
        "location_zip": "45402",
        "location_lat": "39.7589",
        "location_lon": "-84.1916",
        "grade": "TransitionalKindergarten",
        "graduation_year": "2039",
        "dob": dt.date(2021, 3, 9),
        "gender": "X",
        "race": "Two or More Races",
        "hispanic_ethnicity": "Y",
        "ell_status": "N",
        "gifted_status": "N",
        "section_504_status": "Y",
        "disability_status": "Y",
        "frl_status": "Reduced",
        "iep_status": "Y",
        "disability_code": "sli",
        "disability_type": "Speech or language impairment",
        "home_language": "Twi",
        "home_language_code": "twi",
        "preferred_first_name": "Amy",
        "preferred_middle_name": "Q",
        "preferred_last_name": "Lee",
        "role_created_at": dt.datetime(2024, 8, 1, 9, 30, 0, 250_000, tzinfo=dt.UTC),
        "role_last_modified_at": dt.datetime(2025, 1, 15, tzinfo=dt.UTC),
        "ext": {"bus": [1, None]},
    }


def test_teacher_has_every_column() -> None:
    teacher = {
        "legacy_id": "t9",
        "school": "s1",
        "schools": ["s1"],
        "sis_id": "T1",
        "teacher_number": "12",
        "state_id": "L3",
        "title": "Chair",
        "credentials": {"district_username": "bo"},
        "district": "d1",
        "name": {"first": "Bo", "middle": "", "last": "Ng"},
        "created": "2024-08-01T00:00:00.000Z",
        "last_modified": "2024-08-02T00:00:00.000Z",
        "ext": {"room": "7"},
    }
    assert only("teachers", user(teacher=teacher)) == {
        "district_id": "d1",
        "user_id": "u1",
        "legacy_id": "t9",
        "school_id": "s1",
        "school_ids": ["s1"],
        "district_username": "bo",
        "sis_id": "T1",
        "teacher_number": "12",
        "state_id": "L3",
        "title": "Chair",
        "role_district_id": "d1",
        "role_first_name": "Bo",
        "role_middle_name": None,
        "role_last_name": "Ng",
        "role_created_at": dt.datetime(2024, 8, 1, tzinfo=dt.UTC),
        "role_last_modified_at": dt.datetime(2024, 8, 2, tzinfo=dt.UTC),
        "ext": {"room": "7"},
    }


def test_staff_have_every_column() -> None:
    staff = {
        "legacy_id": "f9",
        "schools": ["s3", "s1"],
        "staff_id": "F1",
        "department": "Front Office",
        "title": "Registrar",
        "roles": ["SchoolTechLead", "PortalOnly"],
        "credentials": {"district_username": "cy"},
        "ext": {},
    }
    assert only("staff", user(staff=staff)) == {
        "district_id": "d1",
        "user_id": "u1",
        "legacy_id": "f9",
        "school_ids": ["s1", "s3"],
        "staff_id": "F1",
        "department": "Front Office",
        "title": "Registrar",
        "staff_roles": ["PortalOnly", "SchoolTechLead"],
        "district_username": "cy",
        "ext": {},
    }


def test_district_admins_and_contacts_have_every_column() -> None:
    admin = {"legacy_id": "a9", "title": "Superintendent"}
    contact = {"legacy_id": "c9", "sis_id": "C1", "phone": "555 0100", "phone_type": "Cell"}
    assert only("district_admins", user(district_admin=admin)) == {
        "district_id": "d1",
        "user_id": "u1",
        "legacy_id": "a9",
        "title": "Superintendent",
    }
    assert only("contacts", user(contact=contact)) == {
        "district_id": "d1",
        "user_id": "u1",
        "legacy_id": "c9",
        "sis_id": "C1",
        "phone": "555 0100",
        "phone_type": "Cell",
    }


@pytest.mark.parametrize(
    ("table", "role"),
    [
        ("students", "student"),
        ("teachers", "teacher"),
        ("staff", "staff"),
        ("district_admins", "district_admin"),
        ("contacts", "contact"),
    ],
)
def test_empty_role_object_is_a_row_without_values_and_null_is_none(table: str, role: str) -> None:
    held, not_held = {"id": "u1", "district": "d1", "roles": {role: {}}}, user() | {"roles": {role: None}}
    row = only(table, held)
    empty_lists: dict[str, Any] = {column: [] for column in ("school_ids", "staff_roles") if column in row}
    assert row == dict.fromkeys(row) | empty_lists | {"district_id": "d1", "user_id": "u1"}
    assert expected_rows(table, [not_held, user(), {"id": "u3", "district": "d1"}]) == []


@pytest.mark.parametrize("value", ["", None])
def test_empty_text_and_null_are_none(value: str | None) -> None:
    student = {
        "school": value,
        "grade": value,
        "dob": value,
        "credentials": {"district_username": value},
        "location": {"lat": value},
        "disability": {"disability_code": value},
        "preferred_name": {"first": value},
        "created": value,
    }
    row = only("students", user(student=student))
    assert {value for column, value in row.items() if column not in {"district_id", "user_id"} if value != []} == {None}
    assert only("contacts", user(contact={"phone": value}))["phone"] is None


@pytest.mark.parametrize("field", ["credentials", "location", "disability", "preferred_name", "schools", "ext"])
def test_null_object_or_list_is_the_same_as_none(field: str) -> None:
    with_null, without = user(student={field: None, "sis_id": "1"}), user(student={"sis_id": "1"})
    assert only("students", with_null) == only("students", without)


def test_lists_are_sorted_without_duplicates_and_empty_texts() -> None:
    schools = ["s2", "", "s1", "s2", None, "S3"]
    assert only("students", user(student={"schools": schools}))["school_ids"] == ["S3", "s1", "s2"]
    assert only("staff", user(staff={"roles": ["b", "a", "b", ""]}))["staff_roles"] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("3/9/2012", dt.date(2012, 3, 9)),
        ("03/09/2012", dt.date(2012, 3, 9)),
        ("12/31/2012", dt.date(2012, 12, 31)),
        ("2012-03-09", dt.date(2012, 3, 9)),
        ("2012-03-09T00:00:00.000Z", dt.date(2012, 3, 9)),
        ("2012-03-09T23:59:59.000-08:00", dt.date(2012, 3, 9)),
        ("3/9/12", None),
        ("12-03-09", None),
        ("13/1/2012", None),
        ("2/29/2013", None),
        ("2013-02-29", None),
        ("2012/03/09", None),
        ("3-9-2012", None),
        ("3/9/2012 ", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_in_both_forms_and_otherwise_unknown(text: str | None, date: dt.date | None) -> None:
    assert only("students", user(student={"dob": text}))["dob"] == date
    enrollment = {"school": "s", "start_date": text, "end_date": text}
    row = only("student_enrollments", user(student={"enrollments": [enrollment]}))
    assert (row["start_date"], row["end_date"]) == (date, date)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-08-01T09:30:00.000Z", dt.datetime(2024, 8, 1, 9, 30, tzinfo=dt.UTC)),
        ("2024-08-01T09:30:00-04:00", dt.datetime(2024, 8, 1, 13, 30, tzinfo=dt.UTC)),
        ("2024-08-01T09:30:00", dt.datetime(2024, 8, 1, 9, 30, tzinfo=dt.UTC)),
        ("yesterday", None),
    ],
)
def test_instants_are_in_utc(text: str, instant: dt.datetime | None) -> None:
    found = only("teachers", user(teacher={"last_modified": text}))["role_last_modified_at"]
    assert found == instant
    assert found is None or found.utcoffset() == dt.timedelta()


def test_unknown_fields_are_ignored() -> None:
    known = user(student={"sis_id": "1"}, staff={"title": "x"})
    more = user(student={"sis_id": "1", "gpa": "4.0"}, staff={"title": "x", "sis_id": "2"}, coach={"sis_id": "3"})
    for table in TABLES:
        assert expected_rows(table, [known]) == expected_rows(table, [more | {"born": 1}])


def test_one_user_is_one_row_per_role() -> None:
    record = user(teacher={"legacy_id": "t"}, staff={"legacy_id": "f"}, district_admin={"legacy_id": "a"}, contact=None)
    assert [len(expected_rows(table, [record])) for table in TABLES] == [0, 1, 1, 1, 0, 0, 0]


def test_enrollments_are_one_row_per_school_and_dates() -> None:
    enrollments = [
        {"school": "s2", "start_date": "2025-08-18T00:00:00.000Z", "end_date": "2026-06-05T00:00:00.000Z"},
        {"school": "s2", "start_date": "8/18/2025", "end_date": "2026-06-05"},
        {"school": "s1", "start_date": "2025-08-18"},
        {"school": "s1", "start_date": "2025-08-18", "end_date": "soon"},
        {"school": "s1", "start_date": "2026-01-05"},
        {"school": ""},
        None,
    ]
    key = {"district_id": "d1", "student_id": "u1"}
    assert expected_rows("student_enrollments", [user(student={"enrollments": enrollments})]) == [
        {**key, "school_id": None, "start_date": None, "end_date": None},
        {**key, "school_id": "s1", "start_date": dt.date(2025, 8, 18), "end_date": None},
        {**key, "school_id": "s1", "start_date": dt.date(2026, 1, 5), "end_date": None},
        {**key, "school_id": "s2", "start_date": dt.date(2025, 8, 18), "end_date": dt.date(2026, 6, 5)},
    ]
    assert expected_rows("student_enrollments", [user(student={"enrollments": None}), user(student={})]) == []


def test_relationships_are_one_row_per_student_relationship_and_type() -> None:
    relationships = [
        {"student": "p2", "relationship": "Parent", "type": "Primary"},
        {"student": "p2", "relationship": "Parent", "type": "Emergency"},
        {"student": "p2", "relationship": "Parent", "type": "Primary"},
        {"student": "p1", "relationship": "", "type": None},
        {"student": "p1"},
    ]
    key = {"district_id": "d1", "contact_id": "u1"}
    assert expected_rows("contact_students", [user(contact={"student_relationships": relationships})]) == [
        {**key, "student_id": "p1", "relationship": None, "type": None},
        {**key, "student_id": "p2", "relationship": "Parent", "type": "Emergency"},
        {**key, "student_id": "p2", "relationship": "Parent", "type": "Primary"},
    ]


def test_rows_are_sorted_by_district_and_user_and_records_of_all_districts_count() -> None:
    records = [user("u2", "d2", student={}), user("u3", "d1", student={}), user("u1", "d2", student={})]
    rows = expected_rows("students", records)
    assert [(row["district_id"], row["user_id"]) for row in rows] == [("d1", "u3"), ("d2", "u1"), ("d2", "u2")]


def test_table_must_be_known() -> None:
    with pytest.raises(KeyError, match="pupils"):
        expected_rows("pupils", [])


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_every_column_has_values_and_unknown_ones_in_a_large_district(version: str) -> None:
    records = Sandbox(users=3000).served(version, "users")
    only_v31 = {
        "gifted_status", "section_504_status", "disability_status", "frl_status", "iep_status", "disability_code",
        "disability_type", "home_language", "home_language_code", "preferred_first_name", "preferred_middle_name",
        "preferred_last_name",
    }  # fmt: skip
    always_known = {"district_id", "user_id", "student_id", "contact_id", "legacy_id", "school_id", "sis_id"}
    always_known |= {"staff_id", "school_ids", "staff_roles"}
    for table in TABLES:
        rows = expected_rows(table, records)
        for column in rows[0]:
            values = [row[column] for row in rows]
            assert any(value is not None for value in values) is (version == "v3.1" or column not in only_v31)
            assert column in always_known or None in values
