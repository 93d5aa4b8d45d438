"""A file that was published before is published again: what is kept, what is known then, and how the next sync goes on."""

import contextlib
import dataclasses
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import Notice, silent
from pipelines.warehouse import NothingPublishedError, UnreadableError, Warehouse, machine_clock
from tests.conftest import synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Begin, Row, Trial

PEOPLE = "SELECT count(*) FROM users"
ROLLBACKS = "SELECT rolled_back_at, restored_from, undone_from FROM sync.rollbacks ORDER BY rolled_back_at"
PAST = "SELECT user_id, valid_from, valid_to, change FROM past.past_users ORDER BY ALL"

OVERLAPS = """
SELECT one.user_id FROM users_history AS one JOIN users_history AS other USING (user_id)
WHERE one.valid_from < other.valid_from AND coalesce(one.valid_to, 'infinity') > other.valid_from
UNION ALL
SELECT user_id FROM users_history WHERE valid_to <= valid_from
UNION ALL
SELECT user_id FROM users_history WHERE valid_to IS NULL GROUP BY user_id HAVING count(*) > 1
"""

GOING_BACK = """
import os, signal, sys
from pathlib import Path
from pipelines.warehouse import Warehouse

touched = 0

def die_at_a_step(event, arguments):
    global touched
    if str(arguments[:1]).count(sys.argv[1]) and event in {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.utime"}:
        touched += 1
        if touched > int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

warehouse = Warehouse(Path(sys.argv[1]))
(kept, *_) = warehouse.kept_files()
sys.addaudithook(die_at_a_step)
warehouse.roll_back(kept, print)
"""
"""A process that goes back and kills itself before it touches files for the n-th time."""


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from pipelines.warehouse import Warehouse

def meet(event, _arguments):
    if event == "shutil.copyfile":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

