"""Which lists of records are read from Clever."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import quote

from pipelines import records
from pipelines.clever.assumptions import EVENTS_PAGE_LIMIT, PAGE_LIMIT
from pipelines.records import CATALOG


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of records that Clever pages out, for example all users who hold one role."""

    name: str
    """The name in receipts, messages and the catalog."""
    path: str
    """Below the API version, with its slash: "/users"."""
    role: str | None = None
    """The value of the query parameter `role`; None asks for all."""
    record_type: str = ""
    """The stream of the catalog whose records it lists; empty if it is read for another purpose."""
    version: str | None = None
    """The API version to ask, such as "v2.1"; None is the client's own."""
    only_ids: bool = False
    """Whether nothing of a record is kept but its id and its district: enough to verify another stream."""
    is_paged: bool = True
    """Whether Clever answers in pages, and takes a limit."""
    page_limit: int = PAGE_LIMIT
    """Records per page at most, if that is less than what the client asks for."""
    after: "Stream | None" = None
    """The stream that this one verifies, or of which each record has a list of its own. It is requested when that one and all that name
    none have been read to their end."""
    is_per_record: bool = False
    """Whether each record of ``after`` has a list of its own: {id} in the path is the ID of the record."""
    has_events: bool = True
    """Whether Clever reports changes of its records in events."""

    @property
    def item_name(self) -> str:
        """What a list is of, if each record has its own: "courses" of "/resources/{id}/courses"."""
        return self.path.rpartition("/")[2]

    def of(self, record_id: str) -> Self:
        """The list that one record has."""
        path = self.path.replace("{id}", quote(record_id, safe=""))
        return replace(self, path=path, only_ids=True, is_per_record=False)

    def first_uri(self, version: str, limit: int) -> str:
        """Return the path and query of the first page: "/v3.0/users?limit=10000&role=student"."""
        role = f"&role={self.role}" if self.role else ""
        query = f"?limit={min(limit, self.page_limit)}{role}" if self.is_paged else ""
        return f"/{self.version or version}{self.path}{query}"


def _whole(declared: records.Stream) -> Stream:
    return Stream(
        declared.name,
        declared.endpoint,
        record_type=declared.name,
        is_paged=declared.is_paged,
        after=_whole(CATALOG.stream(declared.per)) if declared.per else None,
        is_per_record=bool(declared.per),
        has_events=declared.has_events,
    )


def _streams_of(declared: records.Stream) -> Iterator[Stream]:
    whole = _whole(declared)
    yield whole
    for view in declared.views:
        yield Stream(
            view.name, declared.endpoint, role=view.role, record_type=declared.name, only_ids=True, after=whole
        )


STREAMS: Final = tuple(stream for declared in CATALOG.streams for stream in _streams_of(declared))
"""Every list of the catalog, such as everybody and the five role views that must agree with it.

The views are requested after the crawl of /users has ended. A role that is given or taken away in the middle of that crawl is
then in the views as it is afterwards, so /users and a view disagree unless /users shows it so as well. If both were read side
by side, both could show the state before the change on their first pages and the state after it on their last ones.
"""

USERS: Final = STREAMS[0]

EVENTS: Final = Stream("events", "/events", page_limit=EVENTS_PAGE_LIMIT)
"""The changes of a district's records of the last 30 days, oldest first (specs v3.0-events.yml, v3.1-events.yml)."""
