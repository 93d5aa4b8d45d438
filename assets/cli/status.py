"""How the published file and each district are: as a table with what needs attention, as JSON, and whether rows are too old."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.console import Console

from assets.cli.output import age
from assets.cli.tables import STYLES, table, with_total
from assets.names import DistrictNames
from pipelines.sync import by_cause, refusal
from pipelines.warehouse import Freshness, Warehouse, freshness
from pipelines.warehouse.statements import statement

ROLES: Final = ("student", "teacher", "staff", "district_admin", "contact")
"""The roles that are counted, in the order of sql/shown/status.sql."""

HEADINGS: Final = ("students", "teachers", "staff", "district admins", "contacts")

DIGITS: Final = 12
"""How many digits of a digest are shown; a command takes them."""

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class DistrictStatus:
    """How one district is."""

    freshness: Freshness
    is_connected: bool
    people: Mapping[str, int]
    """By role."""
    last_sync_at: datetime | None
    outcome: str | None
    reason: str | None
    """Why the last sync applied nothing, in a sentence."""
    digest: str | None
    """The snapshot that waits for a decision."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the published file is, at the instant at which it was asked."""

    file: str
    size: int
    """In bytes."""
    published_at: datetime
    instant: datetime
    districts: Sequence[DistrictStatus]
    not_shared: Mapping[str, Sequence[str]]
    """By stream, the districts that do not share it."""
    rollbacks: Sequence[tuple[datetime, datetime]]
    """When a file was restored, and when that file was published."""


def read(warehouse: Warehouse, instant: datetime) -> Status:
    """Ask the published file.

    Raises:
        WarehouseError: nothing is published, or it cannot be read.
    """
    with warehouse.reading() as connection:
        fresh = {row[0]: Freshness(*row) for row in connection.execute(freshness.query(instant)).fetchall()}
        rows = connection.execute(statement("shown/status")).fetchall()
        not_shared = dict(connection.execute(statement("shown/not_shared")).fetchall())
        # An earlier release with the same schema version wrote no such table.
        recorded = "FROM duckdb_tables() WHERE schema_name = 'sync' AND table_name = 'rollbacks'"
        has_rollbacks = connection.execute(recorded).fetchall()
        rollbacks = connection.execute(statement("shown/rollbacks")).fetchall() if has_rollbacks else []
    published = warehouse.state_of_published()
    return Status(
        published.place,
        published.bytes,
        published.published_at,
        instant,
        [
            DistrictStatus(
                fresh[district_id], is_connected, dict(zip(ROLES, row[: len(ROLES)], strict=True)), *row[len(ROLES) :]
            )
            for district_id, is_connected, *row in rows
        ],
        not_shared,
        rollbacks,
    )


def show(status: Status, names: DistrictNames, console: Console) -> None:
    """Show the file, one row per district, and what needs attention."""
    console.print(
        f"{status.file}: {status.size / 1e6:,.1f} MB, published {_text(status.published_at)} "
        f"({age(status.instant - status.published_at)} ago).",
        markup=False,
    )
    columns = [
        "district",
        "name",
        "connected",
        *HEADINGS,
        "last sync",
        "outcome",
        "up to date as of",
        "age",
        "freshness",
    ]
    table(console, columns, with_total([_row(each, status.instant) for each in status.districts]))
    for each in status.districts:
        if each.freshness.is_stale:
            district = names.named(each.freshness.district_id)
            console.print(f"District {district}: {each.freshness.words}. {each.freshness.explanation}", markup=False)
    for outcome in ("failed", "held"):
        reasons = [
            (each.freshness.district_id, each.reason)
            for each in status.districts
            if each.is_connected and each.outcome == outcome and each.reason
        ]
        for sentence in by_cause(reasons, len(status.districts)):
            console.print(names.in_text(sentence), markup=False, style=STYLES[outcome])
    for each in status.districts:
        if each.digest:
            console.print(
                f"To decide the hold of {names.named(each.freshness.district_id)}: clever-warehouse approve {each.digest[:DIGITS]}, "
                "or reject",
                markup=False,
            )
    for stream, district_ids in status.not_shared.items():
        console.print(refusal(stream, district_ids), markup=False)
    for rolled_back_at, restored_from in status.rollbacks:
        console.print(
            f"Rolled back or restored on {_text(rolled_back_at)} to the file of {_text(restored_from)}. As-of queries between these "
            "instants show the restored file's history, not what was published then.",
            markup=False,
        )


def _row(each: DistrictStatus, instant: datetime) -> list[str | int | None]:
    as_of = each.freshness.up_to_date_as_of
    return [
        each.freshness.district_id,
        each.freshness.name,
        "yes" if each.is_connected else "no",
        *each.people.values(),
        _text(each.last_sync_at),
        each.outcome,
        _text(as_of),
        age(instant - as_of) if as_of else None,
        each.freshness.words,
    ]


def document(status: Status) -> dict[str, Any]:
    """The status for JSON."""
    return {
        "file": status.file,
        "size_bytes": status.size,
        "published_at": status.published_at,
        "districts": [
            {
                "district_id": each.freshness.district_id,
                "name": each.freshness.name,
                "connected": each.is_connected,
                "people": each.people,
                "last_sync_at": each.last_sync_at,
                "outcome": each.outcome,
                "reason": each.reason,
                "hold_digest": each.digest,
                "up_to_date_as_of": each.freshness.up_to_date_as_of,
                "freshness": each.freshness.freshness,
                "freshness_reason": each.freshness.reason,
                "sis_synced_at": each.freshness.sis_synced_at,
                "paused_until": each.freshness.paused_until,
            }
            for each in status.districts
        ],
        "not_shared": status.not_shared,
        "rollbacks": [
            {"rolled_back_at": rolled_back_at, "restored_from": restored_from}
            for rolled_back_at, restored_from in status.rollbacks
        ],
    }


def limit(text: str) -> timedelta:
    """A duration such as 90m, 36h or 2d.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"([1-9]\d{0,5})([mhd])", text.strip().lower())
    if found is None:
        message = f"'{text}' is not a duration: write a number and m, h or d, such as 90m, 36h or 2d"
        raise ValueError(message)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def too_old(status: Status, names: DistrictNames, limit: timedelta) -> str:
    """Which connected districts are older than a limit, in a sentence; empty if none is."""
    connected = [each.freshness for each in status.districts if each.is_connected]
    old = [
        f"{names.named(each.district_id)}, "
        f"{age(status.instant - each.up_to_date_as_of) if each.up_to_date_as_of else 'never up to date'}"
        for each in connected
        if each.up_to_date_as_of is None or status.instant - each.up_to_date_as_of > limit
    ]
    if not old:
        return ""
    are = "is" if len(old) == 1 else "are"
    return f"{len(old)} of {len(connected)} connected districts {are} older than {age(limit)}: {'; '.join(old)}."


def _text(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else ""
