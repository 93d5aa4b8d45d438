"""How the published file is backed up and restored: a verified copy with a receipt, and the way back into a warehouse."""

import errno
import hashlib
import importlib.metadata
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import duckdb
import msgspec

from pipelines.disk import digest_of, is_full, sync_to_disk, umask
from pipelines.progress import Report, Stage
from pipelines.warehouse import (
    DamagedError,
    DiskFullError,
    MachineClock,
    NewerSchemaError,
    StatementError,
    Warehouse,
    WarehouseError,
    machine_clock,
    schema,
)
from pipelines.warehouse.database import open_database
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import statement

PRIVATE: Final = 0o600
"""The mode of a backup: only its owner may read it. A receipt holds no personal data and is as readable as the umask allows."""

DEFAULT_NAME: Final = "warehouse-%Y%m%dT%H%M%S.%fZ.duckdb"
"""The name of a backup in a folder, as a format of the instant at which it is made."""

UNFINISHED: Final = (".clever-warehouse-", ".partial")
"""How the name of a file begins and ends until it is finished."""

ABANDONED_SECONDS: Final = 24 * 60 * 60
"""Seconds after its last change until an unfinished file is taken for one that a killed process has left."""

FORMAT: Final = 1
"""The version of the form of a receipt."""


class BackupRefusedError(WarehouseError):
    """No backup can be written to that place, or restored from that one; nothing was written."""


class UnusableBackupError(WarehouseError):
    """A file is damaged, not the one of its receipt, or of no warehouse; nothing was written."""


