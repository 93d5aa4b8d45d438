"""What Dagster shows of the warehouse after each kind of run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
import yaml

from assets import resources
from assets.definitions import build
from assets.location import LOCATION
from assets.storage import EventLog
from pipelines.progress import Event, Stage
from pipelines.sandbox import Status
from pipelines.sync import SyncResult
from pipelines.warehouse import Present, Warehouse, lock
from tests.assets.conftest import QUIET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.assets.conftest import Deployment, OpenDeployment

HOLD = dg.AssetCheckKey(dg.AssetKey("warehouse"), "no_mass_change_is_held")
VERIFIED = dg.AssetCheckKey(dg.AssetKey(["clever", "users"]), "read_is_proven")
SIS_ID = dg.AssetCheckKey(dg.AssetKey("user_roles"), "student_has_schools_and_sis_id")


def _launch(deployment: "Deployment", job: str, op: str | None = None, **config: Any) -> dg.ExecuteInProcessResult:
    """Run a job without partitions in this process."""
    run_config = {"loggers": QUIET, "ops": {op: {"config": config}}} if op else config
    definition = build().resolve_job_def(job)
    return definition.execute_in_process(instance=deployment.dagster, run_config=run_config, raise_on_error=False)


def _latest(deployment: "Deployment", key: dg.AssetCheckKey) -> tuple[str, Any]:
    """Return the status of the latest evaluation of a check that Dagster shows, and the evaluation."""
    record = deployment.dagster.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    return record.status.value, record.evaluation


def _lines(deployment: "Deployment", result: dg.ExecuteInProcessResult) -> list[str]:
    """Return the lines that a run has logged itself."""
    return [log.user_message for log in deployment.dagster.all_logs(result.run_id) if not log.is_dagster_event]


def _remove_students(deployment: "Deployment", number: int) -> None:
    sandbox = deployment.trial.sandbox
    for person in sandbox.roster(deployment.districts[0]).ids("student")[:number]:
        sandbox.remove(person)


def _digest(deployment: "Deployment") -> str:
    return str(deployment.trial.value("SELECT digest FROM sync.holds WHERE state = 'held'"))


def test_first_run_of_sync_all_syncs_and_registers_every_district_and_shows_every_asset(
    deployment: "Deployment",
) -> None:
    result = _launch(deployment, "sync_all", "sync_districts")
    assert result.success
    assert deployment.trial.wrong() == []
    assert deployment.partitions() == dict.fromkeys(deployment.districts, "MATERIALIZED")
    assert deployment.figures("users")["dagster/row_count"] == len(deployment.trial.sandbox.truth().users)
    status, evaluation = _latest(deployment, HOLD)
    assert status == "SUCCEEDED"
    assert evaluation.target_materialization_data.run_id == result.run_id


def test_no_moment_shows_every_list_of_a_backfill_as_read_and_a_table_as_missing(
    deployment: "Deployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[set[dg.AssetKey]] = []
    store = EventLog.store_event_batch

    def recorded(log: EventLog, events: "Sequence[dg.EventLogEntry]") -> None:
        found = [event.dagster_event for event in events if event.dagster_event]
        stored.append({each.asset_key for each in found if each.is_step_materialization and each.asset_key})
        store(log, events)

    monkeypatch.setattr(EventLog, "store_event_batch", recorded)
    assert _launch(deployment, "sync_all", "sync_districts").success
    *earlier, last = [keys for keys in stored if keys]
    assert last == {spec.key for spec in build().resolve_all_asset_specs()}
    assert all({key.path[0] for key in keys} == {"clever"} for keys in earlier)
    assert len(deployment.districts) > 1
    assert earlier


def test_results_of_checks_are_shown_although_a_run_that_was_planned_later_never_ends(
    deployment: "Deployment",
) -> None:
    sync = build().resolve_job_def("sync")

    def plan_another(event: Event) -> None:
        if isinstance(event, Stage) and event.activity == "publishing":
            deployment.dagster.create_run_for_job(sync)

    assert deployment.run(progress=plan_another).success
    for key in (HOLD, VERIFIED, SIS_ID):
        status, evaluation = _latest(deployment, key)
        assert status == "SUCCEEDED"
        assert evaluation.target_materialization_data


def test_state_that_was_published_while_a_run_reports_is_the_one_that_is_shown(
    deployment: "Deployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    class Overtaken(Warehouse):
        """Another process publishes right after the first look at the present state."""

        def present(self) -> Present:
            state = super().present()
            if not overtaken:
                overtaken.append(deployment.trial.sync())
            return state

    overtaken: list[SyncResult] = []
    deployment.trial.sandbox.remove(deployment.trial.person("student"))
    monkeypatch.setattr(resources, "Warehouse", Overtaken)

    def change(event: Event) -> None:
        if isinstance(event, Stage) and event.activity == "publishing":
            deployment.trial.sandbox.remove(deployment.trial.person("student"))

    assert deployment.run(progress=change).success
    assert [outcome.outcome for outcome in overtaken[0].outcomes].count("applied") == 1
    rows = deployment.trial.value("SELECT count(*) FROM users")
    assert deployment.figures("users")["dagster/row_count"] == rows


def test_run_reports_without_waiting_for_a_process_that_writes(deployment: "Deployment") -> None:
    assert deployment.run().success
    job = build().resolve_job_def("sync").get_subset(asset_selection=set(), asset_check_selection={SIS_ID})
    with lock.held(deployment.trial.warehouse.state / "lock", "another sync", lambda _: None):
        result = job.execute_in_process(instance=deployment.dagster, run_config={"loggers": QUIET})
    assert result.success


def test_run_that_publishes_nothing_shows_the_results_of_what_is_published(deployment: "Deployment") -> None:
    student = deployment.trial.person("student")
    deployment.trial.sandbox.change(student, {"roles.student.sis_id": None})
    assert deployment.run().success
    deployment.trial.sandbox.inject(Status(403), stream="districts")
    deployment.trial.sandbox.inject(Status(403), stream="tokens")
    result = deployment.run(districts=["f" * 24])
    assert not result.success
    assert _latest(deployment, SIS_ID)[0] == "FAILED"


def test_run_of_single_checks_asks_the_published_file_and_not_clever(deployment: "Deployment") -> None:
    assert deployment.run().success
    asked = len(deployment.trial.sandbox.requests)
    job = build().resolve_job_def("sync").get_subset(asset_selection=set(), asset_check_selection={SIS_ID})
    result = job.execute_in_process(instance=deployment.dagster, run_config={"loggers": QUIET}, raise_on_error=False)
    assert result.success
    assert len(deployment.trial.sandbox.requests) == asked
    assert not result.asset_materializations_for_node("sync_roster")
    assert any("without asking Clever" in line for line in _lines(deployment, result))
    record = deployment.dagster.event_log_storage.get_latest_asset_check_execution_by_key([SIS_ID])[SIS_ID]
    assert (record.run_id, record.status.value) == (result.run_id, "SUCCEEDED")


def test_good_run_ends_without_a_complaint_of_dagster(deployment: "Deployment") -> None:
    result = deployment.run()
    assert result.success
    assert [line for line in _lines(deployment, result) if "did not yield" in line] == []


def test_run_says_that_a_selected_table_is_updated_together_with_all_others(deployment: "Deployment") -> None:
    result = deployment.run(selection=[dg.AssetKey("users")])
    assert result.success
    assert any("This run selects 1 of" in line for line in _lines(deployment, result))


def test_retries_are_warnings_with_district_stream_try_and_wait(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1) as deployment:
        assert deployment.run().success
        district = deployment.named(deployment.districts[0])
        deployment.trial.sandbox.inject(Status(500), stream="schools", times=1)
        result = deployment.run()
        assert result.success
        (line,) = [line for line in _lines(deployment, result) if "try 1 of 8" in line]
        assert line.startswith(f"District {district}, schools: 127.0.0.1:")
        assert "answered 500 (try 1 of 8). Next try in " in line


def test_approval_shows_the_tables_and_the_hold_as_they_are_then(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        _remove_students(deployment, 40)
        assert deployment.run().success
        assert _latest(deployment, HOLD)[0] == "FAILED"
        words = {"reason": "a school closed", "decided_by": "someone"}
        result = _launch(deployment, "approve_hold", digest=_digest(deployment)[:8], **words)
        assert result.success
        assert _latest(deployment, HOLD)[0] == "SUCCEEDED"
        assert deployment.figures("users")["dagster/row_count"] == 80
        assert deployment.figures("warehouse")["students"] == len(deployment.trial.sandbox.truth().ids("student"))


@pytest.mark.parametrize("empty", ["digest", "reason", "decided_by"])
def test_decision_with_an_empty_value_is_refused_before_the_launch(deployment: "Deployment", empty: str) -> None:
    words = {"digest": "0" * 12, "reason": "a school closed", "decided_by": "someone", empty: " "}
    with pytest.raises(dg.DagsterError) as refused:
        _launch(deployment, "approve_hold", **words)
    assert f"Nothing was launched: {empty} must not be empty." in f"{refused.value} {refused.value.__cause__}"
    assert deployment.dagster.get_runs_count() == 0


def test_jobs_decide_nothing_where_decisions_are_taken_in_a_terminal(
    open_deployment: "OpenDeployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        _remove_students(deployment, 40)
        assert deployment.run().success
        monkeypatch.setenv("CLEVER_APPROVE", "terminal")
        for decision in ("approve", "reject"):
            words = {"digest": _digest(deployment), "reason": "a school closed", "decided_by": "someone"}
            result = _launch(deployment, f"{decision}_hold", **words)
            assert not result.success
            (failed,) = [event for event in result.all_events if event.is_step_failure]
            assert "CLEVER_APPROVE is terminal" in str(failed.step_failure_data.user_failure_data)
        assert _latest(deployment, HOLD)[0] == "FAILED"


def test_hold_shows_what_it_would_change_with_a_link_that_opens_the_decision(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        _remove_students(deployment, 40)
        assert deployment.run().success
        evaluation = _latest(deployment, HOLD)[1]
        text, digest = evaluation.metadata["decide"].value, _digest(deployment)
        assert deployment.named(deployment.districts[0]) in text
        assert f"jobs/approve_hold/playground/setup?config=digest%3A%20{digest}" in text
        assert f"clever-warehouse approve {digest[:12]}" in text
        assert "| school | grade | before | arriving | archived |" in text
        assert "<5" in text
        assert evaluation.description.startswith(f"{deployment.named(deployment.districts[0])} is held since ")
        assert f"jobs/approve_hold/playground/setup?config=digest%3A%20{digest}" in evaluation.description
        assert not [name for name in deployment.trial.sandbox.secrets() if len(name) > 3 and name in text]


def test_log_of_a_run_ends_with_the_check_that_needs_attention(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        _remove_students(deployment, 40)
        run_id = deployment.run().run_id
        logs = deployment.dagster.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        evaluations = [log.get_dagster_event().asset_check_evaluation_data for log in logs]
        assert evaluations[-1].asset_check_key == HOLD
        assert [each.passed for each in evaluations] == sorted((each.passed for each in evaluations), reverse=True)


def test_links_and_runs_of_commands_lead_to_the_location_of_the_workspace() -> None:
    (listed,) = yaml.safe_load((Path(__file__).resolve().parents[2] / "workspace.yaml").read_text())["load_from"]
    assert listed["python_module"]["location_name"] == LOCATION


def test_rejection_shows_that_nothing_waits(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        _remove_students(deployment, 40)
        assert deployment.run().success
        words = {"reason": "a mistake of the SIS", "decided_by": "someone"}
        result = _launch(deployment, "reject_hold", digest=_digest(deployment)[:8], **words)
        assert result.success
        assert _latest(deployment, HOLD)[0] == "SUCCEEDED"
        assert deployment.figures("users")["dagster/row_count"] == 120


def test_rollback_lists_the_kept_files_first_and_shows_the_restored_rows(deployment: "Deployment") -> None:
    assert deployment.run().success
    rows = deployment.figures("users")["dagster/row_count"]
    deployment.trial.sandbox.add_person(deployment.districts[0])
    assert deployment.run().success
    published = deployment.trial.warehouse.published.read_bytes()
    listed = _launch(deployment, "rollback", "restore_kept")
    assert listed.success
    assert deployment.trial.warehouse.published.read_bytes() == published
    (output,) = [event for event in listed.all_events if event.is_successful_output]
    (kept,) = [record.data for record in output.step_output_data.metadata["kept files"].value.records]  # type: ignore[union-attr]
    assert (kept["people"], kept["syncs undone"]) == (rows, 1)
    assert _launch(deployment, "rollback", "restore_kept", to=kept["file"]).success
    assert deployment.figures("users")["dagster/row_count"] == rows
    assert deployment.trial.value("SELECT count(*) FROM users") == rows


@pytest.mark.parametrize("name", ["20200101T000000.000000Z", "../warehouse"])
def test_rollback_to_a_file_that_is_not_kept_changes_nothing(deployment: "Deployment", name: str) -> None:
    assert deployment.run().success
    published = deployment.trial.warehouse.published.read_bytes()
    result = _launch(deployment, "rollback", "restore_kept", to=name)
    assert not result.success
    assert deployment.trial.warehouse.published.read_bytes() == published
