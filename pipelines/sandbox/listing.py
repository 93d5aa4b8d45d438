"""Which records a list holds, and which of them one page shows.

Clever docs (Pagination and Response Limits): elements are sorted by ascending id; `starting_after` and `ending_before`
name an id, which need not exist any more; `ending_before=last` shows the end of the list.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

LAST = "last"


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a list that one page shows."""

    begin: int
    end: int
    size: int
    """How many records the whole list has."""

    @property
    def has_more(self) -> bool:
        """Whether records follow after the page."""
        return self.end < self.size


class Listing:
    """Records sorted by ascending id, each written once."""

    def __init__(self, ids: Sequence[str], items: Sequence[bytes]) -> None:
        """Keep the ids and, in the same order, the items."""
        self.ids = ids
        self.items = items
        self.compressed: dict[object, bytes] = {}
        """Pages that were compressed before; they go when the list goes."""

    def __len__(self) -> int:
        """Count the records."""
        return len(self.ids)

    def find(self, record_id: str) -> bytes | None:
        """Return the item with this id, or None."""
        place = bisect_left(self.ids, record_id)
        return self.items[place] if place < len(self.ids) and self.ids[place] == record_id else None

    def span(self, limit: int, starting_after: str | None = None, ending_before: str | None = None) -> Span:
        """Choose up to `limit` records from the beginning, after an id, or before an id."""
        size = len(self.ids)
        if ending_before is not None:
            end = size if ending_before == LAST else bisect_left(self.ids, ending_before)
            return Span(max(0, end - limit), end, size)
        begin = 0 if starting_after is None else bisect_right(self.ids, starting_after)
        return Span(begin, min(size, begin + limit), size)
