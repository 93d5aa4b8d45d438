"""Errors of requests to Clever, as a tree.

    CleverError
    ├── AccessError                 Clever refuses
    │   ├── RefusedSecretError        the client id or secret
    │   ├── UnauthorizedError         a district's token
    │   ├── NoSecureSyncError         a stream that the district does not share
    │   └── GoneRecordError           the list of a record, though not those of all records
    ├── NoResponseError             Clever sends no response, however often the request is sent
    │   ├── UnreachableError          no connection
    │   ├── TimedOutError             no response in time
    │   ├── RateLimitedError          too many requests, minute after minute
    │   └── UnavailableError          5xx, or connections that break off
    ├── InvalidResponseError        Clever sends something that its documentation does not describe
    │   ├── RefusedRequestError       a status that fits no request of ours
    │   ├── MalformedResponseError    no JSON, or JSON of another shape
    │   │   └── MalformedRecordError    one record that cannot be used
    │   └── BrokenChainError          next links that lead in a circle or elsewhere
    └── ClosedError                 this client was closed meanwhile

A message says which district, which stream, what was seen and what to do. It holds statuses, content types, counts, ids
and host names; never a token, a secret or any other part of a body.
"""

from typing import ClassVar

from pipelines.clever import assumptions


class CleverError(Exception):
    """The root; `str()` is one or two sentences for the person who runs the sync. Pickles.

    Attributes: `seen` (what was seen), `district_id`, `stream` (the feed's name, or the path of the token list), `position`
    (of a district token in its list, from 1), `status` (of the response, if it was one that cannot be used); each but the
    first may be None.
    """

    advice: ClassVar[str] = ""
    """What to do, said after what was seen."""

    def __init__(
        self,
        seen: str,
        *,
        district_id: str | None = None,
        stream: str | None = None,
        position: int | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(seen)
        self.seen = seen
        self.district_id = district_id
        self.stream = stream
        self.position = position
        self.status = status

    def __str__(self) -> str:
        where = [
            text
            for text in (
                f"district token number {self.position}" if self.position is not None else None,
                f"district {self.district_id}" if self.district_id is not None else None,
                _name(self.stream) if self.stream is not None else None,
            )
            if text
        ]
        subject = ", ".join(where)
        sentence = f"{subject[0].upper()}{subject[1:]}: {self.seen}" if subject else self.seen
        return f"{sentence}. {self.advice}".rstrip()


def _name(stream: str) -> str:
    return f"token list {stream}" if stream == assumptions.TOKENS_PATH else f"stream {stream}"


class AccessError(CleverError):
    """Clever knows the question and refuses; asking again cannot help."""


class RefusedSecretError(AccessError):
    """401 or 403 for the client id and secret on /oauth/tokens."""

    advice = "Check CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET against the app's settings in Clever's dashboard."


class UnauthorizedError(AccessError):
    """401 for a district's token, also after the token was fetched once more where that is possible."""

    advice = "The district may have disconnected the app or its token may have been reset: check Clever's dashboard."


class NoSecureSyncError(AccessError):
    """403 or 404 for a stream."""

    advice = (
        "The app needs Secure Sync access and the district must share these records: contact the district, or check"
        " Clever's dashboard. If no district works, check CLEVER_API_URL and CLEVER_API_VERSION."
    )


class GoneRecordError(AccessError):
    """403 or 404 for the lists of some records that another list has just shown: most likely they are gone since."""

    advice = "Sync again."


class NoResponseError(CleverError):
    """No usable response after all tries; a later sync may succeed."""

    advice = "Try again later. If it keeps happening, check https://status.clever.com."


class UnreachableError(NoResponseError):
    """The name is unknown, the connection is refused or not made in time, or its certificate is not trusted."""

    advice = "Check CLEVER_API_URL and CLEVER_OAUTH_URL, the network, and any proxy or firewall."


class TimedOutError(NoResponseError):
    """Connected, but no complete response in time."""


class RateLimitedError(NoResponseError):
    """429 until the retry deadline passed."""

    advice = "Another program may use the same token: let it finish, or sync at another time."


class UnavailableError(NoResponseError):
    """5xx, or connections that broke off, until the retry deadline passed."""


class InvalidResponseError(CleverError):
    """A response that the documentation does not describe; nothing of it is used."""


class RefusedRequestError(InvalidResponseError):
    """400, 413 for the smallest page, 501, a redirect, or any other status that is not documented for the request."""

    advice = "Check CLEVER_API_URL, CLEVER_OAUTH_URL and CLEVER_API_VERSION."


class MalformedResponseError(InvalidResponseError):
    """Not JSON, or JSON without what must be there."""

    advice = "Check that the address is Clever's and that no proxy or login page responds instead; otherwise report it to Clever."


class MalformedRecordError(MalformedResponseError):
    """A page with one record that cannot be used."""

    advice = "Report this record to Clever: until it is fixed, the data of this district stays as it is."


class BrokenChainError(InvalidResponseError):
    """The next links do not lead to a verified end."""

    advice = "The stream cannot be verified complete: sync again, and report it to Clever if it keeps happening."


class ClosedError(CleverError):
    """The client was closed by its owner while this thread was asking or waiting."""

    advice = "Run the command again."
