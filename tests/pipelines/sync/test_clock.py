"""A clock that is ahead, behind, or stepped: the order of syncs is that of their publication, and instants never run backwards."""

import contextlib
import dataclasses
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import Notice, Stage
from pipelines.sync import Limits, LimitsByDistrict, approve, reject
from pipelines.warehouse.statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.progress import Event
    from tests.conftest import Begin, Trial

START = datetime(2026, 9, 1, 2, tzinfo=UTC)

DAY = timedelta(days=1)

HOUR = timedelta(hours=1)

TABLES = ("users", "user_roles")

AS_OF_NOW_DIFFERS = """
(FROM {table}_as_of(now()) EXCEPT ALL SELECT * EXCLUDE (valid_from, change) FROM {table})
UNION ALL
(SELECT * EXCLUDE (valid_from, change) FROM {table} EXCEPT ALL FROM {table}_as_of(now()))
"""

RUNS_BACKWARDS = """
SELECT user_id FROM users_history WHERE valid_to <= valid_from
UNION ALL
SELECT user_id FROM user_roles_history WHERE valid_to <= valid_from
UNION ALL
SELECT one.user_id FROM users_history AS one JOIN users_history AS other USING (district_id, user_id)
WHERE one.valid_from < other.valid_from AND coalesce(one.valid_to, 'infinity') > other.valid_from
UNION ALL
SELECT sync_id FROM sync.runs WHERE finished_at < started_at OR finished_at <= read_at
UNION ALL
SELECT legacy_id FROM legacy_id_crosswalk WHERE last_seen_at < first_seen_at OR ended_at < last_seen_at
UNION ALL
SELECT digest FROM sync.holds WHERE seen_at < held_at OR decided_at < held_at OR applied_at < decided_at
UNION ALL
SELECT path FROM sync.fields WHERE last_seen_at < first_seen_at
"""

OUT_OF_ORDER = "SELECT sequence FROM sync.runs GROUP BY sequence HAVING count(DISTINCT sync_id) > 1"


