"""The API of the sandbox: paths, authorization, parameters, paging, errors and faults.

What the answers look like follows Clever docs (API Responses and Error Messages; Pagination and Response Limits; API
version 3.0 reference) and Clever's specs. Two things are decided here without a source: a parameter that the spec does
not declare is refused with 400, so that a client that asks for more than Clever offers is noticed; and `count=true`
gives {"count": n, "links": [...]}, for the specs leave the shape of a count open.
"""

import base64
import binascii
import contextlib
import math
import time
import zlib
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from pipelines.sandbox.allowance import Allowances
from pipelines.sandbox.district import District
from pipelines.sandbox.faults import (
    CappedPage,
    Dropped,
    Effect,
    Faults,
    Garbled,
    Headers,
    Html,
    IgnoredRole,
    Meanwhile,
    OnRequest,
    OnTheWay,
    RequestContext,
    Rewritten,
    Slow,
    Status,
    Truncated,
    spoil,
)
from pipelines.sandbox.listing import LAST, Listing, Span
from pipelines.sandbox.people import ROLES, Record
from pipelines.sandbox.rendering import Link, Rendering, decode, page_bytes
from pipelines.sandbox.streams import DISTRICTS, EVENTS, RESOURCES, USERS
from pipelines.sandbox.versions import V21

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
WORTH_COMPRESSING = 1024
"""Bytes below which a response is not compressed."""

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
HTML_PAGE = b"<!DOCTYPE html><html><head><title>Clever</title></head><body><h1>Log in to Clever</h1></body></html>"
HTML_NOT_FOUND = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not found</h1></body></html>"

MESSAGES = {
    400: "bad request",
    401: "unauthorized",
    403: "Resource not in token's scopes",
    404: "Resource not found",
    413: f"limit must not exceed {MAX_LIMIT}",
    500: "internal error",
    501: "unsupported request",
    502: "bad gateway",
    503: "service unavailable",
}
TOO_MANY = 429
OK = 200

PAGING = ("limit", "starting_after", "ending_before", "count")
COURSES_OF_RESOURCE = "resource_courses"
"""What faults call the list of /resources/{id}/courses."""
DECLARED = {
    USERS: ("role", *PAGING),
    DISTRICTS: ("count",),
    RESOURCES: PAGING[:-1],
    COURSES_OF_RESOURCE: PAGING[:-1],
    EVENTS: (*PAGING[:-1], "school", "record_type"),
}
"""The parameters of the lists that have others than PAGING (specs v2.1.yml, v3.0.yml, v3.1.yml, v3.0-events.yml)."""
COUNTS = ("", "true", "false", "undefined")
OBJECT_ID_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Response:
    """What goes back, and how badly."""

    status: int
    body: bytes
    headers: dict[str, str]
    overrides: dict[str, str | None] = field(default_factory=dict)
    """Headers whose values take the place of the usual ones; None leaves one out."""
    wait: float = 0.0
    """Seconds to wait before the answer."""
    sent_share: float = 1.0
    """The share of the body that is sent before the connection is closed."""
    is_dropped: bool = False
    """Whether the connection is closed before any answer."""
    compressed: dict[object, bytes] | None = None
    """Where the compressed body may be found and kept, if it is the same whenever it is asked for."""
    known_as: object = None
    """What it is found by."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A request as the log keeps it: without any token."""

    method: str
    path: str
    query: str
    district_id: str | None
    status: int
    """0 for a connection that was dropped."""


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the sandbox
    """A request that gets an error instead of data."""

    def __init__(self, status: int, message: str | None = None) -> None:
        """Choose the status, and the message if the usual one is not enough."""
        self.status = status
        self.message = message or MESSAGES[status]
        super().__init__(self.message)


