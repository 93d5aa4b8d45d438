"""What `clever-warehouse holds` shows: which districts wait for a decision, since when, and what was decided before."""

import contextlib
import dataclasses
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest
from rich.console import Console

from assets.cli.tables import show_holds, show_preview
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict, reject

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
    """Return a warehouse that is synced once, and in which every change is held from then on."""
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


def test_holds_say_how_many_archived_people_continue_under_new_ids(held: "Trial", nights: Nights) -> None:
    teachers = held.sandbox.roster(held.districts[0]).ids("teacher")[:3]
    for user_id in teachers:
        legacy_id = held.sandbox.roster(held.districts[0]).record(user_id)["roles"]["teacher"]["legacy_id"]
        held.sandbox.remove(user_id)
        made = held.sandbox.add_person(held.districts[0], ("teacher",))
        held.sandbox.change(made, {"roles.teacher.legacy_id": legacy_id})
    digest = _hold(held, nights)
    assert "  people    3 of the 4 archived people continue under new IDs.\n" in _shown(held)
    reject(
        held.warehouse,
        district_id=held.districts[0],
        digest=digest,
        reason="not yet",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    assert "  people    3 of the 4 archived people continue under new IDs.\n" in _shown(held)
    text = io.StringIO()
    held.limits = LimitsByDistrict()
    held.sandbox.remove(held.person("student"))
    show_preview(held.sync(preview=True), Console(file=text, width=200))
    assert "5 archived, 0 restored). 3 of the 5 archived people continue under new IDs.\n" in text.getvalue()


def test_hold_of_an_earlier_version_is_listed_without_the_number_of_archived_people(
    held: "Trial", nights: Nights
) -> None:
    _hold(held, nights)
    assert "  people    The archived person does not continue under a new ID.\n" in _shown(held)
    with duckdb.connect(str(held.folder / "state" / "work.duckdb")) as work:
        work.execute("UPDATE sync.holds SET archived = NULL, continuing = NULL")
    held.sync()
    text = _shown(held)
    assert "  why       1 of" in text
    assert "people  " not in text
