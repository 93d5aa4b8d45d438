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

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipelines import interruption
from pipelines.encryption import Key
from pipelines.warehouse.database import attach, open_database
from pipelines.warehouse.errors import LakeError
from pipelines.warehouse.lake import heirs
from pipelines.warehouse.lake.changes import RefusedError, find_difference, run, write_difference
from pipelines.warehouse.lake.lake import ALIAS, Lake, OnWait
from pipelines.warehouse.lake.part import Part
from pipelines.warehouse.lake.relations import HEIRS, LakeTable, lake_tables
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
    part: Part
    """The districts that both files have."""
    sync_id: str
    committed_at: datetime


class _UnsettledError(Exception):
    """A try failed: nothing of the batch was committed, or the answer was lost."""


def commit(lake: Lake, delivery: Delivery, on_wait: OnWait) -> dict[str, str]:
    """Commit what a sync has changed; gives the commit of each scope of which anything changed and that the written file has as a whole.

    Raises:
        LakeError: not everything was committed; what was is whole districts, and the next write reads them from the lake.
    """
    noted: dict[str, str] = {}
    with lake.changing(on_wait), closing(_Committer(lake, delivery)) as committer:
        for districts in _batches(lake, delivery):
            commit_id = str(uuid.uuid4())
            scopes = committer.commit(districts, commit_id, {**delivery.commits, **noted})
            # What belongs to no district is written by every worker, so none has it as a whole.
            noted |= dict.fromkeys(
                (scope for scope in scopes if delivery.part.is_whole or scope in (districts or ())), commit_id
            )
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

    def commit(self, districts: Sequence[str] | None, commit_id: str, known: Mapping[str, str]) -> list[str]:
        """Commit a batch, however often that must be tried; gives the scopes of which anything changed.

        ``known`` is, by scope, the last commit of which nothing is to be read.

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
                    return (is_again and self._committed(commit_id)) or self._try(districts, commit_id, known)
        except _UnsettledError as error:
            raise LakeError(str(error)) from None
        raise AssertionError  # tenacity raises after the last try

    @contextmanager
    def _unsettled(self) -> Iterator[None]:
        """What a later try may find better, as such."""
        try:
            yield
        except RefusedError:
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

    def _try(self, districts: Sequence[str] | None, commit_id: str, known: Mapping[str, str]) -> list[str]:
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
            heirs.begin(connection)
            for table in lake_tables():
                if districts is None or table.has_district:
                    self._write(connection, table, is_of_none=districts is None)
            heirs.write(connection)
            found = connection.execute("SELECT DISTINCT scope FROM touched ORDER BY scope").fetchall()
            touched = [str(scope) for (scope,) in found]
            if not touched:
                connection.execute("ROLLBACK")
                return []
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE known AS SELECT unnest(?::VARCHAR[]) AS scope, unnest(?::VARCHAR[]) AS commit_id",
                [list(known), list(known.values())],
            )
            is_own = "true" if self._delivery.part.is_whole else "touched.scope IN (FROM chosen)"
            ((foreign,),) = run(connection, "foreign_commits", is_own=is_own)
            if foreign:
                message = (
                    f"Another program has committed {foreign} of the same districts to {self._lake.name} since this sync began, so "
                    "nothing was committed: run the command again, and let all workers of a lake use the same CLEVER_WORKERS."
                )
                raise RefusedError(message)
            run(
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

    def _write(self, connection: duckdb.DuckDBPyConnection, table: LakeTable, *, is_of_none: bool) -> None:
        """Write the difference of a table in the chosen districts, or in no district, to the lake.

        Raises:
            RefusedError: the rows that would be written are not what they must be.
        """
        condition = ""
        if is_of_none and table.has_district:
            condition = "WHERE district_id IS NULL"
        elif not is_of_none:
            condition = "WHERE district_id IN (FROM chosen)"
        find_difference(connection, table, condition)
        heirs.add_ids(connection, table)
        if table.relation == HEIRS:
            return
        is_shared = is_of_none and not self._delivery.part.is_whole
        if write_difference(connection, table, is_shared=is_shared):
            scope = "district_id" if table.has_district and not is_of_none else literal(table.relation)
            connection.execute(f"INSERT INTO touched SELECT DISTINCT {scope} FROM difference")
