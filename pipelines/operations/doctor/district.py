"""What is found out about one district: a handful of requests, and what each response must be like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from pipelines.clever import (
    STREAMS,
    USERS,
    Clever,
    ConnectedDistrict,
    NoResponseError,
    Page,
    Stream,
    UnauthorizedError,
)
from pipelines.clever.assumptions import (
    DISTRICTS_PATH,
    MIN_PAGE_LIMIT,
    PAGE_LIMIT,
)
from pipelines.clever.links import with_limit
from pipelines.operations.doctor.probe import OK, UNASKED, Asked, Probe

OWN: Final = Stream("districts", DISTRICTS_PATH, is_paged=False)
OLD_CONTACTS: Final = Stream("v2.1-contacts", "/contacts", version="v2.1", page_limit=1)
ROLE_VIEWS: Final = tuple(stream for stream in STREAMS if stream.role)
SMALLEST: Final = 3
"""Users without which no two pages can be compared."""
SMALL_PAGE: Final = 2 * MIN_PAGE_LIMIT
ROLE_PAGE: Final = 100
"""Users per role that are looked at."""


@dataclass
class DistrictSeen:
    """What was asked of a district."""

    district: ConnectedDistrict
    version: str
    other_version: str
    own: Asked = UNASKED
    """/districts."""
    users: Asked = UNASKED
    """The first page, as large as a sync asks for."""
    counted: Asked = UNASKED
    """How many users there are; asked only if the first page is not the last one."""
    small: Asked = UNASKED
    """The first page again, with a smaller limit."""
    small_limit: int = 0
    following: Asked = UNASKED
    """The page behind the small one, with another limit in its next link."""
    following_limit: int = 0
    roles: dict[str, Asked] = field(default_factory=dict)
    """The first page of each role view, by role."""
    lists: dict[str, Asked] = field(default_factory=dict)
    """One record of each other list, by record type."""
    newest_event: Asked = UNASKED
    events: Asked = UNASKED
    later_events: Asked = UNASKED
    """The events after one in the middle of that page."""
    other: Asked = UNASKED
    """One user by the other API version."""
    too_large: Asked = UNASKED
    """A list with a limit over the maximum."""
    old_contacts: Asked = UNASKED

    @cached_property
    def pages(self) -> Mapping[str, Asked]:
        """Every response with status 200 that should be a list, by what was asked for."""
        asked = {"users": self.users, "users in small pages": self.small, "users behind them": self.following}
        asked |= {f"users with the role {role}": each for role, each in self.roles.items()} | self.lists
        asked |= {"newest event": self.newest_event, "events": self.events, "later events": self.later_events}
        return {name: each for name, each in asked.items() if each.status == OK}

    @property
    def middle_event(self) -> int:
        """Where in the list of events the one is behind which later ones are asked for."""
        return (len(self.events.ids) - 1) // 2

    @property
    def people(self) -> int | None:
        """How many users the district has; None if it cannot be known without reading all of them."""
        if self.users.page is None:
            return None
        if self.users.next_uri is None:
            return len(self.users.ids)
        count = self.counted.envelope.get("count")
        return count if isinstance(count, int) and count >= len(self.users.ids) else None

    @property
    def is_readable(self) -> bool:
        """Whether the first page of users could be read."""
        return self.users.page is not None


def look_at_district(
    clever: Clever,
    probe: Probe,
    district: ConnectedDistrict,
    streams: Sequence[Stream],
    version: str,
    *,
    is_first: bool,
) -> DistrictSeen:
    """Ask what checks need to know of a district: at most 19 requests without retries, 22 if it is the first.

    Args:
        clever: the client.
        probe: what observes the client.
        district: which district.
        streams: the lists that a sync reads.
        version: the API version of the client.
        is_first: whether to ask as well what is the same for all districts.
    """
    seen = DistrictSeen(district, version, "v3.1" if version == "v3.0" else "v3.0")

    def first_page(stream: Stream, start: str | None = None) -> Asked:
        return probe.ask(lambda: next(clever.pages(district, stream, start=start), None))

    seen.own = first_page(OWN)
    if isinstance(seen.own.error, UnauthorizedError | NoResponseError):
        return seen
    seen.users = first_page(USERS)
    seen.lists = {
        stream.name: first_page(replace(stream, page_limit=1))
        for stream in streams
        if stream.role is None and stream.path not in {USERS.path, DISTRICTS_PATH}
    }
    if not seen.is_readable:
        return seen
    if seen.users.next_uri is not None:
        seen.counted = first_page(USERS, f"/{version}{USERS.path}?count=true")
    if len(seen.users.ids) >= SMALLEST:
        seen.small_limit = min(SMALL_PAGE, len(seen.users.ids) // 2)
        seen.following_limit = max(seen.small_limit // 2, 1)
        seen.small = first_page(replace(USERS, page_limit=seen.small_limit))
        if seen.small.next_uri is not None:
            seen.following = first_page(USERS, with_limit(seen.small.next_uri, seen.following_limit))
    seen.roles = {str(view.role): first_page(replace(view, page_limit=ROLE_PAGE)) for view in ROLE_VIEWS}
    _look_at_events(clever, probe, seen)
    seen.other = first_page(replace(USERS, version=seen.other_version, page_limit=1))
    if is_first:
        seen.too_large = first_page(USERS, f"/{version}/schools?limit={PAGE_LIMIT + 1}")
        seen.old_contacts = first_page(OLD_CONTACTS)
    return seen


def _look_at_events(clever: Clever, probe: Probe, seen: DistrictSeen) -> None:
    def newest() -> Page | None:
        clever.newest_event(seen.district)
        return None

    seen.newest_event = probe.ask(newest)
    if seen.newest_event.error is not None:
        return
    seen.events = probe.ask(lambda: next(clever.events(seen.district, None), None))
    if len(seen.events.ids) > 1:
        middle = seen.events.ids[seen.middle_event]
        seen.later_events = probe.ask(lambda: next(clever.events(seen.district, middle), None))
