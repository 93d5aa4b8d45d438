"""Progress events of a sync: small, with IDs and counts, for a terminal or a log."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLanded:
    """A page of a stream is on disk."""

    district_id: str
    stream: str
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StreamResumed:
    """A stream is resumed after the last complete page of an earlier try."""

    district_id: str
    stream: str
    pages: int
    records: int


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A district is read again because its read was not verified."""

    district_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """The next stage of the sync as a whole."""

    activity: str
    """In the progressive form, such as "reading from Clever"."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The sync waits for another process."""

    reason: str
    """One sentence without its period."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator should know; the sync continues."""

    text: str
    """One or more sentences."""


Event = PageLanded | StreamResumed | ReadAgain | Stage | Waiting | Notice
Report = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Ignore the event."""
