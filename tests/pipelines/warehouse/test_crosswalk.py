"""No identity is forgotten: links end with a reason, come back in the same row, and every legacy id resolves."""

from typing import TYPE_CHECKING

from pipelines.sandbox import ROLES, Html

if TYPE_CHECKING:
    from tests.conftest import Row, Trial

LINK = "user_id, is_current, ended_at IS NULL, end_reason"


def _legacy_id(trial: "Trial", user_id: str, role: str) -> str:
    return str(trial.sandbox.truth().by_id[user_id]["roles"][role]["legacy_id"])


def _links(trial: "Trial", legacy_id: str) -> "list[Row]":
    return trial.rows(
        f"SELECT {LINK} FROM legacy_id_crosswalk WHERE legacy_id = ? ORDER BY first_seen_at, user_id", legacy_id
    )


def _resolved(trial: "Trial", legacy_id: str) -> object:
    return trial.value("SELECT v3_user_id(?)", legacy_id)


def test_the_legacy_ids_of_all_five_roles_are_links(trial: "Trial") -> None:
    for role in ROLES:
        trial.sandbox.add_person(trial.districts[0], (role,))
    trial.sync()
    assert {role for (role,) in trial.rows("SELECT DISTINCT role FROM legacy_id_crosswalk")} == set(ROLES)
    assert trial.rows("SELECT DISTINCT is_current, ended_at, end_reason, source FROM legacy_id_crosswalk") == [
        (True, None, None, "api")
    ]
    assert trial.wrong() == []


