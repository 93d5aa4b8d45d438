"""Pages are read along Clever's next links to a verified end, and nothing else passes for one."""

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.clever import (
    USERS,
    BrokenChainError,
    Clever,
    ClientCredentials,
    ConnectedDistrict,
    MalformedResponseError,
    NoSecureSyncError,
    RefusedRequestError,
    Stream,
    TimedOutError,
)
from pipelines.sandbox import (
    Altered,
    Garbled,
    Html,
    ItemWithoutData,
    LoopingNext,
    NullData,
    Rendering,
    Status,
    WithoutData,
    WithoutId,
)
from tests.conftest import DEFAULT_STREAMS
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sandbox import RunningServer
    from tests.pipelines.clever.conftest import Connect, Scripted

FIRST = "/v3.0/users?limit=10000"


def ids(lines: bytes) -> list[str]:
    return [json.loads(line)["id"] for line in lines.splitlines()]


def test_every_stream_gives_exactly_the_people_whom_clever_has(clever: Clever, sandbox: Sandbox) -> None:
    for district in clever.districts():
        truth = sandbox.truth(district.id)
        for stream in DEFAULT_STREAMS:
            if stream.record_type != USERS.record_type:
                continue
            pages = list(clever.pages(district, stream))
            records = [json.loads(line) for page in pages for line in page.lines.splitlines()]
            expected = truth.ids(stream.role)
            assert sorted(record["id"] for record in records) == sorted(expected)
            kept = ["id", "district"] if stream.only_ids else None
            people = {each: truth.by_id[each] for each in expected}
            assert {record["id"]: record for record in records} == {
                each: {key: person[key] for key in kept or person} for each, person in people.items()
            }
            assert sum(page.records for page in pages) == len(records)


@pytest.mark.parametrize("stream", [stream for stream in DEFAULT_STREAMS if stream.record_type != USERS.record_type])
def test_every_other_stream_gives_exactly_the_records_that_clever_has(
    clever: Clever, sandbox: Sandbox, stream: Stream
) -> None:
    for district in clever.districts():
        lines = b"".join(page.lines for page in clever.pages(district, stream)).splitlines()
        assert [json.loads(line) for line in lines] == sandbox.served("v3.0", stream.name, district.id)


def test_a_page_shows_where_it_begins_where_it_ends_and_what_follows(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    sandbox.requests.clear()
    page, *more = clever.pages(district, DEFAULT_STREAMS[1])
    assert page.uri == "/v3.0/users?limit=10000&role=student"
    assert [logged.query for logged in sandbox.requests] == ["limit=10000&role=student"]
    assert (page.next_uri, more) == (None, [])
    found = ids(page.lines)
    assert (page.first_id, page.last_id, page.records) == (found[0], found[-1], len(found))
    assert page.lines.count(b"\n") == page.records


def test_received_counts_the_bytes_on_the_wire(connect: "Connect", server: "RunningServer", sandbox: Sandbox) -> None:
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), compressed=True)
    district = clever.districts()[0]
    compressed = next(clever.pages(district, USERS))
    sandbox.gzip = False
    plain = next(clever.pages(district, USERS))
    assert plain.lines == compressed.lines
    assert compressed.received < len(compressed.lines) < plain.received


def test_a_server_on_this_machine_is_not_asked_to_compress(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"])
    for compressed in (None, True, False):
        list(connect(scripted.url, compressed=compressed).pages(district, USERS))
    list(connect(scripted.url.replace("127.0.0.1", "localhost")).pages(district, USERS))
    assert [headers["accept-encoding"] for headers in scripted.headers] == ["identity", "gzip", "identity", "identity"]


def test_any_other_server_is_used_to_compress(connect: "Connect") -> None:
    clever = connect("https://api.clever.com", ClientCredentials("sandbox", "sandbox"))
    assert clever._connection._http.headers["accept-encoding"] == "gzip"


@pytest.fixture(scope="module")
def shared() -> "Iterator[tuple[Sandbox, Clever]]":
    sandbox = Sandbox(districts=1, users=40, seed=3)
    with (
        sandbox.serve() as server,
        Clever(server.url, server.url, "v3.0", ClientCredentials("sandbox", "sandbox")) as clever,
    ):
        yield sandbox, clever


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 60),
    rendering=st.builds(
        Rendering,
        indent=st.sampled_from([None, 1, 4]),
        escape=st.booleans(),
        reorder=st.booleans(),
        links_first=st.booleans(),
    ),
    empty_end=st.booleans(),
)
def test_any_page_size_and_any_rendering_give_the_same_people_in_the_same_order(
    shared: "tuple[Sandbox, Clever]", limit: int, rendering: Rendering, *, empty_end: bool
) -> None:
    sandbox, clever = shared
    sandbox.rendering, sandbox.next_after_full_page = rendering, empty_end
    district = clever.districts()[0]
    clever._page_limit = limit
    pages = list(clever.pages(district, USERS))
    records = [json.loads(line) for page in pages for line in page.lines.splitlines()]
    truth = sandbox.truth(district.id)
    assert records == [truth.by_id[each] for each in sorted(truth.by_id)]
    assert all(page.records <= limit for page in pages)
    assert [page.uri for page in pages[1:]] == [page.next_uri for page in pages[:-1]]


