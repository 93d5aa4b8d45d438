"""Which instants the warehouse writes: those of the machine's clock, but never one at or before an instant that it has."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pipelines.progress import Notice, Report

MachineClock = Callable[[], datetime]
"""Gives the time, with a time zone."""

STEP = timedelta(seconds=1)
"""How far a clock may be behind without a notice: time servers correct clocks by less all the time."""

TICK = timedelta(microseconds=1)
"""The least time between two instants in DuckDB."""


def machine_clock() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


class Clock:
    """The clock of one session that writes: each instant is later than all before it, also those of earlier sessions.

    So versions follow each other and no row ends before it begins, even if the machine's clock was ahead in an earlier session
    or steps back in this one. The operator gets one notice of that.
    """

    def __init__(self, machine: MachineClock, latest: datetime | None, report: Report) -> None:
        """Start after ``latest``, the latest instant that was written; None if there is none."""
        self._machine = machine
        self._latest = latest or datetime.min.replace(tzinfo=UTC)
        self._expected = self._latest
        self._report = report
        self._is_reported = False

    def now(self) -> datetime:
        """Return the instant of what is written next."""
        shown = self._machine()
        if shown + STEP < self._expected and not self._is_reported:
            self._is_reported = True
            self._report(
                Notice(
                    f"The clock of this machine shows {_text(shown)}, but the latest rows of the warehouse are from "
                    f"{_text(self._latest)}, so new rows are dated right after them: check that the clock is right "
                    "(for example with `timedatectl`)."
                )
            )
        self._expected = max(self._expected, shown)
        self._latest = max(shown, self._latest + TICK)
        return self._latest


def _text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
