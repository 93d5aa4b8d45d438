"""What one district has to show: its token, its people and its school year, and the lists made of them."""

import random
import threading
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext

from pipelines.sandbox.events import EventLog
from pipelines.sandbox.ids import ObjectIds
from pipelines.sandbox.listing import Listing
from pipelines.sandbox.people import TEACHER, Plan, Population, Record
from pipelines.sandbox.places import Places
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.roster import Clock, Roster
from pipelines.sandbox.school_year import SchoolYear
from pipelines.sandbox.streams import COURSES, EVENTS, PLACES, RESOURCES, SCHOOLS, SECTIONS, USERS
from pipelines.sandbox.versions import V21, V21_STREAMS, V30, V31, in_v31, people_in_v21, place_in_v21

Moment = tuple[int, ...]
"""The versions of all that a list is made of."""

STREAMS = {V30: (USERS, *PLACES), V31: (USERS, *PLACES), V21: (*V21_STREAMS, *PLACES[:-1])}
"""The lists of each API version."""


class District:
    """A district that authorized the app; its people are made when they are first asked for."""

    def __init__(self, plan: Plan, clock: Clock, lock: threading.RLock) -> None:
        """Prepare the district; no one is made yet.

        Args:
            plan: What the district follows from.
            clock: The time of the sandbox.
            lock: Held by any thread that reads or changes the people.
        """
        self.id = plan.district_id
        self.index = plan.index
        self.connected = True
        self.secure_sync = True
        self.people_ids = ObjectIds(2 * plan.index + 1, plan.seed, reserved=plan.people)
        self._places = Places(plan, ObjectIds(2 * plan.index + 2, plan.seed))
        self.year = SchoolYear(plan, self._places, lambda: self.roster, clock)
        self.events = EventLog(plan.index, plan.seed, clock, lambda: self.roster, self.year)
        self._is_watched = False
        self.refused: dict[str, int] = {}
        """The status with which each list that the app may not read is refused."""
        self._plan = plan
        self._clock = clock
        self._rng = random.Random(f"token {plan.seed} {plan.index}")
        self._roster: Roster | None = None
        self._listings: dict[tuple[str, str, str | None], tuple[Moment, Listing]] = {}
        self._added: dict[str, dict[str, Record]] = {}
        self._added_version = 0
        self._lock = lock
        self.token = self.new_token()

    @property
    def is_made(self) -> bool:
        """Whether the people were asked for and so exist."""
        return self._roster is not None

    @property
    def roster(self) -> Roster:
        """The people; they are made at the first access, which takes about 20 microseconds per person."""
        with self._lock:
            if self._roster is None:
                population = Population(self._plan, self.people_ids, self._places.school_ids)
                self._roster = Roster(population, self._clock)
                if self._is_watched:
                    self._roster.watcher = self.events
            return self._roster

    def new_token(self) -> str:
        """Replace the bearer token; the former one is refused from then on."""
        self.token = f"sandbox-token-{self.index}-{self._rng.getrandbits(96):024x}"
        return self.token

    def listing(self, version: str, stream: str, role: str | None = None) -> Listing:
        """Return a list as it is at this moment; it is made again only after what it is made of changed.

        From the first list on, changes are events.
        """
        with self._lock:
            self._watch()
            if stream == EVENTS:
                return self.events.listing(version)
            moment = self._moment(version, stream)
            made = self._listings.get((version, stream, role))
            if made is None or made[0] != moment:
                made = moment, self._make(version, stream, role)
                self._listings[version, stream, role] = made
            return made[1]

    def courses_of(self, version: str, resource_id: str) -> Listing | None:
        """Return the list of the courses that a resource is assigned to; None if the resource is not shown."""
        with self._lock:
            if self.listing(version, RESOURCES).find(resource_id) is None:
                return None
            courses = self.listing(version, COURSES)
            shown = [(each, item) for each in self.year.courses_of(resource_id) if (item := courses.find(each))]
            return Listing([course_id for course_id, _ in shown], [item for _, item in shown])

    def events_listing(self, version: str, record_types: Collection[str], school: str | None) -> Listing:
        """Return the events that a filter lets through."""
        with self._lock:
            self._watch()
            return self.events.listing(version, record_types, school)

    def bulk(self) -> AbstractContextManager[None]:
        """Record many changes as one."""
        return self.events.bulk() if self._is_watched else nullcontext()

    def has_event(self, event_id: str) -> bool:
        """Return whether an ID is that of an event that is kept."""
        with self._lock:
            return self.events.has(event_id)

    def _watch(self) -> None:
        """Record events from here on."""
        if not self._is_watched:
            self._is_watched = True
            self.year.watch(self.events, 0 if self._roster is None else len(self._roster.successions))
            if self._roster is not None:
                self._roster.watcher = self.events

    def _moment(self, version: str, stream: str) -> Moment:
        """Return the versions of what a list is made of; only what depends on people needs them to be made."""
        if stream not in STREAMS[version]:
            return (self._added_version,)
        if stream not in PLACES or (version, stream) == (V21, SECTIONS):
            return self.roster.version, self.year.version
        if stream == SECTIONS:
            return self.roster.presence, self.year.version
        return self.roster.version if stream == SCHOOLS and self.is_made else 0, self.year.version

    def put(self, stream: str, record: Record) -> None:
        """Add a record to a list that Clever does not have, or replace the one with its ID."""
        with self._lock:
            self._added.setdefault(stream, {})[record["id"]] = {"district": self.id, **record}
            self._added_version += 1

    def take(self, stream: str, record_id: str) -> None:
        """Remove a record from a list that Clever does not have."""
        with self._lock:
            del self._added[stream][record_id]
            self._added_version += 1

    def _make(self, version: str, stream: str, role: str | None) -> Listing:
        if stream not in STREAMS[version]:
            added = self._added.get(stream, {})
            return _written(version, stream, (added[record_id] for record_id in sorted(added)))
        if stream == USERS:
            return self._users(version, role)
        if stream in V21_STREAMS:
            return _written(version, stream, people_in_v21(stream, self.roster.shared_records()))
        items = self.year.shared(stream)
        ids = sorted(items)
        if version == V30:
            return Listing(ids, [items[record_id] for record_id in ids])
        records = (record_of(items[record_id]) for record_id in ids)
        if version == V31:
            return _written(version, stream, (in_v31(stream, record) for record in records))
        people = self.roster.shared_records() if stream == SECTIONS else iter(())
        held = ((record["id"], record["roles"].get(TEACHER)) for record in people)
        legacy_ids = {user_id: teacher["legacy_id"] for user_id, teacher in held if (teacher or {}).get("legacy_id")}
        return _written(version, stream, (place_in_v21(stream, record, legacy_ids) for record in records))

    def _users(self, version: str, role: str | None) -> Listing:
        """Put the people in order; a role view and the other versions lean on the list of all."""
        if role is not None:
            everyone = self.listing(version, USERS)
            _, roles = self.roster.shared()
            places = [place for place, user_id in enumerate(everyone.ids) if role in roles[user_id]]
            return Listing([everyone.ids[place] for place in places], [everyone.items[place] for place in places])
        if version == V30:
            items, _ = self.roster.shared()
            ids = sorted(items)
            return Listing(ids, [items[user_id] for user_id in ids])
        return _written(version, USERS, (in_v31(USERS, record) for record in self.roster.shared_records()))


def _written(version: str, stream: str, records: Iterable[Record]) -> Listing:
    """Write records that are already in ascending order of ids."""
    ids: list[str] = []
    items: list[bytes] = []
    for record in records:
        ids.append(record["id"])
        items.append(item_bytes(version, stream, record))
    return Listing(ids, items)
