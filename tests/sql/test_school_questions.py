"""The questions of sql/queries about schools, sections, students and contacts, over rows that each test writes itself."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.expected.written import SEEN_AT

if TYPE_CHECKING:
    from tests.expected.written import Row, Written

BEFORE, SINCE, AFTER = (datetime(2026, 9, day, tzinfo=UTC) for day in (1, 15, 30))
DAY = timedelta(days=1)


def test_students_in_no_class_are_listed_where_the_district_shares_classes(written: "Written") -> None:
    for student in ("ann", "bo"):
        written.student(student)
    written.section("algebra", students=["ann"])
    written.person("cy", {"student": {}}, district_id="without_sections")
    assert written.answer("students_in_no_section") == [("district", "bo", None, None, None, None)]


def test_classes_without_teacher_or_students_are_listed(written: "Written") -> None:
    written.section("complete", students=["ann"], teachers=["kim"])
    written.section("empty")
    written.section("without_students", teachers=["kim", "lee"])
    written.section("without_teacher", students=["ann"])
    assert written.answer("sections_without_teacher_or_students") == [
        ("district", "empty", None, None, 0, 0),
        ("district", "without_students", None, None, 2, 0),
        ("district", "without_teacher", None, None, 0, 1),
    ]


def test_students_with_more_classes_at_another_school_are_listed(written: "Written") -> None:
    written.add("schools", school_id="west", name="West Middle")
    for student in ("ann", "bo"):
        written.student(student, "lincoln")
    written.section("algebra", students=["ann", "bo"], school_id="lincoln")
    for section in ("biology", "chemistry"):
        written.section(section, students=["ann"], school_id="west")
    written.section("drama", students=["bo"], school_id="west")
    assert written.answer("students_with_most_sections_at_another_school") == [
        ("district", "ann", None, None, None, 1, "West Middle", 2)
    ]


def test_classes_of_a_teacher_include_those_of_a_co_teacher(written: "Written") -> None:
    written.add("terms", term_id="fall", name="Fall")
    written.section("algebra", students=["ann", "bo"], teachers=["kim", "lee"], teacher_id="kim", term_id="fall")
    written.section("biology", teachers=["lee"], teacher_id="lee")
    written.section("chemistry", teachers=["kim"], teacher_id="kim")
    expected = [
        ("district", "algebra", None, None, "Fall", False, 2),
        ("district", "biology", None, None, None, True, 0),
    ]
    assert written.answer("sections_of_a_teacher", teacher_id="lee") == expected
    assert written.answer("sections_of_a_teacher") == expected


def test_students_who_left_a_class_and_joined_another_are_listed(written: "Written") -> None:
    def leave(section: str, student: str, left_at: datetime) -> None:
        row = {"section_id": section, "student_id": student}
        written.add("past.past_section_students", **row, valid_to=left_at)
        written.add("past.past_section_students", **row, valid_from=left_at, change="archived")

    def join(section: str, student: str, joined_at: datetime) -> None:
        written.add("section_students", section_id=section, student_id=student, valid_from=joined_at)

    leave("algebra", "switched", AFTER)
    join("biology", "switched", AFTER)
    leave("algebra", "switched_earlier", BEFORE)
    join("biology", "switched_earlier", BEFORE)
    leave("algebra", "left", AFTER)
    join("algebra", "joined", AFTER)
    written.student("switched", first_name="Ann")
    assert written.answer("students_who_switched_sections", since=SINCE) == [
        ("district", "switched", None, "Ann", ("algebra",), ("biology",))
    ]


def test_classes_in_progress_are_listed_with_those_of_which_it_is_not_known(written: "Written") -> None:
    today = written.today
    written.add("terms", term_id="fall", name="Fall", start_date=today, end_date=today)
    written.add("terms", term_id="past", name="Past", end_date=today - DAY)
    written.section("algebra", students=["ann", "bo"], term_id="fall")
    written.section("biology", students=["ann"], term_id="past")
    written.section("chemistry", students=["ann"])
    assert written.answer("sections_in_progress") == [
        ("district", "algebra", None, "Fall", True, None, None, 2),
        ("district", "chemistry", None, None, None, None, None, 1),
    ]


def test_classes_with_another_name_and_without_one_are_listed(written: "Written") -> None:
    def rename(section: str, names: tuple[str | None, str | None], renamed_at: datetime) -> None:
        written.add("past.past_sections", section_id=section, name=names[0], valid_to=renamed_at)
        written.section(section, name=names[1], course_id="math", valid_from=renamed_at, change="updated")

    written.add("courses", course_id="math", name="Mathematics")
    rename("named", (None, "Math - Lee"), AFTER)
    rename("renamed", ("Math - Kim", "Math - Lee"), AFTER)
    rename("renamed_earlier", ("Math - Kim", "Math - Lee"), BEFORE)
    rename("changed_otherwise", ("Math - Kim", "Math - Kim"), AFTER)
    written.section("new", name="Math - Kim", valid_from=AFTER)
    written.section("unnamed", course_id="math", valid_from=AFTER)
    rows = written.answer("sections_renamed_or_unnamed", since=SINCE)
    assert [(row[1], *row[3:]) for row in rows] == [
        ("named", None, "Math - Lee", "Mathematics"),
        ("renamed", "Math - Kim", "Math - Lee", "Mathematics"),
        ("unnamed", None, None, "Mathematics"),
    ]


def test_sizes_of_classes_count_students_who_are_not_shared_too(written: "Written") -> None:
    written.student("ann")
    written.section("algebra", students=["ann", "not_shared"], sis_id="007", section_number="3", name="Math")
    written.section("empty")
    assert written.answer("section_sizes") == [
        ("district", "algebra", "007", "3", "Math", None, 2, 1),
        ("district", "empty", None, None, None, None, 0, 0),
    ]


def test_students_with_the_same_name_and_birth_date_are_listed(written: "Written") -> None:
    def student(user_id: str, last_name: str, dob: date | None, sis_id: str, district: str = "district") -> None:
        held = {"dob": dob, "sis_id": sis_id}
        written.person(user_id, {"student": held}, first_name="Ann", last_name=last_name, district_id=district)

    born = date(2012, 2, 29)
    student("a1", "Cole", born, "1")
    student("a2", "COLE", born, "2")
    student("born_later", "Cole", date(2013, 2, 28), "3")
    student("elsewhere", "Cole", born, "4", "elsewhere")
    student("n1", "Dee", None, "5")
    student("n2", "Dee", None, "6")
    assert written.answer("students_who_may_be_doubled") == [
        ("district", "Cole", "Ann", born, "a1", "1", None, None),
        ("district", "COLE", "Ann", born, "a2", "2", None, None),
    ]


def test_students_without_a_primary_contact_are_listed_where_the_district_shares_contacts(written: "Written") -> None:
    for student in ("ann", "bo", "cy"):
        written.student(student)
    for student, type_ in (("ann", "Primary"), ("ann", "Emergency"), ("bo", "Emergency"), ("bo", None)):
        written.add("contact_students", contact_id=f"{type_}", student_id=student, type=type_)
    written.person("dee", {"student": {}}, district_id="without_contacts")
    assert written.answer("students_without_a_primary_contact") == [
        ("district", "bo", None, None, None, 2, 1),
        ("district", "cy", None, None, None, 0, 0),
    ]


@pytest.fixture
def moved(written: "Written") -> "Written":
    """Return a warehouse with a student who went to another school and grade, one who left, and one who arrived."""
    held = {"school_id": "lincoln", "school_ids": ["lincoln", "west"], "grade": "9"}
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.add("past.past_students", user_id="moved", **held, valid_to=AFTER)
    written.person(
        "moved",
        {"student": {**held, "school_id": "west", "grade": "10", "valid_from": AFTER, "change": "updated"}},
        first_name="Ann",
    )
    written.add("past.past_students", user_id="left", **held, valid_to=AFTER)
    written.add("past.past_students", user_id="left", **held, valid_from=AFTER, change="archived")
    written.person("arrived", {"student": {**held, "valid_from": AFTER, "first_seen_at": AFTER}})
    return written


def test_students_are_counted_by_school_and_grade_at_a_moment(moved: "Written") -> None:
    assert moved.answer("headcount_by_school_and_grade_on_a_day", moment=BEFORE) == [
        ("district", "lincoln", "Lincoln High", "9", 2)
    ]
    after = [("district", "lincoln", "Lincoln High", "9", 1), ("district", "west", None, "10", 1)]
    assert moved.answer("headcount_by_school_and_grade_on_a_day") == after
    assert moved.answer("headcount_by_school_and_grade_on_a_day", moment=SEEN_AT - DAY) == []


def test_students_are_compared_with_those_of_a_year_ago(moved: "Written") -> None:
    assert moved.answer("students_year_over_year", year_ago=BEFORE) == [
        ("district", "lincoln", "9", 1, 2),
        ("district", "west", "10", 1, 0),
    ]


def test_students_who_changed_school_are_listed_with_both(moved: "Written") -> None:
    rows = moved.answer("students_who_changed_school", since=SINCE)
    assert [(*row[:4], *row[5:]) for row in rows] == [
        ("district", "moved", None, "Ann", "lincoln", "Lincoln High", "west", None)
    ]
    assert moved.answer("students_who_changed_school", since=AFTER + DAY) == []


def test_changes_since_a_day_are_counted_by_table(moved: "Written") -> None:
    moved.add("past.past_terms", term_id="fall", valid_from=AFTER, change="archived")
    moved.add("terms", term_id="autumn", valid_from=AFTER, change="created")
    moved.add("sections", section_id="algebra", valid_from=AFTER, change="restored")
    moved.add("section_students", section_id="algebra", student_id="moved", valid_from=AFTER, change="restored")
    assert moved.answer("changes_since_by_table", since=SINCE) == [
        ("district", "section_students", 0, 0, 0, 1),
        ("district", "sections", 0, 0, 0, 1),
        ("district", "terms", 1, 0, 1, 0),
    ]


def test_terms_and_courses_under_a_new_id_are_listed_with_the_former_one(written: "Written") -> None:
    fall = {"name": "Fall", "start_date": date(2026, 8, 1)}
    for term in ("old", "older"):
        written.add("past.past_terms", term_id=term, **fall, valid_from=AFTER, change="archived")
    written.add("past.past_terms", term_id="spring", name="Spring", valid_from=AFTER, change="archived")
    written.add("terms", term_id="new", **fall)
    written.add("terms", term_id="next", name="Fall", start_date=date(2027, 8, 1))
    written.add("past.past_courses", course_id="old_math", name="Math", number="1", valid_from=AFTER, change="archived")
    written.add("courses", course_id="math", name="Math", number="1")
    written.add("courses", course_id="math_2", name="Math", number="2")
    rows = written.answer("terms_and_courses_with_new_ids")
    assert [(row[0], *row[2:4], row[5]) for row in rows] == [
        ("course", "Math", "old_math", "math"),
        ("term", "Fall", "old", "new"),
        ("term", "Fall", "older", "new"),
    ]


def test_teachers_of_classes_at_several_schools_are_listed_with_the_schools_of_their_record(written: "Written") -> None:
    written.teacher("kim", "lincoln", last_name="Kim")
    for school in ("lincoln", "west"):
        written.section(f"algebra_{school}", teachers=["kim", "lee"], school_id=school)
        written.section(f"biology_{school}", teachers=[f"teacher_at_{school}"], school_id=school)
    assert written.answer("teachers_at_several_schools") == [
        ("district", "kim", "Kim", None, ("lincoln", "west"), ("lincoln",)),
        ("district", "lee", None, None, ("lincoln", "west"), None),
    ]


def test_students_are_counted_by_program_and_a_status_that_was_not_sent_is_not_n(written: "Written") -> None:
    for student, status in (("ann", "Y"), ("bo", "N"), ("cy", None), ("dee", None)):
        written.student(student, ell_status=status, frl_status="Free")
    rows: list[Row] = written.answer("students_by_program")
    assert [row for row in rows if row[1] in {"English learner", "free or reduced lunch", "gifted"}] == [
        ("district", "English learner", "N", 1),
        ("district", "English learner", "Y", 1),
        ("district", "English learner", "not sent", 2),
        ("district", "free or reduced lunch", "Free", 4),
        ("district", "gifted", "not sent", 4),
    ]


def test_english_learners_are_counted_by_school_with_those_of_whom_it_is_not_known(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    for student, status in (("ann", "Y"), ("bo", "N"), ("cy", None)):
        written.student(student, "lincoln", ell_status=status)
    written.student("dee")
    assert written.answer("english_learners_by_school") == [
        ("district", "lincoln", "Lincoln High", 1, 1, 1),
        ("district", None, None, 0, 0, 1),
    ]


def test_employees_without_email_and_users_without_role_are_listed(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.person("kim", {"teacher": {"school_ids": ["lincoln", "west"], "title": "Teacher"}}, last_name="Kim")
    written.person("lee", {"staff": {}}, email="lee@district.example")
    written.person("nobody", {})
    written.student("ann")
    assert written.answer("employees_without_email_or_role") == [
        ("district", "kim", "Kim", None, ("teacher",), "Teacher", "Lincoln High", "no e-mail"),
        ("district", "nobody", None, None, (), None, None, "no role"),
    ]


def test_students_who_enrolled_this_month_are_those_of_the_start_date(written: "Written") -> None:
    today = written.today
    written.student("ann", grade="9")
    for student, start_date in {
        "ann": today,
        "bo": today.replace(day=1),
        "last_month": today.replace(day=1) - DAY,
        "next_day": today + DAY,
        "not_sent": None,
    }.items():
        written.add("student_enrollments", student_id=student, school_id="lincoln", start_date=start_date)
    rows = written.answer("students_enrolled_this_month")
    assert sorted((row[1], row[4], row[5], row[7]) for row in rows) == [
        ("ann", "9", "lincoln", today),
        ("bo", None, "lincoln", today.replace(day=1)),
    ]


def test_students_without_a_guardians_phone_are_listed_with_the_phones_of_others(written: "Written") -> None:
    for student in ("ann", "bo", "cy", "dee"):
        written.student(student)
    for contact, phone in {"mum": "555 0100", "dad": None, "aunt": "555 0101"}.items():
        written.person(contact, {"contact": {"phone": phone}})
    written.add("contact_students", contact_id="mum", student_id="ann", relationship="Parent")
    written.add("contact_students", contact_id="aunt", student_id="bo", type="Parent/Guardian")
    written.add("contact_students", contact_id="dad", student_id="cy", relationship="Parent")
    written.add("contact_students", contact_id="aunt", student_id="cy", relationship="Aunt/Uncle")
    written.person("eve", {"student": {}}, district_id="without_contacts")
    assert written.answer("students_without_a_guardians_phone") == [
        ("district", "cy", None, None, None, 2, 1),
        ("district", "dee", None, None, None, 0, 0),
    ]


def test_staff_are_listed_with_titles_and_the_names_of_their_schools(written: "Written") -> None:
    written.add("schools", school_id="lincoln", name="Lincoln High")
    written.add("schools", school_id="west", name="West Middle")
    written.person(
        "kim",
        {
            "teacher": {"school_ids": ["lincoln"], "title": "Teacher"},
            "staff": {"school_ids": ["west"], "department": "Sports"},
        },
        last_name="Kim",
        email="kim@district.example",
    )
    written.person("lee", {"district_admin": {"title": "Director"}}, last_name="Lee")
    assert written.answer("staff_list") == [
        (
            *("district", "Kim", None, "Teacher", "Sports", ("staff", "teacher"), "Lincoln High, West Middle", 0),
            *("kim@district.example", "kim"),
        ),
        ("district", "Lee", None, "Director", None, ("district_admin",), None, 0, None, "lee"),
    ]
