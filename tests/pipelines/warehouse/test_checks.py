"""The rules for students, teachers, and contacts: each finds a record that breaks it, and none of a district as the sandbox makes it."""

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.records import CATALOG
from pipelines.warehouse.checks import Check, checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.conftest import Begin, Row, Trial

_OF_SCHOOLS = {
    "course_of_a_section_is_known",
    "ended_term_has_no_section",
    "grade_of_a_student_is_taught_at_the_school",
    "section_has_a_teacher",
    "teacher_of_a_section_is_known",
    "term_has_a_section",
    "term_of_a_section_is_known",
}
DELIBERATE = {"v3.0": _OF_SCHOOLS, "v3.1": {"disability_type_has_status_y", *_OF_SCHOOLS}}
"""Rules that records of the sandbox break on purpose, by version of Clever's API."""
OTHER_TABLES = {"users", "user_roles", "legacy_id_crosswalk"}
"""Tables whose rules other tests cover."""
SCHOOL, OTHER_SCHOOL, NOT_A_SCHOOL = "5" * 24, "6" * 24, "e" * 24
EARLY, LATE = "2024-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"


def _found(trial: "Trial", check: str) -> "list[Row]":
    query = 'SELECT record_id, related_id FROM sync.findings WHERE "check" = ? AND resolved_at IS NULL ORDER BY ALL'
    return trial.rows(query, check)


def _change(trial: "Trial", role: str, fields: "Mapping[str, Any]", number: int = 0) -> str:
    """Change fields of a role of someone who has only this role, and return the user ID."""
    user_id = trial.person(role, number)
    trial.sandbox.change(user_id, {f"roles.{role}.{path}": value for path, value in fields.items()})
    return user_id


@pytest.fixture
def many(begin: "Begin") -> "Iterator[Trial]":
    """Return a new warehouse, and a sandbox with one district of 200 users."""
    with begin(users=200) as made:
        yield made


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_a_district_of_the_sandbox_breaks_no_rule_except_on_purpose(begin: "Begin", version: str) -> None:
    with begin(users=1000) as trial:
        trial.version = version
        trial.sync()
        rules = {check.name for check in checks() if check.table not in OTHER_TABLES}
        broken = {check for (check,) in trial.rows('SELECT DISTINCT "check" FROM sync.findings')} & rules
        assert broken == DELIBERATE[version]


BROKEN: "list[tuple[str, str, dict[str, Any], str | None]]" = [
    ("disability_type_has_status_y", "student", {"disability": {"disability_type": "Autism"}}, None),
    (
        "disability_type_has_status_y",
        "student",
        {"disability": {"disability_status": "N", "disability_code": "aut"}},
        None,
    ),
    (
        "student_last_modified_is_not_before_created",
        "student",
        {"created": LATE, "last_modified": EARLY},
        None,
    ),
    (
        "teacher_last_modified_is_not_before_created",
        "teacher",
        {"created": LATE, "last_modified": EARLY},
        None,
    ),
    ("role_district_is_the_district", "teacher", {"district": "f" * 24}, None),
    ("contact_has_a_student", "contact", {"student_relationships": []}, None),
    (
        "contact_has_a_student relationship_names_a_student",
        "contact",
        {"student_relationships": [{"relationship": "Parent"}]},
        None,
    ),
    (
        "student_of_a_contact_is_known",
        "contact",
        {"student_relationships": [{"student": "f" * 24, "type": "Primary"}, {"student": "f" * 24}]},
        "f" * 24,
    ),
    (
        "enrolled_school_is_among_the_schools",
        "student",
        {"schools": [SCHOOL], "enrollments": [{"school": SCHOOL}, {"school": NOT_A_SCHOOL}]},
        NOT_A_SCHOOL,
    ),
    (
        "student_is_enrolled_once_per_school",
        "student",
        {
            "schools": [SCHOOL],
            "enrollments": [
                {"school": SCHOOL, "start_date": "8/1/2024"},
                {"school": SCHOOL, "start_date": "1/9/2025"},
            ],
        },
        SCHOOL,
    ),
    (
        "enrollment_end_is_not_before_start",
        "student",
        {"schools": [SCHOOL], "enrollments": [{"school": SCHOOL, "start_date": "8/1/2024", "end_date": "2024-07-31"}]},
        SCHOOL,
    ),
    ("dates_of_students_are_readable", "student", {"dob": "2/30/2012"}, None),
    ("dates_of_students_are_readable", "student", {"last_modified": "yesterday"}, None),
    ("dates_of_teachers_are_readable", "teacher", {"created": "2024-13-01"}, None),
    (
        "dates_of_student_enrollments_are_readable",
        "student",
        {
            "schools": [SCHOOL, OTHER_SCHOOL],
            "enrollments": [
                {"school": SCHOOL, "end_date": "in June"},
                {"school": OTHER_SCHOOL, "start_date": "13/1/2024"},
            ],
        },
        None,
    ),
]
"""Names of the rules that break, the role, what is changed in it, and the related ID of the findings."""


