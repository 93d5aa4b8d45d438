"""A rehearsal with the mock Clever API, as an operator does it: a good sync, nights, a hold, a failure, the rollover."""

import fcntl
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.conftest import BIN

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Terminal


@dataclass
class Running:
    """A sandbox that runs: its settings, and a way to press Enter there."""

    settings: dict[str, str]
    begin: str
    press_enter: Callable[[], str]
    """Lets a night pass, and returns what is shown."""
    end_input: Callable[[], str]


@contextmanager
def rehearsal(terminal: "Terminal", *arguments: str) -> Iterator[Running]:
    """Run the sandbox with a pipe as its standard input, as a script does."""
    process = terminal.start(
        "sandbox", "--port", "0", *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def until(last: str) -> str:
        shown = ""
        assert process.stdout is not None
        for line in process.stdout:
            shown += line
            if re.search(last, line):
                return shown
        pytest.fail(f"the sandbox has ended after {shown}")

    def press_enter() -> str:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return until(r"^Then press Enter|^This was the last night")

    def end_input() -> str:
        assert process.stdin is not None
        process.stdin.close()
        return until("keeps serving")

    begin = until(r"^Press Ctrl-C to stop\.$")
    found = re.findall(r"^export (\w+)=(.*)$", begin, re.MULTILINE)
    try:
        yield Running({name: shlex.split(value)[0] for name, value in found}, begin, press_enter, end_input)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def outcomes(out: str) -> list[str]:
    """Return the outcomes of the districts, in the order of their IDs."""
    return re.findall(r"^ ?[0-9a-f]{24}  (applied|unchanged|held|failed)", out, re.MULTILINE)


def test_a_hold_is_released_and_the_rollover_is_held(terminal: "Terminal") -> None:
    with rehearsal(
        terminal, "--users", "300", "--nights", "3", "--hold", "contact", "--rollover", "--districts", "2"
    ) as running:
        assert "Then press Enter here for each night" in running.begin
        first = terminal.run("sync", given=running.settings)
        assert (first.code, outcomes(first.out)) == (0, ["applied", "applied"])

        night = running.press_enter()
        assert re.search(r"^Night 1 of 3\. Changes in Clever: .*\b1 x unshared", night, re.MULTILINE)
        assert re.search(r"^District 60dd05805c85d78458000000 stopped sharing contact: ", night, re.MULTILINE)
        held = terminal.run("sync", given=running.settings)
        assert held.code == 3
        assert outcomes(held.out)[0] == "held"

        night = running.press_enter()
        assert re.search(r"^District 60dd05805c85d78458000000 shares contact again: ", night, re.MULTILINE)
        released = terminal.run("sync", given=running.settings)
        assert released.code == 0
        assert "applied" in outcomes(released.out)
        assert terminal.run("holds", given=running.settings).out.startswith("No holds.")

        night = running.press_enter()
        assert re.search(r"^The school year rolled over in all districts: ", night, re.MULTILINE)
        assert "This was the last night. The mock Clever API keeps serving." in night
        rolled = terminal.run("sync", given=running.settings)
        assert (rolled.code, outcomes(rolled.out)) == (3, ["held", "held"])
        assert len(re.findall(r"rows of section_students would be archived", rolled.out)) == 2
    assert sorted(each.name for each in terminal.folder.iterdir()) == ["data"]
    assert sorted(each.name for each in (terminal.folder / "data").iterdir()) == ["sandbox"]


@pytest.mark.search
def test_a_district_fails_for_one_night_and_recovers(terminal: "Terminal") -> None:
    with rehearsal(
        terminal, "--users", "200", "--nights", "2", "--fail", "1", "--districts", "2", "--hold", "student"
    ) as running:
        assert terminal.run("sync", given=running.settings).code == 0
        night = running.press_enter()
        assert re.search(r"^District 60dd05815c85d78458000001 answers with server errors: ", night, re.MULTILINE)
        failed = terminal.run("sync", given=running.settings)
        assert (failed.code, outcomes(failed.out)) == (1, ["held", "failed"])
        night = running.press_enter()
        assert re.search(r"^District 60dd05815c85d78458000001 answers again: ", night, re.MULTILINE)
        recovered = terminal.run("sync", given=running.settings)
        assert recovered.code == 0
        assert set(outcomes(recovered.out)) <= {"applied", "unchanged"}


def test_the_sandbox_keeps_serving_after_the_end_of_standard_input(terminal: "Terminal") -> None:
    with rehearsal(terminal, "--users", "30", "--nights", "2") as running:
        running.press_enter()
        assert "Standard input ended after 1 of 2 nights: no further night passes." in running.end_input()
        assert terminal.run("sync", given=running.settings).code == 0


def test_nights_pass_in_a_terminal_of_80_columns(terminal: "Terminal") -> None:
    screen, behind = pty.openpty()
    fcntl.ioctl(behind, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = terminal.start(
        *("sandbox", "--port", "0", "--users", "60", "--nights", "2", "--fail", "1", "--dir", "a folder"),
        stdin=behind,
        stdout=behind,
        stderr=behind,
    )
    os.close(behind)
    try:
        shown = read_until(screen, "Press Ctrl-C to stop.")
        assert re.search(r"^export CLEVER_WAREHOUSE_DIR='.*/a folder'\r$", shown, re.MULTILINE)
        os.write(screen, b"\n")
        shown = read_until(screen, "Then press Enter for night 2.")
        assert "Night 1 of 2. Changes in Clever: " in shown
        os.write(screen, b"\n")
        shown = read_until(screen, "keeps serving")
        assert "Night 2 of 2. Changes in Clever: " in shown
        os.write(screen, b"\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        os.close(screen)


def read_until(screen: int, last: str) -> str:
    """Return what a terminal shows, up to a text."""
    shown = b""
    while last.encode() not in shown:
        shown += os.read(screen, 65536)
    return shown.decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--hold", "contacts"), "A district cannot stop sharing contacts. Give --hold one of "),
        (("--fail", "2"), "--fail 2 is more than the number of districts (1). "),
        (("--hold", "district_admin", "--users", "50"), "--hold district_admin would hold no sync: "),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_sentence(
    terminal: "Terminal", arguments: tuple[str, ...], sentence: str
) -> None:
    ended = terminal.run("sandbox", "--port", "0", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1


def test_an_option_without_a_number_of_nights_means_one(terminal: "Terminal") -> None:
    with rehearsal(terminal, "--users", "60", "--rollover") as running:
        assert "The school year rolled over" in running.press_enter()


def test_a_hold_that_the_limits_allow_is_refused(terminal: "Terminal") -> None:
    ended = terminal.run("sandbox", "--port", "0", "--hold", "contact", CLEVER_MAX_ARCHIVED_PERCENT="100")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("--hold contact would hold no sync: CLEVER_MAX_ARCHIVED_PERCENT is 100.")


def test_without_standard_input_no_night_passes_and_the_sandbox_serves(terminal: "Terminal") -> None:
    command = f"exec {shlex.quote(str(BIN / 'clever-warehouse'))} sandbox --port 0 --users 50 --nights 1 <&-"
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], cwd=terminal.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert any("Standard input ended after 0 of 1 nights" in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[1] == ""
        assert process.returncode == 0
    finally:
        process.kill()
