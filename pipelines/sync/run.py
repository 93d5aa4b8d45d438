"""Run a sync: read, verify, compare, hold or apply, check, record, publish. A district that fails does not stop the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.clever import STREAMS, CleverError, ConnectedDistrict, Stream
from pipelines.clever.app import CleverApp
from pipelines.landing import Landing, Receipt, StreamLanding
from pipelines.progress import Notice, ReadAgain, Report, Stage
from pipelines.records import CATALOG
from pipelines.sync.limits import LimitsByDistrict
from pipelines.sync.outcome import (
    READ_OUTCOMES,
    UP_TO_DATE,
    Outcome,
    record_outcomes,
    repaired_records,
    snapshot_digest,
)
from pipelines.sync.reading import Read, read
from pipelines.sync.stage import StagingQueue, page
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import (
    Archived,
    Counts,
    Decision,
    Difference,
    DiskFullError,
    Page,
    RecordError,
    RoleChange,
    Session,
    StatementError,
    Waiting,
    Warehouse,
)

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
    rows: Mapping[str, int]
    """Rows that each table has."""
    people: Mapping[str, Mapping[str, int]]
    """People of each district in each role."""
    waiting: Mapping[str, Waiting]
    """By district, the snapshot that waits for approval, from this or an earlier sync."""
    drift: Mapping[str, Mapping[str, int]]
    """Records of each district that have what Clever's specs do not know, or have no longer what they had; by what that is."""
    findings: Mapping[str, Mapping[str, int]]
    """Records of each district that break each data-quality rule; a rule that none breaks is not named."""

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
        """One sentence per failure: tokens and requested IDs without a district, and districts that are not up to date.

        A sync in which no district was connected is not well either: nothing was synced.
        """
        failures = [
            # A fault of the whole token list is also the error of each district: it is reported once.
            *self.failed_tokens,
            *(f"District {district_id} is not connected to this app." for district_id in self.unknown),
            *(outcome.error for outcome in self.outcomes if outcome.error),
        ]
        if not failures and len(self.disconnected) == len(self.outcomes):
            failures = [_none_connected(self.disconnected)]
        return list(dict.fromkeys(failures))

    @property
    def succeeded(self) -> bool:
        """Whether every district was applied or unchanged, and every token and every requested id led to a district."""
        return not self.failures


