"""Services on this machine that receive alerts over real sockets: webhooks, with and without TLS, and a mail server."""

import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Webhook:
    """An HTTP server that accepts what is posted, or refuses it."""

    port: int
    status: int = 200
    """The status of every answer."""
    received: list[tuple[str, Any]] = field(default_factory=list)
    """Path and JSON of each request that was accepted."""

    @property
    def json_url(self) -> str:
        """The address of a plain webhook, with a secret in its path."""
        return f"json://127.0.0.1:{self.port}/secret-of-json"

    @property
    def texts(self) -> list[str]:
        """What people read of each message of a plain webhook: title and text."""
        return [f"{sent['title']}\n{sent['message']}" for _, sent in self.received]


@contextlib.contextmanager
def webhook(certificate: Path | None = None) -> Iterator[Webhook]:
    """Serve a webhook, behind TLS if a certificate is given, with its key in key.pem of the same folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if made.status < 300:
                made.received.append((self.path, json.loads(body)))
            self.send_response(made.status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_name("key.pem"))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        made = Webhook(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def certificate(folder: Path) -> Path:
    """Make a certificate of 127.0.0.1 that signs itself, with its key in the same folder."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    command = [openssl, *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]]
    names: list[str | Path] = [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        folder / "key.pem",
        "-out",
        folder / "ca.pem",
    ]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return folder / "ca.pem"


class _Mailbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (the name of aiosmtpd)
        self.received.append(message_from_bytes(envelope.content, EmailMessage, policy=default))
        return "250 OK"


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[int, list[EmailMessage]]]:
    """Serve SMTP; give its port, and the messages as they come."""
    mailbox = _Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, mailbox.received
    finally:
        controller.stop()
