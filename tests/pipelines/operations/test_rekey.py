"""Everything in the folder is encrypted, gets another key, or is decrypted; killed anywhere, the same command continues it."""

import dataclasses
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.encryption import is_encrypted as is_file_encrypted
from pipelines.operations.backup import back_up, inspect
from pipelines.operations.rekey import RekeyRefusedError, rekey
from pipelines.progress import silent
from pipelines.warehouse import EncryptionError, KeyFileError, UnreadableError, Warehouse, WarehouseError, keys
from pipelines.warehouse.database import is_encrypted
from pipelines.warehouse.reduced import deidentified, publish

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

DYING = """
import os, signal, sys
from pathlib import Path
from pipelines.operations.rekey import rekey
from pipelines.progress import silent
from pipelines.warehouse import Warehouse

folder, key_file, what, step = sys.argv[1:]
touched = 0

def die_at_a_step(event, arguments):
    global touched
    here = str(arguments[:2])
    if (folder in here or key_file in here) and event in {"os.chmod", "os.link", "os.remove", "os.rename", "os.utime"}:
        touched += 1
        if touched > int(step):
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die_at_a_step)
rekey(Warehouse(Path(folder), key_file=Path(key_file)), silent, **{what: True})
"""
"""A process that changes the key, and kills itself before it changes names of files for the n-th time."""


@pytest.fixture
def trial(begin: "Begin", tmp_path: Path) -> "Iterator[Trial]":
    """Return a plain warehouse with history, a kept file, a copy with less, and a key file that does not exist yet."""
    with begin() as made:
        made.sync()
        made.sandbox.change(made.person("student"), {"name.last": "Zebulonia"})
        made.sync()
        publish(made.warehouse, deidentified(b"k" * 32))
        made.key_file = tmp_path / "clever.key"
        yield made


def _landed(trial: "Trial") -> list[Path]:
    return [file for suffix in ("ndjson", "index") for file in sorted(trial.warehouse.landing.rglob(f"*.{suffix}"))]


def _stamps(trial: "Trial") -> dict[str, tuple[int, int]]:
    """Mode and time of every database that stays."""
    files = (file for file in trial.warehouse.databases if file.name != "work.duckdb")
    return {file.name: (stat.S_IMODE(file.stat().st_mode), file.stat().st_mtime_ns) for file in files}


def test_plain_warehouse_is_encrypted_and_all_else_stays(trial: "Trial") -> None:
    plain = dataclasses.replace(trial, key_file=None)
    before, stamps, landed = plain.fingerprint(), _stamps(plain), len(_landed(plain))
    export = trial.folder / "exports" / "mine" / "users.csv"
    export.parent.mkdir(parents=True)
    export.write_text("user_id\n")
    (trial.folder / "state" / "work.damaged").write_text("Zebulonia")
    done = rekey(trial.warehouse, silent)
    assert (done.is_encrypted, done.databases, done.former_key_file, done.plain_files) == (True, 3, None, 1)
    assert done.landing_files > landed
    assert trial.key_file is not None
    assert stat.S_IMODE(trial.key_file.stat().st_mode) == 0o600
    assert trial.fingerprint() == before
    assert _stamps(trial) == stamps
    assert all(is_encrypted(file) for file in trial.folder.rglob("*.duckdb"))
    assert all(is_file_encrypted(file.read_bytes()) for file in _landed(trial))
    assert not [file for file in trial.folder.rglob("*") if file.is_file() and b"Zebulonia" in file.read_bytes()]
    assert trial.outcomes() == ["unchanged"]
    assert trial.wrong() == []
    again = rekey(trial.warehouse, silent)
    assert (again.databases, again.landing_files) == (0, 0)


