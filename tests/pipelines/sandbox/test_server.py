"""How the sandbox is served: ports, many clients at once, and a clean end."""

import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from pipelines.sandbox import Meanwhile, Slow
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Serve

SERVE_UNTIL_TOLD = """
from tests.expected.sandbox import Sandbox
server = Sandbox(users=3).serve()
print(server.url, flush=True)
server.wait()
print("stopped", flush=True)
"""


def test_a_free_port_is_chosen_on_loopback_only() -> None:
    with Sandbox(users=1).serve() as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.port > 0


def test_a_taken_port_is_refused() -> None:
    with Sandbox(users=1).serve() as server, pytest.raises(OSError, match="in use"):
        Sandbox(users=1).serve(server.port)


def test_no_one_listens_after_the_end_and_open_connections_are_broken() -> None:
    with Sandbox(users=1).serve() as server, httpx.Client(base_url=server.url) as http:
        assert http.get("/v3.0/users").status_code == 401
        server.close()
        server.close()
        with pytest.raises(httpx.TransportError):
            http.get("/v3.0/users")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_the_end_does_not_wait_for_a_slow_answer() -> None:
    sandbox = Sandbox(users=1)
    arrived = threading.Event()
    sandbox.inject(Meanwhile(arrived.set))
    sandbox.inject(Slow(3600))

    def ask(url: str) -> None:
        with pytest.raises(httpx.TransportError):
            httpx.get(url, timeout=60)

    with sandbox.serve() as server:
        asking = threading.Thread(target=ask, args=(server.url,))
        asking.start()
        arrived.wait()
    asking.join()


def test_many_clients_are_answered_concurrently(serve: "Serve") -> None:
    client = serve(Sandbox(districts=5, users=50))
    expected = {token: client.sandbox.truth(one).ids() for one, token in client.sandbox.districts.items()}

    def ask(token: str) -> bool:
        answer = client.http.get("/v3.0/users?limit=50", headers={"Authorization": f"Bearer {token}"})
        return [item["data"]["id"] for item in answer.json()["data"]] == expected[token]

    with ThreadPoolExecutor(max_workers=20) as pool:
        assert all(pool.map(ask, list(expected) * 40))
    assert len(client.sandbox.requests) == 200


def test_the_roster_may_change_while_it_is_read(serve: "Serve") -> None:
    client = serve(Sandbox(users=80, rate_limit=10**9))
    with ThreadPoolExecutor(max_workers=4) as pool:
        reads = [pool.submit(client.ids, "/v3.0/users", limit=10) for _ in range(20)]
        client.sandbox.advance(10)
        assert all(len(set(read.result())) == len(read.result()) for read in reads)
    assert client.ids("/v3.0/users", limit=10) == client.sandbox.truth().ids()


def test_people_are_made_when_they_are_requested_or_beforehand(serve: "Serve") -> None:
    client = serve(Sandbox(districts=3, users=10))
    assert client.get("/v3.0/districts").status_code == 200
    assert [district.is_made for district in client.sandbox.connected()] == [False, False, False]
    assert client.get("/v3.0/users").status_code == 200
    assert [district.is_made for district in client.sandbox.connected()] == [True, False, False]
    assert client.sandbox.prepare() == 30
    assert [district.is_made for district in client.sandbox.connected()] == [True, True, True]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_waiting_server_cleanly(sent: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", SERVE_UNTIL_TOLD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/v3.0/users").status_code == 401
        os.kill(process.pid, sent)
        out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("stopped\n", "", 0)
