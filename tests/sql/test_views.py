"""The analysts' views over rows that each test writes itself: what a row means where records are missing, doubled or cannot be read."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.expected.written import Written

DAY = timedelta(days=1)

ROSTER = "SELECT student_id, section_count, current_section_count FROM student_roster ORDER BY ALL"
PROGRESS = "SELECT section_id, is_in_progress FROM section_rosters ORDER BY ALL"
TEACHERS = "SELECT section_id, teacher_id, teacher_last_name, teacher_count FROM section_rosters ORDER BY ALL"


def test_student_roster_has_one_row_per_student_with_school_grade_and_counts(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.person(
        "ann",
        {"student": {"school_id": "lincoln", "school_ids": ["lincoln", "west"], "sis_id": "007", "grade": "10"}},
        first_name="Ann",
        middle_name="B.",
        last_name="Cole",
        email="ann@district.example",
    )
    written.student("bo", first_name="Bo")
    written.section("algebra", students=["ann"])
    written.section("biology", students=["ann"])
    for contact, type_ in (("mum", "Primary"), ("mum", "Emergency"), ("dad", None)):
        written.add("contact_students", contact_id=contact, student_id="ann", type=type_)
    assert written.rows("FROM student_roster ORDER BY student_id") == [
        (
            *(
                "district",
                "ann",
                "Ann",
                "B.",
                "Cole",
                "ann@district.example",
                "007",
                "10",
                15,
                "lincoln",
                "Lincoln High",
            ),
            *(2, 2, 2, 2),
        ),
        ("district", "bo", "Bo", None, None, None, None, None, None, None, None, 0, 0, 0, 0),
    ]


def test_student_roster_keeps_a_primary_school_that_is_not_shared_and_a_grade_that_is_not_documented(
    written: "Written",
) -> None:
    written.student("ann", "lincoln", grade="Grade 10")
    query = "SELECT school_id, school_name, grade, grade_order, school_count FROM student_roster"
    assert written.rows(query) == [("lincoln", None, "Grade 10", None, 1)]


def test_student_roster_takes_no_other_school_for_a_missing_primary_one(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.person("ann", {"student": {"school_ids": ["lincoln"]}})
    assert written.rows("SELECT school_id, school_name, school_count FROM student_roster") == [(None, None, 1)]


@pytest.mark.parametrize(("listed", "count"), [([], 1), (["grant"], 2), (["grant", "lincoln"], 2)])
def test_student_roster_counts_the_primary_school_also_if_it_is_not_listed(
    written: "Written", listed: list[str], count: int
) -> None:
    written.person("ann", {"student": {"school_id": "lincoln", "school_ids": listed}})
    assert written.rows("SELECT school_count FROM student_roster") == [(count,)]


@pytest.fixture
def terms(written: "Written") -> "Written":
    """Return a warehouse with a student in one section of each kind of term, the section named like its term."""
    today = written.today
    terms: dict[str, dict[str, object]] = {
        "past": {"start_date": today - 9 * DAY, "end_date": today - DAY},
        "future": {"start_date": today + DAY, "end_date": today + 9 * DAY},
        "first_day": {"start_date": today, "end_date": today + DAY},
        "last_day": {"start_date": today - DAY, "end_date": today},
        "begun": {"start_date": today - DAY},
        "not_begun": {"start_date": today + DAY},
        "not_ended": {"end_date": today + DAY},
        "ended": {"end_date": today - DAY},
        "without_dates": {},
        "unreadable_start": {"end_date": today + DAY, "extra": '{"start_date": "in August"}'},
        "unreadable_end": {"start_date": today - DAY, "extra": '{"end_date": "13/1/2027"}'},
        "too_large_end": {"start_date": today - DAY, "extra": '{"end_date": null}'},
        "unknown_field": {"start_date": today - DAY, "extra": '{"season": "fall"}'},
    }
    for term, dates in terms.items():
        written.add("terms", term_id=term, name=term.upper(), **dates)
        written.section(term, term_id=term, students=["ann"])
    written.section("not_shared", term_id="elsewhere", students=["ann"])
    written.section("without_term", students=["ann"])
    written.student("ann", "lincoln")
    return written


def test_a_section_is_in_progress_from_the_first_to_the_last_day_of_its_term_if_that_is_known(
    terms: "Written",
) -> None:
    assert terms.rows(PROGRESS) == [
        ("begun", True),
        ("ended", False),
        ("first_day", True),
        ("future", False),
        ("last_day", True),
        ("not_begun", False),
        ("not_ended", True),
        ("not_shared", None),
        ("past", False),
        ("too_large_end", None),
        ("unknown_field", True),
        ("unreadable_end", None),
        ("unreadable_start", None),
        ("without_dates", None),
        ("without_term", None),
    ]


def test_sections_are_current_unless_their_term_is_known_not_to_be_in_progress(terms: "Written") -> None:
    assert terms.rows(ROSTER) == [("ann", 15, 11)]


def test_today_is_the_date_in_the_time_zone_of_the_session(written: "Written") -> None:
    """Between these two time zones there are 26 hours, so their dates always differ."""
    written.connection.execute("SET TimeZone = 'Pacific/Kiritimati'")
    written.add("terms", term_id="one_day", start_date=written.today, end_date=written.today)
    written.section("algebra", term_id="one_day", students=["ann"])
    assert written.rows(PROGRESS) == [("algebra", True)]
    written.connection.execute("SET TimeZone = 'Etc/GMT+12'")
    assert written.rows(PROGRESS) == [("algebra", False)]


def test_section_rosters_has_one_row_per_section_and_student(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.add("courses", course_id="math", name="Mathematics", number="0100")
    written.add("terms", term_id="fall", name="Fall", start_date=written.today)
    written.student("ann", "lincoln", first_name="Ann", grade="10")
    written.teacher("kim", "lincoln", last_name="Kim")
    written.section(
        "algebra",
        students=["ann", "bo"],
        teachers=["kim", "lee"],
        teacher_id="kim",
        school_id="lincoln",
        course_id="math",
        term_id="fall",
        name="Mathematics - Kim - 3",
        period="3",
        subject="math",
    )
    written.section("empty", teachers=["kim"], school_id="lincoln")
    of_section = (
        *("district", "algebra", "Mathematics - Kim - 3", "3", "math", "math", "Mathematics", "0100", "fall", "Fall"),
        *(True, "lincoln", "Lincoln High", "kim", None, "Kim", 2),
    )
    assert written.rows("FROM section_rosters ORDER BY student_id") == [
        (*of_section, "ann", "Ann", None, "10", False),
        (*of_section, "bo", None, None, None, None),
    ]


def test_section_rosters_keeps_a_section_that_refers_to_nothing_or_to_what_is_not_shared(written: "Written") -> None:
    written.section("alone", students=["ann"])
    written.section(
        "lost",
        students=["ann"],
        teachers=["kim"],
        school_id="lincoln",
        course_id="math",
        term_id="fall",
        teacher_id="kim",
    )
    query = """
        SELECT section_id, course_id, course_name, term_id, term_name, school_id, school_name, teacher_id, teacher_last_name
        FROM section_rosters ORDER BY section_id
    """
    assert written.rows(query) == [
        ("alone", None, None, None, None, None, None, None, None),
        ("lost", "math", None, "fall", None, "lincoln", None, "kim", None),
    ]


def test_the_teacher_of_record_is_the_primary_one_else_the_only_one_else_none(written: "Written") -> None:
    written.teacher("kim", last_name="Kim")
    written.teacher("lee", last_name="Lee")
    written.section("primary", students=["ann"], teachers=["kim", "lee"], teacher_id="lee")
    written.section("only", students=["ann"], teachers=["kim"], teacher_id="somebody")
    written.section("several", students=["ann"], teachers=["kim", "lee"], teacher_id="somebody")
    written.section("not_listed", students=["ann"], teacher_id="kim")
    written.section("none", students=["ann"])
    assert written.rows(TEACHERS) == [
        ("none", None, None, 0),
        ("not_listed", None, None, 0),
        ("only", "kim", "Kim", 1),
        ("primary", "lee", "Lee", 2),
        ("several", None, None, 2),
    ]


def test_a_student_is_cross_school_where_the_section_is_not_at_the_primary_school(written: "Written") -> None:
    written.student("ann", "lincoln", "west")
    written.person("bo", {"student": {"school_ids": ["lincoln"]}})
    for school in ("lincoln", "west"):
        written.section(f"at_{school}", students=["ann", "bo", "not_shared"], school_id=school)
    written.section("nowhere", students=["ann"])
    assert written.rows("SELECT section_id, student_id, is_cross_school FROM section_rosters ORDER BY ALL") == [
        ("at_lincoln", "ann", False),
        ("at_lincoln", "bo", None),
        ("at_lincoln", "not_shared", None),
        ("at_west", "ann", True),
        ("at_west", "bo", None),
        ("at_west", "not_shared", None),
        ("nowhere", "ann", None),
    ]


def test_student_contacts_has_one_row_per_student_and_contact_with_all_relationships(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.person(
        "ann", {"student": {"school_id": "lincoln", "school_ids": ["lincoln"]}}, first_name="Ann", last_name="Cole"
    )
    written.person(
        "mum",
        {"contact": {"phone": "555 0100 x2", "phone_type": "Cell"}},
        last_name="Maria del Carmen Cole",
        email="mum@home.example",
    )
    for type_ in ("Primary", "Emergency"):
        written.add("contact_students", contact_id="mum", student_id="ann", relationship="Parent", type=type_)
    written.add("contact_students", contact_id="mum", student_id="ann")
    assert written.rows("FROM student_contacts") == [
        (
            *("district", "ann", "Ann", "Cole", "lincoln", "Lincoln High", "mum", None, None, "Maria del Carmen Cole"),
            *("Parent", "Emergency, Primary", "555 0100 x2", "Cell", "mum@home.example"),
        )
    ]


def test_student_contacts_keeps_a_student_or_contact_who_is_not_shared_and_leaves_out_a_relationship_without_student(
    written: "Written",
) -> None:
    written.student("ann", "lincoln", first_name="Ann")
    written.person("mum", {"contact": {"phone": "555 0100"}}, first_name="Mum")
    written.add("contact_students", contact_id="mum", student_id="not_shared")
    written.add("contact_students", contact_id="mum", relationship="Parent")
    written.add("contact_students", contact_id="not_shared", student_id="ann")
    query = """
        SELECT student_id, student_first_name, school_id, school_name, contact_id, contact_first_name, phone
        FROM student_contacts ORDER BY student_id
    """
    assert written.rows(query) == [
        ("ann", "Ann", "lincoln", None, "not_shared", None, None),
        ("not_shared", None, None, None, "mum", "Mum", "555 0100"),
    ]


def test_staff_directory_puts_the_roles_of_a_person_together(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.add("schools", school_id="west", name="West Middle")
    written.person(
        "kim",
        {
            "teacher": {"school_id": "west", "school_ids": ["lincoln", "west"], "title": "Teacher"},
            "staff": {"school_ids": ["gone", "lincoln"], "title": "Coach", "department": "Sports"},
            "district_admin": {"title": "Director"},
        },
        first_name="Sun",
        last_name="Kim",
        email="kim@district.example",
    )
    written.section("algebra", teachers=["kim"], teacher_id="kim")
    written.section("biology", teachers=["kim", "lee"])
    assert written.rows("FROM staff_directory") == [
        (
            *("district", "kim", "Sun", "Kim", "kim@district.example", ("district_admin", "staff", "teacher")),
            *("Coach", "Sports", "west", ("gone", "lincoln", "west"), (None, "Lincoln High", "West Middle"), 2),
        )
    ]


def test_staff_directory_has_every_employee_once_and_no_one_else(written: "Written") -> None:
    written.teacher("kim", "lincoln", title="Teacher")
    written.person("lee", {"staff": {"title": "Clerk"}}, email="shared@district.example")
    written.person("may", {"district_admin": {"title": "Director"}}, email="shared@district.example")
    written.person("max", {"teacher": {"school_ids": []}, "district_admin": {"title": "Principal"}})
    written.student("ann", "lincoln")
    written.person("mum", {"contact": {}})
    query = "SELECT user_id, email, title, school_id, school_ids, section_count FROM staff_directory ORDER BY user_id"
    assert written.rows(query) == [
        ("kim", None, "Teacher", "lincoln", ("lincoln",), 0),
        ("lee", "shared@district.example", "Clerk", None, (), 0),
        ("max", None, "Principal", None, (), 0),
        ("may", "shared@district.example", "Director", None, (), 0),
    ]


def test_enrollment_by_grade_counts_by_primary_school_and_by_any_school(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.student("ann", "lincoln", grade="10")
    written.student("bo", "lincoln", "west", grade="10")
    written.student("cy", "west", grade="9")
    query = "FROM enrollment_by_grade ORDER BY school_id, grade_order"
    assert written.rows(query) == [
        ("district", "lincoln", "Lincoln High", "10", 15, 2, 2),
        ("district", "west", None, "9", 14, 1, 1),
        ("district", "west", None, "10", 15, 0, 1),
    ]
    assert written.rows("SELECT sum(student_count) FROM enrollment_by_grade") == [(3,)]


def test_enrollment_by_grade_keeps_students_without_school_or_grade(written: "Written") -> None:
    written.student("ann", "lincoln")
    written.student("bo", grade="Grade 9")
    written.student("cy")
    written.person("dee", {"student": {"school_ids": ["lincoln"]}})
    written.person("eve", {"student": {"school_id": "west", "school_ids": ["lincoln"]}})
    query = """
        SELECT school_id, grade, grade_order, student_count, enrolled_count FROM enrollment_by_grade ORDER BY ALL
    """
    assert written.rows(query) == [
        ("lincoln", None, None, 1, 3),
        ("west", None, None, 1, 1),
        (None, "Grade 9", None, 1, 0),
        (None, None, None, 2, 0),
    ]


COUNTED: dict[str, Callable[["Written", str], None]] = {
    "student_roster": lambda written, district: written.person("ann", {"student": {}}, district_id=district),
    "section_rosters": lambda written, district: written.section("algebra", students=["ann"], district_id=district),
    "student_contacts": lambda written, district: written.add(
        "contact_students", contact_id="mum", student_id="ann", district_id=district
    ),
    "staff_directory": lambda written, district: written.person("kim", {"teacher": {}}, district_id=district),
    "enrollment_by_grade": lambda written, district: written.person("ann", {"student": {}}, district_id=district),
}
"""By view, what gives it a row."""


@pytest.mark.parametrize("view", COUNTED)
def test_a_view_joins_only_rows_of_the_same_district(written: "Written", view: str) -> None:
    for district in ("here", "there"):
        COUNTED[view](written, district)
    written.add("schools", school_id="lincoln", district_id="there")
    written.add("terms", term_id="fall", district_id="there")
    assert written.rows(f"SELECT district_id FROM {view} ORDER BY ALL") == [("here",), ("there",)]
