"""How Clever's hosts are reached: directly or through a proxy, and which certificates are trusted, as the environment says.

httpx reads the same variables itself, but its client cannot be made at all with an IPv6 network in NO_PROXY, a mistyped
proxy or a missing certificate file, whether or not these concern the hosts that are asked.
"""

import ipaddress
import os
import re
import ssl
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import certifi
import httpcore
import httpx

LOCALHOST: Final = "localhost"
LOOPBACK: Final = ("127.0.0.1", LOCALHOST, "::1")
"""This machine, as the host of a URL. It is never reached through a proxy."""

CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name trusted certificates, the first that is set wins. httpx knows the first two; the others are what a
company sets for tools built on requests or curl."""

_SOCKS_PORT: Final = 1080
_LAST_PORT: Final = 65_535
_PORTS: Final = {"http": 80, "https": 443}
_ALIASES: Final = {"socks": "socks5"}
_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})
_HOST_NAME: Final = re.compile(r"(?!-)[\w-]+(?<!-)(\.(?!-)[\w-]+(?<!-))*\.?", re.ASCII)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")
"""The names by which OpenSSL finds a certificate in a folder."""

_REMEDY: Final = "set it to the file that holds your company's CA certificates, or remove it to trust the usual ones"


class NetworkSettingError(ValueError):
    """A variable of the environment does not lead to a proxy or to certificates; the message names it, never a password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy for one host."""

    variable: str
    """The variable of the environment that names it."""
    url: httpx.URL

    @property
    def shown(self) -> str:
        """Host and port, for messages."""
        return self.url.netloc.decode()


def is_host(url: httpx.URL) -> bool:
    """Whether a URL has a usable host and port; httpx also accepts hosts that cannot exist."""
    name = url.raw_host.decode()
    # httpx has checked what is in brackets, an IPv6 address.
    is_name = ":" in name or _HOST_NAME.fullmatch(name) is not None
    return is_name and (url.port is None or 1 <= url.port <= _LAST_PORT)


def proxy_of(host_url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy through which a host is asked; None if it is asked directly.

    Raises:
        NetworkSettingError: the variable for this host is no address of a proxy.
    """
    url = httpx.URL(host_url)
    if _is_loopback(url.host) or _is_exempt(url, _value(environment, "no_proxy")[1]):
        return None
    for name in (f"{url.scheme}_proxy", "all_proxy"):
        variable, value = _value(environment, name)
        if value:
            return Proxy(variable, _proxy_url(variable, value))
    if not any(name.lower().endswith("_proxy") for name in environment):
        # Without variables, macOS has proxies in its system settings.
        value = urllib.request.getproxies().get(url.scheme, "")
        return Proxy("the system settings", _proxy_url("The proxy of the system settings", value)) if value else None
    return None


def transport(proxy: Proxy, tls: ssl.SSLContext, limits: httpx.Limits) -> httpx.HTTPTransport:
    """Return what sends requests through a proxy."""
    made = httpx.HTTPTransport(
        verify=tls,
        trust_env=False,
        limits=limits,
        proxy=httpx.Proxy(proxy.url, ssl_context=tls if proxy.url.scheme == "https" else None),
    )
    if proxy.url.scheme.startswith("socks"):
        made._pool._network_backend = _SocksBackend()  # noqa: SLF001 - httpx has no argument for it
    return made


class _SocksBackend(httpcore.SyncBackend):
    """Connects to a SOCKS proxy: httpcore would wait for its responses without any limit."""

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any
    ) -> httpcore.NetworkStream:
        return _SocksStream(super().connect_tcp(host, port, timeout, *args, **more), timeout)


