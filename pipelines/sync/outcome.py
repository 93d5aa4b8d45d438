"""The result of one district's sync, and how results are recorded: a sync and an approval end in the same way."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pipelines.clever import USERS
from pipelines.landing import Receipt
from pipelines.records import CATALOG
from pipelines.sync.events import ACTIONS, EventChanges
from pipelines.sync.limits import Exceeded
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import Archived, Counts, Cursor, RoleChange

OUTCOMES = ("applied", "unchanged", "held", "failed", "disconnected")
"""How the sync of a district can end."""

FULL, EVENTS = MODES = ("full", "events")
"""What a sync reads of a district: everything, or the events since the last sync."""

UP_TO_DATE = frozenset({"applied", "unchanged"})
"""Outcomes after which the warehouse has what Clever shows."""

READ_OUTCOMES = UP_TO_DATE | {"held"}
"""Outcomes of districts whose read ended and is proven."""


NOT_OF_A_ROSTER = frozenset(stream.name for stream in CATALOG.streams if not stream.record_table.own_id)
"""Streams whose records are districts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one district's sync."""

    district_id: str
    outcome: str
    """One of OUTCOMES."""
    started_at: datetime
    finished_at: datetime
    read_at: datetime | None = None
    """When Clever showed what was read: the end of the read; None if it did not end, and until the outcome is recorded."""
    error: str | None = None
    counts: Counts = field(default_factory=Counts)
    by_role: Mapping[str, RoleChange] = field(default_factory=dict)
    archived: Archived = field(default_factory=Archived)
    """The people that the snapshot archives, or would archive if it is held."""
    receipts: Sequence[Receipt] = ()
    unverified: Sequence[str] = ()
    """Why the last read could not be believed; empty if it could, or never came to that."""
    students: Sequence[Mapping[str, Any]] = ()
    """What a held snapshot would do to students, by school and grade."""
    exceeded: Sequence[Exceeded] = ()
    """Which limits the change exceeds, if it is held."""
    not_shared: Sequence[str] = ()
    """The streams that Clever refused as a whole: their rows stay as they are."""
    mode: str = FULL
    """One of MODES: EVENTS if nothing but events was read."""
    events: EventChanges | None = None
    """The events that were read: applied, or looked at to find what events had missed."""
    reason: str | None = None
    """Why the district was read in full although events were asked for."""
    missed: int | None = None
    """Records that differed although no event had named them, if that was looked for."""
    cursor: Cursor | None = None
    """Where the next sync of events goes on; None if the district has no events."""

    @property
    def digest(self) -> str | None:
        """What names the snapshot that was read; None if the read did not end."""
        return snapshot_digest(self.receipts)


