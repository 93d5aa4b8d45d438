"""What may pass is asked for again, with waits that grow, and not for ever."""

import gzip
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from pipelines.clever import (
    USERS,
    Clever,
    ClientCredentials,
    ClosedError,
    ConnectedDistrict,
    Exchange,
    MalformedResponseError,
    RateLimitedError,
    RetryPolicy,
    TimedOutError,
    UnavailableError,
    UnreachableError,
)
from pipelines.progress import RetryWait
from pipelines.sandbox import Dropped, Garbled, Slow, Status, Truncated
from tests.conftest import DEFAULT_STREAMS
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from pipelines.sandbox import RunningServer
    from pipelines.sandbox.faults import Effect
    from tests.pipelines.clever.conftest import Connect, HurriedClock, Scripted

FIRST = "/v3.0/users?limit=10000"
APP = ClientCredentials("sandbox", "sandbox")

PASSING = [Status(500), Status(502), Status(503), Dropped(), Truncated(0.0), Truncated(0.7), Garbled()]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("effect", PASSING, ids=repr)
def test_a_page_that_comes_at_the_third_try_is_read_whole(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox, effect: "Effect", *, compressed: bool
) -> None:
    waits: list[RetryWait] = []
    clever = connect(server.url, APP, page_limit=25, compressed=compressed, on_wait=waits.append)
    district = clever.districts()[0]
    fault = sandbox.inject(effect, stream="users", page=2, times=2)
    assert sum(page.records for page in clever.pages(district, USERS)) == len(sandbox.truth(district.id).users)
    assert fault.struck == 2
    assert [(wait.district_id, wait.stream) for wait in waits] == [(district.id, "users")] * 2
    assert all(wait.reason and wait.seconds > 0 for wait in waits)


@pytest.mark.parametrize("effect", [Status(500), Status(502), Status(503), Dropped(), Truncated()], ids=repr)
def test_what_does_not_pass_ends_after_three_tries_and_spoils_no_other_district(
    clever: Clever, sandbox: Sandbox, effect: "Effect"
) -> None:
    ill, well = clever.districts()
    fault = sandbox.inject(effect, stream="users", district=ill.id)
    with pytest.raises(UnavailableError) as caught:
        list(clever.pages(ill, USERS))
    assert fault.struck == 3
    assert (caught.value.district_id, caught.value.stream) == (ill.id, "users")
    assert str(caught.value).startswith(f"District {ill.id}, stream users: ")
    assert list(clever.pages(well, USERS))


def test_504_is_retried(connect: "Connect", scripted: "Scripted", district: ConnectedDistrict) -> None:
    scripted.say(FIRST, status=504)
    scripted.page(FIRST, ["a"])
    assert len(list(connect(scripted.url).pages(district, USERS))) == 1


