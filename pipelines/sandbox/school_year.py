"""What a fake district shows besides people: itself, its schools, courses, terms, sections and resources as they are now.

Sections are made when they are first asked for, of the people with whom the district began, so that they are the same
whenever that is. Their students and teachers are kept also while these are not in Clever or not shared; a list shows
those only who are. A section without a student does not exist (Clever docs: Data Model Quirks).
"""

import itertools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pipelines.sandbox.fields import set_fields
from pipelines.sandbox.ids import ObjectIds, count_of, seconds_of, time_text
from pipelines.sandbox.people import LAST_SECOND, STUDENT, TEACHER, Kind, Plan, Record
from pipelines.sandbox.places import FIRST_YEAR, Places, year_of_terms
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.roster import Clock, Roster
from pipelines.sandbox.streams import COURSES, DISTRICTS, PLACES, RESOURCES, SCHOOLS, SECTIONS, TERMS
from pipelines.sandbox.timetable import Frame, timetable
from pipelines.sandbox.versions import V30
from pipelines.sandbox.watcher import Watcher

FIRST_SECTION_SECOND = LAST_SECOND - 90 * 86_400
"""In the spring of 2025, from which the sections of a new district date, one second apart."""

SECTION_ORIGINS, NEW_ORIGINS = 1 << 20, 1 << 21
"""The origins of the IDs of the first sections and of later records in the first district; the others follow."""

NEVER_GIVEN = 0xF00000
"""The first count of the IDs that lead nowhere."""