class LastSync(msgspec.Struct, frozen=True):
    """The latest sync in a file."""

    sync_id: str
    finished_at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a backup; no personal data."""

    format: int = FORMAT
    file: str
    """Its name when it was made."""
    size: int
    """In bytes."""
    sha256: str
    backed_up_at: datetime
    published_at: datetime
    last_sync: LastSync | None
    """None if no sync was recorded, as after an import into an empty warehouse."""
    clever_warehouse: str
    """The version that made the backup."""
    duckdb: str
    """The version that made the backup."""
    schema_version: int
    rows: Mapping[str, int]
    """Rows of each table."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read of a file of a warehouse, of which every row was read."""

    schema_version: int
    last_sync: LastSync | None
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that was found whole."""

    file: Path
    size: int
    sha256: str
    published_at: datetime
    contents: Contents
    receipt: Receipt | None
    """None if it has none and need not have one."""

    @property
    def is_migrated_by_the_next_sync(self) -> bool:
        """Whether an earlier version of clever-warehouse wrote it."""
        return self.contents.schema_version < schema.VERSION


def receipt_of(backup: Path) -> Path:
    """Where the receipt of a backup is."""
    return backup.with_name(f"{backup.name}.receipt.json")


def back_up(warehouse: Warehouse, destination: Path, report: Report, *, clock: MachineClock = machine_clock) -> Backup:
    """Write a copy of the published file and a receipt, both verified, under their names only when they are whole.

    Neither readers nor syncs wait for it: a sync replaces the published file by a rename, and the opened one stays as it is.

    Args:
        warehouse: Whose file it is.
        destination: A new file, or a folder, in which the file is named after the instant. It is outside of the warehouse's folder.
        report: Receives the stages.
        clock: The time of the machine.

    Raises:
        NothingPublishedError: There is no published file yet.
        BackupRefusedError: The destination cannot be used; nothing was written.
        UnusableBackupError: The published file is damaged, or the copy differs from it; nothing stays.
        NewerSchemaError: A newer version of clever-warehouse wrote the file.
        DiskFullError: There is no room; nothing stays.
    """
    warehouse.require_file("backup")
    warehouse.require_published()
    backed_up_at = clock()
    place = _place(warehouse, destination, backed_up_at)
    _remove_abandoned(place.parent)
    with warehouse.published.open("rb") as source, _translated(place.parent), _unfinished(place.parent) as copy:
        report(Stage("copying"))
        published_at = datetime.fromtimestamp(os.fstat(source.fileno()).st_mtime, UTC)
        size, sha256 = _copy(source, copy)
        report(Stage("verifying"))
        if digest_of(copy) != sha256:
            message = f"The copy in {place.parent} differs from what was written, so it was deleted: check that disk, or use another one."
            raise UnusableBackupError(message)
        contents = _contents(
            copy,
            warehouse,
            f"{warehouse.published} is damaged, so nothing was backed up. Restore an earlier file with `clever-warehouse rollback`, or a "
            "backup with `clever-warehouse restore`.",
        )
        receipt = Receipt(
            file=place.name,
            size=size,
            sha256=sha256,
            backed_up_at=backed_up_at,
            published_at=published_at,
            last_sync=contents.last_sync,
            clever_warehouse=importlib.metadata.version("clever-warehouse"),
            duckdb=duckdb.__version__,
            schema_version=contents.schema_version,
            rows=contents.rows,
        )
        with _unfinished(place.parent) as written:
            written.write_bytes(msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n")
            sync_to_disk(written)
            with suppress(OSError):  # of a file system that keeps no modes
                written.chmod(0o666 & ~umask())
            _require_absent(place)
            _move_both(written, copy, place)
    return Backup(place, size, sha256, published_at, contents, receipt)


def inspect(warehouse: Warehouse, file: Path, report: Report, *, needs_receipt: bool = True) -> Backup:
    """Read all of a backup, and compare it with its receipt.

    Args:
        warehouse: Where it is to be restored; nothing is opened or written there.
        file: The backup.
        report: Receives the stage.
        needs_receipt: Whether one without a receipt is refused.

    Raises:
        BackupRefusedError: There is no such file, or no receipt.
        UnusableBackupError: It is damaged, not the one of its receipt, or of no warehouse.
        NewerSchemaError: A newer version of clever-warehouse wrote it.
    """
    if not file.is_file():
        raise BackupRefusedError(
            f"There is no file {file}, so nothing was restored. Name a file that `clever-warehouse backup` made."
        )
    receipt = _receipt(file)
    if receipt is None and needs_receipt:
        message = (
            f"{file} has no receipt ({receipt_of(file).name}), so nothing was restored. Copy the receipt next to it, or use "
            "--without-receipt: the file must then be readable to its last row, but nothing shows that it is the one that was backed up."
        )
        raise BackupRefusedError(message)
    log = file.with_name(f"{file.name}.wal")
    if log.exists():
        message = f"{file} was opened for writing: {log.name} has changes that it lacks. Nothing was restored. Restore another backup."
        raise UnusableBackupError(message)
    report(Stage("verifying"))
    found = file.stat()
    sha256 = digest_of(file)
    if receipt is not None and (receipt.size, receipt.sha256) != (found.st_size, sha256):
        message = (
            f"{file} is not the file that its receipt describes: it has {found.st_size:,} bytes of {receipt.size:,}, or other ones. "
            "Nothing was restored. Restore another backup."
        )
        raise UnusableBackupError(message)
    contents = _contents(
        file,
        warehouse,
        f"{file} is damaged, or no file that clever-warehouse published, so nothing was restored. Restore another backup.",
    )
    if receipt is not None and (receipt.rows, receipt.schema_version) != (contents.rows, contents.schema_version):
        message = f"{file} has other rows than its receipt says, so nothing was restored. Restore another backup."
        raise UnusableBackupError(message)
    published_at = datetime.fromtimestamp(found.st_mtime, UTC)
    if receipt is not None:
        published_at = receipt.published_at
    elif contents.last_sync is not None:  # a copy has a time of its own
        published_at = contents.last_sync.finished_at
    return Backup(file, found.st_size, sha256, published_at, contents, receipt)


def restore(warehouse: Warehouse, backup: Backup, report: Report, *, replace: bool = False) -> Path | None:
    """Publish a copy of a backup that was inspected; the next sync continues from it.

    Returns:
        The kept file that was replaced; None if there was none or it could not be kept.

    Raises:
        WarehouseError: What ``Warehouse.restore`` raises; nothing was changed.
    """
    report(Stage("restoring"))
    return warehouse.restore(backup.file, backup.sha256, backup.published_at, report, replace=replace)


def _place(warehouse: Warehouse, destination: Path, instant: datetime) -> Path:
    """The file that a destination means, which is not there yet."""
    is_folder = destination.is_dir()
    place = (destination / f"{instant.astimezone(UTC):{DEFAULT_NAME}}") if is_folder else destination
    place = Path(os.path.realpath(place))
    if place.is_relative_to(os.path.realpath(warehouse.folder)):
        message = (
            f"{place} is in the folder of the warehouse, so nothing was backed up: what destroys the one destroys the other. "
            "Name a file or folder outside, best on another machine."
        )
        raise BackupRefusedError(message)
    if not place.parent.is_dir():
        # A folder is not created: that of a disk that is not mounted would be on the disk of the warehouse.
        raise BackupRefusedError(
            f"There is no folder {place.parent}, so nothing was backed up. Create it, or mount its disk."
        )
    _require_absent(place)
    return place


def _require_absent(place: Path) -> None:
    """Refuse to replace a backup or its receipt."""
    for file in (place, receipt_of(place)):
        if file.exists():
            message = f"{file} exists already and was not changed. Name another file, or a folder: each backup then has its own name."
            raise BackupRefusedError(message)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """What keeps a file from being written, in a sentence."""
    try:
        yield
    except DiskFullError:
        raise DiskFullError(str(folder)) from None
    except OSError as error:
        if is_full(error):
            raise DiskFullError(str(folder)) from None
        message = f"No backup can be written in {folder} ({error.strerror}), so nothing was backed up. Name a folder that you may write to."
        raise BackupRefusedError(message) from None


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A new file that only its owner may read; unless it is moved, it is gone at the end of the block."""
    begin, end = UNFINISHED
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=begin, suffix=end)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove the unfinished files that killed processes have left: they hold personal data."""
    begin, end = UNFINISHED
    for file in folder.glob(f"{begin}*{end}"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                file.unlink()


def _copy(source: BinaryIO, target: Path) -> tuple[int, str]:
    """Copy an opened file and sync it to disk; returns its size and its digest."""
    size = os.fstat(source.fileno()).st_size
    if shutil.disk_usage(target.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # before the disk is filled for others
    digest = hashlib.sha256()
    with target.open("wb") as written:
        while block := source.read(2**20):
            digest.update(block)
            written.write(block)
        written.flush()
        os.fsync(written.fileno())
    return size, digest.hexdigest()


def _move_both(receipt: Path, copy: Path, place: Path) -> None:
    """Give a finished backup and its receipt their names, the receipt first: a backup that has its name has a receipt."""
    try:
        receipt.replace(receipt_of(place))
        copy.replace(place)
    except BaseException:
        if not place.exists():
            receipt_of(place).unlink(missing_ok=True)
        raise
    with suppress(OSError):  # some file systems cannot do this with a folder
        sync_to_disk(place.parent)


def _contents(file: Path, warehouse: Warehouse, refusal: str) -> Contents:
    """Read every row of every table of a file, and the definition of every view; if that is not possible, say the refusal.

    DuckDB compares each block that it reads with the checksum of the block.
    """
    try:
        with translate_errors("the file"):
            return _read(file, warehouse)
    except (DamagedError, StatementError):
        raise UnusableBackupError(refusal) from None


def _read(file: Path, warehouse: Warehouse) -> Contents:
    settings = {"memory_limit": warehouse.memory_limit}
    with closing(open_database(file, key=warehouse.key, read_only=True, settings=settings)) as connection:
        found = schema.version(connection)
        if found is None:
            raise StatementError("It has no table of clever-warehouse.")
        if found > schema.VERSION:
            raise NewerSchemaError(found, schema.VERSION)
        rows = {}
        for name, table in connection.execute(statement("backup/tables")).fetchall():
            # A hash of all columns, because a count alone would not read their blocks.
            query = f"SELECT count(*), bit_xor(hash(each)) FROM {table} AS each"  # noqa: S608 (a name of the file's own)
            ((rows[name], _),) = connection.execute(query).fetchall()
        for (view,) in connection.execute(statement("backup/views")).fetchall():
            connection.execute(f"FROM {view} LIMIT 0")
        latest = connection.execute(statement("backup/last_sync")).fetchall()
        return Contents(found, LastSync(*latest[0]) if latest else None, rows)


def _receipt(backup: Path) -> Receipt | None:
    """The receipt of a backup; None if it has none."""
    file = receipt_of(backup)
    try:
        receipt = msgspec.json.decode(file.read_bytes(), type=Receipt)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        raise UnusableBackupError(
            f"{file} cannot be read as a receipt, so nothing was restored. Restore another backup."
        ) from None
    if receipt.format > FORMAT:
        message = (
            f"A newer version of clever-warehouse wrote {file}, so nothing was restored. Upgrade clever-warehouse."
        )
        raise UnusableBackupError(message)
    return receipt
