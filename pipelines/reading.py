"""How the feeds of many districts are read at once and landed; one district's trouble stops only its own feeds."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from pipelines.clever import FEEDS, Clever, CleverError, ConnectedDistrict, Feed
from pipelines.landing import FeedLanding, Landing, Receipt
from pipelines.progress import FeedResumed, PageLanded, Report

READERS = 8
"""Feeds that are read at once, over all districts."""


@dataclass
class Read:
    """One read of a district: a landing a feed, or why it failed. A feed that need not be served and is not has no landing."""

    district: ConnectedDistrict
    landings: dict[Feed, FeedLanding] = field(default_factory=dict)
    error: CleverError | OSError | None = None

    @property
    def receipts(self) -> Sequence[Receipt]:
        """What was read of each feed, as far as it came."""
        return [landing.receipt for landing in self.landings.values()]

    @property
    def digests(self) -> Mapping[str, str]:
        """The digest of each feed."""
        return {receipt.feed: receipt.digest for receipt in self.receipts}


def read(
    clever: Clever,
    landing: Landing,
    districts: Sequence[ConnectedDistrict],
    *,
    sync_id: str,
    attempts: Mapping[str, int],
    report: Report,
    feeds: Sequence[Feed] = FEEDS,
    may_be_withdrawn: Collection[Feed] = (),
) -> dict[str, Read]:
    """Read every feed of the districts, each district for the ``attempts[district.id]``-th time within the sync.

    Returns a read a district, by its id; one that failed carries the first error. That Clever no longer serves a feed which
    may be withdrawn is no failure.
    """
    reads = {district.id: Read(district) for district in districts}

    def land(feed: Feed, into: Read) -> None:
        district = into.district
        landed = landing.feed(district.id, sync_id, attempts[district.id], feed.name)
        into.landings[feed] = landed
        if landed.receipt.pages:
            report(FeedResumed(district.id, feed.name, len(landed.receipt.pages), landed.receipt.records))
        if landed.receipt.complete:
            return
        for page in clever.pages(district, feed, start=landed.receipt.next_uri):
            if into.error:
                return
            landed.land(
                lines=page.lines,
                records=page.records,
                first_id=page.first_id,
                last_id=page.last_id,
                next_uri=page.next_uri,
            )
            report(PageLanded(district.id, feed.name, page.records, len(page.lines)))

    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as readers:
        tasks: dict[Future[None], tuple[Feed, Read]] = {
            readers.submit(land, feed, into): (feed, into) for into in reads.values() for feed in feeds
        }
        try:
            for task in as_completed(tasks):
                try:
                    task.result()
                except (CleverError, OSError) as error:
                    feed, into = tasks[task]
                    if isinstance(error, CleverError) and error.is_withdrawn and feed in may_be_withdrawn:
                        del into.landings[feed]
                    else:
                        into.error = into.error or error
        except BaseException:
            readers.shutdown(wait=False, cancel_futures=True)
            clever.close()
            raise
    return reads
