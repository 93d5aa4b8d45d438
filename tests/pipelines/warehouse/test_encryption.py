"""With a key, nothing of a person is in any byte of the warehouse's folder, and all else is as without one."""

import dataclasses
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.clever.app import CleverApp
from pipelines.encryption import MAGIC, Files, Key, UndecryptableError
from pipelines.identity.verification import verify_legacy
from pipelines.operations.backup import back_up, inspect, restore
from pipelines.operations.purge import purge
from pipelines.operations.rekey import rekey
from pipelines.progress import Notice, silent
from pipelines.sync import EVENTS, Limits, LimitsByDistrict, approve
from pipelines.warehouse import EncryptionError, ExportRefusedError, KeyFileError, Warehouse
from pipelines.warehouse.database import ENCRYPTED_STORAGE, attach, is_encrypted, open_database
from pipelines.warehouse.erasing import USER, Subject
from pipelines.warehouse.kept import kept_files
from pipelines.warehouse.reduced import deidentified, described, publish
from tests.conftest import synced

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

SYNCING = Path(__file__).parents[2] / "conftest.py"
"""The program that syncs again and again."""

SHORTEST = 6
"""Characters of a name that is looked for; shorter ones are in random bytes, too."""

COLUMNS = {
    "users": ("user_id", "email", "last_name", "first_name"),
    "user_roles": ("legacy_id",),
    "students": ("location_address", "sis_id"),
}
"""What is looked for of everybody."""


@pytest.fixture
def trial(begin: "Begin", tmp_path: Path) -> "Iterator[Trial]":
    """Return a warehouse that is encrypted, and a sandbox with one district."""
    with begin() as made:
        made.key_file = tmp_path / "clever.key"
        yield made


def _everybody(trial: "Trial") -> set[bytes]:
    """What the warehouse has of all people."""
    return {
        str(value).encode()
        for table, columns in COLUMNS.items()
        for column in columns
        for (value,) in trial.rows(
            f"SELECT DISTINCT {column} FROM {table}_history WHERE length({column}) >= {SHORTEST}"
        )
    }


