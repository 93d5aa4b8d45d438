"""How the same JSON is written in many ways."""

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import Rendering
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve

renderings = st.builds(
    Rendering, indent=st.booleans(), escape=st.booleans(), reorder=st.booleans(), links_first=st.booleans()
)


@settings(max_examples=16, deadline=None)
@given(rendering=renderings)
def test_every_rendering_says_the_same(client: "Client", rendering: Rendering) -> None:
    plain = client.get("/v3.0/users", limit=50).json()
    client.sandbox.rendering = rendering
    try:
        assert client.get("/v3.0/users", limit=50).json() == plain
    finally:
        client.sandbox.rendering = Rendering()


def test_each_rendering_is_what_it_says(serve: "Serve") -> None:
    client = serve(Sandbox(users=50))
    plain = client.get("/v3.0/users").text
    client.sandbox.rendering = Rendering(indent=True)
    assert client.get("/v3.0/users").text.startswith('{\n    "data": [')
    client.sandbox.rendering = Rendering(escape=True)
    assert client.get("/v3.0/users").text.isascii()
    assert not plain.isascii()
    client.sandbox.rendering = Rendering(links_first=True)
    assert client.get("/v3.0/users").text.startswith('{"links":[')
    client.sandbox.rendering = Rendering(reorder=True)
    assert list(json.loads(plain)["data"][0]["data"]) != list(client.get("/v3.0/users").json()["data"][0]["data"])


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_answers_are_compressed_for_those_who_accept_it(
    client: "Client", accepted: str, *, is_compressed: bool
) -> None:
    request = client.http.build_request("GET", "/v3.0/users", headers={"Accept-Encoding": accepted})
    for _ in range(2):
        response = client.http.send(request, stream=True)
        body = b"".join(response.iter_raw())
        assert ("content-encoding" in response.headers) is is_compressed
        assert len(json.loads(gzip.decompress(body) if is_compressed else body)["data"]) == 100


def test_compression_can_be_switched_off(serve: "Serve") -> None:
    client = serve(Sandbox(users=100, gzip=False))
    assert "content-encoding" not in client.get("/v3.0/users").headers


def test_a_compressed_page_is_current_after_a_change(living: "Client") -> None:
    user_id = living.sandbox.truth().ids()[0]
    assert user_id in living.ids("/v3.0/users")
    living.sandbox.remove(user_id)
    assert user_id not in living.ids("/v3.0/users")
