"""What `clever-warehouse holds` shows: which districts wait for a decision, since when, and what was decided before."""

import contextlib
import dataclasses
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from assets.tables_shown import show_holds
from pipelines.decisions import reject
from pipelines.holding import Limits, LimitsByDistrict
from pipelines.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial


class Nights:
    """A clock that a test moves to the next night."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def nights() -> Nights:
    return Nights()


@pytest.fixture
def held(begin: "Begin", nights: Nights) -> "Iterator[Trial]":
    """Give a warehouse that is synced once, and in which every change is held from then on."""
    with begin() as trial:
        trial = dataclasses.replace(trial, clock=nights)  # noqa: PLW2901 - the same, by another clock
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
        yield trial


def _shown(trial: "Trial") -> str:
    text = io.StringIO()
    with contextlib.closing(trial.warehouse.reading()) as connection:
        show_holds(connection, Console(file=text, width=200))
    return text.getvalue()


def _hold(trial: "Trial", nights: Nights) -> str:
    """Let a night pass in which a student leaves, and give the digest of the held snapshot."""
    nights.time += timedelta(days=1)
    trial.sandbox.remove(trial.person("student"))
    outcome = trial.outcome()
    assert outcome.outcome == "held"
    return str(outcome.digest)


def test_district_is_held_since_its_first_snapshot_and_superseded_ones_are_not_listed(
    held: "Trial", nights: Nights
) -> None:
    assert _shown(held) == "No holds.\n"
    digests = [_hold(held, nights) for _ in range(3)]
    text = _shown(held)
    assert f"District {held.districts[0]}: held since 2026-09-02 02:00 UTC, waiting for a decision" in text
    assert [digest in text for digest in digests] == [False, False, True]
    assert text.count("District") == 1
    assert [state for (state,) in held.rows("SELECT state FROM sync.holds ORDER BY sequence")] == [
        "superseded",
        "superseded",
        "held",
    ]


def test_district_that_was_up_to_date_in_between_is_held_since_then(held: "Trial", nights: Nights) -> None:
    _hold(held, nights)
    leaver = held.sandbox.log[-1].user_ids[0]
    held.sandbox.restore(leaver)
    assert held.outcomes() == ["unchanged"]
    assert _shown(held) == "No holds.\n"
    _hold(held, nights)
    result = held.sync()
    assert result.waiting[held.districts[0]].held_since == "2026-09-03 02:00 UTC"
    assert "held since 2026-09-03 02:00 UTC" in _shown(held)


def test_decisions_are_listed_after_what_waits(held: "Trial", nights: Nights) -> None:
    rejected = _hold(held, nights)
    reject(
        held.warehouse,
        district_id=held.districts[0],
        digest=rejected,
        reason="not yet",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    waiting = _hold(held, nights)
    text = _shown(held)
    assert text.index(waiting) < text.index(f"District {held.districts[0]}: rejected") < text.index(rejected)
    assert "decision  2026-09-02 02:00 UTC by somebody: not yet" in text
    assert "held since 2026-09-02 02:00 UTC" in text