def _holding(folder: Path, values: Collection[bytes]) -> list[str]:
    """The files of a folder that hold or are called one of some values."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return [
        str(file.relative_to(folder))
        for file in files
        if (content := file.read_bytes() + str(file.relative_to(folder)).encode())
        and any(value in content for value in values)
    ]


@contextmanager
def _watching(folder: Path, values: Collection[bytes]) -> Iterator[dict[str, bool]]:
    """Read the files of state/ again and again while the block runs; gives which there were, and whether one of the values was in it."""
    seen: dict[str, bool] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.002):
            for place in ("state", "state/spill", "state/scratch"):
                with suppress(OSError):  # of what is gone meanwhile
                    for file in (folder / place).iterdir():
                        if file.is_file():
                            name, content = str(file.relative_to(folder)), file.read_bytes()
                            seen[name] = seen.get(name, False) or any(value in content for value in values)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _plain(trial: "Trial", folder: Path) -> "Trial":
    """Return a plain warehouse that is synced from the same sandbox."""
    return dataclasses.replace(trial, folder=folder, key_file=None, numbers=iter(range(1, 100)))


def test_nothing_of_a_person_is_in_any_byte_of_the_folder(trial: "Trial", tmp_path: Path) -> None:
    plain = _plain(trial, tmp_path / "plain")
    for number in range(2):
        trial.sandbox.change(trial.person("student", number), {"name.last": "Zebulonia", "hobby": "unheard of"})
        for each in (trial, plain):
            assert each.outcomes() == ["applied"]
            publish(each.warehouse, deidentified(b"k" * 32))
    everybody = _everybody(trial)
    assert len(everybody) > 150
    assert _holding(trial.folder, everybody) == []
    # The same look finds them where nothing is encrypted.
    found = _holding(plain.folder, everybody)
    assert {"warehouse.duckdb", "state/work.duckdb"} < set(found)
    assert any(name.endswith("users-receipt.json") for name in found)
    assert any("published/" in name for name in found)


def test_encrypted_tables_are_those_of_a_plain_warehouse(trial: "Trial", tmp_path: Path) -> None:
    plain = _plain(trial, tmp_path / "plain")
    student = trial.person("student")
    for change in (
        {"name.last": "Zebulonia"},
        {"hobby": {"of": ["late", 1.50]}},
        {"roles.student.grade": "unheard of"},
    ):
        for each in (trial, plain):
            each.sync()
        trial.sandbox.change(student, change)
        trial.sandbox.remove(trial.person("contact", 2))
    for each in (trial, plain):
        each.sync()
    assert trial.wrong() == plain.wrong() == []
    assert trial.fingerprint() == plain.fingerprint()
    files = [file for file in trial.folder.rglob("*.duckdb") if file.is_file()]
    assert len(files) == 5
    assert all(is_encrypted(file) for file in files)
    assert {is_encrypted(file) for file in plain.folder.rglob("*.duckdb")} == {False}


def test_what_a_sync_spills_or_rewrites_is_encrypted_as_well(begin: "Begin", tmp_path: Path) -> None:
    with begin(users=8_000) as trial:
        for person in trial.sandbox.roster(trial.districts[0]).ids("student")[::20]:
            trial.sandbox.change(person, {"hobby": "Zebulonia at dawn", "email": f"zebulonia{person}@here.example"})
        for key_file in (None, tmp_path / "clever.key"):
            folder = tmp_path / ("plain" if key_file is None else "encrypted")
            warehouse = Warehouse(folder, memory_limit="110MB", key_file=key_file)
            with trial.clever() as clever, _watching(folder, {b"ebulonia at dawn", b"ebulonia"}) as seen:
                limits = LimitsByDistrict()
                result = synced(clever, warehouse, sync_id="first", limits=limits, report=silent)
            assert [outcome.outcome for outcome in result.outcomes] == ["applied"]
            spilled = {name for name in seen if name.startswith("state/spill/")}
            rewritten = {name for name in seen if name.startswith("state/scratch/")}
            assert spilled, key_file
            assert rewritten, key_file
            found = {name for name, is_found in seen.items() if is_found}
            assert bool(found) == (key_file is None), found
            assert key_file or (found & rewritten and found & spilled)


@pytest.mark.parametrize("instant", ["PageLanded", "Stage(activity='applying')", "Stage(activity='publishing')"])
def test_killed_process_leaves_nothing_plain_and_the_next_sync_is_right(trial: "Trial", instant: str) -> None:
    trial.page_limit = 10
    environment = {**os.environ, "CLEVER_ENCRYPTION_KEY_FILE": str(trial.key_file)}
    command = [sys.executable, str(SYNCING), trial.url, str(trial.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(instant):
                break
        process.kill()
        assert process.wait() == -signal.SIGKILL
    left = _holding(trial.folder, {b'"id"', b'"email"', b"CREATE TABLE", b"user_id"})
    assert left == []
    assert list(trial.warehouse.landing.rglob("*.ndjson"))
    assert trial.outcomes() in (["applied"], ["unchanged"])
    assert trial.wrong() == []
    assert _holding(trial.folder, _everybody(trial)) == []


def test_first_sync_creates_the_key_file_for_its_owner_only_and_nothing_shows_the_key(trial: "Trial") -> None:
    assert trial.key_file is not None
    trial.sync()
    assert stat.S_IMODE(trial.key_file.stat().st_mode) == 0o600
    digits = trial.key_file.read_text().strip()
    assert len(digits) == 64
    assert digits not in repr(trial.events)
    assert _holding(trial.folder, {digits.encode(), bytes.fromhex(digits)}) == []
    key = trial.warehouse.key
    assert repr(key) == f"{key}" == "Key(...)"
    with closing(trial.warehouse.reading()) as connection:
        shown = connection.execute("SELECT * FROM duckdb_databases()").fetchall()
        shown += connection.execute("SELECT * FROM duckdb_settings()").fetchall()
        shown += connection.execute("SELECT * FROM duckdb_variables()").fetchall()
    assert digits not in repr(shown)


def test_missing_key_is_a_sentence_and_no_other_key_is_created(trial: "Trial") -> None:
    assert trial.key_file is not None
    trial.sync()
    trial.key_file.rename(trial.key_file.with_name("elsewhere"))
    for attempt in (trial.sync, trial.warehouse.reading, lambda: rekey(trial.warehouse, silent)):
        with pytest.raises(KeyFileError, match=r"There is no key file .*clever\.key.*restore"):
            attempt()
        assert not trial.key_file.exists()


def test_wrong_key_is_a_sentence_and_nothing_changes(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    before = trial.warehouse.published.read_bytes()
    other = dataclasses.replace(trial, folder=tmp_path / "other", key_file=tmp_path / "other.key")
    other.sync()
    trial.key_file = other.key_file
    for attempt in (trial.sync, trial.warehouse.reading):
        with pytest.raises(
            EncryptionError, match=r"warehouse\.duckdb is encrypted with another key|work\.duckdb is enc"
        ):
            attempt()
    assert trial.warehouse.published.read_bytes() == before


@pytest.mark.parametrize("is_encrypted_first", [True, False])
def test_folder_and_setting_that_do_not_agree_are_a_sentence(trial: "Trial", *, is_encrypted_first: bool) -> None:
    key_file = trial.key_file
    assert key_file is not None
    trial.key_file = key_file if is_encrypted_first else None
    trial.sync()
    key_file.touch(mode=0o600)
    if not is_encrypted_first:
        key_file.write_text("ab" * 32)
    trial.key_file = None if is_encrypted_first else key_file
    said = "is encrypted, and no key is set" if is_encrypted_first else "is not encrypted.*run `clever-warehouse rekey`"
    for attempt in (trial.sync, trial.warehouse.reading, trial.warehouse.present):
        with pytest.raises(EncryptionError, match=said):
            attempt()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.chmod(0o644), "Others may read the key file.*chmod 600"),
        (lambda file: file.write_text("no key"), "holds no key"),
    ],
    ids=["readable", "no key"],
)
def test_key_file_that_cannot_be_used_is_a_sentence(trial: "Trial", spoil: Callable[[Path], object], said: str) -> None:
    assert trial.key_file is not None
    trial.sync()
    spoil(trial.key_file)
    with pytest.raises(KeyFileError, match=said):
        trial.sync()


def test_key_file_in_the_folder_that_it_encrypts_is_refused(trial: "Trial") -> None:
    trial.key_file = trial.folder / "state" / "clever.key"
    with pytest.raises(KeyFileError, match="where it protects nothing"):
        trial.sync()
    assert not trial.key_file.exists()


def test_held_snapshot_is_approved_from_encrypted_landings(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=1, min_records=1))
    trial.sandbox.remove(trial.person("contact"))
    assert trial.outcomes() == ["held"]
    ((digest,),) = trial.rows("SELECT digest FROM sync.holds WHERE state = 'held'")
    approve(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=digest,
        reason="seen",
        decided_by="me",
        decision_id="decision",
        report=silent,
    )
    assert trial.wrong() == []


def test_events_and_verification_read_what_they_have_encrypted(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    trial.sync()
    trial.sandbox.change(trial.person("student"), {"name.last": "Zebulonia"})
    outcome = trial.outcome(mode=EVENTS)
    assert (outcome.outcome, outcome.mode) == ("applied", EVENTS)
    assert trial.wrong() == []
    with trial.clever() as clever:
        report_file = tmp_path / "report.csv"
        found = verify_legacy(CleverApp(clever), trial.warehouse, "v", [], report_file=report_file, report=silent)
    assert sum(one.matched for one in found.roles) > 0
    assert found.failed == {}


def test_rollback_and_kept_files_are_as_without_encryption(trial: "Trial") -> None:
    trial.sync()
    before = trial.fingerprint()
    trial.sandbox.change(trial.person("student"), {"name.last": "Zebulonia"})
    trial.sync()
    (kept,) = trial.warehouse.kept_files()
    (shown,) = kept_files([kept], trial.warehouse.published, trial.warehouse.key)
    assert shown.people == trial.value("SELECT count(*) FROM users")
    assert next(iter(shown.undone)) == 1
    trial.warehouse.roll_back(kept, silent)
    assert trial.fingerprint() == before
    assert trial.value("SELECT count(*) FROM sync.rollbacks") == 1
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert _holding(trial.folder, _everybody(trial)) == []


def test_backup_is_encrypted_and_restored_with_its_key_only(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    backup = back_up(trial.warehouse, tmp_path / "backup.duckdb", silent)
    assert is_encrypted(backup.file)
    assert backup.contents.rows["users"] == trial.value("SELECT count(*) FROM users")
    before = trial.fingerprint()
    elsewhere = dataclasses.replace(trial, folder=tmp_path / "elsewhere")
    found = inspect(elsewhere.warehouse, backup.file, silent)
    restore(elsewhere.warehouse, found, silent)
    assert elsewhere.fingerprint() == before
    for key_file, said in ((None, "no key is set"), (tmp_path / "other.key", "another key")):
        if key_file is not None:
            key_file.touch(mode=0o600)
            key_file.write_text("ab" * 32)
        with pytest.raises(EncryptionError, match=said):
            inspect(Warehouse(tmp_path / "third", key_file=key_file), backup.file, silent)


def test_purged_person_is_in_nothing_that_the_folder_holds_once_it_is_decrypted(trial: "Trial") -> None:
    trial.sync()
    student = trial.person("student")
    trial.sandbox.change(student, {"email": "zebulonia@gone.example"})
    trial.sync()
    purged = purge(trial.warehouse, Subject(USER, student), silent)
    assert purged.rows > 2
    assert purged.kept_files == 1
    assert not list(trial.warehouse.landing.rglob("*.ndjson"))
    assert _holding(trial.folder, _everybody(trial)) == []
    rekey(trial.warehouse, silent, decrypt=True)
    plain = dataclasses.replace(trial, key_file=None)
    assert plain.value("SELECT count(*) FROM users WHERE user_id = ?", student) == 0
    assert _holding(trial.folder, {student.encode(), b"zebulonia@gone.example"}) == []


def test_copies_with_less_are_encrypted_but_for_one_that_is_handed_out(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    before = {file.name for file in tmp_path.iterdir()}
    for place in (None, tmp_path / "copy.duckdb"):
        copy = publish(trial.warehouse, deidentified(b"k" * 32), place)
        assert is_encrypted(copy) == (place is None)
        key = trial.warehouse.key if place is None else None
        assert described(copy, key).rows > 0
        with closing(open_database(copy, key=key, read_only=True)) as connection:
            assert connection.execute("SELECT count(*) FROM users").fetchall() == [
                (trial.value("SELECT count(*) FROM users"),)
            ]
    assert {file.name for file in tmp_path.iterdir()} - before == {"copy.duckdb"}
    assert [*trial.warehouse.state.glob("*.partial")] == []


def test_no_plain_report_or_export_is_written_in_the_folder(trial: "Trial") -> None:
    with pytest.raises(ExportRefusedError, match=r"not encrypted.*--report"):
        trial.warehouse.new_report("resolve")
    with pytest.raises(ExportRefusedError, match=r"not encrypted.*--to"):
        trial.warehouse.new_export()


def test_file_that_was_changed_or_is_of_another_kind_or_key_is_not_decrypted(tmp_path: Path) -> None:
    files = Files(Key(b"k" * 32))
    page = tmp_path / "users-00001.ndjson"
    files.write(page, b"Zebulonia")
    assert files.read(page.rename(tmp_path / "users-00002.ndjson")) == b"Zebulonia"
    content = (tmp_path / "users-00002.ndjson").read_bytes()
    assert content.startswith(MAGIC)
    for name, spoiled, reader in (
        ("users-00001.ndjson", content[:-1] + bytes([content[-1] ^ 1]), files),
        ("users-00001.ndjson", content[:20], files),
        ("users-00001.ndjson", b"plain", files),
        ("schools-00001.ndjson", content, files),
        ("users-00001.ndjson", content, Files(Key(b"l" * 32))),
        ("users-00001.ndjson", content, Files()),
    ):
        (tmp_path / name).write_bytes(spoiled)
        with pytest.raises(UndecryptableError):
            reader.read(tmp_path / name)


def test_landing_that_was_changed_is_read_again(trial: "Trial") -> None:
    trial.sync()
    for page in trial.warehouse.landing.rglob("*.ndjson"):
        content = page.read_bytes()
        page.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    trial.sandbox.change(trial.person("student"), {"name.last": "Zebulonia"})
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_package_that_is_missing_is_named_with_what_to_install(tmp_path: Path) -> None:
    key_file = tmp_path / "clever.key"
    key_file.touch(mode=0o600)
    key_file.write_text("ab" * 32)
    program = f"""
