"""How many records of each kind a district has on each day: what sync.daily_counts says, and what it takes to keep that."""

import dataclasses
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines.progress import silent
from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict, approve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.warehouse import Session
    from tests.conftest import Begin, Trial

STUDENTS = "SELECT day, sum(count)::BIGINT FROM sync.daily_counts WHERE kind = 'student' GROUP BY day ORDER BY day"
"""How many students there were on each day, in all districts."""

Cell = tuple[str, str, str | None, str | None]
"""A district, a kind, a school and a grade."""


class Days:
    """A clock that a test sets to an hour of a day of September."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def set(self, day: int, hour: int = 2, minute: int = 0) -> None:
        self.time = datetime(2026, 9, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def trial(begin: "Begin", days: Days) -> "Iterator[Trial]":
    """Return a warehouse of two districts whose clock the test sets, and nothing is held."""
    with begin(districts=2, users=60) as made:
        yield dataclasses.replace(made, clock=days, limits=LimitsByDistrict(Limits(min_records=10**6)))


def _september(day: int) -> date:
    return date(2026, 9, day)


def _shown(trial: "Trial", district_id: str) -> Counter[Cell]:
    """Count what Clever shows of a district now, in plain Python."""
    found: Counter[Cell] = Counter()
    for user in trial.sandbox.served("v3.0", "users", district_id):
        found[district_id, "users", None, None] += 1
        for role, held in user["roles"].items():
            if held is None:  # the user does not have the role
                continue
            schools = held.get("schools") or []
            only = schools[0] if len(set(schools)) == 1 else None
            school = held.get("school") if role in {"student", "teacher"} else only
            grade = (held.get("grade") or None) if role == "student" else None
            found[district_id, role, school or None, grade] += 1
    for stream in ("districts", "schools", "courses", "terms", "sections", "resources"):
        for record in trial.sandbox.served("v3.0", stream, district_id):
            found[district_id, stream, record["school"] if stream == "sections" else None, None] += 1
    return found


def _counted(trial: "Trial", day: int) -> Counter[Cell]:
    rows = trial.rows(
        "SELECT district_id, kind, school_id, grade, count FROM sync.daily_counts WHERE day = ?", _september(day)
    )
    found = Counter({(district_id, kind, school, grade): number for district_id, kind, school, grade, number in rows})
    assert len(found) == len(rows), "a combination has two counts on a day"
    return found


def _students(trial: "Trial") -> dict[int, int]:
    """Return how many students there were, by day of September."""
    return {day.day: number for day, number in trial.rows(STUDENTS)}


def _leave(trial: "Trial", count: int = 1, district: int = 0) -> None:
    roster = trial.sandbox.roster(trial.districts[district])
    for user_id in roster.ids("student")[:count]:
        trial.sandbox.remove(user_id)


def test_counts_of_each_day_are_what_clever_showed_at_the_last_sync_of_the_day(trial: "Trial", days: Days) -> None:
    shown: dict[int, Counter[Cell]] = {}
    for day in range(1, 6):
        for hour in (2, 14):
            days.set(day, hour)
            trial.sync()
            shown[day] = _shown(trial, trial.districts[0]) + _shown(trial, trial.districts[1])
            trial.sandbox.advance()
    assert len({frozenset(each.items()) for each in shown.values()}) > 1
    assert {day: _counted(trial, day) for day in shown} == shown


def test_day_without_a_good_sync_has_the_counts_of_the_latest_one_before(trial: "Trial", days: Days) -> None:
    here, there = trial.districts
    trial.sync()
    before, elsewhere = _shown(trial, here), _shown(trial, there)
    days.set(3)
    _leave(trial)
    fault = trial.sandbox.inject(Status(500), district=here, stream="users")
    assert trial.outcomes() == ["failed", "unchanged"]
    assert _counted(trial, 3) == elsewhere
    trial.sandbox.heal()
    assert fault.struck
    days.set(5)
    assert trial.outcomes() == ["applied", "unchanged"]
    assert [_counted(trial, day) for day in (1, 2, 3, 4)] == [before + elsewhere] * 4
    assert _counted(trial, 5) == _shown(trial, here) + elsewhere
    assert _counted(trial, 6) == Counter()


def test_unchanged_district_writes_no_row_and_is_counted_up_to_the_day(trial: "Trial", days: Days) -> None:
    trial.sync()
    rows = trial.rows("FROM sync.counts ORDER BY ALL")
    for day in (2, 3):
        days.set(day)
        assert trial.outcomes() == ["unchanged", "unchanged"]
    assert trial.rows("FROM sync.counts ORDER BY ALL") == rows
    assert set(_students(trial).values()) == {_students(trial)[1]}
    assert list(_students(trial)) == [1, 2, 3]


def test_count_that_returns_to_what_it_was_on_the_same_day_leaves_no_trace(trial: "Trial", days: Days) -> None:
    trial.sync()
    rows = trial.rows("FROM sync.counts ORDER BY ALL")
    leaver = trial.sandbox.roster(trial.districts[0]).ids("student")[0]
    days.set(2, 2)
    trial.sandbox.remove(leaver)
    assert trial.outcomes() == ["applied", "unchanged"]
    assert _students(trial)[2] == _students(trial)[1] - 1
    days.set(2, 14)
    trial.sandbox.restore(leaver)
    assert trial.outcomes() == ["applied", "unchanged"]
    assert trial.rows("FROM sync.counts ORDER BY ALL") == rows


def test_a_day_ends_at_midnight_utc(trial: "Trial", days: Days) -> None:
    trial.sync()
    students = _students(trial)[1]
    days.set(1, 23, 59)
    _leave(trial)
    trial.sync()
    days.set(2, 0, 1)
    _leave(trial)
    trial.sync()
    assert _students(trial) == {1: students - 1, 2: students - 2}


def test_kind_that_is_gone_has_no_row_from_that_day_on(trial: "Trial", days: Days) -> None:
    trial.sync()
    days.set(2)
    _leave(trial, 1000)
    _leave(trial, 1000, district=1)
    trial.sync()
    assert list(_students(trial)) == [1]
    assert {row[1] for row in _counted(trial, 2)} >= {"users", "teacher", "contact", "schools"}


def test_approved_snapshot_counts_from_the_day_of_the_approval(trial: "Trial", days: Days) -> None:
    trial.sync()
    students = _students(trial)[1]
    days.set(2)
    _leave(trial)
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
    held, _ = trial.sync().outcomes
    assert held.outcome == "held"
    days.set(4)
    approve(
        trial.warehouse,
        district_id=held.district_id,
        digest=str(held.digest),
        reason="checked",
        decided_by="the operator",
        decision_id="decision",
        report=silent,
    )
    of_district = f"SELECT day, sum(count)::BIGINT FROM sync.daily_counts WHERE kind = 'student' AND district_id = '{held.district_id}'"
    first, *_, last = trial.rows(f"{of_district} GROUP BY day ORDER BY day")
    assert (first[0], last[0]) == (_september(1), _september(4))
    assert (trial.rows(f"{of_district} AND day = '2026-09-03' GROUP BY day")[0][1], last[1]) == (first[1], first[1] - 1)
    assert _students(trial)[2] == students


def test_rollback_takes_the_counts_back(trial: "Trial", days: Days) -> None:
    trial.sync()
    before = _students(trial)
    days.set(2)
    _leave(trial)
    trial.sync()
    days.set(3)
    trial.warehouse.roll_back(trial.warehouse.kept_files()[0], silent)
    assert _students(trial) == before
    trial.sync()
    assert _students(trial) == {1: before[1], 2: before[1], 3: before[1] - 1}


def test_warehouse_that_an_earlier_version_synced_is_counted_by_the_next_sync(trial: "Trial", days: Days) -> None:
    trial.sync()

    def forget(session: "Session") -> None:
        session.execute("DELETE FROM sync.counts", "counts")
        session.publish()

    trial.warehouse.write("an earlier version", forget, silent)
    assert _students(trial) == {}
    days.set(2)
    assert trial.outcomes() == ["unchanged", "unchanged"]
    assert list(_students(trial)) == [2]
    assert _counted(trial, 2) == _shown(trial, trial.districts[0]) + _shown(trial, trial.districts[1])