def test_an_empty_body_called_json_is_retried(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.say(FIRST, b"")
    scripted.page(FIRST, ["a"])
    assert len(list(connect(scripted.url).pages(district, USERS))) == 1


def test_a_gzip_stream_that_is_cut_off_is_retried(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page("/whole", [f"id{number}" for number in range(500)])
    packed = gzip.compress(scripted.next("/whole").body)
    for part in (packed[: len(packed) // 2], packed):
        scripted.say(FIRST, part, headers={"Content-Encoding": "gzip"})
    (page,) = connect(scripted.url).pages(district, USERS)
    assert page.records == 500
    assert scripted.asked.count(FIRST) == 2


def test_gzip_that_cannot_be_unpacked_is_retried(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.say(FIRST, b"this is not gzip", headers={"Content-Encoding": "gzip"})
    scripted.page(FIRST, ["a"])
    assert len(list(connect(scripted.url).pages(district, USERS))) == 1


def test_silence_ends_in_a_time_out_and_the_next_try_may_succeed(
    connect: "Connect", server: "RunningServer", sandbox: Sandbox
) -> None:
    clever = connect(server.url, APP, timeout=httpx.Timeout(0.1))
    district = clever.districts()[0]
    fault = sandbox.inject(Slow(0.3), stream="users", times=1)
    assert list(clever.pages(district, USERS))
    assert fault.struck == 1


def test_waits_grow_to_the_cap_and_differ_by_chance(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    scripted.say(FIRST, status=503)
    clever = connect(scripted.url, retry_policy=RetryPolicy(first=1, cap=8, tries=7), clock=clock)
    with pytest.raises(UnavailableError):
        list(clever.pages(district, USERS))
    bases = [1, 2, 4, 8, 8, 8]
    assert len(clock.slept) == len(bases)
    assert all(base <= slept <= base + 1 for base, slept in zip(bases, clock.slept, strict=True))
    assert len({slept - base for base, slept in zip(bases, clock.slept, strict=True)}) > 1


def test_waiting_ends_before_the_deadline(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    scripted.say(FIRST, status=503)
    began = clock.now
    clever = connect(scripted.url, retry_policy=RetryPolicy(first=1, cap=30, deadline=100, tries=1000), clock=clock)
    with pytest.raises(UnavailableError):
        list(clever.pages(district, USERS))
    assert 60 < clock.now - began <= 100


def test_a_url_is_tried_three_times_whatever_the_deadline(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    scripted.say(FIRST, status=503)
    with pytest.raises(UnavailableError) as caught:
        list(connect(scripted.url, retry_policy=RetryPolicy(first=9, deadline=1), clock=clock).pages(district, USERS))
    assert len(scripted.asked) == 3
    assert "answered 503, 3 tries in " in str(caught.value)
    for too_few in ({"tries": 2}, {"garbled": 2}):
        with pytest.raises(ValueError, match="at least 3"):
            RetryPolicy(**too_few)


@pytest.mark.parametrize("body", [b"", b"oops", b'{"data": [{"data": {"id": "a"}}', b'\xff{"data": []}'])
def test_a_page_that_is_garbled_for_good_is_given_up_within_seconds_by_default(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock", body: bytes
) -> None:
    scripted.say(FIRST, body)
    began = clock.now
    with pytest.raises(MalformedResponseError, match="not JSON to their end, 4 tries in "):
        list(connect(scripted.url, retry_policy=RetryPolicy(), clock=clock).pages(district, USERS))
    assert len(scripted.asked) == 4
    assert clock.now - began < 6


def test_a_page_that_is_garbled_between_failures_has_the_patience_of_both(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    for status in (503, 200, 503, 200, 503, 200, 503):
        scripted.say(FIRST, b"oops", status=status)
    scripted.page(FIRST, ["a"])
    assert len(list(connect(scripted.url, retry_policy=RetryPolicy(), clock=clock).pages(district, USERS))) == 1


def test_an_answer_that_drips_past_the_deadline_is_a_time_out(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], seconds=0.05)
    with pytest.raises(TimedOutError, match="too slowly"):
        list(connect(scripted.url, retry_policy=RetryPolicy(first=0.01, deadline=0.01)).pages(district, USERS))


def test_a_mistyped_host_is_reported_within_seconds_by_default(connect: "Connect", clock: "HurriedClock") -> None:
    began = clock.now
    with pytest.raises(UnreachableError):
        connect("http://127.0.0.1:9", APP, retry_policy=RetryPolicy(), clock=clock).districts()
    assert len(clock.slept) >= 2
    assert clock.now - began < 15


def test_a_host_that_answered_before_is_waited_for_longer(
    connect: "Connect", clock: "HurriedClock", sandbox: Sandbox
) -> None:
    with sandbox.serve() as server:
        clever = connect(server.url, APP, retry_policy=RetryPolicy(), clock=clock)
        district = clever.districts()[0]
    began = clock.now
    with pytest.raises(UnreachableError):
        list(clever.pages(district, USERS))
    assert clock.now - began > 15


def test_a_host_that_comes_back_is_read_on(connect: "Connect", sandbox: Sandbox) -> None:
    with sandbox.serve() as server:
        clever = connect(server.url, APP, page_limit=20, retry_policy=RetryPolicy(first=0.05, cap=0.1, tries=100))
        pages = clever.pages(clever.districts()[0], USERS)
        first = next(pages)
    returned = []

    def come_back() -> None:
        returned.append(sandbox.serve(port=server.port))

    timer = threading.Timer(0.2, come_back)
    timer.start()
    rest = list(pages)
    timer.join()
    returned[0].close()
    assert first.records + sum(page.records for page in rest) == 60


def test_429_is_waited_out_until_the_reset_that_clever_names(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    reset = {"X-RateLimit-Reset": str(int(clock.now) + 42), "X-RateLimit-Remaining": "0"}
    scripted.say(FIRST, status=429, content_type=None, headers=reset)
    scripted.page(FIRST, ["a"])
    began = clock.now
    assert len(list(connect(scripted.url, clock=clock).pages(district, USERS))) == 1
    assert 42 < clock.slept[0] < 43
    assert clock.now - began < 44


def test_the_reset_is_read_by_clevers_own_clock(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    headers = {"X-RateLimit-Reset": "1000000030", "Date": "Sun, 09 Sep 2001 01:46:40 GMT"}
    scripted.say(FIRST, status=429, headers=headers)
    scripted.page(FIRST, ["a"])
    began = clock.now
    assert len(list(connect(scripted.url, clock=clock).pages(district, USERS))) == 1
    assert 30 <= clock.now - began < 31


@pytest.mark.parametrize("reset", [None, "", "soon", "-5", "0", "1", "99999999999", "1700000000000", "1700000000.5"])
def test_429_without_a_reset_that_can_be_true_is_waited_out_with_growing_waits(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock", reset: str | None
) -> None:
    headers = {} if reset is None else {"X-RateLimit-Reset": reset}
    for _ in range(6):
        scripted.say(FIRST, status=429, headers=headers)
    scripted.page(FIRST, ["a"])
    began = clock.now
    clever = connect(scripted.url, retry_policy=RetryPolicy(tries=3), clock=clock)
    assert len(list(clever.pages(district, USERS))) == 1
    assert 30 < clock.now - began < 120


def test_429_for_ever_ends_at_the_deadline(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    scripted.say(FIRST, status=429)
    began = clock.now
    with pytest.raises(RateLimitedError, match="429"):
        list(connect(scripted.url, retry_policy=RetryPolicy(), clock=clock).pages(district, USERS))
    assert 500 < clock.now - began <= 600


def test_a_429_of_the_sandbox_costs_no_record(clever: Clever, sandbox: Sandbox) -> None:
    district = clever.districts()[0]
    fault = sandbox.inject(Status(429), stream="users", times=1)
    assert sum(page.records for page in clever.pages(district, USERS)) == 60
    assert fault.struck == 1


def test_closing_ends_the_waits_of_all_threads(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.say(FIRST, status=503)
    waiting = threading.Event()
    clever = connect(scripted.url, retry_policy=RetryPolicy(first=3600, cap=3600), on_wait=lambda _: waiting.set())
    raised: list[BaseException] = []

    def read() -> None:
        try:
            list(clever.pages(district, USERS))
        except ClosedError as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert waiting.wait(10)
    clever.close()
    thread.join(10)
    assert len(raised) == 1


def test_closing_ends_an_answer_under_way(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    scripted.page(FIRST, ["a"], seconds=0.3)
    clever = connect(scripted.url)
    threading.Timer(0.1, clever.close).start()
    with pytest.raises(ClosedError):
        list(clever.pages(district, USERS))


def test_a_closed_client_asks_nothing(connect: "Connect", scripted: "Scripted", district: ConnectedDistrict) -> None:
    clever = connect(scripted.url)
    clever.close()
    with pytest.raises(ClosedError):
        list(clever.pages(district, USERS))
    assert scripted.asked == []


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_are_under_way_concurrently_than_allowed(
    connect: "Connect", scripted: "Scripted", concurrency: int
) -> None:
    for stream in DEFAULT_STREAMS:
        path = stream.first_uri("v3.0", 10_000)
        following = f"{path}{'&' if stream.is_paged else '?'}starting_after=a"
        scripted.page(path, ["a"], following, seconds=0.02)
        scripted.page(following, ["b"], seconds=0.02)
    clever = connect(scripted.url, concurrency=concurrency)
    districts = [ConnectedDistrict(f"d{number}", f"t{number}") for number in range(3)]
    counts: list[int] = []

    def read(district: ConnectedDistrict) -> None:
        threads = [
            threading.Thread(target=lambda stream=stream: counts.append(len(list(clever.pages(district, stream)))))
            for stream in DEFAULT_STREAMS
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    outer = [threading.Thread(target=read, args=(district,)) for district in districts]
    for thread in outer:
        thread.start()
    for thread in outer:
        thread.join()
    assert counts == [2] * 3 * len(DEFAULT_STREAMS)
    assert scripted.most_at_once == concurrency


def test_observer_gets_every_exchange_retries_included(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict
) -> None:
    seen: list[Exchange] = []
    path = "/v3.0/users?limit=10000"
    scripted.say(path, status=503)
    scripted.page(path, ["a"], headers={"X-Mark": "1"})
    (page,) = connect(scripted.url, on_exchange=seen.append).pages(district, USERS)
    assert [(each.url, each.status) for each in seen] == [(scripted.url + path, 503), (scripted.url + path, 200)]
    assert seen[-1].headers["x-mark"] == "1"
    assert b'"a"' in seen[-1].body
    assert seen[-1].began <= seen[-1].ended
    assert district.token not in repr(seen)
    assert page.records == 1


def test_observer_is_called_for_a_host_that_cannot_be_reached(connect: "Connect", district: ConnectedDistrict) -> None:
    seen: list[Exchange] = []
    with pytest.raises(UnreachableError):
        next(connect("http://127.0.0.1:9", on_exchange=seen.append).pages(district, USERS))
    assert {each.status for each in seen} == {None}
