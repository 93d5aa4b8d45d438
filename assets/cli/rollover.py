"""The command rollover: who returns, leaves, is new, moved, and was promoted when the school year rolled over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from rich.console import Console

from assets.cli.tables import table, with_total
from assets.names import DistrictNames
from assets.settings import Settings, SettingsError
from pipelines.warehouse import held_snapshots
from pipelines.warehouse.statements import statement

COLUMNS = ("before", "returning", "leaving", "new", "after", "moved", "promoted")
"""The counts, in the order of the query."""


def period(values: Settings, first: date | None, last: date | None, now: datetime) -> tuple[datetime, datetime]:
    """The instants that are compared: the beginning of the first day, and the end of the last or now, whichever is earlier.

    Days that are not given are those of the season in CLEVER_ROLLOVER that began last; districts with days of their own are compared at
    the same instants.

    Raises:
        SettingsError: no first day is known, or it is not before the last.
    """
    zone = ZoneInfo(values.clever_sync_timezone)
    today = now.astimezone(zone).date()
    begun = [season for season in values.clever_rollover if season.first <= today]
    season = max(begun, key=lambda each: each.first, default=None)
    if first is None and season is None:
        message = (
            "No rollover has begun: give the first day with --from YYYY-MM-DD, or set CLEVER_ROLLOVER to its first and last day, such as "
            "2026-07-15..2026-09-15."
        )
        raise SettingsError(message)
    begins = first or (season.first if season else today)
    ends = min(last or (season.last if season and first is None else today), today)
    before = datetime.combine(begins, time(), zone)
    after = min(datetime.combine(ends, time(), zone) + timedelta(days=1), now.astimezone(zone))
    if before >= after:
        message = f"There is nothing to compare: {begins} is later than {ends}. Give an earlier day with --from."
        raise SettingsError(message)
    return before, after


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who was there before and after, and of which districts that says less than it seems."""

    before: datetime
    after: datetime
    people: Sequence[Mapping[str, Any]]
    """One row per district and role, with the counts of COLUMNS."""
    held: Sequence[str]
    """Districts whose new roster waits for a decision: the rows of after are those of before."""
    later: Mapping[str, datetime]
    """By district whose first sync was later than before, when that was: everyone is new."""


def read(connection: duckdb.DuckDBPyConnection, before: datetime, after: datetime) -> Comparison:
    """Ask a published file."""
    found = connection.execute(statement("shown/rollover"), {"before": before, "after": after})
    columns = [column for column, *_ in found.description or ()]
    people = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    first = connection.execute(statement("shown/first_syncs")).fetchall()
    return Comparison(
        before,
        after,
        people,
        sorted(held_snapshots(connection)),
        {district_id: first_sync.astimezone(before.tzinfo) for district_id, first_sync in first if first_sync > before},
    )


def show(found: Comparison, names: DistrictNames, console: Console) -> None:
    """Show the counts, students first, then what they do not say."""
    console.print(f"From {_shown(found.before)} to {_shown(found.after)}", markup=False)
    for role, title in (("student", "Students"), ("teacher", "Teachers")):
        columns = COLUMNS if role == "student" else COLUMNS[:-1]
        rows = [
            [row["district_id"], *(row[column] for column in columns), row["name"]]
            for row in found.people
            if row["role"] == role
        ]
        if rows:
            console.print(f"{title}:")
            table(console, ["district", *columns, "name"], with_total(rows))
    if not found.people:
        console.print("No students or teachers, before or after.")
    for district_id in found.held:
        console.print(
            f"District {names.named(district_id)} is held: what it would change is not counted. See `clever-warehouse holds`.",
            markup=False,
            style="yellow",
        )
    for district_id, first_sync in found.later.items():
        console.print(
            f"District {names.named(district_id)}: the first sync was {_shown(first_sync)}. Who was there before is not known, so everyone "
            "is new.",
            markup=False,
        )


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M %Z}"
