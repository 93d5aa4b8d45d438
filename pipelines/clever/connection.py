"""Send requests: within the limit of concurrent requests and the rate limit of the token, with retries."""

import contextlib
import dataclasses
import email.utils
import importlib.metadata
import logging
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, TypeVar

import httpx
import tenacity
from socksio import SOCKSError

from pipelines import interruption
from pipelines.clever import assumptions
from pipelines.clever.budget import Allowance, Budget
from pipelines.clever.envelopes import CutOffError, RecordError, ShapeError
from pipelines.clever.errors import (
    CleverError,
    ClosedError,
    MalformedRecordError,
    MalformedResponseError,
    RateLimitedError,
    TimedOutError,
    UnavailableError,
    UnreachableError,
)
from pipelines.clever.network import Proxy, no_tls, proxy_of, tls_context, transport
from pipelines.clever.retry import (
    MIN_TRIES,
    TIMEOUTS_BEFORE_SMALLER_PAGE,
    Clock,
    RetryPolicy,
    RetryState,
    WakeableClock,
)
from pipelines.progress import RetryWait

T = TypeVar("T")

TIMEOUT: Final = httpx.Timeout(connect=5.0, read=60.0, write=30.0, pool=None)
"""Seconds; `read` is the longest silence within a response, and Clever may think long about a page of 10,000. The pool
needs no limit, because the limit of concurrent requests is applied before it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One GET request, with what error messages name."""

    url: str
    authorization: str
    district_id: str | None = None
    stream: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response with a status that a retry would not change."""

    status: int
    content_type: str
    body: bytearray
    received: int
    """Bytes of the body on the wire: compressed, if it was."""
    allowance: Allowance | None
    """What the token has left, if Clever said so and the time it named can be true."""
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no response yet."""

    error: type[CleverError]
    """What to raise if it persists."""
    seen: str
    wait: float | None = None
    """Seconds that Clever asked for, if it did."""
    is_final: bool = False
    """Whether a retry cannot help."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent and what came back, for an observer of the client; it holds no token that was sent."""

    url: str
    status: int | None
    """None if no complete response came."""
    headers: Mapping[str, str] = field(repr=False)
    """Of the response, by names in any case."""
    body: bytearray = field(repr=False)
    """As Clever sent it, unpacked: personal data, or the tokens of the token list."""
    began: float
    """When the request was sent, as a Unix time in seconds by this machine's clock."""
    ended: float
    """When its response was complete."""


