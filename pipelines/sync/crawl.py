"""Where the pages of a stream come from: one list of the district, or a list of each record of another stream."""

from collections.abc import Iterator, Mapping

from pipelines.clever import Clever, ConnectedDistrict, GoneRecordError, Known, Page, Stream, nothing_is_known
from pipelines.landing import Receipt, StreamLanding


def crawl(
    clever: Clever,
    district: ConnectedDistrict,
    stream: Stream,
    landings: Mapping[Stream, StreamLanding],
    *,
    after: Receipt | None = None,
    known: Known = nothing_is_known,
) -> Iterator[Page]:
    """Read the pages of a stream.

    Args:
        clever: whom to ask.
        district: whose records.
        stream: which list.
        landings: what was read of the district so far.
        after: what was read of the stream so far, to go on behind it; None begins anew.
        known: what was made of bodies that Clever has sent before.

    Raises:
        GoneRecordError: the lists of other records were read so far than there are, or Clever refuses some lists.
        CleverError: any other.
    """
    if stream.is_per_record and stream.after is not None:
        record_ids = landings[stream.after].record_ids
        start = after.records if after else 0
        if start and landings[stream].record_ids != record_ids[:start]:
            seen = f"{stream.after.path} shows other records than those whose lists were read before"
            raise GoneRecordError(seen, district_id=district.id, stream=stream.name)
        return clever.lists(district, stream, record_ids, start=start)
    return clever.pages(district, stream, start=after.next_uri if after else None, known=known)
