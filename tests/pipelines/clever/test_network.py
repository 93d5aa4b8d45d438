"""Clever is reached as the environment says: through real proxies, around them, and with the certificates it names."""

import contextlib
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import httpx
import pytest

from pipelines.clever import (
    Clever,
    CleverError,
    ClientCredentials,
    DistrictTokens,
    NetworkSettingError,
    UnreachableError,
)
from pipelines.clever.network import host_name, proxy_of, tls_context

if TYPE_CHECKING:
    from pipelines.sandbox import RunningServer
    from tests.expected.sandbox import Sandbox
    from tests.pipelines.clever.conftest import Connect

PASSWORD = "pass-word-9"


@dataclass
class ProxyServer:
    """A proxy on loopback that leads every host to one server, however it is asked: HTTP, CONNECT or SOCKS5."""

    upstream: tuple[str, int]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    """How and for which host: "GET clever.test:80"."""
    secrets: list[str] = field(default_factory=list)
    """What clients said to prove who they are."""
    is_deaf: bool = False
    """Whether every connection is closed without a word."""


class _Proxied(socketserver.BaseRequestHandler):
    proxy: ProxyServer

    def handle(self) -> None:
        if self.proxy.is_deaf:
            return
        client: socket.socket = self.request
        first = client.recv(1, socket.MSG_PEEK)
        with contextlib.suppress(OSError):
            (self._socks if first == b"\x05" else self._http)(client)

    def _socks(self, client: socket.socket) -> None:
        _, count = client.recv(2)
        methods = client.recv(count)
        client.sendall(b"\x05" + (b"\x02" if b"\x02" in methods else b"\x00"))
        if b"\x02" in methods:
            said = client.recv(512)
            self.proxy.secrets.append(said[2 : 2 + said[1]].decode() + ":" + said[3 + said[1] :].decode())
            client.sendall(b"\x01\x00")
        request = client.recv(512)
        kind, rest = request[3], request[4:]
        host = rest[1 : 1 + rest[0]].decode() if kind == 3 else socket.inet_ntoa(rest[:4])
        self.proxy.asked.append(f"SOCKS {host}:{int.from_bytes(request[-2:])}")
        client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        self._join(client, b"")

    def _http(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65_536)
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        for line in head.decode().split("\r\n"):
            if line.lower().startswith("proxy-authorization:"):
                self.proxy.secrets.append(line.partition(":")[2].strip())
        if method == "CONNECT":
            self.proxy.asked.append(f"CONNECT {target}")
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._join(client, b"")
        else:
            url = httpx.URL(target)
            self.proxy.asked.append(f"GET {url.host}:{url.port or 80}")
            self._join(client, head.replace(target.encode(), url.raw_path, 1))

    def _join(self, client: socket.socket, said: bytes) -> None:
        with socket.create_connection(self.proxy.upstream) as server:
            server.sendall(said)
            ends = {client: server, server: client}
            while True:
                for one in select.select(list(ends), [], [])[0]:
                    piece = one.recv(65_536)
                    if not piece:
                        return
                    ends[one].sendall(piece)


class _ProxyListener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def _proxy(upstream: tuple[str, int]) -> Iterator[ProxyServer]:
    proxy = ProxyServer(upstream)
    with _ProxyListener(("127.0.0.1", 0), type("Handler", (_Proxied,), {"proxy": proxy})) as server:
        proxy.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(server: "RunningServer") -> Iterator[ProxyServer]:
    """Return a proxy that leads every host to the sandbox."""
    url = httpx.URL(server.url)
    with _proxy((url.host, url.port or 0)) as made:
        yield made


Ask = Callable[..., list[str]]


@pytest.fixture
def ask(connect: "Connect") -> Ask:
    """Return a function that lists the districts of a host, with variables of the environment in which ADDRESS is the proxy's."""

    def asking(proxy: ProxyServer, host: str = "http://clever.test", **environment: str) -> list[str]:
        filled = {name: value.replace("ADDRESS", f"127.0.0.1:{proxy.port}") for name, value in environment.items()}
        clever = connect(host, ClientCredentials("sandbox", "sandbox"), environment=filled)
        return [district.id for district in clever.districts()]

    return asking


