"""What must be remembered of a district after a number of syncs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expected.change_log import ChangeLog, IdentityChange, Link, Outcome
from tests.expected.sandbox import Sandbox
from tests.expected.truth import CrosswalkRow, Truth


class Story:
    """A district of 60 people, synced once, whose next syncs are remembered."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(users=60, seed=11)
        (self.district_id,) = self.sandbox.districts
        self.change_log = ChangeLog()
        self.truth = self.sandbox.truth()
        self.change_log.sync(self.truth)

    def sync(self) -> Outcome:
        """Sync once more."""
        return self.change_log.sync(self.sandbox.truth())

    def only(self, *roles: str) -> list[str]:
        """The people who held exactly these roles at the first sync."""
        return [row.user_id for row in self.truth.users if row.roles == tuple(sorted(roles))]

    def legacy_id(self, user_id: str, role: str) -> str:
        """The legacy id of a role at the first sync."""
        return str(self.truth.by_id[user_id]["roles"][role]["legacy_id"])

    def link(self, role: str, legacy_id: str, user_id: str) -> Link:
        """What is remembered of a legacy id and a user."""
        return self.change_log.crosswalk[CrosswalkRow(self.district_id, role, legacy_id, user_id)]

    def changes(self) -> list[IdentityChange]:
        """The changes of identity at the last sync."""
        return [change for change in self.change_log.changes if change.sync == self.change_log.syncs]


@pytest.fixture
def story() -> Story:
    """A story that begins with the first sync."""
    return Story()


def test_the_first_sync_adds_everybody_and_the_same_again_changes_nothing(story: Story) -> None:
    assert story.change_log.outcomes == [Outcome("applied", 60, 0, 0, 0)]
    assert story.sync() == Outcome("unchanged", 0, 0, 0, 0)
    assert story.change_log.changes == []
    assert all(link == Link(1, 2) for link in story.change_log.crosswalk.values())
    assert all(len(versions) == 1 for versions in story.change_log.users.values())


def test_the_first_sync_of_an_empty_district_is_applied() -> None:
    change_log = ChangeLog()
    assert change_log.sync(Truth([])) == Outcome("applied", 0, 0, 0, 0)
    assert change_log.sync(Truth([])) == Outcome("unchanged", 0, 0, 0, 0)


def test_only_last_modified_makes_no_version(story: Story) -> None:
    user_id = story.truth.ids()[0]
    story.sandbox.change(user_id, {"last_modified": "2031-01-01T00:00:00.000Z"})
    assert story.sync() == Outcome("applied", 0, 0, 0, 0)
    assert [version.change for version in story.change_log.users[user_id]] == ["created"]


def test_a_name_an_unknown_field_or_a_title_is_an_update(story: Story) -> None:
    teacher, student, staff = story.only("teacher")[0], story.only("student")[0], story.only("staff")[0]
    story.sandbox.change(teacher, {"name.middle": "Other"})
    story.sandbox.change(student, {"roles.student.shoe_size": 42})
    story.sandbox.change(staff, {"roles.staff.title": "Other"})
    assert story.sync() == Outcome("applied", 0, 3, 0, 0)
    assert [version.change for version in story.change_log.users[teacher]] == ["created", "updated"]
    assert [version.change for version in story.change_log.users[student]] == ["created"]
    assert [version.change for version in story.change_log.user_roles[student, "student"]] == ["created", "updated"]


def test_who_leaves_is_archived_and_who_returns_is_restored(story: Story) -> None:
    user_id = story.only("teacher")[0]
    legacy_id = story.legacy_id(user_id, "teacher")
    story.sandbox.remove(user_id)
    assert story.sync() == Outcome("applied", 0, 0, 1, 0)
    assert story.link("teacher", legacy_id, user_id) == Link(1, 1, 2, "archived")
    assert story.changes() == [IdentityChange(2, "archived", "teacher", legacy_id, user_id, None, from_is_gone=True)]
    story.sandbox.restore(user_id)
    assert story.sync() == Outcome("applied", 0, 0, 0, 1)
    assert story.link("teacher", legacy_id, user_id) == Link(1, 3)
    assert story.changes() == [IdentityChange(3, "restored", "teacher", legacy_id, user_id, user_id, to_is_new=False)]
    assert [version.change for version in story.change_log.users[user_id]] == ["created", "archived", "restored"]


