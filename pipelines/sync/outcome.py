"""The result of one district's sync, and how results are recorded: a sync and an approval end in the same way."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pipelines.clever import USERS
from pipelines.landing import Receipt
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import Archived, Counts, RoleChange

OUTCOMES = ("applied", "unchanged", "held", "failed", "disconnected")
"""How the sync of a district can end."""

UP_TO_DATE = frozenset({"applied", "unchanged"})
"""Outcomes after which the warehouse has what Clever shows."""

READ_OUTCOMES = UP_TO_DATE | {"held"}
"""Outcomes of districts whose read ended and is proven."""


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
    exceeded: Sequence[str] = ()
    """Which limits the change exceeds, if it is held."""

    @property
    def digest(self) -> str | None:
        """What names the snapshot that was read; None if the read did not end."""
        return snapshot_digest(self.receipts)


def snapshot_digest(receipts: Collection[Receipt]) -> str | None:
    """What names a snapshot: a SHA-256 over the digests of its feeds; None unless every feed is complete."""
    if not receipts or not all(receipt.complete for receipt in receipts):
        return None
    lines = sorted(f"{receipt.stream} {receipt.digest}\n" for receipt in receipts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
) -> None:
    """Record the results of a sync or of an approval: findings, runs, receipts, holds, and which districts are connected.

    ``seen_at`` is when Clever showed what was applied, if that is long ago.

    Raises:
        StatementError: DuckDB could not.
    """
    seen = [outcome.district_id for outcome in outcomes if outcome.outcome in UP_TO_DATE]
    if any(outcome.outcome == "applied" for outcome in outcomes):
        workspace.findings.find(seen, observed_at)
    workspace.ledger.record(
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
        "mode": "full",
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "read_at": outcome.read_at,
        "outcome": outcome.outcome,
        "error": outcome.error,
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


def hold_row(sync_id: str, outcome: Outcome) -> dict[str, Any]:
    """The row of sync.holds for a snapshot that is held."""
    return {
        "district_id": outcome.district_id,
        "digest": outcome.digest,
        "sync_id": sync_id,
        "why": "; ".join(outcome.exceeded),
        "by_role": _by_role(outcome),
        "archived": outcome.archived.people,
        "continuing": outcome.archived.continuing,
    }


def _by_role(outcome: Outcome) -> dict[str, dict[str, int]]:
    return {
        role: {"before": change.before, **asdict(change.counts), "unchanged": change.unchanged}
        for role, change in outcome.by_role.items()
    }
