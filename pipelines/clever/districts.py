"""The connected districts and their tokens, read from /oauth/tokens and /districts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from pipelines.clever import assumptions
from pipelines.clever.credentials import is_token
from pipelines.clever.envelopes import Link, decode_repaired, next_uris
from pipelines.clever.errors import CleverError, MalformedResponseError

_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class ConnectedDistrict:
    """A district that has authorized the app."""

    id: str
    token: str = field(repr=False)
    """Its bearer token, for the client alone."""
    created: dt.datetime | None = None
    """When the token was made; None where only the token is known."""


@dataclass(frozen=True, slots=True)
class FailedToken:
    """A token whose district is not known, because Clever refused it or returned nothing usable about it."""

    position: int
    """In the list of district tokens, or among the district tokens that Clever listed; from 1."""
    error: CleverError


class Districts(list[ConnectedDistrict]):
    """The connected districts, ascending by id.

    While `failures` is not empty, a district's absence here does not prove that it has disconnected.
    """

    def __init__(self, districts: Iterable[ConnectedDistrict] = (), failures: Iterable[FailedToken] = ()) -> None:
        """Keep one token per district: the newest; of two equally old, or of unknown age, the later one."""
        newest: dict[str, ConnectedDistrict] = {}
        for district in districts:
            known = newest.get(district.id)
            if known is None or (district.created or _EARLIEST) >= (known.created or _EARLIEST):
                newest[district.id] = district
        super().__init__(newest[district_id] for district_id in sorted(newest))
        self.failures: tuple[FailedToken, ...] = tuple(failures)


class _Owner(msgspec.Struct):
    type: str | None = None
    id: str | None = None


class _Token(msgspec.Struct):
    owner: _Owner | None = None
    access_token: str | None = None
    created: str | None = None


class _Tokens(msgspec.Struct):
    data: list[_Token]
    links: list[Link] | None = None


class _District(msgspec.Struct):
    id: str


class _DistrictItem(msgspec.Struct):
    data: _District


class _Districts(msgspec.Struct):
    data: list[_DistrictItem]


_tokens = msgspec.json.Decoder(_Tokens)
_districts = msgspec.json.Decoder(_Districts)


@dataclass(frozen=True, slots=True)
class TokenPage:
    """One page of /oauth/tokens."""

    districts: list[ConnectedDistrict]
    failures: list[FailedToken]
    next_uris: tuple[str, ...]


def read_tokens(body: bytearray, before: int) -> TokenPage:
    """Read a page of /oauth/tokens; `before` is the number of district tokens on the pages before it. Raises CutOffError or ShapeError."""
    page = decode_repaired(_tokens, body)
    districts: list[ConnectedDistrict] = []
    failures: list[FailedToken] = []
    owned = [token for token in page.data if token.owner is not None and token.owner.type == assumptions.OWNER_TYPE]
    for position, token in enumerate(owned, start=before + 1):
        district_id = token.owner.id if token.owner else None
        if district_id and token.access_token and is_token(token.access_token):
            districts.append(ConnectedDistrict(district_id, token.access_token, instant(token.created)))
        else:
            seen = "/oauth/tokens lists a token without a usable access_token or owner id"
            failures.append(
                FailedToken(position, MalformedResponseError(seen, district_id=district_id, position=position))
            )
    return TokenPage(districts, failures, next_uris(page.links or ()))


def read_district_ids(body: bytearray) -> list[str]:
    """Read /districts: the ids of the districts that a token reaches. Raises CutOffError or ShapeError."""
    return [item.data.id for item in decode_repaired(_districts, body).data if item.data.id]


def instant(text: str | None) -> dt.datetime | None:
    """Return when a token was made; None if it cannot be read."""
    try:
        instant = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
