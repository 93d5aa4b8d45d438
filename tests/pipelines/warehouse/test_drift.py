"""What sync.drift and sync.fields count: bounded, whatever names the fields of a district's records have."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.conftest import Begin, Row, Trial

LIMIT = 200
"""Unknown paths under one parent that have a row each."""

DRIFT = "SELECT path, kind, records, is_present FROM sync.drift ORDER BY path, kind"

PARENTS: Mapping[str, tuple[str, Callable[[str], Mapping[str, Any]]]] = {
    "*": ("unknown_field", lambda name: {name: 1}),
    "name.*": ("unknown_field", lambda name: {f"name.{name}": "x"}),
    "roles.*": ("unknown_role", lambda name: {f"roles.{name}": {"legacy_id": name}}),
    "roles.student.*": ("unknown_field", lambda name: {f"roles.student.{name}": {"2026-09-01": {"deep": 1}}}),
    "roles.student.location.*": ("unknown_field", lambda name: {f"roles.student.location.{name}": 1}),
    "roles.student.enrollments[].*": (
        "unknown_field",
        lambda name: {"roles.student.enrollments": [{"school": "s"}, {"school": "s", name: 1, f"{name}_too": 2}]},
    ),
}
"""By the path that counts them together: the kind, and how a student gets an unknown field of this name."""


@pytest.fixture(scope="module")
def crowd(begin: "Begin") -> "Any":
    """Return a warehouse and a district of 1,000 people, of whom no one has an unknown field."""
    with begin(users=1000) as trial:
        yield trial


def _students(trial: "Trial") -> list[str]:
    return trial.sandbox.roster(trial.districts[0]).ids("student")


def _give(trial: "Trial", names: Mapping[str, str], parent: str = "roles.student.*") -> None:
    """Return each student an unknown field of this name, and take all that they had away."""
    _, fields = PARENTS[parent]
    for student in _students(trial):
        record = trial.sandbox.roster(trial.districts[0]).record(student)
        unknown = {f"roles.student.{name}": ... for name in record["roles"]["student"] if name.startswith("custom_")}
        trial.sandbox.change(student, {**unknown, **(fields(names[student]) if student in names else {})})


def _custom(students: list[str], begin: int, end: int) -> dict[str, str]:
    return {student: f"custom_{number:05}" for number, student in enumerate(students[: end - begin], begin)}


def _drift(trial: "Trial") -> "list[Row]":
    return trial.rows(DRIFT)


@pytest.mark.variants(2)
@pytest.mark.parametrize("parent", PARENTS)
def test_fields_with_a_name_per_person_are_one_row_and_stay_in_extra(begin: "Begin", parent: str) -> None:
    kind, fields = PARENTS[parent]
    with begin(users=1000) as trial:
        students = _students(trial)
        assert len(students) > LIMIT
        for number, student in enumerate(students):
            trial.sandbox.change(student, fields(f"custom_2026-09-01.{number}".replace(".", "_")))
        trial.sync()
        assert _drift(trial) == [(parent, kind, len(students), True)]
        assert trial.value("SELECT example_id FROM sync.drift") in students
        assert trial.rows("SELECT count(*) FROM sync.fields WHERE kind <> 'known'") == [(1,)]
        tables = ("users", "user_roles", "student_enrollments")
        texts = trial.rows(" UNION ALL ".join(f"SELECT extra::VARCHAR FROM {table}" for table in tables))
        kept = [json.loads(text) for (text,) in texts if text]
        assert len(kept) == len(students)
        names = {
            name for extra in kept for name in _names(extra) if name.startswith("custom_") and not name.endswith("_too")
        }
        assert len(names) == len(students)
        assert trial.wrong() == []


def _names(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in _names(each)}
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in _names(each)}
    return set()


def test_200_unknown_fields_have_a_row_each_and_one_more_makes_them_one(crowd: "Trial") -> None:
    students = _students(crowd)
    _give(crowd, _custom(students, 0, LIMIT))
    crowd.sync()
    assert _drift(crowd) == [(f"roles.student.custom_{number:05}", "unknown_field", 1, True) for number in range(LIMIT)]
    first_seen_at = crowd.value("SELECT min(first_seen_at) FROM sync.drift")
    _give(crowd, _custom(students, 0, LIMIT + 1))
    crowd.sync()
    assert _drift(crowd) == [("roles.student.*", "unknown_field", LIMIT + 1, True)]
    assert crowd.value("SELECT first_seen_at FROM sync.drift") == first_seen_at


@pytest.mark.search
def test_other_names_every_night_stay_bounded_and_a_record_with_many_is_counted_once(begin: "Begin") -> None:
    with begin(users=1000) as trial:
        students = _students(trial)
        for night in range(4):
            _give(trial, _custom(students, 90 * night, 90 * (night + 1)))
            trial.sync()
            expected = 90 * (night + 1) if night < 2 else 1
            assert trial.value("SELECT count(*) FROM sync.drift") == expected
        assert _drift(trial) == [("roles.student.*", "unknown_field", 90, True)]
        trial.sandbox.change(students[0], {f"roles.student.custom_{number}": number for number in range(300)})
        trial.sync()
        assert _drift(trial) == [("roles.student.*", "unknown_field", 90, True)]
        _give(trial, {})
        trial.sync()
        assert _drift(trial) == [("roles.student.*", "unknown_field", 90, False)]
        _give(trial, _custom(students, 0, 3))
        trial.sync()
        assert _drift(trial) == [("roles.student.*", "unknown_field", 3, True)]


def test_a_crowded_parent_hides_no_field_of_another_parent_kind_or_district(begin: "Begin") -> None:
    with begin(users=300, districts=2) as trial:
        here, there = trial.districts
        people = trial.sandbox.roster(here).ids()
        for number, user_id in enumerate(people):
            trial.sandbox.change(user_id, {f"custom_{number}": 1})
        trial.sandbox.change(people[0], {"name.suffix": "Jr.", "roles.librarian": {}})
        trial.sandbox.change(trial.person("student"), {"roles.student.grade": "Nursery"})
        other = trial.sandbox.roster(there).ids()[0]
        trial.sandbox.change(other, {"custom_1": 1})
        trial.sync()
        assert trial.rows("SELECT district_id, path, kind, records FROM sync.drift ORDER BY ALL") == sorted(
            [
                (here, "*", "unknown_field", len(people)),
                (here, "name.suffix", "unknown_field", 1),
                (here, "roles.librarian", "unknown_role", 1),
                (here, "roles.student.grade", "unknown_value", 1),
                (there, "custom_1", "unknown_field", 1),
            ]
        )


@pytest.mark.parametrize("is_still_shown", [True, False])
def test_rows_of_an_earlier_version_become_one(trial: "Trial", *, is_still_shown: bool) -> None:
    trial.sync()
    with duckdb.connect(str(trial.folder / "state" / "work.duckdb")) as work:
        work.execute(
            "INSERT INTO sync.fields SELECT 'users', ?, 'roles.student.' || (DATE '2026-01-01' + day::INT), 'unknown_field', day, "
            "'somebody', true, TIMESTAMPTZ '2026-01-01 00:00:00+00', TIMESTAMPTZ '2026-02-01 00:00:00+00' FROM range(500) AS days (day)",
            [trial.districts[0]],
        )
    student = trial.person("student")
    trial.sandbox.change(student, {"roles.student.2027-12-01": 1} if is_still_shown else {"email": "new@example.test"})
    trial.sync()
    records, example = (1, student) if is_still_shown else (499, "somebody")
    assert trial.rows("SELECT path, records, example_id, is_present, first_seen_at::VARCHAR FROM sync.drift") == [
        ("roles.student.*", records, example, is_still_shown, "2026-01-01 00:00:00+00")
    ]
