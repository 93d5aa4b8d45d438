"""Run a sync: read, verify, compare, hold or apply, check, record, publish. A district that fails does not stop the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from pipelines.clever import USERS, CleverError, ConnectedDistrict, Stream
from pipelines.clever.app import CleverApp
from pipelines.clever.assumptions import UNSHARED_STATUSES
from pipelines.landing import Landing, Receipt, StreamLanding
from pipelines.progress import Notice, ReadAgain, Report, Stage
from pipelines.records import CATALOG
from pipelines.sync.blocking import blocked_in
from pipelines.sync.bracket import Bracket
from pipelines.sync.event_sync import EventSync
from pipelines.sync.hosts import require_host, require_host_to_write
from pipelines.sync.limits import Exceeded, LimitsByDistrict
from pipelines.sync.outcome import (
    EVENTS,
    FULL,
    READ_OUTCOMES,
    UP_TO_DATE,
    Outcome,
    record_outcomes,
    repaired_records,
    snapshot_digest,
)
from pipelines.sync.reading import Read, read
from pipelines.sync.sentences import by_cause, none_connected, not_verified, of_district, reason_of, refusal
from pipelines.sync.stage import StagingQueue, page
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import (
    Archived,
    Counts,
    Cursor,
    Decision,
    Difference,
    DiskFullError,
    Page,
    RoleChange,
    Session,
    StatementError,
    Warehouse,
)
from pipelines.warehouse.retention import forget_history

MAX_READS = 3
"""Reads of a district in one sync before an unverified read fails it: the roster may change during a read."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """Result of a sync."""

    outcomes: Sequence[Outcome]
    """One per district that was requested for, and per district that this sync found disconnected; ascending by ID."""
    unknown: Sequence[str]
    """Districts that were requested for and that Clever's token list has never shown."""
    failed_tokens: Sequence[str]
    """Why a token led to no district, one sentence each."""
    elsewhere: int = 0
    """How many connected districts other workers sync."""

    @property
    def disconnected(self) -> list[str]:
        """Districts that Clever's token list showed once and does not show now."""
        return [outcome.district_id for outcome in self.outcomes if outcome.outcome == "disconnected"]

    @property
    def by_role(self) -> Mapping[str, RoleChange]:
        """What the sync found among the holders of each role, over all districts that are up to date."""
        found: dict[str, RoleChange] = {}
        for outcome in self.outcomes:
            if outcome.outcome in UP_TO_DATE:
                for role, change in outcome.by_role.items():
                    found[role] = found[role] + change if role in found else change
        return {role: found[role] for role in sorted(found)}

    @property
    def failures(self) -> list[str]:
        """One sentence per failure: tokens and requested IDs without a district, and districts that failed.

        A sync in which no district was connected is not well either: nothing was synced.
        """
        failures = [
            # A fault of the whole token list is also the error of each district: it is reported once.
            *self.failed_tokens,
            *(f"District {district_id} is not connected to this app." for district_id in self.unknown),
            *(outcome.error for outcome in self.outcomes if outcome.error and outcome.outcome != "held"),
        ]
        if not failures and not self.elsewhere and len(self.disconnected) == len(self.outcomes):
            failures = [none_connected(self.disconnected)]
        return list(dict.fromkeys(failures))

    @property
    def causes(self) -> list[str]:
        """The failures, with one sentence for all districts that failed for the same reason."""
        by_sentence = {outcome.error: outcome.district_id for outcome in self.outcomes if outcome.error}
        return by_cause([(by_sentence.get(failure), failure) for failure in self.failures], len(self.outcomes))

    @property
    def holds(self) -> list[str]:
        """One sentence per district that is held: a decision to take, no failure."""
        return [str(outcome.error) for outcome in self.outcomes if outcome.outcome == "held"]

    @property
    def succeeded(self) -> bool:
        """Whether every district was applied or unchanged, and every token and every requested id led to a district."""
        return not self.failures and not self.holds


