"""What we lean on in Dagster that it does not document; a new Dagster that changes it fails here first."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import AssetMaterializationPlannedData

PARTS = dg.DynamicPartitionsDefinition(name="part")
STREAM, TABLE = dg.AssetKey("feed"), dg.AssetKey("table")


class Plan(dg.Config):
    """What the step below does."""

    good: list[str]
    planned: list[str]
    fails: bool


@dg.multi_asset(
    specs=[
        dg.AssetSpec(STREAM, partitions_def=PARTS, skippable=True),
        dg.AssetSpec(TABLE, deps=[STREAM], skippable=True),
    ],
    check_specs=[dg.AssetCheckSpec("fine", asset=STREAM), dg.AssetCheckSpec("even", asset=TABLE)],
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
)
def step(
    context: dg.AssetExecutionContext, config: Plan
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    for part in config.good:
        context.log_event(dg.AssetMaterialization(STREAM, partition=part))
    for part in config.planned:
        data = AssetMaterializationPlannedData(STREAM, partition=part)
        event = dg.DagsterEvent.build_asset_materialization_planned_event(context.job_name, "step", data)
        context.instance.report_dagster_event(event, context.run.run_id)
    yield dg.AssetMaterialization(TABLE, metadata={"rows": 1})
    yield dg.AssetCheckEvaluation(asset_key=STREAM, check_name="fine", passed=True)
    yield dg.AssetCheckEvaluation(asset_key=TABLE, check_name="even", passed=False)
    if config.fails:
        raise dg.Failure("not all well", allow_retries=False)


DEFINITIONS = dg.Definitions(assets=[step], jobs=[dg.define_asset_job("job", dg.AssetSelection.all())])


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as made:
        made.add_dynamic_partitions("part", ["a", "b", "c"])
        yield made


def run(instance: dg.DagsterInstance, good: list[str], **more: Any) -> dg.ExecuteInProcessResult:
    plan = {"good": good, "planned": more.pop("planned", []), "fails": more.pop("fails", False)}
    config = {"ops": {"step": {"config": plan}}, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return DEFINITIONS.resolve_job_def("job").execute_in_process(
        instance=instance, run_config=config, raise_on_error=False, **more
    )


def partitions(instance: dg.DagsterInstance) -> dict[str, str | None]:
    found = instance.get_status_by_partition(STREAM, ["a", "b", "c"], PARTS) or {}
    return {key: status and status.value for key, status in found.items()}


def test_partitioned_and_unpartitioned_assets_may_share_a_step(instance: dg.DagsterInstance) -> None:
    assert run(instance, ["a"], partition_key="a").success
    assert partitions(instance) == {"a": "MATERIALIZED", "b": None, "c": None}
    assert instance.get_latest_materialization_event(TABLE) is not None


def test_a_run_without_partitions_may_report_materialized_partitions(instance: dg.DagsterInstance) -> None:
    assert run(instance, ["a", "c"]).success
    assert partitions(instance) == {"a": "MATERIALIZED", "b": None, "c": "MATERIALIZED"}


def test_an_asset_that_is_skippable_needs_no_output(instance: dg.DagsterInstance) -> None:
    assert run(instance, []).success
    assert partitions(instance) == {"a": None, "b": None, "c": None}


def test_what_a_step_reported_before_it_fails_is_kept(instance: dg.DagsterInstance) -> None:
    assert not run(instance, ["a"], fails=True).success
    assert partitions(instance)["a"] == "MATERIALIZED"
    assert instance.get_latest_materialization_event(TABLE) is not None


def test_a_partition_is_failed_if_a_run_that_failed_had_planned_it(instance: dg.DagsterInstance) -> None:
    assert run(instance, ["a", "b"]).success
    assert not run(instance, ["a"], planned=["b"], fails=True).success
    assert partitions(instance) == {"a": "MATERIALIZED", "b": "FAILED", "c": None}
    assert run(instance, ["b"]).success
    assert partitions(instance)["b"] == "MATERIALIZED"


def test_the_partitions_of_a_range_are_planned_by_dagster_itself(instance: dg.DagsterInstance) -> None:
    tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "b"}
    assert not run(instance, ["a"], fails=True, tags=tags).success
    assert partitions(instance) == {"a": "MATERIALIZED", "b": "FAILED", "c": None}


@pytest.mark.parametrize("selection", [[STREAM], [TABLE]], ids=["feed", "table"])
def test_a_step_may_report_assets_and_checks_that_are_not_selected(
    instance: dg.DagsterInstance, selection: list[dg.AssetKey]
) -> None:
    result = run(instance, ["a"], asset_selection=selection)
    assert result.success
    assert partitions(instance)["a"] == "MATERIALIZED"
    assert instance.get_latest_materialization_event(TABLE) is not None
    assert {each.check_name: each.passed for each in result.get_asset_check_evaluations()} == {
        "fine": True,
        "even": False,
    }
