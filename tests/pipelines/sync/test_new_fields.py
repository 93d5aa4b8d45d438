"""A field that a district begins to share changes every record and holds nothing; a change of what it had shared does."""

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.progress import silent
from pipelines.records import CATALOG, V31
from pipelines.sync import Limits, LimitsByDistrict, approve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Begin, Trial

STRICT = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))

DRIFT = "SELECT path, kind FROM sync.drift ORDER BY ALL"


@pytest.fixture
def many(begin: "Begin") -> "Iterator[Trial]":
    """Return a new warehouse, and a sandbox with a district of enough people to be held by the default limits."""
    with begin(users=200) as trial:
        yield trial


def _values(trial: "Trial", role: str, path: str) -> "dict[str, Any]":
    """Read the value of a field by person, of each person with the role who has one."""
    roster = trial.sandbox.roster(trial.districts[0])
    found = {}
    for user_id in roster.ids(role or None):
        value: Any = roster.record(user_id)
        for name in (f"roles.{role}.{path}" if role else path).split("."):
            value = (value or {}).get(name)
        if value:
            found[user_id] = value
    return found


def _set(trial: "Trial", role: str, path: str, values: "Mapping[str, Any]") -> None:
    for user_id, value in values.items():
        trial.sandbox.change(user_id, {f"roles.{role}.{path}" if role else path: value})


def _withhold(trial: "Trial", role: str, path: str) -> "dict[str, Any]":
    """Take a field away from everybody, and return what it was."""
    values = _values(trial, role, path)
    _set(trial, role, path, dict.fromkeys(values, ...))
    return values


def _limited(trial: "Trial") -> dict[str, int]:
    """Sync and count, by role, the people whose change counts toward a hold; roles without any are left out."""
    outcome = trial.outcome()
    assert outcome.outcome == "applied", outcome.error
    return {role: change.limited for role, change in outcome.by_role.items() if change.limited}


FIELDS = {
    "grade": ("student", "grade", ["roles.student.grade"]),
    "ell_status": ("student", "ell_status", ["roles.student.ell_status"]),
    "enrollments": (
        "student",
        "enrollments",
        [
            "roles.student.enrollments",
            "roles.student.enrollments[].end_date",
            "roles.student.enrollments[].school",
            "roles.student.enrollments[].start_date",
        ],
    ),
    "relationships": (
        "contact",
        "student_relationships",
        [
            "roles.contact.student_relationships",
            "roles.contact.student_relationships[].relationship",
            "roles.contact.student_relationships[].student",
            "roles.contact.student_relationships[].type",
        ],
    ),
    "title, which user_roles has too": ("teacher", "title", ["roles.teacher.title"]),
    "schools, which user_roles has too": ("teacher", "schools", ["roles.teacher.schools"]),
    "email": ("", "email", ["email"]),
    "custom fields": ("student", "ext", ["roles.student.ext"]),
}
"""By what is shared: the role and the path of it, and the fields that appear."""


@pytest.mark.parametrize("name", FIELDS)
def test_field_that_a_district_begins_to_share_is_reported_once_and_counts_toward_no_hold(
    many: "Trial", name: str
) -> None:
    role, path, appeared = FIELDS[name]
    values = _withhold(many, role, path)
    many.sync()
    assert many.rows(DRIFT) == []
    _set(many, role, path, values)
    many.limits = STRICT
    outcome = many.outcome()
    assert outcome.outcome == "applied", outcome.error
    assert outcome.counts.updated == len(values) > 0
    assert {change.limited for change in outcome.by_role.values()} == {0}
    assert many.rows(DRIFT) == [(each, "field_appeared") for each in appeared]
    assert many.outcomes() == ["unchanged"]
    assert many.rows(DRIFT) == []


def test_switch_to_v31_changes_every_student_and_counts_toward_no_hold(many: "Trial") -> None:
    many.sync()
    many.limits = STRICT
    many.version = "v3.1"
    outcome = many.outcome()
    assert outcome.outcome == "applied", outcome.error
    students = outcome.by_role["student"]
    assert students.counts.updated > students.before * 0.75
    assert {change.limited for change in outcome.by_role.values()} == {0}
    found = many.rows(DRIFT)
    assert {kind for _, kind in found} == {"field_appeared"}
    declared = {table.full_path(field) for _, table, field in CATALOG.fields() if field.versions == V31}
    assert {path for path, _ in found} <= declared
    assert {"roles.student.disability.disability_code", "roles.student.gifted_status"} <= {path for path, _ in found}
    assert many.outcomes() == ["unchanged"]
    assert many.rows(DRIFT) == []
    assert many.wrong() == []


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_district_that_sends_documented_fields_has_no_drift(many: "Trial", version: str) -> None:
    many.version = version
    many.sync()
    assert many.rows("FROM sync.drift") == []
    many.sandbox.advance()
    many.sync()
    assert many.rows("FROM sync.drift") == []
    for table in CATALOG.tables:
        assert many.value(f"SELECT count(*) FROM {table.name} WHERE extra IS NOT NULL") == 0


