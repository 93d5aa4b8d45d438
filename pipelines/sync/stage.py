"""When landed pages are staged: while others are still read, but not as long as a district shows only what it showed before."""

from collections.abc import Collection, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from pipelines.clever import Stream
from pipelines.landing import LandedPage, LandedStream, StreamLanding
from pipelines.warehouse import StatementError, Work

TOGETHER = 64 << 20
"""Bytes of pages that are worth a statement of their own, while reading goes on."""


class _Page(NamedTuple):
    """A page on its way into the warehouse."""

    district_id: str
    role: str | None
    file: Path
    bytes: int


class Staging:
    """The way of pages from the landing to the staged tables; readers put pages in from their threads."""

    def __init__(self, work: Work, former: Mapping[str, Mapping[str, LandedStream]]) -> None:
        """With what the districts' current rows were read from, by district and feed."""
        self._work = work
        self._former = former
        self._landed: SimpleQueue[tuple[str, Stream, StreamLanding, int]] = SimpleQueue()
        self._as_before: dict[str, list[_Page]] = {district_id: [] for district_id in former}
        self._ready: list[_Page] = []
        self.errors: dict[str, StatementError] = {}
        """By district, why its pages could not be staged."""

    def put(self, district_id: str, feed: Stream, landing: StreamLanding, number: int) -> None:
        """Tell that a page has landed: the ``number``-th of its feed, from 0."""
        self._landed.put((district_id, feed, landing, number))

    def stage_some(self) -> None:
        """Stage what has landed, if it is enough to be worth it."""
        self._take()
        if sum(page.bytes for page in self._ready) >= TOGETHER:
            self._stage()

    def stage_rest(self, changed: Collection[str]) -> None:
        """Stage all pages of the districts that have changed which are not staged yet."""
        self._take()
        for district_id in changed:
            self._ready += self._as_before.pop(district_id, [])
        self._stage()

    def _take(self) -> None:
        """Sort what has landed: a district's pages wait as long as each is, byte for byte, what it was before."""
        while True:
            try:
                district_id, feed, landing, number = self._landed.get_nowait()
            except Empty:
                return
            landed = landing.receipt.pages[number]
            page = _Page(district_id, feed.role, landing.folder / landed.file, landed.bytes)
            if district_id in self._as_before and self._is_as_before(district_id, feed, landed, number):
                self._as_before[district_id].append(page)
            else:
                self._ready += [*self._as_before.pop(district_id, []), page]

    def _is_as_before(self, district_id: str, feed: Stream, landed: LandedPage, number: int) -> bool:
        former = self._former[district_id].get(feed.name)
        pages = former.receipt.pages if former else []
        return number < len(pages) and pages[number].digest == landed.digest

    def _stage(self) -> None:
        """Stage what is ready; a district whose pages DuckDB cannot read fails alone."""
        pages = [page for page in self._ready if page.bytes and page.district_id not in self.errors]
        self._ready = []
        if not pages:
            return
        try:
            self._work.stage((page.file, page.district_id, page.role) for page in pages)
        except StatementError as error:
            district_ids = sorted({page.district_id for page in pages})
            if len(district_ids) == 1:
                self.errors[district_ids[0]] = error
                return
            for district_id in district_ids:
                of_district = [page for page in pages if page.district_id == district_id]
                try:
                    self._work.stage((page.file, page.district_id, page.role) for page in of_district)
                except StatementError as error:
                    self.errors[district_id] = error