sys.addaudithook(meet)
warehouse = Warehouse(Path(sys.argv[1]))
warehouse.roll_back(warehouse.kept_files()[0], print)
"""
"""A process that rolls back, and may not make a file larger than a size once it copies one."""


def _go_back(trial: "Trial", steps: int = 1) -> "Path":
    """Publish the newest of the kept files, or the n-th newest."""
    to = trial.warehouse.kept_files()[steps - 1]
    trial.warehouse.roll_back(to, lambda event: pytest.fail(f"reported {event}"))
    return to


def _leave(trial: "Trial") -> None:
    """Let someone leave, and sync that."""
    trial.sandbox.remove(trial.person("contact"))
    assert trial.outcomes()[0] == "applied"


def _people_in(file: "Path") -> int:
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as connection:
        ((people,),) = connection.execute(PEOPLE).fetchall()
    return int(people)


def _kept(trial: "Trial") -> list[int]:
    """How many people are in each of the kept files, newest first."""
    return [_people_in(file) for file in trial.warehouse.kept_files()]


@pytest.mark.search
def test_the_last_three_files_from_before_a_change_are_kept(trial: "Trial") -> None:
    trial.sync()
    assert _kept(trial) == []
    for kept in ([40], [39, 40], [38, 39, 40], [37, 38, 39]):
        assert trial.outcomes() == ["unchanged"]
        _leave(trial)
        assert _kept(trial) == kept


@pytest.mark.variants(1)
@pytest.mark.parametrize("keep", [0, 1])
def test_as_many_files_are_kept_as_the_setting_says_also_when_it_was_lowered(trial: "Trial", keep: int) -> None:
    trial.sync()
    for _ in range(3):
        _leave(trial)
    assert _kept(trial) == [38, 39, 40]
    trial.sandbox.remove(trial.person("contact"))
    with trial.clever() as clever:
        lowered = Warehouse(trial.folder, keep_published=keep)
        synced(clever, lowered, sync_id="lowered", limits=trial.limits, report=silent)
    assert _kept(trial) == [37][:keep]


class Days:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def set(self, day: int, hour: int) -> None:
        """Let it be an hour of a day of September."""
        self.time = datetime(2026, 9, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        (0, ["06T20", "06T12"]),
        (1, ["06T20", "06T12", "05T23"]),
        (3, ["06T20", "06T12", "05T23", "04T23", "03T23"]),
        (30, ["06T20", "06T12", "05T23", "04T23", "03T23", "02T23", "01T23"]),
    ],
)
def test_last_file_of_each_day_is_kept_in_addition_to_the_newest_ones(
    tmp_path: "Path", days: int, kept: list[str]
) -> None:
    clock = Days()
    warehouse = Warehouse(tmp_path, keep_published=2, keep_published_days=days, clock=clock)
    for day in range(1, 7):
        for hour in (4, 12, 20, 23):
            clock.set(day, hour)
            warehouse.write("a sync", lambda session: session.publish(keep_former=True), silent)
    assert [file.stem[6:11] for file in warehouse.kept_files()] == kept


def test_last_file_of_a_day_stays_when_the_syncs_of_the_next_day_follow(tmp_path: "Path") -> None:
    clock = Days()
    warehouse = Warehouse(tmp_path, keep_published=1, keep_published_days=1, clock=clock)
    expected: list[list[str]] = [
        [],
        ["01T08"],
        ["01T20"],
        ["02T08", "01T20"],
        ["02T20"],
        ["03T08", "02T20"],
    ]
    for number, kept in enumerate(expected):
        clock.set(1 + number // 2, 20 if number % 2 else 8)
        warehouse.write("a sync", lambda session: session.publish(keep_former=True), silent)
        assert [file.stem[6:11] for file in warehouse.kept_files()] == kept


def test_file_of_an_earlier_day_is_restored_after_many_syncs_of_today(trial: "Trial") -> None:
    clock = Days()
    trial = dataclasses.replace(trial, clock=clock)
    clock.set(1, 2)
    trial.sync()
    clock.set(2, 2)
    _leave(trial)
    for hour in range(6, 12):
        clock.set(3, hour)
        _leave(trial)
    assert _kept(trial) == [34, 35, 36, 39, 40]
    assert _go_back(trial, 4).stem.startswith("20260902T02")
    assert trial.value(PEOPLE) == 39
    assert _kept(trial) == [33, 34, 35, 40]
    assert trial.outcomes() == ["applied"]
    assert trial.value(PEOPLE) == 33
    assert trial.wrong() == []


def test_a_restored_file_is_published_with_the_history_it_had(trial: "Trial") -> None:
    trial.sync()
    before = trial.fingerprint()
    runs = "SELECT sync_id FROM sync.runs"
    assert trial.rows(runs) == [("sync-1",)]
    _leave(trial)
    assert trial.fingerprint() != before
    _go_back(trial)
    assert trial.fingerprint() == before
    assert trial.rows(runs) == [("sync-1",)]


@pytest.mark.search
@pytest.mark.parametrize("steps", [1, 3])
def test_after_a_rollback_the_warehouse_is_as_if_the_later_syncs_had_never_been(begin: "Begin", steps: int) -> None:
    with begin(districts=2, seed=21) as back, begin(districts=2, seed=21) as calm:
        for number in range(5):
            back.sync()
            if number <= 4 - steps:
                calm.sync()
            if number < 4:
                for trial in (back, calm):
                    trial.sandbox.advance(3)
        assert len(back.warehouse.kept_files()) == 3
        _go_back(back, steps)
        assert back.fingerprint() == calm.fingerprint()
        for trial in (back, calm):
            trial.sandbox.advance(2)
            assert all(outcome.error is None for outcome in trial.sync().outcomes)
            assert trial.wrong() == []
        assert back.fingerprint() == calm.fingerprint()
        assert back.rows(OVERLAPS) == []


def test_after_a_rollback_versions_follow_each_other_and_everybody_was_first_seen_when_that_was(
    trial: "Trial",
) -> None:
    first_seen = "SELECT user_id, first_seen_at FROM users ORDER BY user_id"
    as_of = "SELECT user_id, email, roles FROM users_as_of(?::TIMESTAMPTZ) ORDER BY user_id"
    trial.sync()
    trial.sandbox.merge(trial.person("teacher"), trial.person("staff"))
    trial.sync()
    seen: dict[Row, Row] = {row[:1]: row for row in trial.rows(first_seen)}
    then = trial.value("SELECT max(finished_at) FROM sync.runs")
    people = trial.rows(as_of, then)
    newcomer = trial.sandbox.add_person(trial.districts[0])
    trial.sandbox.change_email(trial.person("student"))
    _leave(trial)
    left = trial.value("SELECT max(finished_at) FROM sync.runs")
    _go_back(trial)
    trial.sandbox.advance(2)
    trial.sync()
    assert trial.wrong() == []
    assert trial.rows(OVERLAPS) == []
    assert trial.rows(as_of, then) == trial.rows(as_of, left) == people
    known = [row for row in trial.rows(first_seen) if row[:1] in seen]
    assert len(known) > 30
    assert known == [seen[row[:1]] for row in known]
    assert trial.value("SELECT first_seen_at > ?::TIMESTAMPTZ FROM users WHERE user_id = ?", left, newcomer)
    created = "SELECT user_id FROM users_history WHERE change = 'created' GROUP BY user_id HAVING count(*) > 1"
    assert trial.rows(created) == []


def test_after_a_rollback_clevers_rows_come_back_though_clever_shows_what_it_showed_before(two: "Trial") -> None:
    two.sync()
    _leave(two)
    assert two.outcomes() == ["unchanged", "unchanged"]
    _go_back(two)
    outcome, other = two.sync().outcomes
    assert (outcome.outcome, outcome.counts.archived, other.outcome) == ("applied", 1, "unchanged")
    assert two.wrong() == []
    assert two.outcomes() == ["unchanged", "unchanged"]


def test_after_a_rollback_to_what_clever_shows_again_nothing_is_to_be_done(trial: "Trial") -> None:
    trial.sync()
    gone = trial.person("contact")
    _leave(trial)
    trial.sandbox.restore(gone)
    _go_back(trial)
    assert trial.wrong() == []
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []


def test_second_rollback_takes_the_first_back(trial: "Trial") -> None:
    trial.sync()
    for _ in range(2):
        _leave(trial)
    assert _kept(trial) == [39, 40]
    for published, kept in ((39, [38, 40]), (38, [39, 40]), (39, [38, 40])):
        _go_back(trial)
        assert trial.value(PEOPLE) == published
        assert sorted(_kept(trial)) == kept
        assert trial.warehouse.published.stat().st_mode & 0o222 == 0
    trial.sync()
    assert trial.wrong() == []


def test_after_a_rollback_and_a_sync_the_newest_kept_file_is_the_restored_one(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    _go_back(trial)
    trial.sandbox.add_person(trial.districts[0])
    trial.sandbox.add_person(trial.districts[0])
    trial.sync()
    assert trial.value(PEOPLE) == 41
    assert _kept(trial) == [40, 39]


def test_a_file_that_is_not_there_changes_nothing(trial: "Trial") -> None:
    trial.sync()
    before = trial.warehouse.published.stat()
    with pytest.raises(NothingPublishedError):
        trial.warehouse.roll_back(trial.warehouse.kept / "never.duckdb", print)
    assert trial.warehouse.published.stat() == before
    assert trial.outcomes() == ["unchanged"]


@pytest.mark.parametrize("size", [0, 100_000])
def test_rollback_on_a_full_disk_publishes_the_kept_file_itself_without_a_record(trial: "Trial", size: int) -> None:
    trial.sync()
    _leave(trial)
    left, to = trial.warehouse.published.stat().st_ino, trial.warehouse.kept_files()[0].stat().st_ino
    done = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(trial.folder), str(size)],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "not recorded in the restored file (the disk has no room for a copy of it)" in done.stdout
    assert trial.warehouse.published.stat().st_ino == to
    assert [file.stat().st_ino for file in trial.warehouse.kept_files()] == [left]
    assert not list(trial.warehouse.state.glob("publishing*"))
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def _instant(file: "Path") -> datetime:
    """When a kept file was published."""
    return datetime.strptime(file.stem, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def test_rollback_is_recorded_in_the_restored_file_and_stays_after_the_next_sync(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    assert trial.rows(ROLLBACKS) == []
    to = _go_back(trial)
    (kept,) = trial.warehouse.kept_files()
    ((at, restored_from, undone_from),) = trial.rows(ROLLBACKS)
    assert restored_from == _instant(to) < undone_from == _instant(kept) < at <= datetime.now(UTC)
    assert not to.exists()
    trial.sync()
    assert trial.rows(ROLLBACKS) == [(at, restored_from, undone_from)]


def test_second_rollback_takes_back_the_first_with_its_record_and_is_recorded_itself(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    first = _go_back(trial)
    to = _go_back(trial)
    ((_, restored_from, undone_from),) = trial.rows(ROLLBACKS)
    assert _instant(first) < restored_from == _instant(to) < undone_from
    _go_back(trial)
    assert len(trial.rows(ROLLBACKS)) == 2


def test_kept_file_of_an_earlier_release_with_the_same_schema_version_gets_the_table(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    (kept,) = trial.warehouse.kept_files()
    kept.chmod(0o600)
    with contextlib.closing(duckdb.connect(str(kept))) as connection:
        connection.execute("DROP TABLE sync.rollbacks; DROP TABLE sync.imports; DELETE FROM sync.layout")
    kept.chmod(0o440)
    _go_back(trial)
    assert len(trial.rows(ROLLBACKS)) == 1
    assert trial.warehouse.published.stat().st_mode & 0o777 == 0o440


def test_kept_file_of_another_schema_version_is_restored_unchanged_with_a_notice(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    (kept,) = trial.warehouse.kept_files()
    kept.chmod(0o600)
    with contextlib.closing(duckdb.connect(str(kept))) as connection:
        connection.execute("DELETE FROM sync.migrations WHERE number = (SELECT max(number) FROM sync.migrations)")
    content = kept.read_bytes()
    trial.warehouse.roll_back(kept, trial.events.append)
    assert trial.warehouse.published.read_bytes() == content
    (notice,) = [event.text for event in trial.events if isinstance(event, Notice)]
    assert notice.startswith("The rollback is not recorded in the restored file (another version of clever-warehouse")


def test_damaged_kept_file_is_refused_and_the_published_one_stays(trial: "Trial") -> None:
    trial.sync()
    _leave(trial)
    (kept,) = trial.warehouse.kept_files()
    kept.chmod(0o600)
    kept.write_bytes(b"damaged" * 10_000)
    before = trial.warehouse.published.read_bytes()
    with pytest.raises(UnreadableError, match="is damaged or not a DuckDB file, so it was not restored"):
        trial.warehouse.roll_back(kept, print)
    assert trial.warehouse.published.read_bytes() == before
    assert kept.exists()
    assert trial.outcomes() == ["unchanged"]


def test_rollback_from_a_sync_whose_clock_was_ahead_does_not_date_later_rows_ahead(trial: "Trial") -> None:
    trial.sync()
    trial.clock = lambda: datetime.now(UTC) + timedelta(days=300)
    _leave(trial)
    trial.clock = machine_clock
    _go_back(trial)
    ((at, _, undone_from),) = trial.rows(ROLLBACKS)
    assert at <= datetime.now(UTC) < undone_from
    _leave(trial)
    assert trial.value("SELECT max(finished_at) < now() FROM sync.runs")


def test_as_of_between_the_undone_sync_and_the_rollback_shows_the_restored_history_and_the_record_says_so(
    trial: "Trial",
) -> None:
    trial.sync()
    _leave(trial)
    between = datetime.now(UTC)
    assert trial.value("SELECT count(*) FROM users_as_of(?::TIMESTAMPTZ)", between) == 39
    _go_back(trial)
    assert trial.value("SELECT count(*) FROM users_as_of(?::TIMESTAMPTZ)", between) == 40
    window = "SELECT count(*) FROM sync.rollbacks WHERE ?::TIMESTAMPTZ BETWEEN restored_from AND rolled_back_at"
    assert trial.value(window, between) == 1


@pytest.mark.search
def test_killed_at_any_step_of_a_rollback_the_file_is_whole_and_the_next_sync_continues_from_it(
    trial: "Trial", tmp_path: "Path"
) -> None:
    trial.sync()
    _leave(trial)
    published: set[int] = set()
    for step in count():
        torn = dataclasses.replace(trial, folder=tmp_path / str(step))
        shutil.copytree(trial.folder, torn.folder)
        code = subprocess.run(
            [sys.executable, "-c", GOING_BACK, str(torn.folder), str(step)], check=False, timeout=60
        ).returncode
        people, past = torn.value(PEOPLE), torn.rows(PAST)
        published.add(people)
        assert _kept(torn) == [79 - people]
        assert torn.outcomes() == ["applied" if people == 40 else "unchanged"]
        assert torn.wrong() == []
        assert set(torn.rows(PAST)) >= set(past)
        assert torn.rows(OVERLAPS) == []
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step >= 5
    assert published == {39, 40}
