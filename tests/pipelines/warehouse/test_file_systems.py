"""A warehouse on file systems as there are: without hard links, locks or permissions, behind links, on several disks, mounted."""

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.progress import Notice
from pipelines.warehouse import NotPublishedError, UnreadableError, UnusableFolderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Begin, Trial

CHECKOUT = Path(__file__).resolve().parents[3]

PEOPLE = "SELECT count(*) FROM users"


def notices(trial: "Trial") -> list[str]:
    return [event.text for event in trial.events if isinstance(event, Notice)]


def refuse(code: int) -> "Callable[..., None]":
    """Return a function that a file system refuses."""

    def refused(*_arguments: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    return refused


def live_a_few_nights(trial: "Trial") -> None:
    """Sync, change, sync, go back and sync, and find that all is well."""
    assert trial.outcomes() == ["applied"]
    trial.sandbox.remove(trial.person("contact"))
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    trial.warehouse.roll_back(trial.warehouse.kept_files()[0], trial.events.append)
    assert trial.value(PEOPLE) == 40
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert len(trial.warehouse.kept_files()) == 2


@pytest.fixture
def elsewhere(trial: "Trial") -> "Iterator[Path]":
    """Return a folder on another file system than the warehouse."""
    here = trial.folder.stat().st_dev
    for place in (Path("/dev/shm"), Path("/var/tmp")):
        if os.access(place, os.W_OK) and place.stat().st_dev != here:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                yield Path(folder)
            return
    pytest.skip("no second file system to write to")


@pytest.mark.variants(1)
@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.EXDEV])
def test_without_hard_links_the_former_file_is_copied(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "link", refuse(code))
    live_a_few_nights(trial)
    assert {stat.S_IMODE(file.stat().st_mode) & 0o222 for file in trial.warehouse.kept_files()} == {0}
    assert sorted(each.name for each in trial.folder.iterdir()) == ["state", "warehouse.duckdb"]
    assert not list(trial.folder.rglob("*.partial"))
    assert notices(trial) == []


