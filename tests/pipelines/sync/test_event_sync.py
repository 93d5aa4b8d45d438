"""A sync by events: what it reads and changes, and when everything is read instead, for a reason that is reported."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.progress import Notice, silent
from pipelines.sandbox import Altered, Status
from pipelines.sync import EVENTS, Limits, LimitsByDistrict, approve
from tests.conftest import Trial

if TYPE_CHECKING:
    from pipelines.warehouse import Session
    from tests.conftest import Begin

Record = dict[str, Any]

UNLIMITED = LimitsByDistrict(Limits(max_archived_percent=100, max_changed_percent=100))

LATEST = """
SELECT events.record_types, events.created, events.updated, events.deleted, first_event_id, last_event_id, reason, missed
FROM sync.events AS events JOIN sync.runs AS runs USING (sync_id, district_id) ORDER BY runs.sequence DESC LIMIT 1
"""


def _notices(trial: Trial) -> list[str]:
    return [event.text for event in trial.events if isinstance(event, Notice)]


def _section(trial: Trial, place: int = 0) -> Record:
    sections = trial.sandbox.served("v3.0", "sections", trial.districts[0])
    return [each for each in sections if len(each["students"]) > 2 and each["teachers"]][place]


def _set_cursor(trial: Trial, assignment: str) -> None:
    """Change where the next sync of events goes on."""

    def run(session: "Session") -> None:
        session.execute(f"UPDATE sync.event_cursors SET {assignment}", "test")
        session.publish()

    trial.warehouse.write("cursor", run, silent)


def _paths(trial: Trial) -> set[str]:
    """Return the lists that were requested since this was asked last."""
    found = {request.path.rpartition("/")[2] for request in trial.sandbox.requests}
    trial.sandbox.requests.clear()
    return found


def _change_everything(trial: Trial) -> None:
    """Change a record of each type, bring one and let one go."""
    sandbox, district_id = trial.sandbox, trial.districts[0]
    sandbox.remove(trial.person("student"))
    sandbox.add_person(district_id, ("contact",))
    sandbox.change_email(trial.person("teacher"))
    for stream in ("schools", "courses", "terms", "sections", "resources"):
        first, second = sandbox.served("v3.0", stream, district_id)[:2]
        sandbox.rename_record(stream, first["id"], "Renamed")
        sandbox.remove_record(district_id, stream, second["id"])
        sandbox.create_record(district_id, stream, {"students": ["s1"]} if stream == "sections" else {})
    sandbox.move(_section(trial)["students"][0], _section(trial)["id"], _section(trial, 1)["id"])
    sandbox.sync_from_sis(district_id)


def test_events_bring_every_table_up_to_date(trial: Trial) -> None:
    trial.limits = UNLIMITED
    trial.sync()
    _paths(trial)
    _change_everything(trial)
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert _paths(trial) == {"tokens", "events"}
    assert trial.wrong() == []
    assert _notices(trial) == []
    assert trial.rows("SELECT mode, outcome FROM sync.runs ORDER BY sequence") == [
        ("full", "applied"),
        ("events", "applied"),
    ]
    trial.sandbox.restore(trial.sandbox.roster(trial.districts[0]).gone()[0])
    trial.sandbox.restore_record(
        trial.districts[0], "sections", trial.sandbox._districts[trial.districts[0]].year.gone("sections")[0]
    )
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.wrong() == []
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_without_an_event_nothing_changes(trial: Trial) -> None:
    trial.sync()
    published = trial.fingerprint()
    assert trial.outcomes(mode=EVENTS) == ["unchanged"]
    assert trial.fingerprint() == published
    assert trial.rows(LATEST) == [((), 0, 0, 0, None, None, None, None)]
    assert trial.outcomes() == ["unchanged"]


def test_what_was_read_is_recorded(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.add_person(trial.districts[0], ("contact",))
    trial.sandbox.rename_record("terms", trial.sandbox.served("v3.0", "terms")[0]["id"], "Renamed")
    trial.sandbox.remove_record(trial.districts[0], "sections", _section(trial)["id"])
    trial.sync(mode=EVENTS)
    ids = [event["id"] for event in trial.sandbox.events("v3.0", trial.districts[0])]
    changed = ("users", "terms", "sections")
    assert trial.rows(LATEST) == [(changed, 1, 1, 1, ids[0], ids[-1], None, None)]
    trial.sync(mode=EVENTS)
    assert trial.rows(LATEST) == [((), 0, 0, 0, None, ids[-1], None, None)]


def test_events_are_read_page_by_page_and_the_last_one_of_a_record_counts(trial: Trial) -> None:
    trial.sync()
    user_id, section = trial.person("teacher"), _section(trial)
    trial.page_limit = 1
    for number in range(3):
        trial.sandbox.change_email(user_id)
        trial.sandbox.rename_record("sections", section["id"], f"Name {number}")
        trial.sandbox.remove(user_id)
        trial.sandbox.restore(user_id)
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.wrong() == []
    assert trial.rows("SELECT change FROM users_history WHERE user_id = ? ORDER BY valid_from", user_id) == [
        ("created",),
        ("updated",),
    ]


def test_a_record_that_comes_and_goes_between_two_syncs_leaves_no_trace(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.remove(user_id := trial.sandbox.add_person(trial.districts[0], ("contact",)))
    assert trial.outcomes(mode=EVENTS) == ["unchanged"]
    assert trial.rows("SELECT change FROM users_history WHERE user_id = ?", user_id) == []


@pytest.mark.parametrize("cursor", ["none", "first"])
def test_events_that_are_applied_twice_change_nothing(trial: Trial, cursor: str) -> None:
    trial.limits = UNLIMITED
    trial.sync()
    _change_everything(trial)
    trial.sync(mode=EVENTS)
    published = trial.fingerprint()
    first = trial.sandbox.events("v3.0", trial.districts[0])[0]["id"]
    _set_cursor(trial, "event_id = NULL" if cursor == "none" else f"event_id = '{first}'")
    assert trial.outcomes(mode=EVENTS) == ["unchanged"]
    assert trial.fingerprint() == published
    assert trial.wrong() == []


def test_a_time_of_clever_alone_makes_no_version(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.sync_from_sis(trial.districts[0])
    trial.sandbox.change_record("sections", _section(trial)["id"], {"last_modified": "2031-01-01T00:00:00.000Z"})
    trial.sync(mode=EVENTS)
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM districts_history") == 1
    assert trial.value("SELECT count(*) FROM sections_history WHERE change <> 'created'") == 0


def test_another_district_goes_its_own_way(two: Trial) -> None:
    two.sync()
    first, second = two.districts
    two.sandbox.disable_events(second)
    for district_id in two.districts:
        two.sandbox.add_person(district_id, ("student",))
    assert two.outcomes(mode=EVENTS) == ["applied", "applied"]
    assert two.wrong() == []
    assert two.rows("SELECT district_id, mode FROM sync.runs WHERE sequence = 2 ORDER BY ALL") == [
        (first, "events"),
        (second, "full"),
    ]
    assert [second in text and first not in text for text in _notices(two)] == [True]
    by_events, in_full = two.rows("SELECT read_at FROM sync.runs WHERE sequence = 2 ORDER BY mode")
    assert by_events < in_full, "what the events say was shown before the other district was read"


def test_a_preview_of_events_changes_nothing(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("student"))
    published = trial.fingerprint()
    result = trial.sync(mode=EVENTS, preview=True)
    assert [(outcome.outcome, outcome.counts.archived) for outcome in result.outcomes] == [("applied", 1)]
    assert trial.fingerprint() == published
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.wrong() == []


def _event(change: Callable[[Record], None]) -> Altered:
    """Change the first event of a page."""

    def alter(envelope: Record) -> Record:
        if envelope["data"]:
            change(envelope["data"][0]["data"])
        return envelope

    return Altered(alter)


def _of_another_district(event: Record) -> None:
    event["data"]["object"]["district"] = "ffffffffffffffffffffffff"


def _without_record(event: Record) -> None:
    del event["data"]["object"]


def _without_id(event: Record) -> None:
    del event["data"]["object"]["id"]


def _of_an_unknown_kind(event: Record) -> None:
    event["type"] = f"{event['type'].partition('.')[0]}.merged"


def _without_type(event: Record) -> None:
    del event["type"]


def _not_loadable(event: Record) -> None:
    event["data"]["object"]["roles"] = ["teacher"]


UNUSABLE: dict[str, tuple[Callable[[Record], None], str]] = {
    "of another district": (_of_another_district, "event {id} is of a record of another district"),
    "without record": (_without_record, "event {id} has no record with an ID"),
    "without ID": (_without_id, "event {id} has no record with an ID"),
    "of an unknown kind": (_of_an_unknown_kind, "event {id} is of a kind that is not documented"),
    "without type": (_without_type, "one of its events has no ID or type"),
    "not loadable": (_not_loadable, "a record of its events cannot be loaded"),
}
"""What makes an event unusable, and the reason."""


def _is_read_in_full(trial: Trial, reason: str) -> None:
    """Sync by events, which must end in a full read for a reason that is reported once."""
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    expected = f"Read in full instead of by events, because {reason}: {trial.districts[0]}."
    assert _notices(trial) == [expected]
    assert trial.wrong() == []
    assert trial.rows(f"SELECT reason FROM ({LATEST})") == [(reason,)]
    assert trial.value("SELECT mode FROM sync.runs ORDER BY sequence DESC LIMIT 1") == "full"


def test_an_event_that_cannot_be_applied_leads_to_a_full_read(begin: "Begin") -> None:
    with begin() as trial:
        trial.sync()
        for change, reason in UNUSABLE.values():
            trial.sandbox.change_email(trial.person("teacher"))
            trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed")
            event_id = trial.sandbox.events("v3.0", trial.districts[0])[-2]["id"]
            trial.sandbox.inject(_event(change), stream="events", page=1, after=0)
            _is_read_in_full(trial, reason.format(id=event_id))
            trial.sandbox.heal()
            trial.sync()
            trial.sandbox.change_email(trial.person("teacher"))
            assert trial.outcomes(mode=EVENTS) == ["applied"]
            assert trial.wrong() == []


def test_without_an_earlier_sync_everything_is_read(trial: Trial) -> None:
    _is_read_in_full(trial, "no earlier full sync has noted where its events begin")


@pytest.mark.parametrize("status", [400, 404])
def test_a_cursor_that_clever_keeps_no_longer_leads_to_a_full_read(trial: Trial, status: int) -> None:
    trial.sandbox.unknown_event_cursor = status
    trial.sync()
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sync(mode=EVENTS)
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sandbox.expire_events(trial.districts[0])
    _is_read_in_full(trial, f"Clever did not list its events ({status})")
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert (trial.wrong(), _notices(trial)) == ([], [])


def _later(now: datetime, days: int) -> datetime:
    return now + timedelta(days=days)


def test_a_cursor_of_more_than_29_days_leads_to_a_full_read(trial: Trial) -> None:
    now = datetime.now(UTC)
    trial.sync()
    for days, is_full in ((28, False), (58, True), (86, False)):
        trial.sandbox.add_person(trial.districts[0], ("student",))
        later = dataclasses.replace(trial, clock=partial(_later, now, days), events=[])
        if is_full:
            _is_read_in_full(later, "its events were last read more than 29 days ago, and Clever keeps them for 30")
        else:
            assert later.outcomes(mode=EVENTS) == ["applied"]
            assert (later.wrong(), _notices(later)) == ([], [])


def test_events_that_are_not_enabled_lead_to_a_full_read_and_begin_again(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.disable_events(trial.districts[0])
    trial.sandbox.add_person(trial.districts[0], ("student",))
    _is_read_in_full(trial, "Clever did not list its events (403)")
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sandbox.enable_events(trial.districts[0])
    _is_read_in_full(trial, "no earlier full sync has noted where its events begin")
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert (trial.wrong(), _notices(trial)) == ([], [])


def test_another_api_version_leads_to_a_full_read(trial: Trial) -> None:
    trial.sync()
    trial.version = "v3.1"
    _is_read_in_full(trial, "its events were last read from another host or API version")


def test_record_types_that_were_not_synced_before_lead_to_a_full_read(trial: Trial) -> None:
    trial.records = ("users", "schools")
    trial.sync()
    trial.records = DEFAULT_RECORDS
    trial.sandbox.add_person(trial.districts[0], ("student",))
    _is_read_in_full(trial, "record types are synced that were not before")
    trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed")
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert (trial.wrong(), _notices(trial)) == ([], [])


def test_rows_of_another_version_lead_to_a_full_read(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.add_person(trial.districts[0], ("student",))

    def run(session: "Session") -> None:
        session.execute("UPDATE sync.line_forms SET form = 'earlier' WHERE stream = 'users'", "test")
        session.publish()

    trial.warehouse.write("form", run, silent)
    _is_read_in_full(trial, "its rows were made by another version of clever-warehouse")


def test_events_of_record_types_that_are_not_synced_are_passed_over(trial: Trial) -> None:
    trial.records = ("users", "schools")
    trial.sync()
    trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed")
    trial.sandbox.rename_record("terms", trial.sandbox.served("v3.0", "terms")[0]["id"], "Renamed")
    newest = trial.sandbox.events("v3.0", trial.districts[0])[-1]["id"]
    assert trial.outcomes(mode=EVENTS) == ["unchanged"]
    assert trial.rows(LATEST)[0][:6] == ((), 0, 0, 0, trial.sandbox.events("v3.0", trial.districts[0])[0]["id"], newest)
    assert trial.value("SELECT event_id FROM sync.event_cursors") == newest
    assert trial.value("SELECT count(*) FROM sections") == 0


def test_events_of_unheard_of_records_are_passed_over(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.change_email(trial.person("teacher"))
    trial.sandbox.change_email(trial.person("student"))

    def rename(event: Record) -> None:
        event["type"] = "attendance.updated"
        event["data"] = {"object": "of another shape"}

    trial.sandbox.inject(_event(rename), stream="events", page=1)
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.rows(LATEST)[0][:4] == (("users",), 0, 1, 0)


def test_a_list_that_is_not_shared_stays_as_it_is_until_a_full_sync(trial: Trial) -> None:
    trial.sync()
    before = trial.digest("SELECT * FROM sections ORDER BY ALL")
    trial.sandbox.refuse(trial.districts[0], "sections")
    trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed")
    trial.sandbox.add_person(trial.districts[0], ("student",))
    assert trial.outcomes() == ["applied"]
    trial.sandbox.serve_again(trial.districts[0], "sections")
    trial.sandbox.rename_record("sections", _section(trial, 1)["id"], "Renamed, too")
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert _notices(trial) == []
    assert trial.digest("SELECT * FROM sections ORDER BY ALL") == before
    assert trial.value("SELECT not_shared FROM sync.districts") == ("sections",)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert trial.rows(f"SELECT missed FROM ({LATEST})") == [(0,)]
    trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed again")
    trial.events.clear()
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert (trial.wrong(), _notices(trial)) == ([], [])


def test_a_list_that_is_not_synced_any_longer_is_not_reported_as_not_shared(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.refuse(trial.districts[0], "sections")
    trial.sync()
    assert trial.value("SELECT not_shared FROM sync.districts") == ("sections",)
    trial.records = ("users",)
    trial.sandbox.add_person(trial.districts[0], ("student",))
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.rows("SELECT mode FROM sync.runs ORDER BY sequence DESC LIMIT 1") == [(EVENTS,)]
    assert trial.value("SELECT not_shared FROM sync.districts") == ()


def test_a_mass_change_meets_the_same_hold_as_in_a_full_sync(begin: "Begin") -> None:
    with begin() as trial:
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=10, min_records=3))
        other = Trial(trial.sandbox, trial.url, trial.folder / "other", limits=trial.limits)
        trial.sync()
        other.sync()
        for user_id in trial.sandbox.roster(trial.districts[0]).ids("student")[:5]:
            trial.sandbox.remove(user_id)
        by_events, in_full = trial.outcome(mode=EVENTS), other.outcome()
        assert (by_events.outcome, in_full.outcome) == ("held", "held")
        assert (by_events.error, by_events.exceeded, by_events.by_role) == (
            in_full.error,
            in_full.exceeded,
            in_full.by_role,
        )
        assert by_events.digest == in_full.digest
        reason = "its events change more than its limits allow"
        assert _notices(trial) == [f"Read in full instead of by events, because {reason}: {trial.districts[0]}."]
        approve(
            trial.warehouse,
            district_id=by_events.district_id,
            digest=str(by_events.digest),
            reason="moved",
            decided_by="somebody",
            decision_id="decision",
            report=silent,
        )
        assert trial.wrong() == []
        assert trial.outcomes(mode=EVENTS) == ["unchanged"]
        trial.sandbox.add_person(trial.districts[0], ("student",))
        assert trial.outcomes(mode=EVENTS) == ["applied"]
        assert trial.wrong() == []
        assert trial.outcomes() == ["unchanged"]
        assert trial.rows("SELECT state FROM sync.holds") == [("approved",)]


def test_a_hold_that_events_undo_is_released(trial: Trial) -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    trial.sandbox.remove(user_id := trial.person("student"))
    assert trial.outcomes(mode=EVENTS) == ["held"]
    trial.sandbox.restore(user_id)
    trial.sandbox.change_email(user_id)
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.rows("SELECT state FROM sync.holds") == [("released",)]
    assert trial.wrong() == []


MISSED = (
    """SELECT district_id, record_id FROM sync.findings WHERE "check" = 'missed_by_events' AND resolved_at IS NULL"""
)


@pytest.mark.parametrize("told", ["one change", "nothing"])
def test_what_events_missed_is_found_by_the_next_full_sync_and_forgotten_by_the_one_after_it(
    trial: Trial, told: str
) -> None:
    trial.sync()
    district_id, section_id = trial.districts[0], _section(trial)["id"]
    if told == "one change":
        trial.sandbox.change_email(trial.person("student"))
    trial.sync(mode=EVENTS)
    with trial.sandbox.without_events():
        trial.sandbox.change_email(user_id := trial.person("teacher"))
        trial.sandbox.rename_record("sections", section_id, "Renamed")
    trial.sandbox.rename_record("sections", told_id := _section(trial, 1)["id"], "Renamed")
    assert told_id != section_id
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert trial.rows(f"SELECT missed FROM ({LATEST})") == [(2,)]
    assert set(trial.rows(MISSED)) == {(district_id, user_id), (district_id, section_id)}
    trial.sync()
    assert trial.rows(MISSED) == []
    assert trial.rows("SELECT * FROM sync.missed_by_events") == []


def test_what_all_events_missed_is_found_too(trial: Trial) -> None:
    trial.sync()
    with trial.sandbox.without_events():
        trial.sandbox.change_email(user_id := trial.person("teacher"))
    assert trial.outcomes(mode=EVENTS) == ["unchanged"]
    assert trial.outcomes() == ["applied"]
    assert trial.rows(f"SELECT missed FROM ({LATEST})") == [(1,)]
    assert trial.rows(MISSED) == [(trial.districts[0], user_id)]


def test_record_types_that_events_have_not_followed_are_not_missed(trial: Trial) -> None:
    trial.records = ("users", "schools")
    trial.sync()
    trial.sync(mode=EVENTS)
    trial.records = DEFAULT_RECORDS
    assert trial.outcomes() == ["applied"]
    assert trial.rows(f"SELECT missed FROM ({LATEST})") == [(0,)]
    assert trial.rows(MISSED) == []


def test_a_full_sync_after_events_that_missed_nothing_says_so(trial: Trial) -> None:
    trial.sync()
    trial.sandbox.change_email(trial.person("teacher"))
    trial.sync(mode=EVENTS)
    trial.sandbox.change_email(trial.person("student"))
    assert trial.outcomes() == ["applied"]
    assert trial.rows(f"SELECT missed FROM ({LATEST})") == [(0,)]
    assert trial.rows(MISSED) == []


def test_no_notice_says_anything_of_a_person(trial: Trial) -> None:
    trial.sync()
    secrets = trial.sandbox.secrets()
    for change, _ in UNUSABLE.values():
        user_id = trial.person("teacher")
        trial.sandbox.change_email(user_id)
        trial.sandbox.inject(_event(change), stream="events", page=1)
        trial.sync(mode=EVENTS)
        trial.sandbox.heal()
        trial.sync()
    secrets |= trial.sandbox.secrets()
    told = f"{trial.events} {trial.rows('SELECT reason FROM sync.events')}"
    assert len(_notices(trial)) == len(UNUSABLE)
    assert [secret for secret in secrets if len(secret) > 3 and secret in told] == []


@pytest.mark.parametrize("status", [500, 429])
def test_a_failure_that_passes_is_retried(trial: Trial, status: int) -> None:
    trial.sync()
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sandbox.inject(Status(status), stream="events", times=1)
    assert trial.outcomes(mode=EVENTS) == ["applied"]
    assert (trial.wrong(), _notices(trial)) == ([], [])
