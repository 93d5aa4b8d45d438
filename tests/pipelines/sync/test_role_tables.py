"""Tables of roles from sync to sync: which change makes a version in which table, and what the path of a record changes (nothing)."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.sync import Limits, LimitsByDistrict, approve
from pipelines.warehouse.staging import Staging
from tests.expected.regular import canonical, parse
from tests.expected.role_tables import KEYS, LATEST, ROLE_OF, VALUES
from tests.expected.table_rows import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Trial

VERSIONS = {table: f"SELECT count(*) FROM {table}_history" for table in ("users", "user_roles", *ROLE_OF)}


def _versions(trial: "Trial") -> dict[str, int]:
    """Count the versions in each table."""
    return {table: trial.value(query) for table, query in VERSIONS.items()}


def _new_versions(trial: "Trial", before: "Mapping[str, int]") -> dict[str, int]:
    return {table: many - before[table] for table, many in _versions(trial).items() if many != before[table]}


def _wrong(trial: "Trial") -> list[str]:
    """Name the rows of the tables of roles that differ from what the first district shows."""
    expected = trial.sandbox.truth(trial.districts[0], trial.version).role_tables
    found = []
    with closing(trial.warehouse.reading()) as connection:
        for table, rows in expected.items():
            columns = (*KEYS[table], *VALUES[table], *LATEST[table])
            shown: dict[Key, tuple[Any, ...]] = {}
            for *values, extra in connection.execute(f"SELECT {', '.join(columns)}, extra FROM {table}").fetchall():
                row = dict(zip(columns, values, strict=True))
                if "ext" in row:
                    row["ext"] = canonical(row["ext"] and parse(row["ext"]))
                kept = (
                    tuple(value) if isinstance(value, list) else value
                    for value in list(row.values())[len(KEYS[table]) :]
                )
                shown[tuple(values[: len(KEYS[table])])] = (*kept, canonical(extra and parse(extra)))
            wanted = {key: (*row.values, *row.operational, row.extra) for key, row in rows.items()}
            found += [f"{table}: {key[0]}" for key in shown.keys() | wanted.keys() if shown.get(key) != wanted.get(key)]
    return found


@pytest.mark.parametrize(
    ("role", "table", "field", "value"),
    [
        ("student", "students", "grade", "Other"),
        ("student", "students", "ell_status", "?"),
        ("student", "students", "location", {"city": "Elsewhere"}),
        ("student", "students", "ext", {"house": "red"}),
        ("teacher", "teachers", "credentials", {"district_username": "new"}),
        ("staff", "staff", "department", "new"),
        ("contact", "contacts", "phone", "new"),
    ],
)
def test_change_of_a_role_field_makes_a_version_in_the_table_of_the_role_only(
    trial: "Trial", role: str, table: str, field: str, value: object
) -> None:
    trial.sync()
    before = _versions(trial)
    trial.sandbox.change(trial.person(role), {f"roles.{role}.{field}": value})
    assert trial.outcome().counts.updated == 1
    # The former state, and the row itself.
    assert _new_versions(trial, before) == {table: 1}
    assert _wrong(trial) == []


def test_change_of_clevers_own_times_makes_no_version_in_any_table(trial: "Trial") -> None:
    trial.sync()
    before = _versions(trial)
    later = "2031-01-01T00:00:00.000Z"
    trial.sandbox.change(trial.person("student"), {"last_modified": later, "roles.student.last_modified": later})
    outcome = trial.outcome()
    assert (outcome.outcome, outcome.counts.updated) == ("applied", 0)
    assert _new_versions(trial, before) == {}
    assert _wrong(trial) == []
    assert trial.outcomes() == ["unchanged"]


def test_items_of_lists_come_and_go_one_by_one(trial: "Trial") -> None:
    trial.sync()
    contact, student = trial.person("contact"), trial.person("student")
    path = "roles.contact.student_relationships"
    trial.sandbox.change(contact, {path: [{"student": student, "relationship": "Parent"}]})
    trial.sync()
    before = _versions(trial)
    for items, change in (
        ([{"student": student, "relationship": "Parent"}, {"student": student, "type": "Emergency"}], "created"),
        ([{"student": student, "type": "Emergency"}], "archived"),
        ([{"student": student, "type": "Emergency"}, {"relationship": "Parent", "student": student}], "restored"),
    ):
        trial.sandbox.change(contact, {path: items})
        assert trial.outcome().counts.updated == 1
        assert _wrong(trial) == []
        last = "SELECT change FROM contact_students_history WHERE contact_id = ? ORDER BY valid_from DESC LIMIT 1"
        assert trial.value(last, contact) == change
    assert set(_new_versions(trial, before)) == {"contact_students"}
    first_seen = (
        "SELECT count(DISTINCT first_seen_at) FROM contact_students_history WHERE contact_id = ? AND type IS NULL"
    )
    assert trial.value(f"{first_seen} AND relationship = 'Parent'", contact) == 1


def test_another_order_of_keys_in_an_unknown_field_of_an_item_is_no_change(trial: "Trial") -> None:
    student = trial.person("student")
    for note, outcome in (({"b": 1, "a": {"y": 2, "x": 3}}, "applied"), ({"a": {"x": 3, "y": 2}, "b": 1}, "unchanged")):
        trial.sandbox.change(
            student,
            {"roles.student.enrollments": [{"school": "s", "note": note}], "last_modified": "2025-07-01T00:00:00.000Z"},
        )
        assert trial.outcomes() == [outcome]
        assert _wrong(trial) == []


def test_bytes_in_another_order_or_on_other_pages_are_recognized(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.sync()
    trial.sandbox.change(trial.person("staff"), {"roles.staff.department": "new"})
    trial.sync()
    before = trial.fingerprint()
    scanned = []
    run_scan = Staging._run_scan

    def watched(*arguments: Any) -> None:
        scanned.append(arguments)
        run_scan(*arguments)

    monkeypatch.setattr(Staging, "_run_scan", watched)
    for limit, is_reversed in ((7, False), (10_000, True), (13, True)):
        trial.page_limit, trial.sandbox.is_reversed = limit, is_reversed
        assert trial.outcomes() == ["unchanged"]
        assert trial.fingerprint() == before
        assert _wrong(trial) == []
    assert scanned == []


def test_switch_to_another_api_version_is_not_held_and_back_again_is(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_changed_percent=10, min_records=1))
    trial.version = "v3.1"
    assert trial.outcomes() == ["applied"]
    assert _wrong(trial) == []
    trial.version = "v3.0"
    assert trial.outcomes() == ["held"]
    trial.limits = LimitsByDistrict(Limits(max_changed_percent=100))
    assert trial.outcomes() == ["applied"]
    assert _wrong(trial) == []


def test_approved_snapshot_is_what_the_tables_of_roles_show(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_changed_percent=0, min_records=1))
    student = trial.person("student")
    trial.sandbox.change(
        student, {"roles.student.dob": "someday", "roles.student.badge": 1, "roles.student.grade": ["1"]}
    )
    before = trial.fingerprint()
    outcome = trial.outcome()
    assert outcome.outcome == "held"
    assert trial.fingerprint() == before
    approve(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=str(outcome.digest),
        reason="seen",
        decided_by="a test",
        decision_id="approval",
        report=trial.events.append,
    )
    assert _wrong(trial) == []
    assert parse(trial.value("SELECT extra FROM students WHERE user_id = ?", student)) == {
        "badge": 1,
        "dob": "someday",
        "grade": ["1"],
    }
    assert trial.outcomes() == ["unchanged"]