def test_new_key_opens_everything_and_the_former_one_only_earlier_backups(trial: "Trial", tmp_path: Path) -> None:
    assert trial.key_file is not None
    rekey(trial.warehouse, silent)
    former = trial.key_file.read_text()
    backup = back_up(trial.warehouse, tmp_path / "backup.duckdb", silent)
    before = trial.fingerprint()
    done = rekey(trial.warehouse, silent, new_key=True)
    assert done.databases == 3
    assert trial.key_file.read_text() != former
    assert trial.fingerprint() == before
    assert trial.outcomes() == ["unchanged"]
    with pytest.raises(EncryptionError, match="another key"):
        inspect(trial.warehouse, backup.file, silent)
    assert done.former_key_file is not None
    assert done.former_key_file.read_text() == former
    assert inspect(Warehouse(tmp_path / "new", key_file=done.former_key_file), backup.file, silent)
    assert not keys.successor(trial.key_file).exists()


def test_encrypted_warehouse_is_decrypted_and_goes_on_without_a_key(trial: "Trial") -> None:
    plain = dataclasses.replace(trial, key_file=None)
    before, stamps = plain.fingerprint(), _stamps(plain)
    rekey(trial.warehouse, silent)
    done = rekey(trial.warehouse, silent, decrypt=True)
    assert (done.is_encrypted, done.databases) == (False, 3)
    assert plain.fingerprint() == before
    assert _stamps(plain) == stamps
    assert not any(is_file_encrypted(file.read_bytes()) for file in _landed(plain))
    assert plain.outcomes() == ["unchanged"]


@pytest.mark.variants(3)
@pytest.mark.parametrize("step", range(0, 40, 3))
@pytest.mark.parametrize("what", ["new_key", "decrypt"])
def test_killed_anywhere_the_change_is_refused_to_others_and_continued_by_the_same_command(
    trial: "Trial", what: str, step: int
) -> None:
    before = dataclasses.replace(trial, key_file=None).fingerprint()
    rekey(trial.warehouse, silent)
    command = [sys.executable, "-c", DYING, str(trial.folder), str(trial.key_file), what, str(step)]
    died = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert died.returncode in {0, -signal.SIGKILL}
    with suppress(WarehouseError):  # a sentence, or a sync as ever: nothing else
        trial.sync()
    done = rekey(trial.warehouse, silent, decrypt=what == "decrypt")
    found = trial if done.is_encrypted else dataclasses.replace(trial, key_file=None)
    assert found.fingerprint() == before
    assert {is_encrypted(file) for file in trial.warehouse.databases} == {done.is_encrypted}
    assert found.outcomes() in (["unchanged"], ["applied"])
    assert found.wrong() == []
    assert len(trial.warehouse.kept_files()) >= 1


def test_interrupted_change_to_a_new_key_is_said_by_every_command(trial: "Trial") -> None:
    assert trial.key_file is not None
    rekey(trial.warehouse, silent)
    keys.create(keys.successor(trial.key_file))
    for attempt in (trial.sync, trial.warehouse.reading):
        with pytest.raises(KeyFileError, match=r"has not ended.*run `clever-warehouse rekey`"):
            attempt()
    rekey(trial.warehouse, silent)
    assert trial.outcomes() == ["unchanged"]


def test_damaged_or_unknown_file_is_named_and_the_change_goes_on_without_it(trial: "Trial") -> None:
    (kept,) = trial.warehouse.kept_files()
    content = kept.read_bytes()
    kept.chmod(0o600)
    kept.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableError, match=f"{kept.name} is damaged.*Delete it"):
        rekey(trial.warehouse, silent)
    other = trial.folder.with_name(f"{trial.folder.name}.other.key")
    keys.create(other)
    kept.write_bytes(content)
    trial.warehouse.rekey(kept, None, keys.encryption_key(other))
    with pytest.raises(EncryptionError, match=f"{kept.name} is encrypted with another key.*Delete it"):
        rekey(trial.warehouse, silent)
    kept.unlink()
    other.unlink()
    rekey(trial.warehouse, silent)
    assert trial.outcomes() == ["unchanged"]


def test_without_a_setting_nothing_is_changed(trial: "Trial") -> None:
    trial.key_file = None
    with pytest.raises(RekeyRefusedError, match="CLEVER_ENCRYPTION_KEY_FILE is not set"):
        rekey(trial.warehouse, silent)
    assert {is_encrypted(file) for file in trial.warehouse.databases} == {False}
