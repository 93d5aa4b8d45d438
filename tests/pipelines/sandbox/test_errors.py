"""What is refused, how, and what every answer tells about the allowance of requests."""

import time
from typing import TYPE_CHECKING

import pytest

from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "", "\uff11\uff10"])
def test_a_limit_that_is_no_number_above_zero_is_a_bad_request(client: "Client", limit: str) -> None:
    response = client.get("/v3.0/users", limit=limit)
    assert response.status_code == 400
    assert set(response.json()) == {"message"}


def test_the_limit_may_be_10000_and_no_more(client: "Client") -> None:
    assert client.get("/v3.0/users", limit=10_000).status_code == 200
    response = client.get("/v3.0/users", limit=10_001)
    assert response.status_code == 413
    assert set(response.json()) == {"message"}


@pytest.mark.parametrize(
    "query",
    [
        "role=librarian",
        "starting_after=nobody",
        "ending_before=LAST",
        "count=maybe",
        "page=2",
        "limit=1&limit=2",
        f"starting_after={'0' * 24}&ending_before={'0' * 24}",
    ],
)
def test_other_nonsense_is_a_bad_request(client: "Client", query: str) -> None:
    response = client.get(f"/v3.0/users?{query}")
    assert response.status_code == 400
    assert set(response.json()) == {"message"}


@pytest.mark.parametrize("path", ["/v3.0/users/" + "0" * 24, "/v3.0/schools/x", "/v2.1/students/" + "f" * 24])
def test_a_record_that_is_not_there_is_not_found(client: "Client", path: str) -> None:
    response = client.get(path)
    assert (response.status_code, set(response.json())) == (404, {"message"})


@pytest.mark.parametrize("path", ["/", "/v3.0", "/v3.0/nothing", "/v4.0/users", "/v3.0/v3.0/users", "/v3.0/teachers"])
def test_an_unknown_path_gives_html(client: "Client", path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_only_get_is_supported(client: "Client") -> None:
    response = client.http.post("/v3.0/users", json={"first": "body"})
    assert response.status_code == 501
    assert client.get("/v3.0/users", limit=1).status_code == 200


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_a_good_token_there_is_nothing(serve: "Serve", token: str | None) -> None:
    response = serve(Sandbox(users=1), token).get("/v3.0/users")
    assert (response.status_code, set(response.json())) == (401, {"message"})


def test_tokens_are_listed_for_the_right_secret_only(serve: "Serve") -> None:
    client = serve(Sandbox(districts=2, users=1, client_secret="s3:cret"), None)
    for auth in (("sandbox", "wrong"), ("other", "s3:cret"), ("", "")):
        response = client.http.get("/oauth/tokens", params={"owner_type": "district"}, auth=auth)
        assert (response.status_code, set(response.json())) == (401, {"message"})
    assert client.get("/oauth/tokens", owner_type="district").status_code == 401
    listed = client.http.get("/oauth/tokens", params={"owner_type": "district"}, auth=("sandbox", "s3:cret")).json()
    assert {token["owner"]["id"]: token["access_token"] for token in listed["data"]} == client.sandbox.districts
    assert all(set(token) == {"id", "created", "owner", "access_token", "scopes"} for token in listed["data"])
    assert listed["links"] == [{"rel": "self", "uri": "/oauth/tokens?owner_type=district"}]


def test_the_tokens_of_one_district_or_of_owners_that_are_districts(serve: "Serve") -> None:
    client = serve(Sandbox(districts=3, users=1), None)
    chosen = list(client.sandbox.districts)[1]
    auth = ("sandbox", "sandbox")
    listed = client.http.get("/oauth/tokens", params={"owner_type": "district", "district": chosen}, auth=auth).json()
    assert [token["owner"]["id"] for token in listed["data"]] == [chosen]
    assert client.http.get("/oauth/tokens", params={"owner_type": "user"}, auth=auth).status_code == 400


def test_a_rotated_token_replaces_the_former(serve: "Serve") -> None:
    client = serve(Sandbox(users=3))
    (district_id,) = client.sandbox.districts
    token = client.sandbox.rotate_token(district_id)
    assert client.get("/v3.0/users").status_code == 401
    response = client.http.get("/v3.0/users", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200


def test_a_disconnected_district_is_neither_listed_nor_served(serve: "Serve") -> None:
    client = serve(Sandbox(districts=2, users=3))
    gone, stays = client.sandbox.districts
    client.sandbox.disconnect(gone)
    assert client.get("/v3.0/users").status_code == 401
    assert list(client.sandbox.districts) == [stays]
    former = client.http.headers["Authorization"]
    assert f"Bearer {client.sandbox.connect(gone)}" != former
    assert list(client.sandbox.districts) == [gone, stays]
    assert client.get("/v3.0/users").status_code == 401


@pytest.mark.parametrize("status", [403, 404])
def test_without_secure_sync_only_the_district_can_be_read(serve: "Serve", status: int) -> None:
    sandbox = Sandbox(districts=0, users=3)
    district_id = sandbox.add_district(secure_sync=False)
    sandbox.refusal_without_secure_sync = status
    client = serve(sandbox)
    assert client.ids("/v3.0/districts") == [district_id]
    for path in ("/v3.0/users", "/v3.1/sections", "/v2.1/students"):
        response = client.get(path)
        assert (response.status_code, set(response.json())) == (status, {"message"})


def test_more_requests_than_allowed_get_429_without_a_body(serve: "Serve") -> None:
    client = serve(Sandbox(districts=2, users=3, rate_limit=3, rate_window=10**9))
    answers = [client.get("/v3.0/users") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert answers[-1].content == b""
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"3"}
    assert all(int(answer.headers["X-RateLimit-Reset"]) > time.time() for answer in answers)
    _, other = client.sandbox.districts.values()
    assert client.http.get("/v3.0/users", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_the_allowance_comes_back_with_the_next_window(serve: "Serve") -> None:
    client = serve(Sandbox(users=3, rate_limit=1, rate_window=1))
    statuses: list[int] = []
    while statuses.count(200) < 2:
        answer = client.get("/v3.0/users")
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            time.sleep(max(0.0, int(answer.headers["X-RateLimit-Reset"]) - time.time()))
    assert set(statuses) <= {200, 429}


def test_errors_show_the_allowance_too(serve: "Serve") -> None:
    client = serve(Sandbox(users=3))
    for path in ("/v3.0/users", "/v3.0/users?limit=x", "/nowhere", "/oauth/tokens", "/v3.0/users/none"):
        headers = client.get(path).headers
        assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-bucket"} <= set(headers)


def test_the_log_of_requests_holds_no_token(serve: "Serve") -> None:
    client = serve(Sandbox(users=3))
    client.get("/v3.0/users", limit=2, role="student")
    (logged,) = client.sandbox.requests
    (district_id,) = client.sandbox.districts
    assert (logged.method, logged.path, logged.query) == ("GET", "/v3.0/users", "limit=2&role=student")
    assert (logged.district_id, logged.status) == (district_id, 200)
    assert client.sandbox.districts[district_id] not in repr(logged)
