"""Alerts: each cause is reported once, reported again while it lasts, and reported once when it is over."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.operations.alerts import (
    FEW,
    PUBLISHED,
    TOLERANCE,
    Cause,
    Kind,
    Message,
    Phase,
    Situation,
    due,
    latest_due,
    remembered,
    situation,
)
from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from tests.conftest import Begin

START = datetime(2026, 10, 14, 2, tzinfo=UTC)

HOUR = timedelta(hours=1)

CAUSES = [
    *(Cause(kind, what) for kind in sorted(PUBLISHED) for what in ("a", "b")),
    Cause(Kind.RUN),
    Cause(Kind.MISSED),
]

LOOKS = st.lists(
    st.tuples(st.sets(st.sampled_from(CAUSES)), st.integers(1, 40), st.booleans(), st.booleans()),
    min_size=1,
    max_size=30,
)
"""Looks one after the other: the causes that there are, the hours since the look before, whether the published file could be read,
and whether the message was accepted."""


def seen(causes: "set[Cause]", *, is_readable: bool = True) -> Situation:
    """What is found of causes."""
    examined = frozenset(Kind) if is_readable else frozenset(Kind) - PUBLISHED
    return Situation({cause.key: cause for cause in causes if cause.kind in examined}, examined, {})


@given(looks=LOOKS, hours=st.integers(1, 48))
def test_every_cause_is_reported_once_then_by_reminders_and_once_when_it_is_over(
    looks: "list[tuple[set[Cause], int, bool, bool]]", hours: int
) -> None:
    memory: dict[str, int] = {}
    instant = START
    last: dict[str, datetime] = {}
    for causes, passed, is_readable, is_accepted in looks:
        instant += passed * HOUR
        now = seen(causes, is_readable=is_readable)
        messages = due(now, memory, instant, hours * HOUR)
        said = {key: message.phase for message in messages for key in message.keys}
        assert len(said) == sum(len(message.keys) for message in messages)
        expected = {key: Phase.NEW for key in now.causes if key not in last}
        expected |= {key: Phase.REMINDER for key in now.causes if key in last and instant - last[key] >= hours * HOUR}
        expected |= {
            key: Phase.OVER for key in last if key not in now.causes and Kind(key.partition(" ")[0]) in now.examined
        }
        assert said == expected
        assert max(Counter((message.phase, message.kind) for message in messages).values(), default=0) <= 1
        if is_accepted:
            memory = remembered(memory, messages, instant)
            for key, phase in said.items():
                if phase is Phase.OVER:
                    del last[key]
                else:
                    last[key] = instant
    assert memory.keys() == last.keys()


@given(causes=st.sets(st.sampled_from(CAUSES)), later=st.integers(0, 86_399))
def test_a_message_that_was_accepted_is_not_due_again_before_the_reminder(causes: "set[Cause]", later: int) -> None:
    now = seen(causes)
    memory = remembered({}, due(now, {}, START, 24 * HOUR), START)
    assert due(now, memory, START + timedelta(seconds=later), 24 * HOUR) == []


@given(count=st.integers(1, 600), phase=st.sampled_from(Phase))
def test_many_districts_with_one_cause_are_one_message_that_names_few(count: int, phase: Phase) -> None:
    causes = [Cause(Kind.HELD, f"{number:024x}", "Held since noon.") for number in range(count)]
    keys = {cause.key: 0 for cause in causes}
    there = {cause.key: cause for cause in causes} if phase is not Phase.OVER else {}
    names = {cause.what: f"Elk {number:03}" for number, cause in enumerate(causes)}
    now = Situation(there, frozenset(Kind), names)
    (message,) = due(now, {} if phase is Phase.NEW else keys, START, HOUR)
    assert (message.phase, sorted(message.keys)) == (phase, sorted(keys))
    assert ("Elk 004 " in message.text) == (count >= FEW)
    assert "Elk 005 " not in message.text
    assert (f"and {count - FEW} more" in message.text) == (count > FEW)


@given(
    instant=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds have none)
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    timezone=st.sampled_from(["UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_latest_due_sync_is_at_most_a_day_and_the_tolerance_ago(
    instant: datetime, hour: int, minute: int, timezone: str
) -> None:
    tick = latest_due(instant, f"{hour:02}:{minute:02}", timezone)
    # Where clocks are changed, a day has an hour less or more.
    assert TOLERANCE <= instant - tick < TOLERANCE + timedelta(hours=25)


def test_a_sync_is_due_at_its_local_time() -> None:
    assert latest_due(datetime(2026, 7, 2, 7, 59, tzinfo=UTC), "02:00", "America/Chicago") == datetime(
        2026, 7, 1, 7, tzinfo=UTC
    )
    assert latest_due(datetime(2026, 7, 2, 8, tzinfo=UTC), "02:00", "America/Chicago") == datetime(
        2026, 7, 2, 7, tzinfo=UTC
    )


def by_kind(messages: list[Message]) -> dict[Kind, Message]:
    return {message.kind: message for message in messages}


@pytest.fixture(scope="module")
def found(begin: "Begin") -> "tuple[list[str], str, Situation]":
    """Return what is found in a warehouse of four districts: held, failed, stale, and one with drift; and the digest of the hold."""
    with begin(districts=4, users=40) as trial:
        trial.limits = LimitsByDistrict(Limits(min_records=5))
        held, failed, stale, drifting = trial.districts
        for district_id in trial.districts:
            trial.sandbox.describe(district_id, state="success", last_sync=datetime.now(UTC))
        trial.sync()
        for user_id in trial.sandbox.roster(held).ids("student")[:10]:
            trial.sandbox.remove(user_id)
        trial.sandbox.inject(Status(403), district=failed)
        trial.sandbox.describe(stale, state="error")
        for user_id in trial.sandbox.roster(drifting).ids("student")[:5]:
            trial.sandbox.change(user_id, {"shoe_size": "44"})
        trial.sync()
        digest = trial.value("SELECT digest FROM sync.holds WHERE state = 'held'")
        return trial.districts, digest, situation(trial.warehouse.present())


def test_every_kind_of_cause_is_found_in_the_published_file(found: "tuple[list[str], str, Situation]") -> None:
    (held, failed, stale, _), digest, now = found
    assert {cause.kind: cause.what for cause in now.causes.values()} == {
        Kind.HELD: held,
        Kind.FAILED: failed,
        Kind.STALE: stale,
        Kind.DRIFT: "unknown_field shoe_size",
    }
    messages = by_kind(due(now, {}, START, HOUR))
    name = now.names[held]
    assert messages[Kind.HELD].title == f"{name} ({held}) is held for approval"
    assert f"run `clever-warehouse approve {digest[:12]}`" in messages[Kind.HELD].text
    assert "student: 10 archived" in messages[Kind.HELD].text
    assert messages[Kind.FAILED].title == f"The latest sync of {now.names[failed]} ({failed}) failed"
    assert "403" in messages[Kind.FAILED].text
    assert "Clever reports an error of its sync from the SIS" in messages[Kind.STALE].text
    assert "5 records in 1 district" in messages[Kind.DRIFT].text


def test_what_is_over_is_named(found: "tuple[list[str], str, Situation]") -> None:
    (held, *_), _, now = found
    memory = remembered({}, due(now, {}, START, HOUR), START)
    messages = by_kind(due(Situation({}, frozenset(Kind), now.names), memory, START, HOUR))
    assert messages.keys() == PUBLISHED
    assert messages[Kind.HELD].text == f"No longer held: {now.names[held]} ({held})."


def test_nothing_is_over_while_the_published_file_cannot_be_read(found: "tuple[list[str], str, Situation]") -> None:
    *_, now = found
    memory = remembered({}, due(now, {}, START, HOUR), START)
    assert due(situation(None), memory, START + 100 * HOUR, HOUR) == []
    (message,) = due(situation(None, run_failure="Run 7 failed."), memory, START, HOUR)
    assert message.text == "The latest run failed.\nRun 7 failed."
