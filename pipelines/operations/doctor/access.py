"""What may be read of a district: its token, users, other lists, and API versions."""

from typing import Final

from pipelines.clever import NoSecureSyncError
from pipelines.clever.assumptions import (
    DISTRICTS_PATH,
    WITHDRAWN_STATUSES,
)
from pipelines.operations.doctor.checks import NOT_READ, Checks, Finding, failed, passed, unchecked, warned
from pipelines.operations.doctor.district import DistrictSeen
from pipelines.operations.doctor.probe import OK, UNASKED

CHECKS: Final[Checks[DistrictSeen]] = Checks()
"""In the order in which they are shown."""

ONCE: Final[Checks[DistrictSeen]] = Checks()
"""The checks of one district that hold for all."""


@CHECKS.named("token", assumes=("DISTRICTS_PATH",))
def token(seen: DistrictSeen) -> Finding:
    """Whether the token leads to its district."""
    if seen.own.error is not None:
        return failed(f"{DISTRICTS_PATH}: {seen.own.error.seen}.", seen.own.error.advice)
    if seen.own.ids != [seen.district.id]:
        return failed(
            f"{DISTRICTS_PATH} shows {len(seen.own.ids)} districts with this token, not just its own.",
            "Check that the token is a district's own, and report it to Clever.",
        )
    return passed("The token shows its own district and no other.")


@CHECKS.named("users")
def users(seen: DistrictSeen) -> Finding:
    """Whether users can be read, and how many there are."""
    if seen.users is UNASKED:
        return unchecked("The token was refused, or Clever did not answer.")
    if seen.users.error is not None:
        return failed(f"{seen.users.error.seen}.", seen.users.error.advice)
    if not seen.users.records:
        return warned(
            "The district shares no user.", "Have the district share users with the app in its Clever dashboard."
        )
    if seen.people is None:
        return passed(f"More than {len(seen.users.ids):,} users: how many cannot be known without reading them all.")
    return passed(f"{seen.people:,} users.")


@CHECKS.named("record types", assumes=("UNSHARED_STATUSES",))
def record_types(seen: DistrictSeen) -> Finding:
    """Which other lists are shared."""
    if seen.users is UNASKED:
        return unchecked("The token was refused, or Clever did not answer.")
    errors = {name: asked.error for name, asked in seen.lists.items() if asked.error is not None}
    broken = {name: error for name, error in errors.items() if not isinstance(error, NoSecureSyncError)}
    if broken:
        sentences = "; ".join(f"{name}: {error.seen}" for name, error in broken.items())
        return failed(f"{sentences}.", next(iter(broken.values())).advice)
    if errors:
        refused = ", ".join(f"{name} ({error.status})" for name, error in errors.items())
        return warned(
            f"Not shared with this app: {refused}. A sync continues without them and keeps their rows.",
            "Have the district share them in its Clever dashboard, or leave them out of CLEVER_RECORDS.",
        )
    return passed(f"Shared: {', '.join(seen.lists) or 'none is asked for'}.")


@CHECKS.named("other API version")
def other_version(seen: DistrictSeen) -> Finding:
    """Whether the other API version can be read."""
    if not seen.is_readable:
        return unchecked(NOT_READ)
    if seen.other.error is not None:
        return warned(
            f"API {seen.other_version} cannot be read: {seen.other.error.seen}.",
            f"Leave CLEVER_API_VERSION at {seen.version}, or ask Clever for access to {seen.other_version}.",
        )
    return passed(f"API {seen.other_version} can be read as well as {seen.version}.")


@ONCE.named("API v2.1", assumes=("WITHDRAWN_STATUSES",))
def old_version(seen: DistrictSeen) -> Finding:
    """Whether the old API version answers as `verify-legacy` assumes."""
    status = seen.old_contacts.status
    if status == OK:
        return passed("API v2.1 still lists contacts.")
    if status in WITHDRAWN_STATUSES:
        return passed(f"API v2.1 does not list contacts any more ({status}); verify-legacy continues without them.")
    return warned(
        f"The contacts of API v2.1 get {status or 'no response'}. `clever-warehouse verify-legacy` would fail; syncs need no v2.1.",
        "Ask Clever whether the app may still read API v2.1, if you need verify-legacy.",
    )