def sync(
    app: CleverApp,
    warehouse: Warehouse,
    sync_id: str,
    requested: Collection[str],
    *,
    limits: LimitsByDistrict,
    report: Report,
    preview: bool = False,
    mode: str = FULL,
) -> SyncResult:
    """Update the requested districts and publish; with ``preview``, only find what that would change.

    Where the warehouse is that of one of several workers, the districts of the others are left to them.

    A failed district does not stop the others. A read that is not verified is not applied. In mode EVENTS, a district is brought up
    to date by the events since its last sync, and read in full only if that is not possible.

    Raises:
        ForeignHostError: the districts of the warehouse come from another host; nothing was read or changed.
        WarehouseError: nothing can be written or published at all.
    """
    is_landing_kept = not preview
    here = sorted(filter(warehouse.has, requested))
    require_host(app, warehouse)
    try:
        return warehouse.write(
            sync_id,
            lambda session: _Sync(
                app, warehouse, session, sync_id, limits=limits, report=report, preview=preview, mode=mode
            ).run(here),
            report,
        )
    except DiskFullError:
        is_landing_kept = False  # others need the space, and the next sync reads again
        raise
    finally:
        if not is_landing_kept:
            for district_id in here:
                Landing(warehouse.landing).forget(district_id, sync_id)


class _Snapshot(NamedTuple):
    """A verified read of a district that may differ from what the warehouse has."""

    receipts: Sequence[Receipt]
    staged: Collection[str]
    """The record types that were staged; those that Clever shows as before are not."""