def test_a_lost_role_is_regained(story: Story) -> None:
    user_id = story.only("teacher", "staff", "district_admin")[0]
    legacy_id = story.legacy_id(user_id, "staff")
    story.sandbox.drop_role(user_id, "staff")
    assert story.sync() == Outcome("applied", 0, 1, 0, 0)
    assert story.link("staff", legacy_id, user_id).end_reason == "role_removed"
    assert story.changes() == [IdentityChange(2, "role_lost", "staff", legacy_id, user_id, None)]
    story.sandbox.give_role(user_id, "staff", legacy_id)
    assert story.sync() == Outcome("applied", 0, 1, 0, 0)
    assert story.changes() == [
        IdentityChange(3, "role_regained", "staff", legacy_id, user_id, user_id, to_is_new=False)
    ]
    changes = [version.change for version in story.change_log.user_roles[user_id, "staff"]]
    assert changes == ["created", "archived", "restored"]


def test_a_merge_moves_both_legacy_ids(story: Story) -> None:
    teacher, staff = story.only("teacher")[0], story.only("staff")[0]
    old = {"teacher": story.legacy_id(teacher, "teacher"), "staff": story.legacy_id(staff, "staff")}
    merged = story.sandbox.merge(teacher, staff)
    assert story.sync() == Outcome("applied", 1, 0, 2, 0)
    assert story.changes() == [
        IdentityChange(2, "merged", "staff", old["staff"], staff, merged, from_is_gone=True, to_is_new=True),
        IdentityChange(2, "merged", "teacher", old["teacher"], teacher, merged, from_is_gone=True, to_is_new=True),
    ]
    assert story.link("teacher", old["teacher"], teacher).end_reason == "reassigned"
    assert story.link("teacher", old["teacher"], merged).is_current


@pytest.mark.parametrize("keep", [False, True])
def test_a_split_moves_the_legacy_ids_to_several(story: Story, *, keep: bool) -> None:
    user_id = story.only("teacher", "staff", "district_admin")[0]
    parts = story.sandbox.split(user_id, keep=keep)
    assert story.sync() == (Outcome("applied", 2, 1, 0, 0) if keep else Outcome("applied", 3, 0, 1, 0))
    assert {change.change for change in story.changes()} == {"split"}
    assert {change.to_user_id for change in story.changes()} == {*parts} - {user_id}
    assert {change.from_user_id for change in story.changes()} == {user_id}


def test_a_reissued_legacy_id_is_reassigned(story: Story) -> None:
    giver, taker = story.only("teacher")[:2]
    given, replaced = story.legacy_id(giver, "teacher"), story.legacy_id(taker, "teacher")
    story.sandbox.reissue(given, taker)
    assert story.sync() == Outcome("applied", 0, 1, 1, 0)
    assert sorted(story.changes(), key=lambda change: change.change) == [
        IdentityChange(2, "legacy_id_replaced", "teacher", replaced, taker, None, replaced_by=given),
        IdentityChange(2, "reassigned", "teacher", given, giver, taker, from_is_gone=True, to_is_new=False),
    ]
    assert story.link("teacher", given, giver).end_reason == "reassigned"
    assert story.link("teacher", replaced, taker).end_reason == "role_removed"


def test_a_legacy_id_that_no_one_held_in_between_is_reassigned(story: Story) -> None:
    giver, taker = story.only("teacher")[:2]
    given = story.legacy_id(giver, "teacher")
    story.sandbox.remove(giver)
    story.sync()
    story.sandbox.reissue(given, taker)
    story.sync()
    expected = IdentityChange(3, "reassigned", "teacher", given, giver, taker, from_is_gone=True, to_is_new=False)
    assert expected in story.changes()
    assert story.link("teacher", given, giver).end_reason == "archived"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), nights=st.lists(st.integers(0, 3), max_size=8))
def test_what_is_remembered_always_fits_the_truth(seed: int, nights: list[int]) -> None:
    sandbox, change_log = Sandbox(users=40, seed=seed), ChangeLog()
    ever: set[CrosswalkRow] = set()
    for passed in [0, *nights]:
        sandbox.advance(passed)
        truth = sandbox.truth()
        outcome = change_log.sync(truth)
        ever |= set(truth.crosswalk)
        assert set(change_log.crosswalk) == ever
        assert {row for row, link in change_log.crosswalk.items() if link.is_current} == set(truth.crosswalk)
        assert all((link.ended_sync is None) is (link.end_reason is None) for link in change_log.crosswalk.values())
        present = {key for key, versions in change_log.users.items() if versions[-1].change != "archived"}
        assert present == set(truth.ids())
        assert passed or change_log.syncs == 1 or outcome == Outcome("unchanged", 0, 0, 0, 0)
        assert sum(one.added + one.restored - one.archived for one in change_log.outcomes) == len(truth.users)
    for versions in change_log.users.values():
        assert [version.change for version in versions].count("created") == 1
        assert versions[0].change == "created"
