"""How everything that the warehouse keeps is encrypted with a key, with another one, or decrypted.

Each file is replaced by one rename, and a file that has the key already is left as it is. So a change that was interrupted is
continued by doing it again.
"""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import duckdb

from pipelines import interruption
from pipelines.disk import sync_to_disk
from pipelines.encryption import Files, Key
from pipelines.landing import Landing
from pipelines.progress import Report, Stage
from pipelines.warehouse import (
    DamagedError,
    EncryptionError,
    KeyFileError,
    StatementError,
    UnreadableError,
    Warehouse,
    WarehouseError,
    keys,
)
from pipelines.warehouse.database import is_encrypted, open_database


class RekeyRefusedError(WarehouseError):
    """There is nothing to encrypt with or to decrypt; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What a change of the key did."""

    is_encrypted: bool
    """Whether the folder is encrypted afterwards."""
    databases: int
    """Databases that were changed."""
    landing_files: int
    """Landing files that were changed."""
    former_key_file: Path | None
    """Where the key is that was replaced; None if none was."""
    plain_files: int
    """Reports and exports in the folder, which are never encrypted."""


def rekey(warehouse: Warehouse, report: Report, *, new_key: bool = False, decrypt: bool = False) -> Rekeyed:
    """Encrypt everything in the folder with the key of the settings, which is created if there is none; or continue an earlier change.

    Args:
        warehouse: Whose folder it is.
        report: Receives the stages.
        new_key: Whether a new key takes the place of the present one, which is kept under another name.
        decrypt: Whether everything is decrypted instead.

    Raises:
        RekeyRefusedError: No key is set.
        KeyFileError: A key cannot be used or created; nothing was changed.
        EncryptionError: A file is encrypted with another key; those before it stay changed.
        UnreadableError: A file is damaged; those before it stay changed.
        DiskFullError: There is no room for a copy; the files before it stay changed.
    """
    file = warehouse.key_file
    if file is None:
        message = (
            "CLEVER_ENCRYPTION_KEY_FILE is not set, so nothing was changed: set it to the file of the key, which is created if there is "
            "none. To decrypt a warehouse, leave it set until that is done."
        )
        raise RekeyRefusedError(message)
    keys.require_elsewhere(file, warehouse.folder)
    with warehouse.at_rest("rekey", report):
        usable = _keys(warehouse, file, new_key=new_key, decrypt=decrypt)
        target = None if decrypt else usable[0]
        report(Stage("changing databases"))
        databases = sum(_change(warehouse, database, usable, target) for database in warehouse.databases)
        report(Stage("changing landing files"))
        landings = Landing(warehouse.landing, Files(target)).rekey([Files(key) for key in (*usable, None)])
        _remove_leftovers(warehouse)
        former = _settle(warehouse, file, decrypt=decrypt)
    plain = [each for name in ("reports", "exports") for each in (warehouse.folder / name).rglob("*") if each.is_file()]
    return Rekeyed(not decrypt, databases, landings, former, len(plain))


def _keys(warehouse: Warehouse, file: Path, *, new_key: bool, decrypt: bool) -> list[Key]:
    """The keys that files may have, the one that they will have first; it is created if that is wanted."""
    following = keys.successor(file)
    if not file.exists() and not following.exists() and not decrypt:
        if any(is_encrypted(database) for database in warehouse.databases):
            message = (
                f"There is no key file {file} (CLEVER_ENCRYPTION_KEY_FILE), and the warehouse is encrypted already, so nothing was "
                "changed: restore the key file from its backup."
            )
            raise KeyFileError(message)
        keys.create(file)
    elif new_key and not following.exists():
        keys.encryption_key(file)
        keys.create(following)
    found = [keys.encryption_key(each) for each in (following, file) if each.exists()]
    return found or [keys.encryption_key(file)]


def _change(warehouse: Warehouse, database: Path, usable: Sequence[Key], target: Key | None) -> bool:
    """Give a database the key that it is to have; gives whether it had another one."""
    interruption.check()
    try:
        former = _key_of(database, usable)
        if former == target:
            return False
        warehouse.rekey(database, former, target)
    except (DamagedError, StatementError, duckdb.Error):
        interruption.check()
        message = (
            f"{database} is damaged, so its key was not changed, nor that of the files after it. Delete it, or restore it from a backup; "
            "then run `clever-warehouse rekey` again."
        )
        raise UnreadableError(message) from None
    return True


def _key_of(database: Path, usable: Sequence[Key]) -> Key | None:
    """The key that opens a database; None if it is plain."""
    if not is_encrypted(database):
        return None
    for key in usable:
        with suppress(EncryptionError):
            open_database(database, key=key, read_only=True).close()
            return key
    message = (
        f"{database} is encrypted with another key than the one in CLEVER_ENCRYPTION_KEY_FILE, so its key was not changed, nor that of "
        "the files after it. Delete it, or restore the file of its key; then run `clever-warehouse rekey` again."
    )
    raise EncryptionError(message)


def _remove_leftovers(warehouse: Warehouse) -> None:
    """Remove what is of no use, and may be plain."""
    for file in warehouse.state.glob("*.damaged*"):
        file.unlink()
    shutil.rmtree(warehouse.state / "verification", ignore_errors=True)


def _settle(warehouse: Warehouse, file: Path, *, decrypt: bool) -> Path | None:
    """Put the next key in the place of the former one, which backups still need; gives where the former one is."""
    following = keys.successor(file)
    if not following.exists():
        return None
    if decrypt:
        following.unlink()
        return None
    former = file.with_name(f"{file.name}.until-{warehouse.now().astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if file.exists():  # else it was interrupted here
        file.replace(former)
    following.replace(file)
    sync_to_disk(file.parent)
    return former
