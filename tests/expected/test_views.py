"""Rows of the views expected for spelled-out records of one small district."""

import datetime as dt
from typing import Any

import pytest

from tests.expected.current_tables import Row, Tables, first_tables
from tests.expected.views import GRADES, expected_view, grade_order

DAY = dt.date(2025, 10, 1)

FALL = {"id": "q1", "name": "Fall", "start_date": "2025-08-18", "end_date": "2025-12-19"}
SUMMER = {"id": "q2", "name": "Summer", "start_date": "6/1/2025", "end_date": "2025-07-31"}
UNDATED = {"id": "q3", "name": "Year", "start_date": None, "end_date": "in June"}
ELM = {"id": "s1", "name": "Elm School"}
OAK = {"id": "s2", "name": "Oak School"}
ALGEBRA = {"id": "k1", "name": "Algebra", "number": "0401"}


def user(user_id: str, *, email: str | None = None, **roles: Any) -> dict[str, Any]:
    """A record of /users whose name is that of its ID."""
    return {
        "id": user_id,
        "created": "2023-08-25T00:00:00.000Z",
        "last_modified": "2023-08-26T00:00:00.000Z",
        "email": email,
        "name": {"first": f"First {user_id}", "middle": "", "last": f"Last {user_id}"},
        "roles": roles,
    }


def view(name: str, tables: Tables, *columns: str) -> list[Any]:
    """Some columns of a view, or its rows."""
    rows: list[Row] = expected_view(name, tables, DAY)
    if not columns:
        return list(rows)
    return [row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns) for row in rows]


def test_student_roster_has_every_column() -> None:
    student = {"school": "s1", "schools": ["s2", "s1"], "sis_id": "007", "grade": "Kindergarten"}
    contact = {"student_relationships": [{"student": "p1", "type": "Primary"}, {"student": "p1"}]}
    tables = first_tables(
        "d1",
        [user("p1", email="p1@elm.example", student=student), user("c1", contact=contact)],
        schools=[ELM, OAK],
        terms=[FALL, SUMMER],
        sections=[
            {"id": "x1", "term_id": "q1", "students": ["p1"]},
            {"id": "x2", "term_id": "q2", "students": ["p1"]},
            {"id": "x3", "students": ["p1"]},
            {"id": "x4", "students": []},
        ],
    )
    assert view("student_roster", tables) == [
        {
            "district_id": "d1",
            "student_id": "p1",
            "first_name": "First p1",
            "middle_name": None,
            "last_name": "Last p1",
            "email": "p1@elm.example",
            "sis_id": "007",
            "grade": "Kindergarten",
            "grade_order": 5,
            "school_id": "s1",
            "school_name": "Elm School",
            "school_count": 2,
            "section_count": 3,
            "current_section_count": 2,
            "contact_count": 1,
        }
    ]


def test_student_roster_keeps_students_of_whom_little_is_shared() -> None:
    tables = first_tables(
        "d1", [user("p1", student={}), user("p2", student={"school": "s9", "grade": "10th"}), user("t1", teacher={})]
    )
    columns = ("student_id", "school_id", "school_name", "school_count", "grade", "grade_order", "section_count")
    assert view("student_roster", tables, *columns, "current_section_count", "contact_count") == [
        ("p1", None, None, 0, None, None, 0, 0, 0),
        ("p2", "s9", None, 1, "10th", None, 0, 0, 0),
    ]


def test_section_rosters_have_every_column() -> None:
    tables = first_tables(
        "d1",
        [user("p1", student={"school": "s1", "grade": "9"}), user("t1", teacher={}), user("t2", teacher={})],
        schools=[ELM, OAK],
        courses=[ALGEBRA],
        terms=[FALL],
        sections=[
            {
                "id": "x1",
                "name": "Algebra - t2 - 1",
                "period": "1",
                "subject": "math",
                "grade": "10",
                "school": "s2",
                "course": "k1",
                "term_id": "q1",
                "teacher": "t2",
                "teachers": ["t1", "t2"],
                "students": ["p1"],
            }
        ],
    )
    assert view("section_rosters", tables) == [
        {
            "district_id": "d1",
            "section_id": "x1",
            "section_name": "Algebra - t2 - 1",
            "period": "1",
            "subject": "math",
            "course_id": "k1",
            "course_name": "Algebra",
            "course_number": "0401",
            "term_id": "q1",
            "term_name": "Fall",
            "is_in_progress": True,
            "school_id": "s2",
            "school_name": "Oak School",
            "teacher_id": "t2",
            "teacher_first_name": "First t2",
            "teacher_last_name": "Last t2",
            "teacher_count": 2,
            "student_id": "p1",
            "student_first_name": "First p1",
            "student_last_name": "Last p1",
            "student_grade": "9",
            "is_cross_school": True,
        }
    ]


