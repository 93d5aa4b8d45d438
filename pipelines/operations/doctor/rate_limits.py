"""Whether responses say how many requests a token may make."""

from typing import Final

from pipelines.clever.assumptions import (
    MAX_RESET_SECONDS,
    RATE_LIMIT_SECONDS,
    REMAINING_HEADER,
    REQUESTS_PER_MINUTE,
    RESET_HEADER,
)
from pipelines.operations.doctor.app import date_of
from pipelines.operations.doctor.checks import REPORT_IT, Checks, Finding, passed, unchecked, warned
from pipelines.operations.doctor.district import DistrictSeen

CHECKS: Final[Checks[DistrictSeen]] = Checks()
"""In the order in which they are shown."""

LIMIT_HEADER: Final = "X-RateLimit-Limit"
"""Requests that the token may make in a minute (Clever docs: Responses & Errors)."""


@CHECKS.named("rate limit headers", assumes=("REMAINING_HEADER", "RESET_HEADER"))
def rate_limit_headers(seen: DistrictSeen) -> Finding:
    """Whether responses say how many requests are left."""
    missing = [name for name in (REMAINING_HEADER, RESET_HEADER) if _number(seen, name) is None]
    if missing:
        return warned(
            f"Responses lack a number in {' and '.join(missing)}. The client keeps to {REQUESTS_PER_MINUTE:,} requests per minute by "
            "its own count, and does not notice other programs with the same token.",
            "Check that no proxy removes headers, and that no other program uses the token during a sync.",
        )
    return passed(f"{_number(seen, REMAINING_HEADER):,} requests are left in this minute.")


@CHECKS.named("rate limit", assumes=("REQUESTS_PER_MINUTE",))
def rate_limit(seen: DistrictSeen) -> Finding:
    """Whether the token may make as many requests as assumed."""
    limit = _number(seen, LIMIT_HEADER)
    if limit is None:
        return unchecked(f"Responses have no number in {LIMIT_HEADER}.")
    if limit < REQUESTS_PER_MINUTE:
        return warned(
            f"The token may make {limit:,} requests per minute, not {REQUESTS_PER_MINUTE:,}. Syncs wait where Clever says that none is "
            "left.",
            REPORT_IT,
        )
    return passed(f"The token may make {limit:,} requests per minute.")


@CHECKS.named("rate limit window", assumes=("RATE_LIMIT_SECONDS", "MAX_RESET_SECONDS"))
def rate_limit_window(seen: DistrictSeen) -> Finding:
    """Whether the allowance is complete again after a minute."""
    reset, date = _number(seen, RESET_HEADER), date_of(seen.own.exchanges[-1]) if seen.own.exchanges else None
    if reset is None or date is None:
        return unchecked(f"Responses have no number in {RESET_HEADER}, or no Date.")
    seconds = reset - date
    if not 0 <= seconds <= MAX_RESET_SECONDS:
        return warned(
            f"{RESET_HEADER} is {seconds:,.0f} seconds from the Date of the response, which is ignored: it cannot be the end of a minute.",
            REPORT_IT,
        )
    if seconds > RATE_LIMIT_SECONDS:
        return warned(f"The allowance is complete again after {seconds:,.0f} seconds, not after a minute.", REPORT_IT)
    return passed("The allowance is complete again within a minute.")


def _number(seen: DistrictSeen, header: str) -> int | None:
    """Return the number in a header of the response about the district itself."""
    text = seen.own.exchanges[-1].headers.get(header, "") if seen.own.exchanges else ""
    return int(text) if text.isascii() and text.isdigit() else None