class Hand:
    """A clock that a test sets; it moves by a second each time that it is read."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def trial(begin: "Begin", hand: Hand) -> "Iterator[Trial]":
    """Return a warehouse of 60 people whose clock the test sets, and nothing is held."""
    with begin(users=60, seed=5) as made:
        yield dataclasses.replace(made, clock=hand, limits=_limits(10**6))


def _limits(min_records: int) -> LimitsByDistrict:
    return LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=min_records))


def _notices(trial: "Trial") -> list[str]:
    return [event.text for event in trial.events if isinstance(event, Notice)]


def _is_in_order(trial: "Trial") -> bool:
    """Return whether no instant runs backwards, and what was as of now is what is."""
    assert trial.rows(RUNS_BACKWARDS) == []
    assert trial.rows(OUT_OF_ORDER) == []
    for table in TABLES:
        assert trial.rows(AS_OF_NOW_DIFFERS.format(table=table)) == []
    return True


def _leave(trial: "Trial", count: int) -> list[str]:
    leaving = trial.sandbox.roster(trial.districts[0]).ids("student")[:count]
    for user_id in leaving:
        trial.sandbox.remove(user_id)
    return leaving


def _return(trial: "Trial", people: list[str]) -> None:
    for user_id in people:
        trial.sandbox.restore(user_id)


@pytest.mark.variants(1)
@pytest.mark.parametrize("ahead", [1, 2], ids=["ahead at the first sync", "ahead at the second sync"])
def test_people_who_come_back_are_restored_when_the_clock_was_ahead(trial: "Trial", hand: Hand, ahead: int) -> None:
    """The same bytes as at the sync whose clock was ahead are not the latest bytes."""
    if ahead == 2:
        gone = _leave(trial, 3)
        trial.sync()
        _return(trial, gone)
    hand.time += DAY
    trial.sync()
    hand.time -= DAY
    gone = _leave(trial, 5)
    assert trial.outcome().counts.archived == 5
    assert _is_in_order(trial)
    _return(trial, gone)
    outcome = trial.outcome()
    assert (outcome.outcome, outcome.counts.restored) == ("applied", 5)
    assert trial.wrong() == []
    assert _is_in_order(trial)
    assert trial.outcomes() == ["unchanged"]


def test_clock_behind_the_latest_rows_is_one_notice_that_names_both_times(trial: "Trial", hand: Hand) -> None:
    trial.sync()
    assert _notices(trial) == []
    hand.time -= DAY
    trial.sync()
    (notice,) = _notices(trial)
    assert re.search(
        r"this machine shows 2026-08-31 02:\d\d:\d\d UTC.* from 2026-09-01 02:\d\d:\d\d UTC.*timedatectl", notice
    )
    trial.events.clear()
    hand.time += 2 * DAY
    trial.sync()
    assert _notices(trial) == []


def test_clock_that_steps_back_during_a_sync_gives_rows_in_order_and_one_notice(trial: "Trial", hand: Hand) -> None:
    trial.sync()
    _leave(trial, 2)

    def step(event: "Event") -> None:
        trial.events.append(event)
        if isinstance(event, Stage):
            hand.time -= HOUR

    assert [outcome.outcome for outcome in trial.sync(report=step).outcomes] == ["applied"]
    assert len(_notices(trial)) == 1
    assert _is_in_order(trial)
    assert trial.wrong() == []


def test_first_sync_with_a_clock_ahead_is_as_of_now_immediately(trial: "Trial") -> None:
    ahead = dataclasses.replace(trial, clock=lambda: datetime.now(UTC) + DAY)
    ahead.sync()
    assert trial.value("SELECT count(*) FROM users_as_of(now())") == 60
    assert trial.value("SELECT count(*) FROM users_as_of(now() - INTERVAL 1 HOUR)") == 0
    assert trial.value("SELECT count(*) FROM users_as_of(now() + INTERVAL 1 WEEK)") == 60
    right = dataclasses.replace(trial, clock=lambda: datetime.now(UTC))
    _leave(right, 5)
    right.sync()
    assert _is_in_order(right)
    assert trial.value("SELECT count(*) FROM users_as_of(now())") == 55


@pytest.mark.variants(1)
@pytest.mark.parametrize("step", [-DAY, DAY], ids=["behind", "ahead"])
def test_approval_with_a_wrong_clock_is_applied_once_and_is_the_latest(
    trial: "Trial", hand: Hand, step: timedelta
) -> None:
    trial.sync()
    trial.limits = _limits(1)
    gone = _leave(trial, 5)
    held = trial.outcome()
    assert held.outcome == "held"
    hand.time += step
    decided = approve(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=str(held.digest),
        reason="synthetic",
        decided_by="somebody",
        decision_id="approval",
        report=trial.events.append,
    )
    assert decided is not None
    hand.time -= step
    assert trial.outcomes() == ["unchanged"]
    assert trial.rows("SELECT state, applied_at IS NOT NULL FROM sync.holds") == [("approved", True)]
    assert _is_in_order(trial)
    trial.limits = _limits(10**6)
    _return(trial, gone)
    assert trial.outcome().counts.restored == 5
    _leave(trial, 5)
    trial.limits = _limits(1)
    assert trial.outcomes() == ["held"]  # an approval is good for one time


def test_snapshot_that_was_rejected_with_a_clock_ahead_stays_rejected(trial: "Trial", hand: Hand) -> None:
    trial.sync()
    trial.limits = _limits(1)
    _leave(trial, 5)
    hand.time += DAY
    digest = str(trial.outcome().digest)
    reject(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=digest,
        reason="synthetic",
        decided_by="somebody",
        decision_id="rejection",
        report=trial.events.append,
    )
    hand.time -= DAY
    assert trial.outcomes() == ["held"]
    assert trial.rows("SELECT state FROM sync.holds") == [("rejected",)]


def test_latest_decision_counts_when_the_first_hold_was_ahead(trial: "Trial", hand: Hand) -> None:
    trial.sync()
    hand.time += DAY
    trial.limits = _limits(1)
    gone = _leave(trial, 5)
    trial.sync()
    hand.time -= DAY
    _return(trial, gone)
    assert trial.outcomes() == ["unchanged"]
    for user_id in gone:
        trial.sandbox.remove(user_id)
    for _ in range(3):
        assert trial.outcomes() == ["held"]
    assert trial.rows("SELECT state FROM sync.holds ORDER BY sequence") == [("released",), ("held",)]


def test_legacy_id_leads_to_its_latest_holder_when_the_clock_was_ahead(trial: "Trial", hand: Hand) -> None:
    hand.time += DAY
    trial.sync()
    hand.time -= DAY
    roster = trial.sandbox.roster(trial.districts[0])
    first, second = [user for user in roster.ids("teacher") if roster.roles(user) == ("teacher",)][:2]
    legacy_id = trial.value("SELECT legacy_id FROM legacy_id_crosswalk WHERE user_id = ?", first)
    trial.sandbox.reissue(legacy_id, second)
    trial.sync()
    trial.sandbox.remove(second)
    trial.sync()
    assert trial.value("SELECT v3_user_id(?)", legacy_id) == second
    assert _is_in_order(trial)


def test_kept_files_are_in_the_order_of_publication_when_the_clock_was_ahead(trial: "Trial", hand: Hand) -> None:
    trial.sync()
    hand.time += DAY
    for _ in range(3):
        _leave(trial, 1)
        trial.sync()
        hand.time -= DAY
    assert [_people_in(file) for file in trial.warehouse.kept_files()] == [58, 59, 60]


def _people_in(file: Path) -> int:
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as connection:
        ((people,),) = connection.execute("SELECT count(*) FROM users").fetchall()
    return int(people)


def test_status_shows_the_latest_sync_when_an_earlier_one_was_ahead(trial: "Trial", hand: Hand) -> None:
    hand.time += DAY
    trial.sync()
    hand.time -= DAY
    trial.limits = _limits(1)
    _leave(trial, 5)
    trial.sync()
    (row,) = trial.rows(statement("shown/status"))
    assert "held" in row


ACTIONS = ("leave", "leave", "return", "return", "night", "nothing")


def _act(trial: "Trial", action: str, gone: list[str]) -> list[str]:
    """Let something happen in the district, and give who is gone after it."""
    if action == "leave":
        return gone + _leave(trial, 3)
    if action == "return":
        _return(trial, gone)
        return []
    if action == "night":
        trial.sandbox.advance(1)
    return gone


@pytest.mark.search
@pytest.mark.parametrize("seed", range(3))
def test_random_steps_of_the_clock_leave_the_rows_that_a_steady_clock_leaves(begin: "Begin", seed: int) -> None:
    rng = random.Random(seed)
    hand = Hand()
    with begin(users=60, seed=seed) as steady, begin(users=60, seed=seed) as stepped:
        steady.limits = stepped.limits = _limits(10**6)
        stepped.clock = hand
        gone: list[str] = []
        for _ in range(10):
            hand.time += timedelta(seconds=rng.choice([-1, 0, 1]) * 10 ** rng.uniform(0, 6))
            action = rng.choice(ACTIONS)
            left = [_act(trial, action, gone) for trial in (steady, stepped)]
            assert left[0] == left[1]
            gone = left[0]
            assert steady.outcomes() == stepped.outcomes()
            assert stepped.wrong() == []
            assert _is_in_order(stepped)
            assert steady.fingerprint() == stepped.fingerprint()
