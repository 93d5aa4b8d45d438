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
    from tests.assets.conftest import OpenRoom, Room

STREAMS = ("users", "students", "teachers", "staff", "district_admins", "contacts")
GOOD, FAILED = "MATERIALIZED", "FAILED"

Launch = Callable[["Room"], dg.ExecuteInProcessResult]
LAUNCHES: dict[str, Launch] = {
    "with nothing": lambda room: room.run(),
    "with districts in its configuration": lambda room: room.run(districts=room.districts),
    "for a range of partitions": lambda room: room.run_range(room.districts[0], room.districts[-1]),
}


def range_tags(first: str, last: str) -> dict[str, str]:
    """Return what Dagster keeps of a range of partitions."""
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def reason(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return data.description or ""


def test_a_sync_materializes_every_stream_of_every_district(synced: "tuple[Room, dg.ExecuteInProcessResult]") -> None:
    room, result = synced
    assert result.success
    for stream in STREAMS:
        assert room.partitions(stream) == dict.fromkeys(room.districts, GOOD)


def test_a_streams_materialization_has_numbers_that_the_ui_plots(
    synced: "tuple[Room, dg.ExecuteInProcessResult]",
) -> None:
    room, _ = synced
    for district in room.districts:
        truth = room.trial.sandbox.truth(district)
        for stream, records in (("users", len(truth.users)), ("students", len(truth.ids("student")))):
            figures = room.figures("clever", stream, partition=district)
            assert figures["records"] == records
            assert figures["pages"] == 1
            assert isinstance(figures["bytes"], int)
            assert figures["bytes"] > 0
            assert isinstance(figures["digest"], str)


def test_the_tables_show_their_rows_and_the_lineage_of_their_columns(
    synced: "tuple[Room, dg.ExecuteInProcessResult]",
) -> None:
    room, _ = synced
    truth = room.trial.sandbox.truth()
    for table, rows in (
        ("users", truth.users),
        ("user_roles", truth.user_roles),
        ("legacy_id_crosswalk", truth.crosswalk),
    ):
        figures = room.figures(table)
        assert figures["dagster/row_count"] == len(rows)
        assert isinstance(figures["dagster/column_lineage"], dg.TableColumnLineage)


def test_the_warehouse_shows_the_figures_of_the_whole_sync(synced: "tuple[Room, dg.ExecuteInProcessResult]") -> None:
    room, _ = synced
    figures = room.figures("warehouse")
    assert figures["districts_applied"] == 3
    assert figures["districts_failed"] == figures["districts_held"] == figures["districts_unchanged"] == 0
    assert figures["people_added"] == 90
    assert figures["people_archived"] == 0
    assert figures["path"] == str(room.trial.warehouse.published)
    assert figures["bytes"] == room.trial.warehouse.published.stat().st_size
    assert figures["seconds"] > 0
    rows = [record.data for record in figures["districts"].records]
    assert [(row["district"], row["outcome"], row["added"]) for row in rows] == [
        (district, "applied", 30) for district in room.districts
    ]
    truth = room.trial.sandbox.truth()
    assert {
        record.data["role"]: (record.data["before"], record.data["added"]) for record in figures["roles"].records
    } == {role: (0, len(truth.ids(role))) for role in ROLES}


def test_a_run_registers_the_districts_that_have_authorised_the_app(
    synced: "tuple[Room, dg.ExecuteInProcessResult]",
) -> None:
    room, _ = synced
    assert sorted(room.dagster.get_dynamic_partitions("district")) == room.districts


@pytest.mark.variants(1)
@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES.keys())
def test_a_district_that_fails_is_shown_as_failed_and_the_others_are_published(
    open_room: "OpenRoom", launch: Launch
) -> None:
    with open_room() as room:
        first, bad, last = room.districts
        room.register()
        room.trial.sandbox.inject(Status(403), district=bad)
        result = launch(room)
        assert not result.success
        assert reason(result).startswith("1 of 3 districts were not updated. All others are published.")
        assert f"District {bad}" in reason(result)
        for stream in STREAMS:
            assert room.partitions(stream) == {first: GOOD, bad: FAILED, last: GOOD}
        assert room.trial.wrong(first) == room.trial.wrong(last) == []
        assert room.figures("users")["dagster/row_count"] == 60
        assert room.figures("warehouse")["districts_failed"] == 1

        room.trial.sandbox.heal()
        assert launch(room).success
        assert room.partitions() == dict.fromkeys(room.districts, GOOD)
        assert room.trial.wrong() == []


