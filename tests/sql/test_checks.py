"""The rules about schools, sections, terms and references: each finds the record that breaks it, and nothing in rows that keep it."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.warehouse import tables
from pipelines.warehouse.checks import checks

if TYPE_CHECKING:
    from tests.expected.written import Row, Written

DAY = timedelta(days=1)
EARLIER, EARLY, LATE = "2023-01-01 00:00:00+00", "2024-01-01 00:00:00+00", "2025-01-01 00:00:00+00"

MORE_TEACHERS = """
    INSERT INTO section_teachers BY NAME
    SELECT * EXCLUDE (number) REPLACE ('t' || number AS teacher_id)
    FROM section_teachers CROSS JOIN range({}) AS numbers (number)
    WHERE section_id = 'algebra'
"""
SECTIONS_AT_WEST = """
    INSERT INTO section_students SELECT * REPLACE (section_id || ' at west' AS section_id) FROM section_students;
    INSERT INTO sections SELECT * REPLACE (section_id || ' at west' AS section_id, 'west' AS school_id) FROM sections;
"""
"""Each student has as many sections at west as at lincoln."""

BROKEN: "list[tuple[str, str, list[Row]]]" = [
    ("pause_end_is_not_before_start", f"UPDATE districts SET pause_end_at = '{EARLIER}'", [("district", None)]),
    ("resource_updated_is_not_before_created", f"UPDATE resources SET updated_at = '{EARLIER}'", [("book", None)]),
    (
        "school_last_modified_is_not_before_created",
        f"UPDATE schools SET last_modified_at = '{EARLIER}' WHERE school_id = 'west'",
        [("west", None)],
    ),
    (
        "section_last_modified_is_not_before_created",
        f"UPDATE sections SET last_modified_at = '{EARLIER}' WHERE section_id = 'algebra'",
        [("algebra", None)],
    ),
    ("sis_id_of_a_school_is_used_once", "UPDATE schools SET sis_id = '007'", [("lincoln", None), ("west", None)]),
    ("sis_id_of_a_section_is_used_once", "UPDATE sections SET sis_id = '007'", [("algebra", None), ("biology", None)]),
    (
        "lowest_grade_is_not_above_highest",
        "UPDATE schools SET low_grade = '9' WHERE school_id = 'west'",
        [("west", None)],
    ),
    (
        "grade_of_a_student_is_taught_at_the_school",
        "UPDATE students SET grade = '8' WHERE user_id = 'ann'",
        [("ann", "lincoln")],
    ),
    (
        "grade_of_a_student_is_taught_at_the_school",
        "UPDATE students SET grade = 'PostGraduate' WHERE user_id = 'ann'",
        [("ann", "lincoln")],
    ),
    (
        "school_of_a_section_is_known",
        "UPDATE sections SET school_id = 'gone' WHERE section_id = 'algebra'",
        [("algebra", "gone")],
    ),
    (
        "course_of_a_section_is_known",
        "UPDATE sections SET course_id = 'gone' WHERE section_id = 'algebra'",
        [("algebra", "gone")],
    ),
    (
        "term_of_a_section_is_known",
        "UPDATE sections SET term_id = 'gone' WHERE section_id = 'algebra'",
        [("algebra", "gone")],
    ),
    (
        "section_has_a_student",
        "DELETE FROM section_students WHERE section_id = 'algebra'",
        [("algebra", None)],
    ),
    (
        "section_has_a_teacher",
        "DELETE FROM section_teachers WHERE section_id = 'algebra'",
        [("algebra", None)],
    ),
    (
        "section_has_at_most_eleven_teachers",
        MORE_TEACHERS.format(11),
        [("algebra", None)],
    ),
    (
        "primary_teacher_is_among_the_teachers",
        "UPDATE sections SET teacher_id = 'lee' WHERE section_id = 'algebra'",
        [("algebra", "lee")],
    ),
    (
        "section_is_at_a_school_of_its_teacher",
        "UPDATE teachers SET school_id = 'west', school_ids = []",
        [("algebra", "kim"), ("biology", "kim")],
    ),
    (
        "student_of_a_section_is_known",
        "UPDATE section_students SET student_id = 'gone' WHERE section_id = 'algebra' AND student_id = 'ann'",
        [("algebra", "gone")],
    ),
    (
        "student_of_a_section_is_a_student",
        "UPDATE section_students SET student_id = 'lee' WHERE section_id = 'algebra' AND student_id = 'ann'",
        [("algebra", "lee")],
    ),
    (
        "teacher_of_a_section_is_known",
        "UPDATE section_teachers SET teacher_id = 'gone' WHERE section_id = 'algebra'",
        [("algebra", "gone")],
    ),
    (
        "teacher_of_a_section_is_a_teacher",
        "UPDATE section_teachers SET teacher_id = 'ann' WHERE section_id = 'algebra'",
        [("algebra", "ann")],
    ),
    ("term_end_is_not_before_start", "UPDATE terms SET start_date = end_date + 1", [("fall", None)]),
    ("term_is_at_most_400_days_long", "UPDATE terms SET start_date = end_date - 400", [("fall", None)]),
    ("ended_term_has_no_section", "UPDATE terms SET end_date = current_date - 1", [("fall", "algebra")]),
    (
        "term_is_listed_once",
        "INSERT INTO terms SELECT * REPLACE ('autumn' AS term_id) FROM terms",
        [("autumn", "fall"), ("fall", "autumn")],
    ),
    (
        "term_has_a_section",
        "INSERT INTO terms SELECT * REPLACE ('spring' AS term_id, 'Spring' AS name) FROM terms",
        [("spring", None)],
    ),
    (
        "school_of_a_role_is_known",
        "UPDATE user_roles SET school_id = 'gone' WHERE user_id = 'ann'",
        [("ann", "gone")],
    ),
    (
        "school_of_a_role_is_known",
        "UPDATE user_roles SET school_ids = ['gone', 'lost', 'west'] WHERE user_id = 'kim'",
        [("kim", "gone")],
    ),
    ("school_of_an_enrollment_is_known", "UPDATE student_enrollments SET school_id = 'gone'", [("ann", "gone")]),
    ("course_of_a_resource_is_known", "UPDATE resource_courses SET course_id = 'gone'", [("book", "gone")]),
    ("resource_with_courses_is_known", "UPDATE resource_courses SET resource_id = 'gone'", [("gone", None)]),
    (
        "primary_school_has_most_sections",
        f"{SECTIONS_AT_WEST} DELETE FROM section_students WHERE section_id = 'algebra' AND student_id = 'ann'",
        [("ann", "west")],
    ),
]
"""The name of a rule, what breaks it in a regular district, and the records that are found, each with the related one."""

RIGHT: list[tuple[str, str]] = [
    ("pause_end_is_not_before_start", "UPDATE districts SET pause_end_at = NULL"),
    ("resource_updated_is_not_before_created", "UPDATE resources SET updated_at = created_at"),
    ("school_last_modified_is_not_before_created", "UPDATE schools SET last_modified_at = NULL"),
    ("section_last_modified_is_not_before_created", "UPDATE sections SET last_modified_at = created_at"),
    ("sis_id_of_a_school_is_used_once", "UPDATE schools SET sis_id = NULL"),
    ("sis_id_of_a_section_is_used_once", "UPDATE sections SET sis_id = NULL"),
    (
        "sis_id_of_a_section_is_used_once",
        "INSERT INTO sections BY NAME SELECT * REPLACE ('elsewhere' AS district_id) FROM sections",
    ),
    ("lowest_grade_is_not_above_highest", "UPDATE schools SET low_grade = high_grade"),
    ("lowest_grade_is_not_above_highest", "UPDATE schools SET low_grade = 'Ungraded', high_grade = '5'"),
    ("lowest_grade_is_not_above_highest", "UPDATE schools SET low_grade = 'Grade 9', high_grade = NULL"),
    ("grade_of_a_student_is_taught_at_the_school", "UPDATE students SET grade = 'Ungraded'"),
    ("grade_of_a_student_is_taught_at_the_school", "UPDATE students SET grade = NULL, school_id = 'west'"),
    (
        "grade_of_a_student_is_taught_at_the_school",
        "UPDATE schools SET high_grade = NULL; UPDATE students SET grade = '13'",
    ),
    ("course_of_a_section_is_known", "UPDATE sections SET course_id = NULL"),
    ("term_of_a_section_is_known", "UPDATE sections SET term_id = NULL WHERE section_id = 'algebra'"),
    (
        "section_has_at_most_eleven_teachers",
        MORE_TEACHERS.format(10),
    ),
    ("primary_teacher_is_among_the_teachers", "UPDATE sections SET teacher_id = NULL"),
    ("section_is_at_a_school_of_its_teacher", "UPDATE teachers SET school_id = NULL, school_ids = []"),
    ("section_is_at_a_school_of_its_teacher", "UPDATE teachers SET school_ids = ['west']"),
    ("section_is_at_a_school_of_its_teacher", "UPDATE section_teachers SET teacher_id = 'gone'"),
    ("term_end_is_not_before_start", "UPDATE terms SET start_date = end_date"),
    ("term_end_is_not_before_start", "UPDATE terms SET start_date = NULL"),
    ("term_is_at_most_400_days_long", "UPDATE terms SET start_date = end_date - 399"),
    ("ended_term_has_no_section", "UPDATE terms SET end_date = current_date"),
    ("ended_term_has_no_section", "DELETE FROM sections; UPDATE terms SET end_date = current_date - 1"),
    (
        "term_is_listed_once",
        "INSERT INTO terms SELECT * REPLACE ('autumn' AS term_id, end_date + 1 AS end_date) FROM terms",
    ),
    (
        "term_is_listed_once",
        """
            UPDATE terms SET name = NULL, start_date = NULL, end_date = NULL;
            INSERT INTO terms SELECT * REPLACE ('autumn' AS term_id) FROM terms
        """,
    ),
    (
        "term_is_listed_once",
        "INSERT INTO terms SELECT * REPLACE ('autumn' AS term_id, 'elsewhere' AS district_id) FROM terms",
    ),
    ("school_of_an_enrollment_is_known", "UPDATE student_enrollments SET school_id = NULL"),
    (
        "primary_school_has_most_sections",
        SECTIONS_AT_WEST,
    ),
    ("primary_school_has_most_sections", "UPDATE sections SET school_id = NULL"),
    ("primary_school_has_most_sections", "UPDATE students SET school_id = NULL"),
]
"""The name of a rule, and what does not break it in a regular district."""

NOT_SHARED: list[tuple[str, str]] = [
    ("school_of_a_section_is_known", "DELETE FROM schools"),
    ("school_of_a_role_is_known", "DELETE FROM schools"),
    ("school_of_an_enrollment_is_known", "DELETE FROM schools"),
    ("course_of_a_section_is_known", "DELETE FROM courses"),
    ("course_of_a_resource_is_known", "DELETE FROM courses"),
    ("resource_with_courses_is_known", "DELETE FROM resources"),
    ("term_of_a_section_is_known", "DELETE FROM terms"),
    ("term_has_a_section", "DELETE FROM sections"),
    ("section_has_a_student", "DELETE FROM section_students"),
    ("section_has_a_teacher", "DELETE FROM section_teachers"),
    ("primary_teacher_is_among_the_teachers", "DELETE FROM section_teachers"),
    (
        "student_of_a_section_is_known",
        "DELETE FROM students; DELETE FROM users WHERE list_contains(roles, 'student')",
    ),
    (
        "teacher_of_a_section_is_known",
        "DELETE FROM teachers; DELETE FROM users WHERE list_contains(roles, 'teacher')",
    ),
]
"""The name of a rule about a reference, and how a district comes to share none of the records that are referred to."""

RULES = {name for name, *_ in BROKEN}


def found(written: "Written") -> "dict[str, list[Row]]":
    """Return the records that break a rule, with the related record, by rule."""
    broken: dict[str, list[Row]] = {}
    for check in checks():
        if check.name in RULES:
            query = f"SELECT NULL AS record_id, NULL AS related_id WHERE false UNION ALL BY NAME FROM ({check.query})"
            if rows := written.rows(f"SELECT record_id, related_id FROM ({query}) ORDER BY ALL"):
                broken[check.name] = rows
    return broken


@pytest.fixture
def regular(written: "Written") -> "Written":
    """Return a warehouse with a district in which no rule is broken."""
    today = written.today
    times = {"created_at": EARLY, "last_modified_at": LATE}
    written.add("districts", pause_start_at=EARLY, pause_end_at=LATE)
    written.add("schools", school_id="lincoln", sis_id="1", low_grade="9", high_grade="12", **times)
    written.add("schools", school_id="west", sis_id="2", low_grade="Kindergarten", high_grade="8", **times)
    written.add("courses", course_id="math")
    written.add("terms", term_id="fall", name="Fall", start_date=today - 99 * DAY, end_date=today)
    written.add(
        "resources", resource_id="book", internal_resource_id="book", title="Book", created_at=EARLY, updated_at=LATE
    )
    written.add("resource_courses", resource_id="book", course_id="math")
    for student in ("ann", "bo"):
        written.student(student, "lincoln", "west", grade="9")
    for teacher in ("kim", "lee"):
        written.teacher(teacher, "lincoln")
    written.add("student_enrollments", student_id="ann", school_id="lincoln")
    for section in ("algebra", "biology"):
        written.section(
            section,
            students=["ann", "bo"],
            teachers=["kim"],
            teacher_id="kim",
            school_id="lincoln",
            course_id="math",
            term_id="fall",
            sis_id=section,
            **times,
        )
    return written


def test_a_regular_district_breaks_no_rule(regular: "Written") -> None:
    assert found(regular) == {}


@pytest.mark.parametrize(("rule", "change", "expected"), BROKEN)
def test_a_record_that_breaks_a_rule_is_found(
    regular: "Written", rule: str, change: str, expected: "list[Row]"
) -> None:
    regular.connection.execute(change)
    assert found(regular)[rule] == expected


@pytest.mark.parametrize(("rule", "change"), RIGHT)
def test_a_record_that_keeps_a_rule_is_not_found(regular: "Written", rule: str, change: str) -> None:
    regular.connection.execute(change)
    assert rule not in found(regular)


@pytest.mark.parametrize(("rule", "change"), NOT_SHARED)
def test_a_reference_to_records_of_which_a_district_shares_none_is_not_found(
    regular: "Written", rule: str, change: str
) -> None:
    """Another district that shares them makes no difference."""
    for table in tables.with_history():
        regular.connection.execute(
            f"INSERT INTO {table.name} SELECT * REPLACE ('elsewhere' AS district_id) FROM {table.name}"
        )
    for statement in change.split("; "):
        condition = " AND " if "WHERE" in statement else " WHERE "
        regular.connection.execute(f"{statement}{condition}district_id = 'district'")
    assert rule not in found(regular)


def test_every_rule_about_schools_is_tested() -> None:
    school = {table.name for table in tables.assets() if table.info["group"] == "school"}
    rules = {check.name for check in checks() if check.table in school and not check.name.startswith("dates_of_")}
    assert rules <= RULES
