"""Asks Clever: tokens, pages, waiting, errors."""

from pipelines.clever.client import Clever, Known, Page, host_url, nothing_is_known
from pipelines.clever.credentials import ClientCredentials, DistrictTokens
from pipelines.clever.districts import ConnectedDistrict, Districts, FailedToken
from pipelines.clever.envelopes import Records
from pipelines.clever.errors import (
    AccessError,
    BrokenChainError,
    CleverError,
    ClosedError,
    MalformedAnswerError,
    MalformedRecordError,
    NoSecureSyncError,
    RateLimitedError,
    RefusedRequestError,
    RefusedSecretError,
    TimedOutError,
    UnansweredError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
    WrongAnswerError,
)
from pipelines.clever.feeds import CONTACTS, DISTRICT_ADMINS, FEEDS, STAFF, STUDENTS, TEACHERS, USERS, Feed
from pipelines.clever.network import NetworkSettingError
from pipelines.clever.retry import Clock, Waiting, Waits

__all__ = [
    "CONTACTS",
    "DISTRICT_ADMINS",
    "FEEDS",
    "STAFF",
    "STUDENTS",
    "TEACHERS",
    "USERS",
    "AccessError",
    "BrokenChainError",
    "Clever",
    "CleverError",
    "ClientCredentials",
    "Clock",
    "ClosedError",
    "ConnectedDistrict",
    "DistrictTokens",
    "Districts",
    "FailedToken",
    "Feed",
    "Known",
    "MalformedAnswerError",
    "MalformedRecordError",
    "NetworkSettingError",
    "NoSecureSyncError",
    "Page",
    "RateLimitedError",
    "Records",
    "RefusedRequestError",
    "RefusedSecretError",
    "TimedOutError",
    "UnansweredError",
    "UnauthorizedError",
    "UnavailableError",
    "UnreachableError",
    "Waiting",
    "Waits",
    "WrongAnswerError",
    "host_url",
    "nothing_is_known",
]
