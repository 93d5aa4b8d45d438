"""The server of the sandbox: a small HTTP/1.1 server on loopback, a thread per connection.

It stands on the standard library because the sandbox must be able to break a connection before, or in the middle of,
an answer, which an ASGI application cannot ask its server to do.
"""

import contextlib
import http.server
import os
import select
import signal
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import FrameType, TracebackType
from typing import Self

from pipelines.sandbox.app import App, Request, Response

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that arrive while a server waits to be stopped."""

    descriptor: int
    """The file, pipe or terminal to read."""
    on_line: Callable[[], bool]
    """Called for each line; returns whether more are wanted."""
    on_end: Callable[[], None]
    """Called if the lines end before no more are wanted."""


def _read(descriptor: int) -> bytes:
    """Read what has arrived; nothing at the end, or where nothing can be read, as from a terminal that has closed."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


class RunningServer:
    """A sandbox that is being served; a context manager that stops it."""

    def __init__(self, app: App, port: int = 0) -> None:
        """Begin to serve on a port of 127.0.0.1; 0 chooses a free one.

        Raises:
            OSError: if the port is taken.
        """
        self._http = _Server((HOST, port), app)
        self.port: int = self._http.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="sandbox", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.close()

    def close(self) -> None:
        """Stop listening and break all open connections; harmless when done twice."""
        if not self._http.stopping.is_set():
            self._http.stopping.set()
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()

    def wait(self, lines: Lines | None = None) -> None:
        """Serve until Ctrl-C or SIGTERM, then stop; only the main thread may call this.

        Args:
            lines: What is to be done while lines arrive. Lines that a signal overtakes are not reported.
        """
        wake, waking = os.pipe()
        asked_to_stop = False

        def stop(_signal: int, _frame: FrameType | None) -> None:
            nonlocal asked_to_stop
            asked_to_stop = True
            os.write(waking, b"\0")

        former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not asked_to_stop:
                watched = [wake] if lines is None else [wake, lines.descriptor]
                ready, _, _ = select.select(watched, [], [])
                if lines is None or lines.descriptor not in ready:
                    continue
                read = _read(lines.descriptor)
                for _ in range(read.count(b"\n")):
                    if not asked_to_stop and lines is not None and not lines.on_line():
                        lines = None
                if not read and lines is not None:
                    lines.on_end()
                    lines = None
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            os.close(wake)
            os.close(waking)
            self.close()


class _Server(http.server.ThreadingHTTPServer):
    """Listens, and knows its open connections so that it can break them."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """Bind without asking the resolver for the host's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Answer a connection in a thread of its own."""
        if isinstance(request, socket.socket):
            with self._open_lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection."""
        if isinstance(request, socket.socket):
            with self._open_lock:
                self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and break the open connections."""
        super().server_close()
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Stay silent when a client went away; report everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Connection(http.server.BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes their answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def respond(self) -> None:
        """Answer one request of any method."""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.app.respond(Request(self.command, path, query, headers))
        self._read_body(headers)
        is_stopping = response.wait > 0 and self.server.stopping.wait(response.wait)
        if response.is_dropped or is_stopping:
            self._break()
            return
        self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815 - names that the base class calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the sandbox keeps a log of its own."""

    def version_string(self) -> str:
        """Name the server."""
        return "clever-warehouse-sandbox"

    def _send(self, response: Response) -> None:
        sent = int(len(response.body) * response.sent_share)
        is_whole = response.sent_share >= 1
        head = [f"HTTP/1.1 {response.status} {_reason(response.status)}"]
        head += [f"{name}: {value}" for name, value in response.headers.items()]
        head += [
            f"Content-Length: {len(response.body)}",
            f"Server: {self.version_string()}",
            "",
            "",
        ]
        self.connection.sendall("\r\n".join(head).encode("latin-1"))
        if sent:
            self.connection.sendall(memoryview(response.body)[:sent])
        if not is_whole:
            self._break()

    def _read_body(self, headers: dict[str, str]) -> None:
        """Take a request's body out of the way of the next request."""
        length = headers.get("content-length", "0")
        if length.isdigit():
            self.rfile.read(int(length))

    def _break(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
