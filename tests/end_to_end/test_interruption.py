import fcntl
import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Event, Semaphore
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import dagster as dg
import pytest

from pipelines.sandbox import Meanwhile, Status
from pipelines.sandbox.people import ROLES
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal

INTERRUPTED = "Interrupted. Nothing was published.\n"


@contextmanager
def held(trial: "Trial", **which: Any) -> Iterator[Event]:
    """Hold one answer until the block ends; returns an event that is set when the request has arrived."""
    arrived, release = Event(), Event()

    def hold() -> None:
        arrived.set()
        release.wait()

    trial.sandbox.inject(Meanwhile(hold), times=1, **which)
    try:
        yield arrived
    finally:
        release.set()
        trial.sandbox.heal()


def runs(trial: "Trial") -> list[str]:
    """The states of all Dagster runs, oldest first."""
    with closing(sqlite3.connect(trial.folder / "dagster" / "history" / "runs.db")) as database:
        return [status for (status,) in database.execute("SELECT status FROM runs ORDER BY id")]


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def start(terminal: "Terminal", trial: "Trial", *arguments: str) -> "subprocess.Popen[str]":
    return terminal.start(*arguments, on=trial, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def crawled(requests: Sequence[Any]) -> list[str]:
    """The districts whose /users were requested."""
    return [each.district_id for each in requests if each.path == "/v3.0/users" and "role=" not in each.query]


def viewed(requests: Sequence[Any]) -> set[tuple[str, str]]:
    """Which role views of which districts were requested."""
    return {(each.district_id, parse_qs(each.query)["role"][0]) for each in requests if "role=" in each.query}


def landed(trial: "Trial") -> set[str]:
    """The districts whose /users are landed to their end."""
    receipts = trial.warehouse.landing.glob("*/*/*/users-receipt.json")
    return {receipt.parts[-4] for receipt in receipts if json.loads(receipt.read_text())["complete"]}


@pytest.mark.variants(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_a_sync_and_the_next_one_resumes(
    terminal: "Terminal", two: "Trial", number: signal.Signals
) -> None:
    with held(two, district=two.districts[1], role="contact") as arrived:
        process = start(terminal, two, "sync")
        assert arrived.wait(120)
        process.send_signal(number)
        process.send_signal(number)
        assert ended(process) == (128 + number, INTERRUPTED)
    assert not two.warehouse.published.exists()
    assert runs(two) == ["CANCELED"]
    whole, before = landed(two), len(two.sandbox.requests)
    assert two.districts[1] in whole

    resumed = terminal.run("sync", on=two)
    assert (resumed.code, runs(two)) == (0, ["CANCELED", "SUCCESS"])
    assert two.wrong() == []
    # A crawl that was landed to its end is not repeated; the role views are, since they verify it.
    again = list(two.sandbox.requests)[before:]
    assert sorted(crawled(again)) == sorted(set(two.districts) - whole)
    assert viewed(again) == {(district, role) for district in two.districts for role in ROLES}


def test_no_request_begins_after_a_signal(terminal: "Terminal", begin: "Begin") -> None:
    with begin(districts=10, users=5) as trial:
        arrivals, release = Semaphore(0), Event()

        def hold() -> None:
            arrivals.release()
            release.wait()

        trial.sandbox.inject(Meanwhile(hold), stream="users")
        process = start(terminal, trial, "sync")
        for _ in range(8):
            assert arrivals.acquire(timeout=120)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (143, INTERRUPTED)
        assert not arrivals.acquire(blocking=False)
        release.set()


@pytest.mark.search
def test_a_signal_ends_the_waits_between_tries(terminal: "Terminal", trial: "Trial") -> None:
    trial.sandbox.inject(Status(429, reset_after=3600), stream="users")
    arrived = Event()
    trial.sandbox.inject(Meanwhile(arrived.set), stream="users")
    process = start(terminal, trial, "sync")
    assert arrived.wait(120)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, INTERRUPTED)
    assert runs(trial) == ["CANCELED"]


@pytest.mark.search
def test_a_signal_while_the_districts_are_listed_stops_the_sync(terminal: "Terminal", trial: "Trial") -> None:
    with held(trial, stream="tokens") as arrived:
        process = start(terminal, trial, "sync")
        assert arrived.wait(120)
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, INTERRUPTED)
    assert runs(trial) == ["CANCELED"]


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "command",
    [
        ("sync",),
        ("sync", "--preview"),
        ("approve", "DISTRICT", "--reason", "r", "--yes"),
        ("reject", "DISTRICT", "--reason", "r", "--yes"),
        ("rollback", "--yes"),
        ("import-migration", "students.csv"),
        ("verify-legacy",),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_signal_ends_the_wait_for_another_writer(
    terminal: "Terminal", two: "Trial", command: tuple[str, ...]
) -> None:
    (terminal.folder / "students.csv").write_text("role_id,user_id\n")
    two.sync()
    two.sandbox.add_person(two.districts[0], ("student",))
    two.sync()
    two.sandbox.remove(two.person("student"))
    two.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    two.sync()
    command = tuple(two.districts[0] if argument == "DISTRICT" else argument for argument in command)
    published = two.warehouse.published.stat().st_ino
    with (two.warehouse.state / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(terminal, two, *command)
        assert process.stdout is not None
        assert any(line.startswith("Another sync") for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (143, INTERRUPTED)
    assert two.warehouse.published.stat().st_ino == published


@pytest.mark.search
def test_a_signal_after_publishing_does_not_claim_that_nothing_was_published(
    terminal: "Terminal", trial: "Trial"
) -> None:
    process = start(terminal, trial, "sync")
    while not trial.warehouse.published.exists():
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "The signal came too late to stop the command: it is complete.\n")
    assert runs(trial) == ["SUCCESS"]
    assert trial.wrong() == []


def test_terminate_in_the_ui_stops_a_sync_of_the_terminal(
    terminal: "Terminal", trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(trial, role="contact") as arrived:
        process = start(terminal, trial, "sync")
        assert arrived.wait(120)
        home = str(trial.folder / "dagster")
        monkeypatch.setenv("DAGSTER_HOME", home)
        with dg.DagsterInstance.from_config(home) as instance:
            (run,) = instance.get_runs()
            assert instance.run_launcher.terminate(run.run_id) is False  # it has marked the run all the same
        assert ended(process) == (130, INTERRUPTED)
    assert runs(trial) == ["CANCELED"]


def test_the_next_sync_marks_the_run_of_a_killed_one_as_failed_and_resumes_it(
    terminal: "Terminal", two: "Trial"
) -> None:
    with held(two, district=two.districts[1], role="contact") as arrived:
        process = start(terminal, two, "sync")
        assert arrived.wait(120)
        process.kill()
        ended(process)
    assert runs(two) == ["STARTED"]
    assert terminal.run("sync", on=two).code == 0
    assert runs(two) == ["FAILURE", "SUCCESS"]
    assert two.wrong() == []
    assert list(two.warehouse.runs.iterdir()) == []


@pytest.mark.search
def test_a_run_whose_process_is_alive_is_left_alone(terminal: "Terminal", trial: "Trial") -> None:
    with held(trial, role="contact") as arrived:
        first = start(terminal, trial, "sync")
        assert arrived.wait(120)
        second = start(terminal, trial, "sync")
        assert second.stdout is not None
        assert any(line.startswith("Another sync") for line in second.stdout)
        assert runs(trial) == ["STARTED", "STARTED"]
    assert ended(first) == ended(second) == (0, "")
    assert runs(trial) == ["SUCCESS", "SUCCESS"]
