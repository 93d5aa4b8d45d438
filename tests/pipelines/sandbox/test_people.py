"""Who lives in a fake district."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import ROLES
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client

THREE_ROLES = {"teacher", "staff", "district_admin"}


def held(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The role objects that are there."""
    return {role: value for role, value in record["roles"].items() if value is not None}


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    """The people of a district of 5000."""
    return list(Sandbox(users=5000).truth().records)


@settings(max_examples=10, deadline=None)
@given(users=st.integers(min_value=0, max_value=40), seed=st.integers(min_value=0, max_value=10**6))
def test_the_same_seed_gives_the_same_people(users: int, seed: int) -> None:
    one, other = Sandbox(2, users, seed), Sandbox(2, users, seed)
    assert one.districts == other.districts
    assert one.truth().records == other.truth().records
    assert one.secrets() == other.secrets()
    assert len(one.truth().records) == 2 * users


@settings(max_examples=20, deadline=None)
@given(users=st.integers(min_value=1, max_value=40), seed=st.integers(min_value=0, max_value=10**6))
def test_every_district_however_small_has_a_three_role_person(users: int, seed: int) -> None:
    for district_id in (sandbox := Sandbox(2, users, seed)).districts:
        assert any(set(held(record)) == THREE_ROLES for record in sandbox.truth(district_id).records)


def test_other_seeds_give_other_people() -> None:
    assert Sandbox(seed=1).secrets().isdisjoint({*Sandbox(seed=2).districts.values()})
    assert Sandbox(seed=1).truth().records != Sandbox(seed=2).truth().records


def test_the_roles_have_plausible_shares(people: list[dict[str, Any]]) -> None:
    count = Counter(role for record in people for role in held(record))
    expected = {"student": 0.62, "contact": 0.28, "teacher": 0.08, "staff": 0.03}
    for role, share in expected.items():
        assert share * 0.8 < count[role] / len(people) < share * 1.2
    assert count["district_admin"] > 0


def test_students_and_contacts_hold_one_role_only(people: list[dict[str, Any]]) -> None:
    for record in people:
        if {"student", "contact"} & set(held(record)):
            assert len(held(record)) == 1


def test_every_combination_of_employee_roles_occurs(people: list[dict[str, Any]]) -> None:
    combinations = {frozenset(held(record)) for record in people}
    assert {
        frozenset(THREE_ROLES),
        frozenset({"teacher", "staff"}),
        frozenset({"teacher", "district_admin"}),
        frozenset({"staff", "district_admin"}),
    } <= combinations


def test_ids_are_unique_over_people_districts_and_roles() -> None:
    sandbox = Sandbox(districts=5, users=200)
    records = sandbox.truth().records
    user_ids = [record["id"] for record in records]
    other_legacy_ids = [
        role["legacy_id"] for record in records for name, role in held(record).items() if name != "student"
    ]
    found = Counter([*user_ids, *other_legacy_ids, *sandbox.districts])
    assert max(found.values()) == 1
    assert all(len(one) == 24 and set(one) <= set("0123456789abcdef") for one in found)


def test_a_students_legacy_id_is_the_id_and_all_others_differ(people: list[dict[str, Any]]) -> None:
    for record in people:
        for name, role in held(record).items():
            assert (role["legacy_id"] == record["id"]) is (name == "student")


def test_contacts_have_students_of_the_district_and_the_whole_name_in_last(people: list[dict[str, Any]]) -> None:
    students = {record["id"] for record in people if "student" in held(record)}
    contacts = [record for record in people if "contact" in held(record)]
    related = [[one["student"] for one in held(record)["contact"]["student_relationships"]] for record in contacts]
    assert all(names and set(names) <= students for names in related)
    assert any(len(set(names)) > 1 for names in related)
    assert all(" " in record["name"]["last"] and not record["name"].get("first") for record in contacts)