@pytest.mark.search
def test_a_district_that_was_well_and_fails_is_shown_as_failed(room: "Room") -> None:
    assert room.run().success
    bad = room.districts[0]
    room.trial.sandbox.inject(Status(401), district=bad)
    assert not room.run().success
    assert room.partitions()[bad] == FAILED
    assert room.trial.wrong() == []


def test_a_run_for_one_partition_syncs_that_district_only(room: "Room") -> None:
    room.register()
    one, *others = room.districts
    assert room.run(partition_key=one).success
    assert room.partitions() == {one: GOOD, **dict.fromkeys(others)}
    assert room.trial.rows("SELECT DISTINCT district_id FROM users") == [(one,)]


def test_a_run_for_one_partition_that_fails_leaves_the_others_alone(room: "Room") -> None:
    assert room.run().success
    bad, *others = room.districts
    room.trial.sandbox.inject(Status(403), district=bad)
    assert not room.run(partition_key=bad).success
    assert room.partitions() == {bad: FAILED, **dict.fromkeys(others, GOOD)}


def test_a_run_for_a_range_of_partitions_syncs_these_districts_in_one_run(room: "Room") -> None:
    room.register()
    first, second, third = room.districts
    assert room.run_range(first, second).success
    assert room.partitions() == {first: GOOD, second: GOOD, third: None}


def test_a_run_with_districts_in_its_configuration_syncs_any_choice_of_them(room: "Room") -> None:
    first, second, third = room.districts
    assert room.run(districts=[third, first]).success
    assert room.partitions() == {first: GOOD, second: None, third: GOOD}
    assert room.trial.rows("SELECT DISTINCT district_id FROM users ORDER BY ALL") == [(first,), (third,)]


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
    open_room: "OpenRoom", selection: list[dg.AssetKey]
) -> None:
    with open_room(districts=1) as room:
        result = room.run(selection=selection)
        assert result.success
        assert room.trial.wrong() == []
        for stream in STREAMS:
            assert room.partitions(stream) == {room.districts[0]: GOOD}
        assert room.figures("user_roles")["dagster/row_count"] == len(room.trial.sandbox.truth().user_roles)
        assert room.figures("warehouse")["districts_applied"] == 1


