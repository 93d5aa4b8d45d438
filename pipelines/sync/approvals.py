"""Approve a held snapshot, which applies and publishes it immediately, or reject it."""

from datetime import datetime

from pipelines.clever import STREAMS
from pipelines.landing import Landing
from pipelines.progress import Report, Stage
from pipelines.sync.outcome import Outcome, record_outcomes, repaired_records, snapshot_digest
from pipelines.sync.run import pages
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import Session, UnknownHoldError, Warehouse


def reject(
    warehouse: Warehouse,
    *,
    district_id: str,
    digest: str,
    reason: str,
    decided_by: str,
    decision_id: str,
    report: Report,
) -> None:
    """Reject the snapshot that is held of a district: while Clever keeps returning the same data, it is neither applied nor held again.

    Raises:
        UnknownHoldError: no snapshot with this digest waits for a decision; nothing was changed.
        WarehouseError: the decision could not be kept.
    """

    def run(session: Session) -> None:
        _waiting(session, district_id, digest)
        _keep(session, "rejected", district_id, digest, reason, decided_by)
        session.publish(keep_former=False)

    warehouse.write(decision_id, run, report)


def approve(
    warehouse: Warehouse,
    *,
    district_id: str,
    digest: str,
    reason: str,
    decided_by: str,
    decision_id: str,
    report: Report,
) -> Outcome | None:
    """Approve the snapshot that is held of a district, apply and publish it.

    Returns None if its downloaded files are incomplete: the next sync then applies it if Clever still returns the same data.

    Raises:
        UnknownHoldError: no snapshot with this digest waits for a decision; nothing was changed.
        WarehouseError: the decision could not be kept, or the snapshot not be applied.
    """

    def run(session: Session) -> Outcome | None:
        sync_id, read_at = _waiting(session, district_id, digest)
        started_at = _keep(session, "approved", district_id, digest, reason, decided_by)
        landing = Landing(warehouse.landing)
        read = landing.attempts(district_id, sync_id)
        landings = (
            {stream: landing.stream(district_id, sync_id, read, stream.name) for stream in STREAMS} if read else {}
        )
        receipts = [each.receipt for each in landings.values()]
        if snapshot_digest(receipts) != digest or not all(each.is_intact for each in landings.values()):
            session.publish(keep_former=False)
            return None
        workspace = Workspace.open(session)
        report(Stage("comparing"))
        workspace.staging.stage(pages(district_id, landings))
        difference = workspace.differences.compare([district_id])[district_id]
        report(Stage("applying"))
        observed_at = session.clock.now()
        workspace.differences.apply(
            [district_id], observed_at, {district_id: repaired_records(receipts)}, seen_at=read_at
        )
        workspace.close()
        outcome = Outcome(
            district_id=district_id,
            outcome="applied",
            started_at=started_at,
            finished_at=session.clock.now(),
            read_at=read_at,
            counts=difference.counts,
            by_role=difference.by_role,
            archived=difference.archived,
            receipts=receipts,
        )
        record_outcomes(workspace, decision_id, [outcome], observed_at, seen_at=read_at)
        report(Stage("publishing"))
        session.publish()
        landing.move(district_id, sync_id, decision_id)
        return outcome

    return warehouse.write(decision_id, run, report)


def _waiting(session: Session, district_id: str, digest: str) -> tuple[str, datetime]:
    """The sync that read a held snapshot last, and when Clever showed it then."""
    waiting = session.rows("holds/pending_snapshot", district_id=district_id, digest=digest)
    if not waiting:
        message = (
            f"No snapshot {digest} of district {district_id} waits for approval, so nothing was changed. "
            "Run `clever-warehouse holds` to see those that do."
        )
        raise UnknownHoldError(message)
    ((sync_id, read_at),) = waiting
    return str(sync_id), read_at


def _keep(session: Session, decision: str, district_id: str, digest: str, reason: str, decided_by: str) -> datetime:
    """Write a decision down; returns when that was."""
    decided_at = session.clock.now()
    with session.transaction():
        session.run(
            "holds/decide",
            decision=decision,
            district_id=district_id,
            digest=digest,
            reason=reason,
            decided_by=decided_by,
            observed_at=decided_at,
        )
    return decided_at
