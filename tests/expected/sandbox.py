"""The sandbox that tests use: it also gives the rows and the personal data that its districts lead to."""

from collections.abc import Iterator
from typing import Any

import msgspec
import xxhash

from pipelines.sandbox import RunningServer
from pipelines.sandbox import Sandbox as PlainSandbox
from pipelines.sandbox.app import App, Request, Response
from pipelines.sandbox.district import District
from pipelines.sandbox.people import Record
from pipelines.sandbox.rendering import item_bytes, record_of
from pipelines.sandbox.versions import V30
from tests.expected.truth import Truth, personal_data


class _Item(msgspec.Struct):
    data: msgspec.Raw


class _Page(msgspec.Struct):
    data: list[_Item]
    links: msgspec.Raw


class _Id(msgspec.Struct):
    id: str
    district: str


class Sandbox(PlainSandbox):
    """A sandbox that computes what a warehouse of its districts must hold."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Make a sandbox."""
        super().__init__(*arguments, **options)
        self.is_reversed = False
        """Whether each page of /users lists its records in descending order."""
        self.hashes: dict[tuple[str, str], int] = {}
        """The XXH3 (64 bits) of the bytes with which each record of /users was served last, by district and ID."""

    def serve(self, port: int = 0) -> RunningServer:
        """Serve on 127.0.0.1 until the server is closed."""
        return RunningServer(_WatchedApp(self), port)

    def truth(self, district_id: str | None = None, version: str = V30) -> Truth:
        """Return the expected rows of a district, or of all connected ones, as they are shared now."""
        with self.lock:
            chosen = [district.id for district in self.connected()] if district_id is None else [district_id]
            return Truth(item for each in chosen for item in self._items(each, version))

    def _items(self, district_id: str, version: str) -> Iterator[bytes]:
        for item in self._districts[district_id].listing(version, "users").items:
            # Only a page that is simply its records put together shows a field twice.
            yield item if self.rendering.is_plain else item_bytes(version, "users", record_of(item))

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
        """Collect what must never appear in a log: name parts, emails, birth dates, phones and tokens of every district."""
        with self.lock:
            found = {district.token for district in self.all_districts()}
            for district in self.all_districts():
                for user_id in district.roster.ids():
                    found |= personal_data(district.roster.record(user_id))
            return found


class _WatchedApp(App):
    """Keeps the hashes of what is served."""

    _sandbox: Sandbox

    def _in_time(self, request: Request, district: District | None) -> Response:
        response = super()._in_time(request, district)
        if district and request.path.endswith("/users") and "role=" not in request.query:
            try:
                page = msgspec.json.decode(response.body, type=_Page)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return response
            if self._sandbox.is_reversed:
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
                self._sandbox.hashes[record.district, record.id] = xxhash.xxh3_64_intdigest(line)
        return response
