"""Guarantee 5: a mass change is held until a user approves exactly that snapshot."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.identity.migration import import_migration
from pipelines.progress import silent
from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict, approve, find, reject
from pipelines.warehouse import Archived, Session, UnknownHoldError
from pipelines.warehouse.statements import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sync import Outcome
    from tests.conftest import Begin, Trial

ROLES = ("contact", "district_admin", "staff", "student", "teacher")


@pytest.fixture
def contacts(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of two districts, synced once; the first has 20 contacts, and two of them may change in a night."""
    with begin(districts=2, users=30) as trial:
        district_id = trial.districts[0]
        roster = trial.sandbox.roster(district_id)
        for user_id in roster.ids("contact"):
            trial.sandbox.remove(user_id)
        for _ in range(20):
            trial.sandbox.add_person(district_id, ("contact",))
        trial.sync(sync_id="first")
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=10, max_changed_percent=10, min_records=2))
        yield trial


def _leave(trial: "Trial", count: int) -> list[str]:
    roster = trial.sandbox.roster(trial.districts[0])
    leaving = roster.ids("contact")[:count]
    for user_id in leaving:
        trial.sandbox.remove(user_id)
    return leaving


def _say(trial: "Trial", word: str, digest: str | None, *, decision_id: str = "word") -> "Outcome | None":
    """Approve or reject a snapshot of the first district."""
    decide = {"approve": approve, "reject": reject}[word]
    return decide(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=str(digest),
        reason="the school closed",
        decided_by="somebody",
        decision_id=decision_id,
        report=silent,
    )


def _contacts(trial: "Trial") -> int:
    query = "SELECT count(*) FROM user_roles WHERE role = 'contact' AND district_id = ?"
    return int(trial.value(query, trial.districts[0]))


def _states(trial: "Trial") -> list[str]:
    return [state for (state,) in trial.rows("SELECT state FROM sync.holds ORDER BY held_at")]


def test_exactly_the_limit_is_applied_and_one_more_is_held(contacts: "Trial") -> None:
    gone = _leave(contacts, 2)
    assert contacts.outcomes() == ["applied", "unchanged"]
    for user_id in gone:
        contacts.sandbox.restore(user_id)
    contacts.sync()
    _leave(contacts, 3)
    assert contacts.outcomes() == ["held", "unchanged"]
    assert _contacts(contacts) == 20


def test_exactly_the_limit_of_changes_is_applied_and_one_more_is_held(contacts: "Trial") -> None:
    roster = contacts.sandbox.roster(contacts.districts[0])
    for user_id in roster.ids("contact")[:2]:
        contacts.sandbox.change(user_id, {"roles.contact.sis_id": "other"})
    assert contacts.outcomes() == ["applied", "unchanged"]
    for user_id in roster.ids("contact")[:3]:
        contacts.sandbox.change(user_id, {"name.last": "Other"})
    assert contacts.outcomes() == ["held", "unchanged"]


def test_fewer_people_than_the_least_number_are_never_held(contacts: "Trial") -> None:
    contacts.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=3))
    _leave(contacts, 2)
    assert contacts.outcomes() == ["applied", "unchanged"]
    _leave(contacts, 3)
    assert contacts.outcomes() == ["held", "unchanged"]


def test_the_least_number_counts_the_people_archived_and_not_those_who_were_there(contacts: "Trial") -> None:
    contacts.limits = LimitsByDistrict(Limits(min_records=20))
    _leave(contacts, 19)
    assert contacts.outcomes() == ["applied", "unchanged"]


def test_a_district_may_have_limits_of_its_own(contacts: "Trial") -> None:
    first, second = contacts.districts
    strict, loose = Limits(max_archived_percent=0, min_records=1), Limits(max_archived_percent=100)
    contacts.limits = LimitsByDistrict(strict, {first: loose})
    _leave(contacts, 10)
    contacts.sandbox.remove(contacts.sandbox.roster(second).ids("contact")[0])
    assert contacts.outcomes() == ["applied", "held"]


