"""What a sync tells while it works: small events with ids and counts, for a terminal or a log."""

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
    """A stream goes on from the last whole page of an earlier try."""

    district_id: str
    stream: str
    pages: int
    records: int


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A read of a district could not be believed and is done again."""

    district_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the sync as a whole does from here on."""

    doing: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The sync waits for someone or something."""

    why: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator should know; the sync goes on."""

    text: str
    """One or more sentences."""


Event = PageLanded | StreamResumed | ReadAgain | Stage | Waiting | Notice
Report = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Tell no one."""
