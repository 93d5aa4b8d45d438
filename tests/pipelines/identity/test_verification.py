"""The proof of the crosswalk against API v2.1: every id explained, or told and kept, and nothing claimed without evidence."""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.clever.app import CleverApp
from pipelines.identity.resolution import resolve_one
from pipelines.identity.verification import VerificationResult, verify_legacy
from pipelines.sandbox import Altered, ForeignRecord, RepeatedRecord, Rewritten, Status
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pipelines.sandbox.faults import Effect
    from tests.conftest import Begin, Trial


def _verified(trial: "Trial", *asked: str) -> VerificationResult:
    (trial.folder / "report.csv").unlink(missing_ok=True)
    with trial.clever() as clever:
        return verify_legacy(
            CleverApp(clever),
            trial.warehouse,
            f"verification-{next(trial.numbers)}",
            asked,
            report_file=trial.folder / "report.csv",
            report=trial.events.append,
        )


def _told(trial: "Trial") -> list[dict[str, str]]:
    with (trial.folder / "report.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_after_a_sync_every_id_of_v21_is_matched(two: "Trial") -> None:
    two.sync()
    result = _verified(two)
    listed = {(link.district_id, link.role, link.legacy_id) for link in two.sandbox.truth().crosswalk}
    assert result.succeeded
    assert {(one.district_id, one.role): one.listed for one in result.roles} == {
        (district, role): sum(link[:2] == (district, role) for link in listed)
        for district in two.districts
        for role in ("student", "teacher", "staff", "district_admin", "contact")
    }
    assert all(one.matched == one.listed and one.coverage in {None, 100} for one in result.roles)
    assert _told(two) == []


def test_only_the_asked_district_is_read(two: "Trial") -> None:
    two.sync()
    two.sandbox.requests.clear()
    assert {one.district_id for one in _verified(two, two.districts[1]).roles} == {two.districts[1]}
    assert {one.district_id for one in two.sandbox.requests if one.path.startswith("/v2.1/")} == {two.districts[1]}


def test_an_id_that_v3_does_not_match_is_kept_without_a_v3_id_until_it_is_matched(trial: "Trial") -> None:
    trial.sync()
    user_id = trial.sandbox.add_person(trial.districts[0], ("teacher",))
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == user_id]
    result = _verified(trial)
    assert not result.succeeded
    assert {one.role: one.unmatched for one in result.roles if one.unmatched} == {"teacher": 1}
    unmatched = "SELECT role, legacy_id, resolved_at IS NULL FROM sync.unexplained_legacy_ids"
    assert trial.rows(unmatched) == [("teacher", legacy_id, True)]
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE legacy_id = ?", legacy_id) == 0
    assert trial.value("SELECT v3_user_id(?)", legacy_id) is None
    assert [(row["legacy_id"], row["verdict"], row["suggested_user_id"]) for row in _told(trial)] == [
        (legacy_id, "unexplained", "")
    ]
    trial.sync()
    assert _verified(trial).succeeded
    assert trial.rows(unmatched) == [("teacher", legacy_id, False)]


def test_a_student_that_only_v21_knows_enters_with_its_own_id_and_is_not_current(trial: "Trial") -> None:
    trial.sync()
    user_id = trial.sandbox.add_person(trial.districts[0], ("student",))
    assert not _verified(trial).succeeded
    link = "SELECT user_id, is_current, end_reason, source FROM legacy_id_crosswalk WHERE legacy_id = ?"
    assert trial.rows(link, user_id) == [(user_id, False, None, "v2.1")]
    assert not _verified(trial).succeeded, "what v2.1 itself told is no proof of what v2.1 tells"
    trial.sync()
    assert trial.rows(link, user_id) == [(user_id, True, None, "api")]
    assert trial.rows("FROM crosswalk_changes") == []
    assert trial.wrong() == []
    assert _verified(trial).succeeded


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_link_of_a_held_snapshot_explains_no_id(trial: "Trial", role: str) -> None:
    trial.sync()
    user_id = trial.sandbox.add_person(trial.districts[0], (role,))
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == user_id]
    trial.sandbox.remove(trial.person("student"))
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    assert trial.outcome().outcome == "held"
    links = "SELECT user_id, is_current, source FROM legacy_id_crosswalk WHERE legacy_id = ?"
    assert trial.rows(links, legacy_id) == [(user_id, False, "held")]
    result = _verified(trial)
    assert {one.role: one.unmatched for one in result.roles if one.unmatched} == {role: 1}
    assert trial.rows(links, legacy_id) == [(user_id, False, "v2.1" if role == "student" else "held")]
    assert trial.value("SELECT v3_user_id(?)", legacy_id) == (user_id if role == "student" else None)
    trial.limits = LimitsByDistrict()
    trial.sync()
    assert trial.rows(links, legacy_id) == [(user_id, True, "api")]
    assert trial.wrong() == []