def test_who_loses_one_of_several_roles_counts_as_archived_in_it(contacts: "Trial") -> None:
    contacts.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=100, min_records=1))
    contacts.sandbox.drop_role(
        contacts.sandbox.roster(contacts.districts[0]).ids("district_admin")[0], "district_admin"
    )
    outcome = contacts.outcome()
    assert outcome.outcome == "held"
    assert [str(each) for each in outcome.exceeded] == [
        "1 of 2 people with the role district_admin would be archived (50.0%, the limit is 0%)"
    ]


@pytest.mark.variants(2)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_no_longer_shared_is_held(contacts: "Trial", role: str) -> None:
    contacts.limits = LimitsByDistrict(Limits(min_records=1))
    district_id = contacts.districts[0]
    before = contacts.fingerprint()
    contacts.sandbox.unshare(district_id, role=role)
    assert contacts.outcomes() == ["held", "unchanged"]
    assert contacts.fingerprint() == before


def test_what_is_held_changes_nothing_but_what_is_reported_about_syncs(contacts: "Trial") -> None:
    _leave(contacts, 5)
    before = contacts.fingerprint()
    outcome = contacts.outcome()
    assert contacts.fingerprint() == before
    district_id = contacts.districts[0]
    run = "SELECT outcome, archived, error LIKE '%is held%', digest FROM sync.runs WHERE outcome = 'held'"
    assert contacts.rows(run) == [("held", 0, True, outcome.digest)]
    hold = "SELECT district_id, digest, state, (by_role ->> '$.contact.archived')::INT, reason FROM sync.holds"
    assert contacts.rows(hold) == [(district_id, outcome.digest, "held", 5, None)]


def test_the_same_snapshot_read_again_is_one_hold(contacts: "Trial") -> None:
    _leave(contacts, 5)
    assert contacts.outcome().digest == contacts.outcome().digest
    assert _states(contacts) == ["held"]


def test_an_approved_snapshot_is_applied_and_published_immediately(contacts: "Trial") -> None:
    _leave(contacts, 5)
    outcome = _say(contacts, "approve", contacts.outcome().digest)
    assert outcome
    assert (outcome.outcome, outcome.counts.archived) == ("applied", 5)
    assert contacts.wrong() == []
    assert contacts.rows("SELECT state, decided_by, reason, applied_at >= decided_at FROM sync.holds") == [
        ("approved", "somebody", "the school closed", True)
    ]
    assert contacts.rows("SELECT outcome, archived FROM sync.runs WHERE sync_id = 'word'") == [("applied", 5)]
    assert contacts.outcomes() == ["unchanged", "unchanged"]


def test_an_approval_is_good_for_its_snapshot_only(contacts: "Trial") -> None:
    _leave(contacts, 5)
    former = contacts.outcome().digest
    _leave(contacts, 1)
    assert contacts.outcome().digest != former
    assert _states(contacts) == ["superseded", "held"]
    with pytest.raises(UnknownHoldError):
        _say(contacts, "approve", former)
    assert _contacts(contacts) == 20
    assert _states(contacts) == ["superseded", "held"]


@pytest.mark.variants(1)
@pytest.mark.parametrize("word", ["approve", "reject"])
@pytest.mark.parametrize("digest", ["0" * 64, "", "%"])
def test_an_unknown_digest_changes_nothing(contacts: "Trial", word: str, digest: str) -> None:
    _leave(contacts, 5)
    contacts.outcome()
    before = contacts.warehouse.published.stat()
    with pytest.raises(UnknownHoldError):
        _say(contacts, word, digest)
    assert contacts.warehouse.published.stat() == before


@pytest.mark.search
def test_an_approval_is_used_up_when_its_snapshot_was_applied(contacts: "Trial") -> None:
    gone = _leave(contacts, 5)
    outcome = contacts.outcome()
    _say(contacts, "approve", outcome.digest)
    for user_id in gone:
        contacts.sandbox.restore(user_id)
    assert contacts.outcome().outcome == "applied"
    for user_id in gone:
        contacts.sandbox.remove(user_id)
    again = contacts.outcome()
    assert (again.outcome, again.digest) == ("held", outcome.digest)
    assert _states(contacts) == ["approved", "held"]


