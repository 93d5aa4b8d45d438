import os
import re
import signal
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from assets import processes
from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.sandbox import Meanwhile, Status
from pipelines.warehouse import tables
from tests.conftest import DEFAULT_STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.conftest import Ui

STREAMS = [["clever", stream.name] for stream in DEFAULT_STREAMS]
TABLES = [[table.name] for table in tables.assets() if table.info["stream"] in DEFAULT_RECORDS]
EVERYTHING = [*STREAMS, *TABLES, ["warehouse"]]

pytestmark = [
    pytest.mark.usefixtures("ui"),
    pytest.mark.xdist_group("ui"),  # which starts once, for all of them
]


@pytest.fixture(autouse=True)
def _in_one_process(request: pytest.FixtureRequest, worker_id: str) -> None:
    """Each of these tests goes on from the one before; a release of pytest that xdist does not fit ignores the group silently."""
    assert worker_id == "master" or str(request.node.nodeid).endswith("@ui")


@pytest.fixture(autouse=True)
def _without_faults(ui: "Ui") -> "Iterator[None]":
    """Leave no injected fault to the next test, whatever became of this one."""
    yield
    ui.trial.sandbox.heal()


def test_a_newcomer_adds_a_district_and_syncs_it_from_the_job_page(ui: "Ui") -> None:
    one = ui.trial.districts[0]
    ui.ask(
        """mutation($key: String!, $repository: RepositorySelector!) {addDynamicPartition(
            partitionsDefName: "district", partitionKey: $key, repositorySelector: $repository) {__typename}}""",
        key=one,
        repository=ui.location,
    )
    assert ui.launch({"dagster/partition": one}) == "SUCCESS"
    assert ui.trial.wrong(one) == []
    assert ui.trial.rows("SELECT DISTINCT district_id FROM users") == [(one,)]
    for stream in STREAMS:
        assert ui.partitions(*stream) == {"materializedPartitions": [one], "failedPartitions": []}


def test_the_first_click_syncs_every_district_without_partitions(ui: "Ui") -> None:
    assert ui.launch(job="sync_all") == "SUCCESS"
    assert ui.trial.wrong() == []
    assert ui.partitions("clever", "users")["materializedPartitions"] == ui.trial.districts


def test_one_partition_of_the_asset_graph_is_one_run(ui: "Ui") -> None:
    one = ui.trial.districts[1]
    assert ui.launch({"dagster/partition": one}, job="__ASSET_JOB", selection=EVERYTHING) == "SUCCESS"
    assert ui.trial.wrong(one) == []
    assert one in ui.partitions("clever", "contacts")["materializedPartitions"]


@pytest.mark.search
def test_the_warehouse_alone_without_a_partition_syncs_every_district(ui: "Ui") -> None:
    assert ui.launch(job="__ASSET_JOB", selection=[["warehouse"]]) == "SUCCESS"
    assert ui.trial.wrong() == []
    assert ui.partitions("clever", "users")["materializedPartitions"] == ui.trial.districts


def test_the_job_without_a_partition_syncs_every_district(ui: "Ui") -> None:
    ui.trial.sandbox.add_person(ui.trial.districts[2], ("teacher",))
    assert ui.launch() == "SUCCESS"
    assert ui.trial.wrong() == []
    assert ui.partitions("clever", "users")["materializedPartitions"] == ui.trial.districts
    shown = ui.ask("{assetNodes {assetKey {path} staleStatus}}")["assetNodes"]
    assert {tuple(node["assetKey"]["path"]): node["staleStatus"] for node in shown} == {
        tuple(path): "FRESH" for path in EVERYTHING
    }


