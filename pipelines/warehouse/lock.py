"""Let one sync write at a time: a file lock that the operating system releases when its holder ends."""

import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines import interruption
from pipelines.warehouse.errors import UnusableFolderError

BETWEEN_TRIES = 0.2
"""Seconds between attempts to acquire a lock that another process holds."""


def require(folder: Path) -> None:
    """Try whether files can be written and locked in a folder.

    Raises:
        OSError: no file can be written.
        UnusableFolderError: no file can be locked.
    """
    with tempfile.TemporaryFile(dir=folder) as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_EX)
        except OSError as error:
            message = (
                f"Files in {folder} cannot be locked ({error.strerror}), so two syncs could write at the same time: "
                "set CLEVER_WAREHOUSE_DIR to a folder on a local disk."
            )
            raise UnusableFolderError(message) from None


@contextmanager
def held(file: Path, sync_id: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock while the block runs; wait for the process that holds it, and report it once.

    The file names the holder for people to read; the lock itself is the kernel's, so a holder that died blocks no one.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    on_wait(_holder(descriptor))
                    told = True
                interruption.wait(BETWEEN_TRIES)
        note = {
            "sync": sync_id,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    """Describe the holder of the lock, from the note in the file."""
    try:
        note = json.loads(os.pread(descriptor, 4096, 0))
        return f"Another sync ({note['sync']}, pid {note['pid']} on {note['host']}) is running since {note['since']}"
    except (ValueError, KeyError):
        return "Another sync is running"
