"""How the roster changes: each operation, what it leaves behind, and that the served lists follow the truth."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import ROLES
from tests.expected.sandbox import Sandbox
from tests.expected.truth import Truth

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox with one district of 200 people."""
    return Sandbox(users=200, seed=5)


def the_district(sandbox: Sandbox) -> str:
    """The only district."""
    (district_id,) = sandbox.districts
    return district_id


def with_only(truth: Truth, *roles: str) -> list[str]:
    """The people who hold exactly these roles."""
    return [row.user_id for row in truth.users if row.roles == tuple(sorted(roles))]


def legacy_ids(truth: Truth, user_id: str) -> set[str]:
    """The legacy ids that name a person."""
    return {row.legacy_id for row in truth.crosswalk if row.user_id == user_id}


def assert_others_are_as_before(before: Truth, after: Truth, *but: str) -> None:
    """No one else may have changed."""
    for record in before.records:
        if record["id"] not in but:
            assert after.by_id[record["id"]] == record
    assert set(after.by_id) - set(before.by_id) <= set(but)


@pytest.mark.parametrize("role", ROLES)
def test_someone_arrives(sandbox: Sandbox, role: str) -> None:
    before = sandbox.truth()
    user_id = sandbox.add_person(the_district(sandbox), (role,))
    after = sandbox.truth()
    assert after.ids() == [*before.ids(), user_id]
    assert after.by_id[user_id]["roles"][role]["legacy_id"] not in before.v3_user_id
    assert_others_are_as_before(before, after, user_id)