def test_who_has_an_unmatched_id_is_suggested_by_evidence_and_not_claimed(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == user_id]
    trial.sandbox.change(user_id, {"email": "only.one@district.example", "roles.teacher.legacy_id": ...})
    trial.sync()
    trial.sandbox.change(user_id, {"roles.teacher.legacy_id": legacy_id})
    assert not _verified(trial).succeeded
    (row,) = _told(trial)
    assert (row["legacy_id"], row["user_id"], row["suggested_user_id"]) == (legacy_id, "", user_id)
    assert row["evidence"].startswith("the same e-mail")
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE legacy_id = ?", legacy_id) == 0


def test_people_of_whom_v21_says_something_else_are_reported_by_ids_alone(trial: "Trial") -> None:
    students = [row.user_id for row in trial.sandbox.truth().user_roles if row.role == "student"]
    staff = trial.person("staff")
    trial.sandbox.change(students[0], {"email": "before@district.example"})
    trial.sync()
    trial.sandbox.change(students[0], {"email": "after@district.example"})
    trial.sandbox.change(students[1], {"roles.student.sis_id": "another-number"})
    trial.sandbox.change(staff, {"roles.staff.staff_id": "a-third-number"})
    result = _verified(trial)
    assert result.succeeded
    assert {one.role: one.differing for one in result.roles if one.differing} == {"student": 2, "staff": 1}
    assert {row["user_id"]: row["why"] for row in _told(trial)} == {
        students[0]: "the e-mail differs",
        students[1]: "the sis_id differs",
        staff: "the sis_id differs",
    }


def test_an_id_whose_last_user_is_gone_in_v3_is_a_mismatch_to_look_at(trial: "Trial") -> None:
    trial.sync()
    user_id = trial.person("teacher")
    trial.sandbox.remove(user_id)
    trial.sync()
    trial.sandbox.restore(user_id)
    result = _verified(trial)
    assert not result.succeeded
    assert {one.role: one.unmatched for one in result.roles if one.unmatched} == {"teacher": 1}
    assert [(row["user_id"], row["verdict"], row["why"]) for row in _told(trial)] == [
        (user_id, "unexplained", "the last user is gone in API v3")
    ]


def test_an_id_of_a_role_that_the_user_lost_in_v3_is_matched_and_reported_as_ended(trial: "Trial") -> None:
    user_id = trial.sandbox.add_person(trial.districts[0], ("teacher", "staff"))
    trial.sync()
    record = trial.sandbox.roster(trial.districts[0]).record(user_id)
    trial.sandbox.drop_role(user_id, "staff")
    trial.sync()
    trial.sandbox.change(user_id, {"roles": record["roles"]})
    result = _verified(trial)
    assert result.succeeded
    assert {one.role: one.ended for one in result.roles if one.ended} == {"staff": 1}
    assert [(row["user_id"], row["verdict"]) for row in _told(trial)] == [(user_id, "ended")]


