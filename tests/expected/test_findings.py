"""Rules that spelled-out records of one small district break."""

import datetime as dt
from copy import deepcopy
from typing import Any

import pytest

from tests.expected.current_tables import Tables, first_tables
from tests.expected.findings import broken_rules

DAY = dt.date(2025, 10, 1)
EARLY, LATE = "2024-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"
TIMES = {"created": EARLY, "last_modified": LATE}


def user(user_id: str, **roles: Any) -> dict[str, Any]:
    """A record of /users."""
    return {"id": user_id, **TIMES, "name": {"last": "Ng"}, "roles": roles}


SOUND: dict[str, list[dict[str, Any]]] = {
    "people": [
        user("p1", student={"school": "s1", "schools": ["s1"], "grade": "3", "enrollments": [{"school": "s1"}]}),
        user("t1", teacher={"school": "s1", "schools": ["s1", "s2"]}),
        user("f1", staff={"schools": ["s2"]}),
    ],
    "districts": [{"pause_start": EARLY, "pause_end": LATE}],
    "schools": [
        {"id": "s1", "sis_id": "1", "low_grade": "Kindergarten", "high_grade": "5", **TIMES},
        {"id": "s2", "sis_id": "2", "low_grade": "6", "high_grade": "6", **TIMES},
    ],
    "courses": [{"id": "k1"}],
    "terms": [{"id": "q1", "name": "Fall", "start_date": "2025-08-18", "end_date": "2025-10-01"}],
    "sections": [
        {
            "id": "x1",
            "school": "s1",
            "course": "k1",
            "term_id": "q1",
            "teacher": "t1",
            "teachers": ["t1"],
            "students": ["p1"],
            "sis_id": "1",
            **TIMES,
        }
    ],
    "resources": [{"id": "r1", "created": EARLY, "updated": LATE}],
    "resource_courses": [{"resource": "r1", "course": "k1"}],
}
"""Records that break no rule."""

SECTION = SOUND["sections"][0]


def broken(records: dict[str, Any]) -> dict[str, set[str]]:
    """The IDs of the records that break rules, by rule."""
    found = broken_rules(first_tables("d1", **records), DAY)
    assert {district_id for references in found.values() for district_id, _ in references} <= {"d1"}
    return {rule: {record_id for _, record_id in references} for rule, references in found.items() if references}


def changed(stream: str, fields: dict[str, Any], number: int = 0) -> dict[str, list[dict[str, Any]]]:
    """The sound records but for some fields of one; a field of a role has a path."""
    records = deepcopy(SOUND)
    for path, value in fields.items():
        *holders, name = path.split(".")
        record = records[stream][number]
        for holder in holders:
            record = record[holder]
        record[name] = value
    return records


