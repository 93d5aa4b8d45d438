"""How the sandbox misbehaves when it is told to, and that it behaves again afterwards."""

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pipelines.sandbox import (
    Altered,
    CappedPage,
    CutChain,
    Dropped,
    ForeignRecord,
    Garbled,
    Headers,
    Html,
    IgnoredRole,
    ItemWithoutData,
    LoopingNext,
    Meanwhile,
    NullData,
    RepeatedRecord,
    Slow,
    Status,
    Truncated,
    Withheld,
    WithoutData,
    WithoutId,
)
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve


def links(page: dict[str, Any]) -> dict[str, str]:
    """The links of a page by what they lead to."""
    return {link["rel"]: link["uri"] for link in page["links"]}


@pytest.mark.parametrize("code", [401, 403, 404, 413, 500, 502, 503])
def test_a_status_comes_with_a_message(living: "Client", code: int) -> None:
    living.sandbox.inject(Status(code), times=1)
    response = living.get("/v3.0/users")
    assert (response.status_code, set(response.json())) == (code, {"message"})
    assert living.get("/v3.0/users").status_code == 200


def test_a_429_is_empty_and_names_its_reset(living: "Client") -> None:
    living.sandbox.inject(Status(429, reset_after=5), times=1)
    before = time.time()
    response = living.get("/v3.0/users")
    assert (response.status_code, response.content) == (429, b"")
    assert before + 5 <= int(response.headers["X-RateLimit-Reset"])
    assert response.headers["X-RateLimit-Remaining"] == "0"


def test_html_with_status_200(living: "Client") -> None:
    living.sandbox.inject(Html(), times=1)
    response = living.get("/v3.0/users")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


