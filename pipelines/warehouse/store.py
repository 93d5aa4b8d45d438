"""Which files make the warehouse, and how the published one comes to be: written elsewhere, then renamed into place."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines.warehouse import lock, schema
from pipelines.warehouse.errors import NothingPublishedError, WorkDatabaseOpenError
from pipelines.warehouse.work import Work


class Warehouse:
    """The folder of a warehouse: ``warehouse.duckdb`` for analysts, ``state/`` for nobody but us."""

    def __init__(self, folder: Path, *, memory_limit: str = "1GB") -> None:
        self.folder = folder.absolute()
        self.published = self.folder / "warehouse.duckdb"
        self.state = self.folder / "state"
        self.landing = self.state / "landing"
        self._work = self.state / "work.duckdb"
        self._memory_limit = memory_limit

    @contextmanager
    def writing(self, sync_id: str, on_wait: Callable[[str], None]) -> Iterator[Work]:
        """The work database, opened for one sync under the lock; ``publish`` the result within the block or after it.

        Raises:
            WorkDatabaseOpenError: another program holds the work database open.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.state.chmod(0o700)
        with lock.held(self.state / "lock", sync_id, on_wait):
            connection = self._open()
            try:
                connection.execute("ATTACH ':memory:' AS staging")
                yield Work(connection, self._publish)
            finally:
                connection.close()

    def reading(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection to the published file.

        Raises:
            NothingPublishedError: no sync has published a file yet.
        """
        if not self.published.exists():
            message = f"There is no {self.published} yet: run `clever-warehouse sync` first."
            raise NothingPublishedError(message)
        connection = duckdb.connect(str(self.published), read_only=True)
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        """The work database; made from the published file if it is missing or damaged."""
        if not self._work.exists() and self.published.exists():
            self._rebuild()
        try:
            connection = self._connect()
        except duckdb.Error as error:
            if "lock" in str(error):
                message = (
                    f"Another program holds {self._work} open: close it there; analysts open {self.published} instead."
                )
                raise WorkDatabaseOpenError(message) from None
            self._work.replace(self._work.with_suffix(".damaged"))
            self._rebuild()
            connection = self._connect()
        schema.ensure(connection)
        return connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            str(self._work),
            config={
                "memory_limit": self._memory_limit,
                "temp_directory": str(self.state / "spill"),
                "preserve_insertion_order": False,
            },
        )
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def _rebuild(self) -> None:
        """The work database as it was last published, or none if nothing was."""
        self._remove(self._work)
        if self.published.exists():
            copy = self._work.with_suffix(".partial")
            shutil.copyfile(self.published, copy)
            copy.replace(self._work)

    def _publish(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Put a finished copy of the work database in the place of the published file, by one rename.

        A file of the log of changes beside the published file can only be an analyst's, who opened the old file for
        writing; it would not fit the new file, so it goes.
        """
        connection.execute("CHECKPOINT")
        connection.execute("DETACH staging")
        connection.close()
        finished = self.state / "publishing.duckdb"
        shutil.copyfile(self._work, finished)
        finished.chmod(0o444 & ~_umask())
        _sync_to_disk(finished)
        self.published.with_name(f"{self.published.name}.wal").unlink(missing_ok=True)
        finished.replace(self.published)
        _sync_to_disk(self.folder)

    def _remove(self, database: Path) -> None:
        for file in (database, database.with_name(f"{database.name}.wal")):
            with suppress(FileNotFoundError):
                file.unlink()


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
