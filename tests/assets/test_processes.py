import fcntl
import socket
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets import processes
from assets.definitions import build

if TYPE_CHECKING:
    from tests.assets.conftest import Room

OURS = "\n".join(processes._machine())
OTHER = "another-host\n00000000-0000-0000-0000-000000000000"


def begun(room: "Room", status: dg.DagsterRunStatus, written: str = OURS) -> tuple[str, Path]:
    """A run in some state that nobody ends, and the file that its process has left."""
    job = build().resolve_job_def("sync")
    run = room.dagster.create_run_for_job(job, run_id=str(uuid.uuid4()), status=status)
    file = room.trial.warehouse.runs / run.run_id
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written)
    return run.run_id, file


def status(room: "Room", run_id: str) -> dg.DagsterRunStatus:
    run = room.dagster.get_run_by_id(run_id)
    assert run is not None
    return run.status


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE),
        (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.FAILURE),
        (dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED),
        (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.SUCCESS),
    ],
)
def test_a_run_whose_process_is_gone_is_ended_by_the_next_sync(
    room: "Room", left: dg.DagsterRunStatus, shown: dg.DagsterRunStatus
) -> None:
    run_id, file = begun(room, left)
    assert room.run().success
    assert status(room, run_id) is shown
    assert not file.exists()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (OTHER, dg.DagsterRunStatus.STARTED),
        (OTHER.replace("another-host", socket.gethostname()), dg.DagsterRunStatus.FAILURE),
        (OURS.replace(socket.gethostname(), "another-container"), dg.DagsterRunStatus.FAILURE),
    ],
    ids=["another machine", "this one before it restarted", "another container of this one"],
)
def test_only_runs_of_this_machine_are_ended(room: "Room", written: str, shown: dg.DagsterRunStatus) -> None:
    run_id, _ = begun(room, dg.DagsterRunStatus.STARTED, written)
    assert room.run().success
    assert status(room, run_id) is shown


def test_a_run_that_holds_its_lock_is_left_alone(room: "Room") -> None:
    run_id, file = begun(room, dg.DagsterRunStatus.STARTED)
    with file.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert room.run().success
        assert status(room, run_id) is dg.DagsterRunStatus.STARTED
    assert room.run().success
    assert status(room, run_id) is dg.DagsterRunStatus.FAILURE


def test_a_run_that_dagster_no_longer_has_leaves_no_file(room: "Room") -> None:
    run_id, file = begun(room, dg.DagsterRunStatus.STARTED)
    room.dagster.delete_run(run_id)
    assert room.run().success
    assert not file.exists()


def test_a_sync_runs_where_no_file_can_be_locked(room: "Room") -> None:
    room.trial.warehouse.state.mkdir()
    room.trial.warehouse.runs.write_text("a file where a folder should be")
    assert room.run().success
    assert room.trial.wrong() == []
