"""Districts are found both ways, and one district's trouble does not hide another."""

import base64
from typing import TYPE_CHECKING

import pytest

from pipelines.clever import (
    USERS,
    Clever,
    CleverError,
    ClientCredentials,
    ConnectedDistrict,
    Districts,
    DistrictTokens,
    MalformedResponseError,
    RefusedRequestError,
    RefusedSecretError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
    host_url,
)
from pipelines.progress import RetryWait
from pipelines.sandbox import Html, Status
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from pipelines.sandbox import RunningServer
    from tests.pipelines.clever.conftest import Connect, Scripted

TOKENS = "/oauth/tokens?owner_type=district"
APP = ClientCredentials("an-app", "a-secret-nobody-may-see")


def token(district_id: object, access_token: object, created: object = "2024-01-01T00:00:00.000Z") -> dict[str, object]:
    return {
        "id": "t",
        "created": created,
        "owner": {"type": "district", "id": district_id},
        "access_token": access_token,
        "scopes": ["read:sis"],
    }


def pairs(districts: Districts) -> list[tuple[str, str]]:
    return [(district.id, district.token) for district in districts]


def test_client_credentials_list_every_connected_district(clever: Clever, sandbox: Sandbox) -> None:
    found = clever.districts()
    assert dict(pairs(found)) == sandbox.districts
    assert [district.id for district in found] == sorted(sandbox.districts)
    assert found.failures == ()


def test_a_disconnected_district_is_not_listed(clever: Clever, sandbox: Sandbox) -> None:
    gone, stays = sorted(sandbox.districts)
    sandbox.disconnect(gone)
    assert [district.id for district in clever.districts()] == [stays]


