"""Show the progress of a sync: a live line in a terminal, plain lines elsewhere."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assets.cli.output import lossy
from pipelines.progress import Event, Notice, PageLanded, ReadAgain, Report, Stage, StreamResumed, Waiting

LINE_INTERVAL_SECONDS = 5.0
"""Seconds between two plain lines about pages."""


@contextmanager
def display(console: Console) -> Iterator[Report]:
    """Return a report function that shows events on the console."""
    with _beside_the_capture(console) as screen, _moving(screen) if console.is_terminal else _plain(screen) as report:
        yield report


@contextmanager
def _beside_the_capture(console: Console) -> Iterator[Console]:
    """Return a console that bypasses Dagster, which redirects what a step writes to standard output into a file."""
    try:
        descriptor = os.dup(console.file.fileno())
    except OSError:  # not a file, so nothing redirects it
        yield console
        return
    with lossy(descriptor, encoding=console.encoding, closefd=True) as file:
        yield Console(
            file=file,
            force_terminal=console.is_terminal,
            width=None if console.is_terminal else console.width,
            highlight=False,
            soft_wrap=True,
        )


@contextmanager
def _moving(console: Console) -> Iterator[Report]:
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("starting")
        counter = _Counter()

        def move(event: Event) -> None:
            line = counter.line(event)
            if isinstance(event, ReadAgain | Waiting | StreamResumed | Notice):
                bar.console.print(line, markup=False)
            else:
                bar.update(task, description=line)

        yield move


@contextmanager
def _plain(console: Console) -> Iterator[Report]:
    counter = _Counter()
    last = time.monotonic()

    def report(event: Event) -> None:
        nonlocal last
        line = counter.line(event)
        if not isinstance(event, PageLanded):
            console.print(line, markup=False)
        elif time.monotonic() - last >= LINE_INTERVAL_SECONDS:
            last = time.monotonic()
            console.print(line, markup=False)

    yield report


class _Counter:
    """Counts what has been read so far."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._pages = 0
        self._records: Counter[str] = Counter()
        self._districts: set[str] = set()

    def line(self, event: Event) -> str:
        self._started = self._started or time.monotonic()
        match event:
            case PageLanded():
                self._pages += 1
                self._records[event.stream] += event.records
                self._districts.add(event.district_id)
                rate = self._records.total() / max(time.monotonic() - self._started, 1e-3)
                streams = ", ".join(f"{stream} {count:,}" for stream, count in self._records.items())
                districts = "1 district" if len(self._districts) == 1 else f"{len(self._districts)} districts"
                return f"reading {districts}: {self._pages} pages, {rate:,.0f} records/s; {streams}"
            case StreamResumed():
                return f"District {event.district_id}: resuming {event.stream} from page {event.pages + 1}."
            case ReadAgain():
                return f"District {event.district_id}: reading again because {'; '.join(event.reasons)}."
            case Waiting():
                return f"{event.reason}."
            case Notice():
                return event.text
            case Stage():
                return f"{event.activity} ..."