def _approve_without_landing(contacts: "Trial") -> str | None:
    """Approve a held snapshot that cannot be applied at once; returns its digest."""
    _leave(contacts, 5)
    digest = contacts.outcome().digest
    for page in contacts.warehouse.landing.rglob("*.ndjson"):
        page.write_bytes(b"")
    assert _say(contacts, "approve", digest) is None
    return digest


@pytest.mark.search
def test_an_approved_snapshot_whose_landing_is_gone_is_applied_by_the_next_sync(contacts: "Trial") -> None:
    _approve_without_landing(contacts)
    assert _contacts(contacts) == 20
    assert contacts.outcome().outcome == "applied"
    assert contacts.wrong() == []
    assert contacts.rows("SELECT state, applied_at IS NOT NULL FROM sync.holds") == [("approved", True)]


def test_an_approval_that_is_not_applied_yet_expires_when_clever_shows_something_else(contacts: "Trial") -> None:
    digest = _approve_without_landing(contacts)
    _leave(contacts, 1)
    outcome = contacts.outcome()
    assert (outcome.outcome, outcome.digest != digest) == ("held", True)
    assert _contacts(contacts) == 20
    assert contacts.rows("SELECT DISTINCT applied_at FROM sync.holds") == [(None,)]


def test_a_rejected_snapshot_stays_unapplied_until_it_is_approved_after_all(contacts: "Trial") -> None:
    _leave(contacts, 5)
    digest = contacts.outcome().digest
    assert _say(contacts, "reject", digest) is None
    outcome = contacts.outcome()
    assert (outcome.outcome, outcome.digest) == ("held", digest)
    assert "rejected" in str(outcome.error)
    assert _states(contacts) == ["rejected"]
    assert _contacts(contacts) == 20
    with pytest.raises(UnknownHoldError):
        _say(contacts, "reject", digest)
    _say(contacts, "approve", digest)
    assert contacts.outcome().outcome in {"applied", "unchanged"}
    assert _contacts(contacts) == 15
    assert contacts.wrong() == []
    with pytest.raises(UnknownHoldError):
        _say(contacts, "approve", digest)


def test_a_rejected_snapshot_cannot_be_approved_once_clever_returns_something_else(contacts: "Trial") -> None:
    _leave(contacts, 5)
    rejected = str(contacts.outcome().digest)
    _say(contacts, "reject", rejected)
    _leave(contacts, 1)
    waiting = str(contacts.outcome().digest)
    assert waiting != rejected
    with pytest.raises(UnknownHoldError):
        _say(contacts, "approve", rejected)
    with pytest.raises(UnknownHoldError):
        find(contacts.warehouse, rejected, decision="approve")
    assert sorted(_states(contacts)) == ["held", "rejected"]
    assert _contacts(contacts) == 20


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_snapshot_is_found_by_its_first_digits_or_by_its_district(contacts: "Trial", decision: str) -> None:
    _leave(contacts, 5)
    district, digest = contacts.districts[0], str(contacts.outcome().digest)
    for named in ((digest,), (digest[:6],), (f" {digest[:8].upper()} ",), (district,), (district, digest[:6])):
        assert find(contacts.warehouse, *named, decision=decision) == (district, digest)
    for named in ((digest[:5],), ("",), (district, "0" * 6), ("f" * 24,), (digest + "0",)):
        with pytest.raises(UnknownHoldError, match="othing was changed"):
            find(contacts.warehouse, *named, decision=decision)


