"""What was asked of Clever, with the responses: every request goes through the client that a sync uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec

from pipelines.clever import CleverError, Exchange, Page

OK: Final = 200


@dataclass(frozen=True)
class Asked:
    """What the client made of a question, and the exchanges behind it, retries included."""

    page: Page | None
    """None if there is an error, or the client made no page of the response."""
    error: CleverError | None
    exchanges: Sequence[Exchange]

    @property
    def status(self) -> int | None:
        """The status of the last response; None if there was none."""
        return self.exchanges[-1].status if self.exchanges else None

    @property
    def next_uri(self) -> str | None:
        """The next link, as Clever gave it."""
        return self.page.next_uri if self.page else None

    @cached_property
    def envelope(self) -> dict[str, Any]:
        """The last response as JSON; empty if it is none, or not an object."""
        return decoded(self.exchanges[-1]) if self.exchanges else {}

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The records of the last response."""
        items = self.envelope.get("data")
        found = [item.get("data") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        return [record for record in found if isinstance(record, dict)]

    @cached_property
    def ids(self) -> list[str]:
        """The IDs of the records, in the order of the response."""
        return [str(record.get("id")) for record in self.records]

    def holders(self, role: str) -> list[str]:
        """The IDs of the users who hold a role, in the order of the response."""
        return [str(user.get("id")) for user in self.records if isinstance(roles_of(user).get(role), dict)]


UNASKED: Final = Asked(None, None, ())
"""What was not asked, because an earlier response made it pointless."""


class Probe:
    """Keeps every exchange of a client, and counts them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.requests = 0
        self._exchanges: list[Exchange] = []

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange; to be passed to the client as `on_exchange`."""
        self.requests += 1
        self._exchanges.append(exchange)

    def ask(self, question: Callable[[], Page | None]) -> Asked:
        """Let the client ask something, and return its result."""
        self._exchanges = []
        try:
            page, error = question(), None
        except CleverError as raised:
            page, error = None, raised
        return Asked(page, error, tuple(self._exchanges))


def decoded(exchange: Exchange) -> dict[str, Any]:
    """Return the body of a response as an object; empty if it is none."""
    try:
        found = msgspec.json.decode(exchange.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def roles_of(user: dict[str, Any]) -> dict[str, Any]:
    """Return the roles of a user, by name."""
    roles = user.get("roles")
    return roles if isinstance(roles, dict) else {}
