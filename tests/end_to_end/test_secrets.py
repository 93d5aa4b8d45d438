"""Where a token or secret could appear besides logs: process lists, tracebacks, core dumps. test_privacy has what Dagster keeps."""

import sys
import traceback
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from assets import resources, settings
from pipelines.sandbox import Meanwhile

if TYPE_CHECKING:
    from tests.conftest import Trial
    from tests.end_to_end.conftest import Terminal

SECRET = "a-secret-that-no-one-may-see"
TOKEN = "a-token-that-no-one-may-see"

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _started_by(pid: int) -> list[int]:
    """A process and all that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _started_by(int(child)))]


@needs_proc
def test_process_of_a_sync_shows_no_secret_in_its_command_line_and_can_leave_no_core_dump(
    trial: "Trial", terminal: "Terminal"
) -> None:
    arrived, release = Event(), Event()

    def hold() -> None:
        arrived.set()
        release.wait()

    trial.sandbox.inject(Meanwhile(hold), role="contact", times=1)
    running = terminal.start("sync", on=trial)
    try:
        assert arrived.wait(120)
        processes = _started_by(running.pid)
        shown = " ".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in processes)
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in processes]
    finally:
        release.set()
        running.wait(120)
    assert "sync" in shown
    assert [token for token in trial.sandbox.districts.values() if token in shown] == []
    (core, *others) = (
        line.split() for text in limits for line in text.splitlines() if line.startswith("Max core file")
    )
    assert core[4] == "0"
    assert all(other[4] == "0" for other in others)


@pytest.mark.parametrize("name", ["CLEVER_DISTRICT_TOKENS", "CLEVER_CLIENT_SECRET"])
def test_traceback_with_all_local_variables_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLEVER_CLIENT_ID", "an-app")
    monkeypatch.setenv("CLEVER_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CLEVER_OAUTH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv(name, {"CLEVER_DISTRICT_TOKENS": TOKEN, "CLEVER_CLIENT_SECRET": SECRET}[name])
    shown = ""
    try:
        values = settings.load()
        with resources.opened_app() as app:
            assert not (values.credentials, app.clever)
    except AssertionError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "an-app" in shown
    assert SECRET not in shown
    assert TOKEN not in shown
