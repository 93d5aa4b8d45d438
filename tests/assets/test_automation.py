import datetime as dt
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets.definitions import definitions
from assets.schedules import daily_sync, districts_sensor
from pipelines.sandbox import Status
from pipelines.warehouse import ForeignHostError

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment


def test_the_schedule_is_stopped_until_someone_starts_it() -> None:
    schedule = definitions.resolve_schedule_def("daily_sync")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "UTC")
    assert schedule.job_name == {"daily_sync": "sync_all", "frequent_events": "sync_events"}[schedule.name]


def test_the_schedules_time_and_zone_come_from_the_settings() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from assets.schedules import daily_sync as d; print(d.cron_schedule, d.execution_timezone)",
        ],
        env={**os.environ, "CLEVER_SYNC_TIME": "03:30", "CLEVER_SYNC_TIMEZONE": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.strip() == "30 3 * * * America/New_York"


def test_the_schedule_asks_for_one_run_of_every_district() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        tick = daily_sync.evaluate_tick(
            dg.build_schedule_context(
                instance=instance, scheduled_execution_time=dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC)
            )
        )
    (request,) = tick.run_requests or ()
    assert request.partition_key is None
    assert request.run_config == {}


def look(deployment: "Deployment", cursors: list[str | None] | None = None) -> dg.SensorResult | dg.SkipReason:
    """Evaluate the sensor, and carry out what it asks of the partitions and the cursor, as Dagster's daemon does."""
    context = dg.build_sensor_context(instance=deployment.dagster, cursor=cursors[-1] if cursors else None)
    found = districts_sensor(context)
    if cursors is not None:
        cursors.append(context.cursor)
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    if isinstance(found, dg.SensorResult):
        for request in found.dynamic_partitions_requests or ():
            assert isinstance(request, dg.AddDynamicPartitionsRequest)
            deployment.dagster.add_dynamic_partitions("district", list(request.partition_keys))
    return found


def asked(found: dg.SensorResult | dg.SkipReason) -> list[str]:
    assert isinstance(found, dg.SensorResult)
    return [
        district
        for request in found.run_requests or ()
        for district in request.run_config["ops"]["sync_districts"]["config"]["districts"]
    ]


def registered(deployment: "Deployment") -> list[str]:
    return sorted(deployment.dagster.get_dynamic_partitions("district"))


def test_the_sensor_is_stopped_until_someone_starts_it() -> None:
    assert districts_sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert districts_sensor.job_name == "sync_all"


def test_the_sensor_syncs_districts_that_arrive_or_return_and_keeps_the_partitions_of_those_that_leave(
    deployment: "Deployment",
) -> None:
    first, second, third = deployment.districts
    cursors: list[str | None] = [None]
    assert asked(look(deployment, cursors)) == [first, second, third]
    assert registered(deployment) == [first, second, third]

    skipped = look(deployment, cursors)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "No new districts: 3 connected, 0 disconnected."

    arrived = deployment.trial.sandbox.add_district(10)
    deployment.trial.sandbox.disconnect(second)
    assert asked(look(deployment, cursors)) == [arrived]
    everyone = sorted([first, second, third, arrived])
    assert registered(deployment) == everyone

    deployment.trial.sandbox.disconnect(third)
    for _ in range(2):
        skipped = look(deployment, cursors)
        assert isinstance(skipped, dg.SkipReason)
        assert skipped.skip_message == "No new districts: 2 connected, 2 disconnected."
        assert registered(deployment) == everyone

    deployment.trial.sandbox.connect(second)
    assert asked(look(deployment, cursors)) == [second]
    skipped = look(deployment, cursors)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "No new districts: 3 connected, 1 disconnected."


def test_the_run_that_the_sensor_asks_for_syncs_the_new_districts(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=2) as deployment:
        deployment.register(deployment.districts[0])
        new = asked(look(deployment))
        assert new == [deployment.districts[1]]
        assert deployment.run(districts=new).success
        assert deployment.partitions() == {deployment.districts[0]: None, deployment.districts[1]: "MATERIALIZED"}


def test_the_sensor_removes_nothing_while_clever_lists_no_districts(deployment: "Deployment") -> None:
    deployment.register()
    deployment.trial.sandbox.inject(Status(403), stream="tokens")
    with pytest.raises(Exception, match="answered 403"):
        look(deployment)
    assert registered(deployment) == deployment.districts


def test_the_sensor_removes_nothing_while_a_district_token_cannot_be_used(
    deployment: "Deployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.register()
    known = deployment.trial.sandbox.districts[deployment.districts[0]]
    monkeypatch.setenv("CLEVER_CLIENT_ID", "")
    monkeypatch.setenv("CLEVER_CLIENT_SECRET", "")
    monkeypatch.setenv("CLEVER_DISTRICT_TOKENS", f"{known},no-token-of-anybody")
    assert isinstance(look(deployment), dg.SkipReason)
    assert registered(deployment) == deployment.districts


def test_the_sensor_asks_no_other_clever_host(deployment: "Deployment") -> None:
    deployment.trial.sync()
    deployment.trial.come_from("clever.example.org")
    requests = len(deployment.trial.sandbox.requests)
    with pytest.raises(
        ForeignHostError, match=r"come from clever\.example\.org, and CLEVER_API_URL leads to localhost"
    ):
        look(deployment)
    assert len(deployment.trial.sandbox.requests) == requests
    assert deployment.partitions() == {}
