"""Read the streams of many districts concurrently and land them; a failed district stops only its own streams."""

import traceback
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from types import MappingProxyType

from pipelines import interruption
from pipelines.clever import STREAMS, Clever, CleverError, ConnectedDistrict, Records, Stream, nothing_is_known
from pipelines.disk import is_full
from pipelines.landing import KnownPage, LandedStream, Landing, Receipt, StreamLanding
from pipelines.progress import PageLanded, Report, StreamResumed

Landed = Callable[[str, Stream, StreamLanding, int], None]
"""Called for each landed page with the district's id, the stream, its landing, the page's number from 0."""

CONCURRENT_STREAMS = 8
"""Streams that are read concurrently, over all districts."""

POLL_SECONDS = 0.05
"""Seconds between two looks at what has come in."""


class UnexpectedError(Exception):
    """A stream was not read because of an error that no one foresaw: most likely a bug of ours."""

    def __init__(self, district_id: str, stream: Stream, error: Exception) -> None:
        """Name the kind of error and the place, never its message, which may quote what Clever answered."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(
            f"District {district_id}, stream {stream.name}: reading failed unexpectedly with {type(error).__name__} at "
            f"{Path(place.filename).name}:{place.lineno}. Sync again; if the error comes back, report it to the developers of "
            "clever-warehouse."
        )


@dataclass
class Read:
    """One read of a district: a landing per stream, or why it failed. A stream that need not be served and is not has no landing."""

    district: ConnectedDistrict
    landings: dict[Stream, StreamLanding] = field(default_factory=dict)
    error: CleverError | OSError | UnexpectedError | None = None

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
    may_be_withdrawn: Collection[Stream] = (),
    former: Mapping[str, Mapping[str, LandedStream]] = MappingProxyType({}),
    landed: Landed = lambda *_page: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Read]:
    """Read every stream of the districts, each district for the ``attempts[district.id]``-th time within the sync.

    A stream that names another in ``after`` is requested when that one has been read to its end. All others overlap freely.

    ``landed`` is called for each page, from the thread that has read it; ``meanwhile`` is called repeatedly from this
    thread until all is read. ``former`` is what was landed before, by district and stream: an answer that Clever has given
    before, byte for byte, is not parsed again.

    Returns a read per district, by its id; one that failed carries the first error. That Clever no longer serves a stream which
    may be withdrawn is no failure.
    """
    reads = {district.id: Read(district) for district in districts}
    waiting = deque((stream, into) for into in reads.values() for stream in streams if stream.after not in streams)
    ended: SimpleQueue[Future[None]] = SimpleQueue()

    def land(stream: Stream, into: Read) -> None:
        district = into.district
        into.landings[stream] = landing.stream(
            district.id, sync_id, attempts[district.id], stream.name, is_hashed=not stream.only_ids
        )
        before = former.get(district.id, {}).get(stream.name)
        _land(clever, stream, into, report, landed, _Former(stream, before) if before else None)

    def land_next() -> None:
        stream, into = waiting.popleft()
        error = _failure(partial(land, stream, into), into.district.id, stream)
        if isinstance(error, CleverError) and error.is_withdrawn and stream in may_be_withdrawn:
            del into.landings[stream]
        else:
            into.error = into.error or error
        # What a district still lacks goes before other districts: the sooner it is read, the less can change meanwhile.
        following = [(each, into) for each in streams if each.after == stream]
        waiting.extendleft(reversed(following))
        submit(len(following))

    with ThreadPoolExecutor(CONCURRENT_STREAMS, thread_name_prefix="read") as readers:

        def submit(number: int) -> None:
            for _ in range(number):
                readers.submit(land_next).add_done_callback(ended.put)

        submit(len(waiting))
        remaining = len(reads) * len(streams)
        try:
            while remaining:
                interruption.check()
                meanwhile()
                with suppress(Empty):
                    ended.get(timeout=POLL_SECONDS).result()
                    remaining -= 1
            interruption.check()  # whatever has failed since a signal says nothing about a district
        except BaseException:
            readers.shutdown(wait=False, cancel_futures=True)
            clever.close()
            raise
    return reads


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
    for page in clever.pages(into.district, stream, start=folder.receipt.next_uri, known=known):
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


def _failure(
    land: Callable[[], None], district_id: str, stream: Stream
) -> CleverError | OSError | UnexpectedError | None:
    """Return the error that ended the read of a stream. Only a full disk is raised, because it affects every district."""
    try:
        land()
    except CleverError as error:
        return error
    except OSError as error:
        if is_full(error):
            raise
        return error
    except Exception as error:  # noqa: BLE001 - one feed's failure of any kind must not end the others
        return UnexpectedError(district_id, stream, error)
    return None
