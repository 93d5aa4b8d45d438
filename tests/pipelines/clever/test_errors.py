"""Errors say which district, which stream, what was seen and what to do; and never a secret or a person."""

import gc
import inspect
import io
import logging
import pickle
import ssl
import traceback
from typing import TYPE_CHECKING

import httpx
import pytest

from pipelines.clever import (
    USERS,
    AccessError,
    CleverError,
    ClientCredentials,
    ConnectedDistrict,
    DistrictTokens,
    UnreachableError,
    errors,
)
from pipelines.clever.connection import Connection, Failure, Request, unreachable
from pipelines.progress import RetryWait
from pipelines.sandbox import (
    Dropped,
    Garbled,
    Html,
    ItemWithoutData,
    LoopingNext,
    NullData,
    Status,
    Truncated,
    WithoutData,
    WithoutId,
)
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sandbox import RunningServer
    from tests.pipelines.clever.conftest import Connect, Scripted

EFFECTS = [
    *(Status(code) for code in (400, 401, 403, 404, 413, 500, 501, 502, 503)),
    Dropped(),
    Garbled(),
    Html(),
    ItemWithoutData(),
    LoopingNext(),
    NullData(),
    Truncated(),
    WithoutData(),
    WithoutId(),
]


def kinds(root: type[CleverError]) -> "Iterator[type[CleverError]]":
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds(CleverError)))
def test_every_error_survives_pickling(kind: type[CleverError]) -> None:
    error = kind("answered 500", district_id="d", stream="users", position=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.__dict__) == (kind, str(error), error.__dict__)
    assert str(copy).startswith("District token number 3, district d, stream users: answered 500.")


def test_the_tree_at_the_top_of_the_module_names_every_error() -> None:
    drawing = (inspect.getdoc(errors) or "").split()
    assert {kind.__name__ for kind in kinds(CleverError)} <= set(drawing)
    assert {word for word in drawing if word.endswith("Error")} == {kind.__name__ for kind in kinds(CleverError)}


def test_every_error_that_is_raised_says_what_to_do() -> None:
    leaves = [kind for kind in kinds(CleverError) if not kind.__subclasses__()]
    assert all(kind.advice for kind in leaves)


def test_an_error_about_no_district_begins_with_what_was_seen() -> None:
    assert str(AccessError("clever.com answered 401")) == "clever.com answered 401."


@pytest.mark.parametrize("effect", EFFECTS, ids=repr)
@pytest.mark.parametrize("by_token", [True, False])
def test_no_error_log_or_wait_shows_a_secret_or_a_person(
    connect: "Connect",
    server: "RunningServer",
    sandbox: Sandbox,
    effect: Status,
    *,
    by_token: bool,
) -> None:
    said: list[RetryWait] = []
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        credentials = (
            DistrictTokens(list(sandbox.districts.values())) if by_token else ClientCredentials("sandbox", "sandbox")
        )
        clever = connect(server.url, credentials, page_limit=50, on_wait=said.append)
        district = clever.districts()[0]
        sandbox.inject(effect, stream="users")
        with pytest.raises(CleverError) as caught:
            list(clever.pages(district, USERS))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    error = caught.value
    assert (error.district_id, error.stream) == (district.id, "users")
    assert (error.__cause__, error.__context__) == (None, None)
    assert log.getvalue() == ""
    shown = "".join([*traceback.format_exception(error), repr(error), repr(error.__dict__), repr(said)])
    secrets = {secret for secret in sandbox.secrets() if len(secret) > 3}
    assert not [secret for secret in secrets if secret in shown]
    assert "Bearer" not in shown
    assert "Basic" not in shown


def test_no_error_of_the_http_library_hangs_on_ours(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"))
    district = clever.districts()[0]
    for effect in (Dropped(), Truncated()):
        sandbox.heal()
        sandbox.inject(effect, stream="users")
        with pytest.raises(CleverError) as caught:
            list(clever.pages(district, USERS))
        assert not [each for each in gc.get_referents(caught.value) if isinstance(each, httpx.HTTPError)]


def test_a_certificate_that_is_not_trusted_is_reported_immediately(
    connect: "Connect", monkeypatch: pytest.MonkeyPatch
) -> None:
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    asked: list[str] = []

    # The one answer that is made up here: no certificate can be made without further tools.
    def receive(_: Connection, request: Request) -> Failure:
        asked.append(request.url)
        return unreachable(request.url, error)

    monkeypatch.setattr(Connection, "_receive", receive)
    with pytest.raises(
        UnreachableError,
        match=r"^Token list /oauth/tokens: the certificate of clever\.com is not trusted \(.*SSL_CERT_FILE",
    ):
        connect("https://clever.com", ClientCredentials("an-app", "a-secret")).districts()
    assert len(asked) == 1


def test_a_server_that_speaks_no_tls_is_reported(connect: "Connect", server: "RunningServer") -> None:
    address = server.url.replace("http:", "https:")
    with pytest.raises(CleverError, match="SSL"):
        connect(address, DistrictTokens(["t"])).districts()


def test_certificates_are_always_verified(connect: "Connect") -> None:
    clever = connect("https://api.clever.com", DistrictTokens(["t"]))
    pool = clever._connection._http._transport._pool  # type: ignore[attr-defined]
    assert pool._ssl_context.verify_mode == ssl.CERT_REQUIRED
    assert pool._ssl_context.check_hostname


def test_requests_say_who_asks_and_keep_no_cookies(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page("/v3.0/users?limit=10000", ["a"], "/v3.0/users?n=1", headers={"Set-Cookie": "session=1; Path=/"})
    scripted.page("/v3.0/users?n=1", ["b"])
    list(connect(scripted.url).pages(district, USERS))
    for headers in scripted.headers:
        assert headers["user-agent"].startswith("clever-warehouse/")
        assert headers["authorization"] == f"Bearer {district.token}"
        assert "cookie" not in headers


def test_a_proxy_of_the_environment_is_not_requested_a_server_on_this_machine(
    connect: "Connect", server: "RunningServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect(server.url, ClientCredentials("sandbox", "sandbox")).districts()
