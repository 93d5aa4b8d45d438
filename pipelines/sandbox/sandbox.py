"""What the sandbox as a whole is: districts, tokens, faults and time."""

import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipelines.sandbox.allowance import REQUESTS_A_MINUTE, SECONDS, Allowances
from pipelines.sandbox.app import App, Logged
from pipelines.sandbox.day import Day
from pipelines.sandbox.district import STREAMS, District
from pipelines.sandbox.faults import ANY, Effect, Fault, Faults
from pipelines.sandbox.ids import ObjectIds, mark_of
from pipelines.sandbox.people import FIRST_SECOND, Kind, Plan, Record
from pipelines.sandbox.rendering import Rendering, record_of
from pipelines.sandbox.roster import Change, Clock, Roster
from pipelines.sandbox.school_day import SchoolDay
from pipelines.sandbox.school_year import RecordChange, SchoolYear
from pipelines.sandbox.server import RunningServer
from pipelines.sandbox.streams import DISTRICTS, EVENTS, PLACES, RESOURCES, SECTIONS, USERS
from pipelines.sandbox.versions import V21, V30

REQUESTS_KEPT = 100_000
"""How many requests the log keeps."""


class Sandbox:
    """A fake Clever API: fake districts behind an API like Clever's.

    Everything follows from the seed. People are made when a district is first asked for them.
    """

    def __init__(
        self,
        districts: int = 1,
        users: int = 500,
        seed: int = 0,
        *,
        client_id: str = "sandbox",
        client_secret: str = "sandbox",  # noqa: S107 - the fake secret of a fake service
        gzip: bool = True,
        rate_limit: int = REQUESTS_A_MINUTE,
        rate_window: int = SECONDS,
    ) -> None:
        """Plan the districts.

        Args:
            districts: How many.
            users: How many people each has.
            seed: The same seed gives the same ids, people and days.
            client_id: For GET /oauth/tokens.
            client_secret: For GET /oauth/tokens.
            gzip: Whether to compress for clients that accept it.
            rate_limit: Requests that a token may make in a window.
            rate_window: Length of that window in seconds.
        """
        self.client_id = client_id
        self.client_secret = client_secret
        self.gzip = gzip
        self.allowances = Allowances(rate_limit, rate_window)
        self.rendering = Rendering()
        """How answers are written."""
        self.next_after_full_page = False
        """Whether a full last page has a next link, which leads to an empty page."""
        self.refusal_without_secure_sync = 403
        """What /users answers in a district without Secure Sync: 403 or 404."""
        self.v21_contacts_status = 200
        """What /v2.1/contacts answers; Clever has deprecated it since 31 July 2025 (Clever docs: Concept Guide)."""
        self.unknown_event_cursor: int | None = 400
        """What /events answers to a cursor that it does not know, or not any more: 400, 404, or, if None, the oldest
        events.
        """
        self.faults = Faults()
        self.requests: deque[Logged] = deque(maxlen=REQUESTS_KEPT)
        """Every request answered, oldest first, without tokens."""
        self.clock = Clock()
        self.lock = threading.RLock()
        self._seed = seed
        self._users = users
        self._ids = ObjectIds(0, seed)
        self._districts: dict[str, District] = {}
        self._by_mark: dict[str, District] = {}
        self._by_token: dict[str, District] = {}
        self._added: list[str] = []
        for _ in range(districts):
            self.add_district()

    @property
    def districts(self) -> dict[str, str]:
        """The connected districts: id and bearer token."""
        with self.lock:
            return {district.id: district.token for district in self.connected()}

    @property
    def log(self) -> list[Change]:
        """All changes of people of all districts, day by day."""
        with self.lock:
            changes = [change for district in self._made() for change in district.roster.log]
        return sorted(changes, key=lambda change: change.day)

    @property
    def school_log(self) -> list[RecordChange]:
        """All changes of other records of all districts, day by day."""
        with self.lock:
            changes = [change for district in self.all_districts() for change in district.year.log]
        return sorted(changes, key=lambda change: change.day)

    def serve(self, port: int = 0) -> RunningServer:
        """Serve on 127.0.0.1 until the server is closed; its `url` stands for both of Clever's hosts."""
        return RunningServer(App(self), port)

    def prepare(self) -> int:
        """Generate all people of all districts now, and count them."""
        return sum(len(district.listing(V30, USERS)) for district in self.all_districts())

    def served(self, version: str, stream: str, district_id: str | None = None) -> list[Record]:
        """Return the records that a list shows now, of one district or of all connected ones.

        Args:
            version: v3.0, v3.1, or v2.1.
            stream: The list, such as users.
            district_id: One district; None for all connected ones.
        """
        with self.lock:
            chosen = self.connected() if district_id is None else [self._districts[district_id]]
            return [record_of(item) for district in chosen for item in district.listing(version, stream).items]

    def events(self, version: str, district_id: str) -> list[Record]:
        """Return the events that a district shows now, oldest first.

        Events are recorded from the first list of a district on that is read, also by `served`.
        """
        with self.lock:
            return [record_of(item) for item in self._districts[district_id].listing(version, EVENTS).items]

    def disable_events(self, district_id: str, status: int = 403) -> None:
        """Generate no events of a district, and answer 403 or 404 to who asks for them; the earlier ones are kept."""
        with self.lock:
            self.refuse(district_id, EVENTS, status)
            self._districts[district_id].events.is_on = False

    def enable_events(self, district_id: str) -> None:
        """Generate events of a district again; what changed meanwhile has none."""
        with self.lock:
            self.serve_again(district_id, EVENTS)
            self._districts[district_id].events.is_on = True

    def expire_events(self, district_id: str) -> None:
        """Let all events of a district be older than those that Clever keeps, as 30 days do."""
        with self.lock:
            self._districts[district_id].events.expire()

    @contextmanager
    def without_events(self) -> Iterator[None]:
        """Make changes that Clever generates no events for: with sandbox.without_events(): ..."""
        with self.lock:
            logs = [district.events for district in self.all_districts() if district.events.is_on]
            for log in logs:
                log.is_on = False
        try:
            yield
        finally:
            with self.lock:
                for log in logs:
                    log.is_on = True

    def roster(self, district_id: str) -> Roster:
        """Return the roster of a district for what is not repeated here; hold `lock` to change it while serving."""
        return self._districts[district_id].roster

    def add_district(self, users: int | None = None, *, secure_sync: bool = True) -> str:
        """Let a district authorize the app, and give its id.

        Args:
            users: How many people; as many as the others have if None.
            secure_sync: Without it only /districts can be read (Clever docs: Clever API Overview).
        """
        with self.lock:
            index = len(self._districts)
            district_id = self._ids.mint(FIRST_SECOND + index)
            people = self._users if users is None else users
            district = District(Plan(district_id, index, people, self._seed), self.clock, self.lock)
            district.secure_sync = secure_sync
            self._districts[district_id] = district
            self._by_mark |= dict.fromkeys((district.people_ids.mark, *district.year.marks), district)
            self._by_token[district.token] = district
            return district_id

    def lists(self, version: str) -> Collection[str]:
        """Name the lists of an API version, those included that were added; none for a version that there is not."""
        events = () if version == V21 else (EVENTS,)
        return (*STREAMS[version], *events, *self._added) if version in STREAMS else ()

    def add_list(self, stream: str) -> None:
        """Serve a list that Clever does not have, without records: GET /v3.0/<stream>."""
        with self.lock:
            self._added.append(stream)

    def create_record(self, district_id: str, stream: str, fields: Mapping[str, Any]) -> str:
        """Add a school, course, term, section, or resource with these fields by dotted names, and give its ID."""
        with self.lock:
            return self._districts[district_id].year.create(stream, fields)

    def put_record(self, district_id: str, stream: str, record: Record) -> None:
        """Add a record exactly as it is, or replace the one with its ID: of a list that was added, or not of people."""
        with self.lock:
            if stream in PLACES:
                self._districts[district_id].year.put(stream, record)
            else:
                self._districts[district_id].put(stream, record)

    def change_record(self, stream: str, record_id: str, fields: Mapping[str, Any]) -> None:
        """Set fields of any record by dotted names; `...` as a value takes a field away."""
        with self.lock:
            if stream == USERS:
                self._home(record_id).change(record_id, fields)
            else:
                self._year_of(stream, record_id).change(stream, record_id, fields)

    def rename_record(self, stream: str, record_id: str, name: str) -> None:
        """Give a record another name, or a resource another title."""
        with self.lock:
            self._year_of(stream, record_id).rename(stream, record_id, name)

    def remove_record(self, district_id: str, stream: str, record_id: str) -> None:
        """Remove a record of a district; what refers to it is left as it is."""
        with self.lock:
            if stream == USERS:
                self.roster(district_id).remove(record_id)
            elif stream in PLACES:
                self._districts[district_id].year.remove(stream, record_id)
            else:
                self._districts[district_id].take(stream, record_id)

    def restore_record(self, district_id: str, stream: str, record_id: str) -> None:
        """Bring a removed record of a district back under the same ID."""
        with self.lock:
            if stream == USERS:
                self.roster(district_id).restore(record_id)
            else:
                self._districts[district_id].year.restore(stream, record_id)

    def enroll(self, section_id: str, *user_ids: str) -> None:
        """Add students to a section; one that was removed or emptied comes back with these students alone."""
        with self.lock:
            self._year_of(SECTIONS, section_id).enroll(section_id, *user_ids)

    def unenroll(self, section_id: str, *user_ids: str) -> None:
        """Take students out of a section; with the last one it is removed."""
        with self.lock:
            self._year_of(SECTIONS, section_id).unenroll(section_id, *user_ids)

    def move(self, user_id: str, from_section: str, to_section: str) -> None:
        """Move a student from one section to another."""
        with self.lock:
            self.enroll(to_section, user_id)
            self.unenroll(from_section, user_id)

    def assign_teachers(self, section_id: str, *user_ids: str, primary: str | None = "") -> None:
        """Replace the teachers of a section.

        Args:
            section_id: The section.
            user_ids: All its teachers, in this order.
            primary: The primary teacher, who need not be among them; the first one if not given, no one if None.
        """
        with self.lock:
            first = user_ids[0] if user_ids else None
            self._year_of(SECTIONS, section_id).assign(section_id, user_ids, first if primary == "" else primary)

    def assign_resource(self, resource_id: str, *course_ids: str) -> None:
        """Assign a resource to these courses and to no other; the record of the resource stays as it is."""
        with self.lock:
            self._year_of(RESOURCES, resource_id).link(resource_id, course_ids)

    def pause(self, district_id: str, start: str, end: str) -> None:
        """Let a district pause its syncs between two instants, written as Clever writes them."""
        with self.lock:
            self._districts[district_id].year.pause(start, end)

    def resume(self, district_id: str) -> None:
        """Let a district end its pause."""
        with self.lock:
            self._districts[district_id].year.resume()

    def sync_from_sis(self, district_id: str) -> None:
        """Let Clever read a district's SIS: `last_sync` moves, and a failure before is over."""
        with self.lock:
            self._districts[district_id].year.sync_from_sis()

    def fail_sync(self, district_id: str, error: str = "The SIS did not answer.") -> None:
        """Let Clever fail to read a district's SIS: its state is `error`."""
        with self.lock:
            self._districts[district_id].year.fail(error)

    def refuse(self, district_id: str, stream: str, status: int = 403) -> None:
        """Refuse a whole list of a district, in all versions, with 403 or 404: it is not shared with the app.

        There are no events of it either.
        """
        with self.lock:
            self._districts[district_id].refused[stream] = status
            self._districts[district_id].events.muted.add(stream)

    def serve_again(self, district_id: str, stream: str) -> None:
        """End a refusal."""
        with self.lock:
            self._districts[district_id].refused.pop(stream, None)
            self._districts[district_id].events.muted.discard(stream)

    def rotate_token(self, district_id: str) -> str:
        """Replace a district's token, and give it; the former one gets 401."""
        with self.lock:
            district = self._districts[district_id]
            self._by_token.pop(district.token, None)
            self._by_token[district.new_token()] = district
            return district.token

    def disconnect(self, district_id: str) -> None:
        """Let a district withdraw: its token is no longer listed and gets 401."""
        with self.lock:
            district = self._districts[district_id]
            district.connected = False
            self._by_token.pop(district.token, None)

    def connect(self, district_id: str) -> str:
        """Let a district authorize the app again, and give its token, which is another one.

        Clever docs (Clever API Overview): a token is made each time a district authorizes the app.
        """
        with self.lock:
            self._districts[district_id].connected = True
            return self.rotate_token(district_id)

    def connected(self) -> list[District]:
        """List the connected districts, in ascending order of ids."""
        return [district for district in self.all_districts() if district.connected]

    def district_of_token(self, token: str | None) -> District | None:
        """Return the district of a token; None for a token that opens nothing."""
        with self.lock:
            return self._by_token.get(token) if token else None

    def token_id(self, district: District) -> str:
        """Return the id of a district's token, which is not the token."""
        return ObjectIds(0, self._seed).at(FIRST_SECOND, 0xF00000 + district.index)

    def inject(
        self,
        effect: Effect,
        *,
        district: str | None = None,
        stream: str | None = None,
        role: str = ANY,
        page: int | None = None,
        after: int = 0,
        times: int | None = None,
        version: str | None = None,
    ) -> Fault:
        """Put a fault in force; see `Fault` for what chooses the requests."""
        return self.faults.add(Fault(effect, district, stream, role, page, after, times, version))

    def heal(self) -> None:
        """End all faults."""
        self.faults.clear()

    def add_person(self, district_id: str, roles: Kind = ("student",)) -> str:
        """Let a person arrive, and give the id."""
        with self.lock:
            return self.roster(district_id).add_person(roles)

    def show_elsewhere(self, user_id: str, district_id: str) -> None:
        """Let another district show a person as its own too; `roster(district_id).remove(user_id)` ends that."""
        with self.lock:
            self.roster(district_id).show(self._home(user_id).record(user_id))

    def remove(self, user_id: str) -> None:
        """Let a person leave."""
        with self.lock:
            self._home(user_id).remove(user_id)

    def restore(self, user_id: str) -> None:
        """Bring a removed person back under the same id."""
        with self.lock:
            self._home(user_id).restore(user_id)

    def drop_role(self, user_id: str, role: str) -> None:
        """Take a role away."""
        with self.lock:
            self._home(user_id).drop_role(user_id, role)

    def give_role(self, user_id: str, role: str, legacy_id: str | None = None) -> str:
        """Add a role, and return its legacy id."""
        with self.lock:
            return self._home(user_id).give_role(user_id, role, legacy_id)

    def change(self, user_id: str, fields: Mapping[str, Any]) -> None:
        """Set fields by dotted names; `...` as a value takes a field away."""
        with self.lock:
            self._home(user_id).change(user_id, fields)

    def change_email(self, user_id: str, email: str | None = None) -> None:
        """Change the email of a person."""
        with self.lock:
            self._home(user_id).change_email(user_id, email)

    def merge(self, user_a: str, user_b: str) -> str:
        """Merge two employees into one new id, which is given."""
        with self.lock:
            return self._home(user_a).merge(user_a, user_b)

    def split(self, user_id: str, *, keep: bool = False) -> tuple[str, ...]:
        """Split a person by role, and give the ids of the parts."""
        with self.lock:
            return self._home(user_id).split(user_id, keep=keep)

    def reissue(self, legacy_id: str, to_user: str) -> None:
        """Let a legacy id name another person."""
        with self.lock:
            self._home(to_user).reissue(legacy_id, to_user)

    def remint_contact(self, user_id: str) -> str:
        """Edit a contact without sis_id, and give the id it has after that."""
        with self.lock:
            return self._home(user_id).remint_contact(user_id)

    def unshare(
        self, district_id: str, *, role: str | None = None, school_id: str | None = None, stream: str | None = None
    ) -> None:
        """Let a district stop sharing a role, a school, or all records of a list, which is then empty."""
        with self.lock:
            if stream is not None:
                self._districts[district_id].year.unshare(stream)
            if role is not None or school_id is not None:
                self.roster(district_id).unshare(role=role, school_id=school_id)

    def share(
        self, district_id: str, *, role: str | None = None, school_id: str | None = None, stream: str | None = None
    ) -> None:
        """Let a district share a role, a school, or a list again."""
        with self.lock:
            if stream is not None:
                self._districts[district_id].year.share(stream)
            if role is not None or school_id is not None:
                self.roster(district_id).share(role=role, school_id=school_id)

    def advance(self, days: int = 1, *, keep_shared: bool = False) -> list[Change]:
        """Simulate days in all connected districts, and return the changes of people; some days have none at all.

        With ``keep_shared``, no district changes by itself what it shares; all else is the same.
        """
        with self.lock:
            before = len(self.log)
            for _ in range(days):
                self.clock.sleep()
                today = [Day(district.roster, self._seed, self.clock.day) for district in self.connected()]
                for day in today:
                    day.apply(keep_shared=keep_shared)
                for day in today:
                    day.edit_fields()
                for day, district in zip(today, self.connected(), strict=True):
                    if not day.is_quiet:
                        SchoolDay(district.roster, district.year, self._seed, self.clock.day).apply()
            return self.log[before:]

    def roll_over(self, district_id: str) -> None:
        """Let a school year end.

        Leavers leave, the others move up a grade, newcomers arrive. Terms and sections are new, and so are the IDs of
        courses without a number.
        """
        with self.lock:
            self.clock.sleep()
            self._roll_over(self._districts[district_id])

    def end_school_year(self) -> None:
        """Let the school year end in all connected districts, in one day."""
        with self.lock:
            self.clock.sleep()
            for district in self.connected():
                self._roll_over(district)

    def _roll_over(self, district: District) -> None:
        with district.bulk():
            Day(district.roster, self._seed, self.clock.day).roll_over()
            district.year.roll_over()

    def _home(self, user_id: str) -> Roster:
        return self._by_mark[mark_of(user_id)].roster

    def _year_of(self, stream: str, record_id: str) -> SchoolYear:
        """Return the school year that has a record, or had it."""
        home = self._by_mark.get(mark_of(record_id)) if stream != DISTRICTS else self._districts.get(record_id)
        for district in [home] if home else self.all_districts():
            if district.year.has(stream, record_id) or record_id in district.year.gone(stream):
                return district.year
        message = f"no district has {record_id} in {stream}"
        raise KeyError(message)

    def all_districts(self) -> list[District]:
        """List all districts, connected or not."""
        with self.lock:
            return list(self._districts.values())

    def _made(self) -> list[District]:
        return [district for district in self.all_districts() if district.is_made]