@pytest.mark.parametrize("kind", ["a file system that refuses it", "a file at its place"])
def test_a_former_file_that_cannot_be_kept_stops_no_sync(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    trial.sync()
    if kind == "a file at its place":
        trial.warehouse.kept.write_text("")
    else:
        trial.warehouse.kept.mkdir()
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
        monkeypatch.setattr(Path, "touch", refuse(errno.ENOSPC))
    trial.sandbox.remove(trial.person("contact"))
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    (notice,) = notices(trial)
    assert notice.startswith(f"The former published file could not be kept in {trial.warehouse.kept} (")
    assert "`clever-warehouse rollback` cannot restore it" in notice


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS])
def test_a_file_system_that_cannot_lock_is_named_and_a_local_disk_is_suggested(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(fcntl, "flock", refuse(code))
    with pytest.raises(UnusableFolderError) as raised:
        trial.sync()
    assert str(raised.value) == (
        f"Files in {trial.folder / 'state'} cannot be locked ({os.strerror(code)}), so two syncs could write at the same time: "
        "set CLEVER_WAREHOUSE_DIR to a folder on a local disk."
    )
    assert not trial.warehouse.published.exists()


def test_a_file_system_that_keeps_no_permissions_is_reported_and_stops_no_sync(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    (trial.folder / "state").mkdir(mode=0o755)
    monkeypatch.setattr(Path, "chmod", refuse(errno.EPERM))
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    (notice,) = notices(trial)
    assert notice.startswith(f"Other users may be able to read {trial.folder / 'state'}")


@pytest.mark.variants(1)
@pytest.mark.parametrize("call", ["fsync of a folder", "utime"])
def test_what_a_file_system_need_not_know_stops_no_sync(
    trial: "Trial", monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    fsync = os.fsync

    def fsync_of_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    if call == "utime":
        monkeypatch.setattr(os, "utime", refuse(errno.EPERM))
    else:
        monkeypatch.setattr(os, "fsync", fsync_of_files)
    live_a_few_nights(trial)
    assert notices(trial) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("kind", ["absolute", "relative", "chained", "to another file system"])
def test_a_link_at_the_place_of_the_published_file_stays_and_the_file_it_leads_to_is_replaced(
    trial: "Trial", tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    place = tmp_path / "shared" / "roster.duckdb"
    if kind == "to another file system":
        place = request.getfixturevalue("elsewhere") / "roster.duckdb"
    place.parent.mkdir(exist_ok=True)
    published = trial.warehouse.published
    if kind == "relative":
        published.symlink_to(os.path.relpath(place, published.parent))
    elif kind == "chained":
        (tmp_path / "between").symlink_to(place)
        published.symlink_to(tmp_path / "between")
    else:
        published.symlink_to(place)
    leads_to = published.readlink()

    live_a_few_nights(trial)

    assert published.readlink() == leads_to
    assert place.is_file()
    assert not place.is_symlink()
    assert stat.S_IMODE(place.stat().st_mode) & 0o222 == 0
    assert [each.name for each in place.parent.iterdir()] == ["roster.duckdb"]
    assert notices(trial) == []


def test_a_link_that_leads_into_no_folder_is_reported_with_where_it_leads(trial: "Trial", tmp_path: Path) -> None:
    place = tmp_path / "missing" / "roster.duckdb"
    trial.warehouse.published.symlink_to(place)
    with pytest.raises(NotPublishedError) as raised:
        trial.sync()
    assert f"{trial.warehouse.published} (a link to {place}) could not be replaced" in str(raised.value)


@pytest.mark.search
def test_the_private_part_may_be_on_another_file_system(trial: "Trial", elsewhere: Path) -> None:
    (trial.folder / "state").symlink_to(elsewhere)
    live_a_few_nights(trial)
    assert sorted(each.name for each in trial.folder.iterdir()) == ["state", "warehouse.duckdb"]
    assert notices(trial) == []


@pytest.mark.parametrize("kind", ["the folder", "a folder above it", "the private part"])
def test_a_file_at_the_place_of_a_folder_is_named_with_the_setting(trial: "Trial", kind: str) -> None:
    there = trial.folder / "a file"
    there.write_text("")
    warehouse = type(trial.warehouse)(there if kind == "the folder" else there / "data")
    if kind == "the private part":
        warehouse = trial.warehouse
        (trial.folder / "state").write_text("")
    with pytest.raises(UnusableFolderError) as raised:
        warehouse.prepare()
    assert str(raised.value).startswith(f"The folder {warehouse.folder} cannot hold the warehouse (")
    assert "set CLEVER_WAREHOUSE_DIR to a folder" in str(raised.value)


def test_a_published_file_that_is_no_database_is_named(trial: "Trial") -> None:
    trial.warehouse.published.write_text("no database")
    with pytest.raises(UnreadableError, match="check that it is whole, and that you may read it") as raised:
        trial.warehouse.reading()
    assert str(trial.warehouse.published) in str(raised.value)


SYNCING = """
import sys
from pathlib import Path
from tests.expected.sandbox import Sandbox
from pipelines.warehouse import WarehouseError
from tests.conftest import Trial

trial = Trial(Sandbox(districts=0), sys.argv[1], Path(sys.argv[2]))
try:
    print(*trial.outcomes(sync_id="another-process"))
except WarehouseError as error:
    print(error)
"""
"""A process that syncs once."""


def sync_where(mounts: str, trial: "Trial") -> str:
    """Let another process, which alone sees some mounts, sync once; returns what it says."""
    mounted = ["unshare", "--mount", "bash", "-ec", f'{mounts}; exec "$0" -c "$@"']
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this process may not mount")
    done = subprocess.run(
        [*mounted, sys.executable, SYNCING, trial.url, str(trial.folder)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_published_file_that_is_mounted_alone_says_to_mount_the_folder(trial: "Trial") -> None:
    trial.sync()
    published = trial.warehouse.published
    trial.sandbox.remove(trial.person("contact"))
    said = sync_where(f"mount --bind '{published}' '{published}'", trial)
    assert said == (
        f"{published} could not be replaced, and what it holds is unchanged: it is mounted as a single file. "
        "Mount the folder that holds it instead."
    )
    assert trial.value(PEOPLE) == 40
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_a_folder_that_is_mounted_for_reading_only_is_named_with_the_setting(trial: "Trial") -> None:
    trial.sync()
    said = sync_where(
        f"mount --bind '{trial.folder}' '{trial.folder}'; mount -o remount,ro,bind '{trial.folder}'", trial
    )
    assert said.startswith(
        f"The folder {trial.folder} cannot hold the warehouse (Read-only file system): set CLEVER_WAREHOUSE_DIR"
    )


def test_folders_of_the_warehouse_may_be_mounts_of_their_own(trial: "Trial") -> None:
    trial.sync()
    trial.warehouse.kept.mkdir()
    trial.sandbox.remove(trial.person("contact"))
    assert sync_where(f"mount -t tmpfs tmpfs '{trial.warehouse.kept}'", trial) == "applied"
    assert trial.wrong() == []


@pytest.fixture
def stick(tmp_path: Path) -> "Iterator[Path]":
    """Return a folder on a file system without hard links and permissions."""
    image, folder = tmp_path / "image", tmp_path / "stick"
    folder.mkdir()
    for make, kind in (("mkfs.vfat", "vfat"), ("mkfs.exfat", "exfat"), ("mkfs.exfat", "exfat-fuse")):
        image.write_bytes(b"")
        os.truncate(image, 256 * 2**20)
        steps: tuple[list[str | Path], ...] = ([make, image], ["mount", "-t", kind, "-o", "loop", image, folder])
        if shutil.which(make) and not any(
            subprocess.run(step, check=False, capture_output=True).returncode for step in steps
        ):
            break
    else:
        pytest.skip("no file system without hard links can be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_warehouse_on_a_stick_lives_on_like_any_other(begin: "Begin", stick: Path) -> None:
    with begin() as served:
        trial = replace(served, folder=stick / "data")
        live_a_few_nights(trial)
        assert {notice.partition(" ")[0] for notice in notices(trial)} <= {"Other"}
