"""What one district has to show: its token, its people and places, and the lists made of them."""

import random
import threading
from collections.abc import Callable, Iterable

from pipelines.sandbox.ids import ObjectIds
from pipelines.sandbox.listing import Listing
from pipelines.sandbox.people import TEACHER, Plan, Population, Record
from pipelines.sandbox.places import Places
from pipelines.sandbox.rendering import item_bytes
from pipelines.sandbox.roster import Clock, Roster
from pipelines.sandbox.versions import V21, V21_STREAMS, V30, V31, in_v31, people_in_v21, place_in_v21

PLACES = ("districts", "schools", "sections", "courses", "terms", "resources")
"""The lists that are not of people."""

UNMOVED = ("districts", "courses", "terms", "resources")
"""The lists that are the same whatever happens to people, and can be read before anybody is made."""

STREAMS = {V30: ("users", *PLACES), V31: ("users", *PLACES), V21: (*V21_STREAMS, *PLACES[:-1])}
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
        self.places = Places(plan, ObjectIds(2 * plan.index + 2, plan.seed))
        self._plan = plan
        self._clock = clock
        self._rng = random.Random(f"token {plan.seed} {plan.index}")
        self._roster: Roster | None = None
        self._listings: dict[tuple[str, str, str | None], tuple[int, Listing]] = {}
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
                population = Population(self._plan, self.people_ids, self.places.school_ids)
                self._roster = Roster(population, self._clock)
            return self._roster

    def new_token(self) -> str:
        """Replace the bearer token; the former one is refused from then on."""
        self.token = f"sandbox-token-{self.index}-{self._rng.getrandbits(96):024x}"
        return self.token

    def listing(self, version: str, stream: str, role: str | None = None) -> Listing:
        """Return a list as it is at this moment; it is made again only after the roster changed."""
        with self._lock:
            moment = 0 if stream in UNMOVED else self._moment(version, stream)
            made = self._listings.get((version, stream, role))
            if made is None or made[0] != moment:
                made = moment, self._make(version, stream, role)
                self._listings[version, stream, role] = made
            return made[1]

    def _moment(self, version: str, stream: str) -> int:
        """Count the changes of what a list is made of."""
        return self.roster.version if stream in STREAMS[version] else self._added_version

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
        if stream == "users":
            return self._users(version, role)
        if stream in V21_STREAMS:
            return _written(version, stream, people_in_v21(stream, self.roster.shared_records()))
        records = self._records(stream)
        if version == V31:
            records = [in_v31(stream, record) for record in records]
        elif version == V21:
            people = self.roster.shared_records() if stream == "sections" else iter(())
            held = ((record["id"], record["roles"].get(TEACHER)) for record in people)
            legacy_ids = {
                user_id: teacher["legacy_id"] for user_id, teacher in held if (teacher or {}).get("legacy_id")
            }
            records = [place_in_v21(stream, record, legacy_ids) for record in records]
        return _written(version, stream, records)

    def _users(self, version: str, role: str | None) -> Listing:
        """Put the people in order; a role view and the other versions lean on the list of all."""
        if role is not None:
            everyone = self.listing(version, "users")
            _, roles = self.roster.shared()
            places = [place for place, user_id in enumerate(everyone.ids) if role in roles[user_id]]
            return Listing([everyone.ids[place] for place in places], [everyone.items[place] for place in places])
        if version == V30:
            items, _ = self.roster.shared()
            ids = sorted(items)
            return Listing(ids, [items[user_id] for user_id in ids])
        return _written(version, "users", (in_v31("users", record) for record in self.roster.shared_records()))

    def _records(self, stream: str) -> list[Record]:
        sources: dict[str, Callable[[], list[Record]]] = {
            "districts": lambda: [self.places.district()],
            "schools": self._schools,
            "sections": lambda: self.places.sections(self.roster.shared_records()),
            "courses": self.places.courses,
            "terms": self.places.terms,
            "resources": list,
        }
        return sources[stream]()

    def _schools(self) -> list[Record]:
        hidden = self.roster.hidden_schools
        return [school for school in self.places.schools() if school["id"] not in hidden]


def _written(version: str, stream: str, records: Iterable[Record]) -> Listing:
    """Write records that are already in ascending order of ids."""
    ids: list[str] = []
    items: list[bytes] = []
    for record in records:
        ids.append(record["id"])
        items.append(item_bytes(version, stream, record))
    return Listing(ids, items)