@dataclass(slots=True)
class Page:
    """Which part of which list was asked for."""

    path: str
    listing: Listing
    span: Span
    limit: int
    query: dict[str, str] = field(default_factory=dict)
    record_types: Sequence[str] = ()
    """The lists of which events were asked for: the one parameter that is repeated."""

    @property
    def number(self) -> int:
        """The number of the page in its chain, from 1."""
        return self.span.begin // self.limit + 1

    @property
    def self_uri(self) -> str:
        """The relative address of this page."""
        return self._uri({})

    def links(self, *, next_after_full_page: bool) -> list[Link]:
        """Return the links: next where more follows (or may follow), prev wherever a cursor was used.

        Clever docs (Pagination and Response Limits): a prev link after starting_after, and a next link after
        ending_before, may lead to an empty page.
        """
        ids, span = self.listing.ids, self.span
        shown = span.end - span.begin
        backwards = "ending_before" in self.query
        links: list[Link] = [("self", self.self_uri)]
        is_full = shown == self.limit and next_after_full_page
        if shown and (span.has_more or is_full or (backwards and self.query["ending_before"] != LAST)):
            links.append(("next", self._uri({"starting_after": ids[span.end - 1]})))
        if shown and (span.begin > 0 if backwards else "starting_after" in self.query):
            links.append(("prev", self._uri({"ending_before": ids[span.begin]})))
        return links

    def _uri(self, cursor: dict[str, str]) -> str:
        kept = {key: value for key, value in self.query.items() if not cursor or key in {"limit", "role", "school"}}
        types = [("record_type", each) for each in self.record_types]
        query = urlencode([*kept.items(), *types, *cursor.items()])
        return f"{self.path}{'?' if query else ''}{query}"


class Backend(Protocol):
    """What the API needs of the sandbox behind it."""

    client_id: str
    client_secret: str
    gzip: bool
    next_after_full_page: bool
    refusal_without_secure_sync: int
    v21_contacts_status: int
    unknown_event_cursor: int | None
    allowances: Allowances
    faults: Faults
    rendering: Rendering
    requests: deque[Logged]

    def lists(self, version: str) -> Collection[str]:
        """Name the lists of an API version; none for a version that there is not."""

    def connected(self) -> list[District]:
        """List the connected districts, in ascending order of ids."""

    def district_of_token(self, token: str | None) -> District | None:
        """Return the district of a token; None for a token that opens nothing."""

    def token_id(self, district: District) -> str:
        """Return the id of a district's token."""


