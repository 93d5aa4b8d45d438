"""Which lists of records are read from Clever."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipelines import records
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
    after: "Stream | None" = None
    """The stream that must be read to its end before this one is requested; None if the order does not matter."""

    def first_uri(self, version: str, limit: int) -> str:
        """Return the path and query of the first page: "/v3.0/users?limit=10000&role=student"."""
        role = f"&role={self.role}" if self.role else ""
        return f"/{self.version or version}{self.path}?limit={limit}{role}"


def _streams_of(declared: records.Stream) -> Iterator[Stream]:
    whole = Stream(declared.name, declared.endpoint, record_type=declared.name)
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