def test_district_tokens_are_each_requested_their_district(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    clever = connect(server.url, DistrictTokens(list(sandbox.districts.values())))
    found = clever.districts()
    assert dict(pairs(found)) == sandbox.districts
    assert all(list(clever.pages(district, USERS)) for district in found)
    assert not [logged for logged in sandbox.requests if logged.path.startswith("/oauth")]


def test_a_refused_token_is_reported_by_its_position_and_spoils_no_other(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    first, second = sandbox.districts.values()
    found = connect(server.url, DistrictTokens([first, "not-a-token-of-ours", second])).districts()
    assert dict(pairs(found)) == sandbox.districts
    (failure,) = found.failures
    assert (failure.position, type(failure.error), failure.error.position) == (2, UnauthorizedError, 2)
    assert str(failure.error).startswith("District token number 2, stream districts: ")
    assert "not-a-token-of-ours" not in f"{found.failures!r}{failure.error}"


def test_a_token_whose_district_cannot_be_read_spoils_no_other(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    ill, well = sandbox.districts
    for effect, error in (
        (Html(), MalformedResponseError),
        (Status(500), UnavailableError),
        (Status(404), UnauthorizedError),
    ):
        sandbox.heal()
        sandbox.inject(effect, stream="districts", district=ill)
        found = connect(server.url, DistrictTokens([sandbox.districts[ill], sandbox.districts[well]])).districts()
        assert [district.id for district in found] == [well]
        assert [(failure.position, type(failure.error)) for failure in found.failures] == [(1, error)]


def test_if_no_token_works_the_first_failure_is_raised(connect: "Connect", server: "RunningServer") -> None:
    with pytest.raises(UnauthorizedError) as caught:
        connect(server.url, DistrictTokens(["wrong", "wrong-too"])).districts()
    assert caught.value.position == 1


def test_a_token_without_a_district_is_a_failure(connect: "Connect", scripted: "Scripted") -> None:
    scripted.say("/v3.0/districts", {"data": [], "links": []})
    with pytest.raises(MalformedResponseError, match="reaches no district"):
        connect(scripted.url, DistrictTokens(["t"])).districts()


def test_an_app_without_districts_has_none(connect: "Connect", scripted: "Scripted") -> None:
    scripted.say(TOKENS, {"data": [], "links": []})
    assert connect(scripted.url, APP).districts() == []


def test_the_secret_travels_as_basic_authorization(connect: "Connect", scripted: "Scripted") -> None:
    scripted.say(TOKENS, {"data": []})
    connect(scripted.url, ClientCredentials("ä", "p:ss wörd")).districts()
    kind, _, pair = scripted.headers[0]["authorization"].partition(" ")
    assert (kind, base64.b64decode(pair).decode()) == ("Basic", "ä:p:ss wörd")


@pytest.mark.parametrize("credentials", [ClientCredentials("sandbox", "wrong"), ClientCredentials("wrong", "sandbox")])
def test_a_wrong_secret_ends_immediately_in_one_clear_sentence(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox, credentials: ClientCredentials
) -> None:
    with pytest.raises(RefusedSecretError) as caught:
        connect(server.url, credentials).districts()
    assert str(caught.value) == (
        f"Token list /oauth/tokens: 127.0.0.1:{server.port} answered 401."
        " Check CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET against the app's settings in Clever's dashboard."
    )
    assert len(sandbox.requests) == 1


def test_a_wrong_oauth_address_is_reported(connect: "Connect", scripted: "Scripted") -> None:
    with pytest.raises(RefusedRequestError, match=r"404 with text/html instead of JSON\. Check CLEVER_API_URL"):
        connect(scripted.url, APP).districts()


def test_the_token_list_is_requested_three_times(clever: Clever, sandbox: Sandbox) -> None:
    fault = sandbox.inject(Status(503), stream="tokens", times=2)
    assert len(clever.districts()) == 2
    assert fault.struck == 2


def test_html_in_place_of_the_token_list_is_refused_immediately(clever: Clever, sandbox: Sandbox) -> None:
    fault = sandbox.inject(Html(), stream="tokens")
    with pytest.raises(MalformedResponseError):
        clever.districts()
    assert fault.struck == 1


def test_a_host_where_no_one_listens_is_reported_after_three_tries(connect: "Connect") -> None:
    waits: list[str] = []
    clever = connect("http://127.0.0.1:9", APP, on_wait=lambda waiting: waits.append(waiting.reason))
    with pytest.raises(
        UnreachableError,
        match=r"127\.0\.0\.1:9 cannot be reached \(.*refused\), \d tries in 0 s\. Check CLEVER_API_URL",
    ):
        clever.districts()
    assert len(waits) >= 2


def test_an_unreachable_host_is_reported_once_and_not_for_every_token(connect: "Connect") -> None:
    waits: list[RetryWait] = []
    with pytest.raises(UnreachableError) as caught:
        connect("http://127.0.0.1:9", DistrictTokens(["a", "b", "c"]), on_wait=waits.append).districts()
    assert (caught.value.position, len(waits)) == (1, 2)


def test_a_name_that_no_one_knows_is_reported(connect: "Connect") -> None:
    with pytest.raises(UnreachableError, match=r"clever\.invalid cannot be reached"):
        connect("http://clever.invalid", APP).districts()


def test_the_token_list_is_followed_to_its_end(connect: "Connect", scripted: "Scripted") -> None:
    scripted.say(TOKENS, {"data": [token("d2", "t2")], "links": [{"rel": "next", "uri": "/oauth/tokens?after=1"}]})
    scripted.say("/oauth/tokens?after=1", {"data": [token("d1", "t1")], "links": []})
    assert pairs(connect(scripted.url, APP).districts()) == [("d1", "t1"), ("d2", "t2")]


@pytest.mark.parametrize("link", ["https://elsewhere.example/oauth/tokens", "/elsewhere", TOKENS, "string", "", None])
def test_the_secret_is_not_sent_where_the_token_list_must_not_lead(
    connect: "Connect", scripted: "Scripted", link: str | None
) -> None:
    scripted.say(TOKENS, {"data": [token("d2", "t2")], "links": [{"rel": "next", "uri": link}]})
    with pytest.raises(CleverError, match="next link"):
        connect(scripted.url, APP).districts()
    assert scripted.asked == [TOKENS]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_tokens_of_a_district_the_newest_is_taken(
    connect: "Connect", scripted: "Scripted", *, newest_first: bool
) -> None:
    both = [token("d", "new", "2024-10-01T00:00:00.000Z"), token("d", "old", "2024-09-30T23:00:00.000-01:00")]
    both[1]["created"] = "2024-09-30T23:59:59.999Z"
    scripted.say(TOKENS, {"data": both if newest_first else both[::-1]})
    assert pairs(connect(scripted.url, APP).districts()) == [("d", "new")]


def test_of_two_tokens_of_the_same_age_the_later_one_is_taken(connect: "Connect", scripted: "Scripted") -> None:
    scripted.say(TOKENS, {"data": [token("d", "first"), token("d", "second")]})
    assert pairs(connect(scripted.url, APP).districts()) == [("d", "second")]


@pytest.mark.parametrize("created", [None, "", "yesterday", "2024-10-01"])
def test_a_token_of_unknown_age_yields_to_one_with_a_date(
    connect: "Connect", scripted: "Scripted", created: str | None
) -> None:
    dated = token("d", "dated", "2024-10-02T00:00:00.000Z")
    scripted.say(TOKENS, {"data": [dated, token("d", "undated", created)]})
    assert pairs(connect(scripted.url, APP).districts()) == [("d", "dated")]


def test_a_token_of_another_owner_is_ignored(connect: "Connect", scripted: "Scripted") -> None:
    other = token("d", "t")
    other["owner"] = {"type": "user", "id": "u"}
    ownerless = token("d", "t")
    ownerless["owner"] = None
    scripted.say(TOKENS, {"data": [other, ownerless, token("d1", "t1")]})
    found = connect(scripted.url, APP).districts()
    assert (pairs(found), found.failures) == ([("d1", "t1")], ())


@pytest.mark.parametrize(
    ("district_id", "access_token"), [("d", None), ("d", ""), ("d", "a\nb"), ("d", "ü"), (None, "t")]
)
def test_an_unusable_entry_of_the_token_list_spoils_no_other(
    connect: "Connect", scripted: "Scripted", district_id: str | None, access_token: str | None
) -> None:
    page = {"data": [token("d1", "t1")], "links": [{"rel": "next", "uri": "/oauth/tokens?after=1"}]}
    scripted.say(TOKENS, page)
    scripted.say("/oauth/tokens?after=1", {"data": [token(district_id, access_token), token("d2", "t2")]})
    found = connect(scripted.url, APP).districts()
    assert pairs(found) == [("d1", "t1"), ("d2", "t2")]
    assert [(failure.position, failure.error.district_id) for failure in found.failures] == [(2, district_id)]


def test_neither_credentials_nor_districts_show_their_secrets() -> None:
    shown = repr([APP, DistrictTokens(["a-token"]), Districts([ConnectedDistrict("d", "a-token")])])
    assert "an-app" in shown
    assert "nobody-may-see" not in shown
    assert "a-token" not in shown


def test_district_tokens_are_cleaned_of_blanks_and_doubles() -> None:
    assert DistrictTokens([" a ", "", "b", "a"]).tokens == ("a", "b")


@pytest.mark.parametrize("tokens", [[], [""], ["good", "two words"], ["good", "line\nbreak"], ["good", "schlüssel"]])
def test_impossible_tokens_are_refused_without_repeating_them(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match=r"no district token|number 2 contains") as caught:
        DistrictTokens(tokens)
    assert not [token for token in tokens if token and token in str(caught.value)]


@pytest.mark.parametrize(("client_id", "secret"), [("", "s"), ("i", ""), ("i:d", "s")])
def test_impossible_client_credentials_are_refused(client_id: str, secret: str) -> None:
    with pytest.raises(ValueError, match="client id"):
        ClientCredentials(client_id, secret)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "clever.com",
        "ftp://clever.com",
        "https://",
        "https://a:b@clever.com",
        "https://clever.com/v3.0",
        "https://x/?q",
        "https://x?",
        "https://[bad",
        "https://two words",
        "https://x..y",
        "https://-",
        "https://x:0",
        "https://x:65536",
    ],
)
def test_an_address_that_is_no_host_is_refused(url: str) -> None:
    for both in ((url, "https://clever.com"), ("https://api.clever.com", url)):
        with pytest.raises(ValueError, match=r"such as https://api\.clever\.com"):
            Clever(*both, "v3.0", APP)


@pytest.mark.parametrize(
    "url",
    ["https://api.clever.com", "http://127.0.0.1:8765", "http://[::1]:65535", "http://a_b", "https://bücher.example."],
)
def test_an_address_of_a_host_is_taken_as_it_is(url: str) -> None:
    assert host_url(url) == host_url(f"{url}/") == url


def test_a_slash_behind_the_host_does_no_harm(connect: "Connect", server: "RunningServer", sandbox: Sandbox) -> None:
    clever = connect(f"{server.url}/", ClientCredentials("sandbox", "sandbox"))
    page = next(clever.pages(clever.districts()[0], USERS))
    assert page.uri == "/v3.0/users?limit=10000"
    assert {logged.status for logged in sandbox.requests} == {200}


@pytest.mark.parametrize("version", ["", "3.0", "v3", "v3.0/", "V3.0", "latest"])
def test_an_impossible_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="API version"):
        Clever("https://api.clever.com", "https://clever.com", version, APP)


@pytest.mark.parametrize(
    "numbers", [{"page_limit": 0}, {"page_limit": 10_001}, {"concurrency": 0}, {"requests_per_minute": 0}]
)
def test_impossible_numbers_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="page limit"):
        Clever("https://api.clever.com", "https://clever.com", "v3.0", APP, **numbers)  # type: ignore[arg-type]