@pytest.mark.parametrize("name", ["grade", "enrollments", "relationships"])
def test_field_that_loses_all_its_values_is_held_and_withdrawn_once_approved(many: "Trial", name: str) -> None:
    role, path, withdrawn = FIELDS[name]
    many.sync()
    values = _withhold(many, role, path)
    outcome = many.outcome()
    assert outcome.outcome == "held"
    assert outcome.by_role[role].limited == len(values)
    assert many.rows(DRIFT) == []
    approve(
        many.warehouse,
        district_id=many.districts[0],
        digest=str(outcome.digest),
        reason="no longer shared",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    assert many.rows(DRIFT) == [(each, "field_withdrawn") for each in withdrawn]
    assert many.outcomes() == ["unchanged"]
    assert many.rows(DRIFT) == [(each, "field_withdrawn") for each in withdrawn]


def _new_grade(grade: str) -> str:
    return str(int(grade) + 1) if grade.isdigit() else "1"


def _ended_early(enrollments: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    return [{**each, "end_date": "2001-02-03"} for each in enrollments]


def _siblings(relationships: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    return [{**each, "relationship": "synthetic"} for each in relationships]


def _sentence(role: str, count: int, before: int, limit: int) -> str:
    share = f"{count * 100 / before:.1f}%, the limit is {limit}%"
    return f"{count} of {before} people with the role {role} would be updated ({share})"


@pytest.mark.parametrize(
    ("role", "path", "change"),
    [
        ("student", "grade", _new_grade),
        ("student", "enrollments", _ended_early),
        ("contact", "student_relationships", _siblings),
    ],
)
def test_mass_change_of_a_field_that_existed_is_held_for_its_role(
    many: "Trial", role: str, path: str, change: "Any"
) -> None:
    many.sync()
    values = _values(many, role, path)
    _set(many, role, path, {user_id: change(value) for user_id, value in values.items()})
    outcome = many.outcome()
    assert outcome.outcome == "held"
    before = outcome.by_role[role].before
    assert [str(each) for each in outcome.exceeded] == [_sentence(role, len(values), before, 75)]


def test_fewer_changes_than_the_limit_in_enrollments_are_applied(many: "Trial") -> None:
    many.sync()
    values = _values(many, "student", "enrollments")
    chosen = dict(list(values.items())[: len(values) // 2])
    _set(many, "student", "enrollments", {user_id: _ended_early(value) for user_id, value in chosen.items()})
    assert _limited(many) == {"student": len(chosen)}


def test_sync_with_a_new_field_and_other_changes_is_judged_by_the_other_changes(many: "Trial") -> None:
    statuses = _withhold(many, "student", "ell_status")
    many.sync()
    grades = _values(many, "student", "grade")
    half = dict(list(grades.items())[: len(grades) // 2])
    _set(many, "student", "ell_status", statuses)
    _set(many, "student", "grade", {user_id: _new_grade(grade) for user_id, grade in half.items()})
    many.limits = LimitsByDistrict(Limits(max_changed_percent=30, min_records=1))
    held = many.outcome()
    before = held.by_role["student"].before
    assert [str(each) for each in held.exceeded] == [_sentence("student", len(half), before, 30)]
    many.limits = LimitsByDistrict()
    assert _limited(many) == {"student": len(half)}
    assert many.rows(DRIFT) == [("roles.student.ell_status", "field_appeared")]


def test_new_field_of_some_people_does_not_hide_the_mass_change_of_an_old_one(many: "Trial") -> None:
    statuses = _withhold(many, "student", "ell_status")
    many.sync()
    grades = _values(many, "student", "grade")
    _set(many, "student", "ell_status", statuses)
    _set(many, "student", "grade", {user_id: _new_grade(grade) for user_id, grade in grades.items()})
    outcome = many.outcome()
    assert outcome.outcome == "held"
    assert outcome.by_role["student"].limited == len(grades)