class _SocksStream(httpcore.NetworkStream):
    """A connection that waits for no response of the proxy longer than connecting may take, and is closed if it is given up."""

    def __init__(self, stream: httpcore.NetworkStream, seconds: float | None) -> None:
        self._stream = stream
        self._seconds = seconds

    def __del__(self) -> None:
        self.close()  # httpcore leaves it open if the proxy refuses

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._seconds if timeout is None else timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **more: Any) -> httpcore.NetworkStream:
        return self._stream.start_tls(*args, **more)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def tls_context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Return the TLS settings for Clever's hosts: certificates are always verified.

    Raises:
        NetworkSettingError: the variable that names the certificates does not lead to any.
    """
    variable, value = next(((name, environment[name]) for name in CERTIFICATES if environment.get(name)), ("", ""))
    if not variable:
        return _context(cafile=certifi.where())
    paths = [Path(part).expanduser() for part in value.split(os.pathsep) if part]
    text = "".join(_certificates(variable, path) for path in paths)
    try:
        if "BEGIN CERTIFICATE" in text:
            return _context(cadata=text)
    except ssl.SSLError:
        pass
    raise NetworkSettingError(f"{variable} leads to no certificate in PEM form: {_REMEDY}")


def no_tls() -> ssl.SSLContext:
    """Return TLS settings that trust nothing, for hosts that are asked without TLS."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _context(*, cafile: str | None = None, cadata: str | None = None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=cafile, cadata=cadata)
    except ssl.SSLError:
        raise
    except OSError as error:
        raise NetworkSettingError(
            f"SSLKEYLOGFILE leads to a file that cannot be written ({error.strerror}): remove it"
        ) from None


def _certificates(variable: str, path: Path) -> str:
    """Return the text of a file of certificates, or of all files of a folder of certificates."""
    try:
        if not path.is_dir():
            return _text(path)
        files = [file for file in sorted(path.iterdir()) if file.is_file()]
    except OSError as error:
        message = f"{variable} leads to {path}, which cannot be read ({error.strerror}): {_REMEDY}"
        raise NetworkSettingError(message) from None
    texts = []
    # A folder that OpenSSL reads has each certificate under its hash, besides other names for the same.
    for file in [file for file in files if _HASHED.fullmatch(file.name)] or files:
        with suppress(OSError):  # such as a private key that only another user may read
            texts.append(_text(file))
    return "".join(texts)


def _text(file: Path) -> str:
    return file.read_text(encoding="ascii", errors="ignore") + "\n"


def _value(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return a variable that is written in small or capital letters, and its value; in small letters it wins."""
    for written in (name, name.upper()):
        if written in environment:
            return written, environment[written].strip()
    return name.upper(), ""


def _proxy_url(variable: str, value: str) -> httpx.URL:
    scheme, separator, rest = value.rpartition("://")
    scheme = scheme.lower() if separator else "http"
    try:
        url = httpx.URL(f"{_ALIASES.get(scheme, scheme)}://{rest}")
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in _SCHEMES or not is_host(url) or url.path not in {"", "/"} or url.query or url.fragment:
        raise NetworkSettingError(
            f"{variable} is not the address of a proxy: write http://host:port or socks5://host:port, with special characters of a "
            "user name or password as %XX"
        )
    return url if url.port or not url.scheme.startswith("socks") else url.copy_with(port=_SOCKS_PORT)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".") in LOOPBACK


def host_name(host_url: str) -> str:
    """Return the name of a host, without scheme and port; every name and address of this machine is localhost."""
    host = httpx.URL(host_url).host.rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return LOCALHOST if host == LOCALHOST or host.endswith(f".{LOCALHOST}") else host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    return LOCALHOST if address.is_loopback or address.is_unspecified else str(address)


def _is_exempt(url: httpx.URL, entries: str) -> bool:
    """Whether one of NO_PROXY's entries, which are separated by commas or blanks, is about the host."""
    return any(_is_about(entry.lower(), url) for entry in re.split(r"[\s,]+", entries) if entry)


def _is_about(entry: str, url: httpx.URL) -> bool:
    """Whether an entry is about a host: `*`, a domain with all below it, an address or a network, each also with a port."""
    if entry == "*":
        return True
    entry = entry.rpartition("://")[2]
    host = url.host.rstrip(".")
    try:
        network = ipaddress.ip_network(re.sub(r"^\[(.*)\](/\d+)?$", r"\1\2", entry), strict=False)
    except ValueError:
        pass
    else:
        try:
            return ipaddress.ip_address(host) in network
        except ValueError:
            return False
    found = re.fullmatch(r"\[?(?P<name>[^\[\]/]*?)\]?(:(?P<port>\d+))?/?", entry)
    if found is None or (found["port"] and int(found["port"]) != (url.port or _PORTS[url.scheme])):
        return False
    name = found["name"].removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
