"""Whether events are enabled, and lead on from an ID."""

from typing import Any, Final

from pipelines.clever import NoSecureSyncError
from pipelines.clever.assumptions import (
    EVENTS_PAGE_LIMIT,
    TOO_LARGE,
)
from pipelines.operations.doctor.checks import NOT_READ, REPORT_IT, Checks, Finding, failed, passed, unchecked, warned
from pipelines.operations.doctor.district import DistrictSeen
from pipelines.operations.doctor.probe import UNASKED

CHECKS: Final[Checks[DistrictSeen]] = Checks()
"""In the order in which they are shown."""


@CHECKS.named("events", assumes=("EVENTS_PAGE_LIMIT",))
def events(seen: DistrictSeen) -> Finding:
    """Whether events are enabled."""
    if not seen.is_readable:
        return unchecked(NOT_READ)
    error = seen.newest_event.error or seen.events.error
    if isinstance(error, NoSecureSyncError):
        return warned(
            f"Events are not enabled ({error.status}). `clever-warehouse sync --mode events` reads this district in full.",
            "Ask Clever to enable events for the app, or do without: a full sync needs none.",
        )
    if error is not None:
        return failed(f"Events: {error.seen}.", error.advice)
    if TOO_LARGE in {each.status for each in seen.events.exchanges} or len(seen.events.ids) > EVENTS_PAGE_LIMIT:
        return warned(f"Pages of {EVENTS_PAGE_LIMIT:,} events are not what Clever allows. Syncs work.", REPORT_IT)
    more = "at least " if seen.events.next_uri is not None else ""
    return passed(f"Events are enabled; {more}{len(seen.events.ids):,} are kept.")


@CHECKS.named("newest event", assumes=("NEWEST",))
def newest_event(seen: DistrictSeen) -> Finding:
    """Whether the query for the newest event gives the newest event."""
    if not seen.events.ids:
        return unchecked("There is no event, or events are not enabled.")
    newest, listed = seen.newest_event.ids, seen.events.ids
    is_last = newest == listed[-1:] if seen.events.next_uri is None else len(newest) == 1 and newest[0] > listed[-1]
    if not is_last:
        return failed(
            "The query for the newest event gives another event than the last one of the list.",
            "Run this again: an event may have come meanwhile. If it stays, do not use `--mode events`. " + REPORT_IT,
        )
    return passed("The newest event is the last one of the list.")


@CHECKS.named("later events", assumes=("EVENTS_AFTER_ID",))
def later_events(seen: DistrictSeen) -> Finding:
    """Whether the events after one are those that the list has behind it, with whole records."""
    if seen.later_events is UNASKED:
        return unchecked("There are fewer than two events, or events are not enabled.")
    if seen.later_events.error is not None:
        return failed(f"Events after an ID: {seen.later_events.error.seen}.", seen.later_events.error.advice)
    listed, later = seen.events.ids, seen.later_events.ids
    expected = listed[seen.middle_event + 1 :]
    if later[: len(expected)] != expected:
        return failed(
            "The events after an ID are not those that the list has behind it.",
            "Do not use `--mode events`. " + REPORT_IT,
        )
    without = sum(not _has_object(event) for event in seen.events.records)
    if without:
        return failed(
            f"{without:,} of {len(listed):,} events have no record in them.", "Do not use `--mode events`. " + REPORT_IT
        )
    return passed("Events after an ID are those that came later, each with its record.")


def _has_object(event: dict[str, Any]) -> bool:
    data = event.get("data")
    return isinstance(data, dict) and isinstance(data.get("object"), dict)
