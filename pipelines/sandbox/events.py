"""What the events API of a district shows: every visible change of a record, in order, for 30 days.

Clever docs (Updating Data with Events): an event holds the whole object, also when it is deleted; a record that is newly
shared is created, and one that is no more shared is deleted; events are kept for 30 days. The place of
`previous_attributes` follows the spec (v3.0-events.yml). That it holds the former values of the changed fields as a whole,
and null for one that was absent, is an assumption.

Events are found by comparing what the lists show before and after each change, so that none is forgotten.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipelines.sandbox.ids import SECONDS_A_DAY, ObjectIds, time_text
from pipelines.sandbox.listing import Listing
from pipelines.sandbox.people import Kind, Record
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.roster import Clock, Roster
from pipelines.sandbox.school_year import Items, SchoolYear
from pipelines.sandbox.streams import COURSES, DISTRICTS, EVENTS, RESOURCES, SCHOOLS, SECTIONS, TERMS, USERS
from pipelines.sandbox.versions import V31, in_v31

DAYS_KEPT = 30
"""How long an event is kept (Clever docs: Updating Data with Events)."""

ORIGINS = 3 << 20
"""The origin of the IDs of events of the first district; the others follow."""

ORDER = (DISTRICTS, SCHOOLS, TERMS, COURSES, RESOURCES, USERS, SECTIONS)
"""The order of the events of one change, by list."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record before and after a change, as API v3.0 shows it; None while it is not shown."""

    event_id: str
    seconds: int
    """When, since 1970 (UTC)."""
    stream: str
    before: bytes | None
    after: bytes | None


@dataclass(slots=True)
class _View:
    """The events as one API version shows them."""

    read: int = 0
    """How many of the recorded changes are in it."""
    ids: list[str] = field(default_factory=list)
    items: list[bytes] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    schools: list[frozenset[str]] = field(default_factory=list)
    """The schools that each event is about."""