def test_section_rosters_keep_members_whose_references_lead_nowhere() -> None:
    section = {
        "id": "x1",
        "school": "s9",
        "course": "k9",
        "term_id": "q9",
        "teachers": ["t9"],
        "students": ["p9"],
    }
    bare = {"id": "x2", "students": ["p8"]}
    (row, other) = view(
        "section_rosters", first_tables("d1", sections=[section, bare, {"id": "x3", "teachers": ["t9"]}])
    )
    known = {"section_id": "x1", "school_id": "s9", "course_id": "k9", "term_id": "q9", "teacher_id": "t9"}
    assert row == {**dict.fromkeys(row), "district_id": "d1", "student_id": "p9", "teacher_count": 1, **known}
    assert other == {
        **dict.fromkeys(row),
        "district_id": "d1",
        "section_id": "x2",
        "student_id": "p8",
        "teacher_count": 0,
    }


@pytest.mark.parametrize(
    ("term", "is_in_progress"),
    [
        ({"start_date": "2025-08-18", "end_date": "2025-12-19"}, True),
        ({"start_date": "2025-10-01", "end_date": "2025-10-01"}, True),
        ({"start_date": "2025-10-02", "end_date": "2025-12-19"}, False),
        ({"start_date": "2025-08-18", "end_date": "2025-09-30"}, False),
        ({"start_date": "2025-08-18"}, True),
        ({"start_date": "2025-10-02"}, False),
        ({"end_date": "2025-10-01"}, True),
        ({"end_date": "2025-09-30"}, False),
        ({"start_date": "soon", "end_date": "2025-12-19"}, None),
        ({"start_date": "soon", "end_date": "2025-09-30"}, None),
        ({"start_date": "", "end_date": None}, None),
        ({"start_date": "soon", "end_date": "later"}, None),
        (None, None),
    ],
)
def test_section_is_in_progress_on_the_days_of_its_term(
    term: dict[str, Any] | None,
    is_in_progress: bool | None,  # noqa: FBT001
) -> None:
    terms = [] if term is None else [{"id": "q1", **term}]
    tables = first_tables(
        "d1", [user("p1", student={})], terms=terms, sections=[{"id": "x1", "term_id": "q1", "students": ["p1"]}]
    )
    assert view("section_rosters", tables, "is_in_progress") == [is_in_progress]
    assert view("student_roster", tables, "section_count", "current_section_count") == [
        (1, 0 if is_in_progress is False else 1)
    ]


@pytest.mark.parametrize(
    ("fields", "teacher_id"),
    [
        ({"teacher": "t2", "teachers": ["t1", "t2"]}, "t2"),
        ({"teachers": ["t2", "t1"]}, "t2"),
        ({"teacher": "t9", "teachers": ["t1"]}, "t1"),
        ({"teacher": "t9", "teachers": ["t1", "t2"]}, None),
        ({"teacher": "t1", "teachers": []}, None),
    ],
)
def test_teacher_of_record_is_the_primary_or_else_the_only_teacher(
    fields: dict[str, Any], teacher_id: str | None
) -> None:
    tables = first_tables("d1", sections=[{"id": "x1", "students": ["p1"], **fields}])
    assert view("section_rosters", tables, "teacher_id", "teacher_count") == [(teacher_id, len(fields["teachers"]))]


@pytest.mark.parametrize(
    ("school", "student", "is_cross_school"),
    [
        ("s1", {"school": "s1", "schools": ["s1"]}, False),
        ("s2", {"school": "s1", "schools": ["s1", "s2"]}, True),
        ("s2", {"schools": ["s1"]}, None),
        (None, {"school": "s1"}, None),
        ("s1", None, None),
    ],
)
def test_cross_school_is_unknown_without_both_schools(
    school: str | None,
    student: dict[str, Any] | None,
    is_cross_school: bool | None,  # noqa: FBT001
) -> None:
    tables = first_tables(
        "d1", [user("p1", student=student)], sections=[{"id": "x1", "school": school, "students": ["p1"]}]
    )
    assert view("section_rosters", tables, "is_cross_school") == [is_cross_school]


def test_student_contacts_have_every_column() -> None:
    contact = {
        "phone": "555 0100",
        "phone_type": "Cell",
        "student_relationships": [{"student": "p1", "relationship": "Parent", "type": "Primary"}],
    }
    tables = first_tables(
        "d1", [user("p1", student={"school": "s1"}), user("c1", email="c1@elm.example", contact=contact)], schools=[ELM]
    )
    assert view("student_contacts", tables) == [
        {
            "district_id": "d1",
            "student_id": "p1",
            "student_first_name": "First p1",
            "student_last_name": "Last p1",
            "school_id": "s1",
            "school_name": "Elm School",
            "contact_id": "c1",
            "contact_first_name": "First c1",
            "contact_middle_name": None,
            "contact_last_name": "Last c1",
            "relationship": "Parent",
            "type": "Primary",
            "phone": "555 0100",
            "phone_type": "Cell",
            "email": "c1@elm.example",
        }
    ]


