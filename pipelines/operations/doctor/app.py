"""What is found out about the app at Clever: its hosts, its token list, the scopes of the tokens, and the clock."""

import email.utils
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import httpx

from pipelines.clever import Clever, CleverError, ConnectedDistrict, Districts, Exchange
from pipelines.clever.assumptions import OWNER_TYPE, TOKENS_PATH
from pipelines.clever.districts import instant
from pipelines.clever.network import LOOPBACK
from pipelines.operations.doctor.checks import Checks, Finding, failed, passed, unchecked, warned
from pipelines.operations.doctor.probe import OK, Probe, decoded

SECURE_SYNC: Final = "read:sis"
"""The scope of a token that reads rosters, as Clever's token list shows it (Clever docs: Onboarding Districts)."""

CLOCK_SECONDS: Final = 60
"""How far the clock of this machine may differ from Clever's."""

NAMED: Final = 5
"""How many districts a sentence names at most."""


@dataclass(frozen=True)
class AppSeen:
    """What was seen of the app."""

    districts: Districts
    """Those that are connected; empty if they could not be listed."""
    error: CleverError | None
    """Why they could not be listed."""
    exchanges: Sequence[Exchange]
    lists_tokens: bool
    """Whether the app has its client ID and secret; else the tokens of districts are given."""
    asked_for: Collection[str] = ()
    """The districts that were named; none means all."""
    with_limits: Collection[str] = ()
    """The districts that have limits of their own in the settings."""

    @property
    def chosen(self) -> list[ConnectedDistrict]:
        """The connected districts among those that were asked for."""
        return [district for district in self.districts if not self.asked_for or district.id in self.asked_for]

    @cached_property
    def tokens(self) -> list[dict[str, Any]]:
        """The entries of the token list."""
        pages = [decoded(each) for each in self.exchanges if each.status == OK and TOKENS_PATH in each.url]
        return [entry for page in pages for entry in _list(page.get("data")) if isinstance(entry, dict)]

    @property
    def of_districts(self) -> list[dict[str, Any]]:
        """The entries of the token list that belong to districts."""
        return [entry for entry in self.tokens if _owner(entry).get("type") == OWNER_TYPE]


def look_at_app(
    clever: Clever, probe: Probe, *, lists_tokens: bool, asked_for: Collection[str], with_limits: Collection[str]
) -> AppSeen:
    """List the connected districts, as a sync does."""
    found = Districts()

    def list_districts() -> None:
        nonlocal found
        found = clever.districts()

    asked = probe.ask(list_districts)
    return AppSeen(found, asked.error, asked.exchanges, lists_tokens, asked_for, with_limits)


APP: Final[Checks[AppSeen]] = Checks()
"""The checks of the app."""


@APP.named("Clever's hosts")
def hosts(seen: AppSeen) -> Finding:
    """Whether the hosts answer, over verified TLS."""
    answered = {httpx.URL(each.url) for each in seen.exchanges if each.status is not None}
    if not answered:
        reason = f"{seen.error.seen}." if seen.error else "No request was sent."
        return failed(reason, seen.error.advice if seen.error else "Run the command again.")
    names = ", ".join(sorted({url.netloc.decode() for url in answered}))
    if any(url.scheme != "https" and url.host not in LOOPBACK for url in answered):
        return warned(
            f"{names} answered without TLS: tokens and rosters can be read on the way.",
            "Write https:// in CLEVER_API_URL and CLEVER_OAUTH_URL.",
        )
    is_local = all(url.host in LOOPBACK for url in answered)
    return passed(f"{names} answered{' on this machine' if is_local else ' over TLS, with a trusted certificate'}.")


@APP.named("token list", assumes=("TOKENS_PATH", "OWNER_TYPE"))
def token_list(seen: AppSeen) -> Finding:
    """Whether the districts can be listed, and what else is in the list."""
    if seen.error is not None:
        return failed(f"The districts could not be listed: {seen.error.seen}.", seen.error.advice)
    if seen.districts.failures:
        first = seen.districts.failures[0].error
        return failed(
            f"{_count(len(seen.districts.failures), 'token')} cannot be used, first token number "
            f"{seen.districts.failures[0].position}: {first.seen}.",
            first.advice,
        )
    if not seen.districts:
        return failed(
            "No district is connected.",
            "Have a district authorize the app in its Clever dashboard, then run this again.",
        )
    if not seen.lists_tokens:
        return passed(f"The tokens in CLEVER_DISTRICT_TOKENS lead to {_count(len(seen.districts), 'district')}.")
    others = len(seen.tokens) - len(seen.of_districts)
    if others:
        return warned(
            f"{_count(others, 'token')} in the token list are not of a district, although only those of districts were asked for. "
            "They are ignored.",
            "Report it: Clever's documentation says that only tokens of districts can be listed.",
        )
    return passed(f"{TOKENS_PATH} lists {_count(len(seen.districts), 'district')}.")