def test_three_contacts_of_five_have_no_sis_id(people: list[dict[str, Any]]) -> None:
    contacts = [contact for record in people if (contact := held(record).get("contact"))]
    assert 0.55 < sum(not contact.get("sis_id") for contact in contacts) / len(contacts) < 0.65


def test_optional_values_are_missing_in_every_way(people: list[dict[str, Any]]) -> None:
    emails = Counter(repr(record.get("email", "absent")) for record in people)
    assert emails["None"] > 0
    assert emails["''"] > 0
    assert emails["'absent'"] > 0
    assert any(None in record["roles"].values() for record in people)
    assert any(set(record["roles"]) == set(held(record)) for record in people)
    assert any("ext" in role for record in people for role in held(record).values())


def test_some_employees_share_an_email_and_were_not_merged(people: list[dict[str, Any]]) -> None:
    emails = Counter(record.get("email") for record in people if THREE_ROLES & set(held(record)))
    assert any(count > 1 for email, count in emails.items() if email)


def test_names_are_in_many_scripts_with_quotes_emoji_and_combining_marks(people: list[dict[str, Any]]) -> None:
    text = "".join(record["name"]["last"] + (record["name"].get("first") or "") for record in people)
    for character in ("'", '"', "\\", "😀", "\u0301", "ш", "ع", "ש", "अ", "明", "하", "\t", "\n", "<"):
        assert character in text


def test_times_are_written_as_clever_does_and_never_run_backwards(people: list[dict[str, Any]]) -> None:
    for record in people:
        assert len(record["created"]) == len("2023-08-25T00:00:00.000Z")
        assert record["created"] <= record["last_modified"]
    assert any(record["created"] == record["last_modified"] for record in people)


def test_schools_sections_and_people_fit_together(client: "Client") -> None:
    people = {record["id"]: record for record in client.records("/v3.0/users", limit=10_000)}
    schools = set(client.ids("/v3.0/schools"))
    courses = set(client.ids("/v3.0/courses"))
    terms = set(client.ids("/v3.0/terms"))
    for record in people.values():
        for role in held(record).values():
            assert set(role.get("schools", [])) <= schools
            assert role.get("school") is None or role["school"] in role["schools"]
    for section in client.records("/v3.0/sections", limit=10_000):
        assert section["students"]
        assert section["school"] in schools
        assert all("student" in held(people[student]) for student in section["students"])
    sections = client.records("/v3.0/sections", limit=10_000)
    references: dict[str, list[bool]] = {
        "course": [section["course"] in courses for section in sections if section.get("course")],
        "term_id": [section["term_id"] in terms for section in sections if section.get("term_id")],
        "teachers": [
            teacher in people and "teacher" in held(people[teacher])
            for section in sections
            for teacher in section["teachers"]
        ],
    }
    for found in references.values():
        assert sum(found) > 0.95 * len(found)


def test_secrets_are_too_rare_to_be_in_a_log_by_chance(client: "Client") -> None:
    secrets = client.sandbox.secrets()
    assert min(len(secret.encode()) for secret in secrets) >= 8
    assert set(client.sandbox.districts.values()) <= secrets
    for record in client.sandbox.truth().records:
        assert record["name"]["last"] in secrets
        assert not record.get("email") or record["email"] in secrets


def test_only_the_five_roles_are_made(people: list[dict[str, Any]]) -> None:
    assert {role for record in people for role in record["roles"]} == set(ROLES)


def test_the_truth_is_what_is_served(client: "Client") -> None:
    truth = client.sandbox.truth()
    assert client.records("/v3.0/users", limit=1000) == list(truth.records)
    for role in ROLES:
        assert client.ids("/v3.0/users", role=role, limit=1000) == truth.ids(role)
        assert truth.count()[role] == len(truth.ids(role))


def test_every_legacy_id_names_one_person(client: "Client") -> None:
    truth = client.sandbox.truth()
    assert len(truth.v3_user_id) == len(truth.crosswalk) == len(truth.user_roles)
    assert set(truth.v3_user_id.values()) == set(truth.ids())
