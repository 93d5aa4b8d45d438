"""How a full disk is told from other trouble."""

import errno
import os

_FULL_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No room on the disk, none left in a quota, a file larger than the system lets us write."""

_FULL_MESSAGES = (*(os.strerror(code) for code in _FULL_CODES), "max_temp_directory_size")
"""What the messages of a library say then; the last is DuckDB's word for having no room to spill to."""


def is_full(error: OSError) -> bool:
    """Whether there was no room for what was to be written."""
    return error.errno in _FULL_CODES


def tells_of_a_full_disk(message: str) -> bool:
    """Whether a library's message says that there was no room for what was to be written."""
    return any(word in message for word in _FULL_MESSAGES)