def test_every_record_that_breaks_a_rule_is_found_until_it_is_fixed(many: "Trial") -> None:
    expected: dict[str, list[Row]] = {}
    former: list[tuple[str, int, dict[str, Any]]] = []
    for number, (broken, role, fields, related) in enumerate(BROKEN):
        held = many.sandbox.truth().by_id[many.person(role, number)]["roles"][role]
        former.append((role, number, {path: held.get(path) for path in fields}))
        user_id = _change(many, role, fields, number)
        for check in broken.split():
            expected.setdefault(check, []).append((user_id, related))
    many.sync()
    assert {check: _found(many, check) for check in expected} == {
        check: sorted(found) for check, found in expected.items()
    }
    for role, number, fields in former:
        _change(many, role, fields, number)
    many.sync()
    assert {check: _found(many, check) for check in expected} == {check: [] for check in expected}


RIGHT: "list[tuple[str, str, dict[str, Any]]]" = [
    ("disability_type_has_status_y", "student", {"disability": {"disability_status": "Y", "disability_code": "aut"}}),
    ("disability_type_has_status_y", "student", {"disability": {"disability_status": "N", "disability_type": ""}}),
    ("student_last_modified_is_not_before_created", "student", {"created": LATE, "last_modified": LATE}),
    ("student_last_modified_is_not_before_created", "student", {"created": LATE, "last_modified": None}),
    ("role_district_is_the_district", "teacher", {"district": None}),
    (
        "enrollment_end_is_not_before_start",
        "student",
        {
            "schools": [SCHOOL],
            "enrollments": [{"school": SCHOOL, "start_date": "8/1/2024", "end_date": "2024-08-01T00:00:00.000Z"}],
        },
    ),
    ("enrolled_school_is_among_the_schools", "student", {"enrollments": [{"start_date": "8/1/2024"}]}),
    (
        "student_is_enrolled_once_per_school",
        "student",
        {
            "schools": [SCHOOL, OTHER_SCHOOL],
            "enrollments": [{"school": SCHOOL}, {"school": OTHER_SCHOOL}, {"school": SCHOOL}],
        },
    ),
    ("dates_of_students_are_readable", "student", {"dob": "", "nick": "yesterday", "created": 5}),
]
"""The name of a rule that holds, the role, and what is changed in it."""


def test_a_record_that_keeps_a_rule_is_not_found(many: "Trial") -> None:
    for number, (_, role, fields) in enumerate(RIGHT):
        _change(many, role, fields, number)
    many.sync()
    assert {check: _found(many, check) for check, _, _ in RIGHT} == {check: [] for check, _, _ in RIGHT}