class _Sync:
    """One sync under way."""

    def __init__(
        self,
        app: CleverApp,
        warehouse: Warehouse,
        session: Session,
        sync_id: str,
        *,
        limits: LimitsByDistrict,
        report: Report,
        preview: bool,
        mode: str,
    ) -> None:
        require_host_to_write(app, warehouse, session, report)
        blocked = blocked_in(warehouse, session)
        app.clever.leave_out(blocked)
        self._mode = mode
        self._app = app
        self._is_here = warehouse.has
        self._elsewhere = 0
        app.clever.report_waits(report)
        self._session = session
        self._workspace = Workspace.open(session)
        self._sync_id = sync_id
        self._limits = limits
        self._report = report
        self._preview = preview
        self._landing = Landing(warehouse.landing, warehouse.files)
        self._history_days = warehouse.history_days
        self._keeps_landings = warehouse.keeps_landings
        self._started_at = session.clock.now()
        self._read_at = self._started_at
        self._outcomes: dict[str, Outcome] = {}
        self._not_shared: dict[str, Sequence[str]] = {}
        """By district, the streams that Clever refused as a whole."""
        self._brackets: dict[str, Bracket | None] = {}
        """By district, what was known before its last read."""
        self._events = EventSync(
            app, self._workspace, self._landing, sync_id, limits=limits, report=report, preview=preview, blocked=blocked
        )
        self._missed: dict[str, int] = {}
        """By district, how many records differed although no event had named them."""

    def run(self, requested: Sequence[str]) -> SyncResult:
        known = self._workspace.ledger.known_districts()
        every, failed_tokens = self._connected(requested, known)
        if not failed_tokens:
            self._report_limits_without_effect([district.id for district in every])
        connected = [district for district in every if self._is_here(district.id)]
        self._elsewhere = len(every) - len(connected)
        listed = {district.id for district in connected}
        # While the token list is not known as a whole, only those are gone that were gone before.
        left = sorted(
            district_id
            for district_id, was_connected in known.items()
            if district_id not in listed and not (was_connected and failed_tokens)
        )
        for district_id in left:
            if known[district_id] or district_id in requested:
                self._end(district_id, "disconnected")
        here = [district for district in connected if district.id in requested]
        if not self._preview:
            needed = self._workspace.ledger.needed_landings(requested)
            views = [stream.name for stream in self._app.streams if stream.only_ids]
            for district in here:
                ended = needed.get(district.id, ())
                self._landing.resume(district.id, self._sync_id, self._app.clever.source, ended, views)
                self._landing.begin(district.id, self._sync_id, self._app.clever.source)
            # A sync that died may have left what takes the room of this one.
            self._keep_landings(requested, needed)
        if self._mode == EVENTS:
            here = self._apply_events(here)
        applied = self._workspace.ledger.applied(requested)
        self._started_at = self._session.clock.now()
        verified = self._read(here, applied)
        self._read_at = self._session.clock.now()
        followed = self._workspace.ledger.followed([district.id for district in here])
        self._events.follow([district for district in here if district.id in followed.keys() & verified.keys()])
        self._decide(verified)
        self._find_nothing_missed(followed)
        self._workspace.close()
        self._count_unchanged(self._workspace.ledger.records())
        self._report_not_shared()
        if not self._preview:
            self._record([district.id for district in connected], left)
        result = SyncResult(
            outcomes=[self._outcomes[district_id] for district_id in sorted(self._outcomes)],
            unknown=[
                district_id for district_id in requested if district_id not in known.keys() | self._outcomes.keys()
            ],
            failed_tokens=failed_tokens,
            elsewhere=self._elsewhere,
        )
        # What is up to date needs a landing only to be faster; a snapshot that waits for a decision has no other copy.
        ledger = self._workspace.ledger
        needed = (ledger.needed_landings if self._keeps_landings else ledger.waiting_landings)(requested)
        if not self._preview:
            self._report(Stage("publishing"))
            self._session.publish(keep_former=any(outcome.outcome == "applied" for outcome in result.outcomes))
            for district_id in requested:
                self._landing.finish(district_id, self._sync_id)
            self._keep_landings(requested, needed, own=self._keeps_landings)
        return result

    def _report_limits_without_effect(self, connected: Collection[str]) -> None:
        """Report each district that has limits of its own and is not connected: its ID may be mistyped."""
        for district_id in sorted(self._limits.of_district.keys() - connected):
            self._report(
                Notice(
                    f"CLEVER_DISTRICT_LIMITS names district {district_id}, which is not connected: these limits have no effect. "
                    "Check the ID, or remove the entry."
                )
            )

    def _report_not_shared(self) -> None:
        """Report once, per stream, which districts do not share it any longer, or did not in their first read."""
        known = self._workspace.ledger.not_shared()
        refused: dict[str, list[str]] = {}
        for district_id, streams in sorted(self._not_shared.items()):
            for stream in set(streams).difference(known.get(district_id, ())):
                refused.setdefault(stream, []).append(district_id)
        for stream, district_ids in sorted(refused.items()):
            self._report(
                Notice(f"{refusal(stream, district_ids)} This is reported once; `clever-warehouse status` shows it.")
            )

    def _count_unchanged(self, records: Mapping[str, Mapping[str, int]]) -> None:
        """Nothing is compared of a district that shows the bytes that it showed before: all of its records are unchanged."""
        for district_id, outcome in self._outcomes.items():
            if outcome.outcome == "unchanged" and not outcome.by_role:
                by_role = {role: RoleChange(count, Counts()) for role, count in records.get(district_id, {}).items()}
                self._outcomes[district_id] = replace(outcome, by_role=by_role)

    def _keep_landings(
        self, requested: Sequence[str], needed: Mapping[str, Collection[str]], *, own: bool = True
    ) -> None:
        """Remove every landing of the requested districts but those that are needed and this sync's own."""
        for district_id in requested:
            self._landing.keep(district_id, [*needed.get(district_id, ()), *([self._sync_id] if own else [])])

    def _connected(
        self, requested: Sequence[str], known: Mapping[str, bool]
    ) -> tuple[Sequence[ConnectedDistrict], list[str]]:
        """The connected districts (none if they could not be listed), and why a token led to none.

        An requested district that does not show up fails if it may be the district of a token that could not be used.
        """
        requested_and_not_gone = {district_id for district_id in requested if known.get(district_id, True)}
        try:
            found = self._app.districts
        except CleverError as error:
            for district_id in requested_and_not_gone:
                self._end(district_id, "failed", error=str(error))
            return [], [str(error)]
        failures = [str(failure.error) for failure in found.failures]
        if failures:
            for district_id in requested_and_not_gone - {district.id for district in found}:
                error_text = f"No usable token leads to district {district_id}, and not every token could be used."
                self._end(district_id, "failed", error=error_text)
        return found, failures

    def _read(
        self, districts: Sequence[ConnectedDistrict], applied: Mapping[str, tuple[str, Mapping[str, str]]]
    ) -> dict[str, _Snapshot]:
        """Read the districts until each is verified, unchanged or failed.

        Gives those that are verified and may have changed; they are staged.
        """
        verified: dict[str, _Snapshot] = {}
        # What an earlier try of this sync has landed is used again, and counts for nothing if it cannot be believed.
        landed = {district.id: self._landing.attempts(district.id, self._sync_id) for district in districts}
        attempts = {district_id: max(1, reads) for district_id, reads in landed.items()}
        pending = list(districts)
        while pending:
            self._report(Stage("reading from Clever", districts=len(pending), streams=len(self._app.streams)))
            former = {
                district.id: self._landing.landed(district.id, applied[district.id][0])
                for district in pending
                if district.id in applied
            }
            staging = StagingQueue(self._workspace.staging, former)
            reads = read(
                self._app.clever,
                self._landing,
                pending,
                sync_id=self._sync_id,
                attempts=attempts,
                report=self._report,
                former=former,
                streams=self._app.streams,
                refusals={
                    stream: UNSHARED_STATUSES for stream in self._app.streams if stream.record_type != USERS.name
                },
                is_bracketed=True,
                landed=staging.add,
                meanwhile=staging.stage_some,
            )
            self._brackets |= {district_id: one.bracket for district_id, one in reads.items()}
            self._not_shared |= {
                district_id: [stream.name for stream in one.refused]
                for district_id, one in reads.items()
                if not one.error
            }
            self._report(Stage("verifying completeness"))
            changed = {
                district_id: record_types
                for district_id, one in reads.items()
                if not one.error
                and (record_types := self._changed(one, applied[district_id][1] if district_id in applied else {}))
            }
            staging.stage_rest(changed)
            unverified = self._workspace.staging.unverified()
            for district_id, one in reads.items():
                if one.changes:
                    unverified.setdefault(district_id, []).extend(one.changes)
            pending = []
            for district_id, one in reads.items():
                error = reason_of(one.error) if one.error else staging.errors.get(district_id)
                if error:
                    self._end(district_id, "failed", one.receipts, error=of_district(district_id, error))
                elif district_id not in changed and district_id not in unverified:
                    self._end(district_id, "unchanged", one.receipts)
                elif district_id not in unverified:
                    verified[district_id] = _Snapshot(one.receipts, changed[district_id])
                elif attempts[district_id] < landed[district_id] + MAX_READS:
                    self._report(ReadAgain(district_id, tuple(unverified[district_id])))
                    attempts[district_id] += 1
                    pending.append(one.district)
                else:
                    reasons = unverified[district_id]
                    self._end(
                        district_id,
                        "failed",
                        one.receipts,
                        error=not_verified(district_id, reasons, MAX_READS),
                        unverified=reasons,
                    )
            self._workspace.staging.unstage([district_id for district_id in reads if district_id not in verified])
        return verified

    def _apply_events(self, districts: Sequence[ConnectedDistrict]) -> list[ConnectedDistrict]:
        """Bring districts up to date by their events; returns those that have to be read in full."""
        differences = self._events.apply(districts)
        self._read_at = self._session.clock.now()
        known, asked = self._workspace.ledger.not_shared(), {stream.name for stream in self._app.streams}
        for district_id, difference in differences.items():
            # Events do not say what is refused. What is not synced any longer is no concern, as in a full sync.
            self._not_shared[district_id] = [stream for stream in known.get(district_id, ()) if stream in asked]
            self._end(district_id, "applied" if difference.changed else "unchanged", difference=difference, mode=EVENTS)
        return [district for district in districts if district.id not in differences]

    def _find_nothing_missed(self, followed: Collection[str]) -> None:
        """Note of districts that show in full what the warehouse has that events have missed nothing since their last full sync."""
        unchanged = [
            district_id
            for district_id, outcome in self._outcomes.items()
            if (outcome.outcome, outcome.mode) == ("unchanged", FULL)
        ]
        for district_id in unchanged:
            if district_id in followed:
                self._outcomes[district_id] = replace(self._outcomes[district_id], missed=0)
        if unchanged and not self._preview:
            self._workspace.ledger.forget_missed(unchanged, self._session.clock.now())

    def _changed(self, one: Read, applied: Mapping[str, str]) -> set[str]:
        """The record types of which a district shows something else than in the read of its current rows.

        Rows that were made by another version of clever-warehouse are made again, even if Clever shows what it showed before.
        """
        return {
            stream.record_type
            for stream, landing in one.landings.items()
            if applied.get(stream.name) != landing.receipt.short_digest
            or one.district.id not in self._workspace.staging.incremental(CATALOG.stream(stream.record_type))
        }

    def _decide(self, verified: Mapping[str, _Snapshot]) -> None:
        """Compare the verified districts with what is kept; hold what changes too much, apply the rest.

        All go in one transaction; if that fails, each goes alone.
        """
        if not verified:
            return
        self._report(Stage("comparing"))
        try:
            differences = self._workspace.differences.compare(
                {district_id: snapshot.staged for district_id, snapshot in verified.items()}
            )
            decisions = self._workspace.ledger.decisions(list(verified))
            free = [
                district_id
                for district_id, difference in differences.items()
                if not self._is_held(district_id, verified[district_id].receipts, difference, decisions)
            ]
            held = [district_id for district_id in verified if district_id not in free]
            students = self._workspace.differences.students(held) if held else {}
            for district_id in held:
                self._outcomes[district_id] = replace(
                    self._outcomes[district_id], students=students.get(district_id, ())
                )
            if held and not self._preview:
                # First, because links that are written again do no harm if the rest fails.
                self._workspace.ledger.keep_held_links(held, self._read_at)
            observed_at = self._session.clock.now()
            if free and not self._preview:
                followed = {each: self._events.record_types(each) for each in free if each in self._events.changes}
                self._missed |= self._workspace.differences.find_missed(free, followed)
                self._report(Stage("applying"))
                repaired = {district_id: repaired_records(verified[district_id].receipts) for district_id in free}
                self._workspace.differences.apply(free, observed_at, repaired)
        except StatementError as error:
            for district_id, snapshot in verified.items():
                self._outcomes.pop(district_id, None)
                if len(verified) > 1:
                    self._decide({district_id: snapshot})
                else:
                    error_text = f"District {district_id}: its changes could not be written. {error}"
                    self._end(district_id, "failed", snapshot.receipts, error=error_text)
            return
        first = set(free) - self._workspace.ledger.applied(free).keys()
        for district_id in free:
            outcome = "applied" if differences[district_id].changed or district_id in first else "unchanged"
            self._end(district_id, outcome, verified[district_id].receipts, difference=differences[district_id])

    def _is_held(
        self,
        district_id: str,
        receipts: Sequence[Receipt],
        difference: Difference,
        decisions: Mapping[tuple[str, str], Decision],
    ) -> bool:
        """Whether a snapshot is held because it waits for approval or was rejected. One that changes nothing is not held."""
        if not difference.changed:
            return False
        digest = snapshot_digest(receipts)
        decision = decisions.get((district_id, str(digest)))
        exceeded = self._limits.of(district_id).exceeded(difference, self._session.clock.now())
        is_held = "would be held" if self._preview else "is held"
        if decision is not None and decision.state == "rejected":
            error = (
                f"District {district_id} {is_held}: Clever still returns the snapshot {digest} that {decision.by} rejected "
                f"({decision.reason})."
            )
        elif exceeded and not (decision is not None and decision.state == "approved" and not decision.is_applied):
            what_now = (
                "" if self._preview else f" See `clever-warehouse holds`, then approve or reject the snapshot {digest}."
            )
            continuing = f" {difference.archived}" if difference.archived.people else ""
            why = "; ".join(map(str, exceeded))
            error = f"District {district_id} {is_held}: {why}.{continuing} The published data is unchanged.{what_now}"
        else:
            return False
        self._end(district_id, "held", receipts, error=error, difference=difference, exceeded=exceeded)
        return True

    def _end(
        self,
        district_id: str,
        outcome: str,
        receipts: Sequence[Receipt] = (),
        *,
        error: str | None = None,
        difference: Difference | None = None,
        unverified: Sequence[str] = (),
        exceeded: Sequence[Exceeded] = (),
        mode: str = FULL,
    ) -> None:
        self._outcomes[district_id] = Outcome(
            district_id=district_id,
            outcome=outcome,
            started_at=self._started_at,
            finished_at=self._session.clock.now(),
            error=error,
            counts=difference.counts if difference and outcome in UP_TO_DATE else Counts(),
            by_role=difference.by_role if difference else {},
            archived=difference.archived if difference else Archived(),
            receipts=receipts,
            unverified=unverified,
            exceeded=exceeded,
            not_shared=self._not_shared.get(district_id, ()),
            mode=mode,
            events=self._events.changes.get(district_id),
            reason=self._events.reasons.get(district_id),
            missed=self._missed.get(district_id),
            read_at=self._read_at if mode == EVENTS else None,
            cursor=self._cursor(district_id, mode),
        )

    def _cursor(self, district_id: str, mode: str) -> Cursor | None:
        """Where the next sync of events goes on, after this one: nothing that was read is newer than that.

        Of a record type that Clever refused, the rows are older: its events begin with the next full sync that reads it.
        """
        record_types = dict.fromkeys(stream.record_type for stream in self._app.streams if stream.has_events)
        if mode == EVENTS:
            event_id = self._events.changes[district_id].cursor
            current = self._events.record_types(district_id)
        elif (bracket := self._brackets.get(district_id)) and bracket.has_events:
            event_id = bracket.newest_event
            current = record_types.keys() - self._not_shared.get(district_id, ())
        else:
            return None
        records = [record_type for record_type in record_types if record_type in current]
        return Cursor(event_id, self._app.clever.source, records, self._started_at)

    def _record(self, connected: Sequence[str], left: Sequence[str]) -> None:
        """Record the result of the sync: findings, runs, receipts, holds, and which districts are connected."""
        observed_at = self._session.clock.now()
        self._outcomes = {
            district_id: replace(
                outcome,
                finished_at=observed_at,
                read_at=(outcome.read_at or self._read_at) if outcome.outcome in READ_OUTCOMES else None,
            )
            for district_id, outcome in self._outcomes.items()
        }
        outcomes = list(self._outcomes.values())
        if any(outcome.outcome == "applied" for outcome in outcomes):
            self._report(Stage("checking"))
        if any(outcome.outcome in READ_OUTCOMES for outcome in outcomes):
            # Not before a district was read: a mistyped address would be recorded, and the right one refused.
            self._workspace.ledger.record_host(self._app.clever.host, self._sync_id, observed_at)
        record_outcomes(self._workspace, self._sync_id, outcomes, observed_at, connected=connected, disconnected=left)
        if self._history_days:
            forget_history(self._session, observed_at - timedelta(days=self._history_days))


def pages(district_id: str, landings: Mapping[Stream, StreamLanding]) -> list[Page]:
    """The landed pages of a district, as the warehouse stages them."""
    return [page(district_id, stream, landing, file) for stream, landing in landings.items() for file in landing.files]
