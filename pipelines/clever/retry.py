"""When and how often failed requests are retried."""

import random
import threading
import time
from dataclasses import dataclass
from typing import Protocol

import tenacity


class Clock(Protocol):
    """Gives the time and waits. Tests replace it."""

    def time(self) -> float:
        """Return the Unix time in seconds."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait; may end early when the client is closed."""


class WakeableClock:
    """The machine's clock, whose waits end immediately when the event is set."""

    def __init__(self, wake: threading.Event) -> None:
        """Wake up when the event is set."""
        self._wake = wake

    def time(self) -> float:
        """Return the Unix time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds, or until the event is set."""
        self._wake.wait(seconds)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When and how often a failed request is retried. All times are in seconds."""

    first: float = 0.5
    """The first wait. Each later wait is twice as long, plus a random jitter of up to `first`, so that threads do not retry
    in step."""
    cap: float = 30.0
    """The longest wait, except for a rate limit reset that Clever names."""
    deadline: float = 600.0
    """For one page, from the first attempt to the last, with all waits; also for each response that arrives too slowly."""
    tries: int = 8
    """Attempts per URL before giving up on failures (5xx, timeouts, broken connections): about a minute with the default
    waits. A 429 does not count; only the deadline ends its retries."""
    garbled: int = 4
    """Attempts per URL before giving up on complete responses that are not JSON: about five seconds with the default waits.
    Such a page does not depend on load, and all other districts wait for it."""
    unreachable: float = 12.0
    """The deadline for a host that has not responded yet, so that a mistyped address is reported soon."""

    def __post_init__(self) -> None:
        """Raise ValueError if a URL would be tried fewer than MIN_TRIES times."""
        if min(self.tries, self.garbled) < MIN_TRIES:
            raise ValueError(f"a URL is tried at least {MIN_TRIES} times")


MIN_TRIES = 3
"""Attempts per URL before giving up, whatever the deadlines are."""

TIMEOUTS_BEFORE_SMALLER_PAGE = 2
"""Timeouts of one page after which a smaller page is requested, where that is possible."""


class RetryState:
    """The retries of one page so far, including those with a smaller page size."""

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
        """Seconds since the first attempt."""
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