def sync(
    app: CleverApp,
    warehouse: Warehouse,
    sync_id: str,
    requested: Collection[str],
    *,
    limits: LimitsByDistrict,
    report: Report,
    preview: bool = False,
) -> SyncResult:
    """Update the requested districts and publish; with ``preview``, only find what that would change.

    A failed district does not stop the others. A read that is not verified is not applied.

    Raises:
        WarehouseError: nothing can be written or published at all.
    """
    is_landing_kept = not preview
    try:
        return warehouse.write(
            sync_id,
            lambda session: _Sync(app, warehouse, session, sync_id, limits=limits, report=report, preview=preview).run(
                sorted(requested)
            ),
            report,
        )
    except DiskFullError:
        is_landing_kept = False  # others need the space, and the next sync reads again
        raise
    finally:
        if not is_landing_kept:
            for district_id in requested:
                Landing(warehouse.landing).forget(district_id, sync_id)


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
    ) -> None:
        self._app = app
        self._session = session
        self._workspace = Workspace.open(session)
        self._sync_id = sync_id
        self._limits = limits
        self._report = report
        self._preview = preview
        self._landing = Landing(warehouse.landing)
        self._started_at = session.clock.now()
        self._read_at = self._started_at
        self._outcomes: dict[str, Outcome] = {}

    def run(self, requested: Sequence[str]) -> SyncResult:
        known = self._workspace.ledger.known_districts()
        connected, failed_tokens = self._connected(requested, known)
        listed = {district.id for district in connected or ()}
        if not failed_tokens:
            self._report_limits_without_effect(listed)
        # While the token list is not known as a whole, only those are gone that were gone before.
        left = sorted(
            district_id
            for district_id, was_connected in known.items()
            if district_id not in listed and not (was_connected and failed_tokens)
        )
        for district_id in left:
            if known[district_id] or district_id in requested:
                self._end(district_id, "disconnected")
        here = [district for district in connected or () if district.id in requested]
        if not self._preview:
            needed = self._workspace.ledger.needed_landings(requested)
            views = [stream.name for stream in STREAMS if stream.after]
            for district in here:
                ended = needed.get(district.id, ())
                self._landing.resume(district.id, self._sync_id, self._app.clever.source, ended, views)
                self._landing.begin(district.id, self._sync_id, self._app.clever.source)
            # A sync that died may have left what takes the room of this one.
            self._keep_landings(requested, needed)
        applied = self._workspace.ledger.applied(requested)
        verified = self._read(here, applied)
        self._read_at = self._session.clock.now()
        self._decide(verified)
        self._workspace.close()
        people = self._workspace.ledger.people()
        self._count_unchanged(self._workspace.ledger.records())
        if not self._preview:
            self._record([district.id for district in connected or ()], left)
        result = SyncResult(
            outcomes=[self._outcomes[district_id] for district_id in sorted(self._outcomes)],
            unknown=[
                district_id for district_id in requested if district_id not in known.keys() | self._outcomes.keys()
            ],
            failed_tokens=failed_tokens,
            rows=self._workspace.ledger.rows(),
            people=people,
            waiting=self._workspace.ledger.waiting(),
            drift=self._workspace.findings.drift(),
            findings=self._workspace.findings.open_findings(),
        )
        needed = self._workspace.ledger.needed_landings(requested)
        if not self._preview:
            self._report(Stage("publishing"))
            self._session.publish(keep_former=any(outcome.outcome == "applied" for outcome in result.outcomes))
            for district_id in requested:
                self._landing.finish(district_id, self._sync_id)
            self._keep_landings(requested, needed)
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

    def _count_unchanged(self, records: Mapping[str, Mapping[str, int]]) -> None:
        """Nothing is compared of a district that shows the bytes that it showed before: all of its records are unchanged."""
        for district_id, outcome in self._outcomes.items():
            if outcome.outcome == "unchanged" and not outcome.by_role:
                by_role = {role: RoleChange(count, Counts()) for role, count in records.get(district_id, {}).items()}
                self._outcomes[district_id] = replace(outcome, by_role=by_role)

    def _keep_landings(self, requested: Sequence[str], needed: Mapping[str, Collection[str]]) -> None:
        """Remove every landing of the requested districts but those that are needed and this sync's own."""
        for district_id in requested:
            self._landing.keep(district_id, [*needed.get(district_id, ()), self._sync_id])

    def _connected(
        self, requested: Sequence[str], known: Mapping[str, bool]
    ) -> tuple[Sequence[ConnectedDistrict] | None, list[str]]:
        """The connected districts (None if they could not be listed), and why a token led to none.

        An requested district that does not show up fails if it may be the district of a token that could not be used.
        """
        requested_and_not_gone = {district_id for district_id in requested if known.get(district_id, True)}
        try:
            found = self._app.districts
        except CleverError as error:
            for district_id in requested_and_not_gone:
                self._end(district_id, "failed", error=str(error))
            return None, [str(error)]
        failures = [str(failure.error) for failure in found.failures]
        if failures:
            for district_id in requested_and_not_gone - {district.id for district in found}:
                error_text = f"No usable token leads to district {district_id}, and not every token could be used."
                self._end(district_id, "failed", error=error_text)
        return found, failures

    def _read(
        self, districts: Sequence[ConnectedDistrict], applied: Mapping[str, tuple[str, Mapping[str, str]]]
    ) -> dict[str, Sequence[Receipt]]:
        """Read the districts until each is verified, unchanged or failed.

        Gives the receipts of those that are verified and may have changed; they are staged.
        """
        verified: dict[str, Sequence[Receipt]] = {}
        # A district whose rows were made by another version of clever-warehouse is staged even if it shows what it showed before.
        recognized = set(applied).intersection(
            *(self._workspace.staging.incremental(stream) for stream in CATALOG.streams)
        )
        # What an earlier try of this sync has landed is used again, and counts for nothing if it cannot be believed.
        landed = {district.id: self._landing.attempts(district.id, self._sync_id) for district in districts}
        attempts = {district_id: max(1, reads) for district_id, reads in landed.items()}
        pending = list(districts)
        while pending:
            self._report(Stage("reading from Clever"))
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
                landed=staging.add,
                meanwhile=staging.stage_some,
            )
            self._report(Stage("verifying completeness"))
            changed = {
                district_id: one
                for district_id, one in reads.items()
                if not one.error and not (district_id in recognized and applied[district_id][1] == one.digests)
            }
            staging.stage_rest(changed)
            unverified = self._workspace.staging.unverified()
            pending = []
            for district_id, one in reads.items():
                error = _reason(one) if one.error else staging.errors.get(district_id)
                if error:
                    self._end(district_id, "failed", one.receipts, error=_named(district_id, error))
                elif district_id not in changed:
                    self._end(district_id, "unchanged", one.receipts)
                elif district_id not in unverified:
                    verified[district_id] = one.receipts
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
                        error=_not_verified(district_id, reasons),
                        unverified=reasons,
                    )
            self._workspace.staging.unstage([district_id for district_id in reads if district_id not in verified])
        return verified

    def _decide(self, verified: Mapping[str, Sequence[Receipt]]) -> None:
        """Compare the verified districts with what is kept; hold what changes too much, apply the rest.

        All go in one transaction; if that fails, each goes alone.
        """
        if not verified:
            return
        self._report(Stage("comparing"))
        try:
            differences = self._workspace.differences.compare(list(verified))
            decisions = self._workspace.ledger.decisions(list(verified))
            free = [
                district_id
                for district_id, difference in differences.items()
                if not self._is_held(district_id, verified[district_id], difference, decisions)
            ]
            held = [district_id for district_id in verified if district_id not in free]
            if held and not self._preview:
                # First, because links that are written again do no harm if the rest fails.
                self._workspace.ledger.keep_held_links(held, self._read_at)
            observed_at = self._session.clock.now()
            if free and not self._preview:
                self._report(Stage("applying"))
                repaired = {district_id: repaired_records(verified[district_id]) for district_id in free}
                self._workspace.differences.apply(free, observed_at, repaired)
        except StatementError as error:
            for district_id, receipts in verified.items():
                self._outcomes.pop(district_id, None)
                if len(verified) > 1:
                    self._decide({district_id: receipts})
                else:
                    error_text = f"District {district_id}: its changes could not be written. {error}"
                    self._end(district_id, "failed", receipts, error=error_text)
            return
        first = set(free) - self._workspace.ledger.applied(free).keys()
        for district_id in free:
            outcome = "applied" if differences[district_id].changed or district_id in first else "unchanged"
            self._end(district_id, outcome, verified[district_id], difference=differences[district_id])

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
        exceeded = self._limits.of(district_id).exceeded(difference)
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
            error = f"District {district_id} {is_held}: {'; '.join(exceeded)}.{continuing} The published data is unchanged.{what_now}"
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
        exceeded: Sequence[str] = (),
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
        )

    def _record(self, connected: Sequence[str], left: Sequence[str]) -> None:
        """Record the result of the sync: findings, runs, receipts, holds, and which districts are connected."""
        observed_at = self._session.clock.now()
        self._outcomes = {
            district_id: replace(
                outcome, finished_at=observed_at, read_at=self._read_at if outcome.outcome in READ_OUTCOMES else None
            )
            for district_id, outcome in self._outcomes.items()
        }
        outcomes = list(self._outcomes.values())
        if any(outcome.outcome == "applied" for outcome in outcomes):
            self._report(Stage("checking"))
        record_outcomes(self._workspace, self._sync_id, outcomes, observed_at, connected=connected, disconnected=left)


