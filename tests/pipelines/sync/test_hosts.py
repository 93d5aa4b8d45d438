"""A warehouse takes in districts of one Clever host only: another one is refused before anything is read or written."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.clever.app import CleverApp
from pipelines.identity.verification import verify_legacy
from pipelines.progress import Notice, silent
from pipelines.sandbox import Status
from pipelines.sync import EVENTS, FULL, hosts, require_host, run
from pipelines.warehouse import ForeignHostError, Session, Warehouse

if TYPE_CHECKING:
    from tests.conftest import Trial

OTHER = "api.clever.com"
HOSTS = "SELECT host FROM sync.clever_hosts ORDER BY sequence"
SENTENCE = (
    "The districts of this warehouse come from api.clever.com, and CLEVER_API_URL leads to localhost, so nothing was read or changed: "
    "set CLEVER_WAREHOUSE_DIR to another folder for localhost, or CLEVER_HOST_CHANGE=accept if these are the same districts."
)

Ask = Callable[["Trial"], object]


def full(trial: "Trial") -> object:
    return trial.sync(*trial.districts)


def events(trial: "Trial") -> object:
    return trial.sync(*trial.districts, mode=EVENTS)


def preview(trial: "Trial") -> object:
    return trial.sync(*trial.districts, preview=True)


def verification(trial: "Trial") -> object:
    with trial.clever() as clever:
        report_file = trial.folder / "verify.csv"
        return verify_legacy(CleverApp(clever), trial.warehouse, "verify", [], report_file=report_file, report=silent)


WAYS: list[Ask] = [full, events, preview, verification]


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file of a warehouse, with its size and when it was changed; not the lock, which is written by who waits."""
    return {
        str(file): (file.stat().st_size, file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file() and file.name != "lock"
    }


@pytest.mark.parametrize("ask", WAYS)
def test_another_host_is_refused_before_anything_is_read_or_written(trial: "Trial", ask: Ask) -> None:
    trial.sync()
    trial.come_from(OTHER)
    before, requests = everything(trial.folder), len(trial.sandbox.requests)
    with pytest.raises(ForeignHostError, match=f"^{re.escape(SENTENCE)}$"):
        ask(trial)
    assert everything(trial.folder) == before
    assert len(trial.sandbox.requests) == requests


@pytest.mark.parametrize("ask", WAYS)
def test_another_host_is_refused_before_anything_is_written_if_it_was_recorded_meanwhile(
    trial: "Trial", ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is published says nothing yet when the command begins; what it finds under the lock does."""
    trial.sync()
    trial.come_from(OTHER)
    monkeypatch.setattr(Warehouse, "clever_host", lambda _: None)
    written: list[str] = []
    execute = Session.execute

    def watched(session: Session, text: str, name: str, parameters: object = None) -> None:
        written.append(name)
        execute(session, text, name, parameters)

    monkeypatch.setattr(Session, "execute", watched)
    published = trial.warehouse.published.read_bytes()
    landed = everything(trial.warehouse.landing)
    with pytest.raises(ForeignHostError, match=f"^{re.escape(SENTENCE)}$"):
        ask(trial)
    assert set(written) == {"apply/host"}
    assert trial.warehouse.published.read_bytes() == published
    assert everything(trial.warehouse.landing) == landed
    monkeypatch.undo()
    trial.come_from("localhost")
    assert trial.outcomes() == ["unchanged"]


def test_the_first_sync_that_reads_a_district_records_the_host(trial: "Trial") -> None:
    trial.sandbox.inject(Status(403), stream="users")
    assert trial.outcomes() == ["failed"]
    assert trial.rows(HOSTS) == []
    trial.sandbox.heal()
    assert trial.outcomes() == ["applied"]
    assert trial.rows(HOSTS) == [("localhost",)]
    assert trial.warehouse.clever_host() == "localhost"
    trial.url = trial.url.replace("127.0.0.1", "localhost")
    assert trial.outcomes() == ["unchanged"]
    assert trial.rows("SELECT host, sync_id FROM sync.clever_hosts") == [("localhost", "sync-2")]


def test_a_preview_records_no_host(trial: "Trial") -> None:
    trial.sync(preview=True)
    assert trial.warehouse.clever_host() is None
    trial.sync()
    trial.come_from(OTHER)
    trial.accepts_host_change = True
    trial.sync(preview=True)
    assert trial.rows(HOSTS) == [(OTHER,)]


@pytest.mark.parametrize("mode", [FULL, EVENTS])
def test_another_host_that_is_accepted_is_recorded_with_a_notice(trial: "Trial", mode: str) -> None:
    trial.sync()
    trial.come_from(OTHER)
    trial.accepts_host_change = True
    trial.sandbox.inject(Status(403), stream="users")
    trial.sandbox.inject(Status(403), stream="events")
    assert trial.outcomes(mode=mode) == ["failed"]
    assert trial.rows(HOSTS) == [(OTHER,)]
    trial.sandbox.heal()
    trial.events.clear()
    assert trial.outcomes(mode=mode) == ["unchanged"]
    assert trial.rows(HOSTS) == [(OTHER,), ("localhost",)]
    notices = [event.text for event in trial.events if isinstance(event, Notice) and OTHER in event.text]
    assert len(notices) == 1
    assert "CLEVER_HOST_CHANGE is accept" in notices[0]
    trial.accepts_host_change = False
    assert trial.outcomes(mode=mode) == ["unchanged"]


def test_the_next_sync_records_the_host_of_a_warehouse_of_an_earlier_version(trial: "Trial") -> None:
    trial.sync()
    for file in (trial.warehouse.published, trial.folder / "state" / "work.duckdb"):
        file.chmod(0o600)
        with contextlib.closing(duckdb.connect(str(file))) as connection:
            connection.execute("DROP TABLE sync.clever_hosts; DELETE FROM sync.layout")
    assert trial.warehouse.clever_host() is None
    with trial.clever() as clever:
        require_host(CleverApp(clever), trial.warehouse)
    assert trial.outcomes() == ["unchanged"]
    assert trial.rows(HOSTS) == [("localhost",)]


def test_a_rollback_restores_the_host_of_the_file(trial: "Trial") -> None:
    trial.sync()
    trial.come_from(OTHER)
    trial.accepts_host_change = True
    trial.sandbox.remove(trial.person("student"))
    assert trial.outcomes() == ["applied"]
    (kept,) = trial.warehouse.kept_files()
    trial.warehouse.roll_back(kept, silent)
    assert trial.warehouse.clever_host() == OTHER
    trial.accepts_host_change = False
    with pytest.raises(ForeignHostError):
        trial.sync(*trial.districts)


def test_every_sync_of_the_packages_checks_the_host_first() -> None:
    """Whatever opens the work database and has an app at Clever calls the check, so that no new way goes past it."""
    packages = Path(run.__file__).parents[1]
    found = [
        file.relative_to(packages).as_posix()
        for file in packages.rglob("*.py")
        if re.search(r"app: CleverApp", text := file.read_text()) and re.search(r"warehouse\.write\(", text)
    ]
    assert sorted(found) == ["identity/verification.py", "sync/run.py"]
    for name in found:
        text = (packages / name).read_text()
        assert text.count(f"{hosts.require_host.__name__}(app, warehouse)") == 1
        assert text.count(f"{hosts.require_host_to_write.__name__}(app, warehouse, session, report)") == 1


def test_a_district_that_is_held_records_the_host_too(trial: "Trial") -> None:
    trial.sync()
    trial.come_from(OTHER)
    trial.accepts_host_change = True
    trial.sandbox.unshare(trial.districts[0], role="student")
    assert trial.outcomes() == ["held"]
    assert trial.rows(HOSTS) == [(OTHER,), ("localhost",)]
