"""Which records of schools break which data-quality rule, worked out in plain Python from the rows of tables.

The rules that concern only people are not here. Districts share their records in parts: a reference that leads nowhere is a
finding only if the district shares any record of the kind to which it leads.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.expected.current_tables import Row, Tables
from tests.expected.references import NOWHERE, Reference, References
from tests.expected.regular import as_date, as_instant
from tests.expected.school_fields import KNOWN
from tests.expected.views import grade_order, schools_of

Rule = Callable[[References], Iterable[Row]]
"""Finds the rows that break a rule."""

LONGEST_TERM = 400
"""In days, of which the first and the last count."""
MOST_TEACHERS = 11
"""In one section."""
WITHOUT_ORDER = ("Ungraded", "Other")
"""Grades that are neither below nor above another."""


def broken_rules(tables: Tables, day: dt.date) -> dict[str, set[Reference]]:
    """Return for each rule the records that break it, by district and ID.

    Args:
        tables: The current rows of the tables.
        day: Today, by which a term has ended or not.
    """
    references = References(tables, day)
    return {
        rule: {(row["district_id"], row[_RECORDS[table]]) for row in rows_of(references)}
        for table, rules in _RULES.items()
        for rule, rows_of in rules.items()
    }


def _unresolved(table: str, column: str, target: str, key: str, *, kind: str | None = None) -> Rule:
    """Find the rows of which a column refers to no row of another table.

    Args:
        table: The table that refers.
        column: Its column.
        target: The table to which it refers.
        key: Its column there.
        kind: The table without which a district shares no such records; None if it is the target.
    """

    def rows_of(references: References) -> Iterator[Row]:
        for row in references.rows(table):
            is_unresolved = references.referred(target, key, row, column) is NOWHERE
            if row[column] is not None and is_unresolved and references.shares(kind or target, row):
                yield row

    return rows_of


def _without_role(table: str, column: str, role: str) -> Rule:
    """Find the rows that refer to a user who does not have a role."""

    def rows_of(references: References) -> Iterator[Row]:
        for row in references.rows(table):
            roles = references.referred("users", "user_id", row, column)["roles"]
            if roles is not None and role not in roles:
                yield row

    return rows_of


def _later(table: str, first: str, then: str) -> Rule:
    """Find the rows in which one time is later than another that should not be before it."""
    return lambda references: (
        row for row in references.rows(table) if row[first] and row[then] and row[then] < row[first]
    )


def _shared(table: str, *columns: str) -> Rule:
    """Find the rows that have the same values as another row of their district, in columns of which one is known."""

    def rows_of(references: References) -> Iterator[Row]:
        counts = Counter(values(row) for row in references.rows(table))
        for row in references.rows(table):
            if counts[values(row)] > 1 and any(row[column] is not None for column in columns):
                yield row

    def values(row: Row) -> tuple[object, ...]:
        return row["district_id"], *(row[column] for column in columns)

    return rows_of


def _unreadable(table: str) -> Rule:
    """Find the rows whose `extra` holds what is not readable as a date or time."""
    fields = {name for name, place in KNOWN[table].items() if place in (as_date, as_instant)}
    return lambda references: (
        row for row in references.rows(table) if fields & json.loads(row["extra"] or "{}").keys()
    )


def _members(table: str, fits: Callable[[int], bool]) -> Rule:
    """Find the sections that have a wrong number of members; none if the district shows members of no section."""
    return lambda references: (
        section
        for section in references.rows("sections")
        if references.shares(table, section) and not fits(len(references.referring(table, "section_id", section)))
    )


def _teacher_left_out(references: References) -> Iterator[Row]:
    for section in references.rows("sections"):
        members = references.referring("section_teachers", "section_id", section)
        if section["teacher_id"] is not None and section["teacher_id"] not in {each["teacher_id"] for each in members}:
            yield section


def _at_other_school(references: References) -> Iterator[Row]:
    """Find the sections at a school that is none of the primary teacher's, unless the teacher has no school."""
    for section in references.rows("sections"):
        for member in references.referring("section_teachers", "section_id", section):
            teacher = references.referred("teachers", "user_id", member, "teacher_id")
            is_known = teacher is not NOWHERE and section["school_id"] is not None
            if not member["is_primary"] or not is_known:
                continue
            schools = schools_of(teacher)
            if schools and section["school_id"] not in schools:
                yield section


def _unknown_schools(references: References) -> Iterator[Row]:
    for role in references.rows("user_roles"):
        known = {school["school_id"] for school in references.referring("schools", "district_id", role)}
        if known and not known.issuperset(schools_of(role)):
            yield role


def _fewer_sections(references: References) -> Iterator[Row]:
    """Find the students with more sections, of all terms, at another school than at the primary one."""
    for student in references.rows("students"):
        members = references.referring("section_students", "student_id", student, "user_id")
        schools = [references.referred("sections", "section_id", member)["school_id"] for member in members]
        counts = Counter(school for school in schools if school is not None)
        if student["school_id"] is not None and max(counts.values(), default=0) > counts[student["school_id"]]:
            yield student