@pytest.mark.search
def test_several_partitions_are_one_run_in_which_a_district_fails_alone(ui: "Ui") -> None:
    first, bad, last = ui.trial.districts
    added = ui.trial.sandbox.add_person(last, ("student",))
    ui.trial.sandbox.inject(Status(403), district=bad)
    graph = [{"path": path} for path in EVERYTHING]
    job = {"partitionSetName": "sync_partition_set", "repositorySelector": ui.location}
    well_from_the_graph = ui.backfill([first], assetSelection=graph)
    from_the_graph = ui.backfill(ui.trial.districts, assetSelection=graph)
    from_the_job = ui.backfill(ui.trial.districts, assetSelection=graph, selector=job)

    assert ui.backfilled(well_from_the_graph) == ("COMPLETED_SUCCESS", ["SUCCESS"])
    assert ui.backfilled(from_the_graph) == ("COMPLETED_FAILED", ["FAILURE"])
    assert ui.backfilled(from_the_job) == ("COMPLETED_FAILED", ["FAILURE"])
    ui.trial.sandbox.heal()
    assert ui.trial.wrong() == []
    assert ui.trial.value("SELECT count(*) FROM users WHERE user_id = ?", added) == 1
    assert ui.partitions("clever", "users") == {"materializedPartitions": [first, last], "failedPartitions": [bad]}


@pytest.mark.search
def test_a_range_keeps_its_districts_when_one_leaves_and_returns_or_its_partition_is_deleted(ui: "Ui") -> None:
    first, second, _ = ui.trial.districts
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": second}

    def synced() -> dict[str, str]:
        return dict(ui.trial.rows("SELECT district_id, outcome FROM sync.runs WHERE sync_id = ?", ui.last_run()))

    assert ui.launch() == "SUCCESS"
    ui.trial.sandbox.disconnect(first)
    assert ui.launch(tags) == "SUCCESS"
    assert synced() == {first: "disconnected", second: "unchanged"}

    ui.trial.sandbox.connect(first)
    assert ui.launch(tags) == "SUCCESS"
    original = ui.last_run()
    assert synced() == {first: "unchanged", second: "unchanged"}
    assert ui.backfilled(ui.backfill([first, second], assetSelection=[{"path": path} for path in EVERYTHING])) == (
        "COMPLETED_SUCCESS",
        ["SUCCESS"],
    )
    assert synced() == {first: "unchanged", second: "unchanged"}

    ui.ask(
        """mutation($keys: [String!]!, $repository: RepositorySelector!) {deleteDynamicPartitions(
            partitionsDefName: "district", partitionKeys: $keys, repositorySelector: $repository) {__typename}}""",
        keys=[first],
        repository=ui.location,
    )
    assert ui.launch() == "SUCCESS"
    assert ui.launch(tags) == "FAILURE"
    assert synced() == {}
    assert ui.reexecute(original) == "SUCCESS"
    assert synced() == {first: "unchanged", second: "unchanged"}


def test_the_catalog_shows_columns_checks_and_rows(ui: "Ui") -> None:
    # Runs that were launched together tell of their checks in any order: this one is the last.
    assert ui.launch() == "SUCCESS"
    (node,) = ui.ask(
        """{assetNodes(assetKeys: [{path: ["users"]}]) {
            description groupName kinds
            metadataEntries {label ... on TableSchemaMetadataEntry {schema {columns {name type description}}}}
            assetMaterializations(limit: 1) {metadataEntries {label ... on IntMetadataEntry {intValue}}}
            assetChecksOrError {... on AssetChecks {checks {name executionForLatestMaterialization {status}}}}
        }}"""
    )["assetNodes"]
    columns = next(each["schema"]["columns"] for each in node["metadataEntries"] if "schema" in each)
    assert {"name": "roles", "type": "VARCHAR[]"}.items() <= next(
        column.items() for column in columns if column["name"] == "roles"
    )
    (shown,) = node["assetMaterializations"]
    rows = next(each["intValue"] for each in shown["metadataEntries"] if each["label"] == "dagster/row_count")
    assert rows == ui.trial.value("SELECT count(*) FROM users")
    checks = node["assetChecksOrError"]["checks"]
    assert len(checks) > 5
    assert {check["executionForLatestMaterialization"]["status"] for check in checks} <= {"SUCCEEDED", "FAILED"}


