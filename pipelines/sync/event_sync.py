"""Bring districts up to date by their events, and say which have to be read in full instead.

A district is read in full if its events cannot be had or applied, and if they change more than its limits allow: then the change is
verified first, and held as what Clever shows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from pipelines.clever import USERS, Blocked, ConnectedDistrict
from pipelines.clever.app import CleverApp
from pipelines.landing import Landing
from pipelines.progress import Notice, Report, Stage
from pipelines.records import CATALOG
from pipelines.sync.events import EventChanges, EventsUnusableError, read_events, why_not
from pipelines.sync.limits import LimitsByDistrict
from pipelines.sync.reading import CONCURRENT_STREAMS
from pipelines.sync.sentences import named
from pipelines.sync.workspace import Workspace
from pipelines.warehouse import Counts, Difference, StatementError


class EventSync:
    """The part that events have in one sync."""

    def __init__(
        self,
        app: CleverApp,
        workspace: Workspace,
        landing: Landing,
        sync_id: str,
        *,
        limits: LimitsByDistrict,
        report: Report,
        preview: bool,
        blocked: Blocked | None,
    ) -> None:
        self._app = app
        self._blocked = blocked
        self._workspace = workspace
        self._landing = landing
        self._sync_id = sync_id
        self._limits = limits
        self._report = report
        self._preview = preview
        self._record_types = {stream.record_type for stream in app.streams if stream.has_events}
        self._cursors = workspace.ledger.cursors()
        self._not_shared = workspace.ledger.not_shared()
        self._undecided = workspace.ledger.undecided()
        self.changes: dict[str, EventChanges] = {}
        """By district, its events since the last sync: applied, or looked at to find what events had missed."""
        self.reasons: dict[str, str] = {}
        """By district that has to be read in full although events were asked for, why, as a part of a sentence."""

    def record_types(self, district_id: str) -> set[str]:
        """The record types of a district that its cursor is about, and that are synced."""
        return self._record_types.intersection(self._cursors[district_id].records)

    def apply(self, districts: Sequence[ConnectedDistrict]) -> Mapping[str, Difference]:
        """Apply the events of the districts; with ``preview``, only find what they would change.

        Returns what they changed, by district; a district that is not named has to be read in full, which is reported.
        """
        self._report(Stage("reading events from Clever"))
        readable = [district for district in districts if self._can_be_read(district.id)]
        with ThreadPoolExecutor(CONCURRENT_STREAMS, thread_name_prefix="events") as readers:
            for district, found in zip(readable, readers.map(self._read, readable), strict=True):
                if isinstance(found, EventsUnusableError):
                    self.reasons[district.id] = str(found)
                else:
                    self._stage(district.id, found)
        staging = self._workspace.staging
        self._give_up(staging.unverified(by_events=True), "the records of its events cannot be verified")
        differences = self._decide() if self.changes else {}
        staging.unstage([district.id for district in readable])
        for reason in sorted(set(self.reasons.values())):
            concerned = [district_id for district_id in sorted(self.reasons) if self.reasons[district_id] == reason]
            self._report(Notice(f"Read in full instead of by events, because {reason}: {named(concerned)}."))
        return differences

    def follow(self, districts: Sequence[ConnectedDistrict]) -> None:
        """Look at the events of districts that are read in full, and stage which records they name: what else differs, they have missed."""
        for district in districts:
            found = self._read(district) if district.id in self._cursors else None
            if isinstance(found, EventChanges):
                self.changes[district.id] = found
                self._workspace.staging.note_events(_records(district.id, found.touched()))

    def _can_be_read(self, district_id: str) -> bool:
        """Whether the events of a district can be read from its cursor; if not, the reason is kept."""
        now = self._workspace.session.clock.now()
        # What Clever refused in the last full sync is no reason to read the rest in full each time.
        needed = self._record_types.difference(self._not_shared.get(district_id, ()))
        reason = why_not(self._cursors.get(district_id), self._app.clever.source, needed, now)
        if reason is None and district_id not in self._workspace.staging.incremental(CATALOG.stream(USERS.name)):
            reason = "its rows were made by another version of clever-warehouse"
        if reason is None and district_id in self._undecided:
            # Events have no digest by which a snapshot that was rejected could be recognized.
            reason = "a snapshot of it was held or rejected since its last sync"
        if reason is not None:
            self.reasons[district_id] = reason
        return reason is None

    def _read(self, district: ConnectedDistrict) -> EventChanges | EventsUnusableError:
        cursor = self._cursors[district.id]
        try:
            return read_events(
                self._app.clever, district, cursor.event_id, self.record_types(district.id), self._blocked
            )
        except EventsUnusableError as error:
            return error

    def _stage(self, district_id: str, events: EventChanges) -> None:
        try:
            self._workspace.staging.stage(events.pages(self._landing, district_id, self._sync_id))
        except StatementError:
            self.reasons[district_id] = "a record of its events cannot be loaded"
        else:
            self._workspace.staging.delete(_records(district_id, events.deleted))
            self.changes[district_id] = events

    def _decide(self) -> Mapping[str, Difference]:
        """Apply the events of the districts whose limits allow it; returns what they change.

        A district without events is not looked at: what its last sync said of it, such as which fields appeared, still holds.
        """
        staged = {district_id: types for district_id, events in self.changes.items() if (types := events.record_types)}
        found = {district_id: Difference(Counts(), changed=False) for district_id in self.changes}
        if staged:
            self._report(Stage("comparing"))
            differences = self._workspace.differences
            try:
                found |= differences.compare(staged, by_events=staged)
                instant = self._workspace.session.clock.now()
                exceeding = [each for each in staged if self._limits.of(each).exceeded(found[each], instant)]
                self._give_up(exceeding, "its events change more than its limits allow")
                repaired = {each: self.changes[each].repaired for each in staged if each in self.changes}
                if repaired and not self._preview:
                    self._report(Stage("applying"))
                    differences.apply(list(repaired), self._workspace.session.clock.now(), repaired)
            except StatementError:
                self._give_up(staged, "its events could not be applied")
        return {district_id: found[district_id] for district_id in self.changes}

    def _give_up(self, district_ids: Iterable[str], reason: str) -> None:
        for district_id in district_ids:
            self.reasons[district_id] = reason
            self.changes.pop(district_id, None)


def _records(district_id: str, by_type: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """Give stream, district and ID of some records of a district."""
    for record_type, record_ids in by_type.items():
        for record_id in record_ids:
            yield record_type, district_id, record_id
