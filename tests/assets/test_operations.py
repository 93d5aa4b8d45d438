"""The job `preview`, as the UI launches it: it shows the whole difference and leaves everything as it is."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.definitions import build
from pipelines.progress import silent
from pipelines.sandbox import Status
from tests.assets.conftest import QUIET

if TYPE_CHECKING:
    from tests.assets.conftest import Room


def _preview(room: "Room", *districts: str) -> dg.ExecuteInProcessResult:
    """Launch the job, for some districts or for all."""
    config: dict[str, Any] = {
        "loggers": QUIET,
        "ops": {"preview_sync": {"config": {"districts": list(districts)}}},
    }
    job = build(silent).resolve_job_def("preview")
    return job.execute_in_process(instance=room.dagster, run_config=config, raise_on_error=False)


def _shown(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """What the run shows of its output."""
    (event,) = [event for event in result.all_events if event.is_successful_output]
    return {name: value.value for name, value in event.step_output_data.metadata.items()}


def _changes(result: dg.ExecuteInProcessResult) -> list[tuple[Any, ...]]:
    columns = ("district", "role", "added", "updated", "archived", "restored")
    rows = [record.data for record in _shown(result)["changes"].records]
    return [tuple(row[column] for column in columns) for row in rows if any(row[column] for column in columns[2:])]


def test_the_job_shows_the_difference_of_each_district_and_role_and_applies_nothing(room: "Room") -> None:
    assert room.run().success
    first, _, last = room.districts
    room.trial.sandbox.remove(room.trial.person("contact"))
    room.trial.sandbox.add_person(last)
    published = room.trial.warehouse.published
    before = published.stat().st_ino, published.read_bytes()
    runs = room.trial.rows("FROM sync.runs ORDER BY ALL")
    result = _preview(room)
    assert result.success
    assert _changes(result) == [(first, "contact", 0, 0, 1, 0), (last, "student", 1, 0, 0, 0)]
    assert _shown(result)["archived"] == f"District {first}: The archived person does not continue under a new ID."
    assert (published.stat().st_ino, published.read_bytes()) == before
    assert room.trial.rows("FROM sync.runs ORDER BY ALL") == runs
    assert room.run().success
    assert room.trial.wrong() == []
    assert _shown(_preview(room)) == {}


def test_the_job_looks_only_at_the_districts_that_it_is_given(room: "Room") -> None:
    one = room.districts[1]
    result = _preview(room, one)
    assert {row[0] for row in _changes(result)} == {one}
    assert not room.trial.warehouse.published.exists()


def test_the_job_leaves_dagsters_districts_as_they_are(room: "Room") -> None:
    assert room.run().success
    room.trial.sandbox.disconnect(room.districts[0])
    known = room.dagster.get_dynamic_partitions("district")
    assert _preview(room).success
    assert room.dagster.get_dynamic_partitions("district") == known


def test_the_job_says_which_district_cannot_be_read(room: "Room") -> None:
    bad = room.districts[0]
    room.trial.sandbox.inject(Status(403), district=bad)
    result = _preview(room, *room.districts, "f" * 24)
    assert bad not in {row[0] for row in _changes(result)}
    unknown, reason = _shown(result)["failures"].split("\n\n")
    assert unknown == f"District {'f' * 24} is not connected to this app."
    assert bad in reason


def test_the_job_fails_with_a_sentence_if_clever_lists_no_districts(room: "Room") -> None:
    room.trial.sandbox.inject(Status(403), stream="tokens")
    result = _preview(room)
    assert not result.success
    (event,) = [event for event in result.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert "answered 403" in str(failure.description)
