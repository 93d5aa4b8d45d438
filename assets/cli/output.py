"""Where the command line writes: results to standard output, failures to standard error. Both may be lost without stopping it."""

import io
import json
import os
import select
import shutil
import sys
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDIN, STDOUT, STDERR = 0, 1, 2

WIDTH = 200
"""Maximum width of a table in characters, where there is no terminal. IDs and headings are never cut."""

out = Console(highlight=False, soft_wrap=True, emoji=False, width=WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def width_of(console: Console) -> int | None:
    """The characters of a line; None where there is no terminal, so that a line may have any length."""
    return shutil.get_terminal_size().columns if console.is_terminal else None


def show_json(document: object) -> None:
    """Write one JSON document to standard output; instants are in UTC as ISO 8601."""
    out.print(json.dumps(document, indent=2, default=_as_json), markup=False)


def _as_json(value: Any) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def age(passed: timedelta) -> str:
    """How long ago something was, in the largest unit that has at least two."""
    minutes = max(0, int(passed.total_seconds()) // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    return f"{days} d" if days >= 2 else f"{hours} h" if hours >= 2 else f"{minutes} min"  # noqa: PLR2004


class _LossyFile(io.FileIO):
    """A file whose write errors (reader gone, disk full, terminal closed) drop the output instead of raising."""

    def write(self, data: "ReadableBuffer", /) -> int:
        size = memoryview(data).nbytes
        try:
            # None: the descriptor is non-blocking and its pipe is full. A buffered writer would raise.
            while (written := super().write(data)) is None:
                select.select([], [self], [])
        except OSError:
            return size
        return written


def lossy(descriptor: int, *, encoding: str, closefd: bool) -> TextIO:
    """Open a descriptor for text that is dropped where it cannot be written."""
    return io.TextIOWrapper(
        io.BufferedWriter(_LossyFile(descriptor, "w", closefd=closefd)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=descriptor == STDERR or os.isatty(descriptor),
    )


def make_standard_streams_lossy() -> None:
    """Let the command run to its end, with the exit code it would have anyway, when nothing reads its output.

    A standard descriptor that is closed is opened on the null device first: the next file to be opened would take its
    number, and whatever is printed would be written into that file.
    """
    for descriptor in range(STDERR + 1):
        try:
            os.fstat(descriptor)
        except OSError:
            # Takes the lowest free number, which is this descriptor.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 (it takes no keyword)
    if sys.stdin is None:
        sys.stdin = open(STDIN, closefd=False)  # noqa: SIM115 (a descriptor, no path, for as long as the process lives)
    sys.stdout = lossy(STDOUT, encoding=sys.stdout.encoding if sys.stdout else "utf-8", closefd=False)
    sys.stderr = lossy(STDERR, encoding=sys.stderr.encoding if sys.stderr else "utf-8", closefd=False)
