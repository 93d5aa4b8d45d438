"""The job `preview`, as the UI launches it: it shows the whole difference and leaves everything as it is."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.definitions import build
from pipelines.progress import silent
from pipelines.sandbox import Status
from tests.assets.conftest import QUIET

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment


def _preview(deployment: "Deployment", *districts: str) -> dg.ExecuteInProcessResult:
    """Launch the job, for some districts or for all."""
    config: dict[str, Any] = {
        "loggers": QUIET,
        "ops": {"preview_sync": {"config": {"districts": list(districts)}}},
    }
    job = build(silent).resolve_job_def("preview")
    return job.execute_in_process(instance=deployment.dagster, run_config=config, raise_on_error=False)


def _shown(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """What the run shows of its output."""
    (event,) = [event for event in result.all_events if event.is_successful_output]
    return {name: value.value for name, value in event.step_output_data.metadata.items()}


def _changes(result: dg.ExecuteInProcessResult) -> list[tuple[Any, ...]]:
    columns = ("district", "role or type", "added", "updated", "archived", "restored")
    rows = [record.data for record in _shown(result)["changes"].records]
    return [tuple(row[column] for column in columns) for row in rows if any(row[column] for column in columns[2:])]


def test_the_job_shows_the_difference_of_each_district_and_role_and_applies_nothing(deployment: "Deployment") -> None:
    assert deployment.run().success
    first, _, last = deployment.districts
    deployment.trial.sandbox.remove(deployment.trial.person("contact"))
    deployment.trial.sandbox.add_person(last)
    published = deployment.trial.warehouse.published
    before = published.stat().st_ino, published.read_bytes()
    runs = deployment.trial.rows("FROM sync.runs ORDER BY ALL")
    result = _preview(deployment)
    assert result.success
    assert _changes(result) == [(first, "contact", 0, 0, 1, 0), (last, "student", 1, 0, 0, 0)]
    assert (
        _shown(result)["archived"]
        == f"District {deployment.named(first)}: The archived person does not continue under a new ID."
    )
    assert (published.stat().st_ino, published.read_bytes()) == before
    assert deployment.trial.rows("FROM sync.runs ORDER BY ALL") == runs
    assert deployment.run().success
    assert deployment.trial.wrong() == []
    assert _shown(_preview(deployment)) == {}


def test_the_job_looks_only_at_the_districts_that_it_is_given(deployment: "Deployment") -> None:
    one = deployment.districts[1]
    result = _preview(deployment, one)
    assert {row[0] for row in _changes(result)} == {one}
    assert not deployment.trial.warehouse.published.exists()


def test_the_job_leaves_dagsters_districts_as_they_are(deployment: "Deployment") -> None:
    assert deployment.run().success
    deployment.trial.sandbox.disconnect(deployment.districts[0])
    known = deployment.dagster.get_dynamic_partitions("district")
    assert _preview(deployment).success
    assert deployment.dagster.get_dynamic_partitions("district") == known


def test_the_job_says_which_district_cannot_be_read(deployment: "Deployment") -> None:
    bad = deployment.districts[0]
    deployment.trial.sandbox.inject(Status(403), district=bad)
    result = _preview(deployment, *deployment.districts, "f" * 24)
    assert bad not in {row[0] for row in _changes(result)}
    unknown, reason = _shown(result)["failures"].split("\n\n")
    assert unknown == f"District {'f' * 24} is not connected to this app."
    assert bad in reason


def test_the_job_fails_with_a_sentence_if_clever_lists_no_districts(deployment: "Deployment") -> None:
    deployment.trial.sandbox.inject(Status(403), stream="tokens")
    result = _preview(deployment)
    assert not result.success
    (event,) = [event for event in result.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert "answered 403" in str(failure.description)