def test_a_held_snapshot_says_what_it_does_to_students_by_school_and_grade(begin: "Begin") -> None:
    with begin(users=150) as trial:
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
        sandbox, district = trial.sandbox, trial.districts[0]
        before = {row[0]: row[1:] for row in trial.rows("SELECT user_id, school_id, grade FROM students")}
        leaver, promoted, mover = [
            student for student, (school, grade) in sorted(before.items()) if school and grade not in {None, "5"}
        ][:3]
        other = next(school for school, _ in before.values() if school not in {None, before[mover][0]})
        sandbox.remove(leaver)
        sandbox.change(promoted, {"roles.student.grade": "5"})
        sandbox.change(mover, {"roles.student.school": other, "roles.student.schools": [other]})
        newcomer = sandbox.add_person(district, ("student",))
        assert trial.outcomes() == ["held"]
        (waiting,) = trial.warehouse.present().waiting.values()
        shown = {(group["school"], group["grade"]): group for group in waiting.students}
        assert sum(group["before"] for group in shown.values()) == len(before)
        names: dict[str | None, str] = dict(trial.rows("SELECT school_id, name FROM schools"))

        def group(school: str | None, grade: str | None) -> Mapping[str, Any]:
            return shown[names.get(school, school or "no school"), grade or "no grade"]

        assert group(*before[leaver])["archived"] == 1
        assert group(*before[promoted])["changing_grade"] == 1
        assert group(*before[mover])["leaving_for_another_school"] == 1
        student = sandbox.roster(district).record(newcomer)["roles"]["student"]
        arriving = [
            (before[promoted][0], "5"),
            (other, before[mover][1]),
            (student.get("school"), student.get("grade")),
        ]
        for school, grade in arriving:
            assert group(school, grade)["arriving"] == arriving.count((school, grade))


@pytest.mark.search
def test_a_rejected_snapshot_stays_unapplied_also_when_a_limit_is_raised(contacts: "Trial") -> None:
    _leave(contacts, 5)
    _say(contacts, "reject", contacts.outcome().digest)
    contacts.limits = LimitsByDistrict()
    assert contacts.outcome().outcome == "held"
    assert _contacts(contacts) == 20


def test_when_clever_shows_the_old_roster_again_nothing_waits_any_longer(contacts: "Trial") -> None:
    gone = _leave(contacts, 5)
    contacts.outcome()
    for user_id in gone:
        contacts.sandbox.restore(user_id)
    assert contacts.outcome().outcome == "unchanged"
    assert _states(contacts) == ["released"]
    assert contacts.wrong() == []


def test_when_a_limit_was_raised_the_next_sync_applies_without_an_approval(contacts: "Trial") -> None:
    _leave(contacts, 5)
    contacts.outcome()
    contacts.limits = LimitsByDistrict()
    assert contacts.outcome().outcome == "applied"
    assert _states(contacts) == ["released"]
    assert contacts.wrong() == []


HELD_LINK = """
SELECT user_id, is_current, source, first_seen_at, last_seen_at, ended_at, end_reason
FROM legacy_id_crosswalk
WHERE role = 'contact' AND legacy_id = ?
"""


def _newcomer(trial: "Trial") -> str:
    """Let a newcomer arrive together with so many departures that the snapshot is held; give the newcomer's legacy ID."""
    user_id = trial.sandbox.add_person(trial.districts[0], ("contact",))
    _leave(trial, 5)
    return _legacy_id(trial, user_id)


def _legacy_id(trial: "Trial", user_id: str) -> str:
    return str(trial.sandbox.roster(trial.districts[0]).record(user_id)["roles"]["contact"]["legacy_id"])


def _link(trial: "Trial", legacy_id: str) -> "tuple[Any, ...]":
    (link,) = trial.rows(HELD_LINK, legacy_id)
    return link


def test_links_of_a_held_snapshot_are_kept_as_seen_and_are_not_current(contacts: "Trial") -> None:
    before = contacts.value("SELECT count(*) FROM legacy_id_crosswalk")
    legacy_id = _newcomer(contacts)
    assert contacts.outcomes() == ["held", "unchanged"]
    _, is_current, source, first_seen_at, last_seen_at, *ended = _link(contacts, legacy_id)
    assert (is_current, source, first_seen_at, ended) == (False, "held", last_seen_at, [None, None])
    assert contacts.value("SELECT count(*) FROM legacy_id_crosswalk") == before + 1
    assert contacts.value("SELECT v3_user_id(?)", legacy_id) is None
    assert contacts.value("SELECT count(*) FROM identity_chains WHERE legacy_id = ?", legacy_id) == 0
    assert contacts.rows("FROM crosswalk_changes") == []


