"""The requests that Clever allows a token in a minute are never exceeded, and nothing more is saved than needed."""

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clever import USERS, ClientCredentials, ConnectedDistrict
from pipelines.clever.budget import Allowance, Budget
from pipelines.progress import RetryWait
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.clever.conftest import Connect, HurriedClock, Scripted


class Clock:
    """A clock that is set manually."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(
    requests=st.integers(1, 6),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=40),
)
def test_no_minute_wherever_it_begins_holds_more_requests_than_allowed(requests: int, pauses: list[float]) -> None:
    clock = Clock()
    budget = Budget(requests, 60.0, clock)
    sent: list[float] = []
    for pause in pauses:
        clock.now += pause
        while (seconds := budget.acquire()) > 0:
            clock.sleep(seconds)
        sent.append(clock.now)
        budget.release(None)
    for number, moment in enumerate(sent):
        assert sum(1 for other in sent[number:] if other - moment < 60.0 - 1e-6) <= requests


@given(requests=st.integers(1, 50))
def test_the_whole_allowance_can_be_used_in_a_burst(requests: int) -> None:
    clock = Clock()
    budget = Budget(requests, 60.0, clock)
    assert [budget.acquire() for _ in range(requests)] == [0.0] * requests
    for _ in range(requests):
        budget.release(None)
    assert budget.acquire() == pytest.approx(60.0)
    clock.now = 60.0
    assert budget.acquire() == 0.0


def test_a_request_counts_until_a_minute_after_its_answer() -> None:
    clock = Clock()
    budget = Budget(1, 60.0, clock)
    assert budget.acquire() == 0.0
    clock.now = 100.0
    assert 0 < budget.acquire() < 1
    budget.release(None)
    clock.now = 159.0
    assert budget.acquire() == pytest.approx(1.0)


def test_what_clever_says_is_left_counts_where_it_is_less() -> None:
    clock = Clock()
    budget = Budget(1200, 60.0, clock)
    budget.acquire()
    budget.release(Allowance(2, 1030, 30.0))
    assert [budget.acquire(), budget.acquire()] == [0.0, 0.0]
    assert budget.acquire() == pytest.approx(30.0)
    clock.now = 30.0
    assert budget.acquire() == 0.0


def test_requests_under_way_are_not_promised_twice() -> None:
    clock = Clock()
    budget = Budget(1200, 60.0, clock)
    assert [budget.acquire() for _ in range(3)] == [0.0] * 3
    budget.release(Allowance(3, 1030, 30.0))
    assert budget.acquire() == 0.0
    assert budget.acquire() == pytest.approx(30.0)


def test_answers_that_overtake_each_other_promise_no_more_than_the_least() -> None:
    clock = Clock()
    budget = Budget(1200, 60.0, clock)
    for _ in range(3):
        budget.acquire()
    for remaining, reset in ((0, 1030), (9, 1029), (2, 1030)):
        budget.release(Allowance(remaining, reset, 30.0))
    assert budget.acquire() == pytest.approx(30.0)


def test_another_window_is_counted_again() -> None:
    clock = Clock()
    budget = Budget(1200, 60.0, clock)
    budget.acquire()
    budget.acquire()
    budget.release(Allowance(0, 1030, 30.0))
    budget.release(Allowance(1, 1090, 60.0))
    assert budget.acquire() == 0.0
    assert budget.acquire() == pytest.approx(60.0)


def test_the_allowance_is_waited_for_and_reported(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    path = USERS.first_uri("v3.0", 10_000)
    scripted.page(path, ["x"])
    waits: list[RetryWait] = []
    clever = connect(scripted.url, requests_per_minute=5, clock=clock, on_wait=waits.append)
    began = clock.now
    for _ in range(11):
        list(clever.pages(district, USERS))
    assert clock.now - began == pytest.approx(120, abs=1)
    assert [wait.district_id for wait in waits] == [district.id] * 2


def test_each_token_has_an_allowance_of_its_own(
    connect: "Connect", scripted: "Scripted", clock: "HurriedClock"
) -> None:
    scripted.page(USERS.first_uri("v3.0", 10_000), ["x"])
    clever = connect(scripted.url, requests_per_minute=1, clock=clock)
    for number in range(5):
        list(clever.pages(ConnectedDistrict(f"d{number}", f"t{number}"), USERS))
    assert clock.slept == []


def test_a_remaining_of_zero_holds_the_next_request_until_the_reset(
    connect: "Connect", scripted: "Scripted", district: ConnectedDistrict, clock: "HurriedClock"
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(clock.now) + 20)}
    scripted.page("/v3.0/users?limit=10000", ["a"], "/v3.0/users?n=1", headers=headers)
    scripted.page("/v3.0/users?n=1", ["b"])
    assert len(list(connect(scripted.url, clock=clock).pages(district, USERS))) == 2
    assert clock.slept == [pytest.approx(20, abs=0.1)]


def test_many_threads_at_a_strict_clever_are_never_refused(connect: "Connect") -> None:
    sandbox = Sandbox(districts=1, users=50, seed=1, rate_limit=20, rate_window=1)
    with sandbox.serve() as server:
        clever = connect(server.url, ClientCredentials("sandbox", "sandbox"), page_limit=5)
        district = clever.districts()[0]
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda: counts.append(sum(page.records for page in clever.pages(district, USERS))))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [50] * 4
    assert {logged.status for logged in sandbox.requests} == {200}
