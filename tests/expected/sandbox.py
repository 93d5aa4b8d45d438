"""The sandbox that tests use: it also gives the rows and the personal data that its districts lead to."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import xxhash

from pipelines.sandbox import RunningServer
from pipelines.sandbox import Sandbox as PlainSandbox
from pipelines.sandbox.app import App, Request, Response
from pipelines.sandbox.district import District
from pipelines.sandbox.people import Record
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.streams import DISTRICTS, RESOURCES, SCHOOLS
from pipelines.sandbox.versions import V30
from tests.expected.school import course_links
from tests.expected.school_tables import School
from tests.expected.truth import Truth, personal_data

SCHOOL_STREAMS = ("districts", "schools", "courses", "terms", "sections", "resources")
"""The lists of which schools are read. The courses of resources are read per resource."""

PER_RESOURCE = ("resource_courses",)
"""The lists that each resource has."""


class _Item(msgspec.Struct):
    data: msgspec.Raw


class _Page(msgspec.Struct):
    data: list[_Item]
    links: msgspec.Raw


class _Id(msgspec.Struct):
    id: str


class Sandbox(PlainSandbox):
    """A sandbox that computes what a warehouse of its districts must hold."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Make a sandbox."""
        super().__init__(*arguments, **options)
        self.is_reversed = False
        """Whether each page of /users lists its records in descending order."""
        self.hashes: dict[tuple[str, str, str], int] = {}
        """The XXH3 (64 bits) of the bytes with which each record was served last, by stream, district and ID."""

    def serve(self, port: int = 0) -> RunningServer:
        """Serve on 127.0.0.1 until the server is closed."""
        return RunningServer(_WatchedApp(self), port)

    def truth(self, district_id: str | None = None, version: str = V30) -> Truth:
        """Return the expected rows of a district, or of all connected ones, as they are shared now."""
        with self.lock:
            chosen = [district.id for district in self.connected()] if district_id is None else [district_id]
            return Truth(item for each in chosen for item in self._items(each, version, "users"))

    def school(self, district_id: str, version: str = V30, streams: Iterable[str] = SCHOOL_STREAMS) -> School:
        """Return the expected rows of the tables of schools of a district, as it shares these streams now."""
        with self.lock:
            return School({stream: self._items(district_id, version, stream) for stream in streams})

    def _links(self, district_id: str, version: str) -> Iterator[bytes]:
        """Give the courses that each resource shown is assigned to, as far as they are shared."""
        district = self._districts[district_id]
        for resource_id in district.listing(version, RESOURCES).ids:
            courses = district.courses_of(version, resource_id)
            shown = [record_of(item) for item in courses.items] if courses else []
            yield from (msgspec.json.encode({"data": link}) for link in course_links(resource_id, shown))

    def _items(self, district_id: str, version: str, stream: str) -> Iterator[bytes]:
        if stream in PER_RESOURCE:
            yield from self._links(district_id, version)
            return
        for item in self._districts[district_id].listing(version, stream).items:
            # Only a page that is simply its records put together shows a field twice.
            yield item if self.rendering.is_plain else item_bytes(version, stream, record_of(item))

    def describe(self, district_id: str, **fields: Any) -> None:
        """Let /districts show other values of a district, such as its state; an instant is written as Clever does."""
        written = {
            name: f"{value:%Y-%m-%dT%H:%M:%S}.000Z" if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        self.change_record("districts", district_id, written)

    def repeat(self, district_id: str, user_id: str, owner: str, name: str, value: object) -> None:
        """Put a field into a record once more.

        Args:
            district_id: The district of the user.
            user_id: Whose record.
            owner: Which object gets the field: "data" for the record itself, or a role.
            name: The field.
            value: What it holds there.
        """
        with self.lock:
            roster = self.roster(district_id)
            begin = b'"%b":{' % owner.encode()
            field = b'"%b":%b' % (name.encode(), msgspec.json.encode(value))
            head, found, tail = roster._items[user_id].partition(begin)
            comma = b"" if tail.startswith(b"}") else b","
            roster._items[user_id] = head + found + field + comma + tail if found else head
            roster.version += 1

    def secrets(self) -> set[str]:
        """Collect what must never appear in a log: tokens, and name parts, emails, birth dates and phones of anyone."""
        with self.lock:
            found = {district.token for district in self.all_districts()}
            for district in self.all_districts():
                for user_id in district.roster.ids():
                    found |= personal_data(district.roster.record(user_id))
                year = district.year
                people = [year.record(DISTRICTS, district.id).get("district_contact")]
                people += [year.record(SCHOOLS, school_id).get("principal") for school_id in year.ids(SCHOOLS)]
                for person in people:
                    # A record may hold a text in place of the object.
                    found |= personal_data(person if isinstance(person, dict) else {"name": person})
            return found


class _WatchedApp(App):
    """Keeps the hashes of what is served."""

    _sandbox: Sandbox

    def _in_time(self, request: Request, district: District | None) -> Response:
        response = super()._in_time(request, district)
        stream = request.path.rpartition("/")[2]
        if district and stream in {"users", *SCHOOL_STREAMS} and "role=" not in request.query:
            try:
                page = msgspec.json.decode(response.body, type=_Page)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return response
            if self._sandbox.is_reversed and stream == "users":
                items: list[Record] = [{"data": item.data} for item in reversed(page.data)]
                response.body = msgspec.json.encode({"data": items, "links": page.links})
                response.compressed = response.known_as = None
            for item in page.data:
                # The line breaks of a record become spaces, so that a record is one line.
                line = bytes(item.data).replace(b"\n", b" ")
                try:
                    record = msgspec.json.decode(line, type=_Id)
                except (msgspec.DecodeError, RecursionError):
                    continue
                self._sandbox.hashes[stream, district.id, record.id] = xxhash.xxh3_64_intdigest(line)
        return response