def test_second_held_read_updates_last_seen_at_of_a_held_link(contacts: "Trial") -> None:
    legacy_id = _newcomer(contacts)
    contacts.sync()
    _, _, _, first_seen_at, last_seen_at, *_ = _link(contacts, legacy_id)
    contacts.sync()
    _, _, source, first_again, last_again, *_ = _link(contacts, legacy_id)
    assert (source, first_again) == ("held", first_seen_at)
    assert last_again > last_seen_at


def test_held_link_is_current_after_the_approval(contacts: "Trial") -> None:
    legacy_id = _newcomer(contacts)
    digest = contacts.outcome().digest
    user_id, _, _, first_seen_at, *_ = _link(contacts, legacy_id)
    _say(contacts, "approve", digest)
    assert _link(contacts, legacy_id)[:4] == (user_id, True, "api", first_seen_at)
    assert contacts.value("SELECT v3_user_id(?)", legacy_id) == user_id
    assert contacts.rows("SELECT change FROM crosswalk_changes WHERE legacy_id = ?", legacy_id) == []
    assert contacts.wrong() == []


def test_held_link_is_current_after_a_sync_that_needs_no_approval(contacts: "Trial") -> None:
    legacy_id = _newcomer(contacts)
    contacts.sync()
    user_id, _, _, first_seen_at, *_ = _link(contacts, legacy_id)
    contacts.limits = LimitsByDistrict()
    assert contacts.outcomes() == ["applied", "unchanged"]
    assert _link(contacts, legacy_id)[:4] == (user_id, True, "api", first_seen_at)
    assert contacts.wrong() == []


def test_links_of_a_rejected_snapshot_are_kept_and_a_later_sync_without_them_leaves_them_held(
    contacts: "Trial",
) -> None:
    newcomer = contacts.sandbox.add_person(contacts.districts[0], ("contact",))
    legacy_id = _legacy_id(contacts, newcomer)
    gone = _leave(contacts, 5)
    _say(contacts, "reject", contacts.outcome().digest)
    rejected = _link(contacts, legacy_id)
    assert contacts.outcome().outcome == "held"
    link = _link(contacts, legacy_id)
    assert link[:4] == (newcomer, False, "held", rejected[3])
    assert link[4] > rejected[4]
    for user_id in gone:
        contacts.sandbox.restore(user_id)
    contacts.sandbox.remove(newcomer)
    contacts.sandbox.change_email(contacts.person("student"))
    assert contacts.outcomes() == ["applied", "unchanged"]
    assert _link(contacts, legacy_id) == link
    assert contacts.value("SELECT v3_user_id(?)", legacy_id) is None
    assert contacts.wrong() == []


def test_legacy_id_of_a_held_link_is_no_reassignment_when_another_user_gets_it(contacts: "Trial") -> None:
    legacy_id = _newcomer(contacts)
    contacts.sync()
    held_user = _link(contacts, legacy_id)[0]
    contacts.sandbox.remove(held_user)
    other = contacts.sandbox.add_person(contacts.districts[0], ("contact",))
    contacts.sandbox.change(other, {"roles.contact.legacy_id": legacy_id})
    contacts.limits = LimitsByDistrict()
    assert contacts.outcomes() == ["applied", "unchanged"]
    found = contacts.rows(HELD_LINK + " ORDER BY is_current", legacy_id)
    assert [row[:3] for row in found] == [(held_user, False, "held"), (other, True, "api")]
    assert contacts.rows("SELECT change FROM crosswalk_changes WHERE legacy_id = ?", legacy_id) == []
    assert contacts.value("SELECT v3_user_id(?)", legacy_id) == other
    assert contacts.wrong() == []


def test_rollback_removes_held_links_and_the_next_sync_keeps_them_again(contacts: "Trial") -> None:
    contacts.sandbox.change_email(contacts.person("student"))
    contacts.sync()
    legacy_id = _newcomer(contacts)
    contacts.sync()
    contacts.warehouse.roll_back(contacts.warehouse.kept_files()[0], silent)
    assert contacts.rows(HELD_LINK, legacy_id) == []
    contacts.sync()
    assert _link(contacts, legacy_id)[1:3] == (False, "held")


