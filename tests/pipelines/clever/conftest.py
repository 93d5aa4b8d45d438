"""What these tests stand on: a sandbox, a server that answers by a script, a clock without waits, impatient clients."""

import contextlib
import http.server
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.clever import Clever, ClientCredentials, ConnectedDistrict, DistrictTokens, RetryPolicy
from pipelines.sandbox import RunningServer
from tests.expected.sandbox import Sandbox

TOKEN = "a-token-nobody-may-see"
DISTRICT = ConnectedDistrict("5f00000000000000000000d1", TOKEN)
QUICK = RetryPolicy(first=0.01, cap=0.02, deadline=5.0, unreachable=0.1, tries=3)


@dataclass
class Reply:
    """One scripted answer."""

    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float


@dataclass
class Scripted:
    """A server on loopback that gives exactly the answers it was told to, for what the sandbox does not do."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    replies: dict[str, list[Reply]] = field(default_factory=dict)

    def say(
        self,
        path: str,
        body: object = b"",
        *,
        status: int = 200,
        content_type: str | None = "application/json",
        headers: dict[str, str] | None = None,
        seconds: float = 0,
    ) -> None:
        """Add an answer for a path with its query; the last of several is given for ever.

        Args:
            path: exactly as it is asked for.
            body: bytes, or anything that becomes JSON.
            status: the HTTP status.
            content_type: None leaves the header out.
            headers: further headers.
            seconds: the silence before the body.

        """
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = dict(headers or {})
        if content_type is not None:
            all_headers["Content-Type"] = content_type
        reply = Reply(status, content, all_headers, seconds)
        self.replies.setdefault(path, []).append(reply)

    def page(self, path: str, ids: Sequence[str], following: str | None = None, **more: Any) -> None:
        """Add a page of records with these ids."""
        links = [{"rel": "self", "uri": path}] + ([{"rel": "next", "uri": following}] if following else [])
        self.say(path, {"data": [{"data": {"id": each}} for each in ids], "links": links}, **more)

    def next(self, path: str) -> Reply:
        """Return the next answer for a path."""
        with self.lock:
            self.asked.append(path)
            waiting = self.replies.get(path)
            if not waiting:
                return Reply(404, b"<html>nothing here</html>", {"Content-Type": "text/html"}, 0)
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]


class _Connection(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Scripted

    def do_GET(self) -> None:
        with self.script.lock:
            self.script.under_way += 1
            self.script.most_at_once = max(self.script.most_at_once, self.script.under_way)
            self.script.headers.append({name.lower(): value for name, value in self.headers.items()})
        reply = self.script.next(self.path)
        head = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        time.sleep(reply.seconds)
        with self.script.lock:
            self.script.under_way -= 1
        with contextlib.suppress(OSError):
            self.connection.sendall("\r\n".join([*head, "", ""]).encode() + reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Stay silent when a client went away; report everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Serve a script."""
    script = Scripted()
    handler = type("Handler", (_Connection,), {"script": script})
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class HurriedClock:
    """A clock on which waiting takes no time."""

    now: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def time(self) -> float:
        """Return the Unix time."""
        return self.now

    def monotonic(self) -> float:
        """Return the same."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds


@pytest.fixture
def clock() -> HurriedClock:
    """Return a clock that never waits."""
    return HurriedClock()


Connect = Callable[..., Clever]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Return a function that makes impatient clients of one server; keyword arguments are the client's."""
    with contextlib.ExitStack() as stack:

        def make(url: str, credentials: ClientCredentials | DistrictTokens | None = None, **more: Any) -> Clever:
            credentials = credentials or DistrictTokens([TOKEN])
            return stack.enter_context(Clever(url, url, "v3.0", credentials, **{"retry_policy": QUICK, **more}))

        yield make


@pytest.fixture
def sandbox() -> Sandbox:
    """Return a small Clever of two districts."""
    return Sandbox(districts=2, users=60, seed=7)


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[RunningServer]:
    """Serve the sandbox."""
    with sandbox.serve() as running:
        yield running


@pytest.fixture
def clever(connect: Connect, server: RunningServer) -> Clever:
    """Return a client of the sandbox with its id and secret."""
    return connect(server.url, ClientCredentials("sandbox", "sandbox"))


@pytest.fixture
def district() -> ConnectedDistrict:
    """Return the district of the script's tests."""
    return DISTRICT
