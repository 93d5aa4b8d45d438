"""When landed pages are staged: while others are still read, but not as long as a district shows only what it showed before."""

from collections.abc import Collection, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from pipelines.clever import Stream
from pipelines.landing import LandedPage, LandedStream, StreamLanding
from pipelines.records import CATALOG
from pipelines.warehouse import Page, Staging, StatementError

TOGETHER = 64 << 20
"""Bytes of pages that are worth a statement of their own, while reading goes on."""


def page(district_id: str, stream: Stream, landing: StreamLanding, file: Path) -> Page:
    """A landed page, as the warehouse stages it."""
    return Page(file, district_id, stream.record_type, stream.role, landing.hashes(file))


RECORD_TYPES = tuple(declared.name for declared in CATALOG.streams)
"""Each with the views that verify it: they are staged together, or not at all."""


class _Landed(NamedTuple):
    """A page that waits to be staged."""

    page: Page
    bytes: int


class StagingQueue:
    """The way of pages from the landing to the staging tables; readers add pages from their threads."""

    def __init__(self, staging: Staging, former: Mapping[str, Mapping[str, LandedStream]]) -> None:
        """With what the districts' current rows were read from, by district and stream."""
        self._staging = staging
        self._former = former
        self._landed: SimpleQueue[tuple[str, Stream, StreamLanding, int]] = SimpleQueue()
        self._as_before: dict[tuple[str, str], list[_Landed]] = {
            (district_id, record_type): [] for district_id in former for record_type in RECORD_TYPES
        }
        """By district and record type, the pages that wait because all so far are what they were."""
        self._ready: list[_Landed] = []
        self.errors: dict[str, StatementError] = {}
        """By district, why its pages could not be staged."""

    def add(self, district_id: str, stream: Stream, landing: StreamLanding, number: int) -> None:
        """Add a page that has landed: the ``number``-th of its stream, from 0."""
        self._landed.put((district_id, stream, landing, number))

    def stage_some(self) -> None:
        """Stage what has landed, if it is enough to be worth it."""
        self._take()
        if sum(landed.bytes for landed in self._ready) >= TOGETHER:
            self._stage()

    def stage_rest(self, changed: Mapping[str, Collection[str]]) -> None:
        """Stage all pages that are not staged yet, of the record types which have changed in each district."""
        self._take()
        for district_id, record_types in changed.items():
            for record_type in record_types:
                self._ready += self._as_before.pop((district_id, record_type), [])
        self._stage()

    def _take(self) -> None:
        """Sort what has landed: the pages of a record type wait as long as each is, byte for byte, what it was before."""
        while True:
            try:
                district_id, stream, landing, number = self._landed.get_nowait()
            except Empty:
                return
            landed = landing.receipt.pages[number]
            waiting = _Landed(page(district_id, stream, landing, landing.folder / landed.file), landed.bytes)
            unit = (district_id, stream.record_type)
            if unit in self._as_before and self._is_as_before(district_id, stream, landed, number):
                self._as_before[unit].append(waiting)
            else:
                self._ready += [*self._as_before.pop(unit, []), waiting]

    def _is_as_before(self, district_id: str, stream: Stream, landed: LandedPage, number: int) -> bool:
        former = self._former[district_id].get(stream.name)
        pages = former.receipt.pages if former else []
        return number < len(pages) and pages[number].digest == landed.digest

    def _stage(self) -> None:
        """Stage what is ready; a district whose pages DuckDB cannot read fails alone."""
        pages = [landed.page for landed in self._ready if landed.bytes and landed.page.district_id not in self.errors]
        self._ready = []
        if not pages:
            return
        try:
            self._staging.stage(pages)
        except StatementError as error:
            district_ids = sorted({page.district_id for page in pages})
            if len(district_ids) == 1:
                self.errors[district_ids[0]] = error
                return
            for district_id in district_ids:
                try:
                    self._staging.stage(page for page in pages if page.district_id == district_id)
                except StatementError as error:
                    self.errors[district_id] = error
