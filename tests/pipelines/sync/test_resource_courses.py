"""The courses that a resource is assigned to, which Clever lists only per resource: read if asked for, and as sound as every other list."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.progress import Notice, ReadAgain
from pipelines.sandbox import ForeignRecord, Meanwhile, Status, WithoutId
from pipelines.sync import EVENTS, Limits, LimitsByDistrict

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

RECORDS = ("courses", "resource_courses")
WITHOUT = ("courses", "resources")
CURRENT = "SELECT resource_id, course_id FROM resource_courses ORDER BY ALL"


@pytest.fixture
def linked(begin: "Begin") -> "Iterator[Trial]":
    """A warehouse that is to have the courses of resources, and a sandbox whose resources have 14 of them."""
    with begin() as trial:
        trial.records = RECORDS
        for resource_id, course_ids in zip(_resources(trial), _courses_of_each(trial), strict=True):
            trial.sandbox.assign_resource(resource_id, *course_ids)
        yield trial


def _resources(trial: "Trial") -> list[str]:
    return [each["id"] for each in trial.sandbox.served("v3.0", "resources", trial.districts[0])]


def _courses(trial: "Trial") -> list[str]:
    return [each["id"] for each in trial.sandbox.served("v3.0", "courses", trial.districts[0])]


def _courses_of_each(trial: "Trial") -> list[list[str]]:
    """None for the first resource, one for the second, and so on."""
    courses = _courses(trial)
    return [courses[:number] for number, _ in enumerate(_resources(trial))]


def _requested(trial: "Trial") -> list[str]:
    """The resources whose courses were requested, with each first page."""
    return [
        request.path.split("/")[3]
        for request in trial.sandbox.requests
        if request.path.endswith("/courses") and "/resources/" in request.path
        if "starting_after" not in dict(parse_qsl(request.query))
    ]


def _reasons(trial: "Trial") -> list[str]:
    return [reason for event in trial.events if isinstance(event, ReadAgain) for reason in event.reasons]


@pytest.mark.parametrize(("version", "page_limit"), [("v3.0", 10_000), ("v3.1", 2)])
def test_the_courses_of_each_resource_are_synced_if_they_are_named(
    linked: "Trial", monkeypatch: pytest.MonkeyPatch, version: str, page_limit: int
) -> None:
    monkeypatch.setattr("pipelines.clever.client.LISTS_PER_PAGE", 3)
    linked.version, linked.page_limit = version, page_limit
    resources = _resources(linked)
    assert linked.outcomes() == ["applied"]
    assert linked.wrong_schools(*linked.districts) == []
    assert linked.value("SELECT count(*) FROM resource_courses") == sum(range(len(resources)))
    assert linked.value("SELECT count(*) FROM resources") == len(resources)  # comes along
    feed = "SELECT pages, records, complete FROM sync.receipts WHERE feed = 'resource_courses'"
    assert linked.rows(feed) == [(-(-len(resources) // 3), len(resources), True)]
    linked.sandbox.requests.clear()
    assert linked.outcomes() == ["unchanged"]
    assert _requested(linked) == resources


def test_the_default_sync_makes_no_request_per_resource(trial: "Trial") -> None:
    assert "resource_courses" not in DEFAULT_RECORDS
    assert trial.outcomes() == ["applied"]
    assert _requested(trial) == []
    assert trial.rows(CURRENT) == []


def test_the_rows_stay_as_they_are_when_the_record_type_is_left_out_again(linked: "Trial") -> None:
    linked.sync()
    before = linked.rows(CURRENT)
    linked.records = WITHOUT
    linked.sandbox.assign_resource(_resources(linked)[-1])
    linked.sandbox.rename_record("courses", _courses(linked)[0], "Another name")
    assert linked.outcomes() == ["applied"]
    assert linked.rows(CURRENT) == before
    linked.records = RECORDS
    assert linked.outcomes() == ["applied"]
    assert len(linked.rows(CURRENT)) == len(before) - len(_resources(linked)) + 1
    assert linked.wrong_schools(*linked.districts) == []


def test_a_link_that_ends_and_returns_has_a_history(linked: "Trial") -> None:
    resource_id, course_ids = _resources(linked)[2], _courses(linked)[:2]
    instants = []
    for assigned in (course_ids, course_ids[:1], course_ids):
        linked.sandbox.assign_resource(resource_id, *assigned)
        assert linked.outcomes() == ["applied"]
        instants.append(linked.value("SELECT max(finished_at) FROM sync.runs"))
    history = "SELECT change FROM resource_courses_history WHERE resource_id = ? AND course_id = ? ORDER BY valid_from"
    assert linked.rows(history, resource_id, course_ids[0]) == [("created",)]
    assert linked.rows(history, resource_id, course_ids[1]) == [("created",), ("archived",), ("restored",)]
    as_of = "SELECT count(*) FROM resource_courses_as_of(?) WHERE resource_id = ?"
    assert [linked.value(as_of, instant, resource_id) for instant in instants] == [2, 1, 2]
    assert linked.wrong_schools(*linked.districts) == []


def test_the_end_of_many_links_is_held(linked: "Trial") -> None:
    linked.sync()
    before = linked.rows(CURRENT)
    linked.limits = LimitsByDistrict(Limits(min_records=5))
    linked.sandbox.assign_resource(_resources(linked)[-1])
    outcome = linked.outcome()
    assert outcome.outcome == "held"
    assert [str(each) for each in outcome.exceeded] == [
        "6 of 21 rows of resource_courses would be archived (28.6%, the limit is 10%)"
    ]
    assert linked.rows(CURRENT) == before


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("refused", ["resources", "resource_courses"])
def test_lists_that_clever_refuses_as_a_whole_are_not_shared_and_their_rows_stay(
    linked: "Trial", refused: str, status: int
) -> None:
    linked.sync()
    before = linked.rows(CURRENT)
    linked.sandbox.assign_resource(_resources(linked)[-1])
    linked.sandbox.inject(Status(status), stream=refused)
    linked.sandbox.rename_record("courses", _courses(linked)[0], "Another name")
    linked.events.clear()
    assert linked.outcomes() == ["applied"]
    not_shared = sorted({refused, "resource_courses"})
    assert list(linked.value("SELECT not_shared FROM sync.districts")) == not_shared
    assert linked.rows(CURRENT) == before
    notices = [event.text for event in linked.events if isinstance(event, Notice)]
    assert sorted(notice.partition(" ")[0] for notice in notices) == not_shared
    assert all("ask Clever to give the app the scope of resources" in notice for notice in notices)
    linked.sandbox.heal()
    assert linked.outcomes() == ["applied"]
    assert linked.wrong_schools(*linked.districts) == []


def test_a_resource_that_goes_between_its_list_and_its_courses_is_a_change_during_the_read(linked: "Trial") -> None:
    resource_id = _resources(linked)[3]
    gone = Meanwhile(partial(linked.sandbox.remove_record, linked.districts[0], "resources", resource_id))
    linked.sandbox.inject(gone, stream="resource_courses", after=1, times=1)
    assert linked.outcomes() == ["applied"]
    assert _reasons(linked) == ["Clever refuses /resources/{id}/courses of 1 of 7 records (404)"]
    assert linked.wrong_schools(*linked.districts) == []
    assert resource_id not in {each for each, _ in linked.rows(CURRENT)}


@pytest.mark.parametrize("events", ["served", "refused"])
def test_a_link_that_changes_after_it_was_read_is_found_although_no_event_says_so(linked: "Trial", events: str) -> None:
    if events == "refused":
        linked.sandbox.inject(Status(403), stream="events")
    change = Meanwhile(partial(linked.sandbox.assign_resource, _resources(linked)[0], _courses(linked)[-1]))
    linked.sandbox.inject(change, stream="resource_courses", after=3, times=1)
    assert linked.outcomes() == ["applied"]
    assert _reasons(linked) == ["/resources/{id}/courses shows other records after the read than during it"]
    assert linked.wrong_schools(*linked.districts) == []


def test_a_read_that_broke_off_resumes_with_the_lists_it_lacks(
    linked: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.clever.client.LISTS_PER_PAGE", 2)
    resources = _resources(linked)
    linked.sandbox.inject(Status(400), stream="resource_courses", after=5)
    assert linked.outcomes(sync_id="torn") == ["failed"]
    linked.sandbox.heal()
    linked.sandbox.requests.clear()
    assert linked.outcomes(sync_id="torn") == ["applied"]
    read = len(resources) - 4
    assert _requested(linked)[:read] == resources[4:]
    assert linked.wrong_schools(*linked.districts) == []


def test_events_leave_the_courses_of_resources_alone(linked: "Trial") -> None:
    linked.sync()
    before = linked.rows(CURRENT)
    linked.sandbox.assign_resource(_resources(linked)[-1])
    linked.sandbox.rename_record("courses", _courses(linked)[0], "Another name")
    linked.sandbox.requests.clear()
    assert linked.outcome(mode=EVENTS).mode == EVENTS
    assert (_requested(linked), linked.rows(CURRENT)) == ([], before)
    outcome = linked.outcome()
    assert (outcome.outcome, outcome.missed) == ("applied", 0)
    assert linked.wrong_schools(*linked.districts) == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (ForeignRecord(), "6 of the records of /resources/{id}/courses belong to another district"),
        (WithoutId(), "record number 1 of the page has no id that is text"),
    ],
)
def test_a_course_that_cannot_be_believed_fails_the_district(linked: "Trial", fault: Any, why: str) -> None:
    linked.sandbox.inject(fault, stream="resource_courses")
    outcome = linked.outcome()
    assert outcome.outcome == "failed"
    assert why in (outcome.error or "")
