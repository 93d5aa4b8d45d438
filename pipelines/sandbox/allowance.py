"""How many requests a token has left in its minute.

Clever docs (API Responses and Error Messages): 1200 requests per minute for each bearer token, counted in fixed minutes;
the headers X-RateLimit-Limit, -Remaining, -Reset (Unix time) and -Bucket have the state.
"""

import threading
import time
from dataclasses import dataclass

REQUESTS_A_MINUTE = 1200
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a request was counted."""

    limit: int
    remaining: int
    reset: int
    """When the next window begins, in seconds since 1970."""
    bucket: str
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """Return it as Clever does."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Bucket": self.bucket,
        }


class Allowances:
    """The counters of all tokens."""

    def __init__(self, limit: int = REQUESTS_A_MINUTE, seconds: int = SECONDS) -> None:
        """Allow `limit` requests in each fixed window of `seconds`."""
        self.limit = limit
        self.seconds = seconds
        self._used: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def acquire(self, bucket: str) -> Allowance:
        """Count one request of a bucket."""
        window = int(time.time()) // self.seconds
        with self._lock:
            counted, used = self._used.get(bucket, (window, 0))
            used = used + 1 if counted == window else 1
            self._used[bucket] = window, used
        left = max(0, self.limit - used)
        return Allowance(self.limit, left, (window + 1) * self.seconds, bucket, exceeded=used > self.limit)
