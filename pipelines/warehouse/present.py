"""What the published file says at present: rows, people, latest results, holds, findings, drift, and freshness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import msgspec

from pipelines.warehouse import freshness, tables
from pipelines.warehouse.freshness import Freshness
from pipelines.warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class LatestRun:
    """How the latest sync of a connected district ended, or the approval after it."""

    district_id: str
    outcome: str
    error: str | None
    """Why nothing was applied, in a sentence."""
    unverified: Sequence[str]
    """Why the read could not be verified; empty if it could, or failed before that."""


@dataclass(frozen=True, slots=True)
class Decidable:
    """A snapshot that can be approved: it waits, or was rejected and is what Clever returned last."""

    district_id: str
    digest: str
    state: str
    """held or rejected."""
    held_at: datetime
    """When a sync first held it."""
    sync_id: str
    """The sync that read it last."""
    read_at: datetime
    """When Clever showed it then."""


@dataclass(frozen=True, slots=True)
class HeldSnapshot:
    """A snapshot that waits for approval or rejection."""

    digest: str
    why: str
    """Which limits it exceeds."""
    by_role: Mapping[str, Mapping[str, int]]
    """What it would change, by role and record type, as sync.holds has it."""
    archived: int | None
    """How many people it would archive; None if an earlier version held it."""
    continuing: int | None
    """Of these, how many continue under other IDs."""
    students: Sequence[Mapping[str, Any]]
    """What it would do to students, by school and grade, as sync.holds has it; empty if an earlier version held it."""
    exceeded: Sequence[Mapping[str, Any]] | None
    """Which limits it exceeds, as sync.holds has them; None if an earlier version held it."""
    held_since: str
    """Since when the district is held, over all snapshots since the last sync that brought it up to date."""


@dataclass(frozen=True, slots=True)
class Present:
    """What a published file says, at the instant at which it was asked."""

    rows: Mapping[str, int]
    """Rows of each table."""
    people: Mapping[str, int]
    """People who hold each role, over all districts; a role that nobody holds is left out."""
    names: Mapping[str, str]
    """Names of districts, by ID."""
    latest: Sequence[LatestRun]
    """One per connected district, ascending by ID."""
    waiting: Mapping[str, HeldSnapshot]
    """By district, the snapshot that waits for a decision, whichever sync has held it."""
    drift: Mapping[str, Mapping[str, int]]
    """By what differs from Clever's specs or from before (kind and path), the records of each district that have it."""
    findings: Mapping[str, Mapping[str, int]]
    """By data-quality rule and district, how many records break the rule; a rule that none breaks is left out."""
    freshness: Sequence[Freshness]
    """How fresh each district ever connected is, ascending by ID."""

    @property
    def stale(self) -> list[Freshness]:
        """The connected districts whose rows are not what the SIS has, and should be."""
        return [each for each in self.freshness if each.is_stale]


def present(connection: duckdb.DuckDBPyConnection, instant: datetime) -> Present:
    """Ask a published file; freshness is that of the instant."""

    def rows(name: str) -> list[tuple[object, ...]]:
        return connection.execute(statement(name)).fetchall()

    counts = " UNION ALL ".join(f"SELECT '{table.name}', count(*) FROM {table.name}" for table in tables.assets())
    return Present(
        rows=dict(connection.execute(counts).fetchall()),
        people=dict(rows("shown/people")),  # type: ignore[arg-type]
        names=dict(rows("shown/district_names")),  # type: ignore[arg-type]
        latest=[LatestRun(*row) for row in rows("shown/latest_runs")],  # type: ignore[arg-type]
        waiting=held_snapshots(connection),
        drift=_by_first(rows("shown/drift")),
        findings=_by_first(rows("shown/open_findings")),
        freshness=[Freshness(*row) for row in connection.execute(freshness.query(instant)).fetchall()],
    )


def held_snapshots(connection: duckdb.DuckDBPyConnection) -> dict[str, HeldSnapshot]:
    """By district, the snapshot that waits for a decision."""
    found = connection.execute(statement("holds/pending")).fetchall()
    return {str(district_id): _held_snapshot(*row) for district_id, *row in found}


def _held_snapshot(
    digest: str,
    why: str,
    by_role: str,
    archived: int | None,
    continuing: int | None,
    students: str | None,
    exceeded: str | None,
    since: str,
) -> HeldSnapshot:
    changes = msgspec.json.decode(by_role, type=dict[str, dict[str, int]])
    of_students = msgspec.json.decode(students, type=list[dict[str, Any]]) if students else []
    limits = msgspec.json.decode(exceeded, type=list[dict[str, Any]]) if exceeded else None
    return HeldSnapshot(digest, why, changes, archived, continuing, of_students, limits, since)


def _by_first(rows: Sequence[tuple[object, ...]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for what, district_id, records in rows:
        found.setdefault(str(what), {})[str(district_id)] = int(str(records))
    return found
