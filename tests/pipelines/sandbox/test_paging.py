"""How lists are paged: any limit, in both directions, with the same people."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import ROLES
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve


@settings(max_examples=25, deadline=None)
@given(limit=st.integers(min_value=7, max_value=600), role=st.sampled_from((None, *ROLES)))
def test_any_limit_pages_to_the_same_people(client: "Client", limit: int, role: str | None) -> None:
    params: dict[str, Any] = {"limit": limit} | ({"role": role} if role else {})
    assert client.ids("/v3.0/users", **params) == client.sandbox.truth().ids(role)


@settings(max_examples=25, deadline=None)
@given(limit=st.integers(min_value=7, max_value=600), version=st.sampled_from(("v3.0", "v3.1")))
def test_backwards_gives_the_same_people(client: "Client", limit: int, version: str) -> None:
    page = client.get(f"/{version}/users", limit=limit, ending_before="last").json()
    found: list[str] = []
    while page["data"]:
        found = [item["data"]["id"] for item in page["data"]] + found
        before = [link["uri"] for link in page["links"] if link["rel"] == "prev"]
        if not before:
            break
        page = client.get(before[0]).json()
    assert found == client.sandbox.truth().ids()


@pytest.mark.parametrize("stream", ["users", "schools", "sections", "courses", "terms"])
@pytest.mark.parametrize("version", ["v3.0", "v3.1", "v2.1"])
def test_ids_ascend_and_none_comes_twice(client: "Client", version: str, stream: str) -> None:
    stream = "students" if (version, stream) == ("v2.1", "users") else stream
    ids = client.ids(f"/{version}/{stream}", limit=7)
    assert ids
    assert all(first < second for first, second in pairwise(ids))


def test_the_role_views_together_are_all_people(client: "Client") -> None:
    everyone = client.records("/v3.0/users", limit=10_000)
    views = {role: client.records("/v3.0/users", limit=10_000, role=role) for role in ROLES}
    for role, view in views.items():
        assert view == [record for record in everyone if record["roles"].get(role) is not None]
    assert {record["id"] for view in views.values() for record in view} == {record["id"] for record in everyone}


def test_a_page_holds_100_records_by_default(client: "Client") -> None:
    assert len(client.get("/v3.0/users").json()["data"]) == 100


def test_links_are_relative_and_carry_version_role_and_limit(client: "Client") -> None:
    page = client.get("/v3.1/users", role="student", limit=5).json()
    last = page["data"][-1]["data"]["id"]
    assert page["links"] == [
        {"rel": "self", "uri": "/v3.1/users?role=student&limit=5"},
        {"rel": "next", "uri": f"/v3.1/users?role=student&limit=5&starting_after={last}"},
    ]


def test_a_page_after_a_cursor_has_a_prev_link_that_may_lead_to_nothing(client: "Client") -> None:
    first = client.ids("/v3.0/users", limit=500)[0]
    page = client.get("/v3.0/users", limit=5, starting_after="0" * 24).json()
    prev = [link["uri"] for link in page["links"] if link["rel"] == "prev"]
    assert prev == [f"/v3.0/users?limit=5&ending_before={first}"]
    assert client.get(prev[0]).json()["data"] == []


def test_last_means_the_end_of_the_list(client: "Client") -> None:
    page = client.get("/v3.0/users", ending_before="last", limit=1).json()
    assert [item["data"]["id"] for item in page["data"]] == client.sandbox.truth().ids()[-1:]


def test_a_cursor_may_name_an_id_that_does_not_exist(client: "Client") -> None:
    ids = client.sandbox.truth().ids()
    between = f"{int(ids[3], 16) + 1:024x}"
    assert client.ids("/v3.0/users", starting_after=between, limit=500) == ids[4:]


def test_every_item_carries_its_address(client: "Client") -> None:
    for item in client.get("/v3.0/users", limit=3).json()["data"]:
        assert item["uri"] == f"/v3.0/users/{item['data']['id']}"
        assert client.get(item["uri"]).json() == {
            "data": item["data"],
            "links": [{"rel": "self", "uri": item["uri"]}],
        }


@pytest.mark.parametrize("limit", [50, 60])
def test_a_full_last_page_ends_the_chain_or_leads_to_an_empty_page(serve: "Serve", limit: int) -> None:
    client = serve(Sandbox(users=60, seed=1))
    pages = [page.json()["data"] for page in client.pages("/v3.0/users", limit=limit)]
    assert len(pages) == -(-60 // limit)
    client.sandbox.next_after_full_page = True
    pages = [page.json()["data"] for page in client.pages("/v3.0/users", limit=limit)]
    assert len(pages) == 60 // limit + 1
    assert sum(map(len, pages)) == 60


def test_count_shows_how_many_there_are(client: "Client") -> None:
    assert client.get("/v3.0/users", count="true").json()["count"] == 500


def test_a_district_token_sees_exactly_its_district(client: "Client") -> None:
    (district_id,) = client.sandbox.districts
    assert client.ids("/v3.0/districts") == [district_id]
    assert client.get(f"/v3.0/districts/{district_id}").json()["data"]["id"] == district_id


def test_an_empty_district_has_an_empty_list(serve: "Serve") -> None:
    assert serve(Sandbox(users=0)).get("/v3.0/users").json() == {
        "data": [],
        "links": [{"rel": "self", "uri": "/v3.0/users"}],
    }
