"""Show the progress of a sync: one bar in a terminal, plain lines elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from assets.cli.output import lossy
from assets.names import DistrictNames
from assets.progress_lines import ProgressLines, is_warning
from pipelines.progress import Event, Report, StreamResumed
from pipelines.warehouse import Warehouse


@contextmanager
def display(console: Console, warehouse: Warehouse) -> Iterator[Report]:
    """Return a report function that shows events on the console, with the names that districts have in the warehouse."""
    lines = ProgressLines(DistrictNames(warehouse))
    showing = _moving if console.is_terminal else _plain
    with _beside_the_capture(console) as screen, showing(screen, lines) as report:
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
def _moving(console: Console, lines: ProgressLines) -> Iterator[Report]:
    """One bar for the sync, below the lines that stay."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        expand=True,
    ) as bar:
        task = bar.add_task("Starting...", total=None)

        def report(event: Event) -> None:
            line = lines.line(event)
            if (line is not None and is_warning(event)) or isinstance(event, StreamResumed):
                bar.console.print(line, markup=False)
            percent = lines.percent
            if percent is None:
                bar.update(task, description=line or "", total=None)
            else:
                bar.update(task, description=lines.reading, total=100, completed=percent)

        yield report


@contextmanager
def _plain(console: Console, lines: ProgressLines) -> Iterator[Report]:
    def report(event: Event) -> None:
        line = lines.line(event)
        if line is not None:
            console.print(line, markup=False)

    yield report
