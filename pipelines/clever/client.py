"""The client of Clever's API: the connected districts, and the pages of their streams."""

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import httpx

from pipelines.clever import assumptions
from pipelines.clever.blocked import Blocked
from pipelines.clever.connection import TIMEOUT, Connection, Exchange, Failure, Request, Response, host, is_json, shown
from pipelines.clever.credentials import ClientCredentials, DistrictTokens, bearer
from pipelines.clever.districts import (
    ConnectedDistrict,
    Districts,
    FailedToken,
    TokenPage,
    read_district_ids,
    read_tokens,
)
from pipelines.clever.envelopes import Records, body_digest, ids_and_districts, list_record, read_records
from pipelines.clever.errors import (
    CleverError,
    ClosedError,
    GoneRecordError,
    MalformedRecordError,
    MalformedResponseError,
    NoSecureSyncError,
    RefusedRequestError,
    RefusedSecretError,
    TimedOutError,
    UnauthorizedError,
    UnreachableError,
)
from pipelines.clever.links import Chain, with_smaller_limit
from pipelines.clever.network import LOOPBACK, host_name, is_host
from pipelines.clever.retry import Clock, RetryPolicy
from pipelines.clever.streams import EVENTS, Stream
from pipelines.clever.tokens import TokensInForce
from pipelines.progress import RetryWait

_DISTRICTS: Final = "districts"
_NOT_OF_A_HOST: Final = frozenset("@?#")

LISTS_PER_PAGE: Final = 100
"""Lists of single records that make a page together: as many requests are repeated at most after an interruption."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a stream, verified to be whole."""

    uri: str
    """The path and query that was asked; of lists of single records, the first."""
    next_uri: str | None
    """The path and query of the next page, as Clever gave it; None at the end. `pages(start=...)` continues from here."""
    lines: bytes
    """Each record on one line of JSON, ended by a newline: its bytes as Clever sent them, raw line breaks replaced by
    blanks; of a stream that is read for its ids alone, only those of the id and the district."""
    records: int
    first_id: str | None
    """None on an empty page, like `last_id`."""
    last_id: str | None
    received: int
    """Bytes of the body on the wire: compressed, if it was; of lists of single records, those of the lines."""
    body: str
    """What the page is known by when Clever sends it again: a digest of the body's bytes, links and all; of lists of single records, that
    of the lines."""
    repaired: tuple[str, ...] = ()
    """Ids of the records in which half a surrogate pair was replaced by U+FFFD."""


Known = Callable[[str], Records | None]
"""Returns the records of a body with this digest, if they are known."""


def nothing_is_known(_body: str) -> None:
    """Know no body."""


