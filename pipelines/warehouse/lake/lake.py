"""Where a lake is, how it is reached, and which lock a process holds while it changes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import duckdb
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class that is named as a function)
from psycopg2.extensions import parse_dsn

from pipelines import interruption
from pipelines.encryption import Key
from pipelines.warehouse.database import open_database
from pipelines.warehouse.errors import LakeError
from pipelines.warehouse.extensions import load_extension
from pipelines.warehouse.lake.part import BUCKETS
from pipelines.warehouse.lock import BETWEEN_TRIES
from pipelines.warehouse.statements import literal, statement

ALIAS: Final = "warehouse"
"""The name under which a lake is attached."""

LOCKS: Final = 0x434C5652
"""The first number of each advisory lock of ours; locks are those of one PostgreSQL database, so of one lake."""

CHANGING: Final = BUCKETS
"""The second number of the lock that whoever changes the lake holds; those before it are of the buckets of districts."""

REQUEST_RETRIES: Final = 8
"""How often a request to the object storage is tried again, with pauses that double: a minute in all."""

OnWait = Callable[[], None]
"""Called once if somebody else holds a lock that is waited for."""


@dataclass(frozen=True, slots=True)
class Lake:
    """A DuckLake: its catalog in PostgreSQL, and where the data are."""

    dsn: str = field(repr=False)
    """The catalog, as PostgreSQL's own library takes it; it may hold a password."""
    data: str
    """Where the Parquet files are: a folder, or a place such as s3://bucket/path."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables that say how an object storage is reached: AWS_ACCESS_KEY_ID and those beside it."""
    memory_limit: str = "1GB"
    spill: Path | None = None
    """The folder for what does not fit into memory."""
    key: Key | None = field(default=None, repr=False)
    """What encrypts the files of the local disk; what is in the lake is for its storage to encrypt."""

    @property
    def name(self) -> str:
        """The lake as errors and pages name it, without user and password."""
        try:
            parts = parse_dsn(self.dsn)
        except psycopg2.Error:
            return "the lake that CLEVER_WAREHOUSE names"
        where = parts.get("host", "this machine")
        port = f":{parts['port']}" if "port" in parts else ""
        return f"the lake in PostgreSQL database {parts.get('dbname', '?')} on {where}{port}"

    @contextmanager
    def connected(self, *, read_only: bool = False, snapshot: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to a DuckDB in memory that has the lake attached and in use, closed at the end of the block.

        With ``snapshot``, it is read-only and shows the lake as it was in that snapshot.

        Raises:
            LakeError: the catalog or the data cannot be reached.
            MissingExtensionError: an extension is not installed.
        """
        connection = self.open(read_only=read_only, snapshot=snapshot)
        with closing(connection), interruption.on_interrupt(connection.interrupt):
            yield connection

    def open(self, *, read_only: bool = False, snapshot: int | None = None) -> duckdb.DuckDBPyConnection:
        """A connection to a DuckDB in memory that has the lake attached and in use.

        Raises:
            LakeError: the catalog or the data cannot be reached.
            MissingExtensionError: an extension is not installed.
        """
        extensions = ("ducklake", "postgres_scanner", *(("httpfs",) if self._is_remote else ()))
        settings: dict[str, str | bool] = {
            "memory_limit": self.memory_limit,
            "preserve_insertion_order": False,
            "allow_unsigned_extensions": _are_verified(extensions),
        }
        if self.spill:
            settings["temp_directory"] = str(self.spill)
        connection = open_database(key=self.key, settings=settings)
        try:
            for extension in extensions:
                load_extension(connection, extension, "CLEVER_WAREHOUSE", "lake")
            if self._is_remote:
                connection.execute(_secret(self.data, self.environment))
                connection.execute(f"SET http_retries = {REQUEST_RETRIES}")
            options = [f"DATA_PATH {literal(self.data)}", "DATA_INLINING_ROW_LIMIT 0"]
            if read_only or snapshot is not None:
                options.append("READ_ONLY")
            if snapshot is not None:
                options.append(f"SNAPSHOT_VERSION {snapshot}")
            with self.translated():
                connection.execute(
                    f"ATTACH {literal(f'ducklake:postgres:{self.dsn}')} AS {ALIAS} ({', '.join(options)})"
                )
            connection.execute(f"USE {ALIAS}")
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def _is_remote(self) -> bool:
        return "://" in self.data

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Errors of DuckDB's and PostgreSQL's as ours: their own messages may quote a password or data.

        Raises:
            LakeError: it failed.
        """
        try:
            yield
        except (duckdb.Error, psycopg2.Error) as error:
            interruption.check()
            raise LakeError(f"{self._what_failed(error)} ({type(error).__name__}).") from None

    def _what_failed(self, error: Exception) -> str:
        said = str(error)
        is_catalog = isinstance(error, psycopg2.OperationalError | psycopg2.ProgrammingError)
        if is_catalog or "connect to Postgres" in said or "server closed" in said:
            return (
                f"{self.name[0].upper()}{self.name[1:]} cannot be reached: check that it runs and that CLEVER_WAREHOUSE names it, "
                "then run the command again"
            )
        if isinstance(error, duckdb.HTTPException) or "HTTP" in said or "S3" in said:
            return (
                f"The data of {self.name} at {self.data} cannot be reached: check that the storage runs, CLEVER_LAKE_DATA, and "
                "AWS_ENDPOINT_URL with its keys, then run the command again"
            )
        if isinstance(error, duckdb.TransactionException):
            return (
                f"Another program changed {self.name} at the same time, so nothing was committed: run the command again"
            )
        return f"A statement failed in {self.name}; the message is withheld, because it may quote data"

    def is_created(self) -> bool:
        """Whether the catalog has DuckLake's tables.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        return self._ask("SELECT to_regclass('ducklake_snapshot') IS NOT NULL") is True

    def snapshot(self) -> int | None:
        """The number of the latest snapshot; None if the lake is not created yet.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        return self._ask("SELECT max(snapshot_id) FROM ducklake_snapshot") if self.is_created() else None

    def size(self) -> tuple[int, datetime]:
        """The bytes of the files that the lake consists of, and when it was last changed.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        size, changed_at = self._row(statement("lake/size"))
        return int(size), changed_at

    def rewrite_catalog(self, correction: str) -> None:
        """Correct the catalog, then write its tables anew, so that PostgreSQL keeps nothing of rows that are gone.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        with self._session() as session, self.translated(), session.cursor() as cursor:
            cursor.execute(correction)
            for table in _catalog_tables(cursor):
                cursor.execute(f'VACUUM (FULL, ANALYZE) "{table}"')

    def catalog_rows(self) -> Iterator[tuple[str, str]]:
        """Every row of the catalog's tables as a text, with the name of the table; and what PostgreSQL knows of their values.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        with self._session() as session, self.translated(), session.cursor() as cursor:
            for table in _catalog_tables(cursor):
                cursor.execute(f'SELECT listed::text FROM "{table}" AS listed')
                yield from ((table, row) for (row,) in cursor.fetchall())
            cursor.execute("SELECT tablename, listed::text FROM pg_stats AS listed WHERE tablename LIKE 'ducklake%'")
            yield from cursor.fetchall()

    def _ask(self, query: str) -> Any:
        (answer,) = self._row(query)
        return answer

    def _row(self, query: str) -> tuple[Any, ...]:
        with self._session() as session, self.translated(), session.cursor() as cursor:
            cursor.execute(query)
            (row,) = cursor.fetchall()
        return tuple(row)

    def index_catalog(self) -> None:
        """Give the tables of the catalog the indexes that DuckLake does without: they grow with every night.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        with self._session() as session, self.translated(), session.cursor() as cursor:
            cursor.execute(statement("lake/catalog_indexes"))

    @contextmanager
    def held(self, buckets: Iterable[int], on_wait: OnWait) -> Iterator[None]:
        """Hold the locks of some buckets of districts while the block runs; wait for who holds one, and report it once.

        The lock is PostgreSQL's, in a session of its own: it ends with the process, whatever happens to it.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        with self._session() as session:
            for number in sorted(buckets):
                self._acquire(session, number, on_wait)
            yield

    def changing(self, on_wait: OnWait) -> AbstractContextManager[None]:
        """Hold the right to change the lake while the block runs: one process has it at a time.

        Raises:
            LakeError: the catalog cannot be reached.
        """
        return self.held([CHANGING], on_wait)

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        with self.translated():
            session = psycopg2.connect(self.dsn, application_name="clever-warehouse", keepalives_idle=30)
        session.autocommit = True
        try:
            yield session
        finally:
            with suppress(psycopg2.Error):
                session.close()

    def _acquire(self, session: Connection, number: int, on_wait: OnWait) -> None:
        is_told = False
        while True:
            with self.translated(), session.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, number))
                ((is_held,),) = cursor.fetchall()
            if is_held:
                return
            if not is_told:
                on_wait()
                is_told = True
            interruption.wait(BETWEEN_TRIES)


@cache
def _are_verified(extensions: tuple[str, ...]) -> bool:
    """Let DuckDB verify the signatures once in a process: that takes half a second, in each of several connections."""
    with closing(open_database()) as connection:
        for extension in extensions:
            load_extension(connection, extension, "CLEVER_WAREHOUSE", "lake")
    return True


def _catalog_tables(cursor: Any) -> list[str]:
    """The tables of a catalog."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ducklake%' ORDER BY tablename")
    return [str(table) for (table,) in cursor.fetchall()]


def _secret(data: str, environment: Mapping[str, str]) -> str:
    """The statement that gives DuckDB the keys of an object storage, from the variables that other tools of S3's read as well."""
    endpoint = urlsplit(environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or "")
    options = {
        "KEY_ID": environment.get("AWS_ACCESS_KEY_ID"),
        "SECRET": environment.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": environment.get("AWS_SESSION_TOKEN"),
        "REGION": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
        # A server of one's own has no name for each bucket.
        **({"ENDPOINT": endpoint.netloc, "URL_STYLE": "path"} if endpoint.netloc else {}),
    }
    given = [f"{name} {literal(value)}" for name, value in options.items() if value]
    if endpoint.scheme == "http":
        given.append("USE_SSL false")
    return f"CREATE OR REPLACE SECRET lake (TYPE s3, SCOPE {literal(data)}, {', '.join(given)})"
