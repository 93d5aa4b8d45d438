"""An address keeps everything but its limit when a smaller page is asked for."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clever import BrokenChainError
from pipelines.clever.links import Chain, with_smaller_limit

NAMES = st.sampled_from(["starting_after", "role", "my_limit", "count", "limits"])


@given(limit=st.integers(101, 10_000), others=st.lists(st.tuples(NAMES, st.text(max_size=5))), place=st.integers(0, 9))
def test_only_the_limit_changes(limit: int, others: list[tuple[str, str]], place: int) -> None:
    query = [*others[:place], ("limit", str(limit)), *others[place:]]
    smaller = with_smaller_limit(f"/v3.0/users?{urlencode(query)}")
    assert smaller is not None
    path, _, rest = smaller.partition("?")
    halved = str(max(limit // 2, 100))
    expected = [*others[:place], ("limit", halved), *others[place:]]
    assert (path, parse_qsl(rest, keep_blank_values=True)) == ("/v3.0/users", expected)


@given(limit=st.integers(1, 10_000))
def test_halving_ends(limit: int) -> None:
    uri: str | None = f"/v3.0/users?limit={limit}"
    steps = 0
    while uri is not None:
        uri = with_smaller_limit(uri)
        steps += 1
    assert steps <= 8


@pytest.mark.parametrize(
    "uri", ["/users", "/users?limit=", "/users?limit=x", "/users?limit=100", "/users?starting_after=limit=500"]
)
def test_an_address_without_a_limit_above_the_smallest_stays(uri: str) -> None:
    assert with_smaller_limit(uri) is None


def test_empty_pages_between_others_are_not_counted_together() -> None:
    chain = Chain("https://api.clever.com", "/v3.0/")
    for number in range(150):
        chain.move(None)
        chain.move(f"id{number}")


HOST = "https://api.clever.com"

PATHS = {
    "/v3.0/users?starting_after=a": "/v3.0/users?starting_after=a",
    "https://api.clever.com/v3.0/users?a=%20b%2F": "/v3.0/users?a=%20b%2F",
    "https://API.clever.com/v3.0/users?A": "/v3.0/users?A",
    "https://api.clever.com:443/v3.0/users": "/v3.0/users",
    "//api.clever.com/v3.0/users": "/v3.0/users",
}


@pytest.mark.parametrize(("link", "path"), PATHS.items())
def test_the_path_of_a_link_to_the_host_stays_as_it_is_written(link: str, path: str) -> None:
    assert Chain(HOST, "/v3.0/").enter(link) == path


MALFORMED = r"^a next link is malformed: "
ELSEWHERE = r"^a next link leads to another host\."
OTHERWISE = r"^a next link leads to another scheme, port or user than https://api\.clever\.com\."
NO_PAGE = r"^a next link leads to no page below /v3\.0/\."

REFUSED = {
    "": MALFORMED,
    "string": MALFORMED,
    "users?starting_after=a": MALFORMED,
    "v3.0/users": MALFORMED,
    "./users": MALFORMED,
    "?starting_after=a": MALFORMED,
    "#": MALFORMED,
    "https://": MALFORMED,
    "https:///v3.0/users": MALFORMED,
    "https:/api.clever.com/v3.0/users": MALFORMED,
    "https://api.clever.com": MALFORMED,
    "https://api.clever.com:port/v3.0/users": MALFORMED,
    "https://[::1/v3.0/users": MALFORMED,
    "///v3.0/users": MALFORMED,
    "https://api.clever.com//elsewhere.example/": MALFORMED,
    "/\\elsewhere.example/v3.0/users": MALFORMED,
    "https:\\\\elsewhere.example\\v3.0\\users": MALFORMED,
    "javascript:alert(1)": MALFORMED,
    "mailto:someone@example.org": MALFORMED,
    "/v3.0/users?a=\x00": MALFORMED,
    "/v3.0/users?a=\r\nHost: elsewhere.example": MALFORMED,
    "/v3.0/users\n": MALFORMED,
    " /v3.0/users": MALFORMED,
    "/v3.0/users?name=Zo\u00eb": MALFORMED,
    "https://elsewhere.example/v3.0/users": ELSEWHERE,
    "//elsewhere.example/v3.0/users": ELSEWHERE,
    "https://api.clever.com@elsewhere.example/v3.0/users": ELSEWHERE,
    "https://api.clever.com.elsewhere.example/v3.0/users": ELSEWHERE,
    "ftp://elsewhere.example/v3.0/users": ELSEWHERE,
    "http://api.clever.com/v3.0/users": OTHERWISE,
    "https://api.clever.com:8443/v3.0/users": OTHERWISE,
    "https://user:word@api.clever.com/v3.0/users": OTHERWISE,
    "/v2.1/users": NO_PAGE,
    "/v3.0": NO_PAGE,
    "/v3.0/../oauth/tokens": NO_PAGE,
    "https://api.clever.com/oauth/tokens": NO_PAGE,
}


@pytest.mark.parametrize(("link", "sentence"), REFUSED.items(), ids=repr)
def test_what_is_reported_of_a_link_is_true_and_quotes_nothing_of_it(link: str, sentence: str) -> None:
    with pytest.raises(BrokenChainError, match=sentence) as caught:
        Chain(HOST, "/v3.0/").enter(link)
    assert "elsewhere" not in str(caught.value)


@given(link=st.text())
def test_a_link_of_any_text_leads_below_the_version_or_nowhere(link: str) -> None:
    try:
        path = Chain(HOST, "/v3.0/").enter(link)
    except BrokenChainError:
        return
    assert link.endswith(path)
    assert path.startswith("/")
