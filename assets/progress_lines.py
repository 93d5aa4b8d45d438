"""How the progress of a sync reads: its events as lines, for the log of a run and for the terminal."""

import threading
import time
from collections import Counter

from assets.names import DistrictNames
from pipelines.progress import (
    Event,
    Notice,
    PageLanded,
    ReadAgain,
    RetryWait,
    Stage,
    StreamEnded,
    StreamResumed,
    Tick,
    Waiting,
)

INTERVAL_SECONDS = 5.0
"""Seconds between two lines about what was read."""

INTERVAL_PERCENT = 5
"""Percent of the lists between two such lines, if these come sooner."""

MIN_SECONDS = 1.0
"""Seconds between two such lines at least: the lists of a small district end many times a second."""

WAITS_PER_INTERVAL = 5
"""How many waits have a line of their own between two such lines. While Clever is out of order, each list of each district waits
several times."""


class ProgressLines:
    """Makes lines of the events of a sync; any thread may report an event."""

    def __init__(self, names: DistrictNames) -> None:
        """Nothing has been read yet."""
        self._names = names
        self._lock = threading.Lock()
        self._waits = 0
        self._begin(Stage("starting"))

    def _begin(self, stage: Stage) -> None:
        self._stage = stage
        self._began = self._told_at = time.monotonic()
        self._told_percent = 0
        self._pages = 0
        self._records = 0
        self._ended: Counter[str] = Counter()

    def line(self, event: Event) -> str | None:
        """The line of an event; None if it is only counted. What was read is said every few seconds."""
        with self._lock:
            match event:
                case Stage():
                    self._begin(event)
                case PageLanded():
                    self._pages += 1
                    self._records += event.records
                case StreamEnded():
                    self._ended[event.district_id] += 1
                case RetryWait():
                    self._waits += 1
                    if self._waits > WAITS_PER_INTERVAL:
                        return None
            if isinstance(event, PageLanded | StreamEnded | Tick):
                return self._line_if_due()
        return self._names.in_text(_sentence(event))

    @property
    def percent(self) -> int | None:
        """How many percent of the lists of this stage have been read; None if it reads none."""
        with self._lock:
            return self._percent() if self._stage.districts else None

    @property
    def reading(self) -> str:
        """What was read so far: districts, percent of the lists, pages, records, and records per second."""
        with self._lock:
            return self._reading()

    def _line_if_due(self) -> str | None:
        percent, seconds = self._percent(), time.monotonic() - self._told_at
        is_due = seconds >= INTERVAL_SECONDS or percent >= self._told_percent + INTERVAL_PERCENT
        if not self._stage.districts or not is_due or seconds < MIN_SECONDS:
            return None
        unsaid = max(0, self._waits - WAITS_PER_INTERVAL)
        self._told_at, self._told_percent, self._waits = time.monotonic(), percent, 0
        more = f"; {unsaid:,} more waits and retries" if unsaid else ""
        return f"{self._reading()}{more}."

    def _percent(self) -> int:
        lists = self._stage.districts * self._stage.streams
        return 100 * self._ended.total() // lists if lists else 0

    def _reading(self) -> str:
        read = sum(count >= self._stage.streams for count in self._ended.values())
        districts = f"{read} of {self._stage.districts} districts" if self._stage.districts != 1 else "1 district"
        rate = self._records / max(time.monotonic() - self._began, 1e-3)
        return (
            f"Read {districts}, {self._percent()}% of the lists: {self._pages:,} pages, {self._records:,} records, "
            f"{rate:,.0f} records/s"
        )


def is_warning(event: Event) -> bool:
    """Whether the operator should look at the line of an event."""
    return isinstance(event, ReadAgain | Waiting | Notice | RetryWait)


def _sentence(event: Event) -> str:
    match event:
        case StreamResumed():
            return (
                f"District {event.district_id}: resuming {event.stream} from page {event.pages + 1} "
                f"({event.records:,} records so far)."
            )
        case ReadAgain():
            return f"District {event.district_id}: reading again because {'; '.join(event.reasons)}."
        case RetryWait():
            return _wait(event)
        case Waiting():
            return f"{event.reason}."
        case Notice():
            return event.text
        case Stage():
            return f"{event.activity[0].upper()}{event.activity[1:]}..."
        case _:
            message = f"{type(event).__name__} is counted, and has no sentence."
            raise TypeError(message)


def _wait(event: RetryWait) -> str:
    whose = f"District {event.district_id}, " if event.district_id else ""
    what = event.stream or "list of districts"
    if event.attempt is None:
        return f"{whose}{what}: waiting {event.seconds:.0f} s because {event.reason}."
    tries = f"try {event.attempt} of {event.attempts}" if event.attempts else f"try {event.attempt}"
    return f"{whose}{what}: {event.reason} ({tries}). Next try in {event.seconds:.1f} s."
