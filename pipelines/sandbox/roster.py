"""How the roster of one district changes: named operations, each as Clever is known to carry it out.

Clever docs say that merges and e-mail changes can mint ids (Data Model Quirks), that contacts without sis_id get an
id of their own on any edit (Contacts and Guardians), and that unshared and deleted records look alike (Secure Sync
Certification). That a role which is lost leaves the id in place is an inference; no source states it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.sandbox.fields import set_fields
from pipelines.sandbox.ids import SECONDS_A_DAY, count_of, mark_of, time_text
from pipelines.sandbox.people import (
    CONTACT,
    EMPLOYEE_ROLES,
    LAST_SECOND,
    ROLES,
    STUDENT,
    TEACHER,
    Kind,
    Population,
    Record,
)
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.streams import SCHOOLS, SECTIONS, USERS
from pipelines.sandbox.timetable import Attendance
from pipelines.sandbox.versions import V30
from pipelines.sandbox.watcher import Watcher


class Clock:
    """The sandbox's own time: it moves with every change and by a day with every simulated day, never by itself."""

    def __init__(self) -> None:
        """Start on 1 July 2025 (UTC)."""
        self.milliseconds = LAST_SECOND * 1000
        self.day = 0

    def tick(self) -> int:
        """Let a second pass and give the instant, in milliseconds since 1970."""
        self.milliseconds += 1000
        return self.milliseconds

    def sleep(self) -> None:
        """Simulate a day."""
        self.day += 1
        self.milliseconds = max(self.milliseconds, (LAST_SECOND + self.day * SECONDS_A_DAY) * 1000)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a roster, as the log keeps it."""

    day: int
    district_id: str
    what: str
    """One of added, removed, restored, role_dropped, role_given, changed, merged, split, reissued, reminted, unshared,
    shared.
    """
    user_ids: tuple[str, ...]
    """Who it was about; for merged: both former ids and the new one; for split: the former id and the new ones."""
    role: str | None = None
    legacy_id: str | None = None


class Roster:
    """The people of one district who are in Clever now, each written once as an item of /v3.0/users."""

    def __init__(self, population: Population, clock: Clock) -> None:
        """Make everybody who lives in the district."""
        self.district_id = population.district_id
        self.log: list[Change] = []
        self.version = 0
        """Counts the changes: a list made at one version is right for that version only."""
        self.presence = 0
        """Counts the changes of who is seen in which role; sections depend on nothing else of people."""
        self.beginning = Attendance()
        """Who was where when the district was made, for its sections."""
        self.successions: list[tuple[str, str]] = []
        """Teachers who go on under another ID: the former ID and the new one, in the order of the changes."""
        self.watcher: Watcher | None = None
        self._population = population
        self._clock = clock
        self._items: dict[str, bytes] = {}
        self._roles: dict[str, Kind] = {}
        self._gone: dict[str, Record] = {}
        self._hidden_roles: set[str] = set()
        self._hidden_schools: set[str] = set()
        self._shared: tuple[int, dict[str, bytes], dict[str, Kind]] | None = None
        for record in population:
            self._store(record)
            self.beginning.add(record)

    def __len__(self) -> int:
        """Count the people in Clever, shared or not."""
        return len(self._items)

    def __contains__(self, user_id: object) -> bool:
        """Return whether the person is in Clever, shared or not."""
        return user_id in self._items

    @property
    def hidden_schools(self) -> frozenset[str]:
        """The schools that the district does not share."""
        return frozenset(self._hidden_schools)

    @property
    def hidden_roles(self) -> frozenset[str]:
        """The roles that the district does not share."""
        return frozenset(self._hidden_roles)

    def record(self, user_id: str) -> Record:
        """Return a copy of a person's v3.0 record, whether shared or not.

        Raises:
            KeyError: if the person is not in Clever.
        """
        return record_of(self._items[user_id])

    def ids(self, role: str | None = None) -> list[str]:
        """List the ids of all people, or of those with a role, in ascending order, shared or not."""
        if role is None:
            return sorted(self._items)
        return sorted(user_id for user_id, roles in self._roles.items() if role in roles)

    def gone(self) -> list[str]:
        """List the people who were removed and can be restored, in ascending order of ids."""
        return sorted(self._gone)

    def roles(self, user_id: str) -> Kind:
        """Name the roles that a person holds, shared or not."""
        return self._roles[user_id]

    def shared(self) -> tuple[dict[str, bytes], dict[str, Kind]]:
        """Return the items of the people whom the district shares, and the roles that each is seen to hold.

        A person is not shared when all roles are hidden, or when all schools are. A contact stays shared when a
        student is not: references to records that cannot be read are normal (Clever docs: Troubleshooting Your Sync).
        """
        if not self._hidden_roles and not self._hidden_schools:
            return self._items, self._roles
        if self._shared is None or self._shared[0] != self.version:
            items: dict[str, bytes] = {}
            roles: dict[str, Kind] = {}
            for user_id, item in self._items.items():
                record = self._seen(record_of(item))
                if record is not None:
                    items[user_id] = item_bytes(V30, USERS, record)
                    roles[user_id] = held_roles(record)
            self._shared = self.version, items, roles
        return self._shared[1:]

    def seen(self, user_id: str) -> bytes | None:
        """Return the item of a person as it is shared; None if the person is not there or not shared."""
        item = self._items.get(user_id)
        if item is None or not (self._hidden_roles or self._hidden_schools):
            return item
        record = self._seen(record_of(item))
        return item_bytes(V30, USERS, record) if record else None

    def seen_roles(self, user_id: str) -> Kind:
        """Name the roles in which a person is seen; none if the person is not there or not shared."""
        roles = self._roles.get(user_id, ())
        if not roles or not (self._hidden_roles or self._hidden_schools):
            return roles
        record = self._seen(self.record(user_id))
        return held_roles(record) if record else ()

    def attendance(self) -> Attendance:
        """Return who is at which school now, shared or not."""
        found = Attendance()
        for user_id in self.ids():
            found.add(self.record(user_id))
        return found

    def is_own(self, user_id: str) -> bool:
        """Return whether an ID is that of a person of this district, whether there or gone."""
        return mark_of(user_id) == self._population.ids.mark

    def shared_items(self) -> list[bytes]:
        """List the items of the people whom the district shares, in ascending order of ids."""
        items, _ = self.shared()
        return [items[user_id] for user_id in sorted(items)]

    def shared_records(self) -> Iterator[Record]:
        """Go through the v3.0 records of the people whom the district shares, in ascending order of ids."""
        return map(record_of, self.shared_items())

    def add_person(self, roles: Kind) -> str:
        """Let a person arrive, and give the id."""
        students = self.ids(STUDENT) if CONTACT in roles else []
        record = self._population.newcomer(roles, self._clock.tick() // 1000, students)
        self._store(record)
        return self._note("added", record["id"])

    def show(self, record: Record) -> None:
        """Show the record of another district as one of this district's own, under the same ID.

        Clever docs state that IDs are unique across districts; what a client does when they are not is for tests.
        """
        own = {"district": self.district_id}
        roles = {
            role: {**held, **own} if "district" in (held or {}) else held for role, held in record["roles"].items()
        }
        self._store({**record, **own, "roles": roles})
        self._note("added", record["id"])

    def remove(self, user_id: str) -> None:
        """Let a person leave; `restore` brings the same record back."""
        self._gone[user_id] = self.record(user_id)
        self._drop(user_id)
        self._note("removed", user_id)

    def restore(self, user_id: str) -> None:
        """Bring a removed person back under the same id."""
        self._store(self._gone.pop(user_id))
        self._note("restored", user_id)

    def drop_role(self, user_id: str, role: str) -> None:
        """Take a role away; the person stays, also without any role."""
        record = self.record(user_id)
        held = record["roles"].pop(role)
        self._touch(record)
        self._note("role_dropped", user_id, role=role, legacy_id=(held or {}).get("legacy_id"))

    def give_role(self, user_id: str, role: str, legacy_id: str | None = None) -> str:
        """Add a role, with this legacy id or one of its own, and return the legacy id."""
        record = self.record(user_id)
        held = self._population.role(role, record, count_of(user_id), legacy_id)
        record["roles"][role] = held
        self._touch(record)
        self._note("role_given", user_id, role=role, legacy_id=held["legacy_id"])
        return str(held["legacy_id"])

    def change(self, user_id: str, fields: Mapping[str, Any]) -> None:
        """Set fields of a record by dotted names; see `set_fields`."""
        record = self.record(user_id)
        set_fields(record, fields)
        self._touch(record, modified="last_modified" not in fields)
        self._note("changed", user_id)

    def rename(self, user_id: str) -> None:
        """Change the name of a person, also inside the teacher role, which repeats it."""
        name = self._population.name()
        fields: dict[str, Any] = {"name": name}
        if "teacher" in self.roles(user_id):
            fields["roles.teacher.name"] = name
        self.change(user_id, fields)

    def change_email(self, user_id: str, email: str | None = None) -> None:
        """Change the email of a person under the same id."""
        serial = self._clock.tick() % 1_000_000_007
        self.change(user_id, {"email": email or self._population.work_email(serial)})

    def merge(self, user_a: str, user_b: str) -> str:
        """Merge two employees: both ids die, and a new id, which is given, carries the roles of both.

        Raises:
            ValueError: if both hold the same role, or one holds a role that never combines with others.
        """
        first, second = self.record(user_a), self.record(user_b)
        roles = (*self.roles(user_a), *self.roles(user_b))
        if len(set(roles)) < len(roles) or not set(roles) <= set(EMPLOYEE_ROLES):
            message = f"users {user_a} and {user_b} cannot be merged: their roles are {', '.join(roles)}"
            raise ValueError(message)
        merged = self._mint_for(first, {**_present(first), **_present(second)})
        merged["email"] = first.get("email") or second.get("email")
        self._drop(user_a)
        self._drop(user_b)
        self._store(merged)
        self.successions += [(user_id, merged["id"]) for user_id in (user_a, user_b)]
        return self._note("merged", user_a, user_b, merged["id"])

    def split(self, user_id: str, *, keep: bool = False) -> tuple[str, ...]:
        """Split a person: the roles go on as one person each, with new ids, which are given.

        Args:
            user_id: Who holds two roles or more.
            keep: Leave the first role with the former id and mint an id for the others only.

        Raises:
            ValueError: if there are fewer than two roles.
        """
        record = self.record(user_id)
        roles = list(_present(record).items())
        if not roles[1:]:
            message = f"user {user_id} holds {len(roles)} role and cannot be split"
            raise ValueError(message)
        parts: list[Record] = []
        if keep:
            role, held = roles.pop(0)
            parts.append({**record, "roles": {role: held}, "last_modified": time_text(self._clock.tick())})
        parts += [self._mint_for(record, {role: held}) for role, held in roles]
        for part in parts[1:]:
            part["email"] = self._population.work_email(count_of(part["id"]))
        self._drop(user_id)
        for part in parts:
            self._store(part)
        teachers = [part["id"] for part in parts if TEACHER in part["roles"] and part["id"] != user_id]
        self.successions += [(user_id, teacher) for teacher in teachers]
        ids = tuple(part["id"] for part in parts)
        self._note("split", user_id, *ids)
        return ids

    def reissue(self, legacy_id: str, to_user: str, holder: tuple[str, str] | None = None) -> None:
        """Let a legacy id name another person in the same role; the former holder, if still there, loses the role.

        Args:
            legacy_id: The id to issue again.
            to_user: Who gets it.
            holder: Who has it, in which role; looked for among everyone if None.

        Raises:
            ValueError: if the new holder is missing the role and holds roles that do not combine with it.
        """
        former = holder or self.holder(legacy_id)
        role = former[1] if former else self.roles(to_user)[0]
        if role not in EMPLOYEE_ROLES and role not in self.roles(to_user):
            message = f"user {to_user} cannot take over a legacy id in the role {role}"
            raise ValueError(message)
        if former and former[0] != to_user:
            record = self.record(former[0])
            record["roles"].pop(role)
            if held_roles(record):
                self._touch(record)
            else:
                self._drop(former[0])
        record = self.record(to_user)
        held = record["roles"].get(role) or self._population.role(role, record, count_of(to_user), legacy_id)
        record["roles"][role] = {**held, "legacy_id": legacy_id}
        self._touch(record)
        self._note("reissued", *([former[0]] if former else []), to_user, role=role, legacy_id=legacy_id)

    def holder(self, legacy_id: str) -> tuple[str, str] | None:
        """Return the id and role of the person whom a legacy id names, or None (reads every record)."""
        for user_id, item in self._items.items():
            if legacy_id.encode() in item:
                for role, held in _present(record_of(item)).items():
                    if held.get("legacy_id") == legacy_id:
                        return user_id, role
        return None

    def remint_contact(self, user_id: str) -> str:
        """Edit a contact as Clever does without a sis_id: deleted and created again, with two new ids.

        Clever docs (Contacts and Guardians) state the new id; that the legacy id is another too follows from v2.1
        having deleted and re-created contacts in the same way (inference).
        """
        record = self.record(user_id)
        contact = {**record["roles"][CONTACT], "legacy_id": self._population.ids.mint(self._clock.tick() // 1000)}
        made = self._mint_for(record, {CONTACT: contact})
        made["name"] = {"last": self._population.name()["last"]}
        self._drop(user_id)
        self._store(made)
        return self._note("reminted", user_id, made["id"], role=CONTACT, legacy_id=contact["legacy_id"])

    def unshare(self, *, role: str | None = None, school_id: str | None = None) -> None:
        """Let the district stop sharing a role or a school."""
        self._announce(role, school_id)
        self._hidden_roles |= {role} if role else set()
        self._hidden_schools |= {school_id} if school_id else set()
        self.version += 1
        self.presence += 1
        self._note("unshared", role=role)

    def share(self, *, role: str | None = None, school_id: str | None = None) -> None:
        """Let the district share a role or a school again."""
        self._announce(role, school_id)
        self._hidden_roles -= {role} if role else set()
        self._hidden_schools -= {school_id} if school_id else set()
        self.version += 1
        self.presence += 1
        self._note("shared", role=role)

    def _announce(self, role: str | None, school_id: str | None) -> None:
        """Report that it is about to change who is shared."""
        if self.watcher and school_id:
            self.watcher.before_all((USERS, SCHOOLS, SECTIONS))
        elif self.watcher and role in {STUDENT, TEACHER}:
            self.watcher.before_all((USERS, SECTIONS))
        elif self.watcher:
            self.watcher.before_all((USERS,))

    def _seen(self, record: Record) -> Record | None:
        """Show what is shared of a record, or None."""
        roles: Record = {}
        for role, held in record["roles"].items():
            if role in self._hidden_roles:
                continue
            schools = (held or {}).get("schools") or []
            if schools and self._hidden_schools.issuperset(schools):
                continue
            roles[role] = held
        if not _present({"roles": roles}) and _present(record):
            return None
        return {**record, "roles": roles}

    def _mint_for(self, record: Record, roles: Record) -> Record:
        """Make a person with a new id out of an old one's record."""
        now = self._clock.tick()
        made = {**record, "id": self._population.ids.mint(now // 1000), "roles": roles}
        return made | {"created": time_text(now), "last_modified": time_text(now)}

    def _touch(self, record: Record, *, modified: bool = True) -> None:
        """Keep a changed record, with the instant of the change."""
        if modified:
            record["last_modified"] = time_text(self._clock.tick())
        self._store(record)

    def _store(self, record: Record) -> None:
        user_id, roles = record["id"], held_roles(record)
        if self.watcher:
            self.watcher.before(USERS, user_id)
        self._items[user_id] = item_bytes(V30, USERS, record)
        # With a hidden school, a field such as the schools of a person decides as well.
        if self._hidden_schools or self._roles.get(user_id) != roles:
            self.presence += 1
        self._roles[user_id] = roles
        self.version += 1

    def _drop(self, user_id: str) -> None:
        if self.watcher:
            self.watcher.before(USERS, user_id)
        del self._items[user_id], self._roles[user_id]
        self.version += 1
        self.presence += 1

    def _note(self, what: str, *user_ids: str, role: str | None = None, legacy_id: str | None = None) -> str:
        """Log a change and give the last id it was about."""
        self.log.append(Change(self._clock.day, self.district_id, what, user_ids, role, legacy_id))
        if self.watcher:
            self.watcher.after()
        return user_ids[-1] if user_ids else ""


def held_roles(record: Record) -> Kind:
    """Name the five-role roles that a record holds: an empty object counts, null does not."""
    roles = record.get("roles") or {}
    return tuple(role for role in ROLES if roles.get(role) is not None)


def _present(record: Record) -> Record:
    return {role: held for role, held in record["roles"].items() if held is not None}
