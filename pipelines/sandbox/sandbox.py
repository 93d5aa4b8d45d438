"""What the sandbox as a whole is: districts, tokens, faults and time."""

import threading
from collections import deque
from collections.abc import Collection, Mapping
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
from pipelines.sandbox.server import RunningServer

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
        """All changes of all rosters, day by day."""
        with self.lock:
            changes = [change for district in self._made() for change in district.roster.log]
        return sorted(changes, key=lambda change: change.day)

    def serve(self, port: int = 0) -> RunningServer:
        """Serve on 127.0.0.1 until the server is closed; its `url` stands for both of Clever's hosts."""
        return RunningServer(App(self), port)

    def prepare(self) -> int:
        """Generate all people of all districts now, and count them."""
        return sum(len(district.listing("v3.0", "users")) for district in self.all_districts())

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
            self._by_mark[district.people_ids.mark] = district
            self._by_token[district.token] = district
            return district_id

    def lists(self, version: str) -> Collection[str]:
        """Name the lists of an API version, those included that were added; none for a version that there is not."""
        return (*STREAMS[version], *self._added) if version in STREAMS else ()

    def add_list(self, stream: str) -> None:
        """Serve a list that Clever does not have, without records: GET /v3.0/<stream>."""
        with self.lock:
            self._added.append(stream)

    def put_record(self, district_id: str, stream: str, record: Record) -> None:
        """Add a record of a district to a list that was added, or replace the one with its ID."""
        with self.lock:
            self._districts[district_id].put(stream, record)

    def remove_record(self, district_id: str, stream: str, record_id: str) -> None:
        """Remove a record of a district from a list that was added."""
        with self.lock:
            self._districts[district_id].take(stream, record_id)

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
    ) -> Fault:
        """Put a fault in force; see `Fault` for what chooses the requests."""
        return self.faults.add(Fault(effect, district, stream, role, page, after, times))

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

    def unshare(self, district_id: str, *, role: str | None = None, school_id: str | None = None) -> None:
        """Let a district stop sharing a role or a school."""
        with self.lock:
            self.roster(district_id).unshare(role=role, school_id=school_id)

    def share(self, district_id: str, *, role: str | None = None, school_id: str | None = None) -> None:
        """Let a district share a role or a school again."""
        with self.lock:
            self.roster(district_id).share(role=role, school_id=school_id)

    def advance(self, days: int = 1) -> list[Change]:
        """Simulate days in all connected districts, and return the changes; some days have none."""
        with self.lock:
            before = len(self.log)
            for _ in range(days):
                self.clock.sleep()
                today = [Day(district.roster, self._seed, self.clock.day) for district in self.connected()]
                for day in today:
                    day.apply()
                for day in today:
                    day.edit_fields()
            return self.log[before:]

    def roll_over(self, district_id: str) -> None:
        """Let a school year end: leavers leave, the others move up a grade, newcomers arrive."""
        with self.lock:
            self.clock.sleep()
            Day(self.roster(district_id), self._seed, self.clock.day).roll_over()

    def _home(self, user_id: str) -> Roster:
        return self._by_mark[mark_of(user_id)].roster

    def all_districts(self) -> list[District]:
        """List all districts, connected or not."""
        with self.lock:
            return list(self._districts.values())

    def _made(self) -> list[District]:
        return [district for district in self.all_districts() if district.is_made]