def outcomes(room: "Room", result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Return the outcome of each district of a run."""
    return dict(room.trial.rows("SELECT district_id, outcome FROM sync.runs WHERE sync_id = ?", result.run_id))


def test_a_disconnected_district_keeps_its_partition_and_its_data(room: "Room") -> None:
    assert room.run().success
    everyone = room.districts
    gone, *others = everyone
    room.trial.sandbox.disconnect(gone)
    left = room.run()
    assert left.success
    assert outcomes(room, left) == {gone: "disconnected", **dict.fromkeys(others, "unchanged")}
    assert room.figures("warehouse")["districts_disconnected"] == 1
    assert list(room.dagster.get_dynamic_partitions("district")) == everyone
    assert room.partitions() == dict.fromkeys(everyone, GOOD)
    assert room.trial.value("SELECT count(*) FROM users WHERE district_id = ?", gone) == 30
    assert outcomes(room, room.run()) == dict.fromkeys(others, "unchanged")


@pytest.mark.variants(1)
@pytest.mark.parametrize("number", range(3))
def test_a_range_syncs_all_its_districts_after_one_has_left_and_returned(open_room: "OpenRoom", number: int) -> None:
    with open_room() as room:
        assert room.run().success
        everyone = room.districts
        moved = everyone[number]
        room.trial.sandbox.disconnect(moved)
        others = {district: "unchanged" for district in everyone if district != moved}
        while_away = room.run_range(everyone[0], everyone[-1])
        assert while_away.success
        assert outcomes(room, while_away) == {moved: "disconnected", **others}
        assert room.run().success

        room.trial.sandbox.connect(moved)
        room.trial.sandbox.add_person(moved, ("teacher",))
        returned = room.run_range(everyone[0], everyone[-1])
        assert returned.success
        assert outcomes(room, returned) == {moved: "applied", **others}
        for first, last in itertools.combinations(everyone, 2):
            within = [district for district in everyone if first <= district <= last]
            assert outcomes(room, room.run_range(first, last)) == dict.fromkeys(within, "unchanged")
        assert room.trial.wrong() == []


def test_a_range_that_contains_no_district_is_refused(room: "Room") -> None:
    first, second, third = room.districts
    room.register(second, third, first)
    result = room.run_range(first, second)
    assert not result.success
    assert reason(result).startswith("This run selects no district, so nothing was synced.")
    assert not room.trial.warehouse.published.exists()
    assert room.run_range(second, first).success
    assert room.partitions() == dict.fromkeys(room.districts, GOOD)


def test_a_run_syncs_what_it_was_launched_for_although_the_partitions_changed_since(room: "Room") -> None:
    room.register()
    first, second, _ = room.districts

    def change() -> None:
        room.dagster.delete_dynamic_partition("district", first)

    room.trial.sandbox.inject(Meanwhile(change), stream="tokens", times=1)
    result = room.run_range(first, second)
    assert result.success
    assert outcomes(room, result) == {first: "applied", second: "applied"}


def test_a_run_that_waits_or_is_repeated_is_about_the_districts_that_it_was_launched_for(room: "Room") -> None:
    room.register()
    first, second, third = room.districts
    job = build().resolve_job_def("sync")
    tags = range_tags(first, second)
    run = room.dagster.create_run_for_job(job, tags=tags)
    room.dagster.delete_dynamic_partition("district", first)
    assert selected(room.dagster, run) == [first, second]
    room.register()
    again = room.dagster.create_run_for_job(job, tags=tags, root_run_id=run.run_id, parent_run_id=run.run_id)
    assert selected(room.dagster, again) == [first, second]
    other = room.dagster.create_run_for_job(
        job, tags=range_tags(second, third), root_run_id=run.run_id, parent_run_id=run.run_id
    )
    assert selected(room.dagster, other) == [second, third]
    room.dagster.delete_run(run.run_id)
    assert selected(room.dagster, again) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "launch",
    [
        lambda room, gone: room.run(partition_key=gone),
        lambda room, gone: room.run_range(gone, gone),
        lambda room, gone: room.run(districts=[gone]),
    ],
    ids=["partition", "range", "configuration"],
)
def test_a_run_for_disconnected_districts_only_does_not_succeed(
    open_room: "OpenRoom", launch: Callable[["Room", str], dg.ExecuteInProcessResult]
) -> None:
    with open_room() as room:
        assert room.run().success
        gone = room.districts[1]
        room.trial.sandbox.disconnect(gone)
        for _ in range(2):
            result = launch(room, gone)
            assert not result.success
            assert reason(result).startswith("None of the selected districts is connected to this app")
            assert outcomes(room, result) == {gone: "disconnected"}
        assert room.trial.value("SELECT count(*) FROM users WHERE district_id = ?", gone) == 30


@pytest.mark.search
def test_a_run_while_no_district_is_connected_does_not_succeed(open_room: "OpenRoom") -> None:
    with open_room(districts=1) as room:
        assert room.run().success
        (only,) = room.districts
        room.trial.sandbox.disconnect(only)
        for expected in ("None of the selected districts is connected", "No district is connected"):
            result = room.run()
            assert not result.success
            assert reason(result).startswith(expected)
        assert room.trial.value("SELECT count(*) FROM users") == 30


def test_a_district_that_clever_never_showed_fails_the_run_by_name(room: "Room") -> None:
    known, unknown = room.districts[0], "f" * 24
    result = room.run(districts=[known, unknown])
    assert not result.success
    assert reason(result) == f"District {unknown} is not connected to this app."
    assert room.partitions()[known] == GOOD


def test_when_clever_lists_no_districts_the_registered_ones_fail_and_keep_their_partitions(room: "Room") -> None:
    assert room.run().success
    room.trial.sandbox.inject(Status(403), stream="tokens")
    result = room.run()
    assert not result.success
    assert reason(result).startswith("Token list /oauth/tokens: ")
    assert len(reason(result).splitlines()) == 1
    logged = [each.user_message for each in room.dagster.all_logs(result.run_id) if each.level == logging.ERROR]
    assert logged.count(reason(result)) == 1
    assert room.partitions() == dict.fromkeys(room.districts, FAILED)
    assert room.trial.wrong() == []


@pytest.mark.search
def test_a_read_that_is_not_verified_leaves_the_district_as_it_was(room: "Room") -> None:
    assert room.run().success
    bad = room.districts[1]
    before = room.trial.fingerprint()
    room.trial.sandbox.inject(ForeignRecord(), district=bad, stream="users", role="none")
    assert not room.run().success
    assert room.partitions()[bad] == FAILED
    assert room.trial.fingerprint() == before