@pytest.mark.parametrize(
    ("variable", "value", "how"),
    [
        ("HTTP_PROXY", "http://ADDRESS", "GET"),
        ("http_proxy", "http://ADDRESS/", "GET"),
        ("HTTP_PROXY", "ADDRESS", "GET"),
        ("HTTP_PROXY", "  HTTP://ADDRESS ", "GET"),
        ("ALL_PROXY", "http://ADDRESS", "GET"),
        ("all_proxy", "socks5://ADDRESS", "SOCKS"),
        ("ALL_PROXY", "socks5h://ADDRESS", "SOCKS"),
        ("ALL_PROXY", "socks://ADDRESS/", "SOCKS"),
        ("HTTP_PROXY", "socks5h://ADDRESS", "SOCKS"),
    ],
)
def test_a_proxy_of_the_environment_is_used_and_resolves_the_name(
    proxy: ProxyServer, sandbox: "Sandbox", ask: Ask, variable: str, value: str, how: str
) -> None:
    assert ask(proxy, **{variable: value}) == sorted(sandbox.districts)
    assert proxy.asked == [f"{how} clever.test:80"]


def test_the_proxy_of_the_scheme_is_used_before_that_of_all(proxy: ProxyServer, ask: Ask) -> None:
    ask(proxy, HTTP_PROXY="ADDRESS", ALL_PROXY="socks5://127.0.0.1:9", HTTPS_PROXY="not one")
    assert proxy.asked == ["GET clever.test:80"]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_user_name_and_password_reach_the_proxy_and_no_message(proxy: ProxyServer, ask: Ask, scheme: str) -> None:
    address = f"{scheme}://a%40user:{PASSWORD}%2F%3A@ADDRESS"
    ask(proxy, ALL_PROXY=address)
    expected = "Basic YUB1c2VyOnBhc3Mtd29yZC05Lzo=" if scheme == "http" else f"a@user:{PASSWORD}/:"
    assert proxy.secrets == [expected]
    proxy.is_deaf = True
    with pytest.raises(CleverError) as caught:
        ask(proxy, ALL_PROXY=address)
    assert PASSWORD not in str(caught.value)
    assert "clever.test" in str(caught.value)


