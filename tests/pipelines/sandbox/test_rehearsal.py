"""Nights of a rehearsal: what goes wrong in the first, is well again after the second, and how the school year ends."""

from collections.abc import Iterator

import pytest

from pipelines.sandbox import SHARED, Rehearsal
from tests.expected.sandbox import Sandbox
from tests.pipelines.sandbox.conftest import Client


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    """Serve three districts; returns a client for each."""
    sandbox = Sandbox(districts=3, users=120)
    with sandbox.serve() as server:
        made = [Client(sandbox, server.url, token) for token in sandbox.districts.values()]
        yield made
        for client in made:
            client.close()


def test_the_first_district_stops_sharing_a_role_and_shares_it_after_the_second_night(clients: list[Client]) -> None:
    first, second, _ = clients
    rehearsal = Rehearsal(first.sandbox, 3, hold="contact")
    shared = first.ids("/v3.0/users", role="contact")
    assert rehearsal.count_held() == len(shared) > 0
    night = rehearsal.pass_night()
    assert (night.unshared_by, night.shared_by) == (next(iter(first.sandbox.districts)), None)
    assert ("unshared", "contact") in [(change.what, change.role) for change in night.changes]
    assert first.ids("/v3.0/users", role="contact") == []
    assert second.ids("/v3.0/users", role="contact") != []
    night = rehearsal.pass_night()
    assert (night.unshared_by, night.shared_by) == (None, next(iter(first.sandbox.districts)))
    assert len(first.ids("/v3.0/users", role="contact")) > len(shared) / 2
    night = rehearsal.pass_night()
    assert (night.unshared_by, night.shared_by) == (None, None)


@pytest.mark.parametrize("stream", ["schools", "sections", "resources"])
def test_a_record_type_is_not_shared_for_one_night(clients: list[Client], stream: str) -> None:
    first = clients[0]
    rehearsal = Rehearsal(first.sandbox, 2, hold=stream)
    assert rehearsal.count_held() == len(first.ids(f"/v3.0/{stream}"))
    rehearsal.pass_night()
    assert first.ids(f"/v3.0/{stream}") == []
    rehearsal.pass_night()
    assert first.ids(f"/v3.0/{stream}") != []


def test_the_last_districts_answer_with_server_errors_for_one_night(clients: list[Client]) -> None:
    rehearsal = Rehearsal(clients[0].sandbox, 2, fail=2)
    assert [client.get("/v3.0/users").status_code for client in clients] == [200, 200, 200]
    assert list(rehearsal.pass_night().failing) == list(clients[0].sandbox.districts)[1:]
    assert [client.get("/v3.0/users").status_code for client in clients] == [200, 500, 500]
    assert [client.get("/v3.1/sections").status_code for client in clients] == [200, 500, 500]
    assert [client.get("/v3.0/events").status_code for client in clients] == [200, 501, 501]
    assert list(rehearsal.pass_night().recovered) == list(clients[0].sandbox.districts)[1:]
    assert [client.get("/v3.0/users").status_code for client in clients] == [200, 200, 200]


def test_the_school_year_rolls_over_in_all_districts_in_the_last_night(clients: list[Client]) -> None:
    rehearsal = Rehearsal(clients[0].sandbox, 2, rollover=True)
    before = [client.ids("/v3.0/sections") for client in clients]
    assert not rehearsal.pass_night().is_rollover
    day = clients[0].sandbox.clock.day
    assert rehearsal.pass_night().is_rollover
    assert clients[0].sandbox.clock.day == day + 1
    for client, sections in zip(clients, before, strict=True):
        assert set(client.ids("/v3.0/sections")).isdisjoint(sections)


def test_no_district_changes_by_itself_what_it_shares(clients: list[Client]) -> None:
    rehearsal = Rehearsal(clients[0].sandbox, 60)
    changes = [change.what for _ in range(60) for change in rehearsal.pass_night().changes]
    assert rehearsal.is_over
    assert len(changes) > 60
    assert not {"unshared", "shared"} & set(changes)
    with pytest.raises(RuntimeError, match="all nights have passed"):
        rehearsal.pass_night()


def test_what_no_district_can_do_is_refused() -> None:
    sandbox = Sandbox(districts=2, users=5)
    for hold in ("users", "districts", "contacts", ""):
        with pytest.raises(ValueError, match="nothing that a district can stop sharing"):
            Rehearsal(sandbox, 1, hold=hold)
    for fail in (3, -1):
        with pytest.raises(ValueError, match="districts cannot fail"):
            Rehearsal(sandbox, 1, fail=fail)
    assert {Rehearsal(sandbox, 1, hold=hold, fail=2).holding for hold in SHARED} == {next(iter(sandbox.districts))}
