"""How statements of sql/ are run: by name, with variables, in transactions, and with errors that quote no data."""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb
import msgspec
import sqlalchemy as sa
from duckdb import sqltypes

from pipelines import interruption
from pipelines.disk import is_full, mentions_full_disk
from pipelines.encryption import PLAIN, PROTOCOL, Files
from pipelines.records import Stream
from pipelines.warehouse import tables
from pipelines.warehouse.clock import Clock
from pipelines.warehouse.erasing import erase
from pipelines.warehouse.errors import DamagedError, DiskFullError, StatementError, WarehouseError
from pipelines.warehouse.statements import inputs, statement, statement_for, statement_of

_WITHOUT_DATA = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
)
"""Errors of DuckDB's whose message speaks of files, memory or the statement, and cannot quote a row."""

_DAMAGE = ("checksum", "Corrupt", "corrupt", "invalidated", "Could not read enough bytes", "AES tag")
"""Words by which DuckDB's messages tell that a database file is damaged."""


class Publish(Protocol):
    """What puts the closed work database in the place of the published file."""

    def __call__(self, *, keep_former: bool, is_compacted: bool) -> None:
        """Publish; keep the former file for rollbacks, or leave no free block in the new one."""


class Session:
    """A connection to the work database. Rows are moved by statements of sql/; none passes through Python."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        publish: Publish,
        clock: Clock,
        scratch: Path,
        files: Files = PLAIN,
        *,
        is_complete: bool = True,
        least_sequence: int = 1,
    ) -> None:
        self._connection = connection
        self.is_complete = is_complete
        """Whether the work database has every row that those of its districts depend on. That of one of several workers may not."""
        self.least_sequence = least_sequence
        """The smallest number that a sync may have; other workers may have given smaller ones."""
        self.files = files
        """Reads and writes the files of the scratch folder and of landings."""
        if files.key is not None:
            from pipelines.warehouse.decrypting import Decrypting  # noqa: PLC0415 (an optional dependency)

            connection.register_filesystem(Decrypting(files))
        self.scratch = scratch
        """The folder of files that are needed while a statement runs."""
        self.clock = clock
        """Gives every instant that is written."""
        self._publish = publish
        self._closing = threading.Lock()
        self._is_open = True

    def location(self, file: Path) -> str:
        """What a statement calls a file of the scratch folder or of a landing."""
        return str(file) if self.files.key is None else f"{PROTOCOL}://{file}"

    def interrupt(self) -> None:
        """End the statement under way; any thread may call this."""
        with self._closing:
            if self._is_open:
                self._connection.interrupt()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block writes, or nothing of it."""
        self.execute("BEGIN", "begin")
        try:
            yield
        except BaseException:
            with suppress(WarehouseError):
                self.execute("ROLLBACK", "rollback")
            raise
        self.execute("COMMIT", "commit")

    def run(self, name: str, about: sa.Table | Stream | None = None, /, **variables: object) -> None:
        """Run ``sql/<name>.sql``, for a table or a stream if it is written for any; variables are read there by ``getvariable``.

        Raises:
            TypeError: the statement reads other variables than are given: it never takes one that an earlier call has set.
            StatementError: DuckDB could not.
            DamagedError: the database file is damaged.
            DiskFullError: there is no room for what the statement writes.
        """
        if inputs(name) != variables.keys():
            raise TypeError(f"{name} reads {sorted(inputs(name))}, and is given {sorted(variables)}.")
        self.set(**variables)
        match about:
            case None:
                text = statement(name)
            case Stream():
                text = statement_of(name, about)
            case _:
                text = statement_for(name, about)
        self.execute(text, name)

    def set(self, **variables: object) -> None:
        """Set the variables of the next statement."""
        for variable, value in variables.items():
            if isinstance(value, list):
                # As one text: DuckDB looks for libraries that are not installed once for each element of a list.
                listed = [msgspec.json.encode(value).decode()]
                self._connection.execute(f"""SET VARIABLE {variable} = from_json(?::JSON, '["VARCHAR"]')""", listed)
            else:
                self._connection.execute(f"SET VARIABLE {variable} = ?", [value])

    def rows(self, name: str, about: sa.Table | Stream | None = None, /, **variables: object) -> list[tuple[Any, ...]]:
        """Run ``sql/<name>.sql``, for a table or a stream if it is written for any, and give its few rows.

        Raises:
            StatementError: DuckDB could not.
            DamagedError: the database file is damaged.
            DiskFullError: there is no room for what the statement writes.
        """
        self.run(name, about, **variables)
        with translate_errors(name):
            return self._connection.fetchall()

    def fetch(self, text: str, name: str) -> list[tuple[Any, ...]]:
        """Run a statement that errors call by a name, and give its few rows; raises what ``execute`` raises."""
        self.execute(text, name)
        with translate_errors(name):
            return self._connection.fetchall()

    def insert(self, name: str, rows: Collection[Mapping[str, Any]]) -> None:
        """Insert a few rows that we made ourselves; a row with the same key is replaced.

        Raises:
            StatementError: two of the rows have the same key, or DuckDB could not.
        """
        if not rows:
            return
        structure = {column: type_ for column, type_, *_ in self._columns(name)}
        self.execute(
            "CREATE OR REPLACE TEMP TABLE given AS SELECT unnest(from_json(?::JSON, ?), recursive := true)",
            name,
            [msgspec.json.encode(list(rows)).decode(), msgspec.json.encode([structure]).decode()],
        )
        self.replace(name, "given")

    def replace(self, name: str, source: str) -> None:
        """Write the rows of the relation ``source`` to table ``name``; a row with the same key is replaced.

        The keys are counted first: of two equal ones DuckDB keeps the first row and drops the other without an error.

        Raises:
            StatementError: two of the rows have the same key, or DuckDB could not.
        """
        key = [column for column, _, _, part_of_key, *_ in self._columns(name) if part_of_key]
        is_indexed = bool(key)
        if not is_indexed:
            key = [column.name for column in tables.metadata.tables[name].primary_key]
        listed = ", ".join(f'"{column}"' for column in key)
        with translate_errors(name):
            ((doubled,),) = self._connection.execute(
                f"SELECT count(*) FROM (SELECT {listed} FROM {source} GROUP BY ALL HAVING count(*) > 1)"
            ).fetchall()
        if doubled:
            message = (
                f"{name}: {doubled} of the keys to be written ({', '.join(key)}) occur more than once, so none of these rows was "
                "written. This is a bug in clever-warehouse; please report it."
            )
            raise StatementError(message)
        if is_indexed:
            self.execute(f"INSERT OR REPLACE INTO {name} BY NAME FROM {source}", name)
            return
        is_same = " AND ".join(f'kept."{column}" = written."{column}"' for column in key)
        self.execute(f"DELETE FROM {name} AS kept USING {source} AS written WHERE {is_same}", name)
        self.execute(f"INSERT INTO {name} BY NAME FROM {source}", name)

    def _columns(self, name: str) -> list[tuple[Any, ...]]:
        """The columns of a table as DESCRIBE gives them: name, type, whether NULL is allowed, whether part of the key."""
        with translate_errors(name):
            return self._connection.execute(f"DESCRIBE {name}").fetchall()

    def execute(self, text: str, name: str, parameters: object = None) -> None:
        """Run a statement that errors call by a name.

        Raises:
            StatementError: DuckDB could not.
            DamagedError: the database file is damaged.
            DiskFullError: there is no room for what the statement writes.
        """
        interruption.check()
        with translate_errors(name):
            self._connection.execute(text, parameters)

    def types(self, relation: str) -> list[tuple[str, sqltypes.DuckDBPyType]]:
        """Return the columns of a relation with their types; none of its rows is read."""
        with translate_errors(relation):
            self._connection.execute(f"FROM {relation} LIMIT 0")
            return [(name, type_) for name, type_, *_ in self._connection.description or ()]

    def erase(self, purging: Path) -> dict[str, int]:
        """Remove what a purge collected in a database; gives how many rows of each table were removed.

        Raises:
            StatementError: nothing was removed.
        """
        with translate_errors("the purge"):
            return erase(self._connection, purging, self.files.key)

    def publish(self, *, keep_former: bool = True, is_compacted: bool = False) -> None:
        """Make the work database the published file; the session is over by this.

        Args:
            keep_former: Whether the file that is replaced is kept for rollbacks.
            is_compacted: Whether the work database is made anew by a copy, so that no free block keeps what was removed.

        Raises:
            NotPublishedError: the published file stays as it is.
            DamagedError: the work database is damaged.
            DiskFullError: the published file stays as it is.
        """
        self.execute("DETACH staging", "detach")
        self.execute("CHECKPOINT", "checkpoint")
        with self._closing:
            self._is_open = False
            self._connection.close()
        self._publish(keep_former=keep_former, is_compacted=is_compacted)


@contextmanager
def translate_errors(name: str) -> Iterator[None]:
    """Errors of DuckDB's as ours, which call what was done by a name and quote no data; a full disk as such, whoever meets it."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFullError from None
        raise
    except (duckdb.Error, UnicodeDecodeError) as error:
        interruption.check()  # which ends statements, and is nothing that went wrong
        # DuckDB cuts long data that it quotes at a byte; if that is within a character, Python cannot read the message.
        said = error.object.decode(errors="replace") if isinstance(error, UnicodeDecodeError) else str(error)

        # A database that could not be written counts as invalidated for DuckDB, so a full disk is looked for first.
        if mentions_full_disk(said):
            raise DiskFullError from None
        if any(word in said for word in _DAMAGE):
            raise DamagedError(f"{name}: the work database is damaged.") from None
        if isinstance(error, _WITHOUT_DATA):
            raise StatementError(f"{name}: {error}") from None
        message = (
            f"{name}: DuckDB could not run it ({type(error).__name__}); its own message is withheld: it may quote data."
        )
        raise StatementError(message) from None
