"""PostgreSQL and an object storage on this machine, for lakes of tests, and a warehouse on trial whose destination is a lake."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from pipelines.progress import silent
from pipelines.sync import SyncResult, settle
from pipelines.warehouse.lake import WHOLE, Lake, LakeWarehouse, Part
from tests.conftest import Begin, Trial, sync_until_killed
from tests.expected.sandbox import Sandbox

SERVERS = ("/usr/lib/postgresql/*/bin/postgres", "/usr/local/bin/postgres", "/usr/bin/postgres")
"""Where PostgreSQL's server is; Debian keeps it out of the path."""

UNPRIVILEGED = "nobody"
"""Who runs PostgreSQL where the tests run as root, which it refuses."""


@dataclass
class Postgres:
    """A PostgreSQL server on loopback, with its data in a folder of its own."""

    folder: Path
    port: int
    binaries: Path
    _process: subprocess.Popen[bytes] | None = None
    _names: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port)),
                    *("-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "max_connections=60"),
                ],
                stdout=log,
                stderr=log,
                **_unprivileged(),
            )
        for _ in range(300):
            with contextlib.suppress(psycopg2.OperationalError):
                psycopg2.connect(self.dsn("postgres")).close()
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8")[-2000:])

    def stop(self) -> None:
        """Stop the server at once, as if it had crashed."""
        if self._process:
            self._process.send_signal(3)  # SIGQUIT: without a word to its clients
            self._process.wait(30)
            self._process = None

    def dsn(self, database: str) -> str:
        """How a database is reached."""
        return f"host=127.0.0.1 port={self.port} user=clever dbname={database}"

    def database(self) -> str:
        """Make a new database, and say how it is reached."""
        name = f"lake_{next(self._names)}"
        connection = psycopg2.connect(self.dsn("postgres"))
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        return self.dsn(name)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Serve PostgreSQL until the end of the block."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp())
    try:
        if _unprivileged():
            shutil.chown(folder, UNPRIVILEGED)
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "clever", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            **_unprivileged(),
        )
        server = Postgres(folder, free_port(), binaries)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(path for pattern in SERVERS for path in Path("/").glob(pattern.lstrip("/")))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    return found[-1].resolve().parent


def _unprivileged() -> dict[str, Any]:
    return {"user": UNPRIVILEGED, "extra_groups": []} if os.getuid() == 0 else {}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class LakeTrial(Trial):
    """A warehouse on trial whose destination is a lake."""

    lake: Lake | None = None
    part: Part = WHOLE
    key_file: Path | None = None
    """The file of the key that encrypts the folder."""

    @property
    def warehouse(self) -> LakeWarehouse:
        """The warehouse, opened by no one yet."""
        assert self.lake is not None
        return LakeWarehouse(
            self.folder,
            self.lake,
            part=self.part,
            key_file=self.key_file,
            clock=self.clock,
            accepts_host_change=self.accepts_host_change,
        )

    @property
    def publishes_lines(self) -> bool:
        """That stays on the local disk."""
        return False

    @property
    def program(self) -> list[str]:
        """The command of a process that syncs again and again, and says what it does."""
        assert self.lake
        return [
            *(sys.executable, "-m", "tests.lakes", self.url, str(self.folder), self.lake.dsn, self.lake.data),
            *(str(self.count), *self.records),
        ]

    @property
    def count(self) -> int:
        """How many workers sync."""
        return 1

    def undo(self) -> None:
        """Restore the state before the last sync."""
        self.warehouse.roll_back_to(self.warehouse.states()[1], silent)

    def sync(self, *asked: str, **options: Any) -> SyncResult:
        """Sync some districts, or all that are connected."""
        return self._sync(*asked, **options)


@dataclass
class WorkersTrial(LakeTrial):
    """A warehouse on trial whose destination is a lake that several workers sync, one after another."""

    workers: int = 2

    @property
    def count(self) -> int:
        """How many workers sync."""
        return self.workers

    def worker(self, number: int) -> LakeTrial:
        """One of the workers."""
        return LakeTrial(
            self.sandbox,
            self.url,
            self.folder,
            events=self.events,
            limits=self.limits,
            records=self.records,
            clock=self.clock,
            accepts_host_change=self.accepts_host_change,
            lake=self.lake,
            part=Part(number, self.count),
            key_file=self.key_file,
        )

    def sync(self, *asked: str, sync_id: str | None = None, **options: Any) -> SyncResult:
        """Sync some districts, or all that are connected, by all workers."""
        sync_id = sync_id or f"sync-{next(self.numbers)}"
        results = [self.worker(number).sync(*asked, sync_id=sync_id, **options) for number in range(self.count)]
        if not options.get("preview"):
            settle(self.warehouse, sync_id, self.events.append)
        return SyncResult(
            outcomes=sorted(
                (each for result in results for each in result.outcomes), key=lambda each: each.district_id
            ),
            unknown=sorted(each for result in results for each in result.unknown),
            failed_tokens=results[0].failed_tokens,
        )


@dataclass
class ObjectStorage:
    """An S3 server on loopback, which can be out of service."""

    port: int
    is_available: bool = True
    refused: int = 0
    """Requests that were answered with 503."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which it is reached."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "clever",
            "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-storage",
            "AWS_REGION": "us-east-1",
        }


@contextlib.contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Serve S3 with a bucket "clever" until the end of the block; objects are kept in memory."""
    served = DomainDispatcherApplication(create_backend_app)

    def answer(environ: Any, start_response: Any) -> Any:
        if not made.is_available:
            made.refused += 1
            start_response("503 Slow Down", [("Content-Length", "0")])
            return []
        return served(environ, start_response)

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    made = ObjectStorage(server.port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        httpx.put(f"http://127.0.0.1:{made.port}/clever").raise_for_status()
        yield made
    finally:
        server.shutdown()
        thread.join()


def in_lakes(begin: Begin, server: Postgres, workers: int = 1) -> Begin:
    """Return a function that does what ``begin`` does, with a warehouse in a lake that some workers sync."""

    @contextlib.contextmanager
    def beginning(**sandbox: Any) -> Iterator[Trial]:
        with begin(**sandbox) as trial:
            lake = Lake(server.database(), str(trial.folder / "data"))
            folder = trial.folder / "lake"
            folder.mkdir()
            where = (trial.sandbox, trial.url, folder)
            yield LakeTrial(*where, lake=lake) if workers == 1 else WorkersTrial(*where, lake=lake, workers=workers)

    return beginning


if __name__ == "__main__":
    url, folder, dsn, data, count, *records = sys.argv[1:]
    where = (Sandbox(districts=0), url, Path(folder))
    lake = Lake(dsn, data)
    if count == "1":
        sync_until_killed(LakeTrial(*where, lake=lake, records=records))
    else:
        sync_until_killed(WorkersTrial(*where, lake=lake, records=records, workers=int(count)))
