"""What the events of a district change: the latest state of each record that they name, and which records they delete.

Clever lists events oldest first, each with the whole record (also one that is deleted), and keeps them for 30 days. Applying an event
twice changes nothing, and of several events of one record only the last matters.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from pipelines import interruption
from pipelines.clever import STREAMS, Blocked, Clever, CleverError, ClosedError, ConnectedDistrict
from pipelines.landing import Landing
from pipelines.records import CATALOG
from pipelines.warehouse import Cursor, Page

CURSOR_DAYS: Final = 29
"""Days after which a cursor counts as expired: Clever keeps events for 30 (Clever docs: Updating Data with Events)."""

MAX_EVENTS: Final = 200_000
"""Events of a district above which reading everything costs less."""

ACTIONS: Final = ("created", "updated", "deleted")


class _Data(msgspec.Struct):
    object: msgspec.Raw = msgspec.Raw(b"null")


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Data = msgspec.field(default_factory=_Data)


class _Identified(msgspec.Struct):
    id: str
    district: str | None = None


_event = msgspec.json.Decoder(_Event)
_identified = msgspec.json.Decoder(_Identified)


class EventsUnusableError(Exception):
    """Why the events of a district cannot bring it up to date, as a part of a sentence, so that everything is read instead."""


@dataclass
class EventChanges:
    """What the events after a cursor change in one district."""

    cursor: str | None
    """The last event; that of before if there was none."""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACTIONS, 0))
    """How many events there were of each kind, of the record types that are synced."""
    first: str | None = None
    """The first event."""
    records: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """By record type and ID, the JSON of each record as the last event has it."""
    deleted: dict[str, set[str]] = field(default_factory=dict)
    """By record type, the IDs of the records that are gone after the last event."""
    repaired: set[str] = field(default_factory=set)
    """IDs of the users in whose records half a surrogate pair was replaced."""

    @property
    def record_types(self) -> list[str]:
        """The record types of which events change something, in the order of the catalog."""
        changed = self.records.keys() | self.deleted.keys()
        return [stream.name for stream in CATALOG.streams if stream.name in changed]

    def touched(self) -> dict[str, set[str]]:
        """By record type, the IDs of all records that events name."""
        return {name: {*self.records.get(name, ()), *self.deleted.get(name, ())} for name in self.record_types}

    def pages(self, landing: Landing, district_id: str, sync_id: str) -> list[Page]:
        """Land the records, and give them as pages that can be staged."""
        found = []
        for name, records in self.records.items():
            if records:
                lines = b"".join(line + b"\n" for line in records.values())
                file, hashes = landing.land_events(district_id, sync_id, name, lines)
                found.append(Page(file, district_id, name, None, hashes))
        return found


def why_not(cursor: Cursor | None, source: str, records: Collection[str], now: datetime) -> str | None:
    """Say why events cannot be read from a cursor, as a part of a sentence; None if they can."""
    if cursor is None:
        return "no earlier full sync has noted where its events begin"
    if cursor.source != source:
        return "its events were last read from another host or API version"
    if not set(records) <= set(cursor.records):
        return "record types are synced that were not before"
    if now - cursor.read_at > timedelta(days=CURSOR_DAYS):
        return f"its events were last read more than {CURSOR_DAYS} days ago, and Clever keeps them for 30"
    return None


def read_events(
    clever: Clever,
    district: ConnectedDistrict,
    cursor: str | None,
    record_types: Collection[str],
    blocked: Blocked | None = None,
) -> EventChanges:
    """Read the events of a district after a cursor.

    Args:
        clever: whom to ask.
        district: whose events.
        cursor: the ID of the last event that was applied; None if there was none yet.
        record_types: the record types whose events count; others are passed over.
        blocked: whose records are left out.

    Raises:
        EventsUnusableError: Clever refuses the cursor, or sends an event that cannot be applied.
        ClosedError: the client was closed meanwhile.
    """
    changes = EventChanges(cursor)
    try:
        for page in clever.events(district, cursor):
            interruption.check()
            for line in page.lines[:-1].split(b"\n") if page.lines else ():
                _apply(line, changes, district, record_types, is_repaired=page.repaired, blocked=blocked)
            if sum(changes.counts.values()) > MAX_EVENTS:
                raise EventsUnusableError(f"there are more than {MAX_EVENTS:,} events since the last sync")
    except ClosedError:
        raise
    except CleverError as error:
        status = f" ({error.status})" if error.status else ""
        raise EventsUnusableError(f"Clever did not list its events{status}") from None
    return changes


def _apply(
    line: bytes,
    changes: EventChanges,
    district: ConnectedDistrict,
    record_types: Collection[str],
    *,
    is_repaired: Collection[str],
    blocked: Blocked | None,
) -> None:
    """Add one event to the changes."""
    try:
        event = _event.decode(line)
    except msgspec.DecodeError:
        raise EventsUnusableError("one of its events has no ID or type") from None
    changes.first = changes.first or event.id
    changes.cursor = event.id
    record_type, _, action = event.type.partition(".")
    if record_type not in record_types:
        return
    try:
        record = _identified.decode(event.data.object)
    except msgspec.DecodeError:
        raise EventsUnusableError(f"event {event.id} has no record with an ID") from None
    owner = record.id if record_type in DISTRICTS_THEMSELVES else record.district
    if action not in ACTIONS or owner != district.id:
        what = "is of a kind that is not documented" if action not in ACTIONS else "is of a record of another district"
        raise EventsUnusableError(f"event {event.id} {what}")
    kept = blocked.pruned(bytes(event.data.object)) if blocked else bytes(event.data.object)
    if kept is None:
        return
    changes.counts[action] += 1
    records, deleted = changes.records.setdefault(record_type, {}), changes.deleted.setdefault(record_type, set())
    # A record that is deleted and created again has the place that it gets last.
    records.pop(record.id, None)
    deleted.discard(record.id)
    if action == "deleted":
        deleted.add(record.id)
    else:
        records[record.id] = kept
    if event.id in is_repaired and record_type == STREAMS[0].record_type:
        changes.repaired.add(record.id)


DISTRICTS_THEMSELVES: Final = frozenset(stream.name for stream in CATALOG.streams if not stream.record_table.own_id)
"""Record types whose records are districts: their own ID is that of the district."""
