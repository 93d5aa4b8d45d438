"""The job approve_holds lists what it would approve, and approves exactly that when it is launched by the link of the list."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import dagster as dg
import pytest
import yaml

from assets.definitions import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.assets.conftest import Deployment, OpenDeployment

HOLD = dg.AssetCheckKey(dg.AssetKey("warehouse"), "no_mass_change_is_held")
LINK = re.compile(r"\(/locations/clever_warehouse/jobs/approve_holds/playground/setup\?config=([^)]+)\)")


@pytest.fixture
def held(open_deployment: "OpenDeployment") -> "Iterator[Deployment]":
    """Return a deployment of three districts, of which two lose a third of their students and one its contacts."""
    with open_deployment(districts=3, users=120) as deployment:
        assert deployment.run().success
        sandbox = deployment.trial.sandbox
        for number, role in enumerate(("student", "student", "contact")):
            people = sandbox.roster(deployment.districts[number]).ids(role)
            for user_id in people[: len(people) // 3] if role == "student" else people:
                sandbox.remove(user_id)
        assert deployment.run().success
        assert len(deployment.trial.warehouse.held_snapshots()) == 3
        yield deployment


def _launch(deployment: "Deployment", **config: Any) -> dg.ExecuteInProcessResult:
    definition = build().resolve_job_def("approve_holds")
    return definition.execute_in_process(instance=deployment.dagster, run_config=config, raise_on_error=False)


def _metadata(result: dg.ExecuteInProcessResult) -> Any:
    return {
        name: value.value
        for event in result.all_events
        if event.is_successful_output
        for name, value in event.step_output_data.metadata.items()
    }


def _filled_in(text: str) -> list[dict[str, Any]]:
    """The configs that the links in a text fill in."""
    return [yaml.safe_load(unquote(config)) for config in LINK.findall(text)]


def test_check_of_holds_leads_to_the_list_of_each_group_and_that_to_its_approval(held: "Deployment") -> None:
    record: Any = held.dagster.event_log_storage.get_latest_asset_check_execution_by_key([HOLD])[HOLD]
    groups = _filled_in(record.evaluation.metadata["decide"].value)
    assert len(groups) == 2
    before = held.trial.fingerprint()
    listed = _launch(held, **groups[0])
    assert listed.success
    assert held.trial.fingerprint() == before
    (config,) = _filled_in(_metadata(listed)["selected"])
    approved = _launch(held, **{**config, "reason": "the new school year", "decided_by": "someone"})
    assert approved.success
    assert sorted(held.trial.warehouse.held_snapshots()) == held.districts[2:]
    assert _metadata(approved)["districts"] == 2
    decided = "SELECT DISTINCT reason, decided_by FROM sync.holds WHERE state = 'approved'"
    assert held.trial.rows(decided) == [("the new school year", "someone")]
    assert held.figures("students")["dagster/row_count"] == len(held.trial.sandbox.truth().ids("student"))


def test_launched_as_it_is_the_job_lists_every_held_snapshot(held: "Deployment") -> None:
    listed = _launch(held)
    text = _metadata(listed)["selected"]
    assert "[Approve all 3]" in text
    assert "student archived up to 50%, lost up to 50%" in text
    assert all(district_id in text for district_id in held.districts)
    assert not [name for name in held.trial.sandbox.secrets() if len(name) > 3 and name in text]
    assert len(held.trial.warehouse.held_snapshots()) == 3


def test_other_snapshots_than_were_listed_are_not_approved(held: "Deployment") -> None:
    (config,) = _filled_in(_metadata(_launch(held))["selected"])
    held.trial.sandbox.remove(held.trial.sandbox.roster(held.districts[2]).ids("student")[0])
    assert held.run().success
    refused = _launch(held, **{**config, "reason": "the new school year", "decided_by": "someone"})
    assert not refused.success
    (failed,) = [event for event in refused.all_events if event.is_step_failure]
    assert "The filter selects other snapshots (3, selection " in str(failed.step_failure_data)
    assert len(held.trial.warehouse.held_snapshots()) == 3


@pytest.mark.parametrize("empty", ["reason", "decided_by"])
def test_approval_with_an_empty_field_is_refused_before_the_launch(deployment: "Deployment", empty: str) -> None:
    words = {"selection": "0" * 12, "reason": "r", "decided_by": "d", empty: " "}
    with pytest.raises(dg.DagsterError) as refused:
        _launch(deployment, **words)
    assert f"Nothing was launched: {empty} must not be empty." in f"{refused.value} {refused.value.__cause__}"
    assert deployment.dagster.get_runs_count() == 0


def test_job_approves_nothing_where_decisions_are_taken_in_a_terminal(
    held: "Deployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    (config,) = _filled_in(_metadata(_launch(held))["selected"])
    monkeypatch.setenv("CLEVER_APPROVE", "terminal")
    refused = _launch(held, **{**config, "reason": "r", "decided_by": "d"})
    assert not refused.success
    (failed,) = [event for event in refused.all_events if event.is_step_failure]
    assert "CLEVER_APPROVE is terminal" in str(failed.step_failure_data)
    assert len(held.trial.warehouse.held_snapshots()) == 3


def test_without_a_hold_the_job_lists_nothing(deployment: "Deployment") -> None:
    assert deployment.run().success
    assert _launch(deployment).success