def test_preview_keeps_no_held_links(contacts: "Trial") -> None:
    legacy_id = _newcomer(contacts)
    assert contacts.sync(preview=True).outcomes[0].outcome == "held"
    assert contacts.rows(HELD_LINK, legacy_id) == []


READ_AT = "SELECT read_at FROM sync.runs WHERE sync_id = ? AND district_id = ?"


def test_approval_reports_the_read_that_it_approves_as_the_time_when_clever_showed_it(contacts: "Trial") -> None:
    district_id = contacts.districts[0]
    staying = _legacy_id(contacts, contacts.sandbox.roster(district_id).ids("contact")[-1])
    legacy_id = _newcomer(contacts)
    contacts.sync(sync_id="held first")
    digest = contacts.outcome(sync_id="held again").digest
    first_read = contacts.value(READ_AT, "held first", district_id)
    read_at = contacts.value(READ_AT, "held again", district_id)
    between = contacts.value("SELECT now()")
    _say(contacts, "approve", digest)
    assert contacts.value(READ_AT, "word", district_id) == read_at < between
    assert _link(contacts, legacy_id)[3:5] == (first_read, read_at)
    assert _link(contacts, staying)[4] == read_at
    started_at, ended_at, valid_from = contacts.rows(
        """
        SELECT
            (SELECT started_at FROM sync.runs WHERE sync_id = 'word'),
            (SELECT min(ended_at) FROM legacy_id_crosswalk),
            (SELECT min(valid_from) FROM past.past_users WHERE change = 'archived')
        """
    )[0]
    assert between < started_at < ended_at == valid_from
    assert (
        contacts.value(
            "SELECT count(*) FROM user_roles_as_of(?) WHERE role = 'contact' AND district_id = ?", between, district_id
        )
        == 20
    )
    with closing(contacts.warehouse.reading()) as connection:
        freshness = connection.execute((FOLDER / "queries" / "freshness_of_each_district.sql").read_text())
        (fresh,) = [row for row in freshness.fetchall() if row[0] == district_id]
    assert fresh[2] == read_at


def test_approval_of_a_hold_of_an_earlier_version_reports_when_the_hold_was_last_read(contacts: "Trial") -> None:
    district_id = contacts.districts[0]
    legacy_id = _newcomer(contacts)
    digest = contacts.outcome().digest
    with duckdb.connect(str(contacts.folder / "state" / "work.duckdb")) as work:
        work.execute("UPDATE sync.runs SET read_at = NULL")
    seen_at = contacts.value("SELECT seen_at FROM sync.holds")
    _say(contacts, "approve", digest)
    assert contacts.value(READ_AT, "word", district_id) == seen_at
    assert _link(contacts, legacy_id)[4] == seen_at


def test_link_that_was_imported_between_the_read_and_the_approval_is_dated_by_the_read(
    contacts: "Trial", tmp_path: Path
) -> None:
    legacy_id = _newcomer(contacts)
    digest = contacts.outcome(sync_id="held").digest
    file = tmp_path / "m.csv"
    file.write_text(f"role_id,user_id\n{legacy_id},{_link(contacts, legacy_id)[0]}\n", encoding="utf-8")
    import_migration(contacts.warehouse, [file], "import", report_file=tmp_path / "report.csv", report=silent)
    assert contacts.rows("SELECT source FROM legacy_id_crosswalk WHERE legacy_id = ?", legacy_id) == [
        ("migration_csv",)
    ]
    _say(contacts, "approve", digest)
    read_at = contacts.value(READ_AT, "held", contacts.districts[0])
    assert _link(contacts, legacy_id)[1:5] == (True, "api", read_at, read_at)


