"""How a sync runs: read, prove, compare, apply, record, publish; each district on its own account."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipelines.app import CleverApp
from pipelines.clever import CleverError, ConnectedDistrict
from pipelines.landing import Landing, Receipt
from pipelines.progress import ReadAgain, Report, Stage, Waits
from pipelines.reading import Read, read
from pipelines.warehouse import Counts, StatementError, Warehouse, Work

READS = 3
"""How often a district is read before a read that cannot be believed counts: the roster may move while it is read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one district's sync."""

    district_id: str
    outcome: str
    """applied, unchanged, held or failed."""
    started_at: datetime
    finished_at: datetime
    error: str | None = None
    counts: Counts = field(default_factory=Counts)
    receipts: Sequence[Receipt] = ()
    unproven: Sequence[str] = ()
    """Why the last read could not be believed; empty if it could, or never came to that."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What came of a sync."""

    outcomes: Sequence[Outcome]
    """A district that was asked for each, ascending by id; disconnected ones have none."""
    disconnected: Sequence[str]
    """Districts that Clever's token list showed once and does not show now."""
    unknown: Sequence[str]
    """Districts that were asked for and that Clever's token list has never shown."""
    failed_tokens: Sequence[str]
    """Why a token led to no district, a sentence each."""
    rows: Mapping[str, int]
    """Rows that each table has."""
    people: Mapping[str, Mapping[str, int]]
    """People of each district in each role."""
    findings: Mapping[str, Mapping[str, int]]
    """Records of each district that break each data-quality rule; a rule that none breaks is not named."""

    @property
    def good(self) -> bool:
        """Whether every district was applied or unchanged, and every token and every asked id led to a district."""
        return (
            not self.failed_tokens
            and not self.unknown
            and all(outcome.outcome in {"applied", "unchanged"} for outcome in self.outcomes)
        )


def sync(app: CleverApp, warehouse: Warehouse, sync_id: str, asked: Collection[str], report: Report) -> SyncResult:
    """Bring the asked districts up to date and publish.

    A district's trouble ends in its own outcome; nothing of a read that is not proven is applied.

    Raises:
        WarehouseError: nothing can be written or published at all.
    """
    with warehouse.writing(
        sync_id, lambda holder: report(Waits(f"{holder} is writing; this one goes on when it is done"))
    ) as work:
        return _Sync(app, warehouse, work, sync_id, report).run(sorted(asked))


