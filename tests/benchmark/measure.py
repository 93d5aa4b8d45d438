"""What did a command cost? Seconds, processor seconds and memory of all its processes."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

LIMIT = 3600
"""Seconds after which a command is ended."""

PAUSE = 0.2
"""Seconds between two looks at the memory."""


class CommandError(Exception):
    """A command did not end well; the text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost."""

    seconds: float
    processor_seconds: float
    """User and system time of all its processes."""
    peak_memory: int
    """Bytes: the most that its processes held at once, pages they share counted once, looked at five times a second; or the
    most that its biggest process held, if that is more.
    """


def cost_of(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command in a folder.

    Raises:
        CommandError: it ended with another exit code than 0, or not in time.
    """
    with _output(folder).open("wb") as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        ended = threading.Event()
        peaks: list[int] = []
        watcher = threading.Thread(target=_watch, args=(process.pid, ended, peaks))
        watcher.start()
        timer = threading.Timer(LIMIT, _end, (process.pid,))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
            ended.set()
            watcher.join()
            _end(process.pid)
    if process.returncode:
        raise CommandError(f"exit code {process.returncode} after {seconds:.0f} s: {said(folder)[-1000:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max([usage.ru_maxrss * 1024, *peaks]))


def said(folder: Path) -> str:
    """What the last command in a folder wrote to its outputs."""
    return _output(folder).read_text(errors="replace")


def _output(folder: Path) -> Path:
    return folder / "said.txt"


def _end(group: int) -> None:
    """End what is left of the processes of a command."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _watch(pid: int, ended: threading.Event, peaks: list[int]) -> None:
    while not ended.wait(PAUSE):
        with suppress(psutil.Error):
            root = psutil.Process(pid)
            # Of a process alone the system itself tells the most, and looking would cost the one that is measured.
            if children := root.children(recursive=True):
                peaks.append(sum(_memory(process) for process in [root, *children]))


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", memory.uss))
    return 0