@pytest.mark.parametrize("value", ["http://ADDRESS", "socks5://ADDRESS"])
def test_a_proxy_that_does_not_answer_is_named_with_its_variable(proxy: ProxyServer, ask: Ask, value: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        proxy.port = free.getsockname()[1]
    with pytest.raises(UnreachableError) as caught:
        ask(proxy, ALL_PROXY=value)
    assert f"clever.test cannot be reached through the proxy 127.0.0.1:{proxy.port} of ALL_PROXY (" in str(caught.value)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\xff", b"\x05\x00", b"\x05\x00\x05\x05"]
)
@pytest.mark.parametrize("closes", [True, False])
def test_a_socks_proxy_that_is_none_or_refuses_or_falls_silent_ends_in_a_sentence(
    connect: "Connect", answer: bytes, *, closes: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_ends = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    client.recv(16)
                    client.sendall(answer)
                    if closes:
                        client.close()
                    open_ends.append(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        clever = connect(
            "http://clever.test",
            ClientCredentials("sandbox", "sandbox"),
            environment={"ALL_PROXY": f"socks5://127.0.0.1:{listener.getsockname()[1]}"},
            timeout=httpx.Timeout(0.2),
        )
        with pytest.raises(CleverError, match=r"^Token list /oauth/tokens: clever\.test "):
            clever.districts()
        listener.shutdown(socket.SHUT_RDWR)
        for client in open_ends:
            client.close()
    thread.join()


NO_PROXY = {
    "*": True,
    "elsewhere.example, *": True,
    "clever.test": True,
    ".test": True,
    "*.test": True,
    "TEST": True,
    "clever.test:80": True,
    "[fd07::1]:443 clever.test": True,
    "http://clever.test": True,
    "ever.test": False,
    "clever.test:8080": False,
    "api.clever.test": False,
    "::1": False,
    "[::1]": False,
    "fd07::/64": False,
    "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16": False,
    "localhost,127.0.0.1,::1,fe80::/10,[fd07::]/64,10.0.0.0/8, ,,": False,
    "": False,
    "[": False,
    "fd07::/999,http://,:80,/,%": False,
}


@pytest.mark.parametrize(("no_proxy", "is_direct"), NO_PROXY.items(), ids=repr)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_understood_with_entries_of_any_kind(*, variable: str, no_proxy: str, is_direct: bool) -> None:
    found = proxy_of("http://clever.test", {"HTTP_PROXY": "http://127.0.0.1:9", variable: no_proxy})
    assert (found is None) is is_direct


@pytest.mark.parametrize(
    ("url", "no_proxy", "is_direct"),
    [
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://10.1.2.3:8443", "10.1.2.3:8443", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://[fd07::5]", "fd07::/64", True),
        ("https://[fd07::5]", "[fd07::]/64", True),
        ("https://[fd07::5]", "[fd07::5]", True),
        ("https://[fd07::5]:8443", "[fd07::5]:8443", True),
        ("https://[fd08::5]", "fd07::/64, 10.0.0.0/8", False),
        ("http://127.0.0.2:8765", "", True),
        ("http://[::1]:8765", "", True),
        ("http://localhost", "", True),
    ],
)
def test_addresses_and_networks_of_no_proxy_are_about_addresses(*, url: str, no_proxy: str, is_direct: bool) -> None:
    environment = {"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": no_proxy}
    assert (proxy_of(url, environment) is None) is is_direct


def test_a_client_is_made_with_the_variables_of_every_container(
    server: "RunningServer", sandbox: "Sandbox", connect: "Connect"
) -> None:
    environment = {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "localhost,127.0.0.1,::1,[::1],fd07::/64,10.0.0.0/8,*.internal",
    }
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), environment=environment)
    assert [district.id for district in clever.districts()] == sorted(sandbox.districts)


