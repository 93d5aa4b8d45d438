"""Old runs leave Dagster's storage with all that belongs to them, and what the UI shows of the present stays."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from assets import instance
from assets.retention import remove_old_runs
from tests.assets.test_storage import checking, telling

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment

SHIPPED_BEFORE = """\
# Dagster's own settings; copied to DAGSTER_HOME when there are none yet.
telemetry:
  enabled: false
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 300
nux:
  enabled: false
# Dagster's SQLite, with an event log that takes the events of many districts at once.
storage:
  custom:
    module: assets.storage
    class: Storage
    config:
      base_dir:
        env: DAGSTER_HOME
"""

MANY = 500
"""Partitions of which a run tells, so that its events take more room than an empty database."""


def home(opened: dg.DagsterInstance) -> Path:
    return Path(opened.root_directory)


def date_back(opened: dg.DagsterInstance, days: int, *run_ids: str) -> None:
    """Let runs, or all of them, be older."""
    with closing(sqlite3.connect(home(opened) / "history" / "runs.db")) as connection:
        connection.execute(
            f"UPDATE runs SET create_timestamp = datetime(create_timestamp, '-{days} days') "
            f"WHERE {'run_id IN (' + ', '.join('?' * len(run_ids)) + ')' if run_ids else 'true'}",
            run_ids,
        )
        connection.commit()


def traces(opened: dg.DagsterInstance, run_id: str) -> list[str]:
    """Return every file of the instance that names a run, in its path or in its content."""
    return [
        str(file.relative_to(home(opened)))
        for file in sorted(home(opened).rglob("*"))
        if file.is_file() and (run_id in str(file) or run_id.encode() in file.read_bytes())
    ]


def checkpoint(opened: dg.DagsterInstance) -> None:
    """Bring what was deleted out of the files themselves: write each database anew."""
    for file in home(opened).rglob("*.db"):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def shown(deployment: "Deployment", districts: list[str]) -> dict[str, object]:
    """Return what the UI shows of the present: the latest materialization of each partition, the latest result of each check."""
    keys = [
        dg.AssetCheckKey(dg.AssetKey(path.split("/")), check)
        for path, check in (
            ("clever/users", "read_is_proven"),
            ("warehouse", "no_district_failed"),
            ("users", "user_id_is_an_object_id"),
        )
    ]
    checks = deployment.dagster.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return {
        "partitions": deployment.partitions(),
        "rows": deployment.figures("users")["dagster/row_count"],
        "records": {
            district: deployment.figures("clever", "users", partition=district)["dagster/row_count"]
            for district in districts
        },
        "checks": {key.name: checks[key].status for key in keys},
    }


def test_a_sync_removes_runs_older_than_the_setting_and_nothing_that_the_ui_shows_of_the_present(
    deployment: "Deployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, *others = districts = deployment.districts
    first = deployment.run().run_id
    last_of_gone = deployment.run().run_id
    deployment.trial.sandbox.disconnect(gone)
    old = deployment.run().run_id
    date_back(deployment.dagster, 61)
    monkeypatch.setenv("CLEVER_DAGSTER_RETENTION_DAYS", "0")
    recent = deployment.run(districts=others[:1]).run_id
    date_back(deployment.dagster, 59, recent)
    before = shown(deployment, districts)
    newest = deployment.run().run_id
    assert {run.run_id for run in deployment.dagster.get_runs()} == {first, last_of_gone, old, recent, newest}

    monkeypatch.setenv("CLEVER_DAGSTER_RETENTION_DAYS", "60")
    last = deployment.run()
    assert last.success
    assert {run.run_id for run in deployment.dagster.get_runs()} == {last_of_gone, recent, newest, last.run_id}
    logged = [entry.user_message for entry in deployment.dagster.all_logs(last.run_id)]
    assert "Removed 2 Dagster runs older than 60 days (CLEVER_DAGSTER_RETENTION_DAYS)." in logged
    assert shown(deployment, districts) == before
    checkpoint(deployment.dagster)
    assert traces(deployment.dagster, first) == traces(deployment.dagster, old) == []
    assert traces(deployment.dagster, recent) != []


@pytest.mark.search
def test_what_a_deleted_run_left_behind_is_removed(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1) as deployment:
        deleted = deployment.run().run_id
        deployment.dagster.delete_run(deleted)
        checkpoint(deployment.dagster)
        assert traces(deployment.dagster, deleted) != []
        assert deployment.run().success
        checkpoint(deployment.dagster)
        assert traces(deployment.dagster, deleted) == []


def test_a_run_leaves_one_file(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=2) as deployment:
        runs = [deployment.run().run_id for _ in range(2)]
        files = [
            str(file.relative_to(home(deployment.dagster)))
            for file in home(deployment.dagster).rglob("*")
            if file.is_file()
        ]
        assert sorted(file for file in files if any(run in file for run in runs) and file.endswith(".db")) == sorted(
            f"history/runs/{run}.db" for run in runs
        )
        assert not [file for file in files if file.endswith((".out", ".err", ".complete"))]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    """Return a new instance as the product makes it, with ten runs of many events."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with instance.opened() as made:
        pass
    made = dg.DagsterInstance.get()
    job = telling(MANY)
    for _ in range(10):
        assert job.execute_in_process(instance=made).success
    return made


