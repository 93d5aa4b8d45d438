"""The finding that a user has the sis_id of a user who is gone: not raised where the crosswalk explains it, else it names the old ID."""

from typing import TYPE_CHECKING

from pipelines.sandbox.roster import held_roles
from pipelines.warehouse.checks import checks

if TYPE_CHECKING:
    from tests.conftest import Row, Trial

FINDING = "sis_id_is_not_that_of_somebody_gone"


def _findings(trial: "Trial") -> "list[Row]":
    return trial.rows(
        'SELECT district_id, record_id, related_id FROM open_findings WHERE "check" = ? ORDER BY ALL', FINDING
    )


def _sis_id(trial: "Trial", user_id: str, role: str) -> str:
    return str(trial.sandbox.truth().by_id[user_id]["roles"][role]["sis_id"])


def _arrive(trial: "Trial", role: str, sis_id: str) -> str:
    new = trial.sandbox.add_person(trial.districts[0], (role,))
    trial.sandbox.change(new, {f"roles.{role}.sis_id": sis_id})
    return new


def _recreate(trial: "Trial", user_id: str) -> str:
    """Replace a user by a new one with the same sis_id, and no legacy ID in common."""
    (role,) = held_roles(trial.sandbox.truth().by_id[user_id])
    sis_id = _sis_id(trial, user_id, role)
    trial.sandbox.remove(user_id)
    return _arrive(trial, role, sis_id)


def test_sis_id_of_a_user_who_is_gone_is_a_finding_that_names_the_old_id(trial: "Trial") -> None:
    student = trial.person("student")
    trial.sync()
    new = _recreate(trial, student)
    trial.sync()
    assert _findings(trial) == [(trial.districts[0], new, student)]
    assert trial.rows('SELECT related_id FROM sync.findings WHERE "check" = ?', FINDING) == [(student,)]


def test_sis_id_of_a_merged_user_is_no_finding(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    trial.sync()
    sis_id = _sis_id(trial, teacher, "teacher")
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    assert _sis_id(trial, merged, "teacher") == sis_id
    assert _findings(trial) == []


def test_sis_id_of_a_user_with_two_heirs_is_no_finding(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    parts = trial.sandbox.split(teacher)
    trial.sync()
    assert trial.rows("SELECT status, user_ids FROM living_heirs WHERE id = ?", teacher) == [
        ("ambiguous", tuple(sorted(parts)))
    ]
    assert _findings(trial) == []


def test_sis_id_of_a_role_that_went_to_a_new_user_with_its_legacy_id_is_no_finding(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    assert trial.sandbox.split(teacher, keep=True)[0] == teacher
    trial.sync()
    assert _findings(trial) == []


def test_sis_id_of_a_merged_user_at_another_user_is_a_finding(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    trial.sync()
    sis_id = _sis_id(trial, teacher, "teacher")
    merged = trial.sandbox.merge(teacher, staff)
    trial.sandbox.change(merged, {"roles.teacher.sis_id": "another"})
    other = _arrive(trial, "teacher", sis_id)
    trial.sync()
    assert _findings(trial) == [(trial.districts[0], other, teacher)]


def test_finding_names_the_user_who_left_last_and_is_kept_up_to_date(trial: "Trial") -> None:
    first, sis_id = trial.person("student"), "4711"
    trial.sandbox.change(first, {"roles.student.sis_id": sis_id})
    trial.sync()
    trial.sandbox.remove(first)
    second = _arrive(trial, "student", sis_id)
    third = _arrive(trial, "student", sis_id)
    trial.sync()
    assert [row[1:] for row in _findings(trial)] == sorted([(second, first), (third, first)])
    trial.sandbox.remove(second)
    trial.sync()
    assert [row[1:] for row in _findings(trial)] == [(third, second)]
    known = (
        'SELECT count(*), min(first_seen_at) < max(last_seen_at) FROM sync.findings WHERE (record_id, "check") = (?, ?)'
    )
    assert trial.rows(known, third, FINDING) == [(1, True)]


def test_finding_names_the_user_who_is_not_explained_though_another_left_later(trial: "Trial") -> None:
    first, second = trial.person("teacher", 0), trial.person("teacher", 1)
    sis_id = _sis_id(trial, first, "teacher")
    trial.sandbox.change(second, {"roles.teacher.sis_id": sis_id})
    legacy_id = trial.sandbox.truth().by_id[second]["roles"]["teacher"]["legacy_id"]
    trial.sync()
    trial.sandbox.remove(first)
    trial.sync()
    trial.sandbox.remove(second)
    new = _arrive(trial, "teacher", sis_id)
    trial.sandbox.change(new, {"roles.teacher.legacy_id": legacy_id})
    trial.sync()
    assert _findings(trial) == [(trial.districts[0], new, first)]


def test_findings_without_a_related_id_have_none(trial: "Trial") -> None:
    trial.sandbox.change(trial.person("student"), {"roles.student.sis_id": None})
    trial.sync()
    found = trial.rows('SELECT "check", related_id FROM sync.findings')
    assert [related for check, related in found if check == "student_has_schools_and_sis_id"] == [None]


def test_every_check_gives_one_row_for_each_record(trial: "Trial") -> None:
    trial.sync()
    for _ in range(2):
        trial.sandbox.advance(5)
        trial.sync()
    for check in checks():
        doubled = f"""
            SELECT count(*)
            FROM (SELECT DISTINCT * FROM ({check.query}))
            GROUP BY district_id, record_id
            HAVING count(*) > 1
        """
        assert trial.rows(doubled) == [], check.name