def test_student_and_contact_are_one_row_with_all_their_relationships() -> None:
    relationships = [
        {"student": "p1", "relationship": "Parent", "type": "Primary"},
        {"student": "p1", "relationship": "Parent", "type": "Emergency"},
        {"student": "p1"},
        {"student": "p0"},
        {"relationship": "Parent"},
    ]
    tables = first_tables("d1", [user("p1", student={}), user("c1", contact={"student_relationships": relationships})])
    columns = ("student_id", "student_last_name", "contact_id", "relationship", "type")
    assert view("student_contacts", tables, *columns) == [
        ("p0", None, "c1", None, None),
        ("p1", "Last p1", "c1", "Parent", "Emergency, Primary"),
    ]


def test_staff_directory_has_every_column() -> None:
    employee = user(
        "t1",
        email="t1@elm.example",
        teacher={"school": "s1", "schools": ["s3", "s1"], "title": "Teacher"},
        staff={"schools": ["s2", "s9"], "title": "", "department": "Math"},
        district_admin={"title": "Admin"},
    )
    tables = first_tables(
        "d1",
        [employee, user("p1", student={}), user("c1", contact={})],
        schools=[OAK, ELM, {"id": "s3", "name": "Elm School"}],
        terms=[SUMMER],
        sections=[
            {"id": "x1", "teacher": "t1", "teachers": ["t1"], "term_id": "q2"},
            {"id": "x2", "teachers": ["t2", "t1"]},
            {"id": "x3", "teacher": "t1", "teachers": ["t2"]},
        ],
    )
    assert view("staff_directory", tables) == [
        {
            "district_id": "d1",
            "user_id": "t1",
            "first_name": "First t1",
            "last_name": "Last t1",
            "email": "t1@elm.example",
            "roles": ["district_admin", "staff", "teacher"],
            "title": "Teacher",
            "department": "Math",
            "school_id": "s1",
            "school_ids": ["s1", "s2", "s3", "s9"],
            "school_names": ["Elm School", "Oak School", "Elm School", None],
            "section_count": 2,
        }
    ]


def test_staff_directory_takes_the_title_of_staff_first_and_merges_no_users() -> None:
    titles = {"staff": {"title": "A"}, "teacher": {"title": "B"}, "district_admin": {"title": "C"}}
    tables = first_tables(
        "d1",
        [
            user("t1", email="same@elm.example", **titles),
            user("t2", email="same@elm.example", teacher={"school": "s1"}, district_admin={"title": "C"}),
            user("t3", district_admin={}),
        ],
    )
    assert view("staff_directory", tables, "user_id", "title", "school_id", "school_ids", "school_names") == [
        ("t1", "A", None, [], []),
        ("t2", "C", "s1", ["s1"], [None]),
        ("t3", None, None, [], []),
    ]


def test_enrollment_by_grade_counts_each_student_once_and_at_every_school() -> None:
    tables = first_tables(
        "d1",
        [
            user("p1", student={"school": "s1", "schools": ["s1", "s2"], "grade": "3"}),
            user("p2", student={"school": "s1", "schools": [], "grade": "3"}),
            user("p3", student={"school": "s2", "schools": ["s2"]}),
            user("p4", student={"schools": ["s2"]}),
            user("p5", student={"grade": "Other"}),
        ],
        schools=[ELM],
    )
    rows = view("enrollment_by_grade", tables)
    assert rows[0] == {
        "district_id": "d1",
        "school_id": "s1",
        "school_name": "Elm School",
        "grade": "3",
        "grade_order": 8,
        "student_count": 2,
        "enrolled_count": 2,
    }
    assert [tuple(row.values())[1:] for row in rows[1:]] == [
        ("s2", None, "3", 8, 0, 1),
        ("s2", None, None, None, 1, 2),
        (None, None, "Other", 21, 1, 0),
        (None, None, None, None, 1, 0),
    ]
    assert sum(row["student_count"] for row in rows) == 5


def test_references_stay_within_a_district() -> None:
    first = first_tables(
        "d1", [user("p1", student={"school": "s1"})], sections=[{"id": "x1", "school": "s1", "students": ["p1"]}]
    )
    other = first_tables("d2", [user("t1", teacher={})], schools=[ELM], sections=[{"id": "x1", "teachers": ["t1"]}])
    both = {table: [*first[table], *other[table]] for table in first}
    assert view("section_rosters", both, "district_id", "school_name", "teacher_id") == [("d1", None, None)]
    assert view("enrollment_by_grade", both, "district_id", "school_name") == [("d1", None)]


def test_grades_are_in_the_order_of_clever() -> None:
    assert len(GRADES) == len(set(GRADES)) == 21
    assert [grade_order(grade) for grade in ("InfantToddler", "Kindergarten", "1", "13", "Other", "k", None)] == [
        *(1, 5, 6, 18, 21, None, None)
    ]


def test_views_without_rows_are_empty() -> None:
    for name in ("student_roster", "section_rosters", "student_contacts", "staff_directory", "enrollment_by_grade"):
        assert view(name, {}) == []