def test_an_id_that_v3_shows_in_another_role_is_matched_and_the_role_is_reported(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    held = trial.sandbox.roster(trial.districts[0]).record(user_id)["roles"]["teacher"]
    trial.sandbox.change(user_id, {"roles": {"staff": {"legacy_id": held["legacy_id"]}}})
    trial.sync()
    trial.sandbox.change(user_id, {"roles": {"teacher": held}})
    result = _verified(trial)
    assert result.succeeded
    assert {one.role: one.differing for one in result.roles if one.differing} == {"teacher": 1}
    assert [(row["user_id"], row["verdict"], row["why"]) for row in _told(trial)] == [
        (user_id, "differing", "API v3 shows it in the role staff")
    ]
    answer = resolve_one(trial.warehouse, held["legacy_id"])
    assert (answer.user_id, answer.role, answer.status) == (user_id, "staff", "current")


@pytest.mark.parametrize("status", [404, 410])
def test_contacts_that_v21_no_longer_serves_are_noted_and_not_fatal(status: int, trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.v21_contacts_status = status
    result = _verified(trial)
    assert result.succeeded
    assert {one.role for one in result.roles if not one.is_served} == {"contact"}
    assert trial.rows("SELECT role FROM sync.verifications WHERE NOT is_served") == [("contact",)]


def test_another_list_that_is_gone_leaves_something_unverified(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.inject(Status(410), stream="teachers")
    result = _verified(trial)
    assert not result.succeeded
    assert {one.role for one in result.roles if not one.is_served} == {"teacher"}
    assert sum(one.matched for one in result.roles) > 0


@pytest.mark.variants(2)
@pytest.mark.parametrize("effect", [Status(401), Status(500), ForeignRecord(), RepeatedRecord()], ids=str)
def test_a_district_that_cannot_be_verified_leaves_the_others_alone(effect: "Effect", two: "Trial") -> None:
    two.sync()
    ill, well = two.districts
    two.sandbox.inject(effect, district=ill, stream="students")
    result = _verified(two)
    assert not result.succeeded
    assert set(result.failed) == {ill}
    assert {one.district_id for one in result.roles} == {well}
    assert all(one.unmatched == 0 for one in result.roles)


def test_a_district_that_is_not_connected_is_reported(trial: "Trial") -> None:
    trial.sync()
    result = _verified(trial, "f" * 24)
    assert set(result.failed) == {"f" * 24}
    assert result.roles == []


def test_nothing_of_what_was_read_stays_and_no_personal_data_is_reported(trial: "Trial") -> None:
    trial.sync()
    new = trial.sandbox.add_person(trial.districts[0], ("staff",))
    trial.sandbox.change(trial.person("student"), {"email": "somebody.else@district.example"})
    trial.sandbox.inject(Status(500), stream="contacts", times=1)
    result = _verified(trial)
    assert list((trial.warehouse.state / "verification").iterdir()) == []
    kept = trial.rows("FROM sync.unexplained_legacy_ids"), trial.rows("FROM sync.verifications")
    said = "\n".join([repr(result), repr(trial.events), repr(kept), Path(trial.folder / "report.csv").read_text()])
    assert new not in said
    leaks = [
        secret
        for secret in trial.sandbox.secrets()
        if len(secret) > 5 and re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", said)
    ]
    assert not leaks, f"{len(leaks)} secrets are told"


MISSHAPEN: "dict[str, tuple[Callable[[dict[str, Any]], object], str]]" = {
    "no id": (lambda record: record.pop("id"), "it has no `id`"),
    "an empty id": (lambda record: record.update(id=""), "it has no `id`"),
    "an id that is an object": (lambda record: record.update(id={"is": "Ada"}), "`id` holds an object instead of text"),
    "an id that is a number": (lambda record: record.update(id=7), "`id` holds a number instead of text"),
    "a list of e-mails": (lambda record: record.update(email=["Ada"]), "`email` holds a list instead of text"),
    "a sis_id that is an object": (lambda record: record.update(sis_id={}), "`sis_id` holds an object instead of text"),
}


def test_a_record_of_another_shape_fails_only_its_district_and_is_named(begin: "Begin") -> None:
    with begin(districts=len(MISSHAPEN) + 2, users=30) as trial:
        trial.sync()
        expected = {}
        for (change, said), district_id in zip(MISSHAPEN.values(), trial.districts, strict=False):

            def alter(
                envelope: "dict[str, Any]", change: "Callable[[dict[str, Any]], object]" = change
            ) -> "dict[str, Any]":
                change(envelope["data"][1]["data"])
                return envelope

            trial.sandbox.inject(Altered(alter), district=district_id, stream="students")
            expected[district_id] = said
        doubled, good = trial.districts[len(MISSHAPEN) :]
        second = Rewritten(lambda body: body.replace(b'{"data":{', b'{"data":{"email":"Ada",', 1))
        trial.sandbox.inject(second, district=doubled, stream="students")
        expected[doubled] = "`email` occurs more than once"
        result = _verified(trial)
        assert result.failed.keys() == expected.keys()
        for district_id, said in expected.items():
            assert said in result.failed[district_id], result.failed[district_id]
            assert district_id in result.failed[district_id]
            assert re.search(r"record ([0-9a-f]{24}|number 2 of )", result.failed[district_id])
        assert "Ada" not in str(result.failed)
        assert {one.district_id for one in result.roles} == {good}
        assert _told(trial) == []