def test_someone_leaves_and_returns_as_the_same_person(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    user_id = before.ids()[7]
    sandbox.remove(user_id)
    assert sandbox.truth().ids() == [one for one in before.ids() if one != user_id]
    sandbox.restore(user_id)
    assert sandbox.truth().records == before.records


def test_a_role_is_lost_and_the_person_stays(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    user_id = with_only(before, "teacher", "staff", "district_admin")[0]
    sandbox.drop_role(user_id, "staff")
    after = sandbox.truth()
    assert set(after.by_id[user_id]["roles"]) & set(ROLES) >= {"teacher", "district_admin"}
    assert user_id not in after.ids("staff")
    assert len(legacy_ids(before, user_id) - legacy_ids(after, user_id)) == 1
    assert after.by_id[user_id]["last_modified"] > before.by_id[user_id]["last_modified"]
    assert_others_are_as_before(before, after, user_id)


@pytest.mark.parametrize("legacy_id", [None, "5" * 24])
def test_a_role_is_gained_with_a_legacy_id_of_its_own_or_a_given_one(sandbox: Sandbox, legacy_id: str | None) -> None:
    before = sandbox.truth()
    user_id = with_only(before, "teacher")[0]
    given_id = sandbox.give_role(user_id, "staff", legacy_id)
    after = sandbox.truth()
    assert given_id not in before.v3_user_id
    assert legacy_id in {None, given_id}
    assert after.v3_user_id[given_id] == user_id
    assert legacy_ids(after, user_id) == {*legacy_ids(before, user_id), given_id}


def test_fields_change_also_deep_inside_and_to_what_no_one_knows(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    user_id = with_only(before, "student")[0]
    sandbox.change(
        user_id,
        {
            "roles.student.grade": "Moon",
            "nickname": "x",
            "roles.librarian": {"legacy_id": "a"},
            "roles.teacher": {},
            "roles.staff": None,
            "roles.contact.phone": "x",
            "name.first": ...,
        },
    )
    record = sandbox.truth().by_id[user_id]
    assert record["roles"]["student"]["grade"] == "Moon"
    assert record["nickname"] == "x"
    assert record["roles"]["librarian"] == {"legacy_id": "a"}
    assert "first" not in record["name"]
    assert sandbox.truth().users[sandbox.truth().ids().index(user_id)].roles == ("contact", "student", "teacher")


def test_only_last_modified_can_change(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    user_id = before.ids()[0]
    sandbox.change(user_id, {"last_modified": "2031-01-01T00:00:00.000Z"})
    record = sandbox.truth().by_id[user_id]
    assert record == before.by_id[user_id] | {"last_modified": "2031-01-01T00:00:00.000Z"}


def test_an_email_changes_under_the_same_id(sandbox: Sandbox) -> None:
    user_id = sandbox.truth().ids()[3]
    sandbox.change_email(user_id)
    first = sandbox.truth().by_id[user_id]["email"]
    sandbox.change_email(user_id, "somebody@else.example")
    assert sandbox.truth().by_id[user_id]["email"] == "somebody@else.example" != first


def test_a_merge_ends_both_ids_and_one_new_id_carries_both_legacy_ids(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    one, other = with_only(before, "teacher")[0], with_only(before, "staff")[0]
    merged = sandbox.merge(one, other)
    after = sandbox.truth()
    assert merged not in before.by_id
    assert not {one, other} & set(after.by_id)
    assert legacy_ids(after, merged) == legacy_ids(before, one) | legacy_ids(before, other)
    assert after.users[after.ids().index(merged)].roles == ("staff", "teacher")
    assert_others_are_as_before(before, after, one, other, merged)


@pytest.mark.parametrize(("one", "other"), [("teacher", "teacher"), ("student", "teacher"), ("contact", "staff")])
def test_roles_that_do_not_combine_are_not_merged(sandbox: Sandbox, one: str, other: str) -> None:
    truth = sandbox.truth()
    with pytest.raises(ValueError, match="cannot be merged"):
        sandbox.merge(with_only(truth, one)[0], with_only(truth, other)[-1])
    assert sandbox.truth().records == truth.records


@pytest.mark.parametrize("keep", [False, True])
def test_a_split_lets_each_role_go_on_as_a_person(sandbox: Sandbox, *, keep: bool) -> None:
    before = sandbox.truth()
    user_id = with_only(before, "teacher", "staff", "district_admin")[0]
    parts = sandbox.split(user_id, keep=keep)
    after = sandbox.truth()
    assert len(parts) == 3
    assert (user_id in after.by_id) is keep is (user_id in parts)
    assert set.union(*(legacy_ids(after, part) for part in parts)) == legacy_ids(before, user_id)
    assert all(len(legacy_ids(after, part)) == 1 for part in parts)
    assert max(Counter(after.by_id[part].get("email") for part in parts).values()) == 1
    assert_others_are_as_before(before, after, user_id, *parts)


def test_one_role_cannot_be_split(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="cannot be split"):
        sandbox.split(sandbox.truth().ids("student")[0])


def test_a_legacy_id_is_reissued_to_someone_else(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    giver, taker = with_only(before, "teacher")[:2]
    (legacy_id,) = legacy_ids(before, giver)
    sandbox.reissue(legacy_id, taker)
    after = sandbox.truth()
    assert after.v3_user_id[legacy_id] == taker
    assert giver not in after.by_id
    assert legacy_ids(after, taker) == {legacy_id}


def test_a_legacy_id_moves_with_its_role(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    giver, taker = with_only(before, "teacher", "staff", "district_admin")[0], with_only(before, "teacher")[0]
    legacy_id = before.by_id[giver]["roles"]["staff"]["legacy_id"]
    sandbox.reissue(legacy_id, taker)
    after = sandbox.truth()
    assert giver not in after.ids("staff")
    assert giver in after.ids("teacher")
    assert legacy_ids(after, taker) == {*legacy_ids(before, taker), legacy_id}


def test_a_legacy_id_does_not_go_to_someone_who_cannot_hold_its_role(sandbox: Sandbox) -> None:
    truth = sandbox.truth()
    contact, student = truth.ids("contact")[0], truth.ids("student")[0]
    with pytest.raises(ValueError, match="cannot take over"):
        sandbox.reissue(next(iter(legacy_ids(truth, contact))), student)


def test_an_edited_contact_has_other_ids(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    contact = before.ids("contact")[0]
    made = sandbox.remint_contact(contact)
    after = sandbox.truth()
    assert contact not in after.by_id
    assert made not in before.by_id
    assert not legacy_ids(after, made) & set(before.v3_user_id)
    for field in ("student_relationships", "phone"):
        assert after.by_id[made]["roles"]["contact"].get(field) == before.by_id[contact]["roles"]["contact"].get(field)


def test_a_role_is_unshared_and_shared_again(living: "Client") -> None:
    sandbox = living.sandbox
    before, district_id = sandbox.truth(), the_district(sandbox)
    sandbox.unshare(district_id, role="staff")
    truth = sandbox.truth()
    assert truth.ids("staff") == living.ids("/v3.0/users", role="staff") == []
    assert truth.ids("teacher") == before.ids("teacher")
    assert set(before.ids()) - set(truth.ids()) == set(with_only(before, "staff"))
    assert living.ids("/v3.0/users", limit=100) == truth.ids()
    assert living.ids("/v2.1/school_admins") == []
    sandbox.share(district_id, role="staff")
    assert sandbox.truth().records == before.records


def test_a_school_is_unshared_with_those_who_are_nowhere_else(living: "Client") -> None:
    sandbox = living.sandbox
    before, district_id = sandbox.truth(), the_district(sandbox)
    school_id = living.ids("/v3.0/schools")[0]
    sandbox.unshare(district_id, school_id=school_id)
    assert school_id not in living.ids("/v3.0/schools")
    assert all(row.school_ids != (school_id,) for row in sandbox.truth().user_roles)
    assert 0 < len(sandbox.truth().users) < len(before.users)
    assert living.ids("/v3.1/users", limit=100) == sandbox.truth().ids()
    sandbox.share(district_id, school_id=school_id)
    assert sandbox.truth().records == before.records


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), nights=st.integers(min_value=1, max_value=12))
def test_the_same_seed_brings_the_same_nights(seed: int, nights: int) -> None:
    one, other = Sandbox(2, 40, seed), Sandbox(2, 40, seed)
    assert one.advance(nights) == other.advance(nights) == one.log
    assert one.truth().records == other.truth().records


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), users=st.integers(min_value=0, max_value=60))
def test_after_any_nights_the_roster_is_sound(seed: int, users: int) -> None:
    sandbox = Sandbox(users=users, seed=seed)
    seen: set[str] = set()
    for _ in range(10):
        sandbox.advance()
        truth = sandbox.truth()
        assert truth.ids() == sorted(set(truth.ids()))
        assert len(truth.v3_user_id) == len(truth.crosswalk) == len(truth.user_roles)
        assert all(row.roles for row in truth.users)
        assert all(
            len(row.roles) == 1 or set(row.roles) <= {"teacher", "staff", "district_admin"} for row in truth.users
        )
        assert all(row.created_at <= row.last_modified_at for row in truth.users)
        seen |= {change.what for change in sandbox.log}
    assert users == 0 or seen


def test_all_kinds_of_things_happen_and_some_nights_are_quiet() -> None:
    sandbox = Sandbox(users=300)
    nights = [sandbox.advance() for _ in range(60)]
    assert {change.what for night in nights for change in night} == {
        *("added", "removed", "restored", "role_dropped", "role_given", "changed"),
        *("merged", "split", "reissued", "reminted", "unshared", "shared"),
    }
    assert [] in nights


def test_what_is_served_follows_the_nights(living: "Client") -> None:
    for _ in range(8):
        living.sandbox.advance()
        truth = living.sandbox.truth()
        assert living.records("/v3.0/users", limit=25) == list(truth.records)
        for role in ROLES:
            assert living.ids("/v3.0/users", limit=25, role=role) == truth.ids(role)


def test_a_school_year_ends(sandbox: Sandbox) -> None:
    before, district_id = sandbox.truth(), the_district(sandbox)

    def grades(truth: Truth) -> dict[str, Any]:
        return {one: truth.by_id[one]["roles"]["student"].get("grade") for one in truth.ids("student")}

    sandbox.roll_over(district_id)
    after = sandbox.truth()
    assert len(after.ids("student")) == len(before.ids("student"))
    for user_id, grade in grades(before).items():
        if grade in {"12", "13", "PostGraduate"}:
            assert user_id not in after.by_id
        elif grade in {str(number) for number in range(1, 12)}:
            assert grades(after)[user_id] == str(int(grade) + 1)
        else:
            assert user_id in after.by_id