def test_reading_resumes_from_a_remembered_next_link(connect: "Connect", server: "RunningServer") -> None:
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), page_limit=7)
    district = clever.districts()[0]
    whole = list(clever.pages(district, USERS))
    assert list(clever.pages(district, USERS, start=whole[2].next_uri)) == whole[3:]


def test_a_full_last_page_may_lead_to_an_empty_one(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    sandbox.next_after_full_page = True
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), page_limit=20)
    pages = list(clever.pages(clever.districts()[0], USERS))
    assert [page.records for page in pages] == [20, 20, 20, 0]
    assert (pages[-1].lines, pages[-1].first_id, pages[-1].last_id, pages[-1].next_uri) == (b"", None, None, None)


def test_an_empty_page_with_a_next_link_is_followed(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], "/v3.0/users?starting_after=a")
    scripted.page("/v3.0/users?starting_after=a", [], "/v3.0/users?starting_after=b")
    scripted.page("/v3.0/users?starting_after=b", ["c"])
    assert [ids(page.lines) for page in connect(scripted.url).pages(district, USERS)] == [["a"], [], ["c"]]


def test_next_links_are_requested_exactly_as_clever_gave_them(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    link = "/v3.0/users?starting_after=5%2Ff&x=%20y&limit=3&role=a+b"
    scripted.page(FIRST, ["a"], link)
    scripted.page(link, ["b"])
    assert [page.uri for page in connect(scripted.url).pages(district, USERS)] == [FIRST, link]
    assert scripted.asked == [FIRST, link]


def test_a_next_link_may_name_the_host_itself(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], f"{scripted.url}/v3.0/users?starting_after=a")
    scripted.page("/v3.0/users?starting_after=a", ["b"])
    assert len(list(connect(scripted.url).pages(district, USERS))) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/v3.0/users?starting_after=a",
        "//elsewhere.example/v3.0/users",
        "/v2.1/users?starting_after=a",
        "/v3.0",
        "/v3.0/../oauth/tokens",
        "users?starting_after=a",
        "http://127.0.0.1:1/v3.0/users",
        "/v3.0/users?\x00",
    ],
)
def test_a_next_link_that_leads_elsewhere_breaks_the_chain(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, link: str
) -> None:
    scripted.page(FIRST, ["a"], link)
    with pytest.raises(BrokenChainError, match="next link") as caught:
        list(connect(scripted.url).pages(district, USERS))
    assert (caught.value.district_id, caught.value.stream) == (district.id, "users")
    assert scripted.asked == [FIRST]


def test_a_host_that_only_begins_like_clevers_is_elsewhere(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], f"{scripted.url}@elsewhere.example/v3.0/users")
    with pytest.raises(BrokenChainError, match="another host"):
        list(connect(scripted.url).pages(district, USERS))


def test_a_next_link_that_was_seen_before_breaks_the_chain(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    sandbox.inject(LoopingNext(), stream="users", page=3)
    clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), page_limit=10)
    pages = clever.pages(clever.districts()[0], USERS)
    assert [next(pages).records, next(pages).records] == [10, 10]
    with pytest.raises(BrokenChainError, match="leads back"):
        list(pages)