def test_a_contact_of_a_user_who_is_not_a_student_is_found(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    contact = _change(trial, "contact", {"student_relationships": [{"student": teacher}]})
    trial.sync()
    assert _found(trial, "student_of_a_contact_is_a_student") == [(contact, teacher)]
    assert _found(trial, "student_of_a_contact_is_known") == []


def test_a_student_of_another_district_is_not_a_known_student(two: "Trial") -> None:
    student = two.sandbox.roster(two.districts[1]).ids("student")[0]
    contact = _change(two, "contact", {"student_relationships": [{"student": student}]})
    two.sync()
    assert _found(two, "student_of_a_contact_is_known") == [(contact, student)]


def test_contacts_are_not_found_when_a_district_shares_no_students(trial: "Trial") -> None:
    trial.sandbox.unshare(trial.districts[0], role="student")
    trial.sync()
    assert trial.value("SELECT count(*) FROM contact_students") > 0
    assert _found(trial, "student_of_a_contact_is_known") == []


def test_contacts_are_not_found_when_a_district_shares_no_relationships(trial: "Trial") -> None:
    for user_id in trial.sandbox.roster(trial.districts[0]).ids("contact"):
        trial.sandbox.change(user_id, {"roles.contact.student_relationships": None})
    trial.sync()
    assert trial.value("SELECT count(*) FROM contacts") > 0
    assert _found(trial, "contact_has_a_student") == []


def test_the_rule_about_dates_names_every_parsed_column() -> None:
    named: dict[str, Check] = {check.table: check for check in checks() if check.name.startswith("dates_of_")}
    parsed = {(table.name, field.column) for _, table, field in CATALOG.fields() if field.kind.is_parsed}
    assert {table for table, _ in parsed} == named.keys()
    assert [column for table, column in sorted(parsed) if column not in named[table].description] == []


def test_a_user_whose_dates_cannot_be_read_is_found(trial: "Trial") -> None:
    user_id = trial.person("staff")
    trial.sandbox.change(user_id, {"created": "yesterday"})
    trial.sync()
    assert _found(trial, "dates_of_users_are_readable") == [(user_id, None)]


def test_names_of_rules_are_unique_across_tables() -> None:
    names = [check.name for check in checks()]
    assert len(names) == len(set(names))


def _open(trial: "Trial") -> "set[Row]":
    return set(trial.rows('SELECT "check", district_id, record_id FROM sync.findings WHERE resolved_at IS NULL'))


def _found_anew(trial: "Trial") -> "set[Row]":
    """What all rules find in the published file."""
    return {
        (check.name, *row)
        for check in checks()
        for row in trial.rows(f"SELECT DISTINCT district_id, record_id FROM ({check.query})")
    }


def test_rules_over_tables_in_which_nothing_changed_keep_their_findings(many: "Trial") -> None:
    many.sync()
    sandbox, (district_id, *_) = many.sandbox, many.districts
    a_section = "SELECT section_id, school_id, teacher_id FROM sections SEMI JOIN section_students USING (section_id) ORDER BY ALL LIMIT 1"
    ((section_id, school_id, teacher),) = many.rows(a_section)
    student = many.person("student")
    email = many.value("SELECT email FROM users WHERE user_id = ?", many.person("staff"))
    changes: list[Callable[[], object]] = [
        lambda: sandbox.change_email(teacher, email),
        lambda: sandbox.change(student, {"roles.student.enrollments": [{"school": NOT_A_SCHOOL}]}),
        lambda: sandbox.change_record("sections", section_id, {"students": []}),
        lambda: sandbox.remove_record(district_id, "schools", school_id),
        lambda: sandbox.change_record("sections", section_id, {"course": "f" * 24}),
    ]
    for change in changes:
        before = _open(many)
        change()
        assert many.outcomes() == ["applied"]
        assert _open(many) == _found_anew(many)
        assert _open(many) != before, "or nothing is tested"
    seen = "SELECT count(DISTINCT last_seen_at) FROM sync.findings WHERE resolved_at IS NULL"
    assert many.value(seen) == 1, "what stands was seen by the last sync"


def test_a_rule_is_evaluated_when_a_table_that_it_reads_changed() -> None:
    rules = {check.name: check for check in checks()}
    assert rules["name_is_known"].may_find_others({"users"})
    assert not rules["name_is_known"].may_find_others({"sections", "students"})
    assert rules["primary_school_has_most_sections"].may_find_others({"section_students"})
    assert rules["sis_id_stays_the_same"].may_find_others({"user_roles"})
    assert not rules["grade_of_a_student_is_taught_at_the_school"].may_find_others({"sections"})
    always = {name for name, rule in rules.items() if rule.may_find_others(())}
    assert always == {
        "ended_term_has_no_section",  # it depends on the day
        "legacy_id_has_one_role",
        "legacy_id_leads_to_one_user",
        "missed_by_events",
        "shown_legacy_id_is_a_current_link",
        "sis_id_is_not_that_of_somebody_gone",
        "text_is_whole",
    }


def test_rules_of_another_version_are_evaluated_again(trial: "Trial") -> None:
    trial.sync()
    for database in (trial.warehouse.published, trial.folder / "state" / "work.duckdb"):
        database.chmod(0o600)
        with contextlib.closing(duckdb.connect(str(database))) as connection:
            connection.execute(
                "UPDATE sync.checks SET digest = 'of another version' WHERE \"check\" = 'section_has_a_student'"
            )
            connection.execute(
                'INSERT INTO sync.findings ("check", severity, district_id, record_id, first_seen_at, last_seen_at) '
                "SELECT unnest(['section_has_a_student', 'section_has_a_teacher']), 'warning', ?, 'nobody', now(), now()",
                [trial.districts[0]],
            )
    trial.sandbox.change_email(trial.person("staff"))
    assert trial.outcomes() == ["applied"]
    assert _open(trial) - _found_anew(trial) == {("section_has_a_teacher", trial.districts[0], "nobody")}
