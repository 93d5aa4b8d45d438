"""Read the streams of many districts concurrently and land them; a failed district stops only its own streams."""

import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from types import MappingProxyType
from typing import TypeAlias

from pipelines import interruption
from pipelines.clever import (
    STREAMS,
    Clever,
    CleverError,
    ConnectedDistrict,
    GoneRecordError,
    Records,
    Stream,
    nothing_is_known,
)
from pipelines.disk import is_full
from pipelines.landing import KnownPage, LandedStream, Landing, Receipt, StreamLanding
from pipelines.progress import PageLanded, Report, StreamEnded, StreamResumed, Tick
from pipelines.sync.bracket import Bracket
from pipelines.sync.crawl import crawl

Landed = Callable[[str, Stream, StreamLanding, int], None]
"""Called for each landed page with the district's id, the stream, its landing, the page's number from 0."""

CONCURRENT_STREAMS = 8
"""Streams that are read concurrently, over all districts."""

POLL_SECONDS = 0.05
"""Seconds between two looks at what has come in."""

TICK_SECONDS = 1.0
"""Seconds between two reports that time has passed."""


class UnexpectedError(Exception):
    """A stream was not read because of an error that no one foresaw: most likely a bug of ours."""

    def __init__(self, district_id: str, step: str, error: Exception) -> None:
        """Name the kind of error and the place, never its message, which may quote what Clever answered."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(
            f"District {district_id}, {step}: reading failed unexpectedly with {type(error).__name__} at "
            f"{Path(place.filename).name}:{place.lineno}. Sync again; if the error comes back, report it to the developers of "
            "clever-warehouse."
        )


class Ends(Enum):
    """What is done at the ends of the read of a district, around its streams."""

    OPENING = "the newest event before the read"
    CLOSING = "the changes during the read"


_Step: TypeAlias = Stream | Ends


@dataclass
class Read:
    """One read of a district: a landing per stream, or why it failed. A stream that need not be served and is not has no landing."""

    district: ConnectedDistrict
    landings: dict[Stream, StreamLanding] = field(default_factory=dict)
    error: CleverError | OSError | UnexpectedError | None = None
    refused: list[Stream] = field(default_factory=list)
    """The streams that Clever refused as a whole, and may refuse."""
    bracket: Bracket | None = None
    """What was known before the read; None if it does not matter whether the read is a snapshot."""
    changes: Sequence[str] = ()
    """What changed during the read, so that it is no snapshot."""
    unread: int = 0
    """Streams whose read has not ended."""
    _lock: Lock = field(default_factory=Lock)

    def steps_after(self, step: "_Step", streams: Sequence[Stream]) -> "list[_Step]":
        """What can be done once a step has ended, from any thread."""
        firsts = [each for each in streams if each.after not in streams]
        if step is Ends.OPENING:
            return list(firsts)
        if step is Ends.CLOSING:
            return []
        with self._lock:
            self.unread -= 1
            if not self.unread:
                return [Ends.CLOSING]
            views = [each for each in streams if each not in firsts]
            return list(views) if self.unread == len(views) else []

    @property
    def receipts(self) -> Sequence[Receipt]:
        """What was read of each stream, as far as it came."""
        return [landing.receipt for landing in self.landings.values()]

    @property
    def digests(self) -> Mapping[str, str]:
        """The digest of each stream, as sync.receipts has it."""
        return {receipt.stream: receipt.short_digest for receipt in self.receipts}


def read(
    clever: Clever,
    landing: Landing,
    districts: Sequence[ConnectedDistrict],
    *,
    sync_id: str,
    attempts: Mapping[str, int],
    report: Report,
    streams: Sequence[Stream] = STREAMS,
    refusals: Mapping[Stream, Collection[int]] = MappingProxyType({}),
    former: Mapping[str, Mapping[str, LandedStream]] = MappingProxyType({}),
    is_bracketed: bool = False,
    landed: Landed = lambda *_page: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Read]:
    """Read every stream of the districts, each district for the ``attempts[district.id]``-th time within the sync.

    A stream that names another in ``after`` is requested when all have been read to their end that name none. All else overlaps freely.
    A record whose list Clever refuses, although it has just shown the record, is a change during the read.

    ``landed`` is called for each page, from the thread that has read it; ``meanwhile`` is called repeatedly from this
    thread until all is read. ``former`` is what was landed before, by district and stream: an answer that Clever has given
    before, byte for byte, is not parsed again. With ``is_bracketed``, the read says what changed meanwhile.

    Returns a read per district, by its id; one that failed carries the first error. ``refusals`` are the
    statuses with which Clever may refuse a stream as a whole: that is no failure.
    """
    reading = _Reading(
        clever, landing, sync_id, attempts, report, streams, refusals, former, landed, is_bracketed=is_bracketed
    )
    return reading.run(districts, meanwhile)


class _Reading:
    """The read of some districts, under way."""

    def __init__(
        self,
        clever: Clever,
        landing: Landing,
        sync_id: str,
        attempts: Mapping[str, int],
        report: Report,
        streams: Sequence[Stream],
        refusals: Mapping[Stream, Collection[int]],
        former: Mapping[str, Mapping[str, LandedStream]],
        landed: Landed,
        *,
        is_bracketed: bool,
    ) -> None:
        self._clever = clever
        self._landing = landing
        self._sync_id = sync_id
        self._attempts = attempts
        self._report = report
        self._streams = streams
        self._refusals = refusals
        self._former = former
        self._landed = landed
        self._is_bracketed = is_bracketed
        self._waiting: deque[tuple[_Step, Read]] = deque()

    def run(self, districts: Sequence[ConnectedDistrict], meanwhile: Callable[[], None]) -> dict[str, Read]:
        reads = {district.id: Read(district, unread=len(self._streams)) for district in districts}
        self._waiting.extend((Ends.OPENING, into) for into in reads.values())
        ended: SimpleQueue[Future[None]] = SimpleQueue()
        with ThreadPoolExecutor(CONCURRENT_STREAMS, thread_name_prefix="read") as readers:

            def submit(number: int) -> None:
                for _ in range(number):
                    readers.submit(self._take_next, submit).add_done_callback(ended.put)

            submit(len(reads))
            remaining = len(reads) * (len(self._streams) + len(Ends))
            ticked = time.monotonic()
            try:
                while remaining:
                    interruption.check()
                    if time.monotonic() - ticked >= TICK_SECONDS:
                        ticked = time.monotonic()
                        self._report(Tick())
                    meanwhile()
                    with suppress(Empty):
                        ended.get(timeout=POLL_SECONDS).result()
                        remaining -= 1
                interruption.check()  # whatever has failed since a signal says nothing about a district
            except BaseException:
                readers.shutdown(wait=False, cancel_futures=True)
                self._clever.close()
                raise
        return reads

    def _take_next(self, submit: Callable[[int], None]) -> None:
        step, into = self._waiting.popleft()
        error = _failure(partial(self._take, step, into), into.district.id, step)
        if isinstance(step, Stream) and self._is_refusal(error, step, into):
            del into.landings[step]
            into.refused.append(step)
        elif isinstance(error, GoneRecordError):
            into.changes = [error.seen]
        else:
            into.error = into.error or error
        if isinstance(step, Stream):
            self._report(StreamEnded(into.district.id, step.name))
        # What a district still lacks goes before other districts: the sooner it is read, the less can change meanwhile.
        following = [(each, into) for each in into.steps_after(step, self._streams)]
        self._waiting.extendleft(reversed(following))
        submit(len(following))

    def _take(self, step: _Step, into: Read) -> None:
        district = into.district
        before = self._former.get(district.id, {})
        if isinstance(step, Stream) and step.is_per_record and step.after in into.refused:
            into.refused.append(step)
        elif isinstance(step, Stream):
            into.landings[step] = self._landing.stream(
                district.id, self._sync_id, self._attempts[district.id], step.name, is_hashed=not step.only_ids
            )
            known = _Former(step, before[step.name]) if step.name in before else None
            _land(self._clever, step, into, self._report, self._landed, known)
        elif self._is_bracketed and step is Ends.OPENING:
            file = self._landing.opening(district.id, self._sync_id, self._attempts[district.id])
            into.bracket = Bracket.open(self._clever, district, file)
        elif into.bracket is not None and not into.error and not into.changes:
            into.changes = into.bracket.changes(self._clever, district, into.landings, before)

    def _is_refusal(self, error: Exception | None, stream: Stream, into: Read) -> bool:
        """Whether Clever refused a stream as a whole, as it may."""
        return (
            isinstance(error, CleverError)
            and not isinstance(error, GoneRecordError)
            and error.status in self._refusals.get(stream, ())
            and not into.landings[stream].receipt.pages
        )


class _Former:
    """What a former read made of each answer, and which of it this read has met again."""

    def __init__(self, stream: Stream, landed: LandedStream) -> None:
        self._needs_hashes = not stream.only_ids
        self._landed = landed
        self.met: dict[str, KnownPage] = {}
        """By what an answer is known by, the page that was made of it."""

    def known(self, body: str) -> Records | None:
        """The records of an answer; None if the former read had no such answer."""
        found = self._landed.made_of(body)
        if found is None or (self._needs_hashes and found.hashes is None):
            return None
        self.met[body] = found
        page = found.page
        next_uris = (page.next_uri,) if page.next_uri else ()
        return Records(found.content, page.records, page.first_id, page.last_id, next_uris, page.repaired)


def _land(clever: Clever, stream: Stream, into: Read, report: Report, landed: Landed, former: _Former | None) -> None:
    """Follow the pages of a stream from where its landing stands to the end, unless the district has failed."""
    if into.error:
        return
    district_id, folder = into.district.id, into.landings[stream]
    if folder.receipt.pages:
        report(StreamResumed(district_id, stream.name, len(folder.receipt.pages), folder.receipt.records))
    for number in range(len(folder.receipt.pages)):
        landed(district_id, stream, folder, number)
    if folder.receipt.complete:
        return
    known = former.known if former else nothing_is_known
    for page in crawl(clever, into.district, stream, into.landings, after=folder.receipt, known=known):
        if into.error:
            return
        if former and (met := former.met.pop(page.body, None)):
            folder.land_again(met, page.next_uri)
        else:
            folder.land(
                lines=page.lines,
                records=page.records,
                first_id=page.first_id,
                last_id=page.last_id,
                next_uri=page.next_uri,
                body=page.body,
                repaired=page.repaired,
            )
        landed(district_id, stream, folder, len(folder.receipt.pages) - 1)
        report(PageLanded(district_id, stream.name, page.records, len(page.lines)))


def _failure(take: Callable[[], None], district_id: str, step: _Step) -> CleverError | OSError | UnexpectedError | None:
    """Return the error that ended the read of a stream. Only a full disk is raised, because it affects every district."""
    try:
        take()
    except CleverError as error:
        return error
    except OSError as error:
        if is_full(error):
            raise
        return error
    except Exception as error:  # noqa: BLE001 - one feed's failure of any kind must not end the others
        return UnexpectedError(district_id, f"stream {step.name}" if isinstance(step, Stream) else step.value, error)
    return None
