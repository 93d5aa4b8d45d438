"""Progress events of a sync: small, with IDs and counts, for a terminal or a log."""

from collections.abc import Callable
from dataclasses import dataclass, field


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
class StreamEnded:
    """The read of a stream of one district has ended, well or not."""

    district_id: str
    stream: str


@dataclass(frozen=True, slots=True)
class Tick:
    """About a second has passed while districts are read, whatever came of it."""


@dataclass(frozen=True, slots=True)
class RetryWait:
    """A wait before a request is sent again, or until the rate limit allows one; reported before it begins."""

    district_id: str | None
    """None while the districts are listed."""
    stream: str | None
    reason: str
    seconds: float
    attempt: int | None = None
    """Which attempt failed, from 1; None if none did."""
    attempts: int | None = None
    """How many attempts there are at most; None if only time ends them."""


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
    districts: int = field(default=0, repr=False, compare=False)
    """How many districts are read in this stage; 0 if it reads none."""
    streams: int = field(default=0, repr=False, compare=False)
    """How many streams of each."""


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


Event = PageLanded | StreamResumed | StreamEnded | Tick | RetryWait | ReadAgain | Stage | Waiting | Notice
Report = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Ignore the event."""
