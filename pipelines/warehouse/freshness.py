"""How fresh each district is at an instant: whether our rows are what Clever shows, and whether Clever's are what the SIS has."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.warehouse.statements import shared

STALE = frozenset({"ours_stale", "sis_stale"})
"""What needs attention; a paused or disconnected district is no fault."""

_WORDS = {"ours_stale": "ours stale", "sis_stale": "SIS stale"}

_REASONS = {
    ("ours_stale", "failed"): "The latest sync failed.",
    ("ours_stale", "held"): "The latest sync is held.",
    ("ours_stale", "disconnected"): "The district was disconnected at its latest sync.",
    ("ours_stale", "never_synced"): "It has not been synced yet.",
    ("ours_stale", "old"): "The latest sync was too long ago.",
    # The text of the error is for people to read, and may name a person.
    ("sis_stale", "error"): "Clever reports an error of its sync from the SIS: see districts.error.",
    ("sis_stale", "old"): "Clever has not synced from the SIS for too long.",
}
"""By freshness and reason, what is wrong."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh one district is; a row of the view district_freshness."""

    district_id: str
    name: str | None
    """Name of the district, if Clever has ever shown it."""
    freshness: str
    """fresh, paused, sis_stale, ours_stale or disconnected."""
    reason: str | None
    up_to_date_as_of: datetime | None
    sis_synced_at: datetime | None
    paused_until: datetime | None

    @property
    def is_stale(self) -> bool:
        """Whether the rows are not what the SIS has, and should be."""
        return self.freshness in STALE

    @property
    def words(self) -> str:
        """The freshness in a few words, such as "paused until 2026-08-15"; the day is one of UTC."""
        if self.paused_until:
            return f"paused until {self.paused_until.astimezone(UTC):%Y-%m-%d}"
        return _WORDS.get(self.freshness, self.freshness)

    @property
    def explanation(self) -> str:
        """Why the district is stale, and since when; empty if it is not."""
        if not self.is_stale:
            return ""
        if self.freshness == "ours_stale":
            since = f"Its rows are from {_text(self.up_to_date_as_of)}." if self.up_to_date_as_of else "It has no rows."
        else:
            since = f"The last one was on {_text(self.sis_synced_at)}." if self.sis_synced_at else ""
        return f"{_REASONS[self.freshness, str(self.reason)]} {since}".rstrip()


COLUMNS = ("district_id", "name", "freshness", "reason", "up_to_date_as_of", "sis_synced_at", "paused_until")
"""The columns of the view that a Freshness has, in its order."""


def query(instant: datetime) -> str:
    """The query that gives how fresh each district is at an instant, in the order of COLUMNS, by ascending ID."""
    return f"SELECT {', '.join(COLUMNS)} FROM ({shared('freshness_of_each_district', instant)}) ORDER BY district_id"


def _text(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else ""
