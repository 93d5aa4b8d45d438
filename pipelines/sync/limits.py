"""Limits above which a change is held for approval, in the school year and when it rolls over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.records import CATALOG
from pipelines.warehouse import Difference, RoleChange

ROLES: Final = frozenset(view.role for stream in CATALOG.streams for view in stream.views)
"""The roles of people."""

REBUILT: Final = frozenset(
    name
    for stream in CATALOG.record_streams
    if stream.is_rebuilt
    for name in (stream.name, *(table.name for table in stream.tables))
)
"""The record types that get new IDs when the school year rolls over, and the tables of their memberships."""


@dataclass(frozen=True, slots=True)
class Season:
    """Days in which school years roll over: the first and the last, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        """As the setting is written."""
        return f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Rollover:
    """When the school year rolls over, and how many of a district's people or records a sync may change in those days.

    Sections, courses and terms get new IDs then, and every membership is a new one. Of these only the loss counts as archived: how many
    more leave than arrive.
    """

    seasons: Sequence[Season]
    max_archived_percent: float = 30
    max_changed_percent: float = 100
    timezone: str = "UTC"
    """The time zone of the days."""

    def season(self, instant: datetime) -> Season | None:
        """The season that an instant is in."""
        day = instant.astimezone(ZoneInfo(self.timezone)).date()
        return next((season for season in self.seasons if season.first <= day <= season.last), None)


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that a change exceeds."""

    of: str
    """A role, the name of another stream than users, or a table of memberships."""
    change: str
    """archived or updated."""
    count: int
    before: int
    """How many there were before."""
    limit: float
    """How many percent of them are allowed."""
    is_loss: bool = False
    """Whether only those count that nothing new replaces."""
    is_rollover: bool = False
    """Whether the limit is that of the rollover."""

    @property
    def percent(self) -> float:
        """How many percent of those before are changed."""
        return self.count * 100 / self.before

    @property
    def verb(self) -> str:
        """What would happen to them."""
        return "archived and not replaced" if self.is_loss else self.change

    def __str__(self) -> str:
        """The sentence that says so, without its full stop."""
        rollover = " in the rollover" if self.is_rollover else ""
        return (
            f"{self.count} of {self.before} {_holders(self.of)} would be {self.verb} "
            f"({self.percent:.1f}%, the limit{rollover} is {self.limit:g}%)"
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of a district's people in one role, or of its records or memberships of one other type, a sync may change without approval.

    The shares are of the people who held the role before the sync, or of the records or memberships that there were, in percent;
    exactly the limit is allowed. Fewer than ``min_records`` of them are never too many.
    """

    max_archived_percent: float = 10
    max_changed_percent: float = 75
    min_records: int = 20
    rollover: Rollover | None = None

    def exceeded(self, difference: Difference, instant: datetime) -> list[Exceeded]:
        """Which limits a difference exceeds that is found at an instant, people first; empty if it may be applied."""
        rollover = self.rollover if self.rollover and self.rollover.season(instant) else None
        allowed = rollover or self
        found = []
        for of, change in sorted(difference.by_role.items(), key=lambda counted: (counted[0] not in ROLES, counted[0])):
            is_loss = rollover is not None and of in REBUILT
            for verb, count, limit in (
                ("archived", _archived(change, is_loss=is_loss), allowed.max_archived_percent),
                ("updated", change.limited, allowed.max_changed_percent),
            ):
                if count >= self.min_records and count * 100 > limit * change.before:
                    found.append(
                        Exceeded(
                            of,
                            verb,
                            count,
                            change.before,
                            limit,
                            is_loss=is_loss and verb == "archived",
                            is_rollover=rollover is not None,
                        )
                    )
        return found


def _archived(change: RoleChange, *, is_loss: bool) -> int:
    """How many of the archived count toward a hold."""
    counts = change.counts
    archived = counts.archived if change.lost is None else change.lost
    return max(0, archived - counts.added - counts.restored) if is_loss else archived


def _holders(role: str) -> str:
    """What is counted: the people with a role, the records of another stream than users, or the rows of a table of memberships."""
    if role in ROLES:
        return f"people with the role {role}"
    is_stream = any(role == stream.name for stream in CATALOG.record_streams)
    return role.replace("_", " ") if is_stream else f"rows of {role}"


@dataclass(frozen=True, slots=True)
class LimitsByDistrict:
    """The limits of every district: those for all, unless a district has its own."""

    for_all: Limits = field(default_factory=Limits)
    of_district: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, district_id: str) -> Limits:
        """The limits of one district."""
        return self.of_district.get(district_id, self.for_all)
