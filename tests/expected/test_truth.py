"""What the sandbox says about its people: the rows a warehouse must hold, fine print included."""

import datetime as dt
from typing import Any

import pytest

from tests.expected.sandbox import Sandbox
from tests.expected.truth import CrosswalkRow, Truth, Unknown, UserRoleRow, UserRow

DISTRICT = "5f0000000000000000000001"
PERSON = "5f0000000000000000000002"


def person(**fields: Any) -> dict[str, Any]:
    """A person with some fields of one's own."""
    return {
        "id": PERSON,
        "district": DISTRICT,
        "created": "2023-08-25T00:00:00.000Z",
        "last_modified": "2023-08-26T01:02:03.004Z",
        "name": {"first": "A", "last": "B"},
        "roles": {},
        **fields,
    }


def test_a_person_becomes_a_row() -> None:
    record = person(email="a@b", name={"first": "", "middle": None, "last": " B "}, roles={"teacher": {}, "staff": {}})
    assert Truth.of([record]).users == [
        UserRow(
            user_id=PERSON,
            district_id=DISTRICT,
            email="a@b",
            first_name=None,
            middle_name=None,
            last_name=" B ",
            roles=("staff", "teacher"),
            synced_in_lms=None,
            created_at=dt.datetime(2023, 8, 25, tzinfo=dt.UTC),
            last_modified_at=dt.datetime(2023, 8, 26, 1, 2, 3, 4000, tzinfo=dt.UTC),
        )
    ]


@pytest.mark.parametrize("email", [None, "", ...])
def test_an_email_that_is_not_known_is_none(email: object) -> None:
    record = person(email=email)
    if email is ...:
        del record["email"]
    assert Truth.of([record]).users[0].email is None


def test_a_null_role_is_absent_and_an_unknown_one_left_out() -> None:
    truth = Truth.of([person(roles={"student": None, "librarian": {"legacy_id": "x"}})])
    assert truth.users[0].roles == ()
    assert truth.user_roles == []
    assert truth.crosswalk == []


@pytest.mark.parametrize(
    ("role", "sis_id", "title", "school_id"),
    [
        ("student", "sis", None, "s2"),
        ("teacher", "sis", "title", "s2"),
        ("staff", "staff", "title", None),
        ("district_admin", None, "title", None),
        ("contact", "sis", None, None),
    ],
)
def test_a_role_becomes_a_row(role: str, sis_id: str | None, title: str | None, school_id: str | None) -> None:
    held = {
        "legacy_id": "old",
        "sis_id": "sis",
        "staff_id": "staff",
        "title": "title",
        "school": "s2",
        "schools": ["s2", "s1", "", "s2"],
    }
    truth = Truth.of([person(roles={role: held})])
    school_ids = () if role in {"district_admin", "contact"} else ("s1", "s2")
    assert truth.user_roles == [UserRoleRow(PERSON, role, DISTRICT, "old", sis_id, title, school_id, school_ids)]
    assert truth.crosswalk == [CrosswalkRow(DISTRICT, role, "old", PERSON)]


@pytest.mark.parametrize("held", [{}, {"legacy_id": None}, {"legacy_id": "", "title": "", "schools": None}])
def test_an_empty_role_counts_as_held_and_adds_nothing_to_the_crosswalk(held: dict[str, Any]) -> None:
    truth = Truth.of([person(roles={"teacher": held})])
    assert truth.user_roles == [UserRoleRow(PERSON, "teacher", DISTRICT, None, None, None, None, ())]
    assert truth.users[0].roles == ("teacher",)
    assert truth.crosswalk == []


def test_what_no_column_holds_is_named() -> None:
    record = person(
        nickname="x",
        name={"last": "B", "suffix": "Jr"},
        lms_status=None,
        roles={
            "librarian": {"legacy_id": "y"},
            "staff": {"legacy_id": "z", "floor": 3, "ext": {"a": 1}},
            "contact": None,
        },
    )
    truth = Truth.of([record])
    assert truth.unknown == [
        Unknown(PERSON, None, ("nickname",), "x"),
        Unknown(PERSON, None, ("name", "suffix"), "Jr"),
        Unknown(PERSON, None, ("roles", "librarian"), {"legacy_id": "y"}),
        Unknown(PERSON, "staff", ("floor",), 3),
    ]
    assert truth.extra_of(PERSON, "staff") == '{"floor": 3}'


def test_a_sandbox_sends_nothing_unknown_by_default() -> None:
    assert Sandbox(users=1000).truth().unknown == []


def test_a_truth_does_not_change_with_the_roster() -> None:
    sandbox = Sandbox(users=10)
    before = sandbox.truth()
    sandbox.remove(before.ids()[0])
    assert len(before.users) == 10
    assert len(sandbox.truth().users) == 9


def test_the_truth_of_one_district_or_of_all() -> None:
    sandbox = Sandbox(districts=2, users=10)
    first, second = sandbox.districts
    assert {row.district_id for row in sandbox.truth(first).users} == {first}
    assert len(sandbox.truth().users) == 20
    sandbox.disconnect(first)
    assert {row.district_id for row in sandbox.truth().users} == {second}
    assert len(sandbox.truth(first).users) == 10
