import os
import signal
import threading
import uuid
from typing import TYPE_CHECKING

import pytest

from pipelines import interruption
from pipelines.interruption import Interrupted
from pipelines.landing import folder
from pipelines.progress import Event, PageLanded, ReadAgain, Stage, StreamResumed, silent
from pipelines.warehouse import Session, Warehouse
from tests.conftest import DEFAULT_STREAMS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Trial


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def interrupt_when_written(file: "Path") -> None:
    while not file.exists():
        pass
    interrupt()


def interrupted_when(trial: "Trial", kind: type[Event], activity: str | None = None) -> None:
    """Sync, and stop at the first event of a kind."""

    def report(event: Event) -> None:
        if isinstance(event, kind) and (activity is None or getattr(event, "activity", None) == activity):
            interrupt()
            interruption.wait(60)

    with interruption.deferred(), pytest.raises(Interrupted):
        trial.sync(sync_id=uuid.uuid4().hex, report=report)


def resumed(trial: "Trial") -> set[tuple[str, str]]:
    """Sync; returns the district and the name of each list that went on from what an earlier sync had landed."""
    trial.events.clear()
    trial.sync()
    assert trial.wrong() == []
    return {(event.district_id, event.stream) for event in trial.events if isinstance(event, StreamResumed)}


def every_list(trial: "Trial") -> set[tuple[str, str]]:
    """The district and the name of each list of records. Role views are none: they verify a list anew in each sync."""
    return {(district, stream.name) for district in trial.districts for stream in DEFAULT_STREAMS if not stream.after}


def test_a_signal_ends_a_statement_that_runs_for_long(tmp_path: "Path") -> None:
    file = tmp_path / "endless.csv"

    def run(session: Session) -> None:
        signaler.start()
        session.execute(f"COPY (FROM range(1_000_000_000_000)) TO '{file}'", "a long statement")

    signaler = threading.Thread(target=interrupt_when_written, args=(file,))
    with interruption.deferred(), pytest.raises(Interrupted) as ended:
        Warehouse(tmp_path).write("sync", run, silent)
    assert ended.value.exit_code == 143


@pytest.mark.variants(2)
@pytest.mark.parametrize(
    "activity", ["reading from Clever", "verifying completeness", "comparing", "applying", "checking", "publishing"]
)
def test_a_signal_before_the_rename_publishes_nothing(two: "Trial", activity: str) -> None:
    two.sync()
    two.sandbox.add_person(two.districts[0], ("student",))
    published = two.warehouse.published.stat().st_ino
    interrupted_when(two, Stage, activity)
    assert two.warehouse.published.stat().st_ino == published
    assert resumed(two) == (set() if activity == "reading from Clever" else every_list(two))


def test_a_second_interrupted_sync_is_resumed_too(two: "Trial") -> None:
    interrupted_when(two, Stage, "verifying completeness")
    interrupted_when(two, Stage, "applying")
    assert resumed(two) == every_list(two)


def test_a_change_after_a_read_that_was_complete_is_found_by_the_sync_that_resumes_it(two: "Trial") -> None:
    interrupted_when(two, Stage, "applying")
    two.sandbox.remove(two.person("student"))
    two.sandbox.add_person(two.districts[1], ("contact",))
    assert resumed(two) == every_list(two)
    assert sum(isinstance(event, ReadAgain) for event in two.events) == 2


def test_a_change_between_the_two_parts_of_a_resumed_read_is_found(two: "Trial") -> None:
    interrupted_when(two, Stage, "verifying completeness")
    for district in two.districts:
        for receipt in two.warehouse.landing.glob(f"{district}/*/read-1/teachers-receipt.json"):
            receipt.unlink()
        two.sandbox.add_person(district, ("teacher",))
    assert resumed(two) == every_list(two)


def test_a_landing_of_another_host_is_not_resumed(trial: "Trial", begin: "pytest.FixtureRequest") -> None:
    interrupted_when(trial, Stage, "verifying completeness")
    trial.url = trial.url.replace("127.0.0.1", "localhost")
    assert resumed(trial) == set()


def test_a_landing_of_the_day_before_is_not_resumed(trial: "Trial") -> None:
    interrupted_when(trial, Stage, "verifying completeness")
    (mark,) = trial.warehouse.landing.glob(f"*/*/{folder.UNFINISHED}")
    day_before = mark.stat().st_mtime - 24 * 60 * 60
    os.utime(mark, (day_before, day_before))
    assert resumed(trial) == set()


def test_a_sync_that_ended_is_not_resumed_after_a_rollback(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sync()
    trial.warehouse.roll_back(trial.warehouse.kept_files()[0], silent)
    assert resumed(trial) == set()


def test_a_preview_that_is_interrupted_leaves_nothing_to_resume(trial: "Trial") -> None:
    with interruption.deferred(), pytest.raises(Interrupted):
        trial.sync(preview=True, report=lambda event: interrupt() if isinstance(event, PageLanded) else None)
    assert not list(trial.warehouse.landing.glob("*/*"))
    assert resumed(trial) == set()