class EventLog:
    """The events of one district; a `Watcher` of its roster and of its school year."""

    def __init__(self, index: int, seed: int, clock: Clock, roster: Callable[[], Roster], year: SchoolYear) -> None:
        """Begin without an event.

        Args:
            index: The number of the district among all, from 0.
            seed: The seed of the sandbox.
            clock: The time of the sandbox.
            roster: Gives the people.
            year: The other records.
        """
        self.is_on = True
        """Whether Clever generates events for the app; without, changes leave a gap."""
        self.muted: set[str] = set()
        """The lists of which no events are generated, because the app may not read them."""
        self._ids = ObjectIds(ORIGINS + index, seed)
        self._clock = clock
        self._roster = roster
        self._year = year
        self._log: list[Recorded] = []
        self._gone = 0
        self._views: dict[str, _View] = {}
        self._users: dict[str, tuple[bytes | None, Kind]] = {}
        self._records: dict[tuple[str, str], bytes | None] = {}
        self._all: dict[str, Items] = {}
        self._is_bulk = False

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Take all changes that are made meanwhile for one, in which every record has one event at most."""
        self.before_all(ORDER)
        self._is_bulk = True
        try:
            yield
        finally:
            self._is_bulk = False
            self.after()

    def before(self, stream: str, record_id: str) -> None:
        """Keep what is shown of a record, as the first change since the last complete one finds it."""
        if self._is_bulk:
            return
        if stream == USERS and record_id not in self._users:
            roster = self._roster()
            self._users[record_id] = roster.seen(record_id), roster.seen_roles(record_id)
        elif stream != USERS and (stream, record_id) not in self._records:
            self._records[stream, record_id] = self._year.item(stream, record_id)

    def before_all(self, streams: Sequence[str]) -> None:
        """Keep what is shown of whole lists."""
        if not self._is_bulk:
            self._all = {stream: dict(self._shown(stream)) for stream in streams}

    def after(self) -> None:
        """Record an event for each record that is shown in another way than before."""
        if self._is_bulk:
            return
        users, self._users = self._users, {}
        turned = [user_id for user_id, (_, roles) in users.items() if self._roster().seen_roles(user_id) != roles]
        if users or SECTIONS in self._all:
            self._year.follow()
        records, self._records = self._records, {}
        whole, self._all = self._all, {}
        if not self.is_on:
            return
        found = {stream: self._differences(before, self._shown(stream)) for stream, before in whole.items()}
        if USERS not in whole:
            found[USERS] = [(user_id, item, self._roster().seen(user_id)) for user_id, (item, _) in users.items()]
        for stream in {stream for stream, _ in records} - {SECTIONS, *whole}:
            touched = [(record_id, item) for (kind, record_id), item in records.items() if kind == stream]
            found[stream] = [
                (record_id, self._year.seen(stream, item), self._year.seen(stream, self._year.item(stream, record_id)))
                for record_id, item in touched
            ]
        if SECTIONS not in whole and SECTIONS not in self.muted:
            found[SECTIONS] = self._sections(users, turned, records)
        self._record(found)

    def listing(self, version: str, record_types: Collection[str] = (), school: str | None = None) -> Listing:
        """List the events of the last 30 days, oldest first.

        Args:
            version: v3.0 or v3.1.
            record_types: Only events of these lists; of all if there are none.
            school: Only events of this school, its sections, and the users who are there. Events of courses, terms,
                resources, and the district are of no school.
        """
        view = self._view(version)
        begin = bisect_left(view.ids, self._oldest())
        chosen = [
            place
            for place in range(begin, len(view.ids))
            if (not record_types or view.streams[place] in record_types)
            and (school is None or school in view.schools[place])
        ]
        return Listing([view.ids[place] for place in chosen], [view.items[place] for place in chosen])

    def has(self, event_id: str) -> bool:
        """Return whether an ID is that of an event that is kept, in whichever version and filter."""
        place = bisect_left(self._log, event_id, key=lambda recorded: recorded.event_id)
        return event_id >= self._oldest() and place < len(self._log) and self._log[place].event_id == event_id

    def expire(self) -> None:
        """Let all events be older than those that are kept."""
        self._gone = len(self._log)

    def _oldest(self) -> str:
        """Return the ID from which on events are kept."""
        if self._gone < len(self._log):
            least = self._clock.milliseconds // 1000 - DAYS_KEPT * SECONDS_A_DAY
            self._gone = max(self._gone, bisect_left(self._log, least, key=lambda recorded: recorded.seconds))
        return self._log[self._gone].event_id if self._gone < len(self._log) else "g"

    def _shown(self, stream: str) -> Items:
        return self._roster().shared()[0] if stream == USERS else self._year.shared(stream)

    def _differences(self, before: Items, after: Items) -> list[tuple[str, bytes | None, bytes | None]]:
        return [(each, before.get(each), after.get(each)) for each in before.keys() | after.keys()]

    def _sections(
        self,
        users: Mapping[str, tuple[bytes | None, Kind]],
        turned: Iterable[str],
        records: Mapping[tuple[str, str], bytes | None],
    ) -> list[tuple[str, bytes | None, bytes | None]]:
        """Compare the sections that were touched, and those of the people who are seen in other roles."""
        year, roster = self._year, self._roster()
        touched = {record_id for stream, record_id in records if stream == SECTIONS}
        touched.update(section_id for user_id in turned for section_id in year.sections_of(user_id))

        def roles_before(user_id: str) -> Kind:
            return users[user_id][1] if user_id in users else roster.seen_roles(user_id)

        found: list[tuple[str, bytes | None, bytes | None]] = []
        for section_id in touched:
            item = year.item(SECTIONS, section_id)
            before = year.seen(SECTIONS, records.get((SECTIONS, section_id), item), roles_before)
            found.append((section_id, before, year.seen(SECTIONS, item, roster.seen_roles)))
        return found

    def _record(self, found: Mapping[str, Sequence[tuple[str, bytes | None, bytes | None]]]) -> None:
        for stream in ORDER:
            if stream in self.muted:
                continue
            for _, before, after in sorted(found.get(stream, ()), key=lambda one: one[0]):
                if before != after:
                    seconds = max(self._clock.milliseconds, self._year.now) // 1000
                    seconds = max(seconds, self._log[-1].seconds if self._log else 0)
                    self._log.append(Recorded(self._ids.mint(seconds), seconds, stream, before, after))

    def _view(self, version: str) -> _View:
        """Return the events of a version, with those that were recorded since it was asked for last."""
        view = self._views.setdefault(version, _View())
        for recorded in self._log[view.read :]:
            before, after = (
                _object(version, recorded.stream, recorded.before),
                _object(version, recorded.stream, recorded.after),
            )
            event = _event(recorded, before, after)
            if event is not None:
                view.ids.append(recorded.event_id)
                view.items.append(item_bytes(version, EVENTS, event))
                view.streams.append(recorded.stream)
                view.schools.append(_schools(recorded.stream, before) | _schools(recorded.stream, after))
        view.read = len(self._log)
        return view


def _object(version: str, stream: str, item: bytes | None) -> Record | None:
    """Return a record as a version shows it."""
    if item is None:
        return None
    return in_v31(stream, record_of(item)) if version == V31 else record_of(item)


def _event(recorded: Recorded, before: Record | None, after: Record | None) -> Record | None:
    """Describe a change; None if nothing differs."""
    kind = "created" if before is None else "deleted" if after is None else "updated"
    event: Record = {
        "id": recorded.event_id,
        "type": f"{recorded.stream}.{kind}",
        "created": time_text(recorded.seconds * 1000),
        "data": {"object": before if after is None else after},
    }
    if before is not None and after is not None:
        names = sorted(before.keys() | after.keys())
        former = {name: before.get(name) for name in names if before.get(name, ...) != after.get(name, ...)}
        if not former:
            return None
        event["previous_attributes"] = former
    return event


def _schools(stream: str, record: Record | None) -> frozenset[str]:
    """Return the schools that a record belongs to."""
    if record is None or stream not in {SCHOOLS, SECTIONS, USERS}:
        return frozenset()
    if stream != USERS:
        found = [record["id"] if stream == SCHOOLS else record.get("school")]
    else:
        held = [role for role in (record.get("roles") or {}).values() if isinstance(role, dict)]
        found = [school for role in held for school in (role.get("school"), *_list(role.get("schools")))]
    return frozenset(school for school in found if isinstance(school, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