def snapshot_digest(receipts: Collection[Receipt]) -> str | None:
    """What names a snapshot: a SHA-256 over the digests of its streams; None unless every stream is complete.

    The record of the district itself is no part of it: Clever changes its times with each sync from the SIS, and a decision on a
    roster holds as long as the roster is the same.
    """
    if not receipts or not all(receipt.complete for receipt in receipts):
        return None
    lines = sorted(
        f"{receipt.stream} {receipt.digest}\n" for receipt in receipts if receipt.stream not in NOT_OF_A_ROSTER
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_streams(receipts: Collection[Receipt]) -> set[str]:
    """The streams of the catalog that a read has receipts of; the others are not shared with the app, or not to be synced."""
    return {stream.name for stream in CATALOG.streams} & {receipt.stream for receipt in receipts}


def repaired_records(receipts: Collection[Receipt]) -> set[str]:
    """IDs of the users of a snapshot in whose records half a surrogate pair was replaced by U+FFFD."""
    return {record_id for receipt in receipts if receipt.stream == USERS.name for record_id in receipt.repaired}


def record_outcomes(
    workspace: Workspace,
    sync_id: str,
    outcomes: Sequence[Outcome],
    observed_at: datetime,
    *,
    connected: Collection[str] = (),
    disconnected: Collection[str] = (),
    seen_at: datetime | None = None,
    is_sync: bool = True,
) -> None:
    """Record the results of a sync or of an approval: findings, runs, receipts, holds, and which districts are connected.

    ``seen_at`` is when Clever showed what was applied, if that is long ago. Which streams are not shared a sync knows, and no approval
    (``is_sync`` is False).

    Raises:
        StatementError: DuckDB could not.
    """
    seen = [outcome.district_id for outcome in outcomes if outcome.outcome in UP_TO_DATE]
    if any(outcome.outcome == "applied" for outcome in outcomes):
        workspace.findings.find(seen, observed_at, workspace.differences.changed_tables)
    workspace.ledger.record(
        not_shared={
            outcome.district_id: sorted(outcome.not_shared) for outcome in outcomes if outcome.read_at and is_sync
        },
        events=[row for outcome in outcomes if (row := events_row(sync_id, outcome))],
        cursors={outcome.district_id: outcome.cursor for outcome in outcomes if outcome.outcome in UP_TO_DATE},
        runs=[run_row(sync_id, outcome) for outcome in outcomes],
        receipts=[row for outcome in outcomes for row in receipt_rows(sync_id, outcome)],
        seen=seen,
        connected=connected,
        disconnected=disconnected,
        observed_at=observed_at,
        seen_at=seen_at,
    )
    workspace.ledger.settle_holds(
        seen, [hold_row(sync_id, outcome) for outcome in outcomes if outcome.outcome == "held"], observed_at
    )


def run_row(sync_id: str, outcome: Outcome) -> dict[str, Any]:
    """The row of sync.runs that tells an outcome."""
    return {
        "sync_id": sync_id,
        "district_id": outcome.district_id,
        "mode": outcome.mode,
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "read_at": outcome.read_at,
        "outcome": outcome.outcome,
        "error": outcome.error,
        "unverified": list(outcome.unverified),
        **asdict(outcome.counts),
        "digest": outcome.digest,
        "by_role": _by_role(outcome),
    }


def receipt_rows(sync_id: str, outcome: Outcome) -> list[dict[str, Any]]:
    """The rows of sync.receipts that tell what was read for an outcome."""
    return [
        {
            "sync_id": sync_id,
            "district_id": outcome.district_id,
            "feed": receipt.stream,
            "pages": len(receipt.pages),
            "records": receipt.records,
            "bytes": receipt.bytes,
            "first_id": receipt.first_id,
            "last_id": receipt.last_id,
            "digest": receipt.short_digest,
            "complete": receipt.complete,
        }
        for receipt in outcome.receipts
    ]


def events_row(sync_id: str, outcome: Outcome) -> dict[str, Any] | None:
    """The row of sync.events for an outcome; None if events had no part in it."""
    events = outcome.events
    if events is None and outcome.reason is None and outcome.missed is None:
        return None
    return {
        "sync_id": sync_id,
        "district_id": outcome.district_id,
        "record_types": events.record_types if events and outcome.mode == EVENTS else [],
        **(events.counts if events else dict.fromkeys(ACTIONS, 0)),
        "first_event_id": events.first if events else None,
        "last_event_id": events.cursor if events else None,
        "reason": outcome.reason,
        "missed": outcome.missed,
    }


def hold_row(sync_id: str, outcome: Outcome) -> dict[str, Any]:
    """The row of sync.holds for a snapshot that is held."""
    return {
        "district_id": outcome.district_id,
        "digest": outcome.digest,
        "sync_id": sync_id,
        "why": "; ".join(map(str, outcome.exceeded)),
        "exceeded": [asdict(exceeded) for exceeded in outcome.exceeded],
        "by_role": _by_role(outcome),
        "archived": outcome.archived.people,
        "continuing": outcome.archived.continuing,
        "students": list(outcome.students),
    }


def _by_role(outcome: Outcome) -> dict[str, dict[str, int]]:
    return {
        role: {"before": change.before, **asdict(change.counts), "unchanged": change.unchanged}
        for role, change in outcome.by_role.items()
    }