def added(stream: str, *more: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The sound records and some more."""
    return {**SOUND, stream: [*SOUND[stream], *more]}


def test_sound_records_break_no_rule() -> None:
    assert broken(SOUND) == {}
    assert broken({}) == {}


BROKEN: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("districts", {"pause_end": "2023-12-31T23:59:59.999Z"}, "pause_end_is_not_before_start", "d1"),
    ("districts", {"launch_date": "soon"}, "dates_of_districts_are_readable", "d1"),
    ("schools", {"low_grade": "6"}, "grade_is_in_the_range_of_the_school low_grade_is_not_above_high_grade", None),
    ("schools", {"low_grade": "4"}, "grade_is_in_the_range_of_the_school", "p1"),
    ("schools", {"high_grade": "2"}, "grade_is_in_the_range_of_the_school", "p1"),
    ("schools", {"last_modified": "2023-12-31"}, "school_last_modified_is_not_before_created", "s1"),
    ("schools", {"created": "once"}, "dates_of_schools_are_readable", "s1"),
    ("schools", {"sis_id": "2"}, "sis_id_of_a_school_is_used_once", None),
    ("terms", {"end_date": "8/17/2025"}, "term_end_is_not_before_start term_of_a_section_has_not_ended", None),
    ("terms", {"end_date": "2025-09-30"}, "term_of_a_section_has_not_ended", "x1"),
    ("terms", {"end_date": "2025-13-01"}, "dates_of_terms_are_readable", "q1"),
    ("terms", {"start_date": "2024-08-27"}, "term_is_at_most_400_days_long", "q1"),
    (
        "sections",
        {"school": "s9"},
        "school_of_a_section_is_known section_is_at_a_school_of_its_teacher primary_school_has_most_sections",
        None,
    ),
    ("sections", {"course": "k9"}, "course_of_a_section_is_known", "x1"),
    ("sections", {"term_id": "q9"}, "term_of_a_section_is_known term_has_a_section", None),
    ("sections", {"teacher": "t9"}, "primary_teacher_is_among_the_teachers", "x1"),
    ("sections", {"created": LATE, "last_modified": EARLY}, "section_last_modified_is_not_before_created", "x1"),
    ("sections", {"last_modified": {"at": EARLY}}, "dates_of_sections_are_readable", "x1"),
    ("sections", {"students": ["p1", "p9"]}, "student_of_a_section_is_known", "x1"),
    ("sections", {"students": ["p1", "f1"]}, "student_of_a_section_is_a_student", "x1"),
    ("sections", {"teachers": ["t1", "t9"]}, "teacher_of_a_section_is_known", "x1"),
    ("sections", {"teachers": ["t1", "f1", "p1"]}, "teacher_of_a_section_is_a_teacher", "x1"),
    ("resources", {"updated": "2023-12-31"}, "resource_updated_is_not_before_created", "r1"),
    ("resources", {"updated": "later"}, "dates_of_resources_are_readable", "r1"),
    ("resource_courses", {"course": "k9"}, "course_of_a_resource_is_known", "r1"),
    ("people", {"roles.student.enrollments": [{"school": "s9"}, {}]}, "enrolled_school_is_known", "p1"),
    ("people", {"roles.student.grade": "6"}, "grade_is_in_the_range_of_the_school", "p1"),
    ("people", {"roles.student.schools": ["s1", "s9"]}, "schools_of_a_role_are_known", "p1"),
    (
        "people",
        {"roles.student.school": "s2"},
        "primary_school_has_most_sections grade_is_in_the_range_of_the_school",
        "p1",
    ),
]
"""The stream, what is changed in its first record, the rules that this breaks, and the record that breaks them, if it is one."""


@pytest.mark.parametrize(("stream", "fields", "rules", "record_id"), BROKEN)
def test_record_that_breaks_a_rule_is_found(
    stream: str, fields: dict[str, Any], rules: str, record_id: str | None
) -> None:
    found = broken(changed(stream, fields))
    assert set(found) == set(rules.split())
    if record_id:
        assert all(found[rule] == {record_id} for rule in found)


def test_each_record_of_several_that_break_a_rule_together_is_found() -> None:
    assert broken(changed("schools", {"sis_id": "2"})) == {"sis_id_of_a_school_is_used_once": {"s1", "s2"}}
    assert broken(added("sections", {**SECTION, "id": "x2"}, {**SECTION, "id": "x3", "sis_id": "3"})) == {
        "sis_id_of_a_section_is_used_once": {"x1", "x2"}
    }
    assert broken(added("terms", {**SOUND["terms"][0], "id": "q2"})) == {
        "term_has_one_id": {"q1", "q2"},
        "term_has_a_section": {"q2"},
    }


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        ("schools", {"low_grade": "", "high_grade": None}),
        ("schools", {"low_grade": "Ungraded", "high_grade": "Other"}),
        ("schools", {"low_grade": "1st"}),
        ("schools", {"sis_id": None}),
        ("terms", {"start_date": None, "end_date": None}),
        ("terms", {"start_date": "2024-08-28"}),
        ("sections", {"school": None, "course": None, "teacher": None}),
        ("people", {"roles.student.grade": "Ungraded"}),
        ("people", {"roles.student.grade": None}),
        ("people", {"roles.student.enrollments": [{"school": None, "start_date": "2025-08-18"}]}),
    ],
)
def test_record_that_breaks_no_rule_is_not_found(stream: str, fields: dict[str, Any]) -> None:
    assert broken(changed(stream, fields)) == {}


def test_members_are_counted_if_any_section_of_the_district_has_some() -> None:
    assert broken(added("sections", {"id": "x2"})) == {
        "section_has_a_student": {"x2"},
        "section_has_a_teacher": {"x2"},
    }
    assert broken({"sections": [{"id": "x2"}]}) == {}
    eleven = [f"t{number}" for number in range(11)]
    people = [user(user_id, teacher={"schools": ["s1"]}) for user_id in (*eleven, "t11")]
    records = {**changed("sections", {"teachers": eleven}), "people": [*SOUND["people"], *people]}
    assert broken(records) == {}
    records["sections"][0]["teachers"].append("t11")
    assert broken(records) == {"section_has_at_most_eleven_teachers": {"x1"}}


@pytest.mark.parametrize("stream", ["schools", "courses", "terms"])
def test_references_to_what_the_district_does_not_share_are_not_found(stream: str) -> None:
    assert broken({**SOUND, stream: []}) == {}


def test_members_of_kinds_that_the_district_does_not_share_are_not_found() -> None:
    people = SOUND["people"]
    assert broken({**SOUND, "people": []}) == {}
    assert broken({**SOUND, "people": people[1:]}) == {}
    assert broken({**SOUND, "people": people[:1]}) == {}
    assert broken({**SOUND, "sections": []}) == {}


def test_school_of_a_section_is_compared_with_the_schools_of_the_primary_teacher() -> None:
    people = [*SOUND["people"], user("t2", teacher={"school": "s2"}), user("t3", teacher={})]
    records = {**changed("sections", {"teachers": ["t1", "t2", "t3"]}), "people": people}
    assert broken(records) == {}
    records["sections"][0]["teacher"] = "t3"
    assert broken(records) == {}
    records["sections"][0]["teacher"] = "t2"
    assert broken(records) == {"section_is_at_a_school_of_its_teacher": {"x1"}}
    records["sections"][0]["school"] = "s2"
    assert broken(records) == {"primary_school_has_most_sections": {"p1"}}


def test_primary_school_may_have_as_many_sections_as_another() -> None:
    other = {**SECTION, "id": "x2", "sis_id": "2", "school": "s2"}
    assert broken(added("sections", other)) == {}
    assert broken(added("sections", other, {**other, "id": "x3", "sis_id": "3"})) == {
        "primary_school_has_most_sections": {"p1"}
    }


def test_records_of_another_district_make_nothing_known_and_nothing_used_twice() -> None:
    first = first_tables("d1", **changed("sections", {"course": "k9"}))
    other = first_tables("d2", **{**SOUND, "courses": [{"id": "k9"}], "sections": [], "resource_courses": []})
    both: Tables = {table: [*first[table], *other[table]] for table in first}
    assert {rule: found for rule, found in broken_rules(both, DAY).items() if found} == {
        "course_of_a_section_is_known": {("d1", "x1")}
    }


def test_every_rule_is_named_also_if_no_record_breaks_it() -> None:
    broken_together = {
        "section_has_a_student",
        "section_has_a_teacher",
        "section_has_at_most_eleven_teachers",
        "sis_id_of_a_section_is_used_once",
        "term_has_one_id",
    }
    rules = {rule for _, _, rules, _ in BROKEN for rule in rules.split()}
    assert broken_rules({}, DAY) == {rule: set() for rule in rules | broken_together}
