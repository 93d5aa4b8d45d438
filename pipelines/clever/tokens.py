"""Which token of a district is in force, when one may be replaced while many threads read."""

import threading
from collections.abc import Callable

from pipelines.clever.districts import ConnectedDistrict


class TokensInForce:
    """The tokens that took the place of those with which the districts were listed."""

    def __init__(self) -> None:
        """Begin with none replaced."""
        self._lock = threading.Lock()
        self._replaced: dict[ConnectedDistrict, str] = {}
        self._fetching: dict[ConnectedDistrict, threading.Lock] = {}

    def of(self, district: ConnectedDistrict) -> str:
        """Return the token to use."""
        with self._lock:
            return self._replaced.get(district, district.token)

    def replace(self, district: ConnectedDistrict, refused: str, fetch: Callable[[], str]) -> None:
        """Fetch the token again after one was refused; one thread fetches it for all threads with the same refused token."""
        with self._lock:
            fetching = self._fetching.setdefault(district, threading.Lock())
        with fetching:
            if self.of(district) != refused:
                return
            token = fetch()
            with self._lock:
                self._replaced[district] = token
