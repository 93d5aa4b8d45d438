"""Limits above which a change is held for approval."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.warehouse import Difference


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a district's people in one role a sync may change by itself.

    The shares are of the people who held the role before the sync, in percent; exactly the limit is allowed. Fewer than
    ``min_records`` people are never too many.
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
                ("updated", change.counts.updated, self.max_changed_percent),
            ):
                if count >= self.min_records and count * 100 > limit * change.before:
                    share = f"{count} of {change.before} people with the role {role} would be {verb}"
                    found.append(f"{share} ({count * 100 / change.before:.1f}%, the limit is {limit:g}%)")
        return found


@dataclass(frozen=True, slots=True)
class LimitsByDistrict:
    """The limits of every district: those for all, unless a district has its own."""

    for_all: Limits = field(default_factory=Limits)
    of_district: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, district_id: str) -> Limits:
        """The limits of one district."""
        return self.of_district.get(district_id, self.for_all)
