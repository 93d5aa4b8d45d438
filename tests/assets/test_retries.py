import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from assets.definitions import build
from pipelines.progress import Event, Stage, StreamResumed
from tests.conftest import DEFAULT_STREAMS

if TYPE_CHECKING:
    import pytest

    from tests.assets.conftest import Deployment, OpenDeployment

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


def test_a_step_that_crashes_is_tried_again_in_the_same_run_and_resumes_from_what_is_landed(
    open_deployment: "OpenDeployment",
) -> None:
    seen: list[Event] = []

    def crash_once(event: Event) -> None:
        first = not any(isinstance(each, Stage) and each.activity == "verifying completeness" for each in seen)
        seen.append(event)
        if first and isinstance(event, Stage) and event.activity == "verifying completeness":
            raise RuntimeError("the machine had enough")

    with open_deployment(districts=1) as deployment:
        result = deployment.run(progress=crash_once)
        assert result.success
        assert [
            event.event_type_value
            for event in result.all_events
            if "STEP_" in event.event_type_value and event.event_type_value != "STEP_OUTPUT"
        ] == [
            "STEP_START",
            "STEP_UP_FOR_RETRY",
            "STEP_RESTARTED",
            "STEP_SUCCESS",
        ]
        assert deployment.trial.wrong() == []
        reads = Counter(each.query for each in deployment.trial.sandbox.requests if each.path.endswith("/users"))
        assert len(reads) == 6
        assert set(reads.values()) == {1}
        assert sum(isinstance(event, StreamResumed) for event in seen) == len(DEFAULT_STREAMS)


def test_a_district_that_fails_is_no_reason_to_try_the_step_again(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1) as deployment:
        result = deployment.run(districts=["f" * 24])
        assert not result.success
        assert not any(event.is_step_up_for_retry for event in result.all_events)


def test_a_missing_setting_is_no_reason_to_try_the_step_again(
    deployment: "Deployment", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    monkeypatch.delenv("CLEVER_CLIENT_SECRET")
    job = build().resolve_job_def("sync")
    result = job.execute_in_process(instance=deployment.dagster, run_config={"loggers": QUIET}, raise_on_error=False)
    assert not result.success
    assert not any(event.is_step_up_for_retry for event in result.all_events)
    assert "CLEVER_CLIENT_SECRET is missing" in str(result.all_events)


def test_a_database_that_another_program_holds_open_fails_the_run_in_a_sentence_and_without_a_retry(
    deployment: "Deployment",
) -> None:
    assert deployment.run().success
    held = "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    program = subprocess.Popen(
        [sys.executable, "-c", held, deployment.trial.warehouse.state / "work.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with program:
        assert program.stdout is not None
        program.stdout.readline()
        result = deployment.run()
        program.communicate(b"\n")
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data is not None
    assert "Another program holds" in str(failed.step_failure_data.user_failure_data.description)
    assert not any(event.is_step_up_for_retry for event in result.all_events)
