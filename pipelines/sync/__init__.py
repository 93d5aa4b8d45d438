"""One sync from start to end: read, verify, compare, hold, apply, record and publish; and decisions on what is held."""

from pipelines.sync.approvals import approve, reject
from pipelines.sync.limits import Limits, LimitsByDistrict
from pipelines.sync.outcome import OUTCOMES, UP_TO_DATE, Outcome
from pipelines.sync.reading import Read, UnexpectedError
from pipelines.sync.run import SyncResult, sync

__all__ = [
    "OUTCOMES",
    "UP_TO_DATE",
    "Limits",
    "LimitsByDistrict",
    "Outcome",
    "Read",
    "SyncResult",
    "UnexpectedError",
    "approve",
    "reject",
    "sync",
]
