"""Without room on the disk, whenever it runs out: nothing is lost, one sentence says so, and the next sync is right.

A limit on the size of files stands for the full disk: it needs neither a small disk nor the rights to mount one, and the
system refuses to write in the same way.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.disk import is_full, mentions_full_disk
from pipelines.warehouse import DiskFullError

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

pytestmark = pytest.mark.usefixtures("compacted")

CHECKOUT = Path(__file__).resolve().parents[3]

SYNCING = """
import resource, sys
from pathlib import Path
from pipelines.sync import LimitsByDistrict
from tests.expected.sandbox import Sandbox
from pipelines.warehouse import DiskFullError
from tests.conftest import Trial, synced

url, folder, instant, size, preview = sys.argv[1:]
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)

def meet(what):
    if what.startswith(instant):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), most))

def report(event):
    print(repr(event), flush=True)
    meet(repr(event))

meet("start")
sys.addaudithook(lambda event, _arguments: meet(event))
trial = Trial(Sandbox(districts=0), url, Path(folder))
with trial.clever() as clever:
    try:
        synced(
            clever, trial.warehouse, sync_id="full", limits=LimitsByDistrict(), report=report, preview=preview == "preview"
        )
    except DiskFullError as error:
        print(error)
        sys.exit(1)
"""
"""A process that syncs once, and may not make a file larger than a size from an instant on."""

INSTANTS = [
    "start",
    "Stage(activity='reading from Clever')",
    "PageLanded",
    "Stage(activity='verifying completeness')",
    "Stage(activity='applying')",
    "Stage(activity='checking')",
    "Stage(activity='publishing')",
    "shutil.copyfile",
]


def _sync(trial: "Trial", instant: str = "start", size: int = 0, *, preview: bool = False) -> list[str] | None:
    """Let another process sync on a disk that is full from an instant on; returns what it told, or None if it had room."""
    arguments = [trial.url, str(trial.folder), instant, str(size), "preview" if preview else "sync"]
    done = subprocess.run(
        [sys.executable, "-c", SYNCING, *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    if done.returncode == 0:
        return None
    assert done.returncode == 1
    *told, sentence = done.stdout.splitlines()
    assert sentence == str(DiskFullError())
    return told


def _published(trial: "Trial") -> tuple[int, str] | None:
    file = trial.warehouse.published
    return (file.stat().st_ino, hashlib.sha256(file.read_bytes()).hexdigest()) if file.exists() else None


def _left(trial: "Trial") -> list[str]:
    """What is in the private folder beside what a good sync needs."""
    state = trial.folder / "state"
    needed = {"lock", "unfinished", "published", "work.duckdb", "compact_size", "runs"}
    return sorted(
        str(file.relative_to(state))
        for file in state.rglob("*")
        if file.is_file() and file.relative_to(state).parts[0] not in needed
    )


@pytest.mark.search
@pytest.mark.parametrize("instant", INSTANTS)
def test_when_the_disk_is_full_from_an_instant_on_nothing_is_lost_and_the_next_sync_is_right(
    begin: "Begin", instant: str
) -> None:
    with begin(seed=11) as trial, begin(seed=11) as roomy:
        met = False
        for _ in range(2):
            before, landed = _published(trial), [name for name in _left(trial) if name.startswith("landing/")]
            if _sync(trial, instant) is not None:
                met = True
                assert _published(trial) == before
                assert _left(trial) == landed
            trial.sync()
            roomy.sync()
            assert trial.wrong() == []
            assert trial.fingerprint() == roomy.fingerprint()
            for each in (trial, roomy):
                each.sandbox.advance(2)
        assert met


@pytest.mark.search
def test_however_large_a_file_may_be_a_sync_ends_whole_or_not_at_all(begin: "Begin") -> None:
    with begin(districts=2, users=400) as trial:
        ended: set[str] = set()
        for size in (1_000, 80_000, 200_000, 300_000, 400_000, 700_000, 2_500_000):
            before = _published(trial)
            told = _sync(trial, "start", size)
            if told is not None:
                ended.add(told[-1].partition("(")[0] + told[-1].partition("'")[2] if told else "before it began")
                assert _published(trial) == before
        assert len(ended) >= 3, ended
        trial.sync()
        assert trial.wrong() == []
        whole = trial.warehouse.published.stat().st_size
        trial.sandbox.advance(2)
        for size in (whole // 2, whole - 300_000, whole - 1):
            before = _published(trial)
            if _sync(trial, "start", size) is not None:
                assert _published(trial) == before
            else:
                assert trial.wrong() == []
        trial.sync()
        assert trial.wrong() == []


@pytest.mark.search
@pytest.mark.parametrize("instant", ["Stage(activity='publishing')", "shutil.copyfile"])
def test_a_work_database_that_is_all_there_is_outlives_a_full_disk(trial: "Trial", instant: str) -> None:
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    trial.warehouse.published.unlink()
    trial.sandbox.remove(trial.person("contact"))
    assert _sync(trial, instant) is not None
    trial.sync()
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM users_history WHERE change = 'archived'") == 2


def test_a_preview_without_room_says_so_and_leaves_everything_as_it_is(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.advance(2)
    before, left = _published(trial), [name for name in _left(trial) if name.startswith("landing/")]
    assert _sync(trial, "PageLanded", preview=True) is not None
    assert _published(trial) == before
    assert _left(trial) == left
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_what_a_dead_sync_left_makes_room_for_the_next(trial: "Trial") -> None:
    trial.sync()
    state = trial.folder / "state"
    landing = state / "landing" / trial.districts[0] / "dead" / "read-1"
    landing.mkdir(parents=True)
    spill = state / "spill"
    spill.mkdir(exist_ok=True)
    for file in (landing / "users-00001.ndjson", spill / "duckdb_temp_storage-0.tmp", state / "publishing.duckdb"):
        file.write_bytes(b"left over")
    there: list[list[str]] = []
    trial.sync(report=lambda _event: there.append(_left(trial)))
    assert not [name for name in there[0] if "dead" in name or "temp" in name or "publishing" in name]
    assert trial.wrong() == []


def test_a_full_disk_is_distinguished_from_other_errors() -> None:
    assert [is_full(OSError(number, "")) for number in (28, 27, 122, 13, 5)] == [True, True, True, False, False]
    assert mentions_full_disk('Could not write file "work.duckdb": No space left on device')
    assert not mentions_full_disk('Could not write file "work.duckdb": Permission denied')
