"""An address keeps everything but its limit when a smaller page is asked for."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
