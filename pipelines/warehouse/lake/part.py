"""Which districts a worker syncs."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS = 64
"""Into how many buckets districts fall, by their ID: the most workers that a lake can have. It never changes, because two
workers exclude each other by the buckets of their districts, also while the number of workers changes."""


@dataclass(frozen=True, slots=True)
class Part:
    """The districts of one of several workers."""

    number: int
    """From 0."""
    count: int
    """How many workers there are, from 1 to BUCKETS."""

    def __str__(self) -> str:
        """The part as the name of its folder."""
        return f"{self.number}-of-{self.count}"

    @property
    def is_whole(self) -> bool:
        """Whether one worker syncs all districts."""
        return self.count == 1

    def has(self, district_id: str) -> bool:
        """Whether a district belongs to the part."""
        return bucket(district_id) % self.count == self.number

    def of(self, district_ids: Iterable[str]) -> list[str]:
        """Those of some districts that belong to the part, ascending."""
        return sorted(district_id for district_id in district_ids if self.has(district_id))

    @property
    def buckets(self) -> range:
        """The buckets of the districts."""
        return range(self.number, BUCKETS, self.count)


WHOLE = Part(0, 1)


def bucket(district_id: str) -> int:
    """The bucket of a district, from 0 to BUCKETS - 1."""
    return zlib.crc32(district_id.encode()) % BUCKETS