def test_a_body_that_is_not_json(living: "Client") -> None:
    living.sandbox.inject(Garbled(), times=1)
    response = living.get("/v3.0/users")
    assert response.headers["content-type"].startswith("application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("gzip", [True, False])
def test_a_truncated_body_breaks_the_connection(living: "Client", share: float, *, gzip: bool) -> None:
    living.sandbox.gzip = gzip
    living.sandbox.inject(Truncated(share), times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        living.get("/v3.0/users")
    assert living.get("/v3.0/users").status_code == 200


def test_a_dropped_connection_gives_no_answer(living: "Client") -> None:
    living.sandbox.inject(Dropped(), times=2)
    for _ in range(2):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            living.get("/v3.0/users")
    assert living.get("/v3.0/users").status_code == 200
    assert [logged.status for logged in living.sandbox.requests] == [0, 0, 200]


def test_a_slow_answer_outlasts_the_clients_patience(living: "Client") -> None:
    living.sandbox.inject(Slow(30), times=1)
    with pytest.raises(httpx.ReadTimeout):
        living.http.get("/v3.0/users", timeout=0.05)
    assert living.get("/v3.0/users").status_code == 200


def test_a_cut_chain_ends_silently_too_early(living: "Client") -> None:
    living.sandbox.inject(CutChain(), page=2)
    assert living.ids("/v3.0/users", limit=10) == living.sandbox.truth().ids()[:20]


def test_a_looping_next_link_leads_to_the_same_page(living: "Client") -> None:
    living.sandbox.inject(LoopingNext(), page=2)
    first = living.get("/v3.0/users", limit=10).json()
    second = living.get(links(first)["next"]).json()
    assert links(second)["next"] == links(first)["next"]
    assert living.get(links(second)["next"]).json() == second


def test_a_record_comes_on_two_pages(living: "Client") -> None:
    living.sandbox.inject(RepeatedRecord(), page=2)
    ids = living.ids("/v3.0/users", limit=10)
    assert len(ids) == 61
    assert ids[20] == ids[0]


def test_a_record_of_another_district(living: "Client") -> None:
    living.sandbox.inject(ForeignRecord("a" * 24), page=3)
    districts = [record["district"] for record in living.records("/v3.0/users", limit=10)]
    assert districts.count("a" * 24) == 1


def test_a_record_without_id(living: "Client") -> None:
    living.sandbox.inject(WithoutId())
    assert "id" not in living.records("/v3.0/users", limit=100)[0]


def test_an_envelope_without_data_or_with_null(living: "Client") -> None:
    living.sandbox.inject(WithoutData(), times=1)
    assert set(living.get("/v3.0/users").json()) == {"links"}
    living.sandbox.inject(NullData(), times=1)
    assert living.get("/v3.0/users").json()["data"] is None


def test_an_item_without_data(living: "Client") -> None:
    living.sandbox.inject(ItemWithoutData())
    assert set(living.get("/v3.0/users").json()["data"][0]) == {"uri"}


def test_a_role_view_disagrees_for_two_reads_and_then_agrees(living: "Client") -> None:
    living.sandbox.inject(Withheld(), role="student", page=1, times=2)
    students = living.sandbox.truth().ids("student")
    reads = [living.ids("/v3.0/users", role="student", limit=10) for _ in range(3)]
    assert reads == [students[1:], students[1:], students]
    assert living.ids("/v3.0/users", limit=10) == living.sandbox.truth().ids()


def test_someone_leaves_between_two_pages(living: "Client") -> None:
    ids = living.sandbox.truth().ids()
    living.sandbox.inject(Meanwhile(lambda: living.sandbox.remove(ids[15])), page=2, times=1)
    assert living.ids("/v3.0/users", limit=10) == ids[:15] + ids[16:]


def test_a_page_can_be_changed_in_any_way(living: "Client") -> None:
    living.sandbox.inject(Altered(lambda page: page | {"data": page["data"][::-1]}), stream="schools", times=1)
    ids = living.ids("/v3.0/schools")
    assert ids == sorted(ids, reverse=True)


def test_headers_are_changed_or_left_out(living: "Client") -> None:
    living.sandbox.inject(Headers({"Date": "then", "X-RateLimit-Reset": None}), times=1)
    headers = living.get("/v3.0/users").headers
    assert (headers["Date"], "X-RateLimit-Reset" in headers, "X-RateLimit-Remaining" in headers) == (
        "then",
        False,
        True,
    )
    headers = living.get("/v3.0/users").headers
    assert headers["Date"].endswith(" GMT")
    assert "X-RateLimit-Reset" in headers


def test_pages_are_smaller_than_asked_for_and_the_chain_is_whole(living: "Client") -> None:
    living.sandbox.inject(CappedPage(7))
    first = living.get("/v3.0/users", limit=1000).json()
    assert len(first["data"]) == 7
    assert living.ids("/v3.0/users", limit=1000) == living.sandbox.truth().ids()


def test_role_is_ignored(living: "Client") -> None:
    living.sandbox.inject(IgnoredRole(), role="teacher")
    assert living.ids("/v3.0/users", limit=1000, role="teacher") == living.sandbox.truth().ids()
    assert living.ids("/v3.0/users", limit=1000, role="staff") == living.sandbox.truth().ids("staff")


def test_fault_strikes_one_api_version(living: "Client") -> None:
    living.sandbox.inject(Status(403), version="v3.1")
    assert [living.get(f"/{version}/users").status_code for version in ("v3.0", "v3.1")] == [200, 403]


def test_faults_choose_district_stream_role_page_and_turn(serve: "Serve") -> None:
    sandbox = Sandbox(districts=2, users=30)
    client = serve(sandbox)
    _, other = sandbox.districts
    everywhere = [
        sandbox.inject(Status(500), district=other),
        sandbox.inject(Status(500), stream="sections"),
        sandbox.inject(Status(500), role="staff"),
        sandbox.inject(Status(500), role="none", page=2),
    ]
    for path in ("users", "users?role=student", "schools", "users?limit=30", "districts"):
        assert client.get(f"/v3.0/{path}").status_code == 200
    assert [fault.struck for fault in everywhere] == [0, 0, 0, 0]
    for path in ("sections", "users?role=staff"):
        assert client.get(f"/v3.0/{path}").status_code == 500
    following = links(client.get("/v3.0/users", limit=20).json())["next"]
    assert client.get(following).status_code == 500
    sandbox.heal()
    assert client.get(following).status_code == 200
    sandbox.inject(Status(503), after=2, times=2)
    assert [client.get("/v3.0/users").status_code for _ in range(6)] == [200, 200, 503, 503, 200, 200]


def test_the_list_of_tokens_fails_too(living: "Client") -> None:
    living.sandbox.inject(Status(502), stream="tokens", times=1)
    statuses = [living.http.get("/oauth/tokens", auth=("sandbox", "sandbox")).status_code for _ in range(2)]
    assert statuses == [502, 200]


def test_a_single_record_fails_too(living: "Client") -> None:
    user_id = living.sandbox.truth().ids()[0]
    living.sandbox.inject(Status(404), stream="users", times=1)
    assert [living.get(f"/v3.0/users/{user_id}").status_code for _ in range(2)] == [404, 200]
