"""Find runs whose process has ended: each run holds a file lock, which the kernel releases with its process.

A run that was killed cannot report its end, and Dagster's default launcher does not look after it: it would stay *Started*.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg

GONE = "The process of this run is gone: it was killed, for example because memory ran out. Run {} found this."

_held: set[str] = set()


@contextmanager
def alive(folder: Path, run_id: str) -> Iterator[None]:
    """Hold the lock of a run within the block; an inner block of the same run changes nothing.

    A folder in which no file can be locked does not fail the run: its process is then not checked.
    """
    descriptor = None if run_id in _held else _locked(folder, run_id)
    if descriptor is None:
        yield
        return
    _held.add(run_id)
    try:
        yield
    finally:
        _held.remove(run_id)
        with suppress(OSError):
            (folder / run_id).unlink()
        os.close(descriptor)


def _locked(folder: Path, run_id: str) -> int | None:
    """Create the file of a run; it is locked before anyone else can find it."""
    unlocked = folder / f".{run_id}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, "\n".join(_machine()).encode())
        unlocked.rename(folder / run_id)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def end_runs_without_process(folder: Path, instance: dg.DagsterInstance, found_by: str) -> list[str]:
    """Report the end of each run of this machine whose process is gone; returns their IDs."""
    return [
        file.name
        for file in sorted(folder.glob("[!.]*"))
        if file.name not in _held and _is_ended(file, instance, found_by)
    ]


def _is_ended(file: Path, instance: dg.DagsterInstance, found_by: str) -> bool:
    """Whether the end of a run had to be reported."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False  # the run has just ended
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        has_just_ended = os.fstat(descriptor).st_nlink == 0
        if has_just_ended or not _is_of_this_machine(os.read(descriptor, 4096).decode()):
            return False
        run = instance.get_run_by_id(file.name)
        is_open = run is not None and not run.is_finished
        if run is not None and is_open:
            is_canceled = run.status is dg.DagsterRunStatus.CANCELING
            end = instance.report_run_canceled if is_canceled else instance.report_run_failed
            end(run, GONE.format(found_by))
        file.unlink(missing_ok=True)
        return is_open
    except OSError:
        return False  # the process is alive
    finally:
        os.close(descriptor)


def _machine() -> tuple[str, str]:
    """The name of this host, and which start of its kernel this is, if the system says so."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        boot = ""
    return socket.gethostname(), boot.strip()


def _is_of_this_machine(written: str) -> bool:
    """Whether a lock counts: containers of one kernel share locks under several names, and a host that has restarted has none.

    A lock of another machine may be out of sight on a network share.
    """
    host, _, boot = written.partition("\n")
    our_host, our_boot = _machine()
    return host == our_host or bool(boot and boot == our_boot)
