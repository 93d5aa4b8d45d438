"""A served sandbox and a plain client to ask it, for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.expected.sandbox import Sandbox

Record = dict[str, Any]


class Client:
    """Asks a sandbox over real HTTP with the token of one district."""

    def __init__(self, sandbox: Sandbox, url: str, token: str | None) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"} if token else {}
        )

    def get(self, path: str, **params: str | int) -> httpx.Response:
        """Ask for a path; parameters are added to it."""
        return self.http.get(path, params=params or None)

    def pages(self, path: str, **params: str | int) -> Iterator[httpx.Response]:
        """Follow next links to the end."""
        response = self.get(path, **params)
        while True:
            assert response.status_code == 200, response.text
            yield response
            following = next_uri(response.json())
            if following is None:
                return
            response = self.http.get(following)

    def records(self, path: str, **params: str | int) -> list[Record]:
        """Read a whole list."""
        return [item["data"] for page in self.pages(path, **params) for item in page.json()["data"]]

    def ids(self, path: str, **params: str | int) -> list[str]:
        """Read the ids of a whole list."""
        return [record["id"] for record in self.records(path, **params)]

    def close(self) -> None:
        """End the connection."""
        self.http.close()


Serve = Callable[..., Client]


def next_uri(page: Record) -> str | None:
    """Return the next link of a page, if there is one."""
    return next((link["uri"] for link in page["links"] if link["rel"] == "next"), None)


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve a sandbox and give a client with the token of its first district (or with another token, or none)."""
    with ExitStack() as stack:

        def served(sandbox: Sandbox, token: str | None = "first") -> Client:
            server = stack.enter_context(sandbox.serve())
            chosen = next(iter(sandbox.districts.values())) if token == "first" else token
            client = Client(sandbox, server.url, chosen)
            stack.callback(client.close)
            return client

        yield served


@pytest.fixture(scope="module")
def client(serve: Serve) -> Client:
    """A client of a sandbox with 500 people, which no test changes, and without a limit of requests."""
    return serve(Sandbox(users=500, rate_limit=10**9))


@pytest.fixture
def living(serve: Serve) -> Client:
    """A client of a sandbox with 60 people, which a test may change and spoil as it likes."""
    return serve(Sandbox(users=60, seed=7, rate_limit=10**9))
