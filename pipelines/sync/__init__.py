"""One sync from start to end: read, verify, compare, hold, apply, record and publish; and decisions on what is held."""

from pipelines.sync.approvals import approve, approve_all, find, reject
from pipelines.sync.hosts import require_host
from pipelines.sync.limits import REBUILT, ROLES, Exceeded, Limits, LimitsByDistrict, Rollover, Season
from pipelines.sync.outcome import EVENTS, FULL, MODES, OUTCOMES, UP_TO_DATE, Outcome
from pipelines.sync.reading import Read, UnexpectedError
from pipelines.sync.run import SyncResult, sync
from pipelines.sync.selection import Filter, Group, groups, largest_loss, left_out, references, select
from pipelines.sync.selection import name as selection_name
from pipelines.sync.sentences import by_cause, refusal
from pipelines.sync.settling import settle

__all__ = [
    "EVENTS",
    "FULL",
    "MODES",
    "OUTCOMES",
    "REBUILT",
    "ROLES",
    "UP_TO_DATE",
    "Exceeded",
    "Filter",
    "Group",
    "Limits",
    "LimitsByDistrict",
    "Outcome",
    "Read",
    "Rollover",
    "Season",
    "SyncResult",
    "UnexpectedError",
    "approve",
    "approve_all",
    "by_cause",
    "find",
    "groups",
    "largest_loss",
    "left_out",
    "references",
    "refusal",
    "reject",
    "require_host",
    "select",
    "selection_name",
    "settle",
    "sync",
]