class Clever:
    """A client of Clever's Data API, for any number of threads; a context manager.

    Every request is made again with growing waits while Clever fails, is silent or breaks off, and waits its turn when
    the token's requests of the minute are used up. Errors are those of `pipelines.clever.errors`.
    """

    def __init__(
        self,
        api_url: str,
        oauth_url: str,
        version: str,
        credentials: ClientCredentials | DistrictTokens,
        *,
        page_limit: int = assumptions.PAGE_LIMIT,
        concurrency: int = 8,
        compressed: bool | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        retry_policy: RetryPolicy | None = None,
        requests_per_minute: int = assumptions.REQUESTS_PER_MINUTE,
        on_wait: Callable[[RetryWait], None] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        clock: Clock | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            api_url: the data host, such as https://api.clever.com.
            oauth_url: the host that lists tokens, such as https://clever.com; not asked if the credentials are district
                tokens.
            version: the API version in every path, such as v3.0.
            credentials: the app's, or the districts' own.
            page_limit: records to request per page, at most 10,000; smaller pages are requested if these are too
                large.
            concurrency: concurrent requests, over all streams, districts and threads.
            compressed: whether to ask for gzip. None: yes, save from a server on this machine, where unpacking costs
                more than it spares.
            timeout: seconds for connecting, and of silence within a response.
            retry_policy: how often and how long failed requests are retried.
            requests_per_minute: what one token may ask for.
            on_wait: called before each wait, from the thread that waits.
            on_exchange: called after each request that was sent, retries included, from the thread that sent it.
            clock: what the time is; the machine's if None.
            environment: variables that name proxies and certificates; those of this process if None.

        Raises:
            NetworkSettingError: one of these variables cannot be used.
            ValueError: an address, version or number that cannot be right.
        """
        if re.fullmatch(r"v\d+\.\d+", version) is None:
            raise ValueError(f"{version!r} is not an API version such as v3.0")
        if not 1 <= page_limit <= assumptions.PAGE_LIMIT or concurrency < 1 or requests_per_minute < 1:
            raise ValueError(
                f"the page limit lies between 1 and {assumptions.PAGE_LIMIT}; concurrency and requests are at least 1"
            )
        self._api_url = host_url(api_url)
        self._oauth_url = host_url(oauth_url)
        self._version = version
        self._credentials = credentials
        self._page_limit = page_limit
        self._connection = Connection(
            concurrency=concurrency,
            compressed=compressed if compressed is not None else httpx.URL(self._api_url).host not in LOOPBACK,
            timeout=timeout,
            retry_policy=retry_policy or RetryPolicy(),
            clock=clock,
            requests_per_minute=requests_per_minute,
            on_wait=on_wait,
            on_exchange=on_exchange,
            host_urls={self._api_url, self._oauth_url},
            environment=os.environ if environment is None else environment,
        )
        self._tokens = TokensInForce()
        self._blocked: Blocked | None = None

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @property
    def source(self) -> str:
        """The host and API version that streams are read from."""
        return f"{self._api_url}/{self._version}"

    @property
    def host(self) -> str:
        """The name of the host that streams are read from, without port; localhost for this machine."""
        return host_name(self._api_url)

    def report_waits(self, on_wait: Callable[[RetryWait], None]) -> None:
        """Call a function before each wait, from the thread that waits, instead of the one that was given before."""
        self._connection.on_wait = on_wait

    def leave_out(self, blocked: Blocked | None) -> None:
        """Leave some records out of every list from here on; None leaves out nothing. Events are given as they are."""
        self._blocked = blocked

    def close(self) -> None:
        """End: threads that wait, for their turn or for a response, raise ClosedError."""
        self._connection.close()

    def districts(self) -> Districts:
        """List the connected districts.

        With client credentials they come from /oauth/tokens; with district tokens each token is asked for its district.
        A token that fails does not hide the others: it is reported in `failures`. Only if every one fails, the first
        failure is raised.

        Raises:
            RefusedSecretError: the client id or secret is wrong.
            UnreachableError: a host cannot be reached.
            CleverError: any other.
        """
        if isinstance(self._credentials, ClientCredentials):
            found = self._listed_districts()
        else:
            found = self._districts_of_tokens(self._credentials)
        if found.failures and not found:
            raise found.failures[0].error
        return found

    def pages(
        self,
        district: ConnectedDistrict,
        stream: Stream,
        *,
        start: str | None = None,
        known: Known = nothing_is_known,
    ) -> Iterator[Page]:
        """Read a stream page by page, along Clever's next links, to the page that has none.

        Args:
            district: whose records.
            stream: which list.
            start: the `next_uri` of the last page that was kept, to go on behind it; None begins at the first.
            known: what was made of bodies that Clever has sent before; such a body is not parsed again.

        Raises:
            UnauthorizedError: the district's token is refused, also after it was fetched once more.
            NoSecureSyncError: the district does not share this stream.
            NoResponseError: no response after all tries.
            InvalidResponseError: the response, or the chain of next links, is not what Clever documents.
        """
        below = f"/{stream.version or self._version}/"
        chain = Chain(self._api_url, below, district_id=district.id, stream=stream.name)
        uri: str | None = start or stream.first_uri(self._version, self._page_limit)
        while uri is not None:
            requested, records, received, body = self._page(district, stream, chain.enter(uri), known)
            uri = chain.leave(records.next_uris)
            if uri is not None:
                chain.move(records.last_id)
            yield Page(
                requested,
                uri,
                records.lines,
                records.count,
                records.first_id,
                records.last_id,
                received,
                body,
                records.repaired,
            )

    def lists(
        self, district: ConnectedDistrict, stream: Stream, record_ids: Sequence[str], *, start: int = 0
    ) -> Iterator[Page]:
        """Read the list that each record has, such as the courses of each resource, one after the other.

        Each list is read to its end and becomes one record, which has the ID of its owner, the district, and the IDs in the list. If an
        item of a list belongs to another district, so does the record.

        Args:
            district: whose records.
            stream: which list each record has.
            record_ids: the records, in order.
            start: how many of them were read before.

        Raises:
            NoSecureSyncError: the district does not share the stream: the lists of all records of the first page are refused.
            GoneRecordError: lists are refused, but not all of them.
            CleverError: any that `pages` raises.
        """
        begins = range(start, len(record_ids), LISTS_PER_PAGE) or [start]
        for begin in begins:
            page_ids = record_ids[begin : begin + LISTS_PER_PAGE]
            lines = b"".join(self._lists(district, stream, page_ids, is_first=begin == 0))
            following = record_ids[begin + LISTS_PER_PAGE : begin + LISTS_PER_PAGE + 1]
            uris = [stream.of(each).first_uri(self._version, self._page_limit) for each in [*page_ids[:1], *following]]
            yield Page(
                uri=uris[0] if page_ids else stream.path,
                next_uri=uris[1] if following else None,
                lines=lines,
                records=len(page_ids),
                first_id=page_ids[0] if page_ids else None,
                last_id=page_ids[-1] if page_ids else None,
                received=len(lines),
                body=body_digest(lines),
            )

    def _lists(
        self, district: ConnectedDistrict, stream: Stream, record_ids: Sequence[str], *, is_first: bool
    ) -> Sequence[bytes]:
        """Read the lists of some records; each is a record on a line."""
        lines: list[bytes] = []
        refusals: list[NoSecureSyncError] = []
        for record_id in record_ids:
            try:
                lines.append(self._list(district, stream, record_id))
            except NoSecureSyncError as error:
                refusals.append(error)
        if refusals:
            refusal = refusals[0]
            if is_first and not lines:
                raise refusal
            raise GoneRecordError(
                f"Clever refuses {stream.path} of {len(refusals)} of {len(record_ids)} records ({refusal.status})",
                district_id=district.id,
                stream=stream.name,
                status=refusal.status,
            )
        return lines

    def _list(self, district: ConnectedDistrict, stream: Stream, record_id: str) -> bytes:
        """Read the list of one record; it is a record on a line."""
        found = [item for page in self.pages(district, stream.of(record_id)) for item in ids_and_districts(page.lines)]
        ids = [item_id for item_id, _ in found if item_id]
        if len(ids) < len(found):
            seen = f"answered a list of {stream.path} with a record that has no id"
            raise MalformedRecordError(seen, district_id=district.id, stream=stream.name)
        others = [owner for _, owner in found if owner != district.id]
        return list_record(record_id, (others[0] or "") if others else district.id, stream.item_name, ids)

    def newest_event(self, district: ConnectedDistrict) -> str | None:
        """Return the ID of the newest event of a district; None if there is none.

        Raises:
            NoSecureSyncError: events are not enabled for the app, or not shared.
            CleverError: any other.
        """
        uri = f"/{self._version}{EVENTS.path}?{assumptions.NEWEST}"
        _, records, _, _ = self._page(district, EVENTS, uri, nothing_is_known)
        return records.last_id

    def events(self, district: ConnectedDistrict, after: str | None) -> Iterator[Page]:
        """Read the events of a district page by page, oldest first: those after the event of an ID, or all if it is None.

        Raises:
            RefusedRequestError: Clever does not know the event, or keeps it no longer.
            NoSecureSyncError: events are not enabled for the app, or not shared.
            CleverError: any other.
        """
        first = EVENTS.first_uri(self._version, self._page_limit)
        yield from self.pages(
            district, EVENTS, start=f"{first}&starting_after={quote(after, safe='')}" if after else first
        )

    def _page(
        self, district: ConnectedDistrict, stream: Stream, uri: str, known: Known
    ) -> tuple[str, Records, int, str]:
        """Return the address that was answered in the end, its records, the bytes received and the body's digest."""
        retry_state = self._connection.retry_state()
        token_was_refused = False
        while True:
            token = self._tokens.of(district)
            request = Request(self._api_url + uri, bearer(token), district.id, stream.name)
            smaller = with_smaller_limit(uri)
            blocked = None if stream is EVENTS else self._blocked
            read = functools.partial(_read_page, only_ids=stream.only_ids, known=known, blocked=blocked)
            outcome = self._connection.request(request, read, retry_state, can_be_smaller=smaller is not None)
            if isinstance(outcome, tuple):
                return uri, *outcome
            if smaller is not None and _was_too_much(outcome) and not retry_state.is_over():
                uri = smaller
            elif _status(outcome) == httpx.codes.UNAUTHORIZED and not token_was_refused and self._can_list_tokens:
                token_was_refused = True
                self._tokens.replace(district, token, functools.partial(self._fetch_token_again, request))
            else:
                raise _error(request, outcome, assumptions.UNSHARED_STATUSES, NoSecureSyncError)

    @property
    def _can_list_tokens(self) -> bool:
        return isinstance(self._credentials, ClientCredentials)

    def _fetch_token_again(self, refused: Request) -> str:
        """Fetch the token of the district whose token was refused."""
        for district in self._listed_districts(refused.district_id):
            if district.id == refused.district_id:
                return district.token
        seen = f"{host(refused.url)} answered 401, and the app's token list does not name the district"
        raise UnauthorizedError(seen, district_id=refused.district_id, stream=refused.stream)

    def _listed_districts(self, district_id: str | None = None) -> Districts:
        """Read /oauth/tokens, for one district or all."""
        if not isinstance(self._credentials, ClientCredentials):
            raise TypeError("district tokens cannot list tokens")
        path = assumptions.TOKENS_PATH
        chain = Chain(self._oauth_url, path, district_id=district_id, stream=path)
        only = "" if district_id is None else f"&district={quote(district_id, safe='')}"
        uri: str | None = f"{path}?owner_type={assumptions.OWNER_TYPE}{only}"
        districts: list[ConnectedDistrict] = []
        failures: list[FailedToken] = []
        while uri is not None:
            request = Request(self._oauth_url + chain.enter(uri), self._credentials.basic, district_id, path)
            read = functools.partial(_read_tokens, before=len(districts) + len(failures))
            page = self._connection.request(request, read, self._connection.retry_state())
            if not isinstance(page, TokenPage):
                raise _error(request, page, frozenset({401, 403}), RefusedSecretError)
            districts += page.districts
            failures += page.failures
            uri = chain.leave(page.next_uris)
        return Districts(districts, failures)

    def _districts_of_tokens(self, credentials: DistrictTokens) -> Districts:
        """Ask each token for its district."""
        districts: list[ConnectedDistrict] = []
        failures: list[FailedToken] = []
        for position, token in enumerate(credentials.tokens, start=1):
            url = f"{self._api_url}/{self._version}{assumptions.DISTRICTS_PATH}"
            request = Request(url, bearer(token), stream=_DISTRICTS, position=position)
            try:
                outcome = self._connection.request(request, _read_district_ids, self._connection.retry_state())
                if not isinstance(outcome, list):
                    raise _error(request, outcome, frozenset({401, 403, 404}), UnauthorizedError)
                if not outcome:
                    raise MalformedResponseError("the token reaches no district", stream=_DISTRICTS, position=position)
            except (UnreachableError, ClosedError):
                raise
            except CleverError as error:
                failures.append(FailedToken(position, error))
            else:
                districts += [ConnectedDistrict(district_id, token) for district_id in outcome]
        return Districts(districts, failures)


def _read_page(
    response: Response, *, only_ids: bool, known: Known, blocked: Blocked | None
) -> tuple[Records, int, str]:
    body = body_digest(response.body)
    records = known(body)
    if records is None:
        records = read_records(response.body, only_ids=only_ids)
        records = blocked.without(records) if blocked else records
    return records, response.received, body


def _read_tokens(response: Response, before: int) -> TokenPage:
    return read_tokens(response.body, before)


def _read_district_ids(response: Response) -> list[str]:
    return read_district_ids(response.body)


def _status(outcome: Response | Failure) -> int | None:
    return outcome.status if isinstance(outcome, Response) else None


def _was_too_much(outcome: Response | Failure) -> bool:
    """Whether a smaller page may help."""
    if isinstance(outcome, Response):
        return outcome.status == assumptions.TOO_LARGE
    return outcome.error is TimedOutError


def _error(
    request: Request, outcome: Response | Failure, refusals: frozenset[int], refused: type[CleverError]
) -> CleverError:
    """Make the error of an outcome; `refused` for the statuses that mean a refusal of this very question."""
    kind: type[CleverError]
    if isinstance(outcome, Failure):
        kind, seen = outcome.error, outcome.seen
    else:
        seen = f"{host(request.url)} answered {outcome.status}"
        if outcome.status == assumptions.TOO_LARGE:
            seen += " even for the smallest page"
        if outcome.body and not is_json(outcome.content_type):
            seen += f" with {shown(outcome.content_type)} instead of JSON"
        if outcome.status in refusals:
            kind = refused
        elif outcome.status == httpx.codes.UNAUTHORIZED:
            kind = UnauthorizedError
        else:
            kind = RefusedRequestError
    return kind(
        seen,
        district_id=request.district_id,
        stream=request.stream,
        position=request.position,
        status=_status(outcome),
    )


def host_url(text: str) -> str:
    """Return scheme and host without a slash at the end. Raises ValueError if it is not the address of a host."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if (
        url.scheme not in {"http", "https"}
        or not is_host(url)
        or url.path != "/"
        or not _NOT_OF_A_HOST.isdisjoint(text)
    ):
        raise ValueError("must be https:// and a host name, without a path, such as https://api.clever.com")
    return text.rstrip("/")