def test_read_at_is_missing_where_the_read_did_not_end(contacts: "Trial") -> None:
    bad, other = contacts.districts
    contacts.sandbox.inject(Status(403), district=bad, stream="users")
    assert contacts.outcomes(sync_id="torn") == ["failed", "unchanged"]
    assert contacts.value(READ_AT, "torn", bad) is None
    assert contacts.value(
        "SELECT started_at < read_at AND read_at < finished_at FROM sync.runs WHERE sync_id = 'torn' AND district_id = ?",
        other,
    )


def _with_new_ids(trial: "Trial", count: int) -> None:
    """Return some contacts new v3 IDs and let them keep their legacy IDs."""
    for user_id in trial.sandbox.roster(trial.districts[0]).ids("contact")[:count]:
        legacy_id = _legacy_id(trial, user_id)
        trial.sandbox.remove(user_id)
        made = trial.sandbox.add_person(trial.districts[0], ("contact",))
        trial.sandbox.change(made, {"roles.contact.legacy_id": legacy_id})


@pytest.mark.parametrize(
    ("continuing", "leaving", "sentence"),
    [
        (5, 0, "5 of the 5 archived people continue under new IDs."),
        (1, 4, "1 of the 5 archived people continues under a new ID."),
        (0, 3, "0 of the 3 archived people continue under new IDs."),
    ],
)
def test_hold_says_how_many_archived_people_continue_under_new_ids(
    contacts: "Trial", continuing: int, leaving: int, sentence: str
) -> None:
    _with_new_ids(contacts, continuing)
    _leave(contacts, leaving)
    (shown, _) = contacts.sync(preview=True).outcomes
    outcome = contacts.outcome()
    assert outcome.archived == shown.archived == Archived(continuing + leaving, continuing)
    assert f"the limit is 10%). {sentence} The published data is unchanged." in str(outcome.error)
    assert sentence in str(shown.error)
    assert contacts.rows("SELECT archived, continuing FROM sync.holds") == [(continuing + leaving, continuing)]
    contacts.sync(contacts.districts[1])
    waiting = contacts.warehouse.present().waiting[contacts.districts[0]]
    assert (waiting.archived, waiting.continuing) == (continuing + leaving, continuing)
    approved = _say(contacts, "approve", outcome.digest)
    assert approved
    assert approved.archived == outcome.archived
    assert contacts.wrong() == []


def test_merged_people_continue_and_a_legacy_id_in_another_role_or_district_does_not_count(contacts: "Trial") -> None:
    first, second = contacts.districts
    merged = contacts.person("teacher"), contacts.person("staff")
    leaver, other_leaver = contacts.sandbox.roster(first).ids("contact")[:2]
    legacy_id, other_legacy_id = _legacy_id(contacts, leaver), _legacy_id(contacts, other_leaver)
    contacts.sandbox.merge(*merged)
    contacts.sandbox.remove(leaver)
    contacts.sandbox.remove(other_leaver)
    in_another_role = contacts.sandbox.add_person(first, ("student",))
    contacts.sandbox.change(in_another_role, {"roles.student.legacy_id": legacy_id})
    elsewhere = contacts.sandbox.add_person(second, ("contact",))
    contacts.sandbox.change(elsewhere, {"roles.contact.legacy_id": other_legacy_id})
    contacts.limits = LimitsByDistrict()
    here, there = contacts.sync().outcomes
    assert (here.archived, there.archived) == (Archived(4, 2), Archived())


def test_hold_in_which_no_one_is_archived_says_nothing_about_archived_people(contacts: "Trial") -> None:
    for user_id in contacts.sandbox.roster(contacts.districts[0]).ids("contact")[:5]:
        contacts.sandbox.change(user_id, {"name.last": "Other"})
    outcome = contacts.outcome()
    assert outcome.archived == Archived()
    assert "under" not in str(outcome.error)


def test_first_sync_does_not_count_who_continues(begin: "Begin", monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    run = Session.run

    def noted(session: Session, name: str, /, *rest: Any, **variables: object) -> None:
        ran.append(name)
        run(session, name, *rest, **variables)

    monkeypatch.setattr(Session, "run", noted)
    with begin() as trial:
        trial.sync()
    assert "compare/counts" in ran
    assert not {"apply/continuing", "holds/held_links"} & set(ran)
