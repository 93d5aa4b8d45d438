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
    from tests.assets.conftest import Deployment

OURS = "\n".join(processes._machine())
OTHER = "another-host\n00000000-0000-0000-0000-000000000000"


def begun(deployment: "Deployment", status: dg.DagsterRunStatus, written: str = OURS) -> tuple[str, Path]:
    """A run in some state that no one ends, and the file that its process has left."""
    job = build().resolve_job_def("sync")
    run = deployment.dagster.create_run_for_job(job, run_id=str(uuid.uuid4()), status=status)
    file = deployment.trial.warehouse.runs / run.run_id
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written)
    return run.run_id, file


def status(deployment: "Deployment", run_id: str) -> dg.DagsterRunStatus:
    run = deployment.dagster.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_runs_whose_process_is_gone_are_ended_by_the_next_sync(deployment: "Deployment") -> None:
    left = dg.DagsterRunStatus
    ends = {
        left.STARTED: left.FAILURE,
        left.STARTING: left.FAILURE,
        left.CANCELING: left.CANCELED,
        left.SUCCESS: left.SUCCESS,
    }
    runs = {each: begun(deployment, each) for each in ends}
    assert deployment.run().success
    assert {each: status(deployment, run_id) for each, (run_id, _) in runs.items()} == ends
    assert [file for _, file in runs.values() if file.exists()] == []


@pytest.mark.search
def test_only_runs_of_this_machine_are_ended(deployment: "Deployment") -> None:
    ends = {
        "another machine": (OTHER, dg.DagsterRunStatus.STARTED),
        "this one before it restarted": (
            OTHER.replace("another-host", socket.gethostname()),
            dg.DagsterRunStatus.FAILURE,
        ),
        "another container of this one": (
            OURS.replace(socket.gethostname(), "another-container"),
            dg.DagsterRunStatus.FAILURE,
        ),
    }
    runs = {name: begun(deployment, dg.DagsterRunStatus.STARTED, written)[0] for name, (written, _) in ends.items()}
    assert deployment.run().success
    assert {name: status(deployment, run_id) for name, run_id in runs.items()} == {
        name: end for name, (_, end) in ends.items()
    }


@pytest.mark.search
def test_a_run_that_holds_its_lock_is_left_alone(deployment: "Deployment") -> None:
    run_id, file = begun(deployment, dg.DagsterRunStatus.STARTED)
    with file.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert deployment.run().success
        assert status(deployment, run_id) is dg.DagsterRunStatus.STARTED
    assert deployment.run().success
    assert status(deployment, run_id) is dg.DagsterRunStatus.FAILURE


def test_a_run_that_dagster_no_longer_has_leaves_no_file(deployment: "Deployment") -> None:
    run_id, file = begun(deployment, dg.DagsterRunStatus.STARTED)
    deployment.dagster.delete_run(run_id)
    assert deployment.run().success
    assert not file.exists()


def test_a_sync_runs_where_no_file_can_be_locked(deployment: "Deployment") -> None:
    deployment.trial.warehouse.state.mkdir()
    deployment.trial.warehouse.runs.write_text("a file where a folder should be")
    assert deployment.run().success
    assert deployment.trial.wrong() == []
