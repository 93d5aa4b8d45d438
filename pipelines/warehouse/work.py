"""What one sync does in the work database: stage, prove, compare, apply, record, publish."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import sqlalchemy as sa

from pipelines.warehouse import tables
from pipelines.warehouse.checks import checks
from pipelines.warehouse.errors import StatementError
from pipelines.warehouse.statements import statement, statement_for

COMPARED_TABLES = (tables.users, tables.user_roles)
"""The tables that are brought up to date by difference, each through the same statements."""

_WITHOUT_DATA = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
)
"""Errors of DuckDB's whose message speaks of files, memory or the statement, and cannot quote a row."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people of a district a sync found new, changed, gone and back."""

    added: int = 0
    updated: int = 0
    archived: int = 0
    restored: int = 0


class Work:
    """The work database during one sync. Rows are moved by statements of sql/; none passes through Python."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, publish: Callable[[duckdb.DuckDBPyConnection], None]
    ) -> None:
        self._connection = connection
        self._publish = publish
        self._run("stage/open")
        self._run("stage/shape")

    def applied(self, district_ids: Collection[str]) -> dict[str, tuple[str, dict[str, str]]]:
        """By district, the sync that read its current rows, and the digest of each feed in that read."""
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for district_id, sync_id, feed, digest in self._rows("apply/applied", district_ids=list(district_ids)):
            found.setdefault(district_id, (sync_id, {}))[1][feed] = digest
        return found

    def stage(self, pages: Iterable[tuple[Path, str, str | None]]) -> None:
        """Lay out landed pages: each a file, its district, and the role if it is a page of a role view.

        Raises:
            StatementError: a page is not what DuckDB can read as JSON; nothing of these pages is staged.
        """
        listed = [
            {"filename": str(file), "district_id": district_id, "role": role} for file, district_id, role in pages
        ]
        self._connection.begin()
        try:
            self._insert("staging.pages", listed)
            for name, files in (
                ("stage/users", [page["filename"] for page in listed if page["role"] is None]),
                ("stage/role_views", [page["filename"] for page in listed if page["role"] is not None]),
            ):
                if files:
                    self._run(name, files=files)
        except StatementError:
            self._connection.rollback()
            raise
        self._connection.commit()

    def unstage(self, district_ids: Collection[str]) -> None:
        """Forget what was staged of some districts."""
        self._run("stage/forget", district_ids=list(district_ids))

    def unproven(self) -> dict[str, list[str]]:
        """By district, why what is staged of it cannot be believed; a district that is not named is proven."""
        reasons: dict[str, list[str]] = {}
        for district_id, reason in self._rows("prove/unproven"):
            reasons.setdefault(district_id, []).append(reason)
        return reasons

    def apply(self, district_ids: Collection[str], observed_at: datetime) -> dict[str, tuple[Counts, bool]]:
        """Compare what is staged of the districts with what is kept and write the difference, in one transaction.

        Returns, by district, the counts and whether anything changed.

        Raises:
            StatementError: nothing was written.
        """
        self._run("stage/leftovers")
        self._connection.begin()
        try:
            self._run("apply/batch", district_ids=list(district_ids), observed_at=observed_at)
            for table in COMPARED_TABLES:
                self._run("apply/compare", table)
            counted = self._rows("apply/counts")
            self._run("apply/crosswalk")
            for table in COMPARED_TABLES:
                self._run("apply/apply", table)
                if "last_modified_at" in table.columns:
                    self._run("apply/touch", table)
        except StatementError:
            self._connection.rollback()
            raise
        self._connection.commit()
        return {district_id: (Counts(*counts), changed) for district_id, *counts, changed in counted}

    def record(
        self,
        *,
        runs: Collection[Mapping[str, Any]],
        receipts: Collection[Mapping[str, Any]],
        seen: Collection[str],
        connected: Collection[str],
        disconnected: Collection[str],
        observed_at: datetime,
    ) -> None:
        """Keep what came of a sync: rows of sync.runs and sync.receipts, whose links were seen again, who is connected.

        Raises:
            StatementError: nothing of it was written.
        """
        self._connection.begin()
        try:
            self._run("apply/seen", district_ids=list(seen), observed_at=observed_at)
            self._run("apply/districts", connected=list(connected), disconnected=list(disconnected))
            self._insert("sync.runs", runs)
            self._insert("sync.receipts", receipts)
        except StatementError:
            self._connection.rollback()
            raise
        self._connection.commit()

    def find(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Hold the rows against every data-quality rule and keep what is found in sync.findings.

        Raises:
            StatementError: the findings are as they were.
        """
        found = " UNION ".join(
            f"SELECT '{check.name}' AS \"check\", '{check.severity}' AS severity, * FROM ({check.query})"
            for check in checks()
        )
        self._connection.begin()
        try:
            self._execute(f"CREATE OR REPLACE TEMP TABLE found AS {found}", "checks")
            self._run("apply/findings", district_ids=list(district_ids), observed_at=observed_at)
        except StatementError:
            self._connection.rollback()
            raise
        self._connection.commit()

    def open_findings(self) -> dict[str, dict[str, int]]:
        """By rule and district, how many records break it now."""
        found: dict[str, dict[str, int]] = {}
        for check, district_id, count in self._rows("apply/open_findings"):
            found.setdefault(check, {})[district_id] = count
        return found

    def known_districts(self) -> set[str]:
        """Every district that Clever's token list ever showed."""
        return {district_id for (district_id,) in self._rows("apply/known_districts")}

    def rows(self) -> dict[str, int]:
        """How many rows each published table has."""
        return dict(self._rows("apply/rows"))

    def people(self) -> dict[str, dict[str, int]]:
        """By district, how many people hold each role."""
        found: dict[str, dict[str, int]] = {}
        for district_id, role, count in self._rows("apply/people"):
            found.setdefault(district_id, {})[role] = count
        return found

    def publish(self) -> None:
        """Make the work database the published file; the work database is closed by this."""
        self._publish(self._connection)

    def _insert(self, name: str, rows: Collection[Mapping[str, Any]]) -> None:
        """Insert a few rows that we made ourselves; a row with the same key is replaced."""
        if not rows:
            return
        structure = {column: type_ for column, type_, *_ in self._connection.execute(f"DESCRIBE {name}").fetchall()}
        self._execute(
            f"INSERT OR REPLACE INTO {name} BY NAME SELECT unnest(from_json(?::JSON, ?), recursive := true)",
            name,
            [msgspec.json.encode(list(rows)).decode(), msgspec.json.encode([structure]).decode()],
        )

    def _run(self, name: str, table: sa.Table | None = None, /, **variables: object) -> None:
        for variable, value in variables.items():
            value_as = "?::VARCHAR[]" if isinstance(value, list) else "?"
            self._connection.execute(f"SET VARIABLE {variable} = {value_as}", [value])
        self._execute(statement(name) if table is None else statement_for(name, table), name)

    def _rows(self, name: str, /, **variables: object) -> list[tuple[Any, ...]]:
        self._run(name, None, **variables)
        return self._connection.fetchall()

    def _execute(self, text: str, name: str, parameters: object = None) -> None:
        try:
            self._connection.execute(text, parameters)
        except _WITHOUT_DATA as error:
            raise StatementError(f"{name}: {error}") from None
        except duckdb.Error as error:
            message = f"{name}: DuckDB could not run it ({type(error).__name__}); its own message is withheld: it may quote data."
            raise StatementError(message) from None
