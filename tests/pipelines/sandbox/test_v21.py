"""How the same people look in API v2.1: one list a role, under the legacy ids."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client

LISTS = {
    "students": "student",
    "teachers": "teacher",
    "school_admins": "staff",
    "district_admins": "district_admin",
    "contacts": "contact",
}


@pytest.mark.parametrize(("stream", "role"), LISTS.items())
def test_each_list_holds_the_legacy_ids_of_its_role(client: "Client", stream: str, role: str) -> None:
    legacy_ids = [row.legacy_id for row in client.sandbox.truth().crosswalk if row.role == role]
    assert client.ids(f"/v2.1/{stream}", limit=50) == sorted(legacy_ids)


@pytest.mark.parametrize(("stream", "role"), LISTS.items())
def test_each_record_says_the_same_as_the_role_of_the_person(client: "Client", stream: str, role: str) -> None:
    truth = client.sandbox.truth()
    by_legacy_id = {row.legacy_id: row for row in truth.user_roles if row.role == role}
    for record in client.records(f"/v2.1/{stream}", limit=1000):
        row = by_legacy_id[record["id"]]
        person = truth.by_id[row.user_id]
        assert record["district"] == row.district_id
        assert (record.get("email") or None) == (person.get("email") or None)
        assert (record.get("staff_id" if role == "staff" else "sis_id") or None) == row.sis_id
        assert "roles" not in record
        assert "legacy_id" not in record


def test_a_contact_has_one_string_for_a_name_and_lists_students(client: "Client") -> None:
    people = client.sandbox.truth().by_id
    by_legacy_id = {legacy_id: people[user_id] for legacy_id, user_id in client.sandbox.truth().v3_user_id.items()}
    for record in client.records("/v2.1/contacts", limit=1000):
        person: dict[str, Any] = by_legacy_id[record["id"]]
        related = [one["student"] for one in person["roles"]["contact"]["student_relationships"]]
        assert record["name"] == person["name"]["last"]
        assert record["students"] == sorted(set(related), key=related.index)


def test_sections_name_teachers_by_their_legacy_ids(client: "Client") -> None:
    teachers = set(client.ids("/v2.1/teachers", limit=1000))
    sections = client.records("/v2.1/sections")
    assert {teacher for section in sections for teacher in section["teachers"]} <= teachers
    assert any(section["teachers"] for section in sections)


def test_users_are_not_a_list_of_v21(client: "Client") -> None:
    assert client.get("/v2.1/users").status_code == 404
    assert client.get("/v3.0/students").status_code == 404


@pytest.mark.parametrize("status", [404, 410])
def test_contacts_can_be_gone_while_the_rest_is_served(living: "Client", status: int) -> None:
    living.sandbox.v21_contacts_status = status
    assert living.get("/v2.1/contacts").status_code == status
    assert set(living.get("/v2.1/contacts").json()) == {"message"}
    assert living.get("/v2.1/students").status_code == 200
    assert living.get("/v3.0/users", role="contact").status_code == 200


def test_a_role_without_a_legacy_id_is_not_in_v21(living: "Client") -> None:
    user_id = living.sandbox.truth().ids("teacher")[0]
    before = living.ids("/v2.1/teachers")
    living.sandbox.change(user_id, {"roles.teacher": {}})
    assert len(living.ids("/v2.1/teachers")) == len(before) - 1
    assert user_id in living.ids("/v3.0/users", role="teacher")