import sys
from pathlib import Path
sys.modules["cryptography"] = None
from pipelines.warehouse import WarehouseError, keys
try:
    keys.encryption_key(Path({str(key_file)!r}))
except WarehouseError as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == (
        "CLEVER_ENCRYPTION_KEY_FILE needs the package cryptography, which is not installed. "
        "Run `pip install 'clever-warehouse[encryption]'`.\n"
    ), done.stderr


def test_folder_may_have_any_name(trial: "Trial", tmp_path: Path) -> None:
    trial.folder = tmp_path / 'o\'dd "[x]" {a,b} *ü%20'
    trial.sync()
    trial.sandbox.change(trial.person("student"), {"hobby": "unheard of"})
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    backup = back_up(trial.warehouse, tmp_path / 'memory "1".duckdb', silent)
    assert inspect(trial.warehouse, backup.file, silent).sha256 == backup.sha256


@pytest.mark.parametrize("place", ["key", "blocks", "end"])
def test_damaged_work_database_is_made_again_from_the_published_file(trial: "Trial", place: str) -> None:
    trial.sync()
    trial.sandbox.change(trial.person("student"), {"name.last": "Zebulonia"})
    work = trial.folder / "state" / "work.duckdb"
    content = bytearray(work.read_bytes())
    if place == "end":
        del content[len(content) // 2 :]
    for start in range(120, 160) if place == "key" else range(20_000, len(content), 1_000):
        content[start] ^= 255
    work.write_bytes(content)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert [event for event in trial.events if isinstance(event, Notice) and "damaged" in str(event)]
    assert is_encrypted(work)


def test_format_of_an_encrypted_file_is_not_raised_by_writing_to_it(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.change(trial.person("student"), {"name.last": "Zebulonia"})
    trial.sync()
    work = trial.folder / "state" / "work.duckdb"
    with closing(open_database(key=trial.warehouse.key)) as connection:
        # DuckDB refuses to open a file for writing in an older format than it has.
        attach(connection, work, "work", trial.warehouse.key, read_only=False, storage=ENCRYPTED_STORAGE)
