"""How a sync's progress looks in a terminal: a line that moves, or plain lines where the output is no terminal."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines.progress import Event, FeedResumed, PageLanded, ReadAgain, Report, Stage, Waits

BETWEEN_LINES = 5.0
"""Seconds between two plain lines about pages."""


@contextmanager
def display(console: Console) -> Iterator[Report]:
    """Somebody to tell how a sync goes on."""
    if console.is_terminal:
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
        ) as bar:
            task = bar.add_task("starting")
            tally = _Tally()

            def move(event: Event) -> None:
                line = tally.line(event)
                if isinstance(event, ReadAgain | Waits | FeedResumed):
                    bar.console.print(line, markup=False)
                else:
                    bar.update(task, description=line)

            yield move
    else:
        tally = _Tally()
        last = time.monotonic()

        def tell(event: Event) -> None:
            nonlocal last
            line = tally.line(event)
            if not isinstance(event, PageLanded):
                console.print(line, markup=False)
            elif time.monotonic() - last >= BETWEEN_LINES:
                last = time.monotonic()
                console.print(line, markup=False)

        yield tell


class _Tally:
    """What has been read so far."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._pages = 0
        self._records: Counter[str] = Counter()
        self._districts: set[str] = set()

    def line(self, event: Event) -> str:
        match event:
            case PageLanded():
                self._pages += 1
                self._records[event.feed] += event.records
                self._districts.add(event.district_id)
                rate = self._records.total() / max(time.monotonic() - self._started, 1e-3)
                feeds = ", ".join(f"{feed} {count:,}" for feed, count in self._records.items())
                return f"reading {len(self._districts)} districts: {self._pages} pages; {feeds} ({rate:,.0f} records/s)"
            case FeedResumed():
                return f"District {event.district_id}: {event.feed} goes on after page {event.pages} of an earlier try."
            case ReadAgain():
                return f"District {event.district_id} is read again: {'; '.join(event.reasons)}."
            case Waits():
                return f"Waiting: {event.why}."
            case Stage():
                return f"{event.doing} ..."