Items = dict[str, bytes]
"""The records of one list by ID, each written once as an item of API v3.0."""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One change of records that are not of people, as the log keeps it."""

    day: int
    district_id: str
    what: str
    """One of created, put, removed, restored, changed, enrolled, unenrolled, assigned, linked, unshared, shared,
    rolled_over.
    """
    stream: str
    record_ids: tuple[str, ...]
    """Which records; none for a whole list."""
    user_ids: tuple[str, ...]
    """The students or teachers it was about."""


class _Members(msgspec.Struct):
    """Whom a section names."""

    school: str | None = None
    students: list[str] = []
    teachers: list[str] = []
    teacher: str | None = None


class _Item(msgspec.Struct):
    data: _Members


_read = msgspec.json.Decoder(_Item).decode


def _members(item: bytes) -> _Members | None:
    """Read whom a section names; None if the section does not name people as Clever does."""
    try:
        return _read(item).data
    except msgspec.ValidationError:
        return None


@dataclass(slots=True)
class _Index:
    """Which sections there are of a person and of a school."""

    of_person: dict[str, list[str]] = field(default_factory=dict)
    of_school: dict[str, set[str]] = field(default_factory=dict)

    def add(self, section_id: str, item: bytes) -> None:
        """Add a section."""
        if members := _members(item):
            for user_id in {*members.students, *members.teachers, members.teacher or ""}:
                self.of_person.setdefault(user_id, []).append(section_id)
            self.of_school.setdefault(members.school or "", set()).add(section_id)

    def discard(self, section_id: str, item: bytes | None) -> None:
        """Take a section out, if it was there."""
        if item and (members := _members(item)):
            for user_id in {*members.students, *members.teachers, members.teacher or ""}:
                self.of_person[user_id].remove(section_id)
            self.of_school[members.school or ""].discard(section_id)


class SchoolYear:
    """The records of one district that are not of people."""

    def __init__(self, plan: Plan, places: Places, roster: Callable[[], Roster], clock: Clock) -> None:
        """Prepare; nothing is made before it is asked for.

        Args:
            plan: What the district follows from.
            places: What the district has when it is new.
            roster: Gives the people.
            clock: The time of the sandbox.
        """
        self.district_id = plan.district_id
        self.version = 0
        """Counts the changes: a list made at one version is right for that version only."""
        self._plan = plan
        self._places = places
        self._roster = roster
        self.log: list[RecordChange] = []
        self._clock = clock
        self.now = LAST_SECOND * 1000
        """The time of the last change, in milliseconds since 1970."""
        self._section_ids = ObjectIds(SECTION_ORIGINS + plan.index, plan.seed)
        self._new_ids = ObjectIds(NEW_ORIGINS + plan.index, plan.seed)
        self.marks = places.mark, self._section_ids.mark, self._new_ids.mark
        """What the IDs of all these records share."""
        self._unknown = itertools.count(NEVER_GIVEN)
        self._items: dict[str, Items] = {}
        self._gone: dict[str, Items] = {}
        self._hidden: set[str] = set()
        self._links = places.courses_of_resources()
        self._year = FIRST_YEAR
        self._terms = places.current_terms()
        self._indexed: _Index | None = None
        self._followed = 0
        self._greeted = 0
        self._watcher: Watcher | None = None
        self._watched_from = 0

    def record(self, stream: str, record_id: str) -> Record:
        """Return a copy of a record, whether shared or not.

        Raises:
            KeyError: if there is no such record.
        """
        return record_of(self._of(stream)[record_id])

    def ids(self, stream: str) -> list[str]:
        """List the IDs of all records of a list, in ascending order, shared or not."""
        return sorted(self._of(stream))

    def shared(self, stream: str) -> Items:
        """Return the items of the records that the district shares."""
        if stream in self._hidden:
            return {}
        if stream == SECTIONS:
            return self._shared_sections()
        if stream == SCHOOLS:
            hidden = self._roster().hidden_schools
            return {school_id: item for school_id, item in self._of(stream).items() if school_id not in hidden}
        return self._of(stream)

    def courses_of(self, resource_id: str) -> list[str]:
        """List the courses that a resource is assigned to, in ascending order of IDs."""
        return sorted(self._links.get(resource_id, ()))

    def gone(self, stream: str) -> list[str]:
        """List the records that were removed and can be restored, in ascending order of IDs."""
        return sorted(self._gone.get(stream, ()))

    def sections_of(self, user_id: str) -> list[str]:
        """List the sections in which a person learns or teaches, in ascending order of IDs, shared or not."""
        self.follow()
        return sorted(self._index().of_person.get(user_id, ()))

    def sections_at(self, school_id: str) -> list[str]:
        """List the sections of a school, in ascending order of IDs, shared or not."""
        return sorted(self._index().of_school.get(school_id, ()))

    def has(self, stream: str, record_id: str) -> bool:
        """Return whether there is a record, shared or not."""
        return record_id in self._of(stream)

    def newcomers(self) -> list[str]:
        """List the students who have arrived since this was asked last, and are still there, in that order."""
        roster = self._roster()
        arrived = [change.user_ids[0] for change in roster.log[self._greeted :] if change.what == "added"]
        self._greeted = len(roster.log)
        return [user_id for user_id in arrived if STUDENT in roster.seen_roles(user_id)]

    def seen_students(self, section_id: str) -> list[str]:
        """List the students of a section who are shared."""
        return self._seen_members(section_id, "students", STUDENT)

    def seen_teachers(self, section_id: str) -> list[str]:
        """List the teachers of a section who are shared."""
        return self._seen_members(section_id, "teachers", TEACHER)

    def create(self, stream: str, fields: Mapping[str, Any]) -> str:
        """Add a record, and give its ID; fields that every such record has are there without being given.

        Clever does not know a section without students (Clever docs: Data Model Quirks), but a section that is made
        so is shown: what a client does with it is for tests.
        """
        now = self._tick()
        record_id = self._new_ids.mint(now // 1000)
        record = {"id": record_id, "district": self.district_id, **self._defaults(stream, record_id, time_text(now))}
        set_fields(record, fields)
        self.put(stream, record, what="created")
        return record_id

    def put(self, stream: str, record: Record, what: str = "put") -> None:
        """Add a record exactly as it is, or replace the one with its ID."""
        self._store(stream, {"district": self.district_id, **record})
        self._note(what, stream, record["id"])

    def change(self, stream: str, record_id: str, fields: Mapping[str, Any]) -> None:
        """Set fields of a record by dotted names; see `set_fields`."""
        record = self.record(stream, record_id)
        set_fields(record, fields)
        self._touch(stream, record, but=fields)
        self._note("changed", stream, record_id)

    def rename(self, stream: str, record_id: str, name: str) -> None:
        """Give a record another name, or a resource another title."""
        self.change(stream, record_id, {"title" if stream == RESOURCES else "name": name})

    def remove(self, stream: str, record_id: str) -> None:
        """Remove a record; `restore` brings it back, and what refers to it is left as it is."""
        self._gone.setdefault(stream, {})[record_id] = self._drop(stream, record_id)
        self._note("removed", stream, record_id)

    def restore(self, stream: str, record_id: str) -> None:
        """Bring a removed record back under the same ID."""
        self._store(stream, record_of(self._gone[stream].pop(record_id)))
        self._note("restored", stream, record_id)

    def enroll(self, section_id: str, *user_ids: str) -> None:
        """Add students to a section; one that was removed or emptied comes back with these students alone."""
        if gone := self._gone.get(SECTIONS, {}).pop(section_id, None):
            record = record_of(gone) | {"students": list(user_ids)}
        else:
            record = self.record(SECTIONS, section_id)
            record["students"] = list(dict.fromkeys((*(record.get("students") or ()), *user_ids)))
        self._touch(SECTIONS, record)
        self._note("enrolled", SECTIONS, section_id, user_ids=user_ids)

    def unenroll(self, section_id: str, *user_ids: str) -> None:
        """Take students out of a section; with the last one it is removed (Clever docs: Data Model Quirks)."""
        record = self.record(SECTIONS, section_id)
        students = [each for each in record.get("students") or () if each not in user_ids]
        if students:
            self._touch(SECTIONS, record | {"students": students})
        else:
            self._gone.setdefault(SECTIONS, {})[section_id] = self._drop(SECTIONS, section_id)
        self._note("unenrolled", SECTIONS, section_id, user_ids=user_ids)

    def assign(self, section_id: str, teachers: Sequence[str], primary: str | None) -> None:
        """Replace the teachers of a section; without a primary teacher the field `teacher` is absent."""
        record = self.record(SECTIONS, section_id)
        set_fields(record, {"teachers": list(teachers), "teacher": ... if primary is None else primary})
        self._touch(SECTIONS, record)
        self._note("assigned", SECTIONS, section_id, user_ids=tuple(teachers))

    def link(self, resource_id: str, course_ids: Iterable[str]) -> None:
        """Assign a resource to these courses and to no other; the resource itself stays as it is."""
        self._links[resource_id] = list(course_ids)
        self._note("linked", RESOURCES, resource_id)

    def unshare(self, stream: str) -> None:
        """Let the district stop sharing all records of a list.

        Raises:
            ValueError: for a list that a district shares always, or in part by roles and schools.
        """
        if stream not in PLACES[1:]:
            message = f"a district cannot unshare {stream} as a whole"
            raise ValueError(message)
        self._announce(stream)
        self._hidden.add(stream)
        self._note("unshared", stream)

    def share(self, stream: str) -> None:
        """Let the district share the records of a list again."""
        self._announce(stream)
        self._hidden.discard(stream)
        self._note("shared", stream)

    def pause(self, start: str, end: str) -> None:
        """Let the district pause its syncs between two instants."""
        self.change(DISTRICTS, self.district_id, {"state": "paused", "pause_start": start, "pause_end": end})

    def resume(self) -> None:
        """End a pause."""
        self.change(DISTRICTS, self.district_id, {"state": "running", "pause_start": None, "pause_end": None})

    def sync_from_sis(self) -> None:
        """Let Clever read the district's SIS without a failure; a failure before is over."""
        fields: dict[str, Any] = {"last_sync": time_text(self._tick())}
        if self.record(DISTRICTS, self.district_id).get("state") == "error":
            fields |= {"state": "running", "error": ""}
        self.change(DISTRICTS, self.district_id, fields)

    def fail(self, error: str) -> None:
        """Let Clever fail to read the district's SIS."""
        self.change(DISTRICTS, self.district_id, {"state": "error", "error": error})

    def roll_over(self) -> None:
        """Begin the next school year.

        Terms are new; those of the year that ends stay, and earlier ones go. Courses without a number are built again
        under other IDs, and all sections are replaced (Clever docs: Clever's Data Model).
        """
        self._announce(COURSES, TERMS, SECTIONS)
        self._year += 1
        now = self._tick()
        for course_id in self.ids(COURSES):
            course = self.record(COURSES, course_id)
            if not course.get("number"):
                self._drop(COURSES, course_id)
                course["id"] = self._new_ids.mint(now // 1000)
                self._store(COURSES, course)
                for links in self._links.values():
                    links[:] = [course["id"] if each == course_id else each for each in links]
        for term_id in self.ids(TERMS):
            if term_id not in self._terms:
                self._drop(TERMS, term_id)
        ended, self._terms = self._terms, []
        for term in year_of_terms(self._places.term_names, self._year):
            self._terms.append(self._new_ids.mint(now // 1000))
            self._store(TERMS, {"id": self._terms[-1], "district": self.district_id, **term})
        frame = Frame(
            district_id=self.district_id,
            schools=self.ids(SCHOOLS),
            courses=[self.record(COURSES, course_id) for course_id in self.ids(COURSES)],
            terms=self._terms,
            ended_terms=ended,
            seed=f"{self._plan.seed} {self._plan.index} {self._year}",
            now=now,
            new_id=lambda: self._new_ids.mint(now // 1000),
            unknown_id=lambda: self._section_ids.at(now // 1000, next(self._unknown)),
        )
        self._items[SECTIONS] = _written(SECTIONS, timetable(frame, self._roster().attendance()))
        self._gone.pop(SECTIONS, None)
        self._followed = len(self._roster().successions)
        self._greeted = len(self._roster().log)
        self._indexed = None
        self.version += 1
        self._note("rolled_over", SECTIONS)

    def _seen_members(self, section_id: str, name: str, role: str) -> list[str]:
        members = self.record(SECTIONS, section_id).get(name)
        named = members if isinstance(members, list) else []
        return [each for each in named if isinstance(each, str) and role in self._roster().seen_roles(each)]

    def _of(self, stream: str) -> Items:
        """Return the records of a list as they are now."""
        if stream == SECTIONS:
            self.follow()
        return self._made(stream)

    def _made(self, stream: str) -> Items:
        """Return the records of a list, which are made at the first access."""
        if stream not in self._items:
            self._items[stream] = _written(stream, self._first_records(stream))
        return self._items[stream]

    def _first_records(self, stream: str) -> Iterable[Record]:
        sources: dict[str, Callable[[], Iterable[Record]]] = {
            DISTRICTS: lambda: [self._places.district()],
            SCHOOLS: self._places.schools,
            COURSES: self._places.courses,
            TERMS: self._places.terms,
            RESOURCES: self._places.resources,
            SECTIONS: self._first_sections,
        }
        return sources[stream]()

    def _first_sections(self) -> Iterable[Record]:
        numbers = itertools.count()

        def new_id() -> str:
            number = next(numbers)
            return self._section_ids.at(FIRST_SECTION_SECOND + number, number)

        frame = Frame(
            district_id=self.district_id,
            schools=self._places.school_ids,
            courses=self._places.courses(),
            terms=self._places.current_terms(),
            ended_terms=self._places.term_ids[: len(self._places.term_names)],
            seed=f"{self._plan.seed} {self._plan.index}",
            now=LAST_SECOND * 1000,
            new_id=new_id,
            unknown_id=lambda: self._section_ids.at(FIRST_SECTION_SECOND, next(self._unknown)),
        )
        return timetable(frame, self._roster().beginning)

    def watch(self, watcher: Watcher, successions: int) -> None:
        """Report changes from here on.

        Args:
            watcher: To whom.
            successions: How many teachers went on under another ID before; it is of no interest when sections follow.
        """
        self._watcher = watcher
        self._watched_from = successions

    def follow(self) -> None:
        """Let the sections of teachers who go on under another ID follow them."""
        successions = self._roster().successions
        while self._followed < len(successions):
            former, new = successions[self._followed]
            is_watched = self._followed >= self._watched_from
            self._followed += 1
            for section_id in sorted(self._index().of_person.get(former, ())):
                record = record_of(self._made(SECTIONS)[section_id])
                teachers = record.get("teachers") or ()
                record["teachers"] = list(dict.fromkeys(new if each == former else each for each in teachers))
                if record.get("teacher") == former:
                    record["teacher"] = new
                record["last_modified"] = time_text(seconds_of(new) * 1000)
                self._store(SECTIONS, record, is_watched=is_watched)

    def _index(self) -> _Index:
        """Return which sections there are of a person and of a school; it is made at the first access."""
        if self._indexed is None:
            self._indexed = _Index()
            for section_id, item in self._made(SECTIONS).items():
                self._indexed.add(section_id, item)
        return self._indexed

    def _defaults(self, stream: str, record_id: str, now: str) -> Record:
        number = f"{count_of(record_id)}"
        times = {"created": now, "last_modified": now}
        defaults: dict[str, Record] = {
            SCHOOLS: {"name": f"School {number}", "sis_id": f"N{number}", "school_number": f"N{number}", **times},
            SECTIONS: {"name": f"Section {number}", "sis_id": f"N{number}", "students": [], "teachers": [], **times},
            RESOURCES: {"resource_id": f"new-{number}", "title": f"Resource {number}", "roles": ["student"]}
            | {"created": now, "updated": now},
        }
        if stream == SECTIONS and (schools := self.ids(SCHOOLS)):
            defaults[SECTIONS]["school"] = schools[0]
        return defaults.get(stream, {})

    def _tick(self) -> int:
        """Let a second pass for the school year alone, and give the instant, in milliseconds since 1970.

        The IDs of people contain the time of the sandbox, and do not depend on what happens to other records.
        """
        self.now = max(self.now + 1000, self._clock.milliseconds)
        return self.now

    def _touch(self, stream: str, record: Record, but: Container[str] = ()) -> None:
        """Keep a changed record, with the instant of the change unless its field is among those that were set."""
        name = {SCHOOLS: "last_modified", SECTIONS: "last_modified", RESOURCES: "updated"}.get(stream)
        if name and name not in but:
            record[name] = time_text(self._tick())
        self._store(stream, record)

    def _store(self, stream: str, record: Record, *, is_watched: bool = True) -> None:
        items, record_id = self._made(stream), record["id"]
        if self._watcher and is_watched:
            self._watcher.before(stream, record_id)
        item = item_bytes(V30, stream, record)
        if stream == SECTIONS and self._indexed is not None:
            self._indexed.discard(record_id, items.get(record_id))
            self._indexed.add(record_id, item)
        items[record_id] = item
        self.version += 1

    def _drop(self, stream: str, record_id: str) -> bytes:
        if self._watcher:
            self._watcher.before(stream, record_id)
        item = self._made(stream).pop(record_id)
        if stream == SECTIONS and self._indexed is not None:
            self._indexed.discard(record_id, item)
        self.version += 1
        return item

    def _note(self, what: str, stream: str, *record_ids: str, user_ids: tuple[str, ...] = ()) -> None:
        """Log a change."""
        self.version += 1
        self.log.append(RecordChange(self._clock.day, self.district_id, what, stream, record_ids, user_ids))
        if self._watcher:
            self._watcher.after()

    def _announce(self, *streams: str) -> None:
        """Report that whole lists are about to change."""
        if self._watcher:
            self._watcher.before_all(streams)

    def _shared_sections(self) -> Items:
        roster = self._roster()
        _, roles = roster.shared()
        shared: Items = {}
        for section_id, item in self._of(SECTIONS).items():
            seen = self._seen_section(item, lambda user_id: roles.get(user_id, ()))
            if seen is not None:
                shared[section_id] = seen
        return shared

    def item(self, stream: str, record_id: str) -> bytes | None:
        """Return the item of a record, whether shared or not; None if it is not there."""
        return self._made(stream).get(record_id)

    def seen(self, stream: str, item: bytes | None, roles: Callable[[str], Kind] | None = None) -> bytes | None:
        """Return an item as it is shared; None if it is not.

        Args:
            stream: The list.
            item: The item, whether shared or not; None if the record is not there.
            roles: Gives the roles in which a person is seen; needed for sections.
        """
        if item is None or stream in self._hidden:
            return None
        if stream == SECTIONS and roles:
            return self._seen_section(item, roles)
        if stream == SCHOOLS and record_of(item)["id"] in self._roster().hidden_schools:
            return None
        return item

    def _seen_section(self, item: bytes, roles: Callable[[str], Kind]) -> bytes | None:
        """Show what is shared of a section, or None; what is not as Clever has it is shown as it is."""
        members = _members(item)
        if members is None:
            return item
        roster = self._roster()
        if members.school in roster.hidden_schools:
            return None
        students = [each for each in members.students if STUDENT in roles(each) or not roster.is_own(each)]
        teachers = [each for each in members.teachers if TEACHER in roles(each) or not roster.is_own(each)]
        teacher = members.teacher
        is_taught = not teacher or TEACHER in roles(teacher) or not roster.is_own(teacher)
        if members.students and not students:
            return None
        if is_taught and len(students) == len(members.students) and len(teachers) == len(members.teachers):
            return item
        record = record_of(item) | {"students": students, "teachers": teachers}
        if not is_taught:
            del record["teacher"]
        return item_bytes(V30, SECTIONS, record)


def _written(stream: str, records: Iterable[Record]) -> Items:
    return {record["id"]: item_bytes(V30, stream, record) for record in records}