def test_a_wide_circle_of_next_links_breaks_the_chain(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], "/v3.0/users?starting_after=a")
    scripted.page("/v3.0/users?starting_after=a", ["b"], "/v3.0/users?starting_after=b")
    scripted.page("/v3.0/users?starting_after=b", ["c"], FIRST)
    with pytest.raises(BrokenChainError, match="of page 3 leads back"):
        list(connect(scripted.url).pages(district, USERS))


def test_two_pages_that_end_with_the_same_record_break_the_chain(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], "/v3.0/users?n=1")
    scripted.page("/v3.0/users?n=1", ["a"], "/v3.0/users?n=2")
    with pytest.raises(BrokenChainError, match="same record"):
        list(connect(scripted.url).pages(district, USERS))


def test_empty_pages_without_end_break_the_chain(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, [], "/v3.0/users?n=0")
    for number in range(120):
        scripted.page(f"/v3.0/users?n={number}", [], f"/v3.0/users?n={number + 1}")
    with pytest.raises(BrokenChainError, match="empty pages"):
        list(connect(scripted.url).pages(district, USERS))


def test_two_different_next_links_break_the_chain_and_two_equal_ones_do_not(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    def links(*uris: str) -> dict[str, object]:
        return {"data": [{"data": {"id": "a"}}], "links": [{"rel": "next", "uri": uri} for uri in uris]}

    scripted.say(FIRST, links("/v3.0/users?n=1", "/v3.0/users?n=1"))
    scripted.say("/v3.0/users?n=1", links("/v3.0/users?n=2", "/v3.0/users?n=3"))
    with pytest.raises(BrokenChainError, match="2 different next links"):
        list(connect(scripted.url).pages(district, USERS))


def test_a_list_without_links_has_no_next_page(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.say(FIRST, {"data": [{"data": {"id": "a"}}]})
    assert [page.next_uri for page in connect(scripted.url).pages(district, USERS)] == [None]


@pytest.mark.parametrize("effect", [Html(), WithoutData(), NullData(), ItemWithoutData(), WithoutId()])
def test_a_page_of_another_shape_is_refused_immediately(clever: Clever, sandbox: Sandbox, effect: Html) -> None:
    district = clever.districts()[0]
    fault = sandbox.inject(effect, stream="users")
    with pytest.raises(MalformedResponseError) as caught:
        list(clever.pages(district, DEFAULT_STREAMS[1]))
    assert fault.struck == 1
    assert (caught.value.district_id, caught.value.stream) == (district.id, "students")


@pytest.mark.parametrize("record", [None, 1, "text", [], True])
def test_data_that_is_no_object_is_refused_wherever_it_stands(clever: Clever, sandbox: Sandbox, record: object) -> None:
    district = clever.districts()[0]

    def put(envelope: dict[str, object]) -> dict[str, object]:
        items = envelope["data"]
        assert isinstance(items, list)
        items[len(items) // 2]["data"] = record
        return envelope

    sandbox.inject(Altered(put), stream="users")
    with pytest.raises(MalformedResponseError, match="not an object"):
        list(clever.pages(district, USERS))


@pytest.mark.parametrize(
    "body", [b'"x"', b"null", b"[]", b'{"data": {}}', b'{"data": [], "links": {}}', b'{"data":[1]}']
)
def test_json_that_is_no_list_of_records_is_refused(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, body: bytes
) -> None:
    scripted.say(FIRST, body)
    with pytest.raises(MalformedResponseError, match=r"another shape|is missing or not an object"):
        list(connect(scripted.url).pages(district, USERS))
    assert len(scripted.asked) == 1


def test_a_next_link_without_an_address_is_refused(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.say(FIRST, {"data": [], "links": [{"rel": "next", "uri": None}]})
    with pytest.raises(MalformedResponseError, match="no `uri`"):
        list(connect(scripted.url).pages(district, USERS))


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "text/plain", None, "application/jsonlines"])
def test_whatever_is_not_called_json_is_not_read(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, content_type: str | None
) -> None:
    scripted.page(FIRST, ["a"], content_type=content_type)
    with pytest.raises(MalformedResponseError, match="instead of JSON"):
        list(connect(scripted.url).pages(district, USERS))
    assert len(scripted.asked) == 1


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/hal+json"]
)
def test_json_is_known_by_any_of_its_names(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, content_type: str
) -> None:
    scripted.page(FIRST, ["a"], content_type=content_type)
    assert len(list(connect(scripted.url).pages(district, USERS))) == 1


def test_a_body_that_stays_no_json_is_refused_after_three_tries(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    fault = sandbox.inject(Garbled(), stream="users")
    with pytest.raises(MalformedResponseError, match="not JSON"):
        list(clever.pages(district, USERS))
    assert fault.struck == 3


@pytest.mark.parametrize("status", [403, 404])
def test_a_stream_that_is_not_shared_says_so(clever: Clever, sandbox: Sandbox, status: int) -> None:
    district = clever.districts()[0]
    fault = sandbox.inject(Status(status), stream="users", role="contact")
    assert list(clever.pages(district, USERS))
    (contacts,) = [stream for stream in DEFAULT_STREAMS if stream.role == "contact"]
    with pytest.raises(NoSecureSyncError, match=str(status)) as caught:
        list(clever.pages(district, contacts))
    assert fault.struck == 1
    assert str(caught.value).startswith(f"District {district.id}, stream contacts: ")
    assert "Secure Sync" in str(caught.value)


@pytest.mark.parametrize("status", [301, 400, 405, 418, 501])
def test_a_status_that_fits_no_request_is_not_retried(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, status: int
) -> None:
    scripted.say(FIRST, status=status, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(RefusedRequestError, match=str(status)):
        list(connect(scripted.url).pages(district, USERS))
    assert len(scripted.asked) == 1


def test_a_page_too_large_is_requested_in_halves(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    role = "&role=student"
    scripted.say(f"{FIRST}{role}", status=413)
    scripted.say(f"/v3.0/users?limit=5000{role}", status=413)
    scripted.page(f"/v3.0/users?limit=2500{role}", ["a"])
    assert [page.uri for page in connect(scripted.url).pages(district, DEFAULT_STREAMS[1])] == [
        f"/v3.0/users?limit=2500{role}"
    ]


def test_a_next_link_keeps_its_cursor_when_its_limit_is_halved(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], "/v3.0/users?starting_after=limit%3D7&limit=300&role=x")
    scripted.say("/v3.0/users?starting_after=limit%3D7&limit=300&role=x", status=413)
    scripted.page("/v3.0/users?starting_after=limit%3D7&limit=150&role=x", ["b"])
    assert [ids(page.lines) for page in connect(scripted.url).pages(district, USERS)] == [["a"], ["b"]]


def test_the_smallest_page_that_is_too_large_is_an_error(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    for limit in (350, 175, 100):
        scripted.say(f"/v3.0/users?limit={limit}", status=413)
    with pytest.raises(RefusedRequestError, match="413"):
        list(connect(scripted.url, page_limit=350).pages(district, USERS))
    assert scripted.asked == [f"/v3.0/users?limit={limit}" for limit in (350, 175, 100)]


def test_a_page_that_keeps_timing_out_is_requested_in_halves(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page("/v3.0/users?limit=400", ["a"], seconds=0.5)
    scripted.page("/v3.0/users?limit=200", ["a"], "/v3.0/users?limit=200&starting_after=a")
    scripted.page("/v3.0/users?limit=200&starting_after=a", ["b"])
    clever = connect(scripted.url, page_limit=400, timeout=httpx.Timeout(0.1))
    assert [ids(page.lines) for page in clever.pages(district, USERS)] == [["a"], ["b"]]
    assert scripted.asked.count("/v3.0/users?limit=400") == 2


def test_the_smallest_page_is_used_three_times_before_a_time_out_is_reported(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page("/v3.0/users?limit=100", ["a"], seconds=0.5)
    clever = connect(scripted.url, page_limit=100, timeout=httpx.Timeout(0.1))
    with pytest.raises(TimedOutError, match="in time"):
        list(clever.pages(district, USERS))
    assert len(scripted.asked) == 3


def test_a_stream_may_name_another_version_of_the_api(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page("/v2.1/students?limit=10000", ["a"], "/v2.1/students?limit=10000&starting_after=a")
    scripted.page("/v2.1/students?limit=10000&starting_after=a", ["b"])
    stream = Stream("students_of_v21", "/students", version="v2.1")
    assert len(list(connect(scripted.url).pages(district, stream))) == 2


def test_nothing_is_used_before_the_first_page_is_wanted(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    connect(scripted.url).pages(district, USERS)
    assert scripted.asked == []