def _is_above(grade: str | None, other: str | None) -> bool:
    """Return whether a grade is above another; False if either has no place in an order."""
    orders = [None if each in WITHOUT_ORDER else grade_order(each) for each in (grade, other)]
    return orders[0] is not None and orders[1] is not None and orders[0] > orders[1]


def _out_of_range(references: References) -> Iterator[Row]:
    """Find the students whose grade their primary school does not have. A school without one of the ends is open there."""
    for student in references.rows("students"):
        school = references.referred("schools", "school_id", student)
        if _is_above(school["low_grade"], student["grade"]) or _is_above(student["grade"], school["high_grade"]):
            yield student


def _long_terms(references: References) -> Iterable[Row]:
    return (
        term
        for term in references.rows("terms")
        if term["start_date"] and term["end_date"] and (term["end_date"] - term["start_date"]).days >= LONGEST_TERM
    )


def _in_ended_terms(references: References) -> Iterator[Row]:
    for section in references.rows("sections"):
        end = references.referred("terms", "term_id", section)["end_date"]
        if end is not None and end < references.day:
            yield section


_RECORDS = {
    "districts": "district_id",
    "schools": "school_id",
    "terms": "term_id",
    "sections": "section_id",
    "section_students": "section_id",
    "section_teachers": "section_id",
    "resources": "resource_id",
    "resource_courses": "resource_id",
    "user_roles": "user_id",
    "students": "user_id",
    "student_enrollments": "student_id",
}
"""The column with the ID of the record, by table."""

_RULES: Mapping[str, Mapping[str, Rule]] = {
    "districts": {
        "dates_of_districts_are_readable": _unreadable("districts"),
        "pause_end_is_not_before_start": _later("districts", "pause_start_at", "pause_end_at"),
    },
    "schools": {
        "dates_of_schools_are_readable": _unreadable("schools"),
        "low_grade_is_not_above_high_grade": lambda references: (
            school for school in references.rows("schools") if _is_above(school["low_grade"], school["high_grade"])
        ),
        "school_last_modified_is_not_before_created": _later("schools", "created_at", "last_modified_at"),
        "sis_id_of_a_school_is_used_once": _shared("schools", "sis_id"),
    },
    "terms": {
        "dates_of_terms_are_readable": _unreadable("terms"),
        "term_end_is_not_before_start": _later("terms", "start_date", "end_date"),
        "term_has_a_section": lambda references: (
            term
            for term in references.rows("terms")
            if references.shares("sections", term) and not references.referring("sections", "term_id", term)
        ),
        "term_has_one_id": _shared("terms", "name", "start_date", "end_date"),
        "term_is_at_most_400_days_long": _long_terms,
    },
    "sections": {
        "course_of_a_section_is_known": _unresolved("sections", "course_id", "courses", "course_id"),
        "dates_of_sections_are_readable": _unreadable("sections"),
        "primary_teacher_is_among_the_teachers": _teacher_left_out,
        "school_of_a_section_is_known": _unresolved("sections", "school_id", "schools", "school_id"),
        "section_has_a_student": _members("section_students", bool),
        "section_has_a_teacher": _members("section_teachers", bool),
        "section_has_at_most_eleven_teachers": _members("section_teachers", lambda many: many <= MOST_TEACHERS),
        "section_is_at_a_school_of_its_teacher": _at_other_school,
        "section_last_modified_is_not_before_created": _later("sections", "created_at", "last_modified_at"),
        "sis_id_of_a_section_is_used_once": _shared("sections", "sis_id"),
        "term_of_a_section_has_not_ended": _in_ended_terms,
        "term_of_a_section_is_known": _unresolved("sections", "term_id", "terms", "term_id"),
    },
    "section_students": {
        "student_of_a_section_is_a_student": _without_role("section_students", "student_id", "student"),
        "student_of_a_section_is_known": _unresolved(
            "section_students", "student_id", "users", "user_id", kind="students"
        ),
    },
    "section_teachers": {
        "teacher_of_a_section_is_a_teacher": _without_role("section_teachers", "teacher_id", "teacher"),
        "teacher_of_a_section_is_known": _unresolved(
            "section_teachers", "teacher_id", "users", "user_id", kind="teachers"
        ),
    },
    "resources": {
        "dates_of_resources_are_readable": _unreadable("resources"),
        "resource_updated_is_not_before_created": _later("resources", "created_at", "updated_at"),
    },
    "resource_courses": {
        "course_of_a_resource_is_known": _unresolved("resource_courses", "course_id", "courses", "course_id"),
    },
    "user_roles": {"schools_of_a_role_are_known": _unknown_schools},
    "students": {
        "grade_is_in_the_range_of_the_school": _out_of_range,
        "primary_school_has_most_sections": _fewer_sections,
    },
    "student_enrollments": {
        "enrolled_school_is_known": _unresolved("student_enrollments", "school_id", "schools", "school_id"),
    },
}
"""By table, the rules."""
