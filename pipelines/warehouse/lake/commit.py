"""How the difference between a work database and the lake is committed: some districts at a time, each batch as one transaction.

A batch is known by its ID, which delivery.commits has for each of its districts and DuckLake's snapshot as its extra information.
So a commit whose answer was lost is settled by asking.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipelines import interruption
from pipelines.encryption import Key
from pipelines.warehouse.database import attach, open_database
from pipelines.warehouse.errors import LakeError
from pipelines.warehouse.lake.lake import ALIAS, Lake, OnWait
from pipelines.warehouse.lake.relations import LakeTable, lake_tables
from pipelines.warehouse.statements import literal, statement

BATCH = 100
"""Districts per transaction: a commit costs about the same whatever is in it."""

TRIES = 6
"""How often a batch is tried, with pauses that double from a second: PostgreSQL may be restarting."""

AUTHOR = "clever-warehouse"
"""Who DuckLake says has made a snapshot."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is committed: the difference between two closed files, both of the schema version of the lake."""

    written: Path
    """The file that a sync wrote."""
    former: Path
    """The file as the lake has it."""
    commits: Mapping[str, str]
    """By scope, the commit that wrote what that file has."""
    sync_id: str
    committed_at: datetime


class _UnsettledError(Exception):
    """A try failed: nothing of the batch was committed, or the answer was lost."""


class _RefusedError(LakeError):
    """What would be committed is wrong; another try would find the same."""


def commit(lake: Lake, delivery: Delivery, on_wait: OnWait) -> dict[str, str]:
    """Commit what a sync has changed; gives the commit of each scope of which anything changed.

    Raises:
        LakeError: not everything was committed; what was is whole districts, and the next write reads them from the lake.
    """
    noted: dict[str, str] = {}
    with lake.changing(on_wait), closing(_Committer(lake, delivery)) as committer:
        for districts in _batches(lake, delivery):
            commit_id = str(uuid.uuid4())
            noted |= dict.fromkeys(committer.commit(districts, commit_id), commit_id)
    return noted


def _batches(lake: Lake, delivery: Delivery) -> Iterator[Sequence[str] | None]:
    """The districts of each transaction; None for what belongs to no district, which goes last."""
    with closing(open_database(key=lake.key)) as connection:
        _attach(connection, delivery, lake.key)
        named = [
            f"SELECT district_id FROM ({table.rows_of(source)})"
            for source in ("written", "former")
            for table in lake_tables()
            if table.has_district
        ]
        rows = connection.execute(f"SELECT DISTINCT district_id FROM ({' UNION ALL '.join(named)}) ORDER BY ALL")
        found = [str(district_id) for (district_id,) in rows.fetchall() if district_id is not None]
    for first in range(0, len(found), BATCH):
        yield found[first : first + BATCH]
    yield None


def _attach(connection: duckdb.DuckDBPyConnection, delivery: Delivery, key: Key | None) -> None:
    """Attach the files that are compared."""
    attach(connection, delivery.written, "written", key)
    attach(connection, delivery.former, "former", key)


