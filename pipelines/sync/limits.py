"""Limits above which a change is held for approval."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.records import CATALOG
from pipelines.warehouse import Difference


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of a district's people in one role, or of its records of one other type, a sync may change without approval.

    The shares are of the people who held the role before the sync, or of the records that there were, in percent; exactly the
    limit is allowed. Fewer than ``min_records`` of them are never too many.
    """

    max_archived_percent: float = 10
    max_changed_percent: float = 75
    min_records: int = 20

    def exceeded(self, difference: Difference) -> list[str]:
        """Which limits a difference exceeds, one sentence each; empty if it may be applied."""
        found = []
        for role, change in sorted(difference.by_role.items()):
            for verb, count, limit in (
                ("archived", change.counts.archived, self.max_archived_percent),
                ("updated", change.limited, self.max_changed_percent),
            ):
                if count >= self.min_records and count * 100 > limit * change.before:
                    share = f"{count} of {change.before} {_holders(role)} would be {verb}"
                    found.append(f"{share} ({count * 100 / change.before:.1f}%, the limit is {limit:g}%)")
        return found


def _holders(role: str) -> str:
    """What is counted: the people with a role, or the records of another stream than users."""
    is_stream = any(role == stream.name for stream in CATALOG.streams)
    return role.replace("_", " ") if is_stream else f"people with the role {role}"


@dataclass(frozen=True, slots=True)
class LimitsByDistrict:
    """The limits of every district: those for all, unless a district has its own."""

    for_all: Limits = field(default_factory=Limits)
    of_district: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, district_id: str) -> Limits:
        """The limits of one district."""
        return self.of_district.get(district_id, self.for_all)