class App:
    """Answers requests for a sandbox; safe to call from many threads."""

    def __init__(self, sandbox: Backend) -> None:
        """Answer for this sandbox."""
        self._sandbox = sandbox

    def respond(self, request: Request) -> Response:
        """Answer one request, misbehave where a fault says so, and log it."""
        sandbox = self._sandbox
        district = sandbox.district_of_token(_bearer(request))
        bucket = f"district-{district.id}" if district else "client"
        allowance = sandbox.allowances.acquire(bucket)
        response = Response(TOO_MANY, b"", {}) if allowance.exceeded else self._in_time(request, district)
        headers = {**allowance.headers(), "Date": formatdate(usegmt=True), **response.headers, **response.overrides}
        response.headers = {name: value for name, value in headers.items() if value is not None}
        if sandbox.gzip and _accepts_gzip(request) and len(response.body) > WORTH_COMPRESSING:
            response.body = _compressed(response)
            response.headers["Content-Encoding"] = "gzip"
        status = 0 if response.is_dropped else response.status
        district_id = district.id if district else None
        sandbox.requests.append(Logged(request.method, request.path, request.query, district_id, status))
        return response

    def _in_time(self, request: Request, district: District | None) -> Response:
        """Answer a request that is within the allowance."""
        parts = request.path.strip("/").split("/")
        context = self._context(request, parts, district)
        effects = self._sandbox.faults.striking(context)
        for effect in effects:
            if isinstance(effect, Meanwhile):
                effect.change()
        response = next((instead for effect in effects if (instead := _instead(effect))), None)
        if response is None:
            try:
                response = self._route(request, parts, district, effects)
            except Refusal as refusal:
                response = self._message(refusal.status, refusal.message)
        for effect in effects:
            if isinstance(effect, Slow):
                response.wait += effect.seconds
            elif isinstance(effect, Headers):
                response.overrides |= effect.values
            elif isinstance(effect, Truncated):
                response.sent_share = effect.share
            elif isinstance(effect, Rewritten):
                response.body, response.compressed = effect.change(response.body), None
        return response

    def _context(self, request: Request, parts: list[str], district: District | None) -> RequestContext:
        """Return the context of a request, also when it will be refused."""
        query = dict(parse_qsl(request.query))
        number = 1
        match parts:
            case [version, stream] if district and district.secure_sync and stream in self._sandbox.lists(version):
                with contextlib.suppress(Refusal):
                    number = self._page(district, version, stream, request.query).number
            case [version, "resources", _, "courses"]:
                stream = COURSES_OF_RESOURCE
            case [version, stream, *_]:
                pass
            case _:
                version, stream = "", request.path
        return RequestContext(district.id if district else None, version, stream, query.get("role"), number)

    def _route(self, request: Request, parts: list[str], district: District | None, effects: list[Effect]) -> Response:
        if request.method != "GET":
            raise Refusal(501)
        match parts:
            case ["oauth", "tokens"]:
                return self._tokens(request)
            case [version, stream] if stream in self._sandbox.lists(version):
                permitted = self._permitted(district, version, stream)
                page = self._page(permitted, version, stream, request.query)
                return self._list(_misunderstood(page, lambda: permitted.listing(version, stream), effects), effects)
            case [version, stream, record_id] if stream in self._sandbox.lists(version):
                return self._single(self._permitted(district, version, stream), version, stream, record_id)
            case [version, "resources", record_id, "courses"] if RESOURCES in self._sandbox.lists(version):
                permitted = self._permitted(district, version, RESOURCES)
                return self._list(self._courses_page(permitted, version, record_id, request.query), effects)
            case _:
                return Response(404, HTML_NOT_FOUND, {"Content-Type": HTML})

    def _permitted(self, district: District | None, version: str, stream: str) -> District:
        """Return the district back if its token opens a list."""
        if district is None:
            raise Refusal(401)
        if stream != DISTRICTS and not district.secure_sync:
            raise Refusal(self._sandbox.refusal_without_secure_sync)
        if stream in district.refused:
            raise Refusal(district.refused[stream])
        if version == V21 and stream == "contacts" and self._sandbox.v21_contacts_status != OK:
            raise Refusal(self._sandbox.v21_contacts_status, "This endpoint is deprecated")
        return district

    def _tokens(self, request: Request) -> Response:
        """List the districts that authorized the app, with their tokens (Clever docs: Onboarding Districts)."""
        sandbox = self._sandbox
        if _basic(request) != (sandbox.client_id, sandbox.client_secret):
            raise Refusal(401, "invalid client id or secret")
        query = _query(request.query, ("owner_type", "district"))
        if query.get("owner_type", "district") != "district":
            raise Refusal(400, "owner_type must be district")
        tokens = [
            {
                "id": sandbox.token_id(district),
                "created": "2021-07-01T00:00:00.000Z",
                "owner": {"type": "district", "id": district.id},
                "access_token": district.token,
                "scopes": ["read:district_admins", "read:school_admins", "read:sis", "read:user_id"]
                if district.secure_sync
                else ["read:user_id"],
            }
            for district in sandbox.connected()
            if query.get("district") in {None, district.id}
        ]
        uri = f"/oauth/tokens{'?' if request.query else ''}{request.query}"
        return self._json({"data": tokens, "links": [{"rel": "self", "uri": uri}]})

    def _single(self, district: District, version: str, stream: str, record_id: str) -> Response:
        """Show one record, with a link to itself (Clever docs: Users)."""
        item = district.listing(version, stream).find(record_id)
        if item is None:
            raise Refusal(404)
        record = decode(item)
        uri = record.pop("uri")
        return self._json({**record, "links": [{"rel": "self", "uri": uri}]})

    def _list(self, page: Page, effects: list[Effect]) -> Response:
        sandbox = self._sandbox
        if page.query.get("count") == "true":
            links = [{"rel": "self", "uri": page.self_uri}]
            return self._json({"count": len(page.listing), "links": links})
        items = page.listing.items[page.span.begin : page.span.end]
        body = page_bytes(items, page.links(next_after_full_page=sandbox.next_after_full_page))
        content = [effect for effect in effects if not isinstance(effect, OnTheWay | OnRequest)]
        if not content and sandbox.rendering.is_plain:
            known_as = (page.span, page.self_uri, sandbox.next_after_full_page)
            return Response(OK, body, {"Content-Type": JSON}, compressed=page.listing.compressed, known_as=known_as)
        envelope = decode(body)
        first_item = decode(page.listing.items[0]) if len(page.listing) else None
        for effect in content:
            envelope = spoil(effect, envelope, first_item, page.self_uri)
        return self._json(envelope)

    def _page(self, district: District, version: str, stream: str, query: str) -> Page:
        """Read the parameters of a list and choose the part of it that they mean."""
        if stream == EVENTS:
            return self._events_page(district, version, query)
        given = _query(query, DECLARED.get(stream, PAGING))
        role = given.get("role")
        if role is not None and role not in ROLES:
            raise Refusal(400, f"role must be one of {', '.join(ROLES)}")
        if given.get("count", "") not in COUNTS:
            raise Refusal(400, "count must be true or false")
        return _part(f"/{version}/{stream}", given, lambda: district.listing(version, stream, role))

    def _courses_page(self, district: District, version: str, resource_id: str, query: str) -> Page:
        """Choose a part of the courses that a resource is assigned to."""
        listing = district.courses_of(version, resource_id)
        if listing is None:
            raise Refusal(404)
        path = f"/{version}/resources/{resource_id}/courses"
        return _part(path, _query(query, DECLARED[COURSES_OF_RESOURCE]), lambda: listing)

    def _events_page(self, district: District, version: str, query: str) -> Page:
        """Choose a part of the events; the filter by record type is given once for each type."""
        parameters = parse_qsl(query, keep_blank_values=True)
        types = [value for name, value in parameters if name == "record_type"]
        rest = urlencode([(name, value) for name, value in parameters if name != "record_type"])
        given = _query(rest, DECLARED[EVENTS])
        cursor = _cursor(given, "starting_after")
        placed = given
        if cursor is not None and not district.has_event(cursor):
            if self._sandbox.unknown_event_cursor is not None:
                raise Refusal(self._sandbox.unknown_event_cursor, "starting_after is not a known event")
            placed = {name: value for name, value in given.items() if name != "starting_after"}
        page = _part(
            f"/{version}/{EVENTS}", placed, lambda: district.events_listing(version, types, given.get("school"))
        )
        page.query, page.record_types = given, types
        return page

    def _json(self, value: Record) -> Response:
        return Response(OK, self._sandbox.rendering.write(value), {"Content-Type": JSON})

    def _message(self, status: int, message: str) -> Response:
        return Response(status, self._sandbox.rendering.write({"message": message}), {"Content-Type": JSON})


