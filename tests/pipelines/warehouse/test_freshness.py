"""How fresh each district is: July pages no one, September does, and what we do not know ourselves comes first."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict
from pipelines.warehouse import Freshness, Present, freshness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
"""When most tests sync."""


class Calendar:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def trial(begin: "Begin", calendar: Calendar) -> "Iterator[Trial]":
    """Return a warehouse of two districts whose clock the test sets; Clever synced both an hour ago."""
    with begin(districts=2, users=20) as made:
        for district_id in made.districts:
            made.sandbox.describe(district_id, state="success", last_sync=NOON - HOUR)
        yield dataclasses.replace(made, clock=calendar)


def _shown(trial: "Trial", instant: datetime) -> list[Freshness]:
    """Return what the published file says of each district at an instant."""
    return [Freshness(*row) for row in trial.rows(freshness.query(instant))]


def _after_sync(trial: "Trial", *asked: str) -> Present:
    """Sync; returns what the published file says then."""
    trial.sync(*asked)
    return trial.warehouse.present()


def _first(trial: "Trial", instant: datetime) -> tuple[str, str | None]:
    shown = _shown(trial, instant)[0]
    return shown.freshness, shown.reason


@pytest.mark.parametrize("end", ["resumed", "paused", "running"])
def test_paused_district_is_no_fault_in_july_but_is_stale_in_september(
    trial: "Trial", calendar: Calendar, end: str
) -> None:
    """The pause ends by a change at Clever, or its end passes and the state stays or changes."""
    here, there = trial.districts
    calendar.time = datetime(2026, 7, 15, 2, tzinfo=UTC)
    trial.sandbox.describe(there, last_sync=calendar.time - HOUR)
    trial.sandbox.describe(here, last_sync=datetime(2026, 6, 3, tzinfo=UTC))
    trial.sandbox.pause(here, "2026-06-05T00:00:00.000Z", "2026-08-20T00:00:00.000Z")
    present = _after_sync(trial)
    assert [each.words for each in present.freshness] == ["paused until 2026-08-20", "fresh"]
    assert present.stale == []

    calendar.time = datetime(2026, 9, 2, 2, tzinfo=UTC)
    trial.sandbox.describe(there, last_sync=calendar.time - HOUR)
    if end == "resumed":
        trial.sandbox.resume(here)
    else:
        trial.sandbox.describe(here, state=end)
    (stale,) = _after_sync(trial).stale
    assert (stale.district_id, stale.words, stale.reason) == (here, "SIS stale", "old")
    assert (
        stale.explanation
        == "Clever has not synced from the SIS for too long. The last one was on 2026-06-03 00:00 UTC."
    )

    trial.sandbox.describe(here, state="success", last_sync=calendar.time)
    present = _after_sync(trial)
    assert [each.words for each in present.freshness] == ["fresh", "fresh"]


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({}, ("fresh", None)),
        ({"last_sync": NOON - 71 * HOUR}, ("fresh", None)),
        ({"last_sync": NOON - 73 * HOUR}, ("sis_stale", "old")),
        ({"last_sync": None}, ("fresh", "sis_unknown")),
        ({"state": "error"}, ("sis_stale", "error")),
        ({"state": "pending"}, ("fresh", None)),
        ({"state": "paused", "last_sync": NOON - 90 * DAY}, ("paused", None)),
        ({"state": "paused", "pause_start": NOON + DAY, "pause_end": NOON + 9 * DAY}, ("paused", None)),
        ({"state": "error", "pause_start": NOON - DAY, "pause_end": NOON + DAY}, ("paused", None)),
        ({"pause_start": NOON - 60 * DAY, "pause_end": NOON + DAY, "last_sync": NOON - 60 * DAY}, ("paused", None)),
        ({"pause_start": NOON + DAY, "pause_end": NOON + 60 * DAY}, ("fresh", None)),
        ({"pause_start": NOON + DAY, "pause_end": NOON + 60 * DAY, "last_sync": NOON - 4 * DAY}, ("sis_stale", "old")),
        ({"pause_start": NOON - 60 * DAY, "last_sync": NOON - 60 * DAY}, ("sis_stale", "old")),
        ({"pause_end": NOON - 71 * HOUR, "last_sync": NOON - 60 * DAY}, ("fresh", None)),
        ({"pause_end": NOON - 73 * HOUR, "last_sync": NOON - 60 * DAY}, ("sis_stale", "old")),
        ({"state": "paused", "pause_end": NOON - 73 * HOUR, "last_sync": NOON - 60 * DAY}, ("sis_stale", "old")),
    ],
)
def test_freshness_follows_from_what_clever_says_of_the_district(
    trial: "Trial", described: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    trial.sandbox.describe(trial.districts[0], **described)
    assert _after_sync(trial).freshness == _shown(trial, NOON)
    assert _first(trial, NOON) == expected
    assert _shown(trial, NOON)[1].freshness == "fresh"


def test_district_is_stale_when_its_last_good_sync_is_old(trial: "Trial") -> None:
    trial.sync()
    assert _first(trial, NOON + 35 * HOUR) == ("fresh", None)
    assert _first(trial, NOON + 37 * HOUR) == ("ours_stale", "old")
    stale = _shown(trial, NOON + 37 * HOUR)[0]
    assert stale.explanation == "The latest sync was too long ago. Its rows are from 2026-10-14 12:00 UTC."


def test_failed_sync_comes_before_the_pause_because_the_pause_may_be_over(trial: "Trial", calendar: Calendar) -> None:
    here, there = trial.districts
    trial.sandbox.describe(here, state="paused")
    trial.sync()
    trial.sandbox.inject(Status(500), district=here, stream="users")
    calendar.time += HOUR
    present = _after_sync(trial)
    assert [(each.district_id, each.reason) for each in present.stale] == [(here, "failed")]
    assert present.stale[0].explanation.startswith("The latest sync failed. Its rows are from 2026-10-14 12:00 UTC.")
    assert there not in present.stale[0].explanation


def test_held_district_is_stale_until_it_is_applied(trial: "Trial", calendar: Calendar) -> None:
    here = trial.districts[0]
    trial.sync()
    calendar.time += HOUR
    gone = trial.person("student")
    trial.sandbox.remove(gone)
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
    assert [(each.district_id, each.reason) for each in _after_sync(trial).stale] == [(here, "held")]
    trial.sandbox.restore(gone)
    assert _after_sync(trial).stale == []


def test_district_that_no_sync_has_read_is_stale_and_a_disconnected_one_is_not(trial: "Trial") -> None:
    here, there = trial.districts
    (stale,) = _after_sync(trial, here).stale
    assert (stale.district_id, stale.reason, stale.name) == (there, "never_synced", None)
    assert stale.explanation == "It has not been synced yet. It has no rows."
    trial.sync()
    trial.sandbox.disconnect(here)
    present = _after_sync(trial, there)
    assert [each.words for each in present.freshness] == ["disconnected", "fresh"]
    assert present.stale == []


def test_without_the_list_of_districts_only_our_own_rows_count(trial: "Trial", calendar: Calendar) -> None:
    here = trial.districts[0]
    trial.sandbox.describe(here, state="error")
    assert [each.reason for each in _after_sync(trial).stale] == ["error"]
    trial.sandbox.refuse(here, "districts")
    calendar.time += HOUR
    present = _after_sync(trial)
    assert present.stale == []
    assert _first(trial, calendar.time) == ("fresh", "sis_unknown")
    assert present.freshness[0].name
    assert _first(trial, calendar.time + 37 * HOUR) == ("ours_stale", "old")


def test_what_clever_says_of_an_error_is_not_repeated(trial: "Trial") -> None:
    here = trial.districts[0]
    trial.sandbox.fail_sync(here, "Call Jane Roe about the upload")
    present = _after_sync(trial)
    assert present.stale[0].explanation == (
        "Clever reports an error of its sync from the SIS: see districts.error. The last one was on 2026-10-14 11:00 UTC."
    )
    assert "Jane" not in repr((present, trial.events))
    assert trial.value("SELECT error FROM districts WHERE district_id = ?", here) == "Call Jane Roe about the upload"


def test_view_is_the_query_as_of_now(trial: "Trial", calendar: Calendar) -> None:
    calendar.time = datetime.now(UTC)
    for district_id in trial.districts:
        trial.sandbox.describe(district_id, last_sync=calendar.time - DAY)
    trial.sandbox.describe(trial.districts[1], state="paused", pause_end=calendar.time + DAY)
    trial.sync()
    columns = ", ".join(freshness.COLUMNS)
    rows = trial.rows(f"SELECT {columns} FROM district_freshness ORDER BY district_id")
    assert [Freshness(*row) for row in rows] == _shown(trial, datetime.now(UTC))
    assert [row[2] for row in rows] == ["fresh", "paused"]
