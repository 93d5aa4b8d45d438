"""When and how often failed requests are retried."""

import random
import threading
import time
from dataclasses import dataclass
from typing import Protocol

import tenacity


class Clock(Protocol):
    """What time it is, and waiting."""

    def time(self) -> float:
        """Return the Unix time in seconds."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait; may end early when the client is closed."""


class WakeableClock:
    """The machine's clock, whose waits end immediately when the event is set."""

    def __init__(self, wake: threading.Event) -> None:
        """Take the event that ends waits."""
        self._wake = wake

    def time(self) -> float:
        """Return the Unix time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until the event is set."""
        self._wake.wait(seconds)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient the client is; all times in seconds."""

    first: float = 0.5
    """The first wait; each further one is twice as long, with up to as much again of `first` added by chance, so that
    many threads do not come back in step."""
    cap: float = 30.0
    """No wait is longer, save one until a reset that Clever names."""
    deadline: float = 600.0
    """For one page, from the first try to the last, all waits and slow answers included; and for each response that keeps
    coming too slowly."""
    tries: int = 8
    """Of one URL before giving up on failures (5xx, time-outs, broken connections): about a minute with the waits
    above. A 429 does not count: Clever is well, and only the deadline ends that."""
    garbled: int = 4
    """Of one URL before giving up on whole answers that are not JSON: about five seconds. That is no matter of load, which
    passes, but of a page that Clever or a proxy makes wrongly, and all other districts wait for it."""
    unreachable: float = 12.0
    """For a host that has not answered once yet: a mistyped address is reported soon."""

    def __post_init__(self) -> None:
        """Refuse what would ask less than three times; raises ValueError."""
        if min(self.tries, self.garbled) < MIN_TRIES:
            raise ValueError(f"a URL is tried at least {MIN_TRIES} times")


MIN_TRIES = 3
"""No URL is given up on before so many tries, whatever the deadlines say."""

TIMEOUTS_BEFORE_SMALLER_PAGE = 2
"""Time-outs of one page after which a smaller page is asked for instead, where that is possible."""


@dataclass(frozen=True, slots=True)
class RetryWait:
    """A wait before a retry or for the rate limit, with its reason; passed to `on_wait` before it begins."""

    district_id: str | None
    stream: str | None
    reason: str
    seconds: float


class RetryState:
    """What is left of the waits for one page; also after its URL was changed to ask for fewer records."""

    def __init__(self, retry_policy: RetryPolicy, clock: Clock) -> None:
        """Start now."""
        self._retry_policy = retry_policy
        self._clock = clock
        self._started = clock.monotonic()
        self._backoff = tenacity.wait_exponential(
            multiplier=retry_policy.first, max=retry_policy.cap
        ) + tenacity.wait_random(0, retry_policy.first)

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self._clock.monotonic() - self._started

    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.seconds > self._retry_policy.deadline

    def backoff(self, state: tenacity.RetryCallState) -> float:
        """Return the next wait where Clever named none."""
        return self._backoff(state)

    def jitter(self) -> float:
        """Return a short wait by chance, to add to one that Clever named."""
        return random.uniform(0, self._retry_policy.first)  # noqa: S311
