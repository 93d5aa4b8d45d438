"""Where alerts are sent: addresses in the form of Apprise, checked without a network, and deliveries that never show an address."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apprise import AppriseAsset

SECONDS: Final = 10
"""How long one service may take. Dagster gives a sensor 60 seconds for all of them."""

FORMS: Final = "https://appriseit.com/services/"
"""Where Apprise describes the addresses of all services."""

_TALKATIVE: Final = ("apprise", "urllib3")
"""Loggers whose lines contain addresses."""


class Severity(StrEnum):
    """How urgent a message is; services show it as a color or a priority."""

    GOOD = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a service did not accept a message."""

    status: int | None
    """The HTTP status, if the service answered with one."""

    def __str__(self) -> str:
        """What happened, to be put after the name of the address."""
        return f"did not accept the message{f' (HTTP status {self.status})' if self.status else ''}"


@dataclass(frozen=True, slots=True)
class Address:
    """One address. Its text is its position and its service; the URL, which contains secrets, is never shown."""

    position: int
    """From 1, in the order of the setting."""
    service: str
    """Name of the service, such as Slack."""
    _url: str = field(repr=False)

    def __str__(self) -> str:
        """The address for people."""
        return f"Address {self.position} ({self.service})"

    def deliver(self, title: str, text: str, severity: Severity) -> Refusal | None:
        """Send a message, without retries.

        Returns:
            None if the service accepted it.
        """
        from apprise import Apprise, NotifyFormat, NotifyType  # noqa: PLC0415 (80 ms, for those who send something only)

        with _quiet():
            to = Apprise(asset=_asset())
            to.add(self._url)
            result = to.notify(
                title=title, body=text, body_format=NotifyFormat.TEXT, notify_type=NotifyType(severity.value)
            )
            if result:
                return None
            # Other words of these lines may be parts of the address.
            statuses = [re.search(r"\berror=(\d{3})\b", entry.message) for entry in result.logs()]
        return Refusal(next((int(status[1]) for status in statuses if status), None))


def split(text: str) -> list[str]:
    """Addresses that are separated by blanks or commas; a comma within an address, as between recipients, separates none."""
    parts = re.split(r"\s+|,(?=\s|[A-Za-z][A-Za-z0-9]*://|$)", text)
    return [part for part in (part.strip(",") for part in parts) if part]


def addresses(urls: Sequence[str]) -> list[Address]:
    """Check addresses, without asking any server.

    Raises:
        ValueError: one cannot be used; the message says its position, never its content.
    """
    if not urls:
        return []
    from apprise import Apprise  # noqa: PLC0415 (80 ms, for those who set addresses only)

    found = []
    with _quiet():
        for position, url in enumerate(urls, 1):
            service = Apprise.instantiate(url, asset=_asset())
            if service is None:
                message = f"address {position} of {len(urls)} is not an address of a service that Apprise knows ({FORMS} describes them)"
                raise ValueError(message)
            found.append(Address(position, str(service.service_name), url))
    return found


@cache
def _asset() -> "AppriseAsset":
    """What messages say of their sender."""
    from apprise import AppriseAsset  # noqa: PLC0415 (as above)

    return AppriseAsset(
        app_id="clever-warehouse",
        app_desc="clever-warehouse",
        app_url="",
        image_url_mask="",  # else messages link to images on a server of Apprise's
        image_url_logo="",
        storage_mode="memory",
        service_timeout=SECONDS,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the libraries log nothing."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    former = [logger.propagate for logger in loggers]
    silent = logging.NullHandler()
    for logger in loggers:
        logger.propagate = False
        logger.addHandler(silent)
    try:
        yield
    finally:
        for logger, propagates in zip(loggers, former, strict=True):
            logger.propagate = propagates
            logger.removeHandler(silent)