def test_a_person_who_is_gone_ends_the_link_as_archived_and_still_resolves(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    trial.sandbox.remove(teacher)
    trial.sync()
    assert _links(trial, legacy_id) == [(teacher, False, False, "archived")]
    assert _resolved(trial, legacy_id) == teacher


def test_a_role_that_is_lost_ends_the_link_as_role_removed_and_still_resolves(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    trial.sandbox.drop_role(teacher, "teacher")
    trial.sync()
    assert _links(trial, legacy_id) == [(teacher, False, False, "role_removed")]
    assert _resolved(trial, legacy_id) == teacher


def test_a_legacy_id_that_a_role_changes_ends_as_role_removed(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    trial.sandbox.change(teacher, {"roles.teacher.legacy_id": "f" * 24})
    trial.sync()
    assert _links(trial, legacy_id) == [(teacher, False, False, "role_removed")]
    assert _links(trial, "f" * 24) == [(teacher, True, True, None)]
    assert (_resolved(trial, legacy_id), _resolved(trial, "f" * 24)) == (teacher, teacher)


def test_a_legacy_id_that_names_another_person_is_reassigned_and_both_links_stay(trial: "Trial") -> None:
    giver, taker = trial.person("teacher", 0), trial.person("teacher", 1)
    given, left = _legacy_id(trial, giver, "teacher"), _legacy_id(trial, taker, "teacher")
    trial.sync()
    trial.sandbox.reissue(given, taker)
    trial.sync()
    assert _links(trial, given) == [(giver, False, False, "reassigned"), (taker, True, True, None)]
    assert _links(trial, left) == [(taker, False, False, "role_removed")]
    assert (_resolved(trial, given), _resolved(trial, left)) == (taker, taker)


def test_a_link_that_comes_back_is_current_again_in_the_same_row(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    first_seen = trial.rows("SELECT first_seen_at FROM legacy_id_crosswalk WHERE legacy_id = ?", legacy_id)
    for _ in range(2):
        trial.sandbox.remove(teacher)
        trial.sync()
        trial.sandbox.restore(teacher)
        trial.sync()
        assert _links(trial, legacy_id) == [(teacher, True, True, None)]
    assert trial.rows("SELECT first_seen_at FROM legacy_id_crosswalk WHERE legacy_id = ?", legacy_id) == first_seen


def test_a_legacy_id_that_goes_back_to_its_first_holder_is_current_in_the_first_row(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one, "teacher")
    trial.sync()
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    trial.sandbox.remove(other)
    trial.sandbox.add_person(trial.districts[0], ("staff",))
    returning = trial.person("staff", -1)
    trial.sandbox.reissue(legacy_id, returning)
    trial.sync()
    assert _resolved(trial, legacy_id) == returning
    assert [link[:2] for link in _links(trial, legacy_id)] == [(one, False), (other, False), (returning, True)]


def _changes(trial: "Trial") -> "list[Row]":
    query = (
        "SELECT change, role, legacy_id, from_user_id, to_user_id FROM crosswalk_changes ORDER BY observed_at, change"
    )
    return trial.rows(query)


def test_a_role_that_comes_back_with_a_fresh_legacy_id_is_regained_and_both_ids_lead_to_the_person(
    trial: "Trial",
) -> None:
    teacher, fresh = trial.person("teacher"), "f" * 24
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    trial.sandbox.drop_role(teacher, "teacher")
    trial.sync()
    trial.sandbox.give_role(teacher, "teacher", fresh)
    trial.sync()
    assert _changes(trial) == [
        ("role_lost", "teacher", legacy_id, teacher, None),
        ("role_regained", "teacher", fresh, teacher, teacher),
    ]
    assert _links(trial, legacy_id) == [(teacher, False, False, "role_removed")]
    assert _links(trial, fresh) == [(teacher, True, True, None)]
    assert (_resolved(trial, legacy_id), _resolved(trial, fresh)) == (teacher, teacher)
    assert trial.rows("SELECT legacy_id FROM user_roles WHERE user_id = ? AND role = 'teacher'", teacher) == [(fresh,)]
    assert trial.wrong() == []


def test_a_legacy_id_that_moves_within_a_role_while_its_former_holder_keeps_the_role_is_role_moved(
    trial: "Trial",
) -> None:
    giver, taker, fresh = trial.person("teacher", 0), trial.person("teacher", 1), "f" * 24
    given, left = _legacy_id(trial, giver, "teacher"), _legacy_id(trial, taker, "teacher")
    trial.sync()
    trial.sandbox.change(giver, {"roles.teacher.legacy_id": fresh})
    trial.sandbox.change(taker, {"roles.teacher.legacy_id": given})
    trial.sync()
    assert _links(trial, given) == [(giver, False, False, "reassigned"), (taker, True, True, None)]
    assert _links(trial, left) == [(taker, False, False, "role_removed")]
    assert _links(trial, fresh) == [(giver, True, True, None)]
    assert _changes(trial) == [
        ("legacy_id_replaced", "teacher", left, taker, None),
        ("role_moved", "teacher", given, giver, taker),
    ]
    assert [_resolved(trial, each) for each in (given, left, fresh)] == [taker, taker, giver]
    assert trial.wrong() == []


def _recorded(trial: "Trial", legacy_id: str) -> "list[Row]":
    """Return the changes of a legacy ID, in order."""
    query = """
        SELECT change, from_user_id, to_user_id, from_is_gone, to_is_new, replaced_by
        FROM crosswalk_changes
        WHERE legacy_id = ?
        ORDER BY observed_at, change, from_user_id, to_user_id
    """
    return trial.rows(query, legacy_id)


def _share(trial: "Trial", legacy_id: str, user_id: str, role: str = "teacher") -> None:
    """Let a user hold a legacy ID that its holder keeps."""
    trial.sandbox.change(user_id, {f"roles.{role}.legacy_id": legacy_id})


def test_an_overlap_is_recorded_when_it_begins_and_not_again_when_the_former_holder_is_gone(trial: "Trial") -> None:
    former = trial.person("teacher")
    legacy_id = _legacy_id(trial, former, "teacher")
    trial.sync()
    new = trial.sandbox.add_person(trial.districts[0], ("teacher", "staff"))
    _share(trial, legacy_id, new)
    trial.sync()
    overlap = ("reassigned", former, new, False, True, None)
    assert _recorded(trial, legacy_id) == [overlap]
    began_at = trial.value("SELECT observed_at FROM crosswalk_changes")
    assert began_at == trial.value("SELECT first_seen_at FROM users WHERE user_id = ?", new)
    assert [link[:2] for link in _links(trial, legacy_id)] == [(former, True), (new, True)]
    trial.sandbox.remove(former)
    trial.sync()
    assert _recorded(trial, legacy_id) == [overlap]
    assert _links(trial, legacy_id) == [(former, False, False, "reassigned"), (new, True, True, None)]
    assert trial.wrong() == []


def test_an_overlap_that_ends_with_the_former_holder_is_recorded_again(trial: "Trial") -> None:
    former, other = trial.person("teacher", 0), trial.person("staff")
    legacy_id = _legacy_id(trial, former, "teacher")
    trial.sync()
    trial.sandbox.give_role(other, "teacher", legacy_id)
    trial.sync()
    overlap = ("reassigned", former, other, False, False, None)
    assert _recorded(trial, legacy_id) == [overlap]
    trial.sandbox.drop_role(other, "teacher")
    trial.sync()
    assert _recorded(trial, legacy_id) == [overlap, ("reassigned", other, former, False, False, None)]
    assert _links(trial, legacy_id) == [(former, True, True, None), (other, False, False, "reassigned")]


def test_an_overlap_that_begins_as_the_former_holder_returns_is_reassigned_and_not_role_moved(trial: "Trial") -> None:
    former, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, former, "teacher")
    trial.sync()
    trial.sandbox.remove(former)
    trial.sync()
    trial.sandbox.restore(former)
    trial.sandbox.change(other, {"roles.teacher.legacy_id": legacy_id})
    trial.sync()
    assert trial.rows(
        "SELECT change, from_user_id, to_user_id FROM crosswalk_changes WHERE legacy_id = ? AND change <> 'archived' ORDER BY ALL",
        legacy_id,
    ) == [("reassigned", former, other), ("restored", former, former)]
    assert trial.wrong() == []


def test_an_overlap_since_the_first_sync_is_recorded_when_it_ends(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one, "teacher")
    _share(trial, legacy_id, other)
    trial.sync()
    assert _changes(trial) == []
    trial.sandbox.remove(one)
    trial.sync()
    assert _recorded(trial, legacy_id) == [("reassigned", one, other, True, False, None)]
    trial.sandbox.remove(other)
    trial.sync()
    assert _recorded(trial, legacy_id)[1:] == [("archived", other, None, True, None, None)]


def test_an_overlap_whose_holders_leave_together_is_archived_for_both(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one, "teacher")
    _share(trial, legacy_id, other)
    trial.sync()
    trial.sandbox.remove(one)
    trial.sandbox.remove(other)
    trial.sync()
    assert _recorded(trial, legacy_id) == [("archived", each, None, True, None, None) for each in sorted([one, other])]
    trial.sandbox.restore(min(one, other))
    trial.sync()
    back = min(one, other)
    assert _recorded(trial, legacy_id)[2:] == [("restored", back, back, False, False, None)]


def test_an_overlap_of_three_ends_with_a_row_for_each_remaining_holder(trial: "Trial") -> None:
    one, other, third = (trial.person("teacher", number) for number in range(3))
    legacy_id = _legacy_id(trial, one, "teacher")
    _share(trial, legacy_id, other)
    _share(trial, legacy_id, third)
    trial.sync()
    trial.sandbox.remove(one)
    trial.sync()
    assert _recorded(trial, legacy_id) == [
        ("reassigned", one, each, True, False, None) for each in sorted([other, third])
    ]


def test_a_split_that_keeps_the_former_user_is_a_split(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    (part,) = set(trial.sandbox.split(teacher, keep=True)) - {teacher}
    trial.sync()
    moved, kept = (
        (of_teacher, of_staff) if trial.sandbox.truth().v3_user_id[of_teacher] == part else (of_staff, of_teacher)
    )
    assert _recorded(trial, moved) == [("split", teacher, part, False, True, None)]
    assert _recorded(trial, kept) == []


def test_a_merge_into_one_of_the_two_users_is_merged_and_undoing_it_is_a_split(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), _legacy_id(trial, staff, "staff")
    trial.sync()
    trial.sandbox.remove(staff)
    trial.sandbox.give_role(teacher, "staff", of_staff)
    trial.sync()
    merged = ("merged", staff, teacher, True, False, None)
    assert _recorded(trial, of_staff) == [merged]
    trial.sandbox.drop_role(teacher, "staff")
    trial.sandbox.restore(staff)
    trial.sync()
    assert _recorded(trial, of_staff) == [merged, ("split", teacher, staff, False, False, None)]
    assert _recorded(trial, of_teacher) == []


def test_a_merge_into_a_new_user_is_merged_with_former_holders_who_are_gone(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), _legacy_id(trial, staff, "staff")
    trial.sync()
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    assert _recorded(trial, of_teacher) == [("merged", teacher, merged, True, True, None)]
    assert _recorded(trial, of_staff) == [("merged", staff, merged, True, True, None)]


def test_swapped_roles_of_two_users_who_stay_are_role_moved(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    of_one, of_other = trial.sandbox.give_role(one, "staff"), trial.sandbox.give_role(other, "staff")
    trial.sync()
    _share(trial, of_other, one, "staff")
    _share(trial, of_one, other, "staff")
    trial.sync()
    assert _recorded(trial, of_one) == [("role_moved", one, other, False, False, None)]
    assert _recorded(trial, of_other) == [("role_moved", other, one, False, False, None)]
    assert len(_changes(trial)) == 2


def test_a_user_who_returns_in_another_role_is_restored_for_the_legacy_id_of_the_former_role(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    trial.sandbox.remove(teacher)
    trial.sync()
    trial.sandbox.restore(teacher)
    trial.sandbox.drop_role(teacher, "teacher")
    of_staff = trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    story = [("archived", teacher, None, True, None, None), ("restored", teacher, teacher, False, False, None)]
    assert _recorded(trial, legacy_id) == story
    assert _links(trial, legacy_id) == [(teacher, False, False, "archived")]
    trial.sandbox.remove(teacher)
    trial.sync()
    trial.sandbox.restore(teacher)
    trial.sync()
    assert _recorded(trial, legacy_id) == story, "the user left the second time without this legacy ID"
    assert _recorded(trial, of_staff) == story


def test_a_user_who_returns_is_not_restored_for_a_legacy_id_that_another_user_has_since(trial: "Trial") -> None:
    teacher, taker = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    trial.sandbox.remove(teacher)
    trial.sync()
    trial.sandbox.reissue(legacy_id, taker)
    trial.sync()
    trial.sandbox.restore(teacher)
    trial.sandbox.drop_role(teacher, "teacher")
    trial.sync()
    assert [row[0] for row in _recorded(trial, legacy_id)] == ["archived", "reassigned"]


def test_a_legacy_id_that_is_replaced_names_the_legacy_id_in_its_place(trial: "Trial") -> None:
    teacher, fresh = trial.person("teacher"), "f" * 24
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    _share(trial, fresh, teacher)
    trial.sync()
    replaced = ("legacy_id_replaced", teacher, None, False, None, fresh)
    assert _recorded(trial, legacy_id) == [replaced]
    assert _recorded(trial, fresh) == []
    _share(trial, legacy_id, teacher)
    trial.sync()
    assert _recorded(trial, legacy_id) == [replaced, ("role_regained", teacher, teacher, False, False, None)]
    assert _recorded(trial, fresh) == [("legacy_id_replaced", teacher, None, False, None, legacy_id)]


def test_a_role_that_stays_without_a_legacy_id_is_legacy_id_removed(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.sync()
    trial.sandbox.change(teacher, {"roles.teacher.legacy_id": None})
    trial.sync()
    assert _recorded(trial, legacy_id) == [("legacy_id_removed", teacher, None, False, None, None)]
    assert _links(trial, legacy_id) == [(teacher, False, False, "role_removed")]


def test_legacy_ids_of_a_user_who_stays_are_never_merged_into_a_new_user(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    of_one = trial.sandbox.give_role(one, "staff")
    of_other = trial.sandbox.give_role(other, "district_admin")
    trial.sync()
    trial.sandbox.drop_role(one, "staff")
    trial.sandbox.drop_role(other, "district_admin")
    new = trial.sandbox.add_person(trial.districts[0], ("staff", "district_admin"))
    _share(trial, of_one, new, "staff")
    _share(trial, of_other, new, "district_admin")
    trial.sync()
    assert _recorded(trial, of_one) == [("split", one, new, False, True, None)]
    assert _recorded(trial, of_other) == [("split", other, new, False, True, None)]


def test_the_latest_row_of_every_legacy_id_names_a_user_with_the_same_living_heir(trial: "Trial") -> None:
    trial.sync()
    for _ in range(4):
        trial.sandbox.advance(5)
        trial.sync()
    query = """
        SELECT count(*), count_if(v3_user_id(coalesce(to_user_id, from_user_id)) <> v3_user_id(legacy_id))
        FROM (FROM crosswalk_changes QUALIFY row_number() OVER (PARTITION BY role, legacy_id ORDER BY observed_at DESC) = 1)
    """
    ((changed, wrong),) = trial.rows(query)
    assert changed > 0
    assert wrong == 0


def test_a_merge_keeps_the_links_of_both_and_leads_to_the_new_id(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), _legacy_id(trial, staff, "staff")
    trial.sync()
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    assert _links(trial, of_teacher) == [(teacher, False, False, "reassigned"), (merged, True, True, None)]
    assert _links(trial, of_staff) == [(staff, False, False, "reassigned"), (merged, True, True, None)]
    assert (_resolved(trial, of_teacher), _resolved(trial, of_staff)) == (merged, merged)
    assert trial.wrong() == []


def test_a_split_keeps_the_links_and_each_legacy_id_leads_to_its_part(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), trial.sandbox.give_role(teacher, "staff")
    trial.sync()
    parts = trial.sandbox.split(teacher)
    trial.sync()
    holders = {trial.sandbox.truth().v3_user_id[each] for each in (of_teacher, of_staff)}
    assert holders == set(parts)
    for legacy_id in (of_teacher, of_staff):
        now = trial.sandbox.truth().v3_user_id[legacy_id]
        assert _links(trial, legacy_id) == [(teacher, False, False, "reassigned"), (now, True, True, None)]
        assert _resolved(trial, legacy_id) == now
    assert trial.wrong() == []


def test_contact_that_gets_a_new_id_leaves_the_old_link(trial: "Trial") -> None:
    contact = trial.person("contact")
    legacy_id = _legacy_id(trial, contact, "contact")
    trial.sync()
    new = trial.sandbox.remint_contact(contact)
    trial.sync()
    assert _links(trial, legacy_id) == [(contact, False, False, "archived")]
    assert _resolved(trial, legacy_id) == contact
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE user_id = ? AND is_current", new) == 1


def test_a_legacy_id_without_a_current_link_leads_to_its_newest_holder(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one, "teacher")
    trial.sync()
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    trial.sandbox.remove(other)
    trial.sync()
    assert _resolved(trial, legacy_id) == other
    assert [link[1] for link in _links(trial, legacy_id)] == [False, False]


def test_an_id_that_was_never_seen_leads_nowhere(trial: "Trial") -> None:
    trial.sync()
    assert trial.rows("SELECT v3_user_id('never'), v3_user_id(''), v3_user_id(NULL)") == [(None, None, None)]


def test_the_three_ways_to_say_current_always_agree(trial: "Trial") -> None:
    trial.sync()
    for _ in range(3):
        trial.sandbox.advance(4)
        trial.sync()
        assert (
            trial.value(
                "SELECT count(*) FROM legacy_id_crosswalk "
                "WHERE is_current <> (ended_at IS NULL) OR is_current <> (end_reason IS NULL)"
            )
            == 0
        )
        assert trial.value("SELECT bool_and(first_seen_at <= last_seen_at) FROM legacy_id_crosswalk")


def test_a_link_that_clever_still_shows_was_last_seen_in_the_newest_sync_also_when_nothing_changed(
    trial: "Trial",
) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    trial.sync(sync_id="last")
    assert trial.rows(
        "SELECT DISTINCT is_current, last_seen_at >= (SELECT started_at FROM sync.runs WHERE sync_id = 'last') "
        "FROM legacy_id_crosswalk ORDER BY ALL"
    ) == [(False, False), (True, True)]


def test_a_failed_sync_touches_no_link(trial: "Trial") -> None:
    trial.sync()
    links = trial.rows("SELECT * FROM legacy_id_crosswalk ORDER BY ALL")
    trial.sandbox.remove(trial.person("contact"))
    trial.sandbox.inject(Html(), stream="users")
    trial.sync()
    assert trial.rows("SELECT * FROM legacy_id_crosswalk ORDER BY ALL") == links
