"""A token that was replaced while it was held is fetched once more, and only once for all threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pipelines.clever import (
    USERS,
    Clever,
    ClientCredentials,
    ConnectedDistrict,
    DistrictTokens,
    RefusedSecretError,
    UnauthorizedError,
)
from pipelines.clever.tokens import TokensInForce
from pipelines.sandbox import Meanwhile, Status
from tests.conftest import DEFAULT_STREAMS
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from pipelines.sandbox import RunningServer
    from tests.pipelines.clever.conftest import Connect, Scripted


def token_requests(sandbox: Sandbox) -> list[str]:
    return [logged.query for logged in sandbox.requests if logged.path == "/oauth/tokens"]


def test_a_replaced_token_is_fetched_once_more_and_kept(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.rotate_token(district.id)
    sandbox.requests.clear()
    for stream in DEFAULT_STREAMS:
        assert list(clever.pages(district, stream))
    assert token_requests(sandbox) == [f"owner_type=district&district={district.id}"]
    assert [logged.status for logged in sandbox.requests].count(401) == 1


def test_a_token_replaced_between_two_pages_loses_no_record(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), page_limit=20)
    district = clever.districts()[0]
    sandbox.inject(Meanwhile(lambda: sandbox.rotate_token(district.id)), stream="users", page=1, times=1)
    assert sum(page.records for page in clever.pages(district, USERS)) == len(sandbox.truth(district.id).users)


def test_a_token_may_be_replaced_again_and_again(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    for _ in range(3):
        sandbox.rotate_token(district.id)
        assert list(clever.pages(district, USERS))


def test_many_threads_fetch_a_replaced_token_once(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.rotate_token(district.id)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda stream: list(clever.pages(district, stream)), DEFAULT_STREAMS))
    assert len(token_requests(sandbox)) == 2


def test_the_same_token_refused_twice_ends_in_one_clear_sentence(clever: Clever, sandbox: Sandbox) -> None:
    ill, well = clever.districts()
    fault = sandbox.inject(Status(401), stream="users", district=ill.id)
    with pytest.raises(UnauthorizedError, match="401") as caught:
        list(clever.pages(ill, USERS))
    assert fault.struck == 2
    assert (caught.value.district_id, caught.value.stream) == (ill.id, "users")
    assert str(caught.value).startswith(f"District {ill.id}, stream users: ")
    assert list(clever.pages(well, USERS))


def test_one_refusal_by_mistake_does_no_harm(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.inject(Status(401), stream="users", times=1)
    assert list(clever.pages(district, USERS))


def test_a_district_that_disconnected_meanwhile_says_so(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.disconnect(district.id)
    with pytest.raises(UnauthorizedError, match="does not name the district"):
        list(clever.pages(district, USERS))


def test_the_token_of_another_district_is_never_taken(connect: "Connect", scripted: "Scripted") -> None:
    def listed(district_id: str) -> dict[str, object]:
        return {"owner": {"type": "district", "id": district_id}, "access_token": f"token-of-{district_id}"}

    scripted.say("/oauth/tokens?owner_type=district&district=d2", {"data": [listed("d1"), listed("d2"), listed("d3")]})
    scripted.say("/v3.0/users?limit=10000", status=401)
    scripted.page("/v3.0/users?limit=10000", ["a"])
    clever = connect(scripted.url, ClientCredentials("an-app", "a-secret"))
    assert list(clever.pages(ConnectedDistrict("d2", "old"), USERS))
    assert [headers["authorization"] for headers in scripted.headers][::2] == ["Bearer old", "Bearer token-of-d2"]


def test_a_secret_refused_meanwhile_names_the_district(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.rotate_token(district.id)
    sandbox.inject(Status(401), stream="tokens")
    with pytest.raises(RefusedSecretError) as caught:
        list(clever.pages(district, USERS))
    assert caught.value.district_id == district.id


def test_a_district_token_that_was_replaced_cannot_be_fetched(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    clever = connect(server.url, DistrictTokens(list(sandbox.districts.values())))
    district = clever.districts()[0]
    sandbox.rotate_token(district.id)
    sandbox.requests.clear()
    with pytest.raises(UnauthorizedError):
        list(clever.pages(district, USERS))
    assert [logged.status for logged in sandbox.requests] == [401]


def test_a_district_listed_again_comes_with_its_own_token(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.rotate_token(district.id)
    assert list(clever.pages(district, USERS))
    sandbox.rotate_token(district.id)
    listed = clever.districts()[0]
    sandbox.requests.clear()
    assert list(clever.pages(listed, USERS))
    assert {logged.status for logged in sandbox.requests} == {200}


def test_fetching_for_one_district_does_not_hold_up_another() -> None:
    tokens = TokensInForce()
    slow, quick = ConnectedDistrict("a", "old"), ConnectedDistrict("b", "old")
    under_way, may_end = threading.Event(), threading.Event()

    def fetch_slowly() -> str:
        under_way.set()
        assert may_end.wait(10)
        return "new"

    thread = threading.Thread(target=tokens.replace, args=(slow, "old", fetch_slowly))
    thread.start()
    assert under_way.wait(10)
    tokens.replace(quick, "old", lambda: "newer")
    assert (tokens.of(quick), tokens.of(slow)) == ("newer", "old")
    may_end.set()
    thread.join()
    assert tokens.of(slow) == "new"
