"""What is asked of a disk: whether it is full, that a file is on it, and what the file there is."""

import errno
import hashlib
import os
import sys
from pathlib import Path

_FULL_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error codes: disk full, quota exceeded, file larger than the system allows."""

_FULL_MESSAGES = (*(os.strerror(code) for code in _FULL_CODES), "max_temp_directory_size")
"""Texts in library messages about a full disk; the last is DuckDB's for its spill folder."""


def is_full(error: OSError) -> bool:
    """Whether an error means that the disk is full."""
    return error.errno in _FULL_CODES


def mentions_full_disk(message: str) -> bool:
    """Whether the message of a library means that the disk is full."""
    return any(word in message for word in _FULL_MESSAGES)


def sync_to_disk(path: Path) -> None:
    """Return when a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file as the disk has it: where that is possible, the system first drops what it has of it in memory."""
    with file.open("rb") as opened:
        if sys.platform == "linux":
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(opened, "sha256").hexdigest()


def umask() -> int:
    """The permissions that new files of this process do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
