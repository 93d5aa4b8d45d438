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
    trial.start()
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
    trial.start()
    trial.sandbox.change(teacher, {"roles.teacher.legacy_id": "f" * 24})
    trial.sync()
    assert _links(trial, legacy_id) == [(teacher, False, False, "role_removed")]
    assert _links(trial, "f" * 24) == [(teacher, True, True, None)]
    assert (_resolved(trial, legacy_id), _resolved(trial, "f" * 24)) == (teacher, teacher)


def test_a_legacy_id_that_names_another_person_is_reassigned_and_both_links_stay(trial: "Trial") -> None:
    giver, taker = trial.person("teacher", 0), trial.person("teacher", 1)
    given, left = _legacy_id(trial, giver, "teacher"), _legacy_id(trial, taker, "teacher")
    trial.start()
    trial.sandbox.reissue(given, taker)
    trial.sync()
    assert _links(trial, given) == [(giver, False, False, "reassigned"), (taker, True, True, None)]
    assert _links(trial, left) == [(taker, False, False, "role_removed")]
    assert (_resolved(trial, given), _resolved(trial, left)) == (taker, taker)


def test_a_link_that_comes_back_is_current_again_in_the_same_row(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher, "teacher")
    trial.start()
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
    trial.start()
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


def test_a_legacy_id_that_moves_within_a_role_while_its_former_holder_keeps_the_role_is_reassigned(
    trial: "Trial",
) -> None:
    giver, taker, fresh = trial.person("teacher", 0), trial.person("teacher", 1), "f" * 24
    given, left = _legacy_id(trial, giver, "teacher"), _legacy_id(trial, taker, "teacher")
    trial.start()
    trial.sandbox.change(giver, {"roles.teacher.legacy_id": fresh})
    trial.sandbox.change(taker, {"roles.teacher.legacy_id": given})
    trial.sync()
    assert _links(trial, given) == [(giver, False, False, "reassigned"), (taker, True, True, None)]
    assert _links(trial, left) == [(taker, False, False, "role_removed")]
    assert _links(trial, fresh) == [(giver, True, True, None)]
    assert _changes(trial) == [
        ("reassigned", "teacher", given, giver, taker),
        ("role_lost", "teacher", left, taker, None),
    ]
    assert [_resolved(trial, each) for each in (given, left, fresh)] == [taker, taker, giver]
    assert trial.wrong() == []


def test_a_merge_keeps_the_links_of_both_and_leads_to_the_new_id(trial: "Trial") -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    of_teacher, of_staff = _legacy_id(trial, teacher, "teacher"), _legacy_id(trial, staff, "staff")
    trial.start()
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


def test_a_contact_that_is_minted_anew_leaves_the_old_link(trial: "Trial") -> None:
    contact = trial.person("contact")
    legacy_id = _legacy_id(trial, contact, "contact")
    trial.start()
    new = trial.sandbox.remint_contact(contact)
    trial.sync()
    assert _links(trial, legacy_id) == [(contact, False, False, "archived")]
    assert _resolved(trial, legacy_id) == contact
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE user_id = ? AND is_current", new) == 1


def test_a_legacy_id_without_a_current_link_leads_to_its_newest_holder(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one, "teacher")
    trial.start()
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    trial.sandbox.remove(other)
    trial.sync()
    assert _resolved(trial, legacy_id) == other
    assert [link[1] for link in _links(trial, legacy_id)] == [False, False]


def test_an_id_that_was_never_seen_leads_nowhere(trial: "Trial") -> None:
    trial.start()
    assert trial.rows("SELECT v3_user_id('never'), v3_user_id(''), v3_user_id(NULL)") == [(None, None, None)]


def test_the_three_ways_to_say_current_always_agree(trial: "Trial") -> None:
    trial.start()
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
    trial.start()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    trial.sync(sync_id="last")
    assert trial.rows(
        "SELECT DISTINCT is_current, last_seen_at >= (SELECT started_at FROM sync.runs WHERE sync_id = 'last') "
        "FROM legacy_id_crosswalk ORDER BY ALL"
    ) == [(False, False), (True, True)]


def test_a_failed_sync_touches_no_link(trial: "Trial") -> None:
    trial.start()
    links = trial.rows("SELECT * FROM legacy_id_crosswalk ORDER BY ALL")
    trial.sandbox.remove(trial.person("contact"))
    trial.sandbox.inject(Html(), feed="users")
    trial.sync()
    assert trial.rows("SELECT * FROM legacy_id_crosswalk ORDER BY ALL") == links
