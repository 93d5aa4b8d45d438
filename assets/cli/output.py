"""Standard output and standard error that can be lost without stopping the command that writes to them."""

import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT, STDERR = 1, 2


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
    sys.stdout = lossy(STDOUT, encoding=sys.stdout.encoding if sys.stdout else "utf-8", closefd=False)
    sys.stderr = lossy(STDERR, encoding=sys.stderr.encoding if sys.stderr else "utf-8", closefd=False)
