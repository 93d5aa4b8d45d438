"""A sync of a lake by several workers is a run of Dagster for each, launched by a sensor, and a run that settles it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets.definitions import build
from assets.workers import settling_sensor, workers_sensor
from pipelines.clever.errors import CleverError
from pipelines.warehouse.lake import Lake
from tests.conftest import Trial
from tests.lakes import LakeTrial, Postgres, postgres

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Return a PostgreSQL server."""
    with postgres() as made:
        yield made


@pytest.fixture
def lake(
    open_deployment: "OpenDeployment", server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple["Deployment", LakeTrial]]:
    """Return a deployment with a lake that three workers sync."""
    with open_deployment(districts=4) as deployment:
        catalog, trial = server.database(), deployment.trial
        monkeypatch.setenv("CLEVER_WAREHOUSE", f"ducklake:postgres:{catalog}")
        monkeypatch.setenv("CLEVER_LAKE_DATA", str(tmp_path))
        monkeypatch.setenv("CLEVER_WORKERS", "3")
        yield deployment, LakeTrial(trial.sandbox, trial.url, trial.folder, lake=Lake(catalog, str(tmp_path)))


def requested(deployment: "Deployment") -> list[tuple[str, dg.RunRequest]]:
    """What the sensors ask for."""
    asked = []
    for sensor in (workers_sensor, settling_sensor):
        found = sensor(dg.build_sensor_context(instance=deployment.dagster))

        asked += [(str(sensor.job_name), request) for request in found] if isinstance(found, list) else []
    return asked


def launched(
    deployment: "Deployment", job: str = "sync_all", request: dg.RunRequest | None = None
) -> dg.ExecuteInProcessResult:
    """Run what was asked for, as Dagster's daemon does; or begin a sync."""
    request = request or dg.RunRequest()
    return (
        build()
        .resolve_job_def(job)
        .execute_in_process(
            instance=deployment.dagster,
            run_config={**request.run_config, **QUIET},
            tags=dict(request.tags),
            raise_on_error=False,
        )
    )


def test_each_worker_has_a_run_and_the_last_run_settles_the_sync(lake: tuple["Deployment", LakeTrial]) -> None:
    deployment, trial = lake
    sandbox, (first, second, *_) = trial.sandbox, trial.districts
    sandbox.show_elsewhere(sandbox.roster(first).ids()[0], second)
    begun = launched(deployment)
    assert begun.success
    requests = requested(deployment)
    assert [(job, request.tags["clever/worker"]) for job, request in requests] == [
        ("sync_all", f"{number} of 3") for number in (1, 2, 3)
    ]
    assert [launched(deployment, *request).success for request in requests] == [True, True, True]
    (settling,) = requested(deployment)
    assert settling[0] == "settle"
    assert launched(deployment, *settling).success
    assert requested(deployment) == []
    assert trial.wrong() == []
    assert trial.rows("SELECT DISTINCT sync_id, sequence FROM sync.runs") == [(begun.run_id, 1)]
    assert trial.value("SELECT count(*) FROM sync.findings WHERE \"check\" = 'user_id_is_used_in_one_district'") == 2


def test_a_worker_that_fails_is_left_to_the_next_sync(
    lake: tuple["Deployment", LakeTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment, trial = lake
    launched(deployment)
    one, *others = requested(deployment)
    with monkeypatch.context() as patch:

        def unreachable(*_: object, **__: object) -> None:
            raise CleverError("Clever cannot be reached.")

        patch.setattr("assets.roster.sync", unreachable)
        assert not launched(deployment, *one).success
    assert [launched(deployment, *request).success for request in others] == [True, True]
    (settling,) = requested(deployment)
    assert launched(deployment, *settling).success
    launched(deployment)
    for request in requested(deployment):
        assert launched(deployment, *request).success
    assert trial.wrong() == []


def test_a_sync_of_named_districts_is_one_run(lake: tuple["Deployment", LakeTrial]) -> None:
    deployment, trial = lake
    district = trial.districts[0]
    config = {"ops": {"sync_districts": {"config": {"districts": [district]}}}}
    assert launched(deployment, request=dg.RunRequest(run_config=config)).success
    assert requested(deployment) == []
    assert trial.wrong(district) == []


def test_only_a_lake_has_several_workers(deployment: "Deployment", monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"ops": {"sync_districts": {"config": {"worker": "1 of 2"}}}}
    assert not launched(deployment, request=dg.RunRequest(run_config=config)).success
    trial: Trial = deployment.trial
    assert not trial.warehouse.published.exists()