def _part(path: str, query: dict[str, str], listing: Callable[[], Listing]) -> Page:
    """Choose the part of a list that a query means; the list is made only for a query without a mistake."""
    if "starting_after" in query and "ending_before" in query:
        raise Refusal(400, "starting_after and ending_before exclude each other")
    after = _cursor(query, "starting_after")
    before = _cursor(query, "ending_before")
    limit = _limit(query)
    whole = listing()
    return Page(path, whole, whole.span(limit, after, before), limit, query)


def _misunderstood(page: Page, everything: Callable[[], Listing], effects: list[Effect]) -> Page:
    """Choose the part of a list that a query does not mean, if that is what effects do."""
    for effect in effects:
        if isinstance(effect, IgnoredRole):
            page.listing = everything()
            page.span = page.listing.span(page.limit, page.query.get("starting_after"))
        elif isinstance(effect, CappedPage):
            page.limit = min(page.limit, effect.records)
            page.span = page.listing.span(page.limit, page.query.get("starting_after"))
    return page


def _instead(effect: Effect) -> Response | None:
    """Answer in place of the sandbox, if that is what an effect does."""
    match effect:
        case Status(429, reset_after):
            reset = str(math.ceil(time.time() + reset_after))
            return Response(TOO_MANY, b"", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
        case Status(code):
            body = f'{{"message":"{MESSAGES.get(code, "error")}"}}'.encode()
            return Response(code, body, {"Content-Type": JSON})
        case Html():
            return Response(OK, HTML_PAGE, {"Content-Type": HTML})
        case Garbled():
            return Response(OK, b'{"data":[{"data":{"id":', {"Content-Type": JSON})
        case Dropped():
            return Response(OK, b"", {}, is_dropped=True)
        case _:
            return None


def _query(text: str, declared: tuple[str, ...]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in declared:
            raise Refusal(400, f"unknown parameter {name}")
        if name in query:
            raise Refusal(400, f"parameter {name} is given twice")
        query[name] = value
    return query


def _cursor(query: dict[str, str], name: str) -> str | None:
    value = query.get(name)
    if value is None or (name == "ending_before" and value == LAST):
        return value
    if len(value) != OBJECT_ID_LENGTH or not set(value) <= set("0123456789abcdef"):
        raise Refusal(400, f"{name} must be an id")
    return value


def _limit(query: dict[str, str]) -> int:
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise Refusal(400, "limit must be a whole number above 0")
    if int(text) > MAX_LIMIT:
        raise Refusal(413)
    return int(text)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret


def _accepts_gzip(request: Request) -> bool:
    accepted = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(
        coding == "gzip" or (coding.startswith("gzip;q=") and coding not in {"gzip;q=0", "gzip;q=0.0"})
        for coding in accepted
    )


def _compressed(response: Response) -> bytes:
    """Compress a body, once only if it is the same whenever it is asked for."""
    if response.compressed is None:
        return _gzip(response.body)
    if response.known_as not in response.compressed:
        response.compressed[response.known_as] = _gzip(response.body)
    return response.compressed[response.known_as]


def _gzip(body: bytes) -> bytes:
    """Compress as fast as zlib can."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()