@pytest.mark.parametrize(
    "value",
    [
        "http//x",
        "http:/x:3128",
        "http:x:3128",
        "http://x:port",
        "http://x:99999",
        "http://x:0",
        "http://",
        "://x",
        "ftp://x:21",
        "socks4://x:1080",
        "x y",
        "http://x:3128/path",
        "http://x:3128?a=b",
        "not one",
        f"http://user:{PASSWORD}/{PASSWORD}@x:3128",
        f"http://user:{PASSWORD}#@x:3128",
        f"user:{PASSWORD}@",
        "http://x\x00:3128",
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_mistyped_proxy_is_one_sentence_with_the_variable_and_no_password(variable: str, value: str) -> None:
    with pytest.raises(NetworkSettingError) as caught:
        Clever(
            "https://api.clever.com",
            "https://clever.com",
            "v3.0",
            DistrictTokens(["t"]),
            environment={variable: value},
        )
    assert str(caught.value).startswith(f"{variable} is not the address of a proxy: write http://")
    assert PASSWORD not in str(caught.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate that signs itself, for clever.test, with its key in the same folder."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("authority")
    command = [openssl, *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=clever.test"]]
    names = ["-addext", "subjectAltName=DNS:clever.test"]
    subprocess.run(
        [*command, *names, "-keyout", folder / "key.pem", "-out", folder / "ca.pem"],
        check=True,
        capture_output=True,
    )
    return folder / "ca.pem"


@pytest.fixture
def secure(server: "RunningServer", authority: Path) -> Iterator[ProxyServer]:
    """Return a proxy that leads every host to the sandbox behind TLS, which shows the authority's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    url = httpx.URL(server.url)

    class Handler(_Proxied):
        proxy = ProxyServer((url.host, url.port or 0))

        def handle(self) -> None:
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as client:
                head = client.recv(65_536)
                with socket.create_connection(self.proxy.upstream) as plain:
                    plain.sendall(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
                    while piece := plain.recv(65_536):
                        client.sendall(piece)

    with _ProxyListener(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        with _proxy(listener.server_address[:2]) as made:  # type: ignore[arg-type]
            yield made
        listener.shutdown()
        thread.join()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("is_folder", [False, True])
@pytest.mark.parametrize("value", ["http://ADDRESS", "socks5h://ADDRESS"])
def test_a_companys_certificates_are_trusted_through_any_proxy(
    secure: ProxyServer, sandbox: "Sandbox", authority: Path, ask: Ask, variable: str, value: str, *, is_folder: bool
) -> None:
    path = str(authority.parent if is_folder else authority)
    found = ask(secure, "https://clever.test", **{"ALL_PROXY": value, variable: path})
    assert found == sorted(sandbox.districts)
    assert secure.asked == [f"{'CONNECT' if value.startswith('http') else 'SOCKS'} clever.test:443"]


def test_without_them_the_sentence_names_the_variable_to_set(secure: ProxyServer, ask: Ask) -> None:
    with pytest.raises(
        UnreachableError,
        match=r"^Token list /oauth/tokens: the certificate of clever\.test is not trusted.* set SSL_CERT_FILE",
    ):
        ask(secure, "https://clever.test", ALL_PROXY="http://ADDRESS")
    assert len(secure.asked) == 1


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    "content", [None, b"", b"\x30\x82\x00\x01 binary", b"-----BEGIN CERTIFICATE-----\nAAAA\n", "folder"]
)
def test_a_variable_that_leads_to_no_certificate_is_one_sentence(
    tmp_path: Path, variable: str, content: bytes | str | None
) -> None:
    path = tmp_path / "certificates"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    with pytest.raises(NetworkSettingError, match=rf"^{variable} leads to [^\n]*: set it to the file"):
        Clever(
            "https://api.clever.com",
            "https://clever.com",
            "v3.0",
            DistrictTokens(["t"]),
            environment={variable: str(path)},
        )


def test_certificates_that_no_host_needs_are_not_looked_for(server: "RunningServer", connect: "Connect") -> None:
    environment = {"SSL_CERT_FILE": "/nowhere", "HTTPS_PROXY": "http//x"}
    assert connect(server.url, ClientCredentials("sandbox", "sandbox"), environment=environment).districts()


def test_a_list_of_folders_and_a_bundle_with_comments_are_read(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "all.crt").write_bytes("# Größte Firma\n".encode() + Path(certifi.where()).read_bytes())
    (tmp_path / "empty").mkdir()
    environment = {"SSL_CERT_DIR": f"{tmp_path / 'empty'}:{bundle}"}
    assert len(tls_context(environment).get_ca_certs()) == len(tls_context({}).get_ca_certs())


def test_a_file_for_tls_keys_that_cannot_be_written_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/keys")
    with pytest.raises(NetworkSettingError, match=r"^SSLKEYLOGFILE leads to a file that cannot be written"):
        tls_context({})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.clever.com", "api.clever.com"),
        ("https://API.Clever.com.:8443", "api.clever.com"),
        ("https://[2001:DB8:0::1]:8443", "2001:db8::1"),
        ("http://10.0.0.1", "10.0.0.1"),
        *(
            (f"http://{host}", "localhost")
            for host in (
                *("127.0.0.1:8765", "127.1.2.3", "[::1]:80", "[::ffff:127.0.0.1]", "0.0.0.0:8765"),
                *("localhost", "LOCALHOST.:1", "clever.localhost"),
            )
        ),
        ("https://localhost.example.org", "localhost.example.org"),
    ],
)
def test_a_host_is_known_by_its_name_and_all_names_of_this_machine_are_one(url: str, name: str) -> None:
    assert host_name(url) == name