@pytest.mark.search
def test_checks_and_assets_show_the_present_state_after_runs_that_overlapped(ui: "Ui") -> None:
    sandbox, one = ui.trial.sandbox, ui.trial.districts[0]
    sandbox.change(ui.trial.person("student"), {"roles.student.sis_id": None})
    arrived, release = Event(), Event()

    def hold() -> None:
        arrived.set()
        release.wait()

    sandbox.inject(Meanwhile(hold), district=one, role="contact", times=1)
    runs = [ui.begin()]
    try:
        assert arrived.wait(120)
        runs += [ui.begin({"dagster/partition": one}), ui.begin(job="sync_all")]
        cancelled = ui.begin()
        ui.terminate(cancelled)
    finally:
        release.set()
        sandbox.heal()
    for run in runs:
        assert ui.until(partial(ui.ended, run)) == "SUCCESS"
    ui.until(lambda: ui.ended(cancelled))
    nodes = ui.ask(
        """{assetNodes {assetKey {path} assetChecksOrError {... on AssetChecks {checks {
            name executionForLatestMaterialization {status evaluation {targetMaterialization {runId}}}}}}}}"""
    )["assetNodes"]
    shown = {
        (*node["assetKey"]["path"], check["name"]): check["executionForLatestMaterialization"]
        for node in nodes
        for check in node["assetChecksOrError"].get("checks", ())
    }
    assert shown
    assert {
        key for key, each in shown.items() if each is None or each["status"] not in {"SUCCEEDED", "FAILED"}
    } == set()
    assert shown["user_roles", "student_has_schools_and_sis_id"]["status"] == "FAILED"
    assert {key for key, each in shown.items() if each["evaluation"]["targetMaterialization"] is None} == set()


@pytest.mark.search
@pytest.mark.parametrize(
    "launch", [{}, {"job": "__ASSET_JOB", "selection": EVERYTHING}], ids=["one process", "several"]
)
def test_terminate_cancels_a_run_and_the_next_one_resumes(ui: "Ui", launch: dict[str, Any]) -> None:
    sandbox, districts = ui.trial.sandbox, ui.trial.districts
    for district in districts:
        sandbox.add_person(district, ("teacher",))
    published = ui.trial.warehouse.published.stat().st_ino
    arrived, release = Event(), Event()

    def hold() -> None:
        arrived.set()
        release.wait()

    sandbox.inject(Meanwhile(hold), district=districts[1], role="contact")
    run_id = ui.begin(**launch)
    try:
        assert arrived.wait(120)
        assert ui.terminate(run_id) == "TerminateRunSuccess"
        assert ui.until(lambda: ui.ended(run_id)) == "CANCELED"
    finally:
        release.set()
        sandbox.heal()
    assert "STEP_UP_FOR_RETRY" not in ui.events(run_id)
    assert ui.trial.warehouse.published.stat().st_ino == published
    before = len(sandbox.requests)
    assert ui.launch(**launch) == "SUCCESS"
    assert ui.trial.wrong() == []
    again = list(sandbox.requests)[before:]
    assert len([request for request in again if request.path.endswith("/users")]) < 18


@pytest.mark.search
def test_a_killed_run_is_marked_as_failed_with_the_reason(ui: "Ui") -> None:
    arrived, release = Event(), Event()

    def hold() -> None:
        arrived.set()
        release.wait()

    ui.trial.sandbox.inject(Meanwhile(hold), role="contact")
    killed = ui.begin()
    try:
        assert arrived.wait(120)
        (started,) = re.findall(r"Started process for run \(pid: (\d+)\)", " ".join(ui.messages(killed)))
        os.kill(int(started), signal.SIGKILL)
    finally:
        release.set()
        ui.trial.sandbox.heal()
    run_id = ui.begin()
    assert ui.until(lambda: ui.ended(run_id)) == "SUCCESS"
    assert ui.ended(killed) == "FAILURE"
    # The code server that started the run looks for its process too; whichever is first says why.
    reasons = processes.GONE.format(run_id), f"Run execution process for {killed}"
    assert any(reason in message for reason in reasons for message in ui.messages(killed))


@pytest.mark.search
def test_the_sensor_syncs_a_new_district_by_itself(ui: "Ui") -> None:
    new = ui.trial.sandbox.add_district(10)
    started = ui.ask(
        """mutation($sensor: SensorSelector!) {startSensor(sensorSelector: $sensor) {
            __typename ... on PythonError {message}}}""",
        sensor={**ui.location, "sensorName": "districts"},
    )["startSensor"]
    assert started["__typename"] == "Sensor", started
    ui.until(lambda: new in ui.partitions("clever", "users")["materializedPartitions"])
    assert ui.trial.wrong(new) == []
