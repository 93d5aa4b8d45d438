"""Distinguish a full disk from other errors."""

import errno
import os

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