class _Committer:
    """Commits batches by one connection, and by another one after a try that failed."""

    def __init__(self, lake: Lake, delivery: Delivery) -> None:
        self._lake = lake
        self._delivery = delivery
        self._opened: duckdb.DuckDBPyConnection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def commit(self, districts: Sequence[str] | None, commit_id: str) -> list[str]:
        """Commit a batch, however often that must be tried; gives the scopes of which anything changed.

        Raises:
            LakeError: it was not committed, or the answer was lost and the lake cannot be asked.
        """
        tries = Retrying(
            retry=retry_if_exception_type(_UnsettledError),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential_jitter(initial=1, max=20),
            sleep=interruption.wait,
            reraise=True,
        )
        try:
            for attempt in tries:
                with attempt, self._unsettled():
                    is_again = attempt.retry_state.attempt_number > 1
                    return (is_again and self._committed(commit_id)) or self._try(districts, commit_id)
        except _UnsettledError as error:
            raise LakeError(str(error)) from None
        raise AssertionError  # tenacity raises after the last try

    @contextmanager
    def _unsettled(self) -> Iterator[None]:
        """What a later try may find better, as such."""
        try:
            yield
        except _RefusedError:
            raise
        except LakeError as error:
            self.close()
            raise _UnsettledError(str(error)) from None

    def _connection(self) -> duckdb.DuckDBPyConnection:
        if self._opened is None:
            connection = self._lake.open()
            _attach(connection, self._delivery, self._lake.key)
            self._opened = connection
        return self._opened

    def _committed(self, commit_id: str) -> list[str]:
        """The scopes that a commit wrote; none if it did not land."""
        connection = self._connection()
        with self._lake.translated():
            rows = connection.execute(statement("lake/committed"), [commit_id]).fetchall()
        return [str(scope) for (scope,) in rows]

    def _try(self, districts: Sequence[str] | None, commit_id: str) -> list[str]:
        """Commit a batch as one transaction; gives the scopes of which anything changed.

        Raises:
            LakeError: nothing was committed, or the answer was lost.
        """
        connection = self._connection()
        with self._lake.translated(), interruption.on_interrupt(connection.interrupt):
            connection.execute("CREATE OR REPLACE TEMP TABLE touched (scope VARCHAR)")
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE chosen AS SELECT unnest(?::VARCHAR[]) AS district_id",
                [list(districts or ())],
            )
            connection.execute("BEGIN")
            for table in lake_tables():
                if districts is None or table.has_district:
                    _write(connection, table, is_of_none=districts is None)
            found = connection.execute("SELECT DISTINCT scope FROM touched ORDER BY scope").fetchall()
            touched = [str(scope) for (scope,) in found]
            if not touched:
                connection.execute("ROLLBACK")
                return []
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE known AS SELECT unnest(?::VARCHAR[]) AS scope, unnest(?::VARCHAR[]) AS commit_id",
                [list(self._delivery.commits), list(self._delivery.commits.values())],
            )
            ((foreign,),) = _run(connection, "foreign_commits")
            if foreign:
                message = (
                    f"Another program has committed {foreign} of the same districts to {self._lake.name} since this sync began, so "
                    "nothing was committed: run the command again, and let all workers of a lake use the same CLEVER_WORKERS."
                )
                raise _RefusedError(message)
            _run(
                connection,
                "note_commit",
                commit_id=literal(commit_id),
                sync_id=literal(self._delivery.sync_id),
                committed_at=f"TIMESTAMPTZ {literal(self._delivery.committed_at.isoformat())}",
            )
            message = literal(f"sync {self._delivery.sync_id}")
            connection.execute(
                f"CALL {ALIAS}.set_commit_message({literal(AUTHOR)}, {message}, extra_info => {literal(commit_id)})"
            )
            interruption.check()
            connection.execute("COMMIT")
        return touched


def _write(connection: duckdb.DuckDBPyConnection, table: LakeTable, *, is_of_none: bool) -> None:
    """Write the difference of a table in the chosen districts, or in no district, to the lake.

    Raises:
        LakeError: the rows that would be written are not what they must be.
    """
    condition = ""
    if is_of_none and table.has_district:
        condition = "WHERE district_id IS NULL"
    elif not is_of_none:
        condition = "WHERE district_id IN (FROM chosen)"
    _run(
        connection,
        "difference",
        written=table.rows_of("written"),
        former=table.rows_of("former"),
        condition=condition,
    )
    ((added, removed),) = connection.execute(
        "SELECT count(*) FILTER (side > 0), count(*) FILTER (side < 0) FROM difference"
    ).fetchall()
    if not added and not removed:
        return
    if removed:
        ((deleted,),) = _run(connection, "delete", table=table.name, same=_same(table.key, "kept", "gone"))
        if deleted != removed:
            raise _RefusedError(_fault(table, f"{removed} rows were to be replaced, and {deleted} were found"))
    if added:
        missing = " OR ".join(f'"{column}" IS NULL' for column in table.required) or "false"
        ((known, keys, rows, values),) = _run(
            connection,
            "faults",
            table=table.name,
            same=_same(table.key, "written", "kept"),
            key=_listed(table.key),
            missing=missing,
        )
        if rows or values or (table.is_keyed and (known or keys)):
            raise _RefusedError(
                _fault(
                    table,
                    f"of {added} rows, {known} have a known key, {keys + rows} occur twice, {values} lack a value",
                )
            )
        order = _listed(("district_id", *table.key) if table.has_district else table.key)
        _run(connection, "insert", table=table.name, order=order)
    scope = "district_id" if table.has_district and not is_of_none else literal(table.relation)
    connection.execute(f"INSERT INTO touched SELECT DISTINCT {scope} FROM difference")


def _run(connection: duckdb.DuckDBPyConnection, name: str, **words: str) -> list[tuple[Any, ...]]:
    return connection.execute(Template(statement(f"lake/{name}")).substitute(words)).fetchall()


def _same(columns: Sequence[str], left: str, right: str) -> str:
    return " AND ".join(f'{left}."{column}" IS NOT DISTINCT FROM {right}."{column}"' for column in columns)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in dict.fromkeys(columns))


def _fault(table: LakeTable, what: str) -> str:
    return (
        f"{table.relation}: {what}, so nothing was committed to the lake. Run `clever-warehouse doctor`; if the next sync fails the same "
        "way, please report it."
    )
