"""The rate limit of a token, enforced here before Clever has to refuse a request."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.clever.retry import Clock

_SHORTEST_SECONDS = 0.001
_POLL_SECONDS = 0.05


class Budget:
    """The allowance of one token; any number of threads take from it.

    No stretch of `seconds` holds more than `requests` requests, and where Clever's own headers say that less is left
    (another program may use the token), that counts.
    """

    def __init__(self, requests: int, seconds: float, clock: "Clock") -> None:
        """Start with a whole allowance."""
        self._requests = requests
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        # A request counts from when it was taken until a minute after its response: Clever counted it somewhere between.
        self._ended: deque[float] = deque()
        self._in_flight = 0
        self._left = requests
        self._reset = 0
        self._resets_at = float("-inf")

    def acquire(self) -> float:
        """Take one request and give 0, or take nothing and give the seconds after which to try again.

        A request that was taken must be given back to `done`.
        """
        with self._lock:
            now = self._clock.monotonic()
            while self._ended and self._ended[0] <= now - self._seconds:
                self._ended.popleft()
            if now < self._resets_at and self._left <= 0:
                return max(self._resets_at - now, _SHORTEST_SECONDS)
            if self._in_flight + len(self._ended) >= self._requests:
                return max(self._ended[0] + self._seconds - now, _SHORTEST_SECONDS) if self._ended else _POLL_SECONDS
            self._left -= 1
            self._in_flight += 1
            return 0.0

    def release(self, allowance: "Allowance | None") -> None:
        """End a taken request, and learn what its response said.

        Answers overtake each other: within one window the least that was said counts. Requests still under way may not
        be in Clever's count yet, so they are taken off it.
        """
        with self._lock:
            self._in_flight -= 1
            self._ended.append(self._clock.monotonic())
            if allowance is None or allowance.reset < self._reset:
                return
            left = allowance.remaining - self._in_flight
            self._left = left if allowance.reset > self._reset else min(self._left, left)
            self._reset = allowance.reset
            self._resets_at = self._clock.monotonic() + allowance.resets_in


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a response says about the window of a minute under way."""

    remaining: int
    """Requests left in it."""
    reset: int
    """When it ends, by Clever's clock: identifies the window."""
    resets_in: float
    """Seconds from the response to its end."""
