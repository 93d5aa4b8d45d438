"""Approve held snapshots, which applies and publishes them immediately, or reject one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pipelines.clever import STREAMS, Stream
from pipelines.landing import Landing, Receipt, StreamLanding
from pipelines.progress import Report, Stage
from pipelines.sync.bracket import Bracket
from pipelines.sync.outcome import Outcome, read_streams, record_outcomes, repaired_records, snapshot_digest
from pipelines.sync.run import pages
from pipelines.sync.selection import SHORT, digits
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import Cursor, Decidable, Session, UnknownHoldError, Warehouse

WAITING = ("held",)
"""States in which a snapshot can be rejected."""

APPROVABLE = ("held", "rejected")
"""States in which a snapshot can be approved: who rejected it may be mistaken."""


def find(warehouse: Warehouse, named: str, digest: str = "", *, decision: str) -> tuple[str, str]:
    """The district and the digest of the one snapshot that a person names and that can be decided.

    Args:
        warehouse: where it waits.
        named: a district's ID, or the first digits of the digest if that is all that is given.
        digest: the first digits of the digest, where a district is named.
        decision: "approve" or "reject".

    Raises:
        UnknownHoldError: it is none, or several.
        WarehouseError: nothing is published, or it cannot be read.
    """
    states = APPROVABLE if decision == "approve" else WAITING
    decidable = [(each.district_id, each.digest) for each in warehouse.decidable() if each.state in states]
    named, digest = named.strip().lower(), digest.strip().lower()
    if digest:
        begins = digits(digest)
        found = [each for each in decidable if each[0] == named and each[1].startswith(begins)]
    elif not (found := [each for each in decidable if each[0] == named]):
        begins = digits(named)
        found = [each for each in decidable if each[1].startswith(begins)]
    if len(found) == 1:
        return found[0]
    if not found:
        message = (
            f"No snapshot named {' '.join(filter(None, [named, digest]))} waits for approval, so nothing was changed. "
            "Run `clever-warehouse holds` to see those that do."
        )
        raise UnknownHoldError(message)
    several = ", ".join(f"{district_id} --digest {each_digest[:SHORT]}" for district_id, each_digest in found)
    message = f"Several snapshots have that name, so nothing was changed. Name one of them as: {several}."
    raise UnknownHoldError(message)


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
        _keep(session, _snapshots(session, WAITING, [(district_id, digest)]), "rejected", reason, decided_by)
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
    return approve_all(
        warehouse,
        [(district_id, digest)],
        states=APPROVABLE,
        reason=reason,
        decided_by=decided_by,
        decision_id=decision_id,
        report=report,
    )[district_id]


def approve_all(
    warehouse: Warehouse,
    chosen: Sequence[tuple[str, str]],
    *,
    states: Sequence[str] = WAITING,
    reason: str,
    decided_by: str,
    decision_id: str,
    report: Report,
) -> dict[str, Outcome | None]:
    """Approve one snapshot of each of several districts, named by district and digest; apply them and publish them together.

    Each must be in one of the ``states``: that another person has rejected one meanwhile is not overruled.

    Returns, by district, None if its downloaded files are incomplete: the next sync then applies the snapshot if Clever still returns
    the same data.

    Raises:
        UnknownHoldError: one of them does not wait for a decision; nothing was changed.
        WarehouseError: the decisions could not be kept, or a snapshot not be applied.
    """

    def run(session: Session) -> dict[str, Outcome | None]:
        snapshots = _snapshots(session, states, chosen)
        started_at = _keep(session, snapshots, "approved", reason, decided_by)
        landing = Landing(warehouse.landing, warehouse.files)
        landed = {snapshot: _landings(landing, snapshot) for snapshot in snapshots}
        intact = {snapshot: landings for snapshot, landings in landed.items() if _is_intact(snapshot, landings)}
        outcomes: dict[str, Outcome | None] = dict.fromkeys(snapshot.district_id for snapshot in snapshots)
        if not intact:
            session.publish(keep_former=False)
            return outcomes
        workspace = Workspace.open(session)
        report(Stage("comparing"))
        former = workspace.ledger.cursors()
        for snapshot, landings in intact.items():
            workspace.staging.stage(pages(snapshot.district_id, landings))
        observed_at = session.clock.now()
        # What Clever showed at one instant is written together.
        by_read = {
            read_at: [snapshot for snapshot in intact if snapshot.read_at == read_at]
            for read_at in sorted({snapshot.read_at for snapshot in intact})
        }
        for read_at, together in by_read.items():
            receipts = {snapshot: [each.receipt for each in intact[snapshot].values()] for snapshot in together}
            differences = workspace.differences.compare(
                {snapshot.district_id: read_streams(receipts[snapshot]) for snapshot in together}
            )
            report(Stage("applying"))
            repaired = {snapshot.district_id: repaired_records(receipts[snapshot]) for snapshot in together}
            workspace.differences.apply(list(differences), observed_at, repaired, seen_at=read_at)
            for snapshot in together:
                difference = differences[snapshot.district_id]
                outcomes[snapshot.district_id] = Outcome(
                    district_id=snapshot.district_id,
                    outcome="applied",
                    started_at=started_at,
                    finished_at=session.clock.now(),
                    read_at=read_at,
                    counts=difference.counts,
                    by_role=difference.by_role,
                    archived=difference.archived,
                    receipts=receipts[snapshot],
                    cursor=_cursor(former.get(snapshot.district_id), landing, snapshot, receipts[snapshot]),
                )
        workspace.close()
        for read_at, together in by_read.items():
            applied = [outcome for snapshot in together if (outcome := outcomes[snapshot.district_id])]
            record_outcomes(workspace, decision_id, applied, observed_at, seen_at=read_at, is_sync=False)
        report(Stage("publishing"))
        session.publish()
        for snapshot in intact:
            landing.move(snapshot.district_id, snapshot.sync_id, decision_id)
        return outcomes

    return warehouse.write(decision_id, run, report)


def _landings(landing: Landing, snapshot: Decidable) -> dict[Stream, StreamLanding]:
    """What the sync that read a snapshot has downloaded."""
    read = landing.attempts(snapshot.district_id, snapshot.sync_id)
    landed = landing.landed(snapshot.district_id, snapshot.sync_id)
    return {
        stream: landing.stream(snapshot.district_id, snapshot.sync_id, read, stream.name)
        for stream in STREAMS
        if stream.name in landed
    }


def _is_intact(snapshot: Decidable, landings: Mapping[Stream, StreamLanding]) -> bool:
    """Whether these downloads are the snapshot, byte for byte."""
    receipts = [each.receipt for each in landings.values()]
    return snapshot_digest(receipts) == snapshot.digest and all(each.is_intact for each in landings.values())


def _cursor(
    former: Cursor | None, landing: Landing, snapshot: Decidable, receipts: Collection[Receipt]
) -> Cursor | None:
    """Where the next sync of events goes on: at the event that was the newest when the approved snapshot was read."""
    read = landing.attempts(snapshot.district_id, snapshot.sync_id)
    bracket = Bracket.kept(landing.opening(snapshot.district_id, snapshot.sync_id, read))
    if former is None or bracket is None or not bracket.has_events:
        return None
    records = [record_type for record_type in former.records if record_type in read_streams(receipts)]
    return replace(former, event_id=bracket.newest_event, records=records, read_at=snapshot.read_at)


def _snapshots(session: Session, states: Sequence[str], chosen: Sequence[tuple[str, str]]) -> list[Decidable]:
    """The snapshots with these districts and digests."""
    decidable = {
        (snapshot.district_id, snapshot.digest): snapshot
        for snapshot in (Decidable(*row) for row in session.rows("holds/decidable"))
        if snapshot.state in states
    }
    for district_id, digest in chosen:
        if (district_id, digest) not in decidable:
            message = (
                f"No snapshot {digest} of district {district_id} waits for approval, so nothing was changed. "
                "Run `clever-warehouse holds` to see those that do."
            )
            raise UnknownHoldError(message)
    return [decidable[named] for named in chosen]


def _keep(session: Session, snapshots: Sequence[Decidable], decision: str, reason: str, decided_by: str) -> datetime:
    """Write a decision down, of all snapshots or of none; returns when that was."""
    decided_at = session.clock.now()
    with session.transaction():
        for snapshot in snapshots:
            session.run(
                "holds/decide",
                decision=decision,
                district_id=snapshot.district_id,
                digest=snapshot.digest,
                held_at=snapshot.held_at,
                reason=reason,
                decided_by=decided_by,
                observed_at=decided_at,
            )
    return decided_at
