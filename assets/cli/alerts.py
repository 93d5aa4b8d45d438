"""What the command line says of alerts: what needs attention at present, where alerts are sent, and the result of a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.console import Console

from assets import instance
from assets.alerts import configured, examine
from assets.settings import SettingsError
from pipelines.operations.alerts import due
from pipelines.operations.notification import Address, Severity

TEST = "This is a test. If you can read it, alerts reach you here."


def required() -> list[Address]:
    """The addresses of CLEVER_ALERTS.

    Raises:
        SettingsError: there are none, or one cannot be used.
    """
    found = configured()
    if not found:
        message = (
            "CLEVER_ALERTS names no address. Fix: set it to one or several addresses, such as "
            "mailtos://user:password@example.org, in the environment or in .env."
        )
        raise SettingsError(message)
    return found


@dataclass(frozen=True, slots=True)
class Alerts:
    """Where alerts are sent, and what an address that was sent nothing yet would be sent."""

    addresses: Sequence[str]
    needs_attention: Sequence[str]
    unreadable: str | None
    """Why the warehouse could not be asked; None if it could."""


def read() -> Alerts:
    """The addresses, and what needs attention at present.

    Raises:
        SettingsError: an address cannot be used.
    """
    instant = datetime.now(UTC)
    with instance.opened() as opened:
        found, unreadable = examine(opened, instant)
    messages = due(found, {}, instant, timedelta.max)
    return Alerts(
        [str(address) for address in configured()], [message.text for message in messages], unreadable or None
    )


def show(alerts: Alerts, console: Console) -> None:
    """Show the addresses and what needs attention."""
    for address in alerts.addresses:
        console.print(f"{address}.", markup=False)
    if not alerts.addresses:
        console.print("CLEVER_ALERTS names no address, so no alert is sent.")
    for text in [*filter(None, [alerts.unreadable]), *alerts.needs_attention]:
        console.print(f"\n{text}", markup=False)
    if not alerts.needs_attention and not alerts.unreadable:
        console.print("Nothing needs attention.")


def test(console: Console) -> bool:
    """Send a test message to every address, and show which accepted it.

    Returns:
        Whether all did.

    Raises:
        SettingsError: there are none, or one cannot be used.
    """
    refusals = []
    for address in required():
        refusal = address.deliver("clever-warehouse: test", TEST, Severity.GOOD)
        refusals.append(refusal)
        console.print(f"{address} {refusal or 'accepted the message'}.", markup=False, style="red" if refusal else None)
    return not any(refusals)
