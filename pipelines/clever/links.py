"""Where a next link may lead, and how the size of its page is changed."""

import re

import httpx

from pipelines.clever.assumptions import MAX_CONSECUTIVE_EMPTY_PAGES, MIN_PAGE_LIMIT
from pipelines.clever.errors import BrokenChainError

_LIMIT = re.compile(r"(?<=[?&])limit=(\d+)(?=&|#|$)")

_LINK = re.compile(r"(([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#\\]+)?(?P<path>/(?!/)[!-\[\]-~]*)")
"""A path of visible ASCII characters without a backslash, which may stand behind a scheme and host."""


def with_smaller_limit(uri: str) -> str | None:
    """Halve the `limit` of an address and change nothing else of it; None if it has none or cannot be smaller."""
    found = _LIMIT.search(uri)
    limit = int(found[1]) if found else 0
    if found is None or limit <= MIN_PAGE_LIMIT:
        return None
    return with_limit(uri, max(limit // 2, MIN_PAGE_LIMIT))


def with_limit(uri: str, limit: int) -> str:
    """Replace the `limit` of an address, if it has one, and change nothing else of it."""
    return _LIMIT.sub(f"limit={limit}", uri, count=1)


class Chain:
    """The guard over the pages of one list, from the first to the one without a next link."""

    def __init__(self, host_url: str, below: str, *, district_id: str | None = None, stream: str | None = None) -> None:
        """Begin before the first page.

        Args:
            host_url: scheme and host, where every page must be.
            below: how the path of every page must begin, such as "/v3.0/".
            district_id: for messages.
            stream: for messages.
        """
        self._host_url = host_url
        self._below = below
        self._district_id = district_id
        self._stream = stream
        self._entered: set[str] = set()
        self._last_id: str | None = None
        self._empty_pages = 0

    def enter(self, uri: str) -> str:
        """Return the path and query of the page to ask for.

        A link is a path; the host's own address before it is tolerated. Raises BrokenChainError if it is malformed, leads
        elsewhere, or to a page that was entered before.
        """
        path = self._path(uri)
        if path in self._entered:
            raise self._broken(f"the next link of page {len(self._entered)} leads back to a page that was read before")
        self._entered.add(path)
        return path

    def _path(self, uri: str) -> str:
        """Return the path and query of a link exactly as they are written in it."""
        written = _LINK.fullmatch(uri)
        try:
            url = httpx.URL(self._host_url).join(uri)
        except httpx.InvalidURL:
            written = None
        if written is None:
            raise self._broken("a next link is malformed: Clever's begin with / and hold plain ASCII characters only")
        here = httpx.URL(self._host_url)
        if url.host != here.host:
            raise self._broken("a next link leads to another host")
        if (url.scheme, url.port, url.userinfo) != (here.scheme, here.port, here.userinfo):
            raise self._broken(f"a next link leads to another scheme, port or user than {self._host_url}")
        if not url.path.startswith(self._below):
            raise self._broken(f"a next link leads to no page below {self._below}")
        return written["path"]

    def leave(self, next_uris: tuple[str, ...]) -> str | None:
        """Return the one next link of a page, or None at the end. Raises BrokenChainError if there are several."""
        if len(next_uris) > 1:
            raise self._broken(f"a page has {len(next_uris)} different next links")
        return next_uris[0] if next_uris else None

    def move(self, last_id: str | None) -> None:
        """Note the last record of a page that has a next link. Raises BrokenChainError if the pages do not move on."""
        if last_id is None:
            self._empty_pages += 1
            if self._empty_pages > MAX_CONSECUTIVE_EMPTY_PAGES:
                raise self._broken(f"{self._empty_pages} empty pages in a row, each with a next link")
        elif last_id == self._last_id:
            raise self._broken(f"two pages in a row end with the same record {last_id}")
        else:
            self._empty_pages = 0
            self._last_id = last_id

    def _broken(self, seen: str) -> BrokenChainError:
        return BrokenChainError(seen, district_id=self._district_id, stream=self._stream)