class Connection:
    """Sends requests to Clever's hosts over one connection pool; any number of threads may use it."""

    def __init__(
        self,
        *,
        concurrency: int,
        compressed: bool,
        timeout: httpx.Timeout,
        retry_policy: RetryPolicy,
        clock: Clock | None,
        requests_per_minute: int,
        on_wait: Callable[[RetryWait], None] | None,
        on_exchange: Callable[[Exchange], None] | None,
        host_urls: Collection[str],
        environment: Mapping[str, str],
    ) -> None:
        """Open no connection yet; requests go to the hosts of `host_urls` only.

        Raises:
            NetworkSettingError: a variable that names a proxy for these hosts, or certificates, cannot be used.
        """
        self._closed = threading.Event()
        self._clock = clock or WakeableClock(self._closed)
        self._gate = threading.BoundedSemaphore(concurrency)
        self._retry_policy = retry_policy
        self._requests_per_minute = requests_per_minute
        self.on_wait = on_wait
        """Called before each wait, from the thread that waits."""
        self._on_exchange = on_exchange
        self._budgets: dict[str, Budget] = {}
        self._budgets_lock = threading.Lock()
        self._reached: set[str] = set()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._sockets_lock = threading.Lock()
        # At INFO and below these two write each URL, and at DEBUG what is sent and received.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        found = {host_url: proxy_of(host_url, environment) for host_url in host_urls}
        self._proxies = {host(host_url): proxy for host_url, proxy in found.items() if proxy}
        schemes = {httpx.URL(host_url).scheme for host_url in host_urls} | {
            proxy.url.scheme for proxy in self._proxies.values()
        }
        tls = tls_context(environment) if "https" in schemes else no_tls()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=concurrency)
        self._http = httpx.Client(
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip" if compressed else "identity",
                "User-Agent": f"clever-warehouse/{importlib.metadata.version('clever-warehouse')}",
            },
            # A cookie set for one district must not travel with another's requests.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=timeout,
            limits=limits,
            follow_redirects=False,
            verify=tls,
            trust_env=False,
            mounts={host_url: transport(proxy, tls, limits) for host_url, proxy in found.items() if proxy},
        )

    def close(self) -> None:
        """End all waits and all answers under way; threads that wait for either raise ClosedError."""
        self._closed.set()
        with self._sockets_lock:
            for each in self._sockets:
                _break_off(each)
        self._http.close()

    def retry_state(self) -> RetryState:
        """Start counting the retries of one page."""
        return RetryState(self._retry_policy, self._clock)

    def request(
        self, request: Request, read: Callable[[Response], T], retry_state: RetryState, *, can_be_smaller: bool = False
    ) -> T | Response | Failure:
        """Ask until there is a response, or the retry deadline passes.

        Args:
            request: what to request.
            read: makes of a response with status 200 and a JSON content type what is wanted of it; may raise CutOffError
                (the request is retried) or ShapeError.
            retry_state: the retries of this page so far.
            can_be_smaller: that the caller can request a smaller page; repeated timeouts then end the retries early.

        Returns:
            What `read` made, a Response with another status, or the Failure that persisted.

        Raises:
            MalformedResponseError: status 200 with something that is not what is wanted; not retried.
            ClosedError: the client was closed.
        """
        timeouts = 0
        failures = 0
        garbled = 0

        def is_enough(state: tenacity.RetryCallState) -> bool:
            nonlocal timeouts, failures, garbled
            failure = _failure(state)
            failures += failure.error is not RateLimitedError
            timeouts += failure.error is TimedOutError
            garbled += failure.error is MalformedResponseError
            if failure.is_final or (can_be_smaller and timeouts >= TIMEOUTS_BEFORE_SMALLER_PAGE):
                return True
            if state.attempt_number < MIN_TRIES:
                return False
            seconds = retry_state.seconds + state.upcoming_sleep
            is_strange = failure.error is UnreachableError and host(request.url) not in self._reached
            return (
                seconds > self._retry_policy.deadline
                or (is_strange and seconds > self._retry_policy.unreachable)
                or failures >= self._retry_policy.tries
                or garbled >= self._retry_policy.garbled
            )

        def wait(state: tenacity.RetryCallState) -> float:
            demanded = _failure(state).wait
            return retry_state.backoff(state) if demanded is None else demanded + retry_state.jitter()

        def last(state: tenacity.RetryCallState) -> Failure:
            failure = _failure(state)
            tries = f"{state.attempt_number} tries in {retry_state.seconds:.0f} s"
            return failure if failure.is_final else dataclasses.replace(failure, seen=f"{failure.seen}, {tries}")

        def report_wait(state: tenacity.RetryCallState) -> None:
            failure = _failure(state)
            # The number is that of what the retries end by: failures, or, of strange answers, these.
            is_counted = failure.error is not RateLimitedError
            attempts = (
                self._retry_policy.garbled if failure.error is MalformedResponseError else self._retry_policy.tries
            )
            self._report_wait(
                request,
                failure.seen,
                state.upcoming_sleep,
                attempt=state.attempt_number,
                attempts=attempts if is_counted else None,
            )

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda outcome: isinstance(outcome, Failure)),
            stop=is_enough,
            wait=wait,
            sleep=self._clock.sleep,
            before_sleep=report_wait,
            # Failures are values, because an exception of the HTTP library carries the request and its token along.
            retry_error_callback=last,
        )
        return retrying(self._request_once, request, read)

    def _request_once(self, request: Request, read: Callable[[Response], T]) -> T | Response | Failure:
        budget = self._budget(request.authorization)
        while (seconds := budget.acquire()) > 0:
            self._report_wait(request, "the requests that Clever allows in a minute are used up", seconds)
            self._clock.sleep(seconds)
            self._check_open()
        outcome: Response | Failure | None = None
        kind: type[MalformedResponseError]
        try:
            with self._gate:
                self._check_open()
                began = self._clock.time()
                outcome = self._receive(request)
                self._report_exchange(request, outcome, began)
        finally:
            budget.release(outcome.allowance if isinstance(outcome, Response) else None)
        self._check_open()
        if isinstance(outcome, Failure):
            return outcome
        if outcome.status == assumptions.TOO_MANY_REQUESTS:
            wait = outcome.allowance.resets_in if outcome.allowance else None
            return Failure(RateLimitedError, f"{host(request.url)} answered 429, too many requests", wait)
        if outcome.status in assumptions.RETRIED_STATUSES:
            return Failure(UnavailableError, f"{host(request.url)} answered {outcome.status}")
        if outcome.status != httpx.codes.OK:
            return outcome
        if not is_json(outcome.content_type):
            raise _malformed(request, f"answered 200 with {shown(outcome.content_type)} instead of JSON")
        try:
            return read(outcome)
        except CutOffError:
            seen = f"{host(request.url)} answered {len(outcome.body)} bytes that are not JSON to their end"
            return Failure(MalformedResponseError, seen)
        except RecordError as error:
            kind, seen = MalformedRecordError, f"answered a page with a faulty record: {error}"
        except ShapeError as error:
            kind, seen = MalformedResponseError, f"answered JSON of another shape: {error}"
        raise _malformed(request, seen, kind)

    def _receive(self, request: Request) -> Response | Failure:
        """Send one request and read its response whole."""
        body = bytearray()
        proxy = self._proxies.get(host(request.url))
        began = self._clock.monotonic()
        try:
            with self._http.stream(
                "GET",
                request.url,
                headers={"Authorization": request.authorization},
                extensions={"trace": self._keep_socket},
            ) as response:
                self._reached.add(host(request.url))
                for chunk in response.iter_bytes():
                    body += chunk
                    if self._clock.monotonic() - began > self._retry_policy.deadline:
                        return Failure(TimedOutError, f"{host(request.url)} kept answering too slowly")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            return unreachable(request.url, error, proxy)
        except (SOCKSError, AssertionError):
            # What the HTTP library lets through if the proxy does not speak SOCKS.
            return unreachable(request.url, httpx.ProxyError("it does not response as a SOCKS5 proxy"), proxy)
        except httpx.TimeoutException:
            return Failure(
                TimedOutError, f"{host(request.url)} gave no complete response in time ({len(body)} bytes came)"
            )
        except (httpx.TransportError, httpx.DecodingError, RuntimeError) as error:
            # RuntimeError is what the HTTP library raises when another thread has closed it.
            seen = f"{host(request.url)} broke the connection off ({type(error).__name__}, {len(body)} bytes came)"
            return Failure(UnavailableError, seen)
        return Response(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=body,
            received=response.num_bytes_downloaded,
            allowance=self._allowance(response),
            headers=response.headers,
        )

    def _keep_socket(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember each socket that the HTTP library opens: closing it from another thread would not end a read under way."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            opened = info["return_value"].get_extra_info("socket")
            with self._sockets_lock:
                self._sockets.add(opened)
            if self._closed.is_set():
                _break_off(opened)

    def _allowance(self, response: httpx.Response) -> Allowance | None:
        is_refused = response.status_code == assumptions.TOO_MANY_REQUESTS
        remaining = 0 if is_refused else _whole(response.headers.get(assumptions.REMAINING_HEADER))
        reset = _whole(response.headers.get(assumptions.RESET_HEADER))
        if remaining is None or reset is None:
            return None
        resets_in = reset - (_moment(response.headers.get("Date")) or self._clock.time())
        return Allowance(remaining, reset, resets_in) if 0 < resets_in <= assumptions.MAX_RESET_SECONDS else None

    def _budget(self, authorization: str) -> Budget:
        with self._budgets_lock:
            if authorization not in self._budgets:
                self._budgets[authorization] = Budget(
                    self._requests_per_minute, assumptions.RATE_LIMIT_SECONDS, self._clock
                )
            return self._budgets[authorization]

    def _report_wait(
        self,
        request: Request,
        reason: str,
        seconds: float,
        *,
        attempt: int | None = None,
        attempts: int | None = None,
    ) -> None:
        if self.on_wait is not None:
            self.on_wait(RetryWait(request.district_id, request.stream, reason, seconds, attempt, attempts))

    def _report_exchange(self, request: Request, outcome: Response | Failure, began: float) -> None:
        if self._on_exchange is not None:
            came = outcome if isinstance(outcome, Response) else None
            self._on_exchange(
                Exchange(
                    request.url,
                    came.status if came else None,
                    came.headers if came else {},
                    came.body if came else bytearray(),
                    began,
                    self._clock.time(),
                )
            )

    def _check_open(self) -> None:
        interruption.check()
        if self._closed.is_set():
            raise ClosedError("The sync was interrupted")


def _break_off(connected: socket.socket) -> None:
    """End all reads and writes of a socket."""
    with contextlib.suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header says JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _failure(state: tenacity.RetryCallState) -> Failure:
    failure = state.outcome.result() if state.outcome else None
    if not isinstance(failure, Failure):
        raise TypeError("only failures are retried")
    return failure


def _malformed(
    request: Request, seen: str, kind: type[MalformedResponseError] = MalformedResponseError
) -> MalformedResponseError:
    return kind(
        f"{host(request.url)} {seen}",
        district_id=request.district_id,
        stream=request.stream,
        position=request.position,
    )


def unreachable(url: str, error: httpx.TransportError, proxy: Proxy | None = None) -> Failure:
    """Describe why there is no connection."""
    through = f" through the proxy {proxy.shown} of {proxy.variable}" if proxy else ""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        seen = (
            f"the certificate of {host(url)} is not trusted{through} (if your company inspects TLS, set SSL_CERT_FILE to the file of "
            "its CA certificates)"
        )
        return Failure(UnreachableError, seen, is_final=True)
    why = "no connection in time" if isinstance(error, httpx.ConnectTimeout) else str(error)
    return Failure(UnreachableError, f"{host(url)} cannot be reached{through} ({why})")


def shown(content_type: str) -> str:
    """Return a Content-Type header for a message."""
    return content_type.partition(";")[0].strip()[:60] or "no content type"


def host(url: str) -> str:
    """Return the host of a URL for a message, with its port if that is unusual."""
    return httpx.URL(url).netloc.decode()


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _moment(text: str | None) -> float | None:
    """Return the Unix time of a Date header."""
    if text is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