class _Sync:
    """One sync under way."""

    def __init__(self, app: CleverApp, warehouse: Warehouse, work: Work, sync_id: str, report: Report) -> None:
        self._app = app
        self._work = work
        self._sync_id = sync_id
        self._report = report
        self._landing = Landing(warehouse.landing)
        self._started_at = datetime.now(UTC)
        self._outcomes: dict[str, Outcome] = {}

    def run(self, asked: Sequence[str]) -> SyncResult:
        connected, failed_tokens = self._connected(asked)
        known = self._work.known_districts()
        left = [] if connected is None or failed_tokens else sorted(known - {district.id for district in connected})
        here = [district for district in connected or () if district.id in asked]
        applied = self._work.applied(asked)
        proven = self._read(here, {district_id: digests for district_id, (_, digests) in applied.items()})
        self._apply(proven)
        seen = [
            outcome.district_id for outcome in self._outcomes.values() if outcome.outcome in {"applied", "unchanged"}
        ]
        if any(outcome.outcome == "applied" for outcome in self._outcomes.values()):
            self._report(Stage("checking"))
            self._work.find(seen, datetime.now(UTC))
        self._report(Stage("publishing"))
        self._record(seen, [district.id for district in connected or ()], left)
        rows, people, findings = self._work.rows(), self._work.people(), self._work.open_findings()
        self._work.publish()
        for district_id in asked:
            last_applied = [] if district_id in seen or district_id not in applied else [applied[district_id][0]]
            self._landing.keep(district_id, [self._sync_id, *last_applied])
        return SyncResult(
            outcomes=[self._outcomes[district_id] for district_id in sorted(self._outcomes)],
            disconnected=[district_id for district_id in left if district_id in asked],
            unknown=[
                district_id for district_id in asked if district_id not in known and district_id not in self._outcomes
            ],
            failed_tokens=failed_tokens,
            rows=rows,
            people=people,
            findings=findings,
        )

    def _connected(self, asked: Sequence[str]) -> tuple[Sequence[ConnectedDistrict] | None, list[str]]:
        """The connected districts, None if Clever would not tell, and why a token led to none.

        An asked district that does not show up fails if it may be the district of a token that could not be used.
        """
        try:
            found = self._app.districts
        except CleverError as error:
            for district_id in asked:
                self._end(district_id, "failed", error=str(error))
            return None, [str(error)]
        failures = [str(failure.error) for failure in found.failures]
        if failures:
            for district_id in set(asked) - {district.id for district in found}:
                error_text = (
                    f"No usable token leads to district {district_id}, and not every token could be used: {failures[0]}"
                )
                self._end(district_id, "failed", error=error_text)
        return found, failures

    def _read(self, districts: Sequence[ConnectedDistrict], known: Mapping[str, Mapping[str, str]]) -> dict[str, Read]:
        """Read the districts until each is proven, unchanged or failed; gives the proven ones, staged."""
        proven: dict[str, Read] = {}
        attempts = {district.id: max(1, self._landing.attempts(district.id, self._sync_id)) for district in districts}
        pending = list(districts)
        while pending:
            self._report(Stage("reading"))
            reads = read(
                self._app.clever,
                self._landing,
                pending,
                sync_id=self._sync_id,
                attempts=attempts,
                report=self._report,
            )
            self._report(Stage("proving"))
            staged: dict[str, Read] = {}
            for district_id, one in reads.items():
                if one.error:
                    self._end(district_id, "failed", one, error=str(one.error))
                elif known.get(district_id) == one.digests:
                    self._end(district_id, "unchanged", one)
                else:
                    staged[district_id] = one
            staged = self._stage(staged)
            unproven = self._work.unproven()
            proven |= {district_id: one for district_id, one in staged.items() if district_id not in unproven}
            pending = []
            for district_id, reasons in unproven.items():
                if attempts[district_id] < READS:
                    self._report(ReadAgain(district_id, tuple(reasons)))
                    attempts[district_id] += 1
                    pending.append(staged[district_id].district)
                else:
                    error = (
                        f"District {district_id} was read {READS} times and no read is proven: {'; '.join(reasons)}. "
                        "Nothing of it was applied; the next sync reads it anew."
                    )
                    self._end(district_id, "failed", staged[district_id], error=error, unproven=reasons)
            self._work.unstage(list(unproven))
        return proven

    def _stage(self, reads: Mapping[str, Read]) -> dict[str, Read]:
        """Lay out what was read; a district whose pages DuckDB cannot read fails alone."""
        try:
            self._work.stage(page for one in reads.values() for page in _pages(one))
        except StatementError as error:
            if len(reads) == 1:
                for district_id, one in reads.items():
                    self._end(
                        district_id,
                        "failed",
                        one,
                        error=f"District {district_id}: its pages could not be laid out. {error}",
                    )
                return {}
            return {
                key: each for district_id, one in reads.items() for key, each in self._stage({district_id: one}).items()
            }
        return dict(reads)

    def _apply(self, reads: Mapping[str, Read]) -> None:
        """Write the differences of the proven districts, all in one transaction, or each alone if that fails."""
        if not reads:
            return
        self._report(Stage("applying"))
        try:
            counted = self._work.apply(list(reads), datetime.now(UTC))
        except StatementError as error:
            if len(reads) == 1:
                for district_id, one in reads.items():
                    self._end(
                        district_id,
                        "failed",
                        one,
                        error=f"District {district_id}: its changes could not be written. {error}",
                    )
                return
            for district_id, one in reads.items():
                self._apply({district_id: one})
            return
        for district_id, (counts, changed) in counted.items():
            first = not self._work.applied([district_id])
            self._end(district_id, "applied" if changed or first else "unchanged", reads[district_id], counts=counts)

    def _end(
        self,
        district_id: str,
        outcome: str,
        one: Read | None = None,
        *,
        error: str | None = None,
        counts: Counts | None = None,
        unproven: Sequence[str] = (),
    ) -> None:
        self._outcomes[district_id] = Outcome(
            district_id=district_id,
            outcome=outcome,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            error=error,
            counts=counts or Counts(),
            receipts=one.receipts if one else (),
            unproven=unproven,
        )

    def _record(self, seen: Sequence[str], connected: Sequence[str], left: Sequence[str]) -> None:
        outcomes = list(self._outcomes.values())
        self._work.record(
            runs=[
                {
                    "sync_id": self._sync_id,
                    "district_id": outcome.district_id,
                    "mode": "full",
                    "started_at": outcome.started_at,
                    "finished_at": outcome.finished_at,
                    "outcome": outcome.outcome,
                    "error": outcome.error,
                    "added": outcome.counts.added,
                    "updated": outcome.counts.updated,
                    "archived": outcome.counts.archived,
                    "restored": outcome.counts.restored,
                }
                for outcome in outcomes
            ],
            receipts=[
                {
                    "sync_id": self._sync_id,
                    "district_id": outcome.district_id,
                    "feed": receipt.feed,
                    "pages": len(receipt.pages),
                    "records": receipt.records,
                    "bytes": receipt.bytes,
                    "first_id": receipt.first_id,
                    "last_id": receipt.last_id,
                    "digest": receipt.digest,
                    "complete": receipt.complete,
                }
                for outcome in outcomes
                for receipt in outcome.receipts
            ],
            seen=seen,
            connected=connected,
            disconnected=left,
            observed_at=datetime.now(UTC),
        )


def _pages(one: Read) -> list[tuple[Path, str, str | None]]:
    return [(file, one.district.id, feed.role) for feed, landing in one.landings.items() for file in landing.files]
