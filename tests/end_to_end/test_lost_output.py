import contextlib
import os
import pty
import signal
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from pipelines.sandbox import Meanwhile, Status

if TYPE_CHECKING:
    from tests.conftest import Trial
    from tests.end_to_end.conftest import Terminal

OUT, ERR = 1, 2


def full(*descriptors: int) -> Callable[[], None]:
    def redirect() -> None:
        device = os.open("/dev/full", os.O_WRONLY)
        for descriptor in descriptors:
            os.dup2(device, descriptor)

    return redirect


def closed(*descriptors: int) -> Callable[[], None]:
    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return close


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code, and what was written to standard error if that is a pipe."""
    with process:
        said = process.stderr.read() if process.stderr else ""
    return process.returncode, said


def test_sync_publishes_and_ends_with_code_0_when_the_reader_of_its_output_leaves(
    terminal: "Terminal", trial: "Trial"
) -> None:
    process = terminal.start("sync", on=trial, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert ended(process) == (0, "")
    assert trial.wrong() == []


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    "lose",
    [full(OUT), full(OUT, ERR), closed(0, OUT, ERR)],
    ids=["full output", "full output and errors", "all closed"],
)
def test_sync_publishes_and_ends_with_code_0_when_its_output_cannot_be_written(
    terminal: "Terminal", trial: "Trial", lose: Callable[[], None]
) -> None:
    assert ended(terminal.start("sync", on=trial, stderr=subprocess.PIPE, preexec_fn=lose)) == (0, "")
    assert trial.wrong() == []


@pytest.mark.search
def test_sync_ends_with_its_own_code_when_its_output_is_lost(terminal: "Terminal", two: "Trial") -> None:
    bad, good = two.districts
    two.sandbox.inject(Status(403), district=bad)
    assert ended(terminal.start("sync", on=two, preexec_fn=full(OUT, ERR))) == (1, "")
    assert two.wrong(good) == []


@pytest.mark.search
def test_sync_publishes_when_its_terminal_goes_away_under_nohup(terminal: "Terminal", trial: "Trial") -> None:
    screen, behind = pty.openpty()
    trial.sandbox.inject(Meanwhile(lambda: os.close(screen)), stream="users", times=1)
    process = terminal.start(
        "sync",
        on=trial,
        stdin=behind,
        stdout=behind,
        stderr=behind,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    os.close(behind)
    assert ended(process) == (0, "")
    assert trial.wrong() == []


@pytest.mark.search
def test_sync_waits_for_the_reader_of_a_pipe_that_does_not_block(terminal: "Terminal", trial: "Trial") -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    filler = b"." * 4096
    filled = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            filled += os.write(write, filler)
    process = terminal.start("sync", on=trial, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    with os.fdopen(read, "rb") as output:
        said = output.read()[filled:].decode()
    assert ended(process) == (0, "")
    assert trial.districts[0] in said
    assert trial.wrong() == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("command", [("status",), ("holds",), ("--help",)])
def test_a_command_that_only_shows_ends_quietly_when_its_output_is_lost(
    terminal: "Terminal", trial: "Trial", command: tuple[str, ...]
) -> None:
    trial.sync()
    assert ended(terminal.start(*command, on=trial, stderr=subprocess.PIPE, preexec_fn=full(OUT))) == (0, "")


@pytest.mark.parametrize(("command", "code"), [(("status",), 1), (("nonsense",), 2)])
def test_a_command_that_fails_ends_with_its_own_code_when_its_errors_are_lost(
    terminal: "Terminal", trial: "Trial", command: tuple[str, ...], code: int
) -> None:
    assert ended(terminal.start(*command, on=trial, preexec_fn=full(OUT, ERR))) == (code, "")
