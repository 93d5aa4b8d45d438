import itertools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets.definitions import build
from assets.districts import selected
from pipelines.sandbox import ROLES, ForeignRecord, Meanwhile, Status

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment

STREAMS = ("users", "students", "teachers", "staff", "district_admins", "contacts")
GOOD, FAILED = "MATERIALIZED", "FAILED"

Launch = Callable[["Deployment"], dg.ExecuteInProcessResult]
LAUNCHES: dict[str, Launch] = {
    "with nothing": lambda deployment: deployment.run(),
    "with districts in its configuration": lambda deployment: deployment.run(districts=deployment.districts),
    "for a range of partitions": lambda deployment: deployment.run_range(
        deployment.districts[0], deployment.districts[-1]
    ),
}


def range_tags(first: str, last: str) -> dict[str, str]:
    """Return what Dagster keeps of a range of partitions."""
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def reason(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return data.description or ""


def test_a_sync_materializes_every_stream_of_every_district(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, result = synced
    assert result.success
    for stream in STREAMS:
        assert deployment.partitions(stream) == dict.fromkeys(deployment.districts, GOOD)


def test_a_streams_materialization_has_numbers_that_the_ui_plots(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, _ = synced
    for district in deployment.districts:
        truth = deployment.trial.sandbox.truth(district)
        for stream, records in (("users", len(truth.users)), ("students", len(truth.ids("student")))):
            figures = deployment.figures("clever", stream, partition=district)
            assert figures["dagster/row_count"] == records
            assert figures["pages"] == 1
            assert isinstance(figures["megabytes"], float)
            assert isinstance(figures["digest"], str)


def test_the_tables_show_their_rows_and_the_lineage_of_their_columns(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, _ = synced
    truth = deployment.trial.sandbox.truth()
    for table, rows in (
        ("users", truth.users),
        ("user_roles", truth.user_roles),
        ("legacy_id_crosswalk", truth.crosswalk),
    ):
        figures = deployment.figures(table)
        assert figures["dagster/row_count"] == len(rows)
        assert isinstance(figures["dagster/column_lineage"], dg.TableColumnLineage)


def test_the_warehouse_shows_the_figures_of_the_whole_sync(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, _ = synced
    figures = deployment.figures("warehouse")
    assert figures["districts_applied"] == 3
    assert figures["districts_failed"] == figures["districts_held"] == figures["districts_unchanged"] == 0
    assert figures["people_added"] == 90
    assert figures["people_archived"] == 0
    assert figures["path"] == str(deployment.trial.warehouse.published)
    assert figures["megabytes"] == round(deployment.trial.warehouse.published.stat().st_size / 1_000_000, 1)
    assert figures["students"] == len(deployment.trial.sandbox.truth().ids("student"))
    assert figures["seconds"] > 0
    rows = [record.data for record in figures["districts"].records]
    assert [(row["district"], row["outcome"], row["added"]) for row in rows] == [
        (district, "applied", 30) for district in deployment.districts
    ]
    truth = deployment.trial.sandbox.truth()
    found = {record.data["role or type"]: record.data for record in figures["roles"].records}
    assert {role: (found[role]["before"], found[role]["added"]) for role in ROLES} == {
        role: (0, len(truth.ids(role))) for role in ROLES
    }
    assert found["schools"]["added"] == deployment.trial.value("SELECT count(*) FROM schools")


def test_a_run_registers_the_districts_that_have_authorised_the_app(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, _ = synced
    assert sorted(deployment.dagster.get_dynamic_partitions("district")) == deployment.districts


@pytest.mark.variants(1)
@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES.keys())
def test_a_district_that_fails_is_shown_as_failed_and_the_others_are_published(
    open_deployment: "OpenDeployment", launch: Launch
) -> None:
    with open_deployment() as deployment:
        first, bad, last = deployment.districts
        deployment.register()
        deployment.trial.sandbox.inject(Status(403), district=bad)
        result = launch(deployment)
        assert not result.success
        assert reason(result).startswith("1 of 3 districts were not updated. All others are published.")
        assert f"District {bad}" in reason(result)
        for stream in STREAMS:
            assert deployment.partitions(stream) == {first: GOOD, bad: FAILED, last: GOOD}
        assert deployment.trial.wrong(first) == deployment.trial.wrong(last) == []
        assert deployment.figures("users")["dagster/row_count"] == 60
        assert deployment.figures("warehouse")["districts_failed"] == 1

        deployment.trial.sandbox.heal()
        assert launch(deployment).success
        assert deployment.partitions() == dict.fromkeys(deployment.districts, GOOD)
        assert deployment.trial.wrong() == []


@pytest.mark.search
def test_a_district_that_was_well_and_fails_is_shown_as_failed(deployment: "Deployment") -> None:
    assert deployment.run().success
    bad = deployment.districts[0]
    deployment.trial.sandbox.inject(Status(401), district=bad)
    assert not deployment.run().success
    assert deployment.partitions()[bad] == FAILED
    assert deployment.trial.wrong() == []


def test_a_run_for_one_partition_syncs_that_district_only(deployment: "Deployment") -> None:
    deployment.register()
    one, *others = deployment.districts
    assert deployment.run(partition_key=one).success
    assert deployment.partitions() == {one: GOOD, **dict.fromkeys(others)}
    assert deployment.trial.rows("SELECT DISTINCT district_id FROM users") == [(one,)]


def test_a_run_for_one_partition_that_fails_leaves_the_others_alone(deployment: "Deployment") -> None:
    assert deployment.run().success
    bad, *others = deployment.districts
    deployment.trial.sandbox.inject(Status(403), district=bad)
    assert not deployment.run(partition_key=bad).success
    assert deployment.partitions() == {bad: FAILED, **dict.fromkeys(others, GOOD)}


def test_a_run_for_a_range_of_partitions_syncs_these_districts_in_one_run(deployment: "Deployment") -> None:
    deployment.register()
    first, second, third = deployment.districts
    assert deployment.run_range(first, second).success
    assert deployment.partitions() == {first: GOOD, second: GOOD, third: None}


def test_a_run_with_districts_in_its_configuration_syncs_any_choice_of_them(deployment: "Deployment") -> None:
    first, second, third = deployment.districts
    assert deployment.run(districts=[third, first]).success
    assert deployment.partitions() == {first: GOOD, second: None, third: GOOD}
    assert deployment.trial.rows("SELECT DISTINCT district_id FROM users ORDER BY ALL") == [(first,), (third,)]


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "selection",
    [
        [dg.AssetKey(["clever", "users"])],
        [dg.AssetKey("users")],
        [dg.AssetKey(["clever", stream]) for stream in STREAMS],
    ],
    ids=["one feed", "one table", "the feeds"],
)
def test_whichever_assets_are_selected_all_are_brought_up_to_date_together(
    open_deployment: "OpenDeployment", selection: list[dg.AssetKey]
) -> None:
    with open_deployment(districts=1) as deployment:
        result = deployment.run(selection=selection)
        assert result.success
        assert deployment.trial.wrong() == []
        for stream in STREAMS:
            assert deployment.partitions(stream) == {deployment.districts[0]: GOOD}
        assert deployment.figures("user_roles")["dagster/row_count"] == len(deployment.trial.sandbox.truth().user_roles)
        assert deployment.figures("warehouse")["districts_applied"] == 1


def outcomes(deployment: "Deployment", result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Return the outcome of each district of a run."""
    return dict(deployment.trial.rows("SELECT district_id, outcome FROM sync.runs WHERE sync_id = ?", result.run_id))


def test_a_disconnected_district_keeps_its_partition_and_its_data(deployment: "Deployment") -> None:
    assert deployment.run().success
    everyone = deployment.districts
    gone, *others = everyone
    deployment.trial.sandbox.disconnect(gone)
    left = deployment.run()
    assert left.success
    assert outcomes(deployment, left) == {gone: "disconnected", **dict.fromkeys(others, "unchanged")}
    assert deployment.figures("warehouse")["districts_disconnected"] == 1
    assert list(deployment.dagster.get_dynamic_partitions("district")) == everyone
    assert deployment.partitions() == dict.fromkeys(everyone, GOOD)
    assert deployment.trial.value("SELECT count(*) FROM users WHERE district_id = ?", gone) == 30
    assert outcomes(deployment, deployment.run()) == dict.fromkeys(others, "unchanged")


@pytest.mark.variants(1)
@pytest.mark.parametrize("number", range(3))
def test_a_range_syncs_all_its_districts_after_one_has_left_and_returned(
    open_deployment: "OpenDeployment", number: int
) -> None:
    with open_deployment() as deployment:
        assert deployment.run().success
        everyone = deployment.districts
        moved = everyone[number]
        deployment.trial.sandbox.disconnect(moved)
        others = {district: "unchanged" for district in everyone if district != moved}
        while_away = deployment.run_range(everyone[0], everyone[-1])
        assert while_away.success
        assert outcomes(deployment, while_away) == {moved: "disconnected", **others}
        assert deployment.run().success

        deployment.trial.sandbox.connect(moved)
        deployment.trial.sandbox.add_person(moved, ("teacher",))
        returned = deployment.run_range(everyone[0], everyone[-1])
        assert returned.success
        assert outcomes(deployment, returned) == {moved: "applied", **others}
        for first, last in itertools.combinations(everyone, 2):
            within = [district for district in everyone if first <= district <= last]
            assert outcomes(deployment, deployment.run_range(first, last)) == dict.fromkeys(within, "unchanged")
        assert deployment.trial.wrong() == []


def test_a_range_that_contains_no_district_is_refused(deployment: "Deployment") -> None:
    first, second, third = deployment.districts
    deployment.register(second, third, first)
    result = deployment.run_range(first, second)
    assert not result.success
    assert reason(result).startswith("This run selects no district, so nothing was synced.")
    assert not deployment.trial.warehouse.published.exists()
    assert deployment.run_range(second, first).success
    assert deployment.partitions() == dict.fromkeys(deployment.districts, GOOD)


def test_a_run_syncs_what_it_was_launched_for_although_the_partitions_changed_since(deployment: "Deployment") -> None:
    deployment.register()
    first, second, _ = deployment.districts

    def change() -> None:
        deployment.dagster.delete_dynamic_partition("district", first)

    deployment.trial.sandbox.inject(Meanwhile(change), stream="tokens", times=1)
    result = deployment.run_range(first, second)
    assert result.success
    assert outcomes(deployment, result) == {first: "applied", second: "applied"}


def test_a_run_that_waits_or_is_repeated_is_about_the_districts_that_it_was_launched_for(
    deployment: "Deployment",
) -> None:
    deployment.register()
    first, second, third = deployment.districts
    job = build().resolve_job_def("sync")
    tags = range_tags(first, second)
    run = deployment.dagster.create_run_for_job(job, tags=tags)
    deployment.dagster.delete_dynamic_partition("district", first)
    assert selected(deployment.dagster, run) == [first, second]
    deployment.register()
    again = deployment.dagster.create_run_for_job(job, tags=tags, root_run_id=run.run_id, parent_run_id=run.run_id)
    assert selected(deployment.dagster, again) == [first, second]
    other = deployment.dagster.create_run_for_job(
        job, tags=range_tags(second, third), root_run_id=run.run_id, parent_run_id=run.run_id
    )
    assert selected(deployment.dagster, other) == [second, third]
    deployment.dagster.delete_run(run.run_id)
    assert selected(deployment.dagster, again) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "launch",
    [
        lambda deployment, gone: deployment.run(partition_key=gone),
        lambda deployment, gone: deployment.run_range(gone, gone),
        lambda deployment, gone: deployment.run(districts=[gone]),
    ],
    ids=["partition", "range", "configuration"],
)
def test_a_run_for_disconnected_districts_only_does_not_succeed(
    open_deployment: "OpenDeployment", launch: Callable[["Deployment", str], dg.ExecuteInProcessResult]
) -> None:
    with open_deployment() as deployment:
        assert deployment.run().success
        gone = deployment.districts[1]
        deployment.trial.sandbox.disconnect(gone)
        for _ in range(2):
            result = launch(deployment, gone)
            assert not result.success
            assert reason(result).startswith("None of the selected districts is connected to this app")
            assert outcomes(deployment, result) == {gone: "disconnected"}
        assert deployment.trial.value("SELECT count(*) FROM users WHERE district_id = ?", gone) == 30


@pytest.mark.search
def test_a_run_while_no_district_is_connected_does_not_succeed(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1) as deployment:
        assert deployment.run().success
        (only,) = deployment.districts
        deployment.trial.sandbox.disconnect(only)
        for expected in ("None of the selected districts is connected", "No district is connected"):
            result = deployment.run()
            assert not result.success
            assert reason(result).startswith(expected)
        assert deployment.trial.value("SELECT count(*) FROM users") == 30


def test_a_district_that_clever_never_showed_fails_the_run_by_name(deployment: "Deployment") -> None:
    known, unknown = deployment.districts[0], "f" * 24
    result = deployment.run(districts=[known, unknown])
    assert not result.success
    assert reason(result) == f"District {unknown} is not connected to this app."
    assert deployment.partitions()[known] == GOOD


def test_when_clever_lists_no_districts_the_registered_ones_fail_and_keep_their_partitions(
    deployment: "Deployment",
) -> None:
    assert deployment.run().success
    deployment.trial.sandbox.inject(Status(403), stream="tokens")
    result = deployment.run()
    assert not result.success
    assert reason(result).startswith("Token list /oauth/tokens: ")
    assert len(reason(result).splitlines()) == 1
    logged = [each.user_message for each in deployment.dagster.all_logs(result.run_id) if each.level == logging.ERROR]
    assert logged.count(reason(result)) == 1
    assert deployment.partitions() == dict.fromkeys(deployment.districts, FAILED)
    assert deployment.trial.wrong() == []


@pytest.mark.search
def test_a_read_that_is_not_verified_leaves_the_district_as_it_was(deployment: "Deployment") -> None:
    assert deployment.run().success
    bad = deployment.districts[1]
    before = deployment.trial.fingerprint()
    deployment.trial.sandbox.inject(ForeignRecord(), district=bad, stream="users", role="none")
    assert not deployment.run().success
    assert deployment.partitions()[bad] == FAILED
    assert deployment.trial.fingerprint() == before


@pytest.mark.parametrize("job", ["sync", "sync_all", "sync_events", "preview"])
def test_a_run_against_another_clever_host_fails_with_the_sentence(deployment: "Deployment", job: str) -> None:
    deployment.trial.sync()
    deployment.trial.come_from("clever.example.org")
    content, requests = deployment.trial.warehouse.published.read_bytes(), len(deployment.trial.sandbox.requests)
    result = (
        build().resolve_job_def(job).execute_in_process(instance=deployment.dagster, raise_on_error=False)
        if job != "sync"
        else deployment.run()
    )
    assert not result.success
    assert reason(result) == (
        "The districts of this warehouse come from clever.example.org, and CLEVER_API_URL leads to localhost, so nothing was read or "
        "changed: set CLEVER_WAREHOUSE_DIR to another folder for localhost, or CLEVER_HOST_CHANGE=accept if these are the same districts."
    )
    assert deployment.trial.warehouse.published.read_bytes() == content
    assert len(deployment.trial.sandbox.requests) == requests
    assert deployment.partitions() == {}
