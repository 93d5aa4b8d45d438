"""Whether a district's records changed while they were read: a read counts only if it is a snapshot.

Where the app has events, the newest event is the same before the first request and after the last one. Where it has none, everything
is read twice, the second time only after all was read once: the people in their role views, which have to name the same people in the
same roles, and every other list as it is, which has to be, page by page, what it was. So all of it was there together at the instant
between the two. What no event reports, such as the courses of a resource, is read twice in any case.

A district that shows, byte for byte, what the warehouse has needs no proof.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipelines.clever import (
    STREAMS,
    Clever,
    CleverError,
    ClosedError,
    ConnectedDistrict,
    GoneRecordError,
    Known,
    Records,
    Stream,
)
from pipelines.landing import LandedStream, Receipt, StreamLanding
from pipelines.sync.crawl import crawl

READ_AGAIN = tuple(
    stream
    for stream in STREAMS
    if not stream.only_ids and not any(view.only_ids and view.after == stream for view in STREAMS)
)
"""The streams that no view verifies."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """What was known of a district before its first stream was requested."""

    has_events: bool
    """Whether Clever lists events of the district to the app."""
    newest_event: str | None = None
    """The ID of the newest event; None if there is none."""

    @classmethod
    def kept(cls, file: Path) -> "Bracket | None":
        """Return the bracket that was kept with a landing; None if there is none."""
        with suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(file.read_bytes(), type=cls)
        return None

    @classmethod
    def open(cls, clever: Clever, district: ConnectedDistrict, file: Path) -> "Bracket":
        """Ask for the newest event, or take what an earlier try of the same read was told: its pages are used again, too.

        That Clever has no events for the app, or fails to list them, only means another way to find changes.

        Args:
            clever: whom to ask.
            district: whose events.
            file: where the bracket is kept with the landing.

        Raises:
            ClosedError: the client was closed meanwhile.
            OSError: the file could not be written.
        """
        if kept := cls.kept(file):
            return kept
        try:
            bracket = cls(has_events=True, newest_event=clever.newest_event(district))
        except ClosedError:
            raise
        except CleverError:
            bracket = cls(has_events=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(bracket))
        return bracket

    def changes(
        self,
        clever: Clever,
        district: ConnectedDistrict,
        landings: Mapping[Stream, StreamLanding],
        former: Mapping[str, LandedStream],
    ) -> list[str]:
        """Find out whether the district changed during a read. Returns each change as a part of a sentence.

        ``landings`` are those of the read, ``former`` what was landed of the district's current rows.

        Raises:
            CleverError: Clever could not be asked.
        """
        if all(
            stream.name in former and landing.receipt.digest == former[stream.name].receipt.digest
            for stream, landing in landings.items()
        ):
            return []
        if self.has_events and clever.newest_event(district) != self.newest_event:
            return ["Clever reports changes of its records during the read"]
        return [
            f"{stream.path} shows other records after the read than during it"
            for stream in READ_AGAIN
            if stream in landings
            and not (self.has_events and stream.has_events)
            and not _is_the_same(clever, district, stream, landings)
        ]


def _is_the_same(
    clever: Clever, district: ConnectedDistrict, stream: Stream, landings: Mapping[Stream, StreamLanding]
) -> bool:
    """Whether Clever shows, page by page, what was landed."""
    receipt = landings[stream].receipt
    bodies = [page.body for page in receipt.pages]
    try:
        for number, page in enumerate(crawl(clever, district, stream, landings, known=_known(receipt))):
            if number == len(bodies) or page.body != bodies[number]:
                return False
    except GoneRecordError:
        return False
    return True


def _known(receipt: Receipt) -> Known:
    """What was landed of each answer, without the records: nobody reads them again."""
    pages = {page.body: page for page in receipt.pages}

    def known(body: str) -> Records | None:
        page = pages.get(body)
        if page is None:
            return None
        return Records(b"", page.records, page.first_id, page.last_id, (page.next_uri,) if page.next_uri else ())

    return known
