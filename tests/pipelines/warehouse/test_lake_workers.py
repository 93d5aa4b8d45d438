"""Several workers of a lake leave the tables of one file, also where an ID is known in the districts of more than one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.identity.migration import import_migration
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict, approve
from pipelines.warehouse.lake import Lake, commit
from tests.conftest import Begin, Trial
from tests.lakes import Postgres, WorkersTrial, postgres
from tests.pipelines.warehouse.test_lake import Nights, contents, next_day, pass_night

DISTRICTS = 4

LAST_SEEN = {"sync.findings": 6, "open_findings": 12}
"""The place of the column last_seen_at."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Return a PostgreSQL server."""
    with postgres() as made:
        yield made


@pytest.fixture(params=[1, 3])
def pair(
    begin: Begin, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[tuple[Trial, WorkersTrial]]:
    """Return a file and a lake with some workers, synced from the same sandbox, by the same clock; a commit has one district."""
    monkeypatch.setattr(commit, "BATCH", 1)
    with begin(districts=DISTRICTS, users=20) as file:
        file.clock = Nights()
        lake = Lake(server.database(), str(tmp_path / "data"))
        workers = WorkersTrial(
            file.sandbox, file.url, tmp_path / "lake", clock=file.clock, lake=lake, workers=request.param
        )
        workers.warehouse.prepare()
        with workers.warehouse.held("set-up", silent):
            workers.warehouse.begin(silent)
        next_day(file)
        yield file, workers


def synced(pair: tuple[Trial, WorkersTrial], sync_id: str) -> None:
    """Sync both, and compare them.

    When a finding was last seen is left out: a sync that changes nothing evaluates no rule and dates no finding, and a worker may change
    nothing where another one does.
    """
    file, workers = pair
    assert workers.outcomes(sync_id=sync_id) == file.outcomes(sync_id=sync_id)
    left, right = contents(file.warehouse), contents(workers.warehouse)
    for rows in (left, right):
        for name, place in LAST_SEEN.items():
            rows[name] = [(*row[:place], *row[place + 1 :]) for row in rows[name]]
    assert [name for name in left if left[name] != right[name]] == []


def test_workers_leave_the_tables_of_a_file(pair: tuple[Trial, WorkersTrial]) -> None:
    for night in range(2):
        synced(pair, f"night-{night}")
        pass_night(*pair, changes=2)


def test_what_a_worker_holds_is_approved_for_the_whole_lake(pair: tuple[Trial, WorkersTrial]) -> None:
    file = pair[0]
    for trial in pair:
        trial.limits = LimitsByDistrict(Limits(min_records=1))
    synced(pair, "first")
    district = file.districts[1]
    file.sandbox.unshare(district, role="contact")
    pass_night(*pair, changes=0)
    synced(pair, "second")
    digest = file.value("SELECT digest FROM sync.holds")
    for trial in pair:
        approve(
            trial.warehouse,
            district_id=district,
            digest=digest,
            decision_id="decision",
            decided_by="somebody",
            reason="they moved",
            report=silent,
        )
    pass_night(*pair)
    synced(pair, "third")


def test_links_that_only_csvs_tell_are_placed_when_all_workers_have_ended(
    pair: tuple[Trial, WorkersTrial], tmp_path: Path
) -> None:
    file = pair[0]
    synced(pair, "first")
    people = [file.sandbox.roster(district).ids()[0] for district in file.districts]
    told = tmp_path / "teacher-migration.csv"
    told.write_text("role_id,user_id\n" + "".join(f"{number:024x},{each}\n" for number, each in enumerate(people, 1)))
    pass_night(*pair)
    for number, trial in enumerate(pair):
        import_migration(
            trial.warehouse, [told], "import", report_file=tmp_path / f"report-{number}.csv", report=silent
        )
    assert file.value("SELECT count(*) FROM legacy_id_crosswalk WHERE source = 'migration_csv'") == DISTRICTS
    file.sandbox.roster(file.districts[0]).remove(people[0])
    file.sandbox.show_elsewhere(people[1], file.districts[2])
    pass_night(*pair)
    synced(pair, "second")


def test_people_who_move_between_districts_of_several_workers_lead_to_one_user(
    pair: tuple[Trial, WorkersTrial],
) -> None:
    file, workers = pair
    sandbox = file.sandbox
    synced(pair, "first")
    moving = {district: sandbox.roster(district).ids()[number::4][:5] for number, district in enumerate(file.districts)}
    for step in range(2):
        for number, district in enumerate(file.districts):
            to = file.districts[(number + 1 + step) % DISTRICTS]
            for user_id in moving[district]:
                if user_id in sandbox.roster(district).ids():
                    sandbox.show_elsewhere(user_id, to)
        pass_night(*pair)
        synced(pair, f"shown-{step}")
        for district, people in moving.items():
            for user_id in people[step:]:
                if user_id in sandbox.roster(district).ids():
                    sandbox.roster(district).remove(user_id)
        pass_night(*pair)
        synced(pair, f"moved-{step}")
    assert workers.value("SELECT count(*) FROM sync.findings WHERE \"check\" = 'user_id_is_used_in_one_district'") > 0
    for trial in pair:
        assert trial.value("SELECT count(*) - count(DISTINCT id) FROM living_heirs") == 0