def pages(district_id: str, landings: Mapping[Stream, StreamLanding]) -> list[Page]:
    """The landed pages of a district, as the warehouse stages them."""
    return [page(district_id, stream, landing, file) for stream, landing in landings.items() for file in landing.files]


def _reason(one: Read) -> str:
    if isinstance(one.error, OSError):
        return f"the response from Clever could not be written to disk ({one.error.strerror})."
    return str(one.error)


def _named(district_id: str, error: str | StatementError) -> str:
    """The sentence of an error, with the district's name in it."""
    is_of_ours = isinstance(error, StatementError) and not isinstance(error, RecordError)
    text = f"its pages could not be staged. {error}" if is_of_ours else str(error)
    return text if district_id in text else f"District {district_id}: {text}"


def _not_verified(district_id: str, reasons: Sequence[str]) -> str:
    return (
        f"District {district_id} was read {MAX_READS} times and no read could be verified: {'; '.join(reasons)}. "
        "None of its changes were applied; the next sync reads it again."
    )


def _none_connected(disconnected: Sequence[str]) -> str:
    what = "None of the selected districts is" if disconnected else "No district is"
    return (
        f"{what} connected to this app, so nothing was synced and the published data is unchanged. "
        "Fix: in Clever's dashboard, have the district authorize the app, or select another district."
    )
