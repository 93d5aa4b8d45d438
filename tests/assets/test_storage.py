"""A batch of events is stored as Dagster's own storage would store them one by one, and the UI's files are where they were."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.events import DagsterEventBatchMetadata
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from assets.storage import EVENTS_PER_TRANSACTION, EventLog

TOGETHER = 20
"""Events of a batch here, which Dagster's own storage stores one by one for comparison."""

ALL = [f"p{number}" for number in range(TOGETHER + 10)]
"""Partitions of which a run tells, in more than one batch."""

CUSTOM = "storage:\n  custom:\n    module: assets.storage\n    class: Storage\n    config:\n      base_dir:\n        env: DAGSTER_HOME\n"


def telling(parts: int) -> dg.JobDefinition:
    """A job that tells of a materialization of so many partitions."""

    @dg.op
    def tell(context: dg.OpExecutionContext) -> None:
        for number in range(parts):
            batch = DagsterEventBatchMetadata(context.run_id, is_end=number == parts - 1)
            materialization = dg.AssetMaterialization("stream", partition=f"p{number}", metadata={"records": number})
            dg.DagsterEvent.asset_materialization(context.get_step_execution_context(), materialization, batch)

    return dg.GraphDefinition("telling", node_defs=[tell]).to_job()


@dg.asset(check_specs=[dg.AssetCheckSpec("holds", asset="stream"), dg.AssetCheckSpec("does_not", asset="stream")])
def stream() -> Iterator[dg.MaterializeResult[None]]:
    results = [dg.AssetCheckResult(passed=name == "holds", check_name=name) for name in ("holds", "does_not")]
    yield dg.MaterializeResult(metadata={"records": 1}, check_results=results)


checking = dg.Definitions([stream], jobs=[dg.define_asset_job("checking")]).resolve_job_def("checking")


def seen(home: Path, config: str, monkeypatch: pytest.MonkeyPatch, job: dg.JobDefinition) -> dict[str, object]:
    """Run the job in a new instance and give what its storage holds then."""
    home.mkdir()
    (home / "dagster.yaml").write_text(f"telemetry:\n  enabled: false\n{config}")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        run_id = job.execute_in_process(instance=instance).run_id
    with dg.DagsterInstance.get() as instance:
        latest = instance.get_latest_materialization_event(dg.AssetKey("stream"))
        (asset,) = instance.get_asset_records([dg.AssetKey("stream")])
        records = instance.fetch_materializations(dg.AssetKey("stream"), limit=10_000).records
        executions = {
            name: instance.event_log_storage.get_asset_check_execution_history(
                dg.AssetCheckKey(dg.AssetKey("stream"), name), limit=10
            )
            for name in ("holds", "does_not")
        }
        return {
            "checks": {
                name: [(each.run_id == run_id, each.status) for each in found] for name, found in executions.items()
            },
            "log": [(event.step_key, event.dagster_event_type) for event in instance.all_logs(run_id)],
            "partitions": sorted(instance.get_materialized_partitions(dg.AssetKey("stream"))),
            "records": [
                (record.partition_key, record.asset_materialization.metadata["records"].value)
                for record in records
                if record.asset_materialization
            ],
            "latest": latest and latest.dagster_event and latest.dagster_event.partition,
            "latest is": [record.storage_id for record in records].index(
                asset.asset_entry.last_materialization_storage_id or 0
            ),
            "files": sorted(str(file.relative_to(home)).replace(run_id, "run") for file in home.rglob("*.db")),
        }


def test_a_batch_is_stored_as_dagster_would_store_its_events_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    store = EventLog.store_event_batch

    def counted(self: EventLog, events: list[dg.EventLogEntry]) -> None:
        batches.append(len(events))
        store(self, events)

    assert os.environ["DAGSTER_EVENT_BATCH_SIZE"] == str(EVENTS_PER_TRANSACTION)
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", str(TOGETHER))
    monkeypatch.setattr(EventLog, "store_event_batch", counted)
    ours = seen(tmp_path / "ours", CUSTOM, monkeypatch, telling(len(ALL)))
    assert max(batches) == TOGETHER
    assert ours == seen(tmp_path / "dagsters", "", monkeypatch, telling(len(ALL)))
    assert ours["partitions"] == sorted(ALL)


def test_plan_and_results_of_a_run_are_stored_as_dagster_would_store_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = seen(tmp_path / "ours", CUSTOM, monkeypatch, checking)
    assert ours == seen(tmp_path / "dagsters", "", monkeypatch, checking)
    assert ours["checks"] == {
        "holds": [(True, AssetCheckExecutionRecordStatus.SUCCEEDED)],
        "does_not": [(True, AssetCheckExecutionRecordStatus.FAILED)],
    }


def test_a_batch_that_fails_half_way_stores_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster then stores its events one by one: none may be there twice."""
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", str(TOGETHER))
    failed: list[dg.EventLogEntry] = []
    store = EventLog._store_asset_event

    def failing_once(self: EventLog, conn: sa.Connection, event: dg.EventLogEntry, event_id: int) -> None:
        if not failed:
            failed.append(event)
            raise OSError("once")
        store(self, conn, event, event_id)

    monkeypatch.setattr(EventLog, "_store_asset_event", failing_once)
    ours = seen(tmp_path / "ours", CUSTOM, monkeypatch, telling(len(ALL)))
    assert failed
    assert sorted(part for part, _ in ours["records"]) == sorted(ALL)  # type: ignore[attr-defined]


def test_the_instance_of_our_dagster_yaml_has_this_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Path("assets/dagster.yaml").read_text()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(config)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, EventLog)