@APP.named("tokens of a district", assumes=("NEWEST_TOKEN",))
def newest_tokens(seen: AppSeen) -> Finding:
    """Whether it is clear which token of a district is in force."""
    if not seen.lists_tokens or not seen.of_districts:
        return unchecked("Only the token list says when a token was made, and it was not read.")
    undated = [entry for entry in seen.of_districts if not _is_dated(entry)]
    doubled = [
        each for each, count in Counter(_owner(entry).get("id") for entry in seen.of_districts).items() if count > 1
    ]
    if undated and doubled:
        return failed(
            f"{_count(len(doubled), 'district')} have several tokens, and {_count(len(undated), 'token')} have no date: which one "
            "is in force is a guess.",
            "Revoke the older tokens in Clever's dashboard.",
        )
    if undated:
        return warned(
            f"{_count(len(undated), 'token')} have no date that can be read. It matters only once a district has several tokens.",
            "Report it, with `clever-warehouse doctor --bug-report`.",
        )
    if doubled:
        return warned(
            f"{_count(len(doubled), 'district')} have several tokens. The newest one is used.",
            "Revoke the older tokens in Clever's dashboard.",
        )
    return passed("Every district has one token, and each is dated.")


@APP.named("scopes")
def scopes(seen: AppSeen) -> Finding:
    """Whether the tokens may read rosters."""
    if not seen.lists_tokens or not seen.of_districts:
        return unchecked("Only the token list names scopes, and it was not read.")
    if not any("scopes" in entry for entry in seen.of_districts):
        return unchecked("The token list names no scopes.")
    without = sorted(
        str(_owner(entry).get("id")) for entry in seen.of_districts if SECURE_SYNC not in _list(entry.get("scopes"))
    )
    if without:
        return warned(
            f"{_count(len(without), 'token')} without the scope {SECURE_SYNC}: {_named(without)}. Rosters are read with it.",
            "Ask Clever to give the app Secure Sync, or the district to authorize the app again.",
        )
    return passed(f"Every token has the scope {SECURE_SYNC}.")


@APP.named("named districts")
def named_districts(seen: AppSeen) -> Finding:
    """Whether the districts in options and settings are connected."""
    if seen.error is not None:
        return unchecked("The districts could not be listed.")
    connected = {district.id for district in seen.districts}
    if missing := sorted(set(seen.asked_for) - connected):
        return failed(
            f"Not connected to this app: {_named(missing)}.",
            "Check the ID, or have the district authorize the app in its Clever dashboard.",
        )
    if missing := sorted(set(seen.with_limits) - connected):
        return warned(
            f"CLEVER_DISTRICT_LIMITS names districts that are not connected: {_named(missing)}.",
            "Check the IDs: a mistyped one leaves a district with the limits of all.",
        )
    return passed("Every district that an option or a setting names is connected.")


@APP.named("clock")
def clock(seen: AppSeen) -> Finding:
    """Whether the clock of this machine is near Clever's."""
    ahead = [seconds for each in seen.exchanges if (seconds := _ahead(each)) is not None]
    if not ahead:
        return unchecked("No response had a Date header.")
    best = min(ahead, key=abs)
    if abs(best) > CLOCK_SECONDS:
        direction = "ahead of" if best > 0 else "behind"
        return warned(
            f"The clock of this machine is {abs(best):,.0f} seconds {direction} Clever's. Syncs stay in order, but their times are wrong.",
            "Synchronize the clock, for instance by NTP.",
        )
    return passed(f"The clock of this machine is less than {CLOCK_SECONDS} seconds from Clever's.")


def _ahead(exchange: Exchange) -> float | None:
    """Return by how many seconds our clock is ahead at least; 0 if the times agree, None if the response has no date."""
    date = date_of(exchange)
    if date is None:
        return None
    # The response was made between the two times of ours, and its date has whole seconds.
    return max(exchange.began - date - 1, 0) or min(exchange.ended - date, 0)


def date_of(exchange: Exchange) -> float | None:
    """Return the Date of a response as a Unix time; None if it has none."""
    try:
        return email.utils.parsedate_to_datetime(exchange.headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return None


def _owner(entry: dict[str, Any]) -> dict[str, Any]:
    owner = entry.get("owner")
    return owner if isinstance(owner, dict) else {}


def _is_dated(entry: dict[str, Any]) -> bool:
    created = entry.get("created")
    return isinstance(created, str) and instant(created) is not None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return f"{', '.join(ids[:NAMED])}{more}"
