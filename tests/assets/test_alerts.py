"""The sensor alerts: what it sends to real servers, what stays due if one refuses, and what it never says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData

from assets.alerts import alerts_sensor
from assets.definitions import definitions
from pipelines.sandbox import Status
from tests import services

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment

SHORTEST = 5
"""Shorter secrets are left out: a name of four letters is also a piece of some other word."""


@pytest.fixture
def deployment(open_deployment: "OpenDeployment") -> "Iterator[Deployment]":
    """Return a new deployment of two districts in which nothing is stale."""
    with open_deployment(districts=2, users=60) as opened:
        for district_id in opened.districts:
            opened.trial.sandbox.describe(district_id, state="success", last_sync=datetime.now(UTC))
        yield opened


@pytest.fixture
def webhook() -> Iterator[services.Webhook]:
    with services.webhook() as made:
        yield made


def tick(deployment: "Deployment", cursors: list[str | None]) -> str:
    """Evaluate the sensor, and keep its cursor as Dagster's daemon does."""
    context = dg.build_sensor_context(instance=deployment.dagster, cursor=cursors[-1])
    found = alerts_sensor(context)
    assert isinstance(found, dg.SkipReason)
    cursors.append(context.cursor)
    return str(found.skip_message)


def turn_schedule_on(deployment: "Deployment", since: datetime) -> None:
    location = RegisteredCodeLocationOrigin("clever_warehouse")
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(location, "__repository__"), "daily_sync")
    schedule = ScheduleInstigatorData("0 2 * * *", start_timestamp=since.timestamp())
    deployment.dagster.add_instigator_state(
        InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, schedule)
    )


def test_the_sensor_is_stopped_until_someone_starts_it() -> None:
    assert definitions.resolve_sensor_def("alerts").default_status is dg.DefaultSensorStatus.STOPPED


def test_without_addresses_or_a_published_file_a_tick_succeeds(
    deployment: "Deployment", webhook: services.Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tick(deployment, [None]) == "CLEVER_ALERTS names no address, so no alert is sent."
    monkeypatch.setenv("CLEVER_ALERTS", webhook.json_url)
    assert tick(deployment, [None]) == "Nothing to report. Causes that last: 0."
    assert tick(deployment, ["not what the sensor wrote"]) == "Nothing to report. Causes that last: 0."
    assert not deployment.trial.warehouse.published.exists()
    assert webhook.received == []


def test_a_run_that_fails_before_it_reads_a_district_is_reported_until_one_succeeds(
    deployment: "Deployment", webhook: services.Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEVER_ALERTS", webhook.json_url)
    cursors: list[str | None] = [None]
    deployment.trial.sandbox.inject(Status(403), stream="tokens")
    failed = deployment.run()
    assert not failed.success
    assert tick(deployment, cursors) == "Address 1 (JSON) accepted: The latest run failed."
    assert tick(deployment, cursors) == "Nothing to report. Causes that last: 1."
    assert f"Run {failed.run_id} of the job `sync` failed" in webhook.texts[0]
    deployment.trial.sandbox.heal()
    assert deployment.run().success
    assert tick(deployment, cursors) == "Address 1 (JSON) accepted: The latest run did not fail."
    assert [sent["type"] for _, sent in webhook.received] == ["failure", "success"]


def test_what_a_service_refuses_stays_due_for_it_alone_and_no_message_has_personal_data(
    deployment: "Deployment",
    webhook: services.Webhook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trial = deployment.trial
    cursors: list[str | None] = [None]
    held, failing = deployment.districts
    with services.webhook() as other:
        monkeypatch.setenv("CLEVER_ALERTS", f"{webhook.json_url}, {other.json_url}")
        monkeypatch.setenv("CLEVER_HOLD_MIN_RECORDS", "5")
        assert deployment.run().success
        secrets = trial.sandbox.secrets()
        for user_id in trial.sandbox.roster(held).ids("student")[:20]:
            trial.sandbox.remove(user_id)
        for user_id in trial.sandbox.roster(failing).ids("teacher"):
            trial.sandbox.change(user_id, {"shoe_size": "44"})
        trial.sandbox.inject(Status(403), district=failing)
        assert not deployment.run().success

        other.status = 503
        said = tick(deployment, cursors)
        assert said.startswith("Address 1 (JSON) accepted: ")
        assert said.endswith(
            "Address 2 (JSON) did not accept the message (HTTP status 503); the next tick sends it again."
        )
        other.status = 200
        assert tick(deployment, cursors).startswith("Address 2 (JSON) accepted: ")
        assert tick(deployment, cursors) == "Nothing to report. Causes that last: 2."
        assert len(webhook.received) == len(other.received) == 1
        assert webhook.texts == other.texts

        (text,) = webhook.texts
        digest = trial.value("SELECT digest FROM sync.holds WHERE state = 'held'")
        assert text.startswith("clever-warehouse: 2 alerts\n")
        assert f"{deployment.named(held)} is held for approval" in text
        assert f"The latest sync of {deployment.named(failing)} failed" in text
        assert f"`clever-warehouse approve {digest[:12]}`" in text

        monkeypatch.setenv("CLEVER_MAX_ARCHIVED_PERCENT", "100")
        trial.sandbox.heal()
        assert deployment.run().success
        tick(deployment, cursors)
        assert f"No longer held: {deployment.named(held)}." in webhook.texts[1]
        assert f"No longer failing: {deployment.named(failing)}." in webhook.texts[1]

        shown = "\n".join([*webhook.texts, *other.texts, *map(str, cursors), said, caplog.text])
        secrets |= trial.sandbox.secrets() | {"secret-of-json"}
        leaks = [
            each for each in secrets if len(each) >= SHORTEST and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", shown)
        ]
        assert len(leaks) == 0


def test_a_scheduled_sync_that_does_not_begin_is_reported_if_its_schedule_is_on(
    deployment: "Deployment", webhook: services.Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEVER_ALERTS", webhook.json_url)
    cursors: list[str | None] = [None]
    assert tick(deployment, cursors) == "Nothing to report. Causes that last: 0."
    turn_schedule_on(deployment, datetime(2026, 1, 1, tzinfo=UTC))
    assert tick(deployment, cursors) == "Address 1 (JSON) accepted: A scheduled sync is missed."
    assert deployment.run().success
    assert tick(deployment, cursors) == "Address 1 (JSON) accepted: No scheduled sync is missed."


def test_a_schedule_that_was_just_turned_on_misses_nothing(
    deployment: "Deployment", webhook: services.Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEVER_ALERTS", webhook.json_url)
    turn_schedule_on(deployment, datetime.now(UTC))
    assert tick(deployment, [None]) == "Nothing to report. Causes that last: 0."