@pytest.mark.search
def test_the_space_is_given_back_and_not_while_another_process_writes(opened: dg.DagsterInstance) -> None:
    index = home(opened) / "history" / "runs" / "index.db"
    runs = [run.run_id for run in opened.get_runs()]
    date_back(opened, 61)
    checkpoint(opened)
    full = index.stat().st_size
    with closing(sqlite3.connect(index, isolation_level=None)) as other:
        assert remove_old_runs(opened, 62) == 0
        opened.event_log_storage.remove_runs(runs[1:])  # type: ignore[attr-defined]
        other.execute("BEGIN IMMEDIATE")
        assert remove_old_runs(opened, 62) == 0
        other.execute("ROLLBACK")
    assert index.stat().st_size >= full
    assert remove_old_runs(opened, 60) == 9
    assert index.stat().st_size < full / 4
    assert [run.run_id for run in opened.get_runs()] == runs[:1]
    assert len(opened.get_materialized_partitions(dg.AssetKey("stream"))) == MANY


def test_a_run_that_has_not_ended_and_the_last_run_of_a_check_stay_and_old_ticks_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with instance.opened() as made:
        evaluated = [checking.execute_in_process(instance=made).run_id for _ in range(2)]
        planned = made.create_run_for_job(checking).run_id
        date_back(made, 365)
        for age in (61, 59):
            at = (dt.datetime.now(dt.UTC) - dt.timedelta(days=age)).timestamp()
            made.create_tick(
                TickData("origin", "districts", InstigatorType.SENSOR, TickStatus.SKIPPED, at, selector_id="s")
            )
        assert remove_old_runs(made, 60) == 1
        (tick,) = made.get_ticks("origin", "s")
        assert tick.timestamp > (dt.datetime.now(dt.UTC) - dt.timedelta(days=60)).timestamp()
        assert {run.run_id for run in made.get_runs()} == {evaluated[1], planned}
        assert remove_old_runs(made, 60) == 0


def test_an_instance_with_another_storage_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with instance.opened() as made:
        run_ids = {checking.execute_in_process(instance=made).run_id for _ in range(2)}
        date_back(made, 365)
        assert remove_old_runs(made, 60) == 0
        assert {run.run_id for run in made.get_runs()} == run_ids


@pytest.mark.parametrize(("text", "is_replaced"), [(SHIPPED_BEFORE, True), (SHIPPED_BEFORE + "# ours\n", False)])
def test_a_dagster_yaml_of_an_earlier_version_is_replaced_unless_someone_edited_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, is_replaced: bool
) -> None:
    file = tmp_path / "dagster.yaml"
    file.write_text(text)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with instance.opened():
        pass
    assert (file.read_text() == text) is not is_replaced
    assert ("NoOpComputeLogManager" in file.read_text()) is is_replaced
