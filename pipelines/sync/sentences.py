"""What a sync says to people: the sentences that its outcomes, notices, and the status of districts share."""

from collections.abc import Sequence

from pipelines.warehouse import RecordError, StatementError

MAX_NAMED_DISTRICTS = 5
"""Districts that a sentence names at most."""


def named(district_ids: Sequence[str]) -> str:
    """Name some districts, and count the others."""
    others = len(district_ids) - MAX_NAMED_DISTRICTS
    return ", ".join(district_ids[:MAX_NAMED_DISTRICTS]) + (f" and {others} more" if others > 0 else "")


def by_cause(failures: Sequence[tuple[str | None, str]], districts: int) -> list[str]:
    """Say each cause once: sentences that differ by the ID of their district alone become one.

    Args:
        failures: the ID of a district, if a sentence is about one, and the sentence.
        districts: how many districts there are, failed or not.
    """
    alike: dict[tuple[bool, str], list[str]] = {}
    for district_id, sentence in failures:
        cause = sentence.removeprefix(f"District {district_id}")
        is_shared = cause != sentence and str(district_id) not in cause
        alike.setdefault((is_shared, cause if is_shared else sentence), []).append(str(district_id))
    return [_of_all(ids, text, districts) if is_shared else text for (is_shared, text), ids in alike.items()]


def _of_all(district_ids: Sequence[str], cause: str, districts: int) -> str:
    """The sentence of a cause that one or several districts have in common."""
    if len(district_ids) == 1:
        return f"District {district_ids[0]}{cause}"
    if cause.startswith(" was "):
        cause = f" were {cause.removeprefix(' was ')}"
    if len(district_ids) == districts:
        return f"All {districts:,} districts{cause}"
    return f"{len(district_ids):,} of {districts:,} districts ({named(district_ids)}){cause}"


def reason_of(error: Exception) -> str:
    """Why a district could not be read."""
    if isinstance(error, OSError):
        return f"the response from Clever could not be written to disk ({error.strerror})."
    return str(error)


def of_district(district_id: str, error: str | StatementError) -> str:
    """The sentence of an error, with the district's ID in it."""
    is_of_ours = isinstance(error, StatementError) and not isinstance(error, RecordError)
    text = f"its pages could not be staged. {error}" if is_of_ours else str(error)
    return text if district_id in text else f"District {district_id}: {text}"


def not_verified(district_id: str, reasons: Sequence[str], reads: int) -> str:
    """That no read of a district could be verified."""
    return (
        f"District {district_id} was read {reads} times and no read could be verified: {'; '.join(reasons)}. "
        "None of its changes were applied; the next sync reads it again."
    )


def none_connected(disconnected: Sequence[str]) -> str:
    """That nothing was synced, because no district is connected."""
    what = "None of the selected districts is" if disconnected else "No district is"
    return (
        f"{what} connected to this app, so nothing was synced and the published data is unchanged. "
        "Fix: in Clever's dashboard, have the district authorize the app, or select another district."
    )


def refusal(stream: str, district_ids: Sequence[str]) -> str:
    """Which districts do not share a stream, what that means, and how they could."""
    return (
        f"{stream} is not shared with this app by {named(district_ids)}: Clever refused the whole list, so nothing of it was changed. "
        f"{_how_to_share(stream)}"
    )


OF_RESOURCES = frozenset({"resources", "resource_courses"})
"""The streams for which an app needs the scope of resources."""


def _how_to_share(stream: str) -> str:
    """What must be enabled, and where, so that Clever serves a stream which it refuses."""
    if stream in OF_RESOURCES:
        return "To get it, ask Clever to give the app the scope of resources, or leave it out of CLEVER_RECORDS if you do not need it."
    return (
        f"To get it, have the district share {stream} with the app in its Clever dashboard, or leave it out of CLEVER_RECORDS if you do "
        "not need it."
    )
